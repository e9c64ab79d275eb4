package deliveries

import (
	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// stateChip narrows the list to a state.
type stateChip struct {
	*part.Chip
	state core.DeliveryState
}

func newStateChip(s core.DeliveryState, tap func()) *stateChip {
	icon, tone := "", control.Muted
	if s != "" {
		icon, tone = part.StateLook(s, 0)
	}
	return &stateChip{part.NewChip(icon, tone, part.StateWords(s), tap), s}
}

// scopeCard says which batch or endpoint the list is narrowed to, and how far a batch has come.
type scopeCard struct {
	card     *control.Press
	icon     *control.Icon
	title    *control.Text
	progress *control.Progress
}

func newScopeCard(open, leave func()) *scopeCard {
	c := &scopeCard{icon: control.NewIcon("repeat", control.Accent, 14), title: control.NewText("", control.BodyBold.At(12.5)).Ellipsis(), progress: control.NewProgress()}
	row := control.RowFill(8, c.icon, control.Grow(c.title), control.NewTool("x", "Show all deliveries", leave))
	c.card = control.NewPress(control.Surface{}, control.Col(4, row, c.progress), open)
	c.mark(false)
	c.card.Hide()
	return c
}

func (c *scopeCard) mark(on bool) {
	s := control.Surface{Fill: control.SurfaceRaised, Radius: 9, Pad: control.Sides(4, 4, 8, 12)}
	if on {
		s.Fill = control.Selected
	}
	c.card.SetSurface(s)
}

// show names the scope; a share below zero has no bar.
func (c *scopeCard) show(icon, title string, share float64) {
	c.icon.Set(icon, control.Accent)
	c.title.Set(title)
	if share < 0 || share >= 1 {
		c.progress.Hide()
	} else {
		c.progress.Show()
		c.progress.Set(share)
	}
	c.card.Show()
	c.card.Refresh()
}
