package deliver

import "hookglass/core"

// entry is a place in a queue: 16 bytes, so that a million of them are 16 MB.
type entry struct {
	due int64 // Unix nanoseconds
	id  core.DeliveryID
}

func (e entry) before(o entry) bool { return e.due < o.due || e.due == o.due && e.id < o.id }

// queue is a heap of four branches with the earliest entry in front: half as deep as one of two, and the four
// children share a cache line.
type queue []entry

func (q *queue) push(e entry) {
	*q = append(*q, e)
	q.up(len(*q) - 1)
}

func (q *queue) pop() entry {
	h := *q
	top, last := h[0], len(h)-1
	h[0] = h[last]
	*q = h[:last]
	if last == 0 {
		*q = nil // a long queue that has emptied gives its memory back
		return top
	}
	q.down(0)
	return top
}

// order makes a heap of entries in any order.
func (q *queue) order() {
	for i := (len(*q) - 2) / 4; i >= 0 && len(*q) > 1; i-- {
		q.down(i)
	}
}

func (q *queue) up(i int) {
	h := *q
	e := h[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = e
}

func (q *queue) down(i int) {
	h := *q
	e := h[i]
	for {
		child := 4*i + 1
		if child >= len(h) {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, len(h)); c++ {
			if h[c].before(h[least]) {
				least = c
			}
		}
		if !h[least].before(e) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = e
}

// idSet is a set of ids that lie close together, one bit each, so that knowing which deliveries wait costs next to
// nothing beside the queue. The zero value is empty.
type idSet struct {
	pages map[core.DeliveryID]*idPage
	n     int
}

type idPage struct {
	bits [pageSize / 64]uint64
	n    int
}

const pageSize = 1 << 15

func (s *idSet) place(id core.DeliveryID) (page *idPage, word int, bit uint64) {
	at := uint64(id) % pageSize
	return s.pages[id/pageSize], int(at / 64), 1 << (at % 64)
}

func (s *idSet) has(id core.DeliveryID) bool {
	page, word, bit := s.place(id)
	return page != nil && page.bits[word]&bit != 0
}

func (s *idSet) add(id core.DeliveryID) {
	page, word, bit := s.place(id)
	if page == nil {
		if s.pages == nil {
			s.pages = map[core.DeliveryID]*idPage{}
		}
		page = new(idPage)
		s.pages[id/pageSize] = page
	}
	if page.bits[word]&bit == 0 {
		page.bits[word] |= bit
		page.n++
		s.n++
	}
}

func (s *idSet) remove(id core.DeliveryID) {
	page, word, bit := s.place(id)
	if page == nil || page.bits[word]&bit == 0 {
		return
	}
	page.bits[word] &^= bit
	page.n--
	s.n--
	if page.n == 0 {
		delete(s.pages, id/pageSize)
	}
}
