package lab

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/lab"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// whatIfView shows the results of a run: what matters in large figures, charts over time, and all totals.
type whatIfView struct {
	w       *frame.Window
	name    string
	results []lab.Result
	zoom    *control.Segmented
	tools   *fyne.Container
	charts  *control.Box
	body    *fyne.Container
	root    fyne.CanvasObject
}

// policyTones tell the policies apart.
var policyTones = []control.Token{control.Accent, control.Teal}

func newWhatIfView(w *frame.Window, name string, results []lab.Result) *whatIfView {
	v := &whatIfView{w: w, name: name, results: results, charts: control.NewBox(control.Surface{}, nil), tools: control.Row(6)}
	v.zoom = control.NewSegmented(func(int) { v.draw() }, "During the load", "To the end")
	v.zoom.Hidden = !v.closer()
	v.draw()
	v.body = control.Col(16, v.head(), v.tiles(), v.charts, v.tables())
	v.root = control.NewScroll(control.Pad(control.Sides(18, 18, 26, 18), v.body))
	return v
}

func (v *whatIfView) view() fyne.CanvasObject { return v.root }

// closer reports whether the load can be seen more closely than the whole.
func (v *whatIfView) closer() bool {
	for i := range v.results {
		if v.results[i].During != nil {
			return true
		}
	}
	return false
}

// head says what was run.
func (v *whatIfView) head() fyne.CanvasObject {
	title := v.name
	if title == "" {
		title = strings.Join(v.names(), " or ")
	}
	return control.Col(3, control.RowFill(10, control.Grow(control.NewText(title, control.Title).Ellipsis()), v.tools),
		control.NewParagraph(scenarioInWords(&v.results[0]), control.Small))
}

func (v *whatIfView) names() []string {
	names := make([]string, len(v.results))
	for i := range v.results {
		names[i] = v.results[i].Scenario.Name
	}
	return names
}

// scenarioInWords says what the policies have in common.
func scenarioInWords(r *lab.Result) string {
	s := &r.Scenario
	var parts []string
	say := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	say("%s", view.Plural(int(r.Totals.Arrived), "event", "events"))
	switch s.Load.Kind {
	case lab.History:
		from := "of the history"
		if s.Load.Query != "" {
			from = s.Load.Query
		}
		say("%s, from %s", from, r.Start.Local().Format("2 Jan 2006 15:04"))
	case lab.Burst:
		say("bursts of %d every %s", s.Load.Burst, view.Duration(s.Load.Every))
	default:
		say("%s, %s a second", s.Load.Kind, part.WriteNumber(s.Load.Rate))
	}
	for _, l := range s.Limits {
		say("limit %s", part.LimitInWords(l))
	}
	for _, o := range s.Receiver.Outages {
		say("outage from %s to %s", view.Duration(o.From), view.Duration(o.To))
	}
	if s.Receiver.ErrorRate > 0 {
		say("%s of the attempts fail", view.Percent(s.Receiver.ErrorRate))
	}
	if s.Receiver.Service > 0 {
		servers := "any number at a time"
		if s.Receiver.Servers > 0 {
			servers = fmt.Sprintf("%d at a time", s.Receiver.Servers)
		}
		say("takes %s, %s", view.Duration(s.Receiver.Service), servers)
	}
	say("seed %d", s.Seed)
	return strings.Join(parts, "  ·  ")
}

// tiles are the figures that a decision hangs on.
func (v *whatIfView) tiles() fyne.CanvasObject {
	always := func(*lab.Totals) control.Token { return control.Ink }
	bad := func(n func(*lab.Totals) int64) func(*lab.Totals) control.Token {
		return func(t *lab.Totals) control.Token {
			if n(t) > 0 {
				return control.Red
			}
			return control.Green
		}
	}
	lost := func(t *lab.Totals) int64 { return t.Lost }
	duplicates := func(t *lab.Totals) int64 { return t.Duplicates }
	count := func(n func(*lab.Totals) int64) func(*lab.Totals) string {
		return func(t *lab.Totals) string { return view.Count(n(t)) }
	}
	return control.Grid(131, 10, 6,
		v.tile("Delivered", func(t *lab.Totals) string { return deliveredShare(t) }, always),
		v.tile("Lost", count(lost), bad(lost)),
		v.tile("Duplicates", count(duplicates), always),
		v.tile("Most under way", count(func(t *lab.Totals) int64 { return t.Peak }), always),
		v.tile("Time to drain", func(t *lab.Totals) string { return spanOf(t.Drain) }, always),
		v.tile("Delay, 99 of 100", func(t *lab.Totals) string { return spanOf(t.Delay.P99) }, always))
}

func deliveredShare(t *lab.Totals) string {
	if t.Arrived == 0 || t.Delivered == t.Arrived {
		return "100 %"
	}
	return fmt.Sprintf("%.1f %%", min(99.9, 100*float64(t.Delivered)/float64(t.Arrived)))
}

// spanOf is a duration, with nothing for none.
func spanOf(d time.Duration) string {
	if d == 0 {
		return "0 s"
	}
	return view.Duration(d)
}

func (v *whatIfView) tile(title string, value func(*lab.Totals) string, tone func(*lab.Totals) control.Token) fyne.CanvasObject {
	rows := []fyne.CanvasObject{control.NewText(title, control.Small).Ellipsis()}
	for i := range v.results {
		t := &v.results[i].Totals
		figure := control.NewText(value(t), control.Style{Color: tone(t), Size: 16.5, Weight: control.SemiBold}).Ellipsis()
		if len(v.results) == 1 {
			rows = append(rows, figure)
			continue
		}
		rows = append(rows, control.Row(8, control.Dot(policyTones[i], 8), control.Grow(figure)))
	}
	return control.NewBox(control.Surface{Fill: control.SurfaceCode, Border: control.Line, Radius: 9, Pad: control.XY(13, 11)}, control.Col(4, rows...))
}

// tables are all totals, and the percentiles.
func (v *whatIfView) tables() fyne.CanvasObject {
	count := func(name string, n func(*lab.Totals) int64) whatIfRow {
		return whatIfRow{name, func(t *lab.Totals) string { return view.Count(n(t)) }}
	}
	span := func(name string, d func(*lab.Totals) time.Duration) whatIfRow {
		return whatIfRow{name, func(t *lab.Totals) string { return spanOf(d(t)) }}
	}
	events := v.table("EVENTS AND ATTEMPTS",
		count("Arrived", func(t *lab.Totals) int64 { return t.Arrived }), count("Delivered", func(t *lab.Totals) int64 { return t.Delivered }),
		count("Given up", func(t *lab.Totals) int64 { return t.Exhausted }), count("Lost for good", func(t *lab.Totals) int64 { return t.Lost }),
		count("Processed again", func(t *lab.Totals) int64 { return t.Duplicates }), count("Attempts", func(t *lab.Totals) int64 { return t.Attempts }),
		count("Retries", func(t *lab.Totals) int64 { return t.Retries }), count("Limited", func(t *lab.Totals) int64 { return t.Limited }),
		count("Failed otherwise", func(t *lab.Totals) int64 { return t.Failed }), count("Timed out", func(t *lab.Totals) int64 { return t.TimedOut }))
	times := v.table("TIMES AND QUEUES",
		span("Delay: median", func(t *lab.Totals) time.Duration { return t.Delay.P50 }), span("9 of 10", func(t *lab.Totals) time.Duration { return t.Delay.P90 }),
		span("95 of 100", func(t *lab.Totals) time.Duration { return t.Delay.P95 }), span("99 of 100", func(t *lab.Totals) time.Duration { return t.Delay.P99 }),
		span("Longest", func(t *lab.Totals) time.Duration { return t.Delay.Max }), span("Time to drain", func(t *lab.Totals) time.Duration { return t.Drain }),
		span("Ended", func(t *lab.Totals) time.Duration { return t.Ended }), count("Most under way", func(t *lab.Totals) int64 { return t.Peak }),
		count("Busiest second", func(t *lab.Totals) int64 { return t.PeakPerSecond }), count("Longest queue", func(t *lab.Totals) int64 { return t.Queue.Longest }))
	return control.Grid(340, 12, 2, events, times)
}

// whatIfRow is a line of a table.
type whatIfRow struct {
	name  string
	value func(*lab.Totals) string
}

func (v *whatIfView) table(title string, rows ...whatIfRow) fyne.CanvasObject {
	const column = 90
	head := []fyne.CanvasObject{control.Grow(control.NewText(title, control.Caption).Ellipsis())}
	for i := range v.results {
		name := control.NewText(v.results[i].Scenario.Name, control.SmallBold.In(policyTones[i])).Ellipsis().Aligned(fyne.TextAlignTrailing)
		head = append(head, control.Fixed(column, name))
	}
	lines := []fyne.CanvasObject{control.RowFill(8, head...)}
	for _, r := range rows {
		cells := []fyne.CanvasObject{control.Grow(control.NewText(r.name, control.Body.In(control.Muted).At(12.5)).Ellipsis())}
		for i := range v.results {
			cells = append(cells, control.Fixed(column, control.NewText(r.value(&v.results[i].Totals), control.BodyBold.At(12.5)).Aligned(fyne.TextAlignTrailing)))
		}
		lines = append(lines, control.RowFill(8, cells...))
	}
	return control.Card(control.Col(6, lines...))
}
