package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// FuzzQuery: whatever is typed into the filter is refused with the word to correct, or runs.
func FuzzQuery(f *testing.F) {
	for _, k := range store.Keys() {
		f.Add(k.Example)
	}
	f.Add(`-"a b:c" status:>=400,5xx size:1e300kb since:1e9d id:1-2,3 body:"`)
	f.Add("since:9223372036854775807s id:9223372036854775808 took:>1e309ms status:99999999999999999999")
	s, err := store.Open(f.Context(), filepath.Join(f.TempDir(), "h.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	keep(f, s, 3, nil)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := store.ParseQuery(text, noon)
		var invalid *core.Invalid
		if err != nil {
			if !errors.As(err, &invalid) || invalid.Reason == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		all, err := s.CaptureIDs(t.Context(), q, 0)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if rows, err := s.Captures(t.Context(), q, 0, 10); err != nil || len(rows) != len(all) {
			t.Fatalf("%q: %d rows, %d ids, %v", text, len(rows), len(all), err)
		}
		if again, err := store.ParseQuery(q.String(), noon); err != nil || again.Everything() != q.Everything() {
			t.Fatalf("%q is read as %q the second time: %v", text, q, err)
		}
	})
}

// FuzzRow: a history may come from anywhere, and what stands in a row is read or refused, whatever it is.
func FuzzRow(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\nA: 1\r\n\r\n"), `[]`, []byte("body"), `{"s":200}`, `{}`)
	f.Add([]byte(nil), `[{"Name":"a","Value":"b"}]`, []byte(nil), `{"s":-1,"h":null,"n":-5}`, `{"checks":[{}],"verdict":{"parts":[{"from":9,"to":-3}]}}`)
	f.Add([]byte("\n\n"), `null`, []byte{0xff}, `{`, `[1]`)
	path := filepath.Join(f.TempDir(), "h.db")
	s, err := store.Open(f.Context(), path)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	keep(f, s, 1, nil)
	f.Fuzz(func(t *testing.T, head []byte, header string, body []byte, answer, receipt string) {
		raw(t, path, "UPDATE capture_body SET head=?, header=?, body=?, answer=?, receipt=? WHERE id=1", head, header, append([]byte{}, body...), answer, receipt)
		c, err := s.Capture(t.Context(), 1)
		if err == nil && string(c.Request.Body) != string(body) {
			t.Errorf("body %q is read as %q", body, c.Request.Body)
		}
	})
}
