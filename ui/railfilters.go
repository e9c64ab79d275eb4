package ui

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// railFilters are the saved filters under the pages: each says how many of the newest captures it lets through.
type railFilters struct {
	w     *frame.Window
	use   func(filter string)
	menu  func(f engine.SavedFilter, at fyne.Position)
	rest  frame.Rest
	shown []engine.SavedFilter
	rows  []*control.Count
	body  *fyne.Container
}

// filtersEvery is how often they are counted at the most.
const filtersEvery = 2 * time.Second

// mostInRail is how many have room; the rest is in the inbox's menu and the palette.
const mostInRail = 8

func newRailFilters(w *frame.Window) *railFilters {
	f := &railFilters{w: w, body: control.Col(1)}
	f.body.Hide()
	return f
}

// filterCount is how many captures a filter lets through.
type filterCount struct {
	n     int64
	known bool
}

func (f *railFilters) load(ctx context.Context) func() {
	all, err := f.w.Engine.History.Filters(ctx)
	if err != nil {
		return func() { f.w.Fail(err) }
	}
	var counts []filterCount
	if f.rest.Due() {
		for _, saved := range all[:min(len(all), mostInRail)] {
			n, known := f.w.Engine.History.CountFilter(ctx, saved.Filter, time.Now())
			counts = append(counts, filterCount{n, known})
		}
	}
	return func() {
		if !slices.Equal(all, f.shown) {
			f.shown = all
			f.build()
			if counts == nil {
				f.rest.End() // the new ones want their number
				f.w.Pump.Again()
			}
		}
		if counts != nil {
			f.rest.Begin(f.w.Pump, filtersEvery)
		}
		for i, c := range counts[:min(len(counts), len(f.rows))] {
			f.rows[i].Set(countWords(c), false)
		}
	}
}

func countWords(c filterCount) string {
	switch {
	case !c.known || c.n == 0:
		return ""
	case c.n >= store.CountCap:
		return part.Short(store.CountCap) + "+"
	}
	return part.Short(c.n)
}

func (f *railFilters) build() {
	f.body.Objects, f.rows = nil, nil
	f.body.Hidden = len(f.shown) == 0
	f.body.Add(control.Pad(control.Sides(14, 11, 3, 11), control.NewText("FILTERS", control.Caption)))
	for _, saved := range f.shown[:min(len(f.shown), mostInRail)] {
		count := control.NewCount("", false)
		row := control.RowFill(10, control.NewIcon("funnel", control.Faint, 13), control.Grow(control.NewText(saved.Name, control.Body.At(12.5).In(control.Muted)).Ellipsis()), count)
		press := control.NewPress(control.Surface{Radius: 8, Pad: control.XY(11, 6)}, row, func() { f.use(saved.Filter) })
		press.OnMenu = func(at fyne.Position) { f.menu(saved, at) }
		press.Tip = saved.Filter
		f.rows = append(f.rows, count)
		f.body.Add(press)
	}
	f.body.Refresh()
}

// commands are the saved filters in the palette, all of them.
func (f *railFilters) commands() (list []control.Command) {
	for _, saved := range f.shown {
		list = append(list, control.Command{Label: "Filter: " + saved.Name, Hint: "Inbox", Icon: "funnel", Words: saved.Filter, Do: func() { f.use(saved.Filter) }})
	}
	return list
}
