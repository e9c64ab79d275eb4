package jsontext

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoting says how a serialiser prints the characters of a string.
type quoting struct {
	short     string // characters that have a two-character form: those of "bfnrt\"\\/" that the serialiser uses
	also      string // ASCII characters beyond '"', '\' and controls that are escaped as \u00XX
	ascii     bool   // everything beyond ASCII is \uXXXX
	del       bool   // so is U+007F
	lines     bool   // so are U+2028 and U+2029
	upper     bool   // hexadecimal digits in upper case
	surrogate byte   // a lone surrogate: 'e' escaped, 'r' replaced by U+FFFD, else refused
	invalid   string // what stands for a byte that is not UTF-8; refused when empty
	parts     bool   // it stands for each maximal part of a character, not for each byte
	pass      bool   // a surrogate written as three bytes is taken for one
	literal   bool   // nothing is decoded or escaped

	plain [256]bool // bytes of a literal that are copied as they are
	forms [256]byte // the second characters of the short forms
}

// ready fills in the tables that let whole runs be copied.
func (q quoting) ready() *quoting {
	for i := range len(shortForms) {
		if strings.IndexByte(q.short, shortForms[i]) >= 0 {
			q.forms[shortMeant[i]] = shortForms[i]
		}
	}
	for c := range len(q.plain) {
		special := c < 0x20 || c >= 0x80 || c == '"' || c == '\\' || c == 0x7f && q.del || strings.IndexByte(q.also, byte(c)) >= 0
		q.plain[c] = q.literal || !special && q.forms[c] == 0
	}
	return &q
}

// append appends the characters of s: those that its escapes mean, where it is the inside of a literal. With pass a
// surrogate written as three bytes is taken for one. False means that the serialiser refuses it.
func (q *quoting) append(dst []byte, s string, escaped, pass bool) ([]byte, bool) {
	from := 0                                             // of what is copied as it is
	beyond := !q.ascii && !q.lines && utf8.ValidString(s) // so is all beyond ASCII
	for i := 0; i < len(s); {
		if q.plain[s[i]] || beyond && s[i] >= utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && size > 1 && !q.escapes(r) {
			i += size
			continue
		}
		dst = append(dst, s[from:i]...)
		bad := r == utf8.RuneError && size == 1
		if escaped && r == '\\' {
			r, size = DecodeEscape(s[i:])
		} else if u, ok := surrogate(s[i:]); bad && ok && pass {
			r, size, bad = u, 3, false
		}
		switch {
		case bad && q.invalid == "", utf16.IsSurrogate(r) && q.surrogate == 0:
			return dst, false
		case q.surrogate == 'r' && utf16.IsSurrogate(r):
			dst = q.rune(dst, utf8.RuneError)
		case bad:
			dst = append(dst, q.invalid...)
			if q.parts {
				size = badPart(s[i:])
			}
		default:
			dst = q.rune(dst, r)
		}
		i += size
		from = i
	}
	return append(dst, s[from:]...), true
}

// escapes says whether a character beyond ASCII is written \uXXXX.
func (q *quoting) escapes(r rune) bool {
	return q.ascii || q.lines && (r == 0x2028 || r == 0x2029) || q.surrogate == 'e' && utf16.IsSurrogate(r)
}

func (q *quoting) rune(dst []byte, r rune) []byte {
	switch {
	case r >= utf8.RuneSelf && !q.escapes(r):
		return utf8.AppendRune(dst, r)
	case r < utf8.RuneSelf && q.forms[r] != 0:
		return append(dst, '\\', q.forms[r])
	case r < utf8.RuneSelf && q.plain[r]:
		return append(dst, byte(r))
	}
	return AppendEscape(dst, r, q.upper)
}

// The strings of each serialiser.
var (
	literalStrings     = quoting{literal: true}.ready()
	jsStrings          = quoting{short: `bfnrt"\`, surrogate: 'e', invalid: "\uFFFD", parts: true}.ready()
	goStrings          = quoting{short: `bfnrt"\`, also: "<>&", lines: true, surrogate: 'r', invalid: "\uFFFD"}.ready()
	goPlainStrings     = quoting{short: `bfnrt"\`, lines: true, surrogate: 'r', invalid: "\uFFFD"}.ready()
	pythonStrings      = quoting{short: `bfnrt"\`, ascii: true, del: true, surrogate: 'e', pass: true}.ready()
	pythonUTF8Strings  = quoting{short: `bfnrt"\`, pass: true}.ready()
	phpStrings         = quoting{short: `bfnrt"\/`, ascii: true}.ready()
	phpUnicodeStrings  = quoting{short: `bfnrt"\/`, lines: true}.ready()
	phpSlashStrings    = quoting{short: `bfnrt"\`, ascii: true}.ready()
	phpBothStrings     = quoting{short: `bfnrt"\`, lines: true}.ready()
	dotNetStrings      = quoting{short: `bfnrt\`, also: "\"&'+<>`", ascii: true, del: true, upper: true, surrogate: 'r', invalid: `\uFFFD`}.ready()
	dotNetPlainStrings = quoting{short: `bfnrt"\`, del: true, upper: true, surrogate: 'r', invalid: "\uFFFD"}.ready()
	gsonStrings        = quoting{short: `bfnrt"\`, also: "<>&='", lines: true, surrogate: 'e', invalid: "\uFFFD"}.ready()
	gsonPlainStrings   = quoting{short: `bfnrt"\`, lines: true, surrogate: 'e', invalid: "\uFFFD"}.ready()
	railsStrings       = quoting{short: `bfnrt"\`, also: "<>&", lines: true, surrogate: 'e', invalid: "\uFFFD"}.ready()
	jacksonStrings     = quoting{short: `bfnrt"\`, upper: true, surrogate: 'e', invalid: "\uFFFD"}.ready()
	newtonsoftStrings  = quoting{short: `bfnrt"\`, lines: true, surrogate: 'e', invalid: "\uFFFD"}.ready()

	dotNetUnicodeStrings        = quoting{short: `bfnrt\`, also: "\"&'+<>`", del: true, upper: true, surrogate: 'r', invalid: "\uFFFD"}.ready()
	newtonsoftASCIIStrings      = quoting{short: `bfnrt"\`, ascii: true, surrogate: 'e', invalid: `\ufffd`}.ready()
	javaScriptSerializerStrings = quoting{short: `bfnrt"\`, also: "<>&'", lines: true, surrogate: 'e', invalid: "\uFFFD"}.ready()
	jacksonASCIIStrings         = quoting{short: `bfnrt"\`, ascii: true, upper: true, surrogate: 'e', invalid: `\uFFFD`}.ready()
	shopifyStrings              = quoting{short: `bfnrt"\/`, also: "<>&", lines: true, surrogate: 'e', invalid: "\uFFFD"}.ready()
	metaStrings                 = quoting{short: `bfnrt"\/`, ascii: true, surrogate: 'e', invalid: `\ufffd`}.ready()
	metaUpperStrings            = quoting{short: `bfnrt"\/`, ascii: true, upper: true, surrogate: 'e', invalid: `\uFFFD`}.ready()
	metaMarksStrings            = quoting{short: `bfnrt"\/`, also: "<%@", ascii: true, surrogate: 'e', invalid: `\ufffd`}.ready()
	metaSlashStrings            = quoting{short: `bfnrt"\`, ascii: true, surrogate: 'e', invalid: `\ufffd`}.ready()
	upperASCIIStrings           = quoting{short: `bfnrt"\`, ascii: true, upper: true, surrogate: 'e', invalid: `\uFFFD`}.ready()
)
