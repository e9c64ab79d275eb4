package view

import (
	"bytes"
	"sort"
	"strconv"
	"sync/atomic"
	"unicode/utf8"
)

// Text is rows over a body of any size. It keeps the bytes and where every sixty-fourth row begins; the rows between are
// found again when they are asked for, so that millions of short lines cost next to nothing.
type Text struct {
	buf    []byte
	cols   int
	fit    Fit
	marks  []textRow // the first row of each block
	length int       // rows
	lines  int
	widest int
	tame   bool // every row fits into as many columns as it has bytes
	json   bool
	spans  []span                   // of other syntaxes, in order; nil when rows are coloured as they are asked for, or not at all
	near   atomic.Pointer[textRows] // the block that was asked for last
	narrow atomic.Pointer[Text]     // the text as it was wrapped last
}

type textRow struct {
	off, n uint32
	line   uint32
	flags  uint8
}

const (
	continues uint8 = 1 << iota // goes on with the line of the row before
	inString                    // begins inside a JSON string
)

// textRows are the rows of a block.
type textRows struct {
	block int
	rows  []textRow
}

const rowsPerBlock = 64

type span struct {
	start, end uint32
	class      string
}

// longestRow bounds a row that is not wrapped, so that one line of ten megabytes does not become one string.
const longestRow = 20_000

// NewText indexes a body. syntax is "json", or "" for none; see [Highlight] for others. The text keeps buf, which
// must not change.
func NewText(buf []byte, syntax string) *Text {
	t := &Text{buf: buf, json: syntax == "json", cols: longestRow}
	t.index()
	return t
}

// Bytes is the text that is shown.
func (t *Text) Bytes() []byte { return t.buf }

// Wrapped returns the text in rows of at most cols columns; 0 means as wide as its lines. It shares the bytes. What was
// wrapped before is at hand.
func (t *Text) Wrapped(cols int, fit Fit) *Text {
	if cols <= 0 || cols >= longestRow || t.tame && t.widest <= cols {
		return t
	}
	if n := t.narrow.Load(); n != nil && n.cols == cols && (n.fit == nil) == (fit == nil) {
		return n
	}
	w := &Text{buf: t.buf, json: t.json, spans: t.spans, cols: cols, fit: fit}
	w.index()
	t.narrow.Store(w)
	return w
}

// index walks all rows once, and notes where the blocks begin.
func (t *Text) index() {
	t.tame = true
	for row, more := (textRow{}), true; more; {
		var end bool
		row.n, end = t.cut(row)
		if t.length%rowsPerBlock == 0 {
			t.marks = append(t.marks, row)
		}
		t.length++
		t.widest = max(t.widest, int(row.n))
		t.tame = t.tame && tame(t.buf[row.off:row.off+row.n])
		if end {
			t.lines++
		}
		row, more = t.after(row, end)
	}
}

// cut says how long the row is that begins at row.off, and whether it reaches the end of its line.
func (t *Text) cut(row textRow) (n uint32, end bool) {
	start := int(row.off)
	rest := t.buf[start:]
	// The end of a line that is longer than a row is of no interest: what is not wrapped is measured as bytes.
	window := rest[:min(len(rest), t.cols+1)]
	stop := bytes.IndexByte(window, '\n')
	if stop < 0 && len(window) == len(rest) {
		stop = len(rest)
	}
	if stop >= 0 && stop <= t.cols && (t.fit == nil || tame(rest[:stop])) {
		return uint32(stop), true
	}
	if stop < 0 { // a character may be wider than its bytes, or narrower
		window = rest[:min(len(rest), t.cols*16)]
		if stop = bytes.IndexByte(window, '\n'); stop < 0 {
			stop = len(window)
		}
	}
	line := rest[:stop]
	k := min(fitted(line, t.cols, t.fit), stop)
	return uint32(k), start+k == len(t.buf) || t.buf[start+k] == '\n'
}

// after is where the row behind another one begins, if there is one.
func (t *Text) after(row textRow, end bool) (textRow, bool) {
	stop := row.off + row.n
	if !end {
		flags := continues
		if t.json && endsInString(t.buf[row.off:stop], row.flags&inString != 0) {
			flags |= inString
		}
		return textRow{off: stop, line: row.line, flags: flags}, true
	}
	// A line feed ends the last line; it does not begin another.
	return textRow{off: stop + 1, line: row.line + 1}, int(stop)+1 < len(t.buf)
}

// row is row i.
func (t *Text) row(i int) textRow {
	block := i / rowsPerBlock
	near := t.near.Load()
	if near == nil || near.block != block {
		near = &textRows{block: block, rows: make([]textRow, 0, min(rowsPerBlock, t.length-block*rowsPerBlock))}
		for row, more := t.marks[block], true; more && len(near.rows) < rowsPerBlock; {
			var end bool
			row.n, end = t.cut(row)
			near.rows = append(near.rows, row)
			row, more = t.after(row, end)
		}
		t.near.Store(near)
	}
	return near.rows[i%rowsPerBlock]
}

// fitted is how many bytes of line go into a row.
func fitted(line []byte, cols int, fit Fit) int {
	head := line[:min(len(line), cols)]
	if plain(head) {
		return len(head)
	}
	window := line[:min(len(line), cols*16)] // no character on the screen is longer than that, on average
	if fit != nil {
		return max(fit(string(window), cols), 1)
	}
	n := 0
	for c := 0; c < cols && n < len(window); c++ {
		_, size := utf8.DecodeRune(window[n:])
		n += size
	}
	return max(n, 1)
}

func plain(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}

// tame reports whether no character of b takes more columns than it has bytes: all but tabs and what is shown as an
// escape.
func tame(b []byte) bool {
	ascii := true
	for _, c := range b {
		if c < 0x20 || c == 0x7f {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(b)
}

// endsInString follows the quotes of JSON over a piece of it.
func endsInString(b []byte, in bool) bool {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			if in {
				i++
			}
		case '"':
			in = !in
		}
	}
	return in
}

// Len and the methods below are those of [Rows].
func (t *Text) Len() int              { return t.length }
func (t *Text) Continues(i int) bool  { return t.row(i).flags&continues != 0 }
func (t *Text) RowClass(i int) string { return "" }
func (t *Text) WidestCols() int       { return t.widest }
func (t *Text) GutterCols() int       { return len(strconv.Itoa(t.lines)) }

func (t *Text) Row(i int) string {
	r := t.row(i)
	return string(t.buf[r.off : r.off+r.n])
}

func (t *Text) Gutter(i int) string {
	r := t.row(i)
	if r.flags&continues != 0 {
		return ""
	}
	return strconv.Itoa(int(r.line) + 1)
}

func (t *Text) Spans(i int, emit func(start, end int, class string)) {
	if t.json {
		jsonSpans(t.Row(i), t.row(i).flags&inString != 0, emit)
		return
	}
	r := t.row(i)
	first := sort.Search(len(t.spans), func(k int) bool { return t.spans[k].end > r.off })
	for _, s := range t.spans[first:] {
		if s.start >= r.off+r.n {
			return
		}
		emit(int(max(s.start, r.off)-r.off), int(min(s.end, r.off+r.n)-r.off), s.class)
	}
}

// FindAll calls found for the places of a text, at most most times, without regard to the case of ASCII letters.
func (t *Text) FindAll(query string, most int, found func(row, at, length int)) {
	q := []byte(query)
	for at := 0; most > 0; most-- {
		k := indexFold(t.buf[at:], q)
		if k < 0 {
			return
		}
		at += k
		row := t.rowAt(at)
		found(row, at-int(t.row(row).off), len(q))
		at += len(q)
	}
}

// rowAt is the row that a byte stands in.
func (t *Text) rowAt(at int) int {
	block := sort.Search(len(t.marks), func(k int) bool { return int(t.marks[k].off) > at }) - 1
	first := block * rowsPerBlock
	in := min(rowsPerBlock, t.length-first)
	return first + sort.Search(in, func(k int) bool { return int(t.row(first+k).off) > at }) - 1
}

// indexFold is bytes.Index without regard to the case of ASCII letters.
func indexFold(b, q []byte) int {
	if len(q) == 0 {
		return -1
	}
	lo, up := lower(q[0]), upper(q[0])
	for i := 0; i+len(q) <= len(b); {
		k := bytes.IndexByte(b[i:len(b)-len(q)+1], lo)
		if lo != up {
			limit := b[i : len(b)-len(q)+1]
			if k >= 0 {
				limit = limit[:k]
			}
			if u := bytes.IndexByte(limit, up); u >= 0 {
				k = u
			}
		}
		if k < 0 {
			return -1
		}
		i += k
		if equalFold(b[i:i+len(q)], q) {
			return i
		}
		i++
	}
	return -1
}

func equalFold(a, b []byte) bool {
	for i := range a {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
