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
	err      error
}

// attempt does one: row first, so that a crash leaves a trace; then the wire; then the row's end.
func (d *Dispatcher) attempt(ctx context.Context, w Work) outcome {
	rows := context.WithoutCancel(ctx) // what happened is stored, however it ended
	o := outcome{work: w}
	if o.delivery, o.err = d.store.Delivery(rows, w.ID); o.err != nil {
		return o.unless(core.ErrNotFound)
	}
	now := time.Now()
	if o.delivery.State != core.Waiting || o.delivery.Due.After(now) {
		return o // cancelled, or put off, since it was planned
	}
	request, err := d.remember(rows, &o.delivery)
	if err != nil {
		o.err = err
		return o
	}
	number := o.delivery.Attempts + 1
	if o.err = d.store.StartAttempt(rows, core.Attempt{Delivery: w.ID, Number: number, Started: now}); o.err != nil {
		o.delivery.State = core.Sending // whoever has it, we have not
		return o.unless(core.ErrConflict)
	}
	a := d.sender.Send(ctx, request, number, now)
	if a.Failure == Interrupted {
		o.delivery.State = core.Sending
		return o
	}
	o.delivery = After(o.delivery, a, time.Now(), d.Seed, d.Pace)
	if o.delivery.State == core.Waiting {
		a.Retry = o.delivery.Due
	}
	if o.err = d.store.FinishAttempt(rows, a, o.delivery); o.err != nil {
		return o
	}
	if w.Endpoint != 0 && Disables(o.delivery.Target.Policy, &a) {
		o.disabled = true
		o.err = d.switchOff(w.Endpoint)
	}
	d.report(&o.delivery, &a)
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
