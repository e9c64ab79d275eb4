package jsontext

import (
	"fmt"
	"strconv"
	"unicode/utf16"
)

// SyntaxError is what V8 says about a text that is no JSON; some platforms decide by these words.
type SyntaxError struct{ message string }

func (e *SyntaxError) Error() string { return e.message }

// at is the error that names a position, counted in UTF-16 units.
func (p *parser) at(message string) error {
	return &SyntaxError{message + " at position " + strconv.Itoa(UTF16Len(p.text[:min(p.i, len(p.text))]))}
}

// unexpected is the error about what stands where a value should be.
func (p *parser) unexpected() error {
	switch {
	case p.i >= len(p.text):
		return &SyntaxError{"Unexpected end of JSON input"}
	case p.text == "NaN" || p.text == "Infinity" || p.text == "undefined" || p.text == "[object Object]":
		return &SyntaxError{fmt.Sprintf("%q is not valid JSON", p.text)}
	}
	return UnexpectedToken(p.text, p.i)
}

// UnexpectedToken names the character at i and shows ten UTF-16 units around it, or the whole text where that is short.
func UnexpectedToken(text string, i int) error {
	const around = 10
	before, after := utf16.Encode([]rune(text[max(0, i-8*around):i])), text[i:]
	left, right := "", ""
	if UTF16Len(text) > 2*around {
		if len(before) >= around {
			before, left = before[len(before)-around:], "..."
		}
		if short := UTF16Head(after, around); len(short) < len(after) {
			after, right = short, "..."
		}
	}
	token, shown := WellFormed(UTF16Head(text[i:], 1)), string(utf16.Decode(before))+WellFormed(after)
	return &SyntaxError{fmt.Sprintf("Unexpected token '%s', %s\"%s\"%s is not valid JSON", token, left, shown, right)}
}
