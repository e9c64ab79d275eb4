// Package work is the page of work items: what the emulated platforms make of the requests that they accept.
package work

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// Page is the list of work items by state, live, and one of them with its timeline.
type Page struct {
	frame.Plain
	w      *frame.Window
	chips  *fyne.Container
	left   *fyne.Container
	filter *control.Field
	list   *control.List
	detail *workDetail
	states []store.WorkCount

	rows   []store.WorkRow
	split  *control.Split
	chosen int64
	typing func()
	tick   func()

	mu   sync.Mutex // for the pump
	sees workSight
}

// workSight is what of the list is asked for.
type workSight struct {
	filter store.WorkFilter
	want   int
	row    int64
}

const workPageRows = 200

func New(w *frame.Window) *Page {
	p := &Page{Plain: frame.Plain{Title: "Work", Symbol: "workflow"}, w: w, sees: workSight{want: workPageRows}}
	p.chips = control.Wrap(6)
	p.filter = control.NewField("", "Find by title or id", p.typed).WithIcon("search")
	p.list = control.NewList(54, func() int { return len(p.rows) }, func() fyne.CanvasObject { return newWorkCell() },
		func(i int, o fyne.CanvasObject) { o.(*workCell).set(p.rows[i], time.Now()) })
	p.list.Gap = 2
	p.list.OnSelect = func(i int) { p.choose(p.rows[i].Row) }
	p.list.OnRune = p.Key
	p.list.OnScroll = p.scrolled
	p.list.Empty = control.Pad(control.XY(20, 30), control.Col(14, control.Centre(control.NewIcon("workflow", control.Faint, 32)),
		control.NewParagraph("No work yet. A platform's source makes a work item of each request that it accepts: add one and send it something.", control.Body.In(control.Muted)).Centred(),
		control.Centre(control.NewButton("Open sources", "webhook", control.Secondary, func() { w.Open("Sources") }))))
	p.detail = newWorkDetail(w)
	head := control.Pad(control.Sides(14, 12, 8, 12), control.Col(8, p.filter, p.chips))
	p.left = control.Col(0, head, control.Grow(control.Pad(control.XY(6, 0), p.list)))
	p.split = control.NewSplit(control.NewBox(control.Surface{Fill: control.SurfacePanel}, p.left), p.detail.view(), 400, 280, 420).Named("Work", "Item").Leads(p.list)
	p.Root = p.split
	p.drawChips(nil)
	return p
}

func (p *Page) Find() { p.split.Turn(false); p.filter.Focus() }

// Focus gets the keyboard when the page opens.
func (p *Page) Focus() fyne.Focusable { return p.split.Keys(p.list) }

func (p *Page) Key(r rune) bool {
	switch r {
	case '/':
		p.Find()
	case 'o':
		p.detail.openCapture()
	default:
		return false
	}
	return true
}

func (p *Page) typed(string) {
	if p.typing != nil {
		p.typing()
	}
	p.typing = p.w.Pump.After(200*time.Millisecond, func() {
		p.see(func(s *workSight) { s.filter.Text, s.want = p.filter.Text(), workPageRows })
	})
}

// see changes what is asked for, and asks.
func (p *Page) see(change func(*workSight)) {
	p.mu.Lock()
	change(&p.sees)
	p.mu.Unlock()
	p.w.Pump.Again()
}

// scrolled asks for more rows before the last one is reached.
func (p *Page) scrolled(_, last int, _ bool) {
	if len(p.rows) > 0 && last > len(p.rows)-40 && len(p.rows) >= p.sees.want {
		p.see(func(s *workSight) { s.want += 4 * workPageRows })
	}
}

// Load reads the rows that are asked for, the counts, and the chosen item.
func (p *Page) Load(ctx context.Context) func() {
	p.mu.Lock()
	s := p.sees
	p.mu.Unlock()
	rows, err := p.w.Engine.Store.WorkRows(ctx, s.filter, 0, s.want)
	if err != nil {
		return func() { p.w.Fail(err) }
	}
	counts, err := p.w.Engine.Store.WorkStates(ctx)
	if err != nil {
		return func() { p.w.Fail(err) }
	}
	detail := p.detail.load(ctx, s.row)
	return func() {
		p.take(rows)
		p.drawChips(counts)
		if detail != nil {
			detail()
		}
		p.goOn()
	}
}

// take puts rows into the list, which keeps its place.
func (p *Page) take(rows []store.WorkRow) {
	added := 0
	if len(p.rows) > 0 {
		added = max(slices.IndexFunc(rows, func(r store.WorkRow) bool { return r.Row == p.rows[0].Row }), 0)
	}
	p.rows = rows
	if added > 0 {
		p.list.Inserted(0, added)
	}
	p.list.Refresh()
	if i := slices.IndexFunc(rows, func(r store.WorkRow) bool { return r.Row == p.chosen }); i >= 0 && i != p.list.Selected() {
		p.list.Select(i)
	}
}

// goOn looks again soon while the shown item is under way: its last bar grows.
func (p *Page) goOn() {
	if p.tick != nil {
		p.tick()
		p.tick = nil
	}
	if p.detail.underWay() {
		p.tick = p.w.Pump.After(500*time.Millisecond, p.w.Pump.Again)
	}
}

// drawChips offers the states with how many items are in each.
func (p *Page) drawChips(counts []store.WorkCount) {
	if counts != nil && slices.Equal(counts, p.states) {
		return
	}
	p.states = counts
	total := int64(0)
	for _, c := range counts {
		total += c.Items
	}
	chips := []fyne.CanvasObject{p.chip("All", total, "")}
	for _, c := range mergeStates(counts) {
		chips = append(chips, p.chip(c.State, c.Items, c.State))
	}
	p.chips.Objects = chips
	p.chips.Refresh()
	p.left.Refresh() // the chips may take another line now
}

// mergeStates adds up what is in one state: two platforms may mean different things by the same word.
func mergeStates(counts []store.WorkCount) []store.WorkCount {
	var out []store.WorkCount
	for _, c := range counts {
		if i := slices.IndexFunc(out, func(o store.WorkCount) bool { return o.State == c.State }); i >= 0 {
			out[i].Items += c.Items
			continue
		}
		out = append(out, c)
	}
	return out
}

func (p *Page) chip(label string, n int64, state string) fyne.CanvasObject {
	return control.NewChip(fmt.Sprintf("%s %s", label, view.Count(n)), p.sees.filter.State == state, func(bool) {
		p.see(func(s *workSight) { s.filter.State, s.want = state, workPageRows })
		counts := p.states
		p.states = nil
		p.drawChips(counts)
	})
}

// choose shows an item.
func (p *Page) choose(row int64) {
	if row == p.chosen {
		return
	}
	p.chosen = row
	p.see(func(s *workSight) { s.row = row })
}

// Open shows a work item of another page by its wire id.
func (p *Page) Open(id string) {
	w := p.w
	w.Open(p.Title)
	p.split.Turn(true)
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		rows, err := w.Engine.Store.WorkRows(ctx, store.WorkFilter{Text: id}, 0, 10)
		return func() {
			w.Fail(err)
			for _, r := range rows {
				if r.ID == id {
					p.list.Unselect()
					p.choose(r.Row)
					return
				}
			}
		}
	})
}
