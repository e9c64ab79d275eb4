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
}

// NewBytePair returns an empty pair that shows at most four pairs of lines.
func NewBytePair() *BytePair {
	b := &BytePair{most: 4}
	b.ExtendBaseWidget(b)
	return b
}

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

// window is the range of offsets to show, and the bytes in a line. A byte takes two columns where any of those
// in sight does, so that the lines stay aligned.
func (b *BytePair) window(width float32) (from, to, perLine, cols int) {
	longest := max(len(b.above.Bytes), len(b.below.Bytes))
	perLine, cols = b.columns(width), 1
	from, to = b.around(longest, perLine)
	if needsTwo(b.above.Bytes, from, to) || needsTwo(b.below.Bytes, from, to) {
		perLine, cols = max(perLine/2, 4), 2
		from, to = b.around(longest, perLine)
	}
	return from, to, perLine, cols
}

func (b *BytePair) around(longest, perLine int) (from, to int) {
	if d := b.Difference(); d >= 0 && longest > b.most*perLine {
		from = max((d/perLine-1)*perLine, 0)
	}
	return from, min(longest, from+b.most*perLine)
}

func needsTwo(bs []byte, from, to int) bool {
	for i := from; i < min(to, len(bs)); i++ {
		if c := bs[i]; c != '\t' && (c < 0x20 || c >= 0x7f) {
			return true
		}
	}
	return false
}

func (b *BytePair) minSize() fyne.Size {
	w := b.Size().Width
	if w <= 0 {
		w = 480
	}
	from, to, perLine, _ := b.window(w)
	lines := max((to-from+perLine-1)/perLine, 1)
	h := float32(lines) * pairPitch
	if from > 0 {
		h += 20
	}
	if to < max(len(b.above.Bytes), len(b.below.Bytes)) {
		h += 20
	}
	return fyne.NewSize(160, h)
}

func (b *BytePair) draw(p *pool, size fyne.Size) {
	from, to, perLine, cols := b.window(size.Width)
	diff := b.Difference()
	left, y := b.labelWidth(), float32(0)
	if from > 0 {
		p.text("… "+countBytes(from)+" the same before …", Small.In(Faint), left, 2)
		y += 20
	}
	for start := from; start < max(to, from+1); start += perLine {
		p.text(b.above.Label, SmallBold.In(b.above.Tone), 0, y+3)
		p.text(b.below.Label, SmallBold.In(b.below.Tone), 0, y+3+stripLine)
		b.drawLine(p, b.above, b.below.Bytes, start, min(start+perLine, to), cols, left, y)
		b.drawLine(p, b.below, b.above.Bytes, start, min(start+perLine, to), cols, left, y+stripLine)
		if diff >= start && diff < start+perLine {
			b.drawPointer(p, left+float32((diff-start)*cols)*codeCell().Width, y+2*stripLine, float32(cols)*codeCell().Width, diff, size.Width)
		}
		y += pairPitch
	}
	if rest := max(len(b.above.Bytes), len(b.below.Bytes)) - to; rest > 0 {
		p.text("… "+countBytes(rest)+" more …", Small.In(Faint), left, y)
	}
}

// drawLine writes the bytes of one side; those that differ from the other side stand on red.
func (b *BytePair) drawLine(p *pool, side BytePart, other []byte, from, to, cols int, x, y float32) {
	cw := codeCell().Width * float32(cols)
	for i := from; i < to; i++ {
		at := x + float32(i-from)*cw
		differs := i >= len(side.Bytes) || i >= len(other) || side.Bytes[i] != other[i]
		if differs {
			p.rect(at, y, cw, stripLine-2, tint(Red, 0x38), 2)
		}
		if i >= len(side.Bytes) {
			continue // the end of this side is a hole
		}
		c := byteAlone(side.Bytes[i])
		switch {
		case c.pill:
			drawPill(p, c.show, at, y, cw, side.Tone)
		case c.faint:
			p.text(c.show, Code.In(Faint), at, y+2)
		default:
			ink := side.Tone
			if differs {
				ink = Ink
			}
			p.text(c.show, Code.In(ink), at+(cw-codeCell().Width)/2, y+2)
		}
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
