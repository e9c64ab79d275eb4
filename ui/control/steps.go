package control

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Steps draws moments along a line from left to right, stretched at its beginning because delays grow, with as many
// labels as there is room for.
type Steps struct {
	widget.BaseWidget
	at     []time.Duration
	format func(time.Duration) string
}

// NewSteps returns an empty line; format writes times.
func NewSteps(format func(time.Duration) string) *Steps {
	s := &Steps{format: format}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows other moments, earliest first, counted from the first.
func (s *Steps) Set(at ...time.Duration) {
	s.at = at
	s.Refresh()
}

// CreateRenderer is for Fyne.
func (s *Steps) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(s, func() fyne.Size { return fyne.NewSize(160, 36) }, s.draw)
}

func (s *Steps) draw(p *pool, size fyne.Size) {
	const y, margin = 8, 8
	style := Small.At(10.5).In(Faint)
	p.rect(margin, y-0.5, size.Width-2*margin, 1, paint(Line), 0)
	free := float32(0)
	for i, d := range s.at {
		x := margin + float32(s.share(d))*(size.Width-2*margin)
		p.dot(x, y, 4, paint(Accent))
		text := s.format(d)
		w := style.measure(text).Width
		left := max(min(x-w/2, size.Width-w), 0)
		if left >= free || i == 0 {
			p.text(text, style, left, y+9)
			free = left + w + 10
		}
	}
}

func (s *Steps) share(d time.Duration) float64 {
	last, first := s.at[len(s.at)-1], time.Duration(0)
	for _, at := range s.at {
		if at > 0 {
			first = at
			break
		}
	}
	if last <= 0 || first <= 0 {
		return 0
	}
	f := func(v time.Duration) float64 { return math.Asinh(v.Seconds() / first.Seconds()) }
	return f(d) / f(last)
}
