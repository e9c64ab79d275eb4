package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hookglass/core"
)

// deliveryDoc is what a delivery needs to be sent, bodies apart.
type deliveryDoc struct {
	Target  core.Target  `json:"target"`
	Request core.Request `json:"request"`
	Resign  bool         `json:"resign,omitempty"`
}

// AddDeliveries stores deliveries and returns their ids, which it also sets.
func (s *Store) AddDeliveries(_ context.Context, ds []core.Delivery) ([]core.DeliveryID, error) {
	err := s.update(func(t *tx) error {
		for i := range ds {
			if err := addDelivery(t, &ds[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("keep deliveries: %w", err)
	}
	ids := make([]core.DeliveryID, len(ds))
	for i := range ds {
		ids[i] = ds[i].ID
	}
	return ids, nil
}

func addDelivery(t *tx, d *core.Delivery) error {
	if d.State == "" {
		d.State = core.Waiting
	}
	id, err := t.insert(`INSERT INTO delivery (endpoint, url, method, event, event_id, state, reason, due, created, replay_of, work, batch)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`, int64(d.Endpoint), d.Target.URL, d.Request.Method, d.Event.Type, d.Event.ID, string(d.State),
		d.Reason, d.Due.UnixNano(), d.Created.UnixNano(), int64(d.ReplayOf), d.Work, d.Batch)
	if err != nil {
		return err
	}
	d.ID = core.DeliveryID(id)
	t.w.newest.Store(id)
	stored := *d
	stored.Attempts = 0 // whatever it was a copy of
	t.w.fresh.put(stored)
	doc, head, body, err := encodeDelivery(d)
	if err != nil {
		return err
	}
	if d.Endpoint != 0 {
		if err := t.exec("UPDATE endpoint SET triggered=? WHERE id=?", d.Created.UnixNano(), int64(d.Endpoint)); err != nil {
			return err
		}
	}
	return t.exec("INSERT INTO delivery_body (id, doc, head, body) VALUES (?,?,?,?)", id, doc, head, body)
}

func encodeDelivery(d *core.Delivery) (doc string, head, body []byte, err error) {
	req := d.Request
	req.Head, req.Body = nil, nil
	b, err := json.Marshal(deliveryDoc{d.Target, req, d.Resign})
	return string(b), d.Request.Head, blob(d.Request.Body), err
}

const deliveryColumns = `d.id, d.endpoint, d.url, d.method, d.event, d.event_id, d.state, d.reason, d.due, d.created, d.attempts,
	d.status, d.failure, d.replay_of, d.work, d.batch`

// DeliveryRow is a delivery as lists show it.
type DeliveryRow struct {
	core.Delivery
	Method  string
	Status  int          // of the last attempt; 0 when it had no response
	Failure core.Failure // of the last attempt
}

func scanDelivery(row scanner, more ...any) (r DeliveryRow, err error) {
	var due, created int64
	d := &r.Delivery
	dst := append([]any{&d.ID, &d.Endpoint, &d.Target.URL, &r.Method, &d.Event.Type, &d.Event.ID, &d.State, &d.Reason, &due, &created, &d.Attempts,
		&r.Status, &r.Failure, &d.ReplayOf, &d.Work, &d.Batch}, more...)
	err = row.Scan(dst...)
	d.Due, d.Created = time.Unix(0, due), time.Unix(0, created)
	return r, err
}

// Delivery reads one whole, with its request.
func (s *Store) Delivery(ctx context.Context, id core.DeliveryID) (core.Delivery, error) {
	return readDelivery(s.read.QueryRowContext(ctx, selectDelivery, int64(id)), id)
}

const selectDelivery = "SELECT " + deliveryColumns + ", b.doc, b.head, b.body FROM delivery d JOIN delivery_body b ON b.id=d.id WHERE d.id=?"

func readDelivery(row scanner, id core.DeliveryID) (core.Delivery, error) {
	var doc string
	var head, body []byte
	r, err := scanDelivery(row, &doc, &head, &body)
	if errors.Is(err, sql.ErrNoRows) {
		err = core.ErrNotFound
	}
	var parts deliveryDoc
	if err == nil {
		err = json.Unmarshal([]byte(doc), &parts)
	}
	if err != nil {
		return core.Delivery{}, fmt.Errorf("delivery %d: %w", id, err)
	}
	d := r.Delivery
	d.Target, d.Request, d.Resign = parts.Target, parts.Request, parts.Resign
	d.Request.Head, d.Request.Body = head, body
	return d, nil
}

// SetDelivery reads a delivery, lets change decide on it and writes it back, in one transaction: nobody else's change
// is lost. An error of change leaves the row as it was and is returned.
func (s *Store) SetDelivery(_ context.Context, id core.DeliveryID, change func(*core.Delivery) error) error {
	return s.update(func(t *tx) error {
		d, err := readDelivery(t.row(selectDelivery, int64(id)), id)
		if err != nil {
			return err
		}
		before := d.Request.Body
		if err := change(&d); err != nil {
			return err
		}
		t.w.fresh.take(id)
		doc, head, body, err := encodeDelivery(&d)
		if err != nil {
			return err
		}
		if !bytes.Equal(body, before) { // what was sent stays as it was
			err := t.exec("UPDATE attempt SET request=? WHERE delivery=? AND request IS NULL AND done=1 AND doc IS NOT NULL", blob(before), int64(id))
			if err != nil {
				return err
			}
		}
		if err := writeDelivery(t, &d); err != nil {
			return err
		}
		return t.exec("UPDATE delivery_body SET doc=?, head=?, body=? WHERE id=?", doc, head, body, int64(id))
	})
}

// CancelWaiting cancels those of some deliveries that wait, in one transaction, and says which they were.
func (s *Store) CancelWaiting(ids []core.DeliveryID, reason string) (cancelled []core.DeliveryID, err error) {
	err = s.update(func(t *tx) error {
		cancelled = cancelled[:0]
		for _, id := range ids {
			n, err := t.change("UPDATE delivery SET state='cancelled', reason=? WHERE id=? AND state='waiting'", reason, int64(id))
			if err != nil {
				return err
			}
			if n > 0 {
				t.w.fresh.take(id)
				cancelled = append(cancelled, id)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cancel deliveries: %w", err)
	}
	return cancelled, nil
}

func writeDelivery(t *tx, d *core.Delivery) error {
	return t.exec("UPDATE delivery SET state=?, reason=?, due=?, attempts=? WHERE id=?", string(d.State), d.Reason, d.Due.UnixNano(), d.Attempts, int64(d.ID))
}

// Waiting calls yield for every waiting delivery with an id above after, the earliest
// due first; with after above 0, the lowest id first. url is that of a delivery without endpoint.
func (s *Store) Waiting(ctx context.Context, after core.DeliveryID, yield func(id core.DeliveryID, endpoint core.EndpointID, url string, due time.Time) error) error {
	if s.writer != nil && int64(after) >= s.writer.newest.Load() {
		return nil // asked after every commit, and most commits are captures
	}
	const columns = "id, endpoint, CASE WHEN endpoint=0 THEN url ELSE '' END, due" // the index has all others
	query := "SELECT " + columns + " FROM delivery INDEXED BY delivery_due WHERE state='waiting' AND id > ? ORDER BY due, id"
	if after > 0 { // the few new ones: by their ids, not through all that wait
		query = "SELECT " + columns + " FROM delivery NOT INDEXED WHERE id > ? AND state='waiting' ORDER BY id"
	}
	rows, err := s.read.QueryContext(ctx, query, int64(after))
	if err != nil {
		return fmt.Errorf("list waiting deliveries: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, endpoint, due int64
		var url string
		if err := rows.Scan(&id, &endpoint, &url, &due); err != nil {
			return err
		}
		if err := yield(core.DeliveryID(id), core.EndpointID(endpoint), url, time.Unix(0, due)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// DeliveryFilter narrows a list of deliveries. The zero value matches all.
type DeliveryFilter struct {
	State    core.DeliveryState
	Endpoint core.EndpointID
	ReplayOf core.CaptureID
	Batch    string
	Work     string
	Text     string // in the URL or the event
}

func (f DeliveryFilter) sql() (string, []any) {
	where, args := "1", []any{}
	add := func(cond string, arg ...any) { where += " AND " + cond; args = append(args, arg...) }
	if f.State != "" {
		add("d.state=?", string(f.State))
	}
	if f.Endpoint != 0 {
		add("d.endpoint=?", int64(f.Endpoint))
	}
	if f.ReplayOf != 0 {
		add("d.replay_of=? AND d.replay_of > 0", int64(f.ReplayOf))
	}
	if f.Batch != "" {
		add("d.batch=? AND d.batch > ''", f.Batch)
	}
	if f.Work != "" {
		add("d.work=? AND d.work > ''", f.Work)
	}
	if f.Text != "" {
		add(`(d.url LIKE ? ESCAPE '\' OR d.event LIKE ? ESCAPE '\')`, contains(f.Text), contains(f.Text))
	}
	return where, args
}

// Deliveries lists deliveries, newest first, older than before when it is not 0.
func (s *Store) Deliveries(ctx context.Context, f DeliveryFilter, before core.DeliveryID, limit int) ([]DeliveryRow, error) {
	where, args := f.sql()
	if before > 0 {
		where += " AND d.id < ?"
		args = append(args, int64(before))
	}
	return list(ctx, s.read, "list deliveries", func(row scanner) (DeliveryRow, error) { return scanDelivery(row) },
		"SELECT "+deliveryColumns+" FROM delivery d WHERE "+where+" ORDER BY d.id DESC LIMIT ?", append(args, limit)...)
}

// DeliveryStates counts the deliveries that match f by state.
func (s *Store) DeliveryStates(ctx context.Context, f DeliveryFilter) (map[core.DeliveryState]int64, error) {
	where, args := f.sql()
	rows, err := s.read.QueryContext(ctx, "SELECT d.state, count(*) FROM delivery d WHERE "+where+" GROUP BY d.state", args...)
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	defer rows.Close()
	out := map[core.DeliveryState]int64{}
	for rows.Next() {
		var state core.DeliveryState
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		out[state] = n
	}
	return out, rows.Err()
}

func (s *Store) deliveriesOf(ctx context.Context, id core.CaptureID) ([]core.DeliveryID, error) {
	return list(ctx, s.read, fmt.Sprintf("read deliveries of capture %d", id), one[core.DeliveryID],
		"SELECT id FROM delivery WHERE replay_of=? AND replay_of > 0 ORDER BY id", int64(id))
}

// MostCounted is where counts that are shown all the time stop.
const MostCounted = 10_001

// OpenDeliveries counts the deliveries that wait or are being sent, up to MostCounted.
func (s *Store) OpenDeliveries(ctx context.Context) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM delivery WHERE state='waiting' UNION ALL
		SELECT 1 FROM delivery WHERE state='sending' LIMIT ?)`, MostCounted).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count deliveries: %w", err)
	}
	return n, nil
}
