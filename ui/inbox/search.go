package inbox

import (
	"context"
	"fmt"
	"time"

	"hookglass/core/store"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// searchWhile is how often the list is given what a search found meanwhile.
const searchWhile = 100 * time.Millisecond

// searchSays is from how many captures on the list says that they are read through.
const searchSays = 2000

// seek begins to look for what a filter matches; the search before it ends. What it finds comes into the list as it is found.
func (p *Page) seek(q store.Query) {
	if p.unsearch != nil {
		p.unsearch()
		p.unsearch = nil
	}
	if q.Everything() {
		return
	}
	ctx, end := context.WithCancel(p.w.Ctx)
	p.unsearch = end
	p.sight.mu.Lock()
	serial := p.sight.serial
	p.sight.mu.Unlock()
	p.w.Pump.After(frame.PendingAfter, p.showSearch)
	st := p.w.Engine.Store
	p.w.Pump.Task(ctx, func(ctx context.Context) func() {
		err := p.run(ctx, st, q, serial)
		if err != nil {
			return func() { p.w.Fail(err) }
		}
		b, ready, err := read(ctx, st, &p.sight)
		empty := p.loadEmpty(ctx) // that nothing matches is known only now
		return func() {
			if empty != nil {
				p.list.Empty = empty()
			}
			if p.w.Fail(err); ready {
				p.take(b)
			}
		}
	})
}

// run searches to the end, and keeps in sight what it found so far.
func (p *Page) run(ctx context.Context, st *store.Store, q store.Query, serial int) error {
	all, err := st.All(ctx)
	if err != nil {
		return err
	}
	found := search{upto: all.Newest()}
	x, err := st.Search(ctx, q, 0)
	for more := err == nil; more; {
		if more, err = x.Go(ctx, searchWhile); err != nil {
			return err
		}
		s := &p.sight
		s.mu.Lock()
		if s.serial != serial {
			s.mu.Unlock()
			return nil // another search has begun
		}
		found.stopped = s.search.stopped
		if s.search.begun {
			found.upto, found.fresh = s.search.upto, s.search.fresh
		}
		more = more && !found.stopped
		found.found, found.begun, found.ended = x.Found(), true, !more
		found.done, found.of = x.Progress()
		found.read = q.Slow() && x.Read() > searchSays
		s.search = found
		s.mu.Unlock()
		if more {
			p.w.Pump.Again()
		}
	}
	return err
}

// stopSearch leaves the list with what was found.
func (p *Page) stopSearch() {
	p.sight.mu.Lock()
	p.sight.search.stopped = true
	p.sight.mu.Unlock()
}

// searching reports whether a search is under way.
func (p *Page) searching() bool {
	p.sight.mu.Lock()
	defer p.sight.mu.Unlock()
	return !p.sight.query.Everything() && !p.sight.search.ended
}

// showSearch says how far a search is, and lets it be stopped.
func (p *Page) showSearch() {
	p.note.Set(p.summary())
	if on := p.searching(); on != p.halt.Visible() {
		part.Show(p.halt, on)
		p.column.Refresh()
	}
}

// summary says what the list holds.
func (p *Page) summary() string {
	n := view.Plural(p.shown.len(), "request", "requests")
	found := view.Count(int64(p.shown.len())) + " found"
	switch s := p.search; {
	case p.filter.Problem() != "":
		return n + ", as before" // why stands at the filter
	case p.shown.query.String() != p.sight.filter():
		return "Searching…"
	case p.shown.query.Everything():
		return n
	case s.stopped:
		return fmt.Sprintf("%s in the newest %s of %s: stopped", found, view.Count(int64(s.done)), view.Count(int64(s.of)))
	case !s.ended && s.read:
		return fmt.Sprintf("%s  ·  %s read, as no index has them yet", found, view.Percent(float64(s.done)/float64(max(s.of, 1))))
	case !s.ended:
		return fmt.Sprintf("%s  ·  %s searched", found, view.Percent(float64(s.done)/float64(max(s.of, 1))))
	}
	return view.Plural(p.shown.len(), "request matches", "requests match") + " the filter"
}
