package shape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"hookglass/assets"
	"hookglass/core/shape"
)

// set is bodies of one event, and the shape that was learned of them.
type set struct {
	named  shape.Named
	bodies []string
}

// sampleSets are the program's own samples, one each.
func sampleSets(t testing.TB) (all []set) {
	t.Helper()
	for _, s := range assets.Samples() {
		body := string(s.Body)
		if _, ok := shape.Parse(s.Body, false); ok {
			all = append(all, set{shape.Named{Event: s.Event, Source: s.Provider, Shape: learn(t, 1, body)}, []string{body}})
		}
	}
	return all
}

// generatedSets are bodies drawn by chance: some of one kind, some of all kinds.
func generatedSets(t testing.TB, n int) (all []set) {
	t.Helper()
	r := rand.New(rand.NewPCG(31, 32))
	for i := range n {
		var bodies []string
		switch i % 4 {
		case 0:
			for k := range 2 + r.IntN(60) {
				bodies = append(bodies, string(order(r, k)))
			}
		default:
			bodies = randomBodies(r, 1+r.IntN(25))
			if i%4 == 1 { // objects alone
				for k := range bodies {
					bodies[k] = fmt.Sprintf(`{"data":%s,"n":%d}`, bodies[k], k)
				}
			}
		}
		event := []string{"order.paid", "x", "", "123", "Date", "注文", "a*/b\nc", "class"}[r.IntN(8)]
		all = append(all, set{shape.Named{Event: event, Source: "random", Shape: learn(t, 1, bodies...)}, bodies})
	}
	return all
}

func export(t testing.TB, format string, n ...shape.Named) string {
	t.Helper()
	text, known, err := shape.Write(format, n)
	if !known || err != nil {
		t.Fatalf("%s: %v, %v", format, known, err)
	}
	return text
}

func compiled(t testing.TB, schema string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("shape.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("shape.json")
	if err != nil {
		t.Fatalf("%v\n%s", err, schema)
	}
	return s
}

// TestSchemaTakesItsSamples: whatever a shape was learned of, its schema accepts all of it, formats asserted.
func TestSchemaTakesItsSamples(t *testing.T) {
	sets := append(sampleSets(t), generatedSets(t, 1000)...)
	if len(sets) < 1030 {
		t.Fatalf("only %d sets", len(sets))
	}
	formats, enums, required := 0, 0, 0
	for _, s := range sets {
		text := export(t, "schema", s.named)
		schema := compiled(t, text)
		formats += strings.Count(text, `"format":`)
		enums += strings.Count(text, `"enum":`)
		required += strings.Count(text, `"required":`)
		for _, body := range s.bodies {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Fatalf("%v\nrefused: %s\nschema: %s", err, body, text)
			}
		}
	}
	if formats == 0 || enums == 0 || required == 0 {
		t.Errorf("the schemas say nothing: %d formats, %d lists, %d with members that must be there", formats, enums, required)
	}
}

// TestSchemaRefusesWhatIsOtherwise: a schema that takes everything would pass the test above.
func TestSchemaRefusesWhatIsOtherwise(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	var bodies []string
	for i := range 100 {
		bodies = append(bodies, string(order(r, i)))
	}
	schema := compiled(t, export(t, "schema", shape.Named{Event: "order.paid", Shape: learn(t, 1, bodies...)}))
	for _, c := range changes {
		body := changed(t, order(r, 1), c.do)
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != (c.want.Kind == shape.NewPath) { // it is open to more
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestDocumentsOfSeveralEvents: one document has them all, and is what its own schema asks for as far as we can tell.
func TestDocumentsOfSeveralEvents(t *testing.T) {
	var all []shape.Named
	for _, s := range sampleSets(t) {
		all = append(all, s.named)
	}
	all = append(all, shape.Named{Event: "cloud", Shape: learn(t, 1, `{"specversion":"1.0","id":"1","source":"/a","type":"x.y","data":{"n":1}}`)})
	var open struct {
		OpenAPI  string
		Webhooks map[string]any
	}
	if err := json.Unmarshal([]byte(export(t, "openapi", all...)), &open); err != nil || open.OpenAPI != "3.1.0" || len(open.Webhooks) < 20 {
		t.Errorf("%v, %s with %d webhooks", err, open.OpenAPI, len(open.Webhooks))
	}
	var async struct {
		AsyncAPI   string
		Channels   map[string]struct{ Messages map[string]any }
		Components struct{ Messages map[string]any }
	}
	text := export(t, "asyncapi", all...)
	if err := json.Unmarshal([]byte(text), &async); err != nil || async.AsyncAPI != "3.0.0" || len(async.Components.Messages) != len(all) || len(async.Channels["webhooks"].Messages) != len(all) {
		t.Errorf("%v, %s with %d messages of %d", err, async.AsyncAPI, len(async.Components.Messages), len(all))
	}
	if !strings.Contains(text, "application/cloudevents+json") {
		t.Error("nothing is said of the envelope of CloudEvents")
	}
	compiled(t, export(t, "schema", all...))
}
