package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/engine"
	"hookglass/core/lab"
	"hookglass/core/limit"
	"hookglass/core/store"
)

const (
	livePace = 100 // a second of the scenario is 10 ms here
	liveN    = 150
)

// TestALiveRunAgreesWithTheSimulation sends real deliveries at pace 100 to a receiver on this machine with an outage, and
// to one with a token bucket, and compares the counts with those of the same settings in virtual time.
//
// The noise is how much later than planned requests reach the receiver: connecting and writing the history take
// milliseconds, each of which is a tenth of a second of the scenario. It is measured at the receiver, request by request.
// The live counts must lie within those of simulations whose arrivals and retries are late like that: for each tenth of
// the measured lags one in which every retry is that late.
func TestALiveRunAgreesWithTheSimulation(t *testing.T) {
	policy := core.RetryPolicy{Retries: 4, Base: 5300 * time.Millisecond, Factor: 2}
	for name, s := range map[string]lab.Scenario{
		"outage":       {Policy: policy, Receiver: lab.Receiver{Outages: []lab.Outage{{From: 30*time.Second + 500*time.Millisecond, To: 115*time.Second + 500*time.Millisecond, Status: 503}}}},
		"token bucket": {Policy: policy, Limits: []core.Limit{{Kind: limit.Bucket, Count: 5, Rate: 0.6, RetryAfter: limit.None}}},
	} {
		t.Run(name, func(t *testing.T) {
			live := quietRun(t, s)
			noise := live.lag
			want := simulate(t, late(s, []time.Duration{0}, 0, 0))
			low, high := want, want
			for tenth := range 11 {
				for seed := range uint64(8) {
					got := simulate(t, late(s, live.lags, noise(float64(tenth)/10), seed))
					for i := range got {
						low[i], high[i] = min(low[i], got[i]), max(high[i], got[i])
					}
				}
			}
			t.Logf("live %v, simulated %v; late by %v, one in ten by %v, at most %v: %v to %v", live.counts, want, noise(0.5), noise(0.9), noise(1), low, high)
			for i, what := range counted {
				const rare = liveN / 50 // so few simulations do not show the rarest of luck
				if n := live.counts[i]; n < low[i]-rare || n > high[i]+rare {
					t.Errorf("%s: %d live, %d simulated, %d to %d within the noise", what, n, want[i], low[i], high[i])
				}
			}
		})
	}
}

// quietRun runs until a run was disturbed so little that its counts say something: a machine that is busy with other
// things holds requests up for seconds, which are minutes of the scenario.
func quietRun(t *testing.T, s lab.Scenario) liveRun {
	const tries, loud = 6, time.Second
	for range tries {
		if live := runLive(t, s); live.lag(0.9) <= loud && live.lag(1) <= 20*loud {
			return live
		}
	}
	t.Skipf("this machine is too busy: in none of %d runs came nine of ten requests within %v of their time", tries, loud/livePace)
	return liveRun{}
}

// late is a scenario with its load, one event each second, in which each event comes late by one of lags, and each retry
// by lag, give or take a fiftieth of its delay.
func late(s lab.Scenario, lags []time.Duration, lag time.Duration, seed uint64) lab.Scenario {
	r := rand.New(rand.NewPCG(seed, 1))
	s.Load, s.Seed = lab.Load{Kind: lab.History}, seed
	for i := range liveN {
		after := time.Duration(i) * time.Second
		if i > 0 { // the first one is what the outage is counted from
			after += lags[r.IntN(len(lags))]
		}
		s.Load.Arrivals = append(s.Load.Arrivals, lab.Arrival{At: time.Unix(0, 0).Add(after)})
	}
	delays := make([]time.Duration, s.Policy.Retries)
	for n := range delays {
		delays[n] = deliver.Delay(s.Policy, n+1, 0, nil) + lag
	}
	if s.Policy.Delays = delays; lag > 0 {
		s.Policy.Jitter, s.Policy.Spread = deliver.FractionJitter, 0.02
	}
	return s
}

// counts are what a live run and a simulation are compared by.
type counts [4]int64

var counted = [len(counts{})]string{"delivered", "given up", "attempts", "refused"}

func simulate(t *testing.T, s lab.Scenario) counts {
	t.Helper()
	results, err := lab.Compare(t.Context(), []lab.Scenario{s}, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := results[0].Totals
	return counts{n.Delivered, n.Exhausted, n.Attempts, n.Limited + n.Failed}
}

// liveRun is what became of real deliveries.
type liveRun struct {
	counts counts
	lags   []time.Duration // how late each request was, in the scenario's time, sorted
}

// lag is how late a share of the requests was at most.
func (l *liveRun) lag(share float64) time.Duration { return l.lags[int(share*float64(len(l.lags)-1))] }

func runLive(t *testing.T, s lab.Scenario) liveRun {
	var receiver liveReceiver
	server := httptest.NewServer(&receiver)
	defer server.Close()
	r, err := open(t, map[string]any{"hookglass": 1, "pace": livePace}, nil)
	if err != nil {
		t.Fatal(err)
	}
	receiver.begin(t, s, time.Now().Add(200*time.Millisecond))
	var owed []core.Delivery
	for i := range liveN {
		due := receiver.start.Add(time.Duration(i) * time.Second / livePace)
		owed = append(owed, core.Delivery{State: core.Waiting, Created: due, Due: due, Target: core.Target{URL: server.URL, Policy: s.Policy},
			Request: core.Request{Method: http.MethodPost, Target: "/", Proto: "HTTP/1.1", Body: []byte(strconv.Itoa(i))}})
	}
	if _, err := r.Store.AddDeliveries(r.ctx, owed); err != nil {
		t.Fatal(err)
	}
	var states map[core.DeliveryState]int64
	r.until("the end of all deliveries", func() bool {
		states, err = r.Store.DeliveryStates(r.ctx, store.DeliveryFilter{})
		return err == nil && states[core.Delivered]+states[core.Exhausted] == liveN
	})
	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	slices.Sort(receiver.lags)
	return liveRun{counts{states[core.Delivered], states[core.Exhausted], receiver.requests, receiver.refused}, receiver.lags}
}

// liveReceiver is a receiver with the troubles of a scenario, a hundred times faster.
type liveReceiver struct {
	scenario lab.Scenario
	start    time.Time
	limits   limit.Set

	mu                sync.Mutex
	tries             [liveN]int
	last              [liveN]time.Duration
	requests, refused int64
	lags              []time.Duration
}

func (v *liveReceiver) begin(t *testing.T, s lab.Scenario, start time.Time) {
	v.scenario, v.start = s, start
	var err error
	if v.limits, err = limit.NewSet(s.Limits...); err != nil {
		t.Fatal(err)
	}
}

func (v *liveReceiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	body, _ := io.ReadAll(r.Body)
	i, _ := strconv.Atoi(string(body))
	v.mu.Lock()
	defer v.mu.Unlock()
	since := at.Sub(v.start) * livePace // as if it were slow
	planned := time.Duration(i) * time.Second
	if n := v.tries[i]; n > 0 {
		planned = v.last[i] + deliver.Delay(v.scenario.Policy, n, 0, nil)
	}
	v.lags = append(v.lags, max(0, since-planned))
	v.last[i] = since
	v.tries[i]++
	v.requests++
	status := http.StatusOK
	for _, o := range v.scenario.Receiver.Outages {
		if since >= o.From && since < o.To {
			status = o.Status
		}
	}
	if d, _ := v.limits.Allow(v.start.Add(since)); !d.OK {
		status = http.StatusTooManyRequests
	}
	if status != http.StatusOK {
		v.refused++
	}
	w.WriteHeader(status)
}

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
			if m.Arrivals != 3 || m.Limited != 2 || m.Returns != 1 || len(m.Early) != 1 || m.Score != 0 || m.Early[0].Told != time.Hour || m.Early[0].By < 59*time.Minute || m.More {
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
		if err := r.KeepWhatIf(r.ctx, engine.WhatIf{Name: name, At: time.Now(), Results: results}); err != nil {
			t.Fatal(err)
		}
	}
	keep("one")
	keep("two")
	keep("one")
	if err := r.KeepWhatIf(r.ctx, engine.WhatIf{Name: " "}); err == nil {
		t.Error("a run without a name is kept")
	}
	all, err := r.WhatIfs(r.ctx)
	if err != nil || len(all) != 2 || all[0].Name != "one" || all[1].Name != "two" {
		t.Fatalf("%v %+v", err, all)
	}
	got, _ := json.Marshal(all[0].Results[0])
	want, _ := json.Marshal(results[0])
	if string(got) != string(want) {
		t.Errorf("kept\n%s\nas\n%s", want, got)
	}
	if err := r.DeleteWhatIf(r.ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if all, _ := r.WhatIfs(r.ctx); len(all) != 1 {
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
	card, err := r.Checkup(r.ctx, h, lab.Config{SlowSender: time.Millisecond}, func(int, int, string) { told++ })
	if err != nil || len(card.Failed()) == 0 || told != len(card.Checks) {
		t.Fatalf("%v, %d told, %+v", err, told, card)
	}
	if recent, err := r.Handlers(r.ctx); err != nil || len(recent) != 1 || recent[0].URL != deaf.URL || recent[0].Score != card.Score {
		t.Errorf("%v %+v", err, recent)
	}
	ctx, cancel := context.WithCancel(r.ctx)
	cancel()
	if _, err := r.Checkup(ctx, h, lab.Config{}, nil); err == nil {
		t.Error("a check-up that was stopped is no error")
	}
	h.Secret = "run:gone"
	if _, err := r.Checkup(r.ctx, h, lab.Config{}, nil); err == nil {
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
