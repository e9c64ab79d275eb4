package ui

import (
	"context"
	"sync/atomic"

	"hookglass/ui/control"
)

// longWork shows something that takes its time: that it goes on, how far it is where that is known, and a way to end it.
type longWork struct {
	w      *Window
	what   *control.Text
	bar    *control.Progress
	share  atomic.Int64 // in thousandths; below zero: not known
	cancel context.CancelFunc
	root   *control.Box
	again  func() // lays out anew what it stands in
}

func newLongWork(w *Window, again func()) *longWork {
	l := &longWork{w: w, what: control.NewText("", control.Body).Ellipsis(), bar: control.NewProgress(), again: again}
	l.root = control.Card(control.Col(8, control.Row(10, control.Grow(l.what), control.NewButton("Cancel", "x", control.Secondary, l.end)), l.bar))
	l.root.Hide()
	return l
}

// busy reports whether something is under way.
func (l *longWork) busy() bool { return l.cancel != nil }

// end asks what is under way to end.
func (l *longWork) end() {
	if l.busy() {
		l.cancel()
	}
}

// done is told by the work how far it is.
func (l *longWork) done(n, of int) { l.share.Store(int64(n) * 1000 / int64(max(of, 1))) }

// run does work off the UI goroutine, one at a time, and applies what came of it, also where it was cancelled.
func (l *longWork) run(what string, work func(context.Context) (apply func())) {
	if l.busy() {
		l.w.layers.Toast(control.Toast{Text: l.what.Text() + " is still under way; wait for it or cancel it", Tone: control.Amber})
		return
	}
	ctx, cancel := context.WithCancel(l.w.ctx)
	l.cancel = cancel
	l.what.Set(what)
	l.share.Store(-1)
	l.watch(ctx)
	l.w.pump.task(l.w.ctx, func(context.Context) func() {
		apply := work(ctx)
		return func() {
			cancel()
			l.cancel = nil
			l.bar.Set(0)
			l.root.Hide()
			l.again()
			apply()
			l.w.pump.again()
		}
	})
}

// watch shows how far it is, once it has lasted long enough to be noticed.
func (l *longWork) watch(ctx context.Context) {
	l.w.pump.after(pendingAfter, func() {
		if !l.busy() || ctx.Err() != nil {
			return
		}
		if share := l.share.Load(); share >= 0 {
			l.bar.Set(float64(share) / 1000)
		} else {
			l.bar.Busy()
		}
		if !l.root.Visible() {
			l.root.Show()
			l.again()
		}
		l.watch(ctx)
	})
}
