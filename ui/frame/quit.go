package frame

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// leaving is how far the window is on its way out.
type leaving int

const (
	staying leaving = iota
	looking         // for what waits
	asking          // whether to leave it
	gone
)

// Close ends the program. Where deliveries wait it says once what becomes of them; who closes again means it.
func (w *Window) Close() {
	if w.leaving != staying {
		w.end()
		return
	}
	w.leaving = looking
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		left, err := w.Engine.Outbox.Left(ctx)
		return func() {
			if w.leaving != looking {
				return
			}
			if left == "" || err != nil { // what cannot be counted keeps nobody here
				w.end()
				return
			}
			w.leaving = asking
			w.Win.Show() // it may be hidden
			w.Layers.Ask(control.Question{Title: "Quit Hookglass?", Text: left, Yes: "Quit", No: "Stay", Do: w.end, Closed: func() { w.leaving = staying }})
		}
	})
}

// end remembers how the window was left, and ends the program.
func (w *Window) end() {
	w.leaving = gone
	size := w.Win.Canvas().Size()
	w.State.Width, w.State.Height, w.State.Page = size.Width, size.Height, w.Now().Name()
	for _, p := range w.Pages {
		if p, ok := p.(interface{ Remember(*State) }); ok {
			p.Remember(&w.State)
		}
	}
	if w.Engine.ReadOnly() != "" {
		w.quit()
		return
	}
	if err := w.Engine.Store.PutSetting("window", w.State); err != nil {
		fyne.LogError("remember the window", err)
	}
	w.quit()
}

// quit tells Fyne to end, once.
func (w *Window) quit() {
	w.once.Do(func() {
		close(w.quitting)
		w.App.Quit()
	})
}

// Quit closes the window from another goroutine, and asks nothing: somebody outside decided.
func (w *Window) Quit() { w.Pump.Do(w.quit) }
