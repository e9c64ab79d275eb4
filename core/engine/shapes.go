package engine

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"hookglass/core"
	"hookglass/core/shape"
	"hookglass/core/store"
)

// Shapes are what the bodies of each event of each source look like. They are learned behind the captures: what arrives does
// not wait for it, and while much arrives, it rests.
type Shapes struct {
	store *store.Store
	log   *slog.Logger

	mu     sync.Mutex // one learns at a time
	as     store.Learned
	held   map[eventKey]*lesson
	events map[core.SourceID]int // how many of each are learned; nil: not counted yet

	contracts contracts

	reading sync.Mutex
	last    struct { // the shape that was read last: a page reads the same again and again
		doc   []byte
		shape *shape.Shape
	}
}

type eventKey struct {
	source core.SourceID
	event  string
}

// lesson is a shape in memory.
type lesson struct {
	store.Shape
	learner *shape.Learner
	anew    bool // its document cannot be read: another version wrote it
}

// NewShapes is for a history that no engine runs on.
func NewShapes(st *store.Store) *Shapes {
	return &Shapes{store: st, log: slog.New(slog.DiscardHandler)}
}

// The bounds of what is learned of a source. A sender may draw its events by chance.
const (
	mostEvents   = 500
	longestEvent = 200
	mostHeld     = 64
	mostTold     = 20 // drifts of one capture
)

// How it rests: it waits until nothing was written for a while, but not for ever.
const (
	calm      = 150 * time.Millisecond
	impatient = 2 * time.Second
	largeStep = 256
	smallStep = 48
)

// run learns what arrives until ctx ends.
func (s *Shapes) run(ctx context.Context) error {
	var load arrivals
	for {
		rev := s.store.Feed().Rev()
		limit := largeStep
		if calm := s.restUntilCalm(ctx); load.busy(ctx, s.store) {
			if limit = smallStep; calm && !core.Pause(ctx, impatient) { // the disk is slow, and the pauses are between commits
				return nil
			}
		}
		began := time.Now()
		more, err := s.step(ctx, limit)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			s.log.Error("shapes.learn", "error", err)
		}
		if err != nil || !more {
			if _, err := s.store.Feed().Wait(ctx, rev); err != nil {
				return nil
			}
			continue
		}
		if !core.Pause(ctx, time.Since(began)) { // half of the time at the most
			return nil
		}
	}
}

// arrivals is how many captures come a second, from one look to the next.
type arrivals struct {
	newest core.CaptureID
	at     time.Time
}

const manyArrivals = 100 // a second

func (a *arrivals) busy(ctx context.Context, st *store.Store) bool {
	newest, err := st.NewestCapture(ctx)
	if err != nil {
		return true
	}
	now, was := time.Now(), *a
	*a = arrivals{newest, now}
	return !was.at.IsZero() && float64(newest-was.newest) > manyArrivals*now.Sub(was.at).Seconds()
}

// restUntilCalm waits until nothing was written for a while. It is false where that did not come about in time.
func (s *Shapes) restUntilCalm(ctx context.Context) bool {
	deadline := time.Now().Add(impatient)
	for {
		rev := s.store.Feed().Rev()
		if !core.Pause(ctx, calm) {
			return false
		}
		if s.store.Feed().Rev() == rev {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// Settle learns what has arrived by now.
func (s *Shapes) Settle(ctx context.Context) error {
	for {
		more, err := s.step(ctx, largeStep)
		if err != nil || !more {
			return err
		}
	}
}

// step learns some captures, or one event anew, and says whether there is more.
func (s *Shapes) step(ctx context.Context, limit int) (more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := s.store.Learned(ctx)
	if err != nil {
		return false, err
	}
	if now != s.as || s.held == nil {
		s.held, s.events, s.as = map[eventKey]*lesson{}, nil, now // somebody else wrote, or captures were deleted
	}
	stale, err := s.store.StaleShapes(ctx)
	if err != nil {
		return false, err
	}
	if len(stale) > 0 {
		return true, s.anew(ctx, stale[0])
	}
	if again, err := s.contracts.look(ctx, s.store); err != nil {
		return false, err
	} else if again != nil {
		return true, s.recheck(ctx, again)
	}
	out := store.Lesson{Before: now, Upto: now.Upto}
	touched := map[eventKey]*lesson{}
	read := 0
	var failed error
	err = s.store.Bodies(ctx, now.Upto, limit, func(b store.Body) {
		read++
		out.Upto = b.ID
		if failed == nil {
			failed = s.learn(ctx, b, touched, &out)
		}
	})
	if err = errors.Join(err, failed); err != nil || read == 0 {
		s.held = nil // what was half learned is read again
		return false, err
	}
	for _, l := range touched {
		if err := l.keepIn(&out); err != nil {
			s.held = nil
			return false, err
		}
	}
	return true, s.keep(out)
}

// keep writes a lesson, or forgets it where captures were deleted meanwhile.
func (s *Shapes) keep(out store.Lesson) error {
	kept, err := s.store.KeepLesson(out)
	if err != nil || !kept || len(s.held) > mostHeld {
		s.held = nil
	}
	if kept {
		s.as = store.Learned{Upto: out.Upto, Deleted: out.Before.Deleted}
	}
	return err
}

func (l *lesson) keepIn(out *store.Lesson) (err error) {
	if l.anew {
		l.Doc = []byte{}
	} else if l.Doc, err = l.learner.Encode(); err != nil {
		return err
	}
	out.Shapes = append(out.Shapes, l.Shape)
	return nil
}

// anew learns an event from its first capture on: others that it was learned of are gone.
func (s *Shapes) anew(ctx context.Context, d store.Shape) error {
	l := &lesson{Shape: store.Shape{Source: d.Source, Event: d.Event, Name: d.Name}, learner: shape.NewLearner(shape.New())}
	out := store.Lesson{Before: s.as, Upto: s.as.Upto, Anew: []store.Shape{d}}
	for after := core.CaptureID(0); ; {
		read := 0
		err := s.store.EventBodies(ctx, d.Source, d.Event, after, s.as.Upto, largeStep, func(b store.Body) {
			read++
			after = b.ID
			l.learn(b, &out)
		})
		if err != nil {
			return err
		}
		if read < largeStep {
			break
		}
	}
	if err := l.keepIn(&out); err != nil {
		return err
	}
	delete(s.held, eventKey{d.Source, d.Event})
	s.events = nil
	return s.keep(out)
}

// learn takes one capture into the shape of its event.
func (s *Shapes) learn(ctx context.Context, b store.Body, touched map[eventKey]*lesson, out *store.Lesson) error {
	s.contracts.check(b, out)
	if b.Source == 0 || b.Replay || len(b.Event) > longestEvent {
		return nil
	}
	key := eventKey{b.Source, b.Event}
	l, err := s.lesson(ctx, key)
	if err != nil || l == nil {
		return err
	}
	if l.learn(b, out) {
		touched[key] = l
	}
	return nil
}

// lesson is the shape of an event as it stands now; nil where there are too many events.
func (s *Shapes) lesson(ctx context.Context, key eventKey) (*lesson, error) {
	if l := s.held[key]; l != nil {
		return l, nil
	}
	if s.events == nil {
		all, err := s.store.Shapes(ctx)
		if err != nil {
			return nil, err
		}
		s.events = map[core.SourceID]int{}
		for _, d := range all {
			s.events[d.Source]++
		}
	}
	d, err := s.store.Shape(ctx, key.source, key.event)
	switch {
	case errors.Is(err, core.ErrNotFound):
		if s.events[key.source] >= mostEvents {
			return nil, nil
		}
		s.events[key.source]++
		d = store.Shape{Source: key.source, Event: key.event}
	case err != nil:
		return nil, err
	}
	l := &lesson{Shape: d, learner: shape.NewLearner(shape.New())}
	if len(d.Doc) > 0 {
		if known, err := shape.Decode(d.Doc); err != nil {
			l.anew = true
		} else {
			l.learner = shape.NewLearner(known)
		}
	}
	s.held[key] = l
	return l, nil
}

// learn is false where there is nothing to learn: the body is no JSON, or not whole.
func (l *lesson) learn(b store.Body, out *store.Lesson) bool {
	v, ok := shape.Read(&b.Request)
	if !ok || b.Replay {
		return false
	}
	drifts := l.learner.Learn(v, shape.Mark{ID: b.ID, At: b.At})
	if l.Count == 0 {
		l.First = b.At
	}
	l.Count++
	l.Name, l.Last = b.Name, b.At
	for _, d := range drifts[:min(len(drifts), mostTold)] {
		doc, err := json.Marshal(d)
		if err != nil {
			continue // of texts and numbers, which it always can
		}
		out.Drifts = append(out.Drifts, store.Drift{Capture: b.ID, Source: l.Source, Event: l.Event, At: b.At, Doc: doc})
	}
	return true
}
