package shape_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"hookglass/core/shape"
)

// change is a seeded change of bodies: what it does to one, and what is to be said of it.
type change struct {
	name string
	do   func(body, object map[string]any)
	want shape.Drift // its kind and path
}

var changes = []change{
	{"a new member", func(_, o map[string]any) { o["tax_ids"] = []any{"DE123"} }, shape.Drift{Kind: shape.NewPath, Path: "data.object.tax_ids"}},
	{"a new member in items", func(_, o map[string]any) {
		o["items"] = []any{map[string]any{"sku": "SKU-1", "quantity": 1, "price": 2.5, "kind": "digital", "weight": map[string]any{"g": 1}}}
	}, shape.Drift{Kind: shape.NewPath, Path: "data.object.items[].weight"}},
	{"a missing member", func(_, o map[string]any) { delete(o["customer"].(map[string]any), "email") }, shape.Drift{Kind: shape.Missing, Path: "data.object.customer.email"}},
	{"a missing object", func(_, o map[string]any) { delete(o, "metadata") }, shape.Drift{Kind: shape.Missing, Path: "data.object.metadata"}},
	{"a number as a text", func(_, o map[string]any) { o["amount"] = "12.50" }, shape.Drift{Kind: shape.NewType, Path: "data.object.amount"}},
	{"an object instead of a text", func(b, _ map[string]any) { b["livemode"] = map[string]any{"on": true} }, shape.Drift{Kind: shape.NewType, Path: "livemode"}},
	{"null", func(_, o map[string]any) { o["currency"] = nil }, shape.Drift{Kind: shape.NewType, Path: "data.object.currency"}},
	{"a new value", func(_, o map[string]any) { o["status"] = "disputed" }, shape.Drift{Kind: shape.NewValue, Path: "data.object.status"}},
	{"a new value of a nested list", func(_, o map[string]any) {
		o["items"] = []any{map[string]any{"sku": "SKU-1", "quantity": 1, "price": 2.5, "kind": "voucher"}}
	}, shape.Drift{Kind: shape.NewValue, Path: "data.object.items[].kind"}},
	{"a date that is none", func(_, o map[string]any) { o["paid_at"] = "27/11/2026" }, shape.Drift{Kind: shape.Broken, Path: "data.object.paid_at"}},
	{"an id that is no UUID", func(_, o map[string]any) { o["uuid"] = "01HF8Z" }, shape.Drift{Kind: shape.Broken, Path: "data.object.uuid"}},
	{"a relative address", func(_, o map[string]any) { o["url"] = "/orders/1" }, shape.Drift{Kind: shape.Broken, Path: "data.object.url"}},
}

func changed(t testing.TB, body []byte, do func(body, object map[string]any)) []byte {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	do(v, v["data"].(map[string]any)["object"].(map[string]any))
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSeededChangesAreNamedOnce: over 10,000 captures each change is named once, at the capture that had it first, whether it
// stays from then on or came once; and nothing else is.
func TestSeededChangesAreNamedOnce(t *testing.T) {
	for _, stays := range []bool{false, true} {
		t.Run(fmt.Sprintf("stays %v", stays), func(t *testing.T) {
			r := rand.New(rand.NewPCG(11, 12))
			at := map[int]change{}
			for i, c := range changes {
				at[400+i*750+r.IntN(700)] = c
			}
			l := shape.NewLearner(shape.New())
			var since []change
			found := map[int][]shape.Drift{}
			for i := range 10_000 {
				body := order(r, i)
				if c, ok := at[i]; ok {
					body = changed(t, body, c.do)
					if stays {
						since = append(since, c)
					}
				} else if len(since) > 0 {
					body = changed(t, body, func(b, o map[string]any) {
						for _, c := range since {
							if c.name != "null" && c.name != "a new value of a nested list" && c.name != "a new member in items" { // one of several
								c.do(b, o)
							}
						}
					})
				}
				if d := l.Learn(read(t, string(body)), mark(i+1)); len(d) > 0 {
					found[i] = d
				}
			}
			for i, c := range at {
				got := found[i]
				delete(found, i)
				if len(got) != 1 || got[0].Kind != c.want.Kind || got[0].Path != c.want.Path {
					t.Errorf("capture %d, %s: %+v", i, c.name, got)
				}
			}
			for _, i := range slices.Sorted(maps.Keys(found)) {
				t.Errorf("capture %d differs in nothing: %+v", i, found[i])
			}
		})
	}
}

// TestNoFalseDrift: 100,000 bodies that vary, some members of which come in 3 of 100, and none is said to differ.
func TestNoFalseDrift(t *testing.T) {
	events, each := 10, 10_000
	if testing.Short() {
		each = 2000
	}
	for event := range events {
		r := rand.New(rand.NewPCG(uint64(event), 21))
		l := shape.NewLearner(shape.New())
		for i := range each {
			if d := l.Learn(read(t, string(order(r, i))), mark(i+1)); len(d) > 0 {
				t.Errorf("event %d, capture %d: %s", event, i, d[0].Says())
			}
		}
	}
}

// TestFewBodiesSayNothing: what was there in twenty bodies may be missing in the next.
func TestFewBodiesSayNothing(t *testing.T) {
	l := shape.NewLearner(shape.New())
	for i := range 25 {
		if d := l.Learn(read(t, `{"a":1,"state":"open","at":"2026-11-27T10:00:00Z"}`), mark(i+1)); len(d) > 0 {
			t.Errorf("%+v", d)
		}
	}
	if d := l.Learn(read(t, `{"state":"closed","at":"tomorrow","more":true}`), mark(26)); len(d) > 0 {
		t.Errorf("25 bodies were enough for %+v", d)
	}
}

// TestRareThingsAskForMore: where members of one in thirty are known, a hundred bodies do not show all that there is.
func TestRareThingsAskForMore(t *testing.T) {
	l := shape.NewLearner(shape.New())
	for i := range 100 {
		body := `{"a":1}`
		if i%30 == 3 {
			body = `{"a":1,"rare":true}`
		}
		l.Learn(read(t, body), mark(i+1))
	}
	if d := l.Learn(read(t, `{"a":1,"other":true}`), mark(101)); len(d) > 0 {
		t.Errorf("%+v", d)
	}
	rigid := shape.NewLearner(shape.New())
	for i := range 100 {
		rigid.Learn(read(t, `{"a":1}`), mark(i+1))
	}
	if d := rigid.Learn(read(t, `{"a":1,"other":true}`), mark(101)); len(d) != 1 || d[0].Path != "other" {
		t.Errorf("%+v", d)
	}
}
