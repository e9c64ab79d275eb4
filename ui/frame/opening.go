package frame

import (
	"context"

	"hookglass/core"
	"hookglass/ui/control"
)

// Front brings the window before all others, from another goroutine, and shows what it is to show.
func (w *Window) Front(show core.Opening) {
	w.Pump.Do(func() {
		w.Win.Show()
		w.Win.RequestFocus()
		w.Show(show)
	})
}

// Show opens a file, and asks about a link: it is a stranger's wish.
func (w *Window) Show(show core.Opening) {
	if show.File != "" {
		w.Go.OpenFiles(show.File)
	}
	if show.Link == (core.Link{}) {
		return
	}
	if show.Link.Invite != "" {
		w.askInvite(show.Link.Invite)
		return
	}
	w.Layers.Ask(control.Question{Title: "Follow the link?", Text: "A link that was opened outside of Hookglass asks to " + show.Link.Words() + ".", Yes: "Show it", No: "Leave it", Do: func() {
		if show.Link.File != "" {
			w.Go.OpenFiles(show.Link.File)
			return
		}
		w.Go.OpenCapture(show.Link.Capture)
	}})
}

// askInvite says what an invite leads to, before it is put where it can be taken.
func (w *Window) askInvite(invite string) {
	w.Pump.Task(w.Ctx, func(ctx context.Context) func() {
		means, err := w.Engine.Spaces.Asked(ctx, invite)
		return func() {
			if err != nil {
				w.Fail(err)
				return
			}
			w.Layers.Ask(control.Question{Title: "Look at the invite?", Text: "A link that was opened outside of Hookglass asks to " + means + ".", Yes: "Look at it", No: "Leave it",
				Do: func() { w.Go.JoinSpace(invite) }})
		}
	})
}
