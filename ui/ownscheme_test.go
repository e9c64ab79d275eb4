package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hookglass/core"
)

// ownSchemes are two of the user's own: a token, and an HMAC over the body.
var ownSchemes = map[string]string{"my-token": "Token GmbH", "my-hmac": "Hmac GmbH"}

// putOwnSchemes adds them, as Settings does while the other pages are there already.
func (s *stage) putOwnSchemes() {
	s.t.Helper()
	for id, rest := range map[string]string{"my-token": `"template":"{none}","alg":"equal","enc":"raw","key":"utf8"`, "my-hmac": `"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"`} {
		text := fmt.Sprintf(`{"id":%q,"provider":%q,"sig":{"from":"header:X-%s","format":"plain"},%s}`, id, ownSchemes[id], id, rest)
		if _, err := s.e.Schemes.Put(s.w.ctx, "", []byte(text)); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestSourcesFormKnowsOwnSchemes(t *testing.T) {
	s, p := sourcesStage(t)
	s.putOwnSchemes()
	for id, provider := range ownSchemes {
		p.edit(core.Source{Name: id, Platform: "generic", Settings: core.Values{"path": "/in/x", "scheme": id}}, true)
		s.has(p.editor.settings.View(), provider)
		s.lacks(p.editor.settings.View(), "There is no such scheme")
	}
	p.edit(core.Source{Name: "x", Platform: "generic", Settings: core.Values{"path": "/in/x", "scheme": "nobodys"}}, true)
	s.has(p.editor.settings.View(), "There is no such scheme")
}

func TestEndpointFormKeepsOwnSchemes(t *testing.T) {
	s := newStage(t)
	p := on(s, newDeliveriesPage)
	p.turn(showEndpoints)
	s.settle()
	s.putOwnSchemes()
	f := p.endpoints.form
	for id, provider := range ownSchemes {
		f.set(core.Endpoint{ID: 7, Name: "e", Target: core.Target{URL: "http://127.0.0.1:9/", Scheme: id}})
		if got := f.signing.picker.name.Text(); got != provider {
			t.Errorf("an endpoint that signs with %s shows %q", id, got)
		}
		if ep, err := f.read(); err != nil || ep.Target.Scheme != id {
			t.Errorf("an endpoint that signs with %s is saved with %q, %v", id, ep.Target.Scheme, err)
		}
	}
}

func TestComposeSignsWithOwnSchemes(t *testing.T) {
	for id, provider := range ownSchemes {
		s := newStage(t)
		s.putOwnSchemes()
		p := openCompose(s, id, "s3cret-of-mine")
		p.signing.choose(p.signing.scheme.Set(id))
		p.signing.secret.Type("s3cret-of-mine")
		look(s, p)
		s.has(p.root, provider)
		s.has(p.pictureStage, "A receiver will accept this")
		c, secret, old := p.read()
		for lang, code := range previewOf(s.w, c, secret, old, time.Now()).code {
			if strings.Contains(code, "s3cret-of-mine") {
				t.Errorf("%s: the secret stands in the %s code:\n%s", id, lang, code)
			}
		}
	}
}
