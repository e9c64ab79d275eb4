package ui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/frame"
	"hookglass/ui/stage"
)

// byOtherKeys are the things to press that Tab passes over, with the keys that do the same.
var byOtherKeys = map[string]string{
	"*control.tokenChip":    "Backspace in the filter takes it back",
	"*control.treeArrow":    "the arrows of the tree open and close",
	"*control.ByteStrip":    "what it leaves out is in the Body tab; a button beside it copies all",
	"*control.catcher":      "Esc closes what it surrounds",
	"*control.commandView":  "the field in it takes the keys that choose",
	"*control.dialog":       "it only keeps clicks from what is behind it",
	"*widget.scrollBarArea": "it is Fyne's and shows nothing more than what Tab goes through",
	"*part.solid":           "it only keeps clicks from what is behind it",
}

// Tab alone goes through all of a page that can be pressed, whichever of its tabs is in front, and of each a screen reader can
// say what it is.
func TestTheKeyboardReachesEverything(t *testing.T) {
	s, _ := filled(t)
	visit(s, func(p frame.Page) {
		tabThrough(t, s, p.Name())
		for _, tabs := range eye.All[*control.Tabs](p.View()) {
			everyTurn(s, tabs, func() { tabThrough(t, s, p.Name()+", "+tabs.AccessibilityLabel()) })
		}
		for _, words := range eye.All[*control.Segmented](p.View()) {
			everyTurn(s, words, func() { tabThrough(t, s, p.Name()+", "+words.AccessibilityLabel()) })
		}
	})
}

// turning is what has several things to show, one at a time.
type turning interface {
	Selected() int
	TypedKey(*fyne.KeyEvent)
}

// everyTurn shows one after the other, and at the end what was shown at first.
func everyTurn(s *stage.Stage, of turning, each func()) {
	first := of.Selected()
	for more := true; more; {
		was := of.Selected()
		of.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
		s.Settle()
		s.Settle()
		if more = of.Selected() != was; more {
			each()
		}
	}
	for of.Selected() > first {
		of.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
		s.Settle()
	}
}

// The same holds for what opens over the window.
func TestTheKeyboardReachesEveryDialog(t *testing.T) {
	s, ui := filled(t)
	if _, err := s.E.Tunnel.Change(func(now *engine.TunnelSettings) {
		now.Provider, now.URL, now.Listen = "own", "https://hooks.example.com", strings.TrimPrefix(s.E.URL(), "http://")
	}); err != nil {
		t.Fatal(err)
	}
	command := func(label string) func() {
		return func() {
			c, ok := eye.Command(ui.Commands(), label)
			if !ok {
				t.Fatalf("no command %q", label)
			}
			c.Do()
		}
	}
	press := func(label string) func() { return func() { s.Tap(s.W.Now().View(), label) } }
	onEndpoint := func(label string) func() {
		return func() {
			eye.All[*control.Segmented](s.W.Now().View())[0].OnSelect(1)
			s.Settle()
			eye.All[*control.List](s.W.Now().View())[0].TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
			s.Settle()
			s.Settle()
			press(label)()
		}
	}
	for _, d := range []struct {
		page, title string
		open        func()
	}{
		{"Inbox", "Replay", func() { s.W.Go.Replay([]core.CaptureID{1, 2}, false) }},
		{"Inbox", "Export", command("Export as HAR log")},
		{"Inbox", "Export", command("Export as Workspace")},
		{"Inbox", "Import a file", command("Import a file")},
		{"Inbox", "Note on capture", func() { ui.inbox.Key('n') }},
		{"Inbox", "Rename the filter", func() {
			ui.inbox.FilterMenu(engine.SavedFilter{Name: "bad", Filter: "sig:bad"}, fyne.NewPos(9, 9))
			s.Pick("Rename…")
		}},
		{"Inbox", "Delete the filter", func() { ui.inbox.FilterMenu(engine.SavedFilter{Name: "bad"}, fyne.NewPos(9, 9)) }},
		{"Inbox", "Replay at once", ui.palette},
		{"Inbox", "Quit Hookglass?", s.W.Close},
		{"Inbox", "Go public through", command("Go public")},
		{"Compose", "Save as a draft", command("Save the draft")},
		{"Deliveries", "Send a test event to Shop", onEndpoint("Send a test event")},
		{"Deliveries", "Delete Shop?", onEndpoint("Delete this endpoint")},
		{"Sources", "Delete orders?", press("Delete this source")},
	} {
		s.W.Open(d.page)
		s.Settle()
		d.open()
		s.Settle()
		s.Settle()
		if !s.W.Layers.Covered() {
			t.Errorf("%s: %s does not open", d.page, d.title)
			continue
		}
		s.Says(d.title)
		tabThrough(t, s, d.title)
		s.W.Layers.Back()
		s.Settle()
	}
}

// tabThrough presses Tab until it has come round, and Shift+Tab likewise: both stay in what is in front.
func tabThrough(t *testing.T, s *stage.Stage, where string) {
	t.Helper()
	c := s.W.Win.Canvas()
	front := s.W.Layers.Front()
	c.Unfocus()
	back := map[fyne.CanvasObject]bool{}
	for c.FocusPrevious(); !back[c.Focused().(fyne.CanvasObject)]; c.FocusPrevious() {
		back[c.Focused().(fyne.CanvasObject)] = true
	}
	reached := map[fyne.CanvasObject]bool{}
	c.Unfocus()
	for c.FocusNext(); !reached[c.Focused().(fyne.CanvasObject)]; c.FocusNext() {
		o := c.Focused().(fyne.CanvasObject)
		reached[o] = true
		if len(eye.Above(front, o)) == 0 {
			t.Errorf("%s: Tab leaves it for the %T at %v: %s", where, o, fyne.CurrentApp().Driver().AbsolutePositionForObject(o), eye.Line(o))
		}
		if !back[o] {
			t.Errorf("%s: Shift+Tab does not reach the %T at %v: %s", where, o, fyne.CurrentApp().Driver().AbsolutePositionForObject(o), eye.Line(o))
		}
		if a, ok := o.(fyne.Accessible); !ok || a.AccessibilityLabel() == "" {
			t.Errorf("%s: nobody can say what this %T at %v is: %s", where, o, fyne.CurrentApp().Driver().AbsolutePositionForObject(o), eye.Line(o))
		}
	}
	c.Unfocus()
	for _, o := range eye.All[tappable](front) {
		if !reached[o] && byOtherKeys[fmt.Sprintf("%T", o)] == "" {
			if b, ok := o.(interface{ Disabled() bool }); !ok || !b.Disabled() {
				t.Errorf("%s: Tab does not reach the %T at %v: %s", where, o, fyne.CurrentApp().Driver().AbsolutePositionForObject(o), eye.Line(o))
			}
		}
	}
}

type tappable interface {
	fyne.CanvasObject
	fyne.Tappable
}

// In a low window most of a form is out of sight: what Tab reaches there comes into it.
func TestTabScrollsIntoSight(t *testing.T) {
	s, _ := filled(t)
	s.W.Win.Resize(fyne.NewSize(1100, 420))
	scrolled := 0
	visit(s, func(p frame.Page) {
		c := s.W.Win.Canvas()
		seen := map[fyne.CanvasObject]bool{}
		for c.FocusNext(); !seen[c.Focused().(fyne.CanvasObject)]; c.FocusNext() {
			o := c.Focused().(fyne.CanvasObject)
			seen[o] = true
			for _, over := range eye.Above(s.W.Win.Content(), o) {
				if scroll, ok := over.(*control.Scroll); ok {
					scrolled++
					if !inside(o, scroll) {
						t.Errorf("%s: the %T that Tab has reached is out of sight: %s", p.Name(), o, eye.Line(o))
					}
				}
			}
		}
		c.Unfocus()
	})
	if scrolled < 20 {
		t.Errorf("only %d things stand in a scroller", scrolled)
	}
}

// inside reports whether o is in sight in a scroller: whole, or in part where it is higher.
func inside(o fyne.CanvasObject, scroll *control.Scroll) bool {
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	top := place(o).Y - place(scroll).Y
	bottom := top + o.Size().Height
	if o.Size().Height > scroll.Size().Height {
		return bottom > 0 && top < scroll.Size().Height
	}
	return top >= -1 && bottom <= scroll.Size().Height+1
}
