package lab

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// foot is what stands below a form of the Lab: what is wrong, the button that runs, and in its place, while it runs, how far it
// is and a way to end it.
type foot struct {
	w        *frame.Window
	run      *control.Button
	running  *fyne.Container
	progress *control.Progress
	step     *control.Text // what it does now, where that is said
	problem  *control.Paragraph
	cancel   context.CancelFunc // nil: nothing is under way
	side     fyne.CanvasObject
}

func newFoot(w *frame.Window, run *control.Button) *foot {
	f := &foot{w: w, run: run, progress: control.NewProgress(), step: control.NewText("", control.Small).Ellipsis(),
		problem: control.NewParagraph("", control.Small.In(control.Red))}
	f.step.Hide()
	f.running = control.RowFill(10, control.Grow(control.Col(5, f.step, f.progress)), control.NewButton("Cancel", "x", control.Secondary, f.end))
	return f
}

// below is the left side of a page of the Lab: a form, and the foot below it.
func (f *foot) below(form fyne.CanvasObject) fyne.CanvasObject {
	line := control.Pad(control.Sides(12, 18, 14, 22), control.Col(8, f.problem, control.Stack(f.run, f.running)))
	f.side = control.NewBox(control.Surface{Fill: control.SurfacePanel}, control.Col(0,
		control.Grow(control.NewScroll(control.Pad(control.Sides(16, 18, 22, 22), form))), control.Hair(), line))
	f.idle()
	return f.side
}

// busy shows how far it is once the work has lasted long enough to be noticed: share is asked again and again.
func (f *foot) busy(share func() float64) {
	f.w.Pump.After(100*time.Millisecond, func() {
		if f.cancel == nil {
			return
		}
		f.run.Hide()
		f.running.Show()
		f.progress.Set(share())
		f.busy(share)
	})
}

// end stops the work, or puts the button back after it.
func (f *foot) end() {
	if f.cancel != nil {
		f.cancel()
		f.cancel = nil
	}
	f.idle()
}

func (f *foot) idle() {
	f.run.Show()
	f.run.SetDisabled(false)
	f.running.Hide()
	f.problem.Hidden = f.problem.Text() == ""
	part.Relayout(f.side)
}
