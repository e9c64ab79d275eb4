package lab

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// liveFaults is the part of the Lab about what is live: which sources misbehave or limit on purpose, and how their
// senders take it.
type liveFaults struct {
	w     *frame.Window
	list  *control.List
	stage *control.Box
	root  fyne.CanvasObject

	rows   []liveRow
	chosen atomic.Int64 // the source whose senders are shown
	shown  atomic.Pointer[mannersSeen]
}

// liveRow is what the list shows of a source.
type liveRow struct {
	source core.Source
	aside  engine.Aside
}

// mannersSeen is what the shown manners depend on.
type mannersSeen struct {
	source   core.SourceID
	captures int64
	limit    bool
}

func newLiveFaults(w *frame.Window) *liveFaults {
	p := &liveFaults{w: w, stage: control.NewBox(control.Surface{}, nil)}
	p.list = control.NewList(96, func() int { return len(p.rows) }, func() fyne.CanvasObject { return newLiveCell(p) },
		func(i int, o fyne.CanvasObject) { o.(*liveCell).set(p.rows[i]) })
	p.list.Gap = 4
	p.list.OnSelect = func(i int) { p.choose(p.rows[i].source.ID) }
	p.list.Empty = control.Pad(control.XY(16, 40), control.EmptyState("webhook", "No sources", "Faults and limits belong to a source: add one first.",
		control.Centre(control.NewButton("Open sources", "webhook", control.Secondary, func() { w.Open("Sources") }))))
	note := control.NewParagraph("In force for what arrives now. A switch keeps the settings; the pencil changes them.", control.Small)
	left := control.NewBox(control.Surface{Fill: control.SurfacePanel}, control.Col(0, control.Pad(control.Sides(14, 18, 10, 22), note), control.Grow(control.Pad(control.XY(8, 0), p.list))))
	p.root = control.NewSplit(left, p.stage, 400, 296, 392).Named("Sources", "Manners").Leads(p.list)
	return p
}

func (p *liveFaults) View() fyne.CanvasObject { return p.root }
func (p *liveFaults) Find()                   {}
func (p *liveFaults) Key(rune) bool           { return false }

// Load reads the sources, and the manners of the chosen one's senders where something arrived since.
func (p *liveFaults) Load(ctx context.Context) func() {
	rows, stats, err := p.read(ctx)
	if err != nil {
		return func() { p.w.Fail(err) }
	}
	at := slices.IndexFunc(rows, func(r liveRow) bool { return int64(r.source.ID) == p.chosen.Load() })
	if at < 0 && len(rows) > 0 {
		at = 0
	}
	if at < 0 {
		return func() { p.put(rows); p.stage.SetChild(nil) }
	}
	src := rows[at].source
	seen := mannersSeen{src.ID, stats[src.ID], src.Limit != nil || engine.HasFaults(src.Faults)}
	if shown := p.shown.Load(); shown != nil && *shown == seen { // reading captures whole is slow
		return func() { p.put(rows); p.list.Select(at) }
	}
	m, err := engine.MannersOf(ctx, p.w.Engine.Store, src.ID)
	return func() {
		p.put(rows)
		p.list.Select(at)
		if p.w.Fail(err); err == nil {
			p.chosen.Store(int64(src.ID))
			p.shown.Store(&seen)
			p.stage.SetChild(newMannersView(p, rows[at], m))
		}
	}
}

func (p *liveFaults) read(ctx context.Context) (rows []liveRow, captures map[core.SourceID]int64, err error) {
	sources, err := p.w.Engine.Store.Sources(ctx)
	if err != nil {
		return nil, nil, err
	}
	asides, err := p.w.Engine.Asides(ctx)
	if err != nil {
		return nil, nil, err
	}
	stats, err := p.w.Engine.Store.SourceStats(ctx)
	if err != nil {
		return nil, nil, err
	}
	captures = map[core.SourceID]int64{}
	for _, src := range sources {
		rows = append(rows, liveRow{src, asides[src.ID]})
		captures[src.ID] = stats[src.ID].Captures
	}
	return rows, captures, nil
}

func (p *liveFaults) put(rows []liveRow) {
	p.rows = rows
	p.list.Refresh()
}

func (p *liveFaults) choose(id core.SourceID) {
	p.chosen.Store(int64(id))
	p.w.Pump.Again()
}

// switchTo puts faults or a limit in force or out of it. Where none are set, the source's form is the place to go.
func (p *liveFaults) switchTo(r liveRow, faults, on bool) {
	none := faults && !engine.HasFaults(r.source.Faults) && !engine.HasFaults(r.aside.Faults) || !faults && r.source.Limit == nil && r.aside.Limit == nil
	if none {
		p.edit(r.source.ID, faults)
		p.list.Refresh()
		return
	}
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		change := p.w.Engine.SwitchLimit
		if faults {
			change = p.w.Engine.SwitchFaults
		}
		err := change(ctx, r.source.ID, on)
		return func() { p.w.Fail(err); p.list.Refresh() }
	})
}

// edit opens a source's form at its faults or its limit.
func (p *liveFaults) edit(id core.SourceID, faults bool) {
	if faults {
		p.w.Go.OpenSource(id, "Faults")
	} else {
		p.w.Go.OpenSource(id, "Limit")
	}
}

// liveCell is a source with its two switches.
type liveCell struct {
	part.Cell
	p              *liveFaults
	row            liveRow
	name, path     *control.Text
	mark           *part.PlatformMark
	faults, limit  *control.Switch
	faultsSay, say *control.Text
}

func newLiveCell(p *liveFaults) *liveCell {
	c := &liveCell{p: p, name: control.NewText("", control.BodyBold).Ellipsis(), path: control.NewText("", control.CodeSmall).EllipsisMiddle().Aligned(fyne.TextAlignTrailing), mark: part.NewPlatformMark(24),
		faultsSay: control.NewText("", control.Small).Ellipsis(), say: control.NewText("", control.Small).Ellipsis()}
	c.faults = control.NewSwitch(false, func(on bool) { c.p.switchTo(c.row, true, on) })
	c.limit = control.NewSwitch(false, func(on bool) { c.p.switchTo(c.row, false, on) })
	line := func(s *control.Switch, say *control.Text, faults bool) fyne.CanvasObject {
		return control.Row(8, s, control.Grow(say), control.NewTool("pencil", "Change it", func() { c.p.edit(c.row.source.ID, faults) }))
	}
	c.Body = control.Pad(control.Sides(6, 8, 4, 12), control.Col(0, control.Row(8, c.mark.View(), control.Grow(c.name), control.Fixed(140, c.path), control.Gap(4, 0)),
		line(c.faults, c.faultsSay, true), line(c.limit, c.say, false)))
	c.ExtendBaseWidget(c)
	return c
}

func (c *liveCell) set(r liveRow) {
	c.row = r
	c.mark.Set(r.source.Platform)
	c.name.Set(r.source.Name)
	c.path.Set(part.SourcePathOf(r.source))
	on := engine.HasFaults(r.source.Faults)
	c.faults.Set(on)
	switch {
	case on:
		c.faultsSay.Put(core.Capital(faultsInWords(r.source.Faults)), control.Small.In(control.Amber))
	case engine.HasFaults(r.aside.Faults):
		c.faultsSay.Put("Off: "+faultsInWords(r.aside.Faults), control.Small.In(control.Faint))
	default:
		c.faultsSay.Put("No faults", control.Small.In(control.Faint))
	}
	c.limit.Set(r.source.Limit != nil)
	switch {
	case r.source.Limit != nil:
		c.say.Put("Limit "+part.LimitInWords(*r.source.Limit), control.Small.In(control.Amber))
	case r.aside.Limit != nil:
		c.say.Put("Off: limit "+part.LimitInWords(*r.aside.Limit), control.Small.In(control.Faint))
	default:
		c.say.Put("No limit", control.Small.In(control.Faint))
	}
}

// faultsInWords says faults in a line.
func faultsInWords(f core.Faults) string {
	var parts []string
	say := func(on bool, format string, args ...any) {
		if on {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	percent := func(share float64) string { return part.WriteNumber(float64(int(share*1000+0.5))/10) + " %" }
	status := "500"
	if len(f.Statuses) > 0 {
		status = strings.Trim(fmt.Sprint(f.Statuses), "[]")
	}
	say(f.Latency.Kind != "", "waits %s", view.Duration(f.Latency.Base))
	say(f.FailFirst > 0, "fails %d first", f.FailFirst)
	say(f.ErrorRate > 0, "%s answer %s", percent(f.ErrorRate), status)
	say(f.Hang > 0, "answers after %s", view.Duration(f.Hang))
	say(f.SlowBody > 0, "slow body")
	say(f.Drop > 0, "drops %s", percent(f.Drop))
	say(f.DropMidway > 0, "drops %s midway", percent(f.DropMidway))
	say(f.Reset > 0, "resets %s", percent(f.Reset))
	say(f.Truncate > 0, "cuts %s", percent(f.Truncate))
	say(f.Malformed > 0, "breaks %s", percent(f.Malformed))
	say(f.WrongLength > 0, "wrong length %s", percent(f.WrongLength))
	return strings.Join(parts, ", ")
}
