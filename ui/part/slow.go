package part

import "context"

// Slow is a read that may wait for somebody, as one from the keyring does. The pump does not wait for it: what it loads
// goes on meanwhile. One read is under way at a time; of those asked for meanwhile the last one follows.
type Slow struct {
	busy bool
	next func(context.Context) func()
}

// Read begins a read, on the UI goroutine.
func (s *Slow) Read(h Host, read func(ctx context.Context) (apply func())) {
	if s.busy {
		s.next = read
		return
	}
	s.busy = true
	h.Task(h.Ctx, func(ctx context.Context) func() {
		apply := read(ctx)
		return func() {
			s.busy = false
			apply()
			if next := s.next; next != nil {
				s.next = nil
				s.Read(h, next)
			}
		}
	})
}
