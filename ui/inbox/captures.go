package inbox

import (
	"context"
	"sync"

	"hookglass/core"
	"hookglass/core/store"
)

// chunk is how many rows are read at a time.
const chunk = 128

// captures is the list of captures that match a filter, as the inbox shows it: a bit for each, and the rows
// in sight. The UI goroutine reads it; the pump and tasks bring what is new as values.
type captures struct {
	query store.Query
	ids   store.IDs
	rows  map[core.CaptureID]store.Row
	asked map[core.CaptureID]bool // rows under way
}

func newCaptures(q store.Query) *captures {
	return &captures{query: q, rows: map[core.CaptureID]store.Row{}, asked: map[core.CaptureID]bool{}}
}

func (c *captures) len() int { return c.ids.Len() }

// id is the capture in row i of the list, newest first.
func (c *captures) id(i int) core.CaptureID { return c.ids.At(c.ids.Len() - 1 - i) }

// index is the row of a capture, or -1.
func (c *captures) index(id core.CaptureID) int {
	if !c.ids.Has(id) {
		return -1
	}
	return c.ids.Len() - 1 - c.ids.Below(id)
}

// keepRows bounds the rows held; those out of sight are read again.
const keepRows = 64 * chunk

// put takes in rows that were read.
func (c *captures) put(rows []store.Row) {
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
	hidden []store.IDs      // deleted, and not gone yet
	near   []core.CaptureID // the rows in sight
	marks  store.Marks      // that the list goes by
	whole  bool             // nothing was shown of this query yet
	reads  int              // counts batches

	search search // of a query that does not match everything
}

// search is how far a filter has come.
type search struct {
	found store.IDs // among what was there when it began
	begun bool      // found says something
	upto  core.CaptureID
	fresh store.IDs // among what came since, up to there

	done, of int
	read     bool // without the index
	ended    bool
	stopped  bool // by the user
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
	number int  // a later one knows more
	whole  bool // it is the first of its query
	ids    store.IDs
	rows   []store.Row

	touched bool // rows that were there are others now
	marks   store.Marks
	search  search
}

// lateMost is how many of the newest captures are looked at again where one was changed.
const lateMost = 512

// read brings what there is for a sight; ready is false while a search has not found out anything.
func read(ctx context.Context, st *store.Store, s *sight) (b batch, ready bool, err error) {
	marks := st.Marks() // before what they count
	all, err := st.All(ctx)
	if err != nil {
		return b, false, err
	}
	s.mu.Lock()
	q, near, newest, found := s.query, s.near, s.newest, s.search
	b = batch{serial: s.serial, whole: s.whole, marks: marks, touched: marks.Changed != s.marks.Changed}
	s.mu.Unlock()
	ids := all
	if !q.Everything() {
		if !found.begun {
			return b, false, nil
		}
		after := found.upto
		if b.touched { // what is answered late may match only now
			after = max(0, after-lateMost)
		}
		fresh, err := st.Find(ctx, q, after)
		if err != nil {
			return b, false, err
		}
		ids = found.found.With(found.fresh).With(fresh).And(all)
		b.search = found
		s.mu.Lock()
		if now := &s.search; s.serial == b.serial && now.upto == found.upto {
			now.upto, now.fresh = max(now.upto, all.Newest()), now.fresh.With(fresh)
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	for _, h := range s.hidden {
		ids = ids.Without(h)
	}
	s.reads++
	b.number = s.reads
	s.mu.Unlock()
	b.ids = ids
	want := near
	if !b.touched || b.whole {
		want = nil
	}
	top := 0
	for id := range ids.Backward() {
		if top++; top > chunk || id <= newest && !b.whole {
			break
		}
		want = append(want, id)
	}
	b.rows, err = st.RowsOf(ctx, want)
	return b, err == nil, err
}
