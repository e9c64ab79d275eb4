package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"hookglass/core"
)

func TestEndpointFormSavesAndShowsTheSecretOnce(t *testing.T) {
	s := newStage(t)
	p := onDeliveries(s)
	p.turn(showEndpoints)
	e := p.endpoints
	e.create()
	f := e.form
	f.kind.Select(1)
	f.turn()
	f.changed()
	f.url.Set("http://example.com/hook")
	f.timeout.Set("301")
	f.store()
	s.settle()
	if got := f.timeout.Problem(); !strings.Contains(got, "Want a number from 1 to 300") {
		t.Errorf("timeout: %q", got)
	}
	f.timeout.Set("60")
	f.policy.fields["policy.retries"].Set("11")
	f.store()
	s.settle()
	if got := f.policy.fields["policy.retries"].Problem(); got == "" {
		t.Error("11 retries are taken for JoAi")
	}
	f.policy.fields["policy.retries"].Set("5")
	f.store()
	s.settle()
	if got := f.url.Problem(); !strings.Contains(got, "HTTPS") {
		t.Errorf("url: %q", got)
	}
	f.url.Set("https://example.com/hook")
	f.headers.Set("X-Team: billing\nx-lower: kept")
	f.others.Values["serializer"] = "xml"
	f.store()
	s.settle()
	if got := eyeTexts(f.others.View()); !strings.Contains(got, "Want json or php") {
		t.Errorf("a serializer that JoAi has not: %q", got)
	}
	f.others.Values["serializer"] = "php"
	f.store()
	s.settle()
	all, err := s.e.Store.Endpoints(context.Background())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d endpoints, %v", len(all), err)
	}
	ep := all[0]
	if ep.Target.Timeout != 60*time.Second || ep.Target.Policy.Retries != 5 || ep.Target.Header.Get("X-Team") != "billing" || ep.Trigger != "agent.message" || ep.Settings.Text("serializer") != "php" {
		t.Errorf("stored %+v", ep)
	}
	secret, err := s.e.Vault.Resolve(ep.Target.Secret)
	if err != nil || !strings.Contains(eyeTexts(s.w.layers), string(secret.Reveal())) {
		t.Errorf("the secret is not shown once (%v)", err)
	}
	s.w.layers.Back()
	s.settle()
	if strings.Contains(eyeTexts(s.w.layers), string(secret.Reveal())) {
		t.Error("the secret stays on the screen")
	}
	if got := eyeTexts(e.list); !strings.Contains(got, "My Webhook") || !strings.Contains(got, "never triggered") {
		t.Errorf("the list: %s", got)
	}
	e.rows[0].Active = true
	row := newEndpointRow(e.flip)
	row.set(&e.rows[0], time.Now())
	row.active.OnChange(false)
	s.settle()
	if ep, _ := s.e.Store.Endpoint(context.Background(), ep.ID); ep.Active {
		t.Error("the switch does nothing")
	}
}

func TestUnsavedEndpointIsNotGivenUpSilently(t *testing.T) {
	s := newStage(t)
	p := onDeliveries(s)
	p.turn(showEndpoints)
	p.endpoints.create()
	p.endpoints.form.name.Set("half done")
	p.endpoints.create()
	if !s.w.layers.Covered() || p.endpoints.form.name.Text() != "half done" {
		t.Error("changes are gone without a question")
	}
}

func TestEndpointFormKeepsOwnSchemes(t *testing.T) {
	s := newStage(t)
	p := on(s, newDeliveriesPage)
	p.turn(showEndpoints)
	s.settle()
	s.putOwnSchemes()
	f := p.endpoints.form
	for id, provider := range ownSchemes {
		f.set(core.Endpoint{ID: 7, Name: "e", Target: core.Target{URL: "http://127.0.0.1:9/", Scheme: id}})
		if got := eyeWords(f.signing.picker.View()); !strings.Contains(got, provider) {
			t.Errorf("an endpoint that signs with %s shows %q", id, got)
		}
		if ep, err := f.read(); err != nil || ep.Target.Scheme != id {
			t.Errorf("an endpoint that signs with %s is saved with %q, %v", id, ep.Target.Scheme, err)
		}
	}
}
