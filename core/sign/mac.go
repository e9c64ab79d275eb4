package sign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"hash"
	"strings"

	"hookglass/core"
)

// algorithms are those that a scheme may name.
var algorithms = []string{
	"hmac-sha1", "hmac-sha256", "hmac-sha384", "hmac-sha512", "sha1", "sha256", "sha512",
	"ed25519", "ecdsa-p256-sha256", "rsa-sha1", "rsa-sha256", "rsa-sha512", "jws", "equal",
}

// public reports whether alg checks with a public key, so that the wanted signature cannot be computed.
func public(alg string) bool {
	return alg == "ed25519" || strings.HasPrefix(alg, "ecdsa-") || strings.HasPrefix(alg, "rsa-")
}

// newHash returns the hash function of that name, or nil. md5 is here for the doctor; no scheme uses it.
func newHash(name string) func() hash.Hash {
	switch name {
	case "md5":
		return md5.New
	case "sha1":
		return sha1.New
	case "sha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	}
	return nil
}

// newMAC returns the running digest of a keyed or plain hash, or nil when alg is neither. A plain hash ignores key.
func newMAC(alg string, key []byte) hash.Hash {
	if name, ok := strings.CutPrefix(alg, "hmac-"); ok {
		if h := newHash(name); h != nil {
			return hmac.New(h, key)
		}
		return nil
	}
	if h := newHash(alg); h != nil {
		return h()
	}
	return nil
}

// digest hashes the parts in order, or returns nil when alg is no hash.
func digest(alg string, key []byte, parts []core.Part) []byte {
	m := newMAC(alg, key)
	if m == nil {
		return nil
	}
	for _, p := range parts {
		m.Write(p.Bytes)
	}
	return m.Sum(nil)
}

// size is the length of a signature in bytes, or 0 where it varies.
func size(alg string) int {
	if alg == "ed25519" {
		return ed25519.SignatureSize
	}
	if m := newMAC(alg, nil); m != nil {
		return m.Size()
	}
	return 0
}

// matches reports whether sig is the signature of the parts. want is the computed one, nil for public keys.
func matches(alg string, k key, parts []core.Part, want, sig []byte) bool {
	if !public(alg) {
		return subtle.ConstantTimeCompare(want, sig) == 1
	}
	msg := message(parts)
	return verifyPublic(alg, k.public, msg, sig)
}

func verifyPublic(alg string, pub crypto.PublicKey, msg, sig []byte) bool {
	switch p := pub.(type) {
	case ed25519.PublicKey:
		return alg == "ed25519" && ed25519.Verify(p, msg, sig)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(msg)
		return alg == "ecdsa-p256-sha256" && ecdsa.VerifyASN1(p, sum[:], sig)
	case *rsa.PublicKey:
		id, sum := rsaSum(alg, msg)
		return sum != nil && rsa.VerifyPKCS1v15(p, id, sum, sig) == nil
	}
	return false
}

func rsaSum(alg string, msg []byte) (crypto.Hash, []byte) {
	switch alg {
	case "rsa-sha1":
		sum := sha1.Sum(msg)
		return crypto.SHA1, sum[:]
	case "rsa-sha256":
		sum := sha256.Sum256(msg)
		return crypto.SHA256, sum[:]
	case "rsa-sha512":
		sum := sha512.Sum512(msg)
		return crypto.SHA512, sum[:]
	}
	return 0, nil
}

// signPublic signs msg with a private key. All three forms are deterministic or use the system's random source.
func signPublic(alg string, private crypto.Signer, msg []byte) ([]byte, error) {
	switch p := private.(type) {
	case ed25519.PrivateKey:
		if alg == "ed25519" {
			return ed25519.Sign(p, msg), nil
		}
	case *ecdsa.PrivateKey:
		if alg == "ecdsa-p256-sha256" {
			sum := sha256.Sum256(msg)
			return ecdsa.SignASN1(rand.Reader, p, sum[:])
		}
	case *rsa.PrivateKey:
		if id, sum := rsaSum(alg, msg); sum != nil {
			return rsa.SignPKCS1v15(rand.Reader, p, id, sum)
		}
	}
	return nil, fmt.Errorf("sign with %s: the private key is a %T: give one of the right kind", alg, private)
}

// message is the parts as one run of bytes.
func message(parts []core.Part) []byte {
	n := 0
	for _, p := range parts {
		n += len(p.Bytes)
	}
	msg := make([]byte, 0, n)
	for _, p := range parts {
		msg = append(msg, p.Bytes...)
	}
	return msg
}
