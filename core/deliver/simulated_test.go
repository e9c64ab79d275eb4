package deliver_test

import (
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/limit"
	"hookglass/core/store"
)

// counts are what a live run and a simulation are compared by: delivered, given up, attempts, refused.
type counts [4]int64

// TestALiveRunAgreesWithTheSimulation has an event owed each second and sends them to a receiver with an outage, and to one with a
// token bucket. The same settings in virtual time come to the same counts, to the last one.
func TestALiveRunAgreesWithTheSimulation(t *testing.T) {
	policy := core.RetryPolicy{Retries: 4, Base: 5300 * time.Millisecond, Factor: 2}
	for name, s := range map[string]lab.Scenario{
		"outage":       {Policy: policy, Receiver: lab.Receiver{Outages: []lab.Outage{{From: 30*time.Second + 500*time.Millisecond, To: 115*time.Second + 600*time.Millisecond, Status: 503}}}},
		"token bucket": {Policy: policy, Limits: []core.Limit{{Kind: limit.Bucket, Count: 5, Rate: 0.6, RetryAfter: limit.None}}},
	} {
		t.Run(name, func(t *testing.T) {
			s.Load = lab.Load{Kind: lab.History}
			for i := range 150 {
				s.Load.Arrivals = append(s.Load.Arrivals, lab.Arrival{At: time.Unix(0, 0).Add(time.Duration(i) * time.Second)})
			}
			results, err := lab.Compare(t.Context(), []lab.Scenario{s}, nil)
			if err != nil {
				t.Fatal(err)
			}
			n := results[0].Totals
			want := counts{n.Delivered, n.Exhausted, n.Attempts, n.Limited + n.Failed}
			synctest.Test(t, func(t *testing.T) {
				if got := runLive(t, s); got != want {
					t.Errorf("live %v, simulated %v", got, want)
				}
			})
			if want[0] == 0 || want[1] == 0 || want[3] == 0 {
				t.Errorf("%v: the scenario shows little", want)
			}
		})
	}
}

func runLive(t *testing.T, s lab.Scenario) counts {
	r := newRig(t)
	receiver := &troubled{scenario: s, start: time.Now().Add(time.Second)}
	var err error
	if receiver.limits, err = limit.NewSet(s.Limits...); err != nil {
		t.Fatal(err)
	}
	r.net.serve(t, "a.test:80", receiver.ServeHTTP)
	var owed []core.Delivery
	for i, a := range s.Load.Arrivals {
		d := to("http://a.test/", strconv.Itoa(i))
		d.Due, d.Target.Policy = receiver.start.Add(a.At.Sub(s.Load.Arrivals[0].At)), s.Policy
		owed = append(owed, d)
	}
	r.add(owed...)
	stop := r.start()
	time.Sleep(time.Hour)
	stop()
	states, err := r.store.DeliveryStates(t.Context(), store.DeliveryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return counts{states[core.Delivered], states[core.Exhausted], receiver.requests, receiver.refused}
}

// troubled is a receiver with the outages and limits of a scenario.
type troubled struct {
	scenario lab.Scenario
	start    time.Time
	limits   limit.Set

	mu                sync.Mutex
	requests, refused int64
}

func (v *troubled) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	v.mu.Lock()
	defer v.mu.Unlock()
	now, status := time.Now(), http.StatusOK
	for _, o := range v.scenario.Receiver.Outages {
		if since := now.Sub(v.start); since >= o.From && since < o.To {
			status = o.Status
		}
	}
	if d, _ := v.limits.Allow(now); !d.OK {
		status = http.StatusTooManyRequests
	}
	v.requests++
	if status != http.StatusOK {
		v.refused++
	}
	w.WriteHeader(status)
}
