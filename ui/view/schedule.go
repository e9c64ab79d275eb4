package view

import (
	"fmt"
	"net/http"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

// Rung is one attempt of a delivery's schedule: when it was planned, and what became of it.
type Rung struct {
	Number   int
	Planned  time.Time     // zero: not planned, sent by hand
	Expected time.Time     // of one to come: when it is due as things stand; zero when it will not be made
	Attempt  *core.Attempt // nil: not made
}

// Sending reports whether the attempt is under way.
func (r *Rung) Sending() bool {
	return r.Attempt != nil && r.Attempt.Response == nil && r.Attempt.Failure == ""
}

// Done reports whether the attempt has ended.
func (r *Rung) Done() bool { return r.Attempt != nil && !r.Sending() }

// mostRungs bounds the rungs to come that are shown.
const mostRungs = 24

// Schedule is the plan of a delivery with its attempts over it. pace is what delays are divided by.
func Schedule(d *core.Delivery, attempts []core.Attempt, pace float64) []Rung {
	start := d.Due
	if len(attempts) > 0 {
		start = attempts[0].Started
	}
	plan := Paced(deliver.Ladder(d.Target.Policy, start), pace)
	rungs := make([]Rung, 0, len(plan))
	for i := range attempts {
		r := Rung{Number: attempts[i].Number, Attempt: &attempts[i]}
		if i < len(plan) {
			r.Planned = plan[i]
		}
		rungs = append(rungs, r)
	}
	for i := len(attempts); i < min(len(plan), len(attempts)+mostRungs); i++ {
		rungs = append(rungs, Rung{Number: i + 1, Planned: plan[i]})
	}
	if d.State == core.Waiting && len(rungs) == len(attempts) {
		rungs = append(rungs, Rung{Number: len(attempts) + 1})
	}
	expect(rungs, d, len(attempts))
	return rungs
}

// expect says when the attempts to come are due, if each fails at once.
func expect(rungs []Rung, d *core.Delivery, next int) {
	if d.State.Final() || next >= len(rungs) {
		return
	}
	at := d.Due
	if d.State == core.Sending {
		at = time.Time{}
	}
	for i := next; i < len(rungs); i++ {
		switch {
		case i == next && !at.IsZero():
			rungs[i].Expected = at
		case at.IsZero():
			rungs[i].Expected = rungs[i].Planned
		default:
			rungs[i].Expected = at.Add(rungs[i].Planned.Sub(rungs[next].Planned))
		}
	}
}

// Paced divides the delays of a ladder by pace.
func Paced(ladder []time.Time, pace float64) []time.Time {
	if pace <= 0 || pace == 1 || len(ladder) == 0 {
		return ladder
	}
	out := make([]time.Time, len(ladder))
	for i, t := range ladder {
		out[i] = ladder[0].Add(time.Duration(float64(t.Sub(ladder[0])) / pace))
	}
	return out
}

// Until writes the time that is left: "now", "in 4 s", "in 2 min 5 s", "in 3 h 12 min".
func Until(due, now time.Time) string {
	left := due.Sub(now)
	switch {
	case left <= 0:
		return "now"
	case left < time.Second:
		return "in 1 s"
	case left < time.Minute:
		return fmt.Sprintf("in %d s", int((left+time.Second-1)/time.Second))
	}
	return "in " + Duration(left.Round(time.Second))
}

// Answer says in a few words how an attempt ended: "200 OK", "connection refused", "sending".
func Answer(a *core.Attempt) string {
	switch {
	case a.Response != nil && http.StatusText(a.Response.Status) != "":
		return fmt.Sprintf("%d %s", a.Response.Status, http.StatusText(a.Response.Status))
	case a.Response != nil:
		return fmt.Sprint(a.Response.Status)
	case a.Failure != "":
		return string(a.Failure)
	}
	return "sending"
}

// LadderText sums a policy up: "4 attempts over 7 s", "1 attempt, no retry".
func LadderText(p core.RetryPolicy) string {
	ladder := deliver.Ladder(p, time.Unix(0, 0))
	if len(ladder) < 2 {
		return "1 attempt, no retry"
	}
	return fmt.Sprintf("%s over %s", count(len(ladder), "attempt", "attempts"), Duration(ladder[len(ladder)-1].Sub(ladder[0])))
}
