package view

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// PrettyJSON indents JSON. It changes white space and nothing else: numbers keep their spelling, strings their
// escapes, and keys that stand twice stay twice.
func PrettyJSON(b []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(b) + len(b)/2)
	if err := json.Indent(&out, trimBOM(b), "", "  "); err != nil {
		return nil, fmt.Errorf("indent JSON: %w", err)
	}
	return out.Bytes(), nil
}

// CompactJSON takes the white space out of JSON.
func CompactJSON(b []byte) ([]byte, error) {
	var out bytes.Buffer
	if err := json.Compact(&out, trimBOM(b)); err != nil {
		return nil, fmt.Errorf("compact JSON: %w", err)
	}
	return out.Bytes(), nil
}

func trimBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\ufeff")) }

// jsonSpans colours one row of JSON, which may begin inside a string. It looks at no other row and accepts anything.
func jsonSpans(s string, in bool, emit func(start, end int, class string)) {
	for p := 0; p < len(s); {
		start := p
		c := s[p]
		switch {
		case in || c == '"':
			end, closed := stringEnd(s, p, in)
			class := "string"
			if closed && followedByColon(s, end) {
				class = "key"
			}
			emit(start, end, class)
			p, in = end, false
		case c == '-' || isDigit(c):
			for p < len(s) && (isDigit(s[p]) || s[p] == '-' || s[p] == '+' || s[p] == '.' || s[p] == 'e' || s[p] == 'E') {
				p++
			}
			emit(start, p, "number")
		case isLetter(c):
			for p < len(s) && isLetter(s[p]) {
				p++
			}
			emit(start, p, "literal")
		case c == ' ' || c == '\t':
			p++
		case c < 0x80:
			p++
			emit(start, p, "punct")
		default:
			p++
		}
	}
}

// stringEnd is where the string ends that begins at p, or in which p is.
func stringEnd(s string, p int, in bool) (end int, closed bool) {
	if !in {
		p++
	}
	for p < len(s) {
		switch s[p] {
		case '\\':
			p++
		case '"':
			return p + 1, true
		}
		p++
	}
	return len(s), false
}

func followedByColon(s string, p int) bool {
	for p < len(s) && (s[p] == ' ' || s[p] == '\t') {
		p++
	}
	return p < len(s) && s[p] == ':'
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
