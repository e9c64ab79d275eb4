package ui

import (
	"testing"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/frame"
	"hookglass/ui/stage"
)

func TestPaletteOffersEverything(t *testing.T) {
	s := stage.New(t)
	ui := newShell(s.W)
	if err := s.E.PutSource(s.W.Ctx, &core.Source{Name: "orders", Platform: "generic", Settings: core.Values{"path": "/in/orders"}}); err != nil {
		t.Fatal(err)
	}
	s.Arrive(3, nil)
	s.Settle()
	byLabel := map[string]control.Command{}
	for _, c := range ui.Commands() {
		if c.Label == "" || c.Icon == "" || c.Do == nil {
			t.Errorf("a command without a label, an icon or a deed: %+v", c)
		}
		byLabel[c.Label] = c
	}
	for _, want := range []string{"Inbox", "Work", "Compose", "Deliveries", "Lab", "Sources", "Settings", "Go public", "Copy the URL of orders", "Copy a curl line for orders",
		"Settings: Tunnel", "Settings: Schemes", "Brightness: Dark", "New source", "New endpoint", "New request", "Check up a handler", "Pause all deliveries", "Delete captures of the history", "#3 event.2", "Scheme stripe", "Follow what arrives", "Import a file", "Export as HAR log", "Export as Workspace"} {
		if byLabel[want].Do == nil {
			t.Errorf("the palette does not offer %q", want)
		}
	}
	byLabel["Copy the URL of orders"].Do()
	if got := s.W.App.Clipboard().Content(); got != s.E.URL()+"/in/orders" {
		t.Errorf("copied %q", got)
	}
	byLabel["#3 event.2"].Do()
	if ui.inbox.Chosen != 3 {
		t.Errorf("capture %d is shown, want 3", ui.inbox.Chosen)
	}
	if _, ok := eye.Command(ui.Commands(), "Replay · capture 3"); !ok {
		t.Error("with a capture chosen, its actions are not offered")
	}
	byLabel["Settings: History"].Do()
	if s.W.Now().Name() != "Settings" {
		t.Errorf("page %s", s.W.Now().Name())
	}
}

// What one types first leads to what is meant.
func TestPaletteLeadsToWhatIsMeant(t *testing.T) {
	s := stage.New(t)
	ui := newShell(s.W)
	s.Arrive(3, nil)
	s.Settle()
	for typed, want := range map[string]string{"st": "Scheme stripe", "stripe": "Scheme stripe", "new source": "New source", "source new": "New source", "delete": "Delete · capture 3", "delete captures": "Delete captures of the history",
		"theme": "Brightness: As the system", "dark": "Brightness: Dark", "check": "Check up a handler", "in": "Inbox", "curl": "Copy as cURL · capture 3", "import": "Import a file"} {
		best, rank := "", 0
		for _, c := range ui.Commands() {
			if r := control.RankOf(typed, c); r > rank {
				best, rank = c.Label, r
			}
		}
		if best != want {
			t.Errorf("%q leads to %q, want %q", typed, best, want)
		}
	}
}

func TestPagesLeadToEachOther(t *testing.T) {
	s := stage.New(t)
	ui := newShell(s.W)
	s.Arrive(2, nil)
	c, err := s.E.Store.Capture(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		to   string
		lead func()
	}{
		{"Compose", func() { s.W.Go.Compose(&c) }}, {"Inbox", func() { s.W.Go.OpenCapture(2) }}, {"Work", func() { s.W.Go.OpenWork("wi_1") }},
		{"Deliveries", func() { s.W.Go.OpenDelivery(1) }}, {"Sources", func() { s.W.Go.AddSource(&c) }}, {"Settings", func() { s.W.Go.OpenSettings("Look") }},
		{"Deliveries", func() { s.W.Go.OpenBatch("replay-1") }}, {"Sources", func() { s.W.Go.OpenSource(1, "Faults") }}, {"Settings", func() { s.W.Go.CorrectTunnel("listen", "it is taken") }},
	} {
		row.lead()
		s.Settle()
		if got := s.W.Now().Name(); got != row.to {
			t.Errorf("it leads to %s, want %s", got, row.to)
		}
	}
	if ui.inbox.Chosen != 2 {
		t.Errorf("capture %d is shown, want 2", ui.inbox.Chosen)
	}
	for range 2 * 9 { // where a page took the keyboard, the first gives it up
		s.W.GoBack()
	}
	if got := s.W.Now().Name(); got != "Inbox" {
		t.Errorf("the way back ends at %s", got)
	}
}

func TestGoesOnWhileTheKeyringWaitsShell(t *testing.T) {
	stage.WhileKeyringWaits(t, map[string]func(s *stage.Stage, first <-chan struct{}){
		"copy curl": func(s *stage.Stage, first <-chan struct{}) { frame.CopyCurlOf(s.W, s.GithubSource()) },
	})
}
