package sign

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A document is a JSON text that was read but not decoded: a tape of spans of the source, so that it can be printed
// again in the manner of any serialiser, with the exact digits and escapes still at hand. It takes 16 bytes
// for each value, whatever the value is.
type document struct {
	src  []byte
	tape []span
}

// span is one value on the tape. The members of an object follow it as name, value, name, value; the span after the
// whole value is at next.
type span struct {
	kind       byte // '{' '[' '"' '0' 't' 'f' 'n'
	start, end uint32
	next       uint32
}

const deepestJSON = 512

// readJSON reads src, which may begin with a byte order mark. It returns nil when src is not one JSON text.
func readJSON(src []byte) *document {
	src = bytes.TrimPrefix(src, []byte(byteOrderMark))
	if len(src) == 0 || len(src) > 1<<31 {
		return nil
	}
	r := jsonReader{document: document{src: src, tape: make([]span, 0, 16+len(src)/24)}}
	r.space()
	if !r.value(0) {
		return nil
	}
	r.space()
	if r.at != len(src) {
		return nil
	}
	return &r.document
}

type jsonReader struct {
	document
	at int
}

func (r *jsonReader) space() {
	for r.at < len(r.src) {
		switch r.src[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

func (r *jsonReader) peek() byte {
	if r.at < len(r.src) {
		return r.src[r.at]
	}
	return 0
}

func (r *jsonReader) value(depth int) bool {
	if depth > deepestJSON {
		return false
	}
	me := len(r.tape)
	r.tape = append(r.tape, span{kind: r.peek(), start: uint32(r.at)})
	ok := false
	switch c := r.peek(); {
	case c == '{':
		ok = r.list('}', func() bool {
			if r.peek() != '"' || !r.value(depth+1) {
				return false
			}
			r.space()
			if r.peek() != ':' {
				return false
			}
			r.at++
			r.space()
			return r.value(depth + 1)
		})
	case c == '[':
		ok = r.list(']', func() bool { return r.value(depth + 1) })
	case c == '"':
		ok = r.text()
	case c == '-' || c >= '0' && c <= '9':
		r.tape[me].kind = '0'
		ok = r.number()
	case c == 't':
		ok = r.word("true")
	case c == 'f':
		ok = r.word("false")
	case c == 'n':
		ok = r.word("null")
	}
	r.tape[me].end, r.tape[me].next = uint32(r.at), uint32(len(r.tape))
	return ok
}

func (r *jsonReader) list(end byte, item func() bool) bool {
	r.at++
	r.space()
	if r.peek() == end {
		r.at++
		return true
	}
	for item() {
		r.space()
		switch r.peek() {
		case ',':
			r.at++
			r.space()
		case end:
			r.at++
			return true
		default:
			return false
		}
	}
	return false
}

func (r *jsonReader) word(w string) bool {
	if !bytes.HasPrefix(r.src[r.at:], []byte(w)) {
		return false
	}
	r.at += len(w)
	return true
}

func (r *jsonReader) text() bool {
	r.at++
	for r.at < len(r.src) {
		switch c := r.src[r.at]; {
		case c == '"':
			r.at++
			return true
		case c == '\\':
			if r.at+1 >= len(r.src) {
				return false
			}
			switch r.src[r.at+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				r.at += 2
			case 'u':
				if _, ok := hex4(r.src[r.at+2:]); !ok {
					return false
				}
				r.at += 6
			default:
				return false
			}
		case c < 0x20:
			return false
		default:
			r.at++
		}
	}
	return false
}

func (r *jsonReader) number() bool {
	digits := func() bool {
		from := r.at
		for c := r.peek(); c >= '0' && c <= '9'; c = r.peek() {
			r.at++
		}
		return r.at > from
	}
	if r.peek() == '-' {
		r.at++
	}
	if r.peek() == '0' {
		r.at++
	} else if !digits() {
		return false
	}
	if r.peek() == '.' {
		r.at++
		if !digits() {
			return false
		}
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		r.at++
		if c := r.peek(); c == '+' || c == '-' {
			r.at++
		}
		return digits()
	}
	return true
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// text is the source of a value; for a string, without the quotes.
func (d *document) text(i uint32) []byte {
	s := d.tape[i]
	if s.kind == '"' {
		return d.src[s.start+1 : s.end-1]
	}
	return d.src[s.start:s.end]
}

// nextRune decodes the first character of a string literal. Lone surrogates come out as they are; bytes that are not
// UTF-8 come out as U+FFFD of size 1.
func nextRune(lit []byte) (r rune, size int) {
	if lit[0] != '\\' {
		return utf8.DecodeRune(lit)
	}
	switch lit[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		high, _ := hex4(lit[2:])
		if high >= 0xD800 && high < 0xDC00 && len(lit) >= 12 && lit[6] == '\\' && lit[7] == 'u' {
			if low, _ := hex4(lit[8:]); low >= 0xDC00 && low < 0xE000 {
				return 0x10000 + (high-0xD800)<<10 + (low - 0xDC00), 12
			}
		}
		return high, 6
	}
	return rune(lit[1]), 2
}

// decodeText is the string that a literal means. Lone surrogates become U+FFFD.
func decodeText(lit []byte) string {
	if bytes.IndexByte(lit, '\\') < 0 {
		return string(lit)
	}
	var b strings.Builder
	for len(lit) > 0 {
		r, n := nextRune(lit)
		if r == utf8.RuneError && n == 1 {
			b.WriteByte(lit[0])
		} else {
			b.WriteRune(r)
		}
		lit = lit[n:]
	}
	return b.String()
}

// A jsonStyle is the manner in which one serialiser prints.
type jsonStyle struct {
	comma, colon string // "," and ":" when empty
	indent       string // empty: on one line
	sorted       bool   // names in byte order
	indexFirst   bool   // names that are array indexes first, ascending: JavaScript
	keepDouble   bool   // repeated names stay; else the last value wins in the place of the first
	listObjects  bool   // {} and {"0":…} become lists: PHP's associative arrays
	escape       func(dst []byte, r rune, size int) []byte
	plain        [256]bool // bytes of a literal that are copied as they are
	number       func(dst, literal []byte) []byte
}

// print writes the document in a style. It returns nil where the serialiser would have refused.
func (d *document) print(dst []byte, s *jsonStyle) []byte { return d.printAt(dst, 0, s, 0) }

func (d *document) printAt(dst []byte, i uint32, s *jsonStyle, depth int) []byte {
	switch v := d.tape[i]; v.kind {
	case '"':
		return s.printText(dst, d.text(i))
	case '0':
		return s.number(dst, d.text(i))
	case '[':
		dst = append(dst, '[')
		n := 0
		for k := i + 1; k < v.next; k = d.tape[k].next {
			dst = s.item(dst, n, depth+1)
			dst = d.printAt(dst, k, s, depth+1)
			n++
		}
		return s.close(dst, ']', n, depth)
	case '{':
		return d.printObject(dst, i, s, depth)
	}
	return append(dst, d.text(i)...)
}

func (d *document) printObject(dst []byte, i uint32, s *jsonStyle, depth int) []byte {
	ms := d.members(i, s)
	list := s.listObjects && isList(ms)
	open, end := byte('{'), byte('}')
	if list {
		open, end = '[', ']'
	}
	dst = append(dst, open)
	for n, m := range ms {
		dst = s.item(dst, n, depth+1)
		if !list {
			dst = s.printText(dst, d.text(m.name))
			dst = append(dst, cmp.Or(s.colon, ":")...)
		}
		dst = d.printAt(dst, m.value, s, depth+1)
	}
	return s.close(dst, end, len(ms), depth)
}

type entry struct {
	name, value uint32
	key         string // filled in only where the style needs it
}

// members lists an object's members in the order in which the style prints them.
func (d *document) members(i uint32, s *jsonStyle) []entry {
	end := d.tape[i].next
	var ms []entry
	for k := i + 1; k < end; k = d.tape[k+1].next {
		ms = append(ms, entry{name: k, value: k + 1})
	}
	if s.keepDouble && !s.sorted {
		return ms
	}
	for k := range ms {
		ms[k].key = decodeText(d.text(ms[k].name))
	}
	if !s.keepDouble {
		ms = lastWins(ms)
	}
	switch {
	case s.sorted:
		slices.SortStableFunc(ms, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	case s.indexFirst:
		slices.SortStableFunc(ms, byIndex)
	}
	return ms
}

func lastWins(ms []entry) []entry {
	seen := make(map[string]int, len(ms))
	out := ms[:0]
	for _, m := range ms {
		if at, ok := seen[m.key]; ok {
			out[at].value = m.value
			continue
		}
		seen[m.key] = len(out)
		out = append(out, m)
	}
	return out
}

// byIndex is the order of own properties in JavaScript: array indexes ascending, then the rest as they came.
func byIndex(a, b entry) int {
	x, okx := arrayIndex(a.key)
	y, oky := arrayIndex(b.key)
	switch {
	case okx && oky:
		return int(int64(x) - int64(y))
	case okx:
		return -1
	case oky:
		return 1
	}
	return 0
}

func arrayIndex(s string) (uint32, bool) {
	if s == "" || len(s) > 10 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	var n uint64
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return uint32(n), n < 1<<32-1
}

func isList(ms []entry) bool {
	for n, m := range ms {
		if i, ok := arrayIndex(m.key); !ok || int(i) != n {
			return false
		}
	}
	return true
}

// item writes what stands before the n-th item of a list or an object.
func (s *jsonStyle) item(dst []byte, n, depth int) []byte {
	if n > 0 {
		dst = append(dst, cmp.Or(s.comma, ",")...)
	}
	return s.line(dst, depth)
}

func (s *jsonStyle) close(dst []byte, end byte, n, depth int) []byte {
	if n > 0 {
		dst = s.line(dst, depth)
	}
	return append(dst, end)
}

func (s *jsonStyle) line(dst []byte, depth int) []byte {
	if s.indent == "" {
		return dst
	}
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, s.indent...)
	}
	return dst
}

func (s *jsonStyle) printText(dst, lit []byte) []byte {
	dst = append(dst, '"')
	for len(lit) > 0 {
		n := 0
		for n < len(lit) && s.plain[lit[n]] {
			n++
		}
		dst = append(dst, lit[:n]...)
		if lit = lit[n:]; len(lit) == 0 {
			break
		}
		r, size := nextRune(lit)
		dst = s.escape(dst, r, size)
		lit = lit[size:]
	}
	return append(dst, '"')
}
