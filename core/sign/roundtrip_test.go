package sign_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

var now = time.Date(2025, 10, 9, 8, 53, 20, 0, time.UTC)

// keys are made once: an RSA key takes a while.
type keys struct{ rsa, ec, ed, otherEd []byte }

func newKeys(t testing.TB) keys {
	t.Helper()
	block := func(private any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	seed := sha256.Sum256([]byte("a"))
	other := sha256.Sum256([]byte("b"))
	return keys{block(r), block(e), block(ed25519.NewKeyFromSeed(seed[:])), block(ed25519.NewKeyFromSeed(other[:]))}
}

// secret returns a secret in the form that the scheme's provider shows.
func (k keys) secret(s sign.Scheme) core.Secret {
	if s.JWT != nil {
		switch alg := s.JWT.Algs[0]; {
		case strings.HasPrefix(alg, "RS"):
			return core.NewSecret(k.rsa)
		case strings.HasPrefix(alg, "ES"):
			return core.NewSecret(k.ec)
		}
	}
	switch {
	case strings.HasPrefix(s.Alg, "rsa"):
		return core.NewSecret(k.rsa)
	case strings.HasPrefix(s.Alg, "ecdsa"):
		return core.NewSecret(k.ec)
	case s.Alg == "ed25519":
		return core.NewSecret(k.ed)
	}
	return text(s, "first secret of the round")
}

func (k keys) other(t testing.TB, s sign.Scheme) core.Secret {
	if s.Alg == "ed25519" {
		return core.NewSecret(k.otherEd)
	}
	if strings.HasPrefix(s.Alg, "rsa") || strings.HasPrefix(s.Alg, "ecdsa") || s.Alg == "jws" && s.SecretKind == "public_key" {
		return newKeys(t).secret(s)
	}
	return text(s, "second secret of the round")
}

// text writes a secret so that the scheme's key steps lead back to it.
func text(s sign.Scheme, plain string) core.Secret {
	out, prefix := plain, ""
	line, _, _ := strings.Cut(s.Key, " or ")
	line, _, _ = strings.Cut(line, " else ")
	for step := range strings.SplitSeq(strings.ReplaceAll(line, "need=", "strip="), "|") {
		switch p, ok := strings.CutPrefix(step, "strip="); {
		case ok:
			prefix += p
		case step == "base64":
			out = base64.StdEncoding.EncodeToString([]byte(plain))
		case step == "hex":
			out = hex.EncodeToString([]byte(plain))
		}
	}
	return core.Text(prefix + out)
}

const snsBody = `{"Type":"Notification","MessageId":"m-1","TopicArn":"arn:aws:sns:eu-west-1:1:t","Subject":"s","Message":"hello",` +
	`"Timestamp":"2025-10-09T08:53:20.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.eu-west-1.amazonaws.com/x.pem"}`

// request is a small request as the scheme's provider sends it.
func request(s sign.Scheme) core.Request {
	kind, body := "application/json", `{"event":"x","n":[1,2.0]}`
	switch {
	case strings.Contains(s.Template, "{form:bt_payload}"):
		kind, body = "application/x-www-form-urlencoded", "bt_payload=PG5vdGlmaWNhdGlvbi8%2BCg%3D%3D"
	case strings.Contains(s.Template, "{form}"), s.Template == "{plivo}":
		kind, body = "application/x-www-form-urlencoded", "To=%2B1800&From=a+b&Body=caf%C3%A9"
	case s.Template == "{adyen}":
		body = `{"notificationItems":[{"NotificationRequestItem":{"pspReference":"p","amount":{"value":1,"currency":"EUR"},"eventCode":"E","success":"true"}}]}`
	case s.Template == "{sns}":
		kind, body = "text/plain; charset=UTF-8", snsBody
	}
	target := "/in/hook?a=1&b=x%20y"
	if slices.Contains(s.Checks, "query-bodySHA256") {
		target += fmt.Sprintf("&bodySHA256=%x", sha256.Sum256([]byte(body)))
	}
	return core.Request{
		Method: "POST", Base: "https://hooks.example.com", Host: "hooks.example.com", Target: target, Body: []byte(body),
		Header: core.Header{{Name: "Host", Value: "hooks.example.com"}, {Name: "Content-Type", Value: kind}},
	}
}

// params are the settings that providers do not send.
var params = map[string]string{"webhook_id": "WH-1", "app_key": "app-1", "api_key": "api-1", "audience": "aud-1", "email": "a@example.com"}

// signed is a request that the scheme signed, ready to be checked.
func signed(t *testing.T, s sign.Scheme, at time.Time, secrets ...core.Secret) (sign.Input, core.Header) {
	t.Helper()
	r := request(s)
	in := sign.Input{Request: &r, Secrets: secrets, Now: at, Params: params}
	set, body, err := s.Sign(in, "msg_1")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range set {
		r.Header = r.Header.With(f.Name, f.Value)
	}
	r.Body = body
	return in, set
}

func wantState(t *testing.T, s sign.Scheme, in sign.Input, want core.VerdictState, what string) {
	t.Helper()
	if v := s.Verify(in); v.State != want {
		t.Errorf("%s: got %s, want %s\nheader %q\nbody %q\nnotes %q", what, v.State, want, in.Request.Header, in.Request.Body, v.Notes)
	}
}

func wantRefused(t *testing.T, s sign.Scheme, in sign.Input, what string) {
	t.Helper()
	if v := s.Verify(in); v.State == core.Verified {
		t.Errorf("%s: still verified\nheader %q\nbody %q", what, in.Request.Header, in.Request.Body)
	}
}

// with returns the input with a copy of the request that change has changed.
func with(in sign.Input, change func(r *core.Request)) sign.Input {
	r := *in.Request
	r.Header, r.Body = r.Header.Clone(), slices.Clone(r.Body)
	change(&r)
	in.Request = &r
	return in
}

func TestWhatWeSignVerifies(t *testing.T) {
	k := newKeys(t)
	flips, removals := 0, 0
	for _, s := range sign.Known().All() {
		t.Run(s.ID, func(t *testing.T) {
			in, set := signed(t, s, now, k.secret(s))
			wantState(t, s, in, core.Verified, "as signed")
			flips += everyByteFlipped(t, s, in)
			removals += everyHeaderRemoved(t, s, in, set)
			headerSpellings(t, s, in)
			rotated(t, s, k)
			aged(t, s, k)
		})
	}
	t.Logf("%d schemes, %d flipped bytes, %d removed headers", len(sign.Known().All()), flips, removals)
}

// unprotected are the schemes whose signature does not cover the whole body, by the note of their row.
func unprotected(s sign.Scheme) bool {
	return s.SecretKind == "token" || strings.Contains(s.Note, "not protected") || s.Template == "{adyen}" || s.Template == "{sns}"
}

func everyByteFlipped(t *testing.T, s sign.Scheme, in sign.Input) int {
	if unprotected(s) {
		return 0
	}
	for i := range in.Request.Body {
		wantRefused(t, s, with(in, func(r *core.Request) { r.Body[i] ^= 1 }), fmt.Sprintf("byte %d flipped", i))
	}
	wantRefused(t, s, with(in, func(r *core.Request) { r.Body = append(r.Body, '\n') }), "line break added")
	wantRefused(t, s, with(in, func(r *core.Request) { r.Body = nil }), "body removed")
	return len(in.Request.Body)
}

func everyHeaderRemoved(t *testing.T, s sign.Scheme, in sign.Input, set core.Header) int {
	n := 0
	for _, f := range set {
		if _, constant := s.Set[f.Name]; constant || strings.HasPrefix(s.Require[f.Name], "?") {
			continue
		}
		n++
		wantRefused(t, s, with(in, func(r *core.Request) { r.Header = r.Header.Without(f.Name) }), f.Name+" removed")
		wantRefused(t, s, with(in, func(r *core.Request) { r.Header = r.Header.With(f.Name, "") }), f.Name+" emptied")
		wantRefused(t, s, with(in, func(r *core.Request) { r.Header = r.Header.With(f.Name, f.Value+"x") }), f.Name+" lengthened")
	}
	return n
}

func headerSpellings(t *testing.T, s sign.Scheme, in sign.Input) {
	for _, spell := range []func(string) string{strings.ToUpper, strings.ToLower} {
		wantState(t, s, with(in, func(r *core.Request) {
			for i := range r.Header {
				r.Header[i].Name = spell(r.Header[i].Name)
			}
		}), core.Verified, "header names spelled otherwise")
	}
	wantState(t, s, with(in, func(r *core.Request) {
		for i := range r.Header {
			r.Header[i].Value = " " + r.Header[i].Value + "\t"
		}
	}), core.Verified, "white space around the values")
	wantState(t, s, with(in, func(r *core.Request) { slices.Reverse(r.Header) }), core.Verified, "headers in another order")
}

func rotated(t *testing.T, s sign.Scheme, k keys) {
	old, fresh := k.secret(s), k.other(t, s)
	in, _ := signed(t, s, now, old)
	in.Secrets = []core.Secret{fresh, old}
	wantState(t, s, in, core.Verified, "the receiver has both secrets")
	in.Secrets = []core.Secret{fresh}
	wantState(t, s, in, core.Mismatch, "the receiver has only the new secret")
	in.Secrets = nil
	wantState(t, s, in, core.NoSecret, "no secret")
	if !s.Sig.Multi && len(s.Sig.Also) == 0 {
		return
	}
	in, _ = signed(t, s, now, old, fresh)
	for _, secret := range []core.Secret{old, fresh} {
		in.Secrets = []core.Secret{secret}
		wantState(t, s, in, core.Verified, "signed under both secrets")
	}
}

func aged(t *testing.T, s sign.Scheme, k keys) {
	if s.TS.Tolerance == 0 {
		return
	}
	in, _ := signed(t, s, now, k.secret(s))
	tolerance := time.Duration(s.TS.Tolerance) * time.Second
	ahead, edge := tolerance, time.Duration(0)
	if s.TS.Ahead != nil {
		ahead = time.Duration(*s.TS.Ahead) * time.Second
	}
	if s.TS.Below {
		edge = time.Millisecond
	}
	for _, c := range []struct {
		after time.Duration
		want  core.VerdictState
	}{
		{tolerance - edge, core.Verified},
		{tolerance + time.Second, core.Stale},
		{-ahead, core.Verified},
		{-ahead - time.Second, map[bool]core.VerdictState{true: core.Stale, false: core.Verified}[s.TS.Future]},
		{1 << 62, core.Stale},
	} {
		in.Now = now.Add(c.after)
		wantState(t, s, in, c.want, fmt.Sprintf("%s later", c.after))
		if v := s.Verify(in); v.Timestamp.IsZero() || v.Tolerance != tolerance && v.Tolerance != ahead || v.Age != in.Now.Sub(v.Timestamp) {
			t.Errorf("timestamp %s, age %s, tolerance %s", v.Timestamp, v.Age, v.Tolerance)
		}
	}
}

// TestVerdictIsWhole looks at what a verdict says beside its state.
func TestVerdictIsWhole(t *testing.T) {
	k := newKeys(t)
	for _, s := range sign.Known().All() {
		t.Run(s.ID, func(t *testing.T) {
			in, set := signed(t, s, now, k.secret(s))
			v := s.Verify(in)
			if v.Scheme != s.ID || v.Where == "" || v.Algorithm == "" || v.Encoding == "" || v.Key == "" || v.Covers == "" || v.Got == "" {
				t.Errorf("something is empty: %+v", v)
			}
			if computed := !strings.HasPrefix(s.SecretKind, "public"); computed && v.Wanted != v.Got {
				t.Errorf("wanted %q, got %q", v.Wanted, v.Got)
			}
			if s.TS.From != "" && v.Timestamp.IsZero() {
				t.Error("no timestamp")
			}
			if unprotected(s) != strings.Contains(strings.Join(v.Notes, " "), "not protected") && s.ID != "adyen-standard" && s.ID != "aws-sns" {
				t.Errorf("what is not protected: notes %q", v.Notes)
			}
			in = with(in, func(r *core.Request) {
				for _, f := range set {
					r.Header = r.Header.Without(f.Name)
				}
				r.Body = request(s).Body
			})
			wantState(t, s, in, core.Missing, "unsigned")
		})
	}
}
