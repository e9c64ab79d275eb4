package jsontext

import (
	"cmp"
	"slices"
	"strings"
)

// Append prints v. It returns nil where the serialiser would have refused.
func (d Dialect) Append(dst []byte, v Value) []byte {
	p := printer{Dialect: d, doc: v.document(), dst: dst}
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
	if dst, ok := d.strings.append(append(dst, '"'), text, false, pass); ok {
		return append(dst, '"')
	}
	return nil
}

// Float prints a double.
func (d Dialect) Float(dst []byte, f float64) []byte {
	dst, _ = d.numbers.float(dst, f)
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
	switch n := p.doc.tape[at]; n.kind {
	case String:
		p.text(at)
	case Number:
		p.add(p.numbers.append(p.dst, p.doc.literal(at)))
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
		p.dst = append(p.dst, cmp.Or(p.words[p.doc.literal(at)], p.doc.literal(at))...)
	}
}

// add takes what numbers and strings have appended.
func (p *printer) add(dst []byte, ok bool) { p.dst, p.refused = dst, p.refused || !ok }

func (p *printer) text(at uint32) {
	if p.strings == nil {
		p.dst = PythonRepr(p.dst, decode(p.doc.literal(at)))
		return
	}
	p.add(p.strings.append(append(p.dst, '"'), p.doc.literal(at), !p.strings.literal, p.strings.pass))
	p.dst = append(p.dst, '"')
}

func (p *printer) object(at uint32, depth int) {
	ms := p.members(p.doc, at)
	list := p.lists && isList(ms)
	ends := "{}"
	if list {
		ends = "[]"
	}
	p.dst = append(p.dst, ends[0])
	for n, m := range ms {
		p.item(n, depth+1)
		if !list {
			p.text(m.at)
			p.dst = append(p.dst, p.colon...)
		}
		p.value(m.value, depth+1)
	}
	p.close(ends[1], len(ms), depth)
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
		slices.SortStableFunc(ms, func(a, b member) int { return cmp.Compare(arrayIndex(a.name), arrayIndex(b.name)) })
	}
	return ms
}

// name is a name as the language holds it.
func (d *Dialect) name(lit string) string {
	if d.strings != nil && d.strings.surrogate == 'r' {
		return WellFormed(decode(lit))
	}
	return decode(lit)
}

// lastWins leaves of a repeated name the last value in the place of the first, as all the languages do.
func lastWins(ms []member) []member {
	const few = 16
	var seen map[string]int // made for more than a few names
	if len(ms) > few {
		seen = make(map[string]int, len(ms))
	}
	out := ms[:0]
	for _, m := range ms {
		at, ok := seen[m.name]
		if seen == nil {
			at = slices.IndexFunc(out, func(o member) bool { return o.name == m.name })
			ok = at >= 0
		}
		if ok {
			out[at].value = m.value
			continue
		}
		if seen != nil {
			seen[m.name] = len(out)
		}
		out = append(out, m)
	}
	return out
}

// noIndex is what [arrayIndex] makes of any other name.
const noIndex = 1<<32 - 1

// arrayIndex reads a name that JavaScript takes for an array index: 0 to 2^32-2 without leading zeros.
func arrayIndex(s string) uint64 {
	if s == "" || len(s) > 10 || s[0] == '0' && len(s) > 1 {
		return noIndex
	}
	var n uint64
	for _, c := range []byte(s) {
		if !isDigit(c) {
			return noIndex
		}
		n = n*10 + uint64(c-'0')
	}
	return min(n, noIndex)
}

func isList(ms []member) bool {
	for n, m := range ms {
		if arrayIndex(m.name) != uint64(n) {
			return false
		}
	}
	return true
}
