package engine_test

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

func TestSourcesOverTheControlAddress(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/taken", "name": "taken"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got engine.SourceJSON
	r.ask("POST", "/_/sources", map[string]any{"platform": "generic", "path": "/in/shop", "scheme": "github", "secret": "s3cret", "forward": "http://127.0.0.1:1/"}, &got)
	if got.ID != 2 || got.Name != "shop" || got.Secrets["secret"] != core.Masked+" (run)" || got.Forward != "http://127.0.0.1:1/" {
		t.Fatalf("%+v", got)
	}
	var plain engine.SourceJSON
	r.ask("PUT", "/_/sources/2", map[string]any{"path": "/in/store", "name": "store", "faults": map[string]any{"error_rate": 0.5}, "forward": nil}, &plain)
	if plain.Name != "store" || !strings.HasSuffix(plain.URL, "/in/store") || plain.Secrets["secret"] == "" || plain.Forward != nil || plain.Settings["scheme"] != "github" {
		t.Errorf("%+v", plain)
	}
	src, err := r.Store.Source(r.ctx, 2)
	if err != nil || src.Faults.ErrorRate != 0.5 {
		t.Errorf("%+v, %v", src, err)
	}
	// Another that is named as it was keeps a secret of its own.
	r.ask("POST", "/_/sources", map[string]any{"platform": "generic", "path": "/in/shop", "scheme": "github", "secret": "other"}, &got)
	if s, err := r.Vault.Resolve(src.Secrets["secret"]); err != nil || string(s.Reveal()) != "s3cret" {
		t.Errorf("the secret is %q, %v", s.Reveal(), err)
	}
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		say          string
	}{
		{"POST", "/_/sources", map[string]any{"platform": "generic", "path": "/in/taken"}, 400, "taken"},
		{"POST", "/_/sources", map[string]any{"platform": "generic", "path": "/in/free", "name": "taken"}, 400, "name: "},
		{"POST", "/_/sources", map[string]any{"platform": "generic", "path": "/in/free", "colour": "red"}, 400, "colour"},
		{"POST", "/_/sources", map[string]any{"platform": "nope"}, 400, "platform: "},
		{"POST", "/_/sources", []any{}, 400, "body: "},
		{"POST", "/_/sources", nil, 400, "body: "},
		{"POST", "/_/sources", map[string]any{"platform": "generic", "path": "/" + strings.Repeat("x", 1<<20)}, 400, "longer"},
		{"PUT", "/_/sources/2", map[string]any{"path": "/in/taken"}, 400, "taken"},
		{"PUT", "/_/sources/2", map[string]any{"platform": "nekro"}, 400, "platform: "},
		{"PUT", "/_/sources/2", map[string]any{"faults": map[string]any{"error_rate": 2}}, 400, "faults.error_rate: "},
		{"PUT", "/_/sources/9", map[string]any{}, 404, "9"},
		{"GET", "/_/sources/x", nil, 400, "id: "},
		{"DELETE", "/_/sources/9", nil, 404, "9"},
	} {
		var said engine.RefusalJSON
		if status := r.status(c.method, c.path, c.body, &said); status != c.status || !strings.Contains(said.Error.String(), c.say) {
			t.Errorf("%s %s %.100v: %d %v", c.method, c.path, c.body, status, said)
		}
	}
	var same engine.SourceJSON
	if r.ask("GET", "/_/sources/2", nil, &same); same.URL != plain.URL || same.Name != "store" {
		t.Errorf("what was refused changed it: %+v", same)
	}
	r.ask("DELETE", "/_/sources/2", nil, &map[string]any{})
	var all []engine.SourceJSON
	if r.ask("GET", "/_/sources", nil, &all); len(all) != 2 {
		t.Errorf("left are %+v", all)
	}
}
