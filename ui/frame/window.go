// Package frame is the window without its pages: it keeps what is shown true, leads from page to page, and remembers how it was
// left.
//
// A page shows, calls the engine's verbs when the user does something, and reads the store when the pump says that
// something changed. Nothing slow runs on the UI goroutine: see [Pump.Task].
package frame

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// Window is the one window.
type Window struct {
	App    fyne.App
	Win    fyne.Window
	Engine *engine.Engine
	Ctx    context.Context
	Pump   *Pump
	Layers *control.Layers
	Theme  *control.Theme

	Pages  []Page
	on     atomic.Int32 // the shown one; the pump reads it too
	back   []int        // pages to go back to
	root   *control.Box // what stands beside the pages, and the stage
	stage  *control.Box // the page in front
	State  State
	layout Layout
	Go     Verbs

	Version string // of this program; empty where it was built without one

	zoomBase float32 // what the environment asks for
	leaving  leaving
	notices  noticing
	gauge    *gauge // measures the UI goroutine; nil but for those who work on the program
	onLoad   func() // after each round of the pump; may be nil
	quitting chan struct{}
	once     sync.Once
}

// Layout is what the window is built of.
type Layout struct {
	Pages   []Page
	Beside  fyne.CanvasObject                // stands left of the pages
	Fold    func(narrow bool)                // there is little room for what stands beside them, or enough again
	Turned  func(i int)                      // a page came to the front
	Load    func(ctx context.Context) func() // like that of a page, for what stands beside them
	Palette func()
	Folded  func() // the state of the rail changed
}

// State is what the window remembers between runs.
type State struct {
	Width  float32 `json:"width"`
	Height float32 `json:"height"`
	Page   string  `json:"page"`
	Filter string  `json:"filter"`
	Split  float32 `json:"split"`
	Mode   string  `json:"mode"` // "", "dark" or "light"
	Zoom   float32 `json:"zoom"` // 0 is 1
	Fold   bool    `json:"fold"` // the rail is icons, however wide the window is
	Rows   Rows    `json:"rows"`
}

// Rows is how the lists show their rows.
type Rows struct {
	Compact bool     `json:"compact"`           // one line each
	Without []string `json:"without,omitempty"` // columns of the captures that are left out
}

// New makes a window on an app, without pages yet. ctx ends with the program; do is the way onto the UI goroutine, nil
// for Fyne's own.
func New(ctx context.Context, app fyne.App, e *engine.Engine, do func(func())) *Window {
	w := &Window{App: app, Engine: e, Ctx: ctx, Version: app.Metadata().Version, State: State{Width: 1360, Height: 860, Split: 440}, quitting: make(chan struct{})}
	if err := e.Store.Setting(ctx, "window", &w.State); err != nil {
		w.State = State{Width: 1360, Height: 860, Split: 440}
	}
	w.Theme = control.NewTheme(control.Mode(w.State.Mode))
	w.beginZoom()
	app.Settings().SetTheme(w.Theme)
	w.Win = app.NewWindow("Hookglass")
	w.Win.SetPadded(false)
	w.Win.SetMaster()
	w.Pump = newPump(ctx, e.Store.Feed(), w.Load, do)
	if os.Getenv(GaugeVar) != "" {
		w.gauge = &gauge{do: w.Pump.Do}
		w.Pump.Do = w.gauge.run
	}
	w.stage = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, nil)
	w.root = control.NewBox(control.Surface{}, nil)
	w.Layers = control.NewLayers(w.root, w.Pump.After)
	w.Layers.OnShortcut = w.Shortcut
	w.Layers.OnBack = w.backOnPage
	w.Layers.OnHelp = w.Help
	w.Win.SetContent(w.Layers)
	w.Win.Resize(fyne.NewSize(max(w.State.Width, LeastWidth), max(w.State.Height, LeastHeight)))
	w.Win.SetCloseIntercept(w.Close)
	w.beginNotices()
	return w
}

// Build puts the pages in, and shows the one that was shown last.
func (w *Window) Build(l Layout) {
	w.layout, w.Pages = l, l.Pages
	w.root.SetChild(&fyne.Container{Layout: &besides{fold: l.Fold}, Objects: []fyne.CanvasObject{l.Beside, control.Hair(), w.stage}})
	now := 0
	for i, p := range w.Pages {
		if p.Name() == w.State.Page {
			now = i
		}
	}
	w.show(now)
	w.listenKeys()
}

// Now is the page in front.
func (w *Window) Now() Page { return w.Pages[w.on.Load()] }

// InFront reports whether a page is the one that is shown.
func (w *Window) InFront(p Page) bool { return w.Now() == p }

// Host is what the shared parts need of the window.
func (w *Window) Host() part.Host {
	return part.Host{Engine: w.Engine, Ctx: w.Ctx, Task: w.Pump.Task, Layers: func() *control.Layers { return w.Layers }}
}

// stuckAfter is how long Fyne may take to end.
const stuckAfter = 3 * time.Second

// Run shows the window and returns when it is closed. Fyne 2.8 may wait for ever for its own last event, which came just as it
// stopped to look for any: then stuck is called, off the UI goroutine, and has to end the program.
func (w *Window) Run(stuck func()) {
	go w.Pump.run()
	go control.KnowGlyphs()
	defer w.measure()()
	ended := make(chan struct{})
	go func() {
		<-w.quitting
		select {
		case <-ended:
		case <-time.After(stuckAfter):
			stuck()
		}
	}()
	w.Win.ShowAndRun()
	close(ended)
	w.once.Do(func() { close(w.quitting) }) // so that nobody waits for it
}

func (w *Window) Load(ctx context.Context) func() {
	apply := w.Now().Load(ctx)
	beside := w.layout.Load(ctx)
	w.lookForNotices(ctx)
	return func() {
		beside()
		if w.onLoad != nil {
			w.onLoad()
		}
		if apply != nil {
			apply()
		}
	}
}

// show brings a page to the front.
func (w *Window) show(i int) {
	left := w.on.Swap(int32(i)) != int32(i)
	w.layout.Turned(i)
	w.stage.SetChild(w.Pages[i].View())
	w.Win.Content().MinSize() // makes the renderers that Fyne threw away: what has none cannot take the keyboard
	if p, ok := w.Pages[i].(interface{ Focus() fyne.Focusable }); ok {
		if f := p.Focus(); f != nil {
			w.Win.Canvas().Focus(f)
		} else {
			w.Win.Canvas().Unfocus()
		}
	} else if left {
		w.Win.Canvas().Unfocus() // or a field that is not to be seen any more goes on writing
	}
	w.Pump.Again()
}

// Open is show for a named page, remembering where the user came from.
func (w *Window) Open(name string) {
	for i, p := range w.Pages {
		if p.Name() == name {
			if now := int(w.on.Load()); i != now {
				w.back = append(w.back, now)
			}
			w.show(i)
			return
		}
	}
}

// backOnPage goes back on the page in front, where it can.
func (w *Window) backOnPage() bool {
	p, ok := w.Now().View().(interface{ Back() bool })
	return ok && p.Back()
}

func (w *Window) GoBack() {
	if w.Layers.Back() || w.backOnPage() {
		return
	}
	if focused := w.Win.Canvas().Focused(); focused != nil {
		w.Win.Canvas().Unfocus()
		return
	}
	if n := len(w.back); n > 0 {
		w.show(w.back[n-1])
		w.back = w.back[:n-1]
	}
}

// listenKeys binds the window's keys: single letters where no field has the keyboard, and shortcuts everywhere.
func (w *Window) listenKeys() {
	c := w.Win.Canvas()
	c.SetOnTypedRune(func(r rune) {
		switch {
		case w.Layers.Covered():
		case r == '?':
			w.Help()
		default:
			w.Now().Key(r)
		}
	})
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		p, ok := w.Now().(interface{ TypedKey(*fyne.KeyEvent) bool })
		if ok && !w.Layers.Covered() && c.Focused() == nil && p.TypedKey(e) {
			return
		}
		switch e.Name {
		case fyne.KeyEscape:
			w.GoBack()
		case fyne.KeyF1:
			w.Help()
		case fyne.KeyReturn, fyne.KeyEnter:
			w.Layers.Submit()
		}
	})
	c.AddShortcut(&fyne.ShortcutUndo{}, func(fyne.Shortcut) {
		if p, ok := w.Now().(interface{ Undo() }); ok && !w.Layers.Covered() {
			p.Undo()
		}
	})
	c.AddShortcut(&fyne.ShortcutSelectAll{}, func(fyne.Shortcut) {
		if p, ok := w.Now().(interface{ SelectAll() }); ok && !w.Layers.Covered() {
			p.SelectAll()
		}
	})
	for _, s := range w.shortcuts() {
		c.AddShortcut(s.keys, func(fyne.Shortcut) { s.run() })
	}
}

// shortcut is a key combination of the window; it works while a field has the keyboard too.
type shortcut struct {
	keys *desktop.CustomShortcut
	hint string
	name string
	run  func()
}

func (w *Window) shortcuts() []shortcut {
	ctrl := func(k fyne.KeyName) *desktop.CustomShortcut {
		return &desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault}
	}
	list := []shortcut{
		{ctrl(fyne.KeyK), "Ctrl+K", "Everything that can be done", w.layout.Palette},
		{ctrl(fyne.KeyF), "Ctrl+F", "Filter", func() {
			if w.uncover() {
				w.Now().Find()
			}
		}},
		{ctrl(fyne.KeySlash), "F1, ?", "Keys and help", w.Help},
		{ctrl(fyne.KeyQ), "Ctrl+Q", "Quit", w.Close},
		{ctrl(fyne.KeyS), "Ctrl+S", "Save", w.save},
		{ctrl(fyne.KeyB), "Ctrl+B", "Show the rail as icons, or whole", func() { w.SetFold(!w.State.Fold) }},
		{ctrl(fyne.KeyEqual), "Ctrl++", "Larger", func() { w.ZoomBy(1) }},
		{ctrl(fyne.KeyPlus), "Ctrl++", "Larger", func() { w.ZoomBy(1) }},
		{&desktop.CustomShortcut{KeyName: fyne.KeyEqual, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}, "Ctrl++", "Larger", func() { w.ZoomBy(1) }},
		{ctrl(fyne.KeyMinus), "Ctrl+-", "Smaller", func() { w.ZoomBy(-1) }},
		{ctrl(fyne.Key0), "Ctrl+0", "As large as at first", func() { w.SetZoom(1) }},
		{ctrl(fyne.KeyReturn), "Ctrl+Enter", "Send, or do what the form is for", w.submit},
		{ctrl(fyne.KeyEnter), "Ctrl+Enter", "Send, or do what the form is for", w.submit},
	}
	for i, p := range w.Pages {
		list = append(list, shortcut{ctrl(fyne.KeyName(fmt.Sprint(i + 1))), fmt.Sprintf("Ctrl+%d", i+1), p.Name(), func() { w.turnTo(p.Name()) }})
	}
	return list
}

// turnTo is Open by a key: what lies over the page in front goes first, as with Esc.
func (w *Window) turnTo(name string) {
	if w.uncover() {
		w.Open(name)
	}
}

// uncover takes away what lies over the page, where it lets itself be taken away: a dialog may ask first.
func (w *Window) uncover() bool {
	for range 8 {
		if !w.Layers.Covered() {
			return true
		}
		w.Layers.Back()
	}
	return false
}

// save is Ctrl+S: for the dialog in front, else for the page.
func (w *Window) save() {
	if w.Layers.Submit() || w.Layers.Covered() {
		return
	}
	if p, ok := w.Now().(interface{ Save() }); ok {
		p.Save()
	}
}

// submit is Ctrl+Enter: what the form is for. Where that is to save, it saves.
func (w *Window) submit() {
	if w.Layers.Submit() || w.Layers.Covered() {
		return
	}
	if p, ok := w.Now().(interface{ Submit() }); ok {
		p.Submit()
		return
	}
	w.save()
}

func (w *Window) Shortcut(s *desktop.CustomShortcut) bool {
	for _, k := range w.shortcuts() {
		if k.keys.KeyName == s.KeyName && k.keys.Modifier == s.Modifier {
			k.run()
			return true
		}
	}
	if p, ok := w.Now().(interface {
		Shortcut(*desktop.CustomShortcut) bool
	}); ok {
		return p.Shortcut(s)
	}
	return false
}

// Change has the engine change something, beside the UI goroutine. What failed is said, and pages load what changed.
func (w *Window) Change(verb func(context.Context) error) {
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		err := verb(ctx)
		return func() {
			w.Fail(err)
			w.Pump.Again()
		}
	})
}

// Fail shows an error as a sentence and a next step. nil is nothing.
func (w *Window) Fail(err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	w.Layers.Toast(control.Toast{Text: part.Sentence(err), Tone: control.Red, Stay: true})
}

// SetMode changes between dark, light and the system's choice.
func (w *Window) SetMode(m control.Mode) {
	w.State.Mode = string(m)
	w.Theme = control.NewTheme(m)
	w.App.Settings().SetTheme(w.Theme)
	w.Refresh()
}

// Refresh draws what stands beside the pages anew.
func (w *Window) Refresh() {
	if w.layout.Beside != nil {
		w.layout.Beside.Refresh()
	}
}
