package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
)

// morePages are the pages behind the inbox, in the order of the rail.
func morePages(w *Window) []page {
	return []page{newWorkPage(w), newComposePage(w), newDeliveriesPage(w), newLabPage(w), newSourcesPage(w), newSettingsPage(w)}
}

// detailTabs are the tabs of a capture in their order.
func detailTabs(w *Window) []tab {
	return []tab{newOverview(w), newBodyTab(w), newHeadersTab(w), newSignatureTab(w), newTimelineTab(w), newReplaysTab(w)}
}

// plain is what most pages have in common: a name, an icon, and keys that mean nothing.
type plain struct {
	title, symbol string
	root          fyne.CanvasObject
}

func (p *plain) name() string                { return p.title }
func (p *plain) icon() string                { return p.symbol }
func (p *plain) view() fyne.CanvasObject     { return p.root }
func (p *plain) key(rune) bool               { return false }
func (p *plain) find()                       {}
func (p *plain) load(context.Context) func() { return nil }

// plainTab is a tab that reads nothing later.
type plainTab struct {
	title string
	root  fyne.CanvasObject
}

func (t *plainTab) label() string                              { return t.title }
func (t *plainTab) view() fyne.CanvasObject                    { return t.root }
func (t *plainTab) set(*core.Capture)                          {}
func (t *plainTab) load(context.Context, *core.Capture) func() { return nil }

// pageHead is the line at the top of a page: what it is, and what one can do.
func pageHead(title, below string, actions ...fyne.CanvasObject) fyne.CanvasObject {
	words := control.Col(2, control.NewText(title, control.Heading), control.NewText(below, control.Small).Ellipsis())
	return control.Pad(control.Sides(16, 18, 14, 22), control.RowFill(10, control.Grow(words), control.Row(6, actions...)))
}
