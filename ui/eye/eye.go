// Package eye is for tests of the window: it reads what a widget shows, and finds what can be pressed.
package eye

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"hookglass/ui/control"
)

// Texts are the words that an object shows, from top to bottom as drawn.
func Texts(o fyne.CanvasObject) string {
	var b strings.Builder
	for _, line := range strings.Split(test.RenderObjectToMarkup(o), "\n") {
		if i := strings.Index(line, "<text"); i >= 0 {
			_, rest, _ := strings.Cut(line[i:], ">")
			text, _, _ := strings.Cut(rest, "</text>")
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

// Line is the texts of an object in one line, however they are wrapped.
func Line(o fyne.CanvasObject) string { return strings.Join(strings.Fields(Texts(o)), " ") }

// Words are all texts that are to be seen below o.
func Words(o fyne.CanvasObject) string {
	var b strings.Builder
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		switch o := o.(type) {
		case *control.Text:
			b.WriteString(o.Text() + "\n")
		case *control.Paragraph:
			b.WriteString(o.Text() + "\n")
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c)
			}
		}
	}
	walk(o)
	return b.String()
}

// All are the visible objects of a kind below o, from top to bottom.
func All[T fyne.CanvasObject](o fyne.CanvasObject) (found []T) {
	if o == nil || !o.Visible() {
		return nil
	}
	if it, ok := o.(T); ok {
		return []T{it}
	}
	var below []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		below = o.Objects
	case fyne.Widget:
		below = test.WidgetRenderer(o).Objects()
	}
	for _, c := range below {
		found = append(found, All[T](c)...)
	}
	return found
}

// Above are the objects that o stands in, from root on.
func Above(root, o fyne.CanvasObject) []fyne.CanvasObject {
	if root == nil || !root.Visible() {
		return nil
	}
	var below []fyne.CanvasObject
	switch r := root.(type) {
	case *fyne.Container:
		below = r.Objects
	case fyne.Widget:
		below = test.WidgetRenderer(r).Objects()
	}
	for _, c := range below {
		if c == o {
			return []fyne.CanvasObject{root}
		}
		if path := Above(c, o); path != nil {
			return append([]fyne.CanvasObject{root}, path...)
		}
	}
	return nil
}

// Text is the first text below o that says just that, or nil.
func Text(o fyne.CanvasObject, says string) *control.Text {
	for _, t := range All[*control.Text](o) {
		if t.Text() == says {
			return t
		}
	}
	return nil
}

// Button is the first button below o of a label, or with it as its tip, or nil.
func Button(o fyne.CanvasObject, label string) *control.Button {
	for _, b := range All[*control.Button](o) {
		if strings.TrimSpace(Line(b)) == label || b.Tip == label {
			return b
		}
	}
	return nil
}

// Command is the one of a label.
func Command(list []control.Command, label string) (control.Command, bool) {
	for _, c := range list {
		if c.Label == label {
			return c, true
		}
	}
	return control.Command{}, false
}

// Missing is what of wanted a text does not say.
func Missing(text string, wanted ...string) (out []string) {
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			out = append(out, w)
		}
	}
	return out
}

// Select is the first select below o that offers a label, with that choice taken, or nil.
func Select(o fyne.CanvasObject, label string) *control.Select {
	for _, s := range All[*control.Select](o) {
		if s.ChooseText(label) {
			return s
		}
	}
	return nil
}
