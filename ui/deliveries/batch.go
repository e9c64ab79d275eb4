package deliveries

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// batchLoad is what one load brings of a batch.
type batchLoad struct {
	name   string
	counts map[core.DeliveryState]int64
}

func (o *outbox) readBatch(ctx context.Context, name string) (*batchLoad, error) {
	if name == "" {
		return nil, nil
	}
	counts, err := o.w.Engine.Store.DeliveryStates(ctx, store.DeliveryFilter{Batch: name})
	return &batchLoad{name, counts}, err
}

// summing says when a batch is summed up again. While it runs, that is kept to a tenth of the time.
type summing struct {
	counts map[core.DeliveryState]int64 // as they were the last time
	after  time.Time
	busy   bool
}

// sum makes the report anew where the batch has moved on.
func (b *batchView) sum(l *batchLoad) {
	running := l.counts[core.Waiting]+l.counts[core.Sending] > 0
	if b.summed.busy || maps.Equal(b.summed.counts, l.counts) || running && time.Now().Before(b.summed.after) {
		return
	}
	b.summed.busy = true
	b.o.w.Pump.Task(b.o.w.Ctx, func(ctx context.Context) func() {
		begin := time.Now()
		r, err := b.o.w.Engine.Outbox.Report(ctx, l.name)
		took := time.Since(begin)
		return func() {
			b.summed.busy = false
			if l.name != b.o.f.Batch {
				return
			}
			b.summed = summing{counts: l.counts, after: time.Now().Add(max(10*took, 500*time.Millisecond))}
			if err != nil {
				b.o.w.Fail(err)
				return
			}
			b.report.Objects = b.sections(&r)
			b.root.Refresh()
			b.o.w.Pump.Again() // it may have moved on meanwhile
		}
	})
}

// batchView shows how far a batch has come, and its report.
type batchView struct {
	o *outbox

	icon        *control.Icon
	title, meta *control.Text
	cancel      *control.Button
	again       *control.Button
	bar         *control.Progress
	far         *control.Text
	tiles       *fyne.Container
	report      *fyne.Container
	root        fyne.CanvasObject
	summed      summing
}

func newBatchView(o *outbox) *batchView {
	b := &batchView{o: o, icon: control.NewIcon("repeat", control.Accent, 18), title: control.NewText("", control.Heading.At(16)).Ellipsis(),
		meta: control.NewText("", control.Small).EllipsisMiddle(), bar: control.NewProgress(), far: control.NewText("", control.Strong),
		tiles: control.Wrap(8), report: control.Col(14)}
	b.cancel = control.NewButton("Cancel what waits", "ban", control.Danger, func() { o.askCancel(store.DeliveryFilter{Batch: o.f.Batch}, b.open()) })
	b.again = control.NewButton("Resend failed", "rotate-cw", control.Secondary, func() { o.askResend(store.DeliveryFilter{Batch: o.f.Batch}, o.counts[core.Exhausted]) })
	fold := part.FoldAll(part.Labelled{B: b.cancel, Label: "Cancel what waits", Icon: "ban"}, part.Labelled{B: b.again, Label: "Resend failed", Icon: "rotate-cw"})
	head := part.HeadLine(fold, control.RowFill(10, b.icon, control.Grow(b.title), control.Row(6, control.Gap(0, 30), b.again, b.cancel)))
	body := control.Col(14, control.Card(control.Col(10, control.Row(8, b.far), b.bar, b.tiles)), b.report)
	b.root = control.Col(0, control.Pad(control.Sides(16, 18, 2, 22), head), control.Pad(control.Sides(0, 18, 12, 22), b.meta), control.Hair(),
		control.Grow(control.NewScroll(control.Pad(control.Sides(16, 18, 18, 22), control.Wide(860, body)))))
	return b
}

func (b *batchView) view() fyne.CanvasObject { return b.root }

func (b *batchView) open() int64 { return b.o.counts[core.Waiting] + b.o.counts[core.Sending] }

// clear forgets the report, when another batch is shown.
func (b *batchView) clear() {
	b.report.Objects = nil
	b.summed.counts, b.summed.after = nil, time.Time{}
	b.title.Set("")
	b.far.Set("")
	b.tiles.Objects = nil
	b.root.Refresh()
}

// put shows what a load brought.
func (b *batchView) put(l *batchLoad) {
	if l == nil || l.name != b.o.f.Batch {
		return
	}
	of := store.Batch{Name: l.name}
	for _, known := range b.o.batches {
		if known.Name == l.name {
			of = known
		}
	}
	b.icon.Set(batchIcon(of.Name), control.Accent)
	b.title.Set(batchTitle(of))
	if !of.Created.IsZero() {
		b.meta.Set(of.URL + "  ·  begun " + of.Created.Local().Format("2 Jan 2006, 15:04:05"))
	}
	b.progress(l.counts)
	b.sum(l)
}

func (b *batchView) progress(counts map[core.DeliveryState]int64) {
	total, open := int64(0), counts[core.Waiting]+counts[core.Sending]
	for _, n := range counts {
		total += n
	}
	done := total - open
	b.cancel.Hidden, b.again.Hidden = open == 0, counts[core.Exhausted] == 0
	switch {
	case total == 0:
		b.far.Set("Nothing yet")
	case open == 0:
		b.far.Set("Done: " + view.Plural(int(total), "delivery", "deliveries"))
	default:
		b.far.Set(fmt.Sprintf("%s of %s done  ·  %s", view.Count(done), view.Count(total), view.Percent(float64(done)/float64(total))))
	}
	b.bar.Set(float64(done) / float64(max(total, 1)))
	b.tiles.Objects = nil
	for _, s := range []core.DeliveryState{core.Delivered, core.Exhausted, core.Cancelled, core.Sending, core.Waiting} {
		if counts[s] > 0 {
			icon, tone := part.StateLook(s, 0)
			b.tiles.Add(control.NewBadge(view.Count(counts[s])+" "+string(s), tone).WithIcon(icon))
		}
	}
	b.root.Refresh()
}

// sections are the parts of a report, those that have something to say.
func (b *batchView) sections(r *deliver.Report) []fyne.CanvasObject {
	if r.Attempts == 0 {
		return nil
	}
	all := []fyne.CanvasObject{b.answers(r)}
	if r.Latency.Max > 0 {
		all = append(all, latencyCard(r))
	}
	switch open := r.States[core.Waiting] + r.States[core.Sending]; {
	case len(r.Duplicates) == 0:
	case open > 0: // what has no answer yet would look like one that differs
		all = append(all, captioned("DUPLICATES", control.NewText("Compared when everything is done.", control.Body.In(control.Muted))))
	default:
		all = append(all, b.duplicates(r))
	}
	return all
}

func captioned(caption string, parts ...fyne.CanvasObject) fyne.CanvasObject {
	return control.Card(control.Col(10, append([]fyne.CanvasObject{control.NewText(caption, control.Caption)}, parts...)...))
}

// answers counts what the attempts came to.
func (b *batchView) answers(r *deliver.Report) fyne.CanvasObject {
	most := 1
	for _, c := range r.Statuses {
		most = max(most, c.Count)
	}
	for _, c := range r.Failures {
		most = max(most, c.Count)
	}
	var rows []control.BarRow
	for _, c := range r.Statuses {
		a := core.Attempt{Response: &core.Response{Status: c.What}}
		rows = append(rows, control.BarRow{Label: view.Answer(&a), Value: view.Count(int64(c.Count)), Share: float64(c.Count) / float64(most), Tone: part.StatusTone(c.What)})
	}
	for _, c := range r.Failures {
		rows = append(rows, control.BarRow{Label: string(c.What), Value: view.Count(int64(c.Count)), Share: float64(c.Count) / float64(most), Tone: control.Red})
	}
	text := view.Plural(r.Attempts, "attempt", "attempts")
	if r.Retries > 0 {
		text += fmt.Sprintf(", %s of them retries", view.Count(int64(r.Retries)))
	}
	if r.Took > 0 {
		text += fmt.Sprintf(", in %s: %.3g a second", view.Duration(r.Took), float64(r.Attempts)/r.Took.Seconds())
	}
	return captioned("ANSWERS", control.NewText(text, control.Body.In(control.Muted)).Ellipsis(), control.NewBars(rows...))
}

func latencyCard(r *deliver.Report) fyne.CanvasObject {
	l := r.Latency
	var rows []control.BarRow
	for _, p := range []struct {
		label string
		took  time.Duration
	}{{"Fastest", l.Min}, {"Half within", l.P50}, {"90 % within", l.P90}, {"99 % within", l.P99}, {"Slowest", l.Max}} {
		rows = append(rows, control.BarRow{Label: p.label, Value: view.Duration(p.took), Share: float64(p.took) / float64(l.Max), Tone: control.Blue})
	}
	return captioned("LATENCY OF ANSWERS", control.NewBars(rows...))
}

// mostDuplicates bounds the duplicates that are listed one by one.
const mostDuplicates = 30

// duplicates lists the events that were sent more than once: those whose answers differ first.
func (b *batchView) duplicates(r *deliver.Report) fyne.CanvasObject {
	text, icon, tone := fmt.Sprintf("%s sent more than once: every receiver answered its copies alike.", view.Plural(len(r.Duplicates), "event was", "events were")), "circle-check", control.Green
	if r.Disagreed > 0 {
		text = fmt.Sprintf("%s sent more than once: the answers differ for %s. A handler that knows an event again answers its copies alike.",
			view.Plural(len(r.Duplicates), "event was", "events were"), view.Count(int64(r.Disagreed)))
		icon, tone = "triangle-alert", control.Amber
	}
	rows := []fyne.CanvasObject{control.RowFill(8, control.NewIcon(icon, tone, 16), control.Grow(control.NewParagraph(text, control.Body)))}
	left := mostDuplicates
	for _, agreed := range []bool{false, true} {
		for i := range r.Duplicates {
			if d := &r.Duplicates[i]; d.Agreed == agreed && left > 0 {
				rows = append(rows, b.duplicate(d))
				left--
			}
		}
	}
	if more := len(r.Duplicates) - mostDuplicates; more > 0 {
		rows = append(rows, control.NewText(fmt.Sprintf("and %s more", view.Count(int64(more))), control.Small))
	}
	return captioned("DUPLICATES", rows...)
}

func (b *batchView) duplicate(d *deliver.Duplicates) fyne.CanvasObject {
	name := d.Event.Type
	if name == "" {
		name = "capture"
	}
	if d.ReplayOf != 0 {
		name += fmt.Sprintf(" (capture %d)", d.ReplayOf)
	}
	var answers []string
	for _, s := range d.Statuses[:min(len(d.Statuses), 8)] {
		if s == 0 {
			answers = append(answers, "none")
		} else {
			answers = append(answers, fmt.Sprint(s))
		}
	}
	if len(d.Statuses) > 8 {
		answers = append(answers, "…")
	}
	verdict, tone := "agreed", control.Green
	switch {
	case d.Differ == "no answer":
		verdict, tone = "no answer to some", control.Amber
	case !d.Agreed:
		verdict, tone = d.Differ+" differs", control.Amber
	}
	row := control.RowFill(10, control.Grow(control.NewText(name, control.Body).Ellipsis()), control.NewText(strings.Join(answers, "  "), control.CodeSmall), control.NewBadge(verdict, tone))
	return control.NewPress(control.Surface{Radius: 6, Pad: control.XY(6, 3)}, row, func() { b.o.choose(d.Deliveries[len(d.Deliveries)-1]) })
}
