package engine_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hookglass/core/engine"
)

// taskOf asks for long work.
func (r *rig) taskOf(path string, body any) engine.TaskJSON {
	r.Helper()
	var t engine.TaskJSON
	if status := r.status("POST", path, body, &t); status != http.StatusAccepted || t.ID == "" || t.State != "running" || !strings.HasPrefix(t.Progress, "/_/tasks/") {
		r.Fatalf("%s: %d %+v", path, status, t)
	}
	return t
}

// TestCheckupOverTheControlAddress: 202 at once, how far it is, the scorecard in the end; and it can be given up.
func TestCheckupOverTheControlAddress(t *testing.T) {
	t.Setenv("CHECKUP_SECRET", "s3cret")
	r := with(t, map[string]any{"path": "/in", "scheme": "github", "secret": map[string]any{"env": "CHECKUP_SECRET"}, "enforce": true})
	began := r.taskOf("/_/checkup", map[string]any{"url": r.URL() + "/in", "source": "in", "burst": 2, "large_body": 1000, "slow_s": 0.01})
	var ended engine.TaskJSON
	r.ask("GET", began.Progress+"?wait_s=300", nil, &ended)
	text, _ := json.Marshal(ended.Result)
	var card struct {
		Score  int
		Checks []struct{ Name string }
	}
	if err := json.Unmarshal(text, &card); err != nil || ended.State != "done" || len(card.Checks) < 10 || card.Score < 50 || ended.Ended == "" || ended.Total == 0 {
		t.Errorf("%+v %s", ended, text)
	}

	arrived, release := make(chan struct{}, 100), make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	}))
	t.Cleanup(hangs.Close)
	t.Cleanup(func() { close(release) }) // before it is closed, which waits
	began = r.taskOf("/_/checkup", map[string]any{"url": hangs.URL, "patience_s": 600, "answer_limit_s": 600})
	<-arrived
	ended = engine.TaskJSON{}
	if r.ask("POST", began.Cancel, nil, &ended); ended.State != "cancelled" || ended.Result != nil {
		t.Errorf("given up, it is %+v", ended)
	}
	var said engine.RefusalJSON
	for _, tt := range []struct {
		body  map[string]any
		field string
	}{
		{map[string]any{"url": "x"}, "url"}, {map[string]any{"url": r.URL(), "scheme": "nope"}, "scheme"}, {map[string]any{"url": r.URL(), "scheme": "github"}, "secret"},
		{map[string]any{"url": r.URL(), "scheme": "github", "secret": map[string]any{"env": "NOT_SET_AT_ALL"}}, "secret"}, {map[string]any{"url": r.URL(), "source": "nope"}, "source"},
		{map[string]any{"url": r.URL(), "burst": 5000}, "burst"}, {map[string]any{"url": r.URL(), "colour": 1}, "body"},
	} {
		if status := r.status("POST", "/_/checkup", tt.body, &said); status != 400 || said.Error.Field != tt.field || said.Error.Reason == "" || said.Error.Next == "" {
			t.Errorf("%v: %d %+v", tt.body, status, said)
		}
	}
}

// TestFaultsOverTheControlAddress: they are in force with the next request.
func TestFaultsOverTheControlAddress(t *testing.T) {
	t.Parallel()
	r := with(t, map[string]any{"path": "/in"})
	var got struct {
		ID     int64
		Source string
		Faults map[string]any
	}
	r.ask("POST", "/_/faults", map[string]any{"source": "in", "faults": map[string]any{"error_rate": 1, "status": 503}}, &got)
	if a := r.send("POST", "/in", nil, nil); a.status != 503 || got.ID != 1 || got.Faults["error_rate"] != 1.0 {
		t.Errorf("%d %+v", a.status, got)
	}
	got.Faults = nil
	r.ask("POST", "/_/faults", map[string]any{"source": 1, "faults": nil}, &got)
	if a := r.send("POST", "/in", nil, nil); a.status != 200 || len(got.Faults) != 0 {
		t.Errorf("%d %+v", a.status, got)
	}
}

// TestRefusalsNameTheFieldAndTheNextStep: the form of all refusals.
func TestRefusalsNameTheFieldAndTheNextStep(t *testing.T) {
	t.Parallel()
	r := with(t, map[string]any{"path": "/in"})
	for _, tt := range []struct {
		method, path string
		body         any
		status       int
		want         engine.RefusedJSON
	}{
		{"GET", "/_/captures?limit=x", nil, 400, engine.RefusedJSON{Field: "limit", Reason: "want a whole number from 0 to 10000", Next: "want a whole number from 0 to 10000"}},
		{"POST", "/_/replay", map[string]any{"captures": []int{}, "to": r.URL()}, 400, engine.RefusedJSON{Field: "captures", Reason: "none chosen", Next: "name ids, or a filter that matches some"}},
		{"GET", "/_/deliveries/99", nil, 404, engine.RefusedJSON{Reason: "delivery 99: not found", Next: "list what there is, and take a number of it"}},
	} {
		var said engine.RefusalJSON
		if status := r.status(tt.method, tt.path, tt.body, &said); status != tt.status || said.Error != tt.want {
			t.Errorf("%s %s: %d %+v, want %+v", tt.method, tt.path, status, said.Error, tt.want)
		}
	}
}
