package control

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// missing are the boxes that lie over the characters of an entry which no font has. The entry itself draws the same mark for
// each; the box says which it is. What stands in the entry stays as it was typed.
type missing struct{ pool }

// draw puts the boxes where the entry has such characters in sight, given where its text begins.
func (m *missing) draw(e *entry, origin fyne.Position) {
	m.reset()
	if e.Password || isPlain(e.Text) {
		return
	}
	size, line, pad := e.Size(), lineHeight(), theme.InnerPadding()
	style := fyne.TextStyle{Monospace: e.TextStyle.Monospace}
	width := func(s string) float32 { return fyne.MeasureText(s, theme.TextSize(), style).Width }
	y := origin.Y + pad
	for row := range strings.SplitSeq(e.Text, "\n") {
		if y > size.Height {
			return
		}
		if y+line >= 0 && !isPlain(row) {
			for i, r := range row {
				if !isMissing(r) {
					continue
				}
				x := origin.X + pad + width(row[:i])
				if w := width(row[i : i+utf8.RuneLen(r)]); x >= 0 && x+w <= size.Width {
					m.box(r, x, y, w, line)
				}
			}
		}
		y += line
	}
}

// box covers what stands in its place with the code point in two lines.
func (m *missing) box(r rune, x, y, w, h float32) {
	const digits = 6
	var c cell
	c.miss(r)
	half := len(c.missing) / 2
	ground := m.rect(x+0.5, y+1, w-1, h-2, paint(SurfaceCode), 2)
	ground.StrokeColor, ground.StrokeWidth = paint(FieldLine), 1
	small := Code.At(digits).In(Muted)
	for i, part := range []string{c.missing[:half], c.missing[half:]} {
		at := small.measure(part)
		m.text(part, small, x+(w-at.Width)/2, y+h/2+float32(i-1)*digits-(at.Height-digits)/2)
	}
}
