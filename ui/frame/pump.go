package frame

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/store"
)

// Frame is the shortest time between two rounds of the pump.
const Frame = 100 * time.Millisecond

// Pump keeps what is shown true. It waits for a commit, lets the shown page read what it needs off the UI goroutine,
// and applies that on it. It is the only place that calls fyne.Do.
type Pump struct {
	ctx  context.Context
	feed *store.Feed
	load func(ctx context.Context) (apply func()) // of what is shown now
	Do   func(func())                             // runs on the UI goroutine

	// Timer calls f once d has passed, on whatever goroutine, unless stop is called before. A test may let time stand still.
	Timer func(d time.Duration, f func()) (stop func())

	wake chan struct{}
	Jobs sync.WaitGroup
}

// newPump makes a pump. do runs a function on the UI goroutine; nil stands for Fyne's own.
func newPump(ctx context.Context, feed *store.Feed, load func(context.Context) func(), do func(func())) *Pump {
	if do == nil {
		do = fyne.Do
	}
	return &Pump{ctx: ctx, feed: feed, load: load, Do: do, Timer: realTime, wake: make(chan struct{}, 1)}
}

// run pumps until the window's context ends.
func (p *Pump) run() {
	commits := make(chan struct{}, 1)
	p.Jobs.Go(func() { p.watch(commits) })
	p.round()
	for {
		select {
		case <-p.ctx.Done():
			p.Jobs.Wait()
			return
		case <-commits:
		case <-p.wake:
		}
		p.round()
		p.pause()
	}
}

func (p *Pump) watch(commits chan<- struct{}) {
	var rev uint64
	for {
		var err error
		if rev, err = p.feed.Wait(p.ctx, rev); err != nil {
			return
		}
		select {
		case commits <- struct{}{}:
		default: // one is enough to look again
		}
	}
}

// round is one load and its apply, which has ended when round returns: the next one cannot overtake it.
func (p *Pump) round() {
	apply := p.load(p.ctx)
	if apply == nil {
		return
	}
	done := make(chan struct{})
	p.Do(func() { apply(); close(done) })
	select {
	case <-done:
	case <-p.ctx.Done():
	}
}

func (p *Pump) pause() {
	t := time.NewTimer(Frame)
	defer t.Stop()
	select {
	case <-t.C:
	case <-p.ctx.Done():
	}
}

// Again asks for a round although nothing was committed: the user wants to see something else.
func (p *Pump) Again() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Task runs work off the UI goroutine and applies its result on it. ctx may end it early: then nothing is applied.
func (p *Pump) Task(ctx context.Context, work func(ctx context.Context) (apply func())) {
	if p.ctx.Err() != nil {
		return // the window is closing, and nobody would wait for it
	}
	wanted := func() bool { return ctx.Err() == nil && p.ctx.Err() == nil }
	p.Jobs.Go(func() {
		working, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(p.ctx, cancel)()
		apply := work(working)
		if apply == nil || !wanted() {
			return
		}
		p.Do(func() {
			if wanted() { // it may have been given up while it waited for its turn
				apply()
			}
		})
	})
}

// After calls f on the UI goroutine once d has passed, unless stop is called before f begins.
func (p *Pump) After(d time.Duration, f func()) (stop func()) {
	var stopped atomic.Bool
	wanted := func() bool { return !stopped.Load() && p.ctx.Err() == nil }
	end := p.Timer(d, func() {
		if !wanted() {
			return
		}
		p.Do(func() {
			if wanted() { // it may have been stopped while it waited for its turn
				f()
			}
		})
	})
	return func() { stopped.Store(true); end() }
}

func realTime(d time.Duration, f func()) (stop func()) {
	t := time.AfterFunc(d, f)
	return func() { t.Stop() }
}
