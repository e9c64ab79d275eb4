package view

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible writes a value on one line with nothing hidden: spaces at its ends as dots, tabs as arrows, line breaks and
// other control characters as their pictures, bytes that are not UTF-8 as \xff, and characters that show nothing as
// their code.
func Visible(s string) string {
	var b strings.Builder
	lead := len(s) - len(strings.TrimLeft(s, " "))
	trail := len(strings.TrimRight(s, " "))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == ' ' && (i < lead || i >= trail):
			b.WriteRune('·')
		case r == '\t':
			b.WriteRune('→')
		case r < 0x20:
			b.WriteRune(0x2400 + r)
		case r == 0x7f:
			b.WriteRune('␡')
		case Hidden(r):
			fmt.Fprintf(&b, "[U+%04X]", r)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// Hidden reports whether a character takes part in the bytes but not in the picture: marks of direction, zero-width
// joiners, unusual spaces.
func Hidden(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zs, r) && r != ' ' || r == 0x2028 || r == 0x2029
}

// HiddenIn reports whether any character of s is invisible and not plain white space.
func HiddenIn(s string) bool { return strings.ContainsFunc(s, Hidden) }
