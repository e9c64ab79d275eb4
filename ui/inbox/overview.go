package inbox

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// overview is the tab that says in short what arrived, what is wrong with it, what was checked and what was answered.
type overview struct {
	w       *frame.Window
	open    func(tab string) // another tab of the same capture
	left    *fyne.Container  // what became of it, and the body
	right   *fyne.Container  // what it is
	columns *fyne.Container
	root    *control.Scroll

	shown   *core.Capture
	asked   core.CaptureID // the doctor was asked about it
	cancel  context.CancelFunc
	looking bool   // the doctor looks now
	vain    bool   // it had nothing to look with
	gap     string // what may be missing before it

	differing differing
}

func newOverview(w *frame.Window, open func(tab string)) *overview {
	o := &overview{w: w, open: open, left: control.Col(14), right: control.Col(14)}
	o.columns = &fyne.Container{Layout: &columns{}, Objects: []fyne.CanvasObject{o.left, o.right}}
	o.root = control.NewScroll(control.Pad(control.XY(22, 18), o.columns))
	return o
}

func (o *overview) Label() string           { return "Overview" }
func (o *overview) View() fyne.CanvasObject { return o.root }

// Set shows another capture.
func (o *overview) Set(c *core.Capture) {
	if o.cancel != nil {
		o.cancel()
		o.cancel, o.looking, o.vain = nil, false, false
	}
	o.gap = ""
	o.put(c)
	o.root.Top()
}

// Load shows what changed, and has the doctor look where a signature does not hold and nobody has asked yet.
func (o *overview) Load(ctx context.Context, c *core.Capture) func() {
	differing := o.readDiffering(ctx, c)
	gap := ""
	if c.Via != "" {
		if g, ok, err := o.w.Engine.Store.GapBefore(ctx, c.ID); ok && err == nil {
			gap = gapWords(g)
		}
	}
	return func() {
		if o.w.Engine.ReadOnly() != "" && o.shown != nil && o.shown.ID == c.ID && bad(c) && !undiagnosed(o.shown.Receipt.Verdict) {
			c = o.shown // what was found is not kept
		}
		other := !differing.equal(o.differing) || o.gap != gap
		if o.differing, o.gap = differing, gap; other || o.shown == nil || o.shown.ID != c.ID || !reflect.DeepEqual(o.shown.Receipt, c.Receipt) || o.shown.Response.Status != c.Response.Status {
			o.put(c)
		}
		if bad(c) && undiagnosed(c.Receipt.Verdict) && o.asked != c.ID {
			o.diagnose(c.ID)
		}
	}
}

func bad(c *core.Capture) bool { return c.Receipt.Verdict != nil && c.Receipt.Verdict.State.Bad() }

func undiagnosed(v *core.Verdict) bool { return len(v.Findings) == 0 && v.Tried == 0 }

// diagnose has the doctor look. What it finds is stored, so the next load shows it; choosing another capture ends it.
func (o *overview) diagnose(id core.CaptureID) {
	o.asked, o.looking = id, true
	ctx, cancel := context.WithCancel(o.w.Ctx)
	o.cancel = cancel
	o.put(o.shown)
	o.w.Pump.Task(ctx, func(ctx context.Context) func() {
		c, err := o.w.Engine.Explained(ctx, id)
		return func() {
			cancel()
			if o.shown == nil || o.shown.ID != id {
				return
			}
			o.looking = false
			if err == nil {
				o.shown = &c
			}
			o.vain = undiagnosed(o.shown.Receipt.Verdict)
			o.put(o.shown)
		}
	})
}

func (o *overview) put(c *core.Capture) {
	o.shown = c
	o.left.Objects = []fyne.CanvasObject{o.lead(c)}
	for _, part := range []fyne.CanvasObject{o.broken(c), o.differs(c), o.checks(c), o.body(c)} {
		if part != nil {
			o.left.Add(part)
		}
	}
	o.right.Objects = []fyne.CanvasObject{o.facts(c)}
	o.left.Refresh()
	o.right.Refresh()
	o.root.Refresh()
}

// lead is what became of the capture. What is wrong comes first: an answer of 200 makes no bad signature good.
func (o *overview) lead(c *core.Capture) fyne.CanvasObject {
	icon, tone, words := part.OutcomeLook(c.Receipt.Outcome)
	outcome := control.RowFill(8, control.NewIcon(icon, tone, 16), control.Grow(control.NewText(words, control.Strong)))
	var rows []fyne.CanvasObject
	if bad(c) {
		rows = o.reason(c)
		if c.Receipt.Outcome == core.Accepted {
			outcome = control.RowFill(8, control.NewIcon("circle-alert", control.Amber, 16), control.Grow(control.NewParagraph(fmt.Sprintf("Accepted all the same: the sender was answered %d.", c.Response.Status), control.Body)))
		}
	}
	rows = append(rows, outcome)
	if c.Receipt.Reason != "" && !(bad(c) && c.Receipt.Outcome == core.Accepted) { // said already
		rows = append(rows, control.NewParagraph(part.WholeSentence(c.Receipt.Reason), control.Body.In(control.Muted)))
	}
	for _, f := range c.Receipt.Faults {
		rows = append(rows, control.RowFill(8, control.NewIcon("zap", control.Amber, 14), control.Grow(control.NewText("Fault on purpose: "+f, control.Body))))
	}
	if cut := cutWords(c); cut != "" {
		rows = append(rows, control.RowFill(8, control.NewIcon("triangle-alert", control.Amber, 14), control.Grow(control.NewParagraph(cut, control.Body))))
	}
	if o.gap != "" {
		rows = append(rows, control.RowFill(8, control.NewIcon("triangle-alert", control.Amber, 14), control.Grow(control.NewParagraph(o.gap, control.Body))))
	}
	if c.Receipt.Outcome == core.Unmatched && part.SpaceOf(c.Via) == "" {
		rows = append(rows, control.Row(0, control.NewButton("Add a source for "+c.Request.Path(), "plus", control.Secondary, func() { o.w.Go.AddSource(c) })))
	}
	if !bad(c) {
		return control.Card(control.Col(8, rows...))
	}
	_, tone = part.VerdictIcon(c.Receipt.Verdict.State)
	return control.NewBox(control.Surface{Fill: tone, Alpha: 0x14, Border: control.Line, Radius: 9, Pad: control.XY(16, 14)}, control.Col(8, rows...))
}

// reason says why the signature does not hold: the verdict, and the first that the doctor found.
func (o *overview) reason(c *core.Capture) []fyne.CanvasObject {
	v := c.Receipt.Verdict
	icon, tone := part.VerdictIcon(v.State)
	title := control.NewPress(control.Surface{Radius: 6}, control.RowFill(8, control.NewIcon(icon, tone, 18), control.Grow(control.NewText(part.VerdictWords(v.State), control.Strong.At(15).In(tone)))), o.showSignature)
	title.Tip = "Open the picture of the signature"
	rows := []fyne.CanvasObject{title}
	said := func(headline, detail string) {
		rows = append(rows, control.NewParagraph(headline, control.BodyBold))
		if detail != "" {
			rows = append(rows, control.NewParagraph(view.Visible(detail), control.Body.In(control.Muted)))
		}
	}
	switch {
	case len(v.Findings) > 0:
		f := v.Findings[0]
		said(sign.Headline(f.Cause)+".", f.Detail)
		if f.Fix != "" {
			rows = append(rows, control.RowFill(8, control.Col(0, control.Gap(0, 1), control.NewIcon("wrench", control.Accent, 14)), control.Grow(control.NewParagraph(f.Fix, control.Body))))
		}
	case o.looking:
		rows = append(rows, control.NewText("The doctor looks for the cause…", control.Body.In(control.Muted)))
	case c.Source == 0 && part.SpaceOf(c.Via) != "" && len(v.Notes) > 0:
		rows = append(rows, control.NewParagraph(v.Notes[0], control.Body))
	case o.vain && o.asked == c.ID:
		said("Why cannot be told.", "The secret that it was checked with is not kept any more. Enter it again in the source, and the cause is looked for.")
	case len(v.Notes) > 0:
		rows = append(rows, control.NewParagraph(v.Notes[0], control.Body))
	}
	return append(rows, control.Row(0, control.NewButton("Show the signature", "fingerprint-pattern", control.Secondary, o.showSignature)))
}

// gapWords says what may be missing before a capture.
func gapWords(g store.Gap) string {
	return fmt.Sprintf("Before it, up to %s of %s may be missing, from %s on: the space keeps them no more.", core.Counted(int(g.Most()), "capture"), view.Visible(g.Source), g.Since.Format("2 Jan 15:04:05"))
}

func (o *overview) showSignature() { o.open("Signature") }

// cutWords says what of a request is missing, and what would have kept it: a head that never came whole has no body to keep.
func cutWords(c *core.Capture) string {
	r := &c.Request
	switch {
	case !r.Truncated:
		return ""
	case c.Response.Status == 431:
		return fmt.Sprintf("Only the first %s of the head were read, and nothing of what follows.", view.Size(int64(len(r.Head))))
	case r.Size == 0:
		return "The request did not come whole: it has no body."
	case c.Source == 0:
		return fmt.Sprintf("The body was cut: %s of %s are kept.", view.Size(int64(len(r.Body))), view.Size(r.Size))
	}
	return fmt.Sprintf("The body was cut: %s of %s are kept. Raise the source's body limit to keep more.", view.Size(int64(len(r.Body))), view.Size(r.Size))
}

func (o *overview) checks(c *core.Capture) fyne.CanvasObject {
	if len(c.Receipt.Checks) == 0 {
		return nil
	}
	rows := []fyne.CanvasObject{control.NewText("CHECKED, IN THIS ORDER", control.Caption)}
	for _, k := range c.Receipt.Checks {
		rows = append(rows, o.check(k))
	}
	return control.Card(control.Col(3, rows...))
}

// check is one of the checks; that of the signature opens its picture.
func (o *overview) check(k core.Check) fyne.CanvasObject {
	icon, tone, style := "check", control.Green, control.Body.In(control.Muted)
	if !k.OK {
		icon, tone, style = "x", control.Red, control.Body.In(control.Red)
	}
	row := control.RowFill(8, control.NewIcon(icon, tone, 14), control.Fixed(140, control.NewText(k.Name, control.BodyBold).Ellipsis()),
		control.Grow(control.NewText(view.Visible(k.Said()), style).Ellipsis()))
	if !strings.Contains(k.Name, "signature") {
		return control.Pad(control.XY(0, 3), row)
	}
	press := control.NewPress(control.Surface{Radius: 6, Pad: control.XY(0, 3)}, row, o.showSignature)
	press.Tip = "Open the picture of the signature"
	return press
}

// previewed is how many lines of a body the overview shows.
const previewed = 16

// body is the beginning of the body; the tab of that name has it whole.
func (o *overview) body(c *core.Capture) fyne.CanvasObject {
	text := view.Preview(&c.Request)
	if text == nil {
		return nil
	}
	about := view.Size(c.Request.Size)
	if media := c.Request.Header.Get("Content-Type"); media != "" {
		about += "  ·  " + view.Visible(media)
	}
	head := control.RowFill(8, control.NewText("BODY", control.Caption), control.Grow(control.NewText(about, control.Small).Ellipsis()),
		control.NewButton("Open", "braces", control.Ghost, func() { o.open("Body") }))
	block := control.NewCodeBlock(control.Snippet{Label: "body", Text: string(c.Request.Body), Rows: func(cols int) control.Rows {
		return firstRows{text.Wrapped(cols, control.FitColumns)}
	}})
	block.SetMost(previewed)
	block.Beyond(func(e *fyne.ScrollEvent) { o.root.Turn(e) })
	block.OnCopy = func(string) { o.w.Layers.Toast(control.Toast{Text: "Body copied", Tone: control.Green}) }
	return control.Col(6, head, block)
}

// firstRows are no more rows than the overview has room for.
type firstRows struct{ control.Rows }

func (f firstRows) Len() int { return min(f.Rows.Len(), previewed) }

func (o *overview) facts(c *core.Capture) fyne.CanvasObject {
	r := &c.Request
	rows := []fyne.CanvasObject{control.NewText("REQUEST", control.Caption)}
	fact := func(name, value string) {
		if value != "" {
			rows = append(rows, control.RowFill(8, control.Fixed(104, control.NewText(name, control.Body.In(control.Muted))),
				control.Grow(control.NewText(view.Visible(value), control.Code).EllipsisMiddle()), control.NewTool("copy", "Copy", func() { o.w.Copy(name, value) })))
		}
	}
	fact("URL", r.URL())
	fact("From", r.Remote)
	fact("Event", c.Event.Type)
	fact("Event ID", c.Event.ID)
	fact("Content-Type", r.Header.Get("Content-Type"))
	fact("User-Agent", r.Header.Get("User-Agent"))
	answered := fmt.Sprintf("%d, %s after %s", c.Response.Status, view.Size(int64(len(c.Response.Body))), view.Duration(c.Took))
	if c.Response.Status == 0 {
		answered = "nothing"
	}
	fact("Answered", answered)
	if c.ReplayOf != 0 {
		fact("Replay of", fmt.Sprintf("#%d", c.ReplayOf))
	}
	return control.Card(control.Col(4, rows...))
}

// columns place two things beside each other where that leaves both room, and below each other else.
type columns struct{ width float32 }

const (
	wideEnough = 900
	columnGap  = 14
)

func (l *columns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	if l.width >= wideEnough {
		return fyne.NewSize(200, max(a.Height, b.Height))
	}
	return fyne.NewSize(200, a.Height+columnGap+b.Height)
}

func (l *columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	place := func(o fyne.CanvasObject, x, y, w float32) float32 {
		o.Resize(fyne.NewSize(w, o.Size().Height)) // what wraps knows its height once it has its width
		h := o.MinSize().Height
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
		return h
	}
	if size.Width < wideEnough {
		h := place(objects[0], 0, 0, size.Width)
		place(objects[1], 0, h+columnGap, size.Width)
		return
	}
	left := min((size.Width-columnGap)*0.6, size.Width-columnGap-380)
	place(objects[0], 0, 0, left)
	place(objects[1], left+columnGap, 0, size.Width-left-columnGap)
}
