package deliver

import (
	"cmp"
	"hash/fnv"
	"slices"
	"time"

	"hookglass/core"
)

// Limit bounds how fast an endpoint is sent to. The zero value means the planner's default concurrency, no rate.
type Limit struct {
	Concurrency int     // attempts at a time; 0: [DefaultConcurrency]
	Rate        float64 // attempts begun per second; 0: any number
	Burst       int     // attempts that may begin at once within the rate; 0 means 1
}

// Defaults of a planner.
const (
	DefaultConcurrency = 8  // attempts at a time to one endpoint
	DefaultTotal       = 64 // attempts at a time in all
)

// Work is a delivery whose time has come.
type Work struct {
	ID       core.DeliveryID
	Endpoint core.EndpointID // or where there is none, its lane
	Due      time.Time
}

// Planner holds the deliveries that wait and says which may go out now: the earliest due first, within the
// limits of each endpoint and of the whole, the endpoint with the fewest attempts under way before the others, so that
// a long queue does not keep a short one waiting. The same calls give the same answers. It has no clock and
// no lock. Make one with [NewPlanner].
type Planner struct {
	total   int
	flying  int
	paused  bool
	lanes   []*lane // ordered by endpoint: there are few, and a map has no order
	waiting idSet
	moved   map[core.DeliveryID]move
	entries int // in all lanes, those out of date among them
	stale   int // entries out of date
}

// LaneOf is where a delivery queues: with those of its endpoint, or where the address was typed, with those to the same host. One
// that is down must not hold up another.
func LaneOf(endpoint core.EndpointID, url string) core.EndpointID {
	if endpoint != 0 {
		return endpoint
	}
	h := fnv.New32a()
	h.Write([]byte(core.HostOf(url)))
	return -1 - core.EndpointID(h.Sum32())
}

// lane is the queue of one endpoint, or of the addresses typed by hand at one host, see [LaneOf].
type lane struct {
	endpoint core.EndpointID
	queue    queue
	limit    Limit
	flying   int
	paused   bool
	free     int64 // when the rate allows the next attempt, if nothing is saved up
}

// move says where a delivery really stands whose place in a queue is out of date. Finding an entry in a heap costs
// more than skipping it when it comes up.
type move struct {
	due   int64
	stale int // entries to skip
}

// nowhere is the due time of a delivery that was removed.
const nowhere = int64(-1) << 63

// NewPlanner makes a planner that lets total attempts be under way; 0 means [DefaultTotal].
func NewPlanner(total int) *Planner {
	if total <= 0 {
		total = DefaultTotal
	}
	return &Planner{total: total, moved: map[core.DeliveryID]move{}}
}

// Add puts a delivery in the queue of its endpoint. One that waits already gets the new due time.
func (p *Planner) Add(id core.DeliveryID, endpoint core.EndpointID, due time.Time) {
	at := due.UnixNano()
	if p.waiting.has(id) {
		p.outdate(id, at)
	} else if m, ok := p.moved[id]; ok {
		p.moved[id] = move{at, m.stale}
	}
	p.waiting.add(id)
	p.lane(endpoint).queue.push(entry{at, id})
	p.entries++
	p.compact()
}

// Remove takes a delivery out and reports whether it was waiting.
func (p *Planner) Remove(id core.DeliveryID) bool {
	if !p.waiting.has(id) {
		return false
	}
	p.waiting.remove(id)
	p.outdate(id, nowhere)
	p.compact()
	return true
}

// Len is the number of deliveries that wait.
func (p *Planner) Len() int { return p.waiting.n }

// Flying is the number of attempts under way.
func (p *Planner) Flying() int { return p.flying }

// SetLimit sets the limits of an endpoint.
func (p *Planner) SetLimit(endpoint core.EndpointID, l Limit) { p.lane(endpoint).limit = l }

// Pause holds back what waits for an endpoint; attempts under way go on.
func (p *Planner) Pause(endpoint core.EndpointID) { p.lane(endpoint).paused = true }

// Resume ends a pause of an endpoint.
func (p *Planner) Resume(endpoint core.EndpointID) { p.lane(endpoint).paused = false }

// PauseAll holds back everything, on top of the pauses of endpoints.
func (p *Planner) PauseAll() { p.paused = true }

// ResumeAll ends PauseAll.
func (p *Planner) ResumeAll() { p.paused = false }

// Next returns what may begin at now, which from here on counts as under way until [Planner.Done], and when to ask again
// if nothing else happens before; the zero time means that only another call can change the answer.
func (p *Planner) Next(now time.Time) ([]Work, time.Time) {
	if p.paused {
		return nil, time.Time{}
	}
	var work []Work
	at := now.UnixNano()
	for p.flying < p.total {
		l := p.pick(at)
		if l == nil {
			return work, p.wake()
		}
		work = append(work, p.take(l, at))
	}
	return work, time.Time{}
}

// Done says that an attempt is no longer under way.
func (p *Planner) Done(w Work) {
	p.flying--
	l := p.lane(w.Endpoint)
	l.flying--
	if l.endpoint < 0 && l.flying == 0 && len(l.queue) == 0 { // a host that nobody may send to again
		p.lanes = slices.DeleteFunc(p.lanes, func(o *lane) bool { return o == l })
	}
}

// pick chooses the lane that goes next at now, nil when none may.
func (p *Planner) pick(now int64) (best *lane) {
	for _, l := range p.lanes {
		if !p.ready(l) || l.opens() > now {
			continue
		}
		if best == nil || l.flying < best.flying || l.flying == best.flying && l.queue[0].before(best.queue[0]) {
			best = l
		}
	}
	return best
}

// wake is when the first lane opens that waits for nothing but time.
func (p *Planner) wake() time.Time {
	var earliest time.Time
	for _, l := range p.lanes {
		if !p.ready(l) {
			continue
		}
		if t := time.Unix(0, l.opens()); earliest.IsZero() || t.Before(earliest) {
			earliest = t
		}
	}
	return earliest
}

// ready reports whether a lane has something waiting and a place free.
func (p *Planner) ready(l *lane) bool {
	if l.paused || l.flying >= l.concurrency() {
		return false
	}
	for len(l.queue) > 0 && !p.current(l.queue[0]) {
		p.skip(l.queue.pop())
	}
	return len(l.queue) > 0
}

func (p *Planner) take(l *lane, now int64) Work {
	e := l.queue.pop()
	p.entries--
	p.waiting.remove(e.id)
	if m, ok := p.moved[e.id]; ok {
		p.moved[e.id] = move{nowhere, m.stale}
	}
	l.begin(now)
	l.flying++
	p.flying++
	return Work{e.id, l.endpoint, time.Unix(0, e.due)}
}

func (l *lane) concurrency() int {
	if l.limit.Concurrency > 0 {
		return l.limit.Concurrency
	}
	return DefaultConcurrency
}

// opens is when the head of the queue may begin, its due time and the rate considered.
func (l *lane) opens() int64 {
	saved := int64(max(l.limit.Burst, 1)-1) * l.interval()
	return max(l.queue[0].due, l.free-saved)
}

// begin spends one place of the rate.
func (l *lane) begin(now int64) { l.free = max(l.free, now) + l.interval() }

func (l *lane) interval() int64 {
	if l.limit.Rate <= 0 {
		return 0
	}
	return int64(duration(float64(time.Second) / l.limit.Rate))
}

func (p *Planner) lane(endpoint core.EndpointID) *lane {
	i, found := slices.BinarySearchFunc(p.lanes, endpoint, func(l *lane, e core.EndpointID) int { return cmp.Compare(l.endpoint, e) })
	if !found {
		p.lanes = slices.Insert(p.lanes, i, &lane{endpoint: endpoint})
	}
	return p.lanes[i]
}

// outdate notes that the entry of a waiting delivery no longer holds.
func (p *Planner) outdate(id core.DeliveryID, due int64) {
	p.moved[id] = move{due, p.moved[id].stale + 1}
	p.stale++
}

func (p *Planner) current(e entry) bool {
	m, ok := p.moved[e.id]
	return !ok || m.due == e.due
}

func (p *Planner) skip(e entry) {
	p.entries--
	p.stale--
	if m := p.moved[e.id]; m.stale > 1 {
		p.moved[e.id] = move{m.due, m.stale - 1}
	} else {
		delete(p.moved, e.id)
	}
}

// compact drops what is out of date once that is most of it, so that cancelling a million deliveries that are due
// next week gives their memory back.
func (p *Planner) compact() {
	if p.stale < 1024 || p.stale <= p.entries/2 {
		return
	}
	p.entries = 0
	for _, l := range p.lanes {
		l.queue = slices.Clone(slices.DeleteFunc(l.queue, func(e entry) bool { return !p.keep(e) }))
		l.queue.order()
		p.entries += len(l.queue)
	}
	p.stale = 0
	p.moved = map[core.DeliveryID]move{} // clear would keep its memory
}

// keep reports whether an entry holds, once for each delivery: one that was removed and added again for the
// same time has two alike.
func (p *Planner) keep(e entry) bool {
	m, ok := p.moved[e.id]
	if ok && m.due == e.due {
		p.moved[e.id] = move{nowhere, m.stale}
		return true
	}
	return !ok
}
