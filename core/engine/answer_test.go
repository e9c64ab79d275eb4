package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core/engine"
)

// TestAnswersByRule: the rules of the contract, through the wire; what answered stands with the capture.
func TestAnswersByRule(t *testing.T) {
	t.Parallel()
	r := with(t, map[string]any{"path": "/in", "scheme": "github", "secret": "s3cret", "answer": []any{
		map[string]any{"when": "event:order.created", "times": 2, "status": 503, "headers": map[string]any{"Retry-After": "1"}},
		map[string]any{"when": "path:/status", "status": 200, "body": `{"id":"{{.json.data.id}}","at":"{{now}}"}`},
		map[string]any{"when": "path:/echo", "status_from_path": true, "headers": map[string]any{"X-Who": `{{.header "X-GitHub-Event"}}`}, "body": "{{.method}} {{.path}} {{.query.a}}"},
		map[string]any{"when": "path:/mine", "body": `capture {{.id}} {{hmac "sha256" "secret" .path}}`},
		map[string]any{"when": "path:/numbered", "headers": map[string]any{"X-Id": "c{{.id}}"}, "body": `{"id":{{.id}},"again":"{{$.id}}"}`},
		map[string]any{"when": "sig:verified", "body": "verified"},
		map[string]any{"when": "path:/broken", "body": `{{.json.data.id.x}}`},
		map[string]any{"status": 200, "headers": map[string]any{"Content-Type": "application/json"}, "body": `{"ok":true}`},
	}})
	event := func(name string) [][2]string { return [][2]string{{"X-GitHub-Event", name}} }
	var got []string
	for range 3 {
		a := r.send("POST", "/in", event("order.created"), []byte(`{}`))
		got = append(got, fmt.Sprint(a.status, a.header.Get("Retry-After"), string(a.body)))
	}
	if want := []string{"5031", "5031", `200{"ok":true}`}; !slices.Equal(got, want) {
		t.Errorf("503 twice, then 200: %q", got)
	}
	if a := r.send("POST", "/in/status", nil, []byte(`{"data":{"id":"o_1"}}`)); a.status != 200 || !strings.HasPrefix(string(a.body), `{"id":"o_1","at":"20`) || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("status: %d %s %v", a.status, a.body, a.header)
	}
	if a := r.send("PUT", "/in/echo/404?a=b", event("push"), nil); a.status != 404 || string(a.body) != "PUT /in/echo/404 b" || a.header.Get("X-Who") != "push" {
		t.Errorf("echo: %d %s %v", a.status, a.body, a.header)
	}
	if a := r.send("POST", "/in/mine", nil, nil); !strings.HasPrefix(string(a.body), "capture 6 ") || len(a.body) != len("capture 6 ")+64 {
		t.Errorf("the capture's own id: %s", a.body)
	} else if c := r.captures()[0]; string(c.Response.Body) != string(a.body) || c.ID != 6 {
		t.Errorf("capture %d keeps %s, and %s was sent", c.ID, c.Response.Body, a.body)
	}
	if a := r.send("POST", "/in/numbered", nil, nil); string(a.body) != `{"id":7,"again":"7"}` || a.header.Get("X-Id") != "c7" || a.header.Get("Content-Length") != "20" || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("the capture's own id, printed alone: %s %v", a.body, a.header)
	} else if c := r.captures()[0]; string(c.Response.Body) != string(a.body) || c.Response.Header.Get("X-Id") != "c7" || c.Response.Header.Get("Content-Length") != "20" {
		t.Errorf("it keeps %s %v", c.Response.Body, c.Response.Header)
	}
	a := r.send("POST", "/in/broken", nil, []byte(`{"data":{"id":"x"}}`))
	if c := r.captures()[0]; a.status != 500 || c.Response.Status != 500 || !strings.Contains(c.Receipt.Reason, "answer") || !strings.Contains(c.Receipt.Reason, "field x") {
		t.Errorf("one that fails: %d, kept as %d: %s", a.status, c.Response.Status, c.Receipt.Reason)
	} else if k := c.Receipt.Checks[len(c.Receipt.Checks)-1]; k.Name != "answer" || k.Got != "rule 7 of 8, path:/broken" || k.OK {
		t.Errorf("the check is %+v", k)
	}
}

// TestAnswerAlone: one rule without a list, as it was before there were rules; a template in it is one, too.
func TestAnswerAlone(t *testing.T) {
	t.Parallel()
	r := with(t, map[string]any{"path": "/in", "answer": map[string]any{"status": 201, "headers": map[string]any{"X-A": "b"}, "body": "ok"}})
	if a := r.send("POST", "/in", nil, nil); a.status != 201 || string(a.body) != "ok" || a.header.Get("X-A") != "b" || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d %s %v", a.status, a.body, a.header)
	}
	var src struct {
		ID       int64
		Settings struct{ Answer any }
	}
	r.ask("PUT", "/_/sources/1", map[string]any{"answer": map[string]any{"body": "{{.method}}", "delay_ms": 20}}, &src)
	began := time.Now()
	if a := r.send("POST", "/in", nil, nil); a.status != 200 || string(a.body) != "POST" || time.Since(began) < 20*time.Millisecond {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, tt := range []struct {
		answer any
		want   string
	}{
		{map[string]any{"body": "{{.method"}, "answer.body: line 1, column 1: "},
		{[]any{map[string]any{}, map[string]any{"body": "{{nothing}}"}}, "answer[1].body: line 1, column 1: function"},
		{[]any{map[string]any{"when": "status:500"}}, "answer[0].when: filter status:500: is not known before"},
		{[]any{map[string]any{"times": 0}}, "answer[0].times: must be between 1 and"},
		{[]any{map[string]any{"colour": 1}}, "answer[0].colour: unknown setting"},
		{[]any{"ok"}, "answer[0]: want an object"},
		{map[string]any{"body": `{{hmac "sha256" "s" "x"}}`}, "answer.body: line 1, column "},
		{"ok", "answer: want an object"},
	} {
		var said engine.RefusalJSON
		if status := r.status("PUT", "/_/sources/1", map[string]any{"answer": tt.answer}, &said); status != 400 || !strings.HasPrefix(said.Error.String(), tt.want) {
			t.Errorf("%v: %d %s, want %s", tt.answer, status, said.Error, tt.want)
		}
	}
}
