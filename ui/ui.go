// Package ui puts the pages, the rail and the palette into a window, and leads from one page to another. It and the packages
// below it are all of Hookglass that knows Fyne.
package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/ui/compose"
	"hookglass/ui/control"
	"hookglass/ui/deliveries"
	"hookglass/ui/frame"
	"hookglass/ui/inbox"
	"hookglass/ui/lab"
	"hookglass/ui/settings"
	"hookglass/ui/shapes"
	"hookglass/ui/sources"
	"hookglass/ui/work"
)

// New builds the window on an app. ctx ends with the program.
func New(ctx context.Context, app fyne.App, e *engine.Engine) *frame.Window {
	s := newShell(frame.New(ctx, app, e, nil))
	w := s.w
	s.greet(ctx)
	if why := e.ReadOnly(); why != "" {
		w.Win.SetTitle("Hookglass (read-only)")
		w.Layers.Toast(control.Toast{Text: "Read-only: " + why, Tone: control.Red, For: 15 * time.Second}) // the rail says it all the time
	}
	return w
}

// shell is the window with its pages and the rail in it. It alone knows every page, and leads from one to another.
type shell struct {
	w          *frame.Window
	rail       *rail
	inbox      *inbox.Page
	work       *work.Page
	compose    *compose.Page
	deliveries *deliveries.Page
	lab        *lab.Page
	sources    *sources.Page
	settings   *settings.Page
	shapes     *shapes.Page
	known      known // what the palette offers
}

func newShell(w *frame.Window) *shell {
	s := &shell{w: w, inbox: inbox.New(w), work: work.New(w), compose: compose.New(w), deliveries: deliveries.New(w),
		lab: lab.New(w), sources: sources.New(w), settings: settings.New(w), shapes: shapes.New(w)}
	w.Go = s.verbs()
	pages := []frame.Page{s.inbox, s.work, s.compose, s.deliveries, s.lab, s.sources, s.settings, s.shapes}
	s.rail = newRail(w, pages)
	s.rail.filters.use, s.rail.filters.menu = s.inbox.UseFilter, s.inbox.FilterMenu
	w.Build(frame.Layout{Pages: pages, Beside: s.rail.view(), Fold: s.rail.setNarrow, Folded: s.rail.lay, Turned: s.rail.mark, Load: s.load, Palette: s.palette})
	w.Win.SetOnDropped(func(_ fyne.Position, files []fyne.URI) { inbox.Dropped(w, files) })
	return s
}

// verbs are how the pages lead to each other.
func (s *shell) verbs() frame.Verbs {
	return frame.Verbs{
		OpenCapture: s.inbox.Open, FilterInbox: s.inbox.Only, NarrowInbox: s.inbox.Narrow, RereadCapture: s.inbox.Reread, Replay: s.inbox.Replay,
		OpenFiles: func(paths ...string) { inbox.OpenFiles(s.w, paths...) }, Compose: s.compose.OpenCapture, Recompose: s.compose.OpenAgain, OpenWork: s.work.Open,
		OpenDelivery: s.deliveries.OpenDelivery, OpenBatch: s.deliveries.OpenBatch, Prepare: s.deliveries.Outbox.Labour.Start,
		OpenSource: s.sources.Open, AddSource: s.sources.AddAt, NewSource: s.sources.Begin,
		CheckUp:      s.lab.CheckUp,
		OpenShape:    s.shapes.Open,
		OpenSettings: s.settings.Open, CorrectTunnel: s.settings.CorrectTunnel, JoinSpace: s.settings.JoinSpace, SettleTunnel: s.settings.Tunnel.Settled,
	}
}

// load reads what stands beside the pages.
func (s *shell) load(ctx context.Context) func() {
	rail, known := s.rail.load(ctx), s.known.load(ctx, s.w)
	return func() {
		rail()
		known()
	}
}
