package settings

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"hookglass/core/tunnel/edgetest"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func TestThePortIsSetHere(t *testing.T) {
	s := stage.New(t)
	p := openSettings(s, "Address")
	s.Settle()
	a := p.Sections[1].(*addressSection)
	s.Has(a.view(), s.E.URL())
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, taken, _ := net.SplitHostPort(other.Addr().String())
	before := s.E.URL()
	for text, want := range map[string]string{taken: "cannot be had", "x": "no number", "70000": "65535", "": ""} {
		a.port.Set(text)
		p.Save() // Ctrl+S
		s.Settle()
		if got := a.port.Problem(); s.E.URL() != before || want == "" && got == "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, now %s", text, got, s.E.URL())
		}
	}
	port := strconv.Itoa(edgetest.Port(t))
	a.port.Set(port)
	s.Tap(a.view(), "Apply")
	if got := s.E.URL(); got != "http://127.0.0.1:"+port {
		t.Errorf("it listens on %s; %q", got, a.port.Problem())
	}
	s.Says("Listening on http://127.0.0.1:" + port)
	if b := eye.Button(a.view(), "Apply"); !b.Disabled() {
		t.Error("there is still something to apply")
	}
}
