package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"hookglass/core"
)

// Outgoing returns captures of this history, whole and in the order of their numbers, that are newer than after: up to limit of them,
// and no more once their bodies together have most bytes. What came through a space is left out: it is its hub's.
func (s *Store) Outgoing(ctx context.Context, after core.CaptureID, limit int, most int64) ([]core.Capture, error) {
	type sized struct {
		id   core.CaptureID
		size int64
	}
	ids, err := list(ctx, s.read, "list outgoing captures", func(row scanner) (v sized, err error) { err = row.Scan(&v.id, &v.size); return v, err },
		`SELECT c.id, c.size FROM capture c WHERE c.id > ? AND NOT EXISTS (SELECT 1 FROM arrival a WHERE a.capture = c.id) ORDER BY c.id LIMIT ?`, int64(after), limit)
	if err != nil {
		return nil, err
	}
	var all []core.Capture
	for _, v := range ids {
		if most -= v.size; most < 0 && len(all) > 0 {
			break
		}
		c, err := s.Capture(ctx, v.id)
		if errors.Is(err, core.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// OutgoingLeft is how many captures are newer than after and did not come through a space.
func (s *Store) OutgoingLeft(ctx context.Context, after core.CaptureID) (n int, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM capture c WHERE c.id > ? AND NOT EXISTS (SELECT 1 FROM arrival a WHERE a.capture = c.id)", int64(after)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count outgoing captures: %w", err)
	}
	return n, nil
}

// Previous is the capture of the same source before this one, 0 where there is none.
func (s *Store) Previous(ctx context.Context, c *core.Capture) (id core.CaptureID, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT c.id FROM capture c WHERE c.source = ? AND c.name = ? AND c.id < ?
		AND NOT EXISTS (SELECT 1 FROM arrival a WHERE a.capture = c.id) ORDER BY c.id DESC LIMIT 1`, int64(c.Source), c.Name, int64(c.ID)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look before capture %d: %w", c.ID, err)
	}
	return id, nil
}

// NumberAt is the number of the last capture before a time, 0 where there is none.
func (s *Store) NumberAt(ctx context.Context, at time.Time) (id core.CaptureID, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM capture WHERE at < ?", at.UnixNano()).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("look for captures before %s: %w", at, err)
	}
	return id, nil
}

// Arrival is a capture that came through a space.
type Arrival struct {
	Space    string
	Hub      string
	Number   core.CaptureID // at the hub
	Previous core.CaptureID // that of the same source before it, at the hub
	Epoch    string         // which stream of that name it is: one that was lost begins anew
	Sequence uint64         // where it stands there
	Shared   bool           // others take captures from the same queue, so that one that is missing here is with them
	Capture  *core.Capture
	Kept     *Kept

	Known bool // set by AddArrivals: it was there already
}

// Gap is where captures of a source may be missing: those between two numbers of the hub.
type Gap struct {
	ID            int64
	Space, Hub    string
	Source        string
	After, Before core.CaptureID // after the first, up to the second
	Since, Until  time.Time
	Capture       core.CaptureID // the first here behind it
	Seen          bool
}

// AddArrivals stores captures that came through a space, with what follows from them, in one transaction: those that were not there
// yet. When it returns nil they are on disk, and may be acknowledged.
func (s *Store) AddArrivals(all []Arrival) error {
	rows := make([]captureRow, len(all))
	given := make([]func(), len(all))
	for i := range all {
		if err := rows[i].encode(all[i].Capture); err != nil {
			return err
		}
		given[i] = all[i].Kept.asGiven()
	}
	err := s.update(func(t *tx) error {
		for i := range all {
			given[i]()
			if err := addArrival(t, &all[i], &rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep arrivals: %w", err)
	}
	return nil
}

func addArrival(t *tx, a *Arrival, row *captureRow) error {
	var n int
	err := t.row("SELECT (SELECT count(*) FROM arrival WHERE space=? AND hub=? AND number=?) + (SELECT count(*) FROM arrival WHERE space=? AND epoch=? AND sequence=?)",
		a.Space, a.Hub, int64(a.Number), a.Space, a.Epoch, int64(a.Sequence)).Scan(&n)
	if a.Known = n > 0; err != nil || a.Known {
		return err
	}
	if err := t.addCapture(a.Capture, row); err != nil {
		return err
	}
	id := int64(a.Capture.ID)
	at := a.Capture.At.UnixNano()
	if err := t.exec("INSERT INTO arrival (space, hub, number, epoch, sequence, capture, at) VALUES (?,?,?,?,?,?,?)",
		a.Space, a.Hub, int64(a.Number), a.Epoch, int64(a.Sequence), id, at); err != nil {
		return err
	}
	if err := noteGap(t, a, at); err != nil {
		return err
	}
	if a.Kept == nil || a.Kept.empty() {
		return nil
	}
	return addKept(t, a.Capture, a.Kept)
}

// noteGap puts down what is missing between the last capture of a source that came and this one, and takes back what this one fills.
func noteGap(t *tx, a *Arrival, at int64) error {
	var last, lastAt int64
	source := a.Capture.Name
	err := t.row("SELECT number, at FROM space_source WHERE space=? AND hub=? AND source=?", a.Space, a.Hub, source).Scan(&last, &lastAt)
	first := errors.Is(err, sql.ErrNoRows)
	if err != nil && !first {
		return err
	}
	number, previous := int64(a.Number), int64(a.Previous)
	switch {
	case first || a.Shared:
	case previous > last:
		err := t.exec("INSERT INTO gap (space, hub, source, after, before, since, until, capture) VALUES (?,?,?,?,?,?,?,?)",
			a.Space, a.Hub, source, last, previous, lastAt, at, int64(a.Capture.ID))
		if err != nil {
			return err
		}
	case number < last: // it came out of turn, and all of its gap may have by now
		if err := t.exec("UPDATE gap SET after=? WHERE space=? AND hub=? AND source=? AND after >= ? AND after < ? AND before >= ?", number, a.Space, a.Hub, source, previous, number, number); err != nil {
			return err
		}
		if err := t.exec("DELETE FROM gap WHERE space=? AND hub=? AND source=? AND after >= before", a.Space, a.Hub, source); err != nil {
			return err
		}
	}
	return t.exec(`INSERT INTO space_source (space, hub, source, number, at, count) VALUES (?,?,?,?,?,1) ON CONFLICT (space, hub, source) DO UPDATE
		SET at=CASE WHEN excluded.number > number THEN excluded.at ELSE at END, number=max(number, excluded.number), count=count+1`, a.Space, a.Hub, source, number, at)
}

// Gaps returns the gaps of a space, the newest first; of all spaces where it is "".
func (s *Store) Gaps(ctx context.Context, space string) ([]Gap, error) {
	return list(ctx, s.read, "list gaps", func(row scanner) (g Gap, err error) {
		var since, until int64
		err = row.Scan(&g.ID, &g.Space, &g.Hub, &g.Source, &g.After, &g.Before, &since, &until, &g.Capture, &g.Seen)
		g.Since, g.Until = time.Unix(0, since), time.Unix(0, until)
		return g, err
	}, "SELECT id, space, hub, source, after, before, since, until, capture, seen FROM gap WHERE ? IN (space, '') ORDER BY id DESC LIMIT 1000", space)
}

// GapBefore is what may be missing before a capture, if anything is.
func (s *Store) GapBefore(ctx context.Context, id core.CaptureID) (g Gap, ok bool, err error) {
	var since, until int64
	err = s.read.QueryRowContext(ctx, "SELECT id, space, hub, source, after, before, since, until, capture, seen FROM gap WHERE capture = ?", int64(id)).
		Scan(&g.ID, &g.Space, &g.Hub, &g.Source, &g.After, &g.Before, &since, &until, &g.Capture, &g.Seen)
	if errors.Is(err, sql.ErrNoRows) {
		return g, false, nil
	}
	if err != nil {
		return g, false, fmt.Errorf("look for a gap before capture %d: %w", id, err)
	}
	g.Since, g.Until = time.Unix(0, since), time.Unix(0, until)
	return g, true, nil
}

// Most is how many captures may be missing.
func (g Gap) Most() int64 { return int64(g.Before - g.After) }

// SeeGaps says that the user saw the gaps of a space.
func (s *Store) SeeGaps(space string) error {
	return s.update(func(t *tx) error { return t.exec("UPDATE gap SET seen=1 WHERE space=?", space) })
}

// SpaceSource is what came of a source through a space.
type SpaceSource struct {
	Source string
	Last   time.Time
	Count  int64
}

// SpaceSources are the sources of which something came through a space.
func (s *Store) SpaceSources(ctx context.Context, space string) ([]SpaceSource, error) {
	return list(ctx, s.read, "list sources of a space", func(row scanner) (v SpaceSource, err error) {
		var last int64
		err = row.Scan(&v.Source, &last, &v.Count)
		v.Last = time.Unix(0, last)
		return v, err
	}, "SELECT source, max(at), sum(count) FROM space_source WHERE space=? GROUP BY source ORDER BY source", space)
}

// ForgetArrivals forgets of a space what came before a time: no stream has it any more. The captures stay.
func (s *Store) ForgetArrivals(space string, before time.Time) error {
	return s.update(func(t *tx) error {
		return t.exec("DELETE FROM arrival WHERE space=? AND at < ? AND NOT EXISTS (SELECT 1 FROM capture c WHERE c.id = arrival.capture)", space, before.UnixNano())
	})
}

// Spaces are those through which captures of this history came.
func (s *Store) Spaces(ctx context.Context) ([]string, error) {
	return list(ctx, s.read, "list spaces", one[string], "SELECT DISTINCT space FROM space_source ORDER BY space")
}
