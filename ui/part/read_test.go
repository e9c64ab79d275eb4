package part

import (
	"strings"
	"testing"
	"time"

	"hookglass/core"
)

func TestNumbersAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]float64{"1500": 1500, " 0.25 ": 0.25, "0,25": 0.25, "1,284": 1284, "12,000,000": 12e6, "1,500.5": 1500.5, "-3": -3, "0,250": 0.25, "1,5": 1.5} {
		got, given, reason := ReadNumber(text, Bounds{})
		if got != want || !given || reason != "" {
			t.Errorf("%q is %v, %t, %q; want %v", text, got, given, reason, want)
		}
		if again, _, _ := ReadNumber(WriteNumber(got), Bounds{}); again != got {
			t.Errorf("%v is written as %q", got, WriteNumber(got))
		}
	}
	if _, given, reason := ReadNumber("  ", Bounds{Least: 1}); given || reason != "" {
		t.Error("nothing is something, or wrong")
	}
	for _, row := range []struct {
		text   string
		bounds Bounds
		says   string
	}{
		{"many", Bounds{}, `"many" is no number: want a number`},
		{"many", Bounds{1, 300, false}, `"many" is no number: want a number from 1 to 300`},
		{"NaN", Bounds{}, `is no number`},
		{"1e999", Bounds{}, `is no number`},
		{"301", Bounds{1, 300, false}, "want a number from 1 to 300"},
		{"2.5", Bounds{0, 10, true}, "want a whole number from 0 to 10"},
		{"0", Bounds{Least: 1, Whole: true}, "want a whole number, 1 or more"},
		{"-1", Bounds{Whole: true}, "want a whole number, 0 or more"},
	} {
		if _, _, reason := ReadNumber(row.text, row.bounds); !strings.Contains(reason, row.says) {
			t.Errorf("%q: %q, want %q", row.text, reason, row.says)
		}
	}
}

func TestSpansAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "0": 0, "90": 90 * time.Second, "90s": 90 * time.Second, "1.5m": 90 * time.Second, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour,
		"1d12h": 36 * time.Hour, "10 min": 10 * time.Minute, "250ms": 250 * time.Millisecond, "2H": 2 * time.Hour, "1.5s": 1500 * time.Millisecond, "1s250ms": 1250 * time.Millisecond} {
		got, reason := ReadSpan(text)
		if reason != "" || got != want {
			t.Errorf("%q is %v, %q; want %v", text, got, reason, want)
		}
		if again, reason := ReadSpan(WriteSpan(got)); reason != "" || again != got {
			t.Errorf("%v is written as %q", got, WriteSpan(got))
		}
	}
	for d, want := range map[time.Duration]string{0: "0s", 90 * time.Second: "1m30s", 1500 * time.Millisecond: "1.5s", 24 * time.Hour: "1d", 36 * time.Hour: "1d12h", 250 * time.Millisecond: "250ms"} {
		if got := WriteSpan(d); got != want {
			t.Errorf("%v is written as %q, want %q", d, got, want)
		}
	}
	for _, text := range []string{"soon", "-1", "1x", "1d-2h", "-5m", "99999999999999999999d", "NaN", "1e300d", "1..5s", "5s soon"} {
		if d, reason := ReadSpan(text); !strings.Contains(reason, "is no time: want one like 90s") {
			t.Errorf("%q is read as %v, %q", text, d, reason)
		}
	}
	const list = "0s, 5s, 1m30s, 5m, 2h, 1d, 1.5s"
	if ds, reason := ReadSpans(list + ";"); reason != "" || len(ds) != 7 || WriteSpans(ds) != list {
		t.Errorf("got %v, %q: %q", ds, reason, WriteSpans(ds))
	}
}

func TestSizesAndShares(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "1048576": 1 << 20, "1 MiB": 1 << 20, "512 KiB": 512 << 10, "10 MB": 10_000_000, "1.5kib": 1536, "1,024 B": 1024} {
		if got, reason := ReadSize(text, 1<<30); reason != "" || got != want {
			t.Errorf("%q is %d, %q; want %d", text, got, reason, want)
		}
	}
	for text, says := range map[string]string{"big": "is no size", "1 furlong": "is no size", "-1": "is no size", "2 GiB": "want 1073741824 bytes at the most"} {
		if got, reason := ReadSize(text, 1<<30); !strings.Contains(reason, says) {
			t.Errorf("%q is %d, %q; want %q", text, got, reason, says)
		}
	}
	for text, want := range map[string]float64{"98": 0.98, "98 %": 0.98, "0": 0, "12.5%": 0.125} {
		if got, given, reason := ReadShare(text); got != want || !given || reason != "" {
			t.Errorf("%q is %v, %q", text, got, reason)
		}
	}
	for _, text := range []string{"101", "-1", "most"} {
		if _, _, reason := ReadShare(text); !strings.Contains(reason, "is no percentage: want 0 to 100") {
			t.Errorf("%q: %q", text, reason)
		}
	}
}

func TestHeaderLines(t *testing.T) {
	h, reason := ReadHeader("X-b: 1\n\nx-A:two\nX-b: 3")
	if reason != "" || WriteHeader(h) != "X-b: 1\nx-A: two\nX-b: 3" {
		t.Errorf("%v, %q", h, reason)
	}
	if _, reason := ReadHeader("fine: 1\nbroken"); reason != "line 2 has no colon; write it as name: value" {
		t.Errorf("%q", reason)
	}
	if _, reason := ReadPairs("a: 1\na: 2"); reason != "a has a second value; keep one" {
		t.Errorf("%q", reason)
	}
	if p, reason := ReadPairs("b: 2\na: 1"); reason != "" || WritePairs(p) != "a: 1\nb: 2" {
		t.Errorf("%v, %q", p, reason)
	}
}

func TestReaderKeepsTheFirstMistake(t *testing.T) {
	f := Fields{}
	for name, text := range map[string]string{"rate": "fast", "span": "soon", "n": "", "share": "40", "size": "1 KiB", "list": "1s, 2s", "lines": "a: 1"} {
		f.Add(name, name, text, func() {})
	}
	r := &Reader{Fields: f}
	if r.Number("rate", 7, Bounds{}); r.Span("span") != 0 || r.Whole("n", 3, 0, 9) != 3 || r.Share("share", 1) != 0.4 || r.Size("size", 1e6) != 1024 || len(r.Spans("list")) != 2 || len(r.Header("lines")) != 1 {
		t.Error("what can be read is read otherwise")
	}
	if r.Wrong == nil || r.Wrong.Field != "rate" {
		t.Fatalf("the first mistake is %+v", r.Wrong)
	}
	if field := f.Show(r.Wrong); field != f["rate"] || !strings.Contains(field.Problem(), "is no number") {
		t.Errorf("shown at %v", field)
	}
	if f.Show(&core.Invalid{Field: "list[2].x", Reason: "is odd"}) != f["list"] || f["list"].Problem() != "Is odd" || f["rate"].Problem() != "" {
		t.Error("a problem within a list is not shown at it alone")
	}
	if f.Show(&core.Invalid{Field: "elsewhere"}) != nil || f.Show(nil) != nil || f["list"].Problem() != "" {
		t.Error("a problem of another form is shown here")
	}
}
