package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// lookSection is how the window looks.
type lookSection struct {
	w    *Window
	mode *control.Segmented
	root *settingsForm
}

var modes = []struct {
	mode  control.Mode
	label string
}{{control.FollowSystem, "As the system"}, {control.DarkMode, "Dark"}, {control.LightMode, "Light"}}

func newLookSection(w *Window) *lookSection {
	l := &lookSection{w: w}
	labels := make([]string, len(modes))
	for i, m := range modes {
		labels[i] = m.label
	}
	l.mode = control.NewSegmented(func(i int) { chooseMode(w, modes[i].mode) }, labels...)
	scale := control.NewCodeBlock(control.Snippet{Text: "FYNE_SCALE=1.25 hookglass"})
	scale.OnCopy = func(string) { w.layers.Toast(control.Toast{Text: "Line copied", Tone: control.Green}) }
	l.root = newSettingsForm(
		group("Brightness", "", control.Row(0, l.mode)),
		group("Size", "The window follows the scale of your screen. To make everything larger or smaller, start Hookglass with another scale; 1 is the screen's own.", scale))
	return l
}

func (l *lookSection) title() string           { return "Look" }
func (l *lookSection) icon() string            { return "sun" }
func (l *lookSection) view() fyne.CanvasObject { return l.root.Scroll }

func (l *lookSection) load(context.Context) func() {
	return func() {
		for i, m := range modes {
			if string(m.mode) == l.w.state.Mode || m.mode == control.FollowSystem && l.w.state.Mode == "" {
				l.mode.Select(i)
			}
		}
	}
}

// chooseMode changes the brightness, and remembers it at once.
func chooseMode(w *Window, m control.Mode) {
	w.setMode(m)
	state := w.state
	w.pump.task(w.ctx, func(context.Context) func() {
		err := w.e.Store.PutSetting("window", state)
		return func() { w.fail(err) }
	})
}
