package part

import (
	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// Pair places the parts of a form beside each other, each as high as it needs and their tops in line; where it is
// narrow, below each other.
func Pair(parts ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &pairLayout{}, Objects: parts}
}

// leastPart is the width under which a part of a form is hard to use.
const leastPart = 150

const pairGap = 12

type pairLayout struct {
	width float32
	last  float32 // the width of the last part where they stand beside each other; 0: all have the same
}

func (p *pairLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var widest, tallest, all float32
	n := 0
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			widest, tallest, all = max(widest, m.Width), max(tallest, m.Height), all+m.Height
			n++
		}
	}
	if n > 1 && p.width > 0 && p.column(n) < leastPart {
		tallest = all + float32(n-1)*pairGap
	}
	return fyne.NewSize(min(widest, leastPart), tallest)
}

// column is the width of one of n parts, of the first ones where the last has its own.
func (p *pairLayout) column(n int) float32 {
	room := p.width - float32(n-1)*pairGap
	if p.last > 0 && n > 1 {
		return (room - p.last) / float32(n-1)
	}
	return room / float32(n)
}

func (p *pairLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	p.width = size.Width
	n := 0
	for _, o := range objects {
		if o.Visible() {
			n++
		}
	}
	if n == 0 {
		return
	}
	w, stacked := p.column(n), p.column(n) < leastPart
	if stacked {
		w = size.Width
	}
	x, y := float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if n--; n == 0 && !stacked && x > 0 {
			w = size.Width - x
		}
		o.Resize(fyne.NewSize(w, o.Size().Height)) // what wraps knows its height once it has its width
		h := o.MinSize().Height
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
		if stacked {
			y += h + pairGap
		} else {
			x += w + pairGap
		}
	}
}

// Abreast puts fields into one line, each of the same width.
func Abreast(objects ...fyne.CanvasObject) fyne.CanvasObject {
	parts := make([]fyne.CanvasObject, len(objects))
	for i, o := range objects {
		parts[i] = control.Grow(control.Col(0, o))
	}
	return control.RowFill(12, parts...)
}

// Relayout lets everything above an object find its new height.
func Relayout(o fyne.CanvasObject) {
	o.Refresh()
	if l := control.LayersOf(o); l != nil {
		l.Refresh()
	}
}

// HeadLine is the first line of a detail: what it is, then what one can do. Where it is narrow, fold is told, to leave the
// words of the buttons out.
func HeadLine(fold func(narrow bool), row *fyne.Container) *fyne.Container {
	return &fyne.Container{Layout: &headLayout{fold: fold}, Objects: []fyne.CanvasObject{row}}
}

// narrowHead is the width under which buttons have no words.
const narrowHead = 600

type headLayout struct {
	fold   func(narrow bool)
	narrow bool
}

func (h *headLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(160, objects[0].MinSize().Height)
}

func (h *headLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	if narrow := size.Width < narrowHead; narrow != h.narrow {
		h.narrow = narrow
		h.fold(narrow)
	}
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(size)
	objects[0].Refresh() // its buttons may have changed
}

// Labelled is a button that can do without its words.
type Labelled struct {
	B           *control.Button
	Label, Icon string
}

// FoldAll takes the words of buttons away, or gives them back; the tip says them.
func FoldAll(buttons ...Labelled) func(narrow bool) {
	for _, l := range buttons {
		l.B.Tip = l.Label
	}
	return func(narrow bool) {
		for _, l := range buttons {
			if narrow {
				l.B.Set("", l.Icon)
			} else {
				l.B.Set(l.Label, l.Icon)
			}
		}
	}
}
