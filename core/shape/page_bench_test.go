package shape_test

import (
	"fmt"
	"testing"

	"hookglass/core/shape"
)

// wide is an event with thousands of places.
func wide(t testing.TB) *shape.Shape {
	l := shape.NewLearner(shape.New())
	for i := range 300 {
		body := []byte("{")
		for k := range 40 {
			body = fmt.Appendf(body, `"m%c%c":{"id":"x_%d","n":%d,"list":[{"a":%d,"b":"text"}]},`, 'a'+byte(k%26), 'a'+byte((k+i)/26%26), i, i, k)
		}
		v, ok := shape.Parse(append(body, `"end":true}`...), true)
		if !ok {
			t.Fatal("no JSON")
		}
		l.Learn(v, mark(i+1))
	}
	doc, err := l.Encode()
	if err != nil {
		t.Fatal(err)
	}
	s, err := shape.Decode(doc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// BenchmarkPage is what a page of an event with many places takes: what is kept of it is read, listed and written as code.
func BenchmarkPage(b *testing.B) {
	doc, err := wide(b).Encode()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := shape.Decode(doc); err != nil {
				b.Fatal(err)
			}
		}
	})
	s, _ := shape.Decode(doc)
	b.Run("outline", func(b *testing.B) {
		for b.Loop() {
			s.Outline()
		}
	})
	for _, format := range shape.ExportNames() {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				shape.Write(format, []shape.Named{{Event: "wide", Source: "s", Shape: s}})
			}
		})
	}
}
