package sign

import "unicode/utf8"

const (
	lowerHex = "0123456789abcdef"
	upperHex = "0123456789ABCDEF"
)

// escapes says how a serialiser prints the characters of a string.
type escapes struct {
	also      string // ASCII characters beyond '"', '\' and controls that are escaped as \u00XX
	short     string // characters that have a two-character form: those of "bfnrt\"\\/" that the serialiser uses
	ascii     bool   // everything beyond ASCII is \uXXXX
	del       bool   // so is U+007F
	lines     bool   // so are U+2028 and U+2029
	upper     bool   // hexadecimal digits in upper case
	surrogate byte   // a lone surrogate: 'e' escaped, 'r' replaced by U+FFFD
	literal   bool   // nothing is decoded or escaped
	invalid   string // what stands for a byte that is not UTF-8
}

var shortForms = map[rune]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '"': '"', '\\': '\\', '/': '/'}

// style builds the table that lets printText copy whole runs.
func (e escapes) style(s jsonStyle) *jsonStyle {
	for c := range 256 {
		s.plain[c] = e.literal || c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && !(c == 0x7f && e.del)
	}
	for _, c := range []byte(e.also) {
		s.plain[c] = false
	}
	for _, c := range []byte(e.short) {
		if c == '/' {
			s.plain['/'] = false
		}
	}
	s.escape = e.append
	return &s
}

func (e escapes) append(dst []byte, r rune, size int) []byte {
	switch {
	case r == utf8.RuneError && size == 1:
		return append(dst, e.invalid...)
	case r >= 0xD800 && r < 0xE000:
		if e.surrogate == 'e' {
			return e.unit(dst, r)
		}
		return utf8.AppendRune(dst, utf8.RuneError)
	case r < 0x80:
		return e.appendASCII(dst, byte(r))
	case e.ascii, e.lines && (r == 0x2028 || r == 0x2029):
		if r >= 0x10000 {
			r -= 0x10000
			return e.unit(e.unit(dst, 0xD800+r>>10), 0xDC00+r&0x3ff)
		}
		return e.unit(dst, r)
	}
	return utf8.AppendRune(dst, r)
}

func (e escapes) appendASCII(dst []byte, c byte) []byte {
	if f, ok := shortForms[rune(c)]; ok {
		for _, have := range []byte(e.short) {
			if have == f {
				return append(dst, '\\', f)
			}
		}
	}
	if c < 0x20 || c == 0x7f && e.del {
		return e.unit(dst, rune(c))
	}
	for _, a := range []byte(e.also) {
		if a == c {
			return e.unit(dst, rune(c))
		}
	}
	return append(dst, c)
}

func (e escapes) unit(dst []byte, r rune) []byte {
	h := lowerHex
	if e.upper {
		h = upperHex
	}
	return append(dst, '\\', 'u', h[r>>12&15], h[r>>8&15], h[r>>4&15], h[r&15])
}

// The escapes of each serialiser.
var (
	jsEscapes         = escapes{short: `bfnrt"\`, surrogate: 'e', invalid: "\uFFFD"}
	goEscapes         = escapes{short: `bfnrt"\`, also: "<>&", lines: true, surrogate: 'r', invalid: "\uFFFD"}
	goPlainEscapes    = escapes{short: `bfnrt"\`, lines: true, surrogate: 'r', invalid: "\uFFFD"}
	pythonEscapes     = escapes{short: `bfnrt"\`, ascii: true, del: true, surrogate: 'e', invalid: "\uFFFD"}
	pythonUTF8Escapes = escapes{short: `bfnrt"\`, surrogate: 'e', invalid: "\uFFFD"}
	phpEscapes        = escapes{short: `bfnrt"\/`, ascii: true, surrogate: 'e', invalid: `\ufffd`}
	phpSlashEscapes   = escapes{short: `bfnrt"\/`, lines: true, surrogate: 'e', invalid: `\ufffd`} // JSON_UNESCAPED_UNICODE
	phpUnicodeEscapes = escapes{short: `bfnrt"\`, ascii: true, surrogate: 'e', invalid: `\ufffd`}  // JSON_UNESCAPED_SLASHES
	phpNoEscapes      = escapes{short: `bfnrt"\`, lines: true, surrogate: 'e', invalid: `\ufffd`}  // both
	dotnetEscapes     = escapes{short: `bfnrt\`, also: "\"&'+<>`", ascii: true, del: true, upper: true, surrogate: 'r', invalid: `\uFFFD`}
	dotnetRelaxed     = escapes{short: `bfnrt"\`, del: true, upper: true, surrogate: 'r', invalid: "\uFFFD"}
	gsonEscapes       = escapes{short: `bfnrt"\`, also: "<>&='", lines: true, surrogate: 'e', invalid: "\uFFFD"}
	gsonPlainEscapes  = escapes{short: `bfnrt"\`, lines: true, surrogate: 'e', invalid: "\uFFFD"}
	railsEscapes      = escapes{short: `bfnrt"\`, also: "<>&", lines: true, surrogate: 'e', invalid: "\uFFFD"}
	jacksonEscapes    = escapes{short: `bfnrt"\`, upper: true, surrogate: 'e', invalid: "\uFFFD"}
	newtonsoftEscapes = escapes{short: `bfnrt"\`, lines: true, surrogate: 'e', invalid: "\uFFFD"}
)

// rawEscapes are those of a printer that copies string literals as they stand.
var rawEscapes = escapes{literal: true}

// The styles of each serialiser, on one line.
func jsStyle() jsonStyle     { return jsonStyle{indexFirst: true, number: jsNumber} }
func pythonStyle() jsonStyle { return jsonStyle{comma: ", ", colon: ": ", number: pythonNumber} }
func goMapStyle() jsonStyle  { return jsonStyle{sorted: true, number: goNumber} }
func asIs() jsonStyle        { return jsonStyle{keepDouble: true, number: rawNumber} }
