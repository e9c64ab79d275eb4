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

// walker is where a search is.
type walker struct {
	s     *Store
	q     Query
	ids   IDs // that it may find
	end   int // how many of them are left
	n     int // of the next piece
	from  string
	where string
	args  []any

	x         *index            // nil: everything is read
	questions map[string]string // to it
	pending   IDs               // its candidates that are not compared yet
	scanned   int               // captures that were read without it
}

func (s *Store) walker(ctx context.Context, q Query, after, before core.CaptureID) (*walker, error) {
	ids, err := s.possible(ctx, q, after, before)
	if err != nil {
		return nil, err
	}
	w := &walker{s: s, q: q, ids: ids, end: ids.Len(), n: pieceFirst}
	if q.body {
		w.n = pieceBody
	}
	w.from = " FROM capture c"
	if _, _, _, index := q.bounds(); index != "" {
		w.from += " INDEXED BY " + index
	}
	w.from += q.join()
	w.where, w.args = q.sql()
	if w.questions = q.questions(); len(w.questions) > 0 {
		w.x = s.index(ctx)
	}
	return w, nil
}

// left reports whether there is more to look at.
func (w *walker) left() bool { return w.end > 0 || w.pending.Len() > 0 }

// next reads the next piece.
func (w *walker) next(ctx context.Context, read func(piece) (more bool, err error)) (more bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if w.x != nil {
		return w.nextByIndex(ctx, read)
	}
	return w.scan(ctx, 0, read)
}

// scan reads the next piece, not beyond a place.
func (w *walker) scan(ctx context.Context, least int, read func(piece) (more bool, err error)) (more bool, err error) {
	begin := max(least, w.end-w.n)
	if at := w.ids.gap(w.end - 1); at > begin { // what is left out between two blocks is not to be read
		begin = at
	}
	began := time.Now()
	args := append(slices.Clone(w.args), int64(w.ids.At(begin)), int64(w.ids.At(w.end-1)))
	more, err = read(piece{w.from, w.where + " AND c.id BETWEEN ? AND ?", args})
	w.scanned += w.end - begin
	w.n, w.end = paced(w.n, time.Since(began)), begin
	return more && w.end > 0, err
}

// walk calls read with one piece after the other of a search between two captures, until it wants no more.
func (s *Store) walk(ctx context.Context, q Query, after, before core.CaptureID, read func(piece) (more bool, err error)) error {
	w, err := s.walker(ctx, q, after, before)
	for more := err == nil && w.left(); more; {
		more, err = w.next(ctx, read)
	}
	return err
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

// Search finds the captures that match a filter, from the newest to the oldest, a while at a time.
type Search struct {
	w     *walker
	found finding
}

// Search begins a search for captures that match q and are newer than after.
func (s *Store) Search(ctx context.Context, q Query, after core.CaptureID) (*Search, error) {
	w, err := s.walker(ctx, q, after, 0)
	if err != nil {
		return nil, err
	}
	x := &Search{w: w}
	if q.Everything() {
		x.found.addAll(w.ids, IDRange{1, maxID})
		w.end = 0
	}
	return x, nil
}

// Go searches on for a while, or a piece where that takes longer, and reports whether there is more to look at.
func (x *Search) Go(ctx context.Context, while time.Duration) (more bool, err error) {
	began := time.Now()
	for more = x.w.left(); more; {
		if more, err = x.w.next(ctx, func(p piece) (bool, error) { return true, x.read(ctx, p) }); err != nil {
			return false, err
		}
		if time.Since(began) > while {
			return more, nil
		}
	}
	return false, nil
}

func (x *Search) read(ctx context.Context, p piece) error {
	var text *string // one row for all: to have each number handed over costs more than to find it
	if err := x.w.s.read.QueryRowContext(ctx, "SELECT group_concat(c.id, ' ')"+p.from+" WHERE "+p.where, p.args...).Scan(&text); err != nil {
		return fmt.Errorf("find captures: %w", err)
	}
	if text != nil {
		x.found.addText(*text)
	}
	return nil
}

// Found is what was found so far.
func (x *Search) Found() IDs { return x.found.ids() }

// Progress is how many captures were looked at, of how many.
func (x *Search) Progress() (done, of int) { return x.w.ids.Len() - x.w.end, x.w.ids.Len() }

// Read is how many captures were looked at one by one, since no index tells of them.
func (x *Search) Read() int { return x.w.scanned }

// Find is a whole search.
func (s *Store) Find(ctx context.Context, q Query, after core.CaptureID) (IDs, error) {
	x, err := s.Search(ctx, q, after)
	for more := err == nil; more; {
		more, err = x.Go(ctx, time.Hour)
	}
	if err != nil {
		return IDs{}, err
	}
	return x.Found(), nil
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
	ids, err := s.Find(ctx, q, after)
	if err != nil || ids.Len() == 0 {
		return nil, err
	}
	out := make([]core.CaptureID, 0, ids.Len())
	for id := range ids.Backward() {
		out = append(out, id)
	}
	return out, nil
}
