package jsontext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PythonString appends str(v), which is what an f-string shows of what json.loads has made. It returns nil where
// Python cannot have read it.
func (v Value) PythonString(dst []byte) []byte {
	switch {
	case !isText(v.Source()):
		return nil
	case v.Kind() == String:
		return append(dst, v.Text()...)
	}
	return pythonStr.Append(dst, v)
}

// PythonRepr appends repr(str) of a text.
func PythonRepr(dst []byte, s string) []byte {
	quote := pythonQuote(s)
	dst = append(dst, quote)
	for len(s) > 0 {
		r, n := next(s)
		dst, s = pythonRune(dst, r, quote), s[n:]
	}
	return append(dst, quote)
}

func pythonQuote(s string) byte {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return '"'
	}
	return '\''
}

func pythonRune(dst []byte, r rune, quote byte) []byte {
	switch {
	case r == rune(quote) || r == '\\':
		return append(dst, '\\', byte(r))
	case unicode.IsPrint(r):
		return utf8.AppendRune(dst, r)
	case r < 0x100:
		return pythonByte(dst, byte(r))
	case r < 0x10000:
		return AppendEscape(dst, r, false)
	}
	return fmt.Appendf(dst, `\U%08x`, r)
}

func pythonByte(dst []byte, c byte) []byte {
	if i := strings.IndexByte("\t\n\r", c); i >= 0 {
		return append(dst, '\\', "tnr"[i])
	}
	return append(dst, '\\', 'x', lowerHex[c>>4], lowerHex[c&15])
}

// PythonBytes appends repr(bytes).
func PythonBytes(dst, b []byte) []byte {
	quote := pythonQuote(string(b))
	dst = append(dst, 'b', quote)
	for _, c := range b {
		if c < utf8.RuneSelf {
			dst = pythonRune(dst, rune(c), quote)
		} else {
			dst = pythonByte(dst, c)
		}
	}
	return append(dst, quote)
}
