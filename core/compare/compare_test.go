package compare_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/compare"
)

// in says the differences a line each.
func in(all []compare.Difference) string {
	var b strings.Builder
	for _, d := range all {
		fmt.Fprintf(&b, "%s %s: %s → %s %s|", d.Part, d.Path, d.A, d.B, d.Note)
	}
	return strings.TrimSuffix(strings.ReplaceAll(b.String(), " |", "|"), "|")
}

func TestBodies(t *testing.T) {
	for name, tt := range map[string]struct {
		a, b   string
		ignore []string
		want   string
	}{
		"the same":          {a: `{"a":1}`, b: `{"a":1}`},
		"written otherwise": {a: `{"a":1,"b":"\u00fc","c":[1.0,1e2]}`, b: "\ufeff{ \"b\": \"ü\",\n\"c\": [1, 100], \"a\": 1 }"},
		"a value":           {a: `{"data":{"id":1,"x":true}}`, b: `{"data":{"id":2,"x":false}}`, want: "body data.id: 1 → 2|body data.x: true → false"},
		"a kind":            {a: `{"a":null}`, b: `{"a":{"b":[1]}}`, want: `body a: null → {"b":[1]}`},
		"more and less":     {a: `{"a":1,"b":2}`, b: `{"b":2,"c":3}`, want: "body a: 1 → |body c:  → 3"},
		"items":             {a: `[1,2,3]`, b: `[1,5]`, want: "body 1: 2 → 5|body 2: 3 → "},
		"a whole":           {a: `1`, b: `"1"`, want: `body : 1 → "1"`},
		"a repeated name":   {a: `{"a":1,"a":2}`, b: `{"a":2}`},
		"numbers of 20 digits": {a: `{"a":12345678901234567890}`, b: `{"a":12345678901234567891}`,
			want: "body a: 12345678901234567890 → 12345678901234567891"},
		"a number that is too long": {a: `{"a":1e999999999}`, b: `{"a":10e999999998}`, want: "body a: 1e999999999 → 10e999999998"},
		"ignored by name":           {a: `{"id":1,"d":{"id":2,"e":[{"id":3}]}}`, b: `{"id":4,"d":{"e":[{"id":5}]}}`, ignore: []string{"id"}},
		"ignored by path":           {a: `{"id":1,"d":[{"id":2},{"id":3}]}`, b: `{"id":1,"d":[{"id":4},{"id":5}]}`, ignore: []string{"d.*.id"}},
		"ignored elsewhere":         {a: `{"id":1}`, b: `{"id":2}`, ignore: []string{"d.id"}, want: "body id: 1 → 2"},
		"lines":                     {a: "one\ntwo\nthree\n", b: "one\n2\nthree\nfour\n", want: `body line 2: "two\n" → "2\n"|body line 4:  → "four\n"`},
		"JSON and none":             {a: `{"a":1}`, b: `a=1`, want: `body line 1: "{\"a\":1}" → "a=1"`},
		"bytes":                     {a: "ab\xff\x00", b: "ab\xfe", want: "body :  →  4 and 3 bytes, from byte 2 on others"},
		"none":                      {a: "", b: "x", want: `body line 1:  → "x"`},
	} {
		got := compare.Bodies([]byte(tt.a), []byte(tt.b), tt.ignore)
		if in(got) != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, in(got), tt.want)
		}
		if text, err := json.Marshal(got); err != nil {
			t.Errorf("%s: %v in %s", name, err, text)
		}
	}
}

func TestRequests(t *testing.T) {
	a := core.Request{Method: "POST", Target: "/in/a?x=1", Header: core.Header{{Name: "X-A", Value: "1"}, {Name: "Date", Value: "now"}, {Name: "x-many", Value: "a"}, {Name: "X-Many", Value: "b"}, {Name: "Odd", Value: "\xff"}}, Body: []byte("{}")}
	b := core.Request{Method: "PUT", Target: "/in/a", Header: core.Header{{Name: "X-Many", Value: "a"}, {Name: "x-a", Value: "2"}, {Name: "date", Value: "then"}}, Body: []byte(" {}")}
	want := `method : "POST" → "PUT"|target : "/in/a?x=1" → "/in/a"|header X-A: "1" → "2"|header x-many: "b" → |header Odd: "\ufffd" → `
	if got := in(compare.Requests(&a, &b, []string{"header:DATE"})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := in(compare.Requests(&a, &a, nil)); got != "" {
		t.Errorf("it differs from itself: %s", got)
	}
	if got := in(compare.Requests(&a, &b, []string{"method", "target", "header:X-A", "header:x-many", "header:odd", "header:date"})); got != "" {
		t.Errorf("all that differs is ignored, and still: %s", got)
	}
}
