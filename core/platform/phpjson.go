package platform

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// phpEncode appends v as PHP's json_encode writes it by default, except that objects stay objects: JoAi may be a Laravel
// program, whose bytes the documented JSON.stringify verifier would not sign.
func phpEncode(b []byte, v value) []byte {
	switch v.kind {
	case jNumber:
		return append(b, phpNumber(v.text)...)
	case jString:
		return phpQuote(b, v.text)
	case jArray:
		b = append(b, '[')
		for i, item := range v.sub.vals {
			if i > 0 {
				b = append(b, ',')
			}
			b = phpEncode(b, item)
		}
		return append(b, ']')
	case jObject:
		b = append(b, '{')
		for i, k := range v.sub.keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(phpQuote(b, k), ':')
			b = phpEncode(b, v.sub.vals[i])
		}
		return append(b, '}')
	}
	return stringify(b, v)
}

// phpNumber writes an integer as it is and a float with serialize_precision -1: 1.0 keeps its point.
func phpNumber(text string) string {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	f := jsNumber(text)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, f = "-", -f
	}
	if f == 0 {
		return sign + "0.0"
	}
	digits, point := shortest(f)
	switch k := len(digits); {
	case point > 15 || point < -3: // %.17G style: an exponent of at least two digits is not asked for
		if k == 1 {
			digits += "0"
		}
		exp := strconv.Itoa(point - 1)
		if point > 0 {
			exp = "+" + exp
		}
		return sign + digits[:1] + "." + digits[1:] + "e" + exp
	case point <= 0:
		return sign + "0." + strings.Repeat("0", -point) + digits
	case k <= point:
		return sign + digits + strings.Repeat("0", point-k) + ".0"
	default:
		return sign + digits[:point] + "." + digits[point:]
	}
}

// phpQuote escapes the slash and all that is not ASCII.
func phpQuote(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		if u, ok := surrogate(s[i:]); ok {
			b, i = appendEscape(b, u), i+3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch i += n; {
		case r == '/':
			b = append(b, '\\', '/')
		case r < utf8.RuneSelf:
			q := jsQuote(nil, string(r))
			b = append(b, q[1:len(q)-1]...)
		case r > 0xFFFF:
			r -= 0x10000
			b = appendEscape(appendEscape(b, uint16(0xD800+r>>10)), uint16(0xDC00+r&0x3FF))
		default:
			b = appendEscape(b, uint16(r))
		}
	}
	return append(b, '"')
}

func appendEscape(b []byte, u uint16) []byte {
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
}
