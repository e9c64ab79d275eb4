package lab_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/limit"
)

// million is a load that meets everything: a limit, failures, an outage and exponential retries with jitter.
func million() lab.Scenario {
	return lab.Scenario{
		Load:     lab.Load{Kind: lab.Poisson, Rate: 200, Count: 1_000_000},
		Limits:   []core.Limit{{Kind: limit.Bucket, Count: 400, Rate: 300}},
		Policy:   core.RetryPolicy{Retries: 8, Base: time.Second, Jitter: "full", RetryAfter: "honour"},
		Receiver: lab.Receiver{ErrorRate: 0.05, Outages: []lab.Outage{{From: 20 * time.Minute, To: 22 * time.Minute}}},
		Seed:     1,
	}
}

// BenchmarkMillionArrivals reports the what-if run's speed in steps per second, and as a ratio to a bare heap-and-loop
// that plays the same number of steps, with as many entries waiting on average, and decides nothing.
func BenchmarkMillionArrivals(b *testing.B) {
	for b.Loop() {
		start := time.Now()
		r, err := play(b.Context(), million(), nil)
		if err != nil {
			b.Fatal(err)
		}
		took := time.Since(start)
		waiting := int64(0)
		for _, row := range r.Series {
			waiting += row.Backlog
		}
		start = time.Now()
		bareHeap(int(r.Totals.Steps), int(waiting)/len(r.Series))
		b.ReportMetric(float64(r.Totals.Steps)/took.Seconds(), "steps/s")
		b.ReportMetric(float64(time.Since(start))/float64(took), "of-bare-heap")
	}
}

// bareHeap takes the earliest of the waiting entries and puts a later one in, that many times.
func bareHeap(steps, waiting int) {
	r := rand.New(rand.NewPCG(1, 1))
	var h bare
	for i := range waiting {
		h.push(bareEntry{r.Int64N(1e9), int64(i)})
	}
	for range steps {
		e := h.pop()
		e.at += r.Int64N(1e9)
		h.push(e)
	}
}

type bareEntry struct{ at, id int64 }

// bare is a binary heap without any interface between.
type bare []bareEntry

func (h *bare) push(e bareEntry) {
	*h = append(*h, e)
	s, i := *h, len(*h)-1
	for ; i > 0 && e.at < s[(i-1)/2].at; i = (i - 1) / 2 {
		s[i] = s[(i-1)/2]
	}
	s[i] = e
}

func (h *bare) pop() bareEntry {
	s := *h
	top, e := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	i := 0
	for c := 1; c < len(s); c = 2*i + 1 {
		if c+1 < len(s) && s[c+1].at < s[c].at {
			c++
		}
		if s[c].at >= e.at {
			break
		}
		s[i], i = s[c], c
	}
	if len(s) > 0 {
		s[i] = e
	}
	return top
}
