package settings

import (
	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// settingsWidth is how wide a form grows.
const settingsWidth = 620

// settingsForm is the body of a section: groups under one another, as wide as is easy to read.
type settingsForm struct {
	*control.Scroll
	groups *fyne.Container
}

func newSettingsForm(groups ...fyne.CanvasObject) *settingsForm {
	f := &settingsForm{groups: control.Col(14, groups...)}
	f.Scroll = control.NewScroll(control.Pad(control.Sides(2, 22, 30, 8), control.Wide(settingsWidth, f.groups)))
	return f
}

// again gives everything its place anew, after something in it became higher or lower.
func (f *settingsForm) again() {
	f.groups.Refresh()
	f.Scroll.Refresh()
}

// group is a card with a title and what belongs together.
func group(title, help string, objects ...fyne.CanvasObject) fyne.CanvasObject {
	head := []fyne.CanvasObject{control.NewText(title, control.Strong)}
	if help != "" {
		head = append(head, control.NewParagraph(help, control.Small))
	}
	return control.Card(control.Col(12, append([]fyne.CanvasObject{control.Col(3, head...)}, objects...)...))
}
