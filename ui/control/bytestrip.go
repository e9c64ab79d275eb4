package control

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// BytePart is a run of bytes with the name of what it is.
type BytePart struct {
	Label string
	Bytes []byte
	Tone  Token
}

// ByteStrip shows bytes in coloured, named parts, wrapped, with everything visible: spaces as dots, line breaks
// and bytes that are not text by name. Of a long run it shows the beginning and the end, because the last byte is
// the one that most often is wrong.
type ByteStrip struct {
	widget.BaseWidget
	OnMore func() // a press on what was left out

	parts []BytePart
	most  int        // lines
	mark  int        // offset of a marked byte, -1: none
	gapAt [2]float32 // where the line of what was left out stands
}

// NewByteStrip returns a strip of at most eight lines.
func NewByteStrip(parts ...BytePart) *ByteStrip {
	s := &ByteStrip{parts: parts, most: 8, mark: -1}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows other parts and takes the mark away.
func (s *ByteStrip) Set(parts ...BytePart) {
	s.parts, s.mark = parts, -1
	s.Refresh()
}

// SetMost changes how many lines are shown at most; 0 means all.
func (s *ByteStrip) SetMost(lines int) { s.most = lines; s.Refresh() }

// Mark points at the byte at an offset; -1 at none.
func (s *ByteStrip) Mark(offset int) { s.mark = offset; s.Refresh() }

// Legend is a line that names the parts with their sizes.
func (s *ByteStrip) Legend() fyne.CanvasObject {
	var names []fyne.CanvasObject
	for _, p := range s.parts {
		names = append(names, Row(6, Dot(p.Tone, 8), NewText(p.Label, SmallBold), NewText(countBytes(len(p.Bytes)), Small.In(Faint))))
	}
	return Wrap(16, names...)
}

func countBytes(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return thousands(n) + " bytes"
}

// thousands writes 12345 as "12,345".
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

const (
	stripLine  = 22 // height of a line of bytes
	stripLabel = 15 // height of the names over it
)

// CreateRenderer is for Fyne.
func (s *ByteStrip) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(s, s.minSize, s.draw)
}

func (s *ByteStrip) minSize() fyne.Size {
	w := s.Size().Width
	if w <= 0 {
		w = 480
	}
	h := float32(0)
	for _, l := range s.layout(w) {
		h += s.lineHeight(l)
	}
	return fyne.NewSize(120, max(h, stripLine))
}

// layout cuts the parts into lines. Of long parts only what can be in sight is looked at.
func (s *ByteStrip) layout(width float32) []byteLine {
	cols := max(int(width/codeCell().Width), 8)
	total := 0
	for _, p := range s.parts {
		total += len(p.Bytes)
	}
	if s.most == 0 || total <= s.most*cols {
		lines := wrapCells(s.cells(0, total), cols)
		if s.most == 0 || len(lines) <= s.most {
			return lines
		}
	}
	tail := 2
	head := max(s.most-tail-1, 1)
	first := wrapCells(s.cells(0, min(total, head*cols*4)), cols)
	last := wrapCells(s.cells(max(total-tail*cols, 0), total), cols)
	first, last = first[:min(head, len(first))], last[max(len(last)-tail, 0):]
	end := endOf(first)
	start := last[0].cells[0].at
	if start <= end {
		return wrapCells(s.cells(0, total), cols)
	}
	return append(append(first, byteLine{gap: start - end}), last...)
}

func endOf(lines []byteLine) int {
	cells := lines[len(lines)-1].cells
	c := cells[len(cells)-1]
	return c.at + c.n
}

// cells returns the cells of bytes from to of all parts together; from is moved to the start of a character.
func (s *ByteStrip) cells(from, to int) []byteCell {
	var out []byteCell
	base := 0
	for i, p := range s.parts {
		a, b := max(from-base, 0), min(to-base, len(p.Bytes))
		for a > 0 && a < len(p.Bytes) && from > base && !utf8.RuneStart(p.Bytes[a]) && a < b {
			a++
		}
		if a < b {
			out = cellsOf(p.Bytes[a:b], base+a, i, out)
		}
		base += len(p.Bytes)
	}
	return out
}

func codeCell() fyne.Size { return Code.measure("M") }

// lineHeight is higher where a part begins, for its name.
func (s *ByteStrip) lineHeight(l byteLine) float32 {
	if s.named(l) {
		return stripLine + stripLabel
	}
	return stripLine + 2
}

func (s *ByteStrip) named(l byteLine) bool {
	for _, c := range l.cells {
		if s.parts[c.part].Label != "" && s.begins(c) {
			return true
		}
	}
	return false
}

// begins reports whether the cell is the first of its part.
func (s *ByteStrip) begins(c byteCell) bool {
	base := 0
	for _, p := range s.parts[:c.part] {
		base += len(p.Bytes)
	}
	return c.at == base
}

func (s *ByteStrip) draw(p *pool, size fyne.Size) {
	s.gapAt = [2]float32{-1, -1}
	y := float32(0)
	for _, l := range s.layout(size.Width) {
		h := s.lineHeight(l)
		if l.gap > 0 {
			s.gapAt = [2]float32{y, y + h}
			style := Small.In(Faint)
			if s.OnMore != nil {
				style = style.In(Accent)
			}
			p.text("… "+countBytes(l.gap)+" not shown …", style, 2, y+4)
		} else {
			s.drawLine(p, l, y+h-stripLine-2, size.Width)
		}
		y += h
	}
}

func (s *ByteStrip) drawLine(p *pool, l byteLine, y, width float32) {
	cw := codeCell().Width
	x := float32(0)
	for i := 0; i < len(l.cells); {
		part := s.parts[l.cells[i].part]
		j, cols := i, 0
		for j < len(l.cells) && l.cells[j].part == l.cells[i].part {
			cols += l.cells[j].cols
			j++
		}
		w := float32(cols) * cw
		p.rect(x, y, w, stripLine-2, tint(part.Tone, 0x22), 3)
		if s.begins(l.cells[i]) {
			s.drawName(p, part, x, y-stripLabel+1, w, j == len(l.cells), width)
		}
		drawCells(p, l.cells[i:j], x, y, part.Tone, s.mark)
		x += w
		i = j
	}
}

// drawName writes a part's name over it, unless it would run over the next one: a separator is named in the legend.
func (s *ByteStrip) drawName(p *pool, part BytePart, x, y, w float32, last bool, width float32) {
	style := Caption.At(10).In(part.Tone)
	if last {
		w = width - x
	}
	if style.measure(part.Label).Width <= w {
		p.text(part.Label, style, x, y)
	}
}

// drawCells writes cells side by side; neighbours that look alike become one text.
func drawCells(p *pool, cells []byteCell, x, y float32, tone Token, mark int) {
	cw := codeCell().Width
	var run bytes.Buffer
	runX := x
	flush := func() {
		if run.Len() > 0 {
			p.text(run.String(), Code.In(tone), runX, y+2)
			run.Reset()
		}
	}
	for _, c := range cells {
		w := float32(c.cols) * cw
		if mark >= c.at && mark < c.at+c.n {
			flush()
			r := p.rect(x-1, y-1, w+2, stripLine, tint(Red, 0x40), 3)
			r.StrokeColor, r.StrokeWidth = paint(Red), 1.5
		}
		switch {
		case c.pill:
			flush()
			drawPill(p, c.show, x, y, w, tone)
		case c.faint:
			flush()
			p.text(c.show, Code.In(Faint), x, y+2)
		case c.cols > 1:
			flush()
			p.text(c.show, Code.In(tone), x, y+2)
		default:
			if run.Len() == 0 {
				runX = x
			}
			run.WriteString(c.show)
		}
		x += w
	}
	flush()
}

func drawPill(p *pool, name string, x, y, w float32, tone Token) {
	p.rect(x+0.5, y+3, w-1, stripLine-8, tint(tone, 0x59), 3)
	style := Style{Ink, 8, MonoBold}
	for style.measure(name).Width > w-2 && style.Size > 5.5 {
		style.Size -= 0.5
	}
	m := style.measure(name)
	p.text(name, style, x+(w-m.Width)/2, y+(stripLine-2-m.Height)/2)
}

// Tapped is for Fyne, as is the method below.
func (s *ByteStrip) Tapped(e *fyne.PointEvent) {
	if s.OnMore != nil && e.Position.Y >= s.gapAt[0] && e.Position.Y < s.gapAt[1] {
		s.OnMore()
	}
}

func (s *ByteStrip) Cursor() desktop.Cursor {
	if s.OnMore != nil {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}
