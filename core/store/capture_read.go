package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hookglass/core"
)

// Row is a capture as lists show it: no header, no body.
type Row struct {
	ID        core.CaptureID
	At        time.Time
	Source    core.SourceID
	Name      string
	Platform  string
	Method    string
	Target    string
	Event     string
	EventID   string
	Verdict   core.VerdictState
	Outcome   core.Outcome
	Status    int
	Size      int64
	Took      time.Duration
	Truncated bool
	Faulty    bool
	Pinned    bool
	Via       string
	ReplayOf  core.CaptureID
	Note      string
}

const rowColumns = `c.id, c.at, c.source, c.name, c.platform, c.method, c.target, c.event, c.event_id, c.verdict, c.outcome, c.status,
	c.size, c.took, c.truncated, c.faulty, c.pinned, c.via, c.replay_of, c.note`

func scanRow(row scanner) (r Row, err error) {
	var at, took int64
	err = row.Scan(&r.ID, &at, &r.Source, &r.Name, &r.Platform, &r.Method, &r.Target, &r.Event, &r.EventID, &r.Verdict, &r.Outcome,
		&r.Status, &r.Size, &took, &r.Truncated, &r.Faulty, &r.Pinned, &r.Via, &r.ReplayOf, &r.Note)
	r.At, r.Took = time.Unix(0, at), time.Duration(took)
	return r, err
}

// Captures returns up to limit rows that match q, newest first, older than before when it is not 0.
func (s *Store) Captures(ctx context.Context, q Query, before core.CaptureID, limit int) ([]Row, error) {
	var all []Row
	err := s.inPieces(ctx, q, 0, before, func(where string, args []any) (bool, error) {
		rows, err := list(ctx, s.read, "list captures", scanRow,
			"SELECT "+rowColumns+" FROM capture c"+q.join()+" WHERE "+where+" ORDER BY c.id DESC LIMIT ?", append(args, limit-len(all))...)
		all = append(all, rows...)
		return len(all) < limit, err
	})
	return all, err
}

// CaptureIDs returns the ids of all captures that match q and are newer than after, newest first. Eight bytes each:
// a list of a million rows scrolls over it and reads the rows it shows.
func (s *Store) CaptureIDs(ctx context.Context, q Query, after core.CaptureID) ([]core.CaptureID, error) {
	var all []core.CaptureID
	err := s.inPieces(ctx, q, after, 0, func(where string, args []any) (bool, error) {
		ids, err := list(ctx, s.read, "list captures", one[core.CaptureID],
			"SELECT c.id FROM capture c"+q.join()+" WHERE "+where+" ORDER BY c.id DESC", args...)
		all = append(all, ids...)
		return true, err
	})
	return all, err
}

// piece is how many captures a search through bodies reads at once.
const piece = 500

// inPieces calls read with the conditions of q and of the ids between two, both left out and 0 for none, until it wants no
// more. A search through bodies is cut into pieces, newest first: it may take minutes, and as long as one reads at a
// stretch, the log of what is written meanwhile cannot begin anew.
func (s *Store) inPieces(ctx context.Context, q Query, after, before core.CaptureID, read func(where string, args []any) (more bool, err error)) error {
	where, args := q.sql()
	if !q.body {
		if after > 0 {
			where += " AND c.id > ?"
			args = append(args, int64(after))
		}
		if before > 0 {
			where += " AND c.id < ?"
			args = append(args, int64(before))
		}
		_, err := read(where, args)
		return err
	}
	if before == 0 {
		if err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) + 1 FROM capture").Scan(&before); err != nil {
			return fmt.Errorf("list captures: %w", err)
		}
	}
	for top := before; top > after+1; top -= piece {
		more, err := read(where+" AND c.id > ? AND c.id < ?", append(slices.Clone(args), int64(max(after, top-piece-1)), int64(top)))
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// Rows returns the rows between two ids, both included, that match q, newest first.
func (s *Store) Rows(ctx context.Context, q Query, from, to core.CaptureID) ([]Row, error) {
	where, args := q.sql()
	return list(ctx, s.read, "read captures", scanRow,
		"SELECT "+rowColumns+" FROM capture c"+q.join()+" WHERE "+where+" AND c.id BETWEEN ? AND ? ORDER BY c.id DESC",
		append(args, int64(from), int64(to))...)
}

// Capture reads one whole.
func (s *Store) Capture(ctx context.Context, id core.CaptureID) (core.Capture, error) {
	var (
		c             core.Capture
		at, took      int64
		verdict, note string
		faulty        bool
		header        sql.NullString
		answer        string
		receipt       string
		r             = &c.Request
	)
	err := s.read.QueryRowContext(ctx, `SELECT c.id, c.at, c.source, c.name, c.platform, c.method, c.target, c.event, c.event_id, c.verdict,
		c.outcome, c.status, c.size, c.took, c.truncated, c.faulty, c.pinned, c.via, c.replay_of,
		b.proto, b.host, b.base, b.remote, b.head, b.header, b.body, b.answer, b.answer_body, b.receipt, c.note
		FROM capture c JOIN capture_body b ON b.id = c.id WHERE c.id = ?`, int64(id)).Scan(
		&c.ID, &at, &c.Source, &c.Name, &c.Receipt.Platform, &r.Method, &r.Target, &c.Event.Type, &c.Event.ID, &verdict,
		&c.Receipt.Outcome, &c.Response.Status, &r.Size, &took, &r.Truncated, &faulty, &c.Pinned, &c.Via, &c.ReplayOf,
		&r.Proto, &r.Host, &r.Base, &r.Remote, &r.Head, &header, &r.Body, &answer, &c.Response.Body, &receipt, &note)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("capture %d: %w", id, core.ErrNotFound)
	}
	if err != nil {
		return c, fmt.Errorf("read capture %d: %w", id, worded(err))
	}
	c.At, c.Took, c.Note = time.Unix(0, at), time.Duration(took), note
	if header.Valid {
		err = json.Unmarshal([]byte(header.String), &r.Header)
	} else {
		r.Header = core.ParseHead(r.Head)
	}
	if err != nil {
		return c, fmt.Errorf("read capture %d: %w", id, &Damaged{err})
	}
	var a answerDoc
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		return c, fmt.Errorf("read capture %d: %w", id, &Damaged{err})
	}
	c.Response.Status, c.Response.Proto, c.Response.Header = a.Status, a.Proto, a.Header
	c.Response.Size, c.Response.Truncated = a.Size, a.Truncated
	if err := decodeReceipt(receipt, &c.Receipt, r.Body); err != nil {
		return c, fmt.Errorf("read capture %d: %w", id, &Damaged{err})
	}
	if c.Work, err = s.workOf(ctx, id); err != nil {
		return c, err
	}
	c.Deliveries, err = s.deliveriesOf(ctx, id)
	return c, err
}
