package engine

import (
	"context"

	"hookglass/core"
)

// Watch returns a channel on which every attempt that ends from now on is sent, until ctx ends. Who reads
// too slowly misses some: the store has them all.
func (o *Outbox) Watch(ctx context.Context) <-chan core.Attempt {
	c := make(chan core.Attempt, 1024)
	o.mu.Lock()
	o.watchers = append(o.watchers, c)
	o.mu.Unlock()
	context.AfterFunc(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		for i, w := range o.watchers {
			if w == c {
				o.watchers = append(o.watchers[:i], o.watchers[i+1:]...)
				close(c)
				return
			}
		}
	})
	return c
}

// attempted hands an attempt to who waits for that delivery's first answer, and to all watchers.
func (o *Outbox) attempted(d core.Delivery, a core.Attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range o.waiting[d.ID] {
		c <- a // has room for one, and is used once
	}
	delete(o.waiting, d.ID)
	for _, c := range o.watchers {
		select {
		case c <- a:
		default:
		}
	}
}
