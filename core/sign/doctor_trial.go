package sign

import (
	"crypto/hmac"
	"encoding/hex"
	"hash"
	"hash/maphash"
	"slices"
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// A trial is one way in which the signature may have been made. The first trial is the scheme's own; changes turn it into others.
type trial struct {
	template string
	values   values
	form     []byte                     // stands in the place of {form} when not nil
	charset  func(dst, b []byte) []byte // how the whole of the signed text was encoded; nil: as UTF-8
	fields   func([]core.Part)          // what was done to fields before they were joined; nil: nothing
	key      key
	hash     string // "sha256", or "" for algorithms without
	sum      string // how the digest is made from hash, key and message: "hmac", "plain" …
	public   string // the algorithm, when it is a public-key one
	unusable bool   // the secret cannot be made into a key
}

// A dimension is the part of a trial that a change touches. Two changes of one dimension do not go together.
type dimension int

const (
	inBody dimension = iota
	inKey
	inTemplate
	inSum
	inURL
	inTime
	inID
	inRequest
)

// A change is one deviation from how the signature should be made.
type change struct {
	dim   dimension
	cause string
	how   string
	apply func(*trial) bool // false: it does not apply here
}

// parts are the signed bytes of the trial.
func (t *trial) parts() ([]core.Part, error) {
	parts, err := t.rendered()
	if err != nil || t.charset == nil && t.fields == nil {
		return parts, err
	}
	parts = slices.Clone(parts)
	if t.fields != nil {
		t.fields(parts)
	}
	if t.charset == nil {
		return parts, nil
	}
	if slices.ContainsFunc(parts, func(p core.Part) bool { return p.Name == "secret" }) { // it stays apart, to be left out where parts are shown
		for i := range parts {
			parts[i].Bytes = t.encoded(parts[i].Bytes)
		}
		return parts, nil
	}
	return one("text", t.encoded(message(parts))), nil
}

func (t *trial) encoded(b []byte) []byte {
	if !utf8.Valid(b) {
		return b
	}
	return nonNil(t.charset(nil, b))
}

func (t *trial) rendered() ([]core.Part, error) {
	if t.form == nil || !strings.Contains(t.template, "{form}") {
		return render(t.template, t.values)
	}
	before, after, _ := strings.Cut(t.template, "{form}")
	head, err := render(before, t.values)
	if err != nil {
		return nil, err
	}
	tail, err := render(after, t.values)
	return append(append(head, core.Part{Name: "form", Bytes: t.form}), tail...), err
}

// sums are the ways to make a digest of a key and a message.
var sums = []struct {
	name, cause, how string
	key              bool // the key goes in
}{
	{"plain", "plain_hash_of_message", "a plain hash of the signed bytes, without the secret", false},
	{"secret+message", "plain_hash_secret_then_message", "a plain hash of the secret and the signed bytes", true},
	{"message+secret", "plain_hash_message_then_secret", "a plain hash of the signed bytes and the secret", true},
	{"hmac", "hmac_instead_of_plain_hash", "an HMAC, where the scheme has a plain hash", true},
	{"swapped", "key_and_message_swapped", "an HMAC with the message as the key and the secret as the message", true},
	{"hmac of hex", "double_hash_hex", "an HMAC of the hex text of the hash of the signed bytes", true},
	{"hmac of hash", "double_hash_raw", "an HMAC of the hash of the signed bytes", true},
	{"hash of hmac", "hash_of_hmac", "a hash of the HMAC", true},
	{"hash of hex hmac", "hash_of_hmac", "a hash of the hex text of the HMAC", true},
	{"hash of hash", "plain_hash_of_message", "a hash of the hash of the signed bytes", false},
}

// hasher computes digests. It keeps one keyed HMAC for each key, so that the key is hashed once.
type hasher struct {
	macs  map[string]hash.Hash
	seed  maphash.Seed
	tried int
	bytes int64
}

func newHasher() *hasher { return &hasher{macs: map[string]hash.Hash{}, seed: maphash.MakeSeed()} }

// mac returns an HMAC, ready for a message.
func (h *hasher) mac(name string, key []byte) hash.Hash {
	id := name + "\x00" + string(key)
	if m, ok := h.macs[id]; ok {
		m.Reset()
		return m
	}
	if len(h.macs) > 1024 {
		clear(h.macs)
	}
	m := hmac.New(newHash(name), key)
	h.macs[id] = m
	return m
}

// sum computes the digest of a trial over its parts; nil for public-key algorithms and plain tokens.
func (h *hasher) sum(t *trial, parts []core.Part) []byte {
	h.tried++
	switch {
	case t.sum == "equal":
		return t.key.bytes
	case t.hash == "":
		return nil
	}
	key := t.key.bytes
	plain := func() hash.Hash { return newHash(t.hash)() }
	switch t.sum {
	case "hmac":
		return h.write(h.mac(t.hash, key), parts)
	case "plain":
		return h.write(plain(), parts)
	case "secret+message":
		d := plain()
		d.Write(key)
		return h.write(d, parts)
	case "message+secret":
		return h.write(plain(), append(parts[:len(parts):len(parts)], core.Part{Bytes: key}))
	case "swapped":
		return h.write(hmac.New(newHash(t.hash), message(parts)), one("", key))
	case "hmac of hex":
		inner := hex.AppendEncode(nil, h.write(plain(), parts))
		return h.write(h.mac(t.hash, key), one("", inner))
	case "hmac of hash":
		return h.write(h.mac(t.hash, key), one("", h.write(plain(), parts)))
	case "hash of hmac":
		return h.write(plain(), one("", h.write(h.mac(t.hash, key), parts)))
	case "hash of hex hmac":
		inner := hex.AppendEncode(nil, h.write(h.mac(t.hash, key), parts))
		return h.write(plain(), one("", inner))
	case "hash of hash":
		return h.write(plain(), one("", h.write(plain(), parts)))
	}
	return nil
}

func (h *hasher) write(d hash.Hash, parts []core.Part) []byte {
	for _, p := range parts {
		d.Write(p.Bytes)
		h.bytes += int64(len(p.Bytes))
	}
	return d.Sum(nil)
}

// imprint identifies what is hashed, so that trials that come to the same bytes are one.
type imprint struct {
	message, key uint64
	size         int
	hash, sum    string
}

func (h *hasher) imprint(t *trial, parts []core.Part) imprint {
	p := imprint{hash: t.hash, sum: t.sum}
	var m maphash.Hash
	m.SetSeed(h.seed)
	for _, part := range parts {
		m.Write(part.Bytes)
		p.size += len(part.Bytes)
	}
	p.message = m.Sum64()
	if t.sum == "plain" || t.sum == "hash of hash" {
		return p // the key does not go in
	}
	if t.public != "" {
		p.key = maphash.String(h.seed, t.key.how+string(t.values.secret))
		return p
	}
	p.key = maphash.Bytes(h.seed, t.key.bytes)
	return p
}

// digestHash is the hash of a scheme's algorithm and how it is used.
func digestHash(alg string) (hash, sum string) {
	switch name, keyed := strings.CutPrefix(alg, "hmac-"); {
	case public(alg):
		return "", ""
	case alg == "equal":
		return "", "equal"
	case keyed:
		return name, "hmac"
	default:
		return name, "plain"
	}
}

// hashOfSize is the usual hash with digests of n bytes, or "".
func hashOfSize(n int) string {
	return map[int]string{16: "md5", 20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}[n]
}
