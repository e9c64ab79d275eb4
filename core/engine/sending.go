package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// sign puts the target's signature on a request: same event id, the timestamp of now.
func (o *Outbox) sign(d core.Delivery, r core.Request, now time.Time) (core.Request, error) {
	scheme, ok := o.schemes.Book().Find(d.Target.Scheme)
	if !ok {
		return r, fmt.Errorf("there is no scheme %q; hookglass schemes lists them", d.Target.Scheme)
	}
	secret, err := o.vault.Resolve(d.Target.Secret)
	if err != nil {
		return r, err
	}
	if d.Target.Wrong == deliver.WrongSecret {
		secret = deliver.OtherSecret(secret)
	}
	return SignRequest(scheme, r, d.Target.URL, secret, now, d.Event.ID)
}

// SignRequest returns r with the headers, and where the scheme wants it the body, of a signature made at now.
func SignRequest(scheme sign.Scheme, r core.Request, to string, secret core.Secret, now time.Time, id string) (core.Request, error) {
	header, body, err := scheme.Sign(sign.Input{Request: &r, URL: to, Secrets: []core.Secret{secret}, Now: now}, id)
	if err != nil {
		return r, err
	}
	for _, f := range header {
		r.Header = r.Header.With(f.Name, f.Value)
	}
	r.Body, r.Head = body, nil
	return r, nil
}

// await returns the answer to a delivery's next attempt, or to the one that was quicker than this call.
func (o *Outbox) await(ctx context.Context, id core.DeliveryID) (core.Response, bool) {
	c := make(chan core.Attempt, 1)
	o.mu.Lock()
	o.waiting[id] = append(o.waiting[id], c)
	o.mu.Unlock()
	if as, err := o.store.Attempts(ctx, id); err == nil && len(as) > 0 && (as[0].Response != nil || as[0].Failure != "") {
		return answerOf(as[0])
	}
	select {
	case a := <-c:
		return answerOf(a)
	case <-ctx.Done():
		return core.Response{}, false
	}
}

func answerOf(a core.Attempt) (core.Response, bool) {
	if a.Response == nil {
		return core.Response{}, false
	}
	return *a.Response, true
}

// ReplayRequest says which captures are sent again, where to and how.
type ReplayRequest struct {
	Captures []core.CaptureID
	Query    string // instead of Captures
	To       string

	Batch string // name of the batch; empty: a new one, see NewBatch

	Resign    bool
	Raw       bool
	Scheme    string         // with Resign: instead of the one each capture was verified with
	Secret    core.SecretRef // with Scheme
	KeepHost  bool           // not raw: the captured Host instead of the target's
	NewHost   bool           // raw: the target's Host instead of the captured one
	Seed      *uint64        // shuffle
	Window    int
	Duplicate int
	Spacing   time.Duration
	Rate      float64
	Burst     int
	Timeout   time.Duration
	SkipTLS   bool
	Policy    core.RetryPolicy
	Edit      *core.Request // one capture, changed by hand
	Progress  Progress      // may be nil
}

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
	plan := deliver.Replay{
		Target: core.Target{URL: r.To, KeepHost: r.KeepHost, Timeout: r.Timeout, SkipTLS: r.SkipTLS, Policy: r.Policy}, Batch: batch, Resign: r.Resign,
		Raw: r.Raw && !r.Resign, NewHost: r.NewHost, Duplicate: r.Duplicate, Spacing: r.Spacing, Rate: r.Rate, Burst: r.Burst, Window: r.Window,
	}
	if err := checkReplay(&r, &plan); err != nil {
		return nil, "", err
	}
	if r.Seed != nil {
		plan.Shuffle, plan.Seed = true, *r.Seed
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

// mostCopies bounds the duplicates of one capture.
const mostCopies = 1000

func checkReplay(r *ReplayRequest, plan *deliver.Replay) error {
	switch {
	case r.Resign && r.Raw:
		return &core.Invalid{Field: "raw", Reason: "does not go with signing anew: a new signature changes the head"}
	case r.Duplicate < 0 || r.Duplicate > mostCopies:
		return &core.Invalid{Field: "duplicate", Reason: fmt.Sprintf("want 0 to %d", mostCopies)}
	case r.Spacing < 0:
		return &core.Invalid{Field: "spacing", Reason: "want no negative time"}
	case r.Rate < 0:
		return &core.Invalid{Field: "rate", Reason: "want a number per second, or 0 for all at once"}
	case r.Burst < 0:
		return &core.Invalid{Field: "burst", Reason: "want a whole number above 0"}
	case r.Window < 0:
		return &core.Invalid{Field: "window", Reason: "want a whole number, or 0 for all"}
	}
	return deliver.CheckTarget(&plan.Target)
}

// chosen are the captures of a replay, oldest first, by their ids alone.
func (o *Outbox) chosen(ctx context.Context, r ReplayRequest) ([]core.Capture, error) {
	ids := slices.Clone(r.Captures)
	if r.Query != "" {
		q, err := store.ParseQuery(r.Query, time.Now())
		if err != nil {
			return nil, err
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

// Send owes one request to one target, now.
func (o *Outbox) Send(ctx context.Context, d core.Delivery) (core.DeliveryID, error) {
	if err := CheckURL("url", d.Target.URL); err != nil {
		return 0, err
	}
	d.Created = time.Now()
	if d.Due.IsZero() {
		d.Due = d.Created
	}
	ids, err := o.store.AddDeliveries(ctx, []core.Delivery{d})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// SendBody is a delivery and the secret to sign it with, as one program hands them to another on the same machine.
type SendBody struct {
	Delivery core.Delivery `json:"delivery"`
	Secret   []byte        `json:"secret,omitempty"`
}

// SendWith is Send with a secret that is kept for this run only.
func (o *Outbox) SendWith(ctx context.Context, d core.Delivery, s core.Secret) (core.DeliveryID, error) {
	if !s.Empty() {
		ref, err := o.vault.Put("run", "send/"+rand.Text(), s)
		if err != nil {
			return 0, err
		}
		d.Target.Secret = ref
	}
	return o.Send(ctx, d)
}

// Emit owes an event to every active endpoint that subscribes to it. at is the event's time; zero means now.
func (o *Outbox) Emit(ctx context.Context, event string, data json.RawMessage, at time.Time) ([]core.DeliveryID, error) {
	if event == "" {
		return nil, &core.Invalid{Field: "event", Reason: "is empty; want a name like agent.message"}
	}
	endpoints, err := o.store.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if at.IsZero() {
		at = now
	}
	var owed []core.Delivery
	for _, ep := range endpoints {
		if !ep.Active || ep.Trigger != "" && ep.Trigger != event {
			continue
		}
		d, err := owedEvent(ep, event, data, now, at)
		if err != nil {
			return nil, err
		}
		owed = append(owed, d)
	}
	if len(owed) == 0 {
		return []core.DeliveryID{}, nil
	}
	return o.store.AddDeliveries(ctx, owed)
}

// eventBody is what an endpoint's platform sends for an event: its own envelope, or the data as given.
func eventBody(ep core.Endpoint, event string, data json.RawMessage, at time.Time) ([]byte, error) {
	if ep.Platform == "joai" {
		return platform.JoaiBody(ep, event, data, at)
	}
	if len(data) == 0 {
		return []byte("{}"), nil
	}
	return data, nil
}

// CheckURL refuses what no request can be sent to.
func CheckURL(field, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return &core.Invalid{Field: field, Reason: "is empty; want an address like http://127.0.0.1:3000/webhooks"}
	case err != nil:
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("%q is not an address: %v", raw, reason(err))}
	case u.Scheme != "http" && u.Scheme != "https":
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("%q does not begin with http:// or https://", raw)}
	case u.Host == "":
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("%q names no host", raw)}
	}
	return nil
}
