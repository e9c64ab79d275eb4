package ui

import (
	"testing"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// A link is a stranger's wish: nothing happens before the user said so.
func TestALinkIsAskedAbout(t *testing.T) {
	s := stage.New(t)
	ui := newShell(s.W)
	s.Arrive(3, nil)
	s.Settle()
	s.W.Open("Lab")
	s.W.Show(core.Opening{Link: core.Link{Capture: 2}})
	s.Settle()
	if s.W.Now().Name() != "Lab" || ui.inbox.Chosen == 2 {
		t.Fatalf("the link was followed without a question: page %s, capture %d", s.W.Now().Name(), ui.inbox.Chosen)
	}
	if lost := eye.Missing(eye.Words(s.W.Layers), "Follow the link?", "show capture 2"); lost != nil {
		t.Errorf("the question does not say %q", lost)
	}
	eye.Button(s.W.Layers, "Leave it").Tapped(nil)
	if s.W.Layers.Covered() || s.W.Now().Name() != "Lab" {
		t.Error("left, and yet followed")
	}
	s.W.Show(core.Opening{Link: core.Link{Capture: 2}})
	eye.Button(s.W.Layers, "Show it").Tapped(nil)
	s.Settle()
	if s.W.Now().Name() != "Inbox" || ui.inbox.Chosen != 2 {
		t.Errorf("page %s, capture %d", s.W.Now().Name(), ui.inbox.Chosen)
	}
}
