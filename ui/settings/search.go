package settings

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/view"
)

// searchCard says how far the search index is, and switches it.
type searchCard struct {
	w    *frame.Window
	on   *control.Switch
	said *control.Paragraph
	root fyne.CanvasObject
}

func newSearchCard(w *frame.Window) *searchCard {
	c := &searchCard{w: w, said: control.NewParagraph("", control.Small)}
	c.on = control.NewSwitch(true, c.turn)
	c.root = group("Search", "", control.Toggle(c.on, "Keep an index of bodies and heads",
		"body: and header: then find a text at once. Without it they find the same, and read all bodies. It is a file beside the history, search.db, and may be thrown away."), c.said)
	return c
}

func (c *searchCard) turn(on bool) {
	c.w.Change(func(ctx context.Context) error {
		_, err := c.w.Engine.History.SwitchSearch(ctx, on)
		return err
	})
}

func (c *searchCard) load(ctx context.Context) func() {
	s, err := c.w.Engine.History.Searching(ctx)
	return func() {
		if err != nil {
			c.w.Fail(err)
			return
		}
		c.on.Set(s.State != "off")
		c.said.Set(searchSaid(s))
	}
}

func searchSaid(s engine.Searching) string {
	switch {
	case s.Why != "":
		return "It is off: " + s.Why
	case s.State == "off":
		return "It is off."
	case s.State == "ready":
		return fmt.Sprintf("All captures are in it  ·  %s on disk", view.Size(s.Bytes))
	}
	return fmt.Sprintf("%s are not in it yet and are read through; it grows while few arrive  ·  %s on disk", view.Plural(s.Behind, "capture", "captures"), view.Size(s.Bytes))
}
