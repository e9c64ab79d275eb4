package lab

import "hookglass/core"

// entry is what the play keeps of an event under way.
type entry struct {
	created   int64
	began     int64 // of the first attempt
	attempts  int32
	processed int32
}

// ledger holds the events under way by number. Numbers are given in order, so pages of neighbours come and go together:
// memory follows the events under way, and finding one is two steps of arithmetic.
type ledger struct {
	pages []*ledgerPage
}

const ledgerSize = 1024

type ledgerPage struct {
	left    int // entries not yet removed, those to come included
	entries [ledgerSize]entry
}

func (l *ledger) add(id core.DeliveryID, created int64) {
	i := int(id / ledgerSize)
	for i >= len(l.pages) {
		l.pages = append(l.pages, nil)
	}
	if l.pages[i] == nil {
		l.pages[i] = &ledgerPage{left: ledgerSize}
	}
	l.pages[i].entries[id%ledgerSize] = entry{created: created}
}

func (l *ledger) get(id core.DeliveryID) *entry {
	return &l.pages[id/ledgerSize].entries[id%ledgerSize]
}

func (l *ledger) remove(id core.DeliveryID) {
	page := l.pages[id/ledgerSize]
	if page.left--; page.left == 0 {
		l.pages[id/ledgerSize] = nil
	}
}

// flight is something that ends later: the answer to an attempt, or, without an id, a request that leaves the receiver.
type flight struct {
	at int64
	id core.DeliveryID
	a  answered
	n  int64 // order of departure, so that what ends together ends in that order
}

// flights is a heap with the earliest in front.
type flights struct {
	heap []flight
	n    int64
}

func (f *flights) earliest() int64 {
	if len(f.heap) == 0 {
		return never
	}
	return f.heap[0].at
}

func (x *flight) before(y *flight) bool { return x.at < y.at || x.at == y.at && x.n < y.n }

func (f *flights) push(x flight) {
	f.n++
	x.n = f.n
	f.heap = append(f.heap, x)
	h, i := f.heap, len(f.heap)-1
	for i > 0 && x.before(&h[(i-1)/2]) {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = x
}

func (f *flights) pop() flight {
	h := f.heap
	top, last := h[0], len(h)-1
	x := h[last]
	f.heap = h[:last]
	h = f.heap
	i := 0
	for {
		c := 2*i + 1
		if c >= last {
			break
		}
		if c+1 < last && h[c+1].before(&h[c]) {
			c++
		}
		if !h[c].before(&x) {
			break
		}
		h[i] = h[c]
		i = c
	}
	if last > 0 {
		h[i] = x
	}
	return top
}
