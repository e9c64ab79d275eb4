// Package shape learns what the JSON bodies of an event look like: which members are always there, of which types and
// formats they are, and what of a new body is different. It does no I/O.
//
// A [Shape] is a tree of places. Two shapes of disjoint bodies are merged in any order and grouping to the same shape, and
// what they were merged from is one pass: [Shape.Learn] is a merge with the shape of one body. Counts add, so merging a shape
// with itself counts its bodies twice; everything else of it (types, which members are optional, formats, values, ranges,
// examples, first and last capture) stays as it is.
//
// All of it is bounded: see [Most]. What is beyond a bound is counted and no more.
package shape

import (
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// The bounds of a shape. They are part of what is learned: a shape that was kept under others is learned anew.
const (
	Most       = 3000 // places; beyond them the deeper ones are given up
	mostDeep   = 48   // members and items in one another
	mostValues = 32   // different texts that are kept at a place; beyond them, there are many
	longest    = 64   // bytes of a text that is kept as a value
	examples   = 3    // kept where there are many values
	longestKey = 120  // bytes of a member's name; a longer one is no name but data
)

// Kind is a type as JSON Schema has it.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Bool
	Integer
	Number // with a fraction or an exponent
	String
	Object
	Array
	kinds
)

var kindNames = [kinds]string{"null", "boolean", "integer", "number", "string", "object", "array"}

func (k Kind) String() string { return kindNames[k] }

// Mark is a capture, and when it came.
type Mark struct {
	ID core.CaptureID
	At time.Time
}

// Shape is what the bodies of one event look like.
type Shape struct {
	Count int64 // bodies
	Root  *Place

	places int    // in the tree
	beyond uint64 // the order from which on places are given up; 0: none were
	asked  rarest
	turn   int64 // objects that were learned
}

// New is the shape of no body.
func New() *Shape { return &Shape{Root: &Place{}, places: 1} }

// Place is what stands at one path.
type Place struct {
	Counts      [kinds]int64
	First, Last Mark // captures that had it

	Texts   *Texts   // of strings; nil: there was none
	Numbers *Numbers // of integers and numbers
	Items   *Place   // of arrays; nil: all were empty
	Fewest  int      // items of an array
	Largest int

	Fields []Field // of objects, by first sight; Sorted is by name
	Others int64   // members that were beyond the bounds

	index  map[string]int // of Fields, where there are many
	turn   int64          // of the object that had it last
	secret bool           // by its name
	named  named
	deep   uint8
	rank   uint64
}

// Field is a member of an object.
type Field struct {
	Name string // Any stands for all names that are data: numbers, ids, dates
	*Place
}

// Any is the name of the place of all members whose names are data.
const Any = "*"

// named is what was said of a place already.
type named struct {
	path, missing, kind, format bool
	values                      int
}

// Seen is how many values stood there.
func (p *Place) Seen() (n int64) {
	for _, c := range p.Counts {
		n += c
	}
	return n
}

// Kinds are the types that were seen, in their order.
func (p *Place) Kinds() (all []Kind) {
	for k := range kinds {
		if p.Counts[k] > 0 {
			all = append(all, k)
		}
	}
	return all
}

// Has says whether a type was seen.
func (p *Place) Has(k Kind) bool { return p.Counts[k] > 0 }

// Secret says whether values there are never shown.
func (p *Place) Secret() bool { return p.secret }

// Optional says whether a member is not always there.
func (p *Place) Optional(f Field) bool { return f.Name == Any || f.Seen() < p.Counts[Object] }

// Presence is the share of objects that have a member, 0 to 1.
func (p *Place) Presence(f Field) float64 {
	if p.Counts[Object] == 0 {
		return 0
	}
	return min(1, float64(f.Seen())/float64(p.Counts[Object]))
}

// Sorted are the members by name, that of all data last.
func (p *Place) Sorted() []Field {
	all := slices.Clone(p.Fields)
	slices.SortFunc(all, func(a, b Field) int {
		if (a.Name == Any) != (b.Name == Any) {
			if a.Name == Any {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

// find is where the member of that name stands.
func (p *Place) find(name string) (int, bool) {
	if p.index != nil {
		i, ok := p.index[name]
		return i, ok
	}
	for i := range p.Fields {
		if p.Fields[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

const manyFields = 12

// add puts a member behind the others.
func (p *Place) add(name string, child *Place) {
	p.Fields = append(p.Fields, Field{name, child})
	switch {
	case p.index != nil:
		p.index[name] = len(p.Fields) - 1
	case len(p.Fields) > manyFields:
		p.indexed()
	}
}

func (p *Place) indexed() {
	p.index = nil
	if len(p.Fields) <= manyFields {
		return
	}
	p.index = make(map[string]int, 2*len(p.Fields))
	for i := range p.Fields {
		p.index[p.Fields[i].Name] = i
	}
}

// below makes the place of a member, or, without a name, that of items.
func (p *Place) below(name string, item bool) *Place {
	c := &Place{deep: min(p.deep, 0xFD) + 1}
	if item {
		c.secret, c.rank = p.secret, mix(p.rank, "[]")
	} else {
		c.secret, c.rank = p.secret || core.CredentialField(name), mix(p.rank, name)
	}
	return c
}

// order is where a place stands when there are too many: deeper ones come later, and chance decides among those of one depth.
func (p *Place) order() uint64 { return uint64(p.deep)<<56 | p.rank>>8 }

// mix makes a number of a text. It is the same in each run: shapes are kept.
func mix(h uint64, s string) uint64 {
	const prime = 0x9E3779B97F4A7C15
	h ^= uint64(len(s)) * prime
	for len(s) >= 8 {
		h = (h ^ (uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)) * prime
		h ^= h >> 29
		s = s[8:]
	}
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	return h ^ h>>32
}

// isData says whether a member's name is one of many that nobody chose: a number, an id, a date. What the objects that have
// such names hold is learned in one place.
func isData(name string) bool {
	if name == "" || name == Any {
		return name == Any
	}
	if len(name) > longestKey {
		return true
	}
	digits, hex, at := 0, 0, false
	for i := range len(name) {
		switch c := name[i]; {
		case c >= '0' && c <= '9':
			digits++
			hex++
		case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F', c == '-':
			hex++
		case c == '@':
			at = true
		}
	}
	switch {
	case digits == len(name):
		return true
	case hex == len(name) && digits >= 3 && len(name) >= 12: // a UUID, a hash
		return true
	case at && formatOf(name) == Email:
		return true
	case digits >= 8 && formatOf(name) != NoFormat: // a date
		return true
	case digits >= 5 && len(name) >= 14 && strings.IndexByte(name, ' ') < 0 && digits*4 >= len(name): // cus_9s6XKzkNRiz8i3
		return true
	}
	return false
}
