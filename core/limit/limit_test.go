package limit_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// The reference keeps the whole history of allowed requests and decides anew from all of it each time.
type reference struct {
	rule    core.Limit
	allowed []time.Duration
}

func (r *reference) allow(at time.Duration) bool {
	var ok bool
	switch r.rule.Kind {
	case limit.Fixed:
		ok = r.inFixedWindow(at) < r.rule.Count
	case limit.Sliding:
		ok = r.inSlidingWindow(at) < r.rule.Count
	case limit.Bucket:
		ok = r.tokens(at).Cmp(big.NewRat(1, 1)) >= 0
	}
	if ok {
		r.allowed = append(r.allowed, at)
	}
	return ok
}

func (r *reference) inFixedWindow(at time.Duration) int {
	n, starts := 0, time.Duration(-1)
	for _, a := range r.allowed {
		if starts < 0 || a >= starts+r.rule.Window {
			n, starts = 0, a
		}
		n++
	}
	if starts < 0 || at >= starts+r.rule.Window {
		return 0
	}
	return n
}

func (r *reference) inSlidingWindow(at time.Duration) int {
	n := 0
	for _, a := range r.allowed {
		if a+r.rule.Window > at {
			n++
		}
	}
	return n
}

// tokens is what is in the bucket at a time, in exact fractions.
func (r *reference) tokens(at time.Duration) *big.Rat {
	full, one := new(big.Rat).SetInt64(int64(r.rule.Count)), big.NewRat(1, 1)
	tokens, then := new(big.Rat).Set(full), time.Duration(0)
	fill := func(until time.Duration) {
		tokens.Add(tokens, big.NewRat(int64(until-then), int64(r.rule.Window)/int64(r.rule.Count)))
		if tokens.Cmp(full) > 0 {
			tokens.Set(full)
		}
		then = until
	}
	for _, a := range r.allowed {
		fill(a)
		tokens.Sub(tokens, one)
	}
	fill(at)
	return tokens
}

func TestAllowAgreesWithTheReference(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		for _, kind := range []string{limit.Fixed, limit.Sliding, limit.Bucket} {
			count := 1 + r.IntN(7)
			rule := core.Limit{Kind: kind, Count: count, Window: time.Duration(count) * time.Duration(1+r.IntN(400)) * time.Millisecond}
			t.Run(fmt.Sprintf("%s/%d", kind, seed), func(t *testing.T) { compare(t, rule, r) })
		}
	}
}

func compare(t *testing.T, rule core.Limit, r *rand.Rand) {
	t.Helper()
	l, err := limit.New(rule)
	if err != nil {
		t.Fatalf("new %+v: %v", rule, err)
	}
	ref := reference{rule: rule}
	var at time.Duration
	for i := range 200 {
		if i > 0 { // the first request sets the origin of both
			next := at + time.Duration(r.ExpFloat64()*float64(rule.Window)/float64(rule.Count))
			if r.IntN(8) == 0 {
				next = max(at, next.Truncate(rule.Window)) // on the edges of windows
			}
			at = next
		}
		want := ref.allow(at)
		got := l.Allow(noon.Add(at))
		if got.OK != want {
			t.Fatalf("request %d at %v: got %v, want %v (%+v)", i, at, got.OK, want, rule)
		}
		if !got.OK {
			checkWait(t, l, noon.Add(at), got)
		}
	}
}

// checkWait asks copies of the limiter, as asking moves its clock on.
func checkWait(t *testing.T, l *limit.Limiter, now time.Time, d limit.Decision) {
	t.Helper()
	early, punctual := *l, *l
	if early.Peek(now.Add(d.RetryAfter - 1)).OK {
		t.Fatalf("allowed 1 ns before the wait of %v ended", d.RetryAfter)
	}
	if !punctual.Peek(now.Add(d.RetryAfter)).OK {
		t.Fatalf("still refused after the wait of %v", d.RetryAfter)
	}
}

func TestRemainingAndReset(t *testing.T) {
	type step struct {
		at        time.Duration
		ok        bool
		remaining int
		wait      time.Duration
		reset     time.Duration
	}
	for _, c := range []struct {
		name  string
		rule  core.Limit
		steps []step
	}{
		{"fixed begins with the first request", core.Limit{Kind: limit.Fixed, Count: 2, Window: time.Minute}, []step{
			{0, true, 1, 0, time.Minute},
			{50 * time.Second, true, 0, 0, 10 * time.Second},
			{55 * time.Second, false, 0, 5 * time.Second, 5 * time.Second},
			{60 * time.Second, true, 1, 0, time.Minute},
		}},
		{"sliding forgets one at a time", core.Limit{Kind: limit.Sliding, Count: 2, Window: time.Minute}, []step{
			{0, true, 1, 0, time.Minute},
			{50 * time.Second, true, 0, 0, time.Minute},
			{55 * time.Second, false, 0, 5 * time.Second, 55 * time.Second},
			{60 * time.Second, true, 0, 0, time.Minute},
			{61 * time.Second, false, 0, 49 * time.Second, 59 * time.Second},
		}},
		{"bucket refills", core.Limit{Kind: limit.Bucket, Count: 3, Rate: 2}, []step{
			{0, true, 2, 0, 500 * time.Millisecond},
			{0, true, 1, 0, time.Second},
			{0, true, 0, 0, 1500 * time.Millisecond},
			{100 * time.Millisecond, false, 0, 400 * time.Millisecond, 1400 * time.Millisecond},
			{500 * time.Millisecond, true, 0, 0, 1500 * time.Millisecond},
		}},
		{"a clock that steps back stands still", core.Limit{Kind: limit.Fixed, Count: 1, Window: time.Minute}, []step{
			{30 * time.Second, true, 0, 0, time.Minute},
			{10 * time.Second, false, 0, time.Minute, time.Minute},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := limit.New(c.rule)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range c.steps {
				want := limit.Decision{OK: s.ok, RetryAfter: s.wait, Limit: c.rule.Count, Remaining: s.remaining, Reset: s.reset}
				if got := l.Allow(noon.Add(s.at)); got != want {
					t.Errorf("step %d at %v:\n got %+v\nwant %+v", i, s.at, got, want)
				}
			}
		})
	}
}

func TestConcurrency(t *testing.T) {
	l, err := limit.New(core.Limit{Kind: limit.Concurrency, Count: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, true, false} {
		if got := l.Allow(noon); got.OK != want {
			t.Errorf("request %d: got %+v, want ok %v", i, got, want)
		}
	}
	if got := l.Peek(noon.Add(time.Hour)); got.OK || got.RetryAfter != time.Second {
		t.Errorf("time alone freed a slot, or the wait is not a second: %+v", got)
	}
	l.Release()
	if got := l.Allow(noon); !got.OK || got.Remaining != 0 {
		t.Errorf("after a release: %+v", got)
	}
	for range 5 { // more releases than requests must not make room for more than Count
		l.Release()
	}
	if got := l.Peek(noon); got.Remaining != 2 {
		t.Errorf("after too many releases: %d left, want 2", got.Remaining)
	}
}

func TestSetCountsARefusedRequestForNothing(t *testing.T) {
	p, ok := limit.FindPreset("almyty-free")
	if !ok {
		t.Fatal("no preset almyty-free")
	}
	s, err := limit.NewSet(p.Limits...)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if d, _ := s.Allow(noon); !d.OK {
			t.Fatalf("refused: %+v", d)
		}
	}
	for range 20 { // refused by concurrency; the window must not notice
		if d, by := s.Allow(noon); d.OK || by != 1 || d.RetryAfter != time.Second {
			t.Fatalf("got %+v by limit %d, want a refusal by 1", d, by)
		}
	}
	for i := range 8 {
		s.Release()
		if d, _ := s.Allow(noon); !d.OK {
			t.Fatalf("request %d of the window refused: %+v", 3+i, d)
		}
	}
	s.Release()
	if d, by := s.Allow(noon.Add(20 * time.Second)); d.OK || by != 0 || d.RetryAfter != 40*time.Second {
		t.Errorf("the 11th: got %+v by limit %d, want a refusal by 0 for 40 s", d, by)
	}
	if d, by := (limit.Set)(nil).Allow(noon); !d.OK || by != -1 {
		t.Errorf("an empty set: %+v by %d", d, by)
	}
}

func TestPresetsAreValid(t *testing.T) {
	for _, p := range limit.Presets() {
		if _, err := limit.NewSet(p.Limits...); err != nil || p.Source == "" {
			t.Errorf("%s: source %q, %v", p.Name, p.Source, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		rule  core.Limit
		field string
	}{
		{core.Limit{Kind: "leaky", Count: 1}, "kind"},
		{core.Limit{Kind: limit.Fixed, Window: time.Second}, "count"},
		{core.Limit{Kind: limit.Sliding, Count: 2_000_000, Window: time.Second}, "count"},
		{core.Limit{Kind: limit.Fixed, Count: 1}, "window"},
		{core.Limit{Kind: limit.Sliding, Count: 1, Window: -time.Second}, "window"},
		{core.Limit{Kind: limit.Bucket, Count: 1}, "rate"},
		{core.Limit{Kind: limit.Bucket, Count: 1, Rate: -1}, "rate"},
		{core.Limit{Kind: limit.Bucket, Count: 1, Rate: 1e300}, "rate"},
		{core.Limit{Kind: limit.Bucket, Count: 1000, Rate: 1e-6}, "rate"},
		{core.Limit{Kind: limit.Concurrency, Count: 1, RetryAfter: "later"}, "retry_after"},
	} {
		_, err := limit.New(c.rule)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != c.field {
			t.Errorf("%+v: got %v, want field %s", c.rule, err, c.field)
		}
	}
}
