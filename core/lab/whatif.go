package lab

import (
	"context"
	"fmt"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/limit"
)

// Scenario is a what-if question: this load, against a receiver with these limits and troubles, retried by this policy.
type Scenario struct {
	Name   string           `json:"name,omitempty"`
	Load   Load             `json:"load"`
	Limits []core.Limit     `json:"limits,omitempty"` // all of them must let a request pass
	Policy core.RetryPolicy `json:"policy"`

	Sender   deliver.Limit `json:"sender,omitzero"`   // how fast the sender may send; zero: as fast as events come
	Timeout  time.Duration `json:"timeout,omitempty"` // how long the sender waits for an answer; 0 means 30 s
	Receiver Receiver      `json:"receiver,omitzero"`

	Seed    uint64 `json:"seed,omitempty"`
	Buckets int    `json:"buckets,omitempty"` // at most so many rows of the series; 0 means 240
}

// Receiver is how the other side fares. The zero value answers everything at once with 200.
type Receiver struct {
	ErrorRate float64       `json:"error_rate,omitempty"` // chance that an attempt fails: 1 minus the success probability
	Status    int           `json:"status,omitempty"`     // answered then; 0 means 500
	Outages   []Outage      `json:"outages,omitempty"`
	Servers   int           `json:"servers,omitempty"` // requests served at a time; 0: any number
	Service   time.Duration `json:"service,omitempty"` // how long one takes, on average
	Spread    string        `json:"spread,omitempty"`  // of the service time: "" fixed, "exponential"
	Queue     int           `json:"queue,omitempty"`   // requests that may wait for a server; 0: any number. The next one gets 503
}

// Outage is a time in which the receiver serves nothing, counted from the first arrival.
type Outage struct {
	From   time.Duration `json:"from"`
	To     time.Duration `json:"to"`
	Status int           `json:"status,omitempty"` // answered at once; 0: the connection is refused
	Hang   bool          `json:"hang,omitempty"`   // no answer at all: the sender runs into its timeout
}

// Result is what became of a scenario.
type Result struct {
	Scenario Scenario      `json:"scenario"`
	Start    time.Time     `json:"start"` // of the first arrival
	Width    time.Duration `json:"width"` // of a row
	Series   []Row         `json:"series"`
	Totals   Totals        `json:"totals"`

	// Where retries outlast the load by far, During is the time of the load and the outages in finer rows.
	During      []Row         `json:"during,omitempty"`
	DuringWidth time.Duration `json:"during_width,omitempty"`
}

// Totals sum a run up.
type Totals struct {
	Arrived    int64 `json:"arrived"`  // events
	Attempts   int64 `json:"attempts"` // of all events
	Accepted   int64 `json:"accepted"` // attempts answered with 2xx, in time or not
	Limited    int64 `json:"limited"`  // attempts refused by a limit
	Failed     int64 `json:"failed"`   // attempts that failed otherwise; timeouts are among them
	TimedOut   int64 `json:"timed_out"`
	Retries    int64 `json:"retries"` // attempts after the first
	Delivered  int64 `json:"delivered"`
	Exhausted  int64 `json:"exhausted"`  // events the sender gave up
	Lost       int64 `json:"lost"`       // given up and never processed
	Duplicates int64 `json:"duplicates"` // times that an event was processed again

	Peak          int64         `json:"peak"`    // most events under way at a time: neither delivered nor given up
	PeakAt        time.Duration `json:"peak_at"` // since the start
	PeakPerSecond int64         `json:"peak_per_second"`
	Backlog       float64       `json:"backlog"` // mean of events under way, from start to end
	Drain         time.Duration `json:"drain"`   // from the end of the last outage, else from the last arrival, until all that came before is delivered or given up
	Ended         time.Duration `json:"ended"`   // when the last event was delivered or given up, since the start

	Delay Delay `json:"delay"` // from arrival to delivery, of delivered events
	Queue Wait  `json:"queue"` // for a server

	Steps int64 `json:"steps"` // of the simulation: arrivals, attempts and ends of attempts
}

// Delay is percentiles, exact to 1 %, with exact mean and maximum.
type Delay struct {
	P50  time.Duration `json:"p50"`
	P90  time.Duration `json:"p90"`
	P95  time.Duration `json:"p95"`
	P99  time.Duration `json:"p99"`
	Max  time.Duration `json:"max"`
	Mean time.Duration `json:"mean"`
}

// Wait is the queue before the receiver's servers.
type Wait struct {
	Longest int64         `json:"longest"` // requests
	Mean    float64       `json:"mean"`    // requests, from start to end
	Wait    time.Duration `json:"wait"`    // mean, of served requests
}

// maxSteps ends a run that would not: a million events that are retried a thousand times at once.
const maxSteps = 500_000_000

// Compare plays scenarios in virtual time and cuts their series alike, so that they can be drawn side by side. The same
// scenarios give the same results, and chance falls the same way in each: the third attempt of an event meets the same luck
// whatever the policy. progress, which may be nil, is told the share of arrivals that have been played, from 0 to 1. Memory is
// bounded by the events under way, not by their number.
func Compare(ctx context.Context, scenarios []Scenario, progress func(float64)) ([]Result, error) {
	var cuts []*series
	var plays []*play
	for i, s := range scenarios {
		p, err := run(ctx, s, func(share float64) {
			if progress != nil {
				progress((float64(i) + share) / float64(len(scenarios)))
			}
		})
		if err != nil {
			return nil, err
		}
		plays, cuts = append(plays, p), append(cuts, p.series)
	}
	align(cuts)
	results := make([]Result, len(plays))
	for i, p := range plays {
		results[i] = p.result()
	}
	return results, nil
}

func run(ctx context.Context, s Scenario, progress func(float64)) (*play, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(float64) {}
	}
	p, err := newPlay(s)
	if err != nil {
		return nil, err
	}
	if err := p.run(ctx, progress); err != nil {
		return nil, fmt.Errorf("what-if run stopped after %d events: %w", p.totals.Arrived, err)
	}
	progress(1)
	return p, nil
}

// Check says what is wrong with a scenario as a *core.Invalid, or nil.
func (s *Scenario) Check() error {
	for i, l := range s.Limits {
		if err := limit.Check(l); err != nil {
			return within(fmt.Sprintf("limits[%d]", i), err)
		}
	}
	r := s.Receiver
	switch {
	case !(r.ErrorRate >= 0 && r.ErrorRate <= 1):
		return &core.Invalid{Field: "receiver.error_rate", Reason: "want a chance from 0 to 1"}
	case r.Status != 0 && (r.Status < 300 || r.Status > 599):
		return &core.Invalid{Field: "receiver.status", Reason: "want 300 to 599"}
	case r.Servers < 0 || r.Servers > 100_000:
		return &core.Invalid{Field: "receiver.servers", Reason: "want 0 to 100000"}
	case r.Service < 0 || r.Service > longestSpan:
		return &core.Invalid{Field: "receiver.service", Reason: "want 0 to 366 days"}
	case r.Spread != "" && r.Spread != "exponential":
		return &core.Invalid{Field: "receiver.spread", Reason: "want exponential, or nothing for fixed"}
	case r.Queue < 0:
		return &core.Invalid{Field: "receiver.queue", Reason: "want 0 or more"}
	case s.Timeout < 0 || s.Timeout > longestSpan:
		return &core.Invalid{Field: "timeout", Reason: "want 0 to 366 days"}
	case s.Policy.Retries < 0 || s.Policy.Retries > 10_000:
		return &core.Invalid{Field: "policy.retries", Reason: "want 0 to 10000"}
	case s.Buckets < 0 || s.Buckets > 10_000:
		return &core.Invalid{Field: "buckets", Reason: "want 0 to 10000"}
	}
	for i, o := range r.Outages {
		if o.From < 0 || o.To <= o.From || o.To > longestSpan || o.Status != 0 && (o.Status < 300 || o.Status > 599) {
			return &core.Invalid{Field: fmt.Sprintf("receiver.outages[%d]", i), Reason: "want 0 <= from < to, and a status from 300 to 599"}
		}
	}
	if err := deliver.CheckPolicy(&s.Policy); err != nil {
		return err
	}
	return within("load", s.Load.check())
}

const longestSpan = 366 * 24 * time.Hour

// within puts the name of a part in front of the field that is wrong in it.
func within(part string, err error) error {
	if invalid, ok := err.(*core.Invalid); ok {
		return &core.Invalid{Field: part + "." + invalid.Field, Reason: invalid.Reason}
	}
	return err
}
