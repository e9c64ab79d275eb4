package capture_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
)

func TestPlanNamesWhatItDoes(t *testing.T) {
	for _, c := range []struct {
		name   string
		faults core.Faults
		seen   int
		want   capture.Fault
	}{
		{"nothing", core.Faults{Seed: 7}, 0, capture.Fault{}},
		{"fixed latency and hang", core.Faults{Latency: core.Latency{Kind: "fixed", Base: 250 * time.Millisecond}, Hang: time.Second}, 0,
			capture.Fault{Delay: 1250 * time.Millisecond, Names: []string{"latency 250ms", "hang 1s"}}},
		{"fail first", core.Faults{FailFirst: 2}, 1,
			capture.Fault{Status: 500, Names: []string{"fail_first 2 of 2 (evt_1)", "status 500"}}},
		{"then pass", core.Faults{FailFirst: 2}, 2, capture.Fault{}},
		{"error with a wait", core.Faults{ErrorRate: 1, Statuses: []int{429}, RetryAfter: "date", RetryAfterIn: time.Minute}, 0,
			capture.Fault{Status: 429, RetryAfter: "date", RetryAfterIn: time.Minute, Names: []string{"error_rate", "status 429", "retry_after date"}}},
		{"no wait with other statuses", core.Faults{ErrorRate: 1, Statuses: []int{502}, RetryAfter: "date"}, 0,
			capture.Fault{Status: 502, Names: []string{"error_rate", "status 502"}}},
		{"a drop hides the failure", core.Faults{ErrorRate: 1, Drop: 1, SlowBody: time.Second}, 0,
			capture.Fault{Wire: capture.Drop, Names: []string{"drop"}}},
		{"truncated, failed and slow", core.Faults{ErrorRate: 1, Truncate: 1, SlowBody: time.Second}, 0,
			capture.Fault{Wire: capture.Truncate, Status: 500, SlowBody: time.Second, Names: []string{"truncate", "error_rate", "status 500", "slow_body 1s"}}},
		{"one wire fault at most", core.Faults{Reset: 1, Malformed: 1, WrongLength: 1}, 0,
			capture.Fault{Wire: capture.Reset, Names: []string{"reset"}}},
	} {
		if got := capture.Plan(c.faults, "evt_1", c.seen, 3); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestPlanRepeats(t *testing.T) {
	f := core.Faults{Seed: 42, ErrorRate: 0.5, Statuses: []int{500, 503}, Drop: 0.2, Latency: core.Latency{Kind: "uniform", Spread: time.Second}}
	run := func(f core.Faults) (faults []capture.Fault) {
		for n := range uint64(200) {
			faults = append(faults, capture.Plan(f, "", 0, n))
		}
		return faults
	}
	if !reflect.DeepEqual(run(f), run(f)) {
		t.Error("the same seed gave another run")
	}
	other := f
	other.Seed++
	if reflect.DeepEqual(run(f), run(other)) {
		t.Error("another seed gave the same run")
	}
	quick := f
	quick.Latency = core.Latency{}
	for n, p := range run(quick) { // turning the latency off leaves the failures where they were
		if q := run(f)[n]; p.Status != q.Status || p.Wire != q.Wire {
			t.Fatalf("request %d: %v %v without latency, %v %v with it", n, p.Status, p.Wire, q.Status, q.Wire)
		}
	}
}

// Shares over many requests lie within five standard errors of the chance; the seed is fixed, so this holds or not.
func TestPlanKeepsItsChances(t *testing.T) {
	const n = 20000
	f := core.Faults{Seed: 1, ErrorRate: 0.3, Statuses: []int{500, 502, 503}, Truncate: 0.1}
	failed, cut, statuses := 0, 0, map[int]int{}
	for i := range uint64(n) {
		p := capture.Plan(f, "", 0, i)
		if p.Status != 0 {
			failed++
			statuses[p.Status]++
		}
		if p.Wire == capture.Truncate {
			cut++
		}
	}
	near := func(what string, got int, chance float64) {
		if off := math.Abs(float64(got) - n*chance); off > 5*math.Sqrt(n*chance*(1-chance)) {
			t.Errorf("%s: %d of %d, want about %.0f", what, got, n, n*chance)
		}
	}
	near("failed", failed, 0.3)
	near("truncated", cut, 0.1)
	for _, s := range f.Statuses {
		near("one of three statuses", statuses[s], 0.1)
	}
}

func TestLatencyShapes(t *testing.T) {
	delays := func(l core.Latency) (ds []time.Duration) {
		for n := range uint64(4001) {
			ds = append(ds, capture.Plan(core.Faults{Seed: 5, Latency: l}, "", 0, n).Delay)
		}
		slices.Sort(ds)
		return ds
	}
	uniform := delays(core.Latency{Kind: "uniform", Base: time.Second, Spread: time.Second})
	if uniform[0] < time.Second || uniform[4000] > 2*time.Second || uniform[2000] < 1450*time.Millisecond || uniform[2000] > 1550*time.Millisecond {
		t.Errorf("uniform 1 s to 2 s: from %v, median %v, to %v", uniform[0], uniform[2000], uniform[4000])
	}
	// Log-normal with sigma 1/2: the median is Base, and the 84th percentile is e^sigma times that.
	logn := delays(core.Latency{Kind: "lognormal", Base: time.Second, Spread: 500 * time.Millisecond})
	if m := logn[2000].Seconds(); m < 0.95 || m > 1.05 {
		t.Errorf("lognormal: median %v, want 1 s", m)
	}
	if p := logn[4000*841/1000].Seconds(); math.Abs(p-math.Exp(0.5)) > 0.08 {
		t.Errorf("lognormal: 84th percentile %v, want %v", p, math.Exp(0.5))
	}
	if wild := delays(core.Latency{Kind: "lognormal", Base: time.Second, Spread: time.Hour}); wild[4000] > time.Hour || wild[0] < 0 {
		t.Errorf("unbounded: %v to %v", wild[0], wild[4000])
	}
}

func TestAnswer(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	real := core.Response{Status: 201, Body: []byte("ok")}
	if got := (capture.Fault{Wire: capture.Truncate}).Answer(real, now); !reflect.DeepEqual(got, real) {
		t.Errorf("without a status: %+v", got)
	}
	for form, want := range map[string][]string{
		"seconds": {"60"}, "date": {"Mon, 02 Mar 2026 12:01:00 GMT"}, "wrong": {"in a moment"}, "none": nil, "": nil,
	} {
		got := capture.Fault{Status: 429, RetryAfter: form, RetryAfterIn: time.Minute}.Answer(real, now)
		if got.Status != 429 || !reflect.DeepEqual(got.Header.Values("Retry-After"), want) {
			t.Errorf("%q: got %d %q, want 429 %q", form, got.Status, got.Header.Values("Retry-After"), want)
		}
	}
}

func TestCheckFaults(t *testing.T) {
	good := core.Faults{ErrorRate: 1, Statuses: []int{429}, RetryAfter: "none", FailKey: "path", Latency: core.Latency{Kind: "fixed", Base: time.Second}}
	if err := capture.CheckFaults(good); err != nil {
		t.Errorf("good settings: %v", err)
	}
	for field, f := range map[string]core.Faults{
		"latency.kind":   {Latency: core.Latency{Kind: "gauss"}},
		"latency.spread": {Latency: core.Latency{Spread: -1}},
		"fail_key":       {FailKey: "body"},
		"fail_first":     {FailFirst: -1},
		"statuses[1]":    {Statuses: []int{500, 99}},
		"error_rate":     {ErrorRate: 1.1},
		"reset":          {Reset: math.NaN()},
		"drop_midway":    {DropMidway: -0.1},
		"hang":           {Hang: 25 * time.Hour},
		"retry_after":    {RetryAfter: "later"},
	} {
		var invalid *core.Invalid
		if err := capture.CheckFaults(f); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
