package inbox

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/shape"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// differing is in what a capture is not like those before it, and where it breaks its source's contract.
type differing struct {
	of     core.CaptureID
	drifts []engine.DriftNews
}

func (d differing) none() bool { return len(d.drifts) == 0 }

func (d differing) equal(o differing) bool {
	return d.of == o.of && slices.Equal(d.drifts, o.drifts)
}

// readDiffering is empty where nobody has looked at the capture yet: it is learned behind what arrives.
func (o *overview) readDiffering(ctx context.Context, c *core.Capture) differing {
	drifts, err := o.w.Engine.Shapes.DriftsOf(ctx, c.ID)
	if err != nil {
		drifts = nil // it shows what there is
	}
	return differing{c.ID, drifts}
}

var driftLook = map[shape.DriftKind]struct{ icon, words string }{
	shape.NewPath: {"plus", "new"}, shape.Missing: {"minus", "missing"}, shape.NewType: {"shuffle", "type"}, shape.NewValue: {"tag", "value"}, shape.Broken: {"triangle-alert", "format"},
}

// mostDiffering bounds what stands on the overview.
const mostDiffering = 6

// differs says in what the body is not like those before it.
func (o *overview) differs(c *core.Capture) fyne.CanvasObject {
	if o.differing.of != c.ID || o.differing.none() {
		return nil
	}
	open := func() { o.w.Go.OpenShape(c.Source, c.Event.Type) }
	rows := []fyne.CanvasObject{control.RowFill(8, control.NewIcon("git-compare", control.Amber, 16), control.Grow(control.NewText("Not like the bodies before it", control.Strong.In(control.Amber))),
		control.NewButton("Shape", "braces", control.Ghost, open))}
	for _, d := range o.differing.drifts[:min(len(o.differing.drifts), mostDiffering)] {
		look := driftLook[d.Kind]
		rows = append(rows, control.RowFill(8, control.Col(0, control.Gap(0, 2), control.NewIcon(look.icon, control.Amber, 14)), control.Fixed(58, control.NewText(look.words, control.BodyBold)),
			control.Grow(control.NewParagraph(view.Visible(d.Says())+".", control.Body))))
	}
	if n := len(o.differing.drifts) - mostDiffering; n > 0 {
		rows = append(rows, control.NewText(view.Plural(n, "more change", "more changes")+" on the Shapes page", control.Small))
	}
	return control.NewBox(control.Surface{Fill: control.Amber, Alpha: 0x14, Border: control.Line, Radius: 9, Pad: control.XY(16, 12)}, control.Col(7, rows...))
}
