package control

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// byteCell is one byte, or the bytes of one character, as a [ByteStrip] shows it.
type byteCell struct {
	at, n int    // bytes it stands for
	show  string // what is written
	cols  int
	pill  bool // written small on a ground of its own: it is the name of the byte, not the byte
	faint bool // a space or tab
	part  int
}

// cellsOf cuts bytes into cells. base is the offset of b[0].
func cellsOf(b []byte, base, part int, out []byteCell) []byteCell {
	for i := 0; i < len(b); {
		c := byteCell{at: base + i, n: 1, cols: 1, part: part}
		switch ch := b[i]; {
		case ch == ' ':
			c.show, c.faint = "·", true
		case ch == '\t':
			c.show, c.faint = "→", true
		case ch < 0x20 || ch == 0x7f:
			c.show, c.cols, c.pill = controlName(ch), 2, true
		case ch < utf8.RuneSelf:
			c.show = string(rune(ch))
		default:
			c.beyondASCII(b[i:])
		}
		out = append(out, c)
		i += c.n
	}
	return out
}

func (c *byteCell) beyondASCII(b []byte) {
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError && n <= 1 {
		c.show, c.cols, c.pill = fmt.Sprintf("%02x", b[0]), 2, true
		return
	}
	c.n = n
	if !unicode.IsGraphic(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Zs, r) || !canDraw(r) {
		c.show, c.pill = fmt.Sprintf("%04X", r), true
		c.cols = 4
		return
	}
	c.show, c.cols = string(r), 2
	if inMono(r) {
		c.cols = 1
	}
}

func controlName(b byte) string {
	switch b {
	case '\r':
		return "CR"
	case '\n':
		return "LF"
	case 0:
		return "NUL"
	case 0x1b:
		return "ESC"
	case 0x7f:
		return "DEL"
	}
	return fmt.Sprintf("%02x", b)
}

// byteLine is the cells of one line on the screen; a gap stands for bytes that are left out.
type byteLine struct {
	cells []byteCell
	gap   int // bytes left out here; then there are no cells
}

// wrapCells fills lines of cols columns.
func wrapCells(cells []byteCell, cols int) []byteLine {
	var lines []byteLine
	start, used := 0, 0
	for i, c := range cells {
		if used > 0 && used+c.cols > cols {
			lines = append(lines, byteLine{cells: cells[start:i]})
			start, used = i, 0
		}
		used += c.cols
	}
	if start < len(cells) {
		lines = append(lines, byteLine{cells: cells[start:]})
	}
	return lines
}
