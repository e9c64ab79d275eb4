package deliver

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"hookglass/core"
)

// Report sums up a batch of deliveries.
type Report struct {
	Deliveries int                        `json:"deliveries"`
	States     map[core.DeliveryState]int `json:"states"`
	Attempts   int                        `json:"attempts"`
	Retries    int                        `json:"retries"`  // attempts after a delivery's first
	Statuses   []Count[int]               `json:"statuses"` // of the attempts, by status
	Failures   []Count[core.Failure]      `json:"failures"`
	Latency    Latency                    `json:"latency"` // of the attempts that got an answer
	Took       time.Duration              `json:"took"`    // from the first attempt to the end of the last
	Duplicates []Duplicates               `json:"duplicates,omitempty"`
	Disagreed  int                        `json:"disagreed"` // of the duplicates: those whose answers differ
}

// Count is how often something was.
type Count[T any] struct {
	What  T   `json:"what"`
	Count int `json:"count"`
}

// Latency is how long answers took: the time that so many of a hundred did not exceed.
type Latency struct {
	Min  time.Duration `json:"min"`
	P50  time.Duration `json:"p50"`
	P90  time.Duration `json:"p90"`
	P99  time.Duration `json:"p99"`
	Max  time.Duration `json:"max"`
	Mean time.Duration `json:"mean"`
}

// Duplicates are deliveries of one event to one address.
type Duplicates struct {
	Event      core.Event        `json:"event"`
	ReplayOf   core.CaptureID    `json:"replay_of,omitempty"`
	Deliveries []core.DeliveryID `json:"deliveries"`
	Statuses   []int             `json:"statuses"` // of the last answer to each; 0 for none
	Agreed     bool              `json:"agreed"`   // all got an answer, and the same one
	Differ     string            `json:"differ"`   // what did not agree: "status", "body" or "no answer"
}

// Sum makes the report of a batch from its deliveries and all their attempts, in any order.
func Sum(deliveries []core.Delivery, attempts []core.Attempt) Report {
	r := Report{Deliveries: len(deliveries), Attempts: len(attempts), States: map[core.DeliveryState]int{}}
	for i := range deliveries {
		r.States[deliveries[i].State]++
	}
	statuses, failures := map[int]int{}, map[core.Failure]int{}
	last := map[core.DeliveryID]*core.Attempt{}
	var took []time.Duration
	var from, to time.Time
	for i := range attempts {
		a := &attempts[i]
		if a.Number > 1 {
			r.Retries++
		}
		if a.Response != nil {
			statuses[a.Response.Status]++
			took = append(took, a.Took)
		} else {
			failures[a.Failure]++
		}
		if l := last[a.Delivery]; l == nil || l.Number < a.Number {
			last[a.Delivery] = a
		}
		if from.IsZero() || a.Started.Before(from) {
			from = a.Started
		}
		if end := a.Started.Add(a.Took); end.After(to) {
			to = end
		}
	}
	r.Statuses, r.Failures = counts(statuses), counts(failures)
	r.Latency, r.Took = latency(took), to.Sub(from)
	r.Duplicates = duplicates(deliveries, last)
	for _, d := range r.Duplicates {
		if !d.Agreed {
			r.Disagreed++
		}
	}
	return r
}

func counts[T cmp.Ordered](m map[T]int) []Count[T] {
	out := make([]Count[T], 0, len(m))
	for what, n := range m {
		out = append(out, Count[T]{what, n})
	}
	slices.SortFunc(out, func(a, b Count[T]) int { return cmp.Compare(a.What, b.What) })
	return out
}

func latency(took []time.Duration) Latency {
	n := len(took)
	if n == 0 {
		return Latency{}
	}
	slices.Sort(took)
	var sum time.Duration
	for _, t := range took {
		sum += t
	}
	at := func(percent int) time.Duration { return took[(n*percent+99)/100-1] } // nearest rank
	return Latency{Min: took[0], P50: at(50), P90: at(90), P99: at(99), Max: took[n-1], Mean: sum / time.Duration(n)}
}

// duplicates groups the deliveries of the same capture, or of the same event where there is none, to the same address.
func duplicates(deliveries []core.Delivery, last map[core.DeliveryID]*core.Attempt) []Duplicates {
	type key struct {
		capture core.CaptureID
		event   string
		url     string
	}
	groups := map[key][]*core.Delivery{}
	var keys []key
	for i := range deliveries {
		d := &deliveries[i]
		k := key{d.ReplayOf, "", d.Target.URL}
		if k.capture == 0 {
			if k.event = d.Event.ID; k.event == "" {
				continue
			}
		}
		if len(groups[k]) == 0 {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], d)
	}
	var out []Duplicates
	for _, k := range keys {
		if len(groups[k]) > 1 {
			out = append(out, compared(groups[k], last))
		}
	}
	return out
}

func compared(copies []*core.Delivery, last map[core.DeliveryID]*core.Attempt) Duplicates {
	d := Duplicates{Event: copies[0].Event, ReplayOf: copies[0].ReplayOf}
	var one *core.Response
	for _, c := range copies {
		var answer *core.Response
		if a := last[c.ID]; a != nil {
			answer = a.Response
		}
		d.Deliveries = append(d.Deliveries, c.ID)
		switch {
		case answer == nil:
			d.Statuses = append(d.Statuses, 0)
			d.Differ = "no answer"
			continue
		case one == nil:
			one = answer
		case d.Differ == "" && answer.Status != one.Status:
			d.Differ = "status"
		case d.Differ == "" && !bytes.Equal(answer.Body, one.Body):
			d.Differ = "body"
		}
		d.Statuses = append(d.Statuses, answer.Status)
	}
	d.Agreed = d.Differ == ""
	return d
}
