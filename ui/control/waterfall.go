package control

import (
	"math"
	"sort"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Bar is one step of a [Waterfall].
type Bar struct {
	Name   string
	Detail string
	Start  time.Duration // from the beginning of it all
	Took   time.Duration
	Tone   Token
	Note   string // at the right: its cost
	Open   bool   // still going on: its end is not known
}

// Waterfall draws steps on one time axis, to scale. Where one step is a thousand times longer than another, the
// short ones would vanish: stretched, every moment still follows the one before, but long waits take less room.
type Waterfall struct {
	widget.BaseWidget
	OnSelect func(i int)
	Format   func(time.Duration) string // writes times; nil: as Go does

	bars      []Bar
	total     string
	stretched bool
	hovered   int
	selected  int
	focused   bool
}

// NewWaterfall returns an empty drawing.
func NewWaterfall() *Waterfall {
	w := &Waterfall{hovered: -1, selected: -1}
	w.ExtendBaseWidget(w)
	return w
}

// Set shows steps, and under them a total: "23.6 ms, $0.0042".
func (w *Waterfall) Set(total string, bars ...Bar) {
	w.bars, w.total, w.hovered = bars, total, -1
	w.Refresh()
}

// Stretches reports whether stretching would help: the longest step hides the shortest.
func (w *Waterfall) Stretches() bool {
	end := w.end()
	for _, b := range w.bars {
		if b.Took > 0 && end/200 > b.Took {
			return true
		}
	}
	return false
}

// SetStretched changes the scale.
func (w *Waterfall) SetStretched(on bool) { w.stretched = on; w.Refresh() }

// Select marks a step; -1 none.
func (w *Waterfall) Select(i int) { w.selected = i; w.Refresh() }

func (w *Waterfall) end() time.Duration {
	end := time.Duration(1)
	for _, b := range w.bars {
		end = max(end, b.Start+b.Took)
	}
	return end
}

func (w *Waterfall) format(d time.Duration) string {
	if w.Format == nil {
		return d.String()
	}
	return w.Format(d)
}

const (
	waterRow  = 40
	waterHead = 26
)

// CreateRenderer is for Fyne.
func (w *Waterfall) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(w, func() fyne.Size {
		h := float32(waterHead + waterRow*len(w.bars))
		if w.total != "" {
			h += 30
		}
		return fyne.NewSize(280, h)
	}, w.draw)
}

func (w *Waterfall) draw(p *pool, size fyne.Size) {
	left := min(max(size.Width*0.3, 120), 230)
	right := w.notesWidth()
	// What a bar took stands behind it; the last one needs room for that inside the axis.
	room := max(size.Width-left-right-72, 20)
	scale := w.scale()
	x := func(d time.Duration) float32 { return left + float32(scale(d))*room }

	w.drawAxis(p, x, size, left, room)
	for i, b := range w.bars {
		y := float32(waterHead + i*waterRow)
		w.drawRow(p, i, b, y, left, size.Width)
		w.drawBar(p, b, x, y, size.Width-right)
	}
	if w.total != "" {
		y := float32(waterHead + len(w.bars)*waterRow)
		p.rect(0, y, size.Width, 1, paint(Line), 0)
		p.text("Total", Strong.At(12.5), 0, y+8)
		p.textRight(w.total, Strong.At(12.5), size.Width, y+8)
	}
}

func (w *Waterfall) notesWidth() float32 {
	widest := float32(0)
	for _, b := range w.bars {
		widest = max(widest, CodeSmall.measure(b.Note).Width)
	}
	if widest > 0 {
		widest += 12
	}
	return widest
}

func (w *Waterfall) drawRow(p *pool, i int, b Bar, y, left, width float32) {
	switch {
	case i == w.selected:
		p.rect(-6, y, width+12, waterRow, paint(Selected), 6)
		if w.focused {
			p.rect(-6, y+10, 2.5, waterRow-20, paint(Accent), 1)
		}
	case i == w.hovered:
		p.rect(-6, y, width+12, waterRow, paint(Hovered), 6)
	}
	if i > 0 {
		p.rect(0, y, width, 1, paint(Line), 0)
	}
	if b.Detail == "" {
		p.textFit(b.Name, BodyBold.At(12.5), 0, y+12, left-12)
	} else {
		p.textFit(b.Name, BodyBold.At(12.5), 0, y+4, left-12)
		p.textFit(b.Detail, Small.At(11), 0, y+21, left-12)
	}
	p.textRight(b.Note, CodeSmall, width, y+13)
}

func (w *Waterfall) drawBar(p *pool, b Bar, x func(time.Duration) float32, y, edge float32) {
	from := x(b.Start)
	long := max(x(b.Start+b.Took)-from, 3)
	if b.Took == 0 && !b.Open { // a moment
		p.rect(from-1, y+10, 3, waterRow-20, vivid(b.Tone), 1.5)
	} else {
		p.rect(from, y+13, long, 14, vivid(b.Tone), 4)
	}
	if b.Took == 0 && !b.Open {
		return
	}
	label := w.format(b.Took)
	if b.Open {
		label += " so far"
	}
	m := CodeSmall.measure(label)
	at := from + long + 7
	if at+m.Width > edge {
		at = max(from-m.Width-7, 0)
	}
	p.text(label, CodeSmall, at, y+13)
}

// drawAxis writes times over the bars: round ones to scale, and the ends of steps when stretched.
func (w *Waterfall) drawAxis(p *pool, x func(time.Duration) float32, size fyne.Size, left, room float32) {
	last, before := left-60, ""
	for _, d := range w.ticks(int(room / 64)) {
		at := x(d)
		label := w.format(d)
		width := Small.At(10.5).measure(label).Width
		if at-width/2 < last+8 || label == before {
			continue
		}
		last, before = at+width/2, label
		p.rect(at, waterHead-6, 1, float32(len(w.bars)*waterRow)+6, paint(Line), 0)
		p.text(label, Small.At(10.5).In(Faint), max(at-width/2, 0), 2)
	}
}

func (w *Waterfall) ticks(n int) []time.Duration {
	end := w.end()
	if w.stretched {
		return w.moments()
	}
	step := roundStep(float64(end) / float64(max(n, 2)))
	var ds []time.Duration
	for d := 0.0; d <= float64(end)*1.001; d += step {
		ds = append(ds, time.Duration(d))
	}
	return ds
}

// roundStep is the next of 1, 2, 2.5, 5, 10, 20 … above v.
func roundStep(v float64) float64 {
	if v <= 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 1
	}
	base := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if base*m >= v*0.999 {
			return base * m
		}
	}
	return base * 10
}

// moments are the times at which any step begins or ends, in order.
func (w *Waterfall) moments() []time.Duration {
	seen := map[time.Duration]bool{0: true, w.end(): true}
	for _, b := range w.bars {
		seen[b.Start], seen[b.Start+b.Took] = true, true
	}
	var ds []time.Duration
	for d := range seen {
		if d >= 0 {
			ds = append(ds, d)
		}
	}
	sort.Slice(ds, func(i, j int) bool { return ds[i] < ds[j] })
	return ds
}

// scale places a time between 0 and 1. Stretched, the time between two moments takes room by its logarithm.
func (w *Waterfall) scale() func(time.Duration) float64 {
	end := float64(w.end())
	if !w.stretched {
		return func(d time.Duration) float64 { return min(max(float64(d)/end, 0), 1) }
	}
	ds := w.moments()
	shortest := end
	for i := 1; i < len(ds); i++ {
		shortest = min(shortest, float64(ds[i]-ds[i-1]))
	}
	at := make([]float64, len(ds))
	for i := 1; i < len(ds); i++ {
		at[i] = at[i-1] + 1 + math.Log2(float64(ds[i]-ds[i-1])/shortest)
	}
	return func(d time.Duration) float64 {
		i := sort.Search(len(ds), func(i int) bool { return ds[i] >= d })
		switch {
		case i == 0:
			return 0
		case i == len(ds):
			return 1
		}
		share := float64(d-ds[i-1]) / float64(ds[i]-ds[i-1])
		return (at[i-1] + share*(at[i]-at[i-1])) / at[len(at)-1]
	}
}

func (w *Waterfall) rowAt(y float32) int {
	i := int(math.Floor(float64((y - waterHead) / waterRow)))
	if i < 0 || i >= len(w.bars) {
		return -1
	}
	return i
}

func (w *Waterfall) hover(i int) {
	if w.hovered != i {
		w.hovered = i
		w.Refresh()
	}
}

// MouseIn is for Fyne, as are the methods below.
func (w *Waterfall) MouseIn(e *desktop.MouseEvent)    { w.hover(w.rowAt(e.Position.Y)) }
func (w *Waterfall) MouseMoved(e *desktop.MouseEvent) { w.hover(w.rowAt(e.Position.Y)) }
func (w *Waterfall) MouseOut()                        { w.hover(-1) }
func (w *Waterfall) Tapped(e *fyne.PointEvent)        { w.choose(w.rowAt(e.Position.Y)) }
func (w *Waterfall) FocusGained()                     { w.focused = true; w.Refresh(); IntoSight(w) }
func (w *Waterfall) FocusLost()                       { w.focused = false; w.Refresh() }
func (w *Waterfall) TypedRune(rune)                   {}
func (w *Waterfall) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		leave(w)
	case fyne.KeyDown:
		w.choose(min(w.selected+1, len(w.bars)-1))
	case fyne.KeyUp:
		w.choose(max(w.selected-1, 0))
	}
}

// choose is a choice of the user.
func (w *Waterfall) choose(i int) {
	if i < 0 || i >= len(w.bars) || w.OnSelect == nil {
		return
	}
	w.selected = i
	w.Refresh()
	w.OnSelect(i)
}
