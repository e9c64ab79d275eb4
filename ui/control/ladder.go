package control

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Rung is one attempt of a schedule: when it was planned, and what became of it.
type Rung struct {
	Label   string        // "Attempt 3"
	Planned time.Duration // from the first attempt
	When    string        // the planned time in words: "+2 min", "at 14:05:27"
	Done    bool
	At      time.Duration // when it happened, if it did
	Took    time.Duration
	Outcome string // "500, 12 ms"; or "in 3 min 20 s" while it waits
	Tone    Token  // of the outcome
}

// Ladder draws the plan of a schedule from top to bottom with what happened over it: a ring where an attempt was
// planned, a filled one where it happened. Delays grow, so the axis is stretched at its beginning.
type Ladder struct {
	widget.BaseWidget
	OnSelect func(i int) // nil: rungs cannot be chosen

	rungs    []Rung
	now      time.Duration // below zero: not drawn
	selected int           // -1: none
	hovered  int           // -1: none
	focused  bool
}

// NewLadder returns an empty ladder.
func NewLadder() *Ladder {
	l := &Ladder{now: -1, selected: -1, hovered: -1}
	l.ExtendBaseWidget(l)
	return l
}

// Set shows a schedule; now is the time since the first attempt, or below zero when it is all over.
func (l *Ladder) Set(now time.Duration, rungs ...Rung) {
	l.now, l.rungs = now, rungs
	l.Refresh()
}

const ladderRow = 34

// CreateRenderer is for Fyne.
func (l *Ladder) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(l, func() fyne.Size { return fyne.NewSize(280, float32(max(len(l.rungs), 1)*ladderRow)) }, l.draw)
}

func (l *Ladder) draw(p *pool, size fyne.Size) {
	const inset, left, least = 8, 96, 40
	when := float32(92)
	if size.Width < 480 {
		when = 62
	}
	outcome := max(min(l.outcomeWidth(), size.Width-left-when-least-24-inset), 0)
	axis := max(size.Width-left-when-outcome-24-inset, least)
	l.drawStates(p, size)
	x := func(d time.Duration) float32 { return left + when + float32(l.share(d))*axis }

	if l.now >= 0 {
		p.rect(x(l.now), 0, 1.5, size.Height, tint(Accent, 0xb0), 0)
	}
	for i, r := range l.rungs {
		y := float32(i*ladderRow) + ladderRow/2
		ink := Ink
		if !r.Done {
			ink = Muted
		}
		p.text(r.Label, BodyBold.At(12.5).In(ink), inset, y-8)
		p.textFit(r.When, Small.At(11), left, y-7, when-10)
		p.rect(left+when, y-0.5, axis, 1, paint(Line), 0)
		l.drawRung(p, i, r, x, y)
		tone := r.Tone
		if tone == "" {
			tone = Muted
		}
		p.textFit(r.Outcome, SmallBold.In(tone), left+when+axis+16, y-8, outcome+8)
	}
}

func (l *Ladder) drawRung(p *pool, i int, r Rung, x func(time.Duration) float32, y float32) {
	planned := x(r.Planned)
	if i+1 < len(l.rungs) { // the rail to the next rung
		next := x(l.rungs[i+1].Planned)
		p.line(planned, y, next, y+ladderRow, tint(Faint, 0x55), 1)
	}
	ring := p.dot(planned, y, 5, paint(SurfaceCode))
	ring.StrokeColor, ring.StrokeWidth = paint(Faint), 1.5
	if !r.Done {
		return
	}
	at, end := x(r.At), x(r.At+r.Took)
	if end-at > 3 {
		p.rect(at, y-3, end-at, 6, tint(r.Tone, 0x70), 3)
	}
	p.dot(at, y, 5, vivid(r.Tone))
}

func (l *Ladder) outcomeWidth() float32 {
	w := float32(40)
	for _, r := range l.rungs {
		w = max(w, SmallBold.measure(r.Outcome).Width)
	}
	return min(w, 220)
}

// share places a time between 0 and 1, the first delay as wide as a fifth at most.
func (l *Ladder) share(d time.Duration) float64 {
	last, first := max(l.now, time.Second), time.Duration(math.MaxInt64)
	for _, r := range l.rungs {
		last = max(last, r.Planned, r.At+r.Took)
		if r.Planned > 0 {
			first = min(first, r.Planned)
		}
	}
	if first == math.MaxInt64 {
		first = last
	}
	f := func(v time.Duration) float64 { return math.Asinh(v.Seconds() / first.Seconds()) }
	return min(max(f(d)/f(last), 0), 1)
}
