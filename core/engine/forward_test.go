package engine_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"hookglass/core"
)

// target is a server that writes down what it is sent.
type target struct {
	*httptest.Server
	mu   sync.Mutex
	got  []string // request targets, as they came
	head http.Header
	body string
}

func newTarget(t *testing.T, answer func(http.ResponseWriter, *http.Request)) *target {
	t.Helper()
	x := &target{}
	x.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		x.mu.Lock()
		x.got, x.head, x.body = append(x.got, r.RequestURI), r.Header, string(body)
		x.mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(x.Close)
	return x
}

func (x *target) last() (string, http.Header, string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.got) == 0 {
		return "", nil, ""
	}
	return x.got[len(x.got)-1], x.head, x.body
}

// with opens an engine with one generic source.
func with(t *testing.T, source map[string]any) *rig {
	t.Helper()
	source["platform"] = "generic"
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{source}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sentTo reports whether all that is owed has been delivered.
func (r *rig) delivered(n int) func() bool {
	return func() bool {
		var all []struct{ State string }
		r.ask("GET", "/_/deliveries", nil, &all)
		return len(all) == n && !slices.ContainsFunc(all, func(d struct{ State string }) bool { return d.State != "delivered" })
	}
}

// TestForwardAppendsThePath: what follows the source's path and the query, byte for byte, behind those of the target.
func TestForwardAppendsThePath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ source, to, path, asked, want string }{
		{"/in", "/hooks", "", "/in/sub/path?x=1", "/hooks/sub/path?x=1"},
		{"/in", "/hooks/", "", "/in/sub", "/hooks/sub"},
		{"/in", "/hooks", "", "/in", "/hooks"},
		{"/in", "/hooks", "", "/in/", "/hooks/"},
		{"/in", "", "", "/in/a", "/a"},
		{"/in", "", "", "/in", "/"},
		{"/in", "/hooks", "", "/in?", "/hooks?"},
		{"/in", "/hooks?key=1", "", "/in/a?x=1&x=2", "/hooks/a?key=1&x=1&x=2"},
		{"/in", "/hooks?key=1", "", "/in/a", "/hooks/a?key=1"},
		{"/in", "/hooks", "", "/in/%2Fa%2fb%20c/d;e|f?q=%41+%zz&\"", "/hooks/%2Fa%2fb%20c/d;e|f?q=%41+%zz&\""},
		{"/", "/hooks", "", "/a/b", "/hooks/a/b"},
		{"/in/", "/hooks", "", "/in/a", "/hooks/a"},
		{"/in", "/hooks?key=1", "drop", "/in/sub/path?x=1", "/hooks?key=1"},
	} {
		x := newTarget(t, nil)
		forward := map[string]any{"url": x.URL + tt.to}
		if tt.path != "" {
			forward["path"] = tt.path
		}
		r := with(t, map[string]any{"path": tt.source, "forward": forward})
		r.send("POST", tt.asked, nil, []byte("x"))
		r.until("it is forwarded", r.delivered(1))
		if got, _, _ := x.last(); got != tt.want {
			t.Errorf("%s to %s became %s, want %s", tt.asked, tt.to, got, tt.want)
		}
	}
}

// TestForwardFansOut: each target whose filter holds gets its own, changed as that target says; the answer of one goes back.
func TestForwardFansOut(t *testing.T) {
	t.Parallel()
	plain := newTarget(t, nil)
	answering := newTarget(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202); fmt.Fprint(w, "thanks") })
	orders := newTarget(t, nil)
	r := with(t, map[string]any{"path": "/in", "scheme": "github", "secret": "s3cret", "forward": []any{
		plain.URL,
		map[string]any{"url": answering.URL, "answer": true, "remove_headers": []any{"cookie"}, "set_headers": map[string]any{"X-Env": "dev", "x-b": "2"}},
		map[string]any{"url": orders.URL, "when": "event:order.* -sig:verified", "resign": true},
		map[string]any{"url": "http://127.0.0.1:1/", "active": false},
	}})
	got := r.send("POST", "/in/a", [][2]string{{"Cookie", "c=1"}, {"X-B", "1"}, {"X-A", "0"}, {"X-GitHub-Event", "push"}}, []byte(`{"a":1}`))
	if got.status != 202 || string(got.body) != "thanks" {
		t.Errorf("the sender got %d %q", got.status, got.body)
	}
	r.until("both are sent", r.delivered(2))
	_, head, body := answering.last()
	if head.Get("Cookie") != "" || head.Get("X-Env") != "dev" || head.Get("X-B") != "2" || head.Get("X-A") != "0" || body != `{"a":1}` || head.Get("Hookglass-Hops") != "1" {
		t.Errorf("the second got %v %q", head, body)
	}
	if _, head, _ := plain.last(); head.Get("Cookie") != "c=1" || head.Get("X-B") != "1" {
		t.Errorf("the first got %v", head)
	}
	if sent, _, _ := orders.last(); sent != "" {
		t.Errorf("the third got %s, which is no order", sent)
	}
	r.send("POST", "/in", [][2]string{{"X-GitHub-Event", "order.made"}, {"X-Hub-Signature-256", "sha256=00"}}, []byte(`{"b":1}`))
	r.until("three more are sent", r.delivered(5))
	_, head, body = orders.last()
	check := r.send("POST", "/in", [][2]string{{"X-GitHub-Event", "ping"}, {"X-Hub-Signature-256", head.Get("X-Hub-Signature-256")}}, []byte(body))
	if c := r.captures()[0]; check.status != 202 || c.Receipt.Verdict == nil || c.Receipt.Verdict.State != core.Verified {
		t.Errorf("signed anew with %q, which is not verified", head.Get("X-Hub-Signature-256"))
	}
}

// TestForwardToOneThatIsDown: the sender is answered at once, the others get theirs, and what failed is tried again and shown with
// the capture.
func TestForwardToOneThatIsDown(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	hangs := newTarget(t, func(w http.ResponseWriter, r *http.Request) { <-hang })
	t.Cleanup(func() { close(hang) }) // before it is closed, which waits
	up := newTarget(t, nil)
	answering := newTarget(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201) })
	r := with(t, map[string]any{"path": "/in", "forward": []any{
		map[string]any{"url": hangs.URL, "timeout_s": 300},
		map[string]any{"url": "http://127.0.0.1:1/", "policy": map[string]any{"retries": 2, "delays_s": []any{0}}},
		map[string]any{"url": up.URL},
		map[string]any{"url": answering.URL, "answer": true},
	}})
	const n = 20 // more than a host is sent at a time: those that hang take no place of the others
	for i := range n {
		if got := r.send("POST", "/in", nil, []byte("x")); got.status != 201 {
			t.Fatalf("the sender of %d got %d", i, got.status)
		}
	}
	r.until("all but the one that hangs are done", func() bool {
		var all []struct {
			URL, State string
			Reason     string
		}
		r.ask("GET", "/_/deliveries", nil, &all)
		done, given := 0, 0
		for _, d := range all {
			switch {
			case d.State == "delivered":
				done++
			case d.State == "exhausted" && strings.Contains(d.URL, "127.0.0.1:1/") && strings.Contains(d.Reason, "3 attempts"):
				given++
			}
		}
		return len(all) == 4*n && done == 2*n && given == n
	})
	var c struct{ Deliveries []int64 }
	r.ask("GET", "/_/captures/1", nil, &c)
	if len(c.Deliveries) != 4 {
		t.Errorf("the capture shows the deliveries %v", c.Deliveries)
	}
}

// TestForwardsThatAreWrong are refused by the path of the field.
func TestForwardsThatAreWrong(t *testing.T) {
	t.Parallel()
	ok := "http://127.0.0.1:1/"
	for _, tt := range []struct {
		forward any
		want    string
	}{
		{[]any{ok, map[string]any{"url": ok, "when": "colour:red"}}, "sources[0].forward[1].when: filter colour:red"},
		{map[string]any{"url": ok, "when": "note:x"}, "sources[0].forward.when"},
		{[]any{map[string]any{"url": ok, "answer": true}, map[string]any{"url": ok, "answer": true}}, "sources[0].forward[1].answer"},
		{[]any{ok, map[string]any{"url": ok, "set_headers": map[string]any{"A B": "1"}}}, "sources[0].forward[1].set_headers.A B"},
		{[]any{ok, map[string]any{"url": ok, "set_headers": map[string]any{"A": "1\r\nB: 2"}}}, "sources[0].forward[1].set_headers.A"},
		{[]any{ok, map[string]any{"url": ok, "remove_headers": []any{"Hookglass-Hops"}}}, "sources[0].forward[1].remove_headers[0]"},
		{[]any{ok, map[string]any{"url": ok, "policy": "nobody"}}, "sources[0].forward[1].policy"},
		{[]any{ok, map[string]any{"url": ok, "path": "both"}}, "sources[0].forward[1].path"},
		{[]any{ok, map[string]any{"url": ok, "colour": "red"}}, "sources[0].forward[1].colour"},
		{[]any{ok, "nowhere"}, "sources[0].forward[1]"},
		{[]any{ok, 7}, "sources[0].forward[1]"},
		{[]any{ok, map[string]any{"url": "http:///x"}}, "sources[0].forward[1].url"},
	} {
		_, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "generic", "path": "/in", "forward": tt.forward}}}, nil)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %s", tt.forward, err, tt.want)
		}
	}
}
