package control

import "fyne.io/fyne/v2"

// drawn are the scrollers that have a renderer: those that may be in a window.
var drawn = map[*Scroll]bool{}

// scrollFace counts its scroller among the drawn while it is there.
type scrollFace struct{ face }

func (f *scrollFace) Destroy() { delete(drawn, f.owner.(*Scroll)) }

// IntoSight scrolls so that what has got the keyboard, or what has just come, is to be seen, whole where it has room.
func IntoSight(o fyne.CanvasObject) {
	for s := range drawn {
		if s.carries(o) {
			s.show(o)
		}
	}
}

// handOn turns the innermost scroller that o stands in.
func handOn(o fyne.CanvasObject, e *fyne.ScrollEvent) {
	var in *Scroll
	for s := range drawn {
		if s.carries(o) && (in == nil || in.carries(s)) {
			in = s
		}
	}
	if in != nil {
		in.Turn(e)
	}
}

// carries reports whether o stands in the content. Fyne tells nobody what a thing stands in: so it is looked whether it
// goes along with the content.
func (s *Scroll) carries(o fyne.CanvasObject) bool {
	c := s.inner.Content
	if c == nil || !s.Visible() {
		return false
	}
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	was, at := place(o), c.Position()
	c.Move(at.AddXY(0, 64))
	moved := place(o) != was
	c.Move(at)
	return moved
}

// show reveals o, with some room around it. What is higher than the place only has to be seen in part.
func (s *Scroll) show(o fyne.CanvasObject) {
	const around = 12
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	top, height, room := place(o).Y-place(s.inner.Content).Y, o.Size().Height, s.inner.Size().Height
	if height > room {
		if from := s.inner.Offset.Y; top < from+room-around && top+height > from+around {
			return
		}
		height = room
	}
	s.Reveal(top-around, height+2*around)
}
