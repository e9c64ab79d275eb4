package engine

import (
	"context"
	crand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/env"
	"hookglass/core/platform"
	"hookglass/core/store"
)

// Endpoints are the addresses that events are owed to.
type Endpoints struct {
	store        *store.Store
	vault        *Vault
	environments *Environments
	dispatcher   *deliver.Dispatcher
	reload       func(context.Context) error // the sources, whose management addresses tell of endpoints
}

// Put checks and stores an endpoint, new (ID 0, which it sets) or changed. What is owed already keeps the
// settings that it was owed under; rate, concurrency and switches hold for it at once.
func (p *Endpoints) Put(ctx context.Context, ep *core.Endpoint) error {
	if err := p.settle(ep, p.environments.Set()); err != nil {
		return err
	}
	if err := p.store.PutEndpoint(ep); err != nil {
		if errors.Is(err, core.ErrConflict) {
			return &core.Invalid{Field: "id", Reason: fmt.Sprintf("%q is taken by another endpoint; choose another, or leave it empty", ep.WireID)}
		}
		return err
	}
	p.dispatcher.Heed(ep.ID)
	return p.reload(ctx)
}

// settle checks an endpoint and fills in what it has by itself.
func (p *Endpoints) settle(ep *core.Endpoint, all env.Set) error {
	if err := checkEndpoint(ep, all); err != nil {
		return err
	}
	if ep.WireID == "" {
		ep.WireID = p.newIDs().UUID()
	}
	if ep.Created.IsZero() {
		ep.Created = time.Now()
	}
	return nil
}

func checkEndpoint(ep *core.Endpoint, all env.Set) error {
	switch {
	case ep.Name == "":
		return &core.Invalid{Field: "name", Reason: "is empty; lists show it"}
	case ep.Rate < 0:
		return &core.Invalid{Field: "rate", Reason: "want a number per second, or 0 for no limit"}
	case ep.Concurrency < 0 || ep.Concurrency > 256:
		return &core.Invalid{Field: "concurrency", Reason: fmt.Sprintf("want 1 to 256, or 0 for the default of %d", deliver.DefaultConcurrency)}
	case ep.Target.Scheme != "" && ep.Target.Secret == "":
		return &core.Invalid{Field: "secret", Reason: "is missing; a scheme needs a secret to sign with"}
	}
	if err := checkTyped(all, "url", ep.Target.URL); err != nil {
		return err
	}
	for _, f := range ep.Target.Header {
		if err := all.Known("headers."+f.Name, f.Value); err != nil {
			return err
		}
	}
	as := *ep // as it is sent now
	if as.Target.URL = filledURL(all, ep.Target.URL); as.Target.URL == "" {
		as.Target.URL = "https://localhost" // another environment knows
	}
	if err := deliver.CheckTarget(&as.Target); err != nil {
		return err
	}
	if p, ok := platform.Sender(ep.Platform); ok {
		if err := p.Settle(&as); err != nil {
			return err
		}
		ep.Target.Header, ep.Target.Scheme, ep.Settings = as.Target.Header, as.Target.Scheme, as.Settings
	}
	return nil
}

// filledURL is an address as the environment fills it, its secrets by name; "" where it does not.
func filledURL(all env.Set, address string) string {
	t, err := all.Target(core.Target{URL: address})
	if err != nil {
		return ""
	}
	return t.URL
}

func orText(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// Delete forgets an endpoint and its secret, and cancels what waits for it. Its deliveries stay.
func (p *Endpoints) Delete(ctx context.Context, id core.EndpointID) error {
	ep, err := p.store.Endpoint(ctx, id)
	if err != nil {
		return err
	}
	if err := p.store.DeleteEndpoint(id); err != nil {
		return err
	}
	return errors.Join(p.vault.Forget(ep.Target.Secret), p.reload(ctx))
}

// Switch makes an endpoint active or not. What an inactive one is owed waits.
func (p *Endpoints) Switch(ctx context.Context, id core.EndpointID, active bool) error {
	return p.change(ctx, id, func(ep *core.Endpoint) { ep.Active = active })
}

// Pause holds back what an endpoint is owed, or lets it go on. It is a setting: it outlasts this run.
func (p *Endpoints) Pause(ctx context.Context, id core.EndpointID, paused bool) error {
	return p.change(ctx, id, func(ep *core.Endpoint) { ep.Paused = paused })
}

func (p *Endpoints) change(ctx context.Context, id core.EndpointID, change func(*core.Endpoint)) error {
	if err := p.store.ChangeEndpoint(id, change); err != nil {
		return err
	}
	p.dispatcher.Heed(id)
	return p.reload(ctx)
}

// NewSecret makes a secret of the form that a platform hands out with an endpoint, no secret where the user gives it. It
// comes from the system's randomness and not from the engine's seed: it is a secret.
func (p *Endpoints) NewSecret(name string) core.Secret {
	if sender, ok := platform.Sender(name); ok && sender.Endpoints.Secret != nil {
		return core.Text(sender.Endpoints.Secret(p.newIDs()))
	}
	return core.Secret{}
}

// newIDs makes ids that nobody can predict.
func (p *Endpoints) newIDs() platform.IDs {
	var seed [32]byte
	crand.Read(seed[:]) // never fails, says its documentation
	return platform.NewIDs(rand.New(rand.NewChaCha8(seed)))
}

// KeepSecret keeps an endpoint's secret in a place of the vault, "run", "keyring" or "file", and returns its reference.
// Every call makes a name of its own: what is owed already goes on with the secret that it was owed under.
func (p *Endpoints) KeepSecret(place string, s core.Secret) (core.SecretRef, error) {
	return p.vault.Put(place, "endpoint/"+crand.Text(), s)
}

// owedEvent is an event of the time at as one endpoint is owed it now, its address and headers filled: what a stranger made over a
// management address is not.
func owedEvent(ep core.Endpoint, all env.Set, event string, data json.RawMessage, now, at time.Time) (core.Delivery, error) {
	if !ep.Target.Outward {
		var err error
		if ep.Target, err = all.Target(ep.Target); err != nil {
			return core.Delivery{}, within("endpoint "+ep.Name, err)
		}
	}
	body, err := eventBody(ep, event, data, at)
	return core.Delivery{
		Endpoint: ep.ID, Target: ep.Target, Event: core.Event{Type: event}, Due: now, Created: now,
		Request: core.Request{Method: orText(ep.Target.Method, "POST"), Body: body, Size: int64(len(body)),
			Header: core.Header{{Name: "Content-Type", Value: "application/json"}}},
	}, err
}

// exampleData is what a test event carries where the user gave nothing.
func exampleData(ep core.Endpoint, event string) json.RawMessage {
	if p, ok := platform.Sender(ep.Platform); ok && p.Endpoints.Sample != nil {
		if data := p.Endpoints.Sample(event); data != nil {
			return data
		}
	}
	b, _ := json.Marshal(map[string]string{"event": event, "message": "A test event, sent by Hookglass"}) // two texts: cannot fail
	return b
}
