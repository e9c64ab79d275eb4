package sign

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/text/unicode/norm"
)

// key is a secret made ready for an algorithm.
type key struct {
	bytes   []byte              // for hashes and tokens
	public  crypto.PublicKey    // for public-key algorithms
	private crypto.Signer       // where the secret is a private key
	set     *jose.JSONWebKeySet // where several were given, for tokens that name theirs
	how     string              // "whsec_ stripped, base64: 24 bytes"
}

// key makes the key that the scheme uses from a secret as the provider shows it.
func (s Scheme) key(secret []byte) (key, error) {
	if s.Sig.Format == "jwt" {
		return s.tokenKey(secret)
	}
	if public(s.Alg) && looksLikeJWK(secret) {
		return s.setKey(secret)
	}
	if public(s.Alg) {
		return publicKey(s.Alg, s.Key, secret)
	}
	b, how, err := decodeKey(s.Key, secret)
	if err != nil {
		return key{}, err
	}
	return key{bytes: b, how: fmt.Sprintf("%s: %d bytes", how, len(b))}, nil
}

// A row's key column is a line of steps, "strip=whsec_|base64":
//
//	strip=X   X is cut off the front; that it is not there is no fault, because providers show the same secret with
//	          and without it
//	need=X    X is cut off, and without it this line does not apply
//	utf8      the text is the key
//	base64, hex   it is decoded
//	sha1, sha256, sha512   it is hashed: the digest is the key
//	nfkd      it is decomposed (Unicode NFKD)
//
// "A else B" is A where it applies, otherwise B. "A or B" are both, and either may match.

// alternatives are the lines of a key column of which any may be the right one.
func alternatives(steps string) []string { return strings.Split(steps, " or ") }

// decodeKey makes the key by the first line that applies.
func decodeKey(steps string, secret []byte) (b []byte, how string, err error) {
	for line := range strings.SplitSeq(alternatives(steps)[0], " else ") {
		var applies bool
		if b, how, applies, err = runKey(line, secret); applies {
			return b, how, err
		}
	}
	return b, how, err
}

// keyLine is the one line of the key column by which a secret is read.
func (s Scheme) keyLine(secret []byte) string {
	lines := strings.Split(alternatives(s.Key)[0], " else ")
	for _, line := range lines {
		if _, _, applies, _ := runKey(line, secret); applies {
			return line
		}
	}
	return lines[len(lines)-1]
}

func runKey(steps string, secret []byte) (b []byte, how string, applies bool, err error) {
	b = secret
	var said []string
	for step := range strings.SplitSeq(steps, "|") {
		if prefix, ok := strings.CutPrefix(step, "strip="); ok {
			if rest, had := bytes.CutPrefix(b, []byte(prefix)); had {
				b, said = rest, append(said, prefix+" stripped")
			}
			continue
		}
		if prefix, ok := strings.CutPrefix(step, "need="); ok {
			rest, had := bytes.CutPrefix(b, []byte(prefix))
			if !had {
				return nil, "", false, fmt.Errorf("the secret does not begin with %s", prefix)
			}
			b, said = rest, append(said, prefix+" stripped")
			continue
		}
		if b, err = decodeStep(step, b); err != nil {
			return nil, "", true, fmt.Errorf("the secret, %s, is not %s", after(said), step)
		}
		said = append(said, stepWords(step))
	}
	return b, strings.Join(said, ", "), true, nil
}

// stepWords says a step so that a reader of the verdict understands it.
func stepWords(step string) string {
	switch step {
	case "utf8":
		return "used as text"
	case "sha1", "sha256", "sha512":
		return "its " + step
	case "nfkd":
		return "decomposed (NFKD)"
	}
	return step
}

func after(said []string) string {
	if len(said) == 0 {
		return "as given"
	}
	return strings.Join(said, ", ")
}

func decodeStep(step string, b []byte) ([]byte, error) {
	switch step {
	case "base64":
		return decodeBase64Key(string(b))
	case "hex":
		return hex.DecodeString(string(b))
	case "sha1", "sha256", "sha512":
		return digest(step, nil, one("", b)), nil
	case "nfkd":
		return norm.NFKD.Bytes(b), nil
	}
	return b, nil
}

// decodeBase64Key reads a key with or without padding, in either alphabet: unlike a signature, a key has one
// meaning in all of them. Line breaks, which package base64 would skip, are refused, as other languages do.
func decodeBase64Key(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("line break")
	}
	s = strings.TrimRight(s, "=")
	if b, err := base64.RawStdEncoding.DecodeString(s); err == nil {
		return b, nil
	}
	return base64.RawURLEncoding.DecodeString(s)
}

// publicKey reads a public or private key, or a certificate, in any form that providers hand out: PEM, or DER or
// bare bytes in the encoding that the row names.
func publicKey(alg, steps string, secret []byte) (key, error) {
	if block, _ := pem.Decode(secret); block != nil {
		k, err := fromDER(block.Bytes)
		if err != nil {
			return key{}, fmt.Errorf("the %s block holds no key that can be read: %w", block.Type, err)
		}
		k.how = "PEM " + strings.ToLower(block.Type) + ", " + k.kind()
		return k, k.fits(alg)
	}
	raw, how, err := decodeBare(steps, bytes.TrimPrefix(secret, []byte("whsk_")))
	if err != nil {
		return key{}, err
	}
	k, err := fromDER(raw)
	if err != nil && alg == "ed25519" {
		k, err = fromEd25519(raw)
		switch {
		case err != nil:
		case bytes.HasPrefix(secret, []byte("whpk_")):
			k.private = nil
		case bytes.HasPrefix(secret, []byte("whsk_")):
			k.public = k.private.Public()
		}
	}
	if err != nil {
		return key{}, fmt.Errorf("the key is %d bytes that are no %s key: give it as the provider shows it, or as PEM", len(raw), alg)
	}
	k.how = how + ", " + k.kind()
	return k, k.fits(alg)
}

// decodeBare tries the encoding of the row first. Hex of a 32-byte key is also valid base64, so the order matters.
func decodeBare(steps string, secret []byte) ([]byte, string, error) {
	b, how, err := decodeKey(strings.ReplaceAll(steps, "pem-cert", "base64"), bytes.TrimSpace(secret))
	if err == nil {
		return b, how, nil
	}
	for _, step := range []string{"hex", "base64"} {
		if b, other, e := decodeKey(step, bytes.TrimSpace(secret)); e == nil {
			return b, other, nil
		}
	}
	return nil, "", errors.New("the key is neither PEM nor " + strings.TrimPrefix(steps, "strip=whpk_|") + ": copy it whole from the provider")
}

// fromDER reads a certificate, a public key (SPKI or PKCS #1) or a private key (PKCS #8, PKCS #1 or SEC 1).
func fromDER(der []byte) (key, error) {
	if c, err := x509.ParseCertificate(der); err == nil {
		return key{public: c.PublicKey}, nil
	}
	if p, err := x509.ParsePKIXPublicKey(der); err == nil {
		return key{public: p}, nil
	}
	if p, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key{public: p}, nil
	}
	if p, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if s, ok := p.(crypto.Signer); ok {
			return key{public: s.Public(), private: s}, nil
		}
	}
	if p, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key{public: p.Public(), private: p}, nil
	}
	if p, err := x509.ParseECPrivateKey(der); err == nil {
		return key{public: p.Public(), private: p}, nil
	}
	return key{}, errors.New("neither a certificate nor a key")
}

// fromEd25519 reads bare key bytes: 64 are a private key with its public half. 32 bytes may be a public key or the
// seed of a private one, which nothing tells apart: they verify as a public key only, since anyone could sign with one
// that was taken for a seed, and they sign as a seed.
func fromEd25519(b []byte) (key, error) {
	switch len(b) {
	case ed25519.PrivateKeySize:
		p := ed25519.NewKeyFromSeed(b[:ed25519.SeedSize])
		return key{public: p.Public(), private: p}, nil
	case ed25519.PublicKeySize:
		return key{public: ed25519.PublicKey(b), private: ed25519.NewKeyFromSeed(b)}, nil
	}
	return key{}, errors.New("wrong length")
}

func (k key) kind() string {
	switch p := k.public.(type) {
	case ed25519.PublicKey:
		return "ed25519"
	case *ecdsa.PublicKey:
		return "ecdsa " + p.Curve.Params().Name
	case *rsa.PublicKey:
		return fmt.Sprintf("rsa %d bits", p.N.BitLen())
	}
	return fmt.Sprintf("%T", k.public)
}

func (k key) fits(alg string) error {
	family, _, _ := strings.Cut(alg, "-")
	if !strings.HasPrefix(k.kind(), family) {
		return fmt.Errorf("the key is %s, the scheme wants %s", k.kind(), alg)
	}
	return nil
}

// signingKey makes the key to sign with. For a public-key algorithm it must be a private key.
func (s Scheme) signingKey(secret []byte) (key, error) {
	if s.Sig.Format == "jwt" {
		return s.tokenSigningKey(secret)
	}
	k, err := s.key(secret)
	if err == nil && public(s.Alg) && k.private == nil {
		err = errors.New("the key given is public: signing needs the private one, as PEM, hex or base64")
	}
	return k, err
}
