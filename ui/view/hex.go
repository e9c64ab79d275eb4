package view

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Hex is a hex dump: sixteen bytes a row, made when they are asked for.
type Hex struct{ b []byte }

// NewHex returns the dump of a body, which must not change.
func NewHex(b []byte) *Hex { return &Hex{b} }

// textColumn is where the characters stand behind the bytes.
const textColumn = 16*3 + 1 + 2

// Len and the methods below are those of [Rows].
func (h *Hex) Len() int             { return (len(h.b) + 15) / 16 }
func (h *Hex) Continues(int) bool   { return false }
func (h *Hex) RowClass(int) string  { return "" }
func (h *Hex) WidestCols() int      { return textColumn + 16 }
func (h *Hex) Gutter(i int) string  { return fmt.Sprintf("%0*x", h.GutterCols(), i*16) }
func (h *Hex) GutterCols() int      { return max(8, len(fmt.Sprintf("%x", len(h.b)))) }
func (h *Hex) bytesOf(i int) []byte { return h.b[i*16 : min(i*16+16, len(h.b))] }

// Row is the bytes in two groups of eight and the characters behind them.
func (h *Hex) Row(i int) string {
	row := []byte(strings.Repeat(" ", textColumn))
	b := h.bytesOf(i)
	for k, c := range b {
		hex.Encode(row[hexColumn(k):], []byte{c})
	}
	for _, c := range b {
		if c < 0x20 || c >= 0x7f {
			c = '.'
		}
		row = append(row, c)
	}
	return string(row)
}

// hexColumn is where byte k of a row stands; a space more divides the halves.
func hexColumn(k int) int { return k*3 + k/8 }

// Spans tells zeros, text, line ends and other bytes apart.
func (h *Hex) Spans(i int, emit func(start, end int, class string)) {
	b := h.bytesOf(i)
	for k, c := range b {
		if class := byteClass(c); class != "" {
			emit(hexColumn(k), hexColumn(k)+2, class)
		}
	}
	for k, c := range b {
		class := byteClass(c)
		if class == "" {
			class = "string"
		}
		emit(textColumn+k, textColumn+k+1, class)
	}
}

func byteClass(c byte) string {
	switch {
	case c == 0:
		return "faint"
	case c == '\n' || c == '\r' || c == '\t' || c == ' ':
		return "key"
	case c < 0x20 || c == 0x7f:
		return "number"
	case c >= 0x80:
		return "literal"
	}
	return ""
}

// FindAll finds a text, or bytes written in hex ("de ad be ef"), and marks their hex digits row by row.
func (h *Hex) FindAll(query string, most int, found func(row, at, length int)) {
	find := func(q []byte) {
		for at := 0; most > 0 && len(q) > 0; most-- {
			k := indexFold(h.b[at:], q)
			if k < 0 {
				return
			}
			at += k
			last := min(at%16+len(q), 16) - 1
			found(at/16, hexColumn(at%16), hexColumn(last)+2-hexColumn(at%16))
			at += len(q)
		}
	}
	if q, err := hex.DecodeString(strings.ReplaceAll(query, " ", "")); err == nil && len(q) > 0 && indexFold(h.b, []byte(query)) < 0 {
		find(q)
		return
	}
	find([]byte(query))
}
