package picture

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// OwnCode answers "why did my own code compute X?": the user pastes one value out of a log, and the doctor finds what
// it was computed from.
type OwnCode struct {
	w        *frame.Window
	Field    *control.Field
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

func NewOwnCode(w *frame.Window, lang *string, wheel func(*fyne.ScrollEvent), changed func()) *OwnCode {
	o := &OwnCode{w: w, findings: newFindingsView(w, lang, wheel), answer: control.NewBox(control.Surface{}, nil), changed: changed}
	o.Field = control.NewField("", "The value that your code computed, from its log", nil).AsCode()
	o.Field.OnSubmit = func(string) { o.search() }
	o.ask = control.NewButton("Explain", "stethoscope", control.Secondary, o.search)
	o.root = control.Card(control.Col(10, control.NewText("Why did my own code compute something else?", control.Strong),
		control.NewParagraph("Log the signature that your handler computes for this request and paste it here. Nothing else of your code is needed.", control.Body.In(control.Muted)),
		control.RowFill(8, control.Grow(o.Field), o.ask), o.answer))
	return o
}

func (o *OwnCode) View() fyne.CanvasObject { return o.root }

func (o *OwnCode) Set(id core.CaptureID, shot *Picture) {
	if id != o.id {
		o.Clear()
	}
	o.id, o.parts = id, shot.Verdict.Parts
}

func (o *OwnCode) Clear() {
	o.serial++
	if o.cancel != nil {
		o.cancel()
		o.cancel = nil
	}
	o.id = 0
	o.Field.SetQuiet("")
	o.Field.SetProblem("")
	o.answer.SetChild(nil)
	o.ask.Set("Explain", "stethoscope")
}

func (o *OwnCode) search() {
	if o.cancel != nil { // the button says Cancel now
		o.cancel()
		return
	}
	value := strings.TrimSpace(o.Field.Text())
	if value == "" {
		o.Field.SetProblem("Paste the value first")
		o.changed()
		return
	}
	o.Field.SetProblem("")
	o.serial++
	serial, id := o.serial, o.id
	ctx, cancel := context.WithCancel(o.w.Ctx)
	o.cancel = cancel
	stop := o.w.Pump.After(frame.PendingAfter, func() {
		if serial == o.serial && o.cancel != nil {
			o.ask.Set("Cancel", "x")
			o.changed()
		}
	})
	o.w.Pump.Task(o.w.Ctx, func(context.Context) func() {
		d, err := o.w.Engine.Diagnose(ctx, id, value)
		return func() {
			stop()
			cancel()
			if serial != o.serial {
				return
			}
			o.cancel = nil
			o.ask.Set("Explain", "stethoscope")
			o.w.Fail(err)
			if err == nil {
				o.put(diagnosis{findings: d.Findings, tried: d.Tried, excluded: d.Excluded, parts: o.parts, computed: true})
			}
			o.changed()
			control.IntoSight(o.answer)
		}
	})
}

func (o *OwnCode) put(d diagnosis) {
	if len(d.findings) == 0 {
		o.answer.SetChild(remarkRow("circle-check", control.Green, "Your code is right: this is the signature of these bytes with this secret."))
		return
	}
	o.findings.set(d)
	o.answer.SetChild(o.findings.body)
}
