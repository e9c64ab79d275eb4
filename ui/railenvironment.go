package ui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// railEnvironment says under the pages which environment is chosen, and chooses another. Without any it is not there.
type railEnvironment struct {
	w       *frame.Window
	names   []string
	chosen  string
	body    *fyne.Container
	press   *control.Press
	slim    *control.Button // where there are icons alone
	changed func()          // the rail gives everything its place anew
}

func newRailEnvironment(w *frame.Window) *railEnvironment {
	e := &railEnvironment{w: w, body: control.Col(1)}
	e.slim = control.NewTool("layers", "", func() { e.menuUnder(e.slim) })
	e.body.Hide()
	e.slim.Hide()
	return e
}

func (e *railEnvironment) load(context.Context) func() {
	now := e.w.Engine.Environments.Set()
	var names []string
	for _, one := range now.All {
		names = append(names, one.Name)
	}
	chosen := ""
	if now.Chosen != nil {
		chosen = now.Chosen.Name
	}
	return func() {
		if slices.Equal(names, e.names) && chosen == e.chosen {
			return
		}
		e.names, e.chosen = names, chosen
		e.build()
	}
}

func (e *railEnvironment) build() {
	tone, style, name, tip := control.Accent, control.BodyBold.At(12.5), e.chosen, "Values for {{env.NAME}} come from "+e.chosen
	if e.chosen == "" {
		tone, style, name, tip = control.Muted, control.Body.At(12.5).In(control.Muted), "None", "No environment is chosen: {{env.NAME}} has no value"
	}
	row := control.RowFill(10, control.NewIcon("layers", tone, 13), control.Grow(control.NewText(name, style).Ellipsis()), control.NewIcon("chevrons-up-down", control.Faint, 13))
	e.press = control.NewPress(control.Surface{Radius: 8, Pad: control.XY(11, 6)}, row, func() { e.menuUnder(e.press) })
	e.press.Tip, e.slim.Tip = tip, tip
	e.slim.SetTone(tone)
	e.body.Objects = []fyne.CanvasObject{control.Pad(control.Sides(14, 11, 3, 11), control.NewText("ENVIRONMENT", control.Caption)), e.press}
	e.body.Hidden, e.slim.Hidden = len(e.names) == 0, len(e.names) == 0
	e.changed()
}

func (e *railEnvironment) menuUnder(anchor fyne.CanvasObject) {
	items := []control.MenuItem{{Label: "None", On: e.chosen == "", Do: func() { e.choose("") }}}
	for i, name := range e.names {
		items = append(items, control.MenuItem{Label: name, On: name == e.chosen, Divider: i == 0, Do: func() { e.choose(name) }})
	}
	items = append(items, control.MenuItem{Label: "Edit environments", Icon: "pencil", Divider: true, Do: func() { e.w.Go.OpenSettings("Environments") }})
	e.w.Layers.MenuUnder(anchor, items...)
}

func (e *railEnvironment) choose(name string) {
	e.w.Change(func(ctx context.Context) error { return e.w.Engine.Environments.Choose(ctx, name) })
}

// commands are what the palette offers.
func (e *railEnvironment) commands() (list []control.Command) {
	for _, name := range e.names {
		if name != e.chosen {
			list = append(list, control.Command{Label: "Environment: " + name, Icon: "layers", Words: "choose switch values", Do: func() { e.choose(name) }})
		}
	}
	if e.chosen != "" {
		list = append(list, control.Command{Label: "Environment: none", Icon: "layers", Words: "choose switch values", Do: func() { e.choose("") }})
	}
	return list
}
