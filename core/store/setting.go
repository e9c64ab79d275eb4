package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"hookglass/core"
)

// Setting reads the setting of that name into v; where there is none, v stays as it is.
func (s *Store) Setting(ctx context.Context, name string, v any) error {
	var text string
	err := s.read.QueryRowContext(ctx, "SELECT value FROM setting WHERE name=?", name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), v)
	}
	if err != nil {
		return fmt.Errorf("read setting %s: %w", name, err)
	}
	return nil
}

// PutSetting stores v as JSON under name.
func (s *Store) PutSetting(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write setting %s: %w", name, err)
	}
	return s.update(func(t *tx) error { return putSetting(t, name, b) })
}

// ChangeSetting reads the setting of that name, lets change decide on it and writes it back, in one transaction: nobody
// else's change is lost. Where there is none, change is given the zero value. An error of change leaves the setting as it
// was and is returned. change may be called a second time, on what is then stored.
func ChangeSetting[T any](s *Store, name string, change func(*T) error) error {
	return s.update(func(t *tx) error { return changeSetting(t, name, change) })
}

func changeSetting[T any](t *tx, name string, change func(*T) error) error {
	var v T
	var text string
	err := t.row("SELECT value FROM setting WHERE name=?", name).Scan(&text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &v)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read setting %s: %w", name, err)
	}
	if err := change(&v); err != nil {
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write setting %s: %w", name, err)
	}
	return putSetting(t, name, b)
}

func putSetting(t *tx, name string, value []byte) error {
	return t.exec("INSERT INTO setting (name, value) VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value=excluded.value", name, string(value))
}

// Draft is a request in the making, kept by Compose; Doc is its own business.
type Draft struct {
	ID      int64
	Name    string
	Doc     json.RawMessage
	Updated time.Time
}

// Drafts returns all drafts, the last changed first.
func (s *Store) Drafts(ctx context.Context) ([]Draft, error) {
	return list(ctx, s.read, "list drafts", func(row scanner) (d Draft, err error) {
		var doc string
		var updated int64
		if err := row.Scan(&d.ID, &d.Name, &doc, &updated); err != nil {
			return d, err
		}
		d.Doc, d.Updated = json.RawMessage(doc), time.Unix(0, updated)
		return d, nil
	}, "SELECT id, name, doc, updated FROM draft ORDER BY updated DESC")
}

// PutDraft stores a new draft (ID 0, which it sets) or changes one.
func (s *Store) PutDraft(d *Draft) error {
	known := d.ID
	return s.update(func(t *tx) error {
		if known != 0 {
			return t.exec("UPDATE draft SET name=?, doc=?, updated=? WHERE id=?", d.Name, string(d.Doc), d.Updated.UnixNano(), known)
		}
		id, err := t.insert("INSERT INTO draft (name, doc, updated) VALUES (?,?,?)", d.Name, string(d.Doc), d.Updated.UnixNano())
		d.ID = id
		return err
	})
}

// DeleteDraft removes a draft.
func (s *Store) DeleteDraft(id int64) error {
	return s.update(func(t *tx) error { return t.exec("DELETE FROM draft WHERE id=?", id) })
}

// Cap bounds the history. A zero field does not bound. Pinned captures stay.
type Cap struct {
	Count int64         `json:"count"`
	Age   time.Duration `json:"age,omitempty"`
	Bytes int64         `json:"bytes"`
}

// DefaultCap is the cap of a new history.
var DefaultCap = Cap{Count: 1_000_000, Bytes: 4 << 30}

// Usage is what the history holds.
type Usage struct {
	Captures int64
	Bytes    int64
}

// Usage measures the history. The count of captures is exact.
func (s *Store) Usage(ctx context.Context) (u Usage, err error) {
	var pages, free, size int64
	for query, dst := range map[string]*int64{"PRAGMA page_count": &pages, "PRAGMA freelist_count": &free, "PRAGMA page_size": &size} {
		if err := s.read.QueryRowContext(ctx, query).Scan(dst); err != nil {
			return u, fmt.Errorf("measure history: %w", err)
		}
	}
	u.Bytes = (pages - free) * size
	if s.writer != nil {
		u.Captures = int64(s.writer.ledger.now.Load().n)
		return u, nil
	}
	all, err := s.All(ctx)
	u.Captures = int64(all.Len())
	return u, err
}

// Trim removes the oldest captures until the history is within c, in chunks that let other writes through, and
// gives the space back. It returns how many captures went. What is to go is found beside the writer.
func (s *Store) Trim(ctx context.Context, c Cap, now time.Time) (gone int64, err error) {
	const unpinned = " WHERE c.id IN (SELECT value FROM json_each(?)) AND c.pinned=0"
	defer func() { s.mark(&s.marks.trimmed, gone) }()
	pages := chunkFirst
	for n := chunkFirst; ctx.Err() == nil; {
		u, err := s.Usage(ctx)
		if err != nil {
			return gone, err
		}
		var going []core.CaptureID
		full := c.Bytes > 0 && u.Bytes > c.Bytes
		switch {
		case c.Count > 0 && u.Captures > c.Count:
			going, err = s.oldest(ctx, Query{}, int(min(u.Captures-c.Count, int64(n))))
		case full:
			going, err = s.oldest(ctx, Query{}, n)
		case c.Age > 0:
			before := now.Add(-c.Age).UnixNano()
			going, err = s.oldest(ctx, Query{conds: []cond{{sql: "c.at < ?", args: []any{before}, until: before - 1}}}, n)
		}
		if err != nil {
			return gone, err
		}
		if len(going) == 0 && !full {
			return gone, nil
		}
		began := time.Now()
		went, err := s.deleteChunk(ctx, true, unpinned, going)
		if gone += went; err != nil {
			return gone, err
		}
		left, err := s.trimFollowers(ctx, full && went == 0) // no capture is left to remove
		if err != nil || went == 0 && left == 0 {
			return gone, err
		}
		n = chunkOf(n, time.Since(began))
		if err := s.giveBack(&pages); err != nil {
			return gone, err
		}
	}
	return gone, ctx.Err()
}

// oldest are the first captures that match q and are not pinned.
func (s *Store) oldest(ctx context.Context, q Query, most int) (ids []core.CaptureID, err error) {
	possible, err := s.possible(ctx, q, 0, 0)
	if err != nil {
		return nil, err
	}
	where, args := q.sql()
	for at := 0; at < possible.Len() && len(ids) < most; at += blockSize {
		some, err := list(ctx, s.read, "trim history", one[core.CaptureID], "SELECT c.id FROM capture c WHERE c.id BETWEEN ? AND ? AND c.pinned=0 AND "+where+" ORDER BY c.id LIMIT ?",
			append([]any{int64(possible.At(at)), int64(possible.At(min(at+blockSize, possible.Len()) - 1))}, append(args, most-len(ids))...)...)
		if ids = append(ids, some...); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// trimFollowers removes finished deliveries and work that are older than the oldest capture that may go and belong to none that
// is there, in a chunk, and says how many rows went. With all, the others go too: there is no capture left to remove, and
// still too much is held. Captures are numbered as they are written, so one may have arrived before another of a lower number.
func (s *Store) trimFollowers(ctx context.Context, all bool) (n int64, err error) {
	oldest, belongs := int64(math.MaxInt64), func(string) string { return "" }
	if !all {
		oldest = 0
		belongs = func(column string) string {
			return " AND NOT EXISTS (SELECT 1 FROM capture c WHERE c.id = " + column + ")"
		}
		err := s.read.QueryRowContext(ctx, "SELECT at FROM capture WHERE pinned=0 ORDER BY id LIMIT 1").Scan(&oldest)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return 0, fmt.Errorf("trim history: %w", err)
		}
	}
	deliveries, err := list(ctx, s.read, "trim history", one[int64], `SELECT id FROM delivery WHERE id <= (SELECT coalesce(min(id), 0) + 5000 FROM delivery)
		AND state IN ('delivered','exhausted','cancelled') AND created < ?`+belongs("delivery.replay_of")+" ORDER BY id LIMIT 500", oldest)
	if err != nil {
		return 0, err
	}
	work, err := list(ctx, s.read, "trim history", one[int64], `SELECT id FROM work WHERE id <= (SELECT coalesce(min(id), 0) + 5000 FROM work)
		AND final=1 AND created < ?`+belongs("work.capture")+" ORDER BY id LIMIT 500", oldest)
	if err != nil || len(deliveries)+len(work) == 0 {
		return 0, err
	}
	err = s.update(func(t *tx) error {
		n = 0
		return t.leavingTraces(func() error {
			for _, id := range deliveries {
				gone, err := t.change("DELETE FROM delivery WHERE id=? AND state IN ('delivered','exhausted','cancelled')", id)
				for _, query := range []string{"DELETE FROM attempt WHERE delivery=?", "DELETE FROM delivery_body WHERE id=?"} {
					if err == nil && gone > 0 {
						err = t.exec(query, id)
					}
				}
				if n += gone; err != nil {
					return err
				}
			}
			for _, id := range work {
				gone, err := t.change("DELETE FROM work WHERE id=? AND final=1", id)
				if n += gone; err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return 0, fmt.Errorf("trim history: %w", err)
	}
	return n, nil
}

// GiveBack returns all free space of the file to the system, in chunks that let other writes through.
func (s *Store) GiveBack(ctx context.Context) error {
	pages := chunkFirst
	for before := int64(-1); ctx.Err() == nil; {
		var free int64
		if err := s.read.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free); err != nil {
			return fmt.Errorf("give space back: %w", err)
		}
		if free == 0 || free == before {
			return nil
		}
		before = free
		if err := s.giveBack(&pages); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// giveBack returns so many free pages to the system, and says how many are next: for each, another one is moved. SQLite does it a
// page a step, so the rows are read to the end.
func (s *Store) giveBack(pages *int) error {
	began := time.Now()
	err := s.update(func(t *tx) error {
		rows, err := t.w.conn.QueryContext(context.Background(), fmt.Sprintf("PRAGMA incremental_vacuum(%d)", *pages))
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		return rows.Close()
	})
	if err != nil {
		return fmt.Errorf("give space back: %w", err)
	}
	*pages = max(chunkOf(*pages, time.Since(began)), 8)
	return nil
}
