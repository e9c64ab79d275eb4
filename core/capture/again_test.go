package capture_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/platform"
	"hookglass/core/store"
)

// hosted is a server of real platforms on one history, which can be started again.
type hosted struct {
	t   *testing.T
	st  *store.Store
	srv *capture.Server
	ln  *pipes
}

func openHistory(t *testing.T) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "h.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// host starts a server with seed 1, as a run of the program does.
func host(t *testing.T, st *store.Store, src core.Source) *hosted {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	h := &hosted{t, st, capture.New(st, platform.All, 1, 1, slog.New(slog.DiscardHandler)), newPipes()}
	h.load(src)
	go h.srv.Serve(ctx, h.ln, capture.Way{})
	go h.srv.Run(ctx)
	t.Cleanup(func() { cancel(); synctest.Wait() })
	return h
}

func (h *hosted) load(src core.Source) {
	h.t.Helper()
	if err := errors.Join(h.srv.Load(h.t.Context(), []core.Source{src}, 0), h.srv.Problem(src.ID)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hosted) ask(head, body string) (int, string) {
	h.t.Helper()
	resp := exchange(h.t, h.ln.dial(), head+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: "+
		strconv.Itoa(len(body))+"\r\n\r\n"+body)
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func (h *hosted) execute() string {
	h.t.Helper()
	_, body := h.ask("POST /agents/a1/webhook", `{"message":"Hello","b":1.0,"a":2}`)
	var answer struct{ Data struct{ ExecutionID string } }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Data.ExecutionID == "" {
		h.t.Fatalf("answer %s: %v", body, err)
	}
	return answer.Data.ExecutionID
}

func almytySource() core.Source {
	return core.Source{ID: 3, Name: "agent", Platform: "almyty", Settings: core.Values{"id": "a1"}}
}

func TestIDsArePredictableAndNeverRepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := openHistory(t)
		first := host(t, st, almytySource())
		seen := map[string]string{}
		add := func(when, id string) {
			if before, ok := seen[id]; ok {
				t.Errorf("%s: %s again, as %s", when, id, before)
			}
			seen[id] = when
		}
		fresh := first.execute()
		add("first run", fresh)
		add("first run, second", first.execute())

		edited := almytySource()
		edited.Settings["run_ms"] = 10.0
		first.load(edited)
		add("after an edit", first.execute())
		first.load(almytySource())
		add("after the edit was undone", first.execute())

		again := host(t, st, almytySource())
		add("second run", again.execute())
		if _, err := st.DeleteCaptures(t.Context(), store.Query{}); err != nil {
			t.Fatal(err)
		}
		add("run on emptied captures", host(t, st, almytySource()).execute())

		if id := host(t, openHistory(t), almytySource()).execute(); id != fresh {
			t.Errorf("a new history begins with %s, the first one began with %s", id, fresh)
		}
	})
}

func TestFinishedWorkIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := openHistory(t)
		h := host(t, st, almytySource())
		id := h.execute()
		time.Sleep(2 * time.Second)
		for _, tt := range []struct {
			name  string
			again func() *hosted
		}{
			{"the same host", func() *hosted { return h }},
			{"after an edit", func() *hosted {
				edited := almytySource()
				edited.Settings["per_minute"] = 50.0
				h.load(edited)
				return h
			}},
			{"after a restart", func() *hosted { return host(t, st, almytySource()) }},
		} {
			status, body := tt.again().ask("GET /agents/a1/executions/"+id, "")
			if status != 200 || !strings.Contains(body, `"status":"completed"`) {
				t.Errorf("%s: polling a finished execution answers %d %s", tt.name, status, body)
			}
			if !strings.Contains(body, `"input":{"message":"Hello","b":1,"a":2}`) && !strings.Contains(body, `"input":{"message":"Hello","b":1.0,"a":2}`) {
				t.Errorf("%s: the input lost its order: %s", tt.name, body)
			}
		}
	})
}

func TestManagementSeesEndpointsAsTheyStand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := openHistory(t)
		h := host(t, st, core.Source{ID: 1, Name: "joai", Platform: "joai", Settings: core.Values{"agent_id": "a", "open_management": true}})
		if _, body := h.ask("GET /api/v1/agents/a/webhooks", ""); strings.Contains(body, "made-by-hand") {
			t.Fatalf("before: %s", body)
		}
		e := core.Endpoint{Platform: "joai", WireID: "made-by-hand", Name: "By hand", Trigger: "agent.message", Active: true, Created: time.Now(),
			Target: core.Target{URL: "https://example.com/hook"}}
		if err := st.PutEndpoint(&e); err != nil {
			t.Fatal(err)
		}
		if _, body := h.ask("GET /api/v1/agents/a/webhooks", ""); !strings.Contains(body, "made-by-hand") {
			t.Errorf("an endpoint made in the window is not listed: %s", body)
		}
		if err := st.DeleteEndpoint(e.ID); err != nil {
			t.Fatal(err)
		}
		if _, body := h.ask("GET /api/v1/agents/a/webhooks", ""); strings.Contains(body, "made-by-hand") {
			t.Errorf("a deleted endpoint is still listed: %s", body)
		}
	})
}
