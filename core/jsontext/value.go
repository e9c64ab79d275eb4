// Package jsontext is JSON as it was written, read once and printed in any serialiser's manner.
//
// Signatures are made over bytes, and the programs that make and check them read JSON and print it again: each with
// its own idea of numbers, escapes, order and repeated names. encoding/json loses all four. So [Reader] keeps the text
// and only notes where its values stand, and a [Dialect] prints them as one serialiser would have. Nothing here does I/O.
//
// Text is a Go string that may hold lone surrogates, each as the three bytes that UTF-8 would give it: JavaScript and
// Python have such strings, and \ud800 writes one.
package jsontext

import (
	"iter"
	"strings"
)

// Kind is the type of a value.
type Kind byte

// The kinds of JSON values.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Value is a value of a text that was read but not decoded: digits, escapes, order and repeats are still at hand.
// The zero Value is null.
type Value struct {
	doc *document
	at  uint32
}

// document is the text and a tape of its values, 16 bytes for each. The members of an object follow it as name, value,
// name, value; next is where the tape goes on behind the whole value.
type document struct {
	text string
	tape []node
}

type node struct {
	kind       Kind
	start, end uint32
	next       uint32
}

// Text is a value of that text.
func Text(s string) Value {
	lit := string(JavaScript.Quote(nil, s))
	return Value{doc: &document{lit, []node{{String, 0, uint32(len(lit)), 1}}}}
}

// document is that of v; the zero Value has one too.
func (v Value) document() *document {
	if v.doc == nil {
		return &null
	}
	return v.doc
}

var null = document{"null", []node{{Null, 0, 4, 1}}}

// Kind returns the type of v.
func (v Value) Kind() Kind { return v.document().tape[v.at].kind }

// Source returns v as it stands in the text.
func (v Value) Source() string {
	d := v.document()
	return d.text[d.tape[v.at].start:d.tape[v.at].end]
}

// Text returns what a string means, and the source of anything else.
func (v Value) Text() string {
	if v.Kind() == String {
		return decode(v.doc.literal(v.at))
	}
	return v.Source()
}

// literal is the source of a value; for a string, without the quotes.
func (d *document) literal(at uint32) string {
	n := d.tape[at]
	if n.kind == String {
		return d.text[n.start+1 : n.end-1]
	}
	return d.text[n.start:n.end]
}

func decode(lit string) string {
	var b []byte
	for i := strings.IndexByte(lit, '\\'); i >= 0; i = strings.IndexByte(lit, '\\') {
		r, n := DecodeEscape(lit[i:])
		b, lit = appendRune(append(b, lit[:i]...), r), lit[i+n:]
	}
	if b == nil {
		return lit
	}
	return string(append(b, lit...))
}

// Items are the values of an array.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for k, end := v.inside(Array); k < end && yield(Value{v.doc, k}); {
			k = v.doc.tape[k].next
		}
	}
}

// Members are the names and values of an object as they were written, repeated names too.
func (v Value) Members() iter.Seq2[Value, Value] {
	return func(yield func(name, value Value) bool) {
		for k, end := v.inside(Object); k < end && yield(Value{v.doc, k}, Value{v.doc, k + 1}); {
			k = v.doc.tape[k+1].next
		}
	}
}

// inside is where the tape of a value of that kind begins and ends.
func (v Value) inside(kind Kind) (from, end uint32) {
	if v.Kind() != kind {
		return 0, 0
	}
	return v.at + 1, v.doc.tape[v.at].next
}

// First is the first item of an array; null where there is none.
func (v Value) First() Value {
	for item := range v.Items() {
		return item
	}
	return Value{}
}

// Len is the number of items or members as written.
func (v Value) Len() (n int) {
	for range v.Items() {
		n++
	}
	for range v.Members() {
		n++
	}
	return n
}

// Get returns an object's member of that name, the last of a repeated one; false where there is none, and for
// anything but an object.
func (v Value) Get(name string) (found Value, ok bool) {
	for n, m := range v.Members() {
		if n.Text() == name {
			found, ok = m, true
		}
	}
	return found, ok
}
