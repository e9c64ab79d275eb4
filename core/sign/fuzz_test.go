package sign_test

import (
	"bytes"
	"encoding/json"
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
