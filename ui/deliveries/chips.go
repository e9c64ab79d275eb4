package deliveries

import (
	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// stateChip narrows the list to a state and says how many are in it.
type stateChip struct {
	state core.DeliveryState
	press *control.Press
	label *control.Text
	n     *control.Text
	on    bool
}

func newStateChip(s core.DeliveryState, tap func()) *stateChip {
	c := &stateChip{state: s, label: control.NewText(part.StateWords(s), control.Body.At(12).As(control.Medium)), n: control.NewText("", control.Small)}
	parts := []fyne.CanvasObject{}
	if s != "" {
		icon, tone := part.StateLook(s, 0)
		parts = append(parts, control.NewIcon(icon, tone, 13))
	}
	c.press = control.NewPress(control.Surface{Radius: 7, Pad: control.XY(8, 4)}, control.Row(5, append(parts, c.label, c.n)...), tap)
	return c
}

func (c *stateChip) mark(on bool) {
	c.on = on
	surface, style := control.Surface{Radius: 7, Pad: control.XY(8, 4)}, control.Body.At(12).As(control.Medium)
	if on {
		surface.Fill = control.Resting
	} else {
		style = style.In(control.Muted)
	}
	c.press.SetSurface(surface)
	c.label.SetStyle(style)
}

func (c *stateChip) count(n int64) {
	text := ""
	if n > 0 {
		text = part.Short(n)
	}
	c.n.Set(text)
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
