package store_test

import (
	"context"
	"encoding/json"
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
