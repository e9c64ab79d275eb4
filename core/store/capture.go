package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"hookglass/core"
)

// Kept is what a capture brings with it, all of it stored in one transaction.
type Kept struct {
	Work          []core.WorkItem
	Deliveries    []core.Delivery
	PutEndpoints  []core.Endpoint
	DropEndpoints []string    // wire ids
	Platform      string      // of the endpoints
	Settings      core.Values // changed settings of Source
	Source        core.SourceID
}

func (k *Kept) empty() bool {
	return len(k.Work)+len(k.Deliveries)+len(k.PutEndpoints)+len(k.DropEndpoints)+len(k.Settings) == 0
}

// asGiven returns a func that takes back the ids that storing k gave its parts: it may be stored a second time.
func (k *Kept) asGiven() func() {
	if k == nil || k.empty() {
		return func() {}
	}
	work, deliveries, endpoints := slices.Clone(k.Work), slices.Clone(k.Deliveries), slices.Clone(k.PutEndpoints)
	return func() {
		copy(k.Work, work)
		copy(k.Deliveries, deliveries)
		copy(k.PutEndpoints, endpoints)
	}
}

const insertCapture = `INSERT INTO capture
	(at, source, name, platform, method, target, event, event_id, verdict, outcome, status, size, took, truncated, faulty, via, replay_of)
	VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`

const insertCaptureBody = `INSERT INTO capture_body
	(id, proto, host, base, remote, head, header, body, answer, answer_body, receipt) VALUES (?,?,?,?,?,?,?,?,?,?,?)`

// AddCapture stores a capture and what follows from it, and sets c.ID and the ids of the deliveries. When it returns
// nil, they are on disk.
func (s *Store) AddCapture(c *core.Capture, k *Kept) error {
	if s.writer == nil {
		return errReading
	}
	job, ok := s.writer.captures.Get().(*captureJob)
	if !ok {
		job = &captureJob{}
		job.write = *newWrite(job.store)
	}
	defer s.writer.captures.Put(job)
	defer job.end()
	if err := job.row.encode(c); err != nil {
		return err
	}
	job.c, job.k, job.asGiven = c, k, k.asGiven()
	if err := s.writer.submit(&job.write); err != nil {
		return fmt.Errorf("keep capture: %w", err)
	}
	return nil
}

// captureJob is a capture on its way to the writer. They are used again, since captures are what comes most.
type captureJob struct {
	write
	row     captureRow
	c       *core.Capture
	k       *Kept
	asGiven func()
}

func (j *captureJob) store(t *tx) error {
	id, err := t.insert(insertCapture, j.row.list[:]...)
	if err != nil {
		return err
	}
	j.row.body[0] = id
	j.c.ID = core.CaptureID(id)
	if err := t.exec(insertCaptureBody, j.row.body[:]...); err != nil {
		return err
	}
	if j.k == nil || j.k.empty() {
		return nil
	}
	j.asGiven()
	return addKept(t, j.c, j.k)
}

// end lets go of what was stored.
func (j *captureJob) end() {
	j.row.list, j.row.body = [17]any{}, [11]any{}
	j.c, j.k, j.asGiven, j.err = nil, nil, nil, nil
}

func addKept(t *tx, c *core.Capture, k *Kept) error {
	for i := range k.Work {
		if k.Work[i].Capture == 0 && c != nil {
			k.Work[i].Capture = c.ID
		}
		if err := putWork(t, &k.Work[i]); err != nil {
			return err
		}
	}
	if c != nil {
		c.Deliveries = c.Deliveries[:0]
	}
	for i := range k.Deliveries {
		if d := &k.Deliveries[i]; c != nil && d.Work == "" && d.ReplayOf == 0 {
			d.ReplayOf = c.ID // a forward: the capture sent on
		}
		if err := addDelivery(t, &k.Deliveries[i]); err != nil {
			return err
		}
		if c != nil {
			c.Deliveries = append(c.Deliveries, k.Deliveries[i].ID)
		}
		if err := linkWork(t, k.Deliveries[i]); err != nil {
			return err
		}
	}
	for i := range k.PutEndpoints {
		if err := putEndpoint(t, &k.PutEndpoints[i]); err != nil {
			return err
		}
	}
	for _, wire := range k.DropEndpoints {
		ids, err := t.ids("SELECT id FROM endpoint WHERE platform=? AND wire=?", []any{k.Platform, wire})
		for _, id := range ids {
			err = errors.Join(err, deleteEndpoint(t, core.EndpointID(id)))
		}
		if err != nil {
			return err
		}
	}
	if len(k.Settings) > 0 {
		return mergeSettings(t, k.Source, k.Settings)
	}
	return nil
}

// AddKept stores what a machine's Advance brought.
func (s *Store) AddKept(k *Kept) error {
	if k.empty() {
		return nil
	}
	asGiven := k.asGiven()
	if err := s.update(func(t *tx) error { asGiven(); return addKept(t, nil, k) }); err != nil {
		return fmt.Errorf("keep work: %w", err)
	}
	return nil
}

// captureRow is the values of both rows of a capture.
type captureRow struct {
	list [17]any
	body [11]any
	docs []byte // room for its documents

	texts   [11]boxed[string]
	numbers [4]boxed[int64]
}

// boxed is a value in an interface. Most captures have much in common with the one before them: what is the same again need
// not be put into memory of its own.
type boxed[T comparable] struct {
	value T
	box   any
}

func (b *boxed[T]) of(v T) any {
	if b.box == nil || b.value != v {
		b.value, b.box = v, v
	}
	return b.box
}

// docsKept is how much room for documents is kept for the next capture.
const docsKept = 16 << 10

// answerDoc is the part of a response that is not its body.
type answerDoc struct {
	Status    int         `json:"s"`
	Proto     string      `json:"p,omitempty"`
	Header    core.Header `json:"h,omitempty"`
	Size      int64       `json:"n,omitempty"`
	Truncated bool        `json:"t,omitempty"`
}

// rowMost is what SQLite keeps in one row, its SQLITE_MAX_LENGTH, less a margin for the small columns.
var rowMost = 1_000_000_000 - 1<<20

// fit returns a request and an answer as they fit into a row that holds so much beside their bodies: cut, and marked so.
func fit(r core.Request, a core.Response, beside int) (core.Request, core.Response) {
	room := max(0, rowMost-beside)
	if len(r.Body) > room {
		r.Size, r.Truncated, r.Body = max(r.Size, int64(len(r.Body))), true, r.Body[:room]
	}
	if room -= len(r.Body); len(a.Body) > room {
		a.Size, a.Truncated, a.Body = max(a.Size, int64(len(a.Body))), true, a.Body[:room]
	}
	return r, a
}

func (row *captureRow) encode(c *core.Capture) error {
	var header any
	beside := len(c.Request.Head) // and the receipt, which holds no body
	for _, f := range c.Request.Header {
		beside += len(f.Name) + len(f.Value)
	}
	request, response := fit(c.Request, c.Response, beside)
	r := &request
	if r.Head == nil {
		b, err := json.Marshal(r.Header)
		if err != nil {
			return err
		}
		header = string(b)
	}
	docs := appendAnswer(row.docs[:0], &response)
	n := len(docs)
	docs, err := appendReceipt(docs, &c.Receipt, r.Body)
	if err != nil {
		return err
	}
	both := string(docs)
	if row.docs = docs; cap(docs) > docsKept {
		row.docs = nil
	}
	verdict := ""
	if c.Receipt.Verdict != nil {
		verdict = string(c.Receipt.Verdict.State)
	}
	t, n64 := &row.texts, &row.numbers
	row.list = [...]any{c.At.UnixNano(), n64[0].of(int64(c.Source)), t[0].of(c.Name), t[1].of(c.Receipt.Platform), t[2].of(r.Method), t[3].of(r.Target),
		t[4].of(c.Event.Type), t[5].of(c.Event.ID), t[6].of(verdict), t[7].of(string(c.Receipt.Outcome)), n64[1].of(int64(response.Status)),
		n64[2].of(r.Size), int64(c.Took), r.Truncated, len(c.Receipt.Faults) > 0, c.Via, n64[3].of(int64(c.ReplayOf))}
	row.body = [...]any{nil, t[8].of(r.Proto), t[9].of(r.Host), r.Base, t[10].of(r.Remote), r.Head, header, blob(r.Body), both[:n], blob(response.Body), both[n:]}
	return nil
}

// blob keeps an empty body from becoming NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

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
		return c, fmt.Errorf("read capture %d: %w", id, err)
	}
	c.At, c.Took, c.Note = time.Unix(0, at), time.Duration(took), note
	if header.Valid {
		err = json.Unmarshal([]byte(header.String), &r.Header)
	} else {
		r.Header = core.ParseHead(r.Head)
	}
	if err != nil {
		return c, fmt.Errorf("read capture %d: %w", id, err)
	}
	var a answerDoc
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		return c, fmt.Errorf("read capture %d: %w", id, err)
	}
	c.Response.Status, c.Response.Proto, c.Response.Header = a.Status, a.Proto, a.Header
	c.Response.Size, c.Response.Truncated = a.Size, a.Truncated
	if err := decodeReceipt(receipt, &c.Receipt, r.Body); err != nil {
		return c, fmt.Errorf("read capture %d: %w", id, err)
	}
	if c.Work, err = s.workOf(ctx, id); err != nil {
		return c, err
	}
	c.Deliveries, err = s.deliveriesOf(ctx, id)
	return c, err
}

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
// says how many. The user wants them gone: afterwards no byte of them is left in the file and in its log.
func (s *Store) DeleteCaptures(ctx context.Context, q Query) (total int64, err error) {
	where, args := q.sql()
	defer func() { s.mark(&s.marks.deleted, total) }()
	for n := int64(1); n > 0; {
		if err = ctx.Err(); err != nil {
			break
		}
		n, err = s.deleteChunk("SELECT c.id FROM capture c"+q.join()+" WHERE c.pinned=0 AND "+where+" LIMIT "+strconv.Itoa(trimChunk), args)
		if total += n; err != nil {
			break
		}
	}
	if total == 0 || err != nil {
		return total, err
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
		n, err = t.deleteCaptures(query, args)
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
			n, err = t.deleteCaptures(query, args)
			return err
		})
	})
	if err != nil {
		return 0, fmt.Errorf("trim history: %w", err)
	}
	return n, nil
}

func (t *tx) deleteCaptures(query string, args []any) (int64, error) {
	ids, err := t.ids(query, args)
	for _, id := range ids {
		if err == nil {
			err = t.exec("DELETE FROM capture_body WHERE id=?", id)
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

// Pulse counts arrivals over time: how many, and how many of them went wrong, answered 400 or more or with a signature
// that does not hold.
type Pulse struct{ All, Wrong []float64 }

// pulseRows bounds how many captures a pulse looks at, so that it stays cheap under load.
const pulseRows = 50_000

// Pulse counts the newest captures that match q in buckets of the width that ends at now.
func (s *Store) Pulse(ctx context.Context, q Query, now time.Time, width time.Duration, buckets int) (Pulse, error) {
	p := Pulse{make([]float64, buckets), make([]float64, buckets)}
	where, args := q.sql()
	start := now.Add(-width * time.Duration(buckets))
	rows, err := s.read.QueryContext(ctx, `SELECT (c.at - ?) / ?, count(*), sum(`+wentWrong+` OR `+badSignature+`)
		FROM capture c`+q.join()+` WHERE c.id > (SELECT coalesce(max(id), 0) FROM capture) - ? AND c.at >= ? AND `+where+` GROUP BY 1`,
		append([]any{start.UnixNano(), int64(width), pulseRows, start.UnixNano()}, args...)...)
	if err != nil {
		return p, fmt.Errorf("count captures: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var bucket, all, wrong int64
		if err := rows.Scan(&bucket, &all, &wrong); err != nil {
			return p, err
		}
		if bucket >= 0 && bucket < int64(buckets) {
			p.All[bucket], p.Wrong[bucket] = float64(all), float64(wrong)
		}
	}
	return p, rows.Err()
}

// CountCap bounds what a count looks at, so that it stays cheap whatever the history holds.
const CountCap = 10_000

// CountWithin looks at the newest CountCap captures that match kind, and counts those of them that match rest too.
func (s *Store) CountWithin(ctx context.Context, kind, rest Query) (n int64, err error) {
	inner, args := kind.sql()
	outer, more := rest.sql()
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT c.* FROM capture c"+kind.join()+" WHERE "+inner+" ORDER BY c.id DESC LIMIT ?) c"+
		rest.join()+" WHERE "+outer, append(append(args, CountCap), more...)...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count captures: %w", err)
	}
	return n, nil
}
