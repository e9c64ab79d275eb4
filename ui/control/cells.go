package control

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"hookglass/core"
)

// cell is one character of a row on the grid of columns: what it covers in the text and how it is shown.
type cell struct {
	at, end int    // bytes of the row
	col     int    // first column
	cols    int    // 0 only for what joins the cell before
	show    string // "" for a space or tab
	apart   bool   // drawn by itself, so that a glyph from another font cannot shift what follows
	flows   bool   // of a script whose letters join or change places: drawn together with its neighbours
	unseen  bool   // stands for a character that shows nothing or is not text
	missing string // no font has it: its code point, for a box; then show is that in brackets
}

const tabStop = 4

// eachCell walks the characters of a row until f returns false. Control characters and bytes that are not UTF-8
// show as escapes, and characters that show nothing as a box, so that nothing in a body is hidden.
func eachCell(s string, f func(c cell) bool) {
	col := 0
	for i := 0; i < len(s); {
		c := cell{at: i, col: col, cols: 1}
		b := s[i]
		switch {
		case b == '\t':
			c.end, c.cols = i+1, tabStop-col%tabStop
		case b == ' ':
			c.end = i + 1
		case b < 0x20 || b == 0x7f:
			c.escape(b)
		case b < utf8.RuneSelf && (i+1 == len(s) || s[i+1] < utf8.RuneSelf):
			c.end, c.show = i+1, s[i:i+1]
		default:
			c.wide(s)
		}
		if !f(c) {
			return
		}
		i, col = c.end, col+c.cols
	}
}

// escape fills the cell with a byte as a programmer writes it.
func (c *cell) escape(b byte) {
	switch b {
	case '\r':
		c.show = `\r`
	case '\n':
		c.show = `\n`
	case 0:
		c.show = `\0`
	default:
		c.show = fmt.Sprintf(`\x%02x`, b)
	}
	c.end, c.cols, c.unseen = c.at+1, len(c.show), true
}

// wide fills the cell with a character that may be beyond ASCII and all that joins it.
func (c *cell) wide(s string) {
	r, n := utf8.DecodeRuneInString(s[c.at:])
	c.end = c.at + n
	switch {
	case r == utf8.RuneError && n <= 1:
		c.escape(s[c.at])
		return
	case core.Active(r) || unicode.Is(unicode.Cf, r):
		c.show, c.unseen = "□", true
		return
	}
	if !canDraw(r) {
		c.miss(r)
		for strings.HasPrefix(s[c.end:], "\ufe0f") { // how an emoji is to look is of no interest
			c.end += len("\ufe0f")
		}
		return
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		c.cols = 2
	}
	joined := false
	for c.end < len(s) {
		r, n := utf8.DecodeRuneInString(s[c.end:])
		if !joined && !joins(r) || r != zeroWidthJoiner && !unicode.Is(unicode.Variation_Selector, r) && !canDraw(r) {
			break
		}
		joined = r == zeroWidthJoiner
		c.end += n
	}
	c.show = s[c.at:c.end]
	c.flows = unicode.In(r, flowing...)
	c.apart = !c.flows && (!inMono(r) || c.end > c.at+n)
}

// miss fills the cell with the code point of a character that no font has.
func (c *cell) miss(r rune) {
	c.missing = fmt.Sprintf("%04X", r)
	c.cols = (len(c.missing) + 1) / 2
	c.show = "[" + c.missing + "]"
}

const zeroWidthJoiner = 0x200d

// flowing are scripts that are not read letter by letter on a grid.
var flowing = []*unicode.RangeTable{unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Devanagari, unicode.Bengali,
	unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
	unicode.Thai, unicode.Lao, unicode.Tibetan, unicode.Myanmar, unicode.Khmer}

// joins reports whether r is drawn over the character before it.
func joins(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc) || r == zeroWidthJoiner || r >= 0xfe00 && r <= 0xfe0f || r >= 0x1f3fb && r <= 0x1f3ff
}

// inMono reports whether the font of code has r for certain, in the width of a column.
func inMono(r rune) bool {
	return r < 0x250 || r >= 0x391 && r < 0x460 || r >= 0x2010 && r < 0x2027 || r >= 0x2190 && r < 0x2194 || r >= 0x2500 && r < 0x25a0
}

// isPlain reports whether every byte of s is a column by itself.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// columnOf is the column at which byte at of s begins.
func columnOf(s string, at int) int {
	if isPlain(s) {
		return min(at, len(s))
	}
	col := 0
	eachCell(s, func(c cell) bool {
		if c.at >= at {
			return false
		}
		col = c.col + c.cols
		return true
	})
	return col
}

// byteOf is the byte of s whose left edge is nearest to a column.
func byteOf(s string, column float32) int {
	at := 0
	eachCell(s, func(c cell) bool {
		if column < float32(c.col)+float32(c.cols)/2 {
			return false
		}
		at = c.end
		return true
	})
	return at
}
