package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// learnt opens an engine with a generic source, sends it bodies and waits until they are learned.
func learnt(t *testing.T, bodies ...string) *rig {
	t.Helper()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "name": "shop", "path": "/in/shop", "scheme": "github"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.sendAll(bodies...)
	return r
}

func (r *rig) sendAll(bodies ...string) {
	r.Helper()
	for _, b := range bodies {
		req, err := http.NewRequestWithContext(r.ctx, "POST", r.URL()+"/in/shop", strings.NewReader(b))
		if err != nil {
			r.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-GitHub-Event", "push")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			r.Fatal(err)
		}
		resp.Body.Close()
	}
}

func like(n int, body string) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf(body, i))
	}
	return all
}

// TestShapesAreLearnedBehindTheCaptures: a running engine learns by itself, names a change at its capture, and the filter finds it.
func TestShapesAreLearnedBehindTheCaptures(t *testing.T) {
	r := learnt(t, like(80, `{"id":%d,"who":"ann"}`)...)
	r.sendAll(`{"id":81,"who":"ann","more":true}`)
	q := must1(store.ParseQuery("is:drift", time.Now()))(t)
	var rows []store.Row
	r.until("the drift", func() bool {
		rows = must1(r.Store.Captures(t.Context(), q, 0, 10))(t)
		return len(rows) > 0
	})
	if len(rows) != 1 || rows[0].ID != 81 {
		t.Errorf("found %+v", rows)
	}
	e, err := r.Shapes.Find(t.Context(), "", "push")
	if err != nil || e.Count != 81 || e.Name != "shop" || len(e.Drifts) != 1 || e.Drifts[0].Path != "more" || e.Drifts[0].Capture != 81 {
		t.Errorf("%+v, %v", e, err)
	}
	drifts, err := r.Shapes.DriftsOf(t.Context(), 81)
	if err != nil || len(drifts) != 1 || drifts[0].Says() != "more is new (boolean): none of 80 before had it" {
		t.Errorf("%+v, %v", drifts, err)
	}
}

// TestEachCaptureIsLearnedOnce: whoever asks meanwhile.
func TestEachCaptureIsLearnedOnce(t *testing.T) {
	for round := range 3 {
		r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "name": fmt.Sprint("shop", round), "path": "/in/shop"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() {
			for range 20 {
				if err := r.Shapes.Settle(context.Background()); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		r.sendAll(like(40, `{"id":%d}`)...)
		must(t, <-done)
		must(t, r.Shapes.Settle(t.Context()))
		all := must1(r.Shapes.List(t.Context()))(t)
		if len(all) != 1 || all[0].Count != 40 {
			t.Errorf("%+v", all)
		}
	}
}

// TestDeletedCapturesLeaveNoTraceInShapes: what was learned of them alone is forgotten, what others have stays.
func TestDeletedCapturesLeaveNoTraceInShapes(t *testing.T) {
	r := learnt(t, `{"kept":"yes"}`, `{"kept":"yes","gone":"hidden-word"}`, `{"kept":"yes"}`)
	must(t, r.Shapes.Settle(t.Context()))
	e := must1(r.Shapes.Find(t.Context(), "shop", "push"))(t)
	if len(e.Learned.Root.Fields) != 2 {
		t.Fatalf("%+v", e)
	}
	must1(r.History.Delete(t.Context(), engine.One(2)))(t)
	if raw := must1(r.Store.Shape(t.Context(), e.Source, "push"))(t); len(raw.Doc) != 0 {
		t.Errorf("it is still there: %s", raw.Doc)
	}
	must(t, r.Shapes.Settle(t.Context()))
	e = must1(r.Shapes.Find(t.Context(), "shop", "push"))(t)
	if e.Count != 2 || len(e.Learned.Root.Fields) != 1 || e.Learned.Root.Optional(e.Learned.Root.Fields[0]) {
		t.Errorf("%+v", e.Learned.Root)
	}
	must1(r.History.Delete(t.Context(), store.Query{}))(t)
	must(t, r.Shapes.Settle(t.Context()))
	if all := must1(r.Shapes.List(t.Context()))(t); len(all) != 0 {
		t.Errorf("without a capture there is still %+v", all)
	}
}

// TestWhatIsNotLearned: replays, which say what we sent, and bodies that are no JSON.
func TestWhatIsNotLearned(t *testing.T) {
	r := learnt(t, `{"id":1}`, "no JSON", `{"id":`)
	c := core.Capture{At: time.Now(), Source: 1, Name: "shop", Event: core.Event{Type: "push"}, ReplayOf: 1, Request: core.Request{Method: "POST", Target: "/in/shop", Body: []byte(`{"other":1}`)}}
	must(t, r.Store.AddCapture(&c, nil))
	must(t, r.Shapes.Settle(t.Context()))
	e := must1(r.Shapes.Find(t.Context(), "", "push"))(t)
	if e.Count != 1 || len(e.Learned.Root.Fields) != 1 {
		t.Errorf("%+v", e)
	}
	if _, err := r.Shapes.Find(t.Context(), "", "pull"); err == nil || !strings.Contains(err.Error(), "known are push") {
		t.Errorf("%v", err)
	}
}

// TestContractsAreChecked: what is there when a contract comes, and what arrives from then on; and no more once it is taken away.
func TestContractsAreChecked(t *testing.T) {
	r := learnt(t, `{"id":1}`, `{"id":"x"}`)
	broken := func() (ids []core.CaptureID) {
		must(t, r.Shapes.Settle(t.Context()))
		return must1(r.Store.CaptureIDs(t.Context(), must1(store.ParseQuery("contract:broken", time.Now()))(t), 0))(t)
	}
	if got := broken(); len(got) != 0 {
		t.Errorf("without a contract %v break it", got)
	}
	src := must1(r.Store.Sources(t.Context()))(t)[0]
	must1(r.EditSource(t.Context(), src.ID, []byte(`{"contract":{"type":"object","properties":{"id":{"type":"integer"}}}}`)))(t)
	if got := broken(); len(got) != 1 || got[0] != 2 {
		t.Errorf("%v break it, want 2", got)
	}
	r.sendAll(`{"id":true}`, `{"id":4}`, "no JSON")
	if got := broken(); len(got) != 3 || got[0] != 5 || got[1] != 3 {
		t.Errorf("%v break it, want 5, 3 and 2", got)
	}
	found, checked, err := r.Shapes.Violations(t.Context(), 3)
	if err != nil || !checked || len(found) != 1 || found[0].Path != "id" || found[0].Reason != "got boolean, want integer" {
		t.Errorf("%+v, %v, %v", found, checked, err)
	}
	if _, err := r.EditSource(t.Context(), src.ID, []byte(`{"contract":{"openapi":"3.0.0"}}`)); err == nil || !strings.Contains(err.Error(), "want 3.1") {
		t.Errorf("%v", err)
	}
	if _, err := r.EditSource(t.Context(), src.ID, []byte(`{"contract":"a.json"}`)); err == nil || !strings.Contains(err.Error(), "contract: want a JSON Schema") {
		t.Errorf("%v", err)
	}
	must1(r.EditSource(t.Context(), src.ID, []byte(`{"contract":null}`)))(t)
	if got := broken(); len(got) != 0 {
		t.Errorf("once it is taken away %v break it", got)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must1 is must for what comes with an error.
func must1[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}
