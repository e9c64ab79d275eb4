package settings

import (
	"context"
	"net/url"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// updates is the part of About that looks for newer versions: off until the user switches it on.
type updates struct {
	w     *frame.Window
	on    *control.Switch
	feed  *control.Field
	look  *control.Button
	said  *control.Paragraph
	known bool
	busy  bool
}

func newUpdates(w *frame.Window) *updates {
	u := &updates{w: w, said: control.NewParagraph("", control.Small)}
	u.on = control.NewSwitch(false, func(bool) { u.keep() })
	u.feed = control.NewField("Feed", engine.DefaultFeed, func(string) { u.feed.SetProblem("") }).AsCode().WithHelp("A list of releases as Atom. Enter keeps it; empty is that of the project.")
	u.feed.OnSubmit = func(string) { u.keep() }
	u.look = control.NewButton("Look now", "refresh-cw", control.Secondary, u.now)
	return u
}

func (u *updates) view() fyne.CanvasObject {
	return group("Updates", "Hookglass calls nobody on its own. Switched on, it asks this address at each start and once a day, with no word about you, and says when there is a newer version.",
		control.Toggle(u.on, "Look for updates", ""), u.feed, control.Row(10, u.look), u.said)
}

// load shows what is kept, the first time.
func (u *updates) load(ctx context.Context) func() {
	choice := u.w.Engine.Updates.Choice(ctx)
	return func() {
		if !u.known {
			u.known = true
			u.on.Set(choice.On)
			u.feed.SetQuiet(choice.Feed)
		}
	}
}

func (u *updates) keep() bool {
	err := u.w.Engine.Updates.Choose(engine.UpdateChoice{On: u.on.On(), Feed: u.feed.Text()})
	if err != nil {
		u.feed.SetProblem(part.Sentence(err))
		return false
	}
	u.feed.SetProblem("")
	return true
}

// now asks once, because the user pressed a button.
func (u *updates) now() {
	if u.busy || !u.keep() {
		return
	}
	u.busy = true
	u.said.Put("Asking …", control.Small)
	u.w.Pump.Task(u.w.Ctx, func(ctx context.Context) func() {
		newer, err := u.w.Engine.Updates.Newer(ctx, u.w.Version)
		return func() {
			u.busy = false
			switch {
			case err != nil:
				u.said.Put(part.Sentence(err), control.Small.In(control.Red))
			case newer == nil:
				u.said.Put("There is no newer version.", control.Small)
			default:
				u.said.Put("Hookglass "+newer.Version+" is there.", control.Small.In(control.Green))
				TellUpdate(u.w, newer)
			}
		}
	})
}

// TellUpdate says that there is a newer version, and opens its page where the user wants that.
func TellUpdate(w *frame.Window, r *engine.Release) {
	t := control.Toast{Text: "Hookglass " + r.Version + " is there", Tone: control.Green, Stay: true}
	if page, err := url.Parse(r.Page); err == nil && r.Page != "" {
		t.Action, t.Do = "Open its page", func() { w.Fail(w.App.OpenURL(page)) }
	}
	w.Layers.Toast(t)
}
