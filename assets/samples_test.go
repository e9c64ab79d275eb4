package assets_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
)

// TestSamplesAreWhole looks at what every row of the index must say.
func TestSamplesAreWhole(t *testing.T) {
	providers, seen := map[string]string{}, map[string]bool{}
	for _, s := range assets.Samples() {
		name := s.Provider + " " + s.Event
		if s.Provider == "" || s.Title == "" || s.Event == "" || len(s.Body) == 0 {
			t.Errorf("%s: something is empty", name)
		}
		if title, ok := providers[s.Provider]; ok && title != s.Title {
			t.Errorf("%s: the provider is called %q and %q", name, title, s.Title)
		}
		providers[s.Provider] = s.Title
		if seen[name] {
			t.Errorf("%s stands twice", name)
		}
		seen[name] = true
		if _, ok := sign.Known().Find(s.Provider); !ok {
			if _, ok := platform.Find(s.Provider); !ok {
				t.Errorf("%s: the provider is neither a scheme nor a platform", name)
			}
		}
		wellFormed(t, name, s)
	}
	if len(providers) < 14 {
		t.Errorf("%d providers, want 14 at least", len(providers))
	}
	for _, p := range platform.All {
		_, ok := assets.FindSample(p.Name, "")
		if ok || p.Example != nil || p.Endpoints != nil && p.Endpoints.Sample != nil {
			continue
		}
		t.Errorf("platform %s has neither a sample here nor an example of its own", p.Name)
	}
}

func wellFormed(t *testing.T, name string, s assets.Sample) {
	kind, _, err := mime.ParseMediaType(s.ContentType)
	switch {
	case err != nil:
		t.Errorf("%s: content type: %v", name, err)
	case kind == "application/json" && !json.Valid(s.Body):
		t.Errorf("%s: the body is not JSON", name)
	case kind == "application/x-www-form-urlencoded":
		if form, err := url.ParseQuery(string(s.Body)); err != nil || len(form) == 0 {
			t.Errorf("%s: the body is no form: %v", name, err)
		}
	}
}

// TestSamplesSignAndVerify signs every sample with a secret made up here, and wants it to verify, to be recognised as
// its provider's, and no longer to verify when a byte changes.
func TestSamplesSignAndVerify(t *testing.T) {
	now := time.Date(2026, 3, 14, 9, 20, 0, 0, time.UTC)
	for _, s := range assets.Samples() {
		t.Run(s.Provider+"/"+s.Event, func(t *testing.T) {
			r := requestOf(s)
			if e := sign.Event(&r); e.Type != eventInBody(s) {
				t.Errorf("the event is recognised as %q, want %q", e.Type, eventInBody(s))
			}
			if s.Scheme == "" {
				return
			}
			scheme, ok := sign.Known().Find(s.Scheme)
			if !ok {
				t.Fatalf("there is no scheme %q", s.Scheme)
			}
			in := sign.Input{Request: &r, Secrets: []core.Secret{secretFor(t, scheme)}, Now: now}
			set, body, err := scheme.Sign(in, "msg_sample_1")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range set {
				r.Header = r.Header.With(f.Name, f.Value)
			}
			r.Body = body
			if v := scheme.Verify(in); v.State != core.Verified {
				t.Errorf("the signature is %s: %v", v.State, v.Notes)
			}
			if m := sign.Known().Detect(&r); !isAmong(m, s.Scheme) {
				t.Errorf("detected as %v, want %s first or equal", m, s.Scheme)
			}
			tampered := r
			tampered.Body = append(bytes.Clone(r.Body), ' ')
			in.Request = &tampered
			if v := scheme.Verify(in); v.State == core.Verified && scheme.Template != "{none}" && scheme.Template != "{url}{form}" {
				t.Error("the signature verifies with another body")
			}
		})
	}
}

// isAmong reports whether a scheme is the first choice, or its header is shared with others and it is one of them.
func isAmong(all []sign.Match, scheme string) bool {
	for _, m := range all {
		if m.Scheme == scheme {
			return !all[0].Sure || all[0].Scheme == scheme || shared(scheme)
		}
	}
	return false
}

// shared are schemes that look to the last byte like another provider's.
func shared(scheme string) bool { return scheme == "nekro" } // GitHub's own deliveries

// eventInBody is the event as the request names it, where that differs from the sample's name.
func eventInBody(s assets.Sample) string {
	switch s.Provider + " " + s.Event {
	case "discord ping":
		return "1" // Discord's types are numbers
	case "discord interaction":
		return "2"
	case "intercom conversation.user.created":
		return "notification_event" // the envelope; the topic names what happened
	case "sendgrid delivered":
		return "processed" // the first of a batch
	case "almyty message", "workjet execution.completed":
		return "" // nothing in the request names it
	}
	return s.Event
}

func requestOf(s assets.Sample) core.Request {
	r := core.Request{Method: s.Method, Target: "/in/" + s.Provider, Host: "hooks.example.com", Base: "https://hooks.example.com", Body: s.Body,
		Header: core.Header{{Name: "Host", Value: "hooks.example.com"}, {Name: "Content-Type", Value: s.ContentType}}}
	if r.Method == "" {
		r.Method = "POST"
	}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		r.Header = append(r.Header, core.Field{Name: name, Value: s.Headers[name]})
	}
	return r
}

// secretFor makes a secret in the form that the scheme's provider shows.
func secretFor(t *testing.T, s sign.Scheme) core.Secret {
	t.Helper()
	seed := sha256.Sum256([]byte("sample"))
	switch {
	case s.Alg == "ed25519":
		return pemOf(t, ed25519.NewKeyFromSeed(seed[:]))
	case strings.HasPrefix(s.Alg, "ecdsa"):
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return pemOf(t, k)
	case strings.HasSuffix(s.Key, "base64"):
		return core.Text("whsec_" + base64.StdEncoding.EncodeToString(seed[:24]))
	}
	return core.Text("made up for this test")
}

func pemOf(t *testing.T, private any) core.Secret {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return core.NewSecret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// TestSamplesKeepTheirBytes holds the odd endings that a text editor or a clone on Windows would take away.
func TestSamplesKeepTheirBytes(t *testing.T) {
	for _, event := range []string{"delivered", "bounce"} {
		s, ok := assets.FindSample("sendgrid", event)
		if !ok || !bytes.HasSuffix(s.Body, []byte("]\r\n")) {
			t.Errorf("sendgrid %s does not end with CRLF", event)
		}
	}
	joai, _ := platform.Sender("joai")
	for _, event := range joai.Endpoints.Setting("trigger").Choices {
		s, ok := assets.FindSample("joai", event)
		if !ok || strings.ContainsAny(string(s.Body), "\n/") || !bytes.HasPrefix(s.Body, []byte(`{"event":"`+event+`","webhook":{"id":`)) {
			t.Errorf("joai %s is not what JSON.stringify writes: %s", event, s.Body)
		}
	}
}

func TestFindSample(t *testing.T) {
	for _, row := range []struct{ provider, event, want string }{
		{"stripe", "", "charge.failed"},
		{"stripe", "invoice.paid", "invoice.paid"},
		{"", "orders/create", "orders/create"},
		{"workjet", "", "ticket.created"},
		{"github", "no such event", ""},
		{"no such provider", "", ""},
	} {
		if s, ok := assets.FindSample(row.provider, row.event); s.Event != row.want || ok != (row.want != "") {
			t.Errorf("FindSample(%q, %q) = %q, want %q", row.provider, row.event, s.Event, row.want)
		}
	}
}
