package deliver

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// After decides what follows from an attempt that ended at now: the delivery delivered, waiting for its next
// attempt, exhausted or cancelled, with the reason. It is pure: the same arguments give the same jitter.
//
// Delays are divided by pace; what a receiver asks for in Retry-After is not, since that is its own clock.
func After(d core.Delivery, a core.Attempt, now time.Time, seed uint64, pace float64) core.Delivery {
	d.Attempts = max(d.Attempts, a.Number)
	if d.Began.IsZero() && a.Number == 1 {
		d.Began = a.Started
	}
	if a.OK() {
		d.State, d.Reason = core.Delivered, ""
		return d
	}
	if d.State == core.Cancelled || a.Failure == Cancelled {
		d.State, d.Reason = core.Cancelled, first(d.Reason, "cancelled while it was being sent")
		return d
	}
	if reason := ends(d.Target.Policy, &a); reason != "" {
		d.State, d.Reason = core.Exhausted, reason
		return d
	}
	due := now.Add(wait(d, &a, now, seed, pace))
	if w := d.Target.Policy.Window; w > 0 && due.Sub(began(&d)) > paced(w, pace) {
		d.State, d.Reason = core.Exhausted, fmt.Sprintf("gave up after %s: the next one would come later than %s after the first", attempts(a.Number), core.Span(w))
		return d
	}
	d.State, d.Reason, d.Due = core.Waiting, "", due
	return d
}

// Disables reports whether the receiver asked for no further deliveries at all to its endpoint.
func Disables(p core.RetryPolicy, a *core.Attempt) bool { return p.Control && says(a, "disable") }

// ends says why no attempt follows, or nothing when one may.
func ends(p core.RetryPolicy, a *core.Attempt) string {
	switch {
	case a.Number > p.Retries:
		return "gave up after " + attempts(a.Number)
	case a.Failure == BadRequest: // and it would be the next time
		return "nothing was sent: " + a.Detail
	case a.Response == nil:
		return ""
	case p.Unanswered:
		return fmt.Sprintf("the receiver answered %d, and only what gets no answer is retried", a.Response.Status)
	case p.Control && (says(a, "abort-message") || says(a, "disable")):
		return "the receiver asked to stop: webhook-delivery: " + a.Response.Header.Get("webhook-delivery")
	}
	for _, status := range p.StopOn {
		if a.Response.Status == status {
			return fmt.Sprintf("the receiver answered %d, which ends it", status)
		}
	}
	return ""
}

func says(a *core.Attempt, word string) bool {
	if a.Response == nil {
		return false
	}
	for _, w := range strings.Split(a.Response.Header.Joined("webhook-delivery"), ",") {
		if strings.EqualFold(strings.TrimSpace(w), word) {
			return true
		}
	}
	return false
}

// wait is the schedule's delay, or what the receiver asked for where that is longer and the policy listens.
func wait(d core.Delivery, a *core.Attempt, now time.Time, seed uint64, pace float64) time.Duration {
	p := d.Target.Policy
	delay := paced(drawn(p, d.ID, a.Number, seed), pace)
	asked, ok := RetryAfter(a.Response, now)
	switch {
	case !ok:
		return delay
	case p.RetryAfter == Honour:
		return max(delay, asked)
	case p.RetryAfter == Cap:
		return max(delay, min(asked, delay+p.AfterCap))
	}
	return delay
}

// drawn is the delay with its jitter. Only the decorrelated kind depends on the delays before, which are
// drawn again rather than kept: every draw has a key of its own.
func drawn(p core.RetryPolicy, id core.DeliveryID, attempt int, seed uint64) (d time.Duration) {
	from := attempt
	if p.Jitter == DecorrelatedJitter {
		from = 1
	}
	for n := from; n <= attempt; n++ {
		d = Delay(p, n, d, Rand(seed, id, n))
	}
	return d
}

// Rand is the source of chance for one attempt of one delivery.
func Rand(seed uint64, id core.DeliveryID, attempt int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(id)<<16|uint64(attempt)))
}

// RetryAfter reads how long a receiver asks to wait, given in seconds or as a date. What cannot be read is not
// there.
func RetryAfter(r *core.Response, now time.Time) (time.Duration, bool) {
	if r == nil {
		return 0, false
	}
	text := strings.TrimSpace(r.Header.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if strings.Trim(text, "0123456789") == "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n > int64(longest/time.Second) {
			return longest, true
		}
		return time.Duration(n) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), longest), true
}

func paced(d time.Duration, pace float64) time.Duration {
	if pace <= 0 || pace == 1 {
		return d
	}
	return duration(float64(d) / pace)
}

func began(d *core.Delivery) time.Time {
	if d.Began.IsZero() {
		return d.Created
	}
	return d.Began
}

func attempts(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return strconv.Itoa(n) + " attempts"
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
