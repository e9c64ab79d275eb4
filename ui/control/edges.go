package control

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// edges keep Tab within what floats on top. Fyne goes through all of a window in turn and cannot be told to leave something
// out; so whoever steps out of the popup on top, or comes from nowhere, steps on an edge and is led to its other end.
//
// They stand in this order, with what is behind between the first two, and toasts between the last two.
type edges struct {
	start, above, below, end *edge
}

func newEdges(l *Layers) *edges {
	e := &edges{}
	first := func() { l.step(e.above, fyne.Canvas.FocusNext) }
	last := func() { l.step(e.below, fyne.Canvas.FocusPrevious) }
	e.start, e.above, e.below, e.end = newEdge(first), newEdge(last), newEdge(first), newEdge(last)
	return e
}

// step takes the keyboard from an edge into the popup. Where nothing in it takes keys the edge has them.
func (l *Layers) step(from *edge, on func(fyne.Canvas)) {
	c := fyne.CurrentApp().Driver().CanvasForObject(l)
	if c == nil || l.stepping {
		return
	}
	l.stepping = true
	c.Focus(from)
	on(c)
	l.stepping = false
}

// top is the uppermost popup that takes the keys, or nil.
func (l *Layers) top() *Popup {
	for _, p := range slices.Backward(l.popups) {
		if !p.Passing {
			return p
		}
	}
	return nil
}

// Front is what the keys are for: the popup on top, or else the content.
func (l *Layers) Front() fyne.CanvasObject {
	if p := l.top(); p != nil {
		return p.Content
	}
	return l.content
}

// edge is a place without size that hands the keyboard on.
type edge struct {
	widget.BaseWidget
	on func()
}

func newEdge(on func()) *edge {
	e := &edge{on: on}
	e.ExtendBaseWidget(e)
	return e
}

func (e *edge) CreateRenderer() fyne.WidgetRenderer {
	return draw(face{owner: e, place: func(fyne.Size) {}, min: func() fyne.Size { return fyne.Size{} }})
}

func (e *edge) FocusGained()   { e.on() }
func (e *edge) FocusLost()     {}
func (e *edge) TypedRune(rune) {}

func (e *edge) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		leave(e)
	case fyne.KeyReturn, fyne.KeyEnter:
		submit(e)
	}
}
