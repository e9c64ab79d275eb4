package limit

import (
	"slices"
	"time"
)

// Arrival is one request of a sender whom a limit may have refused.
type Arrival struct {
	At       time.Time
	Answered time.Time     // when it was told; zero means At. A request that comes before cannot have known
	Key      string        // whoever is told to wait: the sender, the event
	Told     time.Duration // the Retry-After of a refusal
	Limited  bool          // it was refused and told to wait
}

// Early is a return before the time that the sender had been told.
type Early struct {
	Arrival int // its place among the arrivals
	Key     string
	At      time.Time
	Told    time.Duration // what the refusal had said
	Waited  time.Duration
	By      time.Duration // how much too early
}

// Manners is how a sender behaved after refusals.
type Manners struct {
	Arrivals int
	Limited  int // refusals that told a wait
	Returns  int // arrivals of a key that was waiting
	Patient  int // returns in time
	Early    []Early
	Worst    time.Duration // the earliest return, by how much
	Mean     time.Duration // the mean of all early returns
	Score    int           // 0 to 100: the share of returns that were in time; 100 when there was none
}

// Score lists each return before its time. Arrivals may come in any order; they are taken by time.
func Score(arrivals []Arrival) Manners {
	order := make([]int, len(arrivals))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return arrivals[a].At.Compare(arrivals[b].At) })

	m := Manners{Arrivals: len(arrivals), Score: 100}
	waiting := map[string]wait{}
	for _, i := range order {
		a := arrivals[i]
		if w, ok := waiting[a.Key]; ok && a.At.After(w.since) {
			m.judge(i, a, w)
			if !a.At.Before(w.until()) {
				delete(waiting, a.Key)
			}
		}
		if a.Limited {
			m.Limited++
			waiting[a.Key] = wait{since: answered(a), told: a.Told}
		}
	}
	m.sum()
	return m
}

// wait is what one key was told last: a later refusal replaces an earlier one.
type wait struct {
	since time.Time
	told  time.Duration
}

func (w wait) until() time.Time { return w.since.Add(w.told) }

func answered(a Arrival) time.Time {
	if a.Answered.IsZero() {
		return a.At
	}
	return a.Answered
}

func (m *Manners) judge(place int, a Arrival, w wait) {
	m.Returns++
	by := w.until().Sub(a.At)
	if by <= 0 {
		m.Patient++
		return
	}
	m.Early = append(m.Early, Early{place, a.Key, a.At, w.told, a.At.Sub(w.since), by})
}

func (m *Manners) sum() {
	if m.Returns > 0 {
		m.Score = 100 * m.Patient / m.Returns
	}
	var total time.Duration
	for _, e := range m.Early {
		total += e.By
		m.Worst = max(m.Worst, e.By)
	}
	if n := len(m.Early); n > 0 {
		m.Mean = total / time.Duration(n)
	}
}
