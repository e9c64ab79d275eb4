package settings

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// lookSection is how the window looks.
type lookSection struct {
	w    *frame.Window
	mode *control.Segmented
	root *settingsForm
}

var Modes = []struct {
	Mode  control.Mode
	Label string
}{{control.FollowSystem, "As the system"}, {control.DarkMode, "Dark"}, {control.LightMode, "Light"}}

func newLookSection(w *frame.Window) *lookSection {
	l := &lookSection{w: w}
	labels := make([]string, len(Modes))
	for i, m := range Modes {
		labels[i] = m.Label
	}
	l.mode = control.NewSegmented(func(i int) { ChooseMode(w, Modes[i].Mode) }, labels...)
	scale := control.NewCodeBlock(control.Snippet{Text: "FYNE_SCALE=1.25 hookglass"})
	scale.OnCopy = func(string) { w.Layers.Toast(control.Toast{Text: "Line copied", Tone: control.Green}) }
	l.root = newSettingsForm(
		group("Brightness", "", control.Row(0, l.mode)),
		group("Size", "The window follows the scale of your screen. To make everything larger or smaller, start Hookglass with another scale; 1 is the screen's own.", scale))
	return l
}

func (l *lookSection) Title() string           { return "Look" }
func (l *lookSection) Icon() string            { return "sun" }
func (l *lookSection) view() fyne.CanvasObject { return l.root.Scroll }

func (l *lookSection) load(context.Context) func() {
	return func() {
		for i, m := range Modes {
			if string(m.Mode) == l.w.State.Mode || m.Mode == control.FollowSystem && l.w.State.Mode == "" {
				l.mode.Select(i)
			}
		}
	}
}

// ChooseMode changes the brightness, and remembers it at once.
func ChooseMode(w *frame.Window, m control.Mode) {
	w.SetMode(m)
	state := w.State
	w.Pump.Task(w.Ctx, func(context.Context) func() {
		err := w.Engine.Store.PutSetting("window", state)
		return func() { w.Fail(err) }
	})
}
