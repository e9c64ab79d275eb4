package deliver_test

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

func at(seconds float64) time.Time { return epoch.Add(time.Duration(seconds * float64(time.Second))) }

func ids(work []deliver.Work) []core.DeliveryID {
	out := make([]core.DeliveryID, len(work))
	for i := range work {
		out[i] = work[i].ID
	}
	return out
}

func want(t *testing.T, p *deliver.Planner, now float64, wake float64, want ...core.DeliveryID) []deliver.Work {
	t.Helper()
	work, next := p.Next(at(now))
	if got := ids(work); !slices.Equal(got, want) {
		t.Errorf("at %v s: %v, want %v", now, got, want)
	}
	if wake < 0 && !next.IsZero() || wake >= 0 && !next.Equal(at(wake)) {
		t.Errorf("at %v s: wake %v, want %v s", now, next.Sub(epoch).Seconds(), wake)
	}
	return work
}

const never = -1.0

func TestPlannerGivesTheEarliestDueFirst(t *testing.T) {
	p := deliver.NewPlanner(0)
	p.Add(3, 0, at(1))
	p.Add(1, 0, at(5))
	p.Add(2, 0, at(1))
	want(t, p, 0, 1)
	want(t, p, 1, 5, 2, 3)
	want(t, p, 5, never, 1)
	if p.Len() != 0 || p.Flying() != 3 {
		t.Errorf("%d waiting, %d flying; want 0 and 3", p.Len(), p.Flying())
	}
}

func TestPlannerKeepsToItsLimits(t *testing.T) {
	p := deliver.NewPlanner(3)
	p.SetLimit(1, deliver.Limit{Concurrency: 2})
	for id := range core.DeliveryID(4) {
		p.Add(id, 1, at(0))
	}
	p.Add(10, 2, at(9))
	first := want(t, p, 0, 9, 0, 1)
	p.Done(first[0])
	want(t, p, 1, 9, 2)
	want(t, p, 9, never, 10)
	p.Add(11, 2, at(9))
	want(t, p, 9, never) // three are under way
}

func TestPlannerSpreadsPlacesOverEndpoints(t *testing.T) {
	p := deliver.NewPlanner(4)
	for id := range core.DeliveryID(1000) {
		p.Add(id, 1, at(0))
	}
	first := want(t, p, 1, never, 0, 1, 2, 3)
	p.Add(5000, 2, at(1)) // behind a thousand that are due longer
	p.Done(first[2])
	want(t, p, 1, never, 5000)
}

func TestPlannerRate(t *testing.T) {
	p := deliver.NewPlanner(0)
	p.SetLimit(1, deliver.Limit{Rate: 2, Concurrency: 100})
	p.SetLimit(2, deliver.Limit{Rate: 1, Burst: 3, Concurrency: 100})
	for id := range core.DeliveryID(3) {
		p.Add(id, 1, at(0))
	}
	want(t, p, 0, 0.5, 0)
	want(t, p, 0.4, 0.5)
	want(t, p, 0.5, 1, 1)
	want(t, p, 7, never, 2) // what was not used is not saved up

	for id := range core.DeliveryID(6) {
		p.Add(10+id, 2, at(20))
	}
	want(t, p, 20, 21, 10, 11, 12)
	want(t, p, 21, 22, 13)
	want(t, p, 23.5, never, 14, 15) // two seconds have passed; the burst is half refilled
}

func TestPlannerPauses(t *testing.T) {
	p := deliver.NewPlanner(0)
	p.Add(1, 1, at(0))
	p.Add(2, 2, at(0))
	p.Pause(1)
	want(t, p, 0, never, 2)
	p.PauseAll()
	p.Resume(1)
	want(t, p, 1, never)
	p.ResumeAll()
	want(t, p, 1, never, 1)
}

func TestPlannerMovesAndRemoves(t *testing.T) {
	p := deliver.NewPlanner(0)
	p.Add(1, 0, at(10))
	p.Add(2, 0, at(11))
	p.Add(3, 0, at(12))
	p.Add(2, 0, at(1)) // brought forward
	p.Add(1, 0, at(20))
	if !p.Remove(3) || p.Remove(3) || p.Remove(99) {
		t.Error("remove: want true once, for what waits")
	}
	if p.Len() != 2 {
		t.Errorf("%d waiting, want 2", p.Len())
	}
	want(t, p, 15, 20, 2)
	p.Add(3, 0, at(12)) // again, for the very time it had
	want(t, p, 15, 20, 3)
	want(t, p, 30, never, 1)
	want(t, p, 99, never)
}

// The planner against the obvious way to do it, over random calls.
func TestPlannerAgreesWithASlowOne(t *testing.T) {
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p, slow := deliver.NewPlanner(5), &slowPlanner{total: 5}
		now := 0.0
		for range 2500 {
			id, endpoint := core.DeliveryID(rng.IntN(3000)), core.EndpointID(rng.IntN(3))
			id += core.DeliveryID(endpoint) * 1_000_000
			switch rng.IntN(10) {
			case 0, 1, 2, 3, 4, 5:
				if !slices.ContainsFunc(slow.flying, func(w deliver.Work) bool { return w.ID == id }) {
					due := at(now + float64(rng.IntN(2000)) - 20)
					p.Add(id, endpoint, due)
					slow.remove(id)
					slow.waiting = append(slow.waiting, deliver.Work{ID: id, Endpoint: endpoint, Due: due})
				}
			case 6, 7:
				if p.Remove(id) != slow.remove(id) {
					t.Fatalf("seed %d: remove %d differs", seed, id)
				}
			case 8:
				if len(slow.flying) > 0 {
					i := rng.IntN(len(slow.flying))
					p.Done(slow.flying[i])
					slow.flying = slices.Delete(slow.flying, i, i+1)
				}
			default:
				now += float64(rng.IntN(10))
			}
			work, _ := p.Next(at(now))
			if want := slow.next(at(now)); !reflect.DeepEqual(ids(work), ids(want)) {
				t.Fatalf("seed %d at %v: %v, want %v", seed, now, ids(work), ids(want))
			}
			if p.Len() != len(slow.waiting) {
				t.Fatalf("seed %d: %d waiting, want %d", seed, p.Len(), len(slow.waiting))
			}
		}
	}
}

type slowPlanner struct {
	total           int
	waiting, flying []deliver.Work
}

func (p *slowPlanner) remove(id core.DeliveryID) bool {
	n := len(p.waiting)
	p.waiting = slices.DeleteFunc(p.waiting, func(w deliver.Work) bool { return w.ID == id })
	return len(p.waiting) < n
}

func (p *slowPlanner) next(now time.Time) (out []deliver.Work) {
	for len(p.flying) < p.total {
		under := map[core.EndpointID]int{}
		for _, w := range p.flying {
			under[w.Endpoint]++
		}
		slices.SortFunc(p.waiting, func(a, b deliver.Work) int {
			return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
		})
		best := -1
		for i, w := range p.waiting {
			if !w.Due.After(now) && (best < 0 || under[w.Endpoint] < under[p.waiting[best].Endpoint]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		out, p.flying = append(out, p.waiting[best]), append(p.flying, p.waiting[best])
		p.waiting = slices.Delete(p.waiting, best, best+1)
	}
	return out
}

const million = 1_000_000

func TestAMillionWaitingFitInMemory(t *testing.T) {
	before := heap()
	p := deliver.NewPlanner(0)
	for id := range core.DeliveryID(million) {
		p.Add(id, core.EndpointID(id%7), at(float64(id/3)))
	}
	used := heap() - before
	t.Logf("%d waiting: %.1f MB", p.Len(), float64(used)/1e6)
	if used > 40e6 {
		t.Errorf("%d MB, want at most 40", used/1e6)
	}
	for id := range core.DeliveryID(million) {
		p.Remove(id)
	}
	if left := heap() - before; left > 4e6 {
		t.Errorf("%d MB are left when all are removed", left/1e6)
	}
	runtime.KeepAlive(p)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkPlannerAdd(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		p := deliver.NewPlanner(0)
		for id := range core.DeliveryID(million) {
			p.Add(id, 0, at(float64(rng.Uint32()>>6)))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/million, "ns/add")
}

// One out, one in, with a million waiting: what each attempt costs the planner.
func BenchmarkPlannerNextAmongAMillion(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	p := deliver.NewPlanner(1)
	for id := range core.DeliveryID(million) {
		p.Add(id, 0, at(float64(rng.Uint32()>>6)))
	}
	for b.Loop() {
		work, _ := p.Next(at(4e9))
		p.Done(work[0])
		p.Add(work[0].ID, 0, work[0].Due.Add(time.Duration(rng.Uint32()>>6)*time.Second))
	}
}

// TestLaneOfTypedAddresses: what waits for a host that is down does not hold up what waits for another, and no lane stays behind.
func TestLaneOfTypedAddresses(t *testing.T) {
	down, up := deliver.LaneOf(0, "http://127.0.0.1:1/a"), deliver.LaneOf(0, "http://127.0.0.1:2/a")
	if down == up || down >= 0 || down != deliver.LaneOf(0, "http://127.0.0.1:1/b?c") || deliver.LaneOf(7, "http://127.0.0.1:1/") != 7 {
		t.Fatalf("lanes %d and %d", down, up)
	}
	p := deliver.NewPlanner(0)
	for id := range core.DeliveryID(100) {
		p.Add(id+1, down, at(0))
	}
	first, _ := p.Next(at(1))
	p.Add(1000, up, at(1))
	then, _ := p.Next(at(1))
	if len(first) != deliver.DefaultConcurrency || len(then) != 1 || then[0].ID != 1000 {
		t.Errorf("%d began for the one that is down, then %v", len(first), then)
	}
	for _, w := range append(first, then...) {
		p.Done(w)
	}
	if p.Flying() != 0 || p.Len() != 100-deliver.DefaultConcurrency {
		t.Errorf("%d under way, %d wait", p.Flying(), p.Len())
	}
}
