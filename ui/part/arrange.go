package part

import (
	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// Section is a named part of the form.
func Section(name string, o fyne.CanvasObject) fyne.CanvasObject {
	return control.Col(8, control.NewText(name, control.Strong), o)
}

// PageHead is the line at the top of a page: what it is, and what one can do.
func PageHead(title, below string, actions ...fyne.CanvasObject) fyne.CanvasObject {
	words := control.Col(2, control.NewText(title, control.Heading), control.NewText(below, control.Small).Ellipsis())
	return control.Pad(control.Sides(16, 18, 14, 22), control.RowFill(10, control.Grow(words), control.Row(6, actions...)))
}
