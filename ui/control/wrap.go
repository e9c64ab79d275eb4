package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Wrap places objects side by side and goes on in the next line where the width ends.
func Wrap(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &wrap{gap: gap}, Objects: objects}
}

type wrap struct{ gap, width float32 }

func (w *wrap) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var widest float32
	for _, o := range objects {
		if o.Visible() {
			widest = max(widest, o.MinSize().Width)
		}
	}
	width := w.width
	if width <= 0 {
		width = 1 << 16 // not placed yet: one line
	}
	return fyne.NewSize(widest, w.each(objects, width, func(fyne.CanvasObject, fyne.Position, fyne.Size) {}))
}

func (w *wrap) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w.width = size.Width
	w.each(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, s fyne.Size) {
		put(o, at.X, at.Y, s.Width, s.Height)
	})
}

// each says where every object goes, and returns the height of it all.
func (w *wrap) each(objects []fyne.CanvasObject, width float32, place func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	var x, y, line float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		m.Width = min(m.Width, width)
		if x > 0 && x+m.Width > width+0.5 {
			x, y, line = 0, y+line+w.gap, 0
		}
		place(o, fyne.NewPos(x, y), m)
		x, line = x+m.Width+w.gap, max(line, m.Height)
	}
	return y + line
}

// Scroll shows content that is higher than its place. Unlike Fyne's own it gives the content its width before it
// asks for its height, so that wrapped text is as high as it comes out.
type Scroll struct {
	widget.BaseWidget
	inner *scroller
	wheel *wheel // nil: what is inside has its own turns of the wheel
}

// NewScroll returns a vertical scroller.
func NewScroll(content fyne.CanvasObject) *Scroll {
	s := &Scroll{inner: &scroller{container.Scroll{Direction: container.ScrollVerticalOnly, Content: content}}}
	s.inner.ExtendBaseWidget(s.inner)
	s.ExtendBaseWidget(s)
	return s
}

// scroller is Fyne's scroller.
type scroller struct{ container.Scroll }

func (s *scroller) CreateRenderer() fyne.WidgetRenderer {
	return &stock{WidgetRenderer: s.Scroll.CreateRenderer(), owner: s}
}

// SetContent shows something else, from its top.
func (s *Scroll) SetContent(o fyne.CanvasObject) {
	s.inner.Content = o
	s.inner.Offset = fyne.NewPos(0, 0)
	s.Refresh()
}

// Reveal brings a stretch of the content into sight, moving as little as possible.
func (s *Scroll) Reveal(top, height float32) {
	o, room := s.inner.Offset.Y, s.inner.Size().Height
	if top < o {
		o = top
	} else if top+height > o+room {
		o = top + height - room
	}
	if s.inner.Content != nil {
		o = min(o, s.inner.Content.MinSize().Height-room)
	}
	s.inner.ScrollToOffset(fyne.NewPos(0, max(o, 0)))
}

// Top goes to the top.
func (s *Scroll) Top() { s.inner.ScrollToTop() }

// Bottom goes to the bottom.
func (s *Scroll) Bottom() { s.inner.ScrollToBottom() }

// Turn moves as a turn of the wheel over it does.
func (s *Scroll) Turn(e *fyne.ScrollEvent) { s.inner.Scrolled(e) }

// ForForm takes every turn of the wheel: the fields of a form would keep those over them to themselves.
func (s *Scroll) ForForm() *Scroll {
	s.wheel = &wheel{turn: s.Turn}
	s.wheel.ExtendBaseWidget(s.wheel)
	return s
}

// wheel lies over a scroller and takes nothing but turns of the wheel.
type wheel struct {
	widget.BaseWidget
	turn func(*fyne.ScrollEvent)
}

func (w *wheel) Scrolled(e *fyne.ScrollEvent) { w.turn(e) }

func (w *wheel) CreateRenderer() fyne.WidgetRenderer {
	return draw(face{owner: w, place: func(fyne.Size) {}, min: func() fyne.Size { return fyne.Size{} }})
}

// CreateRenderer is for Fyne.
func (s *Scroll) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{s.inner}
	if s.wheel != nil {
		objects = append(objects, s.wheel)
	}
	drawn[s] = true
	f := &scrollFace{face{
		owner: s, objects: objects,
		place: func(size fyne.Size) {
			if s.wheel != nil {
				put(s.wheel, 0, 0, size.Width, size.Height)
			}
			if c := s.inner.Content; c != nil {
				c.Resize(fyne.NewSize(size.Width, c.Size().Height))
			}
			put(s.inner, 0, 0, size.Width, size.Height)
			s.inner.Refresh()
		},
		min: func() fyne.Size { return s.inner.MinSize() },
	}}
	f.catchUp()
	return f
}
