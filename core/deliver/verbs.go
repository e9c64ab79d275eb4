package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hookglass/core"
)

// Cancel gives a delivery up. An attempt under way is broken off; where its answer came first, the delivery is
// delivered all the same.
func (d *Dispatcher) Cancel(ctx context.Context, id core.DeliveryID) error {
	row, err := d.store.Delivery(ctx, id)
	if err != nil {
		return err
	}
	if row.State.Final() { // also where its last attempt is on disk and not yet noted here
		return tooLate(&row)
	}
	for {
		if d.breakOff(id) {
			return nil
		}
		err := d.cancelRow(ctx, id)
		if errors.Is(err, errBegun) && d.isFlying(id) {
			continue // it took off between the two
		}
		if err == nil {
			d.order(func(r *run) error { r.plan.Remove(id); return nil })
		}
		return err
	}
}

var errBegun = fmt.Errorf("it is being sent: %w", core.ErrConflict)

func (d *Dispatcher) isFlying(id core.DeliveryID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.flying[id] != nil
}

func (d *Dispatcher) breakOff(id core.DeliveryID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.flying[id]
	if f == nil {
		return false
	}
	f.cancelled = true
	f.end(errCancelled)
	return true
}

func (d *Dispatcher) cancelRow(ctx context.Context, id core.DeliveryID) error {
	return d.store.SetDelivery(ctx, id, func(row *core.Delivery) error {
		if row.State.Final() {
			return tooLate(row)
		}
		if row.State == core.Sending {
			return fmt.Errorf("cancel delivery %d: %w", id, errBegun)
		}
		row.State, row.Reason = core.Cancelled, "cancelled"
		return nil
	})
}

func tooLate(row *core.Delivery) error {
	return fmt.Errorf("cancel delivery %d: it is %s: %w", row.ID, row.State, core.ErrConflict)
}

// CancelMany cancels deliveries, what is left of a replay for instance, and says how many of them it could. Those that wait go
// at once; the few that are being sent are broken off one by one.
func (d *Dispatcher) CancelMany(ctx context.Context, ids []core.DeliveryID) (n int, err error) {
	const together = 500 // others write between two transactions
	for part := range slices.Chunk(ids, together) {
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		gone, err := d.store.CancelWaiting(part, "cancelled")
		if err != nil {
			return n, err
		}
		d.order(func(r *run) error {
			for _, id := range gone {
				r.plan.Remove(id)
			}
			return nil
		})
		n += len(gone)
		for _, id := range part {
			if slices.Contains(gone, id) {
				continue
			}
			switch err := d.Cancel(ctx, id); {
			case err == nil:
				n++
			case !errors.Is(err, core.ErrConflict) && !errors.Is(err, core.ErrNotFound):
				return n, err
			}
		}
	}
	return n, nil
}

// ResendNow makes a delivery due at once. It takes the place of the retry that is pending; a delivery that has
// ended gets one more attempt.
func (d *Dispatcher) ResendNow(ctx context.Context, id core.DeliveryID) error {
	now := time.Now()
	var lane core.EndpointID
	err := d.store.SetDelivery(ctx, id, func(row *core.Delivery) error {
		if row.State == core.Sending {
			return fmt.Errorf("resend delivery %d: %w", id, errBegun)
		}
		row.State, row.Reason, row.Due = core.Waiting, "", now
		lane = LaneOf(row.Endpoint, row.Target.URL)
		return nil
	})
	if err == nil {
		d.order(func(r *run) error {
			if !r.isFlying(id) { // else it took off meanwhile, which is what was asked for
				r.plan.Add(id, lane, now)
			}
			return nil
		})
	}
	return err
}

// PauseAll holds back everything until ResumeAll.
func (d *Dispatcher) PauseAll() { d.order(func(r *run) error { r.plan.PauseAll(); return nil }) }

// ResumeAll ends PauseAll.
func (d *Dispatcher) ResumeAll() { d.order(func(r *run) error { r.plan.ResumeAll(); return nil }) }

// Heed reads the settings of an endpoint anew after they changed in the store: rate, concurrency, active, paused.
func (d *Dispatcher) Heed(endpoint core.EndpointID) {
	d.order(func(r *run) error { return r.heed(context.Background(), endpoint) }) // a read of one row
}

// order has the deciding goroutine do something.
func (d *Dispatcher) order(do func(*run) error) {
	d.mu.Lock()
	d.orders = append(d.orders, do)
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (r *run) obey() error {
	r.mu.Lock()
	orders := r.orders
	r.orders = nil
	r.mu.Unlock()
	for _, do := range orders {
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}
