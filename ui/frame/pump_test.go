package frame

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core/store"
)

// pumped is a pump on a feed, whose page says how often it was loaded and applied. What is to run on the UI goroutine waits in ui.
type pumped struct {
	*Pump
	feed            store.Feed
	loads, applies  atomic.Int32
	under, together atomic.Int32 // rounds under way, and the most at once
	ui              chan func()
	slow            time.Duration // how long a load takes
	nothing         bool          // load has nothing to apply
}

func startPump(t *testing.T, set func(*pumped)) (p *pumped, end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	p = &pumped{ui: make(chan func(), 100)}
	set(p)
	p.Pump = newPump(ctx, &p.feed, p.load, func(f func()) { p.ui <- f })
	gone := make(chan struct{})
	go func() { p.run(); close(gone) }()
	return p, func() { cancel(); <-gone }
}

func (p *pumped) load(context.Context) func() {
	p.loads.Add(1)
	p.together.Store(max(p.together.Load(), p.under.Add(1)))
	if p.slow > 0 {
		<-time.After(p.slow) // in the bubble: the clock of the test goes on, nobody waits
	}
	if p.nothing {
		p.under.Add(-1)
		return nil
	}
	return func() { p.applies.Add(1); p.under.Add(-1) }
}

// draw runs what waits for the UI goroutine, as that does.
func (p *pumped) draw() {
	synctest.Wait()
	for len(p.ui) > 0 {
		(<-p.ui)()
		synctest.Wait()
	}
}

func TestACommitLeadsToOneLoadAndApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(*pumped) {})
		defer end()
		p.draw()
		if p.loads.Load() != 1 || p.applies.Load() != 1 {
			t.Fatalf("at first: %d loads, %d applies, want one each", p.loads.Load(), p.applies.Load())
		}
		p.feed.Bump()
		p.draw()
		if p.loads.Load() != 2 || p.applies.Load() != 2 {
			t.Errorf("after a commit: %d loads, %d applies, want two each", p.loads.Load(), p.applies.Load())
		}
		<-time.After(10 * Frame)
		p.draw()
		if p.loads.Load() != 2 {
			t.Errorf("without another commit it looks again: %d loads", p.loads.Load())
		}
	})
}

func TestManyCommitsAreOneRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(p *pumped) {})
		defer end()
		p.draw()
		p.feed.Bump()
		p.draw()
		for range 50 { // while it pauses
			p.feed.Bump()
			synctest.Wait()
		}
		p.draw()
		if p.loads.Load() != 2 {
			t.Errorf("within a frame it loads again: %d", p.loads.Load())
		}
		<-time.After(Frame)
		p.draw()
		<-time.After(Frame)
		p.draw()
		if p.loads.Load() != 3 {
			t.Errorf("50 commits within a frame are %d rounds, want one", p.loads.Load()-2)
		}
	})
}

func TestTheNextRoundWaitsForTheLastApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(p *pumped) { p.slow = time.Second })
		defer end()
		for range 5 {
			p.feed.Bump()
			p.Again()
			<-time.After(3 * time.Second) // long after the load: the UI goroutine is busy with something else
		}
		if p.loads.Load() != 1 {
			t.Errorf("%d loads before the first was applied", p.loads.Load())
		}
		p.draw()
		for range 5 {
			<-time.After(3 * time.Second)
			p.draw()
		}
		if p.together.Load() != 1 {
			t.Errorf("%d rounds at once", p.together.Load())
		}
		if p.loads.Load() != p.applies.Load() || p.loads.Load() < 2 {
			t.Errorf("%d loads, %d applies: what was committed meanwhile is not shown", p.loads.Load(), p.applies.Load())
		}
	})
}

func TestAgainAsksForARoundWithoutACommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(*pumped) {})
		defer end()
		p.draw()
		p.Again()
		p.draw()
		if p.loads.Load() != 2 {
			t.Errorf("asked for, there were %d rounds more, want one", p.loads.Load()-1)
		}
		p.Again() // while it pauses
		p.Again()
		<-time.After(3 * Frame)
		p.draw()
		if p.loads.Load() != 3 {
			t.Errorf("asked for twice within a frame, there were %d rounds more, want one", p.loads.Load()-2)
		}
	})
}

func TestNothingToApplyAsksNothingOfTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(p *pumped) { p.nothing = true })
		defer end()
		synctest.Wait()
		p.feed.Bump()
		synctest.Wait()
		if p.loads.Load() != 2 || len(p.ui) != 0 {
			t.Errorf("%d loads, %d things for the UI goroutine", p.loads.Load(), len(p.ui))
		}
	})
}

// The window closes while its UI goroutine takes nothing any more: the pump ends all the same.
func TestThePumpEndsWithoutTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(*pumped) {})
		synctest.Wait()
		end()
		if p.applies.Load() != 0 {
			t.Error("it was applied to a window that closes")
		}
		p.Task(t.Context(), func(context.Context) func() { t.Error("a task begins while the window closes"); return nil })
		p.After(time.Second, func() {})
		<-time.After(time.Minute)
		synctest.Wait()
		if len(p.ui) != 1 { // the round's own
			t.Error("what comes later is asked of a window that closes")
		}
	})
}

func TestATaskAppliesUnlessItWasCancelled(t *testing.T) {
	for name, cancelled := range map[string]bool{"left alone": false, "cancelled while it works": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, end := startPump(t, func(p *pumped) { p.nothing = true })
				defer end()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				applied, work := false, make(chan struct{})
				p.Task(ctx, func(context.Context) func() { <-work; return func() { applied = true } })
				synctest.Wait()
				if cancelled {
					cancel()
				}
				close(work)
				p.draw()
				if applied == cancelled {
					t.Errorf("applied: %v", applied)
				}
			})
		})
	}
}

// What the user gave up is not shown, though it was ready and only waited for its turn.
func TestATaskCancelledAtTheLastMomentAppliesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(p *pumped) { p.nothing = true })
		defer end()
		ctx, cancel := context.WithCancel(t.Context())
		p.Task(ctx, func(context.Context) func() { return func() { t.Error("it is applied after it was cancelled") } })
		synctest.Wait()
		cancel()
		p.draw()
	})
}

func TestATaskKnowsThatTheWindowCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(p *pumped) { p.nothing = true })
		knew := false
		p.Task(context.Background(), func(ctx context.Context) func() {
			<-ctx.Done()
			knew = true
			return func() { t.Error("it is applied to a window that closes") }
		})
		end() // waits for the task
		p.draw()
		if !knew {
			t.Error("the pump ends before its tasks")
		}
	})
}

func TestAfterComesOnceAndInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(p *pumped) { p.nothing = true })
		defer end()
		n := 0
		p.After(time.Minute, func() { n++ })
		stop := p.After(time.Minute, func() { t.Error("it comes although it was stopped") })
		<-time.After(time.Minute - 1)
		p.draw()
		if n != 0 {
			t.Error("it comes too early")
		}
		stop()
		<-time.After(time.Hour)
		p.draw()
		if n != 1 {
			t.Errorf("it comes %d times", n)
		}
	})
}

// Its time has come, and it waits for the UI goroutine, which is just about to stop it.
func TestAfterIsStoppedAtTheLastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, end := startPump(t, func(p *pumped) { p.nothing = true })
		defer end()
		stop := p.After(time.Minute, func() { t.Error("it comes although it was stopped") })
		<-time.After(time.Minute)
		synctest.Wait()
		stop()
		p.draw()
	})
}
