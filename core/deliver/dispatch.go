package deliver

import (
	"context"
	"errors"
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
	free    chan Work // its attempt has left the wire
	done    chan outcome
	open    int // attempts that were begun and are not done
	endings sync.WaitGroup
}

// Run sends until ctx ends, then waits for the attempts under way. It returns an error only where the store fails.
func (d *Dispatcher) Run(ctx context.Context) error {
	r := &run{
		Dispatcher: d, plan: NewPlanner(d.Total), known: map[core.EndpointID]bool{},
		news: make(chan struct{}), free: make(chan Work, 64), done: make(chan outcome, 64),
	}
	watching, stop := context.WithCancel(ctx)
	defer r.endings.Wait()
	defer stop()
	seen := d.store.Feed().Rev()
	if err := r.recover(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
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
	fresh := map[core.EndpointID]bool{}
	err := r.store.Waiting(ctx, r.last, func(id core.DeliveryID, endpoint core.EndpointID, url string, due time.Time) error {
		r.plan.Add(id, LaneOf(endpoint, url), due)
		r.last = max(r.last, id)
		if !r.known[endpoint] {
			fresh[endpoint] = true // not now: a query runs
		}
		return nil
	})
	if err != nil {
		return err
	}
	for endpoint := range fresh {
		if err := r.meet(ctx, endpoint); err != nil {
			return err
		}
	}
	return nil
}

// meet heeds an endpoint that this run has not heard of.
func (r *run) meet(ctx context.Context, endpoint core.EndpointID) error {
	if r.known[endpoint] {
		return nil
	}
	r.known[endpoint] = true
	return r.heed(ctx, endpoint)
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
		case w := <-r.free:
			r.plan.Done(w)
		case o := <-r.done:
			err = r.finish(o)
		case <-r.news:
			err = r.load(ctx)
		case <-r.wake:
		}
		err = errors.Join(err, r.gather())
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// gather takes note of all that has ended by now, so that more begins in one commit.
func (r *run) gather() error {
	for {
		select {
		case w := <-r.free:
			r.plan.Done(w)
		case o := <-r.done:
			if err := r.finish(o); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// mostOpen bounds the attempts that have left the wire and are not on disk yet, as a multiple of those on the wire.
const mostOpen = 4

// begin starts all that may start now and says when to look again.
func (r *run) begin(ctx context.Context) time.Time {
	if r.open >= mostOpen*r.plan.total {
		return time.Time{} // the disk does not keep up; one that is done leads here again
	}
	work, wake := r.plan.Next(time.Now())
	if len(work) == 0 {
		return wake
	}
	r.open += len(work)
	starts := make([]start, len(work))
	r.mu.Lock()
	for i, w := range work {
		// An attempt outlives the end of ctx: drain decides how long.
		flying, end := context.WithCancelCause(context.WithoutCancel(ctx))
		r.flying[w.ID] = &flight{end: end}
		starts[i] = start{work: w, ctx: flying, end: end}
	}
	r.mu.Unlock()
	go r.launch(starts)
	return wake
}

// finish takes note of an attempt that ended.
func (r *run) finish(o outcome) error {
	r.mu.Lock()
	f := r.flying[o.work.ID]
	delete(r.flying, o.work.ID)
	r.mu.Unlock()
	r.open--
	if !o.freed {
		r.plan.Done(o.work)
	}
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
	for r.open > 0 {
		select {
		case w := <-r.free:
			r.plan.Done(w)
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
