package core_test

import (
	"encoding/json"
	"slices"
	"testing"

	"hookglass/core"
)

func TestHeaderKeepsItsBytesInJSON(t *testing.T) {
	in := core.Header{{Name: "X-A", Value: "<grün>"}, {Name: "X-Latin", Value: "caf\xe9"}, {Name: "\xff", Value: ""}, {}}
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out core.Header
	if err := json.Unmarshal(data, &out); err != nil || !slices.Equal(in, out) {
		t.Errorf("%q came back as %q by %s, %v", in, out, data, err)
	}
	if plain, _ := json.Marshal(in[:1]); string(plain) != `[{"Name":"X-A","Value":"\u003cgrün\u003e"}]` {
		t.Errorf("text is written as %s", plain)
	}
	if err := json.Unmarshal([]byte(`[{"Name":"A","Value":"b"}]`), &out); err != nil || len(out) != 1 || out[0] != (core.Field{Name: "A", Value: "b"}) {
		t.Errorf("what stands in a history is read as %q, %v", out, err)
	}
}
