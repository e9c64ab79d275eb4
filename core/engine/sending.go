package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/platform"
	"hookglass/core/sign"
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
	defer o.waitNoMore(id, c) // there may be no further attempt to do it
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

func (o *Outbox) waitNoMore(id core.DeliveryID, c chan core.Attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting[id] = slices.DeleteFunc(o.waiting[id], func(w chan core.Attempt) bool { return w == c }); len(o.waiting[id]) == 0 {
		delete(o.waiting, id)
	}
}

func answerOf(a core.Attempt) (core.Response, bool) {
	if a.Response == nil {
		return core.Response{}, false
	}
	return *a.Response, true
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

// Fill is a delivery that the user wrote whole with the values of an environment in it: of the one that is named, or with "" of
// the one that is chosen. What is not the user's own text in it has to be [env.Literal].
func (o *Outbox) Fill(d core.Delivery, environment string) (core.Delivery, error) {
	all, err := o.environments.Named(environment)
	if err != nil {
		return d, err
	}
	return all.Delivery(d)
}

// SendBody is a delivery and the secret to sign it with, as one program hands them to another on the same machine.
type SendBody struct {
	Delivery core.Delivery `json:"delivery"`
	Secret   []byte        `json:"secret,omitempty"`
	// Environment fills the delivery: "" is the one that is chosen. Left out: it is sent as it is.
	Environment *string `json:"environment,omitempty"`
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
		d, err := owedEvent(ep, o.environments.Set(), event, data, now, at)
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
	if p, ok := platform.Sender(ep.Platform); ok && p.Endpoints.Body != nil {
		return p.Endpoints.Body(ep, event, data, at)
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
