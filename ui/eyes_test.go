package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"hookglass/ui/control"
)

// texts are the words that an object shows, from top to bottom as drawn.
func texts(o fyne.CanvasObject) string {
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

// words are the texts of an object in one line, however they are wrapped.
func oneLine(o fyne.CanvasObject) string { return strings.Join(strings.Fields(texts(o)), " ") }

// shownWords are all texts that are to be seen below o.
func shownWords(o fyne.CanvasObject) string {
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

func (s *stage) has(o fyne.CanvasObject, wanted ...string) {
	s.t.Helper()
	got := oneLine(o)
	for _, w := range wanted {
		if !strings.Contains(got, w) {
			s.t.Errorf("%q is not in\n%s", w, got)
		}
	}
}

func (s *stage) lacks(o fyne.CanvasObject, unwanted ...string) {
	s.t.Helper()
	got := oneLine(o)
	for _, w := range unwanted {
		if strings.Contains(got, w) {
			s.t.Errorf("%q stands in\n%s", w, got)
		}
	}
}

// tap presses the button of a label.
func (s *stage) tap(o fyne.CanvasObject, label string) {
	s.t.Helper()
	if b := findButton(o, label); b != nil {
		b.Tapped(nil)
		s.settle() // what it does
		s.settle() // and what follows from that
		return
	}
	s.t.Fatalf("there is no button %q in\n%s", label, oneLine(o))
}

func findButton(o fyne.CanvasObject, label string) *control.Button {
	if !o.Visible() {
		return nil
	}
	var below []fyne.CanvasObject
	switch o := o.(type) {
	case *control.Button:
		if strings.TrimSpace(oneLine(o)) == label {
			return o
		}
		return nil
	case *fyne.Container:
		below = o.Objects
	case fyne.Widget:
		below = test.WidgetRenderer(o).Objects()
	}
	for _, c := range below {
		if b := findButton(c, label); b != nil {
			return b
		}
	}
	return nil
}

// press taps the button with a label below o.
func (s *stage) press(o fyne.CanvasObject, label string) {
	s.t.Helper()
	var found *control.Button
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() || found != nil {
			return
		}
		switch o := o.(type) {
		case *control.Button:
			if strings.Contains(shownWords(o), label) {
				found = o
			}
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
	if found == nil {
		s.t.Fatalf("no button %q among %q", label, shownWords(o))
	}
	test.Tap(found)
	s.settle()
}

func findCommand(list []control.Command, label string) (control.Command, bool) {
	for _, c := range list {
		if c.Label == label {
			return c, true
		}
	}
	return control.Command{}, false
}
