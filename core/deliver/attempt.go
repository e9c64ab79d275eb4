package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hookglass/core"
)

// outcome is what became of a piece of work.
type outcome struct {
	work     Work
	delivery core.Delivery
	disabled bool
	freed    bool // the plan knows already that the wire is free
	err      error
}

// start is an attempt that is about to begin.
type start struct {
	work     Work
	ctx      context.Context
	end      context.CancelCauseFunc
	delivery core.Delivery // as it is stored
	request  core.Delivery // as it is sent
	number   int
	now      time.Time
}

// launch begins attempts: their rows first, all in one commit, so that a crash leaves a trace; then each on the wire.
func (r *run) launch(starts []start) {
	ready := starts[:0]
	var rows []core.Attempt
	for i := range starts {
		s := starts[i]
		if o, ok := r.prepare(&s); !ok {
			s.end(nil)
			r.done <- o
			continue
		}
		ready = append(ready, s)
		rows = append(rows, core.Attempt{Delivery: s.work.ID, Number: s.number, Started: s.now})
	}
	if len(ready) == 0 {
		return
	}
	each, err := r.store.StartAttempts(rows)
	for i := range ready {
		s := &ready[i]
		if o := (outcome{work: s.work, delivery: s.delivery, err: err}); err != nil || each[i] != nil {
			if err == nil {
				o.err = each[i]
			}
			o.delivery.State = core.Sending // whoever has it, we have not
			s.end(nil)
			r.done <- o.unless(core.ErrConflict)
			continue
		}
		go func() {
			o := r.attempt(s)
			s.end(nil)
			r.done <- o
		}()
	}
}

// prepare reads what an attempt needs. Where there is to be none, it says what became of the work.
func (r *run) prepare(s *start) (o outcome, ok bool) {
	rows := context.WithoutCancel(s.ctx) // what happened is stored, however it ended
	o = outcome{work: s.work}
	if o.delivery, o.err = r.store.Due(rows, s.work.ID); o.err != nil {
		return o.unless(core.ErrNotFound), false
	}
	s.now = time.Now()
	if o.delivery.State != core.Waiting || o.delivery.Due.After(s.now) {
		return o, false // cancelled, or put off, since it was planned
	}
	if s.request, o.err = r.remember(rows, &o.delivery); o.err != nil {
		return o, false
	}
	s.delivery, s.number = o.delivery, o.delivery.Attempts+1
	return o, true
}

// attempt does one whose row is stored: the wire, then the row's end. The next may have the wire before that is on disk.
func (r *run) attempt(s *start) outcome {
	o := outcome{work: s.work, delivery: s.delivery}
	a := r.sender.Send(s.ctx, s.request, s.number, s.now)
	if a.Failure == Interrupted {
		o.delivery.State = core.Sending
		return o
	}
	o.delivery = After(o.delivery, a, time.Now(), r.Seed, r.Pace)
	if o.delivery.State == core.Waiting {
		a.Retry = o.delivery.Due
	}
	stored := r.store.FinishingAttempt(&a, &o.delivery)
	if o.disabled = s.work.Endpoint > 0 && Disables(o.delivery.Target.Policy, &a); !o.disabled { // else nothing more is to begin
		r.free <- s.work
		o.freed = true
	}
	if o.err = stored(); o.err != nil {
		return o
	}
	if o.disabled {
		o.err = r.switchOff(s.work.Endpoint)
	}
	r.report(&o.delivery, &a)
	return o
}

func (o outcome) unless(expected error) outcome {
	if errors.Is(o.err, expected) {
		o.err = nil
	}
	return o
}

// remember completes a delivery that was tried before with what its attempts know: when the first one began, and,
// where retries are not signed anew, what it sent. It returns the delivery to send.
func (d *Dispatcher) remember(ctx context.Context, del *core.Delivery) (core.Delivery, error) {
	if del.Attempts == 0 || del.Resign && del.Target.Policy.Window == 0 {
		return *del, nil
	}
	earlier, err := d.store.Attempts(ctx, del.ID)
	if err != nil || len(earlier) == 0 {
		return *del, err
	}
	del.Began = earlier[0].Started
	if del.Resign {
		return *del, nil
	}
	for i := range earlier {
		if a := &earlier[i]; a.Request.Head != nil {
			return repeated(*del, a.Request), nil
		}
	}
	return *del, nil
}

// repeated is a delivery that sends again what was sent: same bytes, same timestamp, same signature.
func repeated(d core.Delivery, sent core.Request) core.Delivery {
	d.Request = sent
	d.Target.Raw, d.Target.KeepHost = true, true
	return d
}

func (d *Dispatcher) switchOff(endpoint core.EndpointID) error {
	err := d.store.ChangeEndpoint(endpoint, func(e *core.Endpoint) { e.Active = false })
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return fmt.Errorf("switch off endpoint %d, as its receiver asked: %w", endpoint, err)
	}
	return nil
}

func (d *Dispatcher) report(del *core.Delivery, a *core.Attempt) {
	if d.Log != nil {
		status := 0
		if a.Response != nil {
			status = a.Response.Status
		}
		d.Log.Info("delivery.attempted", "delivery", a.Delivery, "attempt", a.Number, "status", status, "failure", a.Failure, "took", a.Took, "state", del.State)
	}
	if d.Attempted != nil {
		d.Attempted(*del, *a)
	}
}
