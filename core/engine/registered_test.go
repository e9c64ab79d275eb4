package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
)

// A provider that signs the address knows the source by another one: the doctor finds it and names the setting, and with what it
// names that capture verifies and so does the next one, whose query is another.
func TestTheDoctorsAddressMakesTheSourceVerify(t *testing.T) {
	e := openIdle(t)
	src := source(t, e, "calls", "twilio-json", "token")
	s, _ := sign.Known().Find("twilio-json")
	arrive := func(sub, body string) core.CaptureID {
		sum := sha256.Sum256([]byte(body))
		target := "/in/calls" + sub + "?bodySHA256=" + hex.EncodeToString(sum[:])
		at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		r := core.Request{Method: "POST", Target: target, Host: "127.0.0.1:4600", Proto: "HTTP/1.1", Body: []byte(body),
			Header: core.Header{{Name: "Host", Value: "127.0.0.1:4600"}, {Name: "X-Forwarded-Host", Value: "calls.example.org"}}}
		r, err := engine.SignRequest(s, r, "https://calls.example.org"+target, core.Text("token"), at, "")
		if err != nil {
			t.Fatal(err)
		}
		r.Size = int64(len(body))
		c := core.Capture{At: at, Source: src.ID, Name: src.Name, Request: r, Receipt: core.Receipt{Outcome: core.Accepted, Platform: "generic"}}
		if err := e.Store.AddCapture(&c, nil); err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	first, second := arrive("", `{"a":1}`), arrive("/status", `{"a":2}`)
	for _, id := range []core.CaptureID{first, second} {
		if v, err := e.Reverify(t.Context(), id, "", core.Secret{}); err != nil || v.State != core.Mismatch {
			t.Fatalf("%v, %v: the fault is not there", v.State, err)
		}
	}
	d, err := e.Diagnose(t.Context(), first, "")
	if err != nil || len(d.Findings) == 0 || !strings.HasPrefix(d.Findings[0].Cause, "url_") {
		t.Fatalf("%+v, %v; want another address", d.Findings, err)
	}
	_, address, named := strings.Cut(d.Findings[0].Fix, "(url, under Advanced) to ")
	if !named {
		t.Fatalf("the fix names no setting: %s", d.Findings[0].Fix)
	}
	src.Settings["url"] = strings.TrimSuffix(address, ".")
	if err := e.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	for _, id := range []core.CaptureID{first, second} {
		if v, err := e.Reverify(t.Context(), id, "", core.Secret{}); err != nil || v.State != core.Verified {
			t.Errorf("capture %d with url %s: %v, %v; want verified", id, src.Settings["url"], v.State, err)
		}
	}
	if d, err := e.Diagnose(t.Context(), second, ""); err != nil || len(d.Findings) != 0 {
		t.Errorf("a verified capture has findings: %+v, %v", d.Findings, err)
	}
}
