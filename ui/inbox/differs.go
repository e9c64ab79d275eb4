package inbox

import (
	"context"
	"fmt"
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
	broken []core.Violation
}

func (d differing) equal(o differing) bool {
	return d.of == o.of && slices.Equal(d.drifts, o.drifts) && slices.Equal(d.broken, o.broken)
}

// readDiffering is empty where nobody has looked at the capture yet: it is learned behind what arrives.
func (o *overview) readDiffering(ctx context.Context, c *core.Capture) differing {
	drifts, err := o.w.Engine.Shapes.DriftsOf(ctx, c.ID)
	if err != nil {
		drifts = nil // it shows what there is
	}
	broken, _, err := o.w.Engine.Shapes.Violations(ctx, c.ID)
	if err != nil {
		broken = nil
	}
	return differing{c.ID, drifts, broken}
}

var driftLook = map[shape.DriftKind]struct{ icon, words string }{
	shape.NewPath: {"plus", "new"}, shape.Missing: {"minus", "missing"}, shape.NewType: {"shuffle", "type"}, shape.NewValue: {"tag", "value"}, shape.Broken: {"triangle-alert", "format"},
}

// mostDiffering bounds what stands on the overview.
const mostDiffering = 6

// differs says in what the body is not like those before it.
func (o *overview) differs(c *core.Capture) fyne.CanvasObject {
	if o.differing.of != c.ID || len(o.differing.drifts) == 0 {
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

// broken says where the body breaks its source's contract.
func (o *overview) broken(c *core.Capture) fyne.CanvasObject {
	if o.differing.of != c.ID || len(o.differing.broken) == 0 {
		return nil
	}
	rows := []fyne.CanvasObject{control.RowFill(8, control.NewIcon("file-json", control.Red, 16), control.Grow(control.NewText("Breaks the contract of "+view.Visible(c.Name), control.Strong.In(control.Red))),
		control.NewButton("Contract", "webhook", control.Ghost, func() { o.w.Go.OpenSource(c.Source, "Contract") }))}
	for _, v := range o.differing.broken[:min(len(o.differing.broken), mostDiffering)] {
		rows = append(rows, control.RowFill(8, control.Col(0, control.Gap(0, 2), control.NewIcon("x", control.Red, 14)),
			control.Grow(control.Col(1, control.NewText(view.Visible(v.Path), control.Code).EllipsisMiddle(), control.NewParagraph(core.Capital(view.Visible(v.Reason))+".", control.Body.In(control.Muted))))))
	}
	if n := len(o.differing.broken) - mostDiffering; n > 0 {
		rows = append(rows, control.NewText(fmt.Sprintf("and %d more", n), control.Small))
	}
	return control.NewBox(control.Surface{Fill: control.Red, Alpha: 0x14, Border: control.Line, Radius: 9, Pad: control.XY(16, 12)}, control.Col(7, rows...))
}
