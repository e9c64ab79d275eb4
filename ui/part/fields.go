package part

import (
	"cmp"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/ui/control"
)

// Fields are the fields of a form by the names under which the core says what is wrong.
type Fields map[string]*control.Field

// Add makes a field of one line.
func (f Fields) Add(name, label, value string, change func()) *control.Field {
	field := control.NewField(label, "", func(string) { change() })
	field.SetQuiet(value)
	f[name] = field
	return field
}

// Hinted says in an empty field what that means.
func Hinted(hint string, f *control.Field) *control.Field {
	f.SetPlaceholder(hint)
	return f
}

// Show puts a problem at its field, and takes all others away. It returns that field, or nil where none has that name.
func (f Fields) Show(invalid *core.Invalid) *control.Field {
	at := ""
	if invalid != nil {
		at, _, _ = strings.Cut(invalid.Field, "[")
		if _, ok := f[at]; !ok {
			at, _, _ = strings.Cut(at, ".")
		}
	}
	for name, field := range f {
		if name != at {
			field.SetProblem("")
		}
	}
	field := f[at]
	if field != nil {
		field.SetProblem(core.Capital(invalid.Reason))
	}
	return field
}

// Reader reads fields one after the other and keeps the first mistake.
type Reader struct {
	Fields Fields
	Wrong  *core.Invalid
}

// Fail notes a mistake.
func (r *Reader) Fail(name, reason string) {
	if r.Wrong == nil && reason != "" {
		r.Wrong = &core.Invalid{Field: name, Reason: reason}
	}
}

// Take notes the mistake of the reader of other fields.
func (r *Reader) Take(other *Reader) {
	if r.Wrong == nil {
		r.Wrong = other.Wrong
	}
}

// Number reads a number; nothing is fallback.
func (r *Reader) Number(name string, fallback float64, b Bounds) float64 {
	n, given, reason := ReadNumber(r.Fields[name].Text(), b)
	r.Fail(name, reason)
	if !given || reason != "" {
		return fallback
	}
	return n
}

// Whole reads a whole number of at least least, and at most most where that is not 0.
func (r *Reader) Whole(name string, fallback, least, most int) int {
	b := Bounds{float64(least), cmp.Or(float64(most), 1e9), true}
	n := r.Number(name, float64(fallback), b)
	if n < b.Least {
		r.Fail(name, "want "+b.words())
	}
	return int(n)
}

// Share reads a percentage as a share; nothing is fallback.
func (r *Reader) Share(name string, fallback float64) float64 {
	share, given, reason := ReadShare(r.Fields[name].Text())
	r.Fail(name, reason)
	if !given {
		return fallback
	}
	return share
}

// Size reads bytes.
func (r *Reader) Size(name string, most int64) int64 {
	n, reason := ReadSize(r.Fields[name].Text(), most)
	r.Fail(name, reason)
	return n
}

// Span reads a time.
func (r *Reader) Span(name string) time.Duration {
	d, reason := ReadSpan(r.Fields[name].Text())
	r.Fail(name, reason)
	return d
}

// Spans reads times with commas between.
func (r *Reader) Spans(name string) []time.Duration {
	ds, reason := ReadSpans(r.Fields[name].Text())
	r.Fail(name, reason)
	return ds
}

// Header reads one field a line.
func (r *Reader) Header(name string) core.Header {
	h, reason := ReadHeader(r.Fields[name].Text())
	r.Fail(name, reason)
	return h
}
