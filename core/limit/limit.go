// Package limit keeps rate limits of every kind; time is an argument, and nothing here does I/O.
//
// Most callers make a [Limiter] with [New], call Allow for each request and Release when an allowed one is
// done. Several limits at once, such as a rate and a number of executions at a time, are a [Set]. The same code
// decides for live sources and in virtual time.
package limit

import (
	"math"
	"slices"
	"time"

	"hookglass/core"
)

// Kinds of limit, the values of core.Limit.Kind.
const (
	Fixed       = "fixed"       // Count per Window; a window begins with the first request after the last one ended
	Sliding     = "sliding"     // Count in any Window
	Bucket      = "bucket"      // Count at once, then Rate per second
	Concurrency = "concurrency" // Count at a time
)

// maxCount bounds what a sliding window has to remember.
const maxCount = 1_000_000

// Decision is what a limit says about one request.
type Decision struct {
	OK         bool
	RetryAfter time.Duration // when refused: how long until a request would be allowed, exactly
	Limit      int           // requests that a fresh limit allows
	Remaining  int           // requests that it still allows now, this one taken off
	Reset      time.Duration // until the limit is fresh again if nothing more comes; 0 where that is not known
}

// Limiter is one limit at work. It has no lock: whoever serves a source calls it under the source's own.
type Limiter struct {
	rule   core.Limit
	origin time.Time // of the first call; all else counts from it
	last   int64     // the latest time seen: a clock that steps back stands still

	fixed   fixedWindow
	sliding slidingWindow
	bucket  tokenBucket
	slots   slots
}

// New makes a limiter, fresh. It refuses a limit that makes no sense with a *core.Invalid.
func New(rule core.Limit) (*Limiter, error) {
	if err := Check(rule); err != nil {
		return nil, err
	}
	l := &Limiter{rule: rule}
	switch rule.Kind {
	case Fixed:
		l.fixed = fixedWindow{count: rule.Count, width: int64(rule.Window)}
	case Sliding:
		l.sliding = slidingWindow{count: rule.Count, width: int64(rule.Window)}
	case Bucket:
		l.bucket = tokenBucket{count: rule.Count, refill: refill(rule)}
	case Concurrency:
		l.slots = slots{count: rule.Count}
	}
	return l, nil
}

// Rule returns the limit as it was given.
func (l *Limiter) Rule() core.Limit { return l.rule }

// Allow decides about a request that arrives now, and counts it when it is allowed. A refused request counts for
// nothing. Of a concurrency limit it takes a slot, which Release gives back.
func (l *Limiter) Allow(now time.Time) Decision {
	t := l.at(now)
	d := l.look(t)
	if !d.OK {
		return d
	}
	l.take(t)
	after := l.look(t)
	d.Remaining, d.Reset = after.Remaining, after.Reset
	return d
}

// Peek decides as Allow does but counts nothing.
func (l *Limiter) Peek(now time.Time) Decision { return l.look(l.at(now)) }

// Release says that an allowed request is done. It matters to a concurrency limit only.
func (l *Limiter) Release() {
	if l.slots.taken > 0 {
		l.slots.taken--
	}
}

// at turns a time into nanoseconds since the first call, never going back.
func (l *Limiter) at(now time.Time) int64 {
	if l.origin.IsZero() {
		l.origin = now
	}
	l.last = max(l.last, int64(now.Sub(l.origin)))
	return l.last
}

// look says how a request at t would fare.
func (l *Limiter) look(t int64) Decision {
	var left int
	var wait, reset int64
	switch l.rule.Kind {
	case Fixed:
		left, wait, reset = l.fixed.look(t)
	case Sliding:
		left, wait, reset = l.sliding.look(t)
	case Bucket:
		left, wait, reset = l.bucket.look(t)
	case Concurrency:
		left, wait, reset = l.slots.look()
	}
	d := Decision{OK: left > 0, Limit: l.rule.Count, Remaining: left, Reset: time.Duration(reset)}
	if !d.OK {
		d.RetryAfter = time.Duration(wait)
	}
	return d
}

func (l *Limiter) take(t int64) {
	switch l.rule.Kind {
	case Fixed:
		l.fixed.take(t)
	case Sliding:
		l.sliding.take(t)
	case Bucket:
		l.bucket.take(t)
	case Concurrency:
		l.slots.taken++
	}
}

// Set is several limits that a request must all pass.
type Set []*Limiter

// NewSet makes a limiter of each rule.
func NewSet(rules ...core.Limit) (Set, error) {
	s := make(Set, len(rules))
	for i, rule := range rules {
		var err error
		if s[i], err = New(rule); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Allow decides by all limits of the set; a request that one of them refuses counts for none. The decision is that
// of the refusal that lasts longest, or of the limit with least left; by is its place in the set. An empty set
// allows everything, and by is -1.
func (s Set) Allow(now time.Time) (d Decision, by int) {
	d, by = s.tightest(now, (*Limiter).Peek)
	if by < 0 || !d.OK {
		return d, by
	}
	return s.tightest(now, (*Limiter).Allow)
}

// Release says that an allowed request is done.
func (s Set) Release() {
	for _, l := range s {
		l.Release()
	}
}

func (s Set) tightest(now time.Time, decide func(*Limiter, time.Time) Decision) (Decision, int) {
	worst, by := Decision{OK: true}, -1
	for i, l := range s {
		if d := decide(l, now); by < 0 || tighter(d, worst) {
			worst, by = d, i
		}
	}
	return worst, by
}

func tighter(a, b Decision) bool {
	switch {
	case a.OK != b.OK:
		return !a.OK
	case !a.OK:
		return a.RetryAfter > b.RetryAfter
	default:
		return a.Remaining < b.Remaining
	}
}

// Check says what is wrong with a limit as a *core.Invalid, or nil.
func Check(rule core.Limit) error {
	switch {
	case !slices.Contains([]string{Fixed, Sliding, Bucket, Concurrency}, rule.Kind):
		return &core.Invalid{Field: "kind", Reason: "want fixed, sliding, bucket or concurrency"}
	case rule.Count < 1 || rule.Count > maxCount:
		return &core.Invalid{Field: "count", Reason: "want 1 to 1000000"}
	case (rule.Kind == Fixed || rule.Kind == Sliding) && (rule.Window < time.Millisecond || rule.Window > maxSpan):
		return &core.Invalid{Field: "window", Reason: "want 1 ms to 366 days"}
	case rule.Kind == Bucket && !validRate(rule):
		return &core.Invalid{Field: "rate", Reason: "want tokens per second above 0, at most 1000000, that fill the bucket within 366 days"}
	case !slices.Contains([]string{"", Seconds, Date, Wrong, None}, rule.RetryAfter):
		return &core.Invalid{Field: "retry_after", Reason: "want seconds, date, wrong or none"}
	}
	return nil
}

const maxSpan = 366 * 24 * time.Hour

func validRate(rule core.Limit) bool {
	perToken := refill(rule)
	return perToken >= 1000 && perToken <= int64(maxSpan)/int64(rule.Count)
}

// refill is the time in which one token comes back, 0 for a rate that makes no sense. A bucket without a rate
// refills Count in a Window.
func refill(rule core.Limit) int64 {
	rate := rule.Rate
	if rate == 0 && rule.Window > 0 {
		return int64(rule.Window) / int64(rule.Count)
	}
	if !(rate > 0) || math.IsInf(rate, 0) {
		return 0
	}
	return int64(math.Min(math.Round(1e9/rate), math.MaxInt64/2))
}
