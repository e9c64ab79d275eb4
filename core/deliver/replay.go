package deliver

import (
	"cmp"
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

// Deliveries expands a replay that begins at start into the deliveries that it consists of, in the order in which
// they are due. It is pure: the same seed makes the same order.
func (p Replay) Deliveries(captures []core.Capture, start time.Time) []core.Delivery {
	order := p.order(len(captures))
	out := make([]core.Delivery, 0, len(captures)*(1+max(p.Duplicate, 0)))
	for place, i := range order {
		due := start.Add(p.offset(place))
		for copy := 0; copy <= p.Duplicate; copy++ {
			out = append(out, p.delivery(&captures[i], start, due.Add(time.Duration(copy)*p.Spacing)))
		}
	}
	slices.SortStableFunc(out, func(a, b core.Delivery) int { return a.Due.Compare(b.Due) })
	return out
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

func (p Replay) delivery(c *core.Capture, now, due time.Time) core.Delivery {
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
