package deliveries

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func TestEndpointFormSavesAndShowsTheSecretOnce(t *testing.T) {
	s := stage.New(t)
	p := onDeliveries(s)
	p.turn(showEndpoints)
	e := p.endpoints
	e.create()
	f := e.form
	typed := func(name, text string) { stage.FieldOf(t, f.form, name).Set(text) }
	problem := func(name string) string { return core.Capital(stage.FieldOf(t, f.form, name).Problem()) }
	f.kind.Select(1)
	f.turn()
	f.changed()
	typed("url", "http://example.com/hook")
	typed("timeout_seconds", "301")
	f.store()
	s.Settle()
	if got := problem("timeout_seconds"); !strings.Contains(got, "Want a number from 1 to 300") {
		t.Errorf("timeout: %q", got)
	}
	typed("timeout_seconds", "60")
	f.policy.Fields["policy.retries"].Set("11")
	f.store()
	s.Settle()
	if got := f.policy.Fields["policy.retries"].Problem(); got == "" {
		t.Error("11 retries are taken for JoAi")
	}
	f.policy.Fields["policy.retries"].Set("5")
	f.store()
	s.Settle()
	if got := problem("url"); !strings.Contains(got, "HTTPS") {
		t.Errorf("url: %q", got)
	}
	typed("url", "https://example.com/hook")
	f.headers.Set("X-Team: billing\nx-lower: kept")
	f.form.Values["serializer"] = "xml"
	f.store()
	s.Settle()
	if got := eye.Texts(f.form.View()); !strings.Contains(got, "Want json or php") {
		t.Errorf("a serializer that JoAi has not: %q", got)
	}
	f.form.Values["serializer"] = "php"
	f.store()
	s.Settle()
	all, err := s.E.Store.Endpoints(context.Background())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d endpoints, %v", len(all), err)
	}
	ep := all[0]
	if ep.Target.Timeout != 60*time.Second || ep.Target.Policy.Retries != 5 || ep.Target.Header.Get("X-Team") != "billing" || ep.Trigger != "agent.message" || ep.Settings.Text("serializer") != "php" {
		t.Errorf("stored %+v", ep)
	}
	secret, err := s.E.Vault.Resolve(ep.Target.Secret)
	if err != nil || !strings.Contains(eye.Texts(s.W.Layers), string(secret.Reveal())) {
		t.Errorf("the secret is not shown once (%v)", err)
	}
	s.W.Layers.Back()
	s.Settle()
	if strings.Contains(eye.Texts(s.W.Layers), string(secret.Reveal())) {
		t.Error("the secret stays on the screen")
	}
	if got := eye.Texts(e.list); !strings.Contains(got, "My Webhook") || !strings.Contains(got, "never triggered") {
		t.Errorf("the list: %s", got)
	}
	e.rows[0].Active = true
	row := newEndpointRow(e.flip)
	row.set(&e.rows[0], time.Now())
	row.active.OnChange(false)
	s.Settle()
	if ep, _ := s.E.Store.Endpoint(context.Background(), ep.ID); ep.Active {
		t.Error("the switch does nothing")
	}
}

func TestUnsavedEndpointIsNotGivenUpSilently(t *testing.T) {
	s := stage.New(t)
	p := onDeliveries(s)
	p.turn(showEndpoints)
	p.endpoints.create()
	stage.FieldOf(t, p.endpoints.form.form, "name").Set("half done")
	p.endpoints.create()
	if !s.W.Layers.Covered() || p.endpoints.form.form.Values.Text("name") != "half done" {
		t.Error("changes are gone without a question")
	}
}

// What a platform declares of its endpoints has a field, and nobody here names it.
func TestEndpointFormDrawsWhatPlatformsDeclare(t *testing.T) {
	s := stage.New(t)
	p := onDeliveries(s)
	p.turn(showEndpoints)
	f := p.endpoints.form
	if len(platform.Senders()) == 0 {
		t.Fatal("no platform sends")
	}
	for i, sender := range platform.Senders() {
		p.endpoints.create()
		f.dirty = false
		f.kind.Select(i + 1)
		f.turn()
		elsewhere := []string{"id", "max_retries", "backoff"} // made, and the policy's
		for _, setting := range sender.Endpoints.Settings {
			if _, drawn := f.form.Items[setting.Name]; !drawn && !setting.Once && !slices.Contains(elsewhere, setting.Name) {
				t.Errorf("%s: no field for %s", sender.Name, setting.Name)
			}
		}
		for _, name := range endpointOurs {
			if _, drawn := f.form.Items[name]; !drawn {
				t.Errorf("%s: no field for %s", sender.Name, name)
			}
		}
		if _, chosen := f.form.Items["scheme"]; chosen {
			t.Errorf("%s: the scheme can be chosen", sender.Name)
		}
		f.dirty = false
	}
}

func TestEndpointComesBackAsItWas(t *testing.T) {
	s := stage.New(t)
	p := onDeliveries(s)
	p.turn(showEndpoints)
	f := p.endpoints.form
	target := core.Target{URL: "https://example.com/hook", Method: "PUT", Scheme: "github", Secret: "run:x", Timeout: 45 * time.Second, SkipTLS: true, CAFile: "/ca.pem",
		Header: core.Header{{Name: "X-b", Value: "2"}, {Name: "x-A", Value: "1"}}, Policy: core.RetryPolicy{Retries: 4, Delays: []time.Duration{5 * time.Second, 90 * time.Second}}}
	any := core.Endpoint{ID: 7, WireID: "w", Name: "orders", Description: "of the shop", Trigger: "order.paid", Active: true, Rate: 2.5, Concurrency: 3, Target: target}
	theirs := any
	theirs.Platform, theirs.Trigger, theirs.Settings = "joai", "user.message", core.Values{"serializer": "php"}
	theirs.Target.Scheme, theirs.Target.Policy = "joai", core.RetryPolicy{Retries: 2, Base: time.Second, Factor: 2, Max: time.Minute}
	for _, ep := range []core.Endpoint{any, theirs} {
		f.set(ep)
		got, err := f.read()
		if err != nil || f.dirty {
			t.Fatalf("%s: %v, dirty %t", ep.Platform, err, f.dirty)
		}
		a, _ := json.Marshal(ep)
		b, _ := json.Marshal(got)
		if string(a) != string(b) {
			t.Errorf("read\n%s, want\n%s", b, a)
		}
	}
	ep := any
	ep.Active = false
	f.set(any)
	f.refresh(&ep)
	if f.form.Values["active"] != false {
		t.Error("a switch of the list is not shown in the form")
	}
}

// What a switch of a platform's endpoint does is said where the platform itself says nothing.
func TestEndpointFormHelpsWhereThePlatformIsSilent(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	p.turn(showEndpoints)
	s.Settle()
	f := p.endpoints.form
	for _, pl := range platform.Senders() {
		f.set(core.Endpoint{Platform: pl.Name})
		for _, fold := range f.form.Folded {
			fold.Set(true)
		}
		s.Has(f.form.View(), "Off: nothing new is sent to it", "Off: self-signed and expired ones are taken", "PEM file of an authority")
	}
}

func TestEndpointFormKeepsOwnSchemes(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	p.turn(showEndpoints)
	s.Settle()
	s.PutOwnSchemes()
	f := p.endpoints.form
	for id, provider := range stage.OwnSchemes {
		f.set(core.Endpoint{ID: 7, Name: "e", Target: core.Target{URL: "http://127.0.0.1:9/", Scheme: id}})
		if got := eye.Words(f.scheme.View()); !strings.Contains(got, provider) {
			t.Errorf("an endpoint that signs with %s shows %q", id, got)
		}
		if ep, err := f.read(); err != nil || ep.Target.Scheme != id {
			t.Errorf("an endpoint that signs with %s is saved with %q, %v", id, ep.Target.Scheme, err)
		}
	}
}

func TestGoesOnWhileTheKeyringWaitsEndpoints(t *testing.T) {
	stage.WhileKeyringWaits(t, map[string]func(s *stage.Stage, first <-chan struct{}){
		"endpoint, save": func(s *stage.Stage, first <-chan struct{}) {
			p := onDeliveries(s)
			p.turn(showEndpoints)
			p.endpoints.create()
			f := p.endpoints.form
			stage.FieldOf(s.T, f.form, "name").Set("a")
			stage.FieldOf(s.T, f.form, "url").Set("http://127.0.0.1:1/")
			f.scheme.Choose("github")
			f.secret.Type("mine")
			f.store()
		},
	})
}

// A save that ends late does not take away what is edited since; what somebody else changed is not saved over without a word.
func TestASaveThatEndsLateLeavesWhatIsEditedSince(t *testing.T) {
	s := stage.New(t)
	p := onDeliveries(s)
	p.turn(showEndpoints)
	for _, name := range []string{"a", "b"} {
		ep := core.Endpoint{Name: name, Active: true, Target: core.Target{URL: "http://127.0.0.1:1/" + name}}
		if err := s.E.Endpoints.Put(t.Context(), &ep); err != nil {
			t.Fatal(err)
		}
	}
	s.Settle()
	e, f := p.endpoints, p.endpoints.form
	byName := func(name string) core.Endpoint {
		all, err := s.E.Store.Endpoints(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, ep := range all {
			if ep.Name == name {
				return ep
			}
		}
		return core.Endpoint{}
	}
	name := func() string { return stage.FieldOf(t, f.form, "name").Text() }
	typed := func(text string) { stage.FieldOf(t, f.form, "name").Set(text) }
	e.choose(byName("a").ID)
	s.Settle()
	typed("a2")
	f.store()
	typed("a3") // while it is saved
	s.Settle()
	if byName("a2").ID == 0 || name() != "a3" || !f.dirty {
		t.Errorf("saved %v; the form has %q, changed %v", byName("a2").ID, name(), f.dirty)
	}
	p.Save() // Ctrl+S
	f.set(byName("b"))
	typed("b2") // another one was put up while it is saved
	s.Settle()
	if byName("a3").ID == 0 || name() != "b2" || !f.dirty {
		t.Errorf("saved %v; the form has %q, changed %v", byName("a3").ID, name(), f.dirty)
	}
	e.chosen = byName("b").ID
	theirs := byName("b")
	theirs.Description = "theirs"
	if err := s.E.Endpoints.Put(t.Context(), &theirs); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	p.Save()
	s.Settle()
	s.Says("Save over what was changed meanwhile?")
	s.Tap(s.W.Layers, "Save mine")
	if got := byName("b2"); got.ID == 0 || got.Description != "" {
		t.Errorf("saved %+v", got)
	}
}
