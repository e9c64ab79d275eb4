package part

import (
	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// Fold hides what few people need behind its title.
type Fold struct {
	arrow *control.Icon
	body  fyne.CanvasObject
	root  *fyne.Container
}

// NewFold is a closed one; hint says in a line what is in it.
func NewFold(title, hint string, body fyne.CanvasObject) *Fold {
	f := &Fold{arrow: control.NewIcon("chevron-right", control.Muted, 14), body: control.Pad(control.Sides(8, 0, 0, 22), body)}
	head := control.RowFill(8, f.arrow, control.NewText(title, control.BodyBold), control.Grow(control.NewText(hint, control.Small.In(control.Faint)).Ellipsis()))
	press := control.NewPress(control.Surface{Radius: 7, Pad: control.XY(4, 6)}, head, func() { f.Set(f.body.(*control.Box).Hidden) })
	f.body.Hide()
	f.root = control.Col(0, press, f.body)
	return f
}

func (f *Fold) View() fyne.CanvasObject { return f.root }

// Set opens or closes.
func (f *Fold) Set(open bool) {
	icon := "chevron-right"
	if open {
		icon = "chevron-down"
		f.body.Show()
	} else {
		f.body.Hide()
	}
	f.arrow.Set(icon, control.Muted)
	Relayout(f.root)
}
