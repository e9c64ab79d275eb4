package control

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
)

// caretWidth is how wide the mark is that says where one types.
const caretWidth = 1.5

// caretFace is the face of Fyne's entry with a caret of ours. Fyne's own is as wide as the entry's border, which is none here:
// nobody would see it.
type caretFace struct {
	fyne.WidgetRenderer
	e     *entry
	caret *canvas.Rectangle
	boxes *missing
}

func (e *entry) CreateRenderer() fyne.WidgetRenderer {
	e.ExtendBaseWidget(e)
	f := &caretFace{WidgetRenderer: &stock{WidgetRenderer: e.Entry.CreateRenderer(), owner: e}, e: e, caret: rect(0), boxes: newMissing(e)}
	e.OnCursorChanged = func() {
		f.put()
		if e.moved != nil {
			e.moved()
		}
	}
	f.put()
	return f
}

// Objects is for Fyne, as are the methods below.
func (f *caretFace) Objects() []fyne.CanvasObject {
	return append(slices.Clone(f.WidgetRenderer.Objects()), f.boxes, f.caret)
}

func (f *caretFace) Layout(size fyne.Size) { f.WidgetRenderer.Layout(size); f.put() }
func (f *caretFace) Refresh() {
	f.e.masked = f.e.needed() // before its text takes its colour
	f.WidgetRenderer.Refresh()
	f.put()
}

// put stands the caret where the next letter goes, if that is in sight.
func (f *caretFace) put() {
	size := f.e.Size()
	var origin fyne.Position // of the text
	for _, o := range f.WidgetRenderer.Objects() {
		if s, ok := o.(*container.Scroll); ok {
			origin = s.Position().Subtract(s.Offset)
		}
	}
	f.boxes.origin = origin
	f.boxes.Resize(size)
	f.boxes.Refresh()
	at := f.e.CursorPosition().Add(origin)
	f.caret.FillColor = paint(Accent)
	f.caret.Hidden = !f.e.hasFocus || at.X < 0 || at.X > size.Width || at.Y < 0 || at.Y > size.Height
	put(f.caret, at.X-caretWidth/2, at.Y, caretWidth, lineHeight())
	f.caret.Refresh()
}
