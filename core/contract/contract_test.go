package contract_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/contract"
)

const (
	schema  = `{"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"items":{"type":"array","items":{"type":"object","required":["sku"]}}}}`
	openAPI = `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"components":{"schemas":{"Order":{"type":"object","required":["total"],"properties":{"total":{"$ref":"#/components/schemas/Money"}}},"Money":{"type":"integer","minimum":0}},
		"requestBodies":{"B":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}}}}}},
		"webhooks":{"order.paid":{"post":{"requestBody":{"$ref":"#/components/requestBodies/B"}}},"a/b":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","required":["x"]}}}}}},"ping":{"post":{}}}}`
	catalogue = `{"eventTypes":[{"name":"user.created","description":"d","schemas":{"1":{"type":"object"},"2":{"type":"object","required":["user"]},"10":{"type":"object","required":["user","org"]}}},{"name":"user.deleted"}]}`
)

func said(t *testing.T, doc, event, body string) string {
	t.Helper()
	raw, err := contract.JSON([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.Compile(raw)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range c.Check(event, body) {
		out = append(out, v.Path+": "+v.Reason)
	}
	return strings.Join(out, "; ")
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ doc, event, body, want string }{
		{schema, "any", `{"id":1,"at":"2026-11-27T10:00:00Z","items":[{"sku":"a"}]}`, ""},
		{schema, "any", `{"id":"1","items":[{"sku":"a"},{}]}`, "id: got string, want integer; items[1]: missing property 'sku'"},
		{schema, "any", `{"id":1,"at":"tomorrow"}`, "at: 'tomorrow' is not valid date-time"},
		{schema, "any", `[]`, "the body: got array, want object"},
		{schema, "any", ``, "the body: is no JSON"},
		{openAPI, "order.paid", `{"total":5}`, ""},
		{openAPI, "order.paid", `{"total":-5}`, "total: minimum: got -5, want 0"},
		{openAPI, "a/b", `{}`, "the body: missing property 'x'"},
		{openAPI, "ping", `{"whatever":1}`, ""},
		{openAPI, "order.lost", `{}`, `the event: "order.lost" is not in the contract; it has a/b, order.paid, ping`},
		{openAPI, "", `{"type":"order.paid"}`, "the body: missing property 'total'"},
		{catalogue, "user.created", `{"user":1}`, "the body: missing property 'org'"},
		{catalogue, "user.deleted", `{}`, ""},
		{`{"anyOf":[{"type":"string"},{"type":"object","required":["a"]}]}`, "", `{}`, "the body: fits none of 2"},
		{"openapi: 3.1.0\nwebhooks:\n  w:\n    post:\n      requestBody:\n        content:\n          application/json:\n            schema: {type: object, required: [x]}\n", "w", `{}`, "the body: missing property 'x'"},
	} {
		if got := said(t, c.doc, c.event, c.body); got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s %s: %q, want %q", c.event, c.body, got, c.want)
		}
	}
}

func TestWhatIsNoContract(t *testing.T) {
	for doc, want := range map[string]string{
		``:                                  "is empty",
		`{`:                                 "is no JSON",
		`{"a":1}`:                           "is none that is known",
		`"text"`:                            "neither an object nor a list",
		`{"openapi":"3.0.3","paths":{}}`:    "want 3.1",
		`{"openapi":"3.1.0","paths":{}}`:    "has no webhooks",
		`{"swagger":"2.0"}`:                 "Swagger 2",
		`{"asyncapi":"3.0.0"}`:              "is AsyncAPI",
		`{"$ref":"file:///etc/passwd"}`:     "nothing is fetched",
		`{"$ref":"http://127.0.0.1:1/x"}`:   "nothing is fetched",
		`{"type":"nonsense"}`:               "is no schema",
		`{"type":"object","pattern":"(?<"}`: "is no schema",
		`{"$ref":"#/nowhere"}`:              "is no schema",
	} {
		raw, err := contract.JSON([]byte(doc))
		if err == nil {
			_, err = contract.Compile(raw)
		}
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != "contract" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", doc, err, want)
		}
	}
}

func TestFewViolationsAreSaid(t *testing.T) {
	items := strings.Repeat(`{},`, 50) + "{}"
	if n := strings.Count(said(t, schema, "", fmt.Sprintf(`{"id":1,"items":[%s]}`, items)), "missing"); n != 10 {
		t.Errorf("%d are said", n)
	}
}

func FuzzCompile(f *testing.F) {
	for _, doc := range []string{schema, openAPI, catalogue} {
		f.Add(doc, `{"id":1}`)
	}
	f.Fuzz(func(t *testing.T, doc, body string) {
		raw, err := contract.JSON([]byte(doc))
		if err != nil {
			return
		}
		if c, err := contract.Compile(raw); err == nil {
			c.Check("x", body)
		}
	})
}
