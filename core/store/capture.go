package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

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
	Turn          *Turn                                             // whose writes come first; nil: nobody's
	Number        func(core.Response, core.CaptureID) core.Response // puts the capture's id into its answer, as it is written; nil: it has none
}

func (k *Kept) turn() *Turn {
	if k == nil {
		return nil
	}
	return k.Turn
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
	(id, at, source, name, platform, method, target, event, event_id, verdict, outcome, status, size, took, truncated, faulty, via, replay_of)
	VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`

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
	job.c, job.k, job.asGiven, job.cut = c, k, k.asGiven(), len(job.row.cut)
	s.writer.inTurn(&job.write, k.turn())
	if err := job.wait(); err != nil {
		return fmt.Errorf("keep capture: %w", err)
	}
	return nil
}

// AddCaptures stores captures that were made elsewhere, with their notes, in one transaction, and sets their ids.
func (s *Store) AddCaptures(all []core.Capture) error {
	rows := make([]captureRow, len(all))
	for i := range all {
		if err := rows[i].encode(&all[i]); err != nil {
			return err
		}
	}
	err := s.update(func(t *tx) error {
		for i := range all {
			if err := t.addCapture(&all[i], &rows[i]); err != nil {
				return err
			}
			if err := t.exec("UPDATE capture SET note=? WHERE id=?", all[i].Note, int64(all[i].ID)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep captures: %w", err)
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
	plain   *core.Response // the answer without the id
}

func (j *captureJob) store(t *tx) error {
	if j.k != nil && j.k.Number != nil {
		if j.plain == nil {
			j.plain = new(core.Response)
			*j.plain = j.c.Response // it may be stored a second time, under another id
		}
		j.c.Response = j.k.Number(*j.plain, t.w.ledger.next())
		j.row.answer(&j.c.Response)
	}
	if err := t.addCapture(j.c, &j.row); err != nil {
		return err
	}
	if j.k == nil || j.k.empty() {
		return nil
	}
	j.asGiven()
	return addKept(t, j.c, j.k)
}

// addCapture inserts the rows of a capture and enters it in what is kept of all.
func (t *tx) addCapture(c *core.Capture, row *captureRow) error {
	c.ID = t.w.ledger.next()
	var id any = int64(c.ID)
	row.list[0], row.body[0] = id, id
	if err := t.exec(insertCapture, row.list[:]...); err != nil {
		return err
	}
	if err := t.w.ledger.add(t, c.ID, c.At.UnixNano(), c.Source, c.Name); err != nil {
		return err
	}
	if err := t.exec(insertCaptureBody, row.body[:]...); err != nil || row.cut == nil {
		return err
	}
	return t.addPieces(c.ID, row.cut)
}

// end lets go of what was stored.
func (j *captureJob) end() {
	j.row.list, j.row.body, j.row.cut = [18]any{}, [11]any{}, nil
	j.c, j.k, j.asGiven, j.plain, j.err = nil, nil, nil, nil, nil
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
	if s.writer == nil {
		return errReading
	}
	asGiven := k.asGiven()
	job := newWrite(func(t *tx) error { asGiven(); return addKept(t, nil, k) })
	s.writer.inTurn(job, k.Turn)
	if err := job.wait(); err != nil {
		return fmt.Errorf("keep work: %w", err)
	}
	return nil
}

// captureRow is the values of both rows of a capture.
type captureRow struct {
	list [18]any
	body [11]any
	cut  []byte // a body that stands in pieces
	docs []byte // room for its documents

	texts   [12]boxed[string]
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
	t, n64, whole := &row.texts, &row.numbers, r.Body
	if row.cut = nil; len(whole) > pieceFrom {
		row.cut, whole = whole, nil
	}
	row.list = [...]any{nil, c.At.UnixNano(), n64[0].of(int64(c.Source)), t[0].of(c.Name), t[1].of(c.Receipt.Platform), t[2].of(r.Method), t[3].of(r.Target),
		t[4].of(c.Event.Type), t[5].of(c.Event.ID), t[6].of(verdict), t[7].of(string(c.Receipt.Outcome)), n64[1].of(int64(response.Status)),
		n64[2].of(r.Size), int64(c.Took), r.Truncated, len(c.Receipt.Faults) > 0, c.Via, n64[3].of(int64(c.ReplayOf))}
	row.body = [...]any{nil, t[8].of(r.Proto), t[9].of(r.Host), t[11].of(r.Base), t[10].of(r.Remote), r.Head, header, boxedBlob(whole), both[:n], boxedBlob(response.Body), both[n:]}
	return nil
}

// answer puts another answer into a row.
func (row *captureRow) answer(r *core.Response) {
	row.body[8], row.body[9] = string(appendAnswer(nil, r)), boxedBlob(r.Body)
}

// blob keeps an empty body from becoming NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

var emptyBlob any = []byte{}

// boxedBlob is blob as a value; that of an empty body is always the same.
func boxedBlob(b []byte) any {
	if len(b) == 0 {
		return emptyBlob
	}
	return b
}
