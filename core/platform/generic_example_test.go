package platform_test

import (
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
)

// exampleOf is what a generic source is tried with, and what the source makes of it.
func exampleOf(t *testing.T, settings core.Values, secret string) (core.Request, platform.Out) {
	t.Helper()
	p, _ := platform.Find("generic")
	now := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	cfg := platform.Config{Settings: settings, Secrets: map[string]core.Secret{"secret": core.Text(secret)}, Base: "http://127.0.0.1:4600"}
	m, err := p.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Example(cfg, now)
	return r, m.Receive(platform.In{Now: now, Request: &r, IDs: platform.NewIDs(rand.New(rand.NewPCG(1, 2)))})
}

// A source of whatever provider is tried with something that it verifies, in the content type that its provider sends.
func TestAGenericExampleVerifiesWithEveryScheme(t *testing.T) {
	signable := 0
	for _, s := range sign.Known().All() {
		if s.SecretKind == "public_key" { // only who has the private key can sign
			continue
		}
		signable++
		r, out := exampleOf(t, core.Values{"path": "/in/it", "scheme": s.ID}, strings.Repeat("0123456789abcdef", 2))
		if v := out.Receipt.Verdict; v == nil || v.State != core.Verified {
			t.Errorf("%s: %+v", s.ID, v)
		}
		if media := r.Header.Get("Content-Type"); s.Media() == sign.FormMedia && !strings.HasPrefix(media, sign.FormMedia) {
			t.Errorf("%s signs the fields of a form and is tried with %s", s.ID, media)
		} else if strings.HasPrefix(media, sign.FormMedia) {
			if form, err := url.ParseQuery(string(r.Body)); err != nil || len(form) < 2 {
				t.Errorf("%s: %q is no form: %v", s.ID, r.Body, err)
			}
		}
	}
	if signable < 80 {
		t.Errorf("only %d schemes were tried", signable)
	}
}

func TestAGenericExampleIsASampleOfItsProvider(t *testing.T) {
	for scheme, want := range map[string]string{"stripe": `"object": "event"`, "github": `"zen"`, "twilio": "MessageSid=", "": `"type":"test"`, "razorpay": `"type":"test"`} {
		if r, _ := exampleOf(t, core.Values{"path": "/in/it", "scheme": scheme}, "secret"); !strings.Contains(string(r.Body), want) {
			t.Errorf("%q is tried with %s", scheme, r.Body)
		}
	}
	r, _ := exampleOf(t, core.Values{"path": "/in/it", "scheme": "github"}, "secret")
	if got := r.Header.Get("X-GitHub-Event"); got != "ping" {
		t.Errorf("GitHub is tried with %q, want the ping that it sends itself", got)
	}
	r, out := exampleOf(t, core.Values{"path": "/in/it", "scheme": "square", "url": "https://hooks.example.com/in/it"}, "secret")
	if out.Receipt.Verdict.State != core.Verified || !strings.HasPrefix(r.URL(), "http://127.0.0.1:4600") {
		t.Errorf("sent to %s and signed for the registered address: %+v", r.URL(), out.Receipt.Verdict)
	}
}

// What is said of a provider's own pages names the document that says it.
func TestSetupsHaveTheirSource(t *testing.T) {
	n := 0
	for _, s := range sign.Known().All() {
		if s.Setup == (sign.Setup{}) {
			continue
		}
		if n++; s.Setup.Secret == "" || s.Setup.Address == "" || !strings.Contains(s.Setup.Source, ".") {
			t.Errorf("%s: %+v", s.ID, s.Setup)
		}
	}
	if n < 14 {
		t.Errorf("only %d providers say where their secret is", n)
	}
}
