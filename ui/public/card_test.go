package public

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/tunnel"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func TestGoPublicAsksForWhatIsMissing(t *testing.T) {
	s := stage.New(t)
	GoPublic(s.W)
	s.Settle()
	if len(s.Went) != 1 || !strings.HasPrefix(s.Went[0], "tunnel authtoken: is missing; copy it from") {
		t.Errorf("it leads to %q, want the authtoken's field", s.Went)
	}
	if s.W.Layers.Covered() {
		t.Error("it asks for consent before there is a token")
	}
}

func TestConsentComesOnceAndBeforeTheStart(t *testing.T) {
	s := stage.New(t)
	own := engine.TunnelSettings{Provider: "own", URL: "https://hooks.example.com", Listen: strings.TrimPrefix(s.E.URL(), "http://")}
	if _, err := s.E.Tunnel.Change(func(s *engine.TunnelSettings) { *s = own }); err != nil {
		t.Fatal(err)
	}
	GoPublic(s.W)
	s.Settle()
	if s.E.Tunnel.Status().State != "" || !s.W.Layers.Covered() {
		t.Fatalf("state %q, asked %v; want the question first", s.E.Tunnel.Status().State, s.W.Layers.Covered())
	}
	for _, line := range tunnel.Consent("own") {
		if !strings.Contains(eye.Words(s.W.Layers), line) {
			t.Errorf("it does not say %q", line)
		}
	}
	s.W.Win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.W.Layers.Covered() || len(s.E.Tunnel.Settings(s.W.Ctx).Agreed) != 0 {
		t.Error("Esc is no answer, or a yes")
	}
	GoPublic(s.W)
	s.Settle()
	s.Press(s.W.Layers, "Agree and go public")
	if got := s.E.Tunnel.Settings(s.W.Ctx).Agreed; len(got) != 1 || got[0] != "own" {
		t.Errorf("agreed to %v", got)
	}
	if _, err := s.E.Tunnel.Await(s.W.Ctx); err == nil { // that port is taken by the sources
		t.Error("the tunnel came up at a port that is in use")
	}
	s.Settle()
	card := NewCard(s.W)
	card.Load(s.W.Ctx)()
	if said := eye.Words(card.View()); !strings.Contains(said, "local address for your tunnel") || !strings.Contains(said, "Change the port") {
		t.Errorf("the card says %q", said)
	}
	s.Press(card.View(), "Change the port")
	if len(s.Went) != 1 || !strings.HasPrefix(s.Went[0], "tunnel listen: ") {
		t.Errorf("it leads to %q, want the setting of the port", s.Went)
	}
	GoPublic(s.W)
	s.Settle()
	if s.W.Layers.Covered() {
		t.Error("it asks again")
	}
}
