package inbox

import (
	"context"
	"sync"

	"hookglass/core"
	"hookglass/core/store"
)

// chunk is how many rows are read at a time.
const chunk = 128

// captures is the list of captures that match a filter, as the inbox shows it: eight bytes for each, and the rows
// in sight. The UI goroutine reads it; the pump and tasks bring what is new as values.
type captures struct {
	query store.Query
	ids   []core.CaptureID // oldest first, so that new ones are appended
	rows  map[core.CaptureID]store.Row
	asked map[int]bool // chunks under way, by number from the oldest
}

func newCaptures(q store.Query) *captures {
	return &captures{query: q, rows: map[core.CaptureID]store.Row{}, asked: map[int]bool{}}
}

func (c *captures) len() int { return len(c.ids) }

// id is the capture in row i of the list, newest first.
func (c *captures) id(i int) core.CaptureID {
	if i < 0 || i >= len(c.ids) {
		return 0
	}
	return c.ids[len(c.ids)-1-i]
}

// index is the row of a capture, or -1.
func (c *captures) index(id core.CaptureID) int {
	lo, hi := 0, len(c.ids)
	for lo < hi {
		if mid := (lo + hi) / 2; c.ids[mid] < id {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(c.ids) && c.ids[lo] == id {
		return len(c.ids) - 1 - lo
	}
	return -1
}

// keepRows bounds the rows held; those out of sight are read again.
const keepRows = 64 * chunk

// add puts in what a load brought: ids that are new, newest first, and rows.
func (c *captures) add(fresh []core.CaptureID, rows []store.Row) {
	for i := len(fresh) - 1; i >= 0; i-- {
		if n := len(c.ids); n == 0 || fresh[i] > c.ids[n-1] {
			c.ids = append(c.ids, fresh[i])
		}
	}
	if len(c.rows) > keepRows {
		clear(c.rows)
	}
	for _, r := range rows {
		c.rows[r.ID] = r
	}
}

// sight is what the inbox shows, for goroutines other than the UI's.
type sight struct {
	mu     sync.Mutex
	query  store.Query
	serial int // counts changes of the query
	newest core.CaptureID
	hidden []store.Query    // deleted, and not gone yet
	near   []core.CaptureID // the rows in sight
	marks  store.Marks      // that the list goes by

	again, done int // how often the list was to be read whole at its place, and which of these it goes by
}

// filter is the one in force, as typed.
func (s *sight) filter() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.query.String()
}

// batch is what one load of the inbox brings.
type batch struct {
	serial int
	whole  bool // ids are all there are, not only the new ones
	ids    []core.CaptureID
	rows   []store.Row

	anew    bool // ids are all there are; the list keeps its place
	touched bool // rows that were there are others now
	marks   store.Marks
	again   int
}

// read brings what is new for a sight.
func read(ctx context.Context, st *store.Store, s *sight) (batch, error) {
	s.mu.Lock()
	q, newest, near, was := s.query, s.newest, s.near, s.marks
	b := batch{serial: s.serial, whole: newest == 0, marks: st.Marks(), again: s.again}
	for _, h := range s.hidden {
		q = q.Without(h)
	}
	b.anew = !b.whole && (s.again != s.done || b.marks.Deleted != was.Deleted || b.marks.Trimmed != was.Trimmed)
	s.mu.Unlock()
	b.touched = b.marks.Changed != was.Changed
	after := newest
	if b.anew {
		after = 0
	}
	var err error
	if b.ids, err = st.CaptureIDs(ctx, q, after); err != nil {
		return b, err
	}
	if n := min(len(b.ids), chunk); n > 0 {
		if b.rows, err = st.Rows(ctx, q, b.ids[n-1], b.ids[0]); err != nil {
			return b, err
		}
	}
	if b.touched && !b.whole {
		var rows []store.Row
		rows, err = rowsOf(ctx, st, near)
		b.rows = append(b.rows, rows...)
	}
	return b, err
}

// rowsOf reads the rows of some captures, whether or not a filter still lets them through.
func rowsOf(ctx context.Context, st *store.Store, ids []core.CaptureID) ([]store.Row, error) {
	ranges := make([]store.IDRange, len(ids))
	for i, id := range ids {
		ranges[i] = store.IDRange{From: id, To: id}
	}
	return st.Captures(ctx, store.Query{}.Within(ranges...), 0, len(ids))
}
