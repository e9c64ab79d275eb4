package sign_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/sign"
)

// twilioOver is a request as Twilio sends a JSON body, called at target and signed over the address signed. BODY in both stands
// for the body's hash.
func twilioOver(t *testing.T, target, signed string) *core.Request {
	t.Helper()
	body := []byte(`{"sid":"SM1"}`)
	sum := sha256.Sum256(body)
	fill := strings.NewReplacer("BODY", hex.EncodeToString(sum[:]))
	s, _ := sign.Known().Find("twilio-json")
	r := core.Request{Method: "POST", Target: fill.Replace(target), Base: "http://127.0.0.1:4600", Body: body, Header: core.Header{{Name: "Content-Type", Value: "application/json"}}}
	set, _, err := s.Sign(sign.Input{Request: &r, URL: fill.Replace(signed), Secrets: []core.Secret{core.Text("token")}, Now: now}, "")
	if err != nil {
		t.Fatal(err)
	}
	r.Header = append(r.Header, set...)
	return &r
}

// A registered address is scheme, host and the path that stands for the source's; what follows the source's path, and the
// query, which Twilio changes with every body, are the request's.
func TestRegisteredAddress(t *testing.T) {
	s, _ := sign.Known().Find("twilio-json")
	const q = "?bodySHA256=BODY"
	for _, c := range []struct {
		why, registered, path, target, signed string
		want                                  core.VerdictState
		noted                                 bool
	}{
		{"a host", "https://x.test", "/in/tw", "/in/tw" + q, "https://x.test/in/tw" + q, core.Verified, false},
		{"a host and a sub-path", "https://x.test", "/in/tw", "/in/tw/status.php" + q, "https://x.test/in/tw/status.php" + q, core.Verified, false},
		{"a path for the source's", "https://x.test/hooks", "/in/tw", "/in/tw" + q, "https://x.test/hooks" + q, core.Verified, false},
		{"and what follows it", "https://x.test/hooks", "/in/tw", "/in/tw/a/b" + q + "&n=1", "https://x.test/hooks/a/b" + q + "&n=1", core.Verified, false},
		{"a slash at its end", "https://x.test/hooks/", "/in/tw", "/in/tw" + q, "https://x.test/hooks/" + q, core.Verified, false},
		{"a slash at the end of both", "https://x.test/hooks/", "/in/tw", "/in/tw/a" + q, "https://x.test/hooks/a" + q, core.Verified, false},
		{"everything, behind a prefix", "https://x.test/pre", "/", "/status.php" + q, "https://x.test/pre/status.php" + q, core.Verified, false},
		{"everything, whole", "https://x.test/hooks/tw", "/", "/hooks/tw" + q, "https://x.test/hooks/tw" + q, core.Verified, false},
		{"everything at the root", "https://x.test/", "/", "/" + q, "https://x.test/" + q, core.Verified, false},
		{"escapes stay", "https://x.test/h", "/in/tw", "/in/tw/a%2Fb" + q, "https://x.test/h/a%2Fb" + q, core.Verified, false},
		{"a prefix before the whole path", "https://x.test/pre", "/in/tw", "/in/tw" + q, "https://x.test/pre/in/tw" + q, core.Verified, true},
		{"as before: one address for all", "https://x.test/hooks", "/", "/any/where" + q, "https://x.test/hooks" + q, core.Verified, true},
		{"as before: with its query", "https://x.test/hooks" + q, "/in/tw", "/in/tw", "https://x.test/hooks" + q, core.Verified, false},
		{"as before: with a query of its own", "https://x.test/hooks" + q, "/in/tw", "/in/tw?p=1", "https://x.test/hooks" + q, core.Verified, true},
		{"another sub-path", "https://x.test/hooks", "/in/tw", "/in/tw/b" + q, "https://x.test/hooks/a" + q, core.Mismatch, false},
		{"another query", "https://x.test/hooks", "/in/tw", "/in/tw" + q + "&n=2", "https://x.test/hooks" + q + "&n=1", core.Mismatch, false},
		{"another host", "https://x.test/hooks", "/in/tw", "/in/tw" + q, "https://y.test/hooks" + q, core.Mismatch, false},
		{"none", "", "/in/tw", "/in/tw" + q, "http://127.0.0.1:4600/in/tw" + q, core.Verified, false},
	} {
		t.Run(c.why, func(t *testing.T) {
			r := twilioOver(t, c.target, c.signed)
			hash := sha256.Sum256(r.Body)
			registered := strings.ReplaceAll(c.registered, "BODY", hex.EncodeToString(hash[:]))
			v := s.Verify(sign.Input{Request: r, Secrets: []core.Secret{core.Text("token")}, Now: now}.At(registered, c.path))
			noted := strings.Contains(strings.Join(v.Notes, " "), "may mean too")
			if v.State != c.want || noted != c.noted {
				t.Errorf("%s: %s, want %s; notes %q", c.registered, v.State, c.want, v.Notes)
			}
		})
	}
}

// The address that the doctor finds is one that a source can be set to.
func TestRegisteredFindsTheSetting(t *testing.T) {
	s, _ := sign.Known().Find("twilio-json")
	const q = "?bodySHA256=BODY"
	for _, c := range [][3]string{
		{"/in/tw" + q, "https://x.test/in/tw" + q, "https://x.test"},
		{"/in/tw/a" + q, "https://x.test/hooks/a" + q, "https://x.test/hooks"},
		{"/in/tw" + q, "https://x.test/hooks" + q, "https://x.test/hooks"},
		{"/in/tw/a" + q, "/in/tw/a" + q, ""}, // signed without a host
	} {
		r := twilioOver(t, c[0], c[1])
		in := sign.Input{Request: r, Secrets: []core.Secret{core.Text("token")}, Now: now}
		sum := sha256.Sum256(r.Body)
		got, ok := s.Registered(in, "/in/tw", strings.ReplaceAll(c[1], "BODY", hex.EncodeToString(sum[:])))
		if got != c[2] || ok != (c[2] != "") {
			t.Errorf("%s: got %q, want %q", c[1], got, c[2])
		}
	}
}
