package control

import (
	"image/color"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// After calls f on the UI goroutine once d has passed, unless stop is called before. The window supplies it, so
// that no widget starts a goroutine of its own.
type After func(d time.Duration, f func()) (stop func())

// Layers is the content of a window with what floats above it: popups, then toasts, then a tip. They stand in the
// content and not in Fyne's overlays, because an open overlay takes every click and key of the window.
type Layers struct {
	widget.BaseWidget
	// OnShortcut is offered every shortcut of the window, also those typed into a field, which Fyne would keep to it.
	OnShortcut func(*desktop.CustomShortcut) bool
	// OnBack is what Esc does where nothing floats; true: it did something.
	OnBack func() bool
	// OnHelp is what F1 does, and ? outside of fields.
	OnHelp func()

	content fyne.CanvasObject
	after   After
	popups  []*Popup
	toasts  []*toast
	tip     *tip

	edges    *edges
	stepping bool // from an edge into a popup
}

// NewLayers wraps the content of a window. With a nil after, tips show at once and toasts stay until dismissed.
func NewLayers(content fyne.CanvasObject, after After) *Layers {
	l := &Layers{content: content, after: after}
	l.edges = newEdges(l)
	l.ExtendBaseWidget(l)
	return l
}

// LayersOf returns the layers of the window that o is shown in, or nil.
func LayersOf(o fyne.CanvasObject) *Layers {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil {
		return nil
	}
	l, _ := c.Content().(*Layers)
	return l
}

// Popup is a thing that floats above the content.
type Popup struct {
	Content fyne.CanvasObject
	Anchor  fyne.CanvasObject // opens under it, or over it where there is no room
	At      fyne.Position     // without an anchor: the corner to open at
	Middle  bool              // without an anchor: in the middle, a little high
	Wide    bool              // at least as wide as the anchor
	Width   float32           // 0: as the content needs
	Modal   bool              // dims the window behind it
	Passing bool              // does not catch clicks beside it: suggestions under a field
	Careful bool              // a dialog whose answer wants a look first: Enter alone does not give it
	OnClose func()

	catcher *catcher
	before  fyne.Focusable
}

// Open shows a popup above those that are open. What had the keyboard gets it back at the end.
func (l *Layers) Open(p *Popup) {
	if slices.Contains(l.popups, p) {
		l.Refresh()
		return
	}
	l.hideTip()
	if !p.Passing {
		p.catcher = newCatcher(p.Modal, func() { l.Close(p) })
		p.before = l.Focused()
	}
	l.popups = append(l.popups, p)
	l.Refresh()
}

// Close hides a popup and what was opened above it.
func (l *Layers) Close(p *Popup) {
	i := slices.Index(l.popups, p)
	if i < 0 {
		return
	}
	closed := slices.Clone(l.popups[i:])
	l.popups = l.popups[:i]
	l.Refresh()
	for _, c := range slices.Backward(closed) {
		if c.before != nil {
			focusOn(c.before)
		}
		if c.OnClose != nil {
			c.OnClose()
		}
	}
}

// Back closes the topmost popup, or else the newest toast, and reports whether there was one: what Esc does.
func (l *Layers) Back() bool {
	if n := len(l.popups); n > 0 {
		l.Close(l.popups[n-1])
		return true
	}
	if n := len(l.toasts); n > 0 {
		l.dismiss(l.toasts[n-1])
		return true
	}
	return false
}

// leave is what Esc does for a widget that has the keyboard: it closes what floats above, or gives the keyboard up.
func leave(o fyne.CanvasObject) {
	l := LayersOf(o)
	if l != nil && (l.Back() || l.OnBack != nil && l.OnBack()) {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		c.Unfocus()
	}
}

// Covered reports whether a popup takes the keys, for the window to know whether its keys mean the page below.
func (l *Layers) Covered() bool { return l.top() != nil }

// Focused is what has the keyboard in this window, or nil.
func (l *Layers) Focused() fyne.Focusable {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		return c.Focused()
	}
	return nil
}

// CreateRenderer is for Fyne.
func (l *Layers) CreateRenderer() fyne.WidgetRenderer {
	f := &layersFace{l: l}
	f.face = face{owner: l, paint: f.paint, place: f.place, min: func() fyne.Size { return l.content.MinSize() }}
	f.paint()
	return f
}

type layersFace struct {
	face
	l *Layers
}

func (f *layersFace) paint() {
	f.objects = f.objects[:0]
	e, top := f.l.edges, f.l.top()
	if top != nil {
		f.objects = append(f.objects, e.start)
	}
	f.objects = append(f.objects, f.l.content)
	for _, p := range f.l.popups {
		if p.catcher != nil {
			f.objects = append(f.objects, p.catcher)
		}
		if p == top {
			f.objects = append(f.objects, e.above, p.Content, e.below)
		} else {
			f.objects = append(f.objects, p.Content)
		}
	}
	for _, t := range f.l.toasts {
		f.objects = append(f.objects, t.card)
	}
	if f.l.tip != nil && f.l.tip.box != nil {
		f.objects = append(f.objects, f.l.tip.box)
	}
	if top != nil {
		f.objects = append(f.objects, e.end)
	}
}

func (f *layersFace) place(size fyne.Size) {
	put(f.l.content, 0, 0, size.Width, size.Height)
	for _, p := range f.l.popups {
		if p.catcher != nil {
			put(p.catcher, 0, 0, size.Width, size.Height)
		}
		f.l.placePopup(p, size)
	}
	f.l.placeToasts(size)
	f.l.placeTip(size)
}

func (l *Layers) placePopup(p *Popup, size fyne.Size) {
	const margin = 8
	m := p.Content.MinSize()
	if p.Width > 0 {
		m.Width = p.Width
	}
	var at fyne.Position
	switch {
	case p.Anchor != nil:
		anchor := l.positionOf(p.Anchor)
		if p.Wide {
			m.Width = max(m.Width, p.Anchor.Size().Width)
		}
		at = fyne.NewPos(anchor.X, anchor.Y+p.Anchor.Size().Height+4)
		if over := anchor.Y - m.Height - 4; at.Y+m.Height > size.Height-margin && over >= margin {
			at.Y = over
		}
	case p.Middle:
		at = fyne.NewPos((size.Width-m.Width)/2, max((size.Height-m.Height)*0.3, margin))
	default:
		at = p.At.Subtract(l.positionOf(l))
	}
	m.Width, m.Height = min(m.Width, size.Width-2*margin), min(m.Height, size.Height-2*margin)
	x := max(min(at.X, size.Width-m.Width-margin), margin)
	y := max(min(at.Y, size.Height-m.Height-margin), margin)
	put(p.Content, x, y, m.Width, m.Height)
	if d, ok := p.Content.(*dialog); ok {
		d.buttons.Refresh() // one of them may be called something longer by now
	}
}

// positionOf is the place of o within the layers; of the layers themselves, their place in the window.
func (l *Layers) positionOf(o fyne.CanvasObject) fyne.Position {
	d := fyne.CurrentApp().Driver()
	if o == fyne.CanvasObject(l) {
		return d.AbsolutePositionForObject(l)
	}
	return d.AbsolutePositionForObject(o).Subtract(d.AbsolutePositionForObject(l))
}

// catcher is the area beside a popup: a press on it closes the popup.
type catcher struct {
	widget.BaseWidget
	dim   bool
	close func()
}

func newCatcher(dim bool, closing func()) *catcher {
	c := &catcher{dim: dim, close: closing}
	c.ExtendBaseWidget(c)
	return c
}

func (c *catcher) CreateRenderer() fyne.WidgetRenderer {
	veil := canvas.NewRectangle(color.Transparent)
	return draw(face{
		owner: c, objects: []fyne.CanvasObject{veil},
		paint: func() {
			if c.dim {
				veil.FillColor = paint(Scrim)
			}
		},
		place: func(size fyne.Size) { put(veil, 0, 0, size.Width, size.Height) },
		min:   func() fyne.Size { return fyne.Size{} },
	})
}

func (c *catcher) Tapped(*fyne.PointEvent)          { c.close() }
func (c *catcher) TappedSecondary(*fyne.PointEvent) { c.close() }
func (c *catcher) Scrolled(*fyne.ScrollEvent)       {} // what is behind a popup does not scroll
func (c *catcher) MouseIn(*desktop.MouseEvent)      {} // nor does it light up
func (c *catcher) MouseMoved(*desktop.MouseEvent)   {}
func (c *catcher) MouseOut()                        {}
