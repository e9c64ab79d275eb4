package sign_test

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"hookglass/core"
	"hookglass/core/sign"
)

// tokenOf makes a token by hand, so that it can be one that no library would make.
func tokenOf(header, payload string, sig []byte) string {
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(header)) + "." + e.EncodeToString([]byte(payload)) + "." + e.EncodeToString(sig)
}

func hs256(secret []byte, header, payload string) string {
	e := base64.RawURLEncoding
	input := e.EncodeToString([]byte(header)) + "." + e.EncodeToString([]byte(payload))
	return input + "." + e.EncodeToString(hmac256(secret, input))
}

// TestTokensThatMustBeRefused are the classic attacks on tokens.
func TestTokensThatMustBeRefused(t *testing.T) {
	k := newKeys(t)
	public := publicPEM(t, k.rsa)
	body := []byte(`{"a":1}`)
	hash := fmt.Sprintf("%x", sha256.Sum256(body))
	payload := fmt.Sprintf(`{"iss":"netlify","payload_hash":%q,"sha256":%q,"iat":%d}`, hash, hash, now.Unix())
	none := `{"alg":"none","typ":"JWT"}`
	for _, c := range []struct {
		name, scheme, header, token string
		secret                      core.Secret
		want                        core.VerdictState
		note                        string
	}{
		{"as it should be", "netlify", "X-Webhook-Signature", hs256([]byte("s"), `{"alg":"HS256"}`, payload), core.Text("s"), core.Verified, ""},
		{"no signature", "netlify", "X-Webhook-Signature", tokenOf(none, payload, nil), core.Text("s"), core.Malformed, "no signature"},
		{"none with a signature", "netlify", "X-Webhook-Signature", tokenOf(none, payload, []byte("x")), core.Text("s"), core.Malformed, `the algorithm "none"`},
		{"None", "netlify", "X-Webhook-Signature", tokenOf(`{"alg":"None"}`, payload, []byte("x")), core.Text("s"), core.Malformed, `the algorithm "None"`},
		{"another algorithm than the scheme's", "netlify", "X-Webhook-Signature", hs256([]byte("s"), `{"alg":"HS512"}`, payload), core.Text("s"), core.Malformed, `"HS512"`},
		{"the public key as a secret", "vonage", "Authorization", "Bearer " + hs256(public, `{"alg":"HS256"}`, payload), core.NewSecret(public), core.Mismatch, "public key"},
		{"the same where only RS256 is allowed", "google-pubsub", "Authorization", "Bearer " + hs256(public, `{"alg":"HS256"}`, payload), core.NewSecret(public), core.Malformed, `"HS256"`},
		{"two parts", "netlify", "X-Webhook-Signature", "a.b", core.Text("s"), core.Malformed, "three parts"},
		{"a header that is no JSON", "netlify", "X-Webhook-Signature", "e30x.e30.AAAA", core.Text("s"), core.Malformed, "the header of the token"},
		{"an unknown critical header", "netlify", "X-Webhook-Signature", hs256([]byte("s"), `{"alg":"HS256","crit":["x"],"x":1}`, payload), core.Text("s"), core.Mismatch, ""},
		{"another body", "netlify", "X-Webhook-Signature", hs256([]byte("s"), `{"alg":"HS256"}`, strings.ReplaceAll(payload, hash, strings.Repeat("0", 64))), core.Text("s"), core.Mismatch, "it is the body that changed"},
		{"without the claim", "netlify", "X-Webhook-Signature", hs256([]byte("s"), `{"alg":"HS256"}`, `{"iss":"netlify"}`), core.Text("s"), core.Missing, "no claim sha256"},
		{"a payload that is no object", "netlify", "X-Webhook-Signature", hs256([]byte("s"), `{"alg":"HS256"}`, `[1]`), core.Text("s"), core.Malformed, "no JSON object"},
		{"expired", "netlify", "X-Webhook-Signature", hs256([]byte("s"), `{"alg":"HS256"}`, strings.Replace(payload, `{"iss"`, fmt.Sprintf(`{"exp":%d,"iss"`, now.Unix()-1), 1)), core.Text("s"), core.Stale, "expired"},
		{"not yet valid", "netlify", "X-Webhook-Signature", hs256([]byte("s"), `{"alg":"HS256"}`, strings.Replace(payload, `{"iss"`, fmt.Sprintf(`{"nbf":%d,"iss"`, now.Unix()+60), 1)), core.Text("s"), core.Stale, "not valid before"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := sign.Known().Find(c.scheme)
			r := &core.Request{Method: "POST", Target: "/", Body: body, Header: core.Header{{Name: c.header, Value: c.token}}}
			v := s.Verify(sign.Input{Request: r, Secrets: []core.Secret{c.secret}, Now: now})
			if v.State != c.want || !strings.Contains(strings.Join(v.Notes, "\n")+v.Key, c.note) {
				t.Errorf("got %s, key %q, notes %q; want %s and %q", v.State, v.Key, v.Notes, c.want, c.note)
			}
		})
	}
}

func publicPEM(t *testing.T, private []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(private)
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(k.(*rsa.PrivateKey).Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// TestKeySets gives the keys as the file in which a provider publishes them.
func TestKeySets(t *testing.T) {
	k := newKeys(t)
	set := func(kids ...string) []byte {
		var s jose.JSONWebKeySet
		for _, kid := range kids {
			private := map[string][]byte{"rsa": k.rsa, "ec": k.ec, "ed": k.ed, "other": k.otherEd}[kid]
			block, _ := pem.Decode(private)
			p, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			s.Keys = append(s.Keys, (&jose.JSONWebKey{Key: p, KeyID: kid}).Public())
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		scheme, kid string
		keys        []string
		want        core.VerdictState
	}{
		{"fireblocks", "rsa", []string{"ed", "rsa"}, core.Verified},
		{"fireblocks", "rsa", []string{"ed"}, core.Mismatch},
		{"fireblocks", "other", []string{"rsa"}, core.Mismatch}, // the set has no key of that name
		{"plaid", "ec", []string{"rsa", "ec"}, core.Verified},
		{"google-pubsub", "", []string{"rsa"}, core.Verified},
		{"turnkey", "", []string{"rsa", "ed"}, core.Verified},
		{"fal", "", []string{"other"}, core.Mismatch},
	} {
		s, _ := sign.Known().Find(c.scheme)
		r := request(s)
		given := map[string]string{"kid": c.kid}
		for name, value := range params {
			given[name] = value
		}
		in := sign.Input{Request: &r, Secrets: []core.Secret{k.secret(s)}, Now: now, Params: given}
		headers, _, err := s.Sign(in, "msg_1")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range headers {
			r.Header = r.Header.With(f.Name, f.Value)
		}
		in.Secrets, in.Cert = nil, set(c.keys...)
		wantState(t, s, in, c.want, c.scheme+" with the keys "+strings.Join(c.keys, ", "))
		in.Cert, in.Secrets = nil, []core.Secret{core.NewSecret(set(c.keys...))}
		wantState(t, s, in, c.want, c.scheme+" with the set as its secret")
	}
}

// TestTokenAge looks at the times of a token and at the clocks that may differ.
func TestTokenAge(t *testing.T) {
	k := newKeys(t)
	for _, c := range []struct {
		scheme string
		after  time.Duration
		want   core.VerdictState
	}{
		{"plaid", 5 * time.Minute, core.Verified},
		{"plaid", 5*time.Minute + time.Second, core.Stale},
		{"plaid", -time.Second, core.Stale},
		{"messagebird", time.Minute + 4*time.Second, core.Verified}, // five seconds for clocks that differ
		{"messagebird", time.Minute + 5*time.Second, core.Stale},
		{"messagebird", -5 * time.Second, core.Verified},
		{"messagebird", -6 * time.Second, core.Stale},
		{"netlify", 1000 * time.Hour, core.Verified},
	} {
		s, _ := sign.Known().Find(c.scheme)
		in, _ := signed(t, s, now, k.secret(s))
		in.Now = now.Add(c.after)
		wantState(t, s, in, c.want, fmt.Sprint(c.scheme, " after ", c.after))
	}
}

// TestNextKey verifies under either of two keys, as QStash sends under the current and soon the next one.
func TestNextKey(t *testing.T) {
	s, _ := sign.Known().Find("qstash")
	in, _ := signed(t, s, now, core.Text("next"))
	in.Secrets = []core.Secret{core.Text("current"), core.Text("next")}
	wantState(t, s, in, core.Verified, "under the next key")
	in.Secrets = in.Secrets[:1]
	wantState(t, s, in, core.Mismatch, "under the current one")
}

// TestOwnToken is a token scheme of the user's own.
func TestOwnToken(t *testing.T) {
	s, err := sign.Parse([]byte(`{"id":"own","sig":{"from":"header:X-Token","format":"jwt"},"template":"{jwt}","alg":"jws","enc":"base64url","key":"hex",
		"jwt":{"algs":["HS384"],"age":60,"life":90,"claims":[{"name":"digest","is":["{sha512.base64:body}"]},{"name":"path","is":["{path}"]}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	in, set := signed(t, s, now, core.Text("00ff"))
	wantState(t, s, in, core.Verified, "own token")
	wantState(t, s, with(in, func(r *core.Request) { r.Target = "/other" }), core.Mismatch, "another path")
	wantState(t, s, with(in, func(r *core.Request) { r.Body = append(r.Body, ' ') }), core.Mismatch, "another body")
	matches := sign.NewBook([]sign.Scheme{s}).Detect(in.Request)
	if len(matches) == 0 || matches[0].Scheme != "own" {
		t.Errorf("an own scheme is not detected by %s: %+v", set[0].Name, matches)
	}
	if slices.ContainsFunc(sign.Known().Detect(in.Request), func(m sign.Match) bool { return m.Scheme == "own" }) {
		t.Error("the table alone knows an own scheme")
	}
}

func hmac256(secret []byte, text string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(text))
	return m.Sum(nil)
}
