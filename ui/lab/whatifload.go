package lab

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// loadForm says what arrives: captures of the history, a made-up load, or times of a file.
type loadForm struct {
	w      *frame.Window
	kinds  *control.Select
	fields part.Fields
	ranges *control.Select
	words  *control.Paragraph
	slot   *control.Box
	parts  []fyne.CanvasObject
	root   *fyne.Container

	on       int
	file     string
	arrivals []lab.Arrival // of the file
	typing   func()        // stops the pending count
	counting context.CancelFunc
	newest   core.CaptureID // when the captures were counted last; for the pump alone
	rest     frame.Rest     // of counting what arrives
}

// recountEvery is how long captures that arrive wait to be counted.
const recountEvery = 5 * time.Second

var loadKinds = []string{lab.History, lab.Constant, lab.Poisson, lab.Burst, "file"}

// The ranges of time that a menu offers; others are words of the filter.
var loadRanges = []struct{ label, since string }{
	{"All time", ""}, {"Last hour", "since:1h"}, {"Last 24 hours", "since:24h"}, {"Last 7 days", "since:7d"}, {"Last 30 days", "since:30d"},
}

func newLoadForm(w *frame.Window) *loadForm {
	f := &loadForm{w: w, fields: part.Fields{}, slot: control.NewBox(control.Surface{}, nil), words: control.NewParagraph("", control.Small)}
	f.kinds = control.NewSelect("What arrives", f.turn)
	f.kinds.SetItems([]control.MenuItem{{Label: "Captures of the history", Icon: "history"}, {Label: "Constant: evenly", Icon: "minus", Divider: true}, {Label: "Poisson: at random", Icon: "shuffle"},
		{Label: "Bursts", Icon: "chart-column"}, {Label: "Times of a file", Icon: "file", Divider: true}})
	filter := control.NewField("", "Filter: source:stripe event:invoice.*", func(string) { f.changed() }).WithIcon("funnel")
	f.fields["filter"] = filter
	f.ranges = control.NewSelect("", func(int) { f.changed() })
	labels := make([]string, len(loadRanges))
	for i, r := range loadRanges {
		labels[i] = r.label
	}
	f.ranges.SetChoices(labels...)
	f.parts = []fyne.CanvasObject{
		control.Col(8, filter, f.ranges),
		part.Abreast(f.fields.Add("constant.rate", "Events a second", "14", f.changed), f.fields.Add("constant.duration", "For", "12m", f.changed)),
		part.Abreast(f.fields.Add("poisson.rate", "Events a second", "14", f.changed), f.fields.Add("poisson.duration", "For", "12m", f.changed)),
		part.Abreast(f.fields.Add("burst.burst", "At once", "100", f.changed), f.fields.Add("burst.every", "Every", "1m", f.changed),
			f.fields.Add("burst.duration", "For", "10m", f.changed)),
		control.Row(0, control.NewButton("Choose a file…", "file", control.Secondary, f.choose)),
	}
	f.root = control.Col(10, f.kinds, f.slot, f.words)
	f.turn(0)
	return f
}

// turn shows the fields of a kind.
func (f *loadForm) turn(i int) {
	f.on = i
	f.kinds.Choose(i)
	f.slot.SetChild(f.parts[i])
	f.changed()
	part.Relayout(f.root)
}

func (f *loadForm) query() string {
	return strings.TrimSpace(f.fields["filter"].Text() + " " + loadRanges[max(f.ranges.Selected(), 0)].since)
}

// load is what the fields say.
func (f *loadForm) load(r *part.Reader) lab.Load {
	own := &part.Reader{Fields: f.fields}
	l := lab.Load{Kind: loadKinds[f.on]}
	switch l.Kind {
	case lab.History:
		l.Query = f.query()
	case lab.Constant, lab.Poisson:
		l.Rate, l.Duration = own.Number(l.Kind+".rate", 0, part.Bounds{}), own.Span(l.Kind+".duration")
	case lab.Burst:
		l.Burst, l.Every, l.Duration = own.Whole("burst.burst", 0, 1, 0), own.Span("burst.every"), own.Span("burst.duration")
	default:
		l = lab.Load{Kind: lab.History, Query: f.file, Arrivals: f.arrivals}
		if f.arrivals == nil {
			own.Fail("arrivals", "choose a file with a time on each line")
		}
	}
	r.Take(own)
	return l
}

// set shows a load that was kept.
func (f *loadForm) set(l lab.Load) {
	kind := l.Kind
	put := func(name, text string) { f.fields[kind+"."+name].SetQuiet(text) }
	switch {
	case kind == lab.History:
		f.fields["filter"].SetQuiet(l.Query)
		f.ranges.Choose(0)
	case kind == lab.Burst:
		put("burst", fmt.Sprint(l.Burst))
		put("every", part.WriteSpanGiven(l.Every))
		put("duration", part.WriteSpanGiven(l.Duration))
	default:
		put("rate", part.WriteNumber(l.Rate))
		put("duration", part.WriteSpanGiven(l.Duration))
	}
	for i, k := range loadKinds {
		if k == kind {
			f.turn(i)
		}
	}
}

// show puts a problem at its field.
func (f *loadForm) show(invalid *core.Invalid) bool {
	if invalid != nil {
		name := strings.TrimPrefix(invalid.Field, "load.")
		switch {
		case name == "arrivals" || f.on == 0:
			f.words.Put(core.Capital(invalid.Reason), control.Small.In(control.Red))
			part.Relayout(f.root)
			return strings.HasPrefix(invalid.Field, "load.") || name == "arrivals" || name == "filter"
		case name == "count" || name == "kind":
			name = "duration"
		}
		if !strings.Contains(name, ".") {
			name = loadKinds[f.on] + "." + name
		}
		invalid = &core.Invalid{Field: name, Reason: invalid.Reason}
	}
	return f.fields.Show(invalid) != nil
}

// uncounted gives up the count of what was typed: its answer would take the place of something newer.
func (f *loadForm) uncounted() {
	for _, stop := range []func(){f.typing, f.counting} {
		if stop != nil {
			stop()
		}
	}
	f.typing, f.counting = nil, nil
}

// changed says, after a pause in typing, how much will arrive.
func (f *loadForm) changed() {
	f.uncounted()
	if f.on == 0 {
		f.typing = f.w.Pump.After(250*time.Millisecond, f.count)
		return
	}
	f.say(f.about(), nil)
}

func (f *loadForm) say(text string, err error) {
	style := control.Small
	if err != nil {
		text, style = part.Sentence(err), style.In(control.Red)
	}
	f.words.Put(text, style)
	part.Relayout(f.root)
}

// about says what a made-up load or a file amounts to.
func (f *loadForm) about() string {
	if loadKinds[f.on] == "file" {
		if f.arrivals == nil {
			return "A time on each line, or TIME,EVENT: arrivals of one event are tries of it."
		}
		first, last := f.arrivals[0].At, f.arrivals[len(f.arrivals)-1].At
		return fmt.Sprintf("%s: %s over %s", filepath.Base(f.file), view.Plural(len(f.arrivals), "arrival", "arrivals"), view.Duration(last.Sub(first).Abs()))
	}
	var r part.Reader
	l := f.load(&r)
	if r.Wrong != nil {
		return ""
	}
	n := l.Rate * l.Duration.Seconds()
	if l.Kind == lab.Burst && l.Every > 0 {
		n = float64(l.Burst) * float64((l.Duration+l.Every-1)/l.Every)
	}
	how := map[string]string{lab.Constant: "evenly", lab.Poisson: "each independent of the others, as calls from many senders are", lab.Burst: "in bursts"}[l.Kind]
	return fmt.Sprintf("About %s, %s.", view.Plural(int(n), "event", "events"), how)
}

// stale looks whether captures came or went since they were counted, and returns what counts them anew.
func (f *loadForm) stale(ctx context.Context) func() {
	newest, err := f.w.Engine.Store.Captures(ctx, store.Query{}, 0, 1)
	var id core.CaptureID
	if len(newest) > 0 {
		id = newest[0].ID
	}
	if err != nil || id == f.newest || !f.rest.Due() {
		return func() {}
	}
	f.newest = id
	return func() {
		f.rest.Begin(f.w.Pump, recountEvery)
		if f.on == 0 && f.typing == nil {
			f.count()
		}
	}
}

// count reads how many captures match, and when they came.
func (f *loadForm) count() {
	f.uncounted()
	ctx, cancel := context.WithCancel(f.w.Ctx)
	f.counting = cancel
	query := f.query()
	f.w.Pump.Task(ctx, func(ctx context.Context) func() {
		text, err := aboutHistory(ctx, f.w.Engine.Store, query)
		return func() {
			if f.on == 0 {
				f.say(text, err)
			}
		}
	})
}

func aboutHistory(ctx context.Context, st *store.Store, query string) (string, error) {
	q, err := store.ParseQuery(query, time.Now())
	if err != nil {
		return "", err
	}
	ids, err := st.CaptureIDs(ctx, q, 0)
	if err != nil {
		return "", err
	}
	if len(ids) == 0 && query == "" {
		return "Nothing was captured yet. Try a made-up load.", nil
	}
	if len(ids) == 0 {
		return "No captures match. Change the filter or the time, or try a made-up load.", nil
	}
	newest, err := st.Rows(ctx, q, ids[0], ids[0])
	if err != nil {
		return "", err
	}
	oldest, err := st.Rows(ctx, q, ids[len(ids)-1], ids[len(ids)-1])
	if err != nil || len(newest)*len(oldest) == 0 {
		return "", err
	}
	from, to := oldest[0].At, newest[0].At
	return fmt.Sprintf("%s, %s to %s (%s). Tries of one event count as one.", view.Plural(len(ids), "capture", "captures"),
		from.Local().Format("2 Jan 15:04"), to.Local().Format("2 Jan 15:04"), view.Duration(to.Sub(from))), nil
}

// choose reads a file of arrivals.
func (f *loadForm) choose() {
	frame.OpenFile(f.w, func(file fyne.URIReadCloser) {
		f.w.Pump.Task(f.w.Ctx, func(context.Context) func() {
			arrivals, err := readArrivalsFile(file)
			return func() {
				if err == nil {
					f.file, f.arrivals = file.URI().Path(), arrivals
				}
				f.say(f.about(), err)
			}
		})
	})
}

func readArrivalsFile(file io.ReadCloser) ([]lab.Arrival, error) {
	defer file.Close()
	arrivals, err := lab.ReadArrivals(file)
	if err == nil && len(arrivals) == 0 {
		err = &core.Invalid{Field: "file", Reason: "has no arrivals; want a time on each line"}
	}
	return arrivals, err
}
