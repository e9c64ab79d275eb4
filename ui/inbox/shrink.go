package inbox

import (
	"context"
	"errors"
	"fmt"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// shrinkDialog finds the smallest body of a capture that a handler still fails at. Nothing is sent before its button is pressed.
type shrinkDialog struct {
	w       *frame.Window
	capture core.CaptureID
	popup   *control.Popup
	to      *control.Field
	agree   *control.Switch // to an address that is not this machine
	line    *fyne.Container
	start   *control.Button
	work    *frame.LongWork
	found   *control.Box
	body    *fyne.Container
}

func (p *Page) shrink(l lot, _ fyne.Position) {
	w := p.w
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		var last lastReplay
		err := w.Engine.Store.Setting(ctx, "replay", &last)
		return func() {
			w.Fail(err)
			to := ""
			if len(last.To) > 0 {
				to = last.To[0]
			}
			newShrinkDialog(w, l.one, to)
		}
	})
}

func newShrinkDialog(w *frame.Window, id core.CaptureID, to string) *shrinkDialog {
	d := &shrinkDialog{w: w, capture: id, found: control.NewBox(control.Surface{}, nil)}
	d.to = control.NewField("Handler", "http://127.0.0.1:3000/webhooks", func(string) { d.typed() }).AsCode()
	d.to.SetQuiet(to)
	d.to.OnSubmit = func(string) { d.begin() }
	d.agree = control.NewSwitch(false, nil)
	d.line = control.Col(0, control.Toggle(d.agree, "Send them there, though it is not this machine", ""))
	d.start = control.NewButton("Find the smallest", "package", control.Primary, d.begin)
	d.work = frame.NewLongWork(w, func() { part.Relayout(d.body) })
	d.body = control.Col(12, control.NewParagraph("Members, items and values are taken away for as long as the handler fails in the same way. Up to 200 bodies are sent to this address, each signed anew, and nowhere else.", control.Small),
		d.to, d.line, d.work.Root, d.found)
	cancel := control.NewButton("Close", "", control.Secondary, func() { w.Layers.Close(d.popup) })
	d.popup = w.Layers.Dialog(fmt.Sprintf("Shrink capture %d", id), 600, d.body, cancel, d.start)
	d.popup.OnClose = d.work.End
	d.typed()
	d.to.Focus()
	return d
}

// typed asks for consent where the address leads elsewhere.
func (d *shrinkDialog) typed() {
	d.to.SetProblem("")
	to := d.to.Text()
	part.Show(d.line, engine.CheckURL("to", to) == nil && !engine.Loopback(to))
	part.Relayout(d.body)
}

func (d *shrinkDialog) begin() {
	r := engine.ShrinkRequest{Capture: d.capture, To: d.to.Text(), Elsewhere: d.agree.On() && d.line.Visible()}
	if err := r.Check(); err != nil {
		d.to.SetProblem(part.Sentence(err))
		return
	}
	d.found.SetChild(nil)
	d.start.SetDisabled(true)
	r.Progress = func(tries, _ int) { d.work.Progress(tries, 200) }
	d.work.Run("Shrinking", func(ctx context.Context) func() {
		got, err := d.w.Engine.Outbox.Shrink(ctx, r)
		stopped := ctx.Err() != nil
		return func() {
			d.start.SetDisabled(false)
			switch {
			case stopped:
			case err != nil:
				var invalid *core.Invalid
				said := part.Sentence(err)
				if errors.As(err, &invalid) && invalid.Field == "to" { // which is the only field there is
					said = core.Capital(invalid.Reason) + "."
				}
				d.found.SetChild(control.Banner(control.Red, said, nil))
			default:
				d.found.SetChild(d.result(got))
			}
			part.Relayout(d.body)
		}
	})
}

// result shows the smallest body, and leads on to Compose.
func (d *shrinkDialog) result(s engine.Shrunk) fyne.CanvasObject {
	words := fmt.Sprintf("%s of %s, after %d tries; %s.", view.Size(int64(s.Size)), view.Size(int64(s.Was)), s.Tries, s.Answer)
	if s.Draft == 0 {
		return control.Banner(control.Amber, "Nothing smaller fails in the same way. "+words, nil)
	}
	if !s.Whole {
		words += " The tries ran out: it may get smaller still."
	}
	text := view.Highlight(s.Body, "json")
	block := control.NewCodeBlock(control.Snippet{Label: "body", Text: string(s.Body), Rows: func(cols int) control.Rows { return text.Wrapped(cols, control.FitColumns) }})
	block.SetMost(10)
	block.OnCopy = func(string) { d.w.Layers.Toast(control.Toast{Text: "Body copied", Tone: control.Green}) }
	edit := control.NewButton("Edit and send", "pencil", control.Secondary, func() {
		d.w.Layers.Close(d.popup)
		d.compose(s.Body)
	})
	return control.Col(8, control.RowFill(8, control.NewIcon("check", control.Green, 15), control.Grow(control.NewParagraph(words+" It is kept as a draft.", control.Body)), edit), block)
}

func (d *shrinkDialog) compose(body []byte) {
	d.w.Pump.Task(d.w.Ctx, func(ctx context.Context) func() {
		c, err := d.w.Engine.Store.Capture(ctx, d.capture)
		return func() {
			if d.w.Fail(err); err == nil {
				c.Request.Body, c.Request.Size = body, int64(len(body))
				d.w.Go.Compose(&c)
			}
		}
	})
}
