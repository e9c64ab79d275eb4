package deliver_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// The schedules as their documents give them, in seconds from the first attempt.
func TestLaddersAreThoseOfTheDocuments(t *testing.T) {
	tests := map[string][]float64{
		"none":              {0},
		"github":            {0},
		"joai":              {0, 1, 3, 7},
		"spatie":            {0, 10, 110, 1110, 11110, 111110},
		"standard-webhooks": {0, 5, 305, 2105, 9305, 27305, 63305, 113705, 185705, 272105},
		"svix":              {0, 5, 305, 2105, 9305, 27305, 63305, 99305},
		"slack":             {0, 0, 60, 360},
		"twilio":            {0, 0},
		"square":            {0, 60, 180, 420, 900, 1860, 3780, 7380, 14580, 28980, 57780, 86580},
		"circle":            {0, 1, 11, 41, 101, 1001, 4601, 15401, 33401, 55001, 91001, 130601},
		"sanity":            {0, 30, 60},
	}
	for name, want := range tests {
		p, ok := deliver.Preset(name)
		if !ok {
			t.Errorf("no preset %s", name)
			continue
		}
		if got := offsets(deliver.Ladder(p, epoch)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", name, got, want)
		}
	}
}

func TestPresetsAreWhole(t *testing.T) {
	within := map[string]struct {
		attempts int
		last     time.Duration // not later than this, and at least half of it
	}{
		"stripe": {12, 72 * time.Hour}, "stripe-sandbox": {4, 4 * time.Hour}, "shopify": {9, 4 * time.Hour}, "nmi": {21, 72 * time.Hour},
		"recurly": {11, 76 * time.Hour}, "outpost": {10, 5 * time.Hour},
	}
	names := map[string]bool{}
	for _, p := range deliver.Presets() {
		if p.Source == "" || names[p.Name] {
			t.Errorf("%s: no source, or twice", p.Name)
		}
		names[p.Name] = true
		if err := deliver.CheckPolicy(&p); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		want, ok := within[p.Name]
		if !ok {
			continue
		}
		rungs := deliver.Ladder(p, epoch)
		last := rungs[len(rungs)-1].Sub(epoch)
		if len(rungs) != want.attempts || last > want.last || last < want.last/2 {
			t.Errorf("%s: %d attempts, the last after %v; want %d within %v", p.Name, len(rungs), last, want.attempts, want.last)
		}
	}
}

func TestDelay(t *testing.T) {
	const s = time.Second
	exp := core.RetryPolicy{Base: s, Max: 60 * s}
	list := core.RetryPolicy{Delays: []time.Duration{5 * s, 7 * s}}
	tests := []struct {
		policy  core.RetryPolicy
		attempt int
		want    time.Duration
	}{
		{exp, 1, s}, {exp, 2, 2 * s}, {exp, 6, 32 * s}, {exp, 7, 60 * s}, {exp, 10, 60 * s}, {exp, math.MaxInt, 60 * s},
		{list, 1, 5 * s}, {list, 2, 7 * s}, {list, 9, 7 * s}, {list, 0, 5 * s},
		{core.RetryPolicy{Base: s, Factor: 1}, 50, s},
		{core.RetryPolicy{}, 3, 0},
	}
	for _, tt := range tests {
		if got := deliver.Delay(tt.policy, tt.attempt, 0, nil); got != tt.want {
			t.Errorf("%+v after attempt %d: %v, want %v", tt.policy, tt.attempt, got, tt.want)
		}
	}
	for _, p := range []core.RetryPolicy{
		{Base: s}, {Base: math.MaxInt64, Factor: 1e300}, {Delays: []time.Duration{math.MaxInt64}}, {Base: s, Factor: math.Inf(1)},
		{Base: s, Jitter: deliver.DecorrelatedJitter}, {Base: math.MaxInt64, Jitter: deliver.FractionJitter, Spread: 1},
	} {
		for _, n := range []int{1, 64, 65534, math.MaxInt} {
			if got := deliver.Delay(p, n, math.MaxInt64, deliver.Rand(1, 1, n)); got < 0 || epoch.Add(got).Before(epoch) || epoch.Add(got).Year() > 2200 {
				t.Errorf("%+v after attempt %d: %v overflows", p, n, got)
			}
		}
	}
}

func TestJitterStaysInItsBoundsAndRepeats(t *testing.T) {
	const s = time.Second
	tests := []struct {
		policy   core.RetryPolicy
		low, top time.Duration
	}{
		{core.RetryPolicy{Base: 8 * s, Jitter: deliver.FullJitter}, 0, 16 * s},
		{core.RetryPolicy{Base: 8 * s, Jitter: deliver.EqualJitter}, 8 * s, 16 * s},
		{core.RetryPolicy{Base: 8 * s, Jitter: deliver.FractionJitter, Spread: 0.25}, 12 * s, 20 * s},
		{core.RetryPolicy{Base: 8 * s, Jitter: deliver.DecorrelatedJitter}, 8 * s, 30 * s},
		{core.RetryPolicy{Base: 8 * s, Jitter: deliver.DecorrelatedJitter, Max: 9 * s}, 8 * s, 9 * s},
		{core.RetryPolicy{Delays: []time.Duration{s, 16 * s}, Jitter: deliver.EqualJitter}, 8 * s, 16 * s},
	}
	for _, tt := range tests {
		lowest, highest := time.Duration(math.MaxInt64), time.Duration(0)
		for id := range core.DeliveryID(2000) {
			got := deliver.Delay(tt.policy, 2, 10*s, deliver.Rand(7, id, 2))
			if again := deliver.Delay(tt.policy, 2, 10*s, deliver.Rand(7, id, 2)); again != got {
				t.Fatalf("%+v: %v, then %v with the same key", tt.policy, got, again)
			}
			lowest, highest = min(lowest, got), max(highest, got)
		}
		span := tt.top - tt.low
		if lowest < tt.low || highest > tt.top || lowest > tt.low+span/10 || highest < tt.top-span/10 {
			t.Errorf("%s: from %v to %v, want from %v to %v", tt.policy.Jitter, lowest, highest, tt.low, tt.top)
		}
	}
}

func TestAfter(t *testing.T) {
	const s = time.Second
	now := epoch.Add(time.Hour)
	joai, _ := deliver.Preset("joai")
	svix, _ := deliver.Preset("svix")
	standard, _ := deliver.Preset("standard-webhooks")
	stripe, _ := deliver.Preset("stripe")
	twilio, _ := deliver.Preset("twilio")
	twilio.Window = 0
	listens := core.RetryPolicy{Retries: 3, Base: 10 * s, RetryAfter: deliver.Honour}
	caps := core.RetryPolicy{Retries: 3, Base: 10 * s, RetryAfter: deliver.Cap, AfterCap: 30 * s}
	date := func(in time.Duration) string { return now.Add(in).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }
	tests := []struct {
		name   string
		policy core.RetryPolicy
		number int
		status int // 0: a failure
		header string
		pace   float64
		want   core.DeliveryState
		in     time.Duration
		reason string
	}{
		{name: "2xx", policy: joai, number: 1, status: 206, want: core.Delivered},
		{name: "first failure", policy: joai, number: 1, status: 500, want: core.Waiting, in: s},
		{name: "no answer", policy: joai, number: 2, want: core.Waiting, in: 2 * s},
		{name: "redirect", policy: joai, number: 3, status: 301, want: core.Waiting, in: 4 * s},
		{name: "410 is like any other", policy: joai, number: 1, status: 410, want: core.Waiting, in: s},
		{name: "last", policy: joai, number: 4, status: 500, want: core.Exhausted, reason: "gave up after 4 attempts"},
		{name: "a manual one after the last", policy: joai, number: 9, status: 500, want: core.Exhausted},
		{name: "no policy", number: 1, status: 503, want: core.Exhausted, reason: "1 attempt"},
		{name: "pace", policy: joai, number: 2, status: 500, pace: 1000, want: core.Waiting, in: 2 * time.Millisecond},
		{name: "slow pace", policy: joai, number: 1, status: 500, pace: 0.5, want: core.Waiting, in: 2 * s},
		{name: "ignored", policy: joai, number: 1, status: 503, header: "Retry-After: 100", want: core.Waiting, in: s},
		{name: "honoured", policy: listens, number: 1, status: 503, header: "Retry-After: 100", want: core.Waiting, in: 100 * s},
		{name: "honoured, but never earlier", policy: listens, number: 1, status: 503, header: "Retry-After: 1", want: core.Waiting, in: 10 * s},
		{name: "honoured date", policy: listens, number: 1, status: 429, header: "retry-after: " + date(55*s), want: core.Waiting, in: 55 * s},
		{name: "honoured at any pace", policy: listens, number: 1, status: 429, pace: 1000, header: "Retry-After: 100", want: core.Waiting, in: 100 * s},
		{name: "date gone by", policy: listens, number: 1, status: 429, header: "Retry-After: " + date(-55*s), want: core.Waiting, in: 10 * s},
		{name: "nonsense", policy: listens, number: 1, status: 429, header: "Retry-After: soon", want: core.Waiting, in: 10 * s},
		{name: "negative", policy: listens, number: 1, status: 429, header: "Retry-After: -5", want: core.Waiting, in: 10 * s},
		{name: "beyond all numbers", policy: listens, number: 1, status: 429, header: "Retry-After: 99999999999999999999", want: core.Waiting, in: 100 * 365 * 24 * time.Hour},
		{name: "capped", policy: caps, number: 1, status: 429, header: "Retry-After: 3600", want: core.Waiting, in: 40 * s},
		{name: "below the cap", policy: caps, number: 1, status: 429, header: "Retry-After: 25", want: core.Waiting, in: 25 * s},
		{name: "410 ends it", policy: standard, number: 1, status: 410, want: core.Exhausted, reason: "410"},
		{name: "abort", policy: svix, number: 1, status: 500, header: "Webhook-Delivery: abort-message", want: core.Exhausted, reason: "asked to stop"},
		{name: "disable", policy: svix, number: 1, status: 500, header: "webhook-delivery: disable", want: core.Exhausted, reason: "disable"},
		{name: "abort means nothing to others", policy: joai, number: 1, status: 500, header: "webhook-delivery: abort-message", want: core.Waiting, in: s},
		{name: "abort a success", policy: svix, number: 1, status: 200, header: "webhook-delivery: abort-message", want: core.Delivered},
		{name: "answered", policy: twilio, number: 1, status: 500, want: core.Exhausted, reason: "answered 500"},
		{name: "unanswered", policy: twilio, number: 1, want: core.Waiting},
		{name: "inside the window", policy: core.RetryPolicy{Retries: 99, Base: s, Window: time.Hour + s}, number: 1, status: 500, want: core.Waiting, in: s},
		{name: "past the window", policy: core.RetryPolicy{Retries: 99, Base: s, Window: time.Hour}, number: 1, status: 500, want: core.Exhausted, reason: "later than 1 hour after"},
		{name: "stripe", policy: stripe, number: 1, status: 500, want: core.Waiting, in: 10 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := core.Delivery{ID: 5, State: core.Sending, Began: epoch, Target: core.Target{Policy: tt.policy}}
			a := core.Attempt{Delivery: 5, Number: tt.number, Started: epoch}
			if tt.status == 0 {
				a.Failure = deliver.Timeout
			} else {
				a.Response = &core.Response{Status: tt.status}
				if name, value, ok := strings.Cut(tt.header, ": "); ok {
					a.Response.Header = core.Header{{Name: name, Value: value}}
				}
			}
			got := deliver.After(d, a, now, 1, tt.pace)
			if got.State != tt.want || !strings.Contains(got.Reason, tt.reason) || got.Attempts != tt.number {
				t.Errorf("%s, %q, %d attempts; want %s, %q", got.State, got.Reason, got.Attempts, tt.want, tt.reason)
			}
			if in := got.Due.Sub(now); tt.want == core.Waiting && in != tt.in {
				t.Errorf("due in %v, want %v", in, tt.in)
			}
		})
	}
}

func TestAfterCancelled(t *testing.T) {
	p := core.RetryPolicy{Retries: 5}
	broken := deliver.After(core.Delivery{State: core.Sending, Target: core.Target{Policy: p}}, core.Attempt{Number: 1, Failure: deliver.Cancelled}, epoch, 1, 1)
	late := deliver.After(core.Delivery{State: core.Cancelled, Reason: "cancelled", Target: core.Target{Policy: p}}, core.Attempt{Number: 1, Response: &core.Response{Status: 500}}, epoch, 1, 1)
	won := deliver.After(core.Delivery{State: core.Cancelled, Reason: "cancelled", Target: core.Target{Policy: p}}, core.Attempt{Number: 1, Response: &core.Response{Status: 200}}, epoch, 1, 1)
	if broken.State != core.Cancelled || late.State != core.Cancelled || won.State != core.Delivered {
		t.Errorf("%s, %s, %s; want cancelled, cancelled, delivered", broken.State, late.State, won.State)
	}
}

// The decorrelated delays of After are those of a chain in which each draw knows the one before.
func TestDecorrelatedIsDrawnAgain(t *testing.T) {
	p := core.RetryPolicy{Retries: 9, Base: time.Second, Max: time.Hour, Jitter: deliver.DecorrelatedJitter}
	prev := time.Duration(0)
	for n := 1; n <= 9; n++ {
		prev = deliver.Delay(p, n, prev, deliver.Rand(3, 8, n))
		d := deliver.After(core.Delivery{ID: 8, Target: core.Target{Policy: p}}, core.Attempt{Number: n, Failure: deliver.Reset}, epoch, 3, 1)
		if got := d.Due.Sub(epoch); got != prev {
			t.Errorf("after attempt %d: %v, want %v", n, got, prev)
		}
	}
}

func TestCheckTarget(t *testing.T) {
	ok := core.Target{URL: "https://example.com/hook"}
	tests := []struct {
		field  string
		change func(*core.Target)
	}{
		{"", func(t *core.Target) {}},
		{"", func(t *core.Target) { t.Timeout = 300 * time.Second }},
		{"url", func(t *core.Target) { t.URL = "ftp://example.com" }},
		{"url", func(t *core.Target) { t.URL = "https://" }},
		{"url", func(t *core.Target) { t.URL = "https://exa mple.com" }},
		{"method", func(t *core.Target) { t.Method = "PO ST" }},
		{"headers", func(t *core.Target) { t.Header = core.Header{{Name: "a b", Value: "c"}} }},
		{"headers.A", func(t *core.Target) { t.Header = core.Header{{Name: "A", Value: "c\nd: e"}} }},
		{"timeout", func(t *core.Target) { t.Timeout = time.Millisecond }},
		{"timeout", func(t *core.Target) { t.Timeout = 301 * time.Second }},
		{"wrong", func(t *core.Target) { t.Wrong = "yes" }},
		{"ca_file", func(t *core.Target) { t.CAFile = "/nowhere/at/all.pem" }},
		{"policy.retries", func(t *core.Target) { t.Policy.Retries = -1 }},
		{"policy.delays[1]", func(t *core.Target) { t.Policy.Delays = []time.Duration{1, -1} }},
		{"policy.jitter", func(t *core.Target) { t.Policy.Jitter = "some" }},
		{"policy.spread", func(t *core.Target) { t.Policy.Spread = 2 }},
		{"policy.retry_after", func(t *core.Target) { t.Policy.RetryAfter = "yes" }},
		{"policy.stop_on", func(t *core.Target) { t.Policy.StopOn = []int{200} }},
	}
	for i, tt := range tests {
		target := ok
		tt.change(&target)
		err := deliver.CheckTarget(&target)
		got := ""
		if invalid, is := err.(*core.Invalid); is {
			got = invalid.Field
		} else if err != nil {
			got = fmt.Sprint(err)
		}
		if got != tt.field {
			t.Errorf("%d: field %q (%v), want %q", i, got, err, tt.field)
		}
	}
}
