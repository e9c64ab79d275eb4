package core_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"hookglass/core"
)

func TestVisible(t *testing.T) {
	for _, c := range []struct{ in, line, text string }{
		{"plain text, Zürich, 日本\u3000", "plain text, Zürich, 日本\u3000", "plain text, Zürich, 日本\u3000"},
		{"a\tb\r\nc", "a→b␍␊c", "a\tb␍\nc"},
		{"\x1b]52;c;aGk=\x07\x1b[31m\x00\x7f", "␛]52;c;aGk=␇␛[31m␀␡", "␛]52;c;aGk=␇␛[31m␀␡"},
		{"\u009b31m\u0085", "[U+009B]31m[U+0085]", "[U+009B]31m[U+0085]"},
		{"\x9b31m\xff", `\x9b31m\xff`, `\x9b31m\xff`},
		{"a\u202eb\u2066c\u200e\u061c\u2028\u2029\ufeff", "a[U+202E]b[U+2066]c[U+200E][U+061C][U+2028][U+2029][U+FEFF]", "a[U+202E]b[U+2066]c[U+200E][U+061C][U+2028][U+2029][U+FEFF]"},
		{"\U000e0041", "[U+E0041]", "[U+E0041]"},
		{"👩\u200d🚒 \u0600", "👩\u200d🚒 \u0600", "👩\u200d🚒 \u0600"},
	} {
		if got := core.Visible(c.in); got != c.line {
			t.Errorf("%q: %q, want %q", c.in, got, c.line)
		}
		if got := core.VisibleText(c.in); got != c.text {
			t.Errorf("text %q: %q, want %q", c.in, got, c.text)
		}
	}
	// Every bidirectional and C1 character is one of them, and so is what the standards of text call them.
	for _, span := range [][2]rune{{0, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}, {0x61c, 0x61c}} {
		for r := span[0]; r <= span[1]; r++ {
			if !core.Active(r) || strings.ContainsRune(core.Visible(string(r)), r) {
				t.Errorf("%U is not made visible", r)
			}
		}
	}
}

func TestVisibleJSONSaysTheSame(t *testing.T) {
	in := map[string]string{"a\u202e": "\x1b\u009b\u2066\U000e0041\u2028 日本 👩\u200d🚒\x7f"}
	doc, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	got := core.VisibleJSON(doc)
	if i := strings.IndexFunc(string(got), core.Active); i >= 0 {
		t.Errorf("%q is left at %d of %s", got[i:i+1], i, got)
	}
	var back map[string]string
	if err := json.Unmarshal(got, &back); err != nil || !reflect.DeepEqual(back, in) {
		t.Errorf("%v: %q, want %q", err, back, in)
	}
	if got := core.VisibleJSON([]byte("[\"\x9b\"]\n")); string(got) != "[\"\\ufffd\"]\n" || !utf8.Valid(got) {
		t.Errorf("a byte that is no UTF-8: %q", got)
	}
}
