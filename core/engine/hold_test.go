package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// holding is an engine with captures 1 to n in it.
func holding(t *testing.T, n int) *rig {
	t.Helper()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		r.send("POST", "/a", nil, []byte("hello"))
	}
	return r
}

func (r *rig) left(want ...core.CaptureID) {
	r.Helper()
	ids, err := r.Store.CaptureIDs(r.ctx, store.Query{}, 0)
	if err != nil || len(ids) != len(want) {
		r.Fatalf("left are %v, %v; want %v", ids, err, want)
	}
	for i := range ids {
		if ids[i] != want[i] {
			r.Fatalf("left are %v, want %v", ids, want)
		}
	}
}

func TestWhatIsCondemnedCanBeSpared(t *testing.T) {
	t.Parallel()
	r := holding(t, 4)
	first, second := r.History.Condemn(engine.One(1)), r.History.Condemn(engine.One(2))
	r.left(4, 3, 2, 1)
	if !r.History.Spare(first) || r.History.Spare(first) {
		t.Error("it is not spared once")
	}
	for _, sentence := range []int{first, second, second} {
		if _, err := r.History.Carry(r.ctx, sentence); err != nil {
			t.Fatal(err)
		}
	}
	r.left(4, 3, 1)
	if r.History.Spare(second) {
		t.Error("what is gone is spared")
	}
}

// What is condemned when the program ends is gone at its next start.
func TestWhatIsCondemnedGoesWithTheProgram(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	begin := func() *engine.Engine {
		e, err := engine.Open(context.Background(), engine.Options{Home: home, Addr: "127.0.0.1:0", Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := begin()
	for range 3 {
		if err := e.Store.AddCapture(&core.Capture{Request: core.Request{Method: "POST", Target: "/"}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	e.History.Condemn(engine.One(2))
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = begin()
	defer e.Close()
	if ids, err := e.Store.CaptureIDs(t.Context(), store.Query{}, 0); err != nil || len(ids) != 2 || ids[0] != 3 || ids[1] != 1 {
		t.Errorf("left are %v, %v", ids, err)
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	r := holding(t, 1)
	for text, want := range map[string]string{"  the customer\ncalled \x1b[31m": "the customer called  [31m", "": "", "ü\xff": "ü�"} {
		got, err := r.History.Note(r.ctx, 1, text)
		c, _ := r.Store.Capture(r.ctx, 1)
		if err != nil || got != want || c.Note != want {
			t.Errorf("%q: %q, kept %q, %v", text, got, c.Note, err)
		}
	}
	var invalid *core.Invalid
	if _, err := r.History.Note(r.ctx, 1, strings.Repeat("ü", engine.LongestNote+1)); !errors.As(err, &invalid) || invalid.Field != "note" {
		t.Errorf("too long: %v", err)
	}
	if _, err := r.History.Note(r.ctx, 9, "x"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("no capture: %v", err)
	}
}

func TestCapturesAreHeldOverTheControlAddress(t *testing.T) {
	t.Parallel()
	r := holding(t, 4)
	ask := func(method, path string, body any, want int) map[string]any {
		t.Helper()
		var got map[string]any
		if status := r.status(method, path, body, &got); status != want {
			t.Errorf("%s %s: %d %v, want %d", method, path, status, got, want)
		}
		return got
	}
	ask("PUT", "/_/captures/2/note", map[string]any{"note": "mine"}, 200)
	ask("PUT", "/_/captures/2/pin", map[string]any{"pinned": true}, 200)
	ask("PUT", "/_/captures/9/note", map[string]any{"note": "mine"}, 404)
	ask("PUT", "/_/captures/9/pin", map[string]any{}, 404)
	ask("PUT", "/_/captures/x/pin", map[string]any{}, 400)
	ask("PUT", "/_/captures/2/note", map[string]any{"nope": 1}, 400)
	ask("DELETE", "/_/captures", nil, 400)
	ask("DELETE", "/_/captures?query=colour:red", nil, 400)
	r.left(4, 3, 2, 1)
	if got := ask("DELETE", "/_/captures?query=id:2-3", nil, 200); got["deleted"] != 1.0 || got["pinned"] != 1.0 {
		t.Errorf("it says %v", got)
	}
	r.left(4, 2, 1)
	var lines []engine.CaptureLine
	if r.status("GET", "/_/captures?query=is:noted", nil, &lines); len(lines) != 1 || lines[0].Note != "mine" || !lines[0].Pinned {
		t.Errorf("noted: %+v", lines)
	}
	ask("PUT", "/_/captures/2/pin", map[string]any{"pinned": false}, 200)
	if got := ask("DELETE", "/_/captures?all=true", nil, 200); got["deleted"] != 3.0 {
		t.Errorf("it says %v", got)
	}
	r.left()
	ask("POST", "/_/open", map[string]any{}, 409) // there is no window
}

// A window that there is comes to the front, with the file that is named.
func TestTheControlAddressBringsTheWindowToTheFront(t *testing.T) {
	t.Parallel()
	e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	c, err := e.NewControl(true)
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan core.Opening, 3)
	c.Front = func(show core.Opening) { opened <- show }
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	r := &rig{t, e, ctx, c.URL()}
	for _, file := range []string{"", "/tmp/a.har"} {
		var got map[string]any
		if status := r.status("POST", "/_/open", map[string]any{"file": file}, &got); status != 200 || got["opened"] != true {
			t.Errorf("%q: %d %v", file, status, got)
		}
		if show := <-opened; show != (core.Opening{File: file}) {
			t.Errorf("opened %+v, want %q", show, file)
		}
	}
	if status := r.status("POST", "/_/open", map[string]any{"link": "hookglass://capture/7"}, &struct{}{}); status != 200 || <-opened != (core.Opening{Link: core.Link{Capture: 7}}) {
		t.Errorf("a link: %d", status)
	}
	if status := r.status("POST", "/_/open", map[string]any{"link": "hookglass://delete/7"}, &struct{}{}); status != 400 || len(opened) > 0 {
		t.Errorf("a link that is none: %d, and %d openings", status, len(opened))
	}
}

func (r *rig) status(method, path string, body, into any) int {
	r.Helper()
	var b bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&b).Encode(body); err != nil {
			r.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(r.ctx, method, r.control+path, &b)
	if err != nil {
		r.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		r.Fatal(err)
	}
	return resp.StatusCode
}

// A query instead of numbers chooses what is exported and sent again.
func TestAQueryChoosesWhatLeaves(t *testing.T) {
	t.Parallel()
	r := holding(t, 4)
	some := store.Query{}.Within(store.IDRange{From: 2, To: 3})
	var out bytes.Buffer
	done, err := r.Exchange.Export(r.ctx, &out, engine.Export{Format: "json", Filter: "id:1", Match: &some}, nil)
	if err != nil || done.Captures != 2 || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%+v, %v", done, err)
	}
	ids, _, err := r.Outbox.Replay(r.ctx, engine.ReplayRequest{To: "http://127.0.0.1:1/", Match: &some})
	if err != nil || len(ids) != 2 {
		t.Errorf("%v, %v", ids, err)
	}
	d, err := r.Store.Delivery(r.ctx, ids[0])
	if err != nil || d.ReplayOf != 2 {
		t.Errorf("the first is of capture %d, %v", d.ReplayOf, err)
	}
}
