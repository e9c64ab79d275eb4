package engine

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"net/url"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/sign"
)

// Preview is what a delivery would send at a moment, and what a receiver that knows the right secret would say to it.
// secret signs; right is what the receiver has, which differs where the secret is wrong on purpose.
func (o *Outbox) Preview(d core.Delivery, secret, right core.Secret, now time.Time) (core.Request, core.Verdict, error) {
	r := addressed(d)
	scheme, ok := o.schemes.Book().Find(d.Target.Scheme)
	if !ok {
		return r, core.Verdict{}, nil
	}
	signer := func(d core.Delivery, r core.Request, at time.Time) (core.Request, error) {
		if d.Target.Wrong == deliver.WrongSecret {
			secret = deliver.OtherSecret(right)
		}
		return SignRequest(scheme, r, d.Target.URL, secret, at, d.Event.ID)
	}
	signed, err := deliver.Misbehave(signer)(d, r, now)
	if err != nil {
		return r, core.Verdict{}, err
	}
	signed.Size = int64(len(signed.Body))
	v := scheme.Verify(sign.Input{Request: &signed, URL: d.Target.URL, Secrets: []core.Secret{right}, Now: now})
	return signed, v, nil
}

// addressed is a delivery's request under the address that it goes to.
func addressed(d core.Delivery) core.Request {
	r := d.Request
	r.Method, r.Proto, r.Head = d.Target.Method, "HTTP/1.1", nil
	if r.Method == "" {
		r.Method = "POST"
	}
	u, err := url.Parse(d.Target.URL)
	if err != nil || u.Host == "" {
		return r
	}
	r.Base, r.Host = u.Scheme+"://"+u.Host, u.Host
	r.Target = d.Target.URL[len(r.Base):]
	if r.Target == "" {
		r.Target = "/"
	}
	return r
}

// KeyPair makes a key pair to try a public-key scheme with: the private key to sign with, and the public one as the
// provider would show it. False for a scheme that has no such keys.
func KeyPair(scheme sign.Scheme) (private core.Secret, public string, ok bool) {
	switch scheme.Alg {
	case "ed25519":
		pub, priv, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return core.Secret{}, "", false
		}
		if strings.Contains(scheme.Key, "hex") {
			return core.Text(hex.EncodeToString(priv)), hex.EncodeToString(pub), true
		}
		return core.Text(base64.StdEncoding.EncodeToString(priv)), base64.StdEncoding.EncodeToString(pub), true
	case "ecdsa-p256-sha256":
		priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return core.Secret{}, "", false
		}
		der, err := x509.MarshalPKCS8PrivateKey(priv)
		if err != nil {
			return core.Secret{}, "", false
		}
		pub, err := x509.MarshalPKIXPublicKey(&priv.PublicKey)
		if err != nil {
			return core.Secret{}, "", false
		}
		return core.NewSecret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), base64.StdEncoding.EncodeToString(pub), true
	}
	return core.Secret{}, "", false
}
