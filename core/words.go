package core

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Capital begins a text with a capital letter.
func Capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

// Plain writes a number without an exponent.
func Plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
