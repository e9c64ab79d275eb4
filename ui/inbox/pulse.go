package inbox

import (
	"context"
	"sync"
	"time"

	"hookglass/core/store"
)

// pulse is the small chart over the list: arrivals of the last half hour. It is counted every other second at the most.
type pulse struct {
	mu   sync.Mutex
	last time.Time
}

const (
	pulseEvery   = 2 * time.Second
	pulseWidth   = 30 * time.Second
	pulseBuckets = 60
)

func (p *pulse) read(ctx context.Context, st *store.Store, s *sight) *store.Pulse {
	now := time.Now()
	p.mu.Lock()
	early := now.Sub(p.last) < pulseEvery
	if !early {
		p.last = now
	}
	p.mu.Unlock()
	s.mu.Lock()
	q := s.query
	s.mu.Unlock()
	if early || q.Slow() {
		return nil
	}
	beat, err := st.Pulse(ctx, q, now, pulseWidth, pulseBuckets)
	if err != nil {
		return nil
	}
	return &beat
}
