package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hookglass/core"
)

// Cancel gives a delivery up. An attempt under way is broken off; where its answer came first, the delivery is
// delivered all the same.
func (d *Dispatcher) Cancel(ctx context.Context, id core.DeliveryID) error {
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
			return fmt.Errorf("cancel delivery %d: it is %s: %w", id, row.State, core.ErrConflict)
		}
		if row.State == core.Sending {
			return fmt.Errorf("cancel delivery %d: %w", id, errBegun)
		}
		row.State, row.Reason = core.Cancelled, "cancelled"
		return nil
	})
}

// ResendNow makes a delivery due at once. It takes the place of the retry that is pending; a delivery that has
// ended gets one more attempt.
func (d *Dispatcher) ResendNow(ctx context.Context, id core.DeliveryID) error {
	now := time.Now()
	var endpoint core.EndpointID
	err := d.store.SetDelivery(ctx, id, func(row *core.Delivery) error {
		if row.State == core.Sending {
			return fmt.Errorf("resend delivery %d: %w", id, errBegun)
		}
		row.State, row.Reason, row.Due = core.Waiting, "", now
		endpoint = row.Endpoint
		return nil
	})
	if err == nil {
		d.order(func(r *run) error {
			if !r.isFlying(id) { // else it took off meanwhile, which is what was asked for
				r.plan.Add(id, endpoint, now)
			}
			return nil
		})
	}
	return err
}

// Pause holds back what waits for an endpoint until Resume; attempts under way go on. It holds for this run: a pause
// that is to last is a setting of the endpoint, see [Dispatcher.Heed].
func (d *Dispatcher) Pause(endpoint core.EndpointID) {
	d.order(func(r *run) error { r.known[endpoint] = true; r.plan.Pause(endpoint); return nil })
}

// Resume ends Pause.
func (d *Dispatcher) Resume(endpoint core.EndpointID) {
	d.order(func(r *run) error { r.plan.Resume(endpoint); return nil })
}

// PauseAll holds back everything until ResumeAll.
func (d *Dispatcher) PauseAll() { d.order(func(r *run) error { r.plan.PauseAll(); return nil }) }

// ResumeAll ends PauseAll.
func (d *Dispatcher) ResumeAll() { d.order(func(r *run) error { r.plan.ResumeAll(); return nil }) }

// Heed reads the settings of an endpoint anew after they changed in the store: rate, concurrency, active, paused.
func (d *Dispatcher) Heed(endpoint core.EndpointID) {
	d.order(func(r *run) error { return r.heed(context.Background(), endpoint) }) // a read of one row
}

// Limit bounds what goes to an endpoint in this run; endpoint 0 stands for all addresses typed by hand.
func (d *Dispatcher) Limit(endpoint core.EndpointID, l Limit) {
	d.order(func(r *run) error { r.plan.SetLimit(endpoint, l); return nil })
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
