package store

import "sync"

// Line keeps the order of decisions: what was decided first is written first, however long each takes on its way to the
// writer. So an older state of a thing never stands over a newer one. The zero value is ready to use.
type Line struct {
	mu   sync.Mutex
	last chan struct{} // closed once the last who took a turn is queued
}

// Turn is a place in a [Line]. The nil Turn waits for nobody.
type Turn struct {
	before, queued chan struct{}
	once           sync.Once
}

// Turn takes the next place. Whoever has it must leave in the end, even where nothing came to be written.
func (l *Line) Turn() *Turn {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := &Turn{before: l.last, queued: make(chan struct{})}
	l.last = t.queued
	return t
}

// Leave lets the next one go. To leave twice is to leave once.
func (t *Turn) Leave() {
	if t != nil {
		t.once.Do(func() { t.wait(); close(t.queued) })
	}
}

// wait returns when those before are queued.
func (t *Turn) wait() {
	if t != nil && t.before != nil {
		<-t.before
	}
}

// inTurn queues a write when its turn has come, and lets the next one go.
func (w *writer) inTurn(job *write, t *Turn) {
	t.wait()
	w.queue(job)
	t.Leave()
}

// Settle returns when all that has a turn in l is on disk.
func (s *Store) Settle(l *Line) error {
	if s.writer == nil {
		return nil // nothing is written
	}
	job := newWrite(func(*tx) error { return nil })
	s.writer.inTurn(job, l.Turn())
	return job.wait()
}
