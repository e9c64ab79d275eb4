package sign

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pythonBytes prints b as repr(bytes) does.
func pythonBytes(dst, b []byte) []byte {
	quote := pythonQuote(string(b))
	dst = append(dst, 'b', quote)
	for _, c := range b {
		switch {
		case c == quote || c == '\\':
			dst = append(dst, '\\', c)
		case c >= 0x20 && c < 0x7f:
			dst = append(dst, c)
		default:
			dst = pythonControl(dst, c)
		}
	}
	return append(dst, quote)
}

func pythonControl(dst []byte, c byte) []byte {
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

func pythonQuote(s string) byte {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return '"'
	}
	return '\''
}

// pythonText prints s as repr(str) does.
func pythonText(dst []byte, s string) []byte {
	quote := pythonQuote(s)
	dst = append(dst, quote)
	for _, r := range s {
		dst = pythonRune(dst, r, quote)
	}
	return append(dst, quote)
}

func pythonRune(dst []byte, r rune, quote byte) []byte {
	switch {
	case r == rune(quote) || r == '\\':
		return append(dst, '\\', byte(r))
	case r < 0x20 || r == 0x7f:
		return pythonControl(dst, byte(r))
	case unicode.IsPrint(r):
		return utf8.AppendRune(dst, r)
	case r < 0x100:
		return pythonControl(dst, byte(r))
	case r < 0x10000:
		return escapes{}.unit(dst, r)
	}
	dst = append(dst, '\\', 'U')
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, lowerHex[r>>shift&15])
	}
	return dst
}

// printPython prints the document as str() of what json.loads makes of it.
func (d *document) printPython(dst []byte) []byte {
	if d.tape[0].kind == '"' {
		return nonNil(append(dst, decodeText(d.text(0))...))
	}
	return d.reprPython(dst, 0)
}

func (d *document) reprPython(dst []byte, i uint32) []byte {
	switch v := d.tape[i]; v.kind {
	case '"':
		return reprLiteral(dst, d.text(i))
	case '0':
		number := string(pythonNumber(nil, d.text(i)))
		return append(dst, strings.Replace(number, "Infinity", "inf", 1)...)
	case 't':
		return append(dst, "True"...)
	case 'f':
		return append(dst, "False"...)
	case 'n':
		return append(dst, "None"...)
	case '[':
		dst = append(dst, '[')
		for k := i + 1; k < v.next; k = d.tape[k].next {
			if k > i+1 {
				dst = append(dst, ", "...)
			}
			dst = d.reprPython(dst, k)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for n, m := range d.members(i, &jsonStyle{}) {
		if n > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(reprLiteral(dst, d.text(m.name)), ": "...)
		dst = d.reprPython(dst, m.value)
	}
	return append(dst, '}')
}

// reprLiteral goes by the literal, because a Python string holds lone surrogates.
func reprLiteral(dst, lit []byte) []byte {
	quote := pythonQuote(decodeText(lit))
	dst = append(dst, quote)
	for len(lit) > 0 {
		r, n := nextRune(lit)
		dst, lit = pythonRune(dst, r, quote), lit[n:]
	}
	return append(dst, quote)
}
