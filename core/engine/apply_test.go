package engine_test

import (
	"errors"
	"testing"

	"hookglass/core"
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

// A workspace is put in force whole or not at all: where one thing is refused, with its path, the history is as it was.
func TestApplyIsAllOrNothing(t *testing.T) {
	const scheme = `{"id":"mine","provider":"Mine","sig":{"from":"header:X-Mine","format":"plain"},"template":"{body}","alg":"hmac-sha256","enc":"hex","key":"utf8","confidence":"own"}`
	const good = `{"platform":"generic","name":"a","path":"/in/a","scheme":"mine","secret":"s"}`
	for field, rest := range map[string]string{
		"sources[1].path":     `"sources":[` + good + `,{"platform":"generic","name":"b","path":"/in/b c"}]`,
		"endpoints[1].secret": `"sources":[` + good + `],"endpoints":[{"id":"e","name":"E","url":"http://127.0.0.1:9/"},{"id":"f","name":"F","url":"http://127.0.0.1:9/","scheme":"mine"}]`,
	} {
		e := openIdle(t)
		w, err := exchange.ParseWorkspace([]byte(`{"hookglass":1,"schemes":[` + scheme + `],` + rest + `}`))
		if err == nil {
			err = e.Apply(t.Context(), w)
		}
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("got %v, want it refused at %s", err, field)
		}
		sources, _ := e.Store.Sources(t.Context())
		endpoints, _ := e.Store.Endpoints(t.Context())
		if _, there := e.Schemes.Book().Find("mine"); there || len(sources) != 0 || len(endpoints) != 0 {
			t.Errorf("%s: %d sources, %d endpoints and the scheme (%v) were left", field, len(sources), len(endpoints), there)
		}
	}
	e := openIdle(t)
	w, err := exchange.ParseWorkspace([]byte(`{"hookglass":1,"schemes":[` + scheme + `],"sources":[` + good + `],"endpoints":[{"id":"e","name":"E","url":"http://127.0.0.1:9/"}]}`))
	if err == nil {
		err = e.Apply(t.Context(), w)
	}
	_, there := e.Schemes.Book().Find("mine")
	if sources, _ := e.Store.Sources(t.Context()); err != nil || !there || len(sources) != 1 {
		t.Errorf("a good one: %v, %d sources, the scheme %v", err, len(sources), there)
	}
}

// What moves to an address that another source of the workspace leaves does not take that source's place.
func TestApplyMovesSources(t *testing.T) {
	e := openIdle(t)
	for _, file := range []string{
		`{"hookglass":1,"sources":[{"platform":"generic","name":"b","path":"/in/y"}]}`,
		`{"hookglass":1,"sources":[{"platform":"generic","name":"b","path":"/in/z"},{"platform":"generic","name":"d","path":"/in/y"}]}`,
	} {
		w, err := exchange.ParseWorkspace([]byte(file))
		if err == nil {
			err = e.Apply(t.Context(), w)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if all, err := e.Store.Sources(t.Context()); err != nil || len(all) != 2 {
		t.Errorf("%d sources, %v; want 2", len(all), err)
	}
}
