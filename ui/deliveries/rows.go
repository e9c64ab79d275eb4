package deliveries

import (
	"context"
	"sync"
	"time"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/part"
)

// outboxPage is how many rows are read beyond those in sight.
const outboxPage = 200

// mostOutboxRows bounds the list: older deliveries are reached by a filter.
const mostOutboxRows = 20_000

// outboxSight is what the outbox shows, for goroutines other than the UI's.
type outboxSight struct {
	mu     sync.Mutex
	filter store.DeliveryFilter
	want   int // rows
	chosen core.DeliveryID
	seen   deliveryStamp
}

// deliveryStamp changes whenever a delivery's detail may have.
type deliveryStamp struct {
	id       core.DeliveryID
	state    core.DeliveryState
	due      time.Time
	attempts int
	status   int
	failure  core.Failure
}

func stampOf(r *store.DeliveryRow) deliveryStamp {
	return deliveryStamp{r.ID, r.State, r.Due, r.Attempts, r.Status, r.Failure}
}

// outboxLoad is what one load brings.
type outboxLoad struct {
	filter  store.DeliveryFilter
	rows    []part.ShownDelivery
	counts  map[core.DeliveryState]int64 // whatever the state asked for
	more    bool
	batches []store.Batch
	names   map[core.EndpointID]core.Endpoint
	whole   *wholeDelivery // of the chosen one, if it changed
	batch   *batchLoad
	err     error
}

// wholeDelivery is a delivery with its attempts.
type wholeDelivery struct {
	stamp    deliveryStamp
	delivery core.Delivery
	attempts []core.Attempt
	planned  int
}

// read reads what the outbox shows. Rows in sight are read again each time: their state changes.
func (o *outbox) read(ctx context.Context) (l outboxLoad) {
	o.sight.mu.Lock()
	f, want, chosen, seen := o.sight.filter, o.sight.want, o.sight.chosen, o.sight.seen
	o.sight.mu.Unlock()
	st := o.w.Engine.Store
	l.filter = f
	all := f
	all.State = ""
	var rows []store.DeliveryRow
	steps := []func() error{
		func() (err error) { rows, err = st.Deliveries(ctx, f, 0, want); return err },
		func() (err error) { l.counts, err = st.DeliveryStates(ctx, all); return err },
		func() (err error) { l.batches, err = st.Batches(ctx, 20); return err },
		func() (err error) { l.names, err = part.EndpointsByID(ctx, st); return err },
		func() (err error) { l.rows, err = o.shown(ctx, rows, l.names); return err },
		func() (err error) { l.whole, err = readWhole(ctx, st, chosen, seen, rows); return err },
		func() (err error) { l.batch, err = o.readBatch(ctx, f.Batch); return err },
	}
	for _, step := range steps {
		if l.err = step(); l.err != nil {
			return l
		}
	}
	l.more = len(rows) == want && want < mostOutboxRows
	return l
}

// shown completes rows with what stands elsewhere. How many attempts a policy allows never changes, so it is kept.
func (o *outbox) shown(ctx context.Context, rows []store.DeliveryRow, names map[core.EndpointID]core.Endpoint) ([]part.ShownDelivery, error) {
	var unknown []core.DeliveryID
	for i := range rows {
		if _, ok := o.planned[rows[i].ID]; !ok {
			unknown = append(unknown, rows[i].ID)
		}
	}
	if len(unknown) > 0 {
		planned, err := o.w.Engine.Store.Planned(ctx, unknown)
		if err != nil {
			return nil, err
		}
		if len(o.planned) > 4*mostOutboxRows {
			clear(o.planned)
		}
		for id, n := range planned {
			o.planned[id] = n
		}
	}
	out := make([]part.ShownDelivery, len(rows))
	for i := range rows {
		ep := names[rows[i].Endpoint]
		held := rows[i].Endpoint != 0 && ep.ID != 0 && (ep.Paused || !ep.Active)
		out[i] = part.ShownDelivery{DeliveryRow: rows[i], Planned: o.planned[rows[i].ID], Endpoint: ep.Name, Held: held}
	}
	return out, nil
}

// readWhole reads the chosen delivery unless it is as it was when it was read last.
func readWhole(ctx context.Context, st *store.Store, id core.DeliveryID, seen deliveryStamp, rows []store.DeliveryRow) (*wholeDelivery, error) {
	if id == 0 {
		return nil, nil
	}
	stamp := deliveryStamp{}
	for i := range rows {
		if rows[i].ID == id {
			stamp = stampOf(&rows[i])
			if stamp == seen {
				return nil, nil
			}
		}
	}
	d, err := st.Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	if stamp.id == 0 { // not among the rows in sight: a coarser look
		stamp = deliveryStamp{id: id, state: d.State, due: d.Due, attempts: d.Attempts}
		if stamp == seen {
			return nil, nil
		}
	}
	attempts, err := st.Attempts(ctx, id)
	return &wholeDelivery{stamp: stamp, delivery: d, attempts: attempts, planned: d.Target.Policy.Retries + 1}, err
}
