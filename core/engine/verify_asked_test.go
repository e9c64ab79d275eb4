package engine_test

import (
	"strings"
	"testing"

	"hookglass/core/engine"
)

// A capture is checked with what its source says, or with what is asked, and nothing of it is kept.
func TestACaptureIsVerifiedOverTheControlAddress(t *testing.T) {
	t.Setenv("HOOKGLASS_TEST_RIGHT", "It's a Secret to Everybody")
	t.Setenv("HOOKGLASS_TEST_OTHER", "another")
	right, other := object{"env": "HOOKGLASS_TEST_RIGHT"}, object{"env": "HOOKGLASS_TEST_OTHER"}
	r, err := open(t, object{"hookglass": 1, "sources": []any{object{"platform": "generic", "path": "/in", "scheme": "github", "secret": right}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	// the example of GitHub's own documentation
	r.send("POST", "/in", [][2]string{{"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}}, []byte("Hello, World!"))
	verify := func(body object) (v engine.VerdictJSON) {
		t.Helper()
		r.ask("POST", "/_/verify", body, &v)
		return v
	}
	if v := verify(object{"capture": 1}); v.Verdict != "verified" || v.Scheme != "github" {
		t.Errorf("as its source says: %+v", v)
	}
	v := verify(object{"capture": 1, "secret": other})
	if v.Verdict != "mismatch" || len(v.Findings) == 0 || v.Findings[0].Cause != "other_known_secret" || !strings.HasSuffix(v.Wanted, "…") {
		t.Errorf("with another secret: %+v", v)
	}
	if v := verify(object{"capture": 1, "scheme": "slack"}); v.Scheme != "slack" || v.Verdict == "verified" {
		t.Errorf("with another scheme: %+v", v)
	}
	var kept engine.CaptureJSON
	if r.ask("GET", "/_/captures/1", nil, &kept); kept.Verdict == nil || kept.Verdict.Verdict != "verified" || kept.Verdict.Scheme != "github" {
		t.Errorf("kept: %+v", kept.Verdict)
	}
}

// What cannot be checked is refused with the name of what is wrong, and what may be a secret is not repeated.
func TestWhatCannotBeVerifiedIsRefused(t *testing.T) {
	t.Setenv("HOOKGLASS_TEST_RIGHT", "right")
	right := object{"env": "HOOKGLASS_TEST_RIGHT"}
	r := holding(t, 1)
	for _, c := range []struct {
		field string
		body  object
	}{
		{"scheme", object{}},
		{"scheme", object{"capture": 1}},
		{"scheme", object{"scheme": "strip"}},
		{"capture", object{"capture": 1, "body": "x", "scheme": "github"}},
		{"secret", object{"scheme": "github", "secret": "s3cret"}},
		{"secret", object{"scheme": "github", "secret": object{"value": "s3cret"}}},
		{"secret", object{"scheme": "github", "secret": object{"env": "A", "keyring": "B"}}},
		{"secret", object{"scheme": "github", "secret": object{"file": "s3cret"}}},
		{"secret", object{"scheme": "github", "secret": object{"env": "HOOKGLASS_TEST_UNSET"}}},
		{"other_secrets.old", object{"scheme": "github", "secret": right, "other_secrets": object{"old": object{"env": "HOOKGLASS_TEST_UNSET"}}}},
		{"headers[1]", object{"scheme": "github", "headers": [][]string{{"A", "b"}, {"A", "b", "c"}}}},
		{"headers", object{"scheme": "github", "headers": object{"A": "b"}}},
		{"body_b64", object{"scheme": "github", "body": "x", "body_b64": "eA=="}},
		{"budget_s", object{"scheme": "github", "secret": right, "budget_s": -1}},
		{"url", object{"scheme": "github", "url": "nowhere"}},
		{"body", object{"scheme": "github", "show_wanted": true}},
	} {
		var said engine.RefusalJSON
		if status := r.status("POST", "/_/verify", c.body, &said); status != 400 || !strings.HasPrefix(said.Error.Field, c.field) || strings.Contains(said.Error.String(), "s3cret") {
			t.Errorf("%v: %d %q, want %s", c.body, status, said.Error, c.field)
		}
	}
}
