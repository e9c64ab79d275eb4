package core

import (
	"strings"
	"time"
)

// VerdictState is the outcome of a signature check in a word.
type VerdictState string

// The verdicts.
const (
	Verified  VerdictState = "verified"
	Mismatch  VerdictState = "mismatch"
	Missing   VerdictState = "missing"   // no signature in the request
	Malformed VerdictState = "malformed" // a signature that cannot be read
	Stale     VerdictState = "stale"     // right, but the timestamp is outside the tolerance
	NoSecret  VerdictState = "no_secret"
)

// Bad reports whether a signature was looked for and does not hold. Without a secret nothing was looked for.
func (v VerdictState) Bad() bool {
	switch v {
	case Mismatch, Missing, Malformed, Stale:
		return true
	}
	return false
}

// Words is the state as people read it.
func (v VerdictState) Words() string { return strings.ReplaceAll(string(v), "_", " ") }

// Part is a run of the signed bytes under the name of what it came from.
type Part struct {
	Name  string // "id", "timestamp", "separator", "body", "url", "literal" …
	Bytes []byte
}

// Verdict is the outcome of a signature check.
type Verdict struct {
	State  VerdictState
	Scheme string
	Wanted string   // the signature we computed, as it would stand in the request; a working credential, mask it
	Got    string   // the signature that came
	Parts  []Part   // the signed bytes, in order
	Notes  []string // what is true of this scheme or this value and worth knowing

	Where     string        // where the signature was looked for: "header X-Hub-Signature-256"
	Algorithm string        // "hmac-sha256"
	Encoding  string        // "hex"
	Key       string        // how the key was made: "strip whsec_, then base64: 24 bytes"
	Timestamp time.Time     // zero when the scheme has none, or it cannot be read
	Age       time.Duration // now minus Timestamp
	Tolerance time.Duration // 0 means that the scheme defines none
	Covers    string        // "body", "url", "sender only" …: what a valid signature protects
	Findings  []Finding
	Tried     int      // combinations that the doctor tried
	Excluded  []string // what it tried in vain, in words
}

// Proof is how well a finding is founded.
type Proof string

// The proofs, best first.
const (
	Recomputed Proof = "recomputed" // the same bytes came out
	Structural Proof = "structural" // it is visible in the request itself
	Consistent Proof = "consistent" // it fits, and so may other things
)

// About is whose signature a finding explains.
type About string

// Either the signature that came, or the value that the user's own code came to.
const (
	AboutCame     About = "came"
	AboutComputed About = "computed"
)

// Acts is who can mend what a finding names.
type Acts string

// Those on the way of a webhook. The settings are secret, address and scheme, wherever they are kept.
const (
	BySender   Acts = "sender"
	ByBetween  Acts = "between"
	ByReceiver Acts = "receiver"
	BySettings Acts = "settings"
)

// Words say who can mend it, as people read it; "" where an older version did not say.
func (a Acts) Words() string {
	switch a {
	case BySender:
		return "the sender"
	case ByBetween:
		return "what lies between sender and receiver"
	case ByReceiver:
		return "the receiver's code"
	case BySettings:
		return "the settings"
	}
	return ""
}

// Finding is one cause that the doctor found, with its proof and its fix.
type Finding struct {
	Cause        string   // one of the stable names of signatures
	Alternatives []string // other causes that give the same bytes
	Proof        Proof
	About        About             // whose bytes it explains; "" in what older versions stored
	Acts         Acts              // who can mend it
	Detail       string            // one sentence
	Fix          string            // what to do, in words
	Code         map[string]string // the fix as code, by language: "go", "node", "python"
	Signed       []byte            // the bytes that would have verified, when they differ from ours
	Offset       int               // first differing byte between ours and Signed; -1 when they do not differ
}
