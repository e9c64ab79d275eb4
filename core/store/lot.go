package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"hookglass/core"
)

// IDRange are captures by number, from one to another, both included.
type IDRange struct{ From, To core.CaptureID }

// And is what both queries match.
func (q Query) And(other Query) Query {
	return Query{text: q.text, conds: append(q.conds[:len(q.conds):len(q.conds)], other.conds...), body: q.body || other.body}
}

// Without is what q matches and other does not. An other that matches everything leaves nothing.
func (q Query) Without(other Query) Query {
	where, args := other.sql()
	return q.And(Query{conds: []cond{{sql: "NOT (" + where + ")", args: args}}, body: other.body})
}

// Within is what q matches among the captures of some ranges. A million captures are one range, so a choice of any size can be
// held, and asked for, without their numbers.
func (q Query) Within(ranges ...IDRange) Query { return q.And(Query{conds: []cond{among(ranges)}}) }

func among(ranges []IDRange) cond {
	switch len(ranges) {
	case 0:
		return cond{sql: "0", ranges: []IDRange{}}
	case 1:
		return cond{sql: "c.id BETWEEN ? AND ?", args: []any{int64(ranges[0].From), int64(ranges[0].To)}, ranges: ranges}
	}
	pairs := make([][2]int64, len(ranges))
	for i, r := range ranges {
		pairs[i] = [2]int64{int64(r.From), int64(r.To)}
	}
	text, _ := json.Marshal(pairs) // numbers alone
	// As a document: SQLite bounds how many words and arguments a query has.
	return cond{sql: "c.id IN (SELECT k.id FROM json_each(?) r CROSS JOIN capture k ON k.id BETWEEN r.value ->> 0 AND r.value ->> 1)", args: []any{string(text)},
		ranges: disjoint(ranges)}
}

// Pinned is the query for captures that are kept.
func Pinned() Query { return Query{conds: []cond{{sql: isPinned, index: "capture_pinned"}}} }

// Count is how many captures match.
func (s *Store) Count(ctx context.Context, q Query) (n int, err error) {
	if q.Everything() {
		all, err := s.All(ctx)
		return all.Len(), err
	}
	err = s.walk(ctx, q, 0, 0, func(p piece) (bool, error) {
		var some int
		err := s.read.QueryRowContext(ctx, "SELECT count(*)"+p.from+" WHERE "+p.where, p.args...).Scan(&some)
		n += some
		return true, err
	})
	if err != nil {
		return 0, fmt.Errorf("count captures: %w", err)
	}
	return n, nil
}

// PinAll pins the captures that match q, or lets them go, in chunks that let other writes through, and says how many were
// changed.
func (s *Store) PinAll(ctx context.Context, q Query, on bool) (total int64, err error) {
	if !on {
		q = q.And(Pinned())
	}
	ids, err := s.Find(ctx, q, 0)
	if err != nil {
		return 0, err
	}
	defer func() { s.touched(total) }()
	err = inChunks(ctx, ids, func(chunk []core.CaptureID) error {
		list, err := json.Marshal(chunk)
		if err != nil {
			return err
		}
		var n int64
		err = s.update(func(t *tx) (err error) {
			n, err = t.change("UPDATE capture SET pinned=? WHERE id IN (SELECT value FROM json_each(?)) AND pinned<>?", on, string(list), on)
			return err
		})
		total += n
		return err
	})
	if err != nil {
		return total, fmt.Errorf("pin captures: %w", err)
	}
	return total, nil
}

// Marks count what was done to captures that were there already, since the history was opened. Who lists captures reads anew
// where they moved on: the numbers of what is new say nothing of it.
type Marks struct {
	Deleted uint64 // at somebody's wish
	Trimmed uint64 // by the bound of the history
	Changed uint64 // pinned, noted, verified again, answered late
}

type marks struct{ deleted, trimmed, changed atomic.Uint64 }

// Marks are the counts so far.
func (s *Store) Marks() Marks {
	return Marks{s.marks.deleted.Load(), s.marks.trimmed.Load(), s.marks.changed.Load()}
}

// change is update for a capture that is there already.
func (s *Store) change(do func(*tx) error) error {
	err := s.update(do)
	if err == nil {
		s.touched(1)
	}
	return err
}

// touched says that n captures were changed. It comes after the commit, so that who sees it sees the change as well, and wakes
// those who looked before.
func (s *Store) touched(n int64) { s.mark(&s.marks.changed, n) }

func (s *Store) mark(count *atomic.Uint64, n int64) {
	if n > 0 {
		count.Add(uint64(n))
		s.feed.Bump()
	}
}
