package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// Object is an object of a document being read: each method that is given a key takes it away and checks its type, and what
// is left at the end is unknown. The first mistake is kept; everything after it is harmless.
type Object struct {
	path  string
	m     map[string]any
	known []string
	err   *error
}

// Document is the object that a whole document is. Its fields are named without a path before them.
func Document(data []byte, err *error) *Object {
	v, wrong := Read(data)
	if wrong != nil {
		*err = wrong
		return &Object{m: map[string]any{}, err: err}
	}
	return ObjectOf(v, "", err)
}

// ObjectOf takes a value for an object. The first mistake that is made with it goes to err.
func ObjectOf(v any, path string, err *error) *Object {
	m, ok := v.(map[string]any)
	o := &Object{path: path, m: m, err: err}
	if !ok {
		o.Fail("", "want an object")
		o.m = map[string]any{}
	}
	return o
}

// At is the path of a key.
func (o *Object) At(key string) string { return under(o.path, key) }

// Fail refuses a key, or with an empty one the object.
func (o *Object) Fail(key, reason string) {
	if *o.err == nil {
		path := o.path
		if key != "" {
			path = o.At(key)
		}
		*o.err = &core.Invalid{Field: orFile(path), Reason: reason}
	}
}

// FailAs passes on what somebody else refuses, under the path of this object. nil is nothing.
func (o *Object) FailAs(err error) {
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		o.Fail(invalid.Field, invalid.Reason)
	} else if err != nil {
		o.Fail("", err.Error())
	}
}

// Take takes a value of any type; false where there is none, or null.
func (o *Object) Take(key string) (any, bool) {
	o.known = append(o.known, key)
	v, ok := o.m[key]
	delete(o.m, key)
	return v, ok && v != nil
}

// Has reports whether there is a value that nobody took yet.
func (o *Object) Has(key string) bool { _, ok := o.m[key]; return ok }

// Rest is what nobody took, for somebody else to check. Numbers are float64, as encoding/json has them.
func (o *Object) Rest() map[string]any { return plain(o.m).(map[string]any) }

func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Float64() // Read has seen that it is one
		return n
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = plain(v[key])
		}
		return out
	}
	return v
}

// Text takes a text.
func (o *Object) Text(key, fallback string) string {
	v, ok := o.Take(key)
	if !ok {
		return fallback
	}
	s, ok := v.(string)
	if !ok {
		o.Fail(key, "want a text")
	}
	return s
}

// Flag takes true or false.
func (o *Object) Flag(key string, fallback bool) bool {
	v, ok := o.Take(key)
	if !ok {
		return fallback
	}
	b, ok := v.(bool)
	if !ok {
		o.Fail(key, "want true or false")
	}
	return b
}

// Number takes a number within bounds.
func (o *Object) Number(key string, fallback, low, high float64) float64 {
	v, ok := o.Take(key)
	if !ok {
		return fallback
	}
	n, ok := NumberOf(v)
	if !ok || n < low || n > high {
		o.Fail(key, "want a number from "+core.Plain(low)+" to "+core.Plain(high))
	}
	return n
}

// Whole takes a whole number within bounds.
func (o *Object) Whole(key string, fallback, low, high int64) int64 {
	n := o.Number(key, float64(fallback), float64(low), float64(high))
	if n != float64(int64(n)) {
		o.Fail(key, "want a whole number")
	}
	return int64(n)
}

// Millis takes a number of milliseconds, up to a day.
func (o *Object) Millis(key string) time.Duration {
	return Span(o.Number(key, 0, 0, 86_400_000) / 1000)
}

// Seconds takes a number of seconds.
func (o *Object) Seconds(key string, fallback float64) time.Duration {
	return Span(o.Number(key, fallback, 0, 1e9))
}

// Choice takes one of a few words.
func (o *Object) Choice(key, fallback string, choices ...string) string {
	s := o.Text(key, fallback)
	for _, c := range choices {
		if s == c {
			return s
		}
	}
	o.Fail(key, "want "+core.OrList(slices.DeleteFunc(slices.Clone(choices), func(c string) bool { return c == "" })))
	return s
}

// Object takes an object; nil where there is none.
func (o *Object) Object(key string) *Object {
	v, ok := o.Take(key)
	if !ok {
		return nil
	}
	return o.Within(key, v)
}

// Within takes a value that was taken for an object. Its mistakes are those of o.
func (o *Object) Within(key string, v any) *Object { return ObjectOf(v, o.At(key), o.err) }

// Keys are what nobody took yet, sorted.
func (o *Object) Keys() []string { return slices.Sorted(maps.Keys(o.m)) }

// List takes a list.
func (o *Object) List(key string) []any {
	v, ok := o.Take(key)
	if !ok {
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		o.Fail(key, "want a list")
	}
	return l
}

// Numbers takes a list of numbers within bounds; want says what each is to be.
func (o *Object) Numbers(key string, low, high float64, want string) (all []float64) {
	for i, v := range o.List(key) {
		n, ok := NumberOf(v)
		if !ok || n < low || n > high {
			o.Fail(fmt.Sprintf("%s[%d]", key, i), "want "+want)
		}
		all = append(all, n)
	}
	return all
}

// Wholes takes a list of whole numbers within bounds; want says what each is to be.
func (o *Object) Wholes(key string, low, high int, want string) (all []int) {
	for i, n := range o.Numbers(key, float64(low), float64(high), want) {
		if n != math.Trunc(n) {
			o.Fail(fmt.Sprintf("%s[%d]", key, i), "want "+want)
		}
		all = append(all, int(n))
	}
	return all
}

// Done refuses what nobody took.
func (o *Object) Done() {
	for _, key := range o.Keys() {
		o.Fail(key, "unknown key; known are "+strings.Join(o.known, ", "))
	}
}

// NumberOf is the value of a number, and whether it is one.
func NumberOf(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// Span makes a duration of seconds: to the nanosecond, and no longer than one can be.
func Span(seconds float64) time.Duration {
	ns := math.Round(seconds * float64(time.Second))
	if !(math.Abs(ns) < math.MaxInt64) {
		return 0
	}
	return time.Duration(ns)
}
