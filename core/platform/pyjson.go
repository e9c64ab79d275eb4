package platform

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// pyDepth is about how deep CPython 3.11's json reads under a web framework before RecursionError.
	pyDepth = 940
	// pyDigits is the longest integer that CPython converts; a longer one raises a plain ValueError.
	pyDigits = 4300
)

var (
	// errNotJSON is json.JSONDecodeError, the one error that the handlers catch.
	errNotJSON = errors.New("not JSON")
	// errUncaught is any other exception: the framework answers 500.
	errUncaught = errors.New("uncaught exception")
)

// parsePy reads a body as json.loads(bytes) does: it detects UTF-8, 16 and 32, with or without BOM, and takes NaN and
// Infinity. The error is errNotJSON where Python raises JSONDecodeError and errUncaught for any other exception.
func parsePy(body []byte) (value, error) {
	text, ok := pyDecode(body)
	if !ok {
		return value{}, errUncaught
	}
	return parsePyText(text)
}

// parsePyText is json.loads of a str, which refuses a BOM.
func parsePyText(text string) (value, error) {
	if strings.HasPrefix(text, "\ufeff") {
		return value{}, errNotJSON
	}
	v, err := (&parser{s: text, room: pyDepth, nonFinal: true}).whole()
	switch {
	case errors.Is(err, errTooDeep):
		return value{}, errUncaught
	case err != nil:
		return value{}, errNotJSON
	case hugeInt(v):
		return value{}, errUncaught
	}
	return v, nil
}

func hugeInt(v value) bool {
	if v.kind == jNumber {
		return len(v.text) > pyDigits && pyIsInt(v.text) && len(strings.TrimPrefix(v.text, "-")) > pyDigits
	}
	for _, item := range v.items() {
		if hugeInt(item) {
			return true
		}
	}
	return false
}

// pyDecode finds the encoding by the places of zero bytes, as json.detect_encoding does, and decodes with
// surrogatepass. False means UnicodeDecodeError.
func pyDecode(b []byte) (string, bool) {
	at := func(i int) byte {
		if i < len(b) {
			return b[i]
		}
		return 1
	}
	switch {
	case strings.HasPrefix(string(b[:min(4, len(b))]), "\x00\x00\xfe\xff"):
		return utf32Text(b[4:], binary.BigEndian)
	case strings.HasPrefix(string(b[:min(4, len(b))]), "\xff\xfe\x00\x00"):
		return utf32Text(b[4:], binary.LittleEndian)
	case at(0) == 0xFE && at(1) == 0xFF:
		return utf16Text(b[2:], binary.BigEndian)
	case at(0) == 0xFF && at(1) == 0xFE:
		return utf16Text(b[2:], binary.LittleEndian)
	case at(0) == 0xEF && at(1) == 0xBB && at(2) == 0xBF:
		return utf8Text(b[3:])
	case len(b) >= 4 && b[0] == 0 && b[1] != 0, len(b) == 2 && b[0] == 0:
		return utf16Text(b, binary.BigEndian)
	case len(b) >= 4 && b[0] == 0:
		return utf32Text(b, binary.BigEndian)
	case len(b) >= 4 && b[1] == 0 && (b[2] != 0 || b[3] != 0), len(b) == 2 && b[1] == 0:
		return utf16Text(b, binary.LittleEndian)
	case len(b) >= 4 && b[1] == 0:
		return utf32Text(b, binary.LittleEndian)
	}
	return utf8Text(b)
}

func utf8Text(b []byte) (string, bool) {
	s := string(b)
	if utf8.ValidString(s) {
		return s, true
	}
	for i := 0; i < len(s); {
		if _, ok := surrogate(s[i:]); ok {
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return "", false
		}
		i += n
	}
	return s, true
}

func utf16Text(b []byte, order binary.ByteOrder) (string, bool) {
	if len(b)%2 != 0 {
		return "", false
	}
	out := make([]byte, 0, len(b))
	for ; len(b) > 0; b = b[2:] {
		u := order.Uint16(b)
		if utf16.IsSurrogate(rune(u)) {
			out = appendUnit(out, u)
		} else {
			out = utf8.AppendRune(out, rune(u))
		}
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
		switch {
		case u > unicode.MaxRune:
			return "", false
		case u >= 0xD800 && u <= 0xDFFF:
			out = append(out, 0xE0|byte(u>>12), 0x80|byte(u>>6)&0x3F, 0x80|byte(u)&0x3F)
		default:
			out = utf8.AppendRune(out, rune(u))
		}
	}
	return string(out), true
}

func pyIsInt(text string) bool { return !strings.ContainsAny(text, ".eENI") }

// pyNumberText is repr of a number.
func pyNumberText(text string) string {
	if pyIsInt(text) {
		if text == "-0" {
			return "0"
		}
		return text
	}
	f := jsNumber(text)
	switch {
	case text == "NaN":
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.Signbit(f):
		return "-" + pyFloat(-f)
	}
	return pyFloat(f)
}

// pyFloat is repr of a float that is not negative: an exponent from 1e16 up and below 1e-4, else always a point.
func pyFloat(f float64) string {
	if f == 0 {
		return "0.0"
	}
	digits, point := shortest(f)
	if point > 16 || point < -3 {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	switch k := len(digits); {
	case point <= 0:
		return "0." + strings.Repeat("0", -point) + digits
	case k <= point:
		return digits + strings.Repeat("0", point-k) + ".0"
	default:
		return digits[:point] + "." + digits[point:]
	}
}

// pyString is str(v), which is what an f-string shows.
func pyString(v value) string {
	if v.kind == jString {
		return v.text
	}
	return pyRepr(v)
}

func pyRepr(v value) string {
	var b strings.Builder
	writeRepr(&b, v)
	return b.String()
}

func writeRepr(b *strings.Builder, v value) {
	switch v.kind {
	case jNull:
		b.WriteString("None")
	case jBool:
		if v.text == "true" {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case jNumber:
		b.WriteString(pyNumberText(v.text))
	case jString:
		reprString(b, v.text)
	case jArray:
		b.WriteByte('[')
		for i, item := range v.sub.vals {
			if i > 0 {
				b.WriteString(", ")
			}
			writeRepr(b, item)
		}
		b.WriteByte(']')
	case jObject:
		b.WriteByte('{')
		for i, k := range v.sub.keys {
			if i > 0 {
				b.WriteString(", ")
			}
			reprString(b, k)
			b.WriteString(": ")
			writeRepr(b, v.sub.vals[i])
		}
		b.WriteByte('}')
	}
}

func reprString(b *strings.Builder, s string) {
	const hex = "0123456789abcdef"
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b.WriteByte(quote)
	for i := 0; i < len(s); {
		if u, ok := surrogate(s[i:]); ok {
			b.WriteString(`\ud`)
			b.Write([]byte{hex[u>>8&15], hex[u>>4&15], hex[u&15]})
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == rune(quote) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			b.WriteString(`\x`)
			b.Write([]byte{hex[r>>4&15], hex[r&15]})
		case r < 0x10000:
			b.WriteString(`\u`)
			b.Write([]byte{hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15]})
		default:
			b.WriteString(`\U` + strings.Repeat("0", 8-len(strconv.FormatInt(int64(r), 16))) + strconv.FormatInt(int64(r), 16))
		}
	}
	b.WriteByte(quote)
}

// pyDumps writes v as a FastAPI response does: compact, raw Unicode. NaN, infinities and lone surrogates raise there,
// which is false here.
func pyDumps(b []byte, v value) ([]byte, bool) {
	ok := true
	switch v.kind {
	case jNull:
		b = append(b, "null"...)
	case jBool:
		b = append(b, v.text...)
	case jNumber:
		t := pyNumberText(v.text)
		b, ok = append(b, t...), t != "nan" && t != "inf" && t != "-inf"
	case jString:
		b, ok = jsQuote(b, v.text), utf8.ValidString(v.text)
	case jArray:
		b = append(b, '[')
		for i, item := range v.sub.vals {
			if i > 0 {
				b = append(b, ',')
			}
			if b, ok = pyDumps(b, item); !ok {
				return b, false
			}
		}
		b = append(b, ']')
	case jObject:
		b = append(b, '{')
		for i, k := range v.sub.keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(jsQuote(b, k), ':')
			if b, ok = pyDumps(b, v.sub.vals[i]); !ok || !utf8.ValidString(k) {
				return b, false
			}
		}
		b = append(b, '}')
	}
	return b, ok
}

// pyFirstLine is s.splitlines()[0]; false means IndexError, because "" has no lines.
func pyFirstLine(s string) (string, bool) {
	if s == "" {
		return "", false
	}
	if i := strings.IndexAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029"); i >= 0 {
		return s[:i], true
	}
	return s, true
}
