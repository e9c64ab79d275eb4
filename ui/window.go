// Package ui is the window: one file per page, and the pump that keeps what is shown true. It is the only part of
// Hookglass that knows Fyne, together with its packages below.
//
// A page shows, calls the engine's verbs when the user does something, and reads the store when the pump says that
// something changed. Nothing slow runs on the UI goroutine: see [pump.task].
package ui

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"hookglass/core/engine"
	"hookglass/ui/control"
)

// Window is the one window.
type Window struct {
	app    fyne.App
	win    fyne.Window
	e      *engine.Engine
	ctx    context.Context
	pump   *pump
	layers *control.Layers
	theme  *control.Theme

	pages  []page
	on     atomic.Int32 // the shown one; the pump reads it too
	back   []int        // pages to go back to
	root   *control.Box // what stands beside the pages, and the stage
	stage  *control.Box // the page in front
	state  windowState
	layout layout
	to     verbs
}

// layout is what the window is built of.
type layout struct {
	pages   []page
	beside  fyne.CanvasObject                // stands left of the pages
	turned  func(i int)                      // a page came to the front
	load    func(ctx context.Context) func() // like that of a page, for what stands beside them
	palette func()
}

// windowState is what the window remembers between runs.
type windowState struct {
	Width  float32 `json:"width"`
	Height float32 `json:"height"`
	Page   string  `json:"page"`
	Filter string  `json:"filter"`
	Split  float32 `json:"split"`
	Mode   string  `json:"mode"` // "", "dark" or "light"
}

// newWindow makes a window on an app, without pages yet. ctx ends with the program; do is the way onto the UI goroutine, nil
// for Fyne's own.
func newWindow(ctx context.Context, app fyne.App, e *engine.Engine, do func(func())) *Window {
	w := &Window{app: app, e: e, ctx: ctx, state: windowState{Width: 1360, Height: 860, Split: 440}}
	if err := e.Store.Setting(ctx, "window", &w.state); err != nil {
		w.state = windowState{Width: 1360, Height: 860, Split: 440}
	}
	w.theme = control.NewTheme(control.Mode(w.state.Mode))
	app.Settings().SetTheme(w.theme)
	w.win = app.NewWindow("Hookglass")
	w.win.SetPadded(false)
	w.win.SetMaster()
	w.pump = newPump(ctx, e.Store.Feed(), w.load, do)
	w.stage = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, nil)
	w.root = control.NewBox(control.Surface{}, nil)
	w.layers = control.NewLayers(w.root, w.pump.after)
	w.layers.OnShortcut = w.shortcut
	w.win.SetContent(w.layers)
	w.win.Resize(fyne.NewSize(max(w.state.Width, 900), max(w.state.Height, 560)))
	w.win.SetCloseIntercept(w.close)
	return w
}

// build puts the pages in, and shows the one that was shown last.
func (w *Window) build(l layout) {
	w.layout, w.pages = l, l.pages
	w.root.SetChild(control.RowFill(0, l.beside, control.Hair(), control.Grow(w.stage)))
	now := 0
	for i, p := range w.pages {
		if p.name() == w.state.Page {
			now = i
		}
	}
	w.show(now)
	w.listenKeys()
}

// now is the page in front.
func (w *Window) now() page { return w.pages[w.on.Load()] }

// inFront reports whether a page is the one that is shown.
func (w *Window) inFront(p page) bool { return w.now() == p }

// host is what the shared parts need of the window.
func (w *Window) host() Host {
	return Host{Engine: w.e, Ctx: w.ctx, Task: w.pump.task, Layers: func() *control.Layers { return w.layers }}
}

// Run shows the window and returns when it is closed.
func (w *Window) Run() {
	go w.pump.run()
	w.win.ShowAndRun()
}

func (w *Window) close() {
	size := w.win.Canvas().Size()
	w.state.Width, w.state.Height, w.state.Page = size.Width, size.Height, w.now().name()
	for _, p := range w.pages {
		if p, ok := p.(interface{ remember(*windowState) }); ok {
			p.remember(&w.state)
		}
	}
	if err := w.e.Store.PutSetting("window", w.state); err != nil {
		fyne.LogError("remember the window", err)
	}
	w.app.Quit()
}

func (w *Window) load(ctx context.Context) func() {
	apply := w.now().load(ctx)
	beside := w.layout.load(ctx)
	return func() {
		beside()
		if apply != nil {
			apply()
		}
	}
}

// show brings a page to the front.
func (w *Window) show(i int) {
	w.on.Store(int32(i))
	w.layout.turned(i)
	w.stage.SetChild(w.pages[i].view())
	if p, ok := w.pages[i].(interface{ focus() fyne.Focusable }); ok {
		w.win.Canvas().Focus(p.focus())
	}
	w.pump.again()
}

// open is show for a named page, remembering where the user came from.
func (w *Window) open(name string) {
	for i, p := range w.pages {
		if p.name() == name {
			if now := int(w.on.Load()); i != now {
				w.back = append(w.back, now)
			}
			w.show(i)
			return
		}
	}
}

func (w *Window) goBack() {
	if w.layers.Back() {
		return
	}
	if focused := w.win.Canvas().Focused(); focused != nil {
		w.win.Canvas().Unfocus()
		return
	}
	if n := len(w.back); n > 0 {
		w.show(w.back[n-1])
		w.back = w.back[:n-1]
	}
}

// listenKeys binds the window's keys: single letters where no field has the keyboard, and shortcuts everywhere.
func (w *Window) listenKeys() {
	c := w.win.Canvas()
	c.SetOnTypedRune(func(r rune) {
		if !w.layers.Covered() {
			w.now().key(r)
		}
	})
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			w.goBack()
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
		{ctrl(fyne.KeyK), "Ctrl+K", "Commands", w.layout.palette},
		{ctrl(fyne.KeyF), "Ctrl+F", "Filter", func() { w.now().find() }},
		{ctrl(fyne.KeyQ), "Ctrl+Q", "Quit", w.close},
	}
	for i, p := range w.pages {
		list = append(list, shortcut{ctrl(fyne.KeyName(fmt.Sprint(i + 1))), fmt.Sprintf("Ctrl+%d", i+1), p.name(), func() { w.open(p.name()) }})
	}
	return list
}

func (w *Window) shortcut(s *desktop.CustomShortcut) bool {
	for _, k := range w.shortcuts() {
		if k.keys.KeyName == s.KeyName && k.keys.Modifier == s.Modifier {
			k.run()
			return true
		}
	}
	if p, ok := w.now().(interface {
		shortcut(*desktop.CustomShortcut) bool
	}); ok {
		return p.shortcut(s)
	}
	return false
}

// fail shows an error as a sentence and a next step. nil is nothing.
func (w *Window) fail(err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	w.layers.Toast(control.Toast{Text: Sentence(err), Tone: control.Red, Stay: true})
}

// Quit closes the window from another goroutine.
func (w *Window) Quit() { w.pump.do(w.app.Quit) }

// setMode changes between dark, light and the system's choice.
func (w *Window) setMode(m control.Mode) {
	w.state.Mode = string(m)
	w.theme = control.NewTheme(m)
	w.app.Settings().SetTheme(w.theme)
	w.refresh()
}

// refresh draws what stands beside the pages anew.
func (w *Window) refresh() {
	if w.layout.beside != nil {
		w.layout.beside.Refresh()
	}
}
