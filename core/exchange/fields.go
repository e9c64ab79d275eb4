package exchange

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// fields is an object of a workspace file being read: each take removes a key and checks its type, and what is left
// at the end is unknown. The first mistake is kept; everything after it is harmless.
type fields struct {
	path  string
	m     map[string]any
	known []string
	err   *error
}

func newFields(v any, path string, err *error) *fields {
	m, ok := v.(map[string]any)
	f := &fields{path: path, m: m, err: err}
	if !ok {
		f.fail("", "want an object")
		f.m = map[string]any{}
	}
	return f
}

func (f *fields) fail(key, reason string) {
	if *f.err == nil {
		path := f.path
		if key != "" {
			path = under(f.path, key)
		}
		*f.err = &core.Invalid{Field: path, Reason: reason}
	}
}

func (f *fields) take(key string) (any, bool) {
	f.known = append(f.known, key)
	v, ok := f.m[key]
	delete(f.m, key)
	return v, ok && v != nil
}

func (f *fields) text(key, fallback string) string {
	v, ok := f.take(key)
	if !ok {
		return fallback
	}
	s, ok := v.(string)
	if !ok {
		f.fail(key, "want a text")
	}
	return s
}

func (f *fields) flag(key string, fallback bool) bool {
	v, ok := f.take(key)
	if !ok {
		return fallback
	}
	b, ok := v.(bool)
	if !ok {
		f.fail(key, "want true or false")
	}
	return b
}

func (f *fields) number(key string, fallback, low, high float64) float64 {
	v, ok := f.take(key)
	if !ok {
		return fallback
	}
	n, ok := v.(float64)
	if !ok || n < low || n > high {
		f.fail(key, fmt.Sprintf("want a number from %v to %v", low, high))
	}
	return n
}

func (f *fields) whole(key string, fallback, low, high int64) int64 {
	n := f.number(key, float64(fallback), float64(low), float64(high))
	if n != float64(int64(n)) {
		f.fail(key, "want a whole number")
	}
	return int64(n)
}

func (f *fields) millis(key string) time.Duration {
	return fromMillis(f.number(key, 0, 0, 86_400_000))
}

func (f *fields) seconds(key string, fallback float64) time.Duration {
	return inSeconds(f.number(key, fallback, 0, 1e9))
}

func (f *fields) choice(key, fallback string, choices ...string) string {
	s := f.text(key, fallback)
	for _, c := range choices {
		if s == c {
			return s
		}
	}
	f.fail(key, "want "+strings.Join(choices[:len(choices)-1], ", ")+" or "+choices[len(choices)-1])
	return s
}

func (f *fields) object(key string) *fields {
	v, ok := f.take(key)
	if !ok {
		return nil
	}
	return newFields(v, under(f.path, key), f.err)
}

func (f *fields) list(key string) []any {
	v, ok := f.take(key)
	if !ok {
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		f.fail(key, "want a list")
	}
	return l
}

// header reads an object of header values, in the order of the alphabet, or a list of [name, value] where order and repeats
// matter. Names keep their spelling.
func (f *fields) header(key string) core.Header {
	if list, ok := f.m[key].([]any); ok {
		f.take(key)
		return f.headerList(key, list)
	}
	o := f.object(key)
	if o == nil {
		return nil
	}
	var h core.Header
	for _, name := range sortedKeys(o.m) {
		v, ok := o.m[name].(string)
		if !ok {
			o.fail(name, "want a text")
		}
		h = append(h, core.Field{Name: name, Value: v})
	}
	return h
}

func (f *fields) headerList(key string, list []any) core.Header {
	var h core.Header
	for i, v := range list {
		pair, _ := v.([]any)
		path := fmt.Sprintf("%s[%d]", key, i)
		if len(pair) != 2 {
			f.fail(path, "want [name, value]")
			continue
		}
		name, isName := pair[0].(string)
		value, isText := pair[1].(string)
		if !isName || !isText {
			f.fail(path, "want two texts")
		}
		h = append(h, core.Field{Name: name, Value: value})
	}
	return h
}

// done refuses what nobody took.
func (f *fields) done() {
	for _, key := range sortedKeys(f.m) {
		f.fail(key, "unknown key; known are "+strings.Join(f.known, ", "))
	}
}

func sortedKeys[M ~map[string]any](m M) []string { return slices.Sorted(maps.Keys(m)) }
