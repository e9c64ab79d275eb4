package main

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

// What a capture does otherwise stands in lines of its own, and what strangers called their members stays in them.
func TestWhatDiffersInText(t *testing.T) {
	var out strings.Builder
	differsText(&out, &engine.CaptureJSON{Source: "shop", Violations: []core.Violation{{Path: "id", Reason: "got string\nx"}}, Drift: []engine.DriftJSON{{Says: "id is \x1b[31mstring"}}})
	want := "\nbreaks the contract of shop\n  ✗ id: got string␊x\n\nnot like the bodies before it\n  id is ␛[31mstring\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
