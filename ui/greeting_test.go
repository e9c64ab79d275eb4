package ui

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// Who is new sees three things to try, each leads where it says, and it is not shown twice.
func TestTheWelcomeLeadsSomewhere(t *testing.T) {
	s := stage.New(t)
	ui := newShell(s.W)
	ui.greet(s.W.Ctx)
	s.Settle()
	if lost := eye.Missing(eye.Words(s.W.Layers), "Welcome", "Receive a webhook", "See a signature fail", "Examine your handler"); lost != nil {
		t.Fatalf("the welcome does not show %q", lost)
	}
	for button, page := range map[string]string{"New source": "Sources", "Compose": "Compose", "Check-up": "Lab"} {
		if !s.W.Layers.Covered() {
			ui.welcome()
		}
		s.Tap(s.W.Layers, button)
		if s.W.Now().Name() != page || s.W.Layers.Covered() {
			t.Errorf("%s leads to %s", button, s.W.Now().Name())
		}
	}
	ui.greet(s.W.Ctx)
	s.Settle()
	if s.W.Layers.Covered() {
		t.Error("the second start welcomes again")
	}
}

func TestWhatIsNewIsTold(t *testing.T) {
	s := stage.New(t)
	ui := newShell(s.W)
	s.W.Version = "0.1.0"
	if _, err := s.E.Greet(s.W.Ctx, "0.0.1"); err != nil {
		t.Fatal(err)
	}
	ui.greet(s.W.Ctx)
	s.Settle()
	s.Tap(s.W.Layers, "What is new")
	if lost := eye.Missing(eye.Words(s.W.Layers), "What is new", "0.1.0, 2026-11-21", "The first version"); lost != nil {
		t.Errorf("it does not show %q", lost)
	}
}

// Nothing is asked for until the user switches it on; then the feed is.
func TestUpdatesAreLookedForOnlyWhenWanted(t *testing.T) {
	s := stage.New(t)
	ui := newShell(s.W)
	asked := 0
	feed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		fmt.Fprint(w, `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>v99.0.0</title><link href="/about"/></entry></feed>`)
	}))
	defer feed.Close()
	if err := s.E.Updates.Choose(engine.UpdateChoice{Feed: feed.URL}); err != nil {
		t.Fatal(err)
	}
	s.W.Version = "0.1.0"
	ui.lookForUpdates(s.W.Ctx)
	s.Settle()
	if asked != 0 {
		t.Fatal("it asked without being switched on")
	}
	s.W.Go.OpenSettings("About")
	s.Settle()
	s.Settle()
	shown := slices.ContainsFunc(eye.All[*control.Field](s.W.Now().View()), func(f *control.Field) bool { return f.Text() == feed.URL })
	if lost := eye.Missing(eye.Words(s.W.Now().View()), "Updates", "Look for updates"); lost != nil || !shown {
		t.Errorf("About does not show %q; the feed: %v", lost, shown)
	}
	s.Tap(s.W.Now().View(), "Look now")
	if asked != 1 || len(eye.Missing(eye.Words(s.W.Layers), "Hookglass 99.0.0 is there", "Open its page")) > 0 {
		t.Errorf("asked %d times; the window says %s", asked, eye.Words(s.W.Layers))
	}
}
