package deliver

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"hookglass/core"
)

// Replay says how captures are sent again. The zero value sends each once, at once, with the header fields it came
// with.
type Replay struct {
	Target   core.Target // where to, and with Scheme and Secret how to sign anew
	Endpoint core.EndpointID
	Batch    string // groups the deliveries, for progress, cancel and the report

	Resign  bool // sign each attempt with a fresh timestamp, same event id
	Raw     bool // the very bytes of the head; Host too unless NewHost
	NewHost bool // raw, but with the Host of the target

	Shuffle bool // change the order
	Seed    uint64
	Window  int // captures move only among this many neighbours; 0: among all

	Duplicate int           // copies of each beside the first
	Spacing   time.Duration // between copies; 0: all at once

	Rate  float64 // captures begun per second; 0: all at once
	Burst int     // captures that begin together within the rate; 0 means 1
}

// Order is which of n captures is due when, in the order of these times, each as often as it is sent. It is pure: the same seed
// makes the same order. It holds a few bytes for each, so that millions can be owed one after the other.
func (p Replay) Order(n int, start time.Time) iter.Seq2[int, time.Time] {
	return func(yield func(int, time.Time) bool) {
		order := p.order(n)
		copies := 1 + max(p.Duplicate, 0)
		if copies == 1 || p.Spacing <= 0 { // in order already
			for place, i := range order {
				for range copies {
					if !yield(i, start.Add(p.offset(place))) {
						return
					}
				}
			}
			return
		}
		type turn struct {
			due time.Duration
			i   int32
		}
		turns := make([]turn, 0, n*copies)
		for place, i := range order {
			for copy := range copies {
				turns = append(turns, turn{p.offset(place) + time.Duration(copy)*p.Spacing, int32(i)})
			}
		}
		slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(a.due, b.due) })
		for _, t := range turns {
			if !yield(int(t.i), start.Add(t.due)) {
				return
			}
		}
	}
}

// order is the places of n captures: blocks of neighbours, each shuffled.
func (p Replay) order(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if !p.Shuffle {
		return order
	}
	window := cmp.Or(max(p.Window, 0), n)
	rng := rand.New(rand.NewPCG(p.Seed, uint64(n)))
	for from := 0; from < n; from += window {
		block := order[from:min(from+window, n)]
		rng.Shuffle(len(block), func(i, j int) { block[i], block[j] = block[j], block[i] })
	}
	return order
}

// offset is when the capture in that place begins, counted from the start.
func (p Replay) offset(place int) time.Duration {
	if p.Rate <= 0 {
		return 0
	}
	burst := max(p.Burst, 1)
	return duration(float64(place/burst*burst) / p.Rate * float64(time.Second))
}

// Delivery is a capture sent again, owed at now and due later.
func (p Replay) Delivery(c *core.Capture, now, due time.Time) core.Delivery {
	d := core.Delivery{
		Endpoint: p.Endpoint, Target: p.Target, Event: c.Event, Request: c.Request, Resign: p.Resign,
		State: core.Waiting, Due: due, Created: now, ReplayOf: c.ID, Batch: p.Batch,
	}
	d.Event.Payload = nil
	if d.Target.Method == "" {
		d.Target.Method = c.Request.Method
	}
	if p.Raw {
		d.Target.Raw, d.Target.KeepHost = true, !p.NewHost
	}
	if !p.Resign {
		d.Target.Scheme = "" // the signature it came with
	}
	return d
}
