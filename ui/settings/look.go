package settings

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// lookSection is how the window looks.
type lookSection struct {
	w          *frame.Window
	mode, rows *control.Segmented
	zoom       *control.Select
	fold       *control.Switch
	root       *settingsForm
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
	sizes := make([]string, len(frame.Zooms))
	for i, z := range frame.Zooms {
		sizes[i] = fmt.Sprintf("%.0f %%", z*100)
	}
	l.zoom = control.NewSelect("", func(i int) { w.SetZoom(frame.Zooms[i]) }, sizes...)
	l.rows = control.NewSegmented(func(i int) { w.SetCompact(i == 1) }, "Two lines", "One line")
	l.fold = control.NewSwitch(w.State.Fold, w.SetFold)
	l.root = newSettingsForm(
		group("Brightness", "", control.Row(0, l.mode)),
		group("Size", "Of everything in the window; 100 % is the screen's own. Ctrl and + or -; Ctrl+0 goes back.", control.Wide(140, l.zoom)),
		group("Rows of the inbox", "One line shows more of them at once. v in the list does the same.", control.Row(0, l.rows)),
		group("Rail", "", control.Toggle(l.fold, "Show the rail as icons", "In a narrow window it is icons anyway. Ctrl+B does the same.")))
	return l
}

func (l *lookSection) Title() string           { return "Look" }
func (l *lookSection) Icon() string            { return "sun" }
func (l *lookSection) view() fyne.CanvasObject { return l.root.Scroll }

func (l *lookSection) load(context.Context) func() {
	return func() {
		l.zoom.Choose(max(slices.Index(frame.Zooms, l.w.State.Zoom), 0))
		l.rows.Select(0)
		if l.w.State.Rows.Compact {
			l.rows.Select(1)
		}
		l.fold.Set(l.w.State.Fold)
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
	w.Keep()
}
