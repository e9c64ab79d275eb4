package work

import (
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/message"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// workCell is one row of the list of work.
type workCell struct {
	part.Cell
	mark              *part.PlatformMark
	title, meta, when *control.Text
	state             *control.Badge
}

func newWorkCell() *workCell {
	c := &workCell{mark: part.NewPlatformMark(30), title: control.NewText("", control.BodyBold).Ellipsis(), meta: control.NewText("", control.Small).Ellipsis(),
		when: control.NewText("", control.Small.In(control.Faint)).Aligned(fyne.TextAlignTrailing), state: control.NewBadge("", control.Blue)}
	words := control.Col(3, control.Row(8, control.Grow(c.title), c.state), control.RowFill(8, control.Grow(c.meta), c.when))
	c.Body = control.Pad(control.Sides(7, 12, 7, 12), control.Row(12, control.Centre(c.mark.View()), control.Grow(words)))
	c.ExtendBaseWidget(c)
	return c
}

func (c *workCell) set(r store.WorkRow, now time.Time) {
	c.mark.Set(r.Platform)
	title := r.Title
	if title == "" {
		title = r.ID
	}
	c.title.Set(title)
	c.state.Set(r.State, stateTone(r.Final, r.Failed))
	meta := r.SourceName + "  ·  " + view.Plural(r.Steps, "step", "steps")
	if r.Cost > 0 {
		meta += "  ·  " + message.CostText(r.Cost)
	}
	if r.Title != "" {
		meta += "  ·  " + r.ID
	}
	c.meta.Set(meta)
	c.when.Set(view.Ago(r.Created, now))
}

// stateTone tells work under way from what is done and what failed.
func stateTone(final, failed bool) control.Token {
	switch {
	case failed:
		return control.Red
	case final:
		return control.Green
	}
	return control.Blue
}
