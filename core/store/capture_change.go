package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hookglass/core"
)

// ChangeVerdict reads a capture's verdict, lets change decide on it and writes it back, in one transaction. change is given
// nil where there is none; what it returns is the verdict from then on. An error of change leaves the verdict as it was and
// is returned. change may be called a second time, on what is then stored.
func (s *Store) ChangeVerdict(id core.CaptureID, change func(*core.Verdict) (*core.Verdict, error)) error {
	return s.change(func(t *tx) error {
		var text string
		var body []byte
		err := t.row("SELECT b.receipt, "+wholeBody+" FROM capture_body b WHERE b.id=?", int64(id)).Scan(&text, &body)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("capture %d: %w", id, core.ErrNotFound)
		}
		var r core.Receipt
		if err == nil {
			err = decodeReceipt(text, &r, body)
		}
		if err != nil {
			return fmt.Errorf("read capture %d: %w", id, err)
		}
		if r.Verdict, err = change(r.Verdict); err != nil {
			return err
		}
		state := ""
		if r.Verdict != nil {
			state = string(r.Verdict.State)
		}
		doc, err := appendReceipt(nil, &r, body)
		if err != nil {
			return err
		}
		if err := t.exec("UPDATE capture SET verdict=? WHERE id=?", state, int64(id)); err != nil {
			return err
		}
		return t.exec("UPDATE capture_body SET receipt=? WHERE id=?", string(doc), int64(id))
	})
}

// SetVerdict replaces a capture's verdict: it was verified again with another scheme or secret.
func (s *Store) SetVerdict(id core.CaptureID, v *core.Verdict) error {
	return s.ChangeVerdict(id, func(*core.Verdict) (*core.Verdict, error) { return v, nil })
}

// SetAnswer records the answer that a capture finally got: one that came from a forward, or that a fault changed.
func (s *Store) SetAnswer(id core.CaptureID, r core.Response) error {
	answer := string(appendAnswer(nil, &r))
	return s.change(func(t *tx) error {
		if err := t.exec("UPDATE capture SET status=? WHERE id=?", r.Status, int64(id)); err != nil {
			return err
		}
		return t.exec("UPDATE capture_body SET answer=?, answer_body=? WHERE id=?", answer, blob(r.Body), int64(id))
	})
}

// Pin keeps captures from being trimmed, or lets them go.
func (s *Store) Pin(id core.CaptureID, on bool) error {
	return s.change(func(t *tx) error { return t.exec("UPDATE capture SET pinned=? WHERE id=?", on, int64(id)) })
}

// SetNote puts the user's words on a capture.
func (s *Store) SetNote(id core.CaptureID, note string) error {
	return s.change(func(t *tx) error { return t.exec("UPDATE capture SET note=? WHERE id=?", note, int64(id)) })
}

// DeleteCaptures removes captures that match q and are not pinned, in chunks that let other writes through, and
// says how many. They are looked for beside the writer, which may take long where bodies are searched; what arrives meanwhile
// stays. The user wants them gone: afterwards no byte of them is left in the file and in its log.
func (s *Store) DeleteCaptures(ctx context.Context, q Query) (total int64, err error) {
	ids, err := s.Find(ctx, q, 0)
	if err != nil {
		return 0, err
	}
	wipe, err := s.condemn(ctx, ids)
	if err != nil {
		return 0, err
	}
	where, args := q.sql()
	matching := q.join() + " WHERE c.id IN (SELECT value FROM json_each(?)) AND c.pinned=0 AND " + where
	defer func() { s.mark(&s.marks.deleted, total) }()
	err = inChunks(ctx, ids, func(chunk []core.CaptureID) error {
		n, err := s.deleteChunk(ctx, false, matching, chunk, args...)
		total += n
		return err
	})
	if err = errors.Join(err, wipe()); err != nil {
		return total, fmt.Errorf("delete captures: %w", err)
	}
	if total == 0 {
		return 0, nil
	}
	if err := s.GiveBack(ctx); err != nil {
		return total, err
	}
	return total, s.emptyLog()
}

// condemn has the index of texts ready to lose captures, and returns what takes those out that are gone then.
func (s *Store) condemn(ctx context.Context, ids IDs) (wipe func() error, err error) {
	x := s.index(ctx)
	if x == nil {
		return func() error { return nil }, nil
	}
	x.mu.Lock()
	shards, err := x.condemn(ctx, ids)
	if err != nil {
		x.mu.Unlock()
		return nil, err
	}
	return func() error {
		defer x.mu.Unlock()
		ctx := context.WithoutCancel(ctx) // what is gone is gone
		all, err := s.All(ctx)
		if err != nil {
			return err
		}
		return x.wipe(ctx, shards, ids.Without(all))
	}, nil
}

// A change of many captures is cut into transactions, so that what arrives meanwhile waits for none of them long.
const (
	chunkFirst = 64
	chunkMost  = 1000
	chunkWhile = 10 * time.Millisecond
)

// inChunks calls change with some captures after the other, the oldest first.
func inChunks(ctx context.Context, ids IDs, change func([]core.CaptureID) error) error {
	for at, n := 0, chunkFirst; at < ids.Len(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk := ids.From(at, n)
		began := time.Now()
		if err := change(chunk); err != nil {
			return err
		}
		at, n = at+len(chunk), chunkOf(n, time.Since(began))
	}
	return nil
}

// chunkOf is how many captures the next chunk has, after one that took so long.
func chunkOf(n int, took time.Duration) int {
	switch {
	case took > 2*chunkWhile:
		return max(n/2, 1)
	case took < chunkWhile:
		return min(2*n, chunkMost)
	}
	return n
}

// deleteBytes is how much of bodies is deleted in one transaction: each page of them is touched.
const deleteBytes = 16 << 20

// deleteChunk deletes in as many transactions as the bodies want. What gives way to newer, and nobody asked to have wiped out, may
// leave traces: it is found in free pages until they are used again.
func (s *Store) deleteChunk(ctx context.Context, traces bool, matching string, chunk []core.CaptureID, args ...any) (total int64, err error) {
	text, err := json.Marshal(chunk)
	if err != nil {
		return 0, err
	}
	sizes, err := list(ctx, s.read, "measure captures", one[int64], "SELECT coalesce(c.size, 0) FROM json_each(?) j LEFT JOIN capture c ON c.id = j.value ORDER BY j.key", string(text))
	if err != nil {
		return 0, err
	}
	for len(chunk) > 0 {
		n, bytes := 1, sizes[0]
		for n < len(chunk) && bytes+sizes[n] <= deleteBytes {
			bytes += sizes[n]
			n++
		}
		var gone int64
		err := s.update(func(t *tx) error {
			remove := func() (err error) {
				gone, err = t.deleteCaptures(!traces, matching, chunk[:n], args...)
				return err
			}
			if traces {
				return t.leavingTraces(remove)
			}
			return remove()
		})
		if total += gone; err != nil {
			return total, err
		}
		chunk, sizes = chunk[n:], sizes[n:]
	}
	return total, nil
}

// deleteCaptures removes those of a chunk that are matched by what stands behind FROM capture c, with forget also what was learned
// of them, and says how many.
func (t *tx) deleteCaptures(forget bool, matching string, chunk []core.CaptureID, args ...any) (n int64, err error) {
	list, err := json.Marshal(chunk)
	if err != nil {
		return 0, err
	}
	rows, err := t.rows("SELECT c.id, c.source FROM capture c"+matching, append([]any{string(list)}, args...)...)
	if err != nil {
		return 0, err
	}
	type going struct{ id, source int64 }
	var all []going
	var ids []int64
	for rows.Next() && err == nil {
		var g going
		err = rows.Scan(&g.id, &g.source)
		all, ids = append(all, g), append(ids, g.id)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	if forget && len(all) > 0 {
		if err := t.forgetLearned(ids); err != nil {
			return 0, err
		}
	}
	for _, g := range all {
		if err := t.exec("DELETE FROM contract_check WHERE capture=?", g.id); err != nil {
			return 0, err
		}
		if err := t.exec("DELETE FROM capture_body WHERE id=?", g.id); err != nil {
			return 0, err
		}
		if err := t.exec("DELETE FROM capture_piece WHERE id BETWEEN ?1 << 12 AND ?1 << 12 | 4095", g.id); err != nil {
			return 0, err
		}
		if err := t.exec("DELETE FROM capture WHERE id=?", g.id); err != nil {
			return 0, err
		}
		t.w.ledger.remove(core.CaptureID(g.id), core.SourceID(g.source))
	}
	return int64(len(all)), nil
}

func (t *tx) ids(query string, args []any) (ids []int64, err error) {
	rows, err := t.rows(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
