package ui

import "fyne.io/fyne/v2"

// pair places the parts of a form beside each other, each as high as it needs and their tops in line; where it is
// narrow, below each other.
func pair(parts ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &pairLayout{}, Objects: parts}
}

// leastPart is the width under which a part of a form is hard to use.
const leastPart = 150

const pairGap = 12

type pairLayout struct{ width float32 }

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

func (p *pairLayout) column(n int) float32 { return (p.width - float32(n-1)*pairGap) / float32(n) }

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
