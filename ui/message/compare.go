package message

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// comparedSide is one of two things that are compared.
type comparedSide struct {
	title, meta string
	request     core.Request
	response    core.Response
}

func captureSide(c *core.Capture) comparedSide {
	name := c.Event.Type
	if name == "" {
		name = c.Request.Target
	}
	return comparedSide{title: fmt.Sprintf("Capture %d", c.ID), meta: name + "  ·  " + c.At.Local().Format("2 Jan 15:04:05.000"), request: c.Request, response: c.Response}
}

func AttemptSide(a *core.Attempt) comparedSide {
	s := comparedSide{title: fmt.Sprintf("Attempt %d", a.Number), meta: view.Answer(a) + "  ·  " + a.Started.Local().Format("15:04:05.000"), request: a.Request}
	if a.Response != nil {
		s.response = *a.Response
	}
	return s
}

// CompareCaptures shows two captures side by side.
func CompareCaptures(w *frame.Window, a, b core.CaptureID) {
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		first, err := w.Engine.Store.Capture(ctx, a)
		var second core.Capture
		if err == nil {
			second, err = w.Engine.Store.Capture(ctx, b)
		}
		return func() {
			if err != nil {
				w.Fail(err)
				return
			}
			Compare(w, captureSide(&first), captureSide(&second))
		}
	})
}

// Compare shows two requests and their answers side by side.
func Compare(w *frame.Window, a, b comparedSide) { newComparison(w, a, b).open() }

// What of two messages is compared, in the order of the choice.
const (
	requestBodies = iota
	requestHeads
	responseBodies
	responseHeads
)

// comparison shows how two messages differ. What every delivery has of its own can be left out: ids, times, signatures.
type comparison struct {
	w    *frame.Window
	a, b comparedSide

	part, layout                   *control.Segmented
	ids, times, signatures, sorted *control.Switch
	context                        *control.Switch
	sum                            *control.Text
	icon                           *control.Icon
	left, right, whole             *control.BodyView
	sides, unified                 fyne.CanvasObject
	stage                          *control.Box
	popup                          *control.Popup
	serial                         int // of the comparison that was asked for last
}

func newComparison(w *frame.Window, a, b comparedSide) *comparison {
	c := &comparison{w: w, a: a, b: b, sum: control.NewText("", control.Strong).Ellipsis(), icon: control.NewIcon("", control.Muted, 16),
		left: control.NewBodyView(), right: control.NewBodyView(), whole: control.NewBodyView(), stage: control.NewBox(control.Surface{}, nil)}
	again := func(bool) { c.show() }
	c.part = control.NewSegmented(func(int) { c.show() }, "Request body", "Request headers", "Response body", "Response headers")
	c.layout = control.NewSegmented(func(int) { c.arrange() }, "Side by side", "Unified")
	c.ids, c.times, c.signatures = control.NewSwitch(true, again), control.NewSwitch(true, again), control.NewSwitch(true, again)
	c.sorted, c.context = control.NewSwitch(false, again), control.NewSwitch(false, again)
	c.left.SetWrap(false)
	c.right.SetWrap(false)
	c.left.OnMove, c.right.OnMove = c.right.SetOffset, c.left.SetOffset
	c.sides = besides(c.pane(a, c.left), c.pane(b, c.right))
	c.unified = c.framed(control.RowFill(14, sideHead(a, "minus", control.Red), sideHead(b, "plus", control.Green)), c.whole)
	return c
}

func sideHead(s comparedSide, icon string, tone control.Token) fyne.CanvasObject {
	return control.RowFill(8, control.NewIcon(icon, tone, 14), control.NewText(s.title, control.BodyBold.At(12.5)), control.NewText(s.meta, control.Small))
}

func (c *comparison) pane(s comparedSide, body *control.BodyView) fyne.CanvasObject {
	icon, tone := "minus", control.Red
	if body == c.right {
		icon, tone = "plus", control.Green
	}
	return c.framed(control.RowFill(8, control.NewIcon(icon, tone, 14), control.NewText(s.title, control.BodyBold.At(12.5)), control.Grow(control.NewText(s.meta, control.Small).Ellipsis())), body)
}

func (c *comparison) framed(head fyne.CanvasObject, body *control.BodyView) fyne.CanvasObject {
	body.SetTextSize(12)
	return control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.All(1)},
		control.Col(0, control.Pad(control.XY(12, 8), head), control.Hair(), control.Grow(control.Pad(control.Sides(6, 0, 0, 0), body))))
}

// open shows the comparison over the page, as large as the window allows.
func (c *comparison) open() {
	option := func(s *control.Switch, label string) fyne.CanvasObject {
		return control.Row(4, s, control.NewText(label, control.Body.At(12.5)))
	}
	top := control.Wrap(14, c.part, c.layout)
	options := control.Wrap(14, control.Row(0, control.Gap(0, 22), control.NewText("Leave out", control.Small)), option(c.ids, "ids"), option(c.times, "times"), option(c.signatures, "signatures"),
		option(c.sorted, "order of members"), option(c.context, "what is the same"))
	closing := control.NewTool("x", "Close (Esc)", func() { c.w.Layers.Close(c.popup) })
	title := control.RowFill(10, control.NewIcon("git-compare", control.Accent, 18), control.Grow(control.NewText("Compare "+strings.ToLower(c.a.title)+" with "+strings.ToLower(c.b.title), control.Title).Ellipsis()), closing)
	content := control.Col(12, title, top, options, control.RowFill(8, c.icon, control.Grow(c.sum)), control.Grow(c.stage))
	card := control.NewBox(control.Surface{Fill: control.SurfacePopup, Border: control.FieldLine, Radius: 12, Pad: control.Sides(14, 16, 16, 18), Shadow: true}, content)
	size := c.w.Win.Canvas().Size()
	c.popup = &control.Popup{Middle: true, Modal: true, Content: part.NewSolid(card, fyne.NewSize(max(size.Width-80, 600), max(size.Height-60, 400)))}
	c.arrange()
	c.show()
	c.w.Layers.Open(c.popup)
	c.w.Win.Canvas().Unfocus() // keys are not for the list behind
}

func (c *comparison) arrange() {
	if c.layout.Selected() == 0 {
		c.stage.SetChild(c.sides)
	} else {
		c.stage.SetChild(c.unified)
	}
}

// show compares off the UI goroutine: bodies may be large.
func (c *comparison) show() {
	c.serial++
	serial, part := c.serial, c.part.Selected()
	blur := view.Blur{IDs: c.ids.On(), Times: c.times.On(), Signatures: c.signatures.On()}
	o := view.DiffOptions{Context: -1, JSON: part == requestBodies || part == responseBodies, Sort: c.sorted.On()}
	if c.context.On() {
		o.Context = 3
	}
	c.w.Pump.Task(c.w.Ctx, func(context.Context) func() {
		d := view.NewDiff(partOf(&c.a, part, blur, o.Sort), partOf(&c.b, part, blur, o.Sort), o)
		before, after := d.Sides()
		return func() {
			if serial != c.serial {
				return
			}
			c.left.SetRows(before)
			c.right.SetRows(after)
			c.whole.SetRows(d)
			c.say(d, blur)
		}
	})
}

// partOf is the text of a part with what does not count taken out.
func partOf(s *comparedSide, part int, blur view.Blur, sorted bool) []byte {
	switch part {
	case requestBodies:
		return blur.JSON(plainBody(s.request.Header, s.request.Body))
	case responseBodies:
		return blur.JSON(plainBody(s.response.Header, s.response.Body))
	case requestHeads:
		return headText(strings.TrimSpace(s.request.Method+" "+s.request.Target), blur.Header(s.request.Header), sorted)
	}
	return headText(fmt.Sprint(s.response.Status), blur.Header(s.response.Header), sorted)
}

// plainBody is a body without its content encoding.
func plainBody(h core.Header, body []byte) []byte {
	b := view.Body{Type: h.Get("Content-Type"), Encoding: h.Get("Content-Encoding"), Bytes: body}
	plain, _ := b.Decoded()
	return plain
}

func headText(start string, h core.Header, sorted bool) []byte {
	lines := make([]string, 0, len(h))
	for _, f := range h {
		lines = append(lines, f.Name+": "+f.Value)
	}
	if sorted {
		slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	}
	return []byte(start + "\n" + strings.Join(lines, "\n") + "\n")
}

// say sums the differences up.
func (c *comparison) say(d *view.Diff, blur view.Blur) {
	if d.Same() {
		text := "No difference"
		if blur != (view.Blur{}) {
			text = "No difference that counts"
		}
		c.icon.Set("circle-check", control.Green)
		c.sum.Set(text)
		return
	}
	c.icon.Set("git-compare", control.Amber)
	c.sum.Set(fmt.Sprintf("%s only left, %s only right", view.Plural(d.Removed, "line", "lines"), view.Plural(d.Added, "line", "lines")))
}
