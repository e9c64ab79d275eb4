package engine_test

import (
	"testing"

	"hookglass/core/exchange"
)

// A workspace takes the place of what an earlier one left at the same address, whatever that was called.
func TestApplyReplacesByAddress(t *testing.T) {
	e := openIdle(t)
	for _, file := range []string{
		`{"hookglass":1,"sources":[{"platform":"generic","name":"a","path":"/in/x"},{"platform":"generic","name":"b","path":"/in/y"}]}`,
		`{"hookglass":1,"sources":[{"platform":"generic","name":"c","path":"/in/x","secret":"s"},{"platform":"generic","name":"b","path":"/in/z"}]}`,
	} {
		w, err := exchange.ParseWorkspace([]byte(file))
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Apply(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	all, err := e.Store.Sources(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("%d sources, %v; want 2", len(all), err)
	}
	if all[0].Name != "c" || all[0].Settings.Text("path") != "/in/x" || all[1].Name != "b" || all[1].Settings.Text("path") != "/in/z" {
		t.Errorf("%+v", all)
	}
}
