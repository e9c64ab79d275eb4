package control

import (
	"image/color"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// missing draws the text of an entry that has characters in it which no font has, each in a box with its code point. The entry's
// own text shows nothing then: see [entryTheme]. What stands in the entry stays as it was typed.
type missing struct {
	widget.BaseWidget
	e      *entry
	origin fyne.Position // where the text begins
}

func newMissing(e *entry) *missing {
	m := &missing{e: e}
	m.ExtendBaseWidget(m)
	return m
}

// needed reports whether there is such a character.
func (e *entry) needed() bool {
	return !e.Password && !isPlain(e.Text) && strings.IndexFunc(e.Text, isMissing) >= 0
}

func (m *missing) CreateRenderer() fyne.WidgetRenderer {
	d := &inkFace{}
	d.face = face{owner: m, min: func() fyne.Size { return fyne.Size{} }, place: func(size fyne.Size) {
		d.pool.reset()
		if m.e.masked {
			m.draw(&d.pool, size)
		}
		d.face.objects = d.pool.objects
	}}
	return d
}

// draw puts every piece where the entry has its cursor before it, which is not always where Fyne draws it.
func (m *missing) draw(p *pool, size fyne.Size) {
	style := Body.At(theme.TextSize())
	if m.e.TextStyle.Monospace {
		style = entryCode()
	}
	if m.e.Disabled() {
		style = style.In(Faint)
	}
	line, pad := lineHeight(), theme.InnerPadding()
	y := m.origin.Y + pad
	for row := range strings.SplitSeq(m.e.Text, "\n") {
		if y > size.Height {
			return
		}
		x := func(at int) float32 { return m.origin.X + pad + m.width(row[:at]) }
		for at := 0; y+line >= 0 && at < len(row); {
			if r, n := utf8.DecodeRuneInString(row[at:]); isMissing(r) {
				box(p, r, x(at), y, x(at+n)-x(at), line)
				at += n
				continue
			}
			end := len(row)
			if n := strings.IndexFunc(row[at:], isMissing); n >= 0 {
				end = at + n
			}
			if !m.e.inked {
				p.text(row[at:end], style, x(at), y)
			}
			at = end
		}
		y += line
	}
}

// width is how the entry measures what stands before its cursor.
func (m *missing) width(text string) float32 {
	return fyne.MeasureText(text, theme.TextSize(), fyne.TextStyle{Monospace: m.e.TextStyle.Monospace}).Width
}

// box is the code point in two lines.
func box(p *pool, r rune, x, y, w, h float32) {
	const digits = 6
	var c cell
	c.miss(r)
	ring := p.rect(x+0.5, y+1, w-1, h-2, color.Transparent, 2)
	outline(ring, Faint, 0.75)
	small := Code.At(digits).In(Muted)
	half := len(c.missing) / 2
	for i, part := range []string{c.missing[:half], c.missing[half:]} {
		at := small.measure(part)
		p.text(part, small, x+(w-at.Width)/2, y+h/2+float32(i-1)*digits-(at.Height-digits)/2)
	}
}

// entryTheme is the theme of the window for Fyne's entry: without a bar over a text of one line, and without its text where that is
// drawn by us.
type entryTheme struct {
	themeNow
	e *entry
}

func (t entryTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch name {
	case theme.ColorNameScrollBar, theme.ColorNameScrollBarBackground:
		if !t.e.MultiLine {
			return color.Transparent
		}
	case theme.ColorNameForeground, theme.ColorNameDisabled:
		if t.e.masked {
			return color.Transparent
		}
	}
	return t.themeNow.Color(name, v)
}
