package sign_test

import (
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// The request and the signatures of RFC 9421, B.2 and B.2.5.
func rfcRequest() *core.Request {
	return &core.Request{
		Method: "POST", Target: "/foo?param=Value&Pet=dog", Base: "https://example.com", Host: "example.com",
		Header: core.Header{
			{Name: "Host", Value: "example.com"},
			{Name: "Date", Value: "Tue, 20 Apr 2021 02:07:55 GMT"},
			{Name: "Content-Type", Value: "application/json"},
			{Name: "Content-Digest", Value: "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"},
			{Name: "Content-Length", Value: "18"},
			{Name: "Signature-Input", Value: `sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`},
			{Name: "Signature", Value: "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:"},
		},
		Body: []byte(`{"hello": "world"}`),
	}
}

const rfcSecret = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="

func TestRFC9421SharedSecret(t *testing.T) {
	s, _ := sign.Known().Find("rfc9421-hmac")
	in := sign.Input{Request: rfcRequest(), Secrets: []core.Secret{core.Text(rfcSecret)}, Now: time.Unix(1618884475, 0)}
	v := s.Verify(in)
	if v.State != core.Verified || v.Age != 2*time.Second || !strings.Contains(strings.Join(v.Notes, " "), "body is not protected") {
		t.Errorf("got %s, age %s, notes %q", v.State, v.Age, v.Notes)
	}
	want := "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n\"content-type\": application/json\n" +
		"\"@signature-params\": (\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\""
	if got := string(joined(v.Parts)); got != want {
		t.Errorf("signature base\n got %s\nwant %s", got, want)
	}
}

func TestRFC9421(t *testing.T) {
	s, _ := sign.Known().Find("rfc9421-hmac")
	in := sign.Input{Request: rfcRequest(), Secrets: []core.Secret{core.Text(rfcSecret)}, Now: time.Unix(1618884475, 0)}
	header := func(name, value string) func(*core.Request) {
		return func(r *core.Request) { r.Header = r.Header.With(name, value) }
	}
	for _, c := range []struct {
		what   string
		change func(*core.Request)
		want   core.VerdictState
	}{
		{"another date", header("Date", "Tue, 20 Apr 2021 02:07:56 GMT"), core.Mismatch},
		{"a covered header is missing", func(r *core.Request) { r.Header = r.Header.Without("Date") }, core.Malformed},
		{"no Signature-Input", func(r *core.Request) { r.Header = r.Header.Without("Signature-Input") }, core.Malformed},
		{"no Signature", func(r *core.Request) { r.Header = r.Header.Without("Signature") }, core.Missing},
		{"labels that do not meet", header("Signature", "other=:AAAA:"), core.Malformed},
		{"a component that is not supported", header("Signature-Input", `sig-b25=("date";sf)`), core.Malformed},
		{"an unknown component", header("Signature-Input", `sig-b25=("@status")`), core.Malformed},
		{"no list", header("Signature-Input", `sig-b25=1`), core.Malformed},
		{"an unsigned label beside the signed one", func(r *core.Request) {
			r.Header = append(r.Header, core.Field{Name: "signature", Value: "x=:AAAA:"}, core.Field{Name: "signature-input", Value: `x=("@method")`})
		}, core.Verified},
	} {
		wantState(t, s, with(in, c.change), c.want, c.what)
	}
}

// TestRFC9421Components holds the derived components against the examples of RFC 9421, 2.2.
func TestRFC9421Components(t *testing.T) {
	s, _ := sign.Known().Find("rfc9421-hmac")
	for _, c := range []struct{ component, url, want string }{
		{`"@method"`, "https://www.example.com/path?param=value", "POST"},
		{`"@target-uri"`, "https://www.example.com/path?param=value", "https://www.example.com/path?param=value"},
		{`"@authority"`, "https://WWW.Example.com:443/", "www.example.com"},
		{`"@authority"`, "https://www.example.com:8443/", "www.example.com:8443"},
		{`"@scheme"`, "http://www.example.com/", "http"},
		{`"@request-target"`, "https://www.example.com/path?param=value", "/path?param=value"},
		{`"@path"`, "https://www.example.com/a%20b?param=value", "/a%20b"},
		{`"@path"`, "https://www.example.com", "/"},
		{`"@query"`, "https://www.example.com/path?param=value&foo=bar&baz=bat%2Dman", "?param=value&foo=bar&baz=bat%2Dman"},
		{`"@query"`, "https://www.example.com/path", "?"},
		{`"@query-param";name="var"`, "https://www.example.com/p?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace", "this%20is%20a%20big%0Amultiline%20value"},
		{`"@query-param";name="bar"`, "https://www.example.com/p?var=x&bar=with+plus+whitespace", "with%20plus%20whitespace"},
		{`"@query-param";name="fa%C3%A7ade%22%3A%20"`, "https://www.example.com/p?fa%C3%A7ade%22%3A%20=something", "something"},
		{`"@query-param";name="qux"`, "https://www.example.com/p?qux=", ""},
	} {
		r := &core.Request{Method: "POST", Target: c.url, Header: core.Header{
			{Name: "Signature-Input", Value: "s=(" + c.component + ")"}, {Name: "Signature", Value: "s=:AAAA:"}}}
		v := s.Verify(sign.Input{Request: r, Secrets: []core.Secret{core.Text("AAAA")}})
		want := c.component + ": " + c.want + "\n\"@signature-params\": (" + c.component + ")"
		if got := string(joined(v.Parts)); got != want {
			t.Errorf("%s of %s\n got %s\nwant %s\n%q", c.component, c.url, got, want, v.Notes)
		}
	}
}

func TestRFC9421Body(t *testing.T) {
	s, _ := sign.Known().Find("rfc9421-hmac")
	in, _ := signed(t, s, now, core.Text(rfcSecret))
	changed := with(in, func(r *core.Request) { r.Body = append(r.Body, ' ') })
	v := s.Verify(changed)
	if v.State != core.Mismatch || !strings.Contains(strings.Join(v.Notes, " "), "Content-Digest sha-256 is not that of the body") {
		t.Errorf("got %s, notes %q", v.State, v.Notes)
	}
	expired := with(in, func(r *core.Request) {
		r.Header = r.Header.With("Signature-Input", r.Header.Get("Signature-Input")+";expires=1")
	})
	if v := s.Verify(expired); v.State != core.Mismatch {
		t.Errorf("the parameters are signed as well: got %s", v.State)
	}
}

// TestRFC9421Parameters signs inputs with parameters of all kinds: what they declare is held against the check.
func TestRFC9421Parameters(t *testing.T) {
	s, _ := sign.Known().Find("rfc9421-hmac")
	for _, c := range []struct {
		params string
		want   core.VerdictState
	}{
		{`;created=1618884473;expires=1618884500;alg="hmac-sha256"`, core.Verified},
		{`;created=1618884473;expires=1618884474`, core.Stale},
		{`;alg="ed25519"`, core.Mismatch},
		{`;nonce="a;b,c\"d";tag="x)"`, core.Verified},
		{``, core.Verified},
	} {
		r := rfcRequest()
		r.Header = r.Header.With("Signature-Input", `a=("@method" "content-digest")`+c.params).With("Signature", "a=:AAAA:")
		in := sign.Input{Request: r, Secrets: []core.Secret{core.Text(rfcSecret)}, Now: time.Unix(1618884475, 0)}
		r.Header = r.Header.With("Signature", s.Verify(in).Wanted)
		wantState(t, s, in, c.want, c.params)
	}
}
