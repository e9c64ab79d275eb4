package shapes

import (
	"fmt"

	"hookglass/core/engine"
	"hookglass/core/shape"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// changeCell is one change in a list.
type changeCell struct {
	part.Cell
	icon             *control.Icon
	path, says, when *control.Text
}

func newChangeCell() *changeCell {
	c := &changeCell{icon: control.NewIcon("", control.Amber, 15), path: control.NewText("", control.Code).EllipsisMiddle(), says: control.NewText("", control.Small).Ellipsis(), when: control.NewText("", control.Small.In(control.Faint))}
	c.Body = control.Pad(control.XY(12, 6), control.RowFill(10, control.Centre(c.icon), control.Grow(control.Col(2, control.RowFill(8, control.Grow(c.path), c.when), c.says))))
	c.ExtendBaseWidget(c)
	return c
}

func (c *changeCell) set(d engine.DriftNews) {
	c.icon.Set(changeIcon(d.Kind), control.Amber)
	c.path.Set(view.Visible(d.Path))
	c.when.Set(fmt.Sprintf("#%d, %s", d.Capture, d.At.Local().Format("2 Jan 15:04")))
	c.says.Set(view.Visible(changeWords(d.Drift)))
}

func changeIcon(k shape.DriftKind) string {
	switch k {
	case shape.NewPath:
		return "plus"
	case shape.Missing:
		return "minus"
	case shape.NewType:
		return "shuffle"
	case shape.NewValue:
		return "tag"
	}
	return "triangle-alert"
}

// shortChange is a change in few words.
func shortChange(d shape.Drift) string {
	switch d.Kind {
	case shape.NewPath:
		return d.Path + " appeared"
	case shape.Missing:
		return d.Path + " went missing"
	case shape.NewType:
		return d.Path + " is " + d.Now
	case shape.NewValue:
		return d.Path + " is " + d.Now
	}
	return d.Path + " is no " + d.Was + " any more"
}

// changeWords is a change without its path.
func changeWords(d shape.Drift) string {
	switch d.Kind {
	case shape.NewPath:
		return fmt.Sprintf("New: a member of type %s that none of %d before had", d.Now, d.Samples)
	case shape.Missing:
		return fmt.Sprintf("Missing, and all %d before had it", d.Samples)
	case shape.NewType:
		return fmt.Sprintf("Now %s, and %s in %d before", d.Now, d.Was, d.Samples)
	case shape.NewValue:
		return fmt.Sprintf("Now %s, and one of %s in %d before", d.Now, d.Was, d.Samples)
	}
	return fmt.Sprintf("Now %s, which is no %s as %d before were", d.Now, d.Was, d.Samples)
}
