package frame

import (
	"slices"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
)

// Hotkey is a key that a page takes while no field has the keyboard, and what it does there.
type Hotkey struct{ Key, Does string }

// Guide is what Help shows of a page, or of the window.
type Guide struct {
	Title   string
	Hotkeys []Hotkey
}

// ListKeys are keys of every list.
var ListKeys = []Hotkey{{"j, k", "The next one, the one before"}, {"Home, End", "The first, the last"}, {"Enter", "Into what is selected"}}

// Guides are the keys of the page in front, then those of the window. Each page names its own beside what takes them; a test types
// every key and compares.
func (w *Window) Guides() []Guide {
	var all []Guide
	if p, ok := w.Now().(interface{ Hotkeys() []Hotkey }); ok {
		if keys := p.Hotkeys(); len(keys) > 0 {
			all = append(all, Guide{w.Now().Name(), keys})
		}
	}
	window := Guide{Title: "Everywhere"}
	for _, s := range w.shortcuts() {
		if !slices.ContainsFunc(window.Hotkeys, func(h Hotkey) bool { return h.Key == s.hint }) {
			window.Hotkeys = append(window.Hotkeys, Hotkey{s.hint, s.name})
		}
	}
	window.Hotkeys = append(window.Hotkeys, Hotkey{"Esc", "Back"}, Hotkey{"Tab", "The next thing that can be pressed"})
	return append(all, window)
}

// Help shows the keys of the page in front.
func (w *Window) Help() {
	if w.Layers.Covered() {
		return
	}
	c := w.Win.Canvas()
	had := c.Focused()
	c.Unfocus() // a field closes its suggestions now, and not over what comes
	var columns []fyne.CanvasObject
	for _, g := range w.Guides() {
		rows := []fyne.CanvasObject{control.NewText(g.Title, control.Strong), control.Gap(0, 2)}
		for _, k := range g.Hotkeys {
			rows = append(rows, control.Row(12, control.Fixed(128, control.NewText(k.Key, control.Code)), control.Grow(control.NewText(k.Does, control.Body.In(control.Muted)))))
		}
		columns = append(columns, control.Fixed(366, control.Col(7, rows...)))
	}
	body := control.Col(16, control.RowFill(24, columns...), control.NewParagraph("Ctrl+K finds everything that can be done, by its name. The menu of a row (right click, or Shift+F10) has what can be done with it.", control.Small))
	p := w.Layers.Dialog("Keys", float32(len(columns))*390+28, control.NewBox(control.Surface{Min: fyne.NewSize(0, 550)}, control.NewScroll(body)))
	p.OnClose = func() {
		if had != nil {
			c.Focus(had)
		}
	}
}
