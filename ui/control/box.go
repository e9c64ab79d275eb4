package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Inset is the space between a surface's edge and what stands on it.
type Inset struct{ Top, Right, Bottom, Left float32 }

// All is the same inset on four sides.
func All(n float32) Inset { return Inset{n, n, n, n} }

// XY is one inset for left and right and one for top and bottom.
func XY(x, y float32) Inset { return Inset{y, x, y, x} }

// Sides is an inset in the order of CSS.
func Sides(top, right, bottom, left float32) Inset { return Inset{top, right, bottom, left} }

// Surface is what a box looks like. The zero value shows nothing and adds no space.
type Surface struct {
	Fill   Token
	Alpha  uint8 // opacity of the fill; 0 leaves the token's own
	Border Token
	Radius float32
	Pad    Inset
	Min    fyne.Size
	Shadow bool
}

func (s Surface) apply(r *canvas.Rectangle) {
	r.CornerRadius = s.Radius
	r.FillColor, r.StrokeColor, r.StrokeWidth, r.Shadow = color.Transparent, color.Transparent, 0, canvas.Shadow{}
	if s.Fill != "" {
		r.FillColor = paint(s.Fill)
		if s.Alpha != 0 {
			r.FillColor = tint(s.Fill, s.Alpha)
		}
	}
	if s.Border != "" {
		r.StrokeColor, r.StrokeWidth = paint(s.Border), 1
		if s.Fill == "" {
			r.FillColor = tint(s.Border, 0)
		}
	}
	if s.Shadow {
		r.Shadow = canvas.Shadow{Color: paint(theme.ColorNameShadow), BlurRadius: 18, Offset: fyne.NewPos(0, 4)}
	}
}

func (s Surface) place(child fyne.CanvasObject, size fyne.Size) {
	if child != nil {
		put(child, s.Pad.Left, s.Pad.Top, size.Width-s.Pad.Left-s.Pad.Right, size.Height-s.Pad.Top-s.Pad.Bottom)
	}
}

func (s Surface) min(child fyne.CanvasObject) fyne.Size {
	m := fyne.NewSize(s.Pad.Left+s.Pad.Right, s.Pad.Top+s.Pad.Bottom)
	if child != nil && child.Visible() {
		m = m.Add(child.MinSize())
	}
	return m.Max(s.Min)
}

// Box is a surface with at most one child. It takes no part in pointer events.
type Box struct {
	widget.BaseWidget
	surface Surface
	child   fyne.CanvasObject
}

// NewBox returns a surface under child, which may be nil.
func NewBox(s Surface, child fyne.CanvasObject) *Box {
	b := &Box{surface: s, child: child}
	b.ExtendBaseWidget(b)
	return b
}

// Pad puts space around o.
func Pad(in Inset, o fyne.CanvasObject) *Box { return NewBox(Surface{Pad: in}, o) }

// Card is a bordered box in the tone of code.
func Card(child fyne.CanvasObject) *Box {
	return NewBox(Surface{Fill: SurfaceCode, Border: Line, Radius: 9, Pad: XY(16, 14)}, child)
}

// SetSurface changes the look.
func (b *Box) SetSurface(s Surface) {
	if b.surface != s {
		b.surface = s
		b.Refresh()
	}
}

// Surface is the present look.
func (b *Box) Surface() Surface { return b.surface }

// SetChild puts another object on the surface.
func (b *Box) SetChild(o fyne.CanvasObject) {
	if b.child != o {
		b.child = o
		b.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (b *Box) CreateRenderer() fyne.WidgetRenderer {
	r := &boxFace{b: b, ground: rect(0)}
	r.face = face{
		owner: b,
		paint: r.paint,
		place: func(size fyne.Size) {
			put(r.ground, 0, 0, size.Width, size.Height)
			b.surface.place(b.child, size)
		},
		min: func() fyne.Size { return b.surface.min(b.child) },
	}
	r.paint()
	return r
}

type boxFace struct {
	face
	b      *Box
	ground *canvas.Rectangle
}

func (r *boxFace) paint() {
	r.b.surface.apply(r.ground)
	r.objects = append(r.objects[:0], r.ground)
	if r.b.child != nil {
		r.objects = append(r.objects, r.b.child)
	}
}

// Press is a surface that can be pressed: rows of a rail, cards, chips. It takes the keyboard too.
type Press struct {
	widget.BaseWidget
	surface Surface
	child   fyne.CanvasObject
	OnTap   func()
	OnMenu  func(at fyne.Position) // the other button, at a position of the window
	Tip     string

	hovered, focused bool
}

// NewPress returns a surface that calls tap.
func NewPress(s Surface, child fyne.CanvasObject, tap func()) *Press {
	p := &Press{surface: s, child: child, OnTap: tap}
	p.ExtendBaseWidget(p)
	return p
}

// SetSurface changes the look.
func (p *Press) SetSurface(s Surface) {
	if p.surface != s {
		p.surface = s
		p.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (p *Press) CreateRenderer() fyne.WidgetRenderer {
	ground, over, ring := rect(0), rect(0), rect(0)
	objects := []fyne.CanvasObject{ground, over}
	if p.child != nil {
		objects = append(objects, p.child)
	}
	return draw(face{
		owner: p, objects: append(objects, ring),
		paint: func() {
			p.surface.apply(ground)
			over.CornerRadius, ring.CornerRadius = p.surface.Radius, p.surface.Radius
			over.FillColor = color.Transparent
			if p.hovered {
				over.FillColor = paint(Hovered)
			}
			outline(ring, onlyIf(p.focused, FocusLine), 1.5)
		},
		place: func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			put(over, 0, 0, size.Width, size.Height)
			put(ring, 0, 0, size.Width, size.Height)
			p.surface.place(p.child, size)
		},
		min: func() fyne.Size { return p.surface.min(p.child) },
	})
}

// Tapped is for Fyne, as are the methods below.
func (p *Press) Tapped(*fyne.PointEvent) {
	hideTip(p)
	if p.OnTap != nil {
		p.OnTap()
	}
}

func (p *Press) TappedSecondary(e *fyne.PointEvent) {
	if p.OnMenu != nil {
		p.OnMenu(e.AbsolutePosition)
	}
}

func (p *Press) MouseIn(*desktop.MouseEvent)    { p.hovered = true; p.Refresh(); showTip(p, p.Tip) }
func (p *Press) MouseMoved(*desktop.MouseEvent) {}
func (p *Press) MouseOut()                      { p.hovered = false; p.Refresh(); hideTip(p) }
func (p *Press) Cursor() desktop.Cursor         { return desktop.PointerCursor }
func (p *Press) FocusGained()                   { p.focused = true; p.Refresh(); IntoSight(p) }
func (p *Press) FocusLost()                     { p.focused = false; p.Refresh() }
func (p *Press) TypedRune(r rune)               { askedHelpBy(p, r) }
func (p *Press) TypedKey(e *fyne.KeyEvent) {
	if askedHelp(p, e.Name) {
		return
	}
	if e.Name == fyne.KeyEscape {
		leave(p)
		return
	}
	if pressesKey(e) && p.OnTap != nil {
		p.OnTap()
	}
}

func pressesKey(e *fyne.KeyEvent) bool {
	return e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter || e.Name == fyne.KeySpace
}

func onlyIf(cond bool, t Token) Token {
	if cond {
		return t
	}
	return ""
}

// Hair is a line of one pixel that is as long as its place.
func Hair() *Box { return NewBox(Surface{Fill: Line, Min: fyne.NewSize(1, 1)}, nil) }

// Dot is a filled circle.
func Dot(tone Token, diameter float32) *Box {
	return NewBox(Surface{Fill: tone, Radius: diameter / 2, Min: fyne.NewSquareSize(diameter)}, nil)
}
