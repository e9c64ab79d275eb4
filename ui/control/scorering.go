package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// ScoreRing shows a score of a hundred, with the tone that it deserves.
type ScoreRing struct {
	widget.BaseWidget
	score int // below zero: not known yet
	label string
}

// NewScoreRing returns a ring without a score.
func NewScoreRing() *ScoreRing {
	r := &ScoreRing{score: -1}
	r.ExtendBaseWidget(r)
	return r
}

// Set shows a score from 0 to 100 with a word under it; below zero it is not known.
func (r *ScoreRing) Set(score int, label string) {
	r.score, r.label = min(score, 100), label
	r.Refresh()
}

func (r *ScoreRing) tone() Token {
	switch {
	case r.score < 0:
		return Faint
	case r.score >= 90:
		return Green
	case r.score >= 60:
		return Amber
	}
	return Red
}

// CreateRenderer is for Fyne.
func (r *ScoreRing) CreateRenderer() fyne.WidgetRenderer {
	track := canvas.NewArc(0, 360, 0.82, color.Transparent)
	arc := canvas.NewArc(0, 0, 0.82, color.Transparent)
	number, label := NewText("", Style{Ink, 30, SemiBold}), NewText("", Small)
	return draw(face{
		owner: r, objects: []fyne.CanvasObject{track, arc, number, label},
		paint: func() {
			track.FillColor = paint(SurfaceRaised)
			arc.FillColor = vivid(r.tone())
			arc.EndAngle = 3.6 * float32(max(r.score, 0))
			arc.CornerRadius = 4
			arc.Hidden = r.score <= 0
			text := "—"
			if r.score >= 0 {
				text = itoa(r.score)
			}
			number.Put(text, Style{r.tone(), 30, SemiBold})
			label.Set(r.label)
		},
		place: func(size fyne.Size) {
			side := min(size.Width, size.Height)
			mid := fyne.NewPos(size.Width/2, size.Height/2)
			for _, a := range []*canvas.Arc{track, arc} {
				a.Resize(fyne.NewSquareSize(side))
				a.Move(mid.SubtractXY(side/2, side/2))
			}
			m, l := number.MinSize(), label.MinSize()
			top := mid.Y - (m.Height+l.Height)/2
			if r.label == "" {
				top = mid.Y - m.Height/2
			}
			put(number, mid.X-m.Width/2, top, m.Width, m.Height)
			put(label, mid.X-l.Width/2, top+m.Height-2, l.Width, l.Height)
		},
		min: func() fyne.Size { return fyne.NewSquareSize(120) },
	})
}
