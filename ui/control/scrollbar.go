package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// barWidth is how wide the area is that takes the pointer; the bar drawn in it is thinner.
const barWidth = 12

// scrollBar is the bar of the views that scroll by themselves. Lengths are float64: a million rows are more pixels
// than a float32 can count.
type scrollBar struct {
	widget.BaseWidget
	total, page, offset float64
	moved               func(offset float64)
	hovered, dragging   bool
	grip                float32 // where in the thumb the pointer holds it
}

func newScrollBar(moved func(float64)) *scrollBar {
	b := &scrollBar{moved: moved}
	b.ExtendBaseWidget(b)
	return b
}

// set shows a position; it is refreshed with its owner.
func (b *scrollBar) set(total, page, offset float64) {
	if b.total == total && b.page == page && b.offset == offset {
		return
	}
	b.total, b.page, b.offset = total, page, offset
	b.Hidden = total <= page
	b.Refresh()
}

func (b *scrollBar) CreateRenderer() fyne.WidgetRenderer {
	thumb := rect(3)
	return draw(face{
		owner: b, objects: []fyne.CanvasObject{thumb},
		paint: func() {
			thumb.FillColor = paint(theme.ColorNameScrollBar)
			if b.hovered || b.dragging {
				thumb.FillColor = paint(Faint)
			}
			if b.total <= b.page {
				thumb.FillColor = color.Transparent
			}
		},
		place: func(size fyne.Size) {
			at, length := b.thumb(size.Height)
			w := float32(5)
			if b.hovered || b.dragging {
				w = 7
			}
			put(thumb, size.Width-w-2, at, w, length)
		},
		min: func() fyne.Size { return fyne.NewSize(barWidth, 0) },
	})
}

func (b *scrollBar) thumb(height float32) (at, length float32) {
	if b.total <= b.page || b.total <= 0 {
		return 0, 0
	}
	length = min(max(float32(float64(height)*b.page/b.total), 28), height)
	return float32(b.offset/(b.total-b.page)) * (height - length), length
}

// dragTo moves the thumb so that the pointer at y holds it where it took it.
func (b *scrollBar) dragTo(y float32) {
	_, length := b.thumb(b.Size().Height)
	room := b.Size().Height - length
	if room <= 0 {
		return
	}
	share := min(max((y-b.grip)/room, 0), 1)
	b.moved(float64(share) * (b.total - b.page))
}

func (b *scrollBar) MouseDown(e *desktop.MouseEvent) {
	at, length := b.thumb(b.Size().Height)
	b.dragging, b.grip = true, length/2
	if e.Position.Y >= at && e.Position.Y <= at+length {
		b.grip = e.Position.Y - at
	}
	b.dragTo(e.Position.Y)
	b.Refresh()
}

func (b *scrollBar) MouseUp(*desktop.MouseEvent)    { b.dragging = false; b.Refresh() }
func (b *scrollBar) Dragged(e *fyne.DragEvent)      { b.dragTo(e.Position.Y) }
func (b *scrollBar) DragEnd()                       { b.dragging = false; b.Refresh() }
func (b *scrollBar) MouseIn(*desktop.MouseEvent)    { b.hovered = true; b.Refresh() }
func (b *scrollBar) MouseMoved(*desktop.MouseEvent) {}
func (b *scrollBar) MouseOut()                      { b.hovered = false; b.Refresh() }
