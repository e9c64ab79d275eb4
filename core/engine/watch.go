package engine

import (
	"context"

	"hookglass/core"
)

// WatchAttempts returns a channel on which every attempt that ends from now on is sent, until ctx ends. Who reads
// too slowly misses some: the store has them all.
func (e *Engine) WatchAttempts(ctx context.Context) <-chan core.Attempt {
	c := make(chan core.Attempt, 1024)
	e.mu.Lock()
	e.watchers = append(e.watchers, c)
	e.mu.Unlock()
	context.AfterFunc(ctx, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		for i, w := range e.watchers {
			if w == c {
				e.watchers = append(e.watchers[:i], e.watchers[i+1:]...)
				close(c)
				return
			}
		}
	})
	return c
}

// attempted hands an attempt to who waits for that delivery's first answer, and to all watchers.
func (e *Engine) attempted(d core.Delivery, a core.Attempt) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.waiting[d.ID] {
		c <- a // has room for one, and is used once
	}
	delete(e.waiting, d.ID)
	for _, c := range e.watchers {
		select {
		case c <- a:
		default:
		}
	}
}
