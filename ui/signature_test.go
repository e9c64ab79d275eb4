package ui

import (
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
)

// seed is a private key, and publicOf the public one that belongs to it.
var seed = strings.Repeat("9d61b19deffd5a60", 4)

func publicOf(seed string) string {
	b, err := hex.DecodeString(seed)
	if err != nil {
		panic(err) // our own constant
	}
	return hex.EncodeToString(ed25519.NewKeyFromSeed(b).Public().(ed25519.PublicKey))
}

// show puts a source and one capture of it up in the Signature tab and returns the tab.
func showSigned(s *stage, c signedCase) *signatureTab {
	s.t.Helper()
	src := core.Source{Name: "shop", Platform: "generic", Settings: core.Values{"path": "/in/shop", "scheme": c.scheme}}
	if c.secret != "" {
		ref, err := s.e.Vault.Put("run", "shop", core.Text(c.secret))
		if err != nil {
			s.t.Fatal(err)
		}
		src.Secrets = map[string]core.SecretRef{"secret": ref}
	}
	if err := s.e.PutSource(s.t.Context(), &src); err != nil {
		s.t.Fatal(err)
	}
	id := s.receive(&src, c)
	return signatureOf(s, id)
}

// tab opens the Signature tab of a capture and lets everything settle.
func signatureOf(s *stage, id core.CaptureID) *signatureTab {
	s.t.Helper()
	s.settle()
	d := on(s, newInbox).detail
	d.show(id)
	s.settle()
	for i, part := range d.parts {
		if t, ok := part.(*signatureTab); ok {
			d.turn(i)
			s.settle()
			return t
		}
	}
	s.t.Fatal("there is no Signature tab")
	return nil
}

func TestSignaturePicture(t *testing.T) {
	for _, row := range []struct {
		name  string
		c     signedCase
		wants []string
	}{
		{"verified", signedCase{scheme: "stripe", secret: "whsec_1", body: `{"a":1}`},
			[]string{"The signature is right", "timestamp", "With which key", "for this run only", "HMAC-SHA-256", "written as hex", "Stripe-Signature", "wanted", "came"}},
		{"stale", signedCase{scheme: "stripe", secret: "whsec_1", body: `{"a":1}`, age: 42 * time.Minute},
			[]string{"Right, but too old", "42 min", "5 min ago", "The timestamp is too old"}},
		{"future", signedCase{scheme: "slack", secret: "s3cret", body: `{"a":1}`, age: -time.Hour}, []string{"Right, but from the future"}},
		{"public key", signedCase{scheme: "discord", secret: publicOf(seed), with: seed, body: `{"type":1}`},
			[]string{"The signature is right", "Public key", "Ed25519", "Only the owner of the private key can make this signature"}},
		{"token", signedCase{scheme: "gitlab", secret: "glwt-secret", body: `{"a":1}`},
			[]string{"The token is right", "there is no signature over the body", "The body is not protected"}},
		{"form", signedCase{scheme: "twilio", secret: "token-1", body: "To=%2B1&Body=a+b&From=%2B2", media: "application/x-www-form-urlencoded"},
			[]string{"The signature is right", "every parameter of the form, name and value, sorted by name"}},
		{"missing", signedCase{scheme: "stripe", secret: "whsec_1", body: `{"a":1}`, change: func(r *core.Request) { r.Header = r.Header.Without("Stripe-Signature") }},
			[]string{"There is no signature", "The request has no header Stripe-Signature."}},
		{"no secret", signedCase{scheme: "stripe", with: "whsec_1", body: `{"a":1}`}, []string{"No secret is set", "Give the secret, and it is checked at once"}},
		{"unexplained", signedCase{scheme: "github", secret: "mine", with: "theirs", body: `{"a":1}`},
			[]string{"The signature does not match", "No cause proven", "Excluded:", "Next experiment: send one request", "Diagnose again"}},
		{"explained", signedCase{scheme: "github", secret: "mine", body: `{"a": 1}`, change: func(r *core.Request) { r.Body = []byte(`{"a":1}`) }},
			[]string{"The signature does not match", "Python's json.dumps", "Proven", "as signed", "first difference at byte 5", "Go", "Node", "Python"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newStage(t)
			tab := showSigned(s, row.c)
			s.has(tab.stage, row.wants...)
			if row.c.secret != "" {
				s.lacks(tab.stage, row.c.secret)
			}
		})
	}
}

// The secret among the signed bytes is never shown, nor in the bytes that the doctor found.
func TestSignedSecretIsHidden(t *testing.T) {
	s := newStage(t)
	tab := showSigned(s, signedCase{scheme: "hubspot-v1", secret: "very-secret-1", body: `{"a": 1}`, change: func(r *core.Request) { r.Body = []byte(`{"a":1}`) }})
	s.has(tab.stage, "secret, hidden", "********", "as signed")
	if letters := strings.Join(strings.Fields(eyeTexts(tab.stage)), ""); strings.Contains(letters, "very-secret-1") {
		t.Errorf("the secret stands in %s", letters)
	}
}

// The wanted signature of a request that failed is a working credential.
func TestWantedIsHiddenUntilAsked(t *testing.T) {
	s := newStage(t)
	tab := showSigned(s, signedCase{scheme: "github", secret: "mine", with: "theirs", body: `{"a":1}`})
	shown := eyeTexts(tab.stage)
	if n := strings.Count(shown, string(mask)); n < 50 {
		t.Fatalf("%d characters are hidden, want most of 64 in\n%s", n, shown)
	}
	s.tap(tab.stage, "Reveal")
	if shown := eyeTexts(tab.stage); strings.Contains(shown, string(mask)) {
		t.Errorf("something is still hidden in\n%s", shown)
	}
	s.tap(tab.stage, "Hide")
	if shown := eyeTexts(tab.stage); !strings.Contains(shown, string(mask)) {
		t.Error("nothing is hidden again")
	}
}

// What the doctor found stays with the capture.
func TestFindingsAreStored(t *testing.T) {
	s := newStage(t)
	tab := showSigned(s, signedCase{scheme: "stripe", secret: "whsec_1", with: "whsec_1\n", body: `{"a":1}`})
	s.has(tab.stage, "The secret ends with a line break")
	c, err := s.e.Store.Capture(t.Context(), tab.capture.ID)
	if err != nil || c.Receipt.Verdict == nil || len(c.Receipt.Verdict.Findings) == 0 || c.Receipt.Verdict.Findings[0].Cause != "secret_has_trailing_lf" {
		t.Errorf("stored %+v, %v", c.Receipt.Verdict, err)
	}
}

func TestUnknownCaptureIsRecognised(t *testing.T) {
	s := newStage(t)
	src := core.Source{Name: "anything", Platform: "generic", Settings: core.Values{"path": "/in/shop"}}
	if err := s.e.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	c := signedCase{scheme: "shopify", secret: "hush", body: `{"id":1}`, change: func(r *core.Request) {
		r.Header = append(r.Header, core.Field{Name: "X-Shopify-Topic", Value: "orders/create"}, core.Field{Name: "X-Shopify-Shop-Domain", Value: "a.myshopify.com"})
	}}
	old, id := s.receive(&src, c), s.receive(&src, c)
	tab := signatureOf(s, id)
	s.has(tab.stage, "This looks like Shopify, and no secret is set")

	s.tap(tab.stage, "Check signatures")
	s.has(tab.stage, "Enter the secret")
	tab.form.secret.Type("hush")
	s.tap(tab.stage, "Check signatures")
	s.has(tab.stage, "The signature is right")
	before, err := s.e.Store.Capture(t.Context(), old)
	if err != nil || before.Receipt.Verdict == nil || before.Receipt.Verdict.State != core.Verified {
		t.Errorf("the older capture: %+v, %v; want verified", before.Receipt.Verdict, err)
	}
}

// A request that has no source is checked alone, and its verdict kept.
func TestCheckOneRequest(t *testing.T) {
	s := newStage(t)
	id := s.receive(&core.Source{}, signedCase{scheme: "github", secret: "mine", body: `{"a":1}`})
	tab := signatureOf(s, id)
	tab.form.choose(func() sign.Scheme { x, _ := sign.Known().Find("github"); return x }())
	tab.form.secret.Type("mine")
	s.tap(tab.stage, "Check this request")
	s.has(tab.stage, "The signature is right")
}

func TestOwnCode(t *testing.T) {
	s := newStage(t)
	tab := showSigned(s, signedCase{scheme: "github", secret: "mine", body: `{"a":1}`})
	scheme, _ := sign.Known().Find("github")
	wrong, err := engine.SignRequest(scheme, core.Request{Method: "POST", Target: "/", Body: []byte(`{"a":1}`)}, "", core.Text("mine\n"), time.Now(), "")
	if err != nil {
		t.Fatal(err)
	}
	s.tap(tab.stage, "Explain")
	s.has(tab.stage, "Paste the value first")
	tab.own.field.Set(wrong.Header.Get("X-Hub-Signature-256"))
	s.tap(tab.stage, "Explain")
	s.has(tab.stage, "The secret ends with a line break", "Proven")
}
