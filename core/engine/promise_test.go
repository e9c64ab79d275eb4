package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

// anOrder is a contract: an id that is a whole number, and an amount.
var anOrder = map[string]any{"type": "object", "required": []any{"amount"}, "properties": map[string]any{"id": map[string]any{"type": "integer"}}}

// TestRuleAnswersByContract: a body that breaks the contract of its source is answered with what is wrong with it, one that keeps it is not;
// both stand with the capture, also where a limit has the source not look before it counts.
func TestRuleAnswersByContract(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]any{"plain": nil, "behind a limit": map[string]any{"kind": "fixed", "count": 100, "window_s": 1}} {
		src := map[string]any{"path": "/in", "contract": anOrder, "answer": []any{
			map[string]any{"when": "contract:broken", "status": 400, "body": `{"error":"contract","violations":{{toJSON .violations}}}`},
			map[string]any{"when": "-contract:none", "status": 201, "body": `{{range .violations}}{{.path}}{{end}}{{toJSON .violations}}`},
		}}
		if limit != nil {
			src["limit"] = limit
		}
		r := with(t, src)
		a := r.send("POST", "/in", [][2]string{{"Content-Type", "application/json"}}, []byte(`{"id":"x"}`))
		var said struct{ Violations []core.Violation }
		if err := json.Unmarshal(a.body, &said); err != nil || a.status != 400 || a.header.Get("Content-Type") != "application/json" || len(said.Violations) != 2 {
			t.Errorf("%s: broken: %d %s, %v", name, a.status, a.body, err)
		} else if v := said.Violations[1]; v.Path != "id" || v.Reason != "got string, want integer" {
			t.Errorf("%s: %+v", name, said.Violations)
		}
		if k := r.captures()[0].Receipt.Checks; len(k) != 3 || k[1].Name != "contract" || k[1].OK || !strings.Contains(k[1].Got, "and 1 more") {
			t.Errorf("%s: the checks are %+v", name, k)
		}
		if a := r.send("POST", "/in", nil, []byte(`{"id":1,"amount":2}`)); a.status != 201 || string(a.body) != "[]" {
			t.Errorf("%s: kept: %d %s", name, a.status, a.body)
		}
		if a := r.send("POST", "/in", nil, []byte(`no JSON`)); a.status != 400 || !strings.Contains(string(a.body), "is no JSON") {
			t.Errorf("%s: no JSON: %d %s", name, a.status, a.body)
		}
		must(t, r.Shapes.Settle(t.Context()))
		var whole engine.CaptureJSON
		r.ask("GET", "/_/captures/1", nil, &whole)
		if whole.Contract != "broken" || len(whole.Violations) != 2 {
			t.Errorf("%s: the capture says %q %+v", name, whole.Contract, whole.Violations)
		}
		r.ask("PUT", "/_/sources/1", map[string]any{"contract": nil}, new(any))
		if a := r.send("POST", "/in", nil, []byte(`{"id":"x"}`)); a.status != 200 || len(a.body) != 0 {
			t.Errorf("%s: without a contract: %d %s", name, a.status, a.body)
		} else if k := r.captures()[0].Receipt.Checks; len(k) != 3 || !strings.Contains(k[1].Got, "the source has none") {
			t.Errorf("%s: the checks are %+v", name, k)
		}
	}
}

// TestForwardByContract: what breaks the contract is not sent on, where the forward says so.
func TestForwardByContract(t *testing.T) {
	t.Parallel()
	x := newTarget(t, nil)
	r := with(t, map[string]any{"path": "/in", "contract": anOrder, "forward": map[string]any{"url": x.URL, "when": "contract:kept"}})
	r.send("POST", "/in", nil, []byte(`{"id":"x"}`))
	r.send("POST", "/in", nil, []byte(`{"id":1,"amount":2}`))
	r.until("one is sent", r.delivered(1))
	if _, _, body := x.last(); body != `{"id":1,"amount":2}` {
		t.Errorf("sent on: %s", body)
	}
}

// TestPreviewOfAnAnswerKnowsTheContract of a source as it is being edited.
func TestPreviewOfAnAnswerKnowsTheContract(t *testing.T) {
	r := with(t, map[string]any{"path": "/in"})
	r.send("POST", "/in", nil, []byte(`{"id":"x"}`))
	src := must1(r.Store.Sources(t.Context()))(t)[0]
	src.Contract = must1(json.Marshal(anOrder))(t)
	src.Settings["answer"] = map[string]any{"when": "contract:broken", "status": 422.0}
	out, err := r.TryAnswer(t.Context(), src, 1)
	if err != nil || out.Response.Status != 422 {
		t.Errorf("%d, %v", out.Response.Status, err)
	}
}
