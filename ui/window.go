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
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
)

// page is one entry of the rail.
type page interface {
	name() string
	icon() string
	view() fyne.CanvasObject
	// load reads what the page shows, off the UI goroutine, and returns what puts it there. It is called at every
	// change of the store while the page is shown, so it asks for no more than is in sight.
	load(ctx context.Context) (apply func())
	// key is offered what is typed while no field has the keyboard.
	key(r rune) bool
	// find puts the keyboard into the page's filter: Ctrl+F.
	find()
}

// Window is the one window.
type Window struct {
	app    fyne.App
	win    fyne.Window
	e      *engine.Engine
	ctx    context.Context
	pump   *pump
	layers *control.Layers
	theme  *control.Theme

	pages []page
	now   int
	back  []int // pages to go back to
	rail  *rail
	stage *control.Box
	state windowState

	inbox *inbox
	known known // what the palette offers
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

// New builds the window on an app. ctx ends with the program.
func New(ctx context.Context, app fyne.App, e *engine.Engine) *Window {
	return newWindow(ctx, app, e, nil)
}

// newWindow is New with another way onto the UI goroutine.
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
	w.build()
	w.win.Resize(fyne.NewSize(max(w.state.Width, 900), max(w.state.Height, 560)))
	w.win.SetCloseIntercept(w.close)
	w.win.SetOnDropped(func(_ fyne.Position, files []fyne.URI) { w.dropped(files) })
	return w
}

func (w *Window) build() {
	w.inbox = newInbox(w)
	w.pages = []page{w.inbox}
	w.pages = append(w.pages, morePages(w)...)
	w.rail = newRail(w)
	w.stage = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, nil)
	w.layers = control.NewLayers(control.RowFill(0, w.rail.view(), control.Hair(), control.Grow(w.stage)), w.pump.after)
	w.layers.OnShortcut = w.shortcut
	w.win.SetContent(w.layers)
	for i, p := range w.pages {
		if p.name() == w.state.Page {
			w.now = i
		}
	}
	w.show(w.now)
	w.listenKeys()
}

// Run shows the window and returns when it is closed.
func (w *Window) Run() {
	go w.pump.run()
	w.win.ShowAndRun()
}

func (w *Window) close() {
	size := w.win.Canvas().Size()
	w.state.Width, w.state.Height, w.state.Page = size.Width, size.Height, w.pages[w.now].name()
	w.state.Filter, w.state.Split = w.inbox.filterText(), w.inbox.split.Px()
	if err := w.e.Store.PutSetting("window", w.state); err != nil {
		fyne.LogError("remember the window", err)
	}
	w.app.Quit()
}

func (w *Window) load(ctx context.Context) func() {
	apply := w.pages[w.current()].load(ctx)
	rail, known := w.rail.load(ctx), w.known.load(ctx, w)
	return func() {
		rail()
		known()
		if apply != nil {
			apply()
		}
	}
}

// current is the shown page, for the pump's goroutine.
func (w *Window) current() int { return int(w.rail.on.Load()) }

// show brings a page to the front.
func (w *Window) show(i int) {
	w.now = i
	w.rail.select_(i)
	w.stage.SetChild(w.pages[i].view())
	if w.pages[i] == page(w.inbox) { // so that j, k and the arrows move at once
		w.win.Canvas().Focus(w.inbox.list)
	}
	w.pump.again()
}

// open is show for a named page, remembering where the user came from.
func (w *Window) open(name string) page {
	for i, p := range w.pages {
		if p.name() == name {
			if i != w.now {
				w.back = append(w.back, w.now)
			}
			w.show(i)
			return p
		}
	}
	return nil
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
			w.pages[w.now].key(r)
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
		{ctrl(fyne.KeyK), "Ctrl+K", "Commands", w.palette},
		{ctrl(fyne.KeyF), "Ctrl+F", "Filter", func() { w.pages[w.now].find() }},
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
	if p, ok := w.pages[w.now].(interface {
		shortcut(*desktop.CustomShortcut) bool
	}); ok {
		return p.shortcut(s)
	}
	return false
}

// copy puts text on the clipboard and says so.
func (w *Window) copy(what, text string) {
	w.app.Clipboard().SetContent(text)
	w.layers.Toast(control.Toast{Text: what + " copied", Tone: control.Green})
}

// fail shows an error as a sentence and a next step. nil is nothing.
func (w *Window) fail(err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	w.layers.Toast(control.Toast{Text: Sentence(err), Tone: control.Red, Stay: true})
}

// Sentence turns an error into what a person reads: what is wrong, then what to do.
func Sentence(err error) string {
	var invalid *core.Invalid
	text := err.Error()
	switch {
	case errors.As(err, &invalid):
		text = invalid.Field + ": " + invalid.Reason
	case errors.Is(err, core.ErrNotFound):
		text += "; it may have been trimmed from the history"
	}
	if text == "" {
		return "Something went wrong."
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Quit closes the window from another goroutine.
func (w *Window) Quit() { w.pump.do(w.app.Quit) }

// setMode changes between dark, light and the system's choice.
func (w *Window) setMode(m control.Mode) {
	w.state.Mode = string(m)
	w.theme = control.NewTheme(m)
	w.app.Settings().SetTheme(w.theme)
	w.rail.refresh()
}
