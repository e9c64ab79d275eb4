package control

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// ClockReading is a time seen from now.
type ClockReading struct {
	Age    time.Duration // how old; below zero: in the future
	Past   time.Duration // how old it may be; 0: there is no limit
	Future time.Duration // how far ahead it may be
	Label  string        // the age in words
	Limits [2]string     // the two limits in words: "5 min ago", "5 min ahead"
}

// within reports whether the time is inside the limits.
func (r ClockReading) within() bool {
	return r.Past == 0 || r.Age <= r.Past && r.Age >= -r.Future
}

// ClockBar draws a time on a line through now, past at the left, with the zone that is allowed. The line is
// stretched around now, so that two minutes and two years both have a place on it.
type ClockBar struct {
	widget.BaseWidget
	reading ClockReading
}

// NewClockBar returns a bar.
func NewClockBar(r ClockReading) *ClockBar {
	c := &ClockBar{reading: r}
	c.ExtendBaseWidget(c)
	return c
}

// Set shows another reading.
func (c *ClockBar) Set(r ClockReading) { c.reading = r; c.Refresh() }

// CreateRenderer is for Fyne.
func (c *ClockBar) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(c, func() fyne.Size { return fyne.NewSize(240, 62) }, c.draw)
}

func (c *ClockBar) draw(p *pool, size fyne.Size) {
	const top, height, margin = 22, 14, 8
	r := c.reading
	x := func(age time.Duration) float32 {
		return margin + float32(0.5-0.5*c.share(age))*(size.Width-2*margin)
	}
	p.rect(margin, top, size.Width-2*margin, height, paint(SurfaceRaised), 7)
	if r.Past > 0 {
		left, right := x(r.Past), x(-r.Future)
		p.rect(left, top, right-left, height, tint(Green, 0x40), 7)
		c.limit(p, r.Limits[0], left, top, height, true)
		if r.Future > 0 {
			c.limit(p, r.Limits[1], right, top, height, false)
		}
	}
	now := x(0)
	p.rect(now-0.5, top-3, 1, height+6, paint(Muted), 0)
	if half := Small.At(10.5).measure("now").Width / 2; r.Past == 0 || x(-r.Future)-now > half {
		p.text("now", Small.At(10.5), now-half, top+height+5)
	}

	tone := Green
	if !r.within() {
		tone = Red
	}
	at := x(r.Age)
	p.rect(at-1.5, top-5, 3, height+10, paint(tone), 1.5)
	p.dot(at, top+height/2, 5, paint(tone))
	style := SmallBold.In(tone)
	w := style.measure(r.Label).Width
	p.text(r.Label, style, max(min(at-w/2, size.Width-w), 0), 0)
}

// limit draws the edge of what is allowed; the words stand outside of it.
func (c *ClockBar) limit(p *pool, label string, x, top, height float32, left bool) {
	p.rect(x-0.5, top-2, 1, height+4, paint(Green), 0)
	style := Small.At(10.5).In(Faint)
	if left {
		p.textRight(label, style, max(x+4, style.measure(label).Width), top+height+5)
		return
	}
	p.text(label, style, x-4, top+height+5)
}

// share places an age between -1 and 1: linear near now, then logarithmic.
func (c *ClockBar) share(age time.Duration) float64 {
	r := c.reading
	unit := max(r.Past, r.Future, time.Second).Seconds()
	most := max(math.Abs(r.Age.Seconds())*1.25, unit*3)
	f := func(s float64) float64 { return math.Asinh(s / unit * 2) }
	return math.Copysign(f(math.Abs(age.Seconds()))/f(most), age.Seconds())
}
