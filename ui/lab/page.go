// Package lab is the page of trials: what-if runs over the history, live faults, and the check-up of a handler.
package lab

import (
	"context"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// labPart is one of the parts of the Lab.
type labPart interface {
	View() fyne.CanvasObject
	Load(ctx context.Context) (apply func())
	Find()
	Key(r rune) bool
}

// Page answers "what if": what-if runs over a load, faults and limits that are live now with the manners of senders,
// and the check-up of a handler.
type Page struct {
	frame.Plain
	w        *frame.Window
	sections *control.Segmented
	parts    []labPart
	stage    *control.Box
	on       atomic.Int32 // the part in front, for the pump's goroutine too
}

func New(w *frame.Window) *Page {
	p := &Page{Plain: frame.Plain{Title: "Lab", Symbol: "flask-conical"}, w: w, stage: control.NewBox(control.Surface{}, nil)}
	p.parts = []labPart{newWhatIf(w), newLiveFaults(w), newCheckup(w)}
	p.sections = control.NewSegmented(p.turn, "What-if", "Faults and manners", "Check-up")
	head := control.Pad(control.Sides(14, 18, 12, 22), control.Row(16, control.NewText("Lab", control.Heading), p.sections, control.Spacer()))
	p.Root = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, control.Col(0, head, control.Hair(), control.Grow(p.stage)))
	p.turn(0)
	return p
}

// turn shows a part.
func (p *Page) turn(i int) {
	p.on.Store(int32(i))
	p.sections.Select(i)
	p.stage.SetChild(p.parts[i].View())
	p.w.Pump.Again()
}

// CheckUp makes the check-up ready for the handler at an address.
func (p *Page) CheckUp(url, scheme string, secret core.SecretRef) {
	p.w.Open(p.Title)
	for i, part := range p.parts {
		if c, ok := part.(*checkup); ok {
			p.turn(i)
			c.form.set(engine.Handler{URL: url, Scheme: scheme, Secret: secret})
		}
	}
}

// Load reads what the part in front shows.
func (p *Page) Load(ctx context.Context) func() { return p.front().Load(ctx) }

func (p *Page) front() labPart { return p.parts[p.on.Load()] }

func (p *Page) Key(r rune) bool { return p.front().Key(r) }
func (p *Page) Find()           { p.front().Find() }
