package ui

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// labour is long work under way: what it is, how far it has come, and a button that ends it. It shows after a moment, so
// that quick work does not flicker.
type labour struct {
	w    *Window
	bar  *control.Box
	text *control.Text
	prog *control.Progress
	end  context.CancelFunc
	name string
}

func newLabour(w *Window) *labour {
	l := &labour{w: w, text: control.NewText("", control.Small).Ellipsis(), prog: control.NewProgress()}
	stop := control.NewButton("Stop", "x", control.Ghost, func() {
		if l.end != nil {
			l.end()
		}
	})
	l.bar = control.NewBox(control.Surface{Fill: control.SurfaceRaised, Pad: control.Sides(4, 6, 8, 14)},
		control.Col(2, control.RowFill(8, control.Grow(l.text), stop), control.Pad(control.Sides(0, 8, 0, 0), l.prog)))
	l.bar.Hide()
	return l
}

// start does work; what it returns is said at its end. One at a time.
func (l *labour) start(name string, work func(ctx context.Context, p engine.Progress) (string, error)) {
	if l.end != nil {
		l.w.layers.Toast(control.Toast{Text: l.name + " is still under way; stop it first", Tone: control.Amber})
		return
	}
	ctx, cancel := context.WithCancel(l.w.ctx)
	l.end, l.name = cancel, name
	var done, total atomic.Int64
	l.watch(&done, &total)
	l.w.pump.task(l.w.ctx, func(context.Context) func() {
		said, err := work(ctx, func(d, t int) { done.Store(int64(d)); total.Store(int64(t)) })
		stopped := ctx.Err() != nil
		return func() {
			cancel()
			l.end = nil
			l.bar.Hide()
			l.bar.Refresh()
			switch {
			case stopped && said != "":
				l.w.layers.Toast(control.Toast{Text: "Stopped: " + said, Tone: control.Amber})
			case err != nil:
				l.w.fail(err)
			case said != "":
				l.w.layers.Toast(control.Toast{Text: said, Tone: control.Green})
			}
		}
	})
}

// watch shows how far the work has come, ten times a second.
func (l *labour) watch(done, total *atomic.Int64) {
	l.w.pump.after(100*time.Millisecond, func() {
		if l.end == nil {
			return
		}
		l.text.Set(l.name + "…")
		if n := total.Load(); n > 0 {
			l.text.Set(fmt.Sprintf("%s… %s of %s", l.name, view.Count(done.Load()), view.Count(n)))
			l.prog.Set(float64(done.Load()) / float64(n))
		}
		l.bar.Show()
		l.watch(done, total)
	})
}
