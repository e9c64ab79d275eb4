package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/engine"
	"hookglass/core/lab"
)

func TestManners(t *testing.T) {
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{
		map[string]any{"platform": "generic", "path": "/in/a", "name": "a", "limit": map[string]any{"kind": "fixed", "count": 1, "window_s": 3600}},
		map[string]any{"platform": "generic", "path": "/in/b", "name": "b"},
		map[string]any{"platform": "generic", "path": "/in/c", "name": "c", "faults": map[string]any{"fail_first": 1, "fail_key": "path", "status": 503, "retry_after": "seconds", "retry_after_s": 60}},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/in/a", "/in/a", "/in/a", "/in/b", "/in/c", "/in/c"} { // the second one is told to wait for an hour
		r.send("POST", path, nil, []byte(`{"id":"evt_1","type":"t"}`))
	}
	sources, err := r.Store.Sources(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range sources {
		m, err := engine.MannersOf(r.ctx, r.Store, src.ID)
		if err != nil {
			t.Fatal(err)
		}
		switch src.Name {
		case "a":
			if m.Arrivals != 3 || m.Limited != 2 || m.Returns != 1 || len(m.Early) != 1 || m.Score != 0 || m.Early[0].Told > time.Hour || m.Early[0].By < 50*time.Minute || m.Early[0].By > m.Early[0].Told || m.More {
				t.Errorf("a sender that does not wait: %+v", m)
			} else if c := m.Captures[m.Early[0].Arrival]; c != 3 {
				t.Errorf("the early return is capture %d, want 3", c)
			}
		case "b":
			if m.Arrivals != 1 || m.Limited != 0 || m.Score != 100 {
				t.Errorf("a sender that nobody told to wait: %+v", m)
			}
		case "c":
			if m.Limited != 1 || len(m.Early) != 1 || m.Early[0].Told != time.Minute {
				t.Errorf("a retry that is accepted, and yet too early: %+v", m)
			}
		}
	}
}

func TestWhatIfsAreKept(t *testing.T) {
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/a", "name": "a"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.send("POST", "/in/a", nil, []byte(`{}`))
	stripe, _ := deliver.Preset("stripe")
	scenarios := []lab.Scenario{{Load: lab.Load{Kind: lab.History, Query: "source:a"}, Policy: stripe}, {Load: lab.Load{Kind: lab.History, Query: "source:a"}}}
	results, err := engine.Simulate(r.ctx, r.Store, scenarios, nil)
	if err != nil || len(results) != 2 || results[0].Totals.Arrived != 1 {
		t.Fatalf("%v %+v", err, results)
	}
	keep := func(name string) {
		t.Helper()
		if err := r.Lab.KeepWhatIf(engine.WhatIf{Name: name, At: time.Now(), Results: results}); err != nil {
			t.Fatal(err)
		}
	}
	keep("one")
	keep("two")
	keep("one")
	if err := r.Lab.KeepWhatIf(engine.WhatIf{Name: " "}); err == nil {
		t.Error("a run without a name is kept")
	}
	all, err := r.Lab.WhatIfs(r.ctx)
	if err != nil || len(all) != 2 || all[0].Name != "one" || all[1].Name != "two" {
		t.Fatalf("%v %+v", err, all)
	}
	got, _ := json.Marshal(all[0].Results[0])
	want, _ := json.Marshal(results[0])
	if string(got) != string(want) {
		t.Errorf("kept\n%s\nas\n%s", want, got)
	}
	if err := r.Lab.DeleteWhatIf("one"); err != nil {
		t.Fatal(err)
	}
	if all, _ := r.Lab.WhatIfs(r.ctx); len(all) != 1 {
		t.Errorf("%d are left", len(all))
	}
}

func TestCheckupWithAStoredSecret(t *testing.T) {
	r, err := open(t, map[string]any{"hookglass": 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer deaf.Close()
	ref, err := r.Vault.Put("run", "checkup", core.Text("s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	h := engine.Handler{URL: deaf.URL, Scheme: "github", Secret: ref}
	told := 0
	card, err := r.Lab.Checkup(r.ctx, h, lab.Config{SlowSender: time.Millisecond}, func(int, int, string) { told++ })
	if err != nil || len(card.Failed()) == 0 || told != len(card.Checks) {
		t.Fatalf("%v, %d told, %+v", err, told, card)
	}
	if recent, err := r.Lab.Handlers(r.ctx); err != nil || len(recent) != 1 || recent[0].URL != deaf.URL || recent[0].Score != card.Score {
		t.Errorf("%v %+v", err, recent)
	}
	ctx, cancel := context.WithCancel(r.ctx)
	cancel()
	if _, err := r.Lab.Checkup(ctx, h, lab.Config{}, nil); err == nil {
		t.Error("a check-up that was stopped is no error")
	}
	h.Secret = "run:gone"
	if _, err := r.Lab.Checkup(r.ctx, h, lab.Config{}, nil); err == nil {
		t.Error("a secret that is gone is no error")
	}
}

func TestFaultsAndLimitsAreSwitchedOffAndOn(t *testing.T) {
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/a", "name": "a",
		"faults": map[string]any{"error_rate": 1, "status": 418, "seed": 7}, "limit": map[string]any{"kind": "fixed", "count": 1, "window_s": 3600}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := r.Store.Sources(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	before := sources[0]
	answered := func() int { return r.send("POST", "/in/a", nil, []byte(`{}`)).status }
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := answered(); got != 418 {
		t.Fatalf("with faults: %d", got)
	}
	do(r.SwitchFaults(r.ctx, before.ID, false))
	do(r.SwitchFaults(r.ctx, before.ID, false)) // as it is: nothing changes
	if got := answered(); got == 418 {
		t.Error("the faults are still in force")
	}
	do(r.SwitchLimit(r.ctx, before.ID, false))
	for range 3 {
		if got := answered(); got != 200 {
			t.Errorf("without faults and limit: %d", got)
		}
	}
	do(r.SwitchFaults(r.ctx, before.ID, true))
	do(r.SwitchLimit(r.ctx, before.ID, true))
	if sources, err = r.Store.Sources(r.ctx); err != nil || !reflect.DeepEqual(sources[0], before) {
		t.Errorf("%v: it came back as %+v, was %+v", err, sources[0], before)
	}
	if aside, err := r.Asides(r.ctx); err != nil || len(aside) != 0 {
		t.Errorf("%v: still aside %+v", err, aside)
	}
}
