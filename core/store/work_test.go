package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

func TestWorkLists(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	at := time.Unix(1_000, 0)
	item := func(id, state string, final, failed bool) core.WorkItem {
		return core.WorkItem{ID: id, Platform: "almyty", Source: 2, SourceName: "agent", Created: at, State: state, Final: final, Failed: failed, Cost: 0.25,
			Title: "about " + id, States: []core.StateAt{{State: "running", At: at}},
			Steps:   []core.Step{{Name: "inference", Started: at.Add(time.Second), Took: 2 * time.Second}},
			Payload: json.RawMessage(`{"z":1.0,"a":2}`)}
	}
	kept := &store.Kept{Source: 2, Work: []core.WorkItem{item("one", "running", false, false), item("two", "failed", true, true), item("three", "completed", true, false),
		item("four", "completed", true, false)}}
	if err := s.AddKept(kept); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		f    store.WorkFilter
		want string
	}{
		{"all", store.WorkFilter{}, "four three two one"},
		{"of a state", store.WorkFilter{State: "completed"}, "four three"},
		{"under way", store.WorkFilter{Open: true}, "one"},
		{"failed", store.WorkFilter{Failed: true}, "two"},
		{"with a text", store.WorkFilter{Text: "thr"}, "three"},
		{"of another source", store.WorkFilter{Source: 9}, ""},
	} {
		rows, err := s.WorkRows(ctx, tt.f, 0, 10)
		var got []string
		for _, r := range rows {
			got = append(got, r.ID)
		}
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, %v; want %s", tt.name, got, err, tt.want)
		}
	}
	rows, err := s.WorkRows(ctx, store.WorkFilter{}, 0, 1)
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	r := rows[0]
	if r.Steps != 1 || r.Cost != 0.25 || r.SourceName != "agent" || !r.Changed.Equal(at.Add(3*time.Second)) {
		t.Errorf("row %+v", r)
	}
	whole, err := s.WorkAt(ctx, r.Row)
	if raw, _ := whole.Payload.(json.RawMessage); err != nil || whole.ID != "four" || string(raw) != `{"z":1.0,"a":2}` {
		t.Errorf("item %+v, %v; want its payload as it was stored", whole, err)
	}
	if older, err := s.WorkRows(ctx, store.WorkFilter{}, r.Row, 10); err != nil || len(older) != 3 || older[0].ID != "three" {
		t.Errorf("the next page: %+v, %v", older, err)
	}
	counts, err := s.WorkStates(ctx)
	if err != nil || len(counts) != 3 || counts[0] != (store.WorkCount{"running", false, false, 1}) || counts[1] != (store.WorkCount{"completed", true, false, 2}) {
		t.Errorf("counts %+v, %v", counts, err)
	}
}

// A machine tells the same item again and again: it stays one row, with what the store itself knows of it.
func TestWorkIsOneRow(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	c := sample(0)
	w := core.WorkItem{ID: "w", Platform: "almyty", Source: 2, Created: noon, State: "queued"}
	must(t, s.AddCapture(c, &store.Kept{Work: []core.WorkItem{w}, Deliveries: []core.Delivery{{Work: "w"}, {Work: "unknown"}}}))
	w.State, w.Final, w.Cost = "completed", true, 2
	must(t, s.AddKept(&store.Kept{Work: []core.WorkItem{w}, Deliveries: []core.Delivery{{Work: "w"}}}))
	other := w
	other.Source = 3 // another source may use the same id
	must(t, s.AddKept(&store.Kept{Work: []core.WorkItem{other}}))

	rows := must1(s.WorkRows(ctx, store.WorkFilter{Source: 2}, 0, 10))(t)
	if len(rows) != 1 || rows[0].State != "completed" || rows[0].Capture != c.ID || rows[0].Cost != 2 {
		t.Fatalf("rows %+v", rows)
	}
	if got := must1(s.WorkAt(ctx, rows[0].Row))(t); got.Capture != c.ID || words(got.Deliveries) != "1 3" {
		t.Errorf("capture %d, deliveries %v", got.Capture, got.Deliveries)
	}
	if got := must1(s.WorkOfCapture(ctx, c.ID))(t); len(got) != 1 || got[0].ID != "w" {
		t.Errorf("of the capture: %+v", got)
	}
}

// Ids of platforms may be numbers: they come before the numbers of rows.
func TestWorkByItsID(t *testing.T) {
	s := open(t)
	for _, id := range []string{"2", "x", "x"} {
		must(t, s.AddKept(&store.Kept{Work: []core.WorkItem{{ID: id, Source: core.SourceID(len(must1(s.WorkRows(t.Context(), store.WorkFilter{}, 0, 9))(t))), Created: noon, Title: id}}}))
	}
	for ask, want := range map[string]struct {
		id     string
		source core.SourceID
	}{"2": {"2", 0}, "1": {"2", 0}, "x": {"x", 2}, "3": {"x", 2}} {
		if got, err := s.Work(t.Context(), ask); err != nil || got.ID != want.id || got.Source != want.source {
			t.Errorf("%s: %+v, %v", ask, got, err)
		}
	}
	for _, ask := range []string{"99", "y", ""} {
		if _, err := s.Work(t.Context(), ask); !errors.Is(err, core.ErrNotFound) {
			t.Errorf("%q: %v", ask, err)
		}
	}
	if _, err := s.WorkAt(t.Context(), 99); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("row 99: %v", err)
	}
}

// After a restart a machine goes on with all that is not finished, and with as much of the rest as it remembers.
func TestWorkThatAMachineGoesOnWith(t *testing.T) {
	s := open(t)
	for i, final := range []bool{false, true, true, false, true, true} {
		must(t, s.AddKept(&store.Kept{Work: []core.WorkItem{{ID: fmt.Sprint("w", i), Source: 1, Created: noon, Final: final}}}))
	}
	must(t, s.AddKept(&store.Kept{Work: []core.WorkItem{{ID: "other", Source: 2, Created: noon}}}))
	for remembers, want := range map[int]string{0: "w0 w3", 2: "w0 w3 w4 w5", 9: "w0 w1 w2 w3 w4 w5"} {
		var got []string
		for _, w := range must1(s.WorkOf(t.Context(), 1, remembers))(t) {
			got = append(got, w.ID)
		}
		if words(got) != want {
			t.Errorf("remembering %d: %v, want %s", remembers, got, want)
		}
	}
	items, rows, err := s.WorkItems(t.Context(), store.WorkFilter{Platform: "none"}, 0, 9)
	if err != nil || len(items)+len(rows) != 0 {
		t.Errorf("of no platform: %v, %v", items, err)
	}
	items, rows, err = s.WorkItems(t.Context(), store.WorkFilter{Open: true, Source: 1}, 0, 1)
	if err != nil || len(items) != 1 || items[0].ID != "w3" {
		t.Fatalf("first page %+v, %v", items, err)
	}
	if items, _, err = s.WorkItems(t.Context(), store.WorkFilter{Open: true, Source: 1}, rows[0], 9); err != nil || len(items) != 1 || items[0].ID != "w0" {
		t.Errorf("next page %+v, %v", items, err)
	}
}

// The height of a history tells apart what was kept before and after: ids that begin anew with it never repeat.
func TestHeightGrows(t *testing.T) {
	s := open(t)
	last := int64(-1)
	grown := func(what string) {
		t.Helper()
		h := must1(s.Height(t.Context()))(t)
		if h <= last {
			t.Errorf("after %s it is %d, and was %d", what, h, last)
		}
		last = h
	}
	grown("nothing")
	keep(t, s, 1, nil)
	grown("a capture")
	must(t, s.AddKept(&store.Kept{Work: []core.WorkItem{{ID: "w", Created: noon}}}))
	grown("work")
	must(t, s.PutEndpoint(&core.Endpoint{WireID: "e", Created: noon}))
	grown("an endpoint")
}
