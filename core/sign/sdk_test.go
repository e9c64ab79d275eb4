package sign_test

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	github "github.com/google/go-github/v72/github"
	"github.com/sendgrid/sendgrid-go/helpers/eventwebhook"
	"github.com/slack-go/slack"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	stripe "github.com/stripe/stripe-go/v84/webhook"
	svix "github.com/svix/svix-webhooks/go"
	twilio "github.com/twilio/twilio-go/client"

	"hookglass/core"
	"hookglass/core/sign"
)

// library is a provider's own Go library, held against us in both directions.
type library struct {
	scheme, secret string
	accept         func(secret, url string, h http.Header, body []byte) error
	sign           func(secret, url, id string, at time.Time, body []byte) http.Header // nil: it can only check
}

const sdkSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func libraries() []library {
	return []library{
		{"stripe", sdkSecret, func(secret, _ string, h http.Header, body []byte) error {
			return stripe.ValidatePayload(body, h.Get("Stripe-Signature"), secret)
		}, func(secret, _, _ string, at time.Time, body []byte) http.Header {
			p := stripe.GenerateTestSignedPayload(&stripe.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at})
			return http.Header{"Stripe-Signature": {p.Header}}
		}},
		{"github", "gh", func(secret, _ string, h http.Header, body []byte) error {
			return github.ValidateSignature(h.Get(github.SHA256SignatureHeader), body, []byte(secret))
		}, nil},
		{"github-sha1", "gh", func(secret, _ string, h http.Header, body []byte) error {
			return github.ValidateSignature(h.Get(github.SHA1SignatureHeader), body, []byte(secret))
		}, nil},
		{"slack", "8f742231b10e8888abcd99yyyzzz85a5", func(secret, _ string, h http.Header, body []byte) error {
			v, err := slack.NewSecretsVerifier(h, secret)
			if err != nil {
				return err
			}
			v.Write(body)
			return v.Ensure()
		}, nil},
		{"standard-webhooks", sdkSecret, func(secret, _ string, h http.Header, body []byte) error {
			w, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				return err
			}
			return w.Verify(body, h)
		}, func(secret, _, id string, at time.Time, body []byte) http.Header {
			w, _ := standardwebhooks.NewWebhook(secret)
			sig, _ := w.Sign(id, at, body)
			return http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {fmt.Sprint(at.Unix())}, "Webhook-Signature": {sig}}
		}},
		{"svix", sdkSecret, func(secret, _ string, h http.Header, body []byte) error {
			w, err := svix.NewWebhook(secret)
			if err != nil {
				return err
			}
			return w.Verify(body, h)
		}, func(secret, _, id string, at time.Time, body []byte) http.Header {
			w, _ := svix.NewWebhook(secret)
			sig, _ := w.Sign(id, at, body)
			return http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {fmt.Sprint(at.Unix())}, "Webhook-Signature": {sig}}
		}},
		{"twilio", "12345", twilioAccept, func(secret, url, _ string, _ time.Time, _ []byte) http.Header {
			// twilio-go has no exported signer; this is the text of Twilio's document for the form in request.
			m := hmac.New(sha1.New, []byte(secret))
			m.Write([]byte(url + "BodycaféFroma bTo+1800"))
			return http.Header{"X-Twilio-Signature": {base64.StdEncoding.EncodeToString(m.Sum(nil))}}
		}},
		{"twilio-json", "12345", twilioAccept, nil},
	}
}

func twilioAccept(secret, url string, h http.Header, body []byte) error {
	v := twilio.NewRequestValidator(secret)
	if !v.ValidateBody(url, body, h.Get("X-Twilio-Signature")) {
		return fmt.Errorf("twilio-go rejects it")
	}
	return nil
}

func TestLibrariesAcceptWhatWeSign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, l := range libraries() {
			s, _ := sign.Known().Find(l.scheme)
			in, set := signed(t, s, time.Now(), core.Text(l.secret))
			if err := l.accept(l.secret, in.Request.URL(), canonical(set), in.Request.Body); err != nil {
				t.Errorf("%s: the library says %v\nheaders %q", l.scheme, err, set)
			}
			if err := l.accept(l.secret+"QQQQ", in.Request.URL(), canonical(set), in.Request.Body); err == nil {
				t.Errorf("%s: the library accepts another secret, so this test proves nothing", l.scheme)
			}
		}
	})
}

func TestWeAcceptWhatLibrariesSign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, l := range libraries() {
			if l.sign == nil {
				continue
			}
			s, _ := sign.Known().Find(l.scheme)
			r := request(s)
			for name, vs := range l.sign(l.secret, r.URL(), "msg_1", time.Now(), r.Body) {
				r.Header = r.Header.With(name, vs[0])
			}
			in := sign.Input{Request: &r, Secrets: []core.Secret{core.Text(l.secret)}, Now: time.Now()}
			wantState(t, s, in, core.Verified, l.scheme)
		}
	})
}

// canonical writes the headers as net/http would hand them to a library.
func canonical(set core.Header) http.Header {
	h := http.Header{}
	for _, f := range set {
		h.Add(f.Name, f.Value)
	}
	return h
}

func TestSendGridLibrary(t *testing.T) {
	s, _ := sign.Known().Find("sendgrid")
	private := newKeys(t).ec
	in, set := signed(t, s, now, core.NewSecret(private))
	block, _ := pem.Decode(private)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.(crypto.Signer).Public())
	if err != nil {
		t.Fatal(err)
	}
	shown := base64.StdEncoding.EncodeToString(der) // as SendGrid shows the verification key
	public, err := eventwebhook.ConvertPublicKeyBase64ToECDSA(shown)
	if err != nil {
		t.Fatal(err)
	}
	ok, err := eventwebhook.VerifySignature(public, in.Request.Body, set.Get(eventwebhook.VerificationHTTPHeader), set.Get(eventwebhook.TimestampHTTPHeader))
	if !ok || err != nil {
		t.Errorf("sendgrid-go: %v %v", ok, err)
	}
	in.Secrets = []core.Secret{core.Text(shown)}
	wantState(t, s, in, core.Verified, "under the public key")
	if _, _, err := s.Sign(in, ""); err == nil || !bytes.Contains([]byte(err.Error()), []byte("private")) {
		t.Errorf("sign with the public key: %v", err)
	}
}
