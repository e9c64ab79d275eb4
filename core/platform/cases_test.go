package platform_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
)

// A case is one row of testdata/platform_cases.json: what a platform does with one request, and where that is known from.
type testCase struct {
	ID, Platform, Kind, Profile, Title string
	Request                            struct {
		Method       string
		PathTemplate string `json:"path_template"`
		Headers      [][2]string
		Body         *string
		BodyB64      string `json:"body_b64"`
		BodyGenerate *struct {
			Prefix, Unit, Suffix, SHA256 string
			Count                        int
		} `json:"body_generate"`
		Repeat *struct {
			Count   int
			WithinS float64 `json:"within_s"`
		}
		Trigger *struct {
			Event string
			Data  json.RawMessage
		}
	}
	Setup  map[string]any
	Expect map[string]any
	Alt    []map[string]any `json:"alt_expect"`
}

// elsewhere are the expectations of the sender's, which package deliver meets: how often it tries and what it makes of an answer.
var elsewhere = map[string]string{
	"deliveries":                "counted by the dispatcher",
	"attempts":                  "counted by the dispatcher",
	"retries":                   "counted by the dispatcher",
	"final_status":              "decided by the dispatcher",
	"other_urls_hit":            "redirects are the dispatcher's",
	"webhook_fields_unset":      "LastTriggered is set by the store",
	"identical_across_attempts": "the dispatcher signs each attempt; the body is one",
}

func TestCases(t *testing.T) {
	raw, err := os.ReadFile("testdata/platform_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			switch {
			case c.Platform == "joai":
				runJoai(t, c)
			case c.Kind == "outbound":
				runCompletion(t, c)
			default:
				runInbound(t, c, c.Profile, c.Expect)
				for _, alt := range c.Alt {
					if alt["when"] == "profile=code" { // other readings of the document are not ours
						merged := cloneMap(c.Expect)
						if alt["status"] == nil { // a difference in the work item alone
							for _, k := range []string{"body_json_subset", "body_regex", "work_item_status"} {
								delete(merged, k)
							}
						}
						for k, v := range alt {
							merged[k] = v
						}
						delete(merged, "when")
						t.Run("as shipped", func(t *testing.T) { runInbound(t, c, core.Code, merged) })
					}
				}
			}
		})
	}
}

// source maps a case's set-up to the settings of a source. An unknown key fails: a case that is not understood is no pass.
func source(t *testing.T, c testCase, profile string) platform.Config {
	t.Helper()
	cfg := platform.Config{Source: 1, Name: c.ID, Profile: profile, Settings: core.Values{}, Secrets: map[string]core.Secret{}, Seed: 7}
	agent := map[string]any{}
	for k, v := range c.Setup {
		switch k {
		case "instance_id", "webhook_id", "agent_id":
			if _, ok := cfg.Settings["id"]; !ok {
				cfg.Settings["id"] = v
			}
		case "regenerated_to":
			cfg.Settings["id"] = v
		case "instance_type":
			cfg.Settings["type"] = v
		case "agents_assigned":
			cfg.Settings["agents"] = v
		case "webhookUrl":
			cfg.Settings["webhook_url"] = v
		case "webhookEnabled":
			cfg.Settings["enabled"] = v
		case "auth_mode":
			cfg.Settings["auth"] = v
		case "secret", "api_token":
			if s, _ := v.(string); s != "" {
				cfg.Secrets[k] = core.Text(s)
			}
		case "agent_behaviour":
			agent["behaviour"] = v
		case "max_concurrent_disabled":
			cfg.Settings["max_concurrent"] = 0.0
		case "execution_duration_s":
			cfg.Settings["run_ms"] = v.(float64) * 1000
		case "plugin_key", "plugin":
			cfg.Settings["plugin"] = v
		case "endpoint":
			cfg.Settings["path"] = v
			if name := strings.Trim(v.(string), "/"); name != "github" {
				cfg.Settings["handler"] = name
			}
		case "notification_chat_key":
			cfg.Settings["notification_chat"] = v
		case "enabled", "org", "slug", "output_url":
			cfg.Settings[k] = v
		case "trigger_type", "gateway", "prior_trigger", "builtin_github_disabled", "agent", "execution", "receiver_script":
			// true of every source here, or read by the runner
		default:
			t.Fatalf("set-up %q is not understood", k)
		}
	}
	if c.Setup["regenerated_to"] != nil {
		cfg.Settings["id"] = c.Setup["regenerated_to"]
	}
	if c.Platform == "almyty" && cfg.Settings["id"] == nil {
		cfg.Settings["id"] = "07f3169e-e7f0-4394-8e7b-5446e8e1fcb6"
	}
	if len(agent) > 0 {
		cfg.Settings["agent"] = agent
	}
	return cfg
}

// host is what the capture server is to machines: it routes by Match, then by Owns.
type host struct {
	p       platform.Platform
	m       platform.Machine
	profile string
	ids     platform.IDs
	items   map[string]core.WorkItem
	sends   []platform.Send
	next    time.Time
}

func newHost(t testing.TB, name string, cfg platform.Config) *host {
	t.Helper()
	p, ok := platform.Find(name)
	if !ok {
		t.Fatalf("no platform %q", name)
	}
	m, err := p.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &host{p: p, m: m, profile: cfg.Profile, ids: platform.NewIDs(rand.New(rand.NewPCG(1, 2))), items: map[string]core.WorkItem{}}
}

func (h *host) receive(now time.Time, r *core.Request) platform.Out {
	in := platform.In{Now: now, Request: r, IDs: h.ids}
	switch {
	case h.m.Match(r.Path()) > 0:
		out := h.m.Receive(in)
		h.keep(out)
		for !h.next.IsZero() && !h.next.After(now) {
			late, _ := h.m.Advance(now, h.ids)
			h.keep(late)
		}
		return out
	case h.p.Owns(r.Path()):
		return h.p.Unknown(in, h.profile)
	}
	return platform.Out{Response: core.Response{Status: 404}, Receipt: core.Receipt{Outcome: core.Unmatched}}
}

func (h *host) keep(out platform.Out) {
	for _, item := range out.Work {
		h.items[item.ID] = item
	}
	h.sends = append(h.sends, out.Send...)
	h.next = out.Next
}

// finish lets virtual time run until nothing is due any more.
func (h *host) finish(t testing.TB) time.Time {
	t.Helper()
	var last time.Time
	for n := 0; !h.next.IsZero(); n++ {
		if n > 100_000 {
			t.Fatal("the machine never comes to rest")
		}
		last = h.next
		out, next := h.m.Advance(last, h.ids)
		h.keep(out)
		if !next.IsZero() && !next.After(last) {
			t.Fatalf("Advance at %v asks to be called again at %v", last, next)
		}
		h.next = next
	}
	return last
}

var start = time.Date(2024, 1, 15, 11, 45, 0, 0, time.UTC)

func request(t testing.TB, c testCase, path string) *core.Request {
	t.Helper()
	r := &core.Request{Method: c.Request.Method, Target: path, Proto: "HTTP/1.1", Host: "127.0.0.1:4600"}
	for _, f := range c.Request.Headers {
		r.Header = append(r.Header, core.Field{Name: f[0], Value: f[1]})
	}
	switch g := c.Request.BodyGenerate; {
	case g != nil:
		r.Body = []byte(g.Prefix + strings.Repeat(g.Unit, g.Count) + g.Suffix)
		if sum := sha256.Sum256(r.Body); g.SHA256 != "" && hex.EncodeToString(sum[:]) != g.SHA256 {
			t.Fatal("the generated body is not the case's")
		}
	case c.Request.BodyB64 != "":
		r.Body, _ = base64.StdEncoding.DecodeString(c.Request.BodyB64)
	case c.Request.Body != nil:
		r.Body = []byte(*c.Request.Body)
	}
	r.Size = int64(len(r.Body))
	if limit := 10 << 20; len(r.Body) > limit { // as the capture server cuts it
		r.Body, r.Truncated = r.Body[:limit], true
	}
	return r
}

func runInbound(t *testing.T, c testCase, profile string, expect map[string]any) {
	cfg := source(t, c, profile)
	h := newHost(t, c.Platform, cfg)
	now := start
	path := c.Request.PathTemplate
	if c.Setup["prior_trigger"] == true {
		example := h.p.Example(cfg, now)
		out := h.receive(now, &example)
		if len(out.Work) == 0 {
			t.Fatalf("prior trigger: %d %s", out.Response.Status, out.Response.Body)
		}
		path = strings.ReplaceAll(path, "{execution_id}", out.Work[0].ID)
		now = now.Add(time.Second)
	}
	for _, k := range []string{"instance_id", "webhook_id", "agent_id", "plugin_key"} {
		if v, ok := c.Setup[k].(string); ok {
			path = strings.ReplaceAll(path, "{"+k+"}", v)
		}
	}
	if strings.Contains(path, "{") {
		t.Fatalf("path %q is not understood", path)
	}
	r := request(t, c, path)
	count, within := 1, 0.0
	if rep := c.Request.Repeat; rep != nil {
		count, within = rep.Count, rep.WithinS
	}
	before := len(h.items)
	var out platform.Out
	for i := range count {
		at := now.Add(time.Duration(float64(i) / float64(count) * within * float64(time.Second)))
		out = h.receive(at, r)
		if want, ok := expect["others_status"]; ok && i < count-1 && float64(out.Response.Status) != want {
			t.Fatalf("request %d: got %d, want %v", i+1, out.Response.Status, want)
		}
		if expect["applies_to"] == nil && i < count-1 {
			checkResponse(t, expect, out.Response)
		}
		if i < count-1 {
			before = len(h.items)
		}
	}
	checkReceipt(t, out)
	checkResponse(t, expect, out.Response)
	checkWork(t, expect, h, out, len(h.items) > before)
	checkKeys(t, expect)
}

// checkReceipt holds what every receipt must be.
func checkReceipt(t *testing.T, out platform.Out) {
	t.Helper()
	rec := out.Receipt
	if rec.Outcome == "" || rec.Platform == "" {
		t.Errorf("receipt without outcome or platform: %+v", rec)
	}
	if rec.Outcome != core.Accepted && rec.Reason == "" {
		t.Errorf("%s without a reason", rec.Outcome)
	}
	if rec.Outcome != core.Accepted && (len(rec.Checks) == 0 || rec.Checks[len(rec.Checks)-1].OK) {
		t.Errorf("%s, and the last check does not say why: %+v", rec.Outcome, rec.Checks)
	}
	if v := rec.Verdict; v != nil && (v.State == "" || len(v.Parts) == 0) {
		t.Errorf("a verdict without state or parts: %+v", v)
	}
}

func checkResponse(t *testing.T, expect map[string]any, r core.Response) {
	t.Helper()
	if want := expect["status"]; want != nil && float64(r.Status) != want { // the alternatives are not ours
		t.Fatalf("status: got %d, want %v; body %s", r.Status, want, r.Body)
	}
	if want, ok := expect["body_json_subset"]; ok {
		if got := decode(t, r.Body); !subset(got, want) {
			t.Errorf("body: got %s, want %v in it", r.Body, want)
		}
	}
	if want, ok := expect["body_json_equals"]; ok {
		if got := decode(t, r.Body); !reflect.DeepEqual(got, want) {
			t.Errorf("body: got %s, want %v", r.Body, want)
		}
	}
	if want, ok := expect["body_regex"].(string); ok && !regexp.MustCompile(want).Match(r.Body) {
		t.Errorf("body: got %s, want a match of %s", r.Body, want)
	}
	if want, ok := expect["body_keys_exact"].([]any); ok {
		var got []any
		dec := json.NewDecoder(bytes.NewReader(r.Body))
		_, _ = dec.Token()
		for dec.More() {
			k, _ := dec.Token()
			got = append(got, k)
			var v any
			_ = dec.Decode(&v)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("keys: got %v, want %v", got, want)
		}
	}
	if expect["body_empty"] == true && len(r.Body) > 0 {
		t.Errorf("body: got %s, want none", r.Body)
	}
	headers, _ := expect["headers"].(map[string]any)
	for name, want := range headers {
		if got := r.Header.Get(name); !regexp.MustCompile(want.(string)).MatchString(got) {
			t.Errorf("header %s: got %q, want a match of %v", name, got, want)
		}
	}
}

func checkWork(t *testing.T, expect map[string]any, h *host, out platform.Out, created bool) {
	t.Helper()
	if want := expect["work_item_created"]; want != nil && created != want {
		t.Fatalf("work item made: got %v, want %v", created, want)
	}
	var item core.WorkItem
	if len(out.Work) > 0 {
		item = out.Work[len(out.Work)-1]
	} else if len(h.items) == 1 {
		for _, item = range h.items {
		}
	}
	if want := expect["work_item_status"]; want != nil && item.State != want {
		t.Errorf("work item: got %q, want %v", item.State, want)
	}
	if want, ok := expect["work_item_subset"]; ok && !subset(wireItem(t, item), want) {
		got, _ := json.Marshal(wireItem(t, item))
		t.Errorf("work item: got %s, want %v in it", got, want)
	}
	if want, ok := expect["notification_text"]; ok {
		if want != nil && !item.Final { // a background job tells the chat when it is over
			h.finish(t)
			item = h.items[item.ID]
		}
		checkNote(t, item, want)
	}
	if want, ok := expect["work_item_status_sequence"].([]any); ok {
		h.finish(t)
		var got []any
		for _, s := range h.items[item.ID].States {
			got = append(got, s.State)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("states: got %v, want %v", got, want)
		}
		if states := h.items[item.ID].States; len(states) > 1 && states[1].At.Sub(states[0].At) < 300*time.Millisecond {
			t.Errorf("the first state lasts %v: no poll would see it", states[1].At.Sub(states[0].At))
		}
	}
}

func checkNote(t *testing.T, item core.WorkItem, want any) {
	t.Helper()
	switch {
	case want == nil && len(item.Notes) > 0:
		t.Errorf("a message was sent: %q", item.Notes)
	case want != nil && (len(item.Notes) != 1 || item.Notes[0].Text != want):
		t.Errorf("messages: got %q, want %q", item.Notes, want)
	}
}

// checkKeys fails for an expectation that nothing here looks at.
func checkKeys(t *testing.T, expect map[string]any) {
	t.Helper()
	known := []string{"status", "status_alternatives", "body_json_subset", "body_json_equals", "body_regex", "body_keys_exact", "body_empty",
		"body_equals", "headers", "work_item_created", "work_item_status", "work_item_subset", "work_item_status_sequence", "notification_text",
		"applies_to", "others_status", "request_method", "request_headers", "signature_vector", "config_rejected", "rejected_field",
		"effective_settings", "forbidden_request_headers"}
	for k := range expect {
		if _, ok := elsewhere[k]; !ok && !slices.Contains(known, k) {
			t.Errorf("expectation %q is not understood", k)
		}
	}
}

// wireItem is a work item under the names of the cases.
func wireItem(t *testing.T, item core.WorkItem) map[string]any {
	t.Helper()
	w := map[string]any{"session_key": item.Session, "title": item.Title, "payload": plain(t, item.Payload), "input": plain(t, item.Input)}
	if in, ok := w["input"].(map[string]any); ok && in["source"] != nil && item.Platform == "nitejar" {
		w["source"] = in["source"]
	}
	if p, ok := w["payload"].(map[string]any); ok && p["userId"] != nil {
		w["userId"] = p["userId"]
	}
	return w
}

func plain(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("a work item that is no JSON: %v", err)
	}
	return decode(t, b)
}

func decode(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return v
}

// subset reports whether want is in got: objects by their members, anything else whole.
func subset(got, want any) bool {
	w, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(got, want)
	}
	g, ok := got.(map[string]any)
	if !ok {
		return false
	}
	for k, v := range w {
		gv, ok := g[k]
		if !ok || !subset(gv, v) {
			return false
		}
	}
	return true
}

func cloneMap(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// joaiField is a setting under the name that the cases give it.
var joaiField = map[string]string{"id": "id", "name": "name", "url": "url", "trigger": "trigger", "active": "active", "headers": "headers",
	"verifySsl": "verify_ssl", "timeout": "timeout_seconds", "maxRetries": "max_retries", "description": "description"}

func runJoai(t *testing.T, c testCase) {
	checkKeys(t, c.Expect)
	webhook := c.Setup["webhook"].(map[string]any)
	values := core.Values{}
	for k, v := range webhook {
		if k == "secret" {
			continue
		}
		name, ok := joaiField[k]
		if !ok {
			t.Fatalf("set-up webhook.%s is not understood", k)
		}
		values[name] = v
	}
	e, err := joai.Endpoint(values, platform.NewIDs(rand.New(rand.NewPCG(1, 2))))
	if c.Expect["config_rejected"] == true {
		invalid, ok := err.(*core.Invalid)
		if want := joaiField[c.Expect["rejected_field"].(string)]; !ok || invalid.Field != want {
			t.Fatalf("got %v, want %s to be rejected", err, want)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if want, ok := c.Expect["effective_settings"].(map[string]any); ok {
		got := map[string]any{"timeout": e.Target.Timeout.Seconds(), "maxRetries": float64(e.Target.Policy.Retries)}
		if !subset(got, want) {
			t.Errorf("settings: got %v, want %v", got, want)
		}
	}
	clock, err := time.Parse(time.RFC3339Nano, c.Setup["clock"].(string))
	if err != nil {
		t.Fatal(err)
	}
	data := json.RawMessage(expand(string(c.Request.Trigger.Data)))
	body, err := joai.Endpoints.Body(e, c.Request.Trigger.Event, data, clock)
	if err != nil {
		t.Fatal(err)
	}
	checkSent(t, c, e.Target, body, webhook["secret"].(string))
}

// expand writes out the placeholder {{repeat:M:262144}}.
func expand(s string) string {
	return regexp.MustCompile(`\{\{repeat:(.):(\d+)\}\}`).ReplaceAllStringFunc(s, func(m string) string {
		var n int
		_, _ = fmt.Sscanf(m[11:], "%d", &n)
		return strings.Repeat(m[9:10], n)
	})
}

// checkSent signs the body as the dispatcher does and looks at the request that goes out.
func checkSent(t *testing.T, c testCase, target core.Target, body []byte, secret string) {
	t.Helper()
	r := &core.Request{Method: "POST", Target: "/", Header: target.Header.Clone(), Body: body}
	if target.Scheme != "" {
		scheme, ok := sign.Known().Find(target.Scheme)
		if !ok {
			t.Fatalf("no scheme %q", target.Scheme)
		}
		set, _, err := scheme.Sign(sign.Input{Request: r, Secrets: []core.Secret{core.Text(secret)}, Now: start}, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range set {
			r.Header = r.Header.With(f.Name, f.Value)
		}
	}
	if want, ok := c.Expect["body_equals"].(string); ok && string(body) != want {
		t.Errorf("body:\n got %s\nwant %s", body, want)
	}
	if want, ok := c.Expect["body_json_subset"]; ok && !subset(decode(t, body), want) {
		t.Errorf("body: got %s, want %v in it", body, want)
	}
	if want, ok := c.Expect["body_regex"].(string); ok && !regexp.MustCompile(want).Match(body) {
		t.Errorf("body: got %s, want a match of %s", body, want)
	}
	headers, _ := c.Expect["request_headers"].(map[string]any)
	for name, want := range headers {
		i := slices.IndexFunc(r.Header, func(f core.Field) bool { return f.Name == name }) // the exact spelling
		if i < 0 || !regexp.MustCompile(want.(string)).MatchString(r.Header[i].Value) {
			t.Errorf("header %s: got %v, want a match of %v", name, r.Header, want)
		}
	}
	forbidden, _ := c.Expect["forbidden_request_headers"].([]any)
	for _, name := range forbidden {
		if r.Header.Has(name.(string)) {
			t.Errorf("header %v is sent", name)
		}
	}
	if vec, ok := c.Expect["signature_vector"].(map[string]any); ok {
		if got := r.Header.Get(vec["header"].(string)); got != vec["value"] {
			t.Errorf("signature: got %s, want %v", got, vec["value"])
		}
	}
}

// runCompletion lets a run end as the case has it and looks at the post about it.
func runCompletion(t *testing.T, c testCase) {
	checkKeys(t, c.Expect)
	cfg := source(t, c, c.Profile)
	agent, _ := c.Setup["agent"].(map[string]any)
	if agent != nil {
		cfg.Settings["id"], cfg.Settings["agent_name"] = agent["id"], agent["name"]
	}
	execution, _ := c.Setup["execution"].(map[string]any)
	if execution != nil {
		cfg.Settings["run_ms"] = execution["executionTime"]
		cfg.Settings["agent"] = map[string]any{"output": execution["output"], "cost_usd": execution["totalCost"]}
	}
	h := newHost(t, c.Platform, cfg)
	example := h.p.Example(cfg, start)
	out := h.receive(start, &example)
	h.finish(t)
	if len(h.sends) != 1 {
		t.Fatalf("got %d posts, want 1", len(h.sends))
	}
	send := h.sends[0]
	if c.Platform == "almyty" && (send.Target.Policy.Retries != 0 || send.Target.Scheme != "") || send.Work != out.Work[0].ID {
		t.Errorf("target: %+v", send.Target)
	}
	if want, ok := c.Expect["body_json_subset"].(map[string]any); ok {
		if e, ok := want["execution"].(map[string]any); ok {
			e["id"] = out.Work[0].ID // ids are made, not given
			delete(e, "totalTokens") // derived from the cost here
		}
	}
	send.Target.Header = send.Header
	secret, _ := c.Setup["secret"].(string)
	checkSent(t, c, send.Target, send.Body, secret)
}
