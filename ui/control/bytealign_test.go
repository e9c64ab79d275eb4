package control

import (
	"strings"
	"testing"
)

// lines writes columns as a reader sees them, "_" for a hole.
func lines(x, y string, cs []byteColumn) (above, below string) {
	side := func(s string, at int) byte {
		if at < 0 {
			return '_'
		}
		return s[at]
	}
	var a, b strings.Builder
	for _, c := range cs {
		a.WriteByte(side(x, c.above))
		b.WriteByte(side(y, c.below))
	}
	return a.String(), b.String()
}

func TestColumns(t *testing.T) {
	for _, c := range []struct{ name, x, y, above, below string }{
		{"the same", `{"a":1}`, `{"a":1}`, `{"a":1}`, `{"a":1}`},
		{"a space more", `{"a":1,"b":2}`, `{"a": 1, "b": 2}`, `{"a":_1,_"b":_2}`, `{"a": 1, "b": 2}`},
		{"a byte changed", `{"amount":1000}`, `{"amount":9000}`, `{"amount":1000}`, `{"amount":9000}`},
		{"a line break at the end", "abc\n", "abc", "abc\n", "abc_"},
		{"nothing alike", "abcd", "wxyz", "abcd", "wxyz"},
		{"one side empty", "", "abc", "___", "abc"},
	} {
		above, below := lines(c.x, c.y, columns([]byte(c.x), []byte(c.y), 0, 1000, true))
		if above != c.above || below != c.below {
			t.Errorf("%s:\n%q\n%q, want\n%q\n%q", c.name, above, below, c.above, c.below)
		}
	}
}

// By offset nothing is lined up: two digests have nothing in common but chance.
func TestColumnsByOffset(t *testing.T) {
	above, below := lines("sha256=ab", "abc", columns([]byte("sha256=ab"), []byte("abc"), 0, 1000, false))
	if above != "sha256=ab" || below != "abc______" {
		t.Errorf("%q\n%q", above, below)
	}
}

func TestColumnsAreBounded(t *testing.T) {
	if got := len(columns([]byte(strings.Repeat("a", 500)), []byte(strings.Repeat("b", 90)), 0, 40, true)); got != 40 {
		t.Errorf("%d columns, want 40", got)
	}
}
