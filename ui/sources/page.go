// Package sources is the page of sources: where webhooks come in, and what answers them.
package sources

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// Page is the list of sources, and beside it one of them to edit, or the gallery to add one.
type Page struct {
	frame.Plain
	w     *frame.Window
	list  *control.List
	stage *control.Box

	tiles  *part.SourceTiles // of the gallery
	rows   []sourceRow
	read   bool   // rows are those of the store
	tick   func() // stops the pending tick
	chosen core.SourceID
	asked  bool // the user went to a source or to the gallery: until then the first source is shown
	split  *control.Split
	editor *sourceEditor // of the chosen source, or of a new one; nil: the gallery
}

// sourceRow is what the list shows of a source.
type sourceRow struct {
	source  core.Source
	path    string
	stat    store.SourceStat
	problem string // what keeps it from working, in a sentence
}

func New(w *frame.Window) *Page {
	p := &Page{Plain: frame.Plain{Title: "Sources", Symbol: "webhook"}, w: w, stage: control.NewBox(control.Surface{Fill: control.SurfaceDetail}, nil)}
	p.list = control.NewList(56, func() int { return len(p.rows) }, func() fyne.CanvasObject { return newSourceCell(w) },
		func(i int, o fyne.CanvasObject) { o.(*sourceCell).set(p.rows[i]) })
	p.list.Gap = 4
	p.list.OnSelect = func(i int) { p.choose(p.rows[i].source.ID) }
	p.list.OnRune = p.Key
	p.list.Empty = control.Skeleton(5, 40)
	head := control.Pad(control.Sides(14, 12, 8, 18), control.RowFill(8, control.Grow(control.NewText("Sources", control.Heading)),
		control.NewButton("Add source", "plus", control.Secondary, func() { p.leave(p.gallery) })))
	left := control.NewBox(control.Surface{Fill: control.SurfacePanel}, control.Col(0, head, control.Grow(control.Pad(control.XY(6, 0), p.list))))
	p.split = control.NewSplit(left, p.stage, 320, 260, 420).Named("Sources", "Source").Leads(p.list)
	p.Root = p.split
	return p
}

// Load reads the sources and what arrived at them.
func (p *Page) Load(ctx context.Context) func() {
	rows, err := readSources(ctx, p.w)
	return func() {
		if err != nil {
			p.w.Fail(err)
			return
		}
		p.put(rows)
		p.begin()
		p.mark()
		if row, ok := p.row(p.chosen); ok && p.editor != nil {
			p.editor.update(row)
		} else if p.editor != nil {
			p.editor.show() // it may be reached at another address by now
		}
		p.age()
	}
}

// begin shows the first source, or what one can be, as long as the user has asked for nothing.
func (p *Page) begin() {
	switch {
	case p.asked || p.editor != nil:
	case len(p.rows) > 0:
		p.edit(p.rows[0].source, false)
	case p.tiles == nil:
		p.showGallery()
	}
}

// put shows rows that were read. Until then it is not known that there are none.
func (p *Page) put(rows []sourceRow) {
	p.rows = rows
	if !p.read {
		p.read = true
		p.list.Empty = control.EmptyState("webhook", "No sources", "A source is an address where webhooks arrive. Choose at the right whose.")
	}
	p.list.Refresh()
}

// age shows the ages anew while the page is in front: by the second where one is that young.
func (p *Page) age() {
	if p.tick != nil {
		p.tick()
		p.tick = nil
	}
	var last time.Time
	for _, r := range p.rows {
		if r.stat.Last.After(last) {
			last = r.stat.Last
		}
	}
	if last.IsZero() || !p.w.InFront(p) {
		return
	}
	wait := 20 * time.Second
	if time.Since(last) < time.Minute {
		wait = time.Second
	}
	p.tick = p.w.Pump.After(wait, func() {
		p.list.Refresh()
		if row, ok := p.row(p.chosen); ok && p.editor != nil && p.editor.overview != nil {
			p.editor.overview.update(row)
		}
		p.age()
	})
}

func readSources(ctx context.Context, w *frame.Window) ([]sourceRow, error) {
	sources, err := w.Engine.Store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	stats, err := w.Engine.Store.SourceStats(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]sourceRow, len(sources))
	for i, src := range sources {
		rows[i] = sourceRow{source: src, path: part.SourcePathOf(src), stat: stats[src.ID], problem: sourceProblem(w, src)}
	}
	return rows, nil
}

// sourceProblem says what is missing. A keyring is not asked here: it may wait for the user.
func sourceProblem(w *frame.Window, src core.Source) string {
	if err := w.Engine.Problem(src.ID); err != nil {
		return part.Sentence(err)
	}
	for name, ref := range src.Secrets {
		if kind, _, _ := strings.Cut(string(ref), ":"); kind == "keyring" {
			continue
		}
		if _, err := w.Engine.Vault.Resolve(ref); err != nil {
			return name + ": " + strings.TrimPrefix(err.Error(), "secret: ")
		}
	}
	return ""
}

func (p *Page) row(id core.SourceID) (sourceRow, bool) {
	i := slices.IndexFunc(p.rows, func(r sourceRow) bool { return r.source.ID == id })
	if id == 0 || i < 0 {
		return sourceRow{}, false
	}
	return p.rows[i], true
}

// mark selects the row of the chosen source.
func (p *Page) mark() {
	for i, r := range p.rows {
		if r.source.ID == p.chosen && p.chosen != 0 {
			p.list.Select(i)
			return
		}
	}
	p.list.Unselect()
}

// choose shows a source, unless there are changes that the user wants to keep.
func (p *Page) choose(id core.SourceID) {
	if id == p.chosen {
		return
	}
	p.asked = true
	p.mark()
	p.leave(func() {
		if row, ok := p.row(id); ok {
			p.edit(row.source, false)
		}
	})
}

// leave asks about unsaved changes, and then goes on.
func (p *Page) leave(then func()) {
	if p.editor == nil || !p.editor.dirty() || p.editor.fresh() && !p.editor.touched {
		then()
		return
	}
	p.w.Layers.Ask(control.Question{Title: "Discard the changes?", Text: "What you changed on " + p.editor.title() + " is not saved.", Yes: "Discard", Danger: true, Do: then})
}

// edit puts a source up. A new one has no id and may be as good as complete.
func (p *Page) edit(src core.Source, fresh bool) {
	p.chosen = src.ID
	p.editor = newSourceEditor(p, src, fresh)
	p.stage.SetChild(p.editor.view())
	p.mark()
	if row, ok := p.row(src.ID); ok {
		p.editor.update(row)
	}
}

// gallery is showGallery as the user asks for it.
func (p *Page) gallery() {
	p.asked = true
	p.split.Turn(true)
	p.showGallery()
}

func (p *Page) showGallery() {
	p.chosen, p.editor = 0, nil
	p.stage.SetChild(newGallery(p))
	p.mark()
}

// Save is Ctrl+S.
func (p *Page) Save() {
	if p.editor != nil && p.editor.dirty() {
		p.editor.testing = false
		p.editor.save()
	}
}

// Submit is Ctrl+Enter: a new source is tried at once.
func (p *Page) Submit() {
	if p.editor != nil && p.editor.fresh() {
		p.editor.addAndTest()
		return
	}
	p.Save()
}

// Focus gets the keyboard when the page opens.
func (p *Page) Focus() fyne.Focusable { return p.split.Keys(p.list) }

func (p *Page) Key(r rune) bool {
	switch r {
	case 'n':
		p.leave(p.gallery)
	case 'c':
		if p.editor != nil {
			frame.CopyCurlOf(p.w, p.editor.stored)
		}
	default:
		return false
	}
	return true
}

// freeName is a name that no source has yet.
func (p *Page) freeName(name string) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(p.rows, func(r sourceRow) bool { return r.source.Name == n })
	}
	for out, i := name, 2; ; i++ {
		if !taken(out) {
			return out
		}
		out = name + "-" + part.WriteNumber(float64(i))
	}
}

// Open shows a source of another page, and of its tabs the one named.
func (p *Page) Open(id core.SourceID, tab string) {
	p.asked = true
	p.w.Open(p.Title)
	p.split.Turn(true)
	p.w.Pump.Task(p.w.Ctx, func(ctx context.Context) func() {
		rows, err := readSources(ctx, p.w)
		return func() {
			p.w.Fail(err)
			p.put(rows)
			p.choose(id)
			if tab != "" && p.editor != nil && p.chosen == id {
				p.editor.turnTo(tab)
			}
		}
	})
}

// Verbs are what can be done from any page.
func (p *Page) Verbs() []control.Command {
	return []control.Command{{Label: "New source", Hint: "Sources", Icon: "plus", Words: "add create provider platform receive address",
		Do: func() { p.w.Open(p.Title); p.leave(p.gallery) }}}
}

// AddAt opens a new generic source at a capture's path, with the scheme that its signature shows.
func (p *Page) AddAt(c *core.Capture) {
	w := p.w
	w.Open(p.Title)
	p.split.Turn(true)
	any, found := anyProvider()
	if !found {
		return
	}
	p.leave(func() {
		src := core.Source{Platform: any.Name, Settings: w.Engine.Suggest(any.Name), Name: p.freeName(nameOfPath(c.Request.Path()))}
		src.Settings["path"] = c.Request.Path()
		note := ""
		if matches := w.Engine.Schemes.Book().Detect(&c.Request); len(matches) > 0 {
			setScheme(any, &src, matches[0].Scheme)
			note = "Looks like " + part.ProviderOf(w.Host(), matches[0].Scheme) + ": " + matches[0].Why + ". Enter its secret to check the signature."
		}
		p.edit(src, true)
		p.editor.say(note)
	})
}

// anyProvider is the platform that checks with any scheme.
func anyProvider() (platform.Platform, bool) {
	for _, p := range platform.All {
		if _, ok := schemeSetting(p); ok {
			return p, true
		}
	}
	return platform.Platform{}, false
}

// schemeSetting is the setting that names a scheme, where the platform has one.
func schemeSetting(p platform.Platform) (string, bool) {
	for _, s := range p.Settings {
		if s.Kind == platform.SchemeKind {
			return s.Name, true
		}
	}
	return "", false
}

func setScheme(p platform.Platform, src *core.Source, scheme string) {
	if name, ok := schemeSetting(p); ok && scheme != "" {
		src.Settings[name] = scheme
	}
}

// nameOfPath makes a name of a path: "in/stripe/live" becomes "stripe-live".
func nameOfPath(path string) string {
	name := strings.ReplaceAll(strings.TrimPrefix(strings.Trim(path, "/"), "in/"), "/", "-")
	if name == "" {
		return "anything"
	}
	return name
}
