package settings

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/env"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// environmentSection lists the named sets of values that addresses, headers and bodies are filled with.
type environmentSection struct {
	w     *frame.Window
	now   env.Set
	ready bool // it was read once
	rows  *fyne.Container
	root  *settingsForm
}

func newEnvironmentSection(w *frame.Window) *environmentSection {
	s := &environmentSection{w: w, rows: control.Col(0)}
	add := control.NewButton("New environment", "plus", control.Primary, func() { s.edit(core.Environment{}) })
	s.root = newSettingsForm(group("Environments", "Named sets of values. {{env.NAME}} stands for a value of the chosen one in what you write: addresses and headers of forwards and endpoints, "+
		"requests of Compose, the address of a replay. {{{{env. is the text itself; what arrived is never filled. The rail chooses.", s.rows, control.Row(0, add)))
	return s
}

func (s *environmentSection) Title() string           { return "Environments" }
func (s *environmentSection) Icon() string            { return "layers" }
func (s *environmentSection) view() fyne.CanvasObject { return s.root.Scroll }

func (s *environmentSection) load(context.Context) func() {
	now := s.w.Engine.Environments.Set()
	return func() {
		if s.ready && reflect.DeepEqual(now, s.now) {
			return
		}
		s.now, s.ready = now, true
		s.draw()
	}
}

func (s *environmentSection) draw() {
	s.rows.Objects = nil
	for i, e := range s.now.All {
		if i > 0 {
			s.rows.Add(control.Hair())
		}
		chosen := s.now.Chosen != nil && s.now.Chosen.Name == e.Name
		icon, tone, use := "circle", control.Faint, control.NewButton("Choose", "check", control.Ghost, func() { s.choose(e.Name) })
		if chosen {
			icon, tone, use = "circle-check", control.Green, control.NewButton("Choose none", "", control.Ghost, func() { s.choose("") })
		}
		words := control.Col(1, control.NewText(e.Name, control.Code).EllipsisMiddle(), control.NewText(environmentSummary(e), control.Small).Ellipsis())
		s.rows.Add(control.Pad(control.XY(0, 8), control.RowFill(8, control.NewIcon(icon, tone, 16), control.Grow(words), use,
			control.NewButton("Edit", "pencil", control.Ghost, func() { s.edit(e) }), control.NewTool("trash-2", "Delete "+e.Name, func() { s.ask(e) }))))
	}
	if len(s.now.All) == 0 {
		s.rows.Add(control.NewParagraph("None yet. One for each place that you send to, like staging and production, with the same names in each.", control.Body.In(control.Muted)))
	}
	s.rows.Refresh()
	s.root.again()
}

// environmentSummary says what is in one, in a line.
func environmentSummary(e core.Environment) string {
	names := append(slices.Sorted(maps.Keys(e.Values)), slices.Sorted(maps.Keys(e.Secrets))...)
	if len(names) == 0 {
		return "Nothing in it"
	}
	return view.Plural(len(e.Values), "value", "values") + ", " + view.Plural(len(e.Secrets), "secret", "secrets") + "  ·  " + strings.Join(names, ", ")
}

func (s *environmentSection) choose(name string) {
	s.w.Change(func(ctx context.Context) error { return s.w.Engine.Environments.Choose(ctx, name) })
}

func (s *environmentSection) ask(e core.Environment) {
	s.w.Layers.Ask(control.Question{Title: "Delete the environment " + e.Name + "?", Yes: "Delete it", Danger: true,
		Text: fmt.Sprintf("What names its values is not sent any more while no other environment has them: %s. Secrets that were kept for it are forgotten.", environmentSummary(e)),
		Do: func() {
			s.w.Change(func(ctx context.Context) error { return s.w.Engine.Environments.Delete(ctx, e.Name) })
		}})
}
