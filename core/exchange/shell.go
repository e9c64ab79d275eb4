package exchange

import (
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// quote makes one word of a POSIX shell that stands for exactly s. What cannot be seen or copied as text is printed into
// the word: $'…' would do, but dash and busybox do not know it.
func quote(s string) string {
	if printable(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	text := strings.TrimRight(s, "\n") // $(…) takes them away
	word := `"$(printf ` + printfQuote([]byte(text)) + `)"`
	if text != s {
		word += "'" + s[len(text):] + "'"
	}
	return word
}

// printfQuote is a format of printf that prints a body.
func printfQuote(body []byte) string {
	var b strings.Builder
	b.Grow(len(body) + 2)
	b.WriteByte('\'')
	for _, c := range body {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(" {}[]:,.=&_\"/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'\\', '0' + c>>6, '0' + c>>3&7, '0' + c&7})
	}
	b.WriteByte('\'')
	return b.String()
}

// printable reports whether a text can be seen whole and goes through a clipboard and a terminal unchanged.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool {
		return c != '\n' && c != '\t' && core.Active(c)
	})
}
