package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
)

func TestSavedFilters(t *testing.T) {
	e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	names := func() (out []string) {
		all, err := e.History.Filters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			out = append(out, f.Name+"="+f.Filter)
		}
		return out
	}
	save := func(was, name, filter string) {
		t.Helper()
		if err := e.History.SaveFilter(was, engine.SavedFilter{Name: name, Filter: filter}); err != nil {
			t.Fatal(err)
		}
	}
	save("", " bad ones ", "sig:bad")
	save("", "errors", "is:error")
	save("", "bad ones", "sig:bad source:stripe") // the same name again
	save("errors", "failed", "is:error")          // renamed
	if got := names(); !slices.Equal(got, []string{"bad ones=sig:bad source:stripe", "failed=is:error"}) {
		t.Errorf("kept %q", got)
	}
	save("failed", "bad ones", "is:error") // renamed to a name that is taken: that one gives way
	if got := names(); !slices.Equal(got, []string{"bad ones=is:error"}) {
		t.Errorf("kept %q", got)
	}
	for _, c := range []struct{ name, filter, says string }{
		{"", "sig:bad", "name"}, {strings.Repeat("x", 41), "sig:bad", "40 characters"}, {"a", " ", "is empty"}, {"a", "colour:red", "unknown word"},
	} {
		err := e.History.SaveFilter("", engine.SavedFilter{Name: c.name, Filter: c.filter})
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q %q: %v", c.name, c.filter, err)
		}
	}
	if err := e.History.DeleteFilter("bad ones"); err != nil || len(names()) != 0 {
		t.Errorf("%v, left %q", err, names())
	}
	for range 3 {
		c := core.Capture{At: time.Unix(1, 0), Request: core.Request{Method: "POST", Target: "/"}, Response: core.Response{Status: 500}, Receipt: core.Receipt{Outcome: core.Accepted}}
		if err := e.Store.AddCapture(&c, nil); err != nil {
			t.Fatal(err)
		}
	}
	for filter, want := range map[string]int64{"is:error": 3, "is:limited": 0, "body:x": -1, "colour:red": -1} {
		if n, known := e.History.CountFilter(t.Context(), filter, time.Now()); known != (want >= 0) || known && n != want {
			t.Errorf("%s counts %d, %v; want %d", filter, n, known, want)
		}
	}
}
