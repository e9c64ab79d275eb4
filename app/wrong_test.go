package main

import (
	"context"
	"database/sql"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"hookglass/core/engine"
	"hookglass/core/store"
)

// TestWrongInput: whatever is wrong, the program ends with 2 and one line that names the field and the next step.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.env = []string{"GOOD=s3cret", "EMPTY="}
	body := r.file("body.json", `{"a":1}`)
	blank := r.file("blank.txt", "\n")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	source := func(rest string) string { return `{"hookglass":1,"sources":[` + rest + `]}` }
	generic := `{"platform":"generic","path":"/in"`
	tests := []struct {
		name      string
		args      []string
		workspace string
		says      []string // the field, and the next step
	}{
		{"port taken", []string{"serve", "--addr", taken.Addr().String()}, "", []string{"--addr", taken.Addr().String(), "choose a free port"}},
		{"address of elsewhere", []string{"serve", "--addr", "192.0.2.1:80"}, "", []string{"--addr 192.0.2.1:80", "choose"}},
		{"no such workspace", []string{"serve", "--workspace", "/no/such/file"}, "", []string{"--workspace", "/no/such/file", "name a readable file"}},
		{"workspace is a folder", []string{"serve", "--workspace", r.home}, "", []string{"--workspace", "name a readable file"}},
		{"workspace is no JSON", nil, `{"hookglass":1,`, []string{"JSON"}},
		{"workspace of another format", nil, `{"hookglass":2}`, []string{"hookglass:", "want 1"}},
		{"unknown key", nil, source(generic + `,"pth":"/x"}`), []string{"sources[0].pth", "want one of path"}},
		{"key twice", nil, source(generic + `,"path":"/x"}`), []string{"sources[0].path", "twice"}},
		{"unknown platform", nil, source(`{"platform":"nope"}`), []string{"sources[0].platform", "nope", "want"}},
		{"bad choice", nil, source(`{"platform":"almyty","id":"07f3169e-e7f0-4394-8e7b-5446e8e1fcb6","auth":"basic"}`), []string{"sources[0].auth", "none", "bearer", "hmac"}},
		{"out of range", nil, source(generic + `,"faults":{"error_rate":2}}`), []string{"sources[0].faults.error_rate", "0 to 1"}},
		{"wrong type", nil, source(generic + `,"name":7}`), []string{"sources[0].name", "want a text"}},
		{"secret of a wrong shape", nil, source(generic + `,"scheme":"github","secret":{"vault":"x"}}`), []string{"sources[0].secret", `{"env":"NAME"}`}},
		{"unknown scheme of a source", nil, source(generic + `,"scheme":"nope","secret":"s"}`), []string{"sources[0].scheme", "nope"}},
		{"one address twice", nil, source(generic + `},` + generic + `}`), []string{"sources[1]", "/in"}},
		{"bad forward", nil, source(generic + `,"forward":"ftp://x"}`), []string{"sources[0].forward", "http://"}},
		{"bad endpoint url", nil, `{"hookglass":1,"endpoints":[{"id":"a","url":"nowhere"}]}`, []string{"endpoints[0].url", "http://"}},
		{"joai timeout", nil, `{"hookglass":1,"endpoints":[{"platform":"joai","id":"a","name":"n","url":"http://127.0.0.1:1/","trigger":"agent.message","secret":"s","timeout_seconds":0}]}`,
			[]string{"endpoints[0].timeout_seconds", "1"}},

		{"no scheme", []string{"sign", "--secret-env", "GOOD", "--body-file", body}, "", []string{"--scheme", "hookglass schemes"}},
		{"unknown scheme", []string{"verify", "--scheme", "strip", "--secret-env", "GOOD", "--body-file", body}, "", []string{"--scheme", "strip", "did you mean stripe"}},
		{"secret not set", []string{"sign", "--scheme", "github", "--secret-env", "NOT_SET", "--body-file", body}, "", []string{"--secret-env", "NOT_SET", "export it"}},
		{"empty secret", []string{"sign", "--scheme", "github", "--secret-env", "EMPTY", "--body-file", body}, "", []string{"--secret-env", "empty"}},
		{"empty secret file", []string{"sign", "--scheme", "github", "--secret-file", blank, "--body-file", body}, "", []string{"--secret-file", "empty"}},
		{"no secret file", []string{"sign", "--scheme", "github", "--secret-file", "/no/such", "--body-file", body}, "", []string{"--secret-file", "/no/such"}},
		{"no body file", []string{"sign", "--scheme", "github", "--secret-env", "GOOD", "--body-file", "/no/such"}, "", []string{"--body-file", "/no/such"}},
		{"header without a colon", []string{"verify", "--scheme", "github", "--secret-env", "GOOD", "--header", "X-Sig", "--body-file", body}, "", []string{"--header", "X-Sig", "want 'Name: value'"}},
		{"others of a broken file", []string{"verify", "--scheme", "github", "--secret-env", "GOOD", "--body-file", body, "--others", blank}, "", []string{"--others", "blank.txt"}},
		{"others without a history", []string{"verify", "--scheme", "github", "--secret-env", "GOOD", "--body-file", body, "--others", "source:x"}, "", []string{"--others", "no history", "--home"}},
		{"bad url", []string{"send", "localhost:3000/x"}, "", []string{"URL", "http://"}},
		{"url without a host", []string{"send", "http:///x"}, "", []string{"URL", "host"}},
		{"scheme without a secret", []string{"send", "http://127.0.0.1:1/", "--scheme", "github"}, "", []string{"--secret-env", "missing"}},
		{"unknown platform", []string{"send", "http://127.0.0.1:1/", "--platform", "nope"}, "", []string{"--platform", "hookglass platforms"}},
		{"unknown policy", []string{"send", "http://127.0.0.1:1/", "--policy", "nope"}, "", []string{"--policy", "known are"}},
		{"timeout out of range", []string{"send", "http://127.0.0.1:1/", "--timeout", "301"}, "", []string{"--timeout", "1 to 300"}},
		{"replay to nowhere", []string{"replay", "1"}, "", []string{"--to", "empty"}},
		{"replay of no number", []string{"replay", "x", "--to", "http://127.0.0.1:1/"}, "", []string{"ID", "hookglass history"}},
		{"bad rate", []string{"replay", "1", "--to", "http://127.0.0.1:1/", "--rate", "fast"}, "", []string{"--rate", "5/s"}},
		{"rate that is no number", []string{"replay", "1", "--to", "http://127.0.0.1:1/", "--rate", "NaN"}, "", []string{"--rate", "5/s"}},
		{"raw and signed anew", []string{"replay", "1", "--to", "http://127.0.0.1:1/", "--raw", "--resign"}, "", []string{"--raw", "--resign"}},
		{"bad limit", []string{"history", "--limit", "0"}, "", []string{"--limit", "above 0"}},
		{"bad filter", []string{"history", "status:abc"}, "", []string{"status"}},
		{"no history", []string{"history"}, "", []string{"hookglass.db", "start hookglass once", "--home"}},
		{"unknown platform to print", []string{"platforms", "nope"}, "", []string{"nope", "hookglass platforms"}},
		{"unknown flag", []string{"serve", "--adr", "x"}, "", []string{"--adr"}},
		{"unknown command", []string{"srve"}, "", []string{"srve"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := tt.args
			one := &rig{TB: t, home: t.TempDir(), env: r.env}
			if args == nil {
				args = []string{"serve", "--addr", "127.0.0.1:0", "--workspace", one.file("workspace.json", tt.workspace)}
			}
			refused(t, one.do("", args...), tt.says...)
		})
	}
}

// refused checks for exit 2 and one line that says all of says.
func refused(t *testing.T, got result, says ...string) {
	t.Helper()
	if got.code != 2 {
		t.Errorf("exit %d, want 2; out %q", got.code, got.out)
	}
	line, rest, _ := strings.Cut(got.errout, "\n")
	if !strings.HasPrefix(line, "hookglass: ") || rest != "" {
		t.Errorf("want one line, got %q", got.errout)
	}
	for _, s := range says {
		if !strings.Contains(line, s) {
			t.Errorf("%q does not say %q", line, s)
		}
	}
}

func TestHistoryInUseByAnother(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.serve()
	refused(t, r.do("", "serve", "--addr", "127.0.0.1:0"), "another Hookglass", r.home, "--home")
}

func TestHistoryOfANewerVersion(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	st, err := store.Open(context.Background(), engine.HistoryPath(r.home))
	if err != nil {
		t.Fatal(err)
	}
	st.Close()
	db, err := sql.Open("sqlite3", engine.HistoryPath(r.home))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version=9999"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	for _, args := range [][]string{{"serve", "--addr", "127.0.0.1:0"}, {"history"}, {"show", "1"}} {
		refused(t, r.do("", args...), "newer", "9999")
	}
}

func TestHistoryThatIsNone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.file(filepath.Base(engine.HistoryPath("")), strings.Repeat("this is not a database ", 1000))
	refused(t, r.do("", "serve", "--addr", "127.0.0.1:0"), "hookglass.db")
	refused(t, r.do("", "history"), "hookglass.db")
}

// TestWorkspaceOfTheDesign: every key that a workspace may have is taken.
func TestWorkspaceOfTheDesign(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.serve("--workspace", r.file("w.json", `{"hookglass": 1, "pace": 2, "seed": 7,
 "sources": [
  {"platform": "nitejar", "id": "pi_test_1", "type": "webhook", "secret": "s", "agents": 1, "enabled": true, "profile": "docs",
   "body_limit_bytes": 1000, "limit": {"kind": "fixed", "count": 5}},
  {"platform": "workjet", "id": "wh_abc123", "secret": "s", "output_url": "http://127.0.0.1:9000/out"},
  {"platform": "nekro", "plugin": "dev.sample_webhook", "path": "/github", "handler": "github", "secret": "s", "notification_chat": "onebot_v11-group_1"},
  {"platform": "almyty", "id": "07f3169e-e7f0-4394-8e7b-5446e8e1fcb6", "enabled": true, "auth": "hmac", "secret": "s", "api_token": "t",
   "per_minute": 100, "max_concurrent": 10, "accept_bare_hex": false, "run_ms": 1500},
  {"platform": "generic", "path": "/in/stripe", "scheme": "stripe", "secret": "s", "answer": {"status": 200, "headers": {}, "body": "ok"},
   "body_limit_bytes": 1000, "forward": "http://127.0.0.1:9/webhooks",
   "faults": {"latency_ms": 0, "fail_first": 0, "error_rate": 0, "status": 500, "drop": 0, "seed": 1}}],
 "endpoints": [
  {"platform": "joai", "id": "webhook-id", "name": "My Webhook", "url": "http://127.0.0.1:9/hook", "trigger": "agent.message",
   "active": true, "headers": {}, "verify_ssl": true, "timeout_seconds": 30, "max_retries": 3, "secret": "s", "serializer": "php",
   "backoff": {"base_s": 1, "factor": 2, "max_s": 60, "jitter": 0}}]}`))
	var sources []engine.SourceJSON
	s.ask("GET", "/_/sources", nil, &sources)
	var endpoints []engine.EndpointJSON
	s.ask("GET", "/_/endpoints", nil, &endpoints)
	if len(sources) != 5 || len(endpoints) != 1 {
		t.Fatalf("%d sources and %d endpoints, want 5 and 1", len(sources), len(endpoints))
	}
	for _, src := range sources {
		for name, shown := range src.Secrets {
			if shown == "s" || shown == "t" {
				t.Errorf("source %s shows its %s", src.Name, name)
			}
		}
	}
	if endpoints[0].Secret == "s" {
		t.Error("the endpoint shows its secret")
	}
	if code := s.stop(); code != 0 {
		t.Errorf("ended with %d: %s", code, s.errout)
	}
}
