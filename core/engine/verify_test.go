package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
)

func openIdle(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// arrived stores a capture of a source, signed with a scheme and secret, as if its body had then been changed to body.
func arrived(t *testing.T, e *engine.Engine, src core.Source, scheme, secret, signed, body string) core.CaptureID {
	t.Helper()
	s, ok := sign.Known().Find(scheme)
	if !ok {
		t.Fatalf("no scheme %s", scheme)
	}
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	r := core.Request{Method: "POST", Target: "/in/" + src.Name, Host: "127.0.0.1:4600", Proto: "HTTP/1.1", Body: []byte(signed)}
	r, err := engine.SignRequest(s, r, "", core.Text(secret), at, "msg_1")
	if err != nil {
		t.Fatal(err)
	}
	r.Body, r.Size = []byte(body), int64(len(body))
	c := core.Capture{At: at, Source: src.ID, Name: src.Name, Request: r, Receipt: core.Receipt{Outcome: core.Accepted, Platform: "generic"}}
	if err := e.Store.AddCapture(&c, nil); err != nil {
		t.Fatal(err)
	}
	return c.ID
}

func source(t *testing.T, e *engine.Engine, name, scheme, secret string) core.Source {
	t.Helper()
	src := core.Source{Name: name, Platform: "generic", Settings: core.Values{"path": "/in/" + name}}
	if scheme != "" {
		src.Settings["scheme"] = scheme
	}
	if secret != "" {
		ref, err := e.Vault.Put("run", "test/"+name, core.Text(secret))
		if err != nil {
			t.Fatal(err)
		}
		src.Secrets = map[string]core.SecretRef{"secret": ref}
	}
	if err := e.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	return src
}

func verdict(t *testing.T, e *engine.Engine, id core.CaptureID) *core.Verdict {
	t.Helper()
	c, err := e.Store.Capture(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c.Receipt.Verdict
}

// A source that gets its scheme and secret late: its old captures are judged as they came.
func TestSetSigningReachesOldCaptures(t *testing.T) {
	e := openIdle(t)
	src := source(t, e, "shop", "", "")
	good := arrived(t, e, src, "stripe", "whsec_1", `{"a":1}`, `{"a":1}`)
	bad := arrived(t, e, src, "stripe", "whsec_1", `{"a":1}`, `{"a":2}`)
	ref, _ := e.Vault.Put("run", "shop", core.Text("whsec_1"))
	if _, err := e.SetSigning(t.Context(), src.ID, "stripe", ref); err != nil {
		t.Fatal(err)
	}
	src.Settings, src.Secrets = core.Values{"path": src.Settings["path"], "scheme": "stripe"}, map[string]core.SecretRef{"secret": ref}
	n, err := e.ReverifySource(t.Context(), src, nil)
	if n.Captures != 2 || err != nil {
		t.Fatalf("reverified %+v, %v; want 2", n, err)
	}
	if v := verdict(t, e, good); v == nil || v.State != core.Verified {
		t.Errorf("good: %+v, want verified at its time of arrival", v)
	}
	if v := verdict(t, e, bad); v == nil || v.State != core.Mismatch {
		t.Errorf("bad: %+v, want mismatch", v)
	}
}

// What the user chooses for one capture holds for it alone, and for the doctor too.
func TestReverifyOnce(t *testing.T) {
	e := openIdle(t)
	src := source(t, e, "anything", "", "")
	id := arrived(t, e, src, "github", "s3cret", `{"a":1}`, "{\n  \"a\": 1\n}")
	v, err := e.Reverify(t.Context(), id, "github", core.Text("s3cret"))
	if err != nil || v.State != core.Mismatch {
		t.Fatalf("%v, %v; want mismatch", v.State, err)
	}
	d, err := e.Diagnose(t.Context(), id, "")
	if err != nil || len(d.Findings) == 0 || d.Findings[0].Proof != core.Recomputed {
		t.Fatalf("%+v, %v; want a proven cause", d, err)
	}
	stored := verdict(t, e, id)
	if stored.State != core.Mismatch || len(stored.Findings) == 0 || stored.Findings[0].Cause != d.Findings[0].Cause || stored.Tried == 0 {
		t.Errorf("stored: %+v, want the findings", stored)
	}
	if _, err := e.Reverify(t.Context(), id, "no-such", core.Secret{}); !errors.As(err, new(*core.Invalid)) {
		t.Errorf("unknown scheme: %v, want *core.Invalid", err)
	}
}

// Where the history can only be read, the doctor looks all the same; what it finds is told, and not kept.
func TestExplainedWithoutBeingKept(t *testing.T) {
	e := openIdle(t)
	id := arrived(t, e, source(t, e, "anything", "", ""), "github", "s3cret", `{"a":1}`, "{\n  \"a\": 1\n}")
	if _, err := e.Reverify(t.Context(), id, "github", core.Text("s3cret")); err != nil {
		t.Fatal(err)
	}
	engine.ReadOnly(e, "the disk is full")
	c, err := e.Explained(t.Context(), id)
	if v := c.Receipt.Verdict; err != nil || v == nil || len(v.Findings) == 0 || v.Findings[0].Proof != core.Recomputed {
		t.Errorf("%+v, %v; want a proven cause", v, err)
	}
	if v := verdict(t, e, id); v.Tried != 0 || len(v.Findings) != 0 {
		t.Errorf("kept: %+v", v)
	}
}

// The secret of another source is the cause: it is named, never shown.
func TestDiagnoseTriesOtherSecrets(t *testing.T) {
	e := openIdle(t)
	source(t, e, "live", "github", "the live one")
	src := source(t, e, "test", "github", "the test one")
	id := arrived(t, e, src, "github", "the live one", `{"a":1}`, `{"a":1}`)
	d, err := e.Diagnose(t.Context(), id, "")
	if err != nil || len(d.Findings) == 0 || d.Findings[0].Cause != "other_known_secret" {
		t.Fatalf("%+v, %v; want other_known_secret", d.Findings, err)
	}
}

func TestDiagnoseComputedStoresNothing(t *testing.T) {
	e := openIdle(t)
	src := source(t, e, "hub", "github", "s3cret")
	id := arrived(t, e, src, "github", "s3cret", `{"a":1}`, `{"a":1}`)
	s, _ := sign.Known().Find("github")
	r, _ := engine.SignRequest(s, core.Request{Method: "POST", Target: "/", Body: []byte(`{"a":1}`)}, "", core.Text("s3cret\n"), time.Now(), "")
	d, err := e.Diagnose(t.Context(), id, r.Header.Get("X-Hub-Signature-256"))
	if err != nil || len(d.Findings) == 0 || d.Findings[0].Cause != "secret_has_trailing_lf" {
		t.Fatalf("%+v, %v; want secret_has_trailing_lf", d.Findings, err)
	}
	if v := verdict(t, e, id); v != nil {
		t.Errorf("stored %+v, want nothing", v)
	}
}

func TestDiagnoseEndsWhenCancelled(t *testing.T) {
	e := openIdle(t)
	src := source(t, e, "hub", "github", "s3cret")
	id := arrived(t, e, src, "github", "another", `{"a":1}`, `{"a":1}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Diagnose(ctx, id, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want cancelled", err)
	}
	if v := verdict(t, e, id); v != nil {
		t.Errorf("stored %+v, want nothing", v)
	}
}

// A scheme may sign the secret itself. What the doctor found is stored, so the secret must not be in it.
func TestDiagnoseHidesSignedSecrets(t *testing.T) {
	e := openIdle(t)
	src := source(t, e, "hub", "hubspot-v1", "very-secret-1")
	id := arrived(t, e, src, "hubspot-v1", "very-secret-1", `{"a": 1}`, `{"a":1}`)
	d, err := e.Diagnose(t.Context(), id, "")
	if err != nil || len(d.Findings) == 0 || d.Findings[0].Signed == nil {
		t.Fatalf("%+v, %v; want a finding with its bytes", d.Findings, err)
	}
	if f := verdict(t, e, id).Findings[0]; string(f.Signed) != `{"a": 1}` {
		t.Errorf("stored %q, want the signed bytes without the secret", f.Signed)
	}
}

// What a made private key signs, the made public key checks.
func TestKeyPair(t *testing.T) {
	pairs := 0
	for _, scheme := range sign.Known().All() {
		private, public, ok := engine.KeyPair(scheme)
		if !ok {
			continue
		}
		pairs++
		now := time.Now()
		r := core.Request{Method: "POST", Target: "/", Host: "h", Body: []byte(`{"a":1}`)}
		signed, err := engine.SignRequest(scheme, r, "", private, now, "msg_1")
		if err != nil {
			t.Errorf("%s: %v", scheme.ID, err)
			continue
		}
		if v := scheme.Verify(sign.Input{Request: &signed, Secrets: []core.Secret{core.Text(public)}, Now: now}); v.State != core.Verified {
			t.Errorf("%s: %s %v", scheme.ID, v.State, v.Notes)
		}
	}
	if pairs < 3 {
		t.Errorf("%d schemes have pairs", pairs)
	}
}
