package message

import (
	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/view"
)

// WaterfallPane is a waterfall with a choice of its scale.
type WaterfallPane struct {
	chart *control.Waterfall
	scale *control.Segmented
	total *control.Text
	shown []Moment
	root  *fyne.Container
}

func NewWaterfallPane(press func(Moment)) *WaterfallPane {
	p := &WaterfallPane{chart: control.NewWaterfall(), total: control.NewText("", control.Strong).Ellipsis()}
	p.chart.Format = view.Duration
	p.chart.OnSelect = func(i int) {
		if i < len(p.shown) && press != nil {
			press(p.shown[i])
		}
		p.chart.Select(-1)
	}
	p.scale = control.NewSegmented(func(i int) {
		p.chart.SetStretched(i == 1)
	}, "To scale", "Stretched")
	head := control.RowFill(8, control.Grow(p.total), p.scale)
	p.root = control.Col(10, head, control.Card(control.Pad(control.XY(8, 4), p.chart)))
	return p
}

func (p *WaterfallPane) View() fyne.CanvasObject { return p.root }

// Set draws moments. Where some are too short to see, the other scale is offered; once chosen it stays.
func (p *WaterfallPane) Set(ms []Moment) {
	p.shown = ms
	bars, total := barsOf(ms)
	p.total.Set("Total " + total)
	p.chart.Set("", bars...)
	p.scale.Hidden = !p.chart.Stretches()
	p.chart.SetStretched(p.chart.Stretches() && p.scale.Selected() == 1)
	p.root.Refresh()
}
