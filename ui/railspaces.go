package ui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// railSpaces are the team's spaces under the pages: each says how it stands with it.
type railSpaces struct {
	w     *frame.Window
	shown []engine.SpaceState
	body  *fyne.Container
}

func newRailSpaces(w *frame.Window) *railSpaces {
	s := &railSpaces{w: w, body: control.Col(1)}
	s.body.Hide()
	return s
}

func (s *railSpaces) load(ctx context.Context) func() {
	all, err := s.w.Engine.Spaces.States(ctx)
	return func() {
		if err != nil || slices.Equal(all, s.shown) {
			return
		}
		s.shown = all
		s.build()
	}
}

func (s *railSpaces) build() {
	s.body.Objects = nil
	s.body.Hidden = len(s.shown) == 0
	s.body.Add(control.Pad(control.Sides(14, 11, 3, 11), control.NewText("SPACES", control.Caption)))
	for _, x := range s.shown {
		icon, tone := part.SpaceLook(x.State)
		word := x.State
		switch x.State {
		case "connected":
			word = ""
		case "catching up":
			word = part.Short(int64(x.Pending)) + " to come"
		}
		row := []fyne.CanvasObject{control.NewIcon(icon, tone, 13), control.Grow(control.NewText(x.Name, control.Body.At(12.5).In(control.Muted)).Ellipsis())}
		if word != "" {
			row = append(row, control.NewText(word, control.Small.In(tone)))
		}
		press := control.NewPress(control.Surface{Radius: 8, Pad: control.XY(11, 6)}, control.RowFill(10, row...), func() { s.press(x) })
		if press.Tip = "Space " + x.Name + ": " + x.State; x.Trouble != "" {
			press.Tip = x.Trouble
		}
		s.body.Add(press)
	}
	s.body.Refresh()
}

// press leads to what came through a space, or, where something is to be said about it, to the settings.
func (s *railSpaces) press(x engine.SpaceState) {
	switch x.State {
	case "connected", "catching up":
		s.w.Go.FilterInbox("space", x.Name)
	default:
		s.w.Go.OpenSettings("Team")
	}
}
