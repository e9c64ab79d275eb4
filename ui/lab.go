package ui

import (
	"context"

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
	on       int
}

func newLabPage(w *Window) page {
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
	p.on = i
	p.sections.Select(i)
	p.stage.SetChild(p.parts[i].view())
	p.w.pump.again()
}

// load reads what all parts show: which of them is in front is for the UI goroutine to know.
func (p *labPage) load(ctx context.Context) func() {
	applies := make([]func(), len(p.parts))
	for i, part := range p.parts {
		applies[i] = part.load(ctx)
	}
	return func() {
		for _, apply := range applies {
			if apply != nil {
				apply()
			}
		}
	}
}

func (p *labPage) key(r rune) bool { return p.parts[p.on].key(r) }
func (p *labPage) find()           { p.parts[p.on].find() }
