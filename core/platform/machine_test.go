package platform_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
)

// configs has a source of each platform and profile, with secrets, that its own example must satisfy.
func configs() map[string]platform.Config {
	secrets := map[string]core.Secret{"secret": core.Text("s3cret"), "api_token": core.Text("tok")}
	set := map[string]core.Values{
		"nitejar":             {"id": "pi_1"},
		"workjet":             {"id": "wh_abc123", "output_url": "http://127.0.0.1:9000/out"},
		"nekro":               {"plugin": "dev.sample_webhook", "notification_chat": "c"},
		"nekro upload_report": {"plugin": "dev.sample_webhook", "handler": "upload_report"},
		"nekro start_job":     {"plugin": "dev.sample_webhook", "handler": "start_job"},
		"nekro resource":      {"plugin": "dev.sample_webhook", "handler": "resource"},
		"nekro echo":          {"plugin": "dev.sample_webhook", "handler": "echo"},
		"almyty":              {"id": "a1"},
		"almyty bearer":       {"id": "a1", "auth": "bearer"},
		"almyty hmac":         {"id": "a1", "auth": "hmac"},
		"joai":                {},
		"generic":             {},
		"generic stripe":      {"path": "/in/stripe", "scheme": "stripe", "enforce": true},
		"code nitejar":        {"id": "pi_1"},
		"code workjet":        {"id": "wh_abc123"},
		"code nekro":          {"plugin": "dev.sample_webhook", "path": "github"},
		"code almyty":         {"id": "a1", "webhook_url": "http://127.0.0.1:9000/done"},
		"code joai":           {},
		"code generic":        {},
	}
	all := map[string]platform.Config{}
	for name, v := range set {
		profile := core.Docs
		if strings.HasPrefix(name, "code ") {
			profile = core.Code
		}
		all[name] = platform.Config{Source: 3, Name: name, Profile: profile, Settings: v, Secrets: secrets, Seed: 11}
	}
	return all
}

func platformOf(name string) string {
	return strings.Fields(strings.TrimPrefix(name, "code "))[0]
}

// TestExampleIsAccepted sends each platform its own example, at its own path.
func TestExampleIsAccepted(t *testing.T) {
	for name, cfg := range configs() {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, platformOf(name), cfg)
			r := h.p.Example(cfg, start)
			if want := h.p.Path(cfg.Settings, cfg.Profile); r.Path() != want || h.m.Match(want) == 0 {
				t.Fatalf("the example goes to %s, the source is at %s and matches it with %d", r.Path(), want, h.m.Match(want))
			}
			out := h.receive(start, &r)
			checkReceipt(t, out)
			if out.Receipt.Outcome != core.Accepted || out.Response.Status >= 300 {
				t.Fatalf("got %d %s: %s; %+v", out.Response.Status, out.Receipt.Outcome, out.Receipt.Reason, out.Receipt.Checks)
			}
			for _, item := range out.Work {
				if item.Platform != h.p.Name || item.Source != cfg.Source || !item.Created.Equal(start) || len(item.States) == 0 {
					t.Errorf("work item: %+v", item)
				}
			}
			h.finish(t)
			for id, item := range h.items {
				if !item.Final || item.Failed || item.State != item.States[len(item.States)-1].State {
					t.Errorf("work item %s ends as %+v", id, item)
				}
				checkSteps(t, item)
			}
		})
	}
}

// checkSteps holds what every finished timeline must be: in order, within the item's life, costs adding up.
func checkSteps(t *testing.T, item core.WorkItem) {
	t.Helper()
	if len(item.Steps) == 0 {
		t.Error("a finished item without steps")
	}
	sum, last := 0.0, item.Created
	for _, s := range item.Steps {
		if s.Started.Before(last) || s.Took < 0 {
			t.Errorf("step %s starts %v after acceptance, before %v", s.Name, s.Started.Sub(item.Created), last.Sub(item.Created))
		}
		last = s.Started
		sum += s.Cost
	}
	if diff := sum - item.Cost; diff > 1e-9 || diff < -1e-9 {
		t.Errorf("cost: the item says %v, its steps %v", item.Cost, sum)
	}
}

func agentSource(more core.Values) platform.Config {
	v := core.Values{"id": "a1"}
	for k, x := range more {
		v[k] = x
	}
	return platform.Config{Settings: v, Secrets: map[string]core.Secret{"api_token": core.Text("tok")}}
}

func trigger() *core.Request {
	return &core.Request{Method: "POST", Target: "/agents/a1/webhook", Body: []byte(`{"message":"Hello"}`),
		Header: core.Header{{Name: "Content-Type", Value: "application/json"}}}
}

// TestRateLimitTellsTheTruth sends 1,000 requests in a minute: the first 100 pass, no other, and one at the time that
// Retry-After names passes again.
func TestRateLimitTellsTheTruth(t *testing.T) {
	h := newHost(t, "almyty", agentSource(core.Values{"max_concurrent": 0.0}))
	accepted := 0
	for i := range 1000 {
		at := start.Add(time.Duration(i) * 60 * time.Millisecond)
		out := h.receive(at, trigger())
		if out.Response.Status == 200 {
			if accepted++; accepted != i+1 {
				t.Fatalf("request %d passes after one was refused", i+1)
			}
			if got := out.Response.Header.Get("X-RateLimit-Remaining"); got != strconv.Itoa(99-i) {
				t.Errorf("request %d: %s remaining", i+1, got)
			}
			continue
		}
		if out.Receipt.Outcome != core.Limited || len(out.Work) > 0 && out.Work[len(out.Work)-1].Created.Equal(at) {
			t.Fatalf("request %d: %+v", i+1, out.Receipt)
		}
		after, err := strconv.Atoi(out.Response.Header.Get("Retry-After"))
		if err != nil || after < 1 || after > 60 {
			t.Fatalf("request %d: Retry-After %q", i+1, out.Response.Header.Get("Retry-After"))
		}
		if end := start.Add(time.Minute); at.Add(time.Duration(after)*time.Second).Before(end) || at.Add(time.Duration(after-1)*time.Second).After(end) {
			t.Fatalf("request %d at %v: Retry-After %d, and the window ends at %v", i+1, at, after, end)
		}
		if i%150 == 149 { // somebody who obeys: the same machine at that time, without the requests between
			again := newHost(t, "almyty", agentSource(core.Values{"max_concurrent": 0.0}))
			for k := range i + 1 {
				again.receive(start.Add(time.Duration(k)*60*time.Millisecond), trigger())
			}
			if out := again.receive(at.Add(time.Duration(after)*time.Second), trigger()); out.Response.Status != 200 {
				t.Fatalf("the request after Retry-After: %d", out.Response.Status)
			}
		}
	}
	if accepted != 100 {
		t.Errorf("accepted %d, want 100", accepted)
	}
}

// TestWindowIsSixtySeconds finds the very end of the window, and that refused requests do not move it.
func TestWindowIsSixtySeconds(t *testing.T) {
	h := newHost(t, "almyty", agentSource(core.Values{"max_concurrent": 0.0, "per_minute": 1.0}))
	for _, row := range []struct {
		at     time.Duration
		status int
	}{{0, 200}, {time.Second, 429}, {time.Minute - 1, 429}, {time.Minute, 200}, {time.Minute + 1, 429}, {2 * time.Minute, 200}} {
		if out := h.receive(start.Add(row.at), trigger()); out.Response.Status != row.status {
			t.Errorf("at %v: got %d, want %d", row.at, out.Response.Status, row.status)
		}
	}
}

func TestBareHexIsASwitch(t *testing.T) {
	for bare, want := range map[bool]int{false: 401, true: 200} {
		cfg := configs()["almyty hmac"]
		cfg.Settings["accept_bare_hex"] = bare
		h := newHost(t, "almyty", cfg)
		r := h.p.Example(cfg, start)
		r.Header = r.Header.With("X-Webhook-Signature", strings.TrimPrefix(r.Header.Get("X-Webhook-Signature"), "sha256="))
		if out := h.receive(start, &r); out.Response.Status != want {
			t.Errorf("accept_bare_hex %v: %d", bare, out.Response.Status)
		}
	}
}

// joai is the platform that sends to endpoints of its own.
var joai, _ = platform.Sender("joai")

func TestPlatformHeadersWin(t *testing.T) {
	e, err := joai.Endpoint(core.Values{"url": "https://a.test", "headers": map[string]any{
		"x-webhook-signature": "forged", "content-type": "text/plain", "X-JoAi-Secret-Token": "t"}}, platform.NewIDs(rand.New(rand.NewPCG(1, 2))))
	want := core.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "X-JoAi-Secret-Token", Value: "t"}}
	if err != nil || !reflect.DeepEqual(e.Target.Header, want) {
		t.Errorf("got %v, %v, want %v", e.Target.Header, err, want)
	}
}

func TestConcurrencyLimit(t *testing.T) {
	h := newHost(t, "almyty", agentSource(core.Values{"run_ms": 5000.0, "per_minute": 0.0}))
	for i := range 10 {
		if out := h.receive(start, trigger()); out.Response.Status != 200 {
			t.Fatalf("request %d: %d", i+1, out.Response.Status)
		}
	}
	out := h.receive(start.Add(time.Second), trigger())
	if out.Response.Status != 429 || out.Response.Header.Get("Retry-After") != "1" {
		t.Fatalf("the 11th: %d, Retry-After %q", out.Response.Status, out.Response.Header.Get("Retry-After"))
	}
	if out := h.receive(start.Add(5*time.Second), trigger()); out.Response.Status != 200 {
		t.Fatalf("once the ten are over: %d", out.Response.Status)
	}
	instant := newHost(t, "almyty", agentSource(core.Values{"run_ms": 0.0, "per_minute": 0.0, "max_concurrent": 1.0}))
	for i := range 50 {
		if out := instant.receive(start, trigger()); out.Response.Status != 200 {
			t.Fatalf("run_ms 0, request %d: %d", i+1, out.Response.Status)
		}
	}
}

// TestReceiveReportsItsOwnWorkAlone: what came due meanwhile belongs to other captures, and waits for Advance.
func TestReceiveReportsItsOwnWorkAlone(t *testing.T) {
	h := newHost(t, "almyty", agentSource(nil))
	first := h.receive(start, trigger()).Work[0].ID
	out := h.m.Receive(platform.In{Now: start.Add(2 * time.Second), Request: trigger(), IDs: h.ids})
	if len(out.Work) != 1 || out.Work[0].ID == first || !out.Next.Equal(start.Add(2*time.Second)) {
		t.Fatalf("got %d items, next %v", len(out.Work), out.Next)
	}
	out, _ = h.m.Advance(out.Next, h.ids)
	if len(out.Work) != 1 || out.Work[0].ID != first || out.Work[0].State != "completed" {
		t.Errorf("Advance: %+v", out.Work)
	}
}

func TestPollFollowsAnExecution(t *testing.T) {
	h := newHost(t, "almyty", agentSource(core.Values{"agent": map[string]any{"output": "hello", "cost_usd": 0.01, "inference": 3.0}}))
	id := h.receive(start, trigger()).Work[0].ID
	poll := func(at time.Duration, token string) (int, map[string]any) {
		out := h.receive(start.Add(at), &core.Request{Method: "GET", Target: "/agents/a1/executions/" + id,
			Header: core.Header{{Name: "Authorization", Value: token}}})
		var body struct{ Data map[string]any }
		_ = json.Unmarshal(out.Response.Body, &body)
		return out.Response.Status, body.Data
	}
	if status, _ := poll(0, ""); status != 401 {
		t.Errorf("without a token: %d", status)
	}
	if _, data := poll(100*time.Millisecond, "Bearer tok"); data["status"] != "running" || data["output"] != nil || data["executionTime"] != nil {
		t.Errorf("under way: %v", data)
	}
	_, data := poll(1500*time.Millisecond, "Bearer tok")
	want := map[string]any{"status": "completed", "output": "hello", "executionTime": 1500.0, "totalCost": 0.01, "agentId": "a1",
		"input": map[string]any{"message": "Hello"}, "metadata": map[string]any{"triggerType": "webhook"}}
	if !subset(data, want) {
		t.Errorf("over: got %v, want %v in it", data, want)
	}
}

func TestWebhookIsSwitchedOverTheAPI(t *testing.T) {
	h := newHost(t, "almyty", agentSource(core.Values{"enabled": false}))
	if out := h.receive(start, trigger()); out.Response.Status != 404 {
		t.Fatalf("off: %d", out.Response.Status)
	}
	patch := &core.Request{Method: "PATCH", Target: "/agents/a1", Body: []byte(`{"webhookEnabled":true}`),
		Header: core.Header{{Name: "Authorization", Value: "Bearer tok"}, {Name: "Content-Type", Value: "application/json"}}}
	out := h.receive(start, patch)
	if out.Response.Status != 200 || !reflect.DeepEqual(out.Set, core.Values{"enabled": true}) {
		t.Fatalf("PATCH: %d %s, set %v", out.Response.Status, out.Response.Body, out.Set)
	}
	if out := h.receive(start, trigger()); out.Response.Status != 200 {
		t.Fatalf("on: %d", out.Response.Status)
	}
	patch.Body = []byte(`{"webhookEnabled":"yes"}`)
	if out := h.receive(start, patch); out.Response.Status != 400 || out.Set != nil {
		t.Errorf("a text: %d, set %v", out.Response.Status, out.Set)
	}
}

// TestBehaviours runs every behaviour of the script on every platform that has an agent.
func TestBehaviours(t *testing.T) {
	for _, row := range []struct{ source, behaviour, states string }{
		{"nitejar", "succeed", "PENDING IN_PROGRESS DONE"},
		{"nitejar", "fail", "PENDING IN_PROGRESS FAILED"},
		{"nitejar", "slow", "PENDING IN_PROGRESS DONE"},
		{"nitejar", "rate_limited", "PENDING IN_PROGRESS FAILED"},
		{"nitejar", "no_agents", "PENDING FAILED"},
		{"code nitejar", "succeed", "NEW DONE"},
		{"code nitejar", "fail", "NEW FAILED"},
		{"code nitejar", "rate_limited", "NEW NEW DONE"},
		{"workjet", "succeed", "queued running completed"},
		{"workjet", "fail", "queued running failed"},
		{"workjet", "no_agents", "queued failed"},
		{"almyty", "succeed", "running completed"},
		{"almyty", "fail", "running failed"},
		{"almyty", "rate_limited", "running failed"},
		{"nekro start_job", "succeed", "running completed"},
		{"nekro start_job", "fail", "running failed"},
	} {
		t.Run(row.source+" "+row.behaviour, func(t *testing.T) {
			cfg := configs()[row.source]
			cfg.Settings["agent"] = map[string]any{"behaviour": row.behaviour}
			h := newHost(t, platformOf(row.source), cfg)
			r := h.p.Example(cfg, start)
			out := h.receive(start, &r)
			last := h.finish(t)
			item := h.items[out.Work[0].ID]
			var states []string
			for _, s := range item.States {
				states = append(states, s.State)
			}
			if got := strings.Join(states, " "); got != row.states {
				t.Errorf("states: got %s, want %s", got, row.states)
			}
			if failed := strings.HasSuffix(strings.ToLower(row.states), "failed"); item.Failed != failed || !item.Final || failed == (item.Output != nil) {
				t.Errorf("failed %v, final %v, output %v", item.Failed, item.Final, item.Output)
			}
			if row.behaviour == "slow" && last.Sub(start) < 5*time.Second {
				t.Errorf("slow took %v", last.Sub(start))
			}
			if row.behaviour != "no_agents" {
				checkSteps(t, item)
			}
		})
	}
}

// TestWorkGoesOnAfterRestart stops a machine half way and makes it again of what it had emitted.
func TestWorkGoesOnAfterRestart(t *testing.T) {
	for name, cfg := range configs() {
		t.Run(name, func(t *testing.T) {
			whole, broken := newHost(t, platformOf(name), cfg), newHost(t, platformOf(name), cfg)
			r := whole.p.Example(cfg, start)
			whole.receive(start, &r)
			whole.finish(t)
			broken.receive(start, &r)
			for range 3 {
				if !broken.next.IsZero() {
					out, _ := broken.m.Advance(broken.next, broken.ids)
					broken.keep(out)
				}
			}
			again := cfg
			for _, item := range broken.items {
				again.Work = append(again.Work, throughStore(t, item))
			}
			h := newHost(t, platformOf(name), again)
			out, next := h.m.Advance(start.Add(900*time.Millisecond), h.ids)
			h.keep(out)
			h.next = next
			h.finish(t)
			for id, want := range whole.items {
				got, ok := h.items[id]
				if !ok { // it was over before
					got = broken.items[id]
				}
				if g, w := summary(t, got), summary(t, want); g != w {
					t.Errorf("item %s:\n got %s\nwant %s", id, g, w)
				}
			}
			if len(broken.sends)+len(h.sends) != len(whole.sends) {
				t.Errorf("sent %d before and %d after the restart, want %d in all", len(broken.sends), len(h.sends), len(whole.sends))
			}
		})
	}
}

// throughStore is an item as it comes back from JSON columns.
func throughStore(t *testing.T, item core.WorkItem) core.WorkItem {
	item.Payload, item.Input = plain(t, item.Payload), plain(t, item.Input)
	return item
}

func summary(t *testing.T, item core.WorkItem) string {
	item.Payload, item.Input, item.Output = nil, nil, plain(t, item.Output)
	b, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPaceDividesDelays(t *testing.T) {
	for name, cfg := range configs() {
		slow := newHost(t, platformOf(name), cfg)
		cfg.Pace = 1000
		fast := newHost(t, platformOf(name), cfg)
		r := slow.p.Example(cfg, start)
		slow.receive(start, &r)
		fast.receive(start, &r)
		if len(slow.items) == 0 || slow.next.IsZero() {
			continue
		}
		a, b := slow.finish(t).Sub(start), fast.finish(t).Sub(start)
		if ratio := float64(a) / float64(b); ratio < 999 || ratio > 1001 {
			t.Errorf("%s: %v at pace 1, %v at pace 1000", name, a, b)
		}
	}
}

func TestSameSeedSameRun(t *testing.T) {
	run := func(seed uint64) string {
		cfg := configs()["nitejar"]
		cfg.Seed = seed
		h := newHost(t, "nitejar", cfg)
		r := h.p.Example(cfg, start)
		id := h.receive(start, &r).Work[0].ID
		h.finish(t)
		return summary(t, h.items[id])
	}
	if first, again := run(1), run(1); first != again {
		t.Error("the same seed gives two runs")
	}
	if run(1) == run(2) {
		t.Error("two seeds give the same run")
	}
}

func TestOutputChannel(t *testing.T) {
	cfg := configs()["workjet"]
	cfg.Settings["agent"] = map[string]any{"output": `done </b>`}
	h := newHost(t, "workjet", cfg)
	r := h.p.Example(cfg, start)
	id := h.receive(start, &r).Work[0].ID
	if len(h.sends) > 0 {
		t.Fatal("sent before the execution is over")
	}
	h.finish(t)
	if len(h.sends) != 1 {
		t.Fatalf("sent %d", len(h.sends))
	}
	s := h.sends[0]
	want := `{"executionId":"` + id + `","webhookId":"wh_abc123","status":"completed","output":"done </b>"}`
	if string(s.Body) != want || s.Target.Scheme != "workjet" || s.Target.Policy.Retries != 2 || s.Target.Timeout != 10*time.Second || s.Work != id {
		t.Errorf("got %s to %+v", s.Body, s.Target)
	}
}

func TestBackgroundJobTellsTheChat(t *testing.T) {
	cfg := platform.Config{Settings: core.Values{"plugin": "dev.sample_webhook", "handler": "start_job"}}
	h := newHost(t, "nekro", cfg)
	r := &core.Request{Method: "POST", Target: "/api/plugin/dev.sample_webhook/webhook/start_job", Body: []byte(`{"task_id":"t-1","notify_chat_key":"c"}`)}
	id := h.receive(start, r).Work[0].ID
	if last := h.finish(t); last.Sub(start) != 10*time.Second {
		t.Errorf("the job took %v", last.Sub(start))
	}
	notes := h.items[id].Notes
	if len(notes) != 1 || notes[0] != (core.Notification{Chat: "c", Text: "Task t-1 processing completed. Result is: XXXX", At: start.Add(10 * time.Second)}) {
		t.Errorf("notes: %+v", notes)
	}
}

// TestMethods holds what each platform answers to other methods than POST.
func TestMethods(t *testing.T) {
	for _, row := range []struct {
		source, method, body, allow string
		status                      int
	}{
		{"nitejar", "GET", `{"type":"webhook","instanceId":"pi_1","status":"ok"}`, "", 200},
		{"nitejar", "HEAD", "", "", 200},
		{"nitejar", "OPTIONS", "", "GET, HEAD, OPTIONS, POST", 204},
		{"nitejar", "DELETE", "", "", 405},
		{"workjet", "HEAD", "", "POST", 405},
		{"workjet", "OPTIONS", "", "POST, OPTIONS", 204},
		{"workjet", "PUT", `{"error":{"code":"method_not_allowed","message":"Use POST"}}`, "POST", 405},
		{"nekro", "GET", `{"detail":"Missing signature"}`, "", 400},
		{"nekro resource", "PUT", `{"detail":"Method Not Allowed"}`, "", 405},
		{"nekro resource", "GET", `{"status":"available","data":[]}`, "", 200},
		{"nekro resource", "DELETE", `{"status":"deleted"}`, "", 200},
		{"code nekro", "GET", `{"error":"HTTPException","message":"Method Not Allowed","detail":null,"data":null}`, "", 405},
		{"almyty", "PUT", "", "", 404},
		{"almyty", "HEAD", "", "", 404},
		{"code almyty", "GET", "", "", 405},
	} {
		t.Run(row.source+" "+row.method, func(t *testing.T) {
			cfg := configs()[row.source]
			h := newHost(t, platformOf(row.source), cfg)
			out := h.receive(start, &core.Request{Method: row.method, Target: h.p.Path(cfg.Settings, cfg.Profile)})
			checkReceipt(t, out)
			r := out.Response
			if r.Status != row.status || r.Header.Get("Allow") != row.allow || len(out.Work) > 0 {
				t.Errorf("got %d, Allow %q, %d items", r.Status, r.Header.Get("Allow"), len(out.Work))
			}
			if row.body != "" && string(r.Body) != row.body || row.method == "HEAD" && len(r.Body) > 0 {
				t.Errorf("body: got %s, want %s", r.Body, row.body)
			}
		})
	}
}

// TestTooLarge gives every source a body past its limit, and one that was cut on the way in.
func TestTooLarge(t *testing.T) {
	for name, cfg := range configs() {
		want := 413
		if name == "code almyty" {
			want = 500 // as shipped
		}
		for _, cut := range []bool{false, true} {
			cfg.Settings["body_limit_bytes"] = 10.0
			h := newHost(t, platformOf(name), cfg)
			r := h.p.Example(cfg, start)
			if cut {
				delete(cfg.Settings, "body_limit_bytes")
				h = newHost(t, platformOf(name), cfg)
				r.Body, r.Truncated = r.Body[:12], true
			}
			out := h.receive(start, &r)
			if out.Response.Status != want || len(out.Work) > 0 {
				t.Errorf("%s, cut %v: %d %s", name, cut, out.Response.Status, out.Receipt.Reason)
			}
		}
	}
}

func TestNitejarHex(t *testing.T) {
	cfg := configs()["nitejar"]
	example := func() core.Request { p, _ := platform.Find("nitejar"); return p.Example(cfg, start) }
	good := example().Header.Get("X-Webhook-Signature")
	for _, row := range []struct {
		name, header string
		verdict      core.VerdictState
	}{
		{"as it should be", good, core.Verified},
		{"upper case", strings.ToUpper(good), core.Verified},
		{"junk behind", good + "zz", core.Verified},
		{"an odd nibble behind", good + "a", core.Verified},
		{"repeated", good + ", " + good, core.Verified},
		{"spaces around", "  " + good + "\t", core.Verified},
		{"two more digits", good + "ab", core.Mismatch},
		{"63 digits", good[:63], core.Mismatch},
		{"prefix", "sha256=" + good, core.Malformed},
		{"empty", "", core.Missing},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, "nitejar", cfg)
			r := example()
			r.Header = r.Header.With("X-Webhook-Signature", row.header)
			out := h.receive(start, &r)
			if out.Receipt.Verdict.State != row.verdict {
				t.Errorf("got %s, want %s", out.Receipt.Verdict.State, row.verdict)
			}
			want := `{"ignored":true}`
			if row.verdict == core.Verified {
				want = `{"ok":true,"workItemId":"` + h.onlyID() + `"}`
			} else if out.Receipt.Outcome != core.Ignored || out.Response.Status != 200 {
				t.Errorf("got %d %s, want a silent drop", out.Response.Status, out.Receipt.Outcome)
			}
			if string(out.Response.Body) != want {
				t.Errorf("got %s, want %s", out.Response.Body, want)
			}
		})
	}
}

func (h *host) onlyID() string {
	for id := range h.items {
		return id
	}
	return ""
}

func TestTypeOfAnInstance(t *testing.T) {
	for _, row := range []struct{ kind, url, want string }{
		{"webhook", "slack", `{"error":"Plugin type mismatch"}`},
		{"telegram", "telegram", `{"error":"Unknown plugin type: telegram"}`},
	} {
		h := newHost(t, "nitejar", platform.Config{Settings: core.Values{"id": "pi_1", "type": row.kind}})
		out := h.receive(start, &core.Request{Method: "POST", Target: "/api/webhooks/plugins/" + row.url + "/pi_1", Body: []byte(`{}`)})
		if out.Response.Status != 400 || string(out.Response.Body) != row.want {
			t.Errorf("%s: %d %s", row.url, out.Response.Status, out.Response.Body)
		}
	}
}

// TestSettingsAreRefused has one wrong value for each rule, and the name of the setting that the error must carry.
func TestSettingsAreRefused(t *testing.T) {
	for _, row := range []struct {
		platform, field string
		set             core.Values
		profile         string
	}{
		{"nitejar", "id", core.Values{}, ""},
		{"nitejar", "id", core.Values{"id": ""}, ""},
		{"nitejar", "id", core.Values{"id": 7.0}, ""},
		{"nitejar", "id", core.Values{"id": "a/b"}, ""},
		{"nitejar", "agnts", core.Values{"id": "a", "agnts": 1.0}, ""},
		{"nitejar", "agents", core.Values{"id": "a", "agents": -1.0}, ""},
		{"nitejar", "agents", core.Values{"id": "a", "agents": 1.5}, ""},
		{"nitejar", "enabled", core.Values{"id": "a", "enabled": "yes"}, ""},
		{"nitejar", "secret", core.Values{"id": "a", "secret": "s"}, ""},
		{"nitejar", "agent", core.Values{"id": "a", "agent": "fast"}, ""},
		{"nitejar", "agent.behaviour", core.Values{"id": "a", "agent": map[string]any{"behaviour": "explode"}}, ""},
		{"nitejar", "agent.speed", core.Values{"id": "a", "agent": map[string]any{"speed": 1.0}}, ""},
		{"nitejar", "agent.inference", core.Values{"id": "a", "agent": map[string]any{"inference": 1000.0}}, ""},
		{"workjet", "output_url", core.Values{"id": "wh", "output_url": "ftp://x"}, ""},
		{"nekro", "plugin", core.Values{}, ""},
		{"nekro", "path", core.Values{"plugin": "a.b", "path": "github"}, core.Docs},
		{"nekro", "handler", core.Values{"plugin": "a.b", "handler": "gitlab"}, ""},
		{"almyty", "id", core.Values{}, ""},
		{"almyty", "auth", core.Values{"id": "a", "auth": "basic"}, ""},
		{"almyty", "run_ms", core.Values{"id": "a", "run_ms": -1.0}, ""},
		{"almyty", "per_minute", core.Values{"id": "a", "per_minute": "100"}, ""},
		{"generic", "path", core.Values{"path": "in"}, ""},
		{"generic", "scheme", core.Values{"scheme": "strype"}, ""},
		{"generic", "answer.status", core.Values{"answer": map[string]any{"status": 99.0}}, ""},
		{"generic", "answer.headers.X Y", core.Values{"answer": map[string]any{"headers": map[string]any{"X Y": "z"}}}, ""},
	} {
		t.Run(row.platform+" "+row.field, func(t *testing.T) {
			p, _ := platform.Find(row.platform)
			_, err := p.New(platform.Config{Settings: row.set, Profile: row.profile})
			var invalid *core.Invalid
			if !errors.As(err, &invalid) || invalid.Field != row.field || invalid.Reason == "" {
				t.Errorf("got %v, want %s to be refused", err, row.field)
			}
		})
	}
}

func TestCheckFillsInDefaults(t *testing.T) {
	p, _ := platform.Find("almyty")
	v := core.Values{"id": "a", "run_ms": 0, "auth": nil, "agent": map[string]any{"tools": 3.0}}
	if err := platform.Check(v, p.Settings); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"id": "a", "run_ms": 0.0, "auth": "none", "per_minute": 100.0, "max_concurrent": 10.0, "enabled": true}
	for k, w := range want {
		if v[k] != w {
			t.Errorf("%s: got %v, want %v", k, v[k], w)
		}
	}
	if agent := v["agent"].(map[string]any); agent["behaviour"] != "succeed" || agent["tools"] != 3.0 {
		t.Errorf("agent: %v", agent)
	}
}

// TestDeclarations holds what the window and the workspace file need of every platform.
func TestDeclarations(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range platform.All {
		if p.Name == "" || p.Title == "" || p.Summary == "" || seen[p.Name] || !p.Inbound && p.Endpoints == nil {
			t.Errorf("%q is not whole", p.Name)
		}
		if p.Inbound && (p.Owns == nil || p.Unknown == nil || p.New == nil || p.Path == nil || p.Example == nil) {
			t.Errorf("%q cannot be a source", p.Name)
		}
		seen[p.Name] = true
		for _, f := range append(p.Contract, p.Disputes...) {
			if f.Text == "" || f.Source == "" {
				t.Errorf("%s: a fact without a source: %+v", p.Name, f)
			}
		}
		if len(p.Contract) == 0 {
			t.Errorf("%s: its contract says nothing", p.Name)
		}
		for _, s := range p.Settings {
			checkSetting(t, p.Name, s)
		}
		if p.Endpoints != nil {
			for _, s := range p.Endpoints.Settings {
				checkSetting(t, p.Name, s)
			}
		}
	}
}

func checkSetting(t *testing.T, name string, s platform.Setting) {
	t.Helper()
	if s.Name == "" || s.Label == "" || s.Kind == "" {
		t.Errorf("%s: setting %+v is not whole", name, s)
	}
	if s.Default != nil {
		if err := platform.Check(core.Values{s.Name: s.Default}, []platform.Setting{s}); err != nil {
			t.Errorf("%s: the default is refused: %v", name, err)
		}
	}
	for _, f := range s.Fields {
		checkSetting(t, name+"."+s.Name, f)
	}
}

func TestSuggestedSettingsHold(t *testing.T) {
	ids := platform.NewIDs(rand.New(rand.NewPCG(1, 2)))
	for _, p := range platform.Receivers() {
		v := core.Values{}
		if p.Suggest != nil {
			v = p.Suggest(ids)
		}
		if err := platform.Check(maps.Clone(v), p.Settings); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		m, err := p.New(platform.Config{Settings: v})
		if err != nil || m.Match(p.Path(v, core.Docs)) == 0 {
			t.Errorf("%s: %v at %s: %v", p.Name, v, p.Path(v, core.Docs), err)
		}
	}
}

func TestUnknownAddresses(t *testing.T) {
	for _, row := range []struct {
		platform, profile, method, path, body string
		status                                int
	}{
		{"nitejar", "", "POST", "/api/webhooks/plugins/webhook/nope", `{"error":"Plugin instance not found"}`, 404},
		{"nitejar", "", "GET", "/api/webhooks/plugins/slack/nope", `{"type":"slack","instanceId":"nope","status":"ok"}`, 200},
		{"workjet", "", "POST", "/v1/webhooks/wh_gone", `{"error":{"code":"not_found","message":"Webhook not found"}}`, 404},
		{"nekro", "", "POST", "/api/plugin/a.b/webhook/nope", `{"detail":"Not Found"}`, 404},
		{"nekro", core.Code, "GET", "/api/webhook/nope", `{"error":"HTTPException","message":"Method Not Allowed","detail":null,"data":null}`, 405},
		{"nekro", core.Code, "POST", "/api/plugin/a.b/webhook/github", `{"error":"HTTPException","message":"Not Found","detail":null,"data":null}`, 404},
		{"almyty", "", "POST", "/agents/nope/webhook", `{"error":{"code":"NOT_FOUND","message":"Agent not found","statusCode":404,"timestamp":"2024-01-15T11:45:00.000Z","path":"/agents/nope/webhook"}}`, 404},
		{"joai", "", "GET", "/api/v1/agents/nope/webhooks", `{"message":"Not found."}`, 404},
	} {
		p, _ := platform.Find(row.platform)
		r := &core.Request{Method: row.method, Target: row.path + "?q=1"}
		if !p.Owns(r.Path()) {
			t.Errorf("%s does not own %s", row.platform, row.path)
			continue
		}
		out := p.Unknown(platform.In{Now: start, Request: r}, row.profile)
		if out.Response.Status != row.status || string(out.Response.Body) != row.body {
			t.Errorf("%s %s: %d %s", row.method, row.path, out.Response.Status, out.Response.Body)
		}
	}
}

func TestJoaiManagement(t *testing.T) {
	cfg := platform.Config{Settings: core.Values{"agent_id": "ag"}, Secrets: map[string]core.Secret{"api_token": core.Text("tok")}}
	h := newHost(t, "joai", cfg)
	call := func(method, path, body string) (platform.Out, map[string]any) {
		out := h.receive(start, &core.Request{Method: method, Target: path, Body: []byte(body), Header: core.Header{{Name: "Authorization", Value: "Bearer tok"}}})
		var answer map[string]any
		_ = json.Unmarshal(out.Response.Body, &answer)
		return out, answer
	}
	const list = "/api/v1/agents/ag/webhooks"
	create := `{"name":"N8N Webhook","url":"https://n8n.test/hook","trigger":"agent.message","active":true,"headers":{"X-JoAi-Secret-Token":"joai_wf_node"},` +
		`"description":"Webhook for n8n workflow automation","verifySsl":true,"timeout":30,"maxRetries":3}`
	out, answer := call("POST", list, create)
	data, _ := answer["data"].(map[string]any)
	id, _ := data["id"].(string)
	secret, _ := data["secret"].(string)
	if out.Response.Status != 201 || id == "" || len(secret) != len("whsec_")+32 || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("create: %d %s", out.Response.Status, out.Response.Body)
	}
	if len(out.PutEndpoints) != 1 || out.PutEndpoints[0].WireID != id || string(out.Secrets[id].Reveal()) != secret ||
		out.PutEndpoints[0].Target.Header.Get("X-JoAi-Secret-Token") != "joai_wf_node" {
		t.Fatalf("create puts %+v", out.PutEndpoints)
	}
	if _, answer := call("GET", list, ""); len(answer["data"].([]any)) != 1 || bytes.Contains([]byte(fmt.Sprint(answer)), []byte(secret)) {
		t.Errorf("list: %v", answer)
	}
	if out, answer := call("PATCH", list+"/"+id, `{"active":false,"timeout":300}`); out.Response.Status != 200 || len(out.PutEndpoints) != 1 ||
		out.PutEndpoints[0].Active || out.PutEndpoints[0].Target.Timeout != 300*time.Second || out.PutEndpoints[0].Name != "N8N Webhook" {
		t.Errorf("change: %d %v %+v", out.Response.Status, answer, out.PutEndpoints)
	}
	for field, body := range map[string]string{
		"timeout": `{"url":"https://a.test","timeout":301}`, "maxRetries": `{"url":"https://a.test","maxRetries":11}`,
		"url": `{"url":"http://a.test"}`, "trigger": `{"url":"https://a.test","trigger":"agent.exploded"}`,
	} {
		out, answer := call("POST", list, body)
		errs, _ := answer["errors"].(map[string]any)
		if out.Response.Status != 422 || errs[field] == nil || len(out.PutEndpoints) > 0 {
			t.Errorf("%s: %d %s", field, out.Response.Status, out.Response.Body)
		}
	}
	if _, answer := call("GET", "/api/v1/webhooks/events", ""); !reflect.DeepEqual(answer["data"], map[string]any{"events": []any{"agent.action", "agent.message", "user.message"}}) {
		t.Errorf("events: %v", answer)
	}
	if out, _ := call("DELETE", list+"/"+id, ""); out.Response.Status != 204 || !reflect.DeepEqual(out.DropEndpoints, []string{id}) {
		t.Errorf("delete: %d %v", out.Response.Status, out.DropEndpoints)
	}
	if out, _ := call("DELETE", list+"/"+id, ""); out.Response.Status != 404 {
		t.Errorf("delete again: %d", out.Response.Status)
	}
	if out := h.receive(start, &core.Request{Method: "GET", Target: list}); out.Response.Status != 401 {
		t.Errorf("without a token: %d", out.Response.Status)
	}
}

func TestJoaiListsWhatIsThereNow(t *testing.T) {
	h := newHost(t, "joai", platform.Config{Endpoints: []core.Endpoint{{WireID: "old"}}})
	r := &core.Request{Method: "GET", Target: "/agents/any/webhooks"}
	list := func(now []core.Endpoint) string {
		return string(h.m.Receive(platform.In{Now: start, Request: r, IDs: h.ids, Endpoints: now}).Response.Body)
	}
	if got := list(nil); !strings.Contains(got, `"id":"old"`) {
		t.Errorf("by the config: %s", got)
	}
	if got := list([]core.Endpoint{{WireID: "new", LastTriggered: start}}); strings.Contains(got, `"old"`) || !strings.Contains(got, `"lastTriggered":"2024-01-15T11:45:00.000000Z"`) {
		t.Errorf("as they stand now: %s", got)
	}
}

// TestJoaiChangesWhatItDidNotMake: an endpoint made in the window may lack what the API always sets, and have what it cannot say.
func TestJoaiChangesWhatItDidNotMake(t *testing.T) {
	list := []time.Duration{time.Second, time.Hour}
	for name, row := range map[string]struct{ policy, want core.RetryPolicy }{
		"no retry":       {core.RetryPolicy{Name: "none"}, joai.Endpoints.Policy},
		"a list":         {core.RetryPolicy{Name: "mine", Retries: 2, Delays: list}, core.RetryPolicy{Name: "mine", Retries: 2, Delays: list}},
		"full jitter":    {core.RetryPolicy{Retries: 1, Base: time.Second, Jitter: "full"}, core.RetryPolicy{Retries: 1, Base: time.Second, Jitter: "full"}},
		"JoAi's retries": {joai.Endpoints.Policy, joai.Endpoints.Policy},
	} {
		row.want.Retries = row.policy.Retries
		e := core.Endpoint{Platform: "joai", WireID: "w", Name: "Orders", Trigger: "agent.message", Active: true,
			Target: core.Target{URL: "https://a.test/", Method: "PUT", Scheme: "joai", Secret: "run:s", Policy: row.policy}}
		h := newHost(t, "joai", platform.Config{Endpoints: []core.Endpoint{e}})
		if out := h.receive(start, &core.Request{Method: "GET", Target: "/agents/any/webhooks"}); !bytes.Contains(out.Response.Body, []byte(`"timeout":30,`)) {
			t.Errorf("%s: the API shows %s", name, out.Response.Body)
		}
		out := h.receive(start, &core.Request{Method: "PATCH", Target: "/agents/any/webhooks/w", Body: []byte(`{"description":"changed"}`)})
		if out.Response.Status != 200 || len(out.PutEndpoints) != 1 {
			t.Errorf("%s: %d %s", name, out.Response.Status, out.Response.Body)
			continue
		}
		got := out.PutEndpoints[0]
		if got.Description != "changed" || got.Target.Timeout != core.DefaultTimeout || got.Target.Method != "PUT" || !reflect.DeepEqual(got.Target.Policy, row.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestJoaiAddresses(t *testing.T) {
	for url, ok := range map[string]bool{
		"https://example.com/hook": true, "HTTPS://example.com": true, "http://127.0.0.1:9000/hook": true, "http://localhost:3000": true, "http://[::1]/x": true,
		"http://127.8.9.1/x": true, "http://example.com": false, "http://192.168.1.5/x": false, "http://localhost.evil.test/": false, "ftp://localhost/": false,
		"": false, "nonsense": false, "https://": false, "http://127.0.0.1@evil.test/": false,
	} {
		_, err := joai.Endpoint(core.Values{"url": url}, platform.NewIDs(rand.New(rand.NewPCG(1, 2))))
		if (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
	if _, err := joai.Endpoint(core.Values{"url": "http://localhost", "allow_local_http": false}, platform.NewIDs(rand.New(rand.NewPCG(1, 2)))); err == nil {
		t.Error("plain http is taken where it is not allowed")
	}
}

func TestPHPSerializer(t *testing.T) {
	e := core.Endpoint{WireID: "w/1", Name: "é", Settings: core.Values{"serializer": "php"}}
	body, err := joai.Endpoints.Body(e, "agent.message", json.RawMessage(`{"2":1,"1":2.0,"s":"a/b é 🚀 <\"","n":1e25,"m":0.1}`), start)
	want := `{"event":"agent.message","webhook":{"id":"w\/1","name":"\u00e9"},"timestamp":"2024-01-15T11:45:00.000000Z",` +
		`"data":{"2":1,"1":2,"s":"a\/b \u00e9 \ud83d\ude80 <\"","n":1.0e+25,"m":0.1}}`
	if err != nil || string(body) != want {
		t.Errorf("got %s, %v\nwant %s", body, err, want)
	}
}

// TestPHPNumbers holds JoAi's PHP against the table of core/jsontext: what real PHP makes of odd numbers, null where it
// refuses.
func TestPHPNumbers(t *testing.T) {
	var table struct {
		Manners []string
		Rows    [][]*string
	}
	data, err := os.ReadFile("../jsontext/testdata/runtimes.json")
	if err == nil {
		err = json.Unmarshal(data, &table)
	}
	if err != nil {
		t.Fatal(err)
	}
	php := 1 + slices.Index(table.Manners, "php: json_encode($x)")
	e, checked := core.Endpoint{Settings: core.Values{"serializer": "php"}}, 0
	for _, row := range table.Rows {
		text, want := *row[0], row[php]
		if !strings.ContainsAny(text, "0123456789") || strings.ContainsAny(text, "\"[{ ") {
			continue
		}
		checked++
		body, err := joai.Endpoints.Body(e, "agent.message", json.RawMessage(text), start)
		switch {
		case want == nil && err == nil:
			t.Errorf("%s: got %s, want it refused", text, body)
		case want != nil && !strings.HasSuffix(string(body), `,"data":`+*want+"}"):
			t.Errorf("%s: got %s, %v, want %s", text, body, err, *want)
		}
	}
	if checked < 26 {
		t.Errorf("%d numbers only", checked)
	}
}

func TestGeneric(t *testing.T) {
	cfg := configs()["generic stripe"]
	cfg.Settings["answer"] = map[string]any{"status": 202.0, "headers": map[string]any{"X-Answer": "yes"}, "body": `{"ok":true}`}
	h := newHost(t, "generic", cfg)
	good := h.p.Example(cfg, start)
	out := h.receive(start, &good)
	if r := out.Response; r.Status != 202 || string(r.Body) != `{"ok":true}` || r.Header.Get("X-Answer") != "yes" || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %v %s", r.Status, r.Header, r.Body)
	}
	if out.Receipt.Verdict.State != core.Verified || out.Event.ID != "evt_sample_charge_failed" {
		t.Errorf("verdict %s, event %+v", out.Receipt.Verdict.State, out.Event)
	}
	bad := good
	bad.Body = []byte(`{"type":"other"}`)
	if out := h.receive(start, &bad); out.Response.Status != 401 || out.Receipt.Outcome != core.Rejected {
		t.Errorf("enforced: %d %s", out.Response.Status, out.Receipt.Outcome)
	}
	cfg.Settings["enforce"] = false
	h = newHost(t, "generic", cfg)
	if out := h.receive(start, &bad); out.Response.Status != 202 || out.Receipt.Verdict.State != core.Mismatch {
		t.Errorf("not enforced: %d %s", out.Response.Status, out.Receipt.Verdict.State)
	}
	challenge := core.Request{Method: "POST", Target: "/in/stripe", Header: core.Header{{Name: "Content-Type", Value: "application/json"}},
		Body: []byte(`{"type":"url_verification","token":"t","challenge":"abc"}`)}
	if out := h.receive(start, &challenge); !bytes.Contains(out.Response.Body, []byte("abc")) {
		t.Errorf("challenge: %s", out.Response.Body)
	}
	for path, want := range map[string]bool{"/in/stripe": true, "/in/stripe/more": true, "/in/stripes": false, "/in": false, "/": false} {
		if got := h.m.Match(path) > 0; got != want {
			t.Errorf("%s: match %v", path, got)
		}
	}
	all := newHost(t, "generic", platform.Config{})
	if h.m.Match("/in/stripe") <= all.m.Match("/in/stripe") || all.m.Match("/anything") == 0 {
		t.Error("the longer path must win, and / take the rest")
	}
}
