package control

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// BytePair shows two runs of bytes one above the other, aligned byte by byte, with the first difference marked.
// Long runs are shown around that difference.
type BytePair struct {
	widget.BaseWidget
	above, below BytePart
	most         int // pairs of lines
	align        bool
}

// NewBytePair returns an empty pair that shows at most four pairs of lines.
func NewBytePair() *BytePair {
	b := &BytePair{most: 4}
	b.ExtendBaseWidget(b)
	return b
}

// Align lets bytes that only one side has stand over a hole, for two versions of one text. Without it bytes stand over
// each other by their offsets, for two results of a computation.
func (b *BytePair) Align() *BytePair { b.align = true; return b }

// Set shows two runs: what was wanted above, what came below.
func (b *BytePair) Set(above, below BytePart) {
	b.above, b.below = above, below
	b.Refresh()
}

// Difference is the offset of the first byte that is not the same in both, -1 when there is none.
func (b *BytePair) Difference() int {
	x, y := b.above.Bytes, b.below.Bytes
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return i
		}
	}
	if len(x) != len(y) {
		return min(len(x), len(y))
	}
	return -1
}

// CreateRenderer is for Fyne.
func (b *BytePair) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(b, b.minSize, b.draw)
}

const pairPitch = 2*stripLine + 18 // two lines and the pointer under them

func (b *BytePair) labelWidth() float32 {
	style := SmallBold
	return max(style.measure(b.above.Label).Width, style.measure(b.below.Label).Width) + 14
}

func (b *BytePair) columns(width float32) int {
	return max(int((width-b.labelWidth()-4)/codeCell().Width), 8)
}

// pairWindow is what of a pair is in sight: columns from an offset on, up to which both sides are the same.
type pairWindow struct {
	from    int
	columns []byteColumn
	perLine int
	cols    int // columns of text for each byte: two where a byte needs that, so that the lines stay aligned
}

func (b *BytePair) window(width float32) pairWindow {
	w := b.around(b.columns(width), 1)
	if b.needsTwo(w.columns) {
		w = b.around(max(w.perLine/2, 4), 2)
	}
	return w
}

// around begins a line before the first difference, unless everything fits.
func (b *BytePair) around(perLine, cols int) pairWindow {
	w := pairWindow{perLine: perLine, cols: cols}
	if d := b.Difference(); d >= 0 && max(len(b.above.Bytes), len(b.below.Bytes)) > b.most*perLine {
		w.from = max((d/perLine-1)*perLine, 0)
	}
	w.columns = columns(b.above.Bytes, b.below.Bytes, w.from, b.most*perLine, b.align)
	return w
}

// rest is how many bytes of the longer side are out of sight behind a window.
func (b *BytePair) rest(w pairWindow) int {
	above, below := w.from, w.from
	for _, c := range w.columns {
		above, below = max(above, c.above+1), max(below, c.below+1)
	}
	return max(len(b.above.Bytes)-above, len(b.below.Bytes)-below)
}

func (b *BytePair) needsTwo(cs []byteColumn) bool {
	for _, c := range cs {
		if c.above >= 0 && wideByte(b.above.Bytes[c.above]) || c.below >= 0 && wideByte(b.below.Bytes[c.below]) {
			return true
		}
	}
	return false
}

// wideByte reports whether a byte is shown by its name.
func wideByte(c byte) bool { return c != '\t' && (c < 0x20 || c >= 0x7f) }

func (b *BytePair) minSize() fyne.Size {
	width := b.Size().Width
	if width <= 0 {
		width = 480
	}
	w := b.window(width)
	lines := max((len(w.columns)+w.perLine-1)/w.perLine, 1)
	h := float32(lines) * pairPitch
	if w.from > 0 {
		h += 20
	}
	if b.rest(w) > 0 {
		h += 20
	}
	return fyne.NewSize(160, h)
}

func (b *BytePair) draw(p *pool, size fyne.Size) {
	w := b.window(size.Width)
	left, y := b.labelWidth(), float32(0)
	if w.from > 0 {
		p.text("… "+countBytes(w.from)+" the same before …", Small.In(Faint), left, 2)
		y += 20
	}
	pointed := false
	for start := 0; start < max(len(w.columns), 1); start += w.perLine {
		p.text(b.above.Label, SmallBold.In(b.above.Tone), 0, y+3)
		p.text(b.below.Label, SmallBold.In(b.below.Tone), 0, y+3+stripLine)
		cw := codeCell().Width * float32(w.cols)
		for i, c := range w.columns[start:min(start+w.perLine, len(w.columns))] {
			x := left + float32(i)*cw
			differs := b.differs(c)
			b.drawByte(p, b.above, c.above, differs, x, y, cw)
			b.drawByte(p, b.below, c.below, differs, x, y+stripLine, cw)
			if differs && !pointed {
				pointed = true
				b.drawPointer(p, x, y+2*stripLine, cw, max(c.above, c.below), size.Width)
			}
		}
		y += pairPitch
	}
	if rest := b.rest(w); rest > 0 {
		p.text("… "+countBytes(rest)+" more …", Small.In(Faint), left, y)
	}
}

func (b *BytePair) differs(c byteColumn) bool {
	return c.above < 0 || c.below < 0 || b.above.Bytes[c.above] != b.below.Bytes[c.below]
}

// drawByte writes one byte of one side; where the other side has another one, it stands on red. A hole is empty.
func (b *BytePair) drawByte(p *pool, side BytePart, at int, differs bool, x, y, cw float32) {
	if differs {
		p.rect(x, y, cw, stripLine-2, tint(Red, 0x38), 2)
	}
	if at < 0 {
		return
	}
	c := byteAlone(side.Bytes[at])
	switch {
	case c.pill:
		drawPill(p, c.show, x, y, cw, side.Tone)
	case c.faint:
		p.text(c.show, Code.In(Faint), x, y+2)
	default:
		ink := side.Tone
		if differs {
			ink = Ink
		}
		p.text(c.show, Code.In(ink), x+(cw-codeCell().Width)/2, y+2)
	}
}

// byteAlone is the cell of a byte that stands alone, also when it is a part of a character.
func byteAlone(b byte) byteCell {
	if b >= 0x80 {
		return byteCell{show: fmt.Sprintf("%02x", b), pill: true}
	}
	return cellsOf([]byte{b}, 0, 0, nil)[0]
}

func (b *BytePair) drawPointer(p *pool, x, y, w float32, offset int, width float32) {
	mid := x + w/2
	p.line(mid, y, mid, y+5, paint(Red), 1.5)
	label := fmt.Sprintf("first difference at byte %s", thousands(offset))
	m := SmallBold.At(10.5).measure(label)
	p.text(label, SmallBold.At(10.5).In(Red), max(min(mid-m.Width/2, width-m.Width), 0), y+4)
}
