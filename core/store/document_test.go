package store_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// TestDocumentsAreThoseOfJSON: what is written by hand is what encoding/json would write, to the byte.
func TestDocumentsAreThoseOfJSON(t *testing.T) {
	same := func(a core.Response, r core.Receipt) {
		t.Helper()
		ours, standard, err := store.Documents(a, r, []byte("body"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range ours {
			if ours[i] != standard[i] {
				t.Errorf("document %d\n     %s\nwant %s", i, ours[i], standard[i])
			}
		}
	}
	same(core.Response{}, core.Receipt{})
	same(core.Response{Header: core.Header{}, Size: -1}, core.Receipt{Checks: []core.Check{}, Faults: []string{}, Verdict: &core.Verdict{}})
	texts := []string{"", "plain", `a "quoted" \ one`, "<b>&amp;</b>", "a\tb\nc\rd\x00e\x1f\x7f", "caf\xe9", "café ✓ \u2028\u2029 \U0001f600", "\xff\xfe", "\ufffd"}
	for _, s := range texts {
		a, r := documents(func() string { return s })
		same(a, r)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		a, r := documents(func() string {
			b := make([]byte, rnd.IntN(12))
			for i := range b {
				b[i] = byte(rnd.UintN(256))
			}
			return string(b)
		})
		same(a, r)
	}
}

// documents are an answer and a receipt with every field that there is set to something, so that none is forgotten that
// comes later.
func documents(text func() string) (a core.Response, r core.Receipt) {
	fill(reflect.ValueOf(&a).Elem(), text)
	fill(reflect.ValueOf(&r).Elem(), text)
	return a, r
}

func fill(v reflect.Value, text func() string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint('b')
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), text)
			}
		}
	}
}
