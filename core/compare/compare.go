// Package compare says in what two requests differ: method, target, header fields, and the body by its JSON, where it has any.
// It does no I/O.
package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"

	"hookglass/core"
	"hookglass/core/jsontext"
)

// The parts of a request that may differ.
const (
	Method = "method"
	Target = "target"
	Header = "header"
	Body   = "body"
)

// Difference is one thing that two requests do not have in common. A and B are JSON: a value of a JSON body as it was written, or
// a text. One of them is nil where that side has no such thing.
type Difference struct {
	Part string          `json:"part"`
	Path string          `json:"path,omitempty"` // a field's name, or where a value stands: "data.items.0.id"
	A    json.RawMessage `json:"a,omitempty"`
	B    json.RawMessage `json:"b,omitempty"`
	Note string          `json:"note,omitempty"` // what A and B do not show
}

// Requests are all differences of two requests, in the order method, target, header fields, body. What ignore names does not
// count: see [Ignored]. The order of header fields and of members, the case of header names, and how JSON is written do not count
// either.
func Requests(a, b *core.Request, ignore []string) (all []Difference) {
	add := func(part, a, b string) {
		if a != b && !Ignored(part, part, ignore) {
			all = append(all, Difference{Part: part, A: text(a), B: text(b)})
		}
	}
	add(Method, a.Method, b.Method)
	add(Target, a.Target, b.Target)
	all = append(all, headers(a.Header, b.Header, ignore)...)
	return append(all, Bodies(a.Body, b.Body, ignore)...)
}

// Ignored reports whether a place is among those that do not count: a bare name means it at any depth, else the whole path is
// matched, with "*" for one level. A header field is ignored as "header:Date".
func Ignored(at, name string, patterns []string) bool {
	slashed := strings.NewReplacer(".", "/")
	for _, p := range patterns {
		if !strings.Contains(p, ".") {
			if p == name {
				return true
			}
			continue
		}
		if ok, err := path.Match(slashed.Replace(p), slashed.Replace(at)); err == nil && ok {
			return true
		}
	}
	return false
}

func headers(a, b core.Header, ignore []string) (all []Difference) {
	var names []string
	for _, f := range slices.Concat(a, b) {
		same := func(n string) bool { return strings.EqualFold(n, f.Name) }
		if !slices.ContainsFunc(names, same) {
			names = append(names, f.Name)
		}
	}
	for _, name := range names {
		if slices.ContainsFunc(ignore, func(p string) bool {
			field, ok := strings.CutPrefix(p, "header:")
			return ok && strings.EqualFold(field, name)
		}) {
			continue
		}
		left, right := valuesOf(a, name), valuesOf(b, name)
		for i := range max(len(left), len(right)) {
			d := Difference{Part: Header, Path: name}
			if i < len(left) {
				d.A = text(left[i])
			}
			if i < len(right) {
				d.B = text(right[i])
			}
			if !bytes.Equal(d.A, d.B) {
				all = append(all, d)
			}
		}
	}
	return all
}

func valuesOf(h core.Header, name string) (values []string) {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// deepest bounds how deep a body is looked into.
const deepest = 512

// Bodies are the differences of two bodies: by their values where both are JSON, else by their lines, or their bytes.
func Bodies(a, b []byte, ignore []string) []Difference {
	if bytes.Equal(a, b) {
		return nil
	}
	reader := jsontext.Reader{Depth: deepest}
	left, errA := reader.Read(string(bytes.TrimPrefix(a, []byte("\ufeff"))))
	right, errB := reader.Read(string(bytes.TrimPrefix(b, []byte("\ufeff"))))
	switch {
	case errA == nil && errB == nil:
		w := walk{ignore: ignore}
		w.value("", "", left, right)
		return w.all
	case utf8.Valid(a) && utf8.Valid(b):
		return lines(string(a), string(b))
	}
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return []Difference{{Part: Body, Note: fmt.Sprintf("%d and %d bytes, from byte %d on others", len(a), len(b), at)}}
}

// lines are runs of lines that differ, by the number of the first.
func lines(a, b string) (all []Difference) {
	for _, e := range udiff.Lines(a, b) {
		d := Difference{Part: Body, Path: "line " + strconv.Itoa(1+strings.Count(a[:e.Start], "\n"))}
		if old := a[e.Start:e.End]; old != "" {
			d.A = text(old)
		}
		if e.New != "" {
			d.B = text(e.New)
		}
		all = append(all, d)
	}
	return all
}

type walk struct {
	ignore []string
	all    []Difference
}

// value compares two values at a path whose last name is name.
func (w *walk) value(at, name string, a, b jsontext.Value) {
	switch {
	case at != "" && Ignored(at, name, w.ignore):
	case a.Kind() != b.Kind():
		w.differ(at, a, b)
	case a.Kind() == jsontext.Object:
		w.members(at, a, b)
	case a.Kind() == jsontext.Array:
		w.items(at, a, b)
	case a.Kind() == jsontext.String && a.Text() != b.Text(), a.Kind() == jsontext.Bool && a.Source() != b.Source(), a.Kind() == jsontext.Number && !sameNumber(a, b):
		w.differ(at, a, b)
	}
}

func (w *walk) members(at string, a, b jsontext.Value) {
	seen := map[string]bool{}
	right := lastOf(b)
	for name := range a.Members() {
		key := name.Text()
		if seen[key] {
			continue
		}
		seen[key] = true
		left, _ := a.Get(key)
		if other, ok := right[key]; ok {
			w.value(join(at, key), key, left, other)
		} else {
			w.alone(join(at, key), key, left, true)
		}
	}
	for name, v := range b.Members() {
		if key := name.Text(); !seen[key] {
			seen[key] = true
			w.alone(join(at, key), key, v, false)
		}
	}
}

// lastOf are the members of an object, of a repeated name the last.
func lastOf(v jsontext.Value) map[string]jsontext.Value {
	all := map[string]jsontext.Value{}
	for name, v := range v.Members() {
		all[name.Text()] = v
	}
	return all
}

func (w *walk) items(at string, a, b jsontext.Value) {
	left, right := slices.Collect(a.Items()), slices.Collect(b.Items())
	for i := range max(len(left), len(right)) {
		name := strconv.Itoa(i)
		switch {
		case i >= len(right):
			w.alone(join(at, name), name, left[i], true)
		case i >= len(left):
			w.alone(join(at, name), name, right[i], false)
		default:
			w.value(join(at, name), name, left[i], right[i])
		}
	}
}

// alone is a value that one side has and the other has not.
func (w *walk) alone(at, name string, v jsontext.Value, left bool) {
	if Ignored(at, name, w.ignore) {
		return
	}
	d := Difference{Part: Body, Path: at}
	if left {
		d.A = written(v)
	} else {
		d.B = written(v)
	}
	w.all = append(w.all, d)
}

func (w *walk) differ(at string, a, b jsontext.Value) {
	w.all = append(w.all, Difference{Part: Body, Path: at, A: written(a), B: written(b)})
}

func written(v jsontext.Value) json.RawMessage { return jsontext.AsWritten.Append(nil, v) }

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// sameNumber compares by value, so that 1, 1.0 and 1e0 are the same; numbers that are too long for that, by how they are written.
func sameNumber(a, b jsontext.Value) bool {
	x, y := a.Source(), b.Source()
	if x == y {
		return true
	}
	m, okA := rational(x)
	n, okB := rational(y)
	return okA && okB && m.Cmp(n) == 0
}

func rational(s string) (*big.Rat, bool) {
	const longest, most = 100, 4 // digits, of the whole and of an exponent: more would be a sum to work on for hours
	_, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if len(s) > longest || len(strings.TrimLeft(exponent, "+-")) > most {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func text(s string) json.RawMessage {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.Encode(s) // a text can always be written
	return bytes.TrimSpace(out.Bytes())
}
