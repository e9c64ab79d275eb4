package settings

import (
	"strings"
	"testing"

	"hookglass/core/engine"
	"hookglass/ui/stage"
)

func TestHTTPSIsSetHere(t *testing.T) {
	s := stage.New(t)
	a := openSettings(s, "Address").Sections[1].(*addressSection)
	s.Settle()
	c := a.https
	if !c.keep.Disabled() || !c.files.Hidden {
		t.Error("there is something to apply before anything was chosen")
	}
	c.way.Select(certificateFiles)
	c.judge() // as when it is tapped
	if c.files.Hidden || !c.keep.Disabled() {
		t.Error("the files cannot be named")
	}
	c.cert.Set("/none.pem")
	c.apply()
	s.Settle()
	s.Settle()
	if !strings.Contains(c.key.Problem(), "name the PEM file") || !strings.HasPrefix(s.E.URL(), "http://") {
		t.Errorf("the key says %q, now %s", c.key.Problem(), s.E.URL())
	}
	c.way.Select(ownCertificate)
	c.judge()
	s.Press(c.body, "Apply")
	s.Settle()
	if !strings.HasPrefix(s.E.URL(), "https://") || s.E.Address.HTTPS(t.Context()) != (engine.HTTPS{Own: true}) {
		t.Fatalf("now %s", s.E.URL())
	}
	s.Says("Listening on https://")
	s.Has(a.view(), "Listening on "+s.E.URL(), "Trust it", "ca.pem")
	if !c.keep.Disabled() {
		t.Error("there is still something to apply")
	}
	c.way.Select(plainHTTP)
	c.judge()
	s.Press(c.body, "Apply")
	s.Settle()
	if !strings.HasPrefix(s.E.URL(), "http://") || !c.trust.Hidden {
		t.Errorf("now %s", s.E.URL())
	}
}
