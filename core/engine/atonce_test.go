package engine_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/lab"
)

// many is how many save at once in these tests.
const many = 8

// atOnce calls do many times at the same moment, each with a number of its own.
func atOnce(t *testing.T, do func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range many {
		all.Go(func() {
			<-begin
			if err := do(i); err != nil {
				t.Errorf("%d of %d: %v", i, many, err)
			}
		})
	}
	close(begin)
	all.Wait()
}

// TestSavesAtOnceKeepAll: each of these reads a setting, changes it and writes it. Nobody's change may be lost.
func TestSavesAtOnceKeepAll(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := r.Vault.Put("run", "checkup", core.Text("s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer deaf.Close()
	sources := make([]core.Source, many)
	for i := range sources {
		sources[i] = core.Source{Name: fmt.Sprint("s", i), Platform: "generic", Settings: core.Values{"path": fmt.Sprint("/in/", i)},
			Faults: core.Faults{ErrorRate: 1, Statuses: []int{418}}}
		r.source(&sources[i])
	}
	for _, tt := range []struct {
		what string
		save func(i int) error
		kept func() (int, error)
	}{
		{"own schemes", func(i int) error {
			_, err := r.Schemes.Put(r.ctx, "", fmt.Appendf(nil, `{"id":"own-%d","sig":{"from":"header:X-Sig","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`, i))
			return err
		}, func() (int, error) { return len(r.Schemes.Book().Own()), nil }},
		{"what-if runs", func(i int) error { return r.Lab.KeepWhatIf(engine.WhatIf{Name: fmt.Sprint("run ", i), At: time.Now()}) },
			func() (int, error) { all, err := r.Lab.WhatIfs(r.ctx); return len(all), err }},
		{"handlers that were checked", func(i int) error {
			_, err := r.Lab.Checkup(r.ctx, engine.Handler{URL: fmt.Sprint(deaf.URL, "/", i), Scheme: "github", Secret: ref}, lab.Config{SlowSender: time.Millisecond}, nil)
			return err
		}, func() (int, error) { all, err := r.Lab.Handlers(r.ctx); return len(all), err }},
		{"faults set aside", func(i int) error { return r.SwitchFaults(r.ctx, sources[i].ID, false) },
			func() (int, error) { all, err := r.Asides(r.ctx); return len(all), err }},
		{"providers agreed to", func(i int) error {
			_, err := r.Tunnel.Change(func(s *engine.TunnelSettings) { s.Agreed = append(s.Agreed, fmt.Sprint(i)) })
			return err
		}, func() (int, error) { return len(r.Tunnel.Settings(r.ctx).Agreed), nil }},
	} {
		atOnce(t, tt.save)
		if n, err := tt.kept(); n != many || err != nil {
			t.Errorf("%s: %d of %d are kept, %v", tt.what, n, many, err)
		}
	}
}

// TestOneSourceChangedAtOnce: its limit, its faults and its signing are changed by different verbs, and all of them hold.
func TestOneSourceChangedAtOnce(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := r.Vault.Put("run", "secret", core.Text("s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	src := core.Source{Name: "a", Platform: "generic", Settings: core.Values{"path": "/in/a"}, Faults: core.Faults{ErrorRate: 1, Statuses: []int{418}},
		Limit: &core.Limit{Kind: "fixed", Count: 1, Window: time.Hour}}
	r.source(&src)
	before := src
	for range 4 {
		atOnce(t, func(i int) error {
			switch i % 3 {
			case 0:
				return r.SwitchFaults(r.ctx, src.ID, false)
			case 1:
				return r.SwitchLimit(r.ctx, src.ID, false)
			}
			_, err := r.SetSigning(r.ctx, src.ID, "github", ref)
			return err
		})
		now, err := r.Store.Source(r.ctx, src.ID)
		if err != nil || engine.HasFaults(now.Faults) || now.Limit != nil || now.Settings.Text("scheme") != "github" {
			t.Fatalf("%v: one of three changes is lost: %+v", err, now)
		}
		for _, err := range []error{r.SwitchFaults(r.ctx, src.ID, true), r.SwitchLimit(r.ctx, src.ID, true)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if now, err = r.Store.Source(r.ctx, src.ID); err != nil || !engine.HasFaults(now.Faults) || now.Limit == nil || *now.Limit != *before.Limit {
			t.Fatalf("%v: it came back as %+v", err, now)
		}
	}
}

// locked is a keyring that refuses, after it was waited for the second time it is asked.
type locked struct {
	asked           atomic.Int32
	waited, refused chan struct{}
}

func (k *locked) Get(string) (string, error) {
	if k.asked.Add(1) == 2 { // the first is the check of the source; it is hosted by the second
		close(k.waited)
		<-k.refused
	}
	return "", errors.New("it is locked")
}
func (k *locked) Set(string, string) error { return nil }
func (k *locked) Delete(string) error      { return nil }

// TestSourceStoredWhileAnotherWaits: hosting a source waits for the keyring, and another source is stored meanwhile. Both
// are hosted then, whoever is ready last.
func TestSourceStoredWhileAnotherWaits(t *testing.T) {
	t.Parallel()
	ring := &locked{waited: make(chan struct{}), refused: make(chan struct{})}
	r, err := open(t, map[string]any{"hookglass": 1}, func(o *engine.Options) { o.Keyring = ring })
	if err != nil {
		t.Fatal(err)
	}
	stored := make(chan error, 1)
	go func() {
		stored <- r.PutSource(r.ctx, &core.Source{Name: "a", Platform: "generic", Settings: core.Values{"path": "/in/a"}, Secrets: map[string]core.SecretRef{"secret": "keyring:a"}})
	}()
	<-ring.waited
	r.source(&core.Source{Name: "b", Platform: "generic", Settings: core.Values{"path": "/in/b"}})
	close(ring.refused)
	if err := <-stored; err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/in/a", "/in/b"} {
		if got := r.send("POST", path, nil, nil).status; got != http.StatusOK {
			t.Errorf("%s answers %d", path, got)
		}
	}
}

// TestOneEndpointChangedAtOnce: it is switched off and paused at the same moment, and is both.
func TestOneEndpointChangedAtOnce(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ep := core.Endpoint{Platform: "custom", Name: "e", Target: core.Target{URL: "http://127.0.0.1:9/"}}
	if err := r.Endpoints.Put(r.ctx, &ep); err != nil {
		t.Fatal(err)
	}
	for on := true; ; on = false {
		atOnce(t, func(i int) error {
			if i%2 == 0 {
				return r.Endpoints.Switch(r.ctx, ep.ID, on)
			}
			return r.Endpoints.Pause(r.ctx, ep.ID, on)
		})
		if now, err := r.Store.Endpoint(r.ctx, ep.ID); err != nil || now.Active != on || now.Paused != on {
			t.Errorf("%v: active %v, paused %v; want both %v", err, now.Active, now.Paused, on)
		}
		if !on {
			return
		}
	}
}

// asked is a keyring that says when it is asked, and answers when told.
type asked struct {
	now, answer chan struct{}
	once        sync.Once
}

func (k *asked) Get(string) (string, error) {
	k.once.Do(func() { close(k.now) })
	<-k.answer
	return "other", nil
}
func (k *asked) Set(string, string) error { return nil }
func (k *asked) Delete(string) error      { return nil }

// TestVerdictOfAnotherScheme: while the doctor searches, the capture is verified with another scheme. The findings, which
// are of the first, do not take the place of the new verdict.
func TestVerdictOfAnotherScheme(t *testing.T) {
	t.Parallel()
	ring := &asked{now: make(chan struct{}), answer: make(chan struct{})}
	r, err := open(t, map[string]any{"hookglass": 1}, func(o *engine.Options) { o.Keyring = ring })
	if err != nil {
		t.Fatal(err)
	}
	src := core.Source{Name: "gh", Platform: "generic", Settings: core.Values{"path": "/in/gh", "scheme": "github"}}
	src.Secrets = map[string]core.SecretRef{"secret": r.secret(&src, "s3cret")}
	r.source(&src)
	const body = "hello"
	r.send("POST", "/in/gh", [][2]string{{"X-Hub-Signature-256", "sha256=00"}, {"X-My-Signature", mySignature("v1:" + body)}}, []byte(body))
	if err := r.Store.PutEndpoint(&core.Endpoint{Platform: "custom", WireID: "w", Name: "n", Target: core.Target{Secret: "keyring:w"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Schemes.Put(r.ctx, "", []byte(mine("v1:"))); err != nil {
		t.Fatal(err)
	}
	searched := make(chan error, 1)
	go func() { _, err := r.Diagnose(r.ctx, 1, ""); searched <- err }()
	<-ring.now // it has read the capture, and asks for the secrets of others
	if v, err := r.Reverify(r.ctx, 1, "my-api", core.Text("s3cret")); err != nil || v.State != core.Verified {
		t.Fatalf("%+v, %v", v, err)
	}
	close(ring.answer)
	if err := <-searched; err != nil {
		t.Fatal(err)
	}
	if c, err := r.Store.Capture(r.ctx, 1); err != nil || c.Receipt.Verdict.State != core.Verified || c.Receipt.Verdict.Scheme != "my-api" {
		t.Errorf("%v: the verdict is %s by %s", err, c.Receipt.Verdict.State, c.Receipt.Verdict.Scheme)
	}
}
