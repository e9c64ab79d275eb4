package lab

import (
	"math"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/lab"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// timeline is the axis that all charts of a run share.
type timeline struct {
	rows   [][]lab.Row // of each result, from the same start
	width  time.Duration
	n      int
	start  time.Time // of a load of the history; else zero
	bands  []control.Band
	charts []*control.Chart
}

// draw makes the charts for what the zoom shows.
func (v *whatIfView) draw() {
	t := v.timeline(v.closer() && v.zoom.Selected() == 0)
	cards := []fyne.CanvasObject{chartCard("Events under way: neither delivered nor given up", t.levels(v, func(r lab.Row) int64 { return r.Backlog }))}
	rate, unit := t.rate()
	each := control.Grid(360, 12, 2)
	requests, waiting := t.perPolicy(v, rate)
	for _, charts := range [][]*control.Chart{requests, waiting} {
		for i, c := range charts {
			title := "Events waiting"
			if c == requests[i] {
				title = "Requests " + unit
			}
			each.Add(chartCard(v.titled(i, title), c))
		}
	}
	cards = append(cards, each, chartCard("Delivered in all", t.sums(v)))
	if v.closer() {
		cards = append([]fyne.CanvasObject{control.Row(0, v.zoom)}, cards...)
	}
	t.link()
	v.charts.SetChild(control.Col(12, cards...))
	part.Relayout(v.charts)
}

// titled names the policy where there are two.
func (v *whatIfView) titled(i int, title string) string {
	if len(v.results) == 1 {
		return title
	}
	return v.results[i].Scenario.Name + ": " + title
}

func chartCard(title string, c *control.Chart) fyne.CanvasObject {
	return control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.Sides(12, 14, 10, 14)},
		control.Col(4, control.NewText(title, control.SmallBold).Ellipsis(), c))
}

func (v *whatIfView) timeline(during bool) *timeline {
	t := &timeline{}
	if during {
		for i := range v.results {
			t.width = max(t.width, v.results[i].DuringWidth)
		}
	}
	for i := range v.results {
		r := &v.results[i]
		rows, width := r.Series, r.Width
		if during && r.During != nil {
			rows, width = r.During, r.DuringWidth
		}
		t.width = max(t.width, width)
		t.rows, t.n = append(t.rows, rows), max(t.n, len(rows))
	}
	if s := &v.results[0].Scenario; s.Load.Kind == lab.History {
		t.start = v.results[0].Start
	}
	t.n = max(t.n, 2)
	for _, o := range v.results[0].Scenario.Receiver.Outages {
		t.bands = append(t.bands, control.Band{From: float64(o.From) / float64(t.width), To: float64(o.To) / float64(t.width), Name: "outage", Tone: control.Red})
	}
	return t
}

// values are one figure of a result's rows, scaled; after its end there is nothing more.
func (t *timeline) values(i int, scale float64, of func(lab.Row) int64) []float64 {
	out := make([]float64, t.n)
	for k, row := range t.rows[i] {
		out[k] = float64(of(row)) * scale
	}
	return out
}

// chart makes a chart on this axis.
func (t *timeline) chart(height float32, series ...control.Series) *control.Chart {
	c := control.NewChart(control.LineChart, height)
	c.FormatX = func(i int) string { return sinceStart(time.Duration(i) * t.width) }
	c.TitleX = func(i int) string {
		at := time.Duration(i) * t.width
		if t.start.IsZero() {
			return sinceStart(at)
		}
		return sinceStart(at) + "  ·  " + t.start.Add(at).Local().Format("2 Jan 15:04:05")
	}
	c.StepX = t.step
	c.Bands = t.bands
	c.Set(series...)
	t.charts = append(t.charts, c)
	return c
}

func sinceStart(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	return view.Duration(d)
}

// roundSteps are the distances that people expect between the names of an axis of time.
var roundSteps = []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
	30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour,
	12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}

// step is the smallest round distance that leaves at most so many names.
func (t *timeline) step(most int) int {
	for _, s := range roundSteps {
		if s%t.width == 0 && int(time.Duration(t.n)*t.width/s) <= most {
			return int(s / t.width)
		}
	}
	return max(t.n/max(most, 1), 1)
}

// link shows the same moment in all charts.
func (t *timeline) link() {
	for _, c := range t.charts {
		c.OnHover = func(i int) {
			for _, other := range t.charts {
				if other != c {
					other.Hover(i)
				}
			}
		}
	}
}

// levels draws a height of all results over one another.
func (t *timeline) levels(v *whatIfView, of func(lab.Row) int64) *control.Chart {
	var all []control.Series
	for i := range v.results {
		all = append(all, control.Series{Name: v.results[i].Scenario.Name, Tone: policyTones[i], Values: t.values(i, 1, of), Fill: true})
	}
	return t.chart(230, all...)
}

// sums draws how much was delivered until then, against what had arrived.
func (t *timeline) sums(v *whatIfView) *control.Chart {
	all := []control.Series{{Name: "arrived", Tone: control.Faint, Values: summed(t.values(0, 1, func(r lab.Row) int64 { return r.Arrived })), Dashed: true}}
	for i := range v.results {
		all = append(all, control.Series{Name: v.results[i].Scenario.Name, Tone: policyTones[i], Values: summed(t.values(i, 1, func(r lab.Row) int64 { return r.Delivered }))})
	}
	return t.chart(230, all...)
}

func summed(values []float64) []float64 {
	sum := 0.0
	for i, v := range values {
		sum += v
		values[i] = sum
	}
	return values
}

// rate is what a row's count is multiplied with for a rate that is neither tiny nor huge, and what it is a rate of.
func (t *timeline) rate() (scale float64, unit string) {
	most := 0.0
	for i := range t.rows {
		for _, row := range t.rows[i] {
			most = max(most, float64(row.Attempts)/t.width.Seconds())
		}
	}
	switch {
	case most >= 2:
		return 1 / t.width.Seconds(), "a second"
	case most >= 2.0/60:
		return 60 / t.width.Seconds(), "a minute"
	}
	return 3600 / t.width.Seconds(), "an hour"
}

// perPolicy draws what each policy meets, on axes of the same height.
func (t *timeline) perPolicy(v *whatIfView, rate float64) (requests, waiting []*control.Chart) {
	for i := range v.results {
		requests = append(requests, t.chart(210,
			control.Series{Name: "arrived", Tone: control.Blue, Values: t.values(i, rate, func(r lab.Row) int64 { return r.Arrived }), Fill: true},
			control.Series{Name: "accepted", Tone: control.Green, Values: t.values(i, rate, func(r lab.Row) int64 { return r.Accepted })},
			control.Series{Name: "limited", Tone: control.Amber, Values: t.values(i, rate, func(r lab.Row) int64 { return r.Limited })},
			control.Series{Name: "failed", Tone: control.Red, Values: t.values(i, rate, func(r lab.Row) int64 { return r.Failed })}))
		waiting = append(waiting, t.chart(190,
			control.Series{Name: "for a retry", Tone: control.Violet, Values: t.values(i, 1, func(r lab.Row) int64 { return r.Retrying }), Fill: true},
			control.Series{Name: "for a server", Tone: control.Teal, Values: t.values(i, 1, func(r lab.Row) int64 { return r.Queue })},
			control.Series{Name: "lost in all", Tone: control.Red, Values: summed(t.values(i, 1, func(r lab.Row) int64 { return r.Lost })), Dashed: true}))
	}
	level(requests)
	level(waiting)
	return requests, waiting
}

// level gives charts the same height of the axis, so that their curves can be compared.
func level(charts []*control.Chart) {
	top := 0.0
	for _, c := range charts {
		top = math.Max(top, c.Most())
	}
	for _, c := range charts {
		c.Top = top
	}
}
