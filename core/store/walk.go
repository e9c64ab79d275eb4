package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// A search through captures goes piece by piece, newest first: what is found can be shown at once, it can be ended, and nobody
// reads so long at a stretch that the log of what is written meanwhile cannot begin anew. Pieces that cannot have anything are
// left out.

// piece is one read of a search: what stands behind FROM and WHERE.
type piece struct {
	from  string
	where string
	args  []any
	looks int // how many captures are looked at, at most
}

const (
	pieceFirst = blockSize
	pieceMost  = 1 << 20
	pieceBody  = 512 // where bodies are read
	pieceWhile = 20 * time.Millisecond
)

// paced is how many captures the next piece has, after one that took so long.
func paced(n int, took time.Duration) int {
	switch {
	case took < pieceWhile:
		return min(2*n, pieceMost)
	case took > 3*pieceWhile:
		return max(n/2, 64)
	}
	return n
}

// bounds are what the words of q say together of where its captures are.
func (q Query) bounds() (since, until int64, ranges [][]IDRange, index string) {
	for _, c := range q.conds {
		since = max(since, c.since)
		if c.until != 0 && (until == 0 || c.until < until) {
			until = c.until
		}
		if c.ranges != nil {
			ranges = append(ranges, c.ranges)
		}
		if c.index != "" && (index == "" || index == "capture_source") { // the others have few
			index = c.index
		}
	}
	return since, until, ranges, index
}

// possible are the captures between two, both left out and 0 for none, that q may match as far as is known without reading any.
func (s *Store) possible(ctx context.Context, q Query, after, before core.CaptureID) (IDs, error) {
	all, err := s.blocks(ctx)
	if err != nil {
		return IDs{}, err
	}
	since, until, within, _ := q.bounds()
	if since != 0 || until != 0 {
		var kept []*block
		for _, b := range all {
			if b.to >= since && (until == 0 || b.from <= until) {
				kept = append(kept, b)
			}
		}
		all = kept
	}
	ids := idsOf(all)
	if after > 0 || before > 0 {
		within = append(within, []IDRange{{after + 1, orLast(before) - 1}})
	}
	for _, ranges := range within {
		ids = ids.In(ranges...)
	}
	return ids, nil
}

func orLast(id core.CaptureID) core.CaptureID {
	if id == 0 {
		return maxID
	}
	return id
}

// walk calls read with one piece after the other of a search between two captures, until it wants no more.
func (s *Store) walk(ctx context.Context, q Query, after, before core.CaptureID, read func(piece) (more bool, err error)) error {
	ids, err := s.possible(ctx, q, after, before)
	if err != nil {
		return err
	}
	n := pieceFirst
	if q.body {
		n = pieceBody
	}
	_, _, _, index := q.bounds()
	from := " FROM capture c"
	if index != "" {
		from += " INDEXED BY " + index
	}
	from += q.join()
	where, args := q.sql()
	for end := ids.Len(); end > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		begin := max(0, end-n)
		r := IDRange{ids.At(begin), ids.At(end - 1)}
		if at := ids.gap(end - 1); at > begin { // what is left out between two blocks is not to be read
			begin, r.From = at, ids.At(at)
		}
		began := time.Now()
		more, err := read(piece{from, where + " AND c.id BETWEEN ? AND ?", append(slices.Clone(args), int64(r.From), int64(r.To)), end - begin})
		if err != nil || !more {
			return err
		}
		n, end = paced(n, time.Since(began)), begin
	}
	return nil
}

// gap is the first place of the run of blocks, one next to the other, in which a place is.
func (s IDs) gap(place int) int {
	i, _ := s.find(blockOf(s.At(place)))
	for i > 0 && s.blocks[i-1].number == s.blocks[i].number-1 {
		i--
	}
	return s.sums[i]
}

// Captures returns up to limit rows that match q, newest first, older than before when it is not 0.
func (s *Store) Captures(ctx context.Context, q Query, before core.CaptureID, limit int) ([]Row, error) {
	var all []Row
	err := s.walk(ctx, q, 0, before, func(p piece) (bool, error) {
		rows, err := list(ctx, s.read, "list captures", scanRow,
			"SELECT "+rowColumns+p.from+" WHERE "+p.where+" ORDER BY c.id DESC LIMIT ?", append(p.args, limit-len(all))...)
		all = append(all, rows...)
		return len(all) < limit, err
	})
	return all, err
}

// Finding tells how far a search is: what it found so far, and how many captures it has looked at, of how many.
type Finding struct {
	IDs      func() IDs
	Found    int
	Done, Of int
}

// Find returns the captures that match q and are newer than after. It goes from the newest to the oldest, and tells after each
// piece how far it is; tell may be nil.
func (s *Store) Find(ctx context.Context, q Query, after core.CaptureID, tell func(Finding)) (IDs, error) {
	possible, err := s.possible(ctx, q, after, 0)
	if err != nil || q.Everything() {
		return possible, err
	}
	var f finding
	done := 0
	err = s.walk(ctx, q, after, 0, func(p piece) (bool, error) {
		var text *string // one row for all: to have each number handed over costs more than to find it
		if err := s.read.QueryRowContext(ctx, "SELECT group_concat(c.id, ' ')"+p.from+" WHERE "+p.where, p.args...).Scan(&text); err != nil {
			return false, fmt.Errorf("find captures: %w", err)
		}
		if text != nil {
			f.addText(*text)
		}
		if done += p.looks; tell != nil {
			tell(Finding{f.ids, f.n, min(done, possible.Len()), possible.Len()})
		}
		return true, nil
	})
	return f.ids(), err
}

// addText adds the numbers of a piece, with a space between them.
func (f *finding) addText(text string) {
	begun := len(f.blocks)
	var at *block
	for word := range strings.SplitSeq(text, " ") {
		id := core.CaptureID(0)
		for i := range len(word) {
			id = id*10 + core.CaptureID(word[i]-'0')
		}
		if at == nil || at.number != blockOf(id) {
			i := slices.IndexFunc(f.blocks[max(begun-1, 0):], func(b *block) bool { return b.number == blockOf(id) })
			if i < 0 {
				f.blocks = append(f.blocks, &block{number: blockOf(id)})
				i = len(f.blocks) - 1 - max(begun-1, 0)
			}
			at = f.blocks[max(begun-1, 0)+i]
		}
		if at.set(id, true) {
			f.n++
		}
	}
	slices.SortFunc(f.blocks[begun:], func(a, b *block) int { return cmp.Compare(b.number, a.number) }) // an index may bring them in another order
}

// CaptureIDs returns the ids of all captures that match q and are newer than after, newest first.
func (s *Store) CaptureIDs(ctx context.Context, q Query, after core.CaptureID) ([]core.CaptureID, error) {
	ids, err := s.Find(ctx, q, after, nil)
	if err != nil || ids.Len() == 0 {
		return nil, err
	}
	out := make([]core.CaptureID, 0, ids.Len())
	for id := range ids.Backward() {
		out = append(out, id)
	}
	return out, nil
}
