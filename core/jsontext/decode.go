package jsontext

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// DecodeWeb is what request.text() makes of a body: a leading byte order mark goes, and what is no UTF-8 becomes U+FFFD,
// one for each maximal part of a character, as the WHATWG decoder counts (Go would give one for each byte).
func DecodeWeb(body []byte) string {
	s := strings.TrimPrefix(string(body), "\ufeff")
	if utf8.ValidString(s) {
		return s
	}
	b := make([]byte, 0, len(s)+len(s)/8)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			n = badPart(s[i:])
		}
		b = utf8.AppendRune(b, r)
		i += n
	}
	return string(b)
}

// badPart is how many bytes at the start of s belong to one broken character: the most that could have become one.
func badPart(s string) int {
	n := min(utf8.UTFMax-1, len(s))
	for n > 1 && utf8.FullRuneInString(s[:n]) {
		n--
	}
	return n
}

// DecodePython finds the encoding by the places of zero bytes, as json.detect_encoding does, and decodes with
// surrogatepass. False means UnicodeDecodeError.
func DecodePython(b []byte) (string, bool) {
	marked := func(mark string) bool { return strings.HasPrefix(string(b[:min(4, len(b))]), mark) }
	switch {
	case marked("\x00\x00\xfe\xff"):
		return wideText(b[4:], 4, binary.BigEndian)
	case marked("\xff\xfe\x00\x00"):
		return wideText(b[4:], 4, binary.LittleEndian)
	case marked("\xfe\xff"):
		return wideText(b[2:], 2, binary.BigEndian)
	case marked("\xff\xfe"):
		return wideText(b[2:], 2, binary.LittleEndian)
	case marked("\xef\xbb\xbf"):
		b = b[3:]
	case len(b) >= 4 && b[0] == 0 && b[1] != 0, len(b) == 2 && b[0] == 0:
		return wideText(b, 2, binary.BigEndian)
	case len(b) >= 4 && b[0] == 0:
		return wideText(b, 4, binary.BigEndian)
	case len(b) >= 4 && b[1] == 0 && (b[2] != 0 || b[3] != 0), len(b) == 2 && b[1] == 0:
		return wideText(b, 2, binary.LittleEndian)
	case len(b) >= 4 && b[1] == 0:
		return wideText(b, 4, binary.LittleEndian)
	}
	return string(b), isText(string(b))
}

// wideText decodes UTF-16 or UTF-32, by the width of a unit.
func wideText(b []byte, width int, order binary.ByteOrder) (string, bool) {
	if len(b)%width != 0 {
		return "", false
	}
	out := make([]byte, 0, len(b))
	for ; len(b) > 0; b = b[width:] {
		if width == 4 {
			u := order.Uint32(b)
			if u > unicode.MaxRune {
				return "", false
			}
			out = appendRune(out, rune(u))
			continue
		}
		u := rune(order.Uint16(b))
		if len(b) >= 4 {
			if r := utf16.DecodeRune(u, rune(order.Uint16(b[2:]))); r != utf8.RuneError {
				u, b = r, b[2:]
			}
		}
		out = appendRune(out, u)
	}
	return string(out), true
}
