package sign

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"hookglass/core"
)

// token makes the token of a draft: the claims that bind the request, the times, and what is known of the rest.
func (d *draft) token(k key) (string, error) {
	s := d.scheme
	alg, err := s.tokenAlgorithm(k)
	if err != nil {
		return "", err
	}
	payload := d.in.Request.Body
	if !s.JWT.Detached {
		if payload, err = d.claims(); err != nil {
			return "", err
		}
	}
	var private any = secretKey(k.bytes)
	if k.private != nil {
		private = k.private
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	if kid := d.in.Params["kid"]; kid != "" {
		options = options.WithHeader("kid", kid)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: private}, options)
	if err != nil {
		return "", &core.Invalid{Field: "secret", Reason: fmt.Sprintf("cannot sign a token with %s: %v", alg, err)}
	}
	t, err := signer.Sign(payload)
	if err != nil {
		return "", &core.Invalid{Field: "secret", Reason: fmt.Sprintf("cannot sign a token with %s: %v", alg, err)}
	}
	if s.JWT.Detached {
		return t.DetachedCompactSerialize()
	}
	return t.CompactSerialize()
}

// tokenAlgorithm is the first of the scheme's algorithms that the key is for.
func (s Scheme) tokenAlgorithm(k key) (string, error) {
	for _, alg := range s.JWT.Algs {
		name := joseAlgorithms[alg]
		switch {
		case k.private == nil && k.public == nil && !public(name):
			return alg, nil
		case k.private != nil && public(name) && k.fits(name) == nil:
			return alg, nil
		}
	}
	return "", &core.Invalid{Field: "secret", Reason: "no key that signs " + strings.Join(s.JWT.Algs, ", ")}
}

// claims writes the payload, in the order of the row.
func (d *draft) claims() ([]byte, error) {
	s := d.scheme
	var members []string
	add := func(name, value string) { members = append(members, quoted(name)+":"+value) }
	v := s.values(d.in, found{ts: d.ts})
	for _, e := range s.expected(v) {
		name := e.claim.Name
		switch {
		case name == "exp" || name == "iat" || name == "nbf":
		case e.claim.WithBody && len(d.in.Request.Body) == 0:
		case len(e.want) > 0:
			value := quoted(e.want[0])
			if e.want[0] == "true" || e.want[0] == "false" {
				value = e.want[0]
			}
			add(name, value)
		case isNeeds(e.err):
			if e.claim.Optional {
				continue
			}
			add(name, quoted("hookglass"))
		case e.err != nil:
			return nil, e.err
		default:
			add(name, quoted("hookglass-"+fmt.Sprint(d.in.Now.UnixNano())))
		}
	}
	now := d.in.Now.Unix()
	add("iat", fmt.Sprint(now))
	if s.JWT.Life > 0 {
		add("nbf", fmt.Sprint(now))
		add("exp", fmt.Sprint(now+int64(s.JWT.Life)))
	}
	return []byte("{" + strings.Join(members, ",") + "}"), nil
}

// secretKey signs and checks with a shared secret of any length. The library wants one as long as the digest; providers
// let their users choose shorter ones.
type secretKey []byte

func (k secretKey) Public() *jose.JSONWebKey { return &jose.JSONWebKey{} }

func (k secretKey) Algs() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512}
}

func (k secretKey) SignPayload(payload []byte, alg jose.SignatureAlgorithm) ([]byte, error) {
	if !slices.Contains(k.Algs(), alg) {
		return nil, fmt.Errorf("%s does not sign with a shared secret", alg)
	}
	return digest(joseAlgorithms[string(alg)], k, one("", payload)), nil
}

func (k secretKey) VerifyPayload(payload, signature []byte, alg jose.SignatureAlgorithm) error {
	want, err := k.SignPayload(payload, alg)
	if err == nil && subtle.ConstantTimeCompare(want, signature) != 1 {
		err = errors.New("the signature differs")
	}
	return err
}

// tokenSigningKey makes the key to sign a token with, and settles which of the scheme's algorithms it is for.
func (s Scheme) tokenSigningKey(secret []byte) (key, error) {
	var first error
	for _, alg := range s.JWT.Algs {
		s.Alg = joseAlgorithms[alg]
		k, err := s.tokenKey(secret)
		if err == nil && public(s.Alg) && k.private == nil {
			err = errors.New("the key given is public: signing needs the private one, as PEM or JWK")
		}
		if err == nil {
			k.set = nil
			return k, nil
		}
		if first == nil {
			first = err
		}
	}
	return key{}, first
}

// looksLikeJWK reports whether a key was given as JSON: one key or a set, as a provider publishes it.
func looksLikeJWK(secret []byte) bool {
	b := bytes.TrimSpace(secret)
	return len(b) > 0 && b[0] == '{' && (bytes.Contains(b, []byte(`"keys"`)) || bytes.Contains(b, []byte(`"kty"`)))
}

// looksPublic reports whether a secret is the PEM of a public key or certificate.
func looksPublic(secret []byte) bool {
	return bytes.Contains(secret, []byte("-----BEGIN ")) || bytes.HasPrefix(bytes.TrimSpace(secret), []byte("MII"))
}

// setKey reads the keys of a file in the form JWKS that the user gives. Nothing is fetched.
func (s Scheme) setKey(secret []byte) (key, error) {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(secret, &set); err != nil || len(set.Keys) == 0 {
		var one jose.JSONWebKey
		if err := json.Unmarshal(secret, &one); err != nil {
			return key{}, fmt.Errorf("the JSON Web Key cannot be read: %w", err)
		}
		set.Keys = []jose.JSONWebKey{one}
	}
	out := key{how: fmt.Sprintf("JWKS with %d keys", len(set.Keys))}
	usable := jose.JSONWebKeySet{}
	for _, k := range set.Keys {
		one, err := fromJWK(k)
		if err != nil || one.fits(s.Alg) != nil && !(one.bytes != nil && !public(s.Alg)) {
			continue
		}
		if out.public == nil && out.bytes == nil {
			out.public, out.private, out.bytes = one.public, one.private, one.bytes
		}
		if one.public != nil {
			k.Key = one.public
		}
		usable.Keys = append(usable.Keys, k)
	}
	if len(usable.Keys) == 0 {
		return key{}, fmt.Errorf("none of the %d keys of the JWKS is for %s", len(set.Keys), s.Alg)
	}
	if s.Sig.Format == "jwt" {
		out.set = &usable
	}
	return out, nil
}

func fromJWK(k jose.JSONWebKey) (key, error) {
	switch p := k.Key.(type) {
	case []byte:
		return key{bytes: p}, nil
	case crypto.Signer:
		return key{public: p.Public(), private: p}, nil
	}
	if k.IsPublic() {
		return key{public: k.Key}, nil
	}
	return key{}, errors.New("no key that is known here")
}

// knownTokenAlgorithms are what an own scheme may list.
func knownTokenAlgorithms() []string {
	var out []string
	for a := range joseAlgorithms {
		out = append(out, a)
	}
	slices.Sort(out)
	return out
}
