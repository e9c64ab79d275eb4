package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/store"
)

// NewBatch is the name of a batch that begins at now.
func NewBatch(now time.Time) string { return fmt.Sprintf("replay-%d", now.UnixNano()) }

const (
	replayChunk  = 200
	replayAtOnce = 1000 // so many are owed before a replay is answered
)

// Replay sends captures again and returns the deliveries that do it and the name of their batch.
func (o *Outbox) Replay(ctx context.Context, r ReplayRequest) ([]core.DeliveryID, string, error) {
	w, err := o.owing(ctx, r)
	if err != nil {
		return nil, "", err
	}
	defer w.stop()
	for more := true; more && err == nil; {
		more, err = w.owe(ctx)
	}
	return w.ids, w.batch, err
}

// Begun is a replay that is owed step by step.
type Begun struct {
	Deliveries []core.DeliveryID // those that are owed already
	Batch      string
	Of         int // how many there will be
}

// Begin is Replay that does not wait until many are owed: the rest follows while the engine runs. See CancelBatch.
func (o *Outbox) Begin(ctx context.Context, r ReplayRequest) (b Begun, err error) {
	w, err := o.owing(ctx, r)
	if err != nil {
		return b, err
	}
	more := true
	for more && err == nil && (w.of <= replayAtOnce || len(w.ids) == 0) {
		more, err = w.owe(ctx)
	}
	b = Begun{w.ids, w.batch, w.of}
	if err != nil || !more {
		w.stop()
		return b, err
	}
	w.ids = nil // they are told
	w.lean = true
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.owed == nil {
		o.owed = map[string]*owing{}
	}
	o.owed[w.batch] = w
	select {
	case o.begun <- struct{}{}:
	default:
	}
	return b, nil
}

// run owes what replays have begun.
func (o *Outbox) run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		o.mu.Lock()
		for _, w := range o.owed {
			if w.end == nil {
				var working context.Context
				working, w.end = context.WithCancel(ctx)
				all.Go(func() { o.oweRest(working, w) })
			}
		}
		o.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-o.begun:
		}
	}
}

func (o *Outbox) oweRest(ctx context.Context, w *owing) {
	more, err := true, error(nil)
	for more && err == nil {
		more, err = w.owe(ctx)
	}
	if err != nil && ctx.Err() == nil {
		o.log.Error("replay.stopped", "batch", w.batch, "owed", w.done, "of", w.of, "error", err)
	}
	w.stop()
	w.end()
	o.mu.Lock()
	delete(o.owed, w.batch)
	o.mu.Unlock()
	close(w.ended)
}

// CancelBatch gives up a replay as a whole: what is not owed yet is not, and what waits is cancelled. It says how many were.
func (o *Outbox) CancelBatch(ctx context.Context, batch string) (int, error) {
	for {
		o.mu.Lock()
		w := o.owed[batch]
		var end context.CancelFunc
		if w != nil {
			if end = w.end; end == nil { // it has not been taken up
				w.stop()
				delete(o.owed, batch)
			}
		}
		o.mu.Unlock()
		if end == nil {
			return o.CancelAll(ctx, store.DeliveryFilter{Batch: batch}, nil)
		}
		end()
		select {
		case <-w.ended:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// owing is a replay on its way into the history. It holds some bytes for each capture, and the requests of a few.
type owing struct {
	o     *Outbox
	r     ReplayRequest
	plan  deliver.Replay
	batch string
	now   time.Time
	at    func(i int) core.CaptureID
	next  func() (int, time.Time, bool)
	stop  func()

	ids      []core.DeliveryID // of those that are owed
	lean     bool              // nobody wants to know them
	done, of int
	end      context.CancelFunc
	ended    chan struct{}
}

func (o *Outbox) owing(ctx context.Context, r ReplayRequest) (*owing, error) {
	all, err := o.environments.Named(r.Environment)
	if err != nil {
		return nil, err
	}
	if err := all.Known("to", r.To); err != nil {
		return nil, err
	}
	to, err := all.Target(core.Target{URL: r.To})
	if err == nil {
		err = CheckURL("to", to.URL)
	}
	if err != nil {
		return nil, renamed(err, "to")
	}
	r.To = to.URL
	n, at, err := o.chosen(ctx, r)
	if err != nil {
		return nil, err
	}
	w := &owing{o: o, r: r, now: time.Now(), at: at, batch: r.Batch, of: n * (1 + r.Duplicate), ended: make(chan struct{})}
	if w.batch == "" {
		w.batch = NewBatch(w.now)
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	w.plan = r.plan(w.batch)
	w.plan.Target.Hidden = to.Hidden
	if err := deliver.CheckTarget(&w.plan.Target); err != nil {
		return nil, err
	}
	w.next, w.stop = iter.Pull2(w.plan.Order(n, w.now))
	return w, nil
}

// owe owes the next few, and says whether there are more.
func (w *owing) owe(ctx context.Context) (more bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	chunk := make([]core.Delivery, 0, replayChunk)
	for len(chunk) < replayChunk {
		i, due, ok := w.next()
		if !ok {
			break
		}
		chunk = append(chunk, w.plan.Delivery(&core.Capture{ID: w.at(i)}, w.now, due))
	}
	if len(chunk) == 0 {
		return false, nil
	}
	if err := w.o.fill(ctx, chunk, w.r); err != nil {
		return false, err
	}
	ids, err := w.o.store.AddDeliveries(ctx, chunk)
	if err != nil {
		return false, err
	}
	w.done += len(ids)
	if !w.lean {
		w.ids = append(w.ids, ids...)
	}
	if w.r.Progress != nil {
		w.r.Progress(w.done, w.of)
	}
	return w.done < w.of, nil
}

// chosen are how many captures a replay has, and which, the oldest first.
func (o *Outbox) chosen(ctx context.Context, r ReplayRequest) (n int, at func(i int) core.CaptureID, err error) {
	n, at = len(r.Captures), func(i int) core.CaptureID { return r.Captures[i] }
	if r.Query != "" || r.Match != nil {
		q, err := store.ParseQuery(r.Query, time.Now())
		if err != nil {
			return 0, nil, err
		}
		if r.Match != nil {
			q = *r.Match
		}
		ids, err := o.store.Find(ctx, q, 0)
		if err != nil {
			return 0, nil, err
		}
		n, at = ids.Len(), ids.At
	}
	if n == 0 {
		return 0, nil, &core.Invalid{Field: "captures", Reason: "none chosen; name ids, or a filter that matches some"}
	}
	return n, at, nil
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
