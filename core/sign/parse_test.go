package sign_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/sign"
)

// TestTableParses reads every row of the table as if a user had written it, and back.
func TestTableParses(t *testing.T) {
	ids := map[string]bool{}
	for _, s := range sign.Known().All() {
		if ids[s.ID] {
			t.Errorf("%s stands twice in the table", s.ID)
		}
		ids[s.ID] = true
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sign.Parse(data); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
		if s.Source == "" || s.Provider == "" || s.Fit == "" || s.SecretKind == "" {
			t.Errorf("%s: source, provider, fit and secret_kind must be told", s.ID)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const good = `{"id":"own","provider":"p","sig":{"from":"header:X-Sig","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`
	if _, err := sign.Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ field, scheme string }{
		{"scheme", `[]`},
		{"scheme", `{`},
		{"scheme", good + `{}`},
		{"id", `{}`},
		{"algorithm", `{"id":"x","algorithm":"hmac-sha256"}`},
		{"sig.multi", `{"id":"x","sig":{"multi":"yes"}}`},
		{"sig.from", `{"id":"x","sig":{"from":"X-Sig","format":"plain"}}`},
		{"sig.from", `{"id":"x","sig":{"from":"header:X","also":["cookie:x"],"format":"plain"}}`},
		{"sig.format", `{"id":"x","sig":{"from":"header:X","format":"csv"}}`},
		{"sig.sep", `{"id":"x","sig":{"from":"header:X","format":"list"}}`},
		{"sig", `{"id":"x","sig":{"from":"header:X","format":"kv","sep":","}}`},
		{"template", `{"id":"x","sig":{"from":"header:X","format":"rfc9421"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8"}`},
		{"ts.from", `{"id":"x","sig":{"from":"header:X","format":"plain"},"ts":{"from":"sig:t","unit":"s"}}`},
		{"ts.unit", `{"id":"x","sig":{"from":"header:X","format":"plain"},"ts":{"from":"header:T","unit":"minutes"}}`},
		{"ts.tolerance", `{"id":"x","sig":{"from":"header:X","format":"plain"},"ts":{"from":"header:T","unit":"s","tolerance":-1}}`},
		{"msg_id", `{"id":"x","sig":{"from":"header:X","format":"plain"},"msg_id":"X-Id"}`},
		{"alg", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-md5"}`},
		{"enc", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"base32"}`},
		{"key", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":"guess"}`},
		{"template", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":"utf8","template":"{payload}"}`},
		{"template", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":"utf8","template":"{header}"}`},
		{"template", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"equal","enc":"raw","key":"utf8","template":"{body}"}`},
		{"ts", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":"utf8","template":"{ts}.{body}"}`},
		{"msg_id", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":"utf8","template":"{id}.{body}"}`},
		{"sig.format", `{"id":"x","sig":{"from":"header:X","format":"jwt"},"template":"{body}","alg":"jws","enc":"base64url","key":"utf8"}`},
		{"alg", `{"id":"x","sig":{"from":"header:X","format":"plain"},"template":"{body}","alg":"jws","enc":"hex","key":"utf8"}`},
		{"jwt.algs", `{"id":"x","sig":{"from":"header:X","format":"jwt"},"template":"{jwt}","alg":"jws","enc":"base64url","key":"utf8"}`},
		{"jwt.algs.1", `{"id":"x","sig":{"from":"header:X","format":"jwt"},"template":"{jwt}","alg":"jws","enc":"base64url","key":"utf8","jwt":{"algs":["HS256","none"]}}`},
		{"jwt.claims.0.name", `{"id":"x","sig":{"from":"header:X","format":"jwt"},"template":"{jwt}","alg":"jws","enc":"base64url","key":"utf8","jwt":{"algs":["HS256"],"claims":[{}]}}`},
		{"jwt.claims.0.is.0", `{"id":"x","sig":{"from":"header:X","format":"jwt"},"template":"{jwt}","alg":"jws","enc":"base64url","key":"utf8","jwt":{"algs":["HS256"],"claims":[{"name":"a","is":["{md5:body}"]}]}}`},
		{"jwt.age", `{"id":"x","sig":{"from":"header:X","format":"jwt"},"template":"{jwt}","alg":"jws","enc":"base64url","key":"utf8","jwt":{"algs":["HS256"],"age":-1}}`},
		{"jwt", `{"id":"x","sig":{"from":"header:X","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8","jwt":{"algs":["HS256"]}}`},
		{"alg_also.0", `{"id":"x","sig":{"from":"header:X","format":"plain"},"template":"{body}","alg":"hmac-sha256","alg_also":["sha256"],"enc":"hex","key":"utf8"}`},
		{"require.X-Version", `{"id":"x","sig":{"from":"header:X","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8","require":{"X-Version":"{version}"}}`},
		{"ts.ahead", `{"id":"x","sig":{"from":"header:X","format":"plain"},"ts":{"from":"header:T","unit":"iso","ahead":-1}}`},
		{"ts.number", `{"id":"x","sig":{"from":"header:X","format":"plain"},"ts":{"from":"header:T","unit":"s","number":true}}`},
		{"key", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":"need=a_|base64 else guess"}`},
		{"key", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":"utf8 or sha3"}`},
		{"key", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":""}`},
		{"template", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":"utf8","template":"{sha256:nothing}"}`},
		{"template", `{"id":"x","sig":{"from":"header:X","format":"plain"},"alg":"hmac-sha256","enc":"hex","key":"utf8","template":"{sig:h}.{body}"}`},
	} {
		_, err := sign.Parse([]byte(c.scheme))
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != c.field {
			t.Errorf("%s: got %v, want a fault in %s", c.scheme, err, c.field)
		}
	}
}

// TestOwnScheme signs inside the body, in members that are there, missing, nested and repeated, and leaves the
// other bytes as they are.
func TestOwnScheme(t *testing.T) {
	s, err := sign.Parse([]byte(`{"id":"own","sig":{"from":"json:auth.sig","format":"plain","prefix":"v="},"template":"{json:n}|{header:X-A}|{method}{path}",
		"alg":"hmac-sha512","enc":"base64url","key":"hex"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ body, want, err string }{
		{body: `{"n":1.50}`, want: `{"auth":{"sig":SIG},"n":1.50}`},
		{body: `{ "n":1.50 , "auth": {} }`, want: `{ "n":1.50 , "auth": {"sig":SIG} }`},
		{body: `{"auth":{"sig" : null,"x":[1,2]},"n":1.50}`, want: `{"auth":{"sig" : SIG,"x":[1,2]},"n":1.50}`},
		{body: `{"auth":{"sig":"a","sig":"b"},"n":1.50}`, want: `{"auth":{"sig":"a","sig":SIG},"n":1.50}`},
		{body: `{}`, err: "body member n is missing"},
		{body: `{"n":1.50,"auth":5}`, err: "no place for auth.sig"},
		{body: `n=1`, err: "not JSON"},
		{body: ``, err: "not JSON"},
	} {
		r := core.Request{Method: "PUT", Target: "/a%20b?c", Header: core.Header{{Name: "x-a", Value: "h"}}, Body: []byte(c.body)}
		in := sign.Input{Request: &r, Secrets: []core.Secret{core.Text("00ff")}, Now: now}
		_, got, err := s.Sign(in, "")
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: got %v, want an error about %s", c.body, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.body, err)
			continue
		}
		r.Body = got
		wantState(t, s, in, core.Verified, c.body)
		v := s.Verify(in)
		if want := strings.Replace(c.want, "SIG", strconv.Quote(v.Wanted), 1); string(got) != want {
			t.Errorf("%s:\n got %s\nwant %s", c.body, got, want)
		}
		if have := string(joined(v.Parts)); have != "1.50|h|PUT/a%20b" {
			t.Errorf("%s: signed %q", c.body, have)
		}
	}
}
