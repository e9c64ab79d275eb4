package frame

import (
	"context"

	"fyne.io/fyne/v2"
)

// Page is one entry of the rail.
type Page interface {
	Name() string
	Icon() string
	View() fyne.CanvasObject
	// Load reads what the page shows, off the UI goroutine, and returns what puts it there. It is called at every
	// change of the store while the page is shown, so it asks for no more than is in sight.
	Load(ctx context.Context) (apply func())
	// Key is offered what is typed while no field has the keyboard.
	Key(r rune) bool
	// Find puts the keyboard into the page's filter: Ctrl+F.
	Find()
}

// Plain is what most pages have in common: a name, an icon, and keys that mean nothing.
type Plain struct {
	Title, Symbol string
	Root          fyne.CanvasObject
}

func (p *Plain) Name() string                { return p.Title }
func (p *Plain) Icon() string                { return p.Symbol }
func (p *Plain) View() fyne.CanvasObject     { return p.Root }
func (p *Plain) Key(rune) bool               { return false }
func (p *Plain) Find()                       {}
func (p *Plain) Load(context.Context) func() { return nil }
