package core

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text of strangers is shown through what stands here, wherever it is shown: on a terminal, in a log, in the words of an
// error, in a label of the window, in what an export writes for people. A terminal obeys some characters instead of
// showing them, and marks of direction make a text read otherwise than it is.

// Active reports whether a character acts on what shows it instead of being seen: control characters with those of C1,
// marks of direction, separators of lines, and what else Unicode calls a format. The joiners are part of words and of
// emoji, and the signs that stand around numbers are seen.
func Active(r rune) bool {
	switch {
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return true
	case r < 0xad || r == 0x200c || r == 0x200d: // the first beyond Latin-1 that is looked for is the soft hyphen
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// Hidden reports whether a character takes part in the bytes but not in the picture: what is Active and no plain white
// space, the joiners, unusual spaces.
func Hidden(r rune) bool {
	return r >= 0x80 && (Active(r) || unicode.In(r, unicode.Cf, unicode.Zs))
}

// Picture is what stands for a character that cannot be seen: "␛", "→" for a tab, "[U+202E]".
func Picture(r rune) string {
	switch {
	case r == '\t':
		return "→"
	case r < 0x20:
		return string(0x2400 + r)
	case r == 0x7f:
		return "␡"
	}
	return fmt.Sprintf("[U+%04X]", r)
}

// Visible writes a text on one line in which nothing acts: line breaks and other active characters as their pictures,
// bytes that are not UTF-8 as \xff.
func Visible(s string) string { return visible(s, "") }

// VisibleText is Visible for a text of several lines: line feeds and tabs stay.
func VisibleText(s string) string { return visible(s, "\n\t") }

func visible(s, stay string) string {
	acts := func(r rune) bool { return Active(r) && !strings.ContainsRune(stay, r) }
	if utf8.ValidString(s) && !strings.ContainsFunc(s, acts) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case acts(r):
			b.WriteString(Picture(r))
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// VisibleJSON escapes what acts in the strings of a document that is JSON. It says the same afterwards.
func VisibleJSON(doc []byte) []byte {
	odd := func(r rune) bool { return r >= 0x7f && Active(r) || r == utf8.RuneError }
	if !strings.ContainsFunc(string(doc), odd) {
		return doc
	}
	out := make([]byte, 0, len(doc)+64)
	for i := 0; i < len(doc); {
		r, n := utf8.DecodeRune(doc[i:])
		switch {
		case !odd(r):
			out = append(out, doc[i:i+n]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		i += n
	}
	return out
}
