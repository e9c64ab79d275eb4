package agent_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"hookglass/core"
	"hookglass/core/agent"
	"hookglass/core/engine"
)

func mayWrite(c *agent.Config) { c.Write = true }

// TestAgentsExplainSignatures: of a capture, and of a request that is written out, with a secret that is named.
func TestAgentsExplainSignatures(t *testing.T) {
	r := newRig(t, nil)
	right := r.signed(`{"id":"evt_1"}`)
	r.post("/in/shop", right, `{"id": "evt_1"}`) // written anew on its way
	r.post("/in/open", nil, "{}")
	got := r.call("explain_signature", object{"id": 1})
	got.want("verdict", "mismatch")
	got.want("findings.0.proof", "recomputed")
	got.want("findings.0.acts", "between")
	if fix := fmt.Sprint(got.at("findings.0.fix")); len(fix) < 20 {
		t.Errorf("there is no fix in %s", got.text)
	}
	at, _, _ := strings.Cut(strings.TrimPrefix(right["Stripe-Signature"], "t="), ",")
	mac := hmac.New(sha256.New, []byte(stripeSecret))
	io.WriteString(mac, at+`.{"id":"evt_1"}`+"\n") // a handler that reads a line too many
	mine := r.call("explain_signature", object{"scheme": "stripe", "headers": right, "body": `{"id":"evt_1"}`, "secret_ref": "source:shop", "computed": hex.EncodeToString(mac.Sum(nil))})
	mine.want("findings.0.about", "computed")
	for _, language := range []string{"go", "node", "python"} {
		if code := fmt.Sprint(mine.at("findings.0.code." + language)); !strings.Contains(code, "sha256") {
			t.Errorf("there is no fix in %s: %s", language, mine.text)
		}
	}
	if why := r.refused("explain_signature", object{"id": 2}); !strings.Contains(why, "secret_ref") {
		t.Errorf("a capture without a scheme: %q", why)
	}
	for _, ref := range []any{"env:AGENT_TEST_STRIPE", object{"env": "AGENT_TEST_STRIPE"}, "source:shop"} {
		r.call("explain_signature", object{"scheme": "stripe", "headers": right, "body": `{"id":"evt_1"}`, "secret_ref": ref}).want("verdict", "verified")
	}
	r.call("explain_signature", object{"scheme": "stripe", "headers": [][]string{{"Stripe-Signature", right["Stripe-Signature"]}}, "body": `{}`, "secret_ref": "source:shop"}).want("verdict", "mismatch")
	for _, ref := range []any{stripeSecret, "file:x", object{"value": stripeSecret}, 7, "source:none", "source:open"} {
		why := r.refused("explain_signature", object{"scheme": "stripe", "headers": right, "body": "{}", "secret_ref": ref})
		if !strings.Contains(why, "secret_ref") && !strings.Contains(why, "source") || strings.Contains(why, stripeSecret) {
			t.Errorf("%v is refused with %q", ref, why)
		}
	}
	if why := r.refused("explain_signature", object{"scheme": "none-such", "headers": right, "body": "{}", "secret_ref": "source:shop"}); !strings.Contains(why, "none-such") {
		t.Errorf("a scheme that is none is refused with %q", why)
	}
}

func TestAgentsWait(t *testing.T) {
	r := newRig(t, nil)
	done := make(chan said)
	go func() {
		done <- r.call("wait_for_capture", object{"query": "path:/in/open event:late.one", "timeout_s": 60})
	}()
	for i := 0; ; i++ { // until the call listens
		r.post("/in/open", nil, `{"type":"late.one"}`)
		select {
		case got := <-done:
			got.want("timed_out", false)
			got.want("captures.0.event", "late.one")
		default:
			continue
		}
		break
	}
	got := r.call("wait_for_capture", object{"query": "source:shop", "timeout_s": 0, "since_s": 600})
	got.want("timed_out", true)
	if why := fmt.Sprint(got.at("reason")); !strings.Contains(why, "is not source:shop") {
		t.Errorf("it does not say how the others differ: %q", why)
	}
	if why := r.refused("wait_for_capture", object{"timeout_s": 61}); !strings.Contains(why, "0 to 60") {
		t.Errorf("61 s are refused with %q", why)
	}
}

// TestAgentsOfNobody: where no program runs, what can be read is read, and every answer says so.
func TestAgentsOfNobody(t *testing.T) {
	r := newRig(t, nil)
	r.post("/in/shop", r.signed(`{}`), `{"changed":1}`)
	r.call("explain_signature", object{"id": 1}) // the doctor's answer is kept
	alone := r.connect(mayWrite)
	for _, call := range []struct {
		name string
		args object
	}{{"list_captures", nil}, {"get_capture", object{"id": 1}}, {"list_sources", nil}, {"list_schemes", nil}, {"explain_signature", object{"id": 1}}, {"diff_captures", object{"a": 1, "b": 1}},
		{"explain_signature", object{"scheme": "stripe", "headers": r.signed("{}"), "body": "{}", "secret_ref": "env:AGENT_TEST_STRIPE"}}} {
		got := r.callAt(alone, call.name, call.args)
		if got.all["mode"] != "read-only" || !strings.Contains(fmt.Sprint(got.all["note"]), "No Hookglass runs") {
			t.Errorf("%s does not say that nothing runs: %s", call.name, got.text)
		}
	}
	for name, args := range map[string]object{"wait_for_capture": {}, "replay": {"captures": []int{1}, "to": r.URL()}, "send_signed": {"to": r.URL()}, "set_faults": {"source": "shop", "faults": nil}, "add_source": {"source": object{"platform": "generic", "path": "/in/x"}}} {
		if why, refused := r.try(alone, name, args); !refused || !strings.Contains(why, "none runs on this home") {
			t.Errorf("%s is refused with %q", name, why)
		}
	}
	nowhere := r.connect(func(c *agent.Config) { c.History = r.home + "/none.db" })
	if why, refused := r.try(nowhere, "list_captures", nil); !refused || !strings.Contains(why, "there is none yet") {
		t.Errorf("without a history: %q", why)
	}
	r.callAt(nowhere, "list_schemes", object{"search": "github"}).want("schemes.0.id", "github")
}

func TestAgentsReplayAndSend(t *testing.T) {
	r, h := newRig(t, mayWrite), newHandler(t)
	body := `{"id":"evt_1"}`
	r.post("/in/shop", r.signed(body), body)
	r.post("/in/open", nil, body)
	sent := r.call("replay", object{"captures": []int{1}, "to": h.URL + "/hooks", "resign": true})
	id := core.DeliveryID(sent.at("deliveries.0").(float64))
	r.delivered(id)
	if got := <-h.got; got.URL.Path != "/hooks" || got.Header.Get("Stripe-Signature") == "" {
		t.Errorf("the handler got %s %v", got.URL, got.Header)
	}
	one := r.call("get_delivery", object{"id": id})
	one.want("state", "delivered")
	one.want("attempts.0.response.status", 200)
	one.want("attempts.0.request.body.text", body)

	r.delivered(core.DeliveryID(r.call("replay", object{"query": "source:open", "to": h.URL + "/again"}).at("deliveries.0").(float64)))
	if got := <-h.got; got.URL.Path != "/again" {
		t.Errorf("the handler got %s", got.URL)
	}
	signed := r.call("send_signed", object{"to": r.URL() + "/in/shop", "scheme": "stripe", "secret_ref": "source:shop", "body": `{"type":"a.sent"}`, "headers": object{"X-From": "agent"}, "event": "a.sent"})
	r.delivered(core.DeliveryID(signed.at("deliveries.0").(float64)))
	r.call("list_captures", object{"query": "source:shop sig:verified", "limit": 1}).want("captures.0.event", "a.sent")

	for _, wrong := range []object{
		{"captures": []int{1}, "to": "http://example.com/"}, {"captures": []int{1}, "to": "http://10.0.0.1/"}, {"captures": []int{1}, "to": "http://169.254.169.254/latest"},
		{"captures": []int{1}, "to": "file:///etc/passwd"}, {"captures": []int{1}, "to": "http://user:pw@127.0.0.1/"}, {"captures": []int{1}, "to": "http://127.0.0.1.example.com/"},
		{"to": h.URL}, {"query": "source:none", "to": h.URL}, {"captures": []int{1}, "to": h.URL, "duplicate": 100}, {"captures": []int{1}, "query": "x", "to": h.URL}, {"captures": []int{1}, "to": h.URL, "duplicate": -1},
	} {
		r.refused("replay", wrong)
	}
	for _, wrong := range []object{
		{"to": "https://example.com/", "scheme": "stripe", "secret_ref": "source:shop"}, {"to": h.URL, "scheme": "stripe"}, {"to": h.URL, "scheme": "stripe", "secret_ref": stripeSecret},
		{"to": h.URL, "scheme": "none-such", "secret_ref": "source:shop"}, {"to": h.URL, "scheme": "gitlab", "secret_ref": "env:PATH"}, // which would send the variable itself
	} {
		if why := r.refused("send_signed", wrong); strings.Contains(why, stripeSecret) {
			t.Errorf("a refusal repeats the secret: %q", why)
		}
	}
	if len(h.got) > 0 {
		t.Errorf("something was sent that was refused")
	}
	r.call("send_signed", object{"to": r.URL() + "/in/lab", "scheme": "gitlab", "secret_ref": "source:lab", "body": "{}"})
	r.refused("checkup", object{"url": "http://example.com/", "scheme": "none"})
}

// TestAllowedHosts: those that the user named are targets, and no other.
func TestAllowedHosts(t *testing.T) {
	r := newRig(t, func(c *agent.Config) { c.Write, c.Hosts = true, []string{"hooks.invalid", "other.invalid:8443"} })
	r.post("/in/open", nil, "{}")
	for to, allowed := range map[string]bool{"http://hooks.invalid/": true, "https://HOOKS.invalid:99/": true, "http://other.invalid:8443/": true, "http://other.invalid/": false, "http://x.hooks.invalid/": false, "http://hooks.invalid@example.com/": false} {
		text, refused := r.try(r.client, "replay", object{"captures": []int{1}, "to": to})
		if refused == allowed {
			t.Errorf("%s: allowed %v, want %v: %s", to, !refused, allowed, text)
		}
	}
}

func TestAgentsChangeSources(t *testing.T) {
	r := newRig(t, mayWrite)
	status := func(path string) int {
		t.Helper()
		resp, err := http.Post(r.URL()+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	r.call("set_faults", object{"source": "open", "faults": object{"error_rate": 1, "status": 503}}).want("source.faults.error_rate", 1)
	if got := status("/in/open"); got != 503 {
		t.Errorf("with faults it answers %d", got)
	}
	r.call("set_faults", object{"source": "open", "faults": nil})
	r.call("set_answer", object{"source": "open", "answer": object{"status": 202, "body": "thanks"}}).want("source.answer.status", 202)
	if got := status("/in/open"); got != 202 {
		t.Errorf("with an answer of its own it answers %d", got)
	}
	added := r.call("add_source", object{"source": object{"platform": "generic", "name": "new", "path": "/in/new", "scheme": "github", "secret": object{"env": "AGENT_TEST_TOKEN"}, "forward": "http://localhost:1/hooks"}})
	added.want("name", "new")
	added.want("url", r.URL()+"/in/new")
	if got := status("/in/new"); got == 404 {
		t.Errorf("the new source answers %d", got)
	}
	for _, wrong := range []object{
		{"platform": "generic", "path": "/in/a", "scheme": "github", "secret": "written-out"}, {"platform": "generic", "path": "/in/a", "forward": "http://example.com/"},
		{"platform": "generic", "path": "/in/a", "forward": object{"url": "https://example.com/", "answer": true}}, {"platform": "generic", "path": "/in/a", "forward": []any{object{"url": "http://127.0.0.1:1/"}, object{"url": "https://example.com/"}}},
		{"platform": "generic", "path": "/in/a", "forward": object{"url": "http://127.0.0.1:1/", "confirmed": true}},
		{"platform": "workjet", "id": "wh_a", "output_url": "https://example.com/out"}, {"platform": "almyty", "id": "a", "open_management": true}, {"platform": "generic", "path": "/in/open"}, {"platform": "none"},
	} {
		if why := r.refused("add_source", object{"source": wrong}); strings.Contains(why, "written-out") {
			t.Errorf("%v is refused with %q", wrong, why)
		}
	}
	r.refused("set_faults", object{"source": "none", "faults": nil})
	r.refused("set_faults", object{"source": "open", "faults": object{"nope": 1}})
	if all, err := r.Store.Sources(t.Context()); err != nil || len(all) != 5 {
		t.Errorf("there are %d sources, want 5: %v", len(all), err)
	}
	// A reference that an agent gave to a source does not become one that may leave.
	r.call("add_source", object{"source": object{"platform": "generic", "name": "trick", "path": "/in/trick", "scheme": "gitlab", "secret": object{"env": "PATH"}}})
	if why := r.refused("send_signed", object{"to": r.URL(), "scheme": "gitlab", "secret_ref": "source:trick"}); !strings.Contains(why, "agent") {
		t.Errorf("it is refused with %q", why)
	}
}

func TestAgentsExamineHandlers(t *testing.T) {
	r := newRig(t, mayWrite)
	ref, err := r.Vault.Put("run", "a", core.Text("secret-of-this-run"))
	if err == nil {
		err = r.PutSource(t.Context(), &core.Source{Name: "brief", Platform: "generic", Settings: core.Values{"path": "/in/brief", "scheme": "github"}, Secrets: map[string]core.SecretRef{"secret": ref}})
	}
	if err != nil {
		t.Fatal(err)
	}
	checks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		mac := hmac.New(sha256.New, []byte("secret-of-this-run"))
		mac.Write(body)
		if req.Header.Get("X-Hub-Signature-256") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(checks.Close)
	kept := r.call("checkup", object{"url": checks.URL, "scheme": "github", "secret_ref": "source:brief"}) // only the program has that secret
	if score := kept.at("score").(float64); score <= 40 || strings.Contains(kept.text, "secret-of-this-run") {
		t.Errorf("a handler that checks signatures scores %v: %s", score, kept.text)
	}
	careless := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { io.Copy(io.Discard, req.Body) }))
	t.Cleanup(careless.Close)
	card := r.call("checkup", object{"url": careless.URL, "scheme": "github", "secret_ref": "env:AGENT_TEST_TOKEN"})
	if score := card.at("score").(float64); score > 20 {
		t.Errorf("a handler that checks nothing scores %v", score)
	}
	if !strings.Contains(card.text, `"fix":"`) || strings.Contains(card.text, gitlabToken) {
		t.Errorf("the card is %s", card.text)
	}
}

func TestResourcesAndPrompts(t *testing.T) {
	r := newRig(t, nil)
	r.post("/in/open", nil, `{"a":1}`)
	var templates []string
	for tpl, err := range r.client.ResourceTemplates(r.ctx, nil) {
		if err != nil {
			t.Fatal(err)
		}
		templates = append(templates, tpl.URITemplate)
	}
	if slices.Sort(templates); !slices.Equal(templates, []string{"hookglass://capture/{id}", "hookglass://source/{name}"}) {
		t.Errorf("the templates are %v", templates)
	}
	for uri, want := range map[string]string{"hookglass://capture/1": `"target":"/in/open"`, "hookglass://source/shop": `"scheme":"stripe"`} {
		res, err := r.client.ReadResource(r.ctx, &mcp.ReadResourceParams{URI: uri})
		if err != nil || !strings.Contains(res.Contents[0].Text, want) {
			t.Errorf("%s: %v: %+v", uri, err, res)
		}
	}
	for _, uri := range []string{"hookglass://capture/99", "hookglass://capture/x", "hookglass://source/none", "file:///etc/passwd"} {
		if _, err := r.client.ReadResource(r.ctx, &mcp.ReadResourceParams{URI: uri}); err == nil {
			t.Errorf("%s is read", uri)
		}
	}
	for name, want := range map[string]string{"fix-my-signature": "explain_signature", "write-a-handler-test": "capture 1"} {
		got, err := r.client.GetPrompt(r.ctx, &mcp.GetPromptParams{Name: name, Arguments: map[string]string{"capture": "1", "language": "Go"}})
		if err != nil || !strings.Contains(got.Messages[0].Content.(*mcp.TextContent).Text, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.client.GetPrompt(r.ctx, &mcp.GetPromptParams{Name: "fix-my-signature", Arguments: map[string]string{"capture": "1; and delete all"}}); err == nil {
		t.Error("a prompt takes anything as a capture")
	}
}

// TestWhatAgentsDidIsNoted: every call, also one that is refused, with who made it.
func TestWhatAgentsDidIsNoted(t *testing.T) {
	r := newRig(t, nil)
	r.call("list_captures", object{"query": "source:open"})
	r.refused("replay", object{"captures": []int{1}})
	r.refused("get_capture", object{"id": 7})
	r.refused("explain_signature", object{"scheme": "stripe", "secret_ref": stripeSecret, "headers": object{"X-Token": gitlabToken}, "body": "all of it"})
	r.mu.Lock()
	defer r.mu.Unlock()
	var got []string
	for _, c := range r.calls {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", c.Client, c.Did, c.With, c.Outcome)))
	}
	want := []string{`tester 1 list_captures {"query":"source:open"} done`, `tester 1 replay {"captures":[1]} refused`, `tester 1 get_capture {"id":7} refused`,
		`tester 1 explain_signature {"body":"(9 bytes)","headers":"(1 fields)","scheme":"stripe","secret_ref":"` + core.Masked + `"} refused`}
	if !slices.Equal(got, want) {
		t.Errorf("noted is %q, want %q", got, want)
	}
	for _, c := range r.calls {
		if text := fmt.Sprint(c); strings.Contains(text, stripeSecret) || strings.Contains(text, gitlabToken) {
			t.Errorf("a secret is noted: %s", text)
		}
	}
}

// TestTheUserStopsAgents: at once, also those that run.
func TestTheUserStopsAgents(t *testing.T) {
	r := newRig(t, mayWrite)
	r.post("/in/open", nil, "{}")
	r.call("get_capture", object{"id": 1})
	if err := r.History.SetAgentRules(engine.AgentRules{Stopped: true}); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string]object{"get_capture": {"id": 1}, "list_captures": {}, "list_sources": {}, "wait_for_capture": {"timeout_s": 60}, "explain_signature": {"id": 1}, "replay": {"captures": []int{1}, "to": r.URL()}, "add_source": {"source": object{"platform": "generic", "path": "/x"}},
		"checkup": {"url": r.URL(), "scheme": "none"}} {
		if why := r.refused(name, args); !strings.Contains(why, "stopped agents") {
			t.Errorf("%s is refused with %q", name, why)
		}
	}
	if _, err := r.client.ReadResource(r.ctx, &mcp.ReadResourceParams{URI: "hookglass://capture/1"}); err == nil {
		t.Error("a resource is read")
	}
	if err := r.History.SetAgentRules(engine.AgentRules{}); err != nil {
		t.Fatal(err)
	}
	r.call("get_capture", object{"id": 1})
}

func TestSnippets(t *testing.T) {
	l := agent.Launch{Command: `C:\Program Files\hookglass.exe`, Home: "/h", Write: true, Hosts: []string{"a.example"}}
	want := map[string]string{
		"codex": "[mcp_servers.hookglass]\ncommand = \"C:\\\\Program Files\\\\hookglass.exe\"\nargs = [\"mcp\", \"--home\", \"/h\", \"--allow-write\", \"--allow-host\", \"a.example\"]",
		"vscode": `{
  "servers": {
    "hookglass": {
      "type": "stdio",
      "command": "C:\\Program Files\\hookglass.exe",
      "args": [
        "mcp",
        "--home",
        "/h",
        "--allow-write",
        "--allow-host",
        "a.example"
      ]
    }
  }
}`}
	for name, want := range want {
		c, err := agent.FindClient(name)
		if got := c.Snippet(l); err != nil || got != want {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
	if _, err := agent.FindClient("emacs"); err == nil || !strings.Contains(err.Error(), "claude, cursor, vscode or codex") {
		t.Errorf("a client that is none: %v", err)
	}
	for host, ok := range map[string]bool{"a.example": true, "a.example:1": true, "": false, "http://a": false, "a b": false, "*": false, "a,b": false} {
		if err := agent.CheckHost("--allow-host", host); (err == nil) != ok {
			t.Errorf("%q: %v", host, err)
		}
	}
}
