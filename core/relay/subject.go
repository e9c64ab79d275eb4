package relay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"hookglass/core"
)

// Names of what a space has at the broker.

// Stream is the stream of a space.
func Stream(space string) string { return "HG_" + token(space) }

// Subject is where a capture of a source is published.
func Subject(space, source, event string) string {
	return "hg." + token(space) + ".cap." + token(source) + "." + token(event)
}

// Everything are the subjects of a space.
func Everything(space string) string { return "hg." + token(space) + ".cap.>" }

// OfSource are the subjects of a source.
func OfSource(space, source string) string {
	return "hg." + token(space) + ".cap." + token(source) + ".>"
}

// Bucket is the object store for large bodies of a source. Each source has its own, since a reader may be let in to some alone.
func Bucket(space, source string) string { return Stream(space) + "_" + token(source) }

// Consumer is the durable consumer of a reader, or of a queue of it.
func Consumer(reader, queue string) string {
	if queue == "" {
		return reader
	}
	return reader + "_q_" + queue
}

// longestToken bounds a part of a subject, which a sender may have chosen.
const longestToken = 96

// token writes a text as a part of a subject, of a stream's or of a bucket's name. Different texts stay different.
func token(s string) string {
	if s == "" {
		return "_"
	}
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	if out := b.String(); len(out) <= longestToken {
		return out
	}
	sum := sha256.Sum256([]byte(s))
	return b.String()[:longestToken-36] + "__" + hex.EncodeToString(sum[:16])
}

// CheckName refuses what cannot be the name of a space, a reader or a queue. They stand in names of NATS and on lines of a terminal.
func CheckName(field, name string) error {
	ok := name != "" && len(name) <= 40
	for i := range len(name) {
		c := name[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' && i > 0)
	}
	if !ok {
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("%q: want 1 to 40 of a to z, 0 to 9 and -", name)}
	}
	for _, t := range core.Tunnels() {
		if field == "space" && name == t {
			return &core.Invalid{Field: field, Reason: fmt.Sprintf("%q is what captures through a tunnel say; choose another name", name)}
		}
	}
	return nil
}
