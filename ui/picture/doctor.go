package picture

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// DoctorPane asks the doctor about a capture, shows that it searches, and what it found.
type DoctorPane struct {
	w        *frame.Window
	findings *findingsView
	stage    *control.Box
	again    *control.Button
	foot     *fyne.Container
	changed  func() // the height may be another

	id      core.CaptureID
	asked   map[core.CaptureID]bool // by itself it asks once for each
	cancel  context.CancelFunc
	serial  int
	running bool
}

func NewDoctorPane(w *frame.Window, lang *string, wheel func(*fyne.ScrollEvent), changed func()) *DoctorPane {
	p := &DoctorPane{w: w, findings: newFindingsView(w, lang, wheel), stage: control.NewBox(control.Surface{}, nil), changed: changed, asked: map[core.CaptureID]bool{}}
	p.again = control.NewButton("Diagnose again", "refresh-cw", control.Ghost, p.search)
	p.foot = control.Row(0, p.again)
	return p
}

func (p *DoctorPane) View() fyne.CanvasObject { return p.stage }

// Set shows what is known of a capture, and begins to search where nothing is.
func (p *DoctorPane) Set(id core.CaptureID, d diagnosis) {
	if id != p.id && p.cancel != nil {
		p.cancel()
		p.running = false
	}
	p.id = id
	switch {
	case p.running:
	case d.done():
		p.put(d)
	case p.asked[id]:
		p.offer()
	default:
		p.search()
	}
}

// Clear shows nothing: there is nothing to explain.
func (p *DoctorPane) Clear() {
	if p.cancel != nil {
		p.cancel()
	}
	p.id, p.running = 0, false
	p.stage.SetChild(nil)
	p.changed()
}

func (p *DoctorPane) put(d diagnosis) {
	p.findings.set(d)
	p.stage.SetChild(control.Col(8, p.findings.body, p.foot))
	p.changed()
}

// offer stands where a search was cancelled.
func (p *DoctorPane) offer() {
	row := control.RowFill(10, control.Centre(control.NewIcon("stethoscope", control.Muted, 16)),
		control.Grow(control.NewParagraph("The doctor can look for the cause: it computes the signature in thousands of other ways and compares.", control.Body)),
		control.NewButton("Diagnose", "stethoscope", control.Primary, p.search))
	p.stage.SetChild(control.Card(row))
	p.changed()
}

// search has the doctor look. What it finds is stored, so the page's next load shows it.
func (p *DoctorPane) search() {
	id := p.id
	p.asked[id] = true
	p.serial++
	serial := p.serial
	ctx, cancel := context.WithCancel(p.w.Ctx)
	p.cancel, p.running = cancel, true
	stop := p.w.Pump.After(frame.PendingAfter, func() {
		if serial == p.serial && p.running {
			p.searching(cancel)
		}
	})
	p.w.Pump.Task(p.w.Ctx, func(context.Context) func() {
		d, err := p.w.Engine.Diagnose(ctx, id, "")
		var parts []core.Part
		if c, cerr := p.w.Engine.Store.Capture(p.w.Ctx, id); cerr == nil && c.Receipt.Verdict != nil {
			parts = c.Receipt.Verdict.Parts
		}
		return func() {
			stop()
			cancel()
			if serial != p.serial || id != p.id {
				return
			}
			p.running = false
			if err != nil {
				p.w.Fail(err)
				p.offer()
				return
			}
			p.put(diagnosis{findings: d.Findings, tried: d.Tried, excluded: d.Excluded, parts: parts})
		}
	})
}

func (p *DoctorPane) searching(cancel func()) {
	bar := control.NewProgress()
	bar.Busy()
	row := control.RowFill(10, control.Centre(control.NewIcon("stethoscope", control.Accent, 16)),
		control.Grow(control.Col(6, control.NewText("Looking for the cause: other forms of the body, the key, the order, the address, the clock …", control.Body).Ellipsis(), bar)),
		control.NewButton("Cancel", "x", control.Secondary, cancel))
	p.stage.SetChild(control.Card(row))
	p.changed()
}
