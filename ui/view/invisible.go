package view

import (
	"strings"

	"hookglass/core"
)

// Visible is [core.Visible] for a value of which no byte may be overlooked: spaces at its ends stand as dots, and unusual
// spaces and joiners as their code.
func Visible(s string) string {
	inner := strings.TrimLeft(s, " ")
	lead := len(s) - len(inner)
	inner = strings.TrimRight(inner, " ")
	var b strings.Builder
	b.WriteString(strings.Repeat("·", lead))
	for _, r := range core.Visible(inner) {
		if core.Hidden(r) {
			b.WriteString(core.Picture(r))
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteString(strings.Repeat("·", len(s)-lead-len(inner)))
	return b.String()
}

// HiddenIn reports whether any character of s is invisible and not plain white space.
func HiddenIn(s string) bool { return strings.ContainsFunc(s, core.Hidden) }
