package ui

import (
	"bytes"
	"strings"

	"hookglass/core"
)

// mask stands for each byte that is not shown.
const mask = '*'

// maskedParts hides the secret where a scheme signs it together with the rest. Its length is hidden too.
func maskedParts(parts []core.Part) []core.Part {
	out := make([]core.Part, len(parts))
	for i, p := range parts {
		if p.Name == "secret" {
			p.Bytes = bytes.Repeat([]byte{mask}, 8)
		}
		out[i] = p
	}
	return out
}

// secretIn is the secret among the signed bytes, nil for none.
func secretIn(parts []core.Part) []byte {
	for _, p := range parts {
		if p.Name == "secret" {
			return p.Bytes
		}
	}
	return nil
}

// maskedSigned hides the secret in the bytes that would have verified. It reports false where they may hold a secret
// that cannot be found in them: then they are not to be shown.
func maskedSigned(ours []core.Part, signed []byte) (a, b []byte, ok bool) {
	whole := joined(ours)
	secret := secretIn(ours)
	if secret == nil {
		return whole, signed, true
	}
	if len(secret) == 0 || !bytes.Contains(signed, secret) {
		return nil, nil, false
	}
	hidden := bytes.Repeat([]byte{mask}, 8)
	return joined(maskedParts(ours)), bytes.ReplaceAll(signed, secret, hidden), true
}

func joined(parts []core.Part) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p.Bytes...)
	}
	return out
}

// shownWanted is how many characters of the wanted signature are shown unasked.
const shownWanted = 10

// maskedWanted hides the end of a wanted signature, which is a working credential for a request that failed. What
// the request itself already says is not hidden, nor the first difference from it.
func maskedWanted(wanted, got string) string {
	show := min(shownWanted, len(wanted)/2)
	same := 0
	for same < len(wanted) && same < len(got) && wanted[same] == got[same] {
		same++
	}
	show = max(show, min(same+1, len(wanted)))
	if same == len(wanted) {
		return wanted
	}
	return wanted[:show] + strings.Repeat(string(mask), len(wanted)-show)
}

// maskedToken hides a token but for its prefix.
func maskedToken(s string) string {
	if word, rest, ok := strings.Cut(s, " "); ok && rest != "" { // "Bearer …"
		return word + " " + strings.Repeat(string(mask), 8)
	}
	if s == "" {
		return ""
	}
	return strings.Repeat(string(mask), 8)
}
