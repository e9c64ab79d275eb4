package jsontext

import (
	"cmp"
	"slices"
	"strings"
)

// Append prints v. It returns nil where the serialiser would have refused.
func (d Dialect) Append(dst []byte, v Value) []byte {
	if v.doc == nil {
		return append(dst, "null"...)
	}
	p := printer{Dialect: d, doc: v.doc, dst: dst}
	p.comma, p.colon = cmp.Or(d.comma, ","), cmp.Or(d.colon, ":")
	p.value(v.at, 0)
	if p.refused {
		return nil
	}
	return p.dst
}

// Quote prints a text as a JSON string.
func (d Dialect) Quote(dst []byte, text string) []byte { return d.quote(dst, text, true) }

// QuoteBytes prints bytes as they came as a JSON string: a surrogate written as three bytes is no text there.
func (d Dialect) QuoteBytes(dst, b []byte) []byte { return d.quote(dst, string(b), false) }

func (d Dialect) quote(dst []byte, text string, pass bool) []byte {
	dst, ok := d.strings.append(append(dst, '"'), text, false, pass)
	if !ok {
		return nil
	}
	return append(dst, '"')
}

// Float prints a double.
func (d Dialect) Float(dst []byte, f float64) []byte {
	dst, ok := d.numbers.float(dst, f)
	if !ok {
		return nil
	}
	return dst
}

type printer struct {
	Dialect
	doc     *document
	dst     []byte
	refused bool
}

func (p *printer) value(at uint32, depth int) {
	if p.refused {
		return
	}
	ok := true
	switch n := p.doc.tape[at]; n.kind {
	case String:
		p.text(at)
	case Number:
		p.dst, ok = p.numbers.append(p.dst, p.doc.literal(at))
	case Array:
		p.dst = append(p.dst, '[')
		items := 0
		for k := at + 1; k < n.next; k = p.doc.tape[k].next {
			p.item(items, depth+1)
			p.value(k, depth+1)
			items++
		}
		p.close(']', items, depth)
	case Object:
		p.object(at, depth)
	default:
		p.dst = append(p.dst, p.doc.literal(at)...)
	}
	p.refused = p.refused || !ok
}

func (p *printer) text(at uint32) {
	var ok bool
	p.dst, ok = p.strings.append(append(p.dst, '"'), p.doc.literal(at), !p.strings.literal, p.strings.pass)
	p.dst = append(p.dst, '"')
	p.refused = p.refused || !ok
}

func (p *printer) object(at uint32, depth int) {
	ms := p.members(p.doc, at)
	list := p.lists && isList(ms)
	open, end := byte('{'), byte('}')
	if list {
		open, end = '[', ']'
	}
	p.dst = append(p.dst, open)
	for n, m := range ms {
		p.item(n, depth+1)
		if !list {
			p.text(m.at)
			p.dst = append(p.dst, p.colon...)
		}
		p.value(m.value, depth+1)
	}
	p.close(end, len(ms), depth)
}

// item writes what stands before the n-th item of a list or an object.
func (p *printer) item(n, depth int) {
	if n > 0 {
		p.dst = append(p.dst, p.comma...)
	}
	p.line(depth)
}

func (p *printer) close(end byte, n, depth int) {
	if n > 0 {
		p.line(depth)
	}
	p.dst = append(p.dst, end)
}

func (p *printer) line(depth int) {
	if p.indent == "" {
		return
	}
	p.dst = append(p.dst, '\n')
	for range depth {
		p.dst = append(p.dst, p.indent...)
	}
}

// member is the places of a name and its value. The name itself is filled in only where the dialect needs it.
type member struct {
	at, value uint32
	name      string
}

// members lists an object's members in the order in which the dialect prints them.
func (d *Dialect) members(doc *document, at uint32) []member {
	end, n := doc.tape[at].next, 0
	for k := at + 1; k < end; k = doc.tape[k+1].next {
		n++
	}
	ms := make([]member, 0, n)
	for k := at + 1; k < end; k = doc.tape[k+1].next {
		ms = append(ms, member{at: k, value: k + 1})
	}
	if d.repeats && d.order == asRead {
		return ms
	}
	for k := range ms {
		ms[k].name = d.name(doc.literal(ms[k].at))
	}
	if !d.repeats {
		ms = lastWins(ms)
	}
	switch d.order {
	case sorted:
		slices.SortStableFunc(ms, func(a, b member) int { return strings.Compare(a.name, b.name) })
	case indexFirst:
		slices.SortStableFunc(ms, byIndex)
	}
	return ms
}

// name is a name as the language holds it.
func (d *Dialect) name(lit string) string {
	if d.strings.surrogate == 'r' {
		return WellFormed(decode(lit))
	}
	return decode(lit)
}

// lastWins leaves of a repeated name the last value in the place of the first, as all the languages do.
func lastWins(ms []member) []member {
	const few = 16
	if len(ms) > few {
		return lastOfMany(ms)
	}
	out := ms[:0]
	for _, m := range ms {
		if i := slices.IndexFunc(out, func(o member) bool { return o.name == m.name }); i >= 0 {
			out[i].value = m.value
		} else {
			out = append(out, m)
		}
	}
	return out
}

func lastOfMany(ms []member) []member {
	seen := make(map[string]int, len(ms))
	out := ms[:0]
	for _, m := range ms {
		if at, ok := seen[m.name]; ok {
			out[at].value = m.value
			continue
		}
		seen[m.name] = len(out)
		out = append(out, m)
	}
	return out
}

// byIndex is the order of own properties in JavaScript: array indexes ascending, then the rest as they came.
func byIndex(a, b member) int {
	x, okx := arrayIndex(a.name)
	y, oky := arrayIndex(b.name)
	switch {
	case okx && oky:
		return cmp.Compare(x, y)
	case okx:
		return -1
	case oky:
		return 1
	}
	return 0
}

// arrayIndex reads a name that JavaScript takes for an array index: 0 to 2^32-2 without leading zeros.
func arrayIndex(s string) (uint32, bool) {
	if s == "" || len(s) > 10 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	var n uint64
	for _, c := range []byte(s) {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return uint32(n), n < 1<<32-1
}

func isList(ms []member) bool {
	for n, m := range ms {
		if i, ok := arrayIndex(m.name); !ok || int(i) != n {
			return false
		}
	}
	return true
}
