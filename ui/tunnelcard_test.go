package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/tunnel"
)

func TestGoPublicAsksForWhatIsMissing(t *testing.T) {
	s := newStage(t)
	goPublic(s.w)
	s.settle()
	if len(s.went) != 1 || !strings.HasPrefix(s.went[0], "tunnel authtoken: is missing; copy it from") {
		t.Errorf("it leads to %q, want the authtoken's field", s.went)
	}
	if s.w.layers.Covered() {
		t.Error("it asks for consent before there is a token")
	}
}

func TestConsentComesOnceAndBeforeTheStart(t *testing.T) {
	s := newStage(t)
	own := engine.TunnelSettings{Provider: "own", URL: "https://hooks.example.com", Listen: strings.TrimPrefix(s.e.URL(), "http://")}
	if _, err := s.e.Tunnel.Change(func(s *engine.TunnelSettings) { *s = own }); err != nil {
		t.Fatal(err)
	}
	goPublic(s.w)
	s.settle()
	if s.e.Tunnel.Status().State != "" || !s.w.layers.Covered() {
		t.Fatalf("state %q, asked %v; want the question first", s.e.Tunnel.Status().State, s.w.layers.Covered())
	}
	for _, line := range tunnel.Consent("own") {
		if !strings.Contains(eyeWords(s.w.layers), line) {
			t.Errorf("it does not say %q", line)
		}
	}
	s.w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.w.layers.Covered() || len(s.e.Tunnel.Settings(s.w.ctx).Agreed) != 0 {
		t.Error("Esc is no answer, or a yes")
	}
	goPublic(s.w)
	s.settle()
	s.press(s.w.layers, "Agree and go public")
	if got := s.e.Tunnel.Settings(s.w.ctx).Agreed; len(got) != 1 || got[0] != "own" {
		t.Errorf("agreed to %v", got)
	}
	if _, err := s.e.Tunnel.Await(s.w.ctx); err == nil { // that port is taken by the sources
		t.Error("the tunnel came up at a port that is in use")
	}
	s.settle()
	card := newTunnelCard(s.w)
	card.load(s.w.ctx)()
	if said := eyeWords(card.view()); !strings.Contains(said, "local address for your tunnel") || !strings.Contains(said, "Change the port") {
		t.Errorf("the card says %q", said)
	}
	s.press(card.view(), "Change the port")
	if len(s.went) != 1 || !strings.HasPrefix(s.went[0], "tunnel listen: ") {
		t.Errorf("it leads to %q, want the setting of the port", s.went)
	}
	goPublic(s.w)
	s.settle()
	if s.w.layers.Covered() {
		t.Error("it asks again")
	}
}
