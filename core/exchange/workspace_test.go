package exchange_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/exchange"
)

// everything is a workspace with a source of each platform and every key that the format has.
const everything = `{"hookglass": 1, "pace": 2.5, "seed": 77,
 "sources": [
  {"platform": "nitejar", "id": "pi_test_1", "type": "webhook", "secret": {"env": "NITEJAR_SECRET"}, "agents": 1, "enabled": true},
  {"platform": "workjet", "id": "wh_abc123", "secret": {"keyring": "source/wj/secret"}, "output_url": "http://127.0.0.1:9000/out", "profile": "code"},
  {"platform": "nekro", "plugin": "dev.sample_webhook", "path": "/github", "handler": "github", "secret": {"env": "N"}, "notification_chat": "onebot_v11-group_1"},
  {"platform": "almyty", "id": "6f1c2b3a-0000-4000-8000-000000000001", "enabled": true, "auth": "hmac", "secret": {"env": "A"}, "api_token": {"env": "T"}, "per_minute": 50, "max_concurrent": 3, "accept_bare_hex": true, "run_ms": 700},
  {"platform": "joai", "name": "manage", "agent_id": "07f3169e-e7f0-4394-8e7b-5446e8e1fcb6"},
  {"platform": "generic", "name": "Stripe, live", "path": "/in/stripe", "scheme": "stripe", "secret": {"env": "STRIPE"}, "answer": {"status": 202, "headers": {"X-A": "b"}, "body": "ok"},
   "forward": {"url": "http://127.0.0.1:3000/x", "answer": true, "timeout_s": 2.5, "keep_host": true, "forwarded": true},
   "faults": {"latency": {"kind": "lognormal", "base_ms": 12.5, "spread_ms": 3}, "fail_first": 2, "fail_key": "path", "error_rate": 0.25, "statuses": [500, 503], "hang_ms": 10, "drop": 0.1, "drop_midway": 0.2, "reset": 0.3,
    "slow_body_ms": 5, "truncate": 0.4, "malformed": 0.5, "wrong_length": 0.6, "retry_after": "date", "retry_after_s": 7, "seed": 9},
   "limit": {"kind": "bucket", "count": 5, "window_s": 30, "rate": 0.29, "retry_after": "wrong"}},
  {"platform": "generic", "path": "/in/other", "forward": "http://127.0.0.1:1/", "faults": {"latency_ms": 0.29, "status": 418}, "limit": {"kind": "concurrency", "count": 1}}],
 "endpoints": [
  {"platform": "joai", "id": "webhook-id", "name": "My Webhook", "url": "http://127.0.0.1:9000/hook", "trigger": "user.message", "active": false, "headers": {"X-JoAi-Secret-Token": "t", "X-B": "c"}, "verify_ssl": false,
   "timeout_seconds": 12, "max_retries": 7, "secret": {"env": "J"}, "serializer": "php", "backoff": {"base_s": 0.29, "factor": 3, "max_s": 9, "jitter": 0.5}, "ca_file": "ca.pem", "description": "d"},
  {"id": "plain", "name": "Plain", "url": "https://a.test/x", "method": "PUT", "scheme": "github", "secret": {"keyring": "k"}, "headers": [["X-B", "1"], ["X-A", "2"], ["x-a", "3"], ["X-A", "4"]], "rate": 2.5, "concurrency": 3, "trigger": "push",
   "timeout_seconds": 5, "max_retries": 2, "backoff": {"base_s": 2, "factor": 1.5, "max_s": 8, "jitter": 0.1}, "verify_ssl": false, "ca_file": "x", "description": "y", "active": false},
  {"name": "as svix", "url": "https://c.test/", "policy": "svix"},
  {"name": "sorted", "url": "https://b.test/", "headers": {"A": "1", "B": "2"},
   "policy": {"name": "stripe", "source": "docs", "retries": 9, "delays_s": [5, 300, 0.1], "base_s": 1, "factor": 2, "max_s": 3, "jitter": "equal", "spread": 0.2, "retry_after": "cap", "after_cap_s": 60, "stop_on": [410], "window_s": 86400, "control": true, "unanswered": true}}]}`

func TestWorkspaceRoundTrip(t *testing.T) {
	first, err := exchange.ParseWorkspace([]byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	data, moved, err := exchange.WriteWorkspace(first, exchange.Options{Reveal: true})
	if err != nil || len(moved) > 0 {
		t.Fatalf("moved %q, error %v", moved, err)
	}
	second, err := exchange.ParseWorkspace(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if first.Pace != second.Pace || first.Seed != second.Seed || len(first.Sources) != len(second.Sources) || len(first.Endpoints) != len(second.Endpoints) {
		t.Fatalf("came back changed:\n%s", data)
	}
	for i := range first.Sources {
		if !reflect.DeepEqual(first.Sources[i], second.Sources[i]) {
			t.Errorf("source %d:\n%+v\n%+v", i, first.Sources[i], second.Sources[i])
		}
	}
	for i := range first.Endpoints {
		if !reflect.DeepEqual(first.Endpoints[i], second.Endpoints[i]) {
			t.Errorf("endpoint %d:\n%+v\n%+v", i, first.Endpoints[i], second.Endpoints[i])
		}
	}
	again, _, err := exchange.WriteWorkspace(second, exchange.Options{Reveal: true})
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("written twice, it differs: %v\n%s\n%s", err, data, again)
	}
	if e := second.Endpoints[1].Target; e.Policy.Retries != 2 || e.Policy.Base != 2*time.Second || len(e.Header) != 4 || e.Header[2].Name != "x-a" {
		t.Errorf("endpoint 1: %+v", e)
	}
	if p := second.Endpoints[2].Target.Policy; len(p.Delays) != 7 || !p.Control || !strings.Contains(string(data), `"policy": "svix"`) {
		t.Errorf("the preset svix became %+v", p)
	}
	if f := second.Sources[6].Faults; f.Latency.Base != 290*time.Microsecond {
		t.Errorf("0.29 ms became %v", f.Latency.Base)
	}
}

// TestWorkspaceOfAPlatformsEndpoint: what the window lets a JoAi endpoint be, the file can say, in the bytes it always had.
func TestWorkspaceOfAPlatformsEndpoint(t *testing.T) {
	header := core.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "X-A", Value: "1"}}
	for name, row := range map[string]struct {
		target core.Target
		want   string
	}{
		"as made": {core.Target{Timeout: 30 * time.Second, Secret: "env:J", Policy: core.RetryPolicy{Name: "joai", Retries: 3, Base: time.Second, Factor: 2, Max: time.Minute}},
			`"timeout_seconds": 30, "max_retries": 3, "secret": {"env": "J"}`},
		"changed": {core.Target{Timeout: 90 * time.Second, Header: header, SkipTLS: true, CAFile: "ca.pem", Policy: core.RetryPolicy{Retries: 2, Base: 1500 * time.Millisecond, Factor: 3}},
			`"headers": {"X-A": "1"}, "verify_ssl": false, "timeout_seconds": 90, "max_retries": 2, "backoff": {"base_s": 1.5, "factor": 3, "max_s": 0, "jitter": 0}, "ca_file": "ca.pem"`},
		"a list of delays": {core.Target{Timeout: 5 * time.Second, Policy: core.RetryPolicy{Name: "mine", Retries: 2, Delays: []time.Duration{time.Minute, time.Hour}}},
			`"timeout_seconds": 5, "max_retries": 2 }`},
		"the default timeout, no retry": {core.Target{Policy: core.RetryPolicy{Name: "none"}},
			`"timeout_seconds": 30, "max_retries": 0, "backoff": {"base_s": 0, "factor": 2, "max_s": 0, "jitter": 0}`},
	} {
		row.target.URL, row.target.Scheme = "https://a.test/", "joai"
		data, moved, err := exchange.WriteWorkspace(&exchange.Workspace{Endpoints: []core.Endpoint{{Platform: "joai", WireID: "w", Name: "n", Trigger: "agent.message", Active: true,
			Target: row.target, Settings: core.Values{"serializer": "json"}}}}, exchange.Options{Reveal: true})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if said := len(moved) > 0; said != (name == "a list of delays") {
			t.Errorf("%s: says %q", name, moved)
		}
		got := strings.Join(strings.Fields(string(data)), " ")
		want := `"endpoints": [ { "platform": "joai", "id": "w", "name": "n", "url": "https://a.test/", "trigger": "agent.message", ` + row.want
		if !strings.Contains(strings.NewReplacer("{ ", "{", " }", "}").Replace(got), strings.NewReplacer("{ ", "{", " }", "}").Replace(want)) {
			t.Errorf("%s: wrote\n%s\nwant\n%s", name, got, want)
		}
		if _, err := exchange.ParseWorkspace(data); err != nil {
			t.Errorf("%s: what was written cannot be read: %v", name, err)
		}
	}
}

func TestWorkspaceKeepsSecretsBack(t *testing.T) {
	w := &exchange.Workspace{
		Sources: []core.Source{
			{Name: "stripe live", Platform: "generic", Settings: core.Values{"path": "/in/a", "scheme": "stripe", "odd": 1.0}, Secrets: map[string]core.SecretRef{"secret": "run:source/stripe/secret"},
				Forwards: core.Forwards{{URL: "https://far.test/", Confirmed: true}}},
			{Name: "stripe-live", Platform: "generic", Settings: core.Values{"path": "/in/b", "scheme": "stripe"}, Secrets: map[string]core.SecretRef{"secret": "file:other"}},
			{Name: "3rd", Platform: "generic", Settings: core.Values{"path": "/in/c", "scheme": "stripe"}, Secrets: map[string]core.SecretRef{"secret": "run:source/stripe/secret"}},
		},
		Endpoints: []core.Endpoint{{Name: "Größe", WireID: "g", Active: true, Target: core.Target{URL: "https://a.test/", Secret: "file:g", Timeout: 30 * time.Second}}},
		Plain:     map[core.SecretRef]core.Secret{"run:source/stripe/secret": core.Text("whsec_very_secret")},
	}
	data, moved, err := exchange.WriteWorkspace(w, exchange.Options{Reveal: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"env": "STRIPE_LIVE_SECRET"`, `"env": "STRIPE_LIVE_SECRET_2"`, `"env": "HOOK_3RD_SECRET"`, `"env": "GR_E_SECRET"`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s is missing:\n%s", want, data)
		}
	}
	for _, never := range []string{"whsec_", "run:", "file:", "confirmed", "odd"} {
		if strings.Contains(string(data), never) {
			t.Errorf("%s got out:\n%s", never, data)
		}
	}
	for _, want := range []string{"sources[0].secret: set the environment variable STRIPE_LIVE_SECRET;", "sources[0].odd:", "sources[0].forward: asks for consent", "sources[1].secret:", "sources[2].secret:", "endpoints[0].secret:"} {
		if !strings.Contains(strings.Join(moved, "\n"), want) {
			t.Errorf("%q is not among %q", want, moved)
		}
	}
	if _, err := exchange.ParseWorkspace(data); err != nil {
		t.Errorf("cannot be read back: %v", err)
	}
	if _, _, err := exchange.WriteWorkspace(&exchange.Workspace{Sources: []core.Source{{Platform: "nonsense"}}}, exchange.Options{}); err == nil {
		t.Error("an unknown platform was written")
	}
}

func TestParseWorkspaceRefuses(t *testing.T) {
	for text, field := range map[string]string{
		``:                                                 "file",
		`{"hookglass": 1} x`:                               "file",
		`{"hookglass": 2}`:                                 "hookglass",
		`{"sources": []}`:                                  "hookglass",
		`{"hookglass": 1, "extra": 1}`:                     "extra",
		`{"hookglass": 1, "pace": 0}`:                      "pace",
		`{"hookglass": 1, "seed": 1.5}`:                    "seed",
		`{"hookglass": 1, "hookglass": 1}`:                 "hookglass",
		`{"hookglass": 1, "sources": {}}`:                  "sources",
		`{"hookglass": 1, "sources": [1]}`:                 "sources[0]",
		`{"hookglass": 1, "sources": [{"platform": "x"}]}`: "sources[0].platform",
		`{"hookglass": 1, "sources": [{"platform": "almyty", "id": "6f1c2b3a-0000-4000-8000-000000000001", "auth": "basic"}]}`:                        "sources[0].auth",
		`{"hookglass": 1, "sources": [{"platform": "generic", "path": "/in/a", "faults": {"drop": 2}}]}`:                                              "sources[0].faults.drop",
		`{"hookglass": 1, "sources": [{"platform": "generic", "path": "/in/a", "faults": {"statuses": [500, 500.5]}}]}`:                               "sources[0].faults.statuses[1]",
		`{"hookglass": 1, "sources": [{"platform": "generic", "path": "/in/a", "secret": {"file": "x"}}]}`:                                            "sources[0].secret",
		`{"hookglass": 1, "sources": [{"platform": "generic", "path": "/in/a"}, {"platform": "generic", "path": "/in/a"}]}`:                           "sources[1]",
		`{"hookglass": 1, "sources": [{"platform": "generic", "path": "/in/a", "name": "n"}, {"platform": "generic", "path": "/in/b", "name": "n"}]}`: "sources[1].name",
		`{"hookglass": 1, "endpoints": [{"url": "ftp://x"}]}`:                                                                                         "endpoints[0].url",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "headers": [["a"]]}]}`:                                                                    "endpoints[0].headers[0]",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "headers": {"a": 1}}]}`:                                                                   "endpoints[0].headers.a",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "headers": {"a": null}}]}`:                                                                "endpoints[0].headers.a",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "policy": {"delays_s": [-1]}}]}`:                                                          "endpoints[0].policy.delays_s[0]",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "policy": {}, "max_retries": 1}]}`:                                                        "endpoints[0].policy",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "policy": {"stop_on": [42]}}]}`:                                                           "endpoints[0].policy.stop_on[0]",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "policy": "nobody's"}]}`:                                                                  "endpoints[0].policy",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "policy": 5}]}`:                                                                           "endpoints[0].policy",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "id": "a"}, {"url": "http://x", "id": "a"}]}`:                                             "endpoints[1].id",
		`{"hookglass": 1, "endpoints": [{"platform": "nitejar", "url": "http://x"}]}`:                                                                 "endpoints[0].platform",
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "timeout_seconds": 301}]}`:                                                                "endpoints[0].timeout_seconds",
		`{"hookglass":` + strings.Repeat("[", 200_000):                                                                                                "hookglass[0][0][0]",
	} {
		_, err := exchange.ParseWorkspace([]byte(text))
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != field && !(len(field) > 15 && strings.HasPrefix(invalid.Field, field)) {
			t.Errorf("%.120s\n got %v\nwant a complaint about %s", text, err, field)
		}
	}
}

// TestWorkspaceSaysWhatIsWanted: a mistake is answered in words that can be acted on, with numbers written out.
func TestWorkspaceSaysWhatIsWanted(t *testing.T) {
	for text, want := range map[string]string{
		`{"hookglass": 1, "pace": 0}`: "pace: want a number from 0.001 to 1000000",
		`{"hookglass": 1, "endpoints": [{"platform": "nitejar", "url": "http://x"}]}`:                         `endpoints[0].platform: "nitejar" has no endpoints; want joai, or leave it out`,
		`{"hookglass": 1, "endpoints": [{"url": "http://x", "policy": {"retry_after": "x"}}]}`:                "endpoints[0].policy.retry_after: want honour or cap",
		`{"hookglass": 1, "sources": [{"platform": "generic", "path": "/a", "body_limit_bytes": 1234567.5}]}`: "sources[0].body_limit_bytes: want a whole number, got 1234567.5",
	} {
		if _, err := exchange.ParseWorkspace([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

// TestForwardsRoundTrip: a string, an object and a list come back as they were written, but for consents.
func TestForwardsRoundTrip(t *testing.T) {
	for _, tt := range []struct{ forward, want string }{
		{`"http://a/"`, `"http://a/"`},
		{`["http://a/"]`, `"http://a/"`},
		{`{"url": "http://a/", "timeout_s": 10}`, `"http://a/"`},
		{`{"url": "http://a/", "answer": true, "timeout_s": 2.5}`, `{"url":"http://a/","answer":true,"timeout_s":2.5}`},
		{`[]`, ``},
		{`["http://a/", {"url": "http://b/", "when": "event:x", "path": "drop", "resign": true, "set_headers": [["Z", "1"], ["A", "2"], ["A", "3"]], "remove_headers": ["Cookie"],
			"policy": "none", "answer": true, "keep_host": true, "forwarded": true, "active": false}, {"url": "http://c/", "policy": "exponential", "path": "keep"},
			{"url": "http://d/", "policy": {"retries": 4, "delays_s": [1, 2]}, "set_headers": {"X": "1"}, "verify_ssl": false, "ca_file": "/ca.pem", "client_cert": "/c.pem", "client_key": {"env": "KEY"}}, {"url": "http://e/", "policy": "svix"}]`,
			`[{"url":"http://a/","timeout_s":10},{"url":"http://b/","when":"event:x","path":"drop","resign":true,"set_headers":[["Z","1"],["A","2"],["A","3"]],"remove_headers":["Cookie"],"policy":"none","answer":true,"timeout_s":10,"keep_host":true,"forwarded":true,"active":false},` +
				`{"url":"http://c/","policy":"exponential","timeout_s":10},{"url":"http://d/","set_headers":{"X":"1"},"policy":{"retries":4,"delays_s":[1,2]},"timeout_s":10,"verify_ssl":false,"ca_file":"/ca.pem","client_cert":"/c.pem","client_key":{"env":"KEY"}},{"url":"http://e/","policy":"svix","timeout_s":10}]`},
	} {
		first, err := exchange.ParseWorkspace([]byte(`{"hookglass": 1, "sources": [{"platform": "generic", "path": "/in/a", "forward": ` + tt.forward + `}]}`))
		if err != nil {
			t.Errorf("%s: %v", tt.forward, err)
			continue
		}
		data, _, err := exchange.WriteWorkspace(first, exchange.Options{Reveal: true})
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Sources []struct{ Forward json.RawMessage }
		}
		if err := json.Unmarshal(data, &file); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if len(file.Sources[0].Forward) > 0 {
			if err := json.Compact(&got, file.Sources[0].Forward); err != nil {
				t.Fatal(err)
			}
		}
		if got.String() != tt.want {
			t.Errorf("%s became\n%s, want\n%s", tt.forward, &got, tt.want)
		}
		second, err := exchange.ParseWorkspace(data)
		if err != nil || len(second.Sources[0].Forwards) != len(first.Sources[0].Forwards) {
			t.Errorf("%s is read back as %v, %v", &got, second, err)
			continue
		}
		for i, f := range second.Sources[0].Forwards {
			if f.Timeout = first.Sources[0].Forwards[i].Timeout; !reflect.DeepEqual(f, first.Sources[0].Forwards[i]) {
				t.Errorf("%+v, want %+v", f, first.Sources[0].Forwards[i])
			}
		}
	}
}
