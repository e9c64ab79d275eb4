package ui

import (
	"context"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// labPart is one of the parts of the Lab.
type labPart interface {
	view() fyne.CanvasObject
	load(ctx context.Context) (apply func())
	find()
	key(r rune) bool
}

// labPage answers "what if": what-if runs over a load, faults and limits that are live now with the manners of senders,
// and the check-up of a handler.
type labPage struct {
	plain
	w        *Window
	sections *control.Segmented
	parts    []labPart
	stage    *control.Box
	on       atomic.Int32 // the part in front, for the pump's goroutine too
}

func newLabPage(w *Window) *labPage {
	p := &labPage{plain: plain{title: "Lab", symbol: "flask-conical"}, w: w, stage: control.NewBox(control.Surface{}, nil)}
	p.parts = []labPart{newWhatIf(w), newLiveFaults(w), newCheckup(w)}
	p.sections = control.NewSegmented(p.turn, "What-if", "Faults and manners", "Check-up")
	head := control.Pad(control.Sides(14, 18, 12, 22), control.Row(16, control.NewText("Lab", control.Heading), p.sections, control.Spacer()))
	p.root = control.NewBox(control.Surface{Fill: control.SurfaceDetail}, control.Col(0, head, control.Hair(), control.Grow(p.stage)))
	p.turn(0)
	return p
}

// turn shows a part.
func (p *labPage) turn(i int) {
	p.on.Store(int32(i))
	p.sections.Select(i)
	p.stage.SetChild(p.parts[i].view())
	p.w.pump.again()
}

// load reads what the part in front shows.
func (p *labPage) load(ctx context.Context) func() { return p.front().load(ctx) }

func (p *labPage) front() labPart { return p.parts[p.on.Load()] }

func (p *labPage) key(r rune) bool { return p.front().key(r) }
func (p *labPage) find()           { p.front().find() }
