package shape

import (
	"cmp"
	"maps"
	"slices"
)

// Merge takes all of o into s. o stays as it is.
func (s *Shape) Merge(o *Shape) {
	s.Count += o.Count
	if o.beyond != 0 && (s.beyond == 0 || o.beyond < s.beyond) {
		s.beyond = o.beyond
	}
	s.Root.merge(o.Root)
	s.places = s.Root.count()
	s.asked = rarest{}
	s.prune()
}

// merge takes all of o, which stands at the same path, into p.
func (p *Place) merge(o *Place) {
	mine, theirs := p.Seen(), o.Seen()
	if theirs > 0 {
		if mine == 0 || o.First.ID < p.First.ID {
			p.First = o.First
		}
		if mine == 0 || o.Last.ID > p.Last.ID {
			p.Last = o.Last
		}
	}
	if o.Counts[Array] > 0 {
		if p.Counts[Array] == 0 {
			p.Fewest, p.Largest = o.Fewest, o.Largest
		}
		p.Fewest, p.Largest = min(p.Fewest, o.Fewest), max(p.Largest, o.Largest)
	}
	for k := range kinds {
		p.Counts[k] += o.Counts[k]
	}
	p.Others += o.Others
	p.named.path = p.named.path || o.named.path
	p.named.missing = p.named.missing || o.named.missing
	p.named.kind = p.named.kind || o.named.kind
	p.named.format = p.named.format || o.named.format
	p.named.values = max(p.named.values, o.named.values)
	p.mergeTexts(o.Texts)
	p.mergeNumbers(o.Numbers)
	if o.Items != nil {
		if p.Items == nil {
			p.Items = p.below("", true)
		}
		p.Items.merge(o.Items)
	}
	for _, f := range o.Fields {
		i, ok := p.find(f.Name)
		if !ok {
			i = len(p.Fields)
			p.add(f.Name, p.below(f.Name, false))
		}
		p.Fields[i].merge(f.Place)
	}
}

func (p *Place) mergeTexts(o *Texts) {
	if o == nil {
		return
	}
	if p.Texts == nil {
		p.Texts = &Texts{}
	}
	t := p.Texts
	t.Count += o.Count
	t.Empty += o.Empty
	for f := range formats {
		t.Formats[f] += o.Formats[f]
	}
	if t.Many = t.Many || o.Many; !t.Many {
		if t.Values == nil {
			t.Values = make(map[string]int64, len(o.Values))
		}
		for v, n := range o.Values {
			t.Values[v] += n
		}
		t.Many = len(t.Values) > mostValues
	}
	if t.Many {
		t.Values = nil
	}
	for _, e := range o.Kept {
		t.put(e)
	}
}

func (p *Place) mergeNumbers(o *Numbers) {
	if o == nil {
		return
	}
	if p.Numbers == nil {
		n := *o
		p.Numbers = &n
		return
	}
	n := p.Numbers
	n.Min, n.Max = min(n.Min, o.Min), max(n.Max, o.Max)
	n.Big, n.Huge = n.Big || o.Big, n.Huge || o.Huge
	if o.Whole {
		if !n.Whole {
			n.Whole, n.Low, n.High = true, o.Low, o.High
		}
		n.Low, n.High = min(n.Low, o.Low), max(n.High, o.High)
	}
}

func (p *Place) count() int {
	n := 1
	for _, f := range p.Fields {
		n += f.count()
	}
	if p.Items != nil {
		n += p.Items.count()
	}
	return n
}

// prune gives up places where there are more than Most: those that come last in an order that no body has a say in. So it is
// the same ones whoever is merged with whom first, and what stays was never given up before: its counts are whole.
func (s *Shape) prune() {
	if s.places <= Most && s.beyond == 0 {
		return
	}
	orders := s.Root.orders(make([]uint64, 0, s.places))
	if len(orders) > Most {
		slices.Sort(orders)
		if limit := orders[Most]; s.beyond == 0 || limit < s.beyond {
			s.beyond = limit
		}
	}
	s.Root.cut(s.beyond)
	s.places = s.Root.count()
}

func (p *Place) orders(all []uint64) []uint64 {
	all = append(all, p.order())
	for _, f := range p.Fields {
		all = f.orders(all)
	}
	if p.Items != nil {
		all = p.Items.orders(all)
	}
	return all
}

func (p *Place) cut(beyond uint64) {
	kept := p.Fields[:0]
	for _, f := range p.Fields {
		if f.order() >= beyond {
			p.Others += f.Seen()
			continue
		}
		f.cut(beyond)
		kept = append(kept, f)
	}
	if len(kept) < len(p.Fields) {
		clear(p.Fields[len(kept):])
		p.Fields = kept
		p.indexed()
	}
	if p.Items != nil {
		if p.Items.order() >= beyond {
			p.Items = nil
		} else {
			p.Items.cut(beyond)
		}
	}
}

// Clone is a copy that nobody else changes.
func (s *Shape) Clone() *Shape {
	c := New()
	c.Merge(s)
	return c
}

// Cut says whether places were given up because there were too many.
func (s *Shape) Cut() bool { return s.beyond != 0 }

// words are the values at a place by how often they came.
func (t *Texts) words() []string {
	all := slices.Collect(maps.Keys(t.Values))
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.Values[b], t.Values[a]), cmp.Compare(a, b))
	})
	return all
}
