package store

import (
	"context"
	"sync"
)

// Feed counts commits, so that a watcher who was away sees at once that it missed something. The zero value is
// ready to use.
type Feed struct {
	mu   sync.Mutex
	rev  uint64
	wake chan struct{}
}

// Bump says that something was committed.
func (f *Feed) Bump() {
	f.mu.Lock()
	f.rev++
	if f.wake != nil {
		close(f.wake)
		f.wake = nil
	}
	f.mu.Unlock()
}

// Rev is the number of commits so far.
func (f *Feed) Rev() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rev
}

// Wait returns as soon as there were more commits than after, with their number.
func (f *Feed) Wait(ctx context.Context, after uint64) (uint64, error) {
	for {
		f.mu.Lock()
		if f.rev > after {
			rev := f.rev
			f.mu.Unlock()
			return rev, nil
		}
		if f.wake == nil {
			f.wake = make(chan struct{})
		}
		wake := f.wake
		f.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return after, ctx.Err()
		}
	}
}
