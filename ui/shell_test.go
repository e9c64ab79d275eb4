package ui

import (
	"testing"

	"hookglass/core"
	"hookglass/ui/control"
)

func TestPaletteOffersEverything(t *testing.T) {
	s := newStage(t)
	ui := newShell(s.w)
	if err := s.e.PutSource(s.w.ctx, &core.Source{Name: "orders", Platform: "generic", Settings: core.Values{"path": "/in/orders"}}); err != nil {
		t.Fatal(err)
	}
	s.arrive(3, nil)
	s.settle()
	byLabel := map[string]control.Command{}
	for _, c := range ui.commands() {
		if c.Label == "" || c.Icon == "" || c.Do == nil {
			t.Errorf("a command without a label, an icon or a deed: %+v", c)
		}
		byLabel[c.Label] = c
	}
	for _, want := range []string{"Inbox", "Work", "Compose", "Deliveries", "Lab", "Sources", "Settings", "Go public", "Copy the URL of orders", "Copy a curl line for orders",
		"Settings: Tunnel", "Settings: Schemes", "Brightness: Dark", "#3 event.2", "Scheme stripe", "Follow what arrives", "Import a file", "Export as HAR log", "Export as Workspace"} {
		if byLabel[want].Do == nil {
			t.Errorf("the palette does not offer %q", want)
		}
	}
	byLabel["Copy the URL of orders"].Do()
	if got := s.w.app.Clipboard().Content(); got != s.e.URL()+"/in/orders" {
		t.Errorf("copied %q", got)
	}
	byLabel["#3 event.2"].Do()
	if ui.inbox.chosen != 3 {
		t.Errorf("capture %d is shown, want 3", ui.inbox.chosen)
	}
	if _, ok := eyeCommand(ui.commands(), "Replay this capture"); !ok {
		t.Error("with a capture chosen, its actions are not offered")
	}
	byLabel["Settings: History"].Do()
	if s.w.now().name() != "Settings" {
		t.Errorf("page %s", s.w.now().name())
	}
}

func TestPagesLeadToEachOther(t *testing.T) {
	s := newStage(t)
	ui := newShell(s.w)
	s.arrive(2, nil)
	c, err := s.e.Store.Capture(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		to   string
		lead func()
	}{
		{"Compose", func() { s.w.to.compose(&c) }}, {"Inbox", func() { s.w.to.openCapture(2) }}, {"Work", func() { s.w.to.openWork("wi_1") }},
		{"Deliveries", func() { s.w.to.openDelivery(1) }}, {"Sources", func() { s.w.to.addSource(&c) }}, {"Settings", func() { s.w.to.openSettings("Look") }},
		{"Deliveries", func() { s.w.to.openBatch("replay-1") }}, {"Sources", func() { s.w.to.openSource(1, "Faults") }}, {"Settings", func() { s.w.to.correctTunnel("listen", "it is taken") }},
	} {
		row.lead()
		s.settle()
		if got := s.w.now().name(); got != row.to {
			t.Errorf("it leads to %s, want %s", got, row.to)
		}
	}
	if ui.inbox.chosen != 2 {
		t.Errorf("capture %d is shown, want 2", ui.inbox.chosen)
	}
	for range 9 {
		s.w.goBack()
	}
	if got := s.w.now().name(); got != "Inbox" {
		t.Errorf("the way back ends at %s", got)
	}
}

func TestGoesOnWhileTheKeyringWaitsShell(t *testing.T) {
	whileKeyringWaits(t, map[string]func(s *stage, first <-chan struct{}){
		"copy curl": func(s *stage, first <-chan struct{}) { copyCurlOf(s.w, s.githubSource()) },
	})
}
