package picture

import (
	"bytes"
	"slices"
	"strings"

	"hookglass/core"
)

// Mask stands for each byte that is not shown.
const Mask = '*'

// hiddenSecret stands for a secret among signed bytes; it says nothing of its length.
var hiddenSecret = bytes.Repeat([]byte{Mask}, 8)

// maskedParts hides the secret where a scheme signs it together with the rest.
func maskedParts(parts []core.Part) []core.Part {
	out := make([]core.Part, len(parts))
	for i, p := range parts {
		if p.Name == "secret" {
			p.Bytes = hiddenSecret
		}
		out[i] = p
	}
	return out
}

// hasSecret reports whether a scheme signs the secret itself.
func hasSecret(parts []core.Part) bool {
	return slices.ContainsFunc(parts, func(p core.Part) bool { return p.Name == "secret" })
}

// withoutSecret leaves the secret out, as findings do with the bytes that they hold.
func withoutSecret(parts []core.Part) []core.Part {
	return slices.DeleteFunc(slices.Clone(parts), func(p core.Part) bool { return p.Name == "secret" })
}

func joined(parts []core.Part) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p.Bytes...)
	}
	return out
}

// maskedWanted hides the end of a wanted signature, which is a working credential for a request that failed. What
// the request itself already says is not hidden, nor the first difference from it.
func maskedWanted(wanted, got string) string {
	same := 0
	for same < len(wanted) && same < len(got) && wanted[same] == got[same] {
		same++
	}
	show := max(core.Shown(wanted), min(same+1, len(wanted)))
	if same == len(wanted) {
		return wanted
	}
	return wanted[:show] + strings.Repeat(string(Mask), len(wanted)-show)
}

// maskedToken hides a token but for its prefix.
func maskedToken(s string) string {
	if word, rest, ok := strings.Cut(s, " "); ok && rest != "" { // "Bearer …"
		return word + " " + strings.Repeat(string(Mask), 8)
	}
	if s == "" {
		return ""
	}
	return strings.Repeat(string(Mask), 8)
}
