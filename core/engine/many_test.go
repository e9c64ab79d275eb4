package engine_test

import (
	"fmt"
	"testing"
)

// TestManySourcesAreToldApart: of sources whose addresses begin alike, or hold the same ids, the best match has a request, and
// the older among equals.
func TestManySourcesAreToldApart(t *testing.T) {
	t.Parallel()
	sources := []any{
		map[string]any{"platform": "generic", "name": "in", "path": "/in"},
		map[string]any{"platform": "workjet", "name": "jet", "id": "id7"},
		map[string]any{"platform": "nitejar", "name": "jar", "id": "id7"},
		map[string]any{"platform": "joai", "name": "joai"},
		map[string]any{"platform": "generic", "name": "root", "path": "/"},
	}
	for i := range 300 {
		sources = append(sources, map[string]any{"platform": "generic", "name": fmt.Sprint("s", i), "path": fmt.Sprintf("/in/%d", i)})
	}
	r, err := open(t, map[string]any{"hookglass": 1, "sources": sources}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/in/7": "s7", "/in/7/": "s7", "/in/7/more": "s7", "/in/77": "s77", "/in/7?x=/in/8": "s7", "/in/nowhere": "in", "/in": "in", "/other": "root", "/in/299/a/b": "s299", "/in/1000": "in",
		"/v1/webhooks/id7": "jet", "/v1/webhooks/id8": "root", "/api/webhooks/plugins/webhook/id7": "jar", "/": "root",
	} {
		r.send("POST", path, nil, []byte("{}"))
		var rows []struct{ Source, Target string }
		if r.ask("GET", "/_/captures?limit=1", nil, &rows); len(rows) != 1 || rows[0].Source != want || rows[0].Target != path {
			t.Errorf("%s went to %+v, want %s", path, rows, want)
		}
	}
}
