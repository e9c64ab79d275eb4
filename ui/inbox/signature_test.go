package inbox

import (
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/ui/eye"
	"hookglass/ui/picture"
	"hookglass/ui/stage"
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

// showSigned puts a source and one capture of it up in the Signature tab and returns the tab.
func showSigned(s *stage.Stage, c stage.SignedCase) *signatureTab {
	s.T.Helper()
	src := core.Source{Name: "shop", Platform: "generic", Settings: core.Values{"path": "/in/shop", "scheme": c.Scheme}}
	if c.Secret != "" {
		ref, err := s.E.Vault.Put("run", "shop", core.Text(c.Secret))
		if err != nil {
			s.T.Fatal(err)
		}
		src.Secrets = map[string]core.SecretRef{"secret": ref}
	}
	if err := s.E.PutSource(s.T.Context(), &src); err != nil {
		s.T.Fatal(err)
	}
	id := s.Receive(&src, c)
	return signatureOf(s, id)
}

// signatureOf opens the Signature tab of a capture and lets everything settle.
func signatureOf(s *stage.Stage, id core.CaptureID) *signatureTab {
	s.T.Helper()
	s.Settle()
	d := stage.On(s, New).detail
	d.show(id)
	s.Settle()
	for i, part := range d.parts {
		if t, ok := part.(*signatureTab); ok {
			d.turn(i)
			s.Settle()
			return t
		}
	}
	s.T.Fatal("there is no Signature tab")
	return nil
}

func TestSignaturePicture(t *testing.T) {
	for _, row := range []struct {
		name  string
		c     stage.SignedCase
		wants []string
	}{
		{"verified", stage.SignedCase{Scheme: "stripe", Secret: "whsec_1", Body: `{"a":1}`},
			[]string{"The signature is right", "timestamp", "With which key", "for this run only", "HMAC-SHA-256", "written as hex", "Stripe-Signature", "wanted", "came"}},
		{"stale", stage.SignedCase{Scheme: "stripe", Secret: "whsec_1", Body: `{"a":1}`, Age: 42 * time.Minute},
			[]string{"Right, but too old", "42 min", "5 min ago", "The timestamp is too old"}},
		{"future", stage.SignedCase{Scheme: "slack", Secret: "s3cret", Body: `{"a":1}`, Age: -time.Hour}, []string{"Right, but from the future"}},
		{"public key", stage.SignedCase{Scheme: "discord", Secret: publicOf(seed), With: seed, Body: `{"type":1}`},
			[]string{"The signature is right", "Public key", "Ed25519", "Only the owner of the private key can make this signature"}},
		{"token", stage.SignedCase{Scheme: "gitlab", Secret: "glwt-secret", Body: `{"a":1}`},
			[]string{"The token is right", "there is no signature over the body", "The body is not protected"}},
		{"form", stage.SignedCase{Scheme: "twilio", Secret: "token-1", Body: "To=%2B1&Body=a+b&From=%2B2", Media: "application/x-www-form-urlencoded"},
			[]string{"The signature is right", "every parameter of the form, name and value, sorted by name"}},
		{"missing", stage.SignedCase{Scheme: "stripe", Secret: "whsec_1", Body: `{"a":1}`, Change: func(r *core.Request) { r.Header = r.Header.Without("Stripe-Signature") }},
			[]string{"There is no signature", "The request has no header Stripe-Signature."}},
		{"no secret", stage.SignedCase{Scheme: "stripe", With: "whsec_1", Body: `{"a":1}`}, []string{"No secret is set", "Give the secret, and it is checked at once"}},
		{"unexplained", stage.SignedCase{Scheme: "github", Secret: "mine", With: "theirs", Body: `{"a":1}`},
			[]string{"The signature does not match", "No cause proven", "Excluded:", "Next experiment: set a fresh secret on both sides", "Diagnose again"}},
		{"explained", stage.SignedCase{Scheme: "github", Secret: "mine", Body: `{"a": 1}`, Change: func(r *core.Request) { r.Body = []byte(`{"a":1}`) }},
			[]string{"The signature does not match", "Python's json.dumps", "Proven", "as signed", "first difference at byte 5", "Mend in between", "Nothing that the receiver changes"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := stage.New(t)
			tab := showSigned(s, row.c)
			s.Has(tab.stage, row.wants...)
			if row.c.Secret != "" {
				s.Lacks(tab.stage, row.c.Secret)
			}
		})
	}
}

// The secret among the signed bytes is never shown, nor in the bytes that the doctor found.
func TestSignedSecretIsHidden(t *testing.T) {
	s := stage.New(t)
	tab := showSigned(s, stage.SignedCase{Scheme: "hubspot-v1", Secret: "very-secret-1", Body: `{"a": 1}`, Change: func(r *core.Request) { r.Body = []byte(`{"a":1}`) }})
	s.Has(tab.stage, "secret, hidden", "********", "as signed")
	if letters := strings.Join(strings.Fields(eye.Texts(tab.stage)), ""); strings.Contains(letters, "very-secret-1") {
		t.Errorf("the secret stands in %s", letters)
	}
}

// The wanted signature of a request that failed is a working credential.
func TestWantedIsHiddenUntilAsked(t *testing.T) {
	s := stage.New(t)
	tab := showSigned(s, stage.SignedCase{Scheme: "github", Secret: "mine", With: "theirs", Body: `{"a":1}`})
	shown := eye.Texts(tab.stage)
	if n := strings.Count(shown, string(picture.Mask)); n < 50 {
		t.Fatalf("%d characters are hidden, want most of 64 in\n%s", n, shown)
	}
	s.Tap(tab.stage, "Reveal")
	if shown := eye.Texts(tab.stage); strings.Contains(shown, string(picture.Mask)) {
		t.Errorf("something is still hidden in\n%s", shown)
	}
	s.Tap(tab.stage, "Hide")
	if shown := eye.Texts(tab.stage); !strings.Contains(shown, string(picture.Mask)) {
		t.Error("nothing is hidden again")
	}
}

// What the doctor found stays with the capture.
func TestFindingsAreStored(t *testing.T) {
	s := stage.New(t)
	tab := showSigned(s, stage.SignedCase{Scheme: "stripe", Secret: "whsec_1", With: "whsec_1\n", Body: `{"a":1}`})
	s.Has(tab.stage, "The secret ends with a line break")
	c, err := s.E.Store.Capture(t.Context(), tab.capture.ID)
	if err != nil || c.Receipt.Verdict == nil || len(c.Receipt.Verdict.Findings) == 0 || c.Receipt.Verdict.Findings[0].Cause != "secret_has_trailing_lf" {
		t.Errorf("stored %+v, %v", c.Receipt.Verdict, err)
	}
}

func TestUnknownCaptureIsRecognised(t *testing.T) {
	s := stage.New(t)
	src := core.Source{Name: "anything", Platform: "generic", Settings: core.Values{"path": "/in/shop"}}
	if err := s.E.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	c := stage.SignedCase{Scheme: "shopify", Secret: "hush", Body: `{"id":1}`, Change: func(r *core.Request) {
		r.Header = append(r.Header, core.Field{Name: "X-Shopify-Topic", Value: "orders/create"}, core.Field{Name: "X-Shopify-Shop-Domain", Value: "a.myshopify.com"})
	}}
	old, id := s.Receive(&src, c), s.Receive(&src, c)
	tab := signatureOf(s, id)
	s.Has(tab.stage, "This looks like Shopify, and no secret is set")

	s.Tap(tab.stage, "Check signatures")
	s.Has(tab.stage, "Enter the secret")
	tab.form.secret.Type("hush")
	s.Tap(tab.stage, "Check signatures")
	s.Has(tab.stage, "The signature is right")
	before, err := s.E.Store.Capture(t.Context(), old)
	if err != nil || before.Receipt.Verdict == nil || before.Receipt.Verdict.State != core.Verified {
		t.Errorf("the older capture: %+v, %v; want verified", before.Receipt.Verdict, err)
	}
}

// A request that has no source is checked alone, and its verdict kept.
func TestCheckOneRequest(t *testing.T) {
	s := stage.New(t)
	id := s.Receive(&core.Source{}, stage.SignedCase{Scheme: "github", Secret: "mine", Body: `{"a":1}`})
	tab := signatureOf(s, id)
	tab.form.choose(func() sign.Scheme { x, _ := sign.Known().Find("github"); return x }())
	tab.form.secret.Type("mine")
	s.Tap(tab.stage, "Check this request")
	s.Has(tab.stage, "The signature is right")
}

func TestOwnCode(t *testing.T) {
	s := stage.New(t)
	tab := showSigned(s, stage.SignedCase{Scheme: "github", Secret: "mine", Body: `{"a":1}`})
	scheme, _ := sign.Known().Find("github")
	wrong, err := engine.SignRequest(scheme, core.Request{Method: "POST", Target: "/", Body: []byte(`{"a":1}`)}, "", core.Text("mine\n"), time.Now(), "")
	if err != nil {
		t.Fatal(err)
	}
	s.Tap(tab.stage, "Explain")
	s.Has(tab.stage, "Paste the value first")
	tab.own.Field.Set(wrong.Header.Get("X-Hub-Signature-256"))
	s.Tap(tab.stage, "Explain")
	s.Has(tab.stage, "The secret ends with a line break", "Proven")
}
