package control

import (
	"time"

	"fyne.io/fyne/v2"
)

// tip is the text that explains what the pointer rests on.
type tip struct {
	of   fyne.CanvasObject
	box  *Box // nil while the pointer has not rested long enough
	stop func()
}

const tipDelay = 500 * time.Millisecond

// showTip explains o after a moment; an empty text explains nothing.
func showTip(o fyne.CanvasObject, text string) {
	if text == "" {
		return
	}
	if l := LayersOf(o); l != nil {
		l.explain(o, text)
	}
}

// hideTip takes the explanation of o away.
func hideTip(o fyne.CanvasObject) {
	if l := LayersOf(o); l != nil && l.tip != nil && l.tip.of == o {
		l.hideTip()
	}
}

func (l *Layers) explain(o fyne.CanvasObject, text string) {
	l.hideTip()
	t := &tip{of: o}
	l.tip = t
	reveal := func() {
		if l.tip != t {
			return
		}
		t.box = NewBox(Surface{Fill: SurfacePopup, Border: FieldLine, Radius: 6, Pad: XY(9, 5), Shadow: true}, NewText(text, Small.In(Ink)))
		l.Refresh()
	}
	if l.after == nil {
		reveal()
		return
	}
	t.stop = l.after(tipDelay, reveal)
}

func (l *Layers) hideTip() {
	t := l.tip
	if t == nil {
		return
	}
	if t.stop != nil {
		t.stop()
	}
	l.tip = nil
	if t.box != nil {
		l.Refresh()
	}
}

func (l *Layers) placeTip(size fyne.Size) {
	t := l.tip
	if t == nil || t.box == nil {
		return
	}
	m, at := t.box.MinSize(), l.positionOf(t.of)
	x := at.X + (t.of.Size().Width-m.Width)/2
	y := at.Y + t.of.Size().Height + 6
	if y+m.Height > size.Height-4 {
		y = at.Y - m.Height - 6
	}
	put(t.box, max(min(x, size.Width-m.Width-6), 6), y, m.Width, m.Height)
}
