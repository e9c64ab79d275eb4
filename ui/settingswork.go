package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// longWork shows something that takes its time: that it goes on, a way to end it, and how it came out.
type longWork struct {
	w      *Window
	what   *control.Text
	busy   *control.Progress
	stop   *control.Button
	cancel context.CancelFunc // nil: nothing is under way
	root   *control.Box
	form   *settingsForm // that it stands in
}

func newLongWork(w *Window) *longWork {
	l := &longWork{w: w, what: control.NewText("", control.Body).Ellipsis(), busy: control.NewProgress()}
	l.stop = control.NewButton("Cancel", "x", control.Secondary, func() { l.cancel() })
	l.root = control.Card(control.Col(8, control.Row(10, control.Grow(l.what), l.stop), l.busy))
	l.root.Hide()
	return l
}

func (l *longWork) view() fyne.CanvasObject { return l.root }

// run does work off the UI goroutine, one at a time, and says how it came out.
func (l *longWork) run(what string, work func(context.Context) (done string, err error)) {
	if l.cancel != nil {
		l.w.layers.Toast(control.Toast{Text: l.what.Text() + " is still under way; wait for it or cancel it", Tone: control.Amber})
		return
	}
	ctx, cancel := context.WithCancel(l.w.ctx)
	l.cancel = cancel
	l.what.Set(what)
	ended := false
	show := l.w.pump.after(pendingAfter, func() {
		if !ended {
			l.busy.Busy()
			l.root.Show()
			l.form.again()
		}
	})
	l.w.pump.task(l.w.ctx, func(context.Context) func() {
		done, err := work(ctx)
		return func() {
			ended = true
			show()
			cancel()
			l.cancel = nil
			l.busy.Set(0)
			l.root.Hide()
			l.form.again()
			switch {
			case ctx.Err() != nil && err != nil:
				l.w.layers.Toast(control.Toast{Text: what + " was cancelled; what was done until then stays done"})
			case err != nil:
				l.w.fail(err)
			default:
				l.w.layers.Toast(control.Toast{Text: done, Tone: control.Green})
			}
			l.w.pump.again()
		}
	})
}
