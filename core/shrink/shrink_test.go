package shrink_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"hookglass/core/shrink"
)

const order = `{"id":"evt_1","type":"order.paid","created":1764230400,"livemode":false,"api_version":"2026-05-28",
 "data":{"object":{"id":"or_9","amount":129900,"currency":"eur","status":"paid","paid_at":"2026-11-27T10:00:00Z",
  "customer":{"id":"cus_7","email":"jane@example.com","name":"Jané Doe 🎉","phone":null,"address":{"city":"Berlin","country":"DE","lines":["Main St 1","c/o Smith"]},"tags":["vip","beta"]},
  "items":[{"sku":"A1","quantity":2,"price":9.5,"options":{"color":"red"}},{"sku":"B2","quantity":-1,"price":120,"options":{}},{"sku":"A1","quantity":7,"price":0,"options":{"gift":true}}],
  "metadata":{"order":"6735","note":"please \"ring\" twice","a":"1","b":"2","c":"3"}}},
 "request":{"id":"req_1","idempotency_key":null},"pending_webhooks":1}`

// at is a value of a body, and whether it is there.
func at(v any, path ...any) (any, bool) {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			if v, ok = m[p]; !ok {
				return nil, false
			}
		case int:
			l, ok := v.([]any)
			if !ok || p >= len(l) {
				return nil, false
			}
			v = l[p]
		}
	}
	return v, true
}

func object(v any) any { o, _ := at(v, "data", "object"); return o }

func items(v any) []any {
	all, _ := at(object(v), "items")
	list, _ := all.([]any)
	return list
}

// fault is a mistake of a handler, and the smallest body that shows it.
type fault struct {
	name  string
	fails func(v any) bool
	want  string
}

var faults = []fault{
	{"a phone of null", func(v any) bool { p, ok := at(object(v), "customer", "phone"); return ok && p == nil }, `{"data":{"object":{"customer":{"phone":null}}}}`},
	{"any event of that type", func(v any) bool { p, _ := at(v, "type"); return p == "order.paid" }, `{"type":"order.paid"}`},
	{"an amount over 100000", func(v any) bool { p, _ := at(object(v), "amount"); n, _ := p.(float64); return n > 100000 }, `{"data":{"object":{"amount":100001}}}`},
	{"a quantity below zero", func(v any) bool {
		for _, i := range items(v) {
			if q, _ := at(i, "quantity"); q != nil && q.(float64) < 0 {
				return true
			}
		}
		return false
	}, `{"data":{"object":{"items":[{"quantity":-1}]}}}`},
	{"three items", func(v any) bool { return len(items(v)) >= 3 }, `{"data":{"object":{"items":[{},{},{}]}}}`},
	{"an item without options", func(v any) bool {
		for _, i := range items(v) {
			if o, ok := at(i, "options"); ok {
				if m, _ := o.(map[string]any); len(m) == 0 {
					return true
				}
			}
		}
		return false
	}, `{"data":{"object":{"items":[{"options":{}}]}}}`},
	{"an emoji in the name", func(v any) bool {
		p, _ := at(object(v), "customer", "name")
		s, _ := p.(string)
		return strings.Contains(s, "🎉")
	}, `{"data":{"object":{"customer":{"name":"🎉"}}}}`},
	{"a letter that is no ASCII", func(v any) bool {
		p, _ := at(object(v), "customer", "name")
		s, _ := p.(string)
		return strings.Contains(s, "é")
	}, `{"data":{"object":{"customer":{"name":"é"}}}}`},
	{"a quote in a note", func(v any) bool {
		p, _ := at(object(v), "metadata", "note")
		s, _ := p.(string)
		return strings.Contains(s, `"`)
	}, `{"data":{"object":{"metadata":{"note":"\""}}}}`},
	{"two lines of an address", func(v any) bool {
		p, _ := at(object(v), "customer", "address", "lines")
		l, _ := p.([]any)
		return len(l) == 2
	}, `{"data":{"object":{"customer":{"address":{"lines":["",""]}}}}}`},
	{"a customer and an amount", func(v any) bool {
		_, a := at(object(v), "customer")
		_, b := at(object(v), "amount")
		return a && b
	}, `{"data":{"object":{"amount":0,"customer":{}}}}`},
	{"an id and a request", func(v any) bool {
		_, a := at(v, "id")
		_, b := at(v, "request", "id")
		return a && b
	}, `{"id":"","request":{"id":""}}`},
	{"a gift", func(v any) bool {
		for _, i := range items(v) {
			if g, _ := at(i, "options", "gift"); g == true {
				return true
			}
		}
		return false
	}, `{"data":{"object":{"items":[{"options":{"gift":true}}]}}}`},
	{"the same article twice", func(v any) bool {
		seen := map[any]bool{}
		for _, i := range items(v) {
			sku, ok := at(i, "sku")
			if ok && seen[sku] {
				return true
			}
			seen[sku] = ok
		}
		return false
	}, `{"data":{"object":{"items":[{"sku":""},{"sku":""}]}}}`},
	{"an object at all", func(v any) bool { _, ok := v.(map[string]any); return ok }, `{}`},
	{"a fraction in a price", func(v any) bool {
		for _, i := range items(v) {
			if p, _ := at(i, "price"); p != nil && p.(float64) != float64(int(p.(float64))) {
				return true
			}
		}
		return false
	}, `{"data":{"object":{"items":[{"price":9.5}]}}}`},
	{"a time in the afternoon of the clock", func(v any) bool { p, _ := at(v, "created"); n, _ := p.(float64); return n >= 1<<30 }, `{"created":1073741824}`},
	{"more than three members of metadata", func(v any) bool {
		p, _ := at(object(v), "metadata")
		m, _ := p.(map[string]any)
		return len(m) > 3
	}, `{"data":{"object":{"metadata":{"order":"","note":"","a":"","b":""}}}}`},
	{"a beta tester", func(v any) bool {
		p, _ := at(object(v), "customer", "tags")
		l, _ := p.([]any)
		for _, x := range l {
			if x == "beta" {
				return true
			}
		}
		return false
	}, `{"data":{"object":{"customer":{"tags":["beta"]}}}}`},
	{"a city and a key of null", func(v any) bool {
		_, a := at(object(v), "customer", "address", "city")
		k, b := at(v, "request", "idempotency_key")
		return a && b && k == nil
	}, `{"data":{"object":{"customer":{"address":{"city":""}}}},"request":{"idempotency_key":null}}`},
}

// size counts what a body holds, for a comparison where several are as small.
func size(t *testing.T, body string) int {
	t.Helper()
	var b strings.Builder
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// TestTwentyFaults: of each the smallest body is found within 200 tries.
func TestTwentyFaults(t *testing.T) {
	if len(faults) != 20 {
		t.Fatalf("%d faults", len(faults))
	}
	most := 0
	for _, f := range faults {
		tried := map[string]bool{}
		r := shrink.Find([]byte(order), shrink.Most, func(body []byte) (bool, bool) {
			if tried[string(body)] {
				t.Errorf("%s: %s is tried twice", f.name, body)
			}
			tried[string(body)] = true
			var v any
			if err := json.Unmarshal(body, &v); err != nil {
				t.Fatalf("%s: no JSON is tried: %s", f.name, body)
			}
			return f.fails(v), false
		})
		if !r.Whole || r.Tries > shrink.Most || len(tried) != r.Tries || size(t, string(r.Body)) > size(t, f.want) {
			t.Errorf("%s: after %d tries (whole %v) %s, want %s", f.name, r.Tries, r.Whole, r.Body, f.want)
		}
		var v any
		if json.Unmarshal(r.Body, &v); !f.fails(v) {
			t.Errorf("%s: %s does not fail", f.name, r.Body)
		}
		most = max(most, r.Tries)
	}
	t.Logf("at the most %d tries", most)
}

func TestTriesAreBounded(t *testing.T) {
	n := 0
	r := shrink.Find([]byte(order), 7, func([]byte) (bool, bool) { n++; return n%3 == 0, false })
	if n != 7 || r.Tries != 7 || r.Whole {
		t.Errorf("%d tries, %+v", n, r)
	}
	n = 0
	r = shrink.Find([]byte(order), 100, func([]byte) (bool, bool) { n++; return false, n == 4 })
	if n != 4 || r.Whole || r.Smaller || string(r.Body) != order {
		t.Errorf("%d tries, %v", n, r.Whole)
	}
	if r := shrink.Find([]byte("no JSON"), 100, nil); string(r.Body) != "no JSON" || r.Tries != 0 {
		t.Errorf("%+v", r)
	}
}

func FuzzFind(f *testing.F) {
	f.Add(order, uint8(3))
	f.Fuzz(func(t *testing.T, body string, every uint8) {
		n := 0
		r := shrink.Find([]byte(body), 60, func(b []byte) (bool, bool) {
			if !json.Valid(b) {
				t.Fatalf("no JSON is tried: %q of %q", b, body)
			}
			n++
			return n%(int(every)+1) == 0, false
		})
		if n > 60 || r.Tries != n {
			t.Fatal(fmt.Sprint(n, r.Tries))
		}
	})
}
