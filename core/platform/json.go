package platform

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The platforms are written in JavaScript and Python, and what they answer and sign depends on how those read
// and write JSON. encoding/json loses what matters here: key order, the spelling of numbers, lone surrogates.
// So this file reads JSON into a tree that keeps them, and jsjson.go and pyjson.go write it as the two languages do.

// jkind is the type of a JSON value.
type jkind byte

const (
	jNull jkind = iota
	jBool
	jNumber
	jString
	jArray
	jObject
)

// value is a JSON value as written. Numbers and booleans keep their spelling; a string may hold lone surrogates,
// each as the three bytes that UTF-8 would give it.
type value struct {
	kind jkind
	text string
	sub  *members
}

// members are the values of an array, or of an object in the order in which its keys first came.
type members struct {
	keys []string
	vals []value
}

// get returns the value under key; a missing key and a value that is no object give false.
func (v value) get(key string) (value, bool) {
	if v.kind == jObject {
		for i, k := range v.sub.keys {
			if k == key {
				return v.sub.vals[i], true
			}
		}
	}
	return value{}, false
}

// items returns the values of an array or object, nil for anything else.
func (v value) items() []value {
	if v.sub == nil {
		return nil
	}
	return v.sub.vals
}

// syntaxError is what V8 says about a text that is no JSON; some platforms decide by these words.
type syntaxError struct{ message string }

func (e *syntaxError) Error() string { return e.message }

// errTooDeep stands for the RangeError or RecursionError that deep nesting raises in the platform.
var errTooDeep = errors.New("nested too deeply")

// parser reads one JSON text.
type parser struct {
	s        string
	i        int
	room     int  // levels of nesting left
	nonFinal bool // Python also reads NaN, Infinity and -Infinity
}

// parseJSON reads s as JSON.parse does, up to depth levels deep.
func parseJSON(s string, depth int) (value, error) { return (&parser{s: s, room: depth}).whole() }

func (p *parser) whole() (value, error) {
	v, err := p.value()
	if err != nil {
		return value{}, err
	}
	if p.space(); p.i < len(p.s) {
		return value{}, p.at("Unexpected non-whitespace character after JSON")
	}
	return v, nil
}

func (p *parser) value() (value, error) {
	p.space()
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, err := p.str()
		return value{kind: jString, text: s}, err
	case c == '-' || isDigit(c):
		return p.number()
	case c == 't':
		return p.word("true", jBool)
	case c == 'f':
		return p.word("false", jBool)
	case c == 'n':
		return p.word("null", jNull)
	case p.nonFinal && c == 'N':
		return p.word("NaN", jNumber)
	case p.nonFinal && c == 'I':
		return p.word("Infinity", jNumber)
	}
	return value{}, p.unexpected()
}

func (p *parser) object() (value, error) {
	if p.room--; p.room < 0 {
		return value{}, errTooDeep
	}
	defer func() { p.room++ }()
	m := &members{}
	var index map[string]int // made once there are enough keys to be worth it
	for p.i++; ; p.i++ {
		p.space()
		if p.peek() == '}' && len(m.keys) == 0 {
			break
		}
		if p.peek() != '"' {
			if len(m.keys) == 0 {
				return value{}, p.at("Expected property name or '}' in JSON")
			}
			return value{}, p.at("Expected double-quoted property name in JSON")
		}
		key, err := p.str()
		if err != nil {
			return value{}, err
		}
		if p.space(); p.peek() != ':' {
			return value{}, p.at("Expected ':' after property name in JSON")
		}
		p.i++
		v, err := p.value()
		if err != nil {
			return value{}, err
		}
		index = m.put(key, v, index)
		if p.space(); p.peek() == '}' {
			break
		} else if p.peek() != ',' {
			return value{}, p.at("Expected ',' or '}' after property value in JSON")
		}
	}
	p.i++
	return value{kind: jObject, sub: m}, nil
}

// put keeps v under key. Of duplicate keys the last value wins and the first place stays, in both languages.
func (m *members) put(key string, v value, index map[string]int) map[string]int {
	const worth = 16
	if index == nil && len(m.keys) >= worth {
		index = make(map[string]int, 4*worth)
		for i, k := range m.keys {
			index[k] = i
		}
	}
	if index != nil {
		if i, ok := index[key]; ok {
			m.vals[i] = v
			return index
		}
		index[key] = len(m.keys)
	} else {
		for i, k := range m.keys {
			if k == key {
				m.vals[i] = v
				return nil
			}
		}
	}
	m.keys, m.vals = append(m.keys, key), append(m.vals, v)
	return index
}

func (p *parser) array() (value, error) {
	if p.room--; p.room < 0 {
		return value{}, errTooDeep
	}
	defer func() { p.room++ }()
	m := &members{}
	p.i++
	if p.space(); p.peek() == ']' {
		p.i++
		return value{kind: jArray, sub: m}, nil
	}
	for {
		v, err := p.value()
		if err != nil {
			return value{}, err
		}
		m.vals = append(m.vals, v)
		p.space()
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			return value{kind: jArray, sub: m}, nil
		default:
			return value{}, p.at("Expected ',' or ']' after array element in JSON")
		}
	}
}

func (p *parser) word(w string, k jkind) (value, error) {
	for j := range len(w) {
		if p.peek() != w[j] {
			return value{}, p.unexpected()
		}
		p.i++
	}
	return value{kind: k, text: w}, nil
}

func (p *parser) number() (value, error) {
	start := p.i
	if p.peek() == '-' {
		p.i++
		if p.nonFinal && p.peek() == 'I' {
			v, err := p.word("Infinity", jNumber)
			v.text = "-Infinity"
			return v, err
		}
		if !isDigit(p.peek()) {
			return value{}, p.at("No number after minus sign in JSON")
		}
	}
	if p.peek() == '0' {
		if p.i++; isDigit(p.peek()) {
			return value{}, p.at("Unexpected number in JSON")
		}
	}
	p.digits()
	if p.peek() == '.' {
		if p.i++; !isDigit(p.peek()) {
			return value{}, p.at("Unterminated fractional number in JSON")
		}
		p.digits()
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		if p.i++; p.peek() == '+' || p.peek() == '-' {
			p.i++
		}
		if !isDigit(p.peek()) {
			return value{}, p.at("Exponent part is missing a number in JSON")
		}
		p.digits()
	}
	return value{kind: jNumber, text: p.s[start:p.i]}, nil
}

func (p *parser) digits() {
	for isDigit(p.peek()) {
		p.i++
	}
}

// str reads a string. One without escapes is a piece of the text, not a copy.
func (p *parser) str() (string, error) {
	p.i++
	start := p.i
	var b []byte
	for {
		run := p.i
		for p.i < len(p.s) && p.s[p.i] >= ' ' && p.s[p.i] != '"' && p.s[p.i] != '\\' {
			p.i++
		}
		switch c := p.peek(); {
		case p.i >= len(p.s):
			return "", p.at("Unterminated string in JSON")
		case c == '"' && b == nil:
			p.i++
			return p.s[start : p.i-1], nil
		case c == '"':
			b = append(b, p.s[run:p.i]...)
			p.i++
			return string(b), nil
		case c == '\\':
			b = append(b, p.s[run:p.i]...)
			var err error
			if b, err = p.escape(b); err != nil {
				return "", err
			}
		default:
			return "", p.at("Bad control character in string literal in JSON")
		}
	}
}

func (p *parser) escape(b []byte) ([]byte, error) {
	if b == nil {
		b = []byte{}
	}
	p.i++
	if p.i >= len(p.s) {
		return nil, p.unexpected()
	}
	c := p.s[p.i]
	p.i++
	switch c {
	case '"', '\\', '/':
		return append(b, c), nil
	case 'b':
		return append(b, '\b'), nil
	case 'f':
		return append(b, '\f'), nil
	case 'n':
		return append(b, '\n'), nil
	case 'r':
		return append(b, '\r'), nil
	case 't':
		return append(b, '\t'), nil
	case 'u':
		u, err := p.unit()
		if err != nil {
			return nil, err
		}
		return appendUnit(b, u), nil
	}
	p.i--
	return nil, p.at("Bad escaped character in JSON")
}

// unit reads the four hex digits behind \u.
func (p *parser) unit() (uint16, error) {
	var u uint16
	for range 4 {
		d, ok := hexDigit(p.peek())
		if !ok || p.i >= len(p.s) {
			return 0, p.at("Bad Unicode escape in JSON")
		}
		u = u<<4 | uint16(d)
		p.i++
	}
	return u, nil
}

// appendUnit appends one UTF-16 unit. A low surrogate behind a high one makes one character of the two.
func appendUnit(b []byte, u uint16) []byte {
	if n := len(b); u >= 0xDC00 && u <= 0xDFFF && n >= 3 {
		if hi, ok := surrogate(b[n-3:]); ok && hi < 0xDC00 {
			r := (rune(hi)-0xD800)<<10 + (rune(u) - 0xDC00) + 0x10000
			return utf8.AppendRune(b[:n-3], r)
		}
	}
	if u >= 0xD800 && u <= 0xDFFF {
		return append(b, 0xE0|byte(u>>12), 0x80|byte(u>>6)&0x3F, 0x80|byte(u)&0x3F)
	}
	return utf8.AppendRune(b, rune(u))
}

// surrogate reads a lone surrogate at the start of s.
func surrogate[T string | []byte](s T) (uint16, bool) {
	if len(s) < 3 || s[0] != 0xED || s[1] < 0xA0 || s[1] > 0xBF || s[2] < 0x80 || s[2] > 0xBF {
		return 0, false
	}
	return 0xD000 | uint16(s[1]&0x3F)<<6 | uint16(s[2]&0x3F), true
}

func (p *parser) space() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\n' || p.s[p.i] == '\r' || p.s[p.i] == '\t') {
		p.i++
	}
}

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

// at is the error that names a position, counted in UTF-16 units.
func (p *parser) at(message string) error {
	return &syntaxError{message + " at position " + strconv.Itoa(utf16Len(p.s[:min(p.i, len(p.s))]))}
}

// unexpected is the error about what stands where a value should be.
func (p *parser) unexpected() error {
	switch {
	case p.i >= len(p.s):
		return &syntaxError{"Unexpected end of JSON input"}
	case p.s == "NaN" || p.s == "Infinity" || p.s == "undefined" || p.s == "[object Object]":
		return &syntaxError{fmt.Sprintf("%q is not valid JSON", p.s)}
	}
	return p.unexpectedToken()
}

// unexpectedToken names a character and shows ten UTF-16 units around it, or the whole text where that is short.
func (p *parser) unexpectedToken() error {
	const around = 10
	before := utf16.Encode([]rune(tail(p.s[:p.i], 4*around)))
	after := utf16.Encode([]rune(head(p.s[p.i:], 4*around)))
	token := string(utf16.Decode(after[:1]))
	left, right := "", ""
	if long := utf16Len(p.s) > 2*around; long && len(before) >= around {
		before, left = before[len(before)-around:], "..."
	}
	if long := utf16Len(p.s) > 2*around; long && len(after) > around {
		after, right = after[:around], "..."
	}
	shown := string(utf16.Decode(append(before, after...)))
	return &syntaxError{fmt.Sprintf("Unexpected token '%s', %s\"%s\"%s is not valid JSON", token, left, shown, right)}
}

// head returns about the first n bytes of s, whole characters only.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// tail returns about the last n bytes of s, whole characters only.
func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	i := len(s) - n
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// wellFormed returns s with each lone surrogate replaced by U+FFFD, so that it is UTF-8.
func wellFormed(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if _, ok := surrogate(s[i:]); ok {
			b.WriteRune(utf8.RuneError)
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		b.WriteRune(r)
		i += n
	}
	return b.String()
}
