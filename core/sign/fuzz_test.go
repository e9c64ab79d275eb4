package sign_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/sign"
)

// byFormat is a scheme for each way to write a signature.
var byFormat = []string{"github", "standard-webhooks", "stripe", "paddle", "rfc9421-hmac", "rfc9421-ed25519", "adyen-standard",
	"mailgun", "contentful", "twilio", "twilio-json", "aws-sns", "box", "docusign", "discord", "sendgrid", "klaviyo", "hubspot-v3"}

// FuzzVerify throws bytes at every reader of signatures: nothing panics, nothing verifies that was not signed, and
// the detection takes it too.
func FuzzVerify(f *testing.F) {
	for _, value := range []string{"", "sha256=00", "t=1,v1=00", "ts=1;h1=zz;h1=", "v1,AAAA v1a,AAAA", "v1,", ",", "=", ";;", `s=:AAAA:`, `s=("@method" "a;b";sf);x="\"`, ":", "HMAC AAAA"} {
		for which := range byFormat {
			f.Add(uint8(which), value, "1759999997", "m", `s=("@method" "@query-param";name="a");created=1`, []byte(`{"a":[{"b":1}],"signature":{"signature":"00"}}`))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, value, ts, id, extra string, body []byte) {
		name := byFormat[int(which)%len(byFormat)] // one a run: all of them are 18 times as slow
		s, _ := sign.Known().Find(name)
		r := &core.Request{Method: "POST", Target: "/x?" + extra, Host: "h", Body: body}
		r.Header = core.Header{
			{Name: place(s.Sig.From), Value: value}, {Name: place(s.TS.From), Value: ts}, {Name: place(s.MsgID), Value: id},
			{Name: "Signature-Input", Value: extra}, {Name: "X-Contentful-Signed-Headers", Value: extra}, {Name: "Content-Digest", Value: value},
		}
		in := sign.Input{Request: r, Secrets: []core.Secret{core.Text("AAAA" + "BBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJKKKK")}, Now: now}
		v := s.Verify(in)
		if v.State == core.Verified || v.State == core.Stale || v.State == "" {
			t.Errorf("%s: %s for %q", name, v.State, value)
		}
		sign.Known().Detect(r)
		sign.Event(r)
		sign.Handshake(in, "", core.Secret{})
	})
}

func place(p string) string {
	_, name, _ := bytes.Cut([]byte(p), []byte(":"))
	return string(name)
}

// FuzzToken throws tokens at every scheme that reads them, as they come and rightly signed, so that the claims are read as well:
// nothing panics, what was not signed under the secret does not verify, and what verifies says an algorithm that the scheme takes.
func FuzzToken(f *testing.F) {
	const set = `{"keys":[{"kty":"oct","kid":"a","k":"AAAA"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"OKP","crv":"Ed25519","x":"AA"}]}`
	for _, header := range []string{`{"alg":"HS256"}`, `{"alg":"none"}`, `{"alg":"HS256","kid":"a","crit":["b64"],"b64":false}`, `{"alg":["HS256"]}`, `{"ALG":"HS256","alg":"RS256"}`, `[]`, ``} {
		f.Add(uint8(0), header, `{"iss":"netlify","sha256":"x","exp":1e99,"nbf":"x","iat":-1}`, []byte("sig"), "", `{"a":1}`, set)
		f.Add(uint8(3), header, `{"iss":["a",["b"]],"exp":1759999999.5,"iat":1759999997,"payload_hash":{}}`, []byte{}, "a..b", "", "-----BEGIN PUBLIC KEY-----")
	}
	var schemes []sign.Scheme
	for _, s := range sign.Known().All() {
		if s.Sig.Format == "jwt" {
			schemes = append(schemes, s)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, header, payload string, sig []byte, raw, body, key string) {
		s := schemes[int(which)%len(schemes)]
		check := func(token string, secret core.Secret, signed bool) {
			r := &core.Request{Method: "POST", Target: "/x", Host: "h", Body: []byte(body), Header: core.Header{{Name: place(s.Sig.From), Value: s.Sig.Prefix + token}}}
			in := sign.Input{Request: r, Secrets: []core.Secret{secret}, Now: now}
			v := s.Verify(in)
			sign.Known().Detect(r)
			if v.State == "" {
				t.Fatalf("%s: no state for %q", s.ID, token)
			}
			if v.State != core.Verified && v.State != core.Stale {
				return
			}
			head, _, _ := strings.Cut(token, ".")
			text, _ := base64.RawURLEncoding.DecodeString(head)
			var said struct{ Alg string }
			if err := json.Unmarshal(text, &said); !signed || err != nil || !slices.Contains(s.JWT.Algs, said.Alg) {
				t.Fatalf("%s: %s for %q with the header %q: %v", s.ID, v.State, token, text, err)
			}
		}
		secret := core.Text("a secret of which the fuzzer knows nothing")
		check(raw, secret, false)
		check(tokenOf(header, payload, sig), secret, false)
		check(hs256([]byte("a secret of which the fuzzer knows nothing"), header, payload), secret, true)
		check(hs256([]byte(key), header, payload), core.Text(key), true) // and keys of all kinds, sets among them
	})
}

// FuzzSignInsideBody puts signatures into any JSON body: what comes out is JSON and verifies.
func FuzzSignInsideBody(f *testing.F) {
	for _, body := range []string{`{}`, `{"signature":{}}`, `{"signature":{"signature":1,"signature":2},"signature":{"token":"t"}}`, `[]`, ` { "signature" : null } `, `{"signature":[1]}`, `"x"`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, name := range []string{"mailgun", "figma", "linear"} {
			s, _ := sign.Known().Find(name)
			r := &core.Request{Method: "POST", Body: body}
			in := sign.Input{Request: r, Secrets: []core.Secret{core.Text("s")}, Now: now}
			set, out, err := s.Sign(in, "token")
			if err != nil {
				continue
			}
			if json.Valid(body) && !json.Valid(out) {
				t.Fatalf("%s: %q became %q", name, body, out)
			}
			r.Header, r.Body = set, out
			if v := s.Verify(in); v.State != core.Verified {
				t.Fatalf("%s: %s for %q from %q, notes %q", name, v.State, out, body, v.Notes)
			}
		}
	})
}

// FuzzParse reads schemes that a user may have written: what is accepted can be used.
func FuzzParse(f *testing.F) {
	for _, s := range sign.Known().All() {
		data, _ := json.Marshal(s)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := sign.Parse(data)
		if err != nil {
			return
		}
		r := &core.Request{Method: "POST", Target: "/", Host: "h", Body: []byte(`{"a":1}`)}
		in := sign.Input{Request: r, Secrets: []core.Secret{core.Text("whsec_AAAA")}, Now: now}
		s.Verify(in)
		s.Sign(in, "id")
	})
}

func BenchmarkVerify10KB(b *testing.B) {
	s, _ := sign.Known().Find("github")
	r := &core.Request{Method: "POST", Target: "/", Host: "h", Body: bytes.Repeat([]byte("0123456789"), 1024)}
	in := sign.Input{Request: r, Secrets: []core.Secret{core.Text("secret")}, Now: now}
	set, _, err := s.Sign(in, "")
	if err != nil {
		b.Fatal(err)
	}
	r.Header = set
	b.SetBytes(int64(len(r.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if s.Verify(in).State != core.Verified {
			b.Fatal("not verified")
		}
	}
}
