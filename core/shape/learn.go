package shape

import (
	"slices"
	"strings"

	"hookglass/core/jsontext"
)

// A Learner takes bodies into a shape, one after the other. It is not for several goroutines at a time.
type Learner struct {
	*Shape
	mark  Mark
	path  []string
	pairs []pair
	found []candidate
}

// NewLearner goes on with s.
func NewLearner(s *Shape) *Learner { return &Learner{Shape: s} }

// Learn takes the body of a capture into the shape, and says in what it differs from what was there before: see [Drift].
func (l *Learner) Learn(v jsontext.Value, m Mark) []Drift {
	l.mark, l.found, l.path = m, l.found[:0], l.path[:0]
	l.asked.look(l.Shape)
	l.value(l.Root, v, true)
	l.Count++
	drifts := l.judge()
	if l.places > Most+Most/4 { // not at each body: it goes over the whole tree
		l.prune()
	}
	return drifts
}

// Learn is the shape with one body more.
func (s *Shape) Learn(v jsontext.Value, m Mark) { NewLearner(s).Learn(v, m) }

// value learns a value at its place. known says whether the place was there before this body.
func (l *Learner) value(p *Place, v jsontext.Value, known bool) {
	before := p.Seen()
	if before == 0 || l.mark.ID < p.First.ID {
		p.First = l.mark
	}
	if before == 0 || l.mark.ID >= p.Last.ID {
		p.Last = l.mark
	}
	known = known && before > 0
	kind := Null
	switch v.Kind() {
	case jsontext.Bool:
		kind = Bool
	case jsontext.Number:
		first := p.Numbers == nil
		if first {
			p.Numbers = &Numbers{}
		}
		kind = p.Numbers.see(v.Source(), first)
	case jsontext.String:
		kind = String
		l.text(p, v, known)
	case jsontext.Array:
		kind = Array
		l.items(p, v)
	case jsontext.Object:
		kind = Object
		l.members(p, v, known)
	}
	if known && p.Counts[kind] == 0 && !(kind == Integer && p.Has(Number)) { // every integer is a number
		l.candidate(candidate{kind: NewType, at: p, samples: before, now: kind.String(), was: kindList(p), loose: kind == Null || kind == Number && p.Has(Integer) || p.onlyNull()})
	}
	p.Counts[kind]++
}

func (p *Place) onlyNull() bool { return p.Counts[Null] == p.Seen() }

func kindList(p *Place) string {
	var names []string
	for _, k := range p.Kinds() {
		names = append(names, k.String())
	}
	return strings.Join(names, " or ")
}

func (l *Learner) text(p *Place, v jsontext.Value, known bool) {
	lit := v.Source()
	lit = lit[1 : len(lit)-1]
	if strings.IndexByte(lit, '\\') >= 0 {
		lit = jsontext.WellFormed(v.Text())
	}
	if p.Texts == nil {
		p.Texts = &Texts{}
	}
	t := p.Texts
	was, few, least := NoFormat, 0, int64(0)
	if known && t.Count > 0 && !p.secret {
		was = t.Format()
		if !t.Many && t.Values[lit] == 0 {
			few, least = t.few(p.named.values)
		}
	}
	fresh, f := t.see(lit, p.secret)
	switch {
	case was != NoFormat && f != was && lit != "":
		l.candidate(candidate{kind: Broken, at: p, samples: t.Count - 1, was: was.String(), now: shown(lit, p)})
	case few > 0 && fresh && f == NoFormat && lit != "":
		l.candidate(candidate{kind: NewValue, at: p, samples: t.Count - 1, was: t.list(lit), now: shown(lit, p), few: few, least: least, word: isWord(lit)})
	}
}

func (l *Learner) items(p *Place, v jsontext.Value) {
	n := 0
	l.path = append(l.path, "[]")
	for item := range v.Items() {
		n++
		if p.Items == nil {
			if p.deep >= mostDeep {
				continue
			}
			c := p.below("", true)
			if l.beyond != 0 && c.order() >= l.beyond {
				continue
			}
			p.Items = c
			l.places++
		}
		l.value(p.Items, item, true)
	}
	l.path = l.path[:len(l.path)-1]
	if p.Counts[Array] == 0 {
		p.Fewest, p.Largest = n, n
	}
	p.Fewest, p.Largest = min(p.Fewest, n), max(p.Largest, n)
}

// pair is a member that is about to be learned.
type pair struct {
	at    *Place
	name  string
	value jsontext.Value
	fresh bool
}

func (l *Learner) members(p *Place, v jsontext.Value, known bool) {
	l.turn++
	turn, objects := l.turn, p.Counts[Object]
	had, from := len(p.Fields), len(l.pairs)
	l.pair(p, v, turn)
	upto := len(l.pairs)
	for i := from; i < upto; i++ {
		m := l.pairs[i]
		l.path = append(l.path, m.name)
		if m.fresh && known && objects > 0 {
			l.candidate(candidate{kind: NewPath, at: m.at, samples: objects, now: kindOf(m.value).String()})
		}
		l.value(m.at, m.value, !m.fresh)
		l.path = l.path[:len(l.path)-1]
	}
	clear(l.pairs[from:upto])
	l.pairs = l.pairs[:from]
	if !known || objects == 0 {
		return
	}
	for i := range had {
		if f := &p.Fields[i]; f.turn != turn && f.name() && f.Seen() == objects {
			l.path = append(l.path, f.Name)
			l.candidate(candidate{kind: Missing, at: f.Place, samples: objects, was: kindList(f.Place)})
			l.path = l.path[:len(l.path)-1]
		}
	}
}

func (f Field) name() bool { return f.Name != Any }

// pair finds the places of an object's members. Of a name that is repeated the last value counts, as it does for those who read it.
func (l *Learner) pair(p *Place, v jsontext.Value, turn int64) {
	from, next := len(l.pairs), 0
	for name, member := range v.Members() {
		key := name.Source()
		key = key[1 : len(key)-1]
		if strings.IndexByte(key, '\\') >= 0 {
			key = jsontext.WellFormed(name.Text())
		}
		m := pair{name: key, value: member}
		if next < len(p.Fields) && p.Fields[next].Name == key && key != Any { // most bodies have their members in the same order
			m.at = p.Fields[next].Place
			next++
		} else if i, ok := p.find(key); ok && key != Any {
			m.at, next = p.Fields[i].Place, i+1
		} else if m.at, m.name, m.fresh = l.meet(p, key); m.at == nil {
			continue
		}
		if m.at.turn == turn && m.name != Any {
			i := slices.IndexFunc(l.pairs[from:], func(o pair) bool { return o.at == m.at })
			l.pairs[from+i].value = member
			continue
		}
		m.at.turn = turn
		l.pairs = append(l.pairs, m)
	}
}

// meet makes the place of a member that was not there before, under the name that it is learned by. It is nil where there is
// no room for it.
func (l *Learner) meet(p *Place, name string) (c *Place, as string, fresh bool) {
	if isData(name) {
		if i, ok := p.find(Any); ok {
			return p.Fields[i].Place, Any, false
		}
		name = Any
	}
	if p.deep >= mostDeep {
		p.Others++
		return nil, name, false
	}
	c = p.below(name, false)
	if l.beyond != 0 && c.order() >= l.beyond {
		p.Others++
		return nil, name, false
	}
	p.add(strings.Clone(name), c)
	l.places++
	return c, name, name != Any
}

func kindOf(v jsontext.Value) Kind {
	switch v.Kind() {
	case jsontext.Bool:
		return Bool
	case jsontext.Number:
		if v.IsWhole() {
			return Integer
		}
		return Number
	case jsontext.String:
		return String
	case jsontext.Array:
		return Array
	case jsontext.Object:
		return Object
	}
	return Null
}
