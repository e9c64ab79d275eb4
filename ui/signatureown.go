package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
)

// ownCode answers "why did my own code compute X?": the user pastes one value out of a log, and the doctor finds what
// it was computed from.
type ownCode struct {
	w        *Window
	field    *control.Field
	ask      *control.Button
	findings *findingsView
	answer   *control.Box
	root     fyne.CanvasObject
	changed  func()

	id     core.CaptureID
	parts  []core.Part
	serial int
	cancel context.CancelFunc
}

func newOwnCode(w *Window, lang *string, wheel func(*fyne.ScrollEvent), changed func()) *ownCode {
	o := &ownCode{w: w, findings: newFindingsView(w, lang, wheel), answer: control.NewBox(control.Surface{}, nil), changed: changed}
	o.field = control.NewField("", "The value that your code computed, from its log", nil).AsCode()
	o.field.OnSubmit = func(string) { o.search() }
	o.ask = control.NewButton("Explain", "stethoscope", control.Secondary, o.search)
	o.root = control.Card(control.Col(10, control.NewText("Why did my own code compute something else?", control.Strong),
		control.NewParagraph("Log the signature that your handler computes for this request and paste it here. Nothing else of your code is needed.", control.Body.In(control.Muted)),
		control.RowFill(8, control.Grow(o.field), o.ask), o.answer))
	return o
}

func (o *ownCode) view() fyne.CanvasObject { return o.root }

func (o *ownCode) set(id core.CaptureID, shot *picture) {
	if id != o.id {
		o.clear()
	}
	o.id, o.parts = id, shot.verdict.Parts
}

func (o *ownCode) clear() {
	o.serial++
	if o.cancel != nil {
		o.cancel()
		o.cancel = nil
	}
	o.id = 0
	o.field.SetQuiet("")
	o.field.SetProblem("")
	o.answer.SetChild(nil)
	o.ask.Set("Explain", "stethoscope")
}

func (o *ownCode) search() {
	if o.cancel != nil { // the button says Cancel now
		o.cancel()
		return
	}
	value := strings.TrimSpace(o.field.Text())
	if value == "" {
		o.field.SetProblem("Paste the value first")
		o.changed()
		return
	}
	o.field.SetProblem("")
	o.serial++
	serial, id := o.serial, o.id
	ctx, cancel := context.WithCancel(o.w.ctx)
	o.cancel = cancel
	stop := o.w.pump.after(pendingAfter, func() {
		if serial == o.serial && o.cancel != nil {
			o.ask.Set("Cancel", "x")
			o.changed()
		}
	})
	o.w.pump.task(o.w.ctx, func(context.Context) func() {
		d, err := o.w.e.Diagnose(ctx, id, value)
		return func() {
			stop()
			cancel()
			if serial != o.serial {
				return
			}
			o.cancel = nil
			o.ask.Set("Explain", "stethoscope")
			o.w.fail(err)
			if err == nil {
				o.put(diagnosis{findings: d.Findings, tried: d.Tried, excluded: d.Excluded, parts: o.parts, computed: true})
			}
			o.changed()
		}
	})
}

func (o *ownCode) put(d diagnosis) {
	if len(d.findings) == 0 {
		o.answer.SetChild(remarkRow("circle-check", control.Green, "Your code is right: this is the signature of these bytes with this secret."))
		return
	}
	o.findings.set(d)
	o.answer.SetChild(o.findings.body)
}
