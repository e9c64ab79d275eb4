package frame

import (
	"sync"
	"time"
)

// Rest keeps what is counted at each change from being counted more often than once in a while, and from being left out at
// the end. The zero value is ready to use.
type Rest struct {
	mu     sync.Mutex // for the pump
	on     bool       // it was counted a moment ago
	missed bool       // something changed meanwhile
}

// Due reports whether to count now. Whoever is told so calls Begin when it has.
func (r *Rest) Due() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		r.missed = true
		return false
	}
	r.on, r.missed = true, false
	return true
}

// Begin rests for a time. At its end the pump looks again, where something was missed.
func (r *Rest) Begin(p *Pump, d time.Duration) {
	p.After(d, func() {
		r.mu.Lock()
		r.on = false
		missed := r.missed
		r.mu.Unlock()
		if missed {
			p.Again()
		}
	})
}

// End makes the next look count, whatever the last one did: what is asked is another thing.
func (r *Rest) End() {
	r.mu.Lock()
	r.on = false
	r.mu.Unlock()
}
