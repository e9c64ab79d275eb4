package inbox

import (
	"slices"
	"sort"

	"hookglass/core"
	"hookglass/core/store"
)

// picked are the captures chosen together, as ranges of their numbers within what the list shows. What arrives later has a
// higher number than all of them, so nothing joins by itself, and all of a list, however long, is one range.
type picked struct {
	ranges []store.IDRange // ascending, apart from each other
	base   []store.IDRange // what they were before the stretch that goes on
	anchor core.CaptureID  // where a stretch begins
}

// one picks a capture and no other; 0 picks nothing.
func (p *picked) one(id core.CaptureID) {
	*p = picked{anchor: id}
	if id != 0 {
		p.ranges = []store.IDRange{{From: id, To: id}}
	}
}

// toggle picks a capture beside the others, or not any more, and says which.
func (p *picked) toggle(id core.CaptureID) (on bool) {
	if on = !p.has(id); on {
		p.ranges = union(p.ranges, store.IDRange{From: id, To: id})
	} else {
		p.ranges = without(p.ranges, []core.CaptureID{id})
	}
	p.base, p.anchor = p.ranges, id
	return on
}

// stretch picks all from the anchor to a capture, instead of what the last stretch picked.
func (p *picked) stretch(id core.CaptureID) {
	if p.anchor == 0 {
		p.one(id)
		return
	}
	p.ranges = union(p.base, store.IDRange{From: min(p.anchor, id), To: max(p.anchor, id)})
}

// all picks every capture from one number to another.
func (p *picked) all(from, to core.CaptureID) {
	p.ranges = []store.IDRange{{From: from, To: to}}
	p.base = p.ranges
}

func (p *picked) has(id core.CaptureID) bool {
	i := sort.Search(len(p.ranges), func(i int) bool { return p.ranges[i].To >= id })
	return i < len(p.ranges) && p.ranges[i].From <= id
}

// union is ranges with another one, joined where they touch.
func union(ranges []store.IDRange, r store.IDRange) (out []store.IDRange) {
	for i, have := range ranges {
		switch {
		case have.To+1 < r.From:
			out = append(out, have)
		case r.To+1 < have.From:
			return append(append(out, r), ranges[i:]...)
		default:
			r.From, r.To = min(r.From, have.From), max(r.To, have.To)
		}
	}
	return append(out, r)
}

// without is ranges but for some captures, which come in ascending order.
func without(ranges []store.IDRange, ids []core.CaptureID) (out []store.IDRange) {
	for _, r := range ranges {
		from, _ := slices.BinarySearch(ids, r.From)
		for ; from < len(ids) && ids[from] <= r.To; from++ {
			if id := ids[from]; id > r.From {
				out = append(out, store.IDRange{From: r.From, To: id - 1})
			}
			r.From = ids[from] + 1
		}
		if r.From <= r.To {
			out = append(out, r)
		}
	}
	return out
}

// count is how many captures of the list stand in ranges.
func (c *captures) count(ranges []store.IDRange) (n int) {
	for _, r := range ranges {
		n += c.ids.CountIn(r)
	}
	return n
}

// within are the first so many of the captures of the list that stand in ranges, oldest first.
func (c *captures) within(ranges []store.IDRange, most int) []core.CaptureID {
	return c.ids.In(ranges...).From(0, most)
}
