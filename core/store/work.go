package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"hookglass/core"
)

// putWork stores a new work item or the present state of a known one, found by wire id and source.
func putWork(t *tx, w *core.WorkItem) error {
	var id int64
	var old string
	err := t.row("SELECT id, doc FROM work WHERE wire=? AND source=? ORDER BY id DESC LIMIT 1", w.ID, int64(w.Source)).Scan(&id, &old)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if id != 0 {
		before, err := decodeWork(old)
		if err != nil {
			return err
		}
		if w.Capture == 0 {
			w.Capture = before.Capture
		}
		w.Deliveries = before.Deliveries // the store's own record
	}
	return writeWork(t, id, w)
}

func writeWork(t *tx, id int64, w *core.WorkItem) error {
	doc, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if id != 0 {
		return t.exec("UPDATE work SET changed=?, state=?, final=?, failed=?, cost=?, steps=?, title=?, capture=?, doc=? WHERE id=?",
			changed(w).UnixNano(), w.State, w.Final, w.Failed, w.Cost, len(w.Steps), w.Title, int64(w.Capture), string(doc), id)
	}
	return t.exec(`INSERT INTO work (wire, platform, source, capture, created, changed, state, final, failed, cost, steps, name, title, doc)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, w.ID, w.Platform, int64(w.Source), int64(w.Capture), w.Created.UnixNano(), changed(w).UnixNano(),
		w.State, w.Final, w.Failed, w.Cost, len(w.Steps), w.SourceName, w.Title, string(doc))
}

// changed is when something last happened to an item.
func changed(w *core.WorkItem) time.Time {
	at := w.Created
	for _, s := range w.States {
		if s.At.After(at) {
			at = s.At
		}
	}
	for _, s := range w.Steps {
		if end := s.Started.Add(s.Took); end.After(at) {
			at = end
		}
	}
	return at
}

// decodeWork reads an item back. What the platform stored keeps the order of its members and the spelling of its
// numbers: it is shown, and polled, as it was.
func decodeWork(doc string) (core.WorkItem, error) {
	var d struct {
		core.WorkItem
		Payload, Input, Output json.RawMessage
	}
	if err := json.Unmarshal([]byte(doc), &d); err != nil {
		return core.WorkItem{}, err
	}
	for to, raw := range map[*any]json.RawMessage{&d.WorkItem.Payload: d.Payload, &d.WorkItem.Input: d.Input, &d.WorkItem.Output: d.Output} {
		if len(raw) > 0 && string(raw) != "null" {
			*to = raw
		}
	}
	return d.WorkItem, nil
}

// linkWork notes a delivery on the work item that sends it.
func linkWork(t *tx, d core.Delivery) error {
	if d.Work == "" {
		return nil
	}
	var id int64
	var doc string
	err := t.row("SELECT id, doc FROM work WHERE wire=? ORDER BY id DESC LIMIT 1", d.Work).Scan(&id, &doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	w, err := decodeWork(doc)
	if err != nil {
		return err
	}
	w.Deliveries = append(w.Deliveries, d.ID)
	return writeWork(t, id, &w)
}

// Work reads a work item by its wire id; where ids repeat over runs, the newest.
func (s *Store) Work(ctx context.Context, wire string) (core.WorkItem, error) {
	query, arg := "SELECT doc FROM work WHERE wire=? ORDER BY id DESC LIMIT 1", any(wire)
	items, err := s.workDocs(ctx, query, arg)
	if err == nil && len(items) == 0 {
		if n, bad := strconv.ParseInt(wire, 10, 64); bad == nil {
			items, err = s.workDocs(ctx, "SELECT doc FROM work WHERE id=?", n)
		}
	}
	if err != nil {
		return core.WorkItem{}, err
	}
	if len(items) == 0 {
		return core.WorkItem{}, fmt.Errorf("work item %s: %w", wire, core.ErrNotFound)
	}
	return items[0], nil
}

// WorkOf returns what a source's machine goes on with after a restart, oldest first: the unfinished work, and the newest
// finished items, as many as it remembers.
func (s *Store) WorkOf(ctx context.Context, src core.SourceID, remembers int) ([]core.WorkItem, error) {
	return s.workDocs(ctx, `SELECT doc FROM (
		SELECT id, doc FROM work WHERE source=? AND final=0
		UNION ALL SELECT * FROM (SELECT id, doc FROM work WHERE source=? AND final=1 ORDER BY id DESC LIMIT ?)) ORDER BY id`,
		int64(src), int64(src), remembers)
}

// Height grows with every capture, work item and endpoint that is kept. It is 0 for an empty history.
func (s *Store) Height(ctx context.Context) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT coalesce((SELECT max(id) FROM capture), 0) + coalesce((SELECT max(id) FROM work), 0) +
		coalesce((SELECT max(id) FROM endpoint), 0)`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("measure history: %w", err)
	}
	return n, nil
}

func (s *Store) workDocs(ctx context.Context, query string, args ...any) ([]core.WorkItem, error) {
	return list(ctx, s.read, "read work", func(row scanner) (w core.WorkItem, err error) {
		var doc string
		if err := row.Scan(&doc); err != nil {
			return w, err
		}
		return decodeWork(doc)
	}, query, args...)
}

func (s *Store) workOf(ctx context.Context, id core.CaptureID) ([]string, error) {
	return list(ctx, s.read, fmt.Sprintf("read work of capture %d", id), one[string],
		"SELECT wire FROM work WHERE capture=? ORDER BY id", int64(id))
}
