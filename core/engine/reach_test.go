package engine_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// captures are all that a history has, newest first, whole.
func (r *rig) captures() []core.Capture {
	r.Helper()
	ids, err := r.Store.CaptureIDs(r.ctx, store.Query{}, 0)
	if err != nil {
		r.Fatal(err)
	}
	all := make([]core.Capture, len(ids))
	for i, id := range ids {
		if all[i], err = r.Store.Capture(r.ctx, id); err != nil {
			r.Fatal(err)
		}
	}
	return all
}

// notForwarded is what a capture says of a forward that was not made.
func notForwarded(c core.Capture) string {
	for _, k := range c.Receipt.Checks {
		if k.Name == "forward" && !k.OK {
			return k.Got
		}
	}
	return ""
}

// TestForwardsDoNotLoop: a forward that leads back is kept and not made, at once where it is to an address of ours, and
// after five hops where two programs send to each other.
func TestForwardsDoNotLoop(t *testing.T) {
	t.Parallel()
	source := func(forward string) map[string]any {
		return map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "name": "a", "path": "/in/a", "forward": forward}}}
	}
	r, err := open(t, source("http://127.0.0.1:9/"), nil)
	if err != nil {
		t.Fatal(err)
	}
	lead := func(r *rig, to string) {
		t.Helper()
		all, err := r.Store.Sources(r.ctx)
		if err != nil {
			t.Fatal(err)
		}
		all[0].Forwards = core.Forwards{{URL: to}}
		if err := r.PutSource(r.ctx, &all[0]); err != nil {
			t.Fatal(err)
		}
	}
	for _, own := range []string{r.URL() + "/in/a", strings.Replace(r.URL(), "127.0.0.1", "localhost", 1) + "/in/b", strings.Replace(r.URL(), "127.0.0.1", "0.0.0.0", 1), r.control + "/_/events"} {
		lead(r, own)
		r.send("POST", "/in/a", nil, []byte("{}"))
		if c := r.captures()[0]; len(c.Deliveries) != 0 || !strings.Contains(notForwarded(c), "leads back here") {
			t.Errorf("%s: deliveries %v, %q", own, c.Deliveries, notForwarded(c))
		}
	}

	other, err := open(t, source(r.URL()+"/in/a"), nil)
	if err != nil {
		t.Fatal(err)
	}
	before := len(r.captures())
	lead(r, other.URL()+"/in/a")
	r.send("POST", "/in/a", [][2]string{{"X-Zulu", "1"}, {"x-alpha", "2"}}, []byte(`{"a":1}`))
	other.until("the last hop", func() bool {
		all := other.captures()
		return len(all) > 0 && notForwarded(all[0]) != ""
	})
	here, there := r.captures(), other.captures()
	if n := len(here) - before; n != 3 || len(there) != 3 {
		t.Errorf("%d captures here and %d there, want 3 and 3", n, len(there))
	}
	last := there[0]
	if got := last.Request.Header.Get("Hookglass-Hops"); got != "5" || !strings.Contains(notForwarded(last), "5:") {
		t.Errorf("hops %q, %q", got, notForwarded(last))
	}
	if a, b := there[2].Request.Header.Get("Hookglass-Origin"), last.Request.Header.Get("Hookglass-Origin"); a == "" || a != b {
		t.Errorf("origin %q, then %q", a, b)
	}
	var names []string
	for _, f := range last.Request.Header {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); !strings.Contains(got, "X-Zulu x-alpha") {
		t.Errorf("the captured fields lost their order or spelling: %s", got)
	}
}

// TestManagedSourceWithoutToken: a source that is managed and has no token gets one for the run.
func TestManagedSourceWithoutToken(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "joai", "name": "joai", "agent_id": "a"},
		map[string]any{"platform": "almyty", "name": "almyty", "id": "b"}, map[string]any{"platform": "joai", "name": "its own", "agent_id": "c", "api_token": "mine"},
		map[string]any{"platform": "joai", "name": "out of reach", "agent_id": "d", "api_token": map[string]any{"env": "HOOKGLASS_NO_SUCH_VARIABLE"}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []engine.SourceJSON
	r.ask("GET", "/_/sources", nil, &all)
	tokens := map[string]string{}
	for _, s := range all {
		tokens[s.Name] = s.ManagementToken
	}
	if tokens["its own"] != "" || tokens["joai"] == tokens["almyty"] {
		t.Errorf("%v", tokens)
	}
	for _, row := range []struct {
		method, path, token string
		status              int
	}{
		{"GET", "/api/v1/agents/a/webhooks", "", 401}, {"GET", "/api/v1/agents/a/webhooks", tokens["joai"], 200}, {"GET", "/api/v1/agents/a/webhooks", tokens["almyty"], 401},
		{"PATCH", "/agents/b", "", 401}, {"PATCH", "/agents/b", tokens["almyty"], 200}, {"POST", "/agents/b/webhook", "", 200},
		{"GET", "/api/v1/agents/c/webhooks", "", 401}, {"GET", "/api/v1/agents/c/webhooks", "mine", 200},
		{"GET", "/api/v1/agents/d/webhooks", "", 401}, {"GET", "/api/v1/agents/d/webhooks", tokens["out of reach"], 200},
	} {
		fields := [][2]string{{"Content-Type", "application/json"}}
		if row.token != "" {
			fields = append(fields, [2]string{"Authorization", "Bearer " + row.token})
		}
		if got := r.send(row.method, row.path, fields, []byte(`{}`)); got.status != row.status {
			t.Errorf("%s %s with %q: %d %s, want %d", row.method, row.path, row.token, got.status, got.body, row.status)
		}
	}
	if got := r.send("GET", "/api/v1/agents/a/webhooks", [][2]string{{"Authorization", "Bearer " + tokens["joai"]}, {"Origin", "https://evil.test"}}, nil); got.status != 403 {
		t.Errorf("a page of another site: %d %s", got.status, got.body)
	}
}

// TestControlRefuses what a page in a browser may send, and what stands behind the JSON.
func TestControlRefuses(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1, "endpoints": []any{map[string]any{"id": "e", "name": "e", "url": "https://user:pa55@a.test/", "headers": map[string]any{"Authorization": "Bearer s3cret", "X-Plain": "seen"}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path, host, body string, fields ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(r.ctx, method, r.control+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			req.Host = host
		}
		for i := 0; i < len(fields); i += 2 {
			req.Header.Set(fields[i], fields[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
	for _, row := range []struct {
		host   string
		fields []string
	}{
		{"evil.test", nil}, {"evil.test:4600", nil}, {"", []string{"Origin", "https://evil.test"}}, {"", []string{"Origin", "null"}},
		{"", []string{"Sec-Fetch-Site", "cross-site"}}, {"", []string{"Sec-Fetch-Site", "same-site"}},
	} {
		if status, body := call("GET", "/_/captures", row.host, "", row.fields...); status != http.StatusMisdirectedRequest {
			t.Errorf("%q %q: %d %s", row.host, row.fields, status, body)
		}
	}
	for _, body := range []string{`{"event":"x"} trailing`, `{"event":"x"}{"event":"y"}`, `{"event":"x"}]`} {
		if status, said := call("POST", "/_/events", "", body); status != http.StatusBadRequest || !strings.Contains(said, "body") {
			t.Errorf("%s: %d %s", body, status, said)
		}
	}
	if status, said := call("POST", "/_/events", "", "{\"event\":\"x\"} \n"); status != http.StatusOK {
		t.Errorf("white space behind it: %d %s", status, said)
	}
	_, listed := call("GET", "/_/endpoints", "", "")
	if strings.Contains(listed, "s3cret") || strings.Contains(listed, "pa55") || !strings.Contains(listed, "seen") || !json.Valid([]byte(listed)) {
		t.Errorf("endpoints: %s", listed)
	}
}

// TestForwardWithAPasswordIsRefused: it would stand in the history in plain text.
func TestForwardWithAPasswordIsRefused(t *testing.T) {
	t.Parallel()
	_, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in/a", "forward": "http://user:pa55@127.0.0.1:9/"}}}, nil)
	if err == nil || !strings.Contains(err.Error(), "sources[0].forward.url") || strings.Contains(err.Error(), "pa55") {
		t.Errorf("%v", err)
	}
}
