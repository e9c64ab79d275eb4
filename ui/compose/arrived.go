package compose

import (
	"context"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// fromArrived offers the events that arrived, and then which body of one is to be put up.
func (p *Page) fromArrived() {
	w := p.w
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		all, err := w.Engine.Shapes.List(ctx)
		return func() {
			if w.Fail(err); err != nil {
				return
			}
			var list []control.Command
			for _, e := range all {
				for _, kind := range engine.SampleKinds {
					title := e.Event
					if title == "" {
						title = "no event"
					}
					list = append(list, control.Command{Label: view.Visible(title) + ": " + sampleWords[kind], Hint: view.Visible(e.Name), Icon: "package", Words: kind + " " + e.Event, Do: func() { p.useArrived(e, kind) }})
				}
			}
			if len(list) == 0 {
				w.Layers.Toast(control.Toast{Text: "No JSON has arrived yet: send a source some, and its bodies are offered here"})
				return
			}
			w.Layers.OpenPalette(list)
		}
	})
}

var sampleWords = map[string]string{"median": "the body in the middle", "minimal": "the smallest body", "full": "the fullest body", "synthetic": "one made up"}

// useArrived puts a body of an event up, signed as its source signs.
func (p *Page) useArrived(e engine.EventShape, kind string) {
	w := p.w
	p.made++ // another body each time
	seed := p.made
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		whole, err := w.Engine.Shapes.Event(ctx, e.Source, e.Event)
		var got engine.Sample
		if err == nil {
			got, err = w.Engine.Shapes.Sample(ctx, whole, kind, seed)
		}
		var c core.Capture
		if err == nil {
			c, err = w.Engine.Shapes.Draft(ctx, got)
		}
		return func() {
			if w.Fail(err); err == nil {
				p.OpenCapture(&c)
			}
		}
	})
}
