package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// face is the renderer of the widgets here: what they consist of, how it is coloured, placed and measured.
//
// Fyne throws the renderer of a widget away that it did not draw for a minute, and makes another one when the widget comes
// back, without placing it: its size is what it was. Nor does it tell what is not in the window that the theme changed. So a
// face keeps nothing that its widget does not know, and catches up when it is looked at: see [face.Objects].
type face struct {
	owner   fyne.Widget
	objects []fyne.CanvasObject
	paint   func() // gives colours and texts to the objects; nil: they look after themselves
	place   func(size fyne.Size)
	min     func() fyne.Size

	painted look // the zero look: not yet
	placed  bool
}

// look is what colours follow from.
type look struct {
	theme   fyne.Theme
	variant fyne.ThemeVariant
}

func lookNow() look {
	s := fyne.CurrentApp().Settings()
	return look{s.Theme(), s.ThemeVariant()}
}

// draw finishes a face, so that it can be measured and shown.
func draw(f face) fyne.WidgetRenderer {
	f.catchUp()
	return &f
}

func (f *face) Destroy()           {}
func (f *face) MinSize() fyne.Size { return f.min() }

// Objects are what is drawn, placed and in the colours of the present theme.
func (f *face) Objects() []fyne.CanvasObject {
	if !f.placed || f.painted != lookNow() {
		f.Layout(f.owner.Size())
	}
	return f.objects
}

func (f *face) Layout(size fyne.Size) {
	f.catchUp()
	f.placed = true // before it is: what it places may ask for the objects
	f.place(size)
}

func (f *face) Refresh() {
	f.painted = look{}
	f.Layout(f.owner.Size())
	canvas.Refresh(f.owner)
}

// catchUp paints in the present look.
func (f *face) catchUp() {
	now := lookNow()
	if f.painted == now {
		return
	}
	f.painted = now
	if f.paint != nil {
		f.paint()
	}
}

// stock is the renderer of a widget of Fyne's own, which catches up as a [face] does.
type stock struct {
	fyne.WidgetRenderer
	owner fyne.Widget
	drawn look
}

func (s *stock) Objects() []fyne.CanvasObject {
	if now := lookNow(); s.drawn != now {
		first := s.drawn == look{}
		s.drawn = now
		s.WidgetRenderer.Layout(s.owner.Size())
		if !first {
			s.owner.Refresh()
		}
	}
	return s.WidgetRenderer.Objects()
}

// clipped is a face that cuts its objects off at its edge.
type clipped struct{ face }

// IsClip is the mark that Fyne's painters look for.
func (c *clipped) IsClip() {}

// put moves and resizes o; a size below zero, which a painter may choke on, becomes zero.
func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(max(w, 0), max(h, 0)))
}

// centre puts o with its own size into the middle of an area.
func centre(o fyne.CanvasObject, x, y, w, h float32) {
	m := o.MinSize()
	put(o, x+(w-m.Width)/2, y+(h-m.Height)/2, m.Width, m.Height)
}

func rect(radius float32) *canvas.Rectangle {
	r := canvas.NewRectangle(color.Transparent)
	r.CornerRadius = radius
	return r
}

// outline makes r a ring of a colour. Its fill is the same colour without opacity: plain transparent black
// would darken the inner edge of the ring.
func outline(r *canvas.Rectangle, t Token, width float32) {
	if t == "" {
		r.FillColor, r.StrokeColor, r.StrokeWidth = color.Transparent, color.Transparent, 0
		return
	}
	r.FillColor, r.StrokeColor, r.StrokeWidth = tint(t, 0), paint(t), width
}

// focusOn gives o the keyboard. What was never painted, like a menu that opens just now, is not yet known to belong
// to a canvas: then the windows are asked in turn.
func focusOn(o fyne.Focusable) {
	obj, ok := o.(fyne.CanvasObject)
	if !ok {
		return
	}
	d := fyne.CurrentApp().Driver()
	if c := d.CanvasForObject(obj); c != nil {
		c.Focus(o)
		return
	}
	for _, w := range d.AllWindows() {
		if w.Canvas().Focus(o); w.Canvas().Focused() == o {
			return
		}
	}
}

// Placed is the renderer of a row that puts its objects where place says, at each size and whenever it changes.
func Placed(owner fyne.Widget, least fyne.Size, place func(put Put, size fyne.Size), objects ...fyne.CanvasObject) fyne.WidgetRenderer {
	return draw(face{owner: owner, objects: objects, min: func() fyne.Size { return least }, place: func(size fyne.Size) { place(putAt, size) }})
}

// Put moves an object to a place and gives it a size.
type Put func(o fyne.CanvasObject, x, y, width, height float32)

func putAt(o fyne.CanvasObject, x, y, width, height float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(max(width, 0), max(height, 0)))
}
