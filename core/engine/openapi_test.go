package engine_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

// object is JSON as it is read.
type object = map[string]any

// call is a request to the control address and the status that it is answered with.
type call struct {
	op     string // method and path as the document has them
	path   string // as it is called; empty: as the document has it
	body   any
	later  bool // the caller does not want to wait
	status int
}

// Every address that the document names answers in its documented shape, and refuses with each status that is documented as its own
// and with no other.
func TestTheControlAddressIsAsItsDocumentSays(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan bool), make(chan bool)
	r := forwarding(t, func(_ http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Held") != "" {
			arrived <- true
			<-release
		}
	})
	r.send("POST", "/a", [][2]string{{"X-One", "1"}}, []byte(`{"id":"x"}`))
	r.send("POST", "/b", nil, []byte("two"))
	doc := r.document()
	failing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	defer failing.Close()
	calls := []call{
		{op: "GET /_/openapi.json", status: 200},
		{op: "GET /_/captures", path: "/_/captures?query=path:/a&limit=5&before=9", status: 200},
		{op: "GET /_/captures", path: "/_/captures?query=colour:red", status: 400},
		{op: "GET /_/captures/{id}", path: "/_/captures/1", status: 200},
		{op: "GET /_/captures/{id}", path: "/_/captures/x", status: 400},
		{op: "GET /_/captures/{id}", path: "/_/captures/99", status: 404},
		{op: "PUT /_/captures/{id}/note", path: "/_/captures/1/note", body: object{"note": "mine"}, status: 200},
		{op: "PUT /_/captures/{id}/note", path: "/_/captures/1/note", body: object{"nope": 1}, status: 400},
		{op: "PUT /_/captures/{id}/note", path: "/_/captures/99/note", body: object{"note": "mine"}, status: 404},
		{op: "PUT /_/captures/{id}/pin", path: "/_/captures/1/pin", body: object{}, status: 200},
		{op: "PUT /_/captures/{id}/pin", path: "/_/captures/1/pin", body: []any{}, status: 400},
		{op: "PUT /_/captures/{id}/pin", path: "/_/captures/99/pin", body: object{}, status: 404},
		{op: "GET /_/wait", path: "/_/wait?query=path:/a&count=1&after=0&timeout_s=60", status: 200},
		{op: "GET /_/wait", path: "/_/wait?query=path:/none&since_s=600&timeout_s=0", status: 200},
		{op: "GET /_/wait", path: "/_/wait?timeout_s=-1", status: 400},
		{op: "GET /_/stream", path: "/_/stream?after=0", status: 200},
		{op: "GET /_/stream", path: "/_/stream?query=colour:red", status: 400},
		{op: "POST /_/open", body: object{"nope": 1}, status: 400},
		{op: "POST /_/open", body: object{"file": ""}, status: 409},
		{op: "GET /_/endpoints", status: 200},
		{op: "GET /_/search", status: 200},
		{op: "PUT /_/search", body: object{"on": true}, status: 200},
		{op: "PUT /_/search", body: object{"nope": 1}, status: 400},
		{op: "PUT /_/environments/{name}", path: "/_/environments/staging", body: object{"values": object{"base": r.URL(), "gone": nil}, "secrets": object{"token": "env:PATH"}}, status: 200},
		{op: "PUT /_/environments/{name}", path: "/_/environments/staging", body: object{"secrets": object{"token": "run:x"}}, status: 400},
		{op: "PUT /_/environments/{name}", path: "/_/environments/two%20words", body: object{}, status: 400},
		{op: "PUT /_/environment", body: object{"environment": "staging"}, status: 200},
		{op: "PUT /_/environment", body: object{"environment": "none"}, status: 400},
		{op: "PUT /_/environment", body: object{}, status: 400},
		{op: "GET /_/environments", status: 200},
		{op: "POST /_/replay", body: object{"captures": []int{1}, "to": "{{env.base}}/b", "environment": "staging"}, status: 200},
		{op: "POST /_/replay", body: object{"captures": []int{1}, "to": "{{env.base}}/b", "environment": "none"}, status: 400},
		{op: "DELETE /_/environments/{name}", path: "/_/environments/staging", status: 200},
		{op: "DELETE /_/environments/{name}", path: "/_/environments/none", status: 404},
		{op: "POST /_/sources", body: object{"platform": "almyty", "name": "worker", "id": "b"}, status: 200},
		{op: "POST /_/sources", body: object{"platform": "none"}, status: 400},
		{op: "GET /_/sources", status: 200},
		{op: "GET /_/sources/{id}", path: "/_/sources/1", status: 200},
		{op: "GET /_/sources/{id}", path: "/_/sources/x", status: 400},
		{op: "GET /_/sources/{id}", path: "/_/sources/99", status: 404},
		{op: "PUT /_/sources/{id}", path: "/_/sources/2", body: object{"name": "second"}, status: 200},
		{op: "PUT /_/sources/{id}", path: "/_/sources/2", body: object{"platform": "none"}, status: 400},
		{op: "PUT /_/sources/{id}", path: "/_/sources/99", body: object{}, status: 404},
		{op: "POST /_/events", body: object{"event": "a.b", "data": object{"x": 1}}, status: 200},
		{op: "POST /_/events", body: object{"event": "a.b", "timestamp": "never"}, status: 400},
		{op: "POST /_/replay", body: object{"captures": []int{1}, "to": r.URL() + "/b", "duplicate": 1}, status: 200},
		{op: "POST /_/replay", body: object{"captures": []int{1}, "to": "nowhere"}, status: 400},
		{op: "POST /_/replay", body: object{"captures": []int{99}, "to": r.URL() + "/b"}, status: 404},
		{op: "POST /_/send", body: object{"delivery": object{"Target": object{"url": r.URL() + "/b"}, "Request": object{"Method": "POST", "Target": "/b"}}}, status: 200},
		{op: "POST /_/send", body: object{"nope": 1}, status: 400},
		{op: "POST /_/verify", body: object{"scheme": "github", "secret": object{"env": "PATH"}, "headers": [][]string{{"X-Hub-Signature-256", "sha256=00"}}, "body": "x"}, status: 200},
		{op: "POST /_/verify", body: object{"scheme": "github", "secret": "plain"}, status: 400},
		{op: "POST /_/verify", body: object{"capture": 99}, status: 404},
		{op: "POST /_/shrink", body: object{"capture": 1, "to": failing.URL}, status: 200},
		{op: "POST /_/shrink", body: object{"capture": 1, "to": failing.URL}, later: true, status: 202},
		{op: "POST /_/shrink", body: object{"capture": 1, "to": "http://example.com/"}, status: 400},
		{op: "GET /_/shapes", path: "/_/shapes", status: 200},
		{op: "GET /_/shapes", path: "/_/shapes?event=-&source=a&format=ts", status: 200},
		{op: "GET /_/shapes", path: "/_/shapes?event=none", status: 400},
		{op: "GET /_/shapes", path: "/_/shapes?format=none", status: 400},
		{op: "POST /_/simulate", body: object{"load": object{"kind": "constant", "rate": 2, "duration_s": 10}, "policy": "stripe", "seed": 3}, status: 200},
		{op: "POST /_/simulate", body: object{"load": object{"kind": "never"}}, status: 400},
		{op: "POST /_/agents", body: object{"at": "2026-11-27T10:00:00Z", "client": "tester 1", "did": "list_captures", "outcome": "done"}, status: 200},
		{op: "POST /_/agents", body: object{"client": "tester 1"}, status: 400},
		{op: "GET /_/agents", status: 200},
		{op: "GET /_/agents", path: "/_/agents?limit=-1", status: 400},
		{op: "DELETE /_/captures", path: "/_/captures?query=path:/none", later: true, status: 202},
		{op: "POST /_/replay", body: object{"captures": []int{1}, "to": r.URL() + "/b"}, later: true, status: 202},
		{op: "POST /_/simulate", body: object{"load": object{"kind": "constant", "rate": 2, "duration_s": 10}, "policy": "stripe", "seed": 3}, later: true, status: 202},
		{op: "POST /_/checkup", body: object{"url": "http://127.0.0.1:1/", "scheme": "none", "patience_s": 1}, status: 202},
		{op: "POST /_/checkup", body: object{"url": "http://127.0.0.1:1/", "scheme": "stripe"}, status: 400},
		{op: "GET /_/tasks", status: 200},
		{op: "GET /_/tasks/{id}", path: "/_/tasks/t1?wait_s=60", status: 200},
		{op: "GET /_/tasks/{id}", path: "/_/tasks/t1?wait_s=-1", status: 400},
		{op: "GET /_/tasks/{id}", path: "/_/tasks/t99", status: 404},
		{op: "POST /_/tasks/{id}/cancel", path: "/_/tasks/t1/cancel", status: 409},
		{op: "POST /_/tasks/{id}/cancel", path: "/_/tasks/t99/cancel", status: 404},
		{op: "POST /_/faults", body: object{"source": 1, "faults": object{"error_rate": 0}}, status: 200},
		{op: "POST /_/faults", body: object{"source": 1, "faults": object{"error_rate": 7}}, status: 400},
		{op: "POST /_/faults", body: object{"source": 99, "faults": nil}, status: 404},
		{op: "GET /_/deliveries", path: "/_/deliveries?limit=3&state=cancelled", status: 200},
		{op: "GET /_/deliveries", path: "/_/deliveries?limit=-1", status: 400},
		{op: "GET /_/deliveries/{id}", path: "/_/deliveries/1", status: 200},
		{op: "GET /_/deliveries/{id}", path: "/_/deliveries/x", status: 400},
		{op: "GET /_/deliveries/{id}", path: "/_/deliveries/99", status: 404},
		{op: "POST /_/deliveries/{id}/cancel", path: "/_/deliveries/99/cancel", status: 404},
		{op: "POST /_/deliveries/cancel", path: "/_/deliveries/cancel?batch=none", status: 200},
		{op: "POST /_/deliveries/cancel", status: 400},
		{op: "POST /_/deliveries/{id}/cancel", path: "/_/deliveries/x/cancel", status: 400},
		{op: "POST /_/deliveries/{id}/retry", path: "/_/deliveries/99/retry", status: 404},
		{op: "POST /_/deliveries/{id}/retry", path: "/_/deliveries/x/retry", status: 400},
	}
	seen := map[string]map[int]bool{}
	for op := range doc.operations() {
		seen[op] = map[int]bool{}
	}
	try := func(c call) {
		t.Helper()
		if seen[c.op] == nil {
			t.Fatalf("the document does not name %s", c.op)
		}
		seen[c.op][c.status] = true
		r.called(doc, c)
	}
	for _, c := range calls {
		try(c)
	}

	r.until("all is delivered", func() bool {
		var open []engine.DeliveryJSON
		r.ask("GET", "/_/deliveries", nil, &open)
		return !slices.ContainsFunc(open, func(d engine.DeliveryJSON) bool { return d.State != "delivered" })
	})
	r.send("POST", "/a", [][2]string{{"X-Held", "1"}}, nil)
	<-arrived
	var newest []engine.DeliveryJSON
	r.ask("GET", "/_/deliveries?limit=1", nil, &newest)
	try(call{op: "POST /_/deliveries/{id}/retry", path: fmt.Sprintf("/_/deliveries/%d/retry", newest[0].ID), status: 409})
	close(release)

	silent, err := net.Listen("tcp", "127.0.0.1:0") // it takes connections, and answers none
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	began := r.taskOf("/_/checkup", object{"url": "http://" + silent.Addr().String(), "patience_s": 600})
	try(call{op: "POST /_/tasks/{id}/cancel", path: began.Cancel, status: 200})

	r.Outbox.PauseAll()
	for _, c := range []call{
		{op: "POST /_/deliveries/{id}/retry", path: "/_/deliveries/1/retry", status: 200},
		{op: "POST /_/deliveries/{id}/cancel", path: "/_/deliveries/1/cancel", status: 200},
		{op: "POST /_/deliveries/{id}/cancel", path: "/_/deliveries/1/cancel", status: 409},
	} {
		try(c)
	}

	if got := r.send("POST", "/agents/b/webhook", [][2]string{{"Content-Type", "application/json"}}, []byte(`{"message":"hello"}`)); got.status >= 300 {
		t.Fatalf("no work: %d %s", got.status, got.body)
	}
	var work []engine.WorkJSON
	r.until("there is work", func() bool {
		r.ask("GET", "/_/work", nil, &work)
		return len(work) > 0
	})
	for _, c := range []call{
		{op: "GET /_/work", path: "/_/work?limit=1", status: 200},
		{op: "GET /_/work", path: "/_/work?limit=x", status: 400},
		{op: "GET /_/work/{id}", path: "/_/work/" + work[0].ID, status: 200},
		{op: "GET /_/work/{id}", path: "/_/work/none", status: 404},
		{op: "DELETE /_/sources/{id}", path: "/_/sources/2", status: 200},
		{op: "DELETE /_/sources/{id}", path: "/_/sources/x", status: 400},
		{op: "DELETE /_/sources/{id}", path: "/_/sources/2", status: 404},
		{op: "DELETE /_/captures", status: 400},
		{op: "DELETE /_/captures", path: "/_/captures?all=true", status: 200},
	} {
		try(c)
	}

	for _, c := range []call{
		{op: "GET /_/hub", status: 200},
		{op: "GET /_/hub/config", status: 400},
		{op: "POST /_/hub/readers", body: object{"name": "alice"}, status: 400},
	} {
		try(c)
	}
	if err := r.Hub.Open(t.Context(), engine.HubOptions{Dir: t.TempDir(), Addr: "127.0.0.1:0"}); err != nil {
		t.Fatal(err)
	}
	var invited engine.InviteJSON
	r.ask("POST", "/_/hub/readers", object{"name": "bob"}, &invited)
	for _, c := range []call{
		{op: "POST /_/hub/readers", body: object{"name": "alice", "expires_s": 60, "addresses": []string{"tls://hub.example:4222"}}, status: 200},
		{op: "GET /_/hub", status: 200},
		{op: "GET /_/hub/config", status: 200},
		{op: "POST /_/spaces", body: object{"invite": invited.Invite, "keep": "run"}, status: 200},
		{op: "POST /_/spaces", body: object{"invite": invited.Invite, "keep": "run"}, status: 400},
		{op: "GET /_/spaces", status: 200},
		{op: "PUT /_/spaces/{name}/seen", path: "/_/spaces/team/seen", status: 200},
		{op: "PUT /_/spaces/{name}/seen", path: "/_/spaces/other/seen", status: 404},
		{op: "DELETE /_/spaces/{name}", path: "/_/spaces/team", status: 200},
		{op: "DELETE /_/spaces/{name}", path: "/_/spaces/team", status: 404},
		{op: "DELETE /_/hub/readers/{name}", path: "/_/hub/readers/alice", status: 200},
		{op: "DELETE /_/hub/readers/{name}", path: "/_/hub/readers/nobody", status: 404},
	} {
		try(c)
	}

	front, err := r.NewControl(true) // that of a program with a window
	if err != nil {
		t.Fatal(err)
	}
	front.Front = func(core.Opening) {}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- front.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	r.control = front.URL()
	try(call{op: "POST /_/open", body: object{"file": "a.har"}, status: 200})
	try(call{op: "POST /_/open", body: object{"link": "hookglass://capture/7"}, status: 200})
	try(call{op: "POST /_/open", body: object{"link": "hookglass://delete/7"}, status: 400})

	for op, o := range doc.operations() {
		for status := range o["responses"].(object) {
			n, _ := strconv.Atoi(status)
			if everywhere := []int{401, 421, 500}; !slices.Contains(everywhere, n) && !seen[op][n] {
				t.Errorf("%s: nothing here is answered with its %d", op, n)
			}
		}
		for _, p := range o["parameters"].([]any) { // a parameter that is no text is read: what is none of its kind is refused
			p := p.(object)
			if kind := p["schema"].(object)["type"]; p["in"] == "query" && (kind == "integer" || kind == "number") {
				_, path, _ := strings.Cut(op, " ")
				r.called(doc, call{op: op, path: fmt.Sprintf("%s?%s=x", path, p["name"]), status: 400})
			}
		}
	}
}

// The document hangs together by the rules of OpenAPI 3.1.
func TestTheDocumentHoldsTogether(t *testing.T) {
	t.Parallel()
	doc := holding(t, 0).document()
	if doc.root["openapi"] != "3.1.0" || doc.at("#/info/title") == nil || doc.at("#/info/version") == nil || doc.at("#/components/securitySchemes/token") == nil {
		t.Errorf("%v", doc.root["info"])
	}
	ids := map[any]bool{}
	for op, o := range doc.operations() {
		method, path, _ := strings.Cut(op, " ")
		if !slices.Contains([]string{"GET", "PUT", "POST", "DELETE"}, method) || !strings.HasPrefix(path, "/_/") {
			t.Errorf("%s is none", op)
		}
		if id := o["operationId"]; id == nil || ids[id] {
			t.Errorf("%s: its id is %v", op, id)
		}
		ids[o["operationId"]] = true
		if s, _ := o["summary"].(string); s == "" || strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q", op, s)
		}
		inPath := map[string]bool{}
		names := map[string]bool{}
		for _, p := range o["parameters"].([]any) {
			p := p.(object)
			name := p["name"].(string)
			key := fmt.Sprint(p["in"], " ", name)
			if names[key] || p["schema"].(object)["type"] == nil || p["in"] != "path" && p["description"] == nil {
				t.Errorf("%s: %v", op, p)
			}
			names[key] = true
			if p["in"] == "path" {
				inPath["{"+name+"}"] = true
				if p["required"] != true {
					t.Errorf("%s: %s must be required", op, name)
				}
			}
		}
		for _, part := range strings.Split(path, "/") {
			if strings.HasPrefix(part, "{") != inPath[part] {
				t.Errorf("%s: %s is not among its parameters", op, part)
			}
			delete(inPath, part)
		}
		if len(inPath) > 0 {
			t.Errorf("%s has not %v", op, slices.Collect(maps.Keys(inPath)))
		}
	}
	used := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case object:
			if ref, ok := v["$ref"].(string); ok {
				used[ref] = true
				if _, ok := doc.at(ref).(object); !ok {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(doc.root)
	for name := range doc.at("#/components/schemas").(object) {
		if !used["#/components/schemas/"+name] {
			t.Errorf("nothing uses the schema %s", name)
		}
	}
}
