package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
)

// New builds the window on an app. ctx ends with the program.
func New(ctx context.Context, app fyne.App, e *engine.Engine) *Window {
	return newShell(newWindow(ctx, app, e, nil)).w
}

// shell is the window with its pages and the rail in it. It alone knows every page, and leads from one to another.
type shell struct {
	w          *Window
	rail       *rail
	inbox      *inbox
	work       *workPage
	compose    *composePage
	deliveries *deliveriesPage
	lab        *labPage
	sources    *sourcesPage
	settings   *settingsPage
	known      known // what the palette offers
}

func newShell(w *Window) *shell {
	s := &shell{w: w, inbox: newInbox(w), work: newWorkPage(w), compose: newComposePage(w), deliveries: newDeliveriesPage(w),
		lab: newLabPage(w), sources: newSourcesPage(w), settings: newSettingsPage(w)}
	w.to = s.verbs()
	pages := []page{s.inbox, s.work, s.compose, s.deliveries, s.lab, s.sources, s.settings}
	s.rail = newRail(w, pages)
	w.build(layout{pages: pages, beside: s.rail.view(), turned: s.rail.mark, load: s.load, palette: s.palette})
	w.win.SetOnDropped(func(_ fyne.Position, files []fyne.URI) { dropped(w, files) })
	return s
}

// verbs are how the pages lead to each other.
func (s *shell) verbs() verbs {
	return verbs{
		openCapture: s.inbox.open, filterInbox: s.inbox.only, narrowInbox: s.inbox.narrow, rereadCapture: s.inbox.reread, replay: s.inbox.replay,
		compose: s.compose.openCapture, openWork: s.work.open,
		openDelivery: s.deliveries.openDelivery, openBatch: s.deliveries.openBatch, prepare: s.deliveries.outbox.labour.start,
		openSource: s.sources.open, addSource: s.sources.addAt,
		openSettings: s.settings.open, correctTunnel: s.settings.correctTunnel, settleTunnel: s.settings.tunnel.settled,
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
