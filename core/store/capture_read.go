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
	Gap       bool // captures of its space may be missing before it
}

const rowColumns = `c.id, c.at, c.source, c.name, c.platform, c.method, c.target, c.event, c.event_id, c.verdict, c.outcome, c.status,
	c.size, c.took, c.truncated, c.faulty, c.pinned, c.via, c.replay_of, c.note,
	c.via > '' AND EXISTS (SELECT 1 FROM gap g WHERE g.capture = c.id)`

func scanRow(row scanner) (r Row, err error) {
	var at, took int64
	err = row.Scan(&r.ID, &at, &r.Source, &r.Name, &r.Platform, &r.Method, &r.Target, &r.Event, &r.EventID, &r.Verdict, &r.Outcome,
		&r.Status, &r.Size, &took, &r.Truncated, &r.Faulty, &r.Pinned, &r.Via, &r.ReplayOf, &r.Note, &r.Gap)
	r.At, r.Took = time.Unix(0, at), time.Duration(took)
	return r, err
}

// Rows returns the rows between two ids, both included, that match q, newest first.
func (s *Store) Rows(ctx context.Context, q Query, from, to core.CaptureID) ([]Row, error) {
	where, args := q.sql()
	return list(ctx, s.read, "read captures", scanRow,
		"SELECT "+rowColumns+" FROM capture c"+q.join()+" WHERE "+where+" AND c.id BETWEEN ? AND ? ORDER BY c.id DESC",
		append(args, int64(from), int64(to))...)
}

// RowsOf returns the rows of some captures that are there, in no order.
func (s *Store) RowsOf(ctx context.Context, ids []core.CaptureID) ([]Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return list(ctx, s.read, "read captures", scanRow, "SELECT "+rowColumns+" FROM json_each(?) j JOIN capture c ON c.id = j.value", string(text))
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
		b.proto, b.host, b.base, b.remote, b.head, b.header, `+wholeBody+`, b.answer, b.answer_body, b.receipt, c.note
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
