package ui

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/frame"
)

// byOtherKeys are the things to press that Tab passes over, with the keys that do the same.
var byOtherKeys = map[string]string{
	"*control.tokenChip":    "Backspace in the filter takes it back",
	"*control.treeArrow":    "the arrows of the tree open and close",
	"*control.ByteStrip":    "what it leaves out is in the Body tab; a button beside it copies all",
	"*control.catcher":      "Esc closes what it surrounds",
	"*control.dialog":       "it only keeps clicks from what is behind it",
	"*widget.scrollBarArea": "it is Fyne's and shows nothing more than what Tab goes through",
	"*part.solid":           "it only keeps clicks from what is behind it",
}

// Tab alone goes through all of a page that can be pressed, and of each a screen reader can say what it is.
func TestTheKeyboardReachesEverything(t *testing.T) {
	s, _ := filled(t)
	visit(s, func(p frame.Page) {
		c := s.W.Win.Canvas()
		reached := map[fyne.CanvasObject]bool{}
		c.Unfocus()
		for c.FocusNext(); !reached[c.Focused().(fyne.CanvasObject)]; c.FocusNext() {
			o := c.Focused().(fyne.CanvasObject)
			reached[o] = true
			if a, ok := o.(fyne.Accessible); !ok || a.AccessibilityLabel() == "" {
				t.Errorf("%s: nobody can say what this %T at %v is: %s", p.Name(), o, fyne.CurrentApp().Driver().AbsolutePositionForObject(o), eye.Line(o))
			}
		}
		c.Unfocus()
		for _, o := range eye.All[tappable](s.W.Win.Content()) {
			if !reached[o] && byOtherKeys[fmt.Sprintf("%T", o)] == "" {
				if b, ok := o.(interface{ Disabled() bool }); !ok || !b.Disabled() {
					t.Errorf("%s: Tab does not reach the %T at %v: %s", p.Name(), o, fyne.CurrentApp().Driver().AbsolutePositionForObject(o), eye.Line(o))
				}
			}
		}
	})
}

type tappable interface {
	fyne.CanvasObject
	fyne.Tappable
}

// In a low window most of a form is out of sight: what Tab reaches there comes into it.
func TestTabScrollsIntoSight(t *testing.T) {
	s, _ := filled(t)
	s.W.Win.Resize(fyne.NewSize(1100, 420))
	scrolled := 0
	visit(s, func(p frame.Page) {
		c := s.W.Win.Canvas()
		seen := map[fyne.CanvasObject]bool{}
		for c.FocusNext(); !seen[c.Focused().(fyne.CanvasObject)]; c.FocusNext() {
			o := c.Focused().(fyne.CanvasObject)
			seen[o] = true
			for _, over := range eye.Above(s.W.Win.Content(), o) {
				if scroll, ok := over.(*control.Scroll); ok {
					scrolled++
					if !inside(o, scroll) {
						t.Errorf("%s: the %T that Tab has reached is out of sight: %s", p.Name(), o, eye.Line(o))
					}
				}
			}
		}
		c.Unfocus()
	})
	if scrolled < 20 {
		t.Errorf("only %d things stand in a scroller", scrolled)
	}
}

// inside reports whether o is in sight in a scroller: whole, or in part where it is higher.
func inside(o fyne.CanvasObject, scroll *control.Scroll) bool {
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	top := place(o).Y - place(scroll).Y
	bottom := top + o.Size().Height
	if o.Size().Height > scroll.Size().Height {
		return bottom > 0 && top < scroll.Size().Height
	}
	return top >= -1 && bottom <= scroll.Size().Height+1
}
