package engine

import (
	"context"
	"net/http"

	"hookglass/core"
	"hookglass/core/store"
)

func (c *Control) deliveries(r *http.Request) (any, error) {
	v := r.URL.Query()
	limit, err := count(v.Get("limit"), "limit", 100, 10_000)
	if err != nil {
		return nil, err
	}
	rows, err := c.e.Store.Deliveries(r.Context(), store.DeliveryFilter{Batch: v.Get("batch"), State: core.DeliveryState(v.Get("state"))}, 0, limit)
	if err != nil {
		return nil, err
	}
	names, err := c.e.Endpoints.Names(r.Context())
	out := make([]DeliveryJSON, len(rows))
	for i := range rows {
		out[i] = DeliveryOf(&rows[i].Delivery, names[rows[i].Endpoint], nil)
	}
	return out, err
}

func (c *Control) delivery(r *http.Request) (any, error) {
	id, err := idOf(r)
	if err != nil {
		return nil, err
	}
	return c.e.Outbox.Whole(r.Context(), core.DeliveryID(id))
}

// cancel gives a delivery up, and answers it as it is then.
func (c *Control) cancel(r *http.Request) (any, error) { return c.decided(r, c.e.Outbox.Cancel) }

// retry makes a delivery due at once.
func (c *Control) retry(r *http.Request) (any, error) { return c.decided(r, c.e.Outbox.Resend) }

func (c *Control) decided(r *http.Request, decide func(context.Context, core.DeliveryID) error) (any, error) {
	id, err := idOf(r)
	if err == nil {
		err = decide(r.Context(), core.DeliveryID(id))
	}
	if err != nil {
		return nil, err
	}
	return c.e.Outbox.Whole(r.Context(), core.DeliveryID(id))
}

// Whole is a delivery with all its attempts, as commands print it.
func (o *Outbox) Whole(ctx context.Context, id core.DeliveryID) (DeliveryJSON, error) {
	d, attempts, err := wholeDelivery(ctx, o.store, id)
	if err != nil {
		return DeliveryJSON{}, err
	}
	out, err := deliveryNamed(ctx, o.store, &d, attempts)
	out.Forgery = o.Forgery(&d, attempts)
	return out, err
}

// DeliveryWhole reads a delivery with all its attempts from a history.
func DeliveryWhole(ctx context.Context, st *store.Store, id core.DeliveryID) (DeliveryJSON, error) {
	d, attempts, err := wholeDelivery(ctx, st, id)
	if err != nil {
		return DeliveryJSON{}, err
	}
	return deliveryNamed(ctx, st, &d, attempts)
}

func wholeDelivery(ctx context.Context, st *store.Store, id core.DeliveryID) (core.Delivery, []core.Attempt, error) {
	d, err := st.Delivery(ctx, id)
	if err != nil {
		return d, nil, err
	}
	attempts, err := st.Attempts(ctx, id)
	return d, attempts, err
}

// deliveryNamed has the id of the endpoint on its platform.
func deliveryNamed(ctx context.Context, st *store.Store, d *core.Delivery, attempts []core.Attempt) (DeliveryJSON, error) {
	return DeliveryOf(d, EndpointName(ctx, st, d.Endpoint), attempts), nil
}

// EndpointName is the id that an endpoint has on its platform; empty where there is none, or no longer.
func EndpointName(ctx context.Context, st *store.Store, id core.EndpointID) string {
	if id == 0 {
		return ""
	}
	ep, err := st.Endpoint(ctx, id)
	if err != nil {
		return ""
	}
	return ep.WireID
}

// Names are the ids that endpoints have on their platforms.
func (p *Endpoints) Names(ctx context.Context) (map[core.EndpointID]string, error) {
	all, err := p.store.Endpoints(ctx)
	names := map[core.EndpointID]string{}
	for _, ep := range all {
		names[ep.ID] = ep.WireID
	}
	return names, err
}
