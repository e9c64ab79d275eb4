package view

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// PrettyJSON indents JSON. It changes white space and nothing else: numbers keep their spelling, strings their
// escapes, and keys that stand twice stay twice. JSON whose indents would be most of it, deep or with millions of values, is
// indented less.
func PrettyJSON(b []byte) ([]byte, error) {
	b = trimBOM(b)
	if err := checkJSON(b); err != nil {
		return nil, fmt.Errorf("indent JSON: %w", err)
	}
	var p printer
	for unit := 2; unit >= 0; unit-- {
		p = printer{unit: unit}
		if p.walk(b); p.size <= max(mostPretty, 2*len(b)) {
			break
		}
	}
	p = printer{unit: p.unit, out: make([]byte, 0, p.size)}
	p.walk(b)
	return p.out, nil
}

// mostPretty is how long JSON may become by its indents, unless it is half as long already.
const mostPretty = 32 << 20

// checkJSON says what is wrong with JSON, and where.
func checkJSON(b []byte) error {
	if json.Valid(b) {
		return nil
	}
	var out json.RawMessage
	return json.Unmarshal(b, &out)
}

// printer writes valid JSON with a value a line; without out it only counts.
type printer struct {
	unit  int // spaces for a level
	depth int
	size  int
	out   []byte
}

func (p *printer) put(b ...byte) {
	p.size += len(b)
	if p.out != nil {
		p.out = append(p.out, b...)
	}
}

func (p *printer) line() {
	n := 1 + p.unit*p.depth
	p.size += n
	if p.out != nil {
		p.out = append(p.out, '\n')
		for range n - 1 {
			p.out = append(p.out, ' ')
		}
	}
}

func (p *printer) walk(b []byte) {
	p.depth = 0
	opened := false // a bracket with nothing in it yet
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '}', ']':
			p.depth--
			if !opened {
				p.line()
			}
			opened = false
			p.put(c)
			continue
		}
		if opened {
			p.line()
			opened = false
		}
		switch c {
		case '{', '[':
			p.put(c)
			p.depth++
			opened = true
		case ',':
			p.put(c)
			p.line()
		case ':':
			p.put(c, ' ')
		case '"':
			end := i + 1
			for ; b[end] != '"'; end++ {
				if b[end] == '\\' {
					end++
				}
			}
			p.put(b[i : end+1]...)
			i = end
		default:
			p.put(c)
		}
	}
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
