package lab_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/lab"
	"hookglass/core/limit"
)

// reference plays a scenario without chance in the plainest way: all attempts that are owed in one list, of which the
// earliest is found by looking at all of them; the limit and the servers decided from everything that ever happened.
type reference struct {
	s       lab.Scenario
	start   time.Time
	owed    []owed
	allowed []time.Time
	busy    []time.Time // when each server is free
	totals  lab.Totals
	delays  time.Duration
}

type owed struct {
	event, number int
	came, due     time.Time
	processed     *int
}

func (r *reference) play() {
	for i, a := range r.s.Load.Arrivals {
		r.owed = append(r.owed, owed{event: i, number: 1, came: a.At, due: a.At, processed: new(int)})
	}
	r.start = r.s.Load.Arrivals[0].At
	r.busy = make([]time.Time, r.s.Receiver.Servers)
	for len(r.owed) > 0 {
		first := 0
		for i, o := range r.owed {
			if o.due.Before(r.owed[first].due) {
				first = i
			}
		}
		o := r.owed[first]
		r.owed = append(r.owed[:first], r.owed[first+1:]...)
		r.attempt(o)
	}
}

func (r *reference) attempt(o owed) {
	r.totals.Attempts++
	ok, known, after := r.receive(o)
	if ok {
		r.totals.Delivered++
		r.delays += known.Sub(o.came)
		return
	}
	if o.number > r.s.Policy.Retries {
		r.totals.Exhausted++
		if *o.processed == 0 {
			r.totals.Lost++
		}
		return
	}
	wait := r.s.Policy.Base << (o.number - 1)
	o.number++
	o.due = known.Add(max(wait, after))
	r.owed = append(r.owed, o)
}

// receive returns whether the sender learns of success, when it learns anything, and how long it is asked to wait.
func (r *reference) receive(o owed) (ok bool, known time.Time, after time.Duration) {
	for _, out := range r.s.Receiver.Outages {
		if since := o.due.Sub(r.start); since >= out.From && since < out.To {
			r.totals.Failed++
			if out.Hang {
				return false, o.due.Add(r.s.Timeout), 0
			}
			return false, o.due, 0
		}
	}
	if l := r.s.Limits[0]; r.inWindow(o.due, l) >= l.Count {
		r.totals.Limited++
		free := r.windowStart(o.due, l).Add(l.Window).Sub(o.due)
		return false, o.due, max(time.Second, (free + time.Second - 1).Truncate(time.Second))
	}
	r.allowed = append(r.allowed, o.due)
	server := 0
	for i, free := range r.busy {
		if free.Before(r.busy[server]) {
			server = i
		}
	}
	begins := o.due
	if r.busy[server].After(begins) {
		begins = r.busy[server]
	}
	ends := begins.Add(r.s.Receiver.Service)
	r.busy[server] = ends
	r.totals.Accepted++
	if *o.processed++; *o.processed > 1 {
		r.totals.Duplicates++
	}
	if ends.Sub(o.due) > r.s.Timeout {
		r.totals.Failed++
		return false, o.due.Add(r.s.Timeout), 0
	}
	return true, ends, 0
}

// windowStart is when the fixed window began that now lies in, or now.
func (r *reference) windowStart(now time.Time, l core.Limit) time.Time {
	var start time.Time
	for _, at := range r.allowed {
		if start.IsZero() || !at.Before(start.Add(l.Window)) {
			start = at
		}
	}
	if start.IsZero() || !now.Before(start.Add(l.Window)) {
		return now
	}
	return start
}

func (r *reference) inWindow(now time.Time, l core.Limit) (n int) {
	start := r.windowStart(now, l)
	for _, at := range r.allowed {
		if !at.Before(start) {
			n++
		}
	}
	return n
}

func TestRunAgreesWithTheReference(t *testing.T) {
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := anyScenario(rand.New(rand.NewPCG(seed, 7)))
			r := reference{s: s}
			r.play()
			got := run(t, s).Totals
			want := lab.Totals{
				Arrived: int64(len(s.Load.Arrivals)), Attempts: r.totals.Attempts, Accepted: r.totals.Accepted, Limited: r.totals.Limited,
				Failed: r.totals.Failed, Delivered: r.totals.Delivered, Exhausted: r.totals.Exhausted, Lost: r.totals.Lost, Duplicates: r.totals.Duplicates,
			}
			same := lab.Totals{
				Arrived: got.Arrived, Attempts: got.Attempts, Accepted: got.Accepted, Limited: got.Limited,
				Failed: got.Failed, Delivered: got.Delivered, Exhausted: got.Exhausted, Lost: got.Lost, Duplicates: got.Duplicates,
			}
			if same != want {
				t.Errorf("\n got %+v\nwant %+v\n%+v", same, want, s)
			}
			if n := time.Duration(max(1, r.totals.Delivered)); (got.Delay.Mean - r.delays/n).Abs() > 2*time.Microsecond {
				t.Errorf("a mean delay of %v, want %v", got.Delay.Mean, r.delays/n)
			}
		})
	}
}

// anyScenario leaves chance and jitter out. Odd nanoseconds keep two things from happening at one moment.
func anyScenario(r *rand.Rand) lab.Scenario {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s := lab.Scenario{
		Timeout: time.Duration(500+r.IntN(5000)) * time.Millisecond,
		Limits:  []core.Limit{{Kind: limit.Fixed, Count: 1 + r.IntN(20), Window: time.Duration(1+r.IntN(20)) * time.Second}},
		Policy:  core.RetryPolicy{Retries: r.IntN(6), Base: time.Duration(100+r.IntN(3000)) * time.Millisecond, RetryAfter: deliver.Honour},
		Receiver: lab.Receiver{
			Servers: 1 + r.IntN(3), Service: time.Duration(r.IntN(2000))*time.Millisecond + 1,
			Outages: []lab.Outage{{From: time.Duration(r.IntN(20)) * time.Second, To: time.Duration(21+r.IntN(20)) * time.Second, Hang: r.IntN(2) == 0}},
		},
	}
	s.Load.Kind = lab.History
	for range 150 {
		s.Load.Arrivals = append(s.Load.Arrivals, lab.Arrival{At: at})
		at = at.Add(time.Duration(r.ExpFloat64()*4e8) + time.Duration(r.IntN(1000)*2+1))
	}
	return s
}
