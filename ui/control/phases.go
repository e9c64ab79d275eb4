package control

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Phase is one stretch of something that took time.
type Phase struct {
	Label string
	Took  time.Duration
	Tone  Token
}

// Phases draws stretches of time that follow one another as one bar to scale, with their names and times below.
type Phases struct {
	widget.BaseWidget
	format func(time.Duration) string
	phases []Phase
}

// NewPhases returns an empty bar; format writes times.
func NewPhases(format func(time.Duration) string) *Phases {
	p := &Phases{format: format}
	p.ExtendBaseWidget(p)
	return p
}

// Set shows other phases. One that took no time is left out.
func (p *Phases) Set(phases ...Phase) {
	p.phases = p.phases[:0]
	for _, f := range phases {
		if f.Took > 0 {
			p.phases = append(p.phases, f)
		}
	}
	p.Refresh()
}

// CreateRenderer is for Fyne.
func (p *Phases) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(p, func() fyne.Size { return fyne.NewSize(200, 28) }, p.draw)
}

func (p *Phases) draw(d *pool, size fyne.Size) {
	const height, gap = 6, 1.5
	var total time.Duration
	for _, f := range p.phases {
		total += f.Took
	}
	d.rect(0, 0, size.Width, height, paint(SurfaceRaised), 3)
	if total == 0 {
		return
	}
	room := size.Width - gap*float32(len(p.phases)-1)
	at, label := float32(0), float32(0)
	for _, f := range p.phases {
		w := max(float32(f.Took)/float32(total)*room, 2)
		d.rect(at, 0, w, height, vivid(f.Tone), 2)
		at += w + gap
		label += p.legend(d, f, label, size.Width)
	}
}

// legend writes a phase below the bar, as long as there is room, and returns the width it took.
func (p *Phases) legend(d *pool, f Phase, x, width float32) float32 {
	text := f.Label + " " + p.format(f.Took)
	style := Small.At(11)
	w := style.measure(text).Width
	if x+w+12 > width {
		return 0
	}
	d.dot(x+3, 20, 3, vivid(f.Tone))
	d.text(text, style, x+10, 13)
	return w + 26
}
