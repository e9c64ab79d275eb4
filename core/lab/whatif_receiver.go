package lab

import (
	"container/heap"
	"math"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/limit"
)

// answered is how the receiver treats an attempt, as the sender will see it.
type answered struct {
	at       int64 // when the sender knows
	ends     int64 // when the receiver is done with it; 0: it never began
	response *core.Response
	failure  core.Failure
	limited  bool
	done     bool // the event was, or will be, processed
}

// receiver is the other side in virtual time: outage, then limits, then queue and service.
type receiver struct {
	Receiver
	start   int64
	seed    uint64
	timeout int64
	limits  limit.Set
	forms   []string // of Retry-After, by limit

	free   int64s  // when each server is free, a heap
	starts []int64 // of requests that wait for a server: they begin in the order they came
	served int64
	waited float64 // nanoseconds, over all served

	ok, bad *core.Response
	again   map[string]*core.Response // 429 by Retry-After
}

func newReceiver(s *Scenario, start int64) (*receiver, error) {
	limits, err := limit.NewSet(s.Limits...)
	if err != nil {
		return nil, err
	}
	r := &receiver{
		Receiver: s.Receiver, start: start, seed: s.Seed, timeout: int64(s.Timeout), limits: limits,
		free: make(int64s, s.Receiver.Servers), again: map[string]*core.Response{},
		ok: &core.Response{Status: 200}, bad: &core.Response{Status: s.Receiver.Status},
	}
	if r.timeout == 0 {
		r.timeout = int64(30 * time.Second)
	}
	if r.bad.Status == 0 {
		r.bad.Status = 500
	}
	for _, l := range s.Limits {
		r.forms = append(r.forms, l.RetryAfter)
	}
	return r, nil
}

// take decides about an attempt that arrives at t.
func (r *receiver) take(t int64, id core.DeliveryID, number int) answered {
	if o := r.outage(t); o != nil {
		return r.during(o, t)
	}
	if len(r.limits) > 0 {
		now := time.Unix(0, t)
		if d, by := r.limits.Allow(now); !d.OK {
			return answered{at: t, response: r.tooMany(r.forms[by], d.RetryAfter, now), limited: true}
		}
	}
	if r.Queue > 0 && r.Servers > 0 && len(r.starts) >= r.Queue && r.free[0] > t {
		r.limits.Release()
		return answered{at: t, response: &core.Response{Status: 503}}
	}
	luck := lucky(r.seed, id, number)
	ends := r.serve(t, luck)
	if luck.fails < r.ErrorRate {
		return r.seen(t, answered{at: ends, ends: ends, response: r.bad})
	}
	return r.seen(t, answered{at: ends, ends: ends, response: r.ok, done: true})
}

// seen is what the sender makes of an answer: one that comes too late is none.
func (r *receiver) seen(t int64, a answered) answered {
	if a.at-t > r.timeout {
		a.at, a.response, a.failure = t+r.timeout, nil, deliver.Timeout
	}
	return a
}

func (r *receiver) outage(t int64) *Outage {
	for i := range r.Outages {
		if o := &r.Outages[i]; t-r.start >= int64(o.From) && t-r.start < int64(o.To) {
			return o
		}
	}
	return nil
}

func (r *receiver) during(o *Outage, t int64) answered {
	switch {
	case o.Hang:
		return answered{at: t + r.timeout, failure: deliver.Timeout}
	case o.Status != 0:
		return answered{at: t, response: &core.Response{Status: o.Status}}
	default:
		return answered{at: t, failure: deliver.Refused}
	}
}

// serve finds a server and returns when it is done.
func (r *receiver) serve(t int64, luck luck) int64 {
	took := int64(r.Service)
	if r.Spread == "exponential" {
		took = int64(min(-math.Log1p(-luck.service)*float64(r.Service), float64(longestSpan)))
	}
	begins := t
	r.served++
	if r.Servers > 0 {
		begins = max(t, r.free[0])
		r.free[0] = begins + took
		heap.Fix(&r.free, 0)
	}
	if begins > t {
		r.starts = append(r.starts, begins)
		r.waited += float64(begins - t)
	}
	return begins + took
}

// tooMany is the answer of a limit. Answers are shared: there are few different ones.
func (r *receiver) tooMany(form string, wait time.Duration, now time.Time) *core.Response {
	value, ok := limit.RetryAfter(form, wait, now)
	if !ok {
		value = ""
	}
	resp := r.again[value]
	if resp == nil {
		resp = &core.Response{Status: 429}
		if ok {
			resp.Header = core.Header{{Name: "Retry-After", Value: value}}
		}
		if len(r.again) > 4096 {
			clear(r.again)
		}
		r.again[value] = resp
	}
	return resp
}

// luck is the chance that one attempt of one event meets: keyed, so that it does not depend on what else happens.
type luck struct{ fails, service float64 }

func lucky(seed uint64, id core.DeliveryID, number int) luck {
	x := mix(seed ^ mix(uint64(id)<<16|uint64(number)))
	return luck{fails: unit(x), service: unit(mix(x))}
}

// mix is the finalizer of SplitMix64, a good hash of one word.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func unit(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// int64s is a heap with the least in front.
type int64s []int64

func (h int64s) Len() int           { return len(h) }
func (h int64s) Less(i, j int) bool { return h[i] < h[j] }
func (h int64s) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *int64s) Push(x any)        { *h = append(*h, x.(int64)) }
func (h *int64s) Pop() any          { old := *h; x := old[len(old)-1]; *h = old[:len(old)-1]; return x }
