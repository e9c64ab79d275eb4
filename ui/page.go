package ui

import (
	"context"

	"fyne.io/fyne/v2"
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
