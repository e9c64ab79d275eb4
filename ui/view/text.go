package view

import (
	"bytes"
	"sort"
	"strconv"
	"unicode/utf8"
)

// Text is rows over a body of any size. It keeps the bytes and an index of 16 bytes a row; the text of a row is made
// when it is asked for.
type Text struct {
	buf    []byte
	rows   []textRow
	lines  int
	widest int
	json   bool
	spans  []span // of other syntaxes, in order; nil when rows are coloured as they are asked for, or not at all
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

type span struct {
	start, end uint32
	class      string
}

// longestRow bounds a row that is not wrapped, so that one line of ten megabytes does not become one string.
const longestRow = 20_000

// NewText indexes a body. syntax is "json", or "" for none; see [Highlight] for others. The text keeps buf, which
// must not change.
func NewText(buf []byte, syntax string) *Text {
	t := &Text{buf: buf, json: syntax == "json"}
	t.index(longestRow, nil)
	return t
}

// Bytes is the text that is shown.
func (t *Text) Bytes() []byte { return t.buf }

// Wrapped returns the text in rows of at most cols columns; 0 means as wide as its lines. It shares the bytes.
func (t *Text) Wrapped(cols int, fit Fit) *Text {
	if cols <= 0 {
		cols = longestRow
	}
	w := &Text{buf: t.buf, json: t.json, spans: t.spans}
	w.index(cols, fit)
	return w
}

func (t *Text) index(cols int, fit Fit) {
	t.rows = make([]textRow, 0, len(t.buf)/24+1)
	rest := t.buf
	for off := 0; ; {
		end := len(t.buf)
		next := bytes.IndexByte(rest, '\n')
		if next >= 0 {
			end = off + next
		}
		t.indexLine(off, end, cols, fit)
		t.lines++
		if next < 0 {
			break
		}
		off = end + 1
		rest = t.buf[off:]
		if len(rest) == 0 {
			break // a line feed ends the last line; it does not begin another
		}
	}
}

func (t *Text) indexLine(start, end, cols int, fit Fit) {
	var flags uint8
	for {
		stop := end
		if end-start > cols || fit != nil && !tame(t.buf[start:end]) {
			stop = start + fitted(t.buf[start:end], cols, fit)
		}
		t.rows = append(t.rows, textRow{uint32(start), uint32(stop - start), uint32(t.lines), flags})
		t.widest = max(t.widest, stop-start)
		if stop >= end {
			return
		}
		if t.json && endsInString(t.buf[start:stop], flags&inString != 0) {
			flags = continues | inString
		} else {
			flags = continues
		}
		start = stop
	}
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
func (t *Text) Len() int              { return len(t.rows) }
func (t *Text) Continues(i int) bool  { return t.rows[i].flags&continues != 0 }
func (t *Text) RowClass(i int) string { return "" }
func (t *Text) WidestCols() int       { return t.widest }
func (t *Text) GutterCols() int       { return len(strconv.Itoa(t.lines)) }

func (t *Text) Row(i int) string { return string(t.bytesOf(i)) }

func (t *Text) bytesOf(i int) []byte {
	r := t.rows[i]
	return t.buf[r.off : r.off+r.n]
}

func (t *Text) Gutter(i int) string {
	if t.Continues(i) {
		return ""
	}
	return strconv.Itoa(int(t.rows[i].line) + 1)
}

func (t *Text) Spans(i int, emit func(start, end int, class string)) {
	if t.json {
		jsonSpans(t.Row(i), t.rows[i].flags&inString != 0, emit)
		return
	}
	r := t.rows[i]
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
	row := 0
	for at := 0; most > 0; most-- {
		k := indexFold(t.buf[at:], q)
		if k < 0 {
			return
		}
		at += k
		row += sort.Search(len(t.rows)-row, func(k int) bool { return int(t.rows[row+k].off) > at }) - 1
		found(row, at-int(t.rows[row].off), len(q))
		at += len(q)
	}
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
