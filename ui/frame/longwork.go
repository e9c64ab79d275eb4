package frame

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// PendingAfter is how long something may take before the window says so: quick work does not flicker.
const PendingAfter = 100 * time.Millisecond

// LongWork shows something that takes its time: that it goes on, how far it is where that is known, and a way to end it.
type LongWork struct {
	w           *Window
	name        string
	what        *control.Text
	bar         *control.Progress
	done, total atomic.Int64 // total 0: not known
	cancel      context.CancelFunc
	Root        *control.Box
	again       func() // lays out anew what it stands in
}

// NewLongWork is a card, for a dialog.
func NewLongWork(w *Window, again func()) *LongWork {
	l := &LongWork{w: w, what: control.NewText("", control.Body).Ellipsis(), bar: control.NewProgress(), again: again}
	l.Root = control.Card(control.Col(8, control.Row(10, control.Grow(l.what), control.NewButton("Cancel", "x", control.Secondary, l.End)), l.bar))
	l.Root.Hide()
	return l
}

// NewLabour is a bar, for the foot of a list.
func NewLabour(w *Window) *LongWork {
	l := &LongWork{w: w, what: control.NewText("", control.Small).Ellipsis(), bar: control.NewProgress()}
	l.Root = control.NewBox(control.Surface{Fill: control.SurfaceRaised, Pad: control.Sides(4, 6, 8, 14)},
		control.Col(2, control.RowFill(8, control.Grow(l.what), control.NewButton("Stop", "x", control.Ghost, l.End)), control.Pad(control.Sides(0, 8, 0, 0), l.bar)))
	l.Root.Hide()
	l.again = l.Root.Refresh
	return l
}

// Busy reports whether something is under way.
func (l *LongWork) Busy() bool { return l.cancel != nil }

// End asks what is under way to end.
func (l *LongWork) End() {
	if l.Busy() {
		l.cancel()
	}
}

// Progress is told by the work how far it is.
func (l *LongWork) Progress(done, total int) {
	l.done.Store(int64(done))
	l.total.Store(int64(total))
}

// Run does work off the UI goroutine, one at a time, and applies what came of it, also where it was cancelled.
func (l *LongWork) Run(name string, work func(context.Context) (apply func())) {
	if l.Busy() {
		l.w.Layers.Toast(control.Toast{Text: l.name + " is still under way; wait for it or stop it", Tone: control.Amber})
		return
	}
	ctx, cancel := context.WithCancel(l.w.Ctx)
	l.cancel, l.name = cancel, name
	l.Progress(0, 0)
	l.watch(ctx)
	l.w.Pump.Task(l.w.Ctx, func(context.Context) func() {
		apply := work(ctx)
		return func() {
			cancel()
			l.cancel = nil
			l.bar.Set(0)
			l.Root.Hide()
			l.again()
			apply()
			l.w.Pump.Again()
		}
	})
}

// Start is run for work that returns what is to be said at its end.
func (l *LongWork) Start(name string, work func(context.Context, engine.Progress) (said string, err error)) {
	l.Run(name, func(ctx context.Context) func() {
		said, err := work(ctx, l.Progress)
		stopped := ctx.Err() != nil
		return func() {
			switch {
			case stopped && said != "":
				l.w.Layers.Toast(control.Toast{Text: "Stopped: " + said, Tone: control.Amber})
			case err != nil:
				l.w.Fail(err)
			case said != "":
				l.w.Layers.Toast(control.Toast{Text: said, Tone: control.Green})
			}
		}
	})
}

// watch shows how far it is, once it has lasted long enough to be noticed.
func (l *LongWork) watch(ctx context.Context) {
	l.w.Pump.After(PendingAfter, func() {
		if !l.Busy() || ctx.Err() != nil {
			return
		}
		if done, total := l.done.Load(), l.total.Load(); total > 0 {
			l.what.Set(fmt.Sprintf("%s… %s of %s", l.name, view.Count(done), view.Count(total)))
			l.bar.Set(float64(done) / float64(total))
		} else {
			l.what.Set(l.name + "…")
			l.bar.Busy()
		}
		if !l.Root.Visible() {
			l.Root.Show()
			l.again()
		}
		l.watch(ctx)
	})
}
