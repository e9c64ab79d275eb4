package sources

import (
	"time"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// sourceCell is one row of the list of sources.
type sourceCell struct {
	part.Cell
	w           *frame.Window
	mark        *part.PlatformMark
	name, path  *control.Text
	count, last *control.Text
	alert       *control.Icon
}

func newSourceCell(w *frame.Window) *sourceCell {
	c := &sourceCell{w: w, mark: part.NewPlatformMark(32), name: control.NewText("", control.BodyBold).Ellipsis(), path: control.NewText("", control.CodeSmall).EllipsisMiddle(),
		count: control.NewText("", control.Small.In(control.Muted)).Aligned(fyne.TextAlignTrailing),
		last:  control.NewText("", control.Small.In(control.Faint)).Aligned(fyne.TextAlignTrailing),
		alert: control.NewIcon("triangle-alert", control.Amber, 14)}
	words := control.Col(3, control.RowFill(8, control.Grow(c.name), c.alert, c.count), control.RowFill(8, control.Grow(c.path), c.last))
	c.Body = control.Pad(control.Sides(8, 12, 8, 12), control.Row(12, control.Centre(c.mark.View()), control.Grow(words)))
	c.ExtendBaseWidget(c)
	return c
}

func (c *sourceCell) set(r sourceRow) {
	c.mark.SetSource(r.source, c.w.Engine.Schemes.Book())
	c.name.Set(r.source.Name)
	c.path.Set(r.path)
	c.count.Set(part.Short(r.stat.Captures))
	c.last.Set("")
	if r.stat.Captures == 0 {
		c.count.Set("")
	} else {
		c.last.Set(view.Ago(r.stat.Last, time.Now()))
	}
	if r.problem != "" {
		c.alert.Show()
	} else {
		c.alert.Hide()
	}
}
