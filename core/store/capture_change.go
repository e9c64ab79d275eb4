package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"hookglass/core"
)

// ChangeVerdict reads a capture's verdict, lets change decide on it and writes it back, in one transaction. change is given
// nil where there is none; what it returns is the verdict from then on. An error of change leaves the verdict as it was and
// is returned. change may be called a second time, on what is then stored.
func (s *Store) ChangeVerdict(id core.CaptureID, change func(*core.Verdict) (*core.Verdict, error)) error {
	return s.change(func(t *tx) error {
		var text string
		var body []byte
		err := t.row("SELECT receipt, body FROM capture_body WHERE id=?", int64(id)).Scan(&text, &body)
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
	ids, err := s.CaptureIDs(ctx, q, 0)
	if err != nil {
		return 0, err
	}
	where, args := q.sql()
	chunked := "SELECT c.id FROM capture c" + q.join() + " WHERE c.id IN (SELECT value FROM json_each(?)) AND c.pinned=0 AND " + where
	defer func() { s.mark(&s.marks.deleted, total) }()
	for chunk := range slices.Chunk(ids, trimChunk) {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		list, err := json.Marshal(chunk)
		if err != nil {
			return total, err
		}
		n, err := s.deleteChunk(chunked, append([]any{string(list)}, args...))
		if total += n; err != nil {
			return total, err
		}
	}
	if total == 0 {
		return 0, nil
	}
	if err := s.GiveBack(ctx); err != nil {
		return total, err
	}
	return total, s.emptyLog()
}

// trimChunk is how many captures go in one transaction.
const trimChunk = 1000

func (s *Store) deleteChunk(query string, args []any) (n int64, err error) {
	err = s.update(func(t *tx) (err error) {
		n, err = t.deleteCaptures(query, args, true)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("delete captures: %w", err)
	}
	return n, nil
}

// trimChunkOf is deleteChunk for what gives way to newer: it may be found in free pages until they are used again.
func (s *Store) trimChunkOf(query string, args []any) (n int64, err error) {
	err = s.update(func(t *tx) (err error) {
		return t.leavingTraces(func() error {
			n, err = t.deleteCaptures(query, args, false)
			return err
		})
	})
	if err != nil {
		return 0, fmt.Errorf("trim history: %w", err)
	}
	return n, nil
}

// deleteCaptures removes those that a query finds, and, with forget, what was learned of them.
func (t *tx) deleteCaptures(query string, args []any, forget bool) (int64, error) {
	ids, err := t.ids(query, args)
	if err == nil && forget && len(ids) > 0 {
		err = t.forgetLearned(ids)
	}
	for _, id := range ids {
		if err == nil {
			err = t.exec("DELETE FROM capture_body WHERE id=?", id)
		}
		if err == nil {
			err = t.exec("DELETE FROM contract_check WHERE capture=?", id)
		}
		if err == nil {
			err = t.exec("DELETE FROM capture WHERE id=?", id)
		}
	}
	return int64(len(ids)), err
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
