package sources

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// sourceOverview says where a source is reached, and lets the user try it.
type sourceOverview struct {
	e *sourceEditor
	w *frame.Window

	local, public *control.Text
	publicRow     *fyne.Container
	publicHint    *control.Paragraph
	curl          *control.CodeBlock
	send          *control.Button
	lines         *setupLines
	madeUp        bool // its secret was made here, to try it with
	answer        *control.Box
	activity      *control.Text
	again         *control.Button
	againWords    *control.Text
	progress      *control.Progress
	cancel        context.CancelFunc
	root          fyne.CanvasObject
}

func newSourceOverview(e *sourceEditor) *sourceOverview {
	o := &sourceOverview{e: e, w: e.w, local: control.NewText("", control.Code).EllipsisMiddle(), public: control.NewText("", control.Code).EllipsisMiddle(),
		activity: control.NewText("", control.Body.In(control.Muted)).Ellipsis(), answer: control.NewBox(control.Surface{}, nil),
		againWords: control.NewText("", control.Small).Ellipsis(), progress: control.NewProgress()}
	o.root = control.Wide(860, control.Col(16, o.addressCard(), o.tryCard(), o.activityCard(), o.signatureCard()))
	o.update(sourceRow{source: e.stored})
	o.refresh()
	return o
}

func (o *sourceOverview) view() fyne.CanvasObject { return o.root }

// addressCard is what the sender is told.
func (o *sourceOverview) addressCard() fyne.CanvasObject {
	row := func(name string, value *control.Text) *fyne.Container {
		return control.RowFill(10, control.Fixed(74, control.NewText(name, control.Body.In(control.Muted))), control.Grow(value),
			control.NewTool("copy", "Copy the "+name+" URL", func() { o.w.Copy(name+" URL", value.Text()) }))
	}
	o.publicRow = row("Public", o.public)
	o.publicHint = control.NewParagraph("Reached from this machine only. Go public, at the foot of the rail, for an address that a provider can call.", control.Small.In(control.Faint))
	o.lines = newSetupLines(o.w)
	return control.Card(control.Col(6, control.NewText("ADDRESS", control.Caption), row("Local", o.local), o.publicRow, o.publicHint, o.lines.root))
}

// tryCard sends the source a request that it accepts.
func (o *sourceOverview) tryCard() fyne.CanvasObject {
	o.curl = control.NewCodeBlock(control.Snippet{Label: "curl", Text: ""})
	o.curl.SetMost(8)
	o.curl.Take = func() { frame.CopyCurlOf(o.w, o.e.stored); o.refresh() } // signed now, not when it was shown
	o.send = control.NewButton("Send it", "send", control.Primary, o.sendIt)
	head := control.RowFill(8, control.Grow(control.NewText("TRY IT", control.Caption)), o.send)
	return control.Card(control.Col(8, head, o.curl, o.answer))
}

func (o *sourceOverview) activityCard() fyne.CanvasObject {
	return control.Card(control.RowFill(8, control.NewIcon("activity", control.Muted, 16), control.Grow(o.activity)))
}

func (o *sourceOverview) signatureCard() fyne.CanvasObject {
	o.again = control.NewButton("Verify again", "rotate-cw", control.Secondary, o.reverify)
	o.progress.Hide()
	words := control.Col(2, control.NewText("Verify old captures again", control.BodyBold), o.againWords)
	o.againWords.Set("Checks what arrived so far with the present scheme and secrets.")
	card := control.Card(control.Col(8, control.RowFill(8, control.Grow(words), o.again), o.progress))
	_, scheme := schemeSetting(o.e.platform)
	if len(o.e.stored.Secrets) == 0 && !scheme {
		card.Hide()
	}
	return card
}

// update shows what the list knows.
func (o *sourceOverview) update(r sourceRow) {
	o.local.Set(o.w.Engine.LocalURL(o.e.stored))
	scheme, _ := o.w.Engine.Schemes.Book().Find(o.e.stored.Settings.Text("scheme"))
	o.lines.show(scheme)
	online := o.w.Engine.Tunnel.PublicURL() != ""
	o.publicRow.Hidden, o.publicHint.Hidden = !online, online
	if online {
		o.public.Set(o.w.Engine.SourceURL(o.e.stored))
	}
	if r.stat.Captures == 0 {
		o.activity.Set("Nothing has arrived here yet.")
		return
	}
	n := fmt.Sprintf("%d captures", r.stat.Captures)
	if r.stat.Captures == 1 {
		n = "1 capture"
	}
	o.activity.Set(n + ", the last one " + agoText(r.stat.Last, time.Now()))
}

// agoText is view.Ago within a sentence.
func agoText(t, now time.Time) string {
	if s := view.Ago(t, now); s != "now" {
		return s + " ago"
	}
	return "just now"
}

// refresh makes the curl line anew: it may carry a signature that ages. A secret may have to be asked for, so this runs
// off the UI goroutine.
func (o *sourceOverview) refresh() {
	src := o.e.stored
	o.w.Pump.Task(o.w.Ctx, func(context.Context) func() {
		line := o.w.Engine.Curl(src)
		if token := o.w.Engine.SourceWhole(src).ManagementToken; !strings.Contains(line, token) {
			line += "\n# managed with the token " + token + ", until Hookglass ends"
		}
		return func() { o.curl.Set(control.Snippet{Label: "curl", Text: line}) }
	})
}

// sendIt posts the example and shows the answer, with the way to the capture.
func (o *sourceOverview) sendIt() {
	src := o.e.stored
	o.send.SetDisabled(true)
	o.answer.SetChild(control.NewText("Sending…", control.Small))
	o.w.Pump.Task(o.w.Ctx, func(ctx context.Context) func() {
		a, err := o.w.Engine.SendExample(ctx, src)
		row, found := o.w.Host().NewestCapture(ctx, src.Name)
		return func() {
			o.send.SetDisabled(false)
			if err != nil {
				o.answer.SetChild(control.Banner(control.Red, part.Sentence(err), nil))
				return
			}
			if !found {
				row.ID = 0
			}
			o.answer.SetChild(o.answered(a, row))
			part.Relayout(o.root)
			o.refresh()
		}
	})
}

func (o *sourceOverview) answered(a core.Attempt, c store.Row) fyne.CanvasObject {
	status := a.Response.Status
	open := func() {
		if c.ID != 0 {
			o.w.Go.OpenCapture(c.ID)
		}
	}
	const leadsTo = "Open the capture"
	row := []fyne.CanvasObject{part.Leads(control.NewBadge(fmt.Sprintf("%d %s", status, http.StatusText(status)), part.StatusTone(status)), leadsTo, open),
		control.NewText("after "+view.Duration(a.Took), control.Small), control.Spacer()}
	if c.ID != 0 {
		row = append(row, control.NewButton(leadsTo, "arrow-right", control.Ghost, open))
	}
	parts := []fyne.CanvasObject{control.Row(10, row...)}
	if icon, tone := part.VerdictIcon(c.Verdict); icon != "" {
		parts = append(parts, control.Row(0, part.Leads(control.Row(8, control.NewIcon(icon, tone, 15), control.NewText(part.VerdictWords(c.Verdict), control.BodyBold.In(tone))), leadsTo, open)))
	}
	if words := o.aboutTest(c.Verdict); words != "" {
		parts = append(parts, control.NewParagraph(words, control.Small))
	}
	if body := clipText(string(a.Response.Body), 400); body != "" {
		parts = append(parts, control.NewParagraph(body, control.CodeSmall.In(control.Ink)).Lines(6))
	}
	return control.Col(6, parts...)
}

// aboutTest says what a newcomer has to know of the signature of a test event.
func (o *sourceOverview) aboutTest(v core.VerdictState) string {
	scheme, ok := o.w.Engine.Schemes.Book().Find(o.e.stored.Settings.Text("scheme"))
	who := part.ProviderOf(o.w.Host(), scheme.ID)
	switch {
	case !ok || v == "":
		return ""
	case o.madeUp:
		return "It was signed with a secret made up here, kept for this run. Put " + who + "'s own in, in the tab Settings above, before its events come."
	case scheme.SecretKind == "public_key" && v != core.Verified:
		return "Only " + who + " can sign so that it verifies here: the test went without a signature."
	case v == core.NoSecret || v == core.Missing:
		return "Enter the secret in the tab Settings above, and the test is signed with it."
	}
	return ""
}

// clipText is the beginning of a text.
func clipText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// reverify checks the old captures again, with a bar that moves and a way to stop.
func (o *sourceOverview) reverify() {
	if o.cancel != nil {
		o.cancel()
		return
	}
	ctx, cancel := context.WithCancel(o.w.Ctx)
	o.cancel = cancel
	o.again.Set("Stop", "x")
	o.progress.Show()
	o.progress.Busy()
	o.againWords.Set("Verifying…")
	part.Relayout(o.root)
	src, last := o.e.stored, time.Now()
	o.w.Pump.Task(o.w.Ctx, func(context.Context) func() {
		got, err := o.w.Engine.ReverifySource(ctx, src, func(done, of int) {
			if now := time.Now(); now.Sub(last) > frame.Frame || done == of {
				last = now
				o.w.Pump.After(0, func() {
					if o.cancel != nil {
						o.progress.Set(float64(done) / float64(of))
						o.againWords.Set(fmt.Sprintf("Verifying %d of %d…", done, of))
					}
				})
			}
		})
		stopped := ctx.Err() != nil
		cancel()
		return func() {
			o.cancel = nil
			o.again.Set("Verify again", "rotate-cw")
			o.progress.Hide()
			if err != nil && !stopped {
				o.againWords.Set("Stopped: " + part.Sentence(err))
				o.w.Fail(err)
			} else {
				o.againWords.Set(reverifiedText(got, stopped))
			}
			part.Relayout(o.root)
		}
	})
}

// reverifiedText says how it went.
func reverifiedText(r engine.Reverified, stopped bool) string {
	text := fmt.Sprintf("%d checked: %d verified, %d with another verdict than before.", r.Captures, r.Verified, r.Changed)
	if r.Captures == 0 {
		text = "No signature was looked for in any capture."
	}
	if r.Left > 0 {
		text += fmt.Sprintf(" %d left alone: at another address, or cut.", r.Left)
	}
	if stopped {
		text = "Stopped. " + text
	}
	return text
}
