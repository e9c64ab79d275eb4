package view_test

import (
	"bytes"
	"testing"

	"hookglass/ui/view"
)

// Whatever arrives, every renderer shows it without a panic, and what is shown covers it in order.
func FuzzRenderers(f *testing.F) {
	f.Add("application/json", "", []byte(`{"a":[1,"x\"",null]}`))
	f.Add("text/xml", "", []byte("<a><b>x</b><c/></a>"))
	f.Add("multipart/form-data; boundary=b", "", []byte(multi))
	f.Add("application/x-www-form-urlencoded", "gzip", []byte("a=%zz&b"))
	f.Fuzz(func(t *testing.T, contentType, encoding string, body []byte) {
		b := view.Body{Type: contentType, Encoding: encoding, Bytes: body}
		for _, r := range view.Fitting(&b) {
			rows, _ := r.Render(&b)
			for i := range rows.Len() {
				row, last := rows.Row(i), 0
				rows.Spans(i, func(start, end int, class string) {
					if start < last || end < start || end > len(row) {
						t.Fatalf("%s: span [%d, %d) of a row of %d bytes, after %d", r.Name(), start, end, len(row), last)
					}
					last = end
				})
				rows.Gutter(i)
			}
		}
	})
}

func FuzzTextKeepsEveryByte(f *testing.F) {
	f.Add([]byte("a\r\nb\n\n\xff日本"), 3)
	f.Fuzz(func(t *testing.T, body []byte, cols int) {
		text := view.NewText(body, "json").Wrapped(min(max(cols, 0), 300), nil)
		var back bytes.Buffer
		for i := range text.Len() {
			if i > 0 && !text.Continues(i) {
				back.WriteByte('\n')
			}
			back.WriteString(text.Row(i))
		}
		if want := bytes.TrimSuffix(body, []byte("\n")); !bytes.Equal(bytes.TrimSuffix(back.Bytes(), []byte("\n")), bytes.TrimSuffix(want, []byte("\n"))) {
			t.Fatalf("came back as %q, want %q", back.Bytes(), want)
		}
	})
}

func FuzzTree(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x\"",null],"b":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		tree, err := view.ParseTree(body)
		if err != nil {
			return
		}
		tree.OpenAll(true)
		for i := range tree.Len() {
			tree.Value(i)
			tree.Path(i)
			if _, err := view.ParseTree([]byte(tree.Raw(i))); err != nil {
				t.Fatalf("row %d holds %q, which is no JSON: %v", i, tree.Raw(i), err)
			}
		}
	})
}

func FuzzDiff(f *testing.F) {
	f.Add([]byte(`{"a":1}`), []byte(`{"a":2,"b":[]}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, o := range []view.DiffOptions{{Context: 2}, {Context: -1, JSON: true, Sort: true, Ignore: []string{"a"}}} {
			d := view.NewDiff(a, b, o)
			for i := range d.Len() {
				d.Row(i)
				d.Gutter(i)
				d.Spans(i, func(int, int, string) {})
			}
			if !view.NewDiff(a, a, o).Same() {
				t.Fatal("a text differs from itself")
			}
		}
	})
}
