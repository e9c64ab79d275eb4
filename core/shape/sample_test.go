package shape_test

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"hookglass/core/shape"
)

// TestSynthesisedBodiesFitTheirShape: the schema of a shape takes what is made from it, the same seed makes the same, another another.
func TestSynthesisedBodiesFitTheirShape(t *testing.T) {
	differ := 0
	for _, s := range append(sampleSets(t), generatedSets(t, 100)...) {
		text := export(t, "schema", s.named)
		schema := compiled(t, text)
		var first []byte
		for seed := range uint64(6) {
			body, err := s.named.Synthesise(seed)
			if err != nil {
				t.Fatalf("%v of %s", err, text)
			}
			again, _ := s.named.Synthesise(seed)
			if !bytes.Equal(body, again) {
				t.Fatalf("seed %d made two bodies:\n%s\n%s", seed, body, again)
			}
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Fatalf("%v\nmade %s\nschema %s", err, body, text)
			}
			if seed == 0 {
				first = body
			} else if !bytes.Equal(first, body) {
				differ++
			}
		}
	}
	if differ < 300 {
		t.Errorf("only %d bodies differ from the first of their shape", differ)
	}
}

func TestWeigh(t *testing.T) {
	if n := shape.Weigh(read(t, `{"a":[1,{"b":null}],"c":"x"}`)); n != 6 {
		t.Errorf("%d values", n)
	}
}
