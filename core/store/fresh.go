package store

import (
	"context"
	"sync"

	"hookglass/core"
)

// fresh holds deliveries that were just added, up to a bound: most are sent at once, and who sends them would read back what
// has just been written. What stands here is as it is stored: whoever changes a row has it forgotten.
type fresh struct {
	mu    sync.Mutex
	byID  map[core.DeliveryID]core.Delivery
	bytes int
}

const (
	freshMost  = 8192
	freshBytes = 16 << 20
)

func (f *fresh) put(d core.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(d.ID) // of a transaction that was undone
	if size := weight(&d); len(f.byID) < freshMost && f.bytes+size <= freshBytes {
		if f.byID == nil {
			f.byID = map[core.DeliveryID]core.Delivery{}
		}
		f.byID[d.ID] = d
		f.bytes += size
	}
}

// take hands one out, once.
func (f *fresh) take(id core.DeliveryID) (core.Delivery, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok := f.byID[id]
	f.drop(id)
	return d, ok
}

func (f *fresh) forgetAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byID, f.bytes = nil, 0
}

func (f *fresh) drop(id core.DeliveryID) {
	d, ok := f.byID[id]
	if !ok {
		return
	}
	f.bytes -= weight(&d)
	if delete(f.byID, id); len(f.byID) == 0 {
		f.byID = nil // a map does not shrink by itself
	}
}

// weight is about how much memory a delivery keeps.
func weight(d *core.Delivery) int { return 1024 + len(d.Request.Body) + len(d.Request.Head) }

// Due is Delivery for who is about to send it. One that was just added is handed out without being read.
func (s *Store) Due(ctx context.Context, id core.DeliveryID) (core.Delivery, error) {
	if s.writer != nil {
		if d, ok := s.writer.fresh.take(id); ok {
			return d, nil
		}
	}
	return s.Delivery(ctx, id)
}
