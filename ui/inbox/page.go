// Package inbox is the page of captures: a list that follows what arrives, one capture whole, replay, import and export.
package inbox

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// Page is the page of captures: a list that follows what arrives, and the detail of one.
type Page struct {
	w      *frame.Window
	list   *control.List
	filter *control.Tokens
	note   *control.Text // under the title
	spark  *control.Sparkline
	pill   *control.Button
	halt   *control.Button // of a search under way
	bar    *pickedBar
	column *fyne.Container // the left side, from the title to the bar
	detail *detail
	split  *control.Split
	body   fyne.CanvasObject

	shown       *captures
	sight       sight
	taken       int        // the number of the batch that is shown
	serial      int        // of its query
	search      search     // as far as it is shown
	unsearch    func()     // ends the search under way
	fresh       int        // arrived above what is in sight
	typing      func()     // stops the pending filter change
	rest        frame.Rest // of the glance
	pulse       counts     // what the last glance saw
	chips       *kindChips
	sliding     func()            // stops the next glance
	untouched   bool              // the user has chosen nothing yet
	toHit       bool              // Enter was pressed, or a chip: the first that matches is opened
	unlessShown bool              // that, unless the chosen one matches
	tiles       *part.SourceTiles // what a new source can be, while nothing has arrived
	Chosen      core.CaptureID
	awaited     bool           // it was opened before the list had it
	marked      core.CaptureID // the one to compare with

	picked  picked
	removed []*removal // that can still be taken back, the last at the end
}

func New(w *frame.Window) *Page {
	p := &Page{w: w, shown: newCaptures(store.Query{}), untouched: true}
	p.sight.whole, p.serial = true, -1
	p.filter = control.NewTokens("Filter: source, sig, status, body…", p.typed)
	p.filter.Suggest = p.suggest
	p.filter.OnSubmit = func(string) { p.submit() }
	p.filter.OnHeight = func() {
		if p.column != nil {
			p.column.Refresh() // the list makes room
		}
	}
	p.filter.OnLeave = func() { w.Win.Canvas().Focus(p.list) }
	p.note = control.NewText("", control.Small).Ellipsis()
	p.spark = newSpark(p)
	p.chips = newKindChips(p.narrowToKind)
	p.pill = control.NewButton("", "arrow-up", control.Secondary, p.follow)
	p.pill.Hide()
	p.halt = control.NewButton("Stop", "x", control.Ghost, p.stopSearch)
	p.halt.Hide()
	p.list = control.NewList(roomyRow, func() int { return p.shown.len() }, func() fyne.CanvasObject { return newCaptureRow(p.without) }, p.bind)
	p.rowsAsSet()
	p.list.OnSelect = func(row int) { p.choose(p.shown.id(row)) }
	p.list.OnRune = p.Key
	p.list.OnKey = p.TypedKey
	p.list.OnMenu = p.menu
	p.list.OnMark = p.mark
	p.list.Marked = func(row int) bool { return p.picked.has(p.shown.id(row)) && p.several() }
	p.list.OnShortcut = p.listShortcut
	p.list.OnScroll = p.scrolled
	p.detail = newDetail(w, p)
	p.bar = newPickedBar(p)
	rows := control.NewTool("sliders-horizontal", "Rows: one line or two, and what they show", nil)
	rows.OnTap = func() { w.Layers.MenuUnder(rows, p.rowItems()...) }
	files := control.NewTool("ellipsis", "What can be done with the captures", nil)
	files.OnTap = func() { p.filesMenu(files) }
	saved := control.NewTool("save", "Saved filters", nil)
	saved.OnTap = func() { p.savedMenu(saved) }
	title := control.RowFill(8, control.Grow(control.Col(1, control.NewText("Inbox", control.Title), p.note)), control.Centre(p.halt), control.Centre(p.pill),
		control.Row(0, saved, control.NewTool("repeat", "Replay all that match the filter", p.replayAll), rows, files))
	head := control.Pad(control.Sides(14, 12, 8, 14), control.Col(8, title, p.spark, p.filter, p.chips.row))
	p.column = control.Col(0, head, control.Grow(control.Pad(control.XY(6, 0), p.list)), p.bar.foot)
	p.split = control.NewSplit(control.NewBox(control.Surface{Fill: control.SurfacePanel}, p.column), p.detail.view(), max(w.State.Split, 320), 320, 420).Named("Requests", "Request").Leads(p.list)
	p.body = p.split
	p.remembered(w.State)
	return p
}

func (p *Page) Name() string            { return "Inbox" }
func (p *Page) Icon() string            { return "inbox" }
func (p *Page) View() fyne.CanvasObject { return p.body }
func (p *Page) Find()                   { p.split.Turn(false); p.filter.Focus() }
func (p *Page) filterText() string      { return p.filter.Query() }

// Focus gets the keyboard when the page opens.
func (p *Page) Focus() fyne.Focusable { return p.split.Keys(p.list) }

func (p *Page) Remember(s *frame.State) { s.Filter, s.Split = p.filterText(), p.split.Px() }

// typed waits for a pause in typing before the filter changes: a filter over bodies is slow.
func (p *Page) typed(string) {
	if p.typing != nil {
		p.typing()
	}
	p.typing = p.w.Pump.After(250*time.Millisecond, func() {
		if !p.filter.Unfinished() { // a value is still to come: there is nothing wrong yet
			p.apply()
		}
	})
}

// submit puts the filter in force and opens the first that matches.
func (p *Page) submit() {
	if nothing := p.shown.len() == 0 && !p.searching() && p.filter.Query() == p.shown.query.String() && !p.shown.query.Everything(); nothing {
		p.lookIntoBodies() // Enter once more
		return
	}
	p.toHit, p.unlessShown = true, false
	p.apply()
	if p.sight.filter() == p.shown.query.String() && !p.searching() {
		p.openHit()
	}
}

// openHit opens the first capture of the list, where Enter asked for it.
func (p *Page) openHit() {
	if !p.toHit {
		return
	}
	if p.toHit && p.shown.len() == 0 && p.searching() {
		return // it may still be found
	}
	stay := p.unlessShown && p.shown.index(p.Chosen) >= 0
	p.toHit, p.unlessShown = false, false
	if !stay && p.shown.len() > 0 && p.filter.Problem() == "" {
		p.list.Select(0)
		p.choose(p.shown.id(0))
		p.w.Win.Canvas().Focus(p.list)
	}
}

// apply puts the filter in force. One that cannot be read leaves the list as it was, and says why.
func (p *Page) apply() {
	q, err := store.ParseQuery(p.filter.Query(), time.Now())
	if err != nil {
		p.toHit = false
		p.filter.SetProblem(part.Sentence(err))
		p.note.Set(p.summary())
		return
	}
	p.filter.SetProblem("")
	p.sight.mu.Lock()
	changed := q.String() != p.sight.query.String()
	if changed {
		p.sight.query, p.sight.newest, p.sight.whole, p.sight.search = q, 0, true, search{}
		p.sight.serial++
	}
	p.sight.mu.Unlock()
	p.chips.mark(p.filter)
	p.note.Set(p.summary())
	if changed {
		p.rest.End()
		p.seek(q)
		p.w.Pump.Again()
	}
}

func (p *Page) Load(ctx context.Context) func() {
	b, ready, err := read(ctx, p.w.Engine.Store, &p.sight)
	detail := p.detail.load(ctx)
	var seen *counts
	if p.rest.Due() {
		seen = look(ctx, p.w.Engine.Store, p.sight.filter())
	}
	empty := p.loadEmpty(ctx)
	return func() {
		if seen != nil {
			p.put(seen)
		}
		if empty != nil {
			p.list.Empty = empty()
		}
		if err != nil {
			p.w.Fail(err)
		} else if ready {
			p.take(b)
		}
		if detail != nil {
			detail()
		}
	}
}

// take puts a load into the list. The list keeps its place unless it stands at the top with nothing selected.
func (p *Page) take(b batch) {
	p.sight.mu.Lock()
	current, q := b.serial == p.sight.serial, p.sight.query
	p.sight.mu.Unlock()
	if !current || b.number < p.taken {
		return
	}
	p.taken = b.number
	p.search = b.search
	whole := b.whole && b.serial != p.serial
	if p.serial = b.serial; whole {
		p.shown = newCaptures(q)
		p.fresh = 0
		p.list.Unselect()
	}
	if b.touched {
		clear(p.shown.rows) // those out of sight are read when they come into it
	}
	p.shown.put(b.rows)
	added := 0
	if whole {
		p.shown.ids = b.ids
	} else {
		added = p.anew(b.ids)
	}
	p.sight.mu.Lock()
	p.sight.newest, p.sight.marks, p.sight.whole = p.shown.id(0), b.marks, false
	p.sight.mu.Unlock()
	if whole {
		p.list.ScrollToTop()
		p.list.Refresh()
		p.picked.one(p.Chosen)
		if row := p.shown.index(p.Chosen); row >= 0 {
			p.list.Select(row)
		}
		p.showPicked()
	} else if added > 0 {
		if p.list.Selected() < 0 || p.untouched {
			p.list.ScrollToTop()
		}
		if !p.list.AtTop() {
			p.fresh += added
		}
	}
	if b.touched {
		p.list.Refresh()
	}
	p.openHit()
	p.selectAwaited()
	p.selectFirst()
	p.nearby()
	p.showFresh()
	p.showSearch()
}

// selectFirst shows the newest capture as long as the user has chosen none.
func (p *Page) selectFirst() {
	if !p.untouched || p.shown.len() == 0 || p.shown.index(p.Chosen) >= 0 {
		return
	}
	p.list.Select(0)
	p.choose(p.shown.id(0))
	p.untouched = true
}

// selectAwaited selects what another page opened as soon as the list has it.
func (p *Page) selectAwaited() {
	if row := p.shown.index(p.Chosen); p.awaited && row >= 0 {
		p.awaited = false
		p.list.Select(row)
	}
}

func (p *Page) showFresh() {
	if p.fresh == 0 || p.list.AtTop() {
		p.fresh = 0
		p.pill.Hide()
		return
	}
	p.pill.Set(part.Short(int64(p.fresh))+" new", "arrow-up")
	p.pill.Show()
}

// follow goes back to following what arrives.
func (p *Page) follow() {
	p.fresh = 0
	p.picked.one(0)
	p.showPicked()
	p.list.Unselect()
	p.list.ScrollToTop()
	p.showFresh()
}

func (p *Page) bind(row int, o fyne.CanvasObject) {
	r, ok := p.shown.rows[p.shown.id(row)]
	if !ok {
		o.(*captureRow).wait()
		p.ask(row)
		return
	}
	o.(*captureRow).set(r, p.marked == r.ID)
}

// ask reads the rows around one that is in sight and not loaded.
func (p *Page) ask(row int) {
	shown := p.shown
	if shown.asked[shown.id(row)] {
		return
	}
	var ids []core.CaptureID
	for i := max(0, row-chunk/4); i < row-chunk/4+chunk && i < shown.len(); i++ {
		id := shown.id(i)
		if _, have := shown.rows[id]; !have && !shown.asked[id] {
			ids = append(ids, id)
			shown.asked[id] = true
		}
	}
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		rows, err := p.w.Engine.Store.RowsOf(ctx, ids)
		return func() {
			for _, id := range ids {
				delete(shown.asked, id)
			}
			if err != nil {
				p.w.Fail(err)
				return
			}
			shown.put(rows)
			if shown == p.shown && len(rows) > 0 {
				p.list.Refresh()
			}
		}
	})
}

func (p *Page) scrolled(_, _ int, top bool) {
	p.nearby()
	if top {
		p.showFresh()
	}
}

// choose picks a capture alone, and shows it.
func (p *Page) choose(id core.CaptureID) {
	p.untouched, p.awaited = false, false
	p.picked.one(id)
	p.showPicked()
	p.look(id)
}

// look shows a capture.
func (p *Page) look(id core.CaptureID) {
	p.Chosen = id
	p.detail.show(id)
}

// Open brings a capture of another page here.
func (p *Page) Open(id core.CaptureID) {
	p.w.Open("Inbox")
	p.split.Turn(true)
	row := p.shown.index(id)
	if row >= 0 {
		p.list.Select(row)
	} else {
		p.list.Unselect()
	}
	p.choose(id)
	p.awaited = row < 0
}

func (p *Page) Key(r rune) bool {
	switch r {
	case '/':
		p.Find()
	case 'g':
		p.follow()
	case 'v':
		p.w.SetCompact(!p.w.State.Rows.Compact)
	default:
		return p.detail.tabKey(r) || p.verbKey(r)
	}
	return true
}

// TypedKey is for keys that are no letters.
func (p *Page) TypedKey(e *fyne.KeyEvent) bool {
	switch {
	case e.Name == fyne.KeyDelete || e.Name == fyne.KeyBackspace:
		if l := p.chosenLot(); l.n > 0 {
			p.remove(l)
		}
	case e.Name == fyne.KeyEscape && p.several():
		p.unpick()
	default:
		return false
	}
	return true
}

func (p *Page) listShortcut(s fyne.Shortcut) {
	if _, undo := s.(*fyne.ShortcutUndo); undo {
		p.Undo()
	}
}

// SelectAll picks all that the list shows.
func (p *Page) SelectAll() {
	p.mark(0, control.MarkAll)
	p.list.Refresh()
}

// menu is that of a row: of all that are picked where it is one of them.
func (p *Page) menu(row int, at fyne.Position) {
	id := p.shown.id(row)
	if !p.several() || !p.picked.has(id) {
		p.list.Select(row)
		p.choose(id)
	}
	p.w.Layers.Menu(at, append(p.verbItems(p.chosenLot(), func() fyne.Position { return at }), p.filterItems(id)...)...)
}

// filterItems narrow the list to what is like a capture.
func (p *Page) filterItems(id core.CaptureID) []control.MenuItem {
	return []control.MenuItem{
		{Label: "Only this source", Icon: "funnel", Off: p.shown.rows[id].Name == "", Divider: true, Do: func() { p.Narrow("source", p.shown.rows[id].Name) }},
		{Label: "Only this event", Icon: "funnel", Off: p.shown.rows[id].Event == "", Do: func() { p.Narrow("event", p.shown.rows[id].Event) }},
		{Label: "Not this source", Icon: "ban", Off: p.shown.rows[id].Name == "", Do: func() { p.Narrow("-source", p.shown.rows[id].Name) }},
		{Label: "Not this event", Icon: "ban", Off: p.shown.rows[id].Event == "", Do: func() { p.Narrow("-event", p.shown.rows[id].Event) }},
	}
}

// Narrow adds a word to the filter.
func (p *Page) Narrow(key, value string) {
	p.filter.Add(filterWord(key, value))
	p.apply()
}

// Only shows what one filter lets through.
func (p *Page) Only(key, value string) {
	p.filter.Set(filterWord(key, value))
	p.apply()
}

// filterWord writes a word of the filter language.
func filterWord(key, value string) string {
	if strings.ContainsAny(value, " \"") {
		value = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
	}
	return key + ":" + value
}
