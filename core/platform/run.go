package platform

import (
	"container/heap"
	"slices"
	"time"

	"hookglass/core"
)

// run is one work item on its way along its plan.
type run struct {
	item core.WorkItem
	plan plan
	due  time.Time // of the next change; zero when none follows
}

// show brings the item to where its plan has it at now. A step is shown once it is over.
func (r *run) show(now time.Time) {
	it, p := &r.item, &r.plan
	it.States = nil
	r.due = time.Time{}
	for i, s := range p.states {
		if s.At.After(now) {
			r.wakeAt(s.At)
			break
		}
		it.States = p.states[: i+1 : i+1]
		it.State = s.State
	}
	it.Final = len(it.States) == len(p.states)
	it.Steps, it.Cost = nil, 0
	for i, s := range p.steps {
		if over := s.Started.Add(s.Took); over.After(now) && !it.Final {
			r.wakeAt(over)
			break
		}
		it.Steps = p.steps[: i+1 : i+1]
		it.Cost += s.Cost
	}
	if it.Final {
		it.Failed = p.failed
		r.due = time.Time{}
		if !p.failed && it.Output == nil {
			it.Output = p.output
		}
	}
}

func (r *run) wakeAt(t time.Time) {
	if r.due.IsZero() || t.Before(r.due) {
		r.due = t
	}
}

// runs are the work items of one machine: those under way, and some that are done for whoever asks for them.
type runs struct {
	open queue
	byID map[string]*run
	done []string // oldest first
}

// keepDone is how many finished items a machine remembers for polls.
const keepDone = 1000

// start takes up an item and returns it as it stands at its beginning: what a request is answered with is the first
// state, even when the plan is over at once.
func (rs *runs) start(item core.WorkItem, p plan) core.WorkItem {
	r := &run{item: item, plan: p}
	r.show(p.start)
	first := r.item
	if first.Final && !p.atOnce {
		first, r.due = r.beginning(), p.start
	}
	rs.put(r)
	if first.Final {
		rs.finish(r)
	} else {
		heap.Push(&rs.open, r)
	}
	return first
}

// beginning is the item as its first state alone.
func (r *run) beginning() core.WorkItem {
	it := r.item
	it.States, it.State = r.plan.states[:1:1], r.plan.states[0].State
	it.Final, it.Failed, it.Steps, it.Cost, it.Output = false, false, nil, 0, nil
	return it
}

// resume takes up an item of an earlier run.
func (rs *runs) resume(item core.WorkItem, p plan) {
	r := &run{item: item, plan: p, due: p.start}
	rs.put(r)
	heap.Push(&rs.open, r)
}

// keep remembers an item that is final from its beginning.
func (rs *runs) keep(item core.WorkItem) {
	r := &run{item: item}
	rs.put(r)
	rs.finish(r)
}

func (rs *runs) put(r *run) {
	if rs.byID == nil {
		rs.byID = map[string]*run{}
	}
	rs.byID[r.item.ID] = r
}

func (rs *runs) finish(r *run) {
	rs.done = append(rs.done, r.item.ID)
	if len(rs.done) > keepDone {
		delete(rs.byID, rs.done[0])
		rs.done = slices.Delete(rs.done, 0, 1)
	}
}

// advance does what is due. changed returns each item that changed, once, and over is called for those that became
// final, before they are returned.
func (rs *runs) advance(now time.Time, over func(*core.WorkItem)) (changed []core.WorkItem) {
	for len(rs.open) > 0 && !rs.open[0].due.After(now) {
		r := rs.open[0]
		r.show(now)
		if !r.item.Final {
			heap.Fix(&rs.open, 0)
			changed = append(changed, r.item)
			continue
		}
		heap.Pop(&rs.open)
		if over != nil {
			over(&r.item)
		}
		rs.finish(r)
		changed = append(changed, r.item)
	}
	return changed
}

// next is when advance has something to do; zero means never.
func (rs *runs) next() time.Time {
	if len(rs.open) == 0 {
		return time.Time{}
	}
	return rs.open[0].due
}

// find returns the item of that id.
func (rs *runs) find(id string) (*run, bool) {
	r, ok := rs.byID[id]
	return r, ok
}

// queue is a heap of runs by when they are due.
type queue []*run

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*run)) }
func (q *queue) Pop() any {
	old := *q
	r := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return r
}
