package control

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// pool hands out the texts, rectangles and lines of a drawing that is made anew at each layout, and uses those of
// the last drawing again. What is asked for first is drawn first.
type pool struct {
	texts   []*canvas.Text
	rects   []*canvas.Rectangle
	lines   []*canvas.Line
	circles []*canvas.Circle
	used    struct{ texts, rects, lines, circles int }
	objects []fyne.CanvasObject
}

func (p *pool) reset() {
	p.objects = p.objects[:0]
	p.used = struct{ texts, rects, lines, circles int }{}
}

// text draws s with its left upper corner at x, y, and returns its size.
func (p *pool) text(s string, style Style, x, y float32) fyne.Size {
	if p.used.texts == len(p.texts) {
		p.texts = append(p.texts, canvas.NewText("", color.Transparent))
	}
	t := p.texts[p.used.texts]
	p.used.texts++
	style.apply(t)
	t.Text = strings.Clone(legible(tamed(s))) // Fyne keeps strings as keys of its caches: they must not hold a whole body
	m := t.MinSize()
	put(t, x, y, m.Width, m.Height)
	p.objects = append(p.objects, t)
	return m
}

// textRight draws s so that it ends at x.
func (p *pool) textRight(s string, style Style, x, y float32) fyne.Size {
	m := style.measure(legible(tamed(s)))
	return p.text(s, style, x-m.Width, y)
}

// textFit draws as much of s as fits into width.
func (p *pool) textFit(s string, style Style, x, y, width float32) fyne.Size {
	if width <= 0 {
		return fyne.Size{}
	}
	m := p.text(s, style, x, y)
	if m.Width > width {
		t := p.texts[p.used.texts-1]
		t.Text = fit(t, t.Text, width, CutEnd)
		m = t.MinSize()
	}
	return m
}

// rect draws a filled rectangle; without room it draws nothing.
func (p *pool) rect(x, y, w, h float32, fill color.Color, radius float32) *canvas.Rectangle {
	if p.used.rects == len(p.rects) {
		p.rects = append(p.rects, canvas.NewRectangle(color.Transparent))
	}
	r := p.rects[p.used.rects]
	p.used.rects++
	r.FillColor, r.StrokeColor, r.StrokeWidth, r.CornerRadius = fill, color.Transparent, 0, min(radius, max(w, 0)/2, max(h, 0)/2)
	put(r, x, y, w, h)
	p.objects = append(p.objects, r)
	return r
}

// line draws a line between two points.
func (p *pool) line(x1, y1, x2, y2 float32, ink color.Color, width float32) *canvas.Line {
	if p.used.lines == len(p.lines) {
		p.lines = append(p.lines, canvas.NewLine(color.Transparent))
	}
	l := p.lines[p.used.lines]
	p.used.lines++
	l.StrokeColor, l.StrokeWidth = ink, width
	l.Position1, l.Position2 = fyne.NewPos(x1, y1), fyne.NewPos(x2, y2)
	p.objects = append(p.objects, l)
	return l
}

// dot draws a filled circle around a point.
func (p *pool) dot(x, y, radius float32, fill color.Color) *canvas.Circle {
	if p.used.circles == len(p.circles) {
		p.circles = append(p.circles, canvas.NewCircle(color.Transparent))
	}
	c := p.circles[p.used.circles]
	p.used.circles++
	c.FillColor, c.StrokeColor, c.StrokeWidth = fill, color.Transparent, 0
	put(c, x-radius, y-radius, 2*radius, 2*radius)
	p.objects = append(p.objects, c)
	return c
}

// drawing is the face of a widget that draws itself with a pool.
type drawing struct {
	face
	pool
}

// newDrawing returns a face that calls draw for every layout.
func newDrawing(owner fyne.Widget, min func() fyne.Size, draw func(p *pool, size fyne.Size)) *drawing {
	d := &drawing{}
	d.face = face{owner: owner, min: min, place: func(size fyne.Size) {
		d.pool.reset()
		draw(&d.pool, fyne.NewSize(max(size.Width, 0), max(size.Height, 0)))
		d.face.objects = d.pool.objects
	}}
	return d
}
