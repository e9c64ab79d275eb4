package platform

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// jsDepth is how deep JSON.stringify goes in Node 20 before its stack is full; JSON.parse has no such limit.
const jsDepth = 4000

// parseJS reads a text as JSON.parse does.
func parseJS(text string) (value, error) { return parseJSON(text, jsDepth) }

// stringify appends v as JSON.stringify writes it.
func stringify(b []byte, v value) []byte {
	switch v.kind {
	case jNull:
		return append(b, "null"...)
	case jBool:
		return append(b, v.text...)
	case jNumber:
		n := jsNumber(v.text)
		if math.IsInf(n, 0) || math.IsNaN(n) {
			return append(b, "null"...)
		}
		return append(b, jsNumberText(n)...)
	case jString:
		return jsQuote(b, v.text)
	case jArray:
		b = append(b, '[')
		for i, item := range v.sub.vals {
			if i > 0 {
				b = append(b, ',')
			}
			b = stringify(b, item)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for n, i := range v.sub.jsOrder() {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(jsQuote(b, v.sub.keys[i]), ':')
		b = stringify(b, v.sub.vals[i])
	}
	return append(b, '}')
}

// jsOrder returns the places of an object's keys in the order in which JavaScript walks them: those that are
// array indexes first, by number, then the others as they came.
func (m *members) jsOrder() []int {
	order := make([]int, 0, len(m.keys))
	var rest []int
	for i, k := range m.keys {
		if _, ok := arrayIndex(k); ok {
			order = append(order, i)
		} else {
			rest = append(rest, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		x, _ := arrayIndex(m.keys[a])
		y, _ := arrayIndex(m.keys[b])
		return int(int64(x) - int64(y))
	})
	return append(order, rest...)
}

// arrayIndex reads a key that JavaScript takes for an array index: 0 to 2^32-2 without leading zeros.
func arrayIndex(k string) (uint32, bool) {
	if k == "" || len(k) > 10 || !isDigit(k[0]) || k[0] == '0' && k != "0" {
		return 0, false
	}
	n, err := strconv.ParseUint(k, 10, 32)
	return uint32(n), err == nil && n < math.MaxUint32
}

// jsNumber is the double that JavaScript reads: beyond its range an infinity.
func jsNumber(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64)
	return n
}

// jsNumberText writes a double as JavaScript does: ECMA-262, Number::toString.
func jsNumberText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	case f < 0:
		return "-" + jsNumberText(-f)
	}
	digits, point := shortest(f)
	k := len(digits)
	switch {
	case k <= point && point <= 21:
		return digits + strings.Repeat("0", point-k)
	case 0 < point && point <= 21:
		return digits[:point] + "." + digits[point:]
	case -6 < point && point <= 0:
		return "0." + strings.Repeat("0", -point) + digits
	}
	exp := strconv.Itoa(point - 1)
	if point > 0 {
		exp = "+" + exp
	}
	if k == 1 {
		return digits + "e" + exp
	}
	return digits[:1] + "." + digits[1:] + "e" + exp
}

// shortest returns the fewest digits that read back as f, and how many of them stand before the decimal point.
func shortest(f float64) (digits string, point int) {
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	point, _ = strconv.Atoi(exp)
	return strings.Replace(mantissa, ".", "", 1), point + 1
}

// jsQuote appends s as JSON.stringify and Python's json with ensure_ascii=False write a string: short escapes,
// lone surrogates escaped, everything else raw, U+2028 and < > & too, all of which encoding/json would escape.
func jsQuote(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0xED {
			continue
		}
		u, lone := surrogate(s[i:])
		if c == 0xED && !lone {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch {
		case lone:
			b = append(b, '\\', 'u', 'd', hex[u>>8&15], hex[u>>4&15], hex[u&15])
			i += 2
			start = i + 1
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\b':
			b = append(b, '\\', 'b')
		case c == '\f':
			b = append(b, '\\', 'f')
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(b, s[start:]...), '"')
}

// jsString is String(v): how a template or a concatenation shows it.
func jsString(v value) string {
	switch v.kind {
	case jNumber:
		return jsNumberText(jsNumber(v.text))
	case jObject:
		return "[object Object]"
	case jArray:
		var b strings.Builder
		jsJoin(&b, v)
		return b.String()
	case jNull:
		return "null"
	}
	return v.text
}

// jsJoin writes an array as join(",") does: null is nothing.
func jsJoin(b *strings.Builder, v value) {
	for i, item := range v.sub.vals {
		if i > 0 {
			b.WriteByte(',')
		}
		switch item.kind {
		case jNull:
		case jArray:
			jsJoin(b, item)
		default:
			b.WriteString(jsString(item))
		}
	}
}

// firstSet returns the first of those members that is neither absent nor null: JavaScript's ??.
func (v value) firstSet(keys ...string) (value, bool) {
	for _, k := range keys {
		if m, ok := v.get(k); ok && m.kind != jNull {
			return m, true
		}
	}
	return value{}, false
}

// firstTruthy returns the first of those members that counts as true: JavaScript's ||.
func (v value) firstTruthy(keys ...string) (value, bool) {
	for _, k := range keys {
		if m, ok := v.get(k); ok && m.truthy() {
			return m, true
		}
	}
	return value{}, false
}

func (v value) truthy() bool {
	switch v.kind {
	case jNull:
		return false
	case jBool:
		return v.text == "true"
	case jNumber:
		return jsNumber(v.text) != 0
	case jString:
		return v.text != ""
	}
	return true
}

// utf16Len is the length that JavaScript gives a string.
func utf16Len(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if _, ok := surrogate(s[i:]); ok {
			n, i = n+1, i+3
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if i += size; r > 0xFFFF {
			n++
		}
		n++
	}
	return n
}

// utf16Head is s.slice(0, n) in JavaScript: half a pair that is cut apart stays as a lone surrogate.
func utf16Head(s string, n int) string {
	for i := 0; i < len(s); {
		if n == 0 {
			return s[:i]
		}
		if _, ok := surrogate(s[i:]); ok {
			n, i = n-1, i+3
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r > 0xFFFF {
			if n == 1 {
				return string(appendUnit([]byte(s[:i]), uint16(0xD800+(r-0x10000)>>10)))
			}
			n--
		}
		n, i = n-1, i+size
	}
	return s
}

// decodeText is what request.text() makes of a body: a leading BOM goes, and what is no UTF-8 becomes U+FFFD, one
// for each maximal part of a character, as the WHATWG decoder counts (Go would give one for each byte).
func decodeText(body []byte) string {
	if len(body) >= 3 && body[0] == 0xEF && body[1] == 0xBB && body[2] == 0xBF {
		body = body[3:]
	}
	if utf8.Valid(body) {
		return string(body)
	}
	b := make([]byte, 0, len(body)+len(body)/8)
	for i := 0; i < len(body); {
		r, n := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && n == 1 {
			n = badPart(body[i:])
		}
		b = utf8.AppendRune(b, r)
		i += n
	}
	return string(b)
}

// badPart is how many bytes at the start of b belong to one broken character.
func badPart(b []byte) int {
	lo, hi, need := byte(0x80), byte(0xBF), 0
	switch c := b[0]; {
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
	for ; n <= need && n < len(b) && b[n] >= lo && b[n] <= hi; n++ {
		lo, hi = 0x80, 0xBF
	}
	return n
}

// object writes a JSON object from names and values in turn, in that order and as JSON.stringify would.
func object(pairs ...any) []byte {
	b := []byte{'{'}
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsQuote(b, pairs[i].(string)), ':')
		b = appendAny(b, pairs[i+1])
	}
	return append(b, '}')
}

func appendAny(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return jsQuote(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return append(b, jsNumberText(v)...)
	case json.RawMessage:
		if len(v) == 0 {
			return append(b, "null"...)
		}
		return append(b, v...)
	case value:
		return stringify(b, v)
	}
	return appendForeign(b, v)
}

// appendForeign writes what came out of a settings map or a stored work item.
func appendForeign(b []byte, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	tree, err := parseJS(string(raw))
	if err != nil {
		return append(b, "null"...)
	}
	return stringify(b, tree)
}

// raw is v as JSON text for a work item.
func raw(v value) json.RawMessage { return stringify(nil, v) }
