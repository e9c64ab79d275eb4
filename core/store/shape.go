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

// Shape is what was learned of an event of a source. Doc is its learner's own business; it is empty where what it was
// learned of is gone, so that it is to be learned anew.
type Shape struct {
	Source      core.SourceID
	Event       string
	Name        string // of the source, as the newest capture has it
	Count       int64
	First, Last time.Time
	Doc         []byte
}

// Drift is in what a capture differed from those before it, as its learner wrote it.
type Drift struct {
	ID      int64
	Capture core.CaptureID
	Source  core.SourceID
	Event   string
	At      time.Time
	Doc     json.RawMessage
}

// ContractCheck says whether a capture keeps its source's contract, and where it does not.
type ContractCheck struct {
	Capture core.CaptureID
	Broken  bool
	Doc     json.RawMessage
}

// Learned is how far captures were learned. It is written together with what was learned of them.
type Learned struct {
	Upto    core.CaptureID `json:"upto"`
	Deleted int64          `json:"deleted"` // how often captures were deleted: what was read before that may be gone
}

const (
	learnedSetting   = "shapes"
	contractsSetting = "contracts"
)

// Contracts is by what contract each source was checked.
func (s *Store) Contracts(ctx context.Context) (map[core.SourceID]string, error) {
	var all map[core.SourceID]string
	err := s.Setting(ctx, contractsSetting, &all)
	return all, err
}

// Learned reads how far captures were learned.
func (s *Store) Learned(ctx context.Context) (l Learned, err error) {
	err = s.Setting(ctx, learnedSetting, &l)
	return l, err
}

// Lesson is what was learned in one go.
type Lesson struct {
	Before Learned // what was read of the history was as of then
	Upto   core.CaptureID
	Shapes []Shape // put in the place of those of their events; one of no body is removed
	Anew   []Shape // of these the drifts that were written before go
	Drifts []Drift
	Checks []ContractCheck

	Contracts map[core.SourceID]string // by what contract each source was checked, as a hash; nil: it stays
	Recheck   []core.SourceID          // what was found of these before goes
}

// KeepLesson writes what was learned. It is false, and nothing is written, where captures were deleted meanwhile.
func (s *Store) KeepLesson(l Lesson) (kept bool, err error) {
	err = s.update(func(t *tx) error {
		kept = false
		return changeSetting(t, learnedSetting, func(now *Learned) error {
			if *now != l.Before {
				return nil
			}
			kept, now.Upto = true, l.Upto
			return t.keepLesson(l)
		})
	})
	if err != nil {
		return false, fmt.Errorf("keep shapes: %w", err)
	}
	return kept, nil
}

// mostDrifts are kept of all events together.
const mostDrifts = 100_000

func (t *tx) keepLesson(l Lesson) error {
	for _, d := range l.Anew {
		if err := t.exec("DELETE FROM drift WHERE source=? AND event=?", int64(d.Source), d.Event); err != nil {
			return err
		}
	}
	for _, id := range l.Recheck {
		if err := t.exec("DELETE FROM contract_check WHERE capture IN (SELECT id FROM capture WHERE source=?)", int64(id)); err != nil {
			return err
		}
	}
	if l.Contracts != nil {
		b, err := json.Marshal(l.Contracts)
		if err == nil {
			err = putSetting(t, contractsSetting, b)
		}
		if err != nil {
			return err
		}
	}
	for _, d := range l.Shapes {
		if d.Count == 0 {
			if err := t.exec("DELETE FROM shape WHERE source=? AND event=?", int64(d.Source), d.Event); err != nil {
				return err
			}
			continue
		}
		if err := t.exec("INSERT OR REPLACE INTO shape (source, event, name, count, first, last, doc) VALUES (?,?,?,?,?,?,?)", int64(d.Source), d.Event, d.Name, d.Count,
			d.First.UnixNano(), d.Last.UnixNano(), d.Doc); err != nil {
			return err
		}
	}
	for _, d := range l.Drifts {
		if err := t.exec("INSERT INTO drift (capture, source, event, at, doc) VALUES (?,?,?,?,?)", int64(d.Capture), int64(d.Source), d.Event, d.At.UnixNano(), string(d.Doc)); err != nil {
			return err
		}
	}
	if len(l.Drifts) > 0 {
		if err := t.exec("DELETE FROM drift WHERE id <= (SELECT max(id) FROM drift) - ?", mostDrifts); err != nil {
			return err
		}
	}
	for _, c := range l.Checks {
		if err := t.exec("INSERT OR REPLACE INTO contract_check (capture, broken, doc) VALUES (?,?,?)", int64(c.Capture), c.Broken, string(c.Doc)); err != nil {
			return err
		}
	}
	return nil
}

// forgetLearned takes back what was learned of captures that are about to be deleted: their values stand in shapes.
func (t *tx) forgetLearned(ids []int64) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	const among = "(SELECT DISTINCT c.source, c.event FROM capture c WHERE c.id IN (SELECT value FROM json_each(?)))"
	if err = t.exec("UPDATE shape SET doc=x'' WHERE (source, event) IN "+among, string(list)); err == nil {
		err = t.exec("DELETE FROM drift WHERE (source, event) IN "+among, string(list))
	}
	if err != nil {
		return err
	}
	return changeSetting(t, learnedSetting, func(l *Learned) error { l.Deleted++; return nil })
}

const shapeColumns = "source, event, name, count, first, last"

func scanShape(row scanner) (d Shape, err error) {
	var first, last int64
	err = row.Scan(&d.Source, &d.Event, &d.Name, &d.Count, &first, &last, &d.Doc)
	d.First, d.Last = time.Unix(0, first), time.Unix(0, last)
	return d, err
}

// Shapes lists what was learned, the last seen first, without the documents.
func (s *Store) Shapes(ctx context.Context) ([]Shape, error) {
	return list(ctx, s.read, "list shapes", scanShape, "SELECT "+shapeColumns+", x'' FROM shape ORDER BY last DESC, source, event")
}

// Shape reads what was learned of an event.
func (s *Store) Shape(ctx context.Context, source core.SourceID, event string) (Shape, error) {
	d, err := scanShape(s.read.QueryRowContext(ctx, "SELECT "+shapeColumns+", doc FROM shape WHERE source=? AND event=?", int64(source), event))
	if errors.Is(err, sql.ErrNoRows) {
		err = core.ErrNotFound
	}
	if err != nil {
		return Shape{}, fmt.Errorf("shape of %s: %w", event, err)
	}
	return d, nil
}

// StaleShapes are those that are to be learned anew.
func (s *Store) StaleShapes(ctx context.Context) ([]Shape, error) {
	return list(ctx, s.read, "list shapes", scanShape, "SELECT "+shapeColumns+", doc FROM shape WHERE length(doc) = 0")
}

func scanDrift(row scanner) (d Drift, err error) {
	var at int64
	var doc string
	err = row.Scan(&d.ID, &d.Capture, &d.Source, &d.Event, &at, &doc)
	d.At, d.Doc = time.Unix(0, at), json.RawMessage(doc)
	return d, err
}

const driftColumns = "SELECT id, capture, source, event, at, doc FROM drift "

// DriftsOf is in what a capture differed.
func (s *Store) DriftsOf(ctx context.Context, id core.CaptureID) ([]Drift, error) {
	return list(ctx, s.read, "list drifts", scanDrift, driftColumns+"WHERE capture=? ORDER BY id", int64(id))
}

// EventDrifts is what changed of an event, the newest first.
func (s *Store) EventDrifts(ctx context.Context, source core.SourceID, event string, limit int) ([]Drift, error) {
	return list(ctx, s.read, "list drifts", scanDrift, driftColumns+"WHERE source=? AND event=? ORDER BY id DESC LIMIT ?", int64(source), event, limit)
}

// DriftsAfter is what was found since a drift, the oldest first.
func (s *Store) DriftsAfter(ctx context.Context, id int64, limit int) ([]Drift, error) {
	return list(ctx, s.read, "list drifts", scanDrift, driftColumns+"WHERE id > ? ORDER BY id LIMIT ?", id, limit)
}

// NewestDrift is the last drift that was found, 0 where there is none.
func (s *Store) NewestDrift(ctx context.Context) (id int64, err error) {
	if err = s.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM drift").Scan(&id); err != nil {
		err = fmt.Errorf("list drifts: %w", err)
	}
	return id, err
}

// NewestCapture is the number of the newest capture, 0 where there is none.
func (s *Store) NewestCapture(ctx context.Context) (id core.CaptureID, err error) {
	if err = s.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM capture").Scan(&id); err != nil {
		err = fmt.Errorf("list captures: %w", err)
	}
	return id, err
}

// DriftCounts is how often each event changed.
func (s *Store) DriftCounts(ctx context.Context) (map[core.SourceID]map[string]int, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT source, event, count(*) FROM drift GROUP BY source, event")
	if err != nil {
		return nil, fmt.Errorf("count drifts: %w", err)
	}
	defer rows.Close()
	out := map[core.SourceID]map[string]int{}
	for rows.Next() {
		var source core.SourceID
		var event string
		var n int
		if err := rows.Scan(&source, &event, &n); err != nil {
			return nil, fmt.Errorf("count drifts: %w", err)
		}
		if out[source] == nil {
			out[source] = map[string]int{}
		}
		out[source][event] = n
	}
	return out, rows.Err()
}

// ContractCheckOf is what was found of a capture; false where it was not checked.
func (s *Store) ContractCheckOf(ctx context.Context, id core.CaptureID) (c ContractCheck, checked bool, err error) {
	var doc string
	err = s.read.QueryRowContext(ctx, "SELECT capture, broken, doc FROM contract_check WHERE capture=?", int64(id)).Scan(&c.Capture, &c.Broken, &doc)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("read contract check of %d: %w", id, err)
	}
	c.Doc = json.RawMessage(doc)
	return c, true, nil
}

// Body is what is learned of a capture.
type Body struct {
	ID      core.CaptureID
	At      time.Time
	Source  core.SourceID
	Name    string
	Event   string
	Status  int
	Replay  bool
	Request core.Request // its head and body alone
}

// LargestLearned is the size of a body from which on nothing is learned of it.
const LargestLearned = 4 << 20

var bodyColumns = fmt.Sprintf(`SELECT c.id, c.at, c.source, c.name, c.event, c.status, c.replay_of > 0, c.method, c.target, c.truncated, c.size, b.head, b.header,
	CASE WHEN length(b.body) > %[1]d OR length(b.body) = 0 AND c.size > %[1]d THEN x'' ELSE %[2]s END FROM capture c JOIN capture_body b ON b.id = c.id `, LargestLearned, wholeBody)

func scanBody(row scanner) (b Body, err error) {
	var at int64
	var header sql.NullString
	r := &b.Request
	if err := row.Scan(&b.ID, &at, &b.Source, &b.Name, &b.Event, &b.Status, &b.Replay, &r.Method, &r.Target, &r.Truncated, &r.Size, &r.Head, &header, &r.Body); err != nil {
		return b, err
	}
	b.At = time.Unix(0, at)
	if header.Valid {
		err = json.Unmarshal([]byte(header.String), &r.Header)
	} else {
		r.Header = core.ParseHead(r.Head)
	}
	return b, err
}

// bodies hands the rows of a query to yield, one after the other, so that no more than one is held.
func (s *Store) bodies(ctx context.Context, yield func(Body), query string, args ...any) error {
	_, err := list(ctx, s.read, "read bodies", func(row scanner) (none struct{}, err error) {
		b, err := scanBody(row)
		if err == nil {
			yield(b)
		}
		return none, err
	}, bodyColumns+query, args...)
	return err
}

// Bodies reads the bodies of up to limit captures that are newer than after, oldest first.
func (s *Store) Bodies(ctx context.Context, after core.CaptureID, limit int, yield func(Body)) error {
	return s.bodies(ctx, yield, "WHERE c.id > ? ORDER BY c.id LIMIT ?", int64(after), limit)
}

// EventBodies is Bodies of one event, of captures up to a number.
func (s *Store) EventBodies(ctx context.Context, source core.SourceID, event string, after, upto core.CaptureID, limit int, yield func(Body)) error {
	return s.bodies(ctx, yield, "WHERE c.source=? AND c.event=? AND c.id > ? AND c.id <= ? ORDER BY c.id LIMIT ?", int64(source), event, int64(after), int64(upto), limit)
}

// SourceBodies are the newest of a source up to a number.
func (s *Store) SourceBodies(ctx context.Context, source core.SourceID, upto core.CaptureID, limit int, yield func(Body)) error {
	return s.bodies(ctx, yield, "WHERE c.source=? AND c.id <= ? ORDER BY c.id DESC LIMIT ?", int64(source), int64(upto), limit)
}

// NewestBodies are those of an event, the newest first.
func (s *Store) NewestBodies(ctx context.Context, source core.SourceID, event string, limit int, yield func(Body)) error {
	return s.bodies(ctx, yield, "WHERE c.source=? AND c.event=? ORDER BY c.id DESC LIMIT ?", int64(source), event, limit)
}
