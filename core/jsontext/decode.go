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
	if len(body) >= 3 && body[0] == 0xEF && body[1] == 0xBB && body[2] == 0xBF {
		body = body[3:]
	}
	if utf8.Valid(body) {
		return string(body)
	}
	s := string(body)
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

// badPart is how many bytes at the start of s belong to one broken character.
func badPart(s string) int {
	lo, hi, need := byte(0x80), byte(0xBF), 0
	switch c := s[0]; {
	case c >= 0xC2 && c <= 0xDF:
		need = 1
	case c >= 0xE0 && c <= 0xEF:
		need = 2
		if c == 0xE0 {
			lo = 0xA0
		} else if c == 0xED {
			hi = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		need = 3
		if c == 0xF0 {
			lo = 0x90
		} else if c == 0xF4 {
			hi = 0x8F
		}
	}
	n := 1
	for ; n <= need && n < len(s) && s[n] >= lo && s[n] <= hi; n++ {
		lo, hi = 0x80, 0xBF
	}
	return n
}

// DecodePython finds the encoding by the places of zero bytes, as json.detect_encoding does, and decodes with
// surrogatepass. False means UnicodeDecodeError.
func DecodePython(b []byte) (string, bool) {
	marked := func(mark string) bool { return strings.HasPrefix(string(b[:min(4, len(b))]), mark) }
	switch {
	case marked("\x00\x00\xfe\xff"):
		return utf32Text(b[4:], binary.BigEndian)
	case marked("\xff\xfe\x00\x00"):
		return utf32Text(b[4:], binary.LittleEndian)
	case marked("\xfe\xff"):
		return utf16Text(b[2:], binary.BigEndian)
	case marked("\xff\xfe"):
		return utf16Text(b[2:], binary.LittleEndian)
	case marked("\xef\xbb\xbf"):
		b = b[3:]
	case len(b) >= 4 && b[0] == 0 && b[1] != 0, len(b) == 2 && b[0] == 0:
		return utf16Text(b, binary.BigEndian)
	case len(b) >= 4 && b[0] == 0:
		return utf32Text(b, binary.BigEndian)
	case len(b) >= 4 && b[1] == 0 && (b[2] != 0 || b[3] != 0), len(b) == 2 && b[1] == 0:
		return utf16Text(b, binary.LittleEndian)
	case len(b) >= 4 && b[1] == 0:
		return utf32Text(b, binary.LittleEndian)
	}
	return string(b), isText(string(b))
}

func utf16Text(b []byte, order binary.ByteOrder) (string, bool) {
	if len(b)%2 != 0 {
		return "", false
	}
	out := make([]byte, 0, len(b))
	for ; len(b) > 0; b = b[2:] {
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

func utf32Text(b []byte, order binary.ByteOrder) (string, bool) {
	if len(b)%4 != 0 {
		return "", false
	}
	out := make([]byte, 0, len(b)/2)
	for ; len(b) > 0; b = b[4:] {
		u := order.Uint32(b)
		if u > unicode.MaxRune {
			return "", false
		}
		out = appendRune(out, rune(u))
	}
	return string(out), true
}
