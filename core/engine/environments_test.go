package engine_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

const envToken = "t0ken-of-the-environment"

// withEnvironments opens an engine with two environments, of which staging is chosen, and one source with these forwards.
func withEnvironments(t *testing.T, base string, forward any) *rig {
	t.Helper()
	t.Setenv("HOOKGLASS_TEST_TOKEN", envToken)
	r, err := open(t, map[string]any{"hookglass": 1,
		"environments": []any{
			map[string]any{"name": "staging", "values": map[string]any{"base": base, "tier": "dev"}, "secrets": map[string]any{"token": "env:HOOKGLASS_TEST_TOKEN"}},
			map[string]any{"name": "prod", "values": map[string]any{"base": "https://hooks.example.com", "tier": "prod"}, "secrets": map[string]any{"token": map[string]any{"keyring": "prod"}}},
		}, "environment": "staging",
		"sources": []any{map[string]any{"platform": "generic", "path": "/in", "forward": forward}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// nowhereKept fails where a secret stands in a file of the history.
func (r *rig) nowhereKept(home string, secret string) {
	r.Helper()
	files, _ := filepath.Glob(filepath.Join(home, "hookglass.db*"))
	if len(files) == 0 {
		r.Fatal("there is no history to look into")
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			r.Fatal(err)
		}
		if bytes.Contains(data, []byte(secret)) {
			r.Errorf("%s holds the secret", filepath.Base(f))
		}
	}
}

// TestForwardIsFilled: address and headers are, what came is not, and the secret stands nowhere in the history.
func TestForwardIsFilled(t *testing.T) {
	x := newTarget(t, nil)
	r := withEnvironments(t, x.URL, map[string]any{"url": "{{env.base}}/hooks?k={{env.token}}",
		"set_headers": map[string]any{"Authorization": "Bearer {{env.token}}", "X-Tier": "{{env.tier}}", "X-Text": "{{{{env.tier}}"}})
	r.send("POST", "/in/{{env.token}}?q={{env.token}}&r={{{{env.tier}}", [][2]string{{"X-Theirs", "{{env.token}}"}}, []byte("{{env.token}} {{{{env.base}}"))
	r.until("it is forwarded", r.delivered(1))
	at, head, body := x.last()
	if at != "/hooks/{{env.token}}?k="+envToken+"&q={{env.token}}&r={{{{env.tier}}" {
		t.Errorf("it went to %s", at)
	}
	for name, want := range map[string]string{"Authorization": "Bearer " + envToken, "X-Tier": "dev", "X-Text": "{{env.tier}}", "X-Theirs": "{{env.token}}", "Hookglass-Hops": "1"} {
		if got := head.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if body != "{{env.token}} {{{{env.base}}" {
		t.Errorf("the body is %q", body)
	}
	d, err := r.Outbox.Whole(t.Context(), 1)
	if err != nil || len(d.Attempts) != 1 || !strings.Contains(d.Attempts[0].Request.URL, "k={{env.token}}") || strings.Contains(string(d.Attempts[0].Request.HeadB64), envToken) {
		t.Errorf("its attempt is kept as %+v (%v)", d.Attempts, err)
	}
	r.nowhereKept(filepath.Dir(storePath(r)), envToken)
}

func storePath(r *rig) string { return r.Store.Path() }

// TestForwardOfAnEnvironment: it follows the choice, and goes to a host only where the user agreed to that one.
func TestForwardOfAnEnvironment(t *testing.T) {
	x, y := newTarget(t, nil), newTarget(t, nil)
	r := withEnvironments(t, x.URL, map[string]any{"url": "{{env.base}}/hooks", "confirmed": []any{"other.example.com"}})
	said := func(want string) {
		t.Helper()
		r.send("POST", "/in", nil, []byte("x"))
		rows, err := r.Store.Captures(t.Context(), store.Query{}, 0, 1)
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		c, err := r.Store.Capture(t.Context(), rows[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(c.Receipt.Checks, func(k core.Check) bool { return k.Name == "forward" && strings.Contains(k.Got, want) }) {
			t.Errorf("the checks are %+v, want one with %q", c.Receipt.Checks, want)
		}
	}
	r.send("POST", "/in", nil, []byte("x"))
	r.until("it is forwarded", r.delivered(1))
	r.ask("PUT", "/_/environment", object{"environment": "prod"}, &object{})
	said("https://hooks.example.com/hooks, so it was not forwarded; agree to it")
	r.ask("PUT", "/_/environment", object{"environment": ""}, &object{})
	said("no environment is chosen to take base from; choose one of staging or prod, so it was not forwarded")
	r.ask("PUT", "/_/environments/staging", object{"values": object{"base": y.URL}}, &object{})
	r.ask("PUT", "/_/environment", object{"environment": "staging"}, &object{})
	r.send("POST", "/in", nil, []byte("x"))
	r.until("it is forwarded to the new address", r.delivered(2))
	if at, _, _ := y.last(); at != "/hooks" {
		t.Errorf("it went to %q", at)
	}
	src, err := r.Store.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if hosts := r.Environments.Unagreed(&src[0].Forwards[0]); !slices.Equal(hosts, []string{"hooks.example.com"}) {
		t.Errorf("to be asked about are %v", hosts)
	}
	engine.Agree(&src[0].Forwards[0], []string{"hooks.example.com"})
	if hosts := r.Environments.Unagreed(&src[0].Forwards[0]); hosts != nil || src[0].Forwards[0].Confirmed {
		t.Errorf("still to be asked about are %v", hosts)
	}
}

// TestEndpointReplayAndSendAreFilled: what the user typed, and no more.
func TestEndpointReplayAndSendAreFilled(t *testing.T) {
	x := newTarget(t, nil)
	r := withEnvironments(t, x.URL, "http://127.0.0.1:1/")
	ep := core.Endpoint{Name: "mine", Active: true, Trigger: "a.b", Target: core.Target{URL: "{{env.base}}/ep", Header: core.Header{{Name: "X-Key", Value: "{{env.token}}"}}}}
	if err := r.Endpoints.Put(t.Context(), &ep); err != nil {
		t.Fatal(err)
	}
	sent := 0
	arrives := func(at, header, want, body string) {
		t.Helper()
		sent++
		r.until(at, func() bool { x.mu.Lock(); defer x.mu.Unlock(); return len(x.got) >= sent && r.settled() })
		got, head, text := x.last()
		if got != at || head.Get(header) != want || text != body {
			t.Errorf("%s came with %s %q and %q, want %s, %q and %q", got, header, head.Get(header), text, at, want, body)
		}
	}
	r.ask("POST", "/_/events", object{"event": "a.b", "data": object{"x": "{{env.token}}"}}, &object{})
	arrives("/ep", "X-Key", envToken, `{"x":"{{env.token}}"}`)

	c := core.Capture{Name: "was", Request: core.Request{Method: "POST", Target: "/a", Header: core.Header{{Name: "X-Key", Value: "{{env.token}}"}}, Body: []byte("{{env.base}}")}}
	if err := r.Store.AddCapture(&c, nil); err != nil {
		t.Fatal(err)
	}
	r.ask("POST", "/_/replay", object{"captures": []core.CaptureID{c.ID}, "to": "{{env.base}}/re?k={{env.token}}"}, &object{})
	arrives("/re?k="+envToken, "X-Key", "{{env.token}}", "{{env.base}}")

	d := core.Delivery{Target: core.Target{URL: "{{env.base}}/sent"}, Request: core.Request{Header: core.Header{{Name: "X-Key", Value: "{{env.token}}"}}, Body: []byte("{{env.tier}}:{{env.token}}")}}
	filled, err := r.Outbox.Fill(d, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Outbox.Send(t.Context(), filled); err != nil {
		t.Fatal(err)
	}
	arrives("/sent", "X-Key", envToken, "dev:"+envToken)

	d.Target.URL = x.URL + "/as-it-is" // nobody asked for values
	r.ask("POST", "/_/send", engine.SendBody{Delivery: d}, &object{})
	arrives("/as-it-is", "X-Key", "{{env.token}}", "{{env.tier}}:{{env.token}}")

	for field, try := range map[string]func() error{
		"to": func() error {
			_, _, err := r.Outbox.Replay(t.Context(), engine.ReplayRequest{Captures: []core.CaptureID{1}, To: "{{env.nope}}/"})
			return err
		},
		"url": func() error { ep.Target.URL = "{{env.tier}}/x"; return r.Endpoints.Put(t.Context(), &ep) },
		"headers.X-Key": func() error {
			ep.Target.URL, ep.Target.Header[0].Value = "{{env.base}}", "{{env.nope}}"
			return r.Endpoints.Put(t.Context(), &ep)
		},
		"environment": func() error { _, err := r.Outbox.Fill(d, "nope"); return err },
	} {
		var invalid *core.Invalid
		if err := try(); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s is refused with %v", field, err)
		}
	}
	r.nowhereKept(filepath.Dir(storePath(r)), envToken)
}

// settled reports whether nothing is owed any more.
func (r *rig) settled() bool {
	n, err := r.Store.OpenDeliveries(r.ctx)
	return err == nil && n == 0
}

// TestStrangersEndpointIsNotFilled: one that was made over a management address goes out as it stands.
func TestStrangersEndpointIsNotFilled(t *testing.T) {
	x := newTarget(t, nil)
	r := withEnvironments(t, x.URL, "http://127.0.0.1:1/")
	ep := core.Endpoint{Name: "theirs", Active: true, Trigger: "a.b", Target: core.Target{Outward: true, URL: "https://hooks.example.com/{{env.token}}", Header: core.Header{{Name: "X", Value: "{{env.token}}"}}}}
	if err := r.Store.PutEndpoint(&ep); err != nil {
		t.Fatal(err)
	}
	r.ask("POST", "/_/events", object{"event": "a.b"}, &object{})
	d, err := r.Store.Delivery(t.Context(), 1)
	if err != nil || d.Target.Hidden != nil || d.Target.URL != ep.Target.URL || d.Target.Header[0].Value != "{{env.token}}" {
		t.Errorf("it is owed as %+v (%v)", d.Target, err)
	}
}

// TestEnvironmentsTravel with a workspace: no secret of this program, no consent, and nothing of an older file is lost.
func TestEnvironmentsTravel(t *testing.T) {
	x := newTarget(t, nil)
	r := withEnvironments(t, x.URL, map[string]any{"url": "{{env.base}}/hooks", "confirmed": []any{"hooks.example.com"}})
	ref, err := r.Environments.KeepSecret("run", core.Text("typed-here"))
	if err != nil {
		t.Fatal(err)
	}
	e := core.Environment{Name: "mine", Values: map[string]string{"api_key": "plain-credential", "base": "https://user:pw@a.test/"}, Secrets: map[string]core.SecretRef{"own": ref, "file": "file:x"}}
	if err := r.Environments.Put(t.Context(), "", e); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	done, err := r.Exchange.Export(t.Context(), &b, engine.Export{Format: "workspace"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"typed-here", "plain-credential", "pw@", envToken, string(ref), `"confirmed"`} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("the file holds %s:\n%s", secret, b.String())
		}
	}
	if said := strings.Join(done.Said, "\n"); !strings.Contains(said, "environments[2].own: set the environment variable MINE_OWN") || !strings.Contains(said, "values.api_key: a credential is masked") {
		t.Errorf("it says:\n%s", said)
	}
	w, err := exchange.ParseWorkspace(b.Bytes())
	if err != nil {
		t.Fatal(err, b.String())
	}
	if len(w.Environments) != 3 || w.Environment != "staging" || w.Environments[0].Values["base"] != x.URL || w.Environments[1].Secrets["token"] != "keyring:prod" {
		t.Errorf("it reads as %+v, %q", w.Environments, w.Environment)
	}
	if err := r.Apply(t.Context(), &exchange.Workspace{Environments: []core.Environment{{Name: "prod", Values: map[string]string{"base": "http://127.0.0.1:9"}}}}); err != nil {
		t.Fatal(err)
	}
	if now := r.Environments.Set(); len(now.All) != 3 || now.Chosen.Name != "staging" || now.All[1].Values["base"] != "http://127.0.0.1:9" {
		t.Errorf("they are %+v now", now)
	}
	for text, want := range map[string]string{
		`{"hookglass":1,"environments":[{"name":"a","secrets":{"t":"the-value-itself"}}]}`:                             "environments[0].secrets.t",
		`{"hookglass":1,"environments":[{"name":"a","values":{"t":1}}]}`:                                               "environments[0].values.t",
		`{"hookglass":1,"environments":[{"name":"a"},{"name":"a"}]}`:                                                   "environments[1].name",
		`{"hookglass":1,"environments":[{"name":"a","colour":"red"}]}`:                                                 "environments[0].colour",
		`{"hookglass":1,"environments":[{"name":"a","secrets":{"t":"run:x"}}]}`:                                        "environments[0].secrets.t",
		`{"hookglass":1,"sources":[{"platform":"generic","path":"/a","forward":{"url":"{{env.x}}","confirmed":[1]}}]}`: "sources[0].forward.confirmed",
	} {
		_, err := exchange.ParseWorkspace([]byte(text))
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != want || strings.Contains(err.Error(), "the-value-itself") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	err = r.Apply(t.Context(), &exchange.Workspace{Environment: "nope"})
	if err == nil || !strings.Contains(err.Error(), `environment: there is no environment "nope"; want staging, prod or mine`) {
		t.Errorf("an environment that is not there is refused with %v", err)
	}
}
