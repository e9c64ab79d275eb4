package control

import (
	"fmt"
	"image/color"
	"sort"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"hookglass/core"
)

// Style is how a text looks.
type Style struct {
	Color  Token
	Size   float32
	Weight Weight
}

// In is the style in another colour.
func (s Style) In(c Token) Style { s.Color = c; return s }

// As is the style in another weight.
func (s Style) As(w Weight) Style { s.Weight = w; return s }

// At is the style in another size.
func (s Style) At(size float32) Style { s.Size = size; return s }

// The styles of the window.
var (
	Body      = Style{Ink, 13, Regular}
	BodyBold  = Style{Ink, 13, Medium}
	Strong    = Style{Ink, 13, SemiBold}
	Title     = Style{Ink, 15, SemiBold}
	Heading   = Style{Ink, 18, SemiBold}
	Small     = Style{Muted, 11.5, Regular}
	SmallBold = Style{Muted, 11.5, Medium}
	Caption   = Style{Faint, 10.5, SemiBold} // over a group of things, in capitals
	Code      = Style{Ink, 12.5, Mono}
	CodeSmall = Style{Muted, 11, Mono}
)

// Cut says where a text that is too long gives way to "…".
type Cut uint8

// The cuts.
const (
	CutNone Cut = iota
	CutEnd
	CutMiddle // for addresses and ids, whose end tells them apart
)

// Text is one line of text.
type Text struct {
	widget.BaseWidget
	text  string
	style Style
	align fyne.TextAlign
	cut   Cut
}

// NewText returns a line that is as wide as its text.
func NewText(s string, style Style) *Text {
	t := &Text{text: s, style: style}
	t.ExtendBaseWidget(t)
	return t
}

// Ellipsis lets the text be narrower than it needs to be, cut at its end.
func (t *Text) Ellipsis() *Text { t.cut = CutEnd; return t }

// EllipsisMiddle is Ellipsis with the cut in the middle.
func (t *Text) EllipsisMiddle() *Text { t.cut = CutMiddle; return t }

// Aligned moves the text within its place.
func (t *Text) Aligned(a fyne.TextAlign) *Text { t.align = a; return t }

// Text returns the whole text, cut or not.
func (t *Text) Text() string { return t.text }

// Set changes the text.
func (t *Text) Set(s string) {
	if t.text != s {
		t.text = s
		t.Refresh()
	}
}

// SetStyle changes the look.
func (t *Text) SetStyle(s Style) {
	if t.style != s {
		t.style = s
		t.Refresh()
	}
}

// Put changes text and look at once: for rows that are used again and again.
func (t *Text) Put(s string, style Style) {
	if t.text != s || t.style != style {
		t.text, t.style = s, style
		t.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	shown, whole := canvas.NewText("", color.Transparent), canvas.NewText("", color.Transparent)
	paintText := func() {
		t.style.apply(whole)
		whole.Text = legible(tamed(t.text))
		t.style.apply(shown)
		shown.Alignment = t.align
	}
	return draw(face{
		owner: t, objects: []fyne.CanvasObject{shown}, paint: paintText,
		place: func(size fyne.Size) {
			text := whole.Text
			if t.cut != CutNone {
				text = fit(whole, text, size.Width, t.cut)
			}
			shown.Text = text
			h := whole.MinSize().Height
			put(shown, 0, (size.Height-h)/2, size.Width, h)
			shown.Refresh()
		},
		min: func() fyne.Size {
			m := whole.MinSize()
			if t.cut != CutNone {
				m.Width = min(m.Width, 24)
			}
			return m
		},
	})
}

// tamed is a label's text with nothing in it that acts. Its font has no pictures of control characters: they stand as in
// a body, \x1b.
func tamed(s string) string {
	seen := core.Visible(s)
	if seen == s {
		return s
	}
	var b strings.Builder
	for _, r := range seen {
		switch {
		case r == '␡':
			b.WriteString(`\x7f`)
		case r >= 0x2400 && r < 0x2420:
			fmt.Fprintf(&b, `\x%02x`, r-0x2400)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (s Style) apply(c *canvas.Text) {
	c.Color, c.TextSize, c.FontSource = paint(s.Color), s.Size, font(s.Weight)
	c.TextStyle = fyne.TextStyle{Monospace: s.Weight >= Mono}
}

// measure returns the size of a text in a style.
func (s Style) measure(text string) fyne.Size {
	size, _ := fyne.CurrentApp().Driver().RenderedTextSize(text, s.Size, fyne.TextStyle{Monospace: s.Weight >= Mono}, font(s.Weight))
	return size
}

// fit returns as much of text as width allows, measuring with scratch, whose text it leaves as it was.
func fit(scratch *canvas.Text, text string, width float32, cut Cut) string {
	defer func() { scratch.Text = text }()
	if scratch.MinSize().Width <= width+0.5 || width <= 0 {
		return text
	}
	runes := []rune(text)
	short := func(n int) string {
		if cut == CutMiddle {
			return string(runes[:(n+1)/2]) + "…" + string(runes[len(runes)-n/2:])
		}
		return string(runes[:n]) + "…"
	}
	tooMany := sort.Search(len(runes), func(n int) bool {
		scratch.Text = short(n)
		return scratch.MinSize().Width > width
	})
	return short(max(tooMany-1, 0))
}
