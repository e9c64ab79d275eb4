package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/store"
)

// NewBatch is the name of a batch that begins at now.
func NewBatch(now time.Time) string { return fmt.Sprintf("replay-%d", now.UnixNano()) }

const replayChunk = 200

// Replay sends captures again and returns the deliveries that do it and the name of their batch.
func (o *Outbox) Replay(ctx context.Context, r ReplayRequest) ([]core.DeliveryID, string, error) {
	if err := CheckURL("to", r.To); err != nil {
		return nil, "", err
	}
	captures, err := o.chosen(ctx, r)
	if err != nil {
		return nil, "", err
	}
	now := time.Now()
	batch := r.Batch
	if batch == "" {
		batch = NewBatch(now)
	}
	if err := r.Check(); err != nil {
		return nil, "", err
	}
	plan := r.plan(batch)
	if err := deliver.CheckTarget(&plan.Target); err != nil {
		return nil, "", err
	}
	owed := plan.Deliveries(captures, now)
	var ids []core.DeliveryID
	for chunk := range slices.Chunk(owed, replayChunk) {
		if err := o.fill(ctx, chunk, r); err != nil {
			return ids, batch, err
		}
		added, err := o.store.AddDeliveries(ctx, chunk)
		ids = append(ids, added...)
		if err != nil {
			return ids, batch, err
		}
		for i := range chunk {
			chunk[i].Request = core.Request{} // sent from the store; a large replay must fit in memory
		}
		if r.Progress != nil {
			r.Progress(len(ids), len(owed))
		}
	}
	return ids, batch, nil
}

// chosen are the captures of a replay, oldest first, by their ids alone.
func (o *Outbox) chosen(ctx context.Context, r ReplayRequest) ([]core.Capture, error) {
	ids := slices.Clone(r.Captures)
	if r.Query != "" || r.Match != nil {
		q, err := store.ParseQuery(r.Query, time.Now())
		if err != nil {
			return nil, err
		}
		if r.Match != nil {
			q = *r.Match
		}
		if ids, err = o.store.CaptureIDs(ctx, q, 0); err != nil {
			return nil, err
		}
		slices.Reverse(ids)
	}
	if len(ids) == 0 {
		return nil, &core.Invalid{Field: "captures", Reason: "none chosen; name ids, or a filter that matches some"}
	}
	captures := make([]core.Capture, len(ids))
	for i, id := range ids {
		captures[i].ID = id
	}
	return captures, nil
}

// fill gives deliveries of a replay the requests of their captures, and the scheme and secret to sign anew with.
func (o *Outbox) fill(ctx context.Context, owed []core.Delivery, r ReplayRequest) error {
	for i := range owed {
		d := &owed[i]
		c, err := o.store.Capture(ctx, d.ReplayOf)
		if err != nil {
			return err
		}
		if c.Request.Truncated && r.Edit == nil {
			return &core.Invalid{Field: fmt.Sprintf("capture %d", c.ID), Reason: "its body was cut when it was captured, so it cannot be sent as it was; raise the source's body limit and capture it again"}
		}
		d.Request, d.Event = c.Request, core.Event{Type: c.Event.Type, ID: c.Event.ID}
		if r.Edit != nil {
			d.Request = *r.Edit
		}
		d.Target.Method = d.Request.Method
		if !r.Resign {
			continue
		}
		d.Target.Scheme, d.Target.Secret = r.Scheme, r.Secret
		if r.Scheme == "" {
			if d.Target.Scheme, d.Target.Secret, err = o.signingOf(ctx, &c); err != nil {
				return err
			}
		}
		if d.Target.Scheme == "" {
			return &core.Invalid{Field: "resign", Reason: fmt.Sprintf("capture %d was not verified with any scheme; set one on its source, name one, or replay it raw", c.ID)}
		}
	}
	return nil
}

// signingOf is the scheme that a capture was verified with and the secret of its source. Both are empty where there is
// no such scheme, or no such source any more.
func (o *Outbox) signingOf(ctx context.Context, c *core.Capture) (string, core.SecretRef, error) {
	if c.Receipt.Verdict == nil {
		return "", "", nil
	}
	src, err := o.store.Source(ctx, c.Source)
	if errors.Is(err, core.ErrNotFound) {
		return "", "", nil
	}
	return c.Receipt.Verdict.Scheme, src.Secrets["secret"], err
}
