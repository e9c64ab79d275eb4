package control

import (
	"image/color"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// CodeArea is a place to type code in, coloured as one types. Fyne's entry, which knows no colours, takes the keys and has the
// cursor and the selection; its text shows nothing, and the coloured one lies over it.
type CodeArea struct {
	widget.BaseWidget
	Color  func(text string) Rows  // the rows of the text and how they are coloured; nil: plain
	Beyond func(*fyne.ScrollEvent) // a turn of the wheel that cannot move it: for what it stands in

	field  *Field // the entry's callbacks, and what is typed; it is not drawn itself
	least  float32
	scroll *container.Scroll
	wheel  *wheel
	ink    *codeInk
	rows   Rows // of what is shown, nil until it is asked for
}

// NewCodeArea is an empty one of at least a height.
func NewCodeArea(placeholder string, least float32, change func(text string)) *CodeArea {
	a := &CodeArea{least: least}
	a.field = newField("", placeholder, func(text string) { a.changed(); change(text) }, true).AsCode()
	e := a.field.entry
	e.Scroll = container.ScrollNone // it is as large as its text: what scrolls is ours
	a.field.host = a
	e.moved = a.follow
	e.inked = true
	a.scroll = container.NewScroll(container.NewThemeOverride(e, inkless{}))
	a.ink = &codeInk{area: a}
	a.ink.ExtendBaseWidget(a.ink)
	a.scroll.OnScrolled = func(fyne.Position) { a.ink.Refresh() }
	a.wheel = &wheel{turn: a.turn}
	a.wheel.ExtendBaseWidget(a.wheel)
	a.ExtendBaseWidget(a)
	return a
}

// Text is what stands in it.
func (a *CodeArea) Text() string { return a.field.Text() }

// Set changes the text and calls back like typing does, unless it is the same.
func (a *CodeArea) Set(s string) { a.field.Set(s) }

// SetQuiet changes the text without calling back.
func (a *CodeArea) SetQuiet(s string) {
	change := a.field.OnChange
	a.field.OnChange = nil
	a.Set(s)
	a.field.OnChange = change
	a.changed()
	a.scroll.ScrollToOffset(fyne.NewPos(0, 0))
}

func (a *CodeArea) changed() {
	a.rows = nil
	a.scroll.Refresh() // the text has another size
	a.ink.Refresh()
}

// turn moves by a turn of the wheel, or hands it on.
func (a *CodeArea) turn(e *fyne.ScrollEvent) {
	was := a.scroll.Offset
	a.scroll.Scrolled(e)
	if a.scroll.Offset == was && a.Beyond != nil {
		a.Beyond(e)
	}
}

// follow brings the cursor into sight.
func (a *CodeArea) follow() {
	if !a.field.Focused() {
		return
	}
	at, room, line := a.field.entry.CursorPosition(), a.scroll.Size(), lineHeight()
	o := a.scroll.Offset
	o.Y = max(min(o.Y, at.Y-line), at.Y+2*line-room.Height)
	o.X = max(min(o.X, at.X-2*line), at.X+2*line-room.Width)
	if o = fyne.NewPos(max(o.X, 0), max(o.Y, 0)); o != a.scroll.Offset {
		a.scroll.ScrollToOffset(o)
	}
}

func lineHeight() float32 { return entryCode().measure("M").Height }

// entryCode is how Fyne's entry writes code.
func entryCode() Style { return Code.At(theme.TextSize()) }

// CreateRenderer is for Fyne.
func (a *CodeArea) CreateRenderer() fyne.WidgetRenderer {
	ground := rect(9)
	return draw(face{
		owner: a, objects: []fyne.CanvasObject{ground, a.scroll, a.ink, a.wheel},
		paint: func() {
			edge := Line
			if a.field.Focused() {
				edge = Accent
			}
			ground.FillColor, ground.StrokeColor, ground.StrokeWidth = paint(SurfaceCode), paint(edge), 1
		},
		place: func(size fyne.Size) {
			put(ground, 0, 0, size.Width, size.Height)
			put(a.scroll, 4, 3, size.Width-8, size.Height-6)
			put(a.ink, 4, 3, size.Width-8, size.Height-6)
			put(a.wheel, 4, 3, size.Width-8, size.Height-6)
		},
		min: func() fyne.Size { return fyne.NewSize(120, a.least) },
	})
}

// inkless is the theme of the window with text that shows nothing.
type inkless struct{ themeNow }

func (t inkless) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameForeground {
		return color.Transparent
	}
	return t.themeNow.Color(name, v)
}

// codeInk draws the rows in sight where the entry has them.
type codeInk struct {
	widget.BaseWidget
	area *CodeArea
}

func (k *codeInk) CreateRenderer() fyne.WidgetRenderer {
	d := &inkFace{}
	d.face = face{owner: k, min: func() fyne.Size { return fyne.Size{} }, place: func(size fyne.Size) {
		d.pool.reset()
		k.draw(&d.pool, size)
		d.face.objects = d.pool.objects
	}}
	return d
}

type inkFace struct {
	clipped
	pool
}

func (k *codeInk) draw(p *pool, size fyne.Size) {
	a := k.area
	if a.Text() == "" {
		return
	}
	if a.rows == nil {
		a.rows = NewLines(a.Text(), false, nil).Wrapped(0)
		if a.Color != nil {
			a.rows = a.Color(a.Text())
		}
	}
	style, pad, line := entryCode(), theme.InnerPadding(), lineHeight()
	top, left := a.scroll.Offset.Y, a.scroll.Offset.X
	first := max(int((top-pad)/line), 0)
	for i := first; i < a.rows.Len(); i++ {
		y := pad + float32(i)*line - top
		if y > size.Height {
			return
		}
		text := strings.ReplaceAll(a.rows.Row(i), "\t", "    ")
		if text != a.rows.Row(i) { // the places of its colours are others than those of the bytes
			p.text(text, style, pad-left, y)
			continue
		}
		at := 0
		write := func(end int, s Style) {
			for at < end {
				next := end
				if m := strings.IndexFunc(text[at:end], isMissing); m == 0 { // the entry has a box there
					_, n := utf8.DecodeRuneInString(text[at:])
					at += n
					continue
				} else if m > 0 {
					next = at + m
				}
				p.text(text[at:next], s, pad-left+style.measure(text[:at]).Width, y)
				at = next
			}
		}
		a.rows.Spans(i, func(start, end int, class string) {
			write(start, style)
			write(end, style.In(Class(class)))
		})
		write(len(text), style)
	}
}
