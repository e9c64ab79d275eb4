package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hookglass/core"
)

// attemptDoc is an attempt, bodies and heads apart.
type attemptDoc struct {
	core.Attempt
	Head []byte `json:",omitempty"`
}

// StartAttempt stores that an attempt has begun, before anything is sent.
func (s *Store) StartAttempt(_ context.Context, a core.Attempt) error {
	errs, err := s.StartAttempts([]core.Attempt{a})
	if err == nil {
		err = errs[0]
	}
	return err
}

// StartAttempts is StartAttempt for several, in one commit. An attempt whose delivery does not wait has an error of its own.
func (s *Store) StartAttempts(all []core.Attempt) (each []error, err error) {
	each = make([]error, len(all))
	err = s.update(func(t *tx) error {
		for i := range all {
			a := &all[i]
			n, err := t.change("UPDATE delivery SET state='sending', attempts=? WHERE id=? AND state='waiting'", a.Number, int64(a.Delivery))
			if err != nil {
				return err
			}
			if each[i] = nil; n == 0 {
				each[i] = fmt.Errorf("start attempt: delivery %d is not waiting: %w", a.Delivery, core.ErrConflict)
				continue
			}
			if err := t.exec("INSERT INTO attempt (delivery, number, started) VALUES (?,?,?)", int64(a.Delivery), a.Number, a.Started.UnixNano()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("start attempt: %w", err)
	}
	return each, nil
}

// FinishAttempt stores how an attempt ended and where its delivery now stands, in one transaction. The delivery's request is
// as it was stored.
func (s *Store) FinishAttempt(_ context.Context, a core.Attempt, d core.Delivery) error {
	return s.FinishingAttempt(&a, &d)()
}

// FinishingAttempt is FinishAttempt that does not wait: what it returns does.
func (s *Store) FinishingAttempt(a *core.Attempt, d *core.Delivery) (wait func() error) {
	doc, request, response, err := encodeAttempt(a)
	if err == nil && s.writer == nil {
		err = errReading
	}
	if err != nil {
		return func() error { return err }
	}
	status := 0
	if a.Response != nil {
		status = a.Response.Status
	}
	if len(request) > 0 && bytes.Equal(request, d.Request.Body) {
		request = nil // it stands with the delivery
	}
	job := newWrite(func(t *tx) error {
		n, err := t.change("UPDATE attempt SET took=?, status=?, failure=?, done=1, doc=?, request=?, response=? WHERE delivery=? AND number=?",
			int64(a.Took), status, string(a.Failure), doc, request, response, int64(a.Delivery), a.Number)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("attempt %d of delivery %d was never begun: %w", a.Number, a.Delivery, core.ErrNotFound)
		}
		if err := t.exec("UPDATE delivery SET state=?, reason=?, due=?, attempts=?, status=?, failure=? WHERE id=?", string(d.State), d.Reason,
			d.Due.UnixNano(), d.Attempts, status, string(a.Failure), int64(d.ID)); err != nil {
			return err
		}
		return countFinished(t, d)
	})
	s.writer.queue(job)
	return func() error {
		if <-job.done; job.err != nil {
			return fmt.Errorf("finish attempt: %w", job.err)
		}
		return nil
	}
}

func countFinished(t *tx, d *core.Delivery) error {
	switch {
	case d.Endpoint == 0:
		return nil
	case d.State == core.Delivered:
		return t.exec("UPDATE endpoint SET delivered=delivered+1 WHERE id=?", int64(d.Endpoint))
	case d.State == core.Exhausted:
		return t.exec("UPDATE endpoint SET failed=failed+1 WHERE id=?", int64(d.Endpoint))
	}
	return nil
}

func encodeAttempt(a *core.Attempt) (doc string, request, response []byte, err error) {
	c := attemptDoc{Attempt: *a, Head: a.Request.Head}
	c.Request.Head, c.Request.Body = nil, nil
	if c.Head != nil && slices.Equal(core.ParseHead(c.Head), c.Request.Header) {
		c.Request.Header = nil // it stands in the head
	}
	response = []byte{}
	if a.Response != nil {
		r := *a.Response
		response, r.Body = blob(r.Body), nil
		c.Response = &r
	}
	b, err := json.Marshal(c)
	return string(b), blob(a.Request.Body), response, err
}

// Attempts returns all attempts of a delivery in order. One that is under way has neither response nor failure.
func (s *Store) Attempts(ctx context.Context, id core.DeliveryID) ([]core.Attempt, error) {
	return s.attempts(ctx, id, "1")
}

// Attempt returns one of them.
func (s *Store) Attempt(ctx context.Context, id core.DeliveryID, number int) (core.Attempt, error) {
	all, err := s.attempts(ctx, id, "number = ?", number)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("attempt %d of delivery %d: %w", number, id, core.ErrNotFound)
	}
	if err != nil {
		return core.Attempt{}, err
	}
	return all[0], nil
}

func (s *Store) attempts(ctx context.Context, id core.DeliveryID, which string, args ...any) ([]core.Attempt, error) {
	return list(ctx, s.read, fmt.Sprintf("read attempts of delivery %d", id), func(row scanner) (x core.Attempt, err error) {
		var (
			number            int
			started           int64
			failure           string
			doc               sql.NullString
			request, response []byte
		)
		if err := row.Scan(&number, &started, &failure, &doc, &request, &response); err != nil {
			return x, err
		}
		a := attemptDoc{Attempt: core.Attempt{Delivery: id, Number: number, Started: time.Unix(0, started), Failure: core.Failure(failure)}}
		if failure == interrupted {
			a.Detail = "Hookglass ended before the answer was stored; the receiver may have got this attempt"
		}
		if doc.Valid {
			if err := json.Unmarshal([]byte(doc.String), &a); err != nil {
				return x, err
			}
		}
		a.Request.Head, a.Request.Body = a.Head, request
		if a.Head != nil && a.Request.Header == nil {
			a.Request.Header = core.ParseHead(a.Head)
		}
		if a.Response != nil {
			a.Response.Body = blob(response)
		}
		return a.Attempt, nil
	}, `SELECT number, started, failure, doc, CASE WHEN request IS NULL AND doc IS NOT NULL THEN (SELECT body FROM delivery_body WHERE id=delivery)
		ELSE request END, response FROM attempt WHERE delivery=? AND `+which+" ORDER BY number", append([]any{int64(id)}, args...)...)
}

// interrupted is the failure of an attempt that was begun and never finished.
const interrupted = "interrupted"

// Interrupted ends the attempts that an earlier run began and did not finish; their deliveries wait again and
// are due at now. It returns how many there were.
func (s *Store) Interrupted(_ context.Context, now time.Time) (n int, err error) {
	err = s.update(func(t *tx) error {
		ended, err := t.change("UPDATE attempt SET failure=?, done=1 WHERE done=0", interrupted)
		if err != nil {
			return err
		}
		n = int(ended)
		return t.exec("UPDATE delivery SET state='waiting', due=?, failure=?, status=0 WHERE state='sending'", now.UnixNano(), interrupted)
	})
	if err != nil {
		return 0, fmt.Errorf("recover deliveries: %w", err)
	}
	return n, nil
}
