package control

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// CreateRenderer is for Fyne.
func (t *Tokens) CreateRenderer() fyne.WidgetRenderer {
	f := &tokensFace{t: t, ground: rect(8), icon: NewIcon("search", Faint, 15), below: NewParagraph("", Small.In(Red))}
	f.face = face{owner: t, paint: f.paint, place: f.place, min: f.min}
	f.paint()
	return f
}

type tokensFace struct {
	face
	t      *Tokens
	ground *canvas.Rectangle
	icon   *Icon
	chips  []*tokenChip
	below  *Paragraph
}

func (f *tokensFace) paint() {
	t := f.t
	edge := FieldLine
	switch {
	case t.field.Problem() != "":
		edge = Red
	case t.field.Focused():
		edge = Accent
	}
	f.ground.FillColor, f.ground.StrokeColor, f.ground.StrokeWidth = paint(SurfaceField), paint(edge), 1
	for len(f.chips) < len(t.chips) {
		f.chips = append(f.chips, newTokenChip(t, len(f.chips)))
	}
	t.clear.Hidden = t.Query() == ""
	f.below.Set(t.field.Problem())
	f.objects = append(f.objects[:0], f.ground, f.icon, t.field, t.clear)
	for i, c := range t.chips {
		f.chips[i].set(c)
		f.objects = append(f.objects, f.chips[i])
	}
	if t.field.Problem() != "" {
		f.objects = append(f.objects, f.below)
	}
}

const tokensLine = 33

// place fills lines with chips; the text takes what is left of the last line, and a line of its own where that is
// too little.
func (f *tokensFace) place(size fyne.Size) {
	h := f.arrange(size.Width)
	put(f.ground, 0, 0, size.Width, h)
	put(f.icon, 10, 9, 15, 15)
	put(f.t.clear, size.Width-31, 2, 29, 29)
	put(f.below, 2, h+4, size.Width-4, size.Height-h-4)
}

func (f *tokensFace) arrange(width float32) (height float32) {
	const left, right = 30, 34
	x, y := float32(left), float32(0)
	for i := range f.t.chips {
		w := min(f.chips[i].MinSize().Width, width-left-right)
		if x > left && x+w > width-right {
			x, y = left, y+tokensLine-6
		}
		put(f.chips[i], x, y+5, w, 23)
		x += w + 4
	}
	if x > left && width-right-x < 90 {
		x, y = left, y+tokensLine-6
	}
	put(f.t.field, x-4, y, width-right-x+4, tokensLine)
	return y + tokensLine
}

func (f *tokensFace) min() fyne.Size {
	h := f.arrange(max(f.t.Size().Width, 120))
	if f.t.field.Problem() != "" {
		f.below.Resize(fyne.NewSize(max(f.t.Size().Width-4, 60), f.below.Size().Height))
		h += f.below.MinSize().Height + 4
	}
	return fyne.NewSize(120, h)
}

// tokenChip is one finished word: a press takes it away.
type tokenChip struct {
	widget.BaseWidget
	t       *Tokens
	index   int
	text    string
	hovered bool
}

func newTokenChip(t *Tokens, index int) *tokenChip {
	c := &tokenChip{t: t, index: index}
	c.ExtendBaseWidget(c)
	return c
}

func (c *tokenChip) set(text string) {
	if c.text != text {
		c.text = text
		c.Refresh()
	}
}

func (c *tokenChip) CreateRenderer() fyne.WidgetRenderer {
	ground, icon := rect(5), NewIcon("x", Faint, 11)
	name, value := NewText("", SmallBold), NewText("", SmallBold.In(Ink)).Ellipsis()
	full := func() fyne.Size { return SmallBold.measure(c.text) }
	return draw(face{
		owner: c, objects: []fyne.CanvasObject{ground, name, value, icon},
		paint: func() {
			ground.FillColor = paint(Resting)
			icon.Set("x", Faint)
			if c.hovered {
				ground.FillColor = paint(Pressed)
				icon.Set("x", Red)
			}
			n, v, _ := strings.Cut(c.text, ":")
			name.Set(n + ":")
			value.Set(v)
		},
		place: func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			m := name.MinSize()
			y := (size.Height - m.Height) / 2
			put(name, 7, y, m.Width, m.Height)
			put(value, 7+m.Width+2, y, size.Width-m.Width-28, m.Height)
			put(icon, size.Width-18, 0, 14, size.Height)
		},
		min: func() fyne.Size { return fyne.NewSize(full().Width+31, 23) },
	})
}

func (c *tokenChip) Tapped(*fyne.PointEvent) { c.t.remove(c.index) }
func (c *tokenChip) TappedSecondary(e *fyne.PointEvent) {
	l := LayersOf(c)
	if l == nil {
		return
	}
	turn := MenuItem{Label: "Turn round: not this", Icon: "ban", Do: func() { c.t.negate(c.index) }}
	if strings.HasPrefix(c.text, "-") {
		turn = MenuItem{Label: "Turn round: this", Icon: "funnel", Do: func() { c.t.negate(c.index) }}
	}
	l.Menu(e.AbsolutePosition, turn, MenuItem{Label: "Edit", Icon: "pencil", Do: func() { c.t.edit(c.index) }},
		MenuItem{Label: "Take away", Icon: "x", Divider: true, Do: func() { c.t.remove(c.index) }})
}
func (c *tokenChip) MouseIn(*desktop.MouseEvent)    { c.hovered = true; c.Refresh() }
func (c *tokenChip) MouseMoved(*desktop.MouseEvent) {}
func (c *tokenChip) MouseOut()                      { c.hovered = false; c.Refresh() }
func (c *tokenChip) Cursor() desktop.Cursor         { return desktop.PointerCursor }
