package sign

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"hookglass/core"
)

// Token is what a JSON Web Token has to say about the request that brings it (format jwt). The token is checked by
// go-jose, and only under the algorithms listed here: "none", or HMAC with a public key as the secret, cannot come in.
type Token struct {
	Algs     []string `json:"algs"`               // "HS256", "RS256", "ES256", "EdDSA" …
	Claims   []Claim  `json:"claims,omitempty"`   // what they must say
	Age      int      `json:"age,omitempty"`      // seconds since iat; 0: not checked
	Life     int      `json:"life,omitempty"`     // seconds until exp, in tokens that we make; 0: none
	Skew     int      `json:"skew,omitempty"`     // seconds by which clocks may differ
	Detached bool     `json:"detached,omitempty"` // the body is the payload, and is left out of the token
}

// Claim is one claim of a token and what it is compared with.
type Claim struct {
	Name     string   `json:"name"`
	Is       []string `json:"is,omitempty"`        // templates, any may match: "{sha256:body}"; none: it must only be there
	Optional bool     `json:"optional,omitempty"`  // it may be missing
	WithBody bool     `json:"with_body,omitempty"` // it may be missing where there is no body
}

// joseAlgorithms are those that a scheme may list, and the same as the rest of the package names them.
var joseAlgorithms = map[string]string{
	"HS256": "hmac-sha256", "HS384": "hmac-sha384", "HS512": "hmac-sha512",
	"RS256": "rsa-sha256", "RS384": "rsa-sha384", "RS512": "rsa-sha512", "PS256": "rsa-pss-sha256",
	"ES256": "ecdsa-p256-sha256", "ES384": "ecdsa-p384-sha384", "ES512": "ecdsa-p521-sha512", "EdDSA": "ed25519",
}

// tokenPieces splits a compact token. The signing input is everything before the last full stop.
func tokenPieces(token string) (header, payload, sig string, ok bool) {
	p := strings.Split(token, ".")
	if len(p) != 3 {
		return "", "", "", false
	}
	return p[0], p[1], p[2], true
}

// readJWT takes each value as one token.
func (f *found) readJWT(s Scheme, r *core.Request, values []string) {
	for _, v := range values {
		token, ok := cutPrefixFold(v, s.Sig.Prefix)
		if !ok {
			f.others = append(f.others, v)
			continue
		}
		c := candidate{whole: v, label: token}
		switch _, _, sig, ok := tokenPieces(token); {
		case !ok:
			c.err = errors.New("it is no token: three parts with a full stop between them")
		case sig == "":
			c.err = errors.New("the token has no signature")
		default:
			c.text = sig
			c.err = s.JWT.refuses(token)
		}
		f.candidates = append(f.candidates, c)
	}
	if len(f.candidates) == 0 && len(values) > 0 {
		f.problem = fmt.Sprintf("the value does not begin with %q", s.Sig.Prefix)
	}
}

// cutPrefixFold cuts a scheme of authorization, which is written in any case.
func cutPrefixFold(s, prefix string) (string, bool) {
	if !hasPrefixFold(s, prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// refuses says why this scheme cannot take the token, before any key is tried.
func (t *Token) refuses(token string) error {
	h, err := tokenHeader(token)
	if err != nil {
		return err
	}
	if !slices.Contains(t.Algs, h.Alg) {
		return fmt.Errorf("the token says the algorithm %q, and this scheme takes %s", h.Alg, strings.Join(t.Algs, ", "))
	}
	return nil
}

type joseHeader struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
}

func tokenHeader(token string) (joseHeader, error) {
	var h joseHeader
	text, _, _, _ := tokenPieces(token)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &h)
	}
	if err != nil {
		return h, errors.New("the header of the token is not JSON in base64url")
	}
	return h, nil
}

// concrete is the scheme under the algorithm that its request asks for: by the token's header, the message's version
// or the length of the signature. Only what the row allows can be asked for.
func (s Scheme) concrete(r *core.Request, f found) Scheme {
	switch {
	case s.Template == "{sns}":
		s.Alg = snsAlgorithm(r.Body)
	case s.Sig.Format == "jwt":
		for _, c := range f.candidates {
			if h, err := tokenHeader(c.label); err == nil && slices.Contains(s.JWT.Algs, h.Alg) {
				s.Alg = joseAlgorithms[h.Alg]
				return s
			}
		}
		s.Alg = joseAlgorithms[s.JWT.Algs[0]]
	case len(s.AlgAlso) > 0:
		for _, c := range f.candidates {
			for _, alg := range s.AlgAlso {
				if c.err == nil && len(c.bytes) == size(alg) && size(alg) != size(s.Alg) {
					s.Alg = alg
					return s
				}
			}
		}
	}
	return s
}

// jwt is the signing input of the token: its header and its payload, which is the body where it is detached.
func (v values) jwt() ([]core.Part, error) {
	header, payload, _, ok := tokenPieces(v.label)
	if !ok {
		return nil, errors.New("there is no token to read them from")
	}
	if v.detached && unencoded(header) {
		return []core.Part{{Name: "token header", Bytes: []byte(header)}, literal("."), {Name: "body", Bytes: v.body}}, nil
	}
	if v.detached {
		payload = base64.RawURLEncoding.EncodeToString(v.body)
		return []core.Part{{Name: "token header", Bytes: []byte(header)}, literal("."), {Name: "body in base64url", Bytes: []byte(payload)}}, nil
	}
	return []core.Part{{Name: "token header", Bytes: []byte(header)}, literal("."), {Name: "token claims", Bytes: []byte(payload)}}, nil
}

// unencoded reports whether a token signs its payload as it is (RFC 7797).
func unencoded(header string) bool {
	var h struct {
		B64 *bool `json:"b64"`
	}
	raw, err := base64.RawURLEncoding.DecodeString(header)
	return err == nil && json.Unmarshal(raw, &h) == nil && h.B64 != nil && !*h.B64
}

// verifyToken is the library's word on a token under a key.
func (s Scheme) verifyToken(token string, k key, body []byte) bool {
	algs := make([]jose.SignatureAlgorithm, len(s.JWT.Algs))
	for i, a := range s.JWT.Algs {
		algs[i] = jose.SignatureAlgorithm(a)
	}
	keys := k.jose(token)
	if s.JWT.Detached {
		t, err := jose.ParseDetached(token, body, algs)
		return err == nil && slices.ContainsFunc(keys, func(k any) bool { return t.DetachedVerify(body, k) == nil })
	}
	t, err := jose.ParseSignedCompact(token, algs)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(keys, func(k any) bool { _, err := t.Verify(k); return err == nil })
}

// jose are the keys to try: the one given, or those of a set whose id the token names, or all of the set when it
// names none.
func (k key) jose(token string) []any {
	if k.set == nil {
		if k.public != nil {
			return []any{k.public}
		}
		return []any{secretKey(k.bytes)}
	}
	h, _ := tokenHeader(token)
	var out []any
	for i := range k.set.Keys {
		if one := &k.set.Keys[i]; h.Kid == "" || one.KeyID == "" || one.KeyID == h.Kid {
			if b, ok := one.Key.([]byte); ok {
				out = append(out, secretKey(b))
				continue
			}
			out = append(out, one.Key)
		}
	}
	return out
}

// tokenKey makes a token's key: a PEM, certificate or JWKS for a public key, else the secret. Which of both it is
// decides what it may check: a public key is never taken for the secret of HS256, whatever the token says.
func (s Scheme) tokenKey(secret []byte) (key, error) {
	if looksLikeJWK(secret) {
		return s.setKey(secret)
	}
	if public(s.Alg) {
		return publicKey(s.Alg, s.Key, secret)
	}
	if looksPublic(secret) {
		return key{}, errors.New("what was given is a public key, and the token is made with a shared secret")
	}
	b, how, err := decodeKey(s.Key, secret)
	if err != nil {
		return key{}, err
	}
	return key{bytes: b, how: fmt.Sprintf("%s: %d bytes", how, len(b))}, nil
}

// Expected is what a claim should have said.
type expected struct {
	claim Claim
	want  []string
	err   error
}

func (s Scheme) expected(v values) []expected {
	var out []expected
	for _, c := range s.JWT.Claims {
		e := expected{claim: c}
		for _, template := range c.Is {
			parts, err := render(template, v)
			if err != nil {
				e.err = err
				continue
			}
			e.want = append(e.want, string(message(parts)))
		}
		out = append(out, e)
	}
	return out
}

// claims are the members of the payload.
func claims(token string) object {
	_, payload, _, _ := tokenPieces(token)
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return nil
	}
	var o object
	_ = json.Unmarshal(raw, &o) // a payload that is no object has no claims
	return o
}

// says reports whether a claim is, or as a list has, the value. Padding of base64 does not count.
func says(raw json.RawMessage, want string) bool {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return slices.ContainsFunc(list, func(e json.RawMessage) bool { return says(e, want) })
	}
	got, ok, _ := plainText(raw)
	return ok && strings.TrimRight(got, "=") == strings.TrimRight(want, "=")
}

// checkClaims compares what the token says with the request. The token's own signature says nothing about a request
// to which it was not bound, so a wrong claim takes the verdict back.
func (s Scheme) checkClaims(v *core.Verdict, in Input, f found, a attempt) {
	if len(f.candidates) == 0 || a.err != nil {
		return
	}
	token := f.candidates[0].label
	if a.match != nil {
		token = a.match.label
	}
	if !s.JWT.Detached {
		o := claims(token)
		if o == nil {
			note(v, "The payload of the token is no JSON object, so it has no claims.")
			demote(v, core.Malformed)
			return
		}
		for _, e := range s.expected(s.values(in, f)) {
			s.checkClaim(v, in, o, e)
		}
		s.checkTokenTimes(v, o, in.Now)
	}
}

func (s Scheme) checkClaim(v *core.Verdict, in Input, o object, e expected) {
	raw, ok := o[e.claim.Name]
	switch {
	case !ok && (e.claim.Optional || e.claim.WithBody && len(in.Request.Body) == 0):
	case !ok:
		note(v, fmt.Sprintf("The token has no claim %s, and this scheme wants it.", e.claim.Name))
		demote(v, core.Missing)
	case len(e.claim.Is) == 0 || slices.ContainsFunc(e.want, func(w string) bool { return says(raw, w) }):
	case len(e.want) == 0 && isNeeds(e.err):
		name := e.err.(*needs).param
		note(v, fmt.Sprintf("The claim %s was not checked: give %s to compare it with.", e.claim.Name, name))
	case len(e.want) == 0:
		note(v, fmt.Sprintf("The claim %s cannot be checked: %v.", e.claim.Name, e.err))
		demote(v, core.Mismatch)
	default:
		text := fmt.Sprintf("The claim %s says %s, and %s is %s", e.claim.Name, raw, e.claim.Words(), strings.Join(e.want, " or "))
		if strings.Contains(strings.Join(e.claim.Is, ""), "body") && v.State == core.Verified {
			text += ": the token is genuine, so it is the body that changed, or the token is another request's"
		}
		note(v, text+".")
		demote(v, core.Mismatch)
	}
}

// Words say what a claim is compared with: "the SHA-256 of the body, in base64". They are empty where it has only to be
// there.
func (c Claim) Words() string {
	var out []string
	for _, template := range c.Is {
		var words []string
		for _, p := range pieces(template) {
			words = append(words, p.words())
		}
		out = append(out, strings.Join(words, ""))
	}
	return strings.Join(out, " or ")
}

func (p piece) words() string {
	if !p.token {
		return p.text
	}
	name, arg, _ := strings.Cut(p.text, ":")
	what := map[string]string{"body": "the body", "url": "the address", "qsh": "method, path and query", "path": "the path", "method": "the method"}
	hash, enc, _ := strings.Cut(name, ".")
	switch {
	case name == "param":
		return "the " + strings.ReplaceAll(arg, "_", " ") + " of your settings"
	case name == "header" || name == "json":
		return "the " + strings.Replace(name, "json", "body member", 1) + " " + arg
	case strings.HasPrefix(hash, "sha"):
		return "the SHA-" + strings.TrimPrefix(hash, "sha") + " of " + cmp.Or(what[arg], arg) + ", in " + cmp.Or(enc, "hex")
	}
	return cmp.Or(what[name], name)
}

// checkTokenTimes reads exp, nbf and iat.
func (s Scheme) checkTokenTimes(v *core.Verdict, o object, now time.Time) {
	skew := time.Duration(s.JWT.Skew) * time.Second
	at := func(name string) (time.Time, bool) {
		raw, ok := o[name]
		if !ok {
			return time.Time{}, false
		}
		t, err := readNumber("s", string(raw))
		if err != nil {
			note(v, fmt.Sprintf("The claim %s is no time: %s.", name, raw))
			demote(v, core.Malformed)
		}
		return t, err == nil
	}
	if iat, ok := at("iat"); ok {
		v.Timestamp, v.Age = iat, now.Sub(iat)
		limit := time.Duration(s.JWT.Age) * time.Second
		if limit > 0 {
			v.Tolerance = limit
		}
		switch {
		case limit > 0 && v.Age > limit+skew:
			note(v, fmt.Sprintf("The token is right, but it is %s old, and %s are allowed.", v.Age, limit))
			demote(v, core.Stale)
		case limit > 0 && v.Age < -skew:
			note(v, fmt.Sprintf("The token is right, but it was issued %s in the future.", -v.Age))
			demote(v, core.Stale)
		}
	} else if s.JWT.Age > 0 {
		note(v, "The token has no claim iat, so its age cannot be checked.")
		demote(v, core.Missing)
	}
	if exp, ok := at("exp"); ok && !now.Before(exp.Add(skew)) {
		note(v, "The token expired at "+exp.Format("2006-01-02 15:04:05")+" UTC.")
		demote(v, core.Stale)
	}
	if nbf, ok := at("nbf"); ok && now.Before(nbf.Add(-skew)) {
		note(v, "The token is not valid before "+nbf.Format("2006-01-02 15:04:05")+" UTC.")
		demote(v, core.Stale)
	}
}
