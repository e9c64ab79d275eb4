package message

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// AttemptPanel shows one attempt: how it ended and what to do about it, where its time went, and both sides of the wire.
type AttemptPanel struct {
	w *frame.Window

	icon     *control.Icon
	title    *control.Text
	facts    *control.Text
	phases   *control.Phases
	why      *control.Box
	Others   *control.Button // compares with another attempt
	form     *control.Segmented
	request  *messagePane
	response *messagePane
	content  *control.Scroll
	nothing  *control.Paragraph
	root     *control.Box

	delivery *core.Delivery
	Attempt  *core.Attempt
	// Forgery says what the receiver would believe with a 2xx; "" where it would be right to. Doubt leads on from there.
	Forgery string
	Doubt   *control.Button
	beside  *control.Box // what else there is to say of the answer
	// Judged says what the provider would say to the answer, where what was sent is its handshake; "" where it is none.
	Judged     string
	JudgedTone control.Token
}

func NewAttemptPanel(w *frame.Window) *AttemptPanel {
	p := &AttemptPanel{w: w, icon: control.NewIcon("", control.Muted, 16), title: control.NewText("", control.Strong).Ellipsis(),
		facts: control.NewText("", control.Small).Ellipsis(), phases: control.NewPhases(view.Duration),
		why: control.NewBox(control.Surface{}, nil), beside: control.NewBox(control.Surface{}, nil), nothing: control.NewParagraph("", control.Body.In(control.Muted)).Centred()}
	p.request, p.response = newMessagePane(w, "Request"), newMessagePane(w, "Response")
	p.form = control.NewSegmented(func(int) { p.showMessages() }, "Pretty", "As sent")
	p.Others = control.NewTool("git-compare", "Compare with another attempt (d)", nil)
	p.beside.Hide()
	head := control.RowFill(8, p.icon, control.Grow(p.title), p.Others, p.form)
	p.content = control.NewScroll(control.Col(0, control.Pad(control.Sides(10, 18, 4, 22), head), control.Pad(control.Sides(0, 18, 8, 22), control.Col(8, p.facts, p.phases, p.why, p.beside)),
		control.Grow(control.Pad(control.Sides(0, 14, 14, 16), besides(p.request.root, p.response.root)))))
	p.root = control.NewBox(control.Surface{}, nil)
	return p
}

func (p *AttemptPanel) View() fyne.CanvasObject { return p.root }

// Put shows an attempt; nil where there is none yet.
func (p *AttemptPanel) Put(d *core.Delivery, a *core.Attempt) {
	if a == nil {
		p.Attempt = nil
		p.nothing.Set("Not sent yet. The request will stand here as it went out, beside the answer.")
		if d.State == core.Cancelled {
			p.nothing.Set("Cancelled before anything was sent.")
		}
		p.root.SetChild(control.Centre(control.Fixed(320, p.nothing)))
		return
	}
	same := p.Attempt != nil && p.Attempt.Delivery == a.Delivery && p.Attempt.Number == a.Number && p.Attempt.Took == a.Took && p.Attempt.Failure == a.Failure
	p.delivery, p.Attempt = d, a
	icon, tone := part.AttemptLook(a)
	title := fmt.Sprintf("Attempt %d: %s", a.Number, view.Answer(a))
	style := control.Strong
	if p.believed(a) {
		icon, tone, style, title = "shield-x", control.Red, style.In(control.Red), title+", and it must not be accepted"
	}
	p.icon.Set(icon, tone)
	p.title.Put(title, style)
	p.facts.Set(attemptFacts(a))
	t := a.Timings
	wait := t.FirstByte
	p.phases.Set(control.Phase{Label: "DNS", Took: t.DNS, Tone: control.Violet}, control.Phase{Label: "Connect", Took: t.Connect, Tone: control.Blue},
		control.Phase{Label: "TLS", Took: t.TLS, Tone: control.Teal}, control.Phase{Label: "First byte", Took: wait, Tone: control.Amber},
		control.Phase{Label: "Body", Took: t.Body, Tone: control.Green})
	p.phases.Hidden = t.DNS+t.Connect+t.TLS+t.FirstByte+t.Body == 0
	p.explain(a)
	if !same {
		p.showMessages()
	}
	p.root.SetChild(p.content)
	p.content.Refresh()
}

// Say puts a line about the answer above it, with the way on from there; none takes it away.
func (p *AttemptPanel) Say(line fyne.CanvasObject) {
	p.beside.SetChild(line)
	p.beside.Hidden = line == nil
}

// explain says why an attempt failed and what to do next.
func (p *AttemptPanel) explain(a *core.Attempt) {
	if p.believed(a) {
		p.why.SetChild(control.Banner(control.Red, p.Forgery, p.Doubt))
		p.why.Show()
		return
	}
	what, next := view.WhyFailed(a)
	if p.Judged != "" {
		p.why.SetChild(control.Banner(p.JudgedTone, p.Judged, nil))
		p.why.Show()
		return
	}
	if what == "" {
		p.why.Hide()
		return
	}
	_, tone := part.AttemptLook(a)
	p.why.SetChild(control.Banner(tone, what+" "+next, nil))
	p.why.Show()
}

// believed reports whether the receiver accepted what it must not.
func (p *AttemptPanel) believed(a *core.Attempt) bool { return p.Forgery != "" && a.OK() }

// attemptFacts are when and where an attempt was made.
func attemptFacts(a *core.Attempt) string {
	facts := []string{a.Started.Local().Format("15:04:05.000")}
	if a.Took > 0 {
		facts = append(facts, "took "+view.Duration(a.Took))
	}
	if a.Peer != "" {
		facts = append(facts, a.Peer)
	}
	if a.TLS != "" {
		facts = append(facts, a.TLS)
	} else if a.Peer != "" {
		facts = append(facts, "no TLS")
	}
	if !a.Retry.IsZero() {
		facts = append(facts, "next planned for "+a.Retry.Local().Format("15:04:05.000"))
	}
	return strings.Join(facts, "  ·  ")
}

// showMessages makes the rows of both messages off the UI goroutine: a body may be large.
func (p *AttemptPanel) showMessages() {
	a := p.Attempt
	if a == nil {
		return
	}
	pretty := p.form.Selected() == 0
	p.request.head(fmt.Sprintf("%s  ·  %s", a.Request.Method, view.Size(int64(len(a.Request.Body)))))
	answer := "none"
	if a.Response != nil {
		answer = fmt.Sprintf("%d  ·  %s", a.Response.Status, view.Size(max(a.Response.Size, int64(len(a.Response.Body)))))
		if a.Response.Truncated {
			answer += ", cut"
		}
	}
	p.response.head(answer)
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		var sent, got *view.Message
		if a.Request.Method != "" {
			sent = view.Request(&a.Request, pretty)
		}
		if a.Response != nil {
			got = view.Response(a.Response, pretty)
		}
		return func() {
			if p.Attempt == a {
				p.request.put(sent, "Nothing went out.")
				p.response.put(got, noAnswer(a))
			}
		}
	})
}

func noAnswer(a *core.Attempt) string {
	if a.Failure == "" {
		return "No answer yet."
	}
	return "No answer: " + string(a.Failure) + "."
}

// messagePane is one side of the wire.
type messagePane struct {
	w      *frame.Window
	facts  *control.Text
	body   *control.BodyView
	none   *control.Paragraph
	padded fyne.CanvasObject // the body with a little air above
	stage  *control.Box
	root   fyne.CanvasObject
	shown  *view.Message
}

func newMessagePane(w *frame.Window, title string) *messagePane {
	p := &messagePane{w: w, facts: control.NewText("", control.Small).Ellipsis(), body: control.NewBodyView(), none: control.NewParagraph("", control.Body.In(control.Muted)).Centred()}
	p.body.SetTextSize(12)
	p.padded = control.Pad(control.Sides(6, 0, 0, 0), p.body)
	p.stage = control.NewBox(control.Surface{}, nil)
	copyAll := control.NewTool("copy", "Copy it all", func() {
		if p.shown != nil {
			w.Copy(title, strings.Join(rowTexts(p.shown), "\n"))
		}
	})
	head := control.Pad(control.Sides(2, 4, 2, 12), control.RowFill(8, control.NewText(title, control.BodyBold.At(12.5)), control.Grow(p.facts), copyAll))
	p.root = control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.All(1)}, control.Col(0, head, control.Hair(), control.Grow(p.stage)))
	return p
}

// rowTexts are the lines of a text, whatever way they are cut on the screen.
func rowTexts(r view.Rows) []string {
	out := make([]string, 0, r.Len())
	for i := range r.Len() {
		if r.Continues(i) && len(out) > 0 {
			out[len(out)-1] += r.Row(i)
		} else {
			out = append(out, r.Row(i))
		}
	}
	return out
}

func (p *messagePane) head(facts string) { p.facts.Set(facts) }

// put shows a message, or in its place why there is none.
func (p *messagePane) put(m *view.Message, none string) {
	p.shown = m
	if m == nil {
		p.none.Set(none)
		p.stage.SetChild(control.Centre(control.Fixed(220, p.none)))
		return
	}
	p.body.SetSource(func(cols int) control.Rows { return m.Wrapped(cols, control.FitColumns) })
	p.stage.SetChild(p.padded)
}

// narrowest is the width from which on two panes stand beside each other.
const narrowest = 520

// leastPane is the height under which a message cannot be read; what is around it scrolls then.
const leastPane = 170

// besides places two objects side by side, or below each other where it is narrow.
func besides(a, b fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &besidesLayout{}, Objects: []fyne.CanvasObject{a, b}}
}

type besidesLayout struct{ width float32 }

const paneGap = 10

func (l *besidesLayout) stacked() bool { return l.width > 0 && l.width < narrowest }

func (l *besidesLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	if l.stacked() {
		return fyne.NewSize(200, 2*leastPane+paneGap)
	}
	return fyne.NewSize(200, leastPane)
}

func (l *besidesLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	w, h := (size.Width-paneGap)/2, size.Height
	second := fyne.NewPos(w+paneGap, 0)
	if l.stacked() {
		w, h = size.Width, (size.Height-paneGap)/2
		second = fyne.NewPos(0, h+paneGap)
	}
	objects[0].Move(fyne.NewPos(0, 0))
	objects[1].Move(second)
	for _, o := range objects {
		o.Resize(fyne.NewSize(max(w, 0), max(h, 0)))
	}
}
