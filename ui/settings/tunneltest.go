package settings

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/view"
)

// tunnelTest looks at each part of the way to the provider and shows what it found.
type tunnelTest struct {
	w      *frame.Window
	button *control.Button
	busy   *control.Progress
	steps  *fyne.Container
	cancel context.CancelFunc // nil: none is under way
	root   fyne.CanvasObject

	resized func() // it became higher or lower
	done    func() // the steps are there to be looked at; may be nil
}

func newTunnelTest(w *frame.Window, resized func()) *tunnelTest {
	t := &tunnelTest{w: w, resized: resized, busy: control.NewProgress(), steps: control.Col(8)}
	t.button = control.NewButton("Test the connection", "stethoscope", control.Secondary, t.run)
	t.busy.Hide()
	t.steps.Hide()
	t.root = group("Test the connection", "Looks at each part of the way on its own. No public address is opened.", control.Row(0, t.button), t.busy, t.steps)
	return t
}

func (t *tunnelTest) view() fyne.CanvasObject { return t.root }

// run begins a test, or ends the one under way.
func (t *tunnelTest) run() {
	if t.cancel != nil {
		t.cancel()
		t.ended()
		return
	}
	ctx, cancel := context.WithCancel(t.w.Ctx)
	t.cancel = cancel
	t.button.Set("Cancel", "x")
	t.steps.Hide()
	t.busy.Show()
	t.busy.Busy()
	t.resized()
	t.w.Pump.Task(ctx, func(ctx context.Context) func() {
		steps, err := t.w.Engine.Tunnel.Test(ctx, t.w.Engine.Tunnel.Settings(ctx))
		return func() {
			t.ended()
			if err != nil { // a secret that cannot be had
				steps = []tunnel.Step{{Name: "settings", Trouble: tunnel.Trouble{Text: part.Sentence(err) + "."}}}
			}
			t.put(steps)
		}
	})
}

func (t *tunnelTest) ended() {
	t.cancel = nil
	t.busy.Set(0)
	t.busy.Hide()
	t.button.Set("Test the connection", "stethoscope")
	t.resized()
}

func (t *tunnelTest) put(steps []tunnel.Step) {
	t.steps.Objects = nil
	for _, s := range steps {
		t.steps.Add(stepRow(s))
	}
	if n := len(steps); n > 0 && steps[n-1].OK {
		t.steps.Add(control.Row(8, control.NewIcon("circle-check", control.Green, 16), control.Grow(control.NewText("The way is free.", control.BodyBold))))
	}
	t.steps.Show()
	t.resized()
	if t.done != nil {
		t.done()
	}
}

// stepRow is one step of the diagnosis: what was looked at, what was found, how long it took.
func stepRow(s tunnel.Step) fyne.CanvasObject {
	name := control.Fixed(96, control.NewText(core.Capital(s.Name), control.BodyBold))
	took := control.NewText(view.Duration(s.Took), control.Small)
	if s.OK {
		return control.Row(8, control.NewIcon("check", control.Green, 15), name, control.Grow(control.NewText(s.Said, control.Body.In(control.Muted)).EllipsisMiddle()), took)
	}
	words := []fyne.CanvasObject{control.NewParagraph(s.Text, control.Body)}
	if s.Next != "" {
		words = append(words, control.NewParagraph(s.Next, control.Body.In(control.Muted)))
	}
	if s.Detail != "" {
		words = append(words, control.NewParagraph(s.Detail, control.CodeSmall))
	}
	top := func(o fyne.CanvasObject) fyne.CanvasObject { return control.Col(0, o) }
	return control.RowFill(8, top(control.NewIcon("x", control.Red, 15)), top(name), control.Grow(control.Col(3, words...)), top(took))
}
