package jsontext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// PythonString appends str(v), which is what an f-string shows of what json.loads has made. It returns nil where
// Python cannot have read it.
func (v Value) PythonString(dst []byte) []byte {
	if v.doc != nil && !isText(v.Source()) {
		return nil
	}
	if v.Kind() == String {
		return append(dst, v.Text()...)
	}
	return v.repr(dst)
}

func (v Value) repr(dst []byte) []byte {
	switch v.Kind() {
	case Null:
		return append(dst, "None"...)
	case Bool:
		return append(dst, map[string]string{"true": "True", "false": "False"}[v.Source()]...)
	case Number:
		number, _ := pythonNumbers.append(nil, v.Source())
		return append(dst, strings.NewReplacer("Infinity", "inf", "NaN", "nan").Replace(string(number))...)
	case String:
		return PythonRepr(dst, v.Text())
	case Array:
		dst = append(dst, '[')
		comma := ""
		for item := range v.Items() {
			dst = item.repr(append(dst, comma...))
			comma = ", "
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for n, m := range Python.members(v.doc, v.at) {
		if n > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(PythonRepr(dst, m.name), ": "...)
		dst = Value{v.doc, m.value}.repr(dst)
	}
	return append(dst, '}')
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
	case r < 0x20 || r == 0x7f:
		return pythonByte(dst, byte(r))
	case unicode.IsPrint(r):
		return utf8.AppendRune(dst, r)
	case r < 0x100:
		return pythonByte(dst, byte(r))
	case r < 0x10000:
		return AppendEscape(dst, r, false)
	}
	dst = append(dst, '\\', 'U')
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, lowerHex[r>>shift&15])
	}
	return dst
}

func pythonByte(dst []byte, c byte) []byte {
	switch c {
	case '\t':
		return append(dst, `\t`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	}
	return append(dst, '\\', 'x', lowerHex[c>>4], lowerHex[c&15])
}

// PythonBytes appends repr(bytes).
func PythonBytes(dst, b []byte) []byte {
	quote := pythonQuote(string(b))
	dst = append(dst, 'b', quote)
	for _, c := range b {
		switch {
		case c == quote || c == '\\':
			dst = append(dst, '\\', c)
		case c >= 0x20 && c < 0x7f:
			dst = append(dst, c)
		default:
			dst = pythonByte(dst, c)
		}
	}
	return append(dst, quote)
}
