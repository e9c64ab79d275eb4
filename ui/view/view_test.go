package view_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"hookglass/ui/view"
)

func rowsOf(r view.Rows) []string {
	var out []string
	for i := range r.Len() {
		out = append(out, r.Row(i))
	}
	return out
}

// classes writes the spans of a row as "class:text".
func classes(r view.Rows, i int) string {
	row := r.Row(i)
	var out []string
	r.Spans(i, func(start, end int, class string) { out = append(out, class+":"+row[start:end]) })
	return strings.Join(out, " ")
}

func TestTextRowsAndLines(t *testing.T) {
	for _, c := range []struct {
		name, text string
		cols       int
		want, nums string
	}{
		{"lines", "a\nb\n", 0, `["a" "b"]`, `["1" "2"]`},
		{"no line feed at the end", "a\nb", 0, `["a" "b"]`, `["1" "2"]`},
		{"empty lines", "\n\nx", 0, `["" "" "x"]`, `["1" "2" "3"]`},
		{"empty", "", 0, `[""]`, `["1"]`},
		{"carriage returns stay", "a\r\nb", 0, `["a\r" "b"]`, `["1" "2"]`},
		{"wrapped", "abcdefgh\nxy", 3, `["abc" "def" "gh" "xy"]`, `["1" "" "" "2"]`},
		{"wrapped between characters", "äöüß", 3, `["äöü" "ß"]`, `["1" ""]`},
		{"wrapped where it fits exactly", "abcdef", 3, `["abc" "def"]`, `["1" ""]`},
	} {
		text := view.NewText([]byte(c.text), "")
		if c.cols > 0 {
			text = text.Wrapped(c.cols, nil)
		}
		var nums []string
		for i := range text.Len() {
			nums = append(nums, text.Gutter(i))
		}
		if got := fmt.Sprintf("%q", rowsOf(text)); got != c.want {
			t.Errorf("%s: rows %s, want %s", c.name, got, c.want)
		}
		if got := fmt.Sprintf("%q", nums); got != c.nums {
			t.Errorf("%s: numbers %s, want %s", c.name, got, c.nums)
		}
	}
}

func TestTextUsesTheFitOfItsWindow(t *testing.T) {
	wide := func(line string, cols int) int { return len([]rune(line)[0:1]) * 3 } // one character a row
	got := fmt.Sprintf("%q", rowsOf(view.NewText([]byte("日本"), "").Wrapped(2, wide)))
	if got != `["日" "本"]` {
		t.Errorf("rows %s", got)
	}
}

func TestJSONColours(t *testing.T) {
	text := view.NewText([]byte(`  "a b": ["x\"y", -1.5e3, true, null]`), "json")
	want := `key:"a b" punct:: punct:[ string:"x\"y" punct:, number:-1.5e3 punct:, literal:true punct:, literal:null punct:]`
	if got := classes(text, 0); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	long := view.NewText([]byte(`{"k":"`+strings.Repeat("v", 30)+`","n":1}`), "json").Wrapped(10, nil)
	if got := classes(long, 1); got != "string:vvvvvvvvvv" {
		t.Errorf("a row inside a string: %s", got)
	}
	if got := classes(long, 4); !strings.Contains(got, "number:1") {
		t.Errorf("behind the string: %s", got)
	}
}

func TestFindAll(t *testing.T) {
	text := view.NewText([]byte("Refund\nxx refund\nREFU"+"nd"), "").Wrapped(5, nil)
	var got []string
	text.FindAll("refund", 10, func(row, at, length int) { got = append(got, fmt.Sprint(row, at, length)) })
	if want := "[0 0 6 2 3 6 4 0 6]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
	n := 0
	text.FindAll("f", 2, func(int, int, int) { n++ })
	if n != 2 {
		t.Errorf("asked for two at most, got %d", n)
	}
	text.FindAll("zzz", 2, func(int, int, int) { t.Error("found what is not there") })
	text.FindAll("", 2, func(int, int, int) { t.Error("found nothing at all") })
}

func TestPrettyJSONChangesOnlyWhiteSpace(t *testing.T) {
	in := "\ufeff" + `{"n":1.0e+05,"big":12345678901234567890,"u":"\u00e9\/","dup":1,"dup":2,"empty":{},"a":[]}`
	got, err := view.PrettyJSON([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	back, err := view.CompactJSON(got)
	if err != nil || string(back) != strings.TrimPrefix(in, "\ufeff") {
		t.Errorf("came back as %s, %v", back, err)
	}
	if _, err := view.PrettyJSON([]byte(`{"a":`)); err == nil {
		t.Error("half a value was indented")
	}
}

func TestPrettyXML(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`<a><b>x</b><c/><d></d></a>`, "<a>\n  <b>x</b>\n  <c/>\n  <d></d>\n</a>"},
		{`<?xml version="1.0"?><!-- n --><a k="v &amp; w"><b><c>1</c></b></a>`, "<?xml version=\"1.0\"?>\n<!-- n -->\n<a k=\"v &amp; w\">\n  <b>\n    <c>1</c>\n  </b>\n</a>"},
	} {
		got, err := view.PrettyXML([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s\n got %s, %v\nwant %s", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"no element", "", "<a", "<a><b></a"} {
		if got, err := view.PrettyXML([]byte(in)); err == nil {
			t.Errorf("%q was read as XML: %q", in, got)
		}
	}
}

func TestHighlightKeepsOffsets(t *testing.T) {
	src := "<a href=\"x\">\r\n  tëxt</a>\r\n"
	text := view.Highlight([]byte(src), "html")
	if got := classes(text, 0); !strings.Contains(got, "tag:") || !strings.Contains(got, `string:"x"`) || !strings.Contains(got, "attr:href") {
		t.Errorf("row 0: %s", got)
	}
	if got := strings.Join(rowsOf(text), "\n"); got != strings.TrimSuffix(src, "\n") {
		t.Errorf("text changed: %q", got)
	}
	if got := classes(text, 1); !strings.Contains(got, "tag:a") {
		t.Errorf("row 1: %s", got)
	}
}

func TestTree(t *testing.T) {
	tree, err := view.ParseTree([]byte(`{"id":"evt_1","n":-1.50,"data":{"items":[{"a b":true},null],"q\"k":"l\\\"ong"},"e":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	if tree.Len() != 5 || tree.Size() != 10 {
		t.Fatalf("%d rows of %d nodes, want 5 of 10", tree.Len(), tree.Size())
	}
	tree.OpenAll(true)
	var got []string
	for i := range tree.Len() {
		value, class := tree.Value(i)
		got = append(got, fmt.Sprint(tree.Depth(i), " ", tree.Key(i), " = ", value, " (", class, ") ", tree.Path(i)))
	}
	want := []string{
		`0  = { 4 members } (faint) .`,
		`1 id = "evt_1" (string) .id`,
		`1 n = -1.50 (number) .n`,
		`1 data = { 2 members } (faint) .data`,
		`2 items = [ 2 elements ] (faint) .data.items`,
		`3 0 = { 1 member } (faint) .data.items[0]`,
		`4 a b = true (literal) .data.items[0]."a b"`,
		`3 1 = null (literal) .data.items[1]`,
		`2 q"k = "l\\\"ong" (string) .data."q\"k"`,
		`1 e = { 0 members } (faint) .e`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := tree.Text(8); got != `l\"ong` {
		t.Errorf("text of a string %q", got)
	}
	if got := tree.Raw(4); got != `[{"a b":true},null]` {
		t.Errorf("raw %s", got)
	}
	if p := tree.Parent(6); p != 5 {
		t.Errorf("parent of row 6 is %d", p)
	}
	tree.Toggle(3)
	if tree.Len() != 5 {
		t.Errorf("%d rows after closing data, want 5", tree.Len())
	}
	if row := tree.Find("TRUE", 0); row != 6 || tree.Len() != 10 {
		t.Errorf("found in row %d of %d, want 6 of 10", row, tree.Len())
	}
	if tree.Find("nowhere", 0) != -1 {
		t.Error("found what is not there")
	}
}

func TestTreeRefusesWhatIsNotJSON(t *testing.T) {
	for _, in := range []string{"", "{", "[1,]", `{"a":1} x`, "nul", strings.Repeat("[", 2000)} {
		if _, err := view.ParseTree([]byte(in)); err == nil {
			t.Errorf("%.20q was read", in)
		}
	}
}

func TestHex(t *testing.T) {
	h := view.NewHex([]byte("{\"a\":\x00\xff\r\n 12345678"))
	if got := h.Row(0); got != `7b 22 61 22 3a 00 ff 0d  0a 20 31 32 33 34 35 36   {"a":.... 123456` {
		t.Errorf("row 0 %q", got)
	}
	if got := h.Row(1); strings.TrimSpace(got) != "37 38                                              78" {
		t.Errorf("row 1 %q", got)
	}
	if h.Len() != 2 || h.Gutter(1) != "00000010" {
		t.Errorf("%d rows, offset %s", h.Len(), h.Gutter(1))
	}
	for _, c := range []struct{ query, want string }{{`"A"`, "[0 3 8]"}, {"ff 0d", "[0 18 5]"}, {"78", "[1 0 5]"}} {
		var got []int
		h.FindAll(c.query, 10, func(row, at, length int) { got = append(got, row, at, length) })
		if fmt.Sprint(got) != c.want {
			t.Errorf("find %s: %v, want %s", c.query, got, c.want)
		}
	}
}

func TestDecode(t *testing.T) {
	plain := []byte(strings.Repeat(`{"id":"evt_1"}`, 100))
	zip := func(f func(io.Writer) io.WriteCloser) []byte {
		var b bytes.Buffer
		w := f(&b)
		w.Write(plain)
		w.Close()
		return b.Bytes()
	}
	gz := zip(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	for _, c := range []struct {
		coding string
		body   []byte
	}{
		{"", plain}, {"identity", plain}, {"gzip", gz}, {"GZIP", gz}, {"x-gzip", gz},
		{"br", zip(func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })},
		{"zstd", zip(func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z })},
		{"deflate", zip(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })},
		{"deflate", zip(func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 6); return z })},
		{"identity, gzip", gz},
	} {
		if got, err := view.Decode(c.coding, c.body); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: %d bytes, %v", c.coding, len(got), err)
		}
	}
	if _, err := view.Decode("lzma", plain); err == nil || !strings.Contains(err.Error(), "lzma") {
		t.Errorf("unknown coding: %v", err)
	}
	if got, err := view.Decode("gzip", gz[:len(gz)-10]); err == nil || len(got) == 0 {
		t.Errorf("cut short: %d bytes, %v; want what could be read and an error", len(got), err)
	}
}

func TestDecodeStopsABomb(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	zeros := make([]byte, 1<<20)
	for range 70 {
		w.Write(zeros)
	}
	w.Close()
	got, err := view.Decode("gzip", b.Bytes())
	if !errors.Is(err, view.ErrTooLarge) || len(got) != view.MostDecoded {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestPairsMergeNothing(t *testing.T) {
	got := view.Pairs("a=1&a=2&b=x%20y+z&bad=%zz&=&flag")
	want := "[{a 1 a=1 false} {a 2 a=2 false} {b x y z b=x%20y+z false} {bad %zz bad=%zz true} {  = false} {flag  flag false}]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

const multi = "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\x00\r\n--b--\r\n"

func TestParts(t *testing.T) {
	parts, err := view.Parts("multipart/form-data; boundary=b", []byte(multi))
	if err != nil || len(parts) != 2 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	if p := parts[1]; p.Name != "file" || p.File != "a.png" || p.Type != "image/png" || string(p.Body) != "\x89PNG\x00" {
		t.Errorf("part %+v", p)
	}
	if parts, err := view.Parts("multipart/form-data; boundary=b", []byte(multi[:60])); err == nil {
		t.Errorf("half a body: %d parts and no error", len(parts))
	}
	for _, bad := range []string{"", "text/plain", "multipart/form-data"} {
		if _, err := view.Parts(bad, nil); err == nil {
			t.Errorf("%q was taken for multipart", bad)
		}
	}
}

func TestFittingRenderers(t *testing.T) {
	for _, c := range []struct {
		name string
		body view.Body
		want string
		row  string // somewhere in what the first shows
	}{
		{"json", view.Body{Type: "application/json; charset=utf-8", Bytes: []byte(`{"a":1}`)}, "JSON Raw Hex", `  "a": 1`},
		{"json by suffix", view.Body{Type: "application/cloudevents+json", Bytes: []byte(`{"a":1}`)}, "JSON Raw Hex", `  "a": 1`},
		{"json without a type", view.Body{Bytes: []byte(` {"a":1}`)}, "JSON Raw Hex", `  "a": 1`},
		{"json that is broken", view.Body{Type: "application/json", Bytes: []byte(`{"a":1`)}, "JSON Raw Hex", `{"a":1`},
		{"form", view.Body{Type: "application/x-www-form-urlencoded", Bytes: []byte("From=%2B15551234&Body=hi")}, "Form Raw Hex", "From  +15551234"},
		{"xml", view.Body{Type: "application/soap+xml", Bytes: []byte("<a><b/></a>")}, "XML Raw Hex", "  <b/>"},
		{"html is text, never a page", view.Body{Type: "text/html", Bytes: []byte("<script>alert(1)</script>")}, "HTML Raw Hex", "<script>alert(1)</script>"},
		{"multipart", view.Body{Type: "multipart/form-data; boundary=b", Bytes: []byte(multi)}, "Parts Hex Raw", "hello"},
		{"bytes", view.Body{Type: "application/octet-stream", Bytes: []byte{0, 1, 2}}, "Hex Raw", "00 01 02"},
		{"nothing", view.Body{}, "Raw Hex", ""},
	} {
		var names []string
		rs := view.Fitting(&c.body)
		for _, r := range rs {
			names = append(names, r.Name())
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
			continue
		}
		rows, _ := rs[0].Render(&c.body)
		if got := strings.Join(rowsOf(rows), "\n"); !strings.Contains(got, c.row) {
			t.Errorf("%s: shows %q, want %q in it", c.name, got, c.row)
		}
	}
}

func TestRenderersSayWhatStoodInTheWay(t *testing.T) {
	for _, c := range []struct {
		body view.Body
		want string
	}{
		{view.Body{Type: "application/json", Bytes: []byte(`{"a":1`)}, "not valid JSON"},
		{view.Body{Type: "application/json", Encoding: "lzma", Bytes: []byte(`{}`)}, "lzma"},
	} {
		_, err := view.Fitting(&c.body)[0].Render(&c.body)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q in it", err, c.want)
		}
	}
}

func TestDiff(t *testing.T) {
	d := view.NewDiff([]byte("a\nb\nc\n"), []byte("a\nB\nc\nd\n"), view.DiffOptions{Context: -1})
	var got []string
	for i := range d.Len() {
		got = append(got, d.Gutter(i)+"|"+d.Row(i)+"|"+d.RowClass(i))
	}
	want := []string{"1 1  |a|", "2   -|b|removed", "  2 +|B|added", "3 3  |c|", "  4 +|d|added"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if d.Added != 2 || d.Removed != 1 {
		t.Errorf("+%d -%d", d.Added, d.Removed)
	}
	far := strings.Repeat("same\n", 50)
	d = view.NewDiff([]byte(far+"x\n"+far), []byte(far+"y\n"+far), view.DiffOptions{Context: 2})
	if d.Len() != 8 || !strings.Contains(d.Row(0), "48 lines the same") {
		t.Errorf("folded: %q", rowsOf(d))
	}
}

func TestDiffOfJSONIgnoresWhatDoesNotCount(t *testing.T) {
	a := []byte(`{"id":"evt_1","created":1,"data":{"items":[{"id":"a","n":1.0},{"id":"b","n":2}]},"u":"\u00e9"}`)
	b := []byte(`{ "u": "é", "created": 2, "id": "evt_2", "data": {"items": [{"n": 1.0, "id": "c"}, {"id": "d", "n": 3}]} }`)
	d := view.NewDiff(a, b, view.DiffOptions{JSON: true, Sort: true, Ignore: []string{"created", "data.items.*.id"}})
	var changed []string
	for i := range d.Len() {
		if d.RowClass(i) == "removed" || d.RowClass(i) == "added" {
			changed = append(changed, strings.TrimSpace(d.Row(i)))
		}
	}
	if got := strings.Join(changed, " "); got != `"n": 2 "n": 3 "id": "evt_1", "id": "evt_2",` {
		t.Errorf("counted as different: %s", got)
	}
	same := view.NewDiff(a, b, view.DiffOptions{JSON: true, Sort: true, Ignore: []string{"created", "id", "n"}})
	if !same.Same() {
		t.Errorf("still different: %q", rowsOf(same))
	}
	if view.NewDiff([]byte("not json"), []byte("{}"), view.DiffOptions{JSON: true}).Same() {
		t.Error("text and JSON are the same")
	}
}

func TestVisible(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain text", "plain text"}, {" lead and trail ", "·lead and trail·"}, {"a\tb\r\n", "a→b␍␊"},
		{"a\u200bb\u202e", "a[U+200B]b[U+202E]"}, {"\xff\xc3(", `\xff\xc3(`}, {"\u00a0", "[U+00A0]"}, {"Zürich", "Zürich"}, {"   ", "···"},
	} {
		if got := view.Visible(c.in); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestWordsForSizesAndTimes(t *testing.T) {
	now := time.Date(2026, 11, 21, 14, 5, 27, 318e6, time.UTC)
	for _, c := range []struct{ got, want string }{
		{view.Size(0), "0 B"}, {view.Size(1023), "1023 B"}, {view.Size(2458), "2.4 KB"}, {view.Size(10 << 20), "10 MB"}, {view.Size(1<<20 - 1), "1 MB"}, {view.Size(4 << 30), "4 GB"},
		{view.Duration(0), "0 ms"}, {view.Duration(340 * time.Microsecond), "340 µs"}, {view.Duration(12 * time.Millisecond), "12 ms"}, {view.Duration(1200 * time.Microsecond), "1.2 ms"},
		{view.Duration(2100 * time.Millisecond), "2.1 s"}, {view.Duration(999600 * time.Microsecond), "1 s"}, {view.Duration(59600 * time.Millisecond), "1 min"}, {view.Duration(200 * time.Second), "3 min 20 s"},
		{view.Duration(125 * time.Minute), "2 h 5 min"}, {view.Duration(99 * time.Hour), "4 d 3 h"}, {view.Duration(800 * 24 * time.Hour), "2 y 70 d"}, {view.Duration(-3 * time.Second), "−3 s"},
		{view.Ago(now, now), "now"}, {view.Ago(now.Add(-4*time.Second), now), "4s"}, {view.Ago(now.Add(-3*time.Hour), now), "3h"}, {view.Ago(now.Add(90*time.Second), now), "in 1m"}, {view.Ago(time.Time{}, now), "never"},
		{view.Old(200 * time.Second), "3 min 20 s old"}, {view.Old(-12 * time.Minute), "12 min in the future"}, {view.Old(0), "from this second"},
		{view.Clock(now.Add(-time.Hour), now), "13:05:27.318"}, {view.Clock(now.Add(-24*time.Hour), now), "20 Nov 14:05:27"}, {view.Clock(now.AddDate(-1, 0, 0), now), "21 Nov 2025 14:05"},
		{view.Count(1284), "1,284"}, {view.Count(-1234567), "-1,234,567"}, {view.Plural(1, "attempt", "attempts"), "1 attempt"},
		{view.Percent(0.992), "99.2 %"}, {view.Percent(1), "100 %"}, {view.Percent(0.5), "50 %"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLargeBodiesAreWhole(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("[")
	for i := range 20_000 {
		fmt.Fprintf(&b, `{"id":"evt_%d","n":%d,"ok":true,"s":"x"},`, i, i)
	}
	b.WriteString("0]")
	pretty, err := view.PrettyJSON(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	text := view.NewText(pretty, "json").Wrapped(100, nil)
	tree, err := view.ParseTree(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	tree.OpenAll(true)
	if text.Len() < 120_000 || tree.Len() < 100_000 {
		t.Errorf("%d rows, %d nodes", text.Len(), tree.Len())
	}
}

// Rows are found again from where their block begins: all of them, in any order, as cutting the lines one by one says.
func TestRowsAreFoundInAnyOrder(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		b.WriteString(strings.Repeat("abc日\t\"", i%9) + "\n")
	}
	text := view.NewText([]byte(b.String()), "json").Wrapped(7, nil)
	rows := rowsOf(text)
	if joined := strings.Join(rows, ""); joined != strings.ReplaceAll(b.String(), "\n", "") {
		t.Fatal("rows together are not the text")
	}
	for i := text.Len() - 1; i >= 0; i -= 13 {
		if got := text.Row(i); got != rows[i] {
			t.Fatalf("row %d is %q from behind, %q in order", i, got, rows[i])
		}
	}
	if text.Gutter(0) != "1" || text.Len() < 2000 {
		t.Errorf("%d rows, the first %q", text.Len(), text.Gutter(0))
	}
}

// Indents must not become most of the text: nested JSON could grow a thousandfold.
func TestPrettyJSONIsBounded(t *testing.T) {
	one := strings.Repeat("[", 900) + "1" + strings.Repeat("]", 900)
	in := "[" + strings.Repeat(one+",", 100) + one + "]"
	got, err := view.PrettyJSON([]byte(in))
	if err != nil || len(got) > 40<<20 {
		t.Fatalf("%d bytes become %d, %v", len(in), len(got), err)
	}
	if back, err := view.CompactJSON(got); err != nil || string(back) != in {
		t.Errorf("it is another text: %v", err)
	}
	for in, want := range map[string]string{`[]`: "[]", ` {"a" : [ ] , "b":{}}`: "{\n  \"a\": [],\n  \"b\": {}\n}", `"x"`: `"x"`, `[1,"]\\\"",null]`: "[\n  1,\n  \"]\\\\\\\"\",\n  null\n]"} {
		if got, err := view.PrettyJSON([]byte(in)); err != nil || string(got) != want {
			t.Errorf("%s becomes %s (%v), want %s", in, got, err, want)
		}
	}
}
