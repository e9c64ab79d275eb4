package frame

import (
	"fyne.io/fyne/v2"
)

// The least size of the window; what needs more of it scrolls or takes turns.
const (
	LeastWidth  = 640
	LeastHeight = 420
)

// NarrowWidth is the width of the window under which what stands beside the pages is folded.
const NarrowWidth = 960

// besides places what stands beside the pages, a line, and the page in front.
type besides struct {
	fold   func(narrow bool)
	narrow bool
}

func (b *besides) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := fyne.NewSize(0, 0)
	for _, o := range objects {
		least := o.MinSize()
		m = fyne.NewSize(m.Width+least.Width, max(m.Height, least.Height))
	}
	return fyne.NewSize(min(m.Width, LeastWidth), min(m.Height, LeastHeight))
}

func (b *besides) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	if narrow := size.Width < NarrowWidth; narrow != b.narrow && b.fold != nil {
		b.narrow = narrow
		b.fold(narrow)
	}
	x := float32(0)
	for i, o := range objects {
		width := o.MinSize().Width
		if i == len(objects)-1 {
			width = max(size.Width-x, 0)
		}
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(width, size.Height))
		x += width
	}
}
