package inbox

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// overview is the tab that says in short what arrived, what was checked and what was answered.
type overview struct {
	w    *frame.Window
	body *fyne.Container
	root *control.Scroll
}

func newOverview(w *frame.Window) *overview {
	o := &overview{w: w, body: control.Col(16)}
	o.root = control.NewScroll(control.Pad(control.XY(22, 18), o.body))
	return o
}

func (o *overview) Label() string           { return "Overview" }
func (o *overview) View() fyne.CanvasObject { return o.root }

func (o *overview) Load(context.Context, *core.Capture) func() { return nil }

func (o *overview) Set(c *core.Capture) {
	o.body.Objects = []fyne.CanvasObject{o.outcome(c), o.checks(c), o.facts(c)}
	o.root.Refresh()
}

// outcome is what became of the capture, in a sentence.
func (o *overview) outcome(c *core.Capture) fyne.CanvasObject {
	icon, tone, words := part.OutcomeLook(c.Receipt.Outcome)
	rows := []fyne.CanvasObject{control.RowFill(8, control.NewIcon(icon, tone, 16), control.Grow(control.NewText(words, control.Strong)))}
	if c.Receipt.Reason != "" {
		rows = append(rows, control.NewParagraph(part.Sentence(fmt.Errorf("%s", c.Receipt.Reason)), control.Body.In(control.Muted)))
	}
	for _, f := range c.Receipt.Faults {
		rows = append(rows, control.RowFill(8, control.NewIcon("zap", control.Amber, 14), control.Grow(control.NewText("Fault on purpose: "+f, control.Body))))
	}
	if c.Request.Truncated {
		rows = append(rows, control.RowFill(8, control.NewIcon("triangle-alert", control.Amber, 14),
			control.Grow(control.NewParagraph(fmt.Sprintf("The body was cut: %s of %s are kept. Raise the source's body limit to keep more.",
				view.Size(int64(len(c.Request.Body))), view.Size(c.Request.Size)), control.Body))))
	}
	if c.Source == 0 {
		rows = append(rows, control.Row(0, control.NewButton("Add a source for "+c.Request.Path(), "plus", control.Secondary, func() { o.w.Go.AddSource(c) })))
	}
	return control.Card(control.Col(8, rows...))
}

func (o *overview) checks(c *core.Capture) fyne.CanvasObject {
	if len(c.Receipt.Checks) == 0 {
		return control.Gap(0, 0)
	}
	rows := []fyne.CanvasObject{control.NewText("CHECKED, IN THIS ORDER", control.Caption)}
	for _, k := range c.Receipt.Checks {
		icon, tone := "check", control.Green
		if !k.OK {
			icon, tone = "x", control.Red
		}
		text := k.Got
		if !k.OK {
			text = "wanted " + k.Want + ", got " + k.Got
		}
		rows = append(rows, control.RowFill(8, control.NewIcon(icon, tone, 14), control.Fixed(140, control.NewText(k.Name, control.BodyBold)),
			control.Grow(control.NewText(text, control.Body.In(control.Muted)).Ellipsis())))
	}
	return control.Card(control.Col(7, rows...))
}

func (o *overview) facts(c *core.Capture) fyne.CanvasObject {
	r := &c.Request
	rows := []fyne.CanvasObject{control.NewText("REQUEST", control.Caption)}
	fact := func(name, value string) {
		if value != "" {
			rows = append(rows, control.RowFill(8, control.Fixed(120, control.NewText(name, control.Body.In(control.Muted))),
				control.Grow(control.NewText(value, control.Code).EllipsisMiddle()), control.NewTool("copy", "Copy", func() { o.w.Copy(name, value) })))
		}
	}
	fact("URL", r.URL())
	fact("From", r.Remote)
	fact("Event", c.Event.Type)
	fact("Event ID", c.Event.ID)
	fact("Content-Type", r.Header.Get("Content-Type"))
	fact("User-Agent", r.Header.Get("User-Agent"))
	fact("Answered", fmt.Sprintf("%d, %s after %s", c.Response.Status, view.Size(int64(len(c.Response.Body))), view.Duration(c.Took)))
	if c.ReplayOf != 0 {
		fact("Replay of", fmt.Sprintf("#%d", c.ReplayOf))
	}
	return control.Card(control.Col(4, rows...))
}
