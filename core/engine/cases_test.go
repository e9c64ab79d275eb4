package engine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

// The cases that package platform holds its machines against, here through the whole program: a workspace is made of
// each case's set-up, the request goes over a socket, and what came of it is read from the control listener.

// testCase is one row of platform_cases.json: what a platform does with one request, and where that is known from.
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
		Repeat  *struct{ Count int }
		Trigger *struct {
			Event string
			Data  json.RawMessage
		}
	}
	Setup  map[string]any
	Expect map[string]any
	Alt    []map[string]any `json:"alt_expect"`
}

// skipped are the cases that cannot be run from outside, each with its reason.
func skipped(c testCase) string {
	if c.Platform == "almyty" && c.Kind == "outbound" && runtime.GOOS != "linux" {
		return "the platform has no setting for an authority of one's own, and only on Linux can a test add one to the system's"
	}
	return ""
}

func TestPlatformCases(t *testing.T) {
	raw, err := os.ReadFile("../platform/testdata/platform_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	ca := trusted
	t.Run("all", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.ID, func(t *testing.T) {
				t.Parallel()
				if why := skipped(c); why != "" {
					t.Skip(why)
				}
				switch {
				case c.Platform == "joai":
					runJoai(t, ca, c)
				case c.Kind == "outbound":
					runCompletion(t, ca, c)
				default:
					runInbound(t, c, c.Profile, c.Expect)
					for _, alt := range c.Alt {
						if alt["when"] == "profile=code" { // other readings of the document are not ours
							t.Run("as shipped", func(t *testing.T) { runInbound(t, c, core.Code, shipped(c.Expect, alt)) })
						}
					}
				}
			})
		}
	})
}

// shipped is what a case expects of the released software, where that differs from the document.
func shipped(expect, alt map[string]any) map[string]any {
	merged := maps.Clone(expect)
	if alt["status"] == nil { // a difference in the work item alone
		for _, k := range []string{"body_json_subset", "body_regex", "work_item_status"} {
			delete(merged, k)
		}
	}
	maps.Copy(merged, alt)
	delete(merged, "when")
	return merged
}

// The pace of a case: slow, so that what it looks at stands still; fast, so that what it waits for comes.
const (
	slow = 0.001
	fast = 1000
)

// settings are the names that a workspace has for what cases set up; "" is true of every source, or read elsewhere.
var settings = map[string]string{
	"instance_id": "id", "webhook_id": "id", "agent_id": "id", "instance_type": "type", "agents_assigned": "agents", "enabled": "enabled",
	"webhookUrl": "webhook_url", "webhookEnabled": "enabled", "auth_mode": "auth", "secret": "secret", "api_token": "api_token",
	"plugin_key": "plugin", "plugin": "plugin", "endpoint": "path", "notification_chat_key": "notification_chat", "org": "org", "slug": "slug",
	"trigger_type": "", "gateway": "", "prior_trigger": "", "builtin_github_disabled": "", "agent": "", "execution": "", "receiver_script": "",
	"regenerated_to": "", "agent_behaviour": "", "max_concurrent_disabled": "", "execution_duration_s": "",
}

// workspace makes a workspace file of an inbound case's set-up. A key that is not understood fails: it is no pass.
func workspace(t *testing.T, c testCase, profile string) (source map[string]any, file map[string]any) {
	t.Helper()
	src := map[string]any{"platform": c.Platform, "profile": profile}
	for k, v := range c.Setup {
		name, known := settings[k]
		if !known {
			t.Fatalf("set-up %q is not understood", k)
		}
		if name != "" && v != nil {
			src[name] = v
		}
	}
	if id := c.Setup["regenerated_to"]; id != nil {
		src["id"] = id
	}
	if b := c.Setup["agent_behaviour"]; b != nil {
		src["agent"] = map[string]any{"behaviour": b}
	}
	if c.Setup["max_concurrent_disabled"] == true {
		src["max_concurrent"] = 0
	}
	if s, ok := c.Setup["execution_duration_s"].(float64); ok {
		src["run_ms"] = s * 1000
	}
	if c.Platform == "almyty" && src["id"] == nil {
		src["id"] = "07f3169e-e7f0-4394-8e7b-5446e8e1fcb6"
	}
	if path, ok := src["path"].(string); ok && c.Platform == "nekro" {
		if name := strings.Trim(path, "/"); name != "github" {
			src["handler"] = name
		}
	}
	pace := slow
	if c.Expect["work_item_status_sequence"] != nil || c.Setup["execution_duration_s"] != nil {
		pace = fast
	}
	return src, map[string]any{"hookglass": 1, "pace": pace, "seed": 7, "sources": []any{src}}
}

func runInbound(t *testing.T, c testCase, profile string, expect map[string]any) {
	_, file := workspace(t, c, profile)
	r, err := open(t, file, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := c.Request.PathTemplate
	if c.Setup["prior_trigger"] == true {
		path = strings.ReplaceAll(path, "{execution_id}", priorTrigger(t, r, c))
	}
	for _, k := range []string{"instance_id", "webhook_id", "agent_id", "plugin_key"} {
		if v, ok := c.Setup[k].(string); ok {
			path = strings.ReplaceAll(path, "{"+k+"}", v)
		}
	}
	if strings.Contains(path, "{") {
		t.Fatalf("path %q is not understood", path)
	}
	count := 1
	if c.Request.Repeat != nil {
		count = c.Request.Repeat.Count
	}
	for i := range count {
		a := r.send(c.Request.Method, path, c.Request.Headers, caseBody(t, c))
		last := i == count-1
		if want, ok := expect["others_status"]; ok && !last && float64(a.status) != want {
			t.Fatalf("request %d: got %d, want %v", i+1, a.status, want)
		}
		if last || expect["applies_to"] == nil {
			checkAnswer(t, expect, a)
		}
	}
	checkCapture(t, r, c, expect)
	checkKeys(t, expect)
}

// priorTrigger runs an execution that the case then asks about, and returns its id.
func priorTrigger(t *testing.T, r *rig, c testCase) string {
	t.Helper()
	sources, err := r.Store.Sources(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	example, ok := r.Example(sources[0])
	if !ok {
		t.Fatal("no example")
	}
	var fields [][2]string
	for _, f := range example.Header {
		if !strings.EqualFold(f.Name, "Host") && !strings.EqualFold(f.Name, "Content-Length") {
			fields = append(fields, [2]string{f.Name, f.Value})
		}
	}
	a := r.send(example.Method, example.Target, fields, example.Body)
	id := newestCapture(t, r).Work
	if len(id) != 1 {
		t.Fatalf("prior trigger: %d %s", a.status, a.body)
	}
	if c.Setup["execution_duration_s"] != nil {
		r.until("the end of the execution", func() bool { return work(r, id[0]).Final })
	}
	return id[0]
}

func caseBody(t *testing.T, c testCase) []byte {
	t.Helper()
	switch g := c.Request.BodyGenerate; {
	case g != nil:
		body := []byte(g.Prefix + strings.Repeat(g.Unit, g.Count) + g.Suffix)
		if sum := sha256.Sum256(body); g.SHA256 != "" && hex.EncodeToString(sum[:]) != g.SHA256 {
			t.Fatal("the generated body is not the case's")
		}
		return body
	case c.Request.BodyB64 != "":
		body, err := base64.StdEncoding.DecodeString(c.Request.BodyB64)
		if err != nil {
			t.Fatal(err)
		}
		return body
	case c.Request.Body != nil:
		return []byte(*c.Request.Body)
	}
	return nil
}

func newestCapture(t *testing.T, r *rig) engine.CaptureJSON {
	t.Helper()
	var lines []engine.CaptureLine
	r.ask("GET", "/_/captures?limit=1", nil, &lines)
	if len(lines) != 1 {
		t.Fatal("there is no capture")
	}
	var whole engine.CaptureJSON
	r.ask("GET", fmt.Sprintf("/_/captures/%d", lines[0].ID), nil, &whole)
	return whole
}

func work(r *rig, id string) (w engine.WorkJSON) {
	r.ask("GET", "/_/work/"+id, nil, &w)
	return w
}

func checkAnswer(t *testing.T, expect map[string]any, a answer) {
	t.Helper()
	if want := expect["status"]; want != nil && float64(a.status) != want { // the alternatives are not ours
		t.Fatalf("status: got %d, want %v; body %s", a.status, want, a.body)
	}
	checkBody(t, expect, a.body)
	headers, _ := expect["headers"].(map[string]any)
	for name, want := range headers {
		if got := a.header.Get(name); !regexp.MustCompile(want.(string)).MatchString(got) {
			t.Errorf("header %s: got %q, want a match of %v", name, got, want)
		}
	}
}

func checkBody(t *testing.T, expect map[string]any, body []byte) {
	t.Helper()
	if want, ok := expect["body_equals"].(string); ok && string(body) != want {
		t.Errorf("body:\n got %s\nwant %s", body, want)
	}
	if want, ok := expect["body_json_subset"]; ok && !subset(decode(t, body), want) {
		t.Errorf("body: got %s, want %v in it", body, want)
	}
	if want, ok := expect["body_json_equals"]; ok && !reflect.DeepEqual(decode(t, body), want) {
		t.Errorf("body: got %s, want %v", body, want)
	}
	if want, ok := expect["body_regex"].(string); ok && !regexp.MustCompile(want).Match(body) {
		t.Errorf("body: got %s, want a match of %s", body, want)
	}
	if want, ok := expect["body_keys_exact"].([]any); ok && !reflect.DeepEqual(keys(body), want) {
		t.Errorf("keys: got %v, want %v", keys(body), want)
	}
	if expect["body_empty"] == true && len(body) > 0 {
		t.Errorf("body: got %s, want none", body)
	}
}

// checkCapture looks at what was kept of the last request, and at what its platform makes of it.
func checkCapture(t *testing.T, r *rig, c testCase, expect map[string]any) {
	t.Helper()
	kept := newestCapture(t, r)
	if kept.Method != c.Request.Method || len(kept.HeadB64) == 0 {
		t.Errorf("kept %s %s with %d bytes of head", kept.Method, kept.Target, len(kept.HeadB64))
	}
	if body := caseBody(t, c); !kept.Truncated && !bytes.Equal(kept.BodyB64, body) || kept.Size != int64(len(body)) {
		t.Errorf("kept %d bytes of body, size %d, truncated %v; %d were sent", len(kept.BodyB64), kept.Size, kept.Truncated, len(body))
	}
	if want := expect["status"]; want != nil && float64(kept.Response.Status) != want {
		t.Errorf("kept the answer %d, want %v", kept.Response.Status, want)
	}
	if want := expect["work_item_created"]; want != nil && (len(kept.Work) > 0) != want {
		t.Fatalf("work items: got %v, want some: %v", kept.Work, want)
	}
	if created := len(kept.Work) > 0; created != (kept.Receipt.Outcome == string(core.Accepted)) && c.Request.Method == "POST" && expect["work_item_created"] == true {
		t.Errorf("outcome %s with work %v", kept.Receipt.Outcome, kept.Work)
	}
	if len(kept.Work) == 0 {
		return
	}
	item := work(r, kept.Work[len(kept.Work)-1])
	state := item.State // at the slow pace it stands still
	if expect["work_item_status_sequence"] != nil {
		state = item.States[0].State
	}
	if want := expect["work_item_status"]; want != nil && state != want {
		t.Errorf("work item: got %q, want %v", state, want)
	}
	if want, ok := expect["work_item_subset"]; ok && !subset(wire(t, item), want) {
		t.Errorf("work item: got %v, want %v in it", wire(t, item), want)
	}
	if want, ok := expect["notification_text"]; ok {
		checkNotifications(t, item, want)
	}
	if want, ok := expect["work_item_status_sequence"].([]any); ok {
		r.until("the end of the work item", func() bool { item = work(r, item.ID); return item.Final })
		var got []any
		for _, s := range item.States {
			got = append(got, s.State)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("states: got %v, want %v", got, want)
		}
	}
}

func checkNotifications(t *testing.T, item engine.WorkJSON, want any) {
	t.Helper()
	switch n := item.Notifications; {
	case want == nil && len(n) > 0:
		t.Errorf("a message was sent: %q", n)
	case want != nil && (len(n) != 1 || n[0].Text != want):
		t.Errorf("messages: got %q, want %q", n, want)
	}
}

// wire is a work item under the names of the cases.
func wire(t *testing.T, item engine.WorkJSON) map[string]any {
	t.Helper()
	w := map[string]any{"session_key": item.SessionKey, "title": item.Title, "payload": item.Payload, "input": item.Input}
	if in, ok := item.Input.(map[string]any); ok && in["source"] != nil && item.Platform == "nitejar" {
		w["source"] = in["source"]
	}
	if p, ok := item.Payload.(map[string]any); ok && p["userId"] != nil {
		w["userId"] = p["userId"]
	}
	return w
}

// checkKeys fails for an expectation that nothing here looks at.
func checkKeys(t *testing.T, expect map[string]any) {
	t.Helper()
	known := []string{"status", "status_alternatives", "body_json_subset", "body_json_equals", "body_regex", "body_keys_exact", "body_empty",
		"body_equals", "headers", "work_item_created", "work_item_status", "work_item_subset", "work_item_status_sequence", "notification_text",
		"applies_to", "others_status", "request_method", "request_headers", "signature_vector", "config_rejected", "rejected_field",
		"effective_settings", "forbidden_request_headers", "deliveries", "attempts", "retries", "final_status", "other_urls_hit",
		"webhook_fields_unset", "identical_across_attempts"}
	for k := range expect {
		if !slices.Contains(known, k) {
			t.Errorf("expectation %q is not understood", k)
		}
	}
}

// joaiNames are the names that a workspace has for the settings of a JoAi webhook.
var joaiNames = map[string]string{"id": "id", "name": "name", "url": "url", "trigger": "trigger", "active": "active", "headers": "headers",
	"verifySsl": "verify_ssl", "timeout": "timeout_seconds", "maxRetries": "max_retries", "description": "description", "secret": "secret"}

func joaiEndpoint(t *testing.T, ca *authority, webhook map[string]any) map[string]any {
	t.Helper()
	ep := map[string]any{"platform": "joai", "ca_file": ca.file}
	for k, v := range webhook {
		name, ok := joaiNames[k]
		if !ok {
			t.Fatalf("set-up webhook.%s is not understood", k)
		}
		ep[name] = v
	}
	return ep
}

func runJoai(t *testing.T, ca *authority, c testCase) {
	checkKeys(t, c.Expect)
	receiver := newReceiver(t, ca, script(t, c))
	webhook := c.Setup["webhook"].(map[string]any)
	endpoints := []any{joaiEndpoint(t, ca, webhook)}
	if second, ok := c.Setup["second_webhook"].(map[string]any); ok {
		both := maps.Clone(webhook)
		maps.Copy(both, second)
		endpoints = append(endpoints, joaiEndpoint(t, ca, both))
	}
	for k := range c.Setup {
		if !slices.Contains([]string{"webhook", "second_webhook", "clock", "receiver_script", "time_scale"}, k) {
			t.Fatalf("set-up %q is not understood", k)
		}
	}
	r, err := open(t, map[string]any{"hookglass": 1, "pace": fast, "endpoints": endpoints}, func(o *engine.Options) { o.Dial = receiver.dial })
	if c.Expect["config_rejected"] == true {
		var invalid *core.Invalid
		if want := "endpoints[0]." + joaiNames[c.Expect["rejected_field"].(string)]; !errors.As(err, &invalid) || invalid.Field != want {
			t.Fatalf("got %v, want %s to be refused", err, want)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var emitted struct{ Deliveries []core.DeliveryID }
	r.ask("POST", "/_/events", map[string]any{"event": c.Request.Trigger.Event, "data": json.RawMessage(expand(string(c.Request.Trigger.Data))),
		"timestamp": c.Setup["clock"]}, &emitted)
	var ended []engine.DeliveryJSON
	for _, id := range emitted.Deliveries {
		ended = append(ended, finished(r, id))
	}
	checkDeliveries(t, c.Expect, receiver, ended)
	checkEndpoint(t, c.Expect, r)
	for _, req := range receiver.requests() {
		checkSent(t, c.Expect, req)
	}
}

func script(t *testing.T, c testCase) (steps []step) {
	t.Helper()
	b, err := json.Marshal(c.Setup["receiver_script"])
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		err = d.Decode(&steps)
	}
	if err != nil {
		t.Fatalf("receiver_script is not understood: %v", err)
	}
	return steps
}

// finished is a delivery after its last attempt.
func finished(r *rig, id core.DeliveryID) (d engine.DeliveryJSON) {
	r.Helper()
	r.until(fmt.Sprintf("the end of delivery %d", id), func() bool {
		r.ask("GET", fmt.Sprintf("/_/deliveries/%d", id), nil, &d)
		return core.DeliveryState(d.State).Final()
	})
	return d
}

// checkDeliveries compares what the receiver saw and what was kept. The cases count a request that arrives as a delivery.
func checkDeliveries(t *testing.T, expect map[string]any, to *receiver, ended []engine.DeliveryJSON) {
	t.Helper()
	got := to.requests()
	if want := expect["deliveries"]; float64(len(got)) != want {
		t.Errorf("the receiver got %d requests, want %v", len(got), want)
	}
	attempts := 0
	for _, d := range ended {
		attempts += len(d.Attempts)
		for i, a := range d.Attempts {
			if a.Number != i+1 || (a.Response == nil) == (a.Failure == nil) {
				t.Errorf("attempt %d of delivery %d: number %d, response %v, failure %v", i+1, d.ID, a.Number, a.Response, a.Failure)
			}
		}
		state := map[any]string{"success": "delivered", "failed": "exhausted", nil: d.State}[expect["final_status"]]
		if d.State != state {
			t.Errorf("delivery %d is %s (%s), want %s", d.ID, d.State, d.Reason, state)
		}
	}
	if want := expect["attempts"]; want != nil && float64(attempts) != want {
		t.Errorf("%d attempts, want %v", attempts, want)
	}
	if want := expect["retries"]; want != nil && float64(attempts-len(ended)) != want {
		t.Errorf("%d retries, want %v", attempts-len(ended), want)
	}
	if expect["attempts"] == nil && expect["deliveries"] != nil && float64(attempts) != expect["deliveries"] {
		t.Errorf("%d attempts were kept of %v requests", attempts, expect["deliveries"])
	}
	if others := to.strangers(); len(others) > 0 {
		t.Errorf("other addresses were called: %v", others)
	}
	identical, _ := expect["identical_across_attempts"].([]any)
	for _, what := range identical {
		for _, req := range got {
			switch what {
			case "body":
				if !bytes.Equal(req.Body, got[0].Body) {
					t.Error("the bodies of the attempts differ")
				}
			case "signature", "X-Webhook-Signature":
				if req.Header.Get("X-Webhook-Signature") != got[0].Header.Get("X-Webhook-Signature") {
					t.Error("the signatures of the attempts differ")
				}
			default:
				t.Errorf("identical_across_attempts %v is not understood", what)
			}
		}
	}
}

func checkEndpoint(t *testing.T, expect map[string]any, r *rig) {
	t.Helper()
	var all []engine.EndpointJSON
	r.ask("GET", "/_/endpoints", nil, &all)
	if want, ok := expect["effective_settings"]; ok && !subset(map[string]any{"timeout": all[0].TimeoutSeconds, "maxRetries": float64(all[0].MaxRetries)}, want) {
		t.Errorf("settings: got %+v, want %v", all[0], want)
	}
	unset, _ := expect["webhook_fields_unset"].([]any)
	for _, field := range unset {
		if field != "lastTriggered" {
			t.Errorf("webhook_fields_unset %v is not understood", field)
		} else if all[0].LastTriggered != nil {
			t.Errorf("lastTriggered is %s", *all[0].LastTriggered)
		}
	}
	if expect["deliveries"] != 0.0 && expect["attempts"] == nil && all[0].LastTriggered == nil {
		t.Error("lastTriggered is not set after a delivery")
	}
}

// checkSent looks at one request as the receiver's socket had it.
func checkSent(t *testing.T, expect map[string]any, r core.Request) {
	t.Helper()
	if want := expect["request_method"]; want != nil && r.Method != want {
		t.Errorf("method %s, want %v", r.Method, want)
	}
	checkBody(t, expect, r.Body)
	headers, _ := expect["request_headers"].(map[string]any)
	for name, want := range headers {
		i := slices.IndexFunc(r.Header, func(f core.Field) bool { return f.Name == name }) // the exact spelling
		if i < 0 || !regexp.MustCompile(want.(string)).MatchString(r.Header[i].Value) {
			t.Errorf("header %s: got %v, want a match of %v", name, r.Header, want)
		}
	}
	forbidden, _ := expect["forbidden_request_headers"].([]any)
	for _, name := range forbidden {
		if r.Header.Has(name.(string)) {
			t.Errorf("header %v is sent", name)
		}
	}
	if vec, ok := expect["signature_vector"].(map[string]any); ok {
		if got := r.Header.Get(vec["header"].(string)); got != vec["value"] {
			t.Errorf("signature: got %s, want %v", got, vec["value"])
		}
	}
}

// runCompletion lets an execution end as the case has it, and looks at the post about it.
func runCompletion(t *testing.T, ca *authority, c testCase) {
	checkKeys(t, c.Expect)
	receiver := newReceiver(t, ca, script(t, c))
	src, file := workspace(t, c, core.Code)
	file["pace"] = 1 // the post tells how long the execution took
	if agent, ok := c.Setup["agent"].(map[string]any); ok {
		src["id"], src["agent_name"] = agent["id"], agent["name"]
	}
	if execution, ok := c.Setup["execution"].(map[string]any); ok {
		src["run_ms"] = execution["executionTime"]
		src["agent"] = map[string]any{"output": execution["output"], "cost_usd": execution["totalCost"]}
	}
	r, err := open(t, file, func(o *engine.Options) { o.Dial = receiver.dial })
	if err != nil {
		t.Fatal(err)
	}
	id := priorTrigger(t, r, c)
	var item engine.WorkJSON
	r.until("the post", func() bool { item = work(r, id); return item.Final && len(item.Deliveries) == 1 })
	checkDeliveries(t, c.Expect, receiver, []engine.DeliveryJSON{finished(r, item.Deliveries[0])})
	expect := maps.Clone(c.Expect)
	if want, ok := expect["body_json_subset"].(map[string]any); ok {
		execution := want["execution"].(map[string]any)
		execution["id"] = id             // ids are made, not given
		delete(execution, "totalTokens") // derived from the cost here
	}
	for _, req := range receiver.requests() {
		checkSent(t, expect, req)
	}
}

// expand writes out the placeholder {{repeat:M:262144}}.
func expand(s string) string {
	return regexp.MustCompile(`\{\{repeat:(.):(\d+)\}\}`).ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.Atoi(strings.TrimSuffix(m[11:], "}}"))
		return strings.Repeat(m[9:10], n)
	})
}

func itoa(n int) string { return strconv.Itoa(n) }

func decode(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return v
}

// keys are the names of an object in order.
func keys(body []byte) (names []any) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.Token()
	for d.More() {
		name, _ := d.Token()
		names = append(names, name)
		var v any
		if d.Decode(&v) != nil {
			break
		}
	}
	return names
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
		if gv, ok := g[k]; !ok || !subset(gv, v) {
			return false
		}
	}
	return true
}
