package picture

import (
	"strings"
	"testing"
)

func TestMaskedWanted(t *testing.T) {
	for _, row := range []struct{ name, wanted, got, shown string }{
		{"all differs", "sha256=abcdef0123456789", "sha256=ffff", "sha256=a" + strings.Repeat("*", 15)},
		{"nothing came", "0123456789abcdef0123456789abcdef", "", "0123456789ab" + strings.Repeat("*", 20)},
		{"short", "abcd", "", "a***"},
		{"what came says it already", "0123456789abcdef", "0123456789abcdXX", "0123456789abcde*"},
		{"the same", "0123456789abcdef", "0123456789abcdef", "0123456789abcdef"},
	} {
		if got := maskedWanted(row.wanted, row.got); got != row.shown {
			t.Errorf("%s: %q, want %q", row.name, got, row.shown)
		}
	}
}
