package shape

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What languages with types are told: a shape as types with names, in the order in which they can be declared.
type model struct {
	events  []modelEvent
	objects []*object // those that others are made of come first
}

type modelEvent struct {
	Named
	name string // of its type
	root *typ
}

// typ is a type. Several kinds beside each other are a union; null is told apart.
type typ struct {
	kinds    []Kind // without Null, and without Integer where there is Number
	nullable bool
	numbers  *Numbers
	format   Format
	values   []string
	elem     *typ    // of an array; nil: all were empty
	object   *object // of an object with members
	others   *typ    // of an object whose names are data
}

// object is a type with a name and members.
type object struct {
	name    string
	members []member
	loose   bool // it has members beside these
}

type member struct {
	key      string
	typ      *typ
	optional bool
}

func (t *typ) is(k Kind) bool  { return len(t.kinds) == 1 && t.kinds[0] == k }
func (t *typ) has(k Kind) bool { return slices.Contains(t.kinds, k) }

func newModel(all []Named) *model {
	m := &model{}
	names := newNamer()
	roots := make([]string, len(all))
	for i, n := range all { // the roots first: they are what one looks for
		roots[i] = names.take(RootName(n.Event))
	}
	for i, n := range all {
		e := modelEvent{Named: n, name: roots[i]}
		e.root = m.typ(n.Root, names, roots[i], roots[i], true)
		m.events = append(m.events, e)
	}
	return m
}

func (m *model) typ(p *Place, names *namer, root, name string, isRoot bool) *typ {
	t := &typ{nullable: p.Has(Null), numbers: p.Numbers}
	for _, k := range p.Kinds() {
		if k != Null && !(k == Integer && p.Has(Number)) {
			t.kinds = append(t.kinds, k)
		}
	}
	if p.Texts != nil {
		t.values = p.onlyValues()
		if p.Texts.Empty == 0 && !p.secret {
			t.format = p.Texts.Format()
		}
	}
	if p.Items != nil {
		t.elem = m.typ(p.Items, names, root, oneOf(name), false)
	}
	if !p.Has(Object) {
		return t
	}
	o := &object{loose: p.Others > 0}
	for _, f := range p.Sorted() {
		if f.Name == Any {
			t.others = m.typ(f.Place, names, root, name+"Value", false)
			o.loose = true
			continue
		}
		if o.name == "" {
			switch {
			case !isRoot:
				o.name = names.take(name)
			case t.is(Object) && !t.nullable:
				o.name = name
			default: // the event's own name is that of all its types
				o.name = names.take(name + "Object")
			}
		}
		o.members = append(o.members, member{f.Name, m.typ(f.Place, names, root, root+pascal(f.Name), false), p.Optional(f)})
	}
	if len(o.members) > 0 {
		t.object = o
		m.objects = append(m.objects, o)
	} else if p.Others > 0 {
		t.others = nil
	}
	return t
}

// oneOf is the name of an item of a list of that name.
func oneOf(name string) string {
	if strings.HasSuffix(name, "ies") && len(name) > 4 {
		return name[:len(name)-3] + "y"
	}
	if strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") && len(name) > 2 {
		return name[:len(name)-1]
	}
	return name + "Item"
}

// namer hands out names of types, each once. Names that differ in their case alone count as one: some file systems say so.
type namer struct {
	taken map[string]bool
	next  map[string]int // the number behind a name that is tried next: all below are taken
}

func newNamer() *namer { return &namer{map[string]bool{}, map[string]int{}} }

func (n *namer) take(name string) string {
	low := strings.ToLower(name)
	if !n.taken[low] {
		n.taken[low] = true
		return name
	}
	for i := max(n.next[low], 2); ; i++ {
		number := strconv.Itoa(i)
		if !n.taken[low+number] {
			n.taken[low+number] = true
			n.next[low] = i + 1
			return name + number
		}
	}
}

// pascal makes a name of letters and digits of the parts of a text.
func pascal(s string) string {
	var b strings.Builder
	up := true
	for i := range len(s) {
		c := s[i]
		switch {
		case isLetter(c):
			if up && c >= 'a' {
				c -= 'a' - 'A'
			}
			b.WriteByte(c)
			up = false
		case isDigit(c):
			b.WriteByte(c)
			up = true
		default:
			up = true
		}
	}
	out := b.String()
	if len(out) > 60 {
		out = out[:60]
	}
	return out
}

// builtIn are names that a type of an event would hide in one of the languages.
var builtIn = strings.Fields("Any Array BaseModel Boolean Date Error Event Field Function Infinity JSON Literal Map Math NaN None Number Object Promise Proxy Record RegExp Set String Symbol True False UUID Union List Dict Optional Type")

// RootName is the name of an event's type: InvoicePaid for invoice.paid.
func RootName(event string) string {
	name := pascal(event)
	switch {
	case name == "":
		return "WebhookEvent"
	case isDigit(name[0]):
		return "Event" + name
	case slices.Contains(builtIn, name):
		return name + "Event"
	}
	return name
}

// snake makes a name in lower case with underscores.
func snake(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case isDigit(c), c >= 'a' && c <= 'z':
			b.WriteByte(c)
		case c >= 'A' && c <= 'Z':
			if i > 0 && (s[i-1] >= 'a' && s[i-1] <= 'z' || isDigit(s[i-1])) {
				b.WriteByte('_')
			}
			b.WriteByte(c + 'a' - 'A')
		case b.Len() > 0 && b.String()[b.Len()-1] != '_':
			b.WriteByte('_')
		}
	}
	return strings.Trim(b.String(), "_")
}

// header is what stands above exported code. Names of events come from strangers, so they stand in quotes.
func header(all []Named, comment string) string {
	var b strings.Builder
	for _, n := range all {
		fmt.Fprintf(&b, "%s %+q: %s\n", comment, eventKey(n.Event), strings.ToLower(learnedOf(n)[:1])+learnedOf(n)[1:])
		if _, is := n.envelope(); is {
			fmt.Fprintf(&b, "%s %s\n", comment, cloudNote)
		}
	}
	return b.String()
}
