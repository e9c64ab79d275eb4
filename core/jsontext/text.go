package jsontext

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	shortForms = `"\/bfnrt` // the second characters of the short escapes, and what they mean
	shortMeant = "\"\\/\b\f\n\r\t"
	lowerHex   = "0123456789abcdef"
	upperHex   = "0123456789ABCDEF"
)

// DecodeEscape reads the escape at the start of s, two for a character beyond U+FFFF. Lone surrogates come out as they
// are. What is no escape of JSON has size 0.
func DecodeEscape(s string) (r rune, size int) {
	if len(s) < 2 || s[0] != '\\' {
		return 0, 0
	}
	if i := strings.IndexByte(shortForms, s[1]); i >= 0 {
		return rune(shortMeant[i]), 2
	}
	u, ok := unit(s)
	if !ok {
		return 0, 0
	}
	if low, ok := unit(s[6:]); ok {
		if r := utf16.DecodeRune(u, low); r != utf8.RuneError {
			return r, 12
		}
	}
	return u, 6
}

// unit reads \u and four hexadecimal digits.
func unit(s string) (u rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}

// AppendEscape appends r as \uXXXX, as two of them where it is beyond U+FFFF.
func AppendEscape(dst []byte, r rune, upper bool) []byte {
	if r > 0xFFFF {
		high, low := utf16.EncodeRune(r)
		return AppendEscape(AppendEscape(dst, high, upper), low, upper)
	}
	h := lowerHex
	if upper {
		h = upperHex
	}
	return append(dst, '\\', 'u', h[r>>12&15], h[r>>8&15], h[r>>4&15], h[r&15])
}

// surrogate reads a lone surrogate at the start of s.
func surrogate(s string) (rune, bool) {
	if len(s) < 3 || s[0] != 0xED || s[1] < 0xA0 || s[1] > 0xBF || s[2] < 0x80 || s[2] > 0xBF {
		return 0, false
	}
	return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), true
}

// appendRune appends r, a lone surrogate as three bytes.
func appendRune(dst []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(dst, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(dst, r)
}

// next decodes the first character of a text: a lone surrogate, or U+FFFD of size 1 for a byte that is no text.
func next(s string) (r rune, size int) {
	if r, size = utf8.DecodeRuneInString(s); r == utf8.RuneError && size == 1 {
		if u, ok := surrogate(s); ok {
			return u, 3
		}
	}
	return r, size
}

// isText says whether s is UTF-8 but for lone surrogates.
func isText(s string) bool {
	if utf8.ValidString(s) {
		return true
	}
	for len(s) > 0 {
		r, n := next(s)
		if r == utf8.RuneError && n == 1 {
			return false
		}
		s = s[n:]
	}
	return true
}

// WellFormed returns s with each lone surrogate replaced by U+FFFD, so that it is UTF-8.
func WellFormed(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := next(s)
		b.WriteRune(r) // U+FFFD for a surrogate
		s = s[n:]
	}
	return b.String()
}

// UTF16Len is the length that JavaScript gives a text.
func UTF16Len(s string) int {
	n := 0
	for len(s) > 0 {
		r, size := next(s)
		if r > 0xFFFF {
			n++
		}
		n, s = n+1, s[size:]
	}
	return n
}

// UTF16Head is s.slice(0, n) in JavaScript: half a pair that is cut apart stays as a lone surrogate.
func UTF16Head(s string, n int) string {
	for i := 0; i < len(s); {
		if n == 0 {
			return s[:i]
		}
		r, size := next(s[i:])
		if r > 0xFFFF {
			if n == 1 {
				high, _ := utf16.EncodeRune(r)
				return string(appendRune([]byte(s[:i]), high))
			}
			n--
		}
		n, i = n-1, i+size
	}
	return s
}
