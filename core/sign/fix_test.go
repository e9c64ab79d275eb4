package sign

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
)

func TestEveryCauseHasAFixAndAPlace(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range causes {
		if seen[c.name] {
			t.Errorf("%s stands in the table twice", c.name)
		}
		seen[c.name] = true
		if c.fix == "" || c.family == "" {
			t.Errorf("%s has no fix or no family", c.name)
		}
	}
	m := newMaterial([]byte(`{"a":{"b":1}}`))
	for _, f := range append(m.forms(), newMaterial([]byte("payload=%7B%7D&a=b")).forms()...) {
		if !seen[f.cause] {
			t.Errorf("the form %q has the unknown cause %s", f.how, f.cause)
		}
	}
	for _, s := range table() {
		for _, k := range s.spoiltKeys([]byte("whsec_abcdefgh")) {
			if !seen[k.cause] {
				t.Errorf("the key %q of %s has the unknown cause %s", k.how, s.ID, k.cause)
			}
		}
	}
}

func TestFixesAreCode(t *testing.T) {
	n := 0
	for i, s := range slices.Concat(table(), table()) {
		cause, about := "body_reserialized_json_stringify", core.AboutComputed
		if i >= len(table()) { // the receiver undoes what was done to the body
			cause, about = []string{"signed_bytes_gunzipped", "signed_bytes_base64_decoded"}[i%2], core.AboutCame
		}
		code := s.code(cause, about)
		if code == nil {
			continue
		}
		n++
		if unpacks := strings.Contains(code["go"], "gzip.NewReader") || strings.Contains(code["go"], "DecodeString(string(body))"); unpacks != (about == core.AboutCame) {
			t.Errorf("%s: the code for %s about %s:\n%s", s.ID, cause, about, code["go"])
		}
		if _, err := parser.ParseFile(token.NewFileSet(), s.ID, "package p\n"+code["go"], 0); err != nil {
			t.Errorf("%s: %v\n%s", s.ID, err, code["go"])
		}
		for language, text := range code {
			if strings.Contains(text, "¤") || strings.Contains(text, "{{") || !strings.Contains(text, "← here") {
				t.Errorf("%s: %s:\n%s", s.ID, language, text)
			}
		}
	}
	if n < 140 {
		t.Errorf("%d schemes have code", n)
	}
	t.Logf("%d schemes of %d have a verifier as code", n/2, len(table()))
}
