package control

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// BarRow is one of several things compared by length.
type BarRow struct {
	Label string
	Value string
	Share float64 // of the longest, 0 to 1
	Tone  Token
}

// Bars compares things by bars below one another: label, bar, value.
type Bars struct {
	widget.BaseWidget
	LabelWidth float32 // 0: as the longest needs, up to 200
	rows       []BarRow
}

// NewBars returns bars.
func NewBars(rows ...BarRow) *Bars {
	b := &Bars{rows: rows}
	b.ExtendBaseWidget(b)
	return b
}

// Set shows other rows.
func (b *Bars) Set(rows ...BarRow) {
	b.rows = rows
	b.Refresh()
}

const barRow = 24

// CreateRenderer is for Fyne.
func (b *Bars) CreateRenderer() fyne.WidgetRenderer {
	return newDrawing(b, func() fyne.Size { return fyne.NewSize(200, float32(len(b.rows))*barRow) }, b.draw)
}

func (b *Bars) draw(p *pool, size fyne.Size) {
	label, value := b.LabelWidth, float32(30)
	for _, r := range b.rows {
		if b.LabelWidth == 0 {
			label = max(label, Body.At(12.5).measure(r.Label).Width)
		}
		value = max(value, SmallBold.measure(r.Value).Width)
	}
	label = min(label, 200, size.Width/2)
	room := max(size.Width-label-value-28, 0)
	for i, r := range b.rows {
		y := float32(i * barRow)
		p.textFit(r.Label, Body.At(12.5), 0, y+3, label)
		p.rect(label+14, y+8, room, 7, paint(SurfaceRaised), 3.5)
		if w := float32(min(max(r.Share, 0), 1)) * room; w > 0 {
			p.rect(label+14, y+8, max(w, 3), 7, vivid(r.Tone), 3.5)
		}
		p.text(r.Value, SmallBold.In(Ink), label+14+room+14, y+4)
	}
}
