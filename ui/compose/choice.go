package compose

import (
	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// choiceField looks like a select and opens a list that can be searched: for providers and their samples.
type choiceField struct {
	w           *frame.Window
	placeholder string
	text        *control.Text
	press       *control.Press
	root        fyne.CanvasObject
	options     func() []control.Command
}

func newChoiceField(w *frame.Window, label, placeholder string, options func() []control.Command) *choiceField {
	c := &choiceField{w: w, placeholder: placeholder, options: options, text: control.NewText(placeholder, control.Body.In(control.Faint)).Ellipsis()}
	row := control.RowFill(8, control.Grow(c.text), control.NewIcon("search", control.Faint, 14))
	c.press = control.NewPress(control.Surface{Fill: control.SurfaceField, Border: control.FieldLine, Radius: 8, Pad: control.XY(11, 8), Min: fyne.NewSize(80, 33)}, row, c.open)
	c.root = c.press
	if label != "" {
		c.root = control.Col(5, control.NewText(label, control.Body.At(12).As(control.Medium)), c.press)
	}
	return c
}

func (c *choiceField) view() fyne.CanvasObject { return c.root }

func (c *choiceField) open() { c.w.Layers.OpenChoice(c.placeholder, c.options()) }

// set shows what is chosen.
func (c *choiceField) set(text string) {
	if text == "" {
		c.text.Put(c.placeholder, control.Body.In(control.Faint))
		return
	}
	c.text.Put(text, control.Body)
}
