// Package shapes is the page of what the bodies of events look like, what changed of them, and code from it.
package shapes

import (
	"context"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// Page lists the events, and shows one of them: its members with how often each is there, its changes, and code.
type Page struct {
	frame.Plain
	w      *frame.Window
	filter *control.Field
	list   *control.List
	detail *detail
	split  *control.Split

	all, rows []engine.EventShape
	chosen    key
	asked     bool // the user, or another page, chose the event that is shown

	mu    sync.Mutex // for the pump
	wants key
}

// key names an event of a source.
type key struct {
	source core.SourceID
	event  string
}

func keyOf(e engine.EventShape) key { return key{e.Source, e.Event} }

// New makes the page.
func New(w *frame.Window) *Page {
	p := &Page{Plain: frame.Plain{Title: "Shapes", Symbol: "braces"}, w: w}
	p.filter = control.NewField("", "Find an event", func(string) { p.put(p.all) }).WithIcon("search")
	p.list = control.NewList(54, func() int { return len(p.rows) }, func() fyne.CanvasObject { return newEventCell() },
		func(i int, o fyne.CanvasObject) { o.(*eventCell).set(p.rows[i], time.Now()) })
	p.list.Gap = 2
	p.list.OnSelect = func(i int) { p.asked = true; p.choose(keyOf(p.rows[i])) }
	p.list.OnRune = p.Key
	p.list.Empty = control.Pad(control.XY(20, 30), control.Col(14, control.Centre(control.NewIcon("braces", control.Faint, 32)),
		control.NewParagraph("No shapes yet. They are learned from the JSON that arrives, a few moments after it did: send a source something.", control.Body.In(control.Muted)).Centred(),
		control.Centre(control.NewButton("Open sources", "webhook", control.Secondary, func() { w.Open("Sources") }))))
	p.detail = newDetail(w)
	head := control.Pad(control.Sides(14, 12, 8, 12), p.filter)
	left := control.Col(0, head, control.Grow(control.Pad(control.XY(6, 0), p.list)))
	p.split = control.NewSplit(control.NewBox(control.Surface{Fill: control.SurfacePanel}, left), p.detail.root, 240, 200, 640).Named("Events", "Shape").Leads(p.list)
	p.Root = p.split
	return p
}

// Find puts the keyboard into the filter.
func (p *Page) Find() { p.split.Turn(false); p.filter.Focus() }

// Key is what single letters do.
func (p *Page) Key(r rune) bool {
	switch r {
	case '/':
		p.Find()
	case 'c':
		p.detail.code.copy()
	default:
		return false
	}
	return true
}

// Verbs are what can be done from any page.
func (p *Page) Verbs() []control.Command {
	return []control.Command{{Label: "What events look like", Hint: "Shapes", Icon: "braces", Words: "schema types typescript zod pydantic openapi drift members", Do: func() { p.w.Open(p.Title); p.Find() }}}
}

// Open shows an event of another page.
func (p *Page) Open(source core.SourceID, event string) {
	p.w.Open(p.Title)
	p.split.Turn(true)
	p.asked = true
	p.choose(key{source, event})
}

func (p *Page) choose(k key) {
	p.chosen = k
	p.mu.Lock()
	p.wants = k
	p.mu.Unlock()
	p.mark()
	p.w.Pump.Again()
}

// Load reads the list, and the chosen event whole.
func (p *Page) Load(ctx context.Context) func() {
	p.mu.Lock()
	k := p.wants
	p.mu.Unlock()
	s := p.w.Engine.Shapes
	all, err := s.List(ctx)
	if err != nil {
		return func() { p.w.Fail(err) }
	}
	there := false
	for _, e := range all {
		there = there || keyOf(e) == k
	}
	if !there && len(all) > 0 {
		k = keyOf(all[0])
	}
	var detail func()
	if len(all) > 0 {
		if detail, err = p.detail.load(ctx, k); err != nil {
			return func() { p.w.Fail(err) }
		}
	}
	return func() {
		if !there && len(all) > 0 && p.wants != k {
			p.mu.Lock()
			p.wants = k
			p.mu.Unlock()
			p.chosen = k
		}
		p.put(all)
		if detail != nil && p.chosen == k {
			detail()
		}
		if len(all) == 0 {
			p.detail.clear()
		}
	}
}

// put shows the events that the filter lets through.
func (p *Page) put(all []engine.EventShape) {
	p.all = all
	word := strings.ToLower(strings.TrimSpace(p.filter.Text()))
	p.rows = p.rows[:0]
	for _, e := range all {
		if word == "" || strings.Contains(strings.ToLower(e.Event+" "+e.Name), word) {
			p.rows = append(p.rows, e)
		}
	}
	p.list.Refresh()
	p.mark()
}

// mark selects the row of the event that is shown.
func (p *Page) mark() {
	for i, e := range p.rows {
		if keyOf(e) == p.chosen {
			if p.list.Selected() != i {
				p.list.Select(i)
			}
			return
		}
	}
	p.list.Unselect()
}

// eventCell is one row of the list of events.
type eventCell struct {
	part.Cell
	name, source, count *control.Text
	changes             *control.Badge
	last                *control.Text
}

func newEventCell() *eventCell {
	c := &eventCell{name: control.NewText("", control.BodyBold).EllipsisMiddle(), source: control.NewText("", control.Small).Ellipsis(),
		count: control.NewText("", control.Small.In(control.Muted)).Aligned(fyne.TextAlignTrailing), last: control.NewText("", control.Small.In(control.Faint)).Aligned(fyne.TextAlignTrailing),
		changes: control.NewBadge("", control.Amber)}
	c.Body = control.Pad(control.Sides(8, 12, 8, 12), control.Col(3, control.RowFill(8, control.Grow(c.name), c.changes, c.count), control.RowFill(8, control.Grow(c.source), c.last)))
	c.ExtendBaseWidget(c)
	return c
}

func (c *eventCell) set(e engine.EventShape, now time.Time) {
	c.name.Set(eventTitle(e.Event))
	c.source.Set(view.Visible(e.Name))
	c.count.Set(part.Short(e.Count))
	c.last.Set(view.Ago(e.Last, now))
	c.changes.Hidden = e.Changes == 0
	c.changes.Set(view.Plural(e.Changes, "change", "changes"), control.Amber)
}

// eventTitle is an event as lists show it.
func eventTitle(event string) string {
	if event == "" {
		return "No event recognised"
	}
	return view.Visible(event)
}
