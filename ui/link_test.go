package ui

import (
	"testing"

	"hookglass/core"
	"hookglass/core/relay"
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

// TestAnInviteInALinkIsOnlyShown: it says who and where, and leads to the form; nothing is joined, and a broken one is refused in words.
func TestAnInviteInALinkIsOnlyShown(t *testing.T) {
	s := stage.New(t)
	newShell(s.W)
	s.Settle()
	seed, _, err := relay.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	v := relay.Invite{URLs: []string{"nats://evil.example:4222"}, Space: "team", Reader: "alice", Seed: string(seed.Reveal())}
	link := core.Opening{Link: core.Link{Invite: v.String()}}
	none := func(when string) {
		t.Helper()
		if all, err := s.E.Spaces.All(t.Context()); err != nil || len(all) > 0 {
			t.Errorf("%s: joined %+v, %v", when, all, err)
		}
	}
	s.W.Open("Lab")
	s.W.Show(link)
	s.Settle()
	if lost := eye.Missing(eye.Words(s.W.Layers), "space team", "nats://evil.example:4222", "as alice", "not encrypted", "where you know who sent it"); lost != nil {
		t.Errorf("the question does not say %q", lost)
	}
	none("asked")
	eye.Button(s.W.Layers, "Leave it").Tapped(nil)
	s.Settle()
	if s.W.Now().Name() != "Lab" {
		t.Errorf("left, and yet at %s", s.W.Now().Name())
	}
	s.W.Show(link)
	s.Settle()
	eye.Button(s.W.Layers, "Look at it").Tapped(nil)
	s.Settle()
	if s.W.Now().Name() != "Settings" {
		t.Errorf("at %s", s.W.Now().Name())
	}
	none("looked at")
	s.W.Show(core.Opening{Link: core.Link{Invite: "hookglass://join/eyJ2Ijox"}})
	s.Settle()
	if lost := eye.Missing(eye.Words(s.W.Layers), "not whole"); lost != nil {
		t.Errorf("a broken invite: %q is not said", lost)
	}
}
