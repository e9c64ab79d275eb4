package jsontext

import (
	"errors"
	"math"
	"strings"
)

// A Reader reads one JSON text.
type Reader struct {
	Depth     int  // how many arrays and objects may stand in one another
	NonFinite bool // NaN, Infinity and -Infinity are numbers too: Python
}

var (
	// ErrTooDeep stands for the RangeError or RecursionError that deep nesting raises in a program.
	ErrTooDeep = errors.New("nested too deeply")
	errTooLong = errors.New("the text is longer than 4 GiB")
)

// Read reads text, which is one JSON value and nothing more: not even a byte order mark. What it says of a text that is
// no JSON is what V8 says, see [SyntaxError].
func (r Reader) Read(text string) (Value, error) {
	if len(text) > math.MaxUint32 {
		return Value{}, errTooLong
	}
	p := parser{text: text, tape: make([]node, 0, 16+len(text)/24), room: r.Depth, nonFinite: r.NonFinite}
	if err := p.value(); err != nil {
		return Value{}, err
	}
	if p.space(); p.i < len(text) {
		return Value{}, p.at("Unexpected non-whitespace character after JSON")
	}
	return Value{doc: &document{text, p.tape}}, nil
}

type parser struct {
	text      string
	tape      []node
	i         int
	room      int // levels of nesting left
	nonFinite bool
}

func (p *parser) value() error {
	p.space()
	me := len(p.tape)
	p.tape = append(p.tape, node{start: uint32(p.i)})
	kind, err := p.token()
	p.tape[me].kind, p.tape[me].end, p.tape[me].next = kind, uint32(p.i), uint32(len(p.tape))
	return err
}

func (p *parser) token() (Kind, error) {
	switch c := p.peek(); {
	case c == '{':
		return Object, p.list('}', (*parser).member, "Expected ',' or '}' after property value in JSON")
	case c == '[':
		return Array, p.list(']', (*parser).item, "Expected ',' or ']' after array element in JSON")
	case c == '"':
		return String, p.str()
	case c == '-' || isDigit(c):
		return Number, p.number()
	case c == 't':
		return Bool, p.word("true")
	case c == 'f':
		return Bool, p.word("false")
	case c == 'n':
		return Null, p.word("null")
	case p.nonFinite && c == 'N':
		return Number, p.word("NaN")
	case p.nonFinite && c == 'I':
		return Number, p.word("Infinity")
	}
	return Null, p.unexpected()
}

// list reads the items of an array, or the members of an object, up to its end.
func (p *parser) list(end byte, item func(p *parser, first bool) error, missing string) error {
	if p.room--; p.room < 0 {
		return ErrTooDeep
	}
	defer func() { p.room++ }()
	p.i++
	if p.space(); p.peek() == end {
		p.i++
		return nil
	}
	for first := true; ; first = false {
		if err := item(p, first); err != nil {
			return err
		}
		switch p.space(); p.peek() {
		case ',':
			p.i++
		case end:
			p.i++
			return nil
		default:
			return p.at(missing)
		}
	}
}

func (p *parser) item(bool) error { return p.value() }

func (p *parser) member(first bool) error {
	switch p.space(); {
	case p.peek() == '"':
	case first:
		return p.at("Expected property name or '}' in JSON")
	default:
		return p.at("Expected double-quoted property name in JSON")
	}
	if err := p.value(); err != nil {
		return err
	}
	if p.space(); p.peek() != ':' {
		return p.at("Expected ':' after property name in JSON")
	}
	p.i++
	return p.value()
}

func (p *parser) word(w string) error {
	for j := range len(w) {
		if p.peek() != w[j] {
			return p.unexpected()
		}
		p.i++
	}
	return nil
}

func (p *parser) number() error {
	if p.peek() == '-' {
		p.i++
	}
	if p.nonFinite && p.peek() == 'I' {
		return p.word("Infinity")
	}
	if p.peek() == '0' {
		if p.i++; isDigit(p.peek()) {
			return p.at("Unexpected number in JSON")
		}
	} else if err := p.digits("No number after minus sign in JSON"); err != nil {
		return err
	}
	if p.peek() == '.' {
		p.i++
		if err := p.digits("Unterminated fractional number in JSON"); err != nil {
			return err
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		if p.i++; p.peek() == '+' || p.peek() == '-' {
			p.i++
		}
		return p.digits("Exponent part is missing a number in JSON")
	}
	return nil
}

// digits reads at least one, or says what is wrong.
func (p *parser) digits(missing string) error {
	if !isDigit(p.peek()) {
		return p.at(missing)
	}
	for isDigit(p.peek()) {
		p.i++
	}
	return nil
}

func (p *parser) str() error {
	for p.i++; p.i < len(p.text); {
		switch c := p.text[p.i]; {
		case c == '"':
			p.i++
			return nil
		case c == '\\':
			if err := p.escape(); err != nil {
				return err
			}
		case c < ' ':
			return p.at("Bad control character in string literal in JSON")
		default:
			p.i++
		}
	}
	return p.at("Unterminated string in JSON")
}

func (p *parser) escape() error {
	if _, size := DecodeEscape(p.text[p.i:]); size > 0 {
		p.i += size
		return nil
	}
	if p.i++; p.i >= len(p.text) {
		return p.unexpected()
	}
	if p.peek() != 'u' {
		return p.at("Bad escaped character in JSON")
	}
	for p.i++; strings.IndexByte("0123456789abcdefABCDEF", p.peek()) >= 0; {
		p.i++
	}
	return p.at("Bad Unicode escape in JSON")
}

func (p *parser) space() {
	for p.i < len(p.text) && (p.text[p.i] == ' ' || p.text[p.i] == '\n' || p.text[p.i] == '\r' || p.text[p.i] == '\t') {
		p.i++
	}
}

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.i < len(p.text) {
		return p.text[p.i]
	}
	return 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
