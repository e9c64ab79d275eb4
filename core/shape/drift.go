package shape

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// DriftKind is a way in which a body differs from those before it.
type DriftKind string

// The kinds of drift.
const (
	NewPath  DriftKind = "new"     // a member that none had
	Missing  DriftKind = "missing" // a member that all had
	NewType  DriftKind = "type"
	NewValue DriftKind = "value"  // beside the few that there were
	Broken   DriftKind = "format" // that all had
)

// Drift is one difference of a body from the shape of those before it.
type Drift struct {
	Kind    DriftKind `json:"kind"`
	Path    string    `json:"path"`
	Was     string    `json:"was,omitempty"`
	Now     string    `json:"now,omitempty"`
	Samples int64     `json:"samples"` // how many values the claim rests on
}

// Says is a drift in a sentence, without its full stop.
func (d Drift) Says() string {
	switch d.Kind {
	case NewPath:
		return fmt.Sprintf("%s is new (%s): none of %d before had it", d.Path, d.Now, d.Samples)
	case Missing:
		return fmt.Sprintf("%s is missing: all %d before had it", d.Path, d.Samples)
	case NewType:
		return fmt.Sprintf("%s is %s, and was %s in %d before", d.Path, d.Now, d.Was, d.Samples)
	case NewValue:
		return fmt.Sprintf("%s is %s, and was %s in %d before", d.Path, d.Now, d.Was, d.Samples)
	}
	return fmt.Sprintf("%s is no %s any more: %s; %d before were", d.Path, d.Was, d.Now, d.Samples)
}

// candidate is a difference of which nobody has judged yet whether there were enough bodies to wonder at it.
type candidate struct {
	kind    DriftKind
	at      *Place
	path    string
	samples int64 // values at the place, or objects around it, before this one
	was     string
	now     string
	loose   bool // of a type: one that comes beside the other in honest data, null above all
	few     int  // of a value: how many there were
	least   int64
	word    bool // of a value: it looks like one of a list
}

func (l *Learner) candidate(c candidate) {
	if len(l.found) >= 64 { // a body of another kind altogether
		return
	}
	c.path = pathText(l.path)
	l.found = append(l.found, c)
}

// The least bodies that claims rest on. Where all bodies so far were alike, fewest are enough to wonder at one that is not. Where
// some members are not always there, or are of several types, it is as many as one as rare as the rarest that is known would need
// to show, and varied at the least: who has one rare member may have another. From enough on, what was never seen is worth a word.
const (
	fewest = 60
	varied = 200
	enough = 300
	strict = 30  // for a type that has nothing to do with the one before
	shows  = 10  // times the rarest's distance: it fails to show in so many once in 20,000
	alone  = 200 // for a text that was the same in all
)

// judge keeps the candidates that rest on enough.
func (l *Learner) judge() []Drift {
	if len(l.found) == 0 {
		return nil
	}
	var out []Drift
	for _, c := range l.found {
		need := l.asked.need
		if c.kind == NewType && !c.loose {
			need = strict
		}
		samples := min(c.samples, l.Count) // many items of few bodies are few
		if samples < need || !c.settled(samples) {
			continue
		}
		if slices.ContainsFunc(out, func(d Drift) bool { return d.Path == c.path && d.Kind == c.kind }) {
			continue
		}
		out = append(out, Drift{c.kind, c.path, c.was, c.now, c.samples})
		switch c.kind {
		case NewPath:
			c.at.named.path = true
		case Missing:
			c.at.named.missing = true
		case NewType:
			c.at.named.kind = true
		case NewValue:
			c.at.named.values++
		case Broken:
			c.at.named.format = true
		}
	}
	return out
}

// settled says whether a set of values has shown itself to be one.
func (c *candidate) settled(samples int64) bool {
	if c.kind != NewValue {
		return true
	}
	return c.word && samples >= 20*int64(c.few) && (c.few > 1 || samples >= alone) && (samples >= enough || c.least >= shows)
}

const fewValues = 16

// few is how many different values there are where they look like a list to choose from, and how often the rarest of them
// came: each is a word, and each but those that were told of came several times. 0: they do not.
func (t *Texts) few(told int) (n int, least int64) {
	if t.Many || len(t.Values) == 0 || len(t.Values) > fewValues || t.Formats[NoFormat] != t.Count-t.Empty {
		return 0, 0
	}
	counts := slices.Sorted(maps.Values(t.Values))
	if told = min(told, len(counts)-1); counts[told] < 3 {
		return 0, 0
	}
	return len(counts), counts[told]
}

// isWord says whether a text looks like the name of a state, a kind or a reason.
func isWord(s string) bool {
	if len(s) > 40 {
		return false
	}
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digits++
		case isLetter(c), strings.IndexByte("_-.:/", c) >= 0:
		default:
			return false
		}
	}
	return digits <= 3 && digits < len(s)
}

// list is the values in a sentence, without the one that just came.
func (t *Texts) list(but string) string {
	var all []string
	for v := range t.Values {
		if v != but {
			all = append(all, quoted(v))
		}
	}
	slices.Sort(all)
	if len(all) > 5 {
		all = append(all[:4], fmt.Sprintf("%d more", len(all)-4))
	}
	return strings.Join(all, ", ")
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

// shown is a value as it may be shown.
func shown(s string, p *Place) string {
	if p.secret || secretLike(s) {
		return "a masked value"
	}
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return quoted(s)
}

// rarest is what the rarest thing that is known of a shape asks of claims. It is looked at again when there is an eighth more.
type rarest struct {
	need int64
	next int64 // body count
}

func (r *rarest) look(s *Shape) {
	if s.Count < r.next {
		return
	}
	r.next = s.Count + s.Count/8 + 1
	share := 1.0
	s.Root.rates(&share)
	if r.need = fewest; share < 1 {
		r.need = min(enough, max(varied, int64(shows/share)))
	}
}

// rates lowers share to that of the rarest member, absence, type or value below p. What was told of as drift is new, not rare.
func (p *Place) rates(share *float64) {
	rate := func(n, of int64) {
		if n > 0 && of >= 20 && n < of {
			*share = min(*share, float64(n)/float64(of))
		}
	}
	if seen := p.Seen(); !p.named.kind {
		for k := range kinds {
			rate(p.Counts[k], seen)
		}
	}
	for i := range p.Fields {
		f := &p.Fields[i]
		if f.Name == Any {
			continue
		}
		if n, of := f.Seen(), p.Counts[Object]; !f.named.path && !f.named.missing {
			rate(n, of)
			rate(of-n, of)
		}
		f.rates(share)
	}
	if p.Items != nil {
		p.Items.rates(share)
	}
}

// pathText is a path as people write one: data.items[].price.
func pathText(path []string) string {
	if len(path) == 0 {
		return "the body"
	}
	var b strings.Builder
	for i, name := range path {
		switch {
		case name == "[]":
			b.WriteString("[]")
		case plainName(name) || name == Any:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(name)
		default:
			fmt.Fprintf(&b, "[%q]", name)
		}
	}
	return b.String()
}

func plainName(s string) bool {
	if s == "" || isDigit(s[0]) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && !isLetter(c) && c != '_' && c != '-' && c != '$' {
			return false
		}
	}
	return true
}
