package lab

import (
	"context"
	"fmt"
	"math"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/limit"
)

// play is a run under way. Its planner, its rules after an attempt and its limits are those of the live program; only the
// wire and the clock are made up.
type play struct {
	s        Scenario
	planner  *deliver.Planner
	receiver *receiver
	next     func() (int64, bool)
	expected float64

	start   int64
	now     int64
	coming  int64 // the next arrival, or never
	wake    int64 // when the planner wants to be asked again, or never
	flights flights
	live    ledger
	pattern core.Delivery // what all deliveries have in common
	slots   bool          // a limit counts requests at a time

	totals  Totals
	series  *series
	delays  histogram
	drain   drain
	second  int64 // of perSecond
	perSec  int64
	underWy int64
}

const never = math.MaxInt64

func newPlay(s Scenario) (*play, error) {
	p := &play{s: s, planner: deliver.NewPlanner(math.MaxInt32), next: s.Load.arrivals(s.Seed), expected: s.Load.expected(), wake: never}
	sender := s.Sender
	if sender.Concurrency <= 0 {
		sender.Concurrency = math.MaxInt32 // whoever sent the history had no cap that we know of
	}
	p.planner.SetLimit(0, sender)
	p.pattern = core.Delivery{State: core.Sending, Target: core.Target{Policy: s.Policy}}
	p.draw()
	p.start, p.now = p.coming, p.coming
	var err error
	if p.receiver, err = newReceiver(&s, p.start); err != nil {
		return nil, err
	}
	p.series = newSeries(p.start, s.span(), s.Buckets)
	for _, l := range s.Limits {
		p.slots = p.slots || l.Kind == limit.Concurrency
	}
	for _, o := range s.Receiver.Outages {
		p.drain.from = max(p.drain.from, p.start+int64(o.To))
	}
	return p, nil
}

// run goes from one moment at which something happens to the next.
func (p *play) run(ctx context.Context, progress func(float64)) error {
	for n := 0; ; n++ {
		if n%8192 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			progress(min(1, float64(p.totals.Arrived)/p.expected))
		}
		if p.totals.Steps > maxSteps {
			return fmt.Errorf("more than %d steps: fewer retries or events, please", maxSteps)
		}
		t := min(p.coming, p.wake, p.flights.earliest())
		if t == never {
			return nil
		}
		p.advance(t)
		for p.flights.earliest() == t { // first what ends: it makes room
			p.land(p.flights.pop())
		}
		for p.coming == t {
			p.arrive()
		}
		p.begin()
	}
}

// draw takes the next arrival from the load.
func (p *play) draw() {
	p.coming = never
	if at, ok := p.next(); ok {
		p.coming = at
	}
}

// advance moves the clock. Requests that waited for a server begin on the way.
func (p *play) advance(t int64) {
	r := p.receiver
	for len(r.starts) > 0 && r.starts[0] <= t {
		p.series.at(r.starts[0])
		r.starts = r.starts[1:]
		p.series.level(queue, int64(len(r.starts)))
	}
	p.now = t
	p.series.at(t)
}

func (p *play) arrive() {
	p.totals.Arrived++
	p.totals.Steps++
	id := core.DeliveryID(p.totals.Arrived)
	p.live.add(id, p.coming)
	p.series.count(arrived)
	p.backlog(+1)
	if p.coming < p.drain.from || len(p.s.Receiver.Outages) == 0 {
		p.drain.owed++
		p.drain.last = id
	}
	p.planner.Add(id, 0, time.Unix(0, p.coming))
	p.draw()
}

func (p *play) backlog(by int64) {
	p.underWy += by
	if p.underWy > p.totals.Peak {
		p.totals.Peak, p.totals.PeakAt = p.underWy, time.Duration(p.now-p.start)
	}
	p.series.level(backlog, p.underWy)
}

// begin starts what the planner lets go.
func (p *play) begin() {
	now := time.Unix(0, p.now)
	for {
		work, wake := p.planner.Next(now)
		if len(work) == 0 {
			p.wake = never
			if !wake.IsZero() {
				p.wake = wake.UnixNano()
			}
			return
		}
		for _, w := range work {
			p.attempt(w.ID)
		}
	}
}

func (p *play) attempt(id core.DeliveryID) {
	e := p.live.get(id)
	e.attempts++
	if e.attempts == 1 {
		e.began = p.now
	} else {
		p.totals.Retries++
		p.series.count(retries)
		p.series.move(retrying, -1)
	}
	p.totals.Attempts++
	p.totals.Steps++
	p.series.count(attempts)
	p.rush()
	a := p.receiver.take(p.now, id, int(e.attempts))
	p.judge(e, a)
	p.series.level(queue, int64(len(p.receiver.starts)))
	if a.at == p.now {
		p.end(id, a)
	} else {
		p.flights.push(flight{at: a.at, id: id, a: a})
	}
	if a.ends != 0 {
		p.leave(a)
	}
}

// leave gives the limit's slot back when the receiver is done, which may be after the sender lost its patience.
func (p *play) leave(a answered) {
	switch {
	case !p.slots:
	case a.ends == p.now:
		p.receiver.limits.Release()
	default:
		p.flights.push(flight{at: a.ends})
	}
}

// rush keeps the busiest second.
func (p *play) rush() {
	if s := p.now / int64(time.Second); s != p.second {
		p.second, p.perSec = s, 0
	}
	p.perSec++
	p.totals.PeakPerSecond = max(p.totals.PeakPerSecond, p.perSec)
}

// judge counts an attempt by what the receiver makes of it.
func (p *play) judge(e *entry, a answered) {
	switch {
	case a.limited:
		p.totals.Limited++
		p.series.count(limited)
	case a.done:
		p.totals.Accepted++
		p.series.count(accepted)
		if e.processed++; e.processed > 1 {
			p.totals.Duplicates++
		}
	}
	if a.failure == deliver.Timeout {
		p.totals.TimedOut++
	}
	if !a.limited && (a.failure != "" || a.response.Status >= 300) {
		p.totals.Failed++
		p.series.count(failed)
	}
}

// land ends a flight: an answer that reaches the sender, or a slot that comes free.
func (p *play) land(f flight) {
	if f.id == 0 {
		p.receiver.limits.Release()
		return
	}
	p.end(f.id, f.a)
}

// end is the end of an attempt as the sender sees it. What follows is decided by the code that decides it live.
func (p *play) end(id core.DeliveryID, a answered) {
	p.totals.Steps++
	p.planner.Done(deliver.Work{ID: id})
	e := p.live.get(id)
	d := p.pattern
	d.ID, d.Attempts = id, int(e.attempts)
	d.Created, d.Began = time.Unix(0, e.created), time.Unix(0, e.began)
	now := time.Unix(0, p.now)
	d = deliver.After(d, core.Attempt{Delivery: id, Number: int(e.attempts), Started: now, Response: a.response, Failure: a.failure}, now, p.s.Seed, 1)
	if d.State != core.Waiting {
		p.settle(id, e, d.State == core.Delivered)
		return
	}
	p.series.move(retrying, +1)
	p.planner.Add(id, 0, d.Due)
}

// settle closes an event for good.
func (p *play) settle(id core.DeliveryID, e *entry, ok bool) {
	if ok {
		p.totals.Delivered++
		p.series.count(delivered)
		p.delays.add(p.now - e.created)
	} else {
		p.totals.Exhausted++
		if e.processed == 0 {
			p.totals.Lost++
			p.series.count(lost)
		}
	}
	p.backlog(-1)
	p.totals.Ended = time.Duration(p.now - p.start)
	p.drain.settled(id, p.now, e.created)
	p.live.remove(id)
}

func (p *play) result() Result {
	t := p.totals
	t.Delay = p.delays.delay()
	t.Drain = p.drain.took()
	t.Queue = Wait{Longest: p.series.top[queue], Mean: p.series.mean(queue, t.Ended)}
	if p.receiver.served > 0 {
		t.Queue.Wait = time.Duration(p.receiver.waited / float64(p.receiver.served))
	}
	t.Backlog = p.series.mean(backlog, t.Ended)
	r := Result{Scenario: p.s, Start: time.Unix(0, p.start).UTC(), Width: p.series.width, Series: table(p.series.rows, p.series.width), Totals: t}
	if p.series.fine != nil {
		r.During, r.DuringWidth = table(p.series.fine, p.series.grain), p.series.grain
	}
	return r
}

// span is the time that is looked at closely: the load and the outages, and a quarter more.
func (s *Scenario) span() time.Duration {
	d := s.Load.span()
	for _, o := range s.Receiver.Outages {
		d = max(d, o.To)
	}
	return d + d/4
}

// drain measures how long it takes until everything that had come before the end of the last outage is settled; without
// an outage, everything that came at all.
type drain struct {
	from     int64 // the end of the last outage; 0: none
	owed     int64
	last     core.DeliveryID
	lastCame int64
	cleared  int64
}

func (d *drain) settled(id core.DeliveryID, now, came int64) {
	if id > d.last {
		return
	}
	d.owed--
	d.cleared = max(d.cleared, now)
	d.lastCame = max(d.lastCame, came)
}

func (d *drain) took() time.Duration {
	from := d.from
	if from == 0 {
		from = d.lastCame
	}
	return time.Duration(max(0, d.cleared-from))
}
