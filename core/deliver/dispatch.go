package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// DefaultDrain is how long attempts under way may take to end once the program is to end.
const DefaultDrain = 5 * time.Second

// Dispatcher sends what is due until it is delivered or given up. The rows of the store are the queue: what it holds
// itself can be made anew from them at any time. Its verbs may be called from any goroutine, before, while and
// after it runs. Make one with [NewDispatcher] and set the other fields before Run.
type Dispatcher struct {
	Seed      uint64
	Pace      float64       // delays are divided by it; 0 means 1
	Total     int           // attempts at a time; 0 means [DefaultTotal]
	Drain     time.Duration // see [DefaultDrain]
	Log       *slog.Logger  // nil: silent
	Attempted func(core.Delivery, core.Attempt)

	store  *store.Store
	sender *Sender

	mu     sync.Mutex
	flying map[core.DeliveryID]*flight
	orders []func(*run) error
	wake   chan struct{}
}

// flight is an attempt under way.
type flight struct {
	end       context.CancelCauseFunc
	cancelled bool // somebody wants the delivery cancelled
}

// NewDispatcher makes a dispatcher for the deliveries of s.
func NewDispatcher(s *store.Store, sender *Sender) *Dispatcher {
	return &Dispatcher{store: s, sender: sender, flying: map[core.DeliveryID]*flight{}, wake: make(chan struct{}, 1)}
}

// run is what one call of Run knows. Only its goroutine touches it.
type run struct {
	*Dispatcher
	plan    *Planner
	last    core.DeliveryID // the newest delivery seen
	known   map[core.EndpointID]bool
	news    chan struct{}
	done    chan outcome
	endings sync.WaitGroup
}

// Run sends until ctx ends, then waits for the attempts under way. It returns an error only where the store fails.
func (d *Dispatcher) Run(ctx context.Context) error {
	r := &run{
		Dispatcher: d, plan: NewPlanner(d.Total), known: map[core.EndpointID]bool{},
		news: make(chan struct{}), done: make(chan outcome),
	}
	watching, stop := context.WithCancel(ctx)
	defer r.endings.Wait()
	defer stop()
	seen := d.store.Feed().Rev()
	if err := r.recover(ctx); err != nil {
		return err
	}
	r.endings.Go(func() { r.watch(watching, seen) })
	err := r.loop(ctx)
	return errors.Join(err, r.drain())
}

// recover takes up what an earlier run left.
func (r *run) recover(ctx context.Context) error {
	n, err := r.store.Interrupted(ctx, time.Now())
	if err != nil {
		return err
	}
	if n > 0 && r.Log != nil {
		r.Log.Warn("delivery.interrupted", "attempts", n)
	}
	return r.load(ctx)
}

// load puts into the plan what waits and is new.
func (r *run) load(ctx context.Context) error {
	var fresh []core.EndpointID
	err := r.store.Waiting(ctx, r.last, func(id core.DeliveryID, endpoint core.EndpointID, due time.Time) error {
		r.plan.Add(id, endpoint, due)
		r.last = max(r.last, id)
		if !r.known[endpoint] {
			r.known[endpoint] = true
			fresh = append(fresh, endpoint)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, endpoint := range fresh {
		if err := r.heed(ctx, endpoint); err != nil {
			return err
		}
	}
	return nil
}

// heed reads the limits of an endpoint into the plan. What an endpoint that is switched off is owed waits.
func (r *run) heed(ctx context.Context, endpoint core.EndpointID) error {
	if endpoint == 0 {
		return nil
	}
	e, err := r.store.Endpoint(ctx, endpoint)
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	r.plan.SetLimit(endpoint, Limit{Concurrency: e.Concurrency, Rate: e.Rate})
	if e.Paused || !e.Active {
		r.plan.Pause(endpoint)
	} else {
		r.plan.Resume(endpoint)
	}
	return nil
}

// watch tells the loop of commits.
func (r *run) watch(ctx context.Context, rev uint64) {
	for {
		var err error
		if rev, err = r.store.Feed().Wait(ctx, rev); err != nil {
			return
		}
		select {
		case r.news <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}

func (r *run) loop(ctx context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		if err := r.obey(); err != nil {
			return err
		}
		wake := r.begin(ctx)
		if wake.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(time.Until(wake))
		}
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case o := <-r.done:
			err = r.finish(o)
		case <-r.news:
			err = r.load(ctx)
		case <-r.wake:
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// begin starts all that may start now and says when to look again.
func (r *run) begin(ctx context.Context) time.Time {
	work, wake := r.plan.Next(time.Now())
	for _, w := range work {
		// An attempt outlives the end of ctx: drain decides how long.
		flying, end := context.WithCancelCause(context.WithoutCancel(ctx))
		r.mu.Lock()
		r.flying[w.ID] = &flight{end: end}
		r.mu.Unlock()
		go func() {
			o := r.attempt(flying, w)
			end(nil)
			r.done <- o
		}()
	}
	return wake
}

// finish takes note of an attempt that ended.
func (r *run) finish(o outcome) error {
	r.mu.Lock()
	f := r.flying[o.work.ID]
	delete(r.flying, o.work.ID)
	r.mu.Unlock()
	r.plan.Done(o.work)
	switch {
	case o.err != nil:
		return o.err
	case o.delivery.State != core.Waiting:
	case f.cancelled: // wanted too late for the attempt to know
		return r.cancelRow(context.Background(), o.work.ID) // a promise made before ctx ended
	default:
		r.plan.Add(o.work.ID, o.work.Endpoint, o.delivery.Due)
	}
	if o.disabled {
		r.plan.Pause(o.work.Endpoint)
	}
	return nil
}

// drain lets the attempts under way end, for a time. Those that do not stay as they are in the store, and the next run
// finds them interrupted: that is the truth.
func (r *run) drain() error {
	limit := r.Drain
	if limit <= 0 {
		limit = DefaultDrain
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var errs error
	for r.plan.Flying() > 0 {
		select {
		case o := <-r.done:
			errs = errors.Join(errs, r.finish(o))
		case <-r.news:
		case <-timer.C:
			r.mu.Lock()
			for _, f := range r.flying {
				f.end(errDrained)
			}
			r.mu.Unlock()
		}
	}
	return errs
}

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
	request := o.delivery
	if request, o.err = d.remember(rows, &o.delivery); o.err != nil {
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
		o.err = d.switchOff(rows, w.Endpoint)
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

func (d *Dispatcher) switchOff(ctx context.Context, endpoint core.EndpointID) error {
	e, err := d.store.Endpoint(ctx, endpoint)
	if errors.Is(err, core.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	e.Active = false
	if err := d.store.PutEndpoint(&e); err != nil {
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
