package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/store"
)

// Outbox is what is owed to receivers, and what this run knows of it beside its rows.
type Outbox struct {
	store        *store.Store
	vault        *Vault
	schemes      *Schemes
	environments *Environments
	dispatcher   *deliver.Dispatcher
	sender       *deliver.Sender
	pace         float64

	paused   atomic.Bool
	mu       sync.Mutex
	waiting  map[core.DeliveryID][]chan core.Attempt // who waits for a first answer
	watchers []chan core.Attempt
	owed     map[string]*owing // replays that are not owed whole yet, by their batch
	begun    chan struct{}     // has one where another began
	log      *slog.Logger
}

// Cancel gives a delivery up; an attempt under way is broken off.
func (o *Outbox) Cancel(ctx context.Context, id core.DeliveryID) error {
	return o.dispatcher.Cancel(ctx, id)
}

// Resend makes a delivery due at once. It takes the place of a retry that is pending; one that has ended gets one more
// attempt.
func (o *Outbox) Resend(ctx context.Context, id core.DeliveryID) error {
	return o.dispatcher.ResendNow(ctx, id)
}

// Progress is how far work on many things has come. It is called from the goroutine that works.
type Progress func(done, total int)

// CancelAll cancels the deliveries that match f and have not ended, and says how many.
func (o *Outbox) CancelAll(ctx context.Context, f store.DeliveryFilter, progress Progress) (int, error) {
	var open []core.DeliveryID
	for _, state := range []core.DeliveryState{core.Waiting, core.Sending} {
		if f.State != "" && f.State != state {
			continue
		}
		narrow := f
		narrow.State = state
		ids, err := o.ids(ctx, narrow)
		if err != nil {
			return 0, err
		}
		open = append(open, ids...)
	}
	return inParts(ctx, open, progress, o.dispatcher.CancelMany)
}

// ResendAll makes the deliveries that match f and gave up due at once, and says how many.
func (o *Outbox) ResendAll(ctx context.Context, f store.DeliveryFilter, progress Progress) (int, error) {
	f.State = core.Exhausted
	ids, err := o.ids(ctx, f)
	if err != nil {
		return 0, err
	}
	return inParts(ctx, ids, progress, func(ctx context.Context, part []core.DeliveryID) (n int, err error) {
		for _, id := range part {
			if err := o.Resend(ctx, id); err == nil {
				n++
			} else if !errors.Is(err, core.ErrConflict) && !errors.Is(err, core.ErrNotFound) {
				return n, err
			}
		}
		return n, nil
	})
}

// inParts does work on ids in parts small enough to tell how far it has come.
func inParts(ctx context.Context, ids []core.DeliveryID, progress Progress, work func(context.Context, []core.DeliveryID) (int, error)) (n int, err error) {
	const together = 256
	for from := 0; from < len(ids); from += together {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		to := min(from+together, len(ids))
		did, err := work(ctx, ids[from:to])
		n += did
		if err != nil {
			return n, err
		}
		if progress != nil {
			progress(to, len(ids))
		}
	}
	return n, nil
}

// ids are the deliveries that match f, oldest first.
func (o *Outbox) ids(ctx context.Context, f store.DeliveryFilter) ([]core.DeliveryID, error) {
	var ids []core.DeliveryID
	err := o.each(ctx, f, func(r *store.DeliveryRow) { ids = append(ids, r.ID) })
	slices.Reverse(ids)
	return ids, err
}

// each reads the rows that match f a page at a time, newest first.
func (o *Outbox) each(ctx context.Context, f store.DeliveryFilter, yield func(*store.DeliveryRow)) error {
	const page = 2000
	for before := core.DeliveryID(0); ; {
		rows, err := o.store.Deliveries(ctx, f, before, page)
		if err != nil {
			return err
		}
		for i := range rows {
			yield(&rows[i])
		}
		if len(rows) < page {
			return nil
		}
		before = rows[len(rows)-1].ID
	}
}

// PauseAll holds back everything that waits until ResumeAll, or the end of this run.
func (o *Outbox) PauseAll() {
	o.paused.Store(true)
	o.dispatcher.PauseAll()
	o.store.Feed().Bump()
}

// ResumeAll ends PauseAll.
func (o *Outbox) ResumeAll() {
	o.paused.Store(false)
	o.dispatcher.ResumeAll()
	o.store.Feed().Bump()
}

// Paused reports whether PauseAll holds everything back.
func (o *Outbox) Paused() bool { return o.paused.Load() }

// Pace is what delays between attempts are divided by.
func (o *Outbox) Pace() float64 { return cmp.Or(o.pace, 1) }

// Report sums up a batch as it stands. Bodies are compared by their hashes, so that a large batch fits in memory.
func (o *Outbox) Report(ctx context.Context, batch string) (deliver.Report, error) {
	var owed []core.Delivery
	var attempts []core.Attempt
	if err := o.each(ctx, store.DeliveryFilter{Batch: batch}, func(r *store.DeliveryRow) { owed = append(owed, r.Delivery) }); err != nil {
		return deliver.Report{}, err
	}
	for i := range owed {
		as, err := o.store.Attempts(ctx, owed[i].ID)
		if err != nil {
			return deliver.Report{}, err
		}
		for _, a := range as {
			if a.Response != nil || a.Failure != "" { // one under way has nothing to report
				attempts = append(attempts, slim(a))
			}
		}
	}
	return deliver.Sum(owed, attempts), nil
}

// slim is an attempt with what a report looks at, and no more.
func slim(a core.Attempt) core.Attempt {
	a.Request = core.Request{}
	if a.Response != nil {
		sum := sha256.Sum256(a.Response.Body)
		a.Response = &core.Response{Status: a.Response.Status, Body: sum[:]}
	}
	return a
}

// EmitTo owes an event to one endpoint, whatever it subscribes to and whether it is active or not: a test of it. Without
// data the platform's own example is sent.
func (o *Outbox) EmitTo(ctx context.Context, id core.EndpointID, event string, data json.RawMessage) (core.DeliveryID, error) {
	ep, err := o.store.Endpoint(ctx, id)
	if err != nil {
		return 0, err
	}
	if event = cmp.Or(event, ep.Trigger); event == "" {
		return 0, &core.Invalid{Field: "event", Reason: "is empty; want a name like agent.message"}
	}
	if len(data) > 0 && !json.Valid(data) {
		return 0, &core.Invalid{Field: "data", Reason: "is not JSON; correct it, or leave it empty for an example"}
	}
	if len(data) == 0 {
		data = exampleData(ep, event)
	}
	now := time.Now()
	d, err := owedEvent(ep, o.environments.Set(), event, data, now, now)
	if err != nil {
		return 0, err
	}
	ids, err := o.store.AddDeliveries(ctx, []core.Delivery{d})
	if err != nil {
		return 0, fmt.Errorf("send a test event: %w", err)
	}
	return ids[0], nil
}
