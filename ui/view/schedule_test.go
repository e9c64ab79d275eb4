package view_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/ui/view"
)

func TestScheduleShowsPlanAndWhatHappened(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	policy := core.RetryPolicy{Retries: 3, Base: time.Second, Factor: 2}
	failed := func(n int, after time.Duration) core.Attempt {
		return core.Attempt{Number: n, Started: start.Add(after), Response: &core.Response{Status: 500}}
	}
	for _, c := range []struct {
		name     string
		state    core.DeliveryState
		due      time.Duration
		attempts []core.Attempt
		pace     float64
		want     string // per rung: planned, what happened or when it is expected
	}{
		{"nothing yet", core.Waiting, 0, nil, 1, "0s due 0s, 1s due 1s, 3s due 3s, 7s due 7s"},
		{"one late", core.Waiting, 1500 * time.Millisecond, []core.Attempt{failed(1, 0)}, 1, "0s at 0s, 1s due 1.5s, 3s due 3.5s, 7s due 7.5s"},
		{"under way", core.Sending, 1500 * time.Millisecond, []core.Attempt{failed(1, 0), {Number: 2, Started: start.Add(time.Second)}}, 1,
			"0s at 0s, 1s sending, 3s due 3s, 7s due 7s"},
		{"delivered", core.Delivered, 0, []core.Attempt{{Number: 1, Started: start, Response: &core.Response{Status: 200}}}, 1, "0s at 0s, 1s not made, 3s not made, 7s not made"},
		{"by hand after the last", core.Waiting, 20 * time.Second, []core.Attempt{failed(1, 0), failed(2, 1e9), failed(3, 3e9), failed(4, 7e9)}, 1,
			"0s at 0s, 1s at 1s, 3s at 3s, 7s at 7s, by hand due 20s"},
		{"paced", core.Waiting, 0, nil, 1000, "0s due 0s, 1ms due 1ms, 3ms due 3ms, 7ms due 7ms"},
	} {
		d := core.Delivery{State: c.state, Due: start.Add(c.due), Target: core.Target{Policy: policy}}
		var got []string
		for _, r := range view.Schedule(&d, c.attempts, c.pace) {
			planned := "by hand"
			if !r.Planned.IsZero() {
				planned = r.Planned.Sub(start).String()
			}
			what := "not made"
			switch {
			case r.Sending():
				what = "sending"
			case r.Done():
				what = "at " + r.Attempt.Started.Sub(start).String()
			case !r.Expected.IsZero():
				what = "due " + r.Expected.Sub(start).String()
			}
			got = append(got, planned+" "+what)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, s, c.want)
		}
	}
}

func TestScheduleOfAThousandRetriesIsShort(t *testing.T) {
	d := core.Delivery{State: core.Waiting, Due: time.Unix(1, 0), Target: core.Target{Policy: core.RetryPolicy{Retries: 900, Base: time.Second, Factor: 1}}}
	if n := len(view.Schedule(&d, nil, 1)); n > 40 {
		t.Errorf("%d rungs", n)
	}
}

func TestUntilCountsDown(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for left, want := range map[time.Duration]string{
		-time.Second: "now", 0: "now", 10 * time.Millisecond: "in 1 s", 4200 * time.Millisecond: "in 5 s", 5 * time.Second: "in 5 s",
		125 * time.Second: "in 2 min 5 s", 3*time.Hour + 12*time.Minute: "in 3 h 12 min",
	} {
		if got := view.Until(now.Add(left), now); got != want {
			t.Errorf("%v: got %q, want %q", left, got, want)
		}
	}
}

// TestEveryFailureNamesTheNextStep: a failure that nobody explains would be a dead end.
func TestEveryFailureNamesTheNextStep(t *testing.T) {
	seen := map[string]core.Failure{}
	for _, f := range []core.Failure{deliver.Timeout, deliver.Refused, deliver.Reset, deliver.Unreachable, deliver.DNS, deliver.NotTrusted, deliver.Expired,
		deliver.WrongName, deliver.NoTLS, deliver.Handshake, deliver.ClosedEarly, deliver.BadResponse, deliver.Cancelled, deliver.Interrupted, deliver.BadRequest,
		deliver.NotSigned, deliver.Other} {
		what, next := view.WhyFailed(&core.Attempt{Failure: f, Detail: "so it was"})
		if what == "" || next == "" || !strings.HasSuffix(what, ".") || !strings.HasSuffix(next, ".") {
			t.Errorf("%s: %q, %q", f, what, next)
		}
		if before, twice := seen[what]; twice {
			t.Errorf("%s and %s are explained alike", f, before)
		}
		seen[what] = f
	}
	for _, status := range []int{301, 400, 401, 403, 404, 405, 408, 410, 413, 415, 429, 500, 503} {
		if what, next := view.WhyFailed(&core.Attempt{Response: &core.Response{Status: status}}); !strings.Contains(what, fmt.Sprint(status)) || next == "" {
			t.Errorf("%d: %q, %q", status, what, next)
		}
	}
	if what, next := view.WhyFailed(&core.Attempt{Response: &core.Response{Status: 204}}); what+next != "" {
		t.Errorf("a success is explained: %q %q", what, next)
	}
}
