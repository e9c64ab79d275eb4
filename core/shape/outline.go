package shape

import "slices"

// Node is a place with its path, for those who show a shape.
type Node struct {
	*Place
	Path     string
	Name     string  // the last step of the path; empty for the body itself
	Depth    int     // in steps
	Presence float64 // the share of the objects around it that have it
	Item     bool    // the items of an array
}

// Outline is all places, parents before what is in them, members by name.
func (s *Shape) Outline() []Node {
	var all []Node
	var walk func(p *Place, path []string, n Node)
	walk = func(p *Place, path []string, n Node) {
		n.Place, n.Depth = p, len(path)
		if len(path) > 0 {
			n.Path = pathText(path)
		}
		all = append(all, n)
		for _, f := range p.Sorted() {
			walk(f.Place, append(slices.Clip(path), f.Name), Node{Name: f.Name, Presence: p.Presence(f)})
		}
		if p.Items != nil {
			walk(p.Items, append(slices.Clip(path), "[]"), Node{Name: "[]", Presence: 1, Item: true})
		}
	}
	walk(s.Root, nil, Node{Presence: 1})
	return all
}

// Format is what all strings there hold, or "".
func (p *Place) Format() string {
	if p.Texts == nil {
		return ""
	}
	return p.Texts.Format().String()
}

// Values are all texts that came, the commonest first, where they are few and seem to be a list to choose from.
func (p *Place) Values() []string {
	if t := p.Texts; t != nil && t.isList(p.named.values) {
		return t.words()
	}
	return nil
}

// isList says whether the texts are words of which each came often enough that there seem to be no others,
// but for those that were told of as new.
func (t *Texts) isList(told int) bool {
	n, least := t.few(told)
	if n == 0 || t.Empty > 0 || t.Count < 20*int64(n) || least < 3 {
		return false
	}
	for v := range t.Values {
		if !isWord(v) {
			return false
		}
	}
	return true
}

// Examples are some of the texts that came, none of a secret.
func (p *Place) Examples() (all []string) {
	if p.Texts == nil || p.Values() != nil {
		return nil
	}
	for _, e := range p.Texts.Kept {
		all = append(all, e.Text)
	}
	return all
}
