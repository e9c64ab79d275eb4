package platform

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/jsontext"
)

const (
	nitejarDoc    = "Nitejar docs, Webhook Setup"
	nitejarPlugin = "Nitejar/nitejar plugins/nitejar-plugin-webhook/src/index.ts"
	nitejarRouter = "Nitejar/nitejar packages/plugin-handlers/src/router.ts"
	nitejarRoute  = "Nitejar/nitejar apps/web/app/api/webhooks/plugins/[type]/[instanceId]/route.ts"
	ourChoice     = "unspecified: our choice"
)

var nitejarSettings = []Setting{
	{Name: "id", Label: "Instance ID", Kind: TextKind, Required: true, Help: "Stands in the URL."},
	{Name: "type", Label: "Plugin type", Kind: TextKind, Default: "webhook", Advanced: true,
		Help: "Only webhook is a plugin that Nitejar knows here; another type answers 400."},
	{Name: "secret", Label: "HMAC Secret", Kind: SecretKind, Help: "If set, each request must be signed in X-Webhook-Signature."},
	{Name: "agents", Label: "Agents assigned", Kind: NumberKind, Default: 1.0, Max: 1000, Whole: true,
		Help: "With none, a work item is made and fails at once."},
	{Name: "enabled", Label: "Enabled", Kind: BoolKind, Default: true},
	bodyLimitSetting(10<<20, "Nitejar itself has no limit."),
	shareSetting,
	agentSetting,
}

// nitejar is the Generic Webhook plugin: one POST makes one work item.
var nitejar = Platform{
	Name: "nitejar", Title: "Nitejar",
	Summary:  "Generic Webhook plugin: a JSON POST becomes a work item for an agent; a wrong signature is dropped in silence.",
	Inbound:  true,
	Settings: nitejarSettings,
	Contract: []Fact{
		{"POST /api/webhooks/plugins/webhook/{instanceId} with a JSON body answers 201 once the work item exists.", nitejarDoc},
		{"text falls back to message, then body, then the whole payload stringified; only null and absent fall through.", nitejarPlugin},
		{"The session key is webhook:<sender_id>; sender_id defaults to anonymous, event_type to message.", nitejarDoc},
		{"X-Webhook-Signature is the bare hex HMAC-SHA256 of the raw body; it is looked at only where a secret is set.", nitejarDoc},
		{"A missing or wrong signature, an empty or broken body: 200 {\"ignored\":true} and no work item.", nitejarRouter},
		{"PENDING → IN_PROGRESS → DONE or FAILED; without agents FAILED at once.", nitejarDoc},
		{"GET answers 200 without a look-up; PUT, PATCH and DELETE answer 405 with an empty body.", nitejarRoute},
	},
	Disputes: []Fact{
		{"Success: the document shows {\"ok\":true,\"workItemId\":\"wi_…\"}, the code sends {\"created\":true,\"workItemId\":\"<uuid>\"}.", nitejarRouter},
		{"sender_name defaults to sender_id in the document, to Anonymous in the code.", nitejarPlugin},
		{"The document says that a wrong Content-Type is dropped; the code never reads it.", nitejarPlugin},
		{"The document's states are PENDING, IN_PROGRESS, DONE and FAILED; the code writes NEW, DONE and FAILED.", "Nitejar/nitejar apps/web/server/services/run-dispatch-worker.ts"},
		{"\"Silently dropped\" is 200 {\"ignored\":true}, no closed connection, 4xx or 204.", nitejarRouter},
		{"The document signs the raw body; the code signs the decoded text, so a BOM or invalid UTF-8 changes the signature.", nitejarPlugin},
		{"Its header name is also JoAi's and almyty's, with another dialect each: bare hex over raw bytes here, bare hex over re-serialized JSON at JoAi, sha256= at almyty.", nitejarDoc},
	},
	Shipped: []Fact{
		{"Success is 201 {\"created\":true,\"workItemId\":\"<uuid>\"}.", nitejarRouter},
		{"The states are NEW, DONE and FAILED.", "Nitejar/nitejar apps/web/server/services/run-dispatch-worker.ts"},
		{"sender_name defaults to Anonymous; the Content-Type is never read.", nitejarPlugin},
		{"The signature is over the decoded text, so that a BOM or invalid UTF-8 changes it.", nitejarPlugin},
	},
	Owns: func(path string) bool { return shaped(segments(path), "api", "webhooks", "plugins", "*", "*") },
	Unknown: func(in In, _ string) Out {
		parts := segments(in.Request.Path())
		v := &visit{in: in}
		v.out.Receipt.Platform = "nitejar"
		if out, answered := nitejarMethod(v, parts[3], parts[4]); answered {
			return out
		}
		return unmatched("nitejar", nitejarJSON(404, "error", "Plugin instance not found"), "instance", parts[4])
	},
	New: func(cfg Config) (Machine, error) {
		b, err := newBase("nitejar", cfg, nitejarSettings)
		if err != nil {
			return nil, err
		}
		if strings.Contains(b.set.Text("id"), "/") {
			return nil, &core.Invalid{Field: "id", Reason: "must not contain a slash: it is one part of the URL"}
		}
		m := &nitejarMachine{b}
		m.resume(func(item core.WorkItem) plan { return m.plan(item) })
		return m, nil
	},
	Suggest: func(ids IDs) core.Values { return core.Values{"id": "pi_" + ids.Text(lettersDigits, 16)} },
	Path:    nitejarPath,
	Example: func(cfg Config, _ time.Time) core.Request {
		body := []byte(`{"text": "Hello, what can you do?", "sender_id": "test-user"}`)
		h := core.Header{{Name: "Content-Type", Value: "application/json"}}
		if key := cfg.Secrets["secret"].Reveal(); len(key) > 0 {
			h = append(h, core.Field{Name: "X-Webhook-Signature", Value: hmacHex(key, body)})
		}
		return example(nitejarPath(cfg.Settings, cfg.Profile), h, body)
	},
}

func nitejarPath(v core.Values, _ string) string {
	kind := v.Text("type")
	if kind == "" {
		kind = "webhook"
	}
	return "/api/webhooks/plugins/" + url.PathEscape(kind) + "/" + url.PathEscape(v.Text("id"))
}

type nitejarMachine struct{ base }

// Anchors is the id of the plugin.
func (m *nitejarMachine) Anchors() []Anchor { return []Anchor{{Text: m.set.Text("id")}} }

// Match takes the instance under any type: the platform looks it up by its id and then compares the types.
func (m *nitejarMachine) Match(path string) int {
	parts := segments(path)
	switch {
	case !shaped(parts, "api", "webhooks", "plugins", "*", m.set.Text("id")):
		return 0
	case parts[3] == m.set.Text("type"):
		return 2
	}
	return 1
}

func (m *nitejarMachine) Receive(in In) Out {
	v := m.begin(in)
	return m.end(v, m.receive(v))
}

func (m *nitejarMachine) receive(v *visit) Out {
	r := v.in.Request
	parts := segments(r.Path())
	if out, answered := nitejarMethod(v, parts[3], parts[4]); answered {
		return out
	}
	v.check("instance", m.set.Text("id"), parts[4], true)
	if !v.check("type", m.set.Text("type"), parts[3], parts[3] == m.set.Text("type")) {
		return v.reject(nitejarJSON(400, "error", "Plugin type mismatch"), "the URL's type is not the instance's (plugin_type_mismatch)")
	}
	if !v.check("plugin", "webhook", parts[3], parts[3] == "webhook") {
		return v.reject(nitejarJSON(400, "error", "Unknown plugin type: "+parts[3]), "no plugin of this type (unknown_plugin_type)")
	}
	if !v.fits(m.set.Number("body_limit_bytes", 0)) {
		return v.reject(nitejarJSON(413, "error", "Payload too large"), "the body is larger than the source's limit")
	}
	if !m.signed(v) {
		return v.ignore(nitejarJSON(200, "ignored", true), "the signature is missing or does not match: dropped in silence (should_process_false)")
	}
	if t := first(r, "Content-Type"); !m.code() {
		ok := t == "" || mediaType(t) == "application/json"
		if !v.check("content type", "application/json", t, ok) {
			return v.ignore(nitejarJSON(200, "ignored", true), "the Content-Type is not application/json: dropped in silence (should_process_false)")
		}
	}
	payload, err := parseJS(jsontext.DecodeWeb(r.Body))
	if err != nil && err != jsontext.ErrTooDeep {
		v.check("json", "valid JSON", err.Error(), false)
		return v.ignore(nitejarJSON(200, "ignored", true), "the body is not JSON: dropped in silence (should_process_false)")
	}
	if v.check("json", "valid JSON that is not null", payloadKind(payload, err), err == nil && payload.Kind() != jsontext.Null); err != nil || payload.Kind() == jsontext.Null {
		return v.reject(nitejarJSON(500, "error", "Failed to parse webhook"), "the plugin threw on this payload (parse_error)")
	}
	if !v.check("enabled", "true", fmt.Sprint(m.set.Bool("enabled", true)), m.set.Bool("enabled", true)) {
		return v.ignore(nitejarJSON(200, "ignored", true, "reason", "Plugin instance disabled"), "the instance is disabled (plugin_instance_disabled)")
	}
	return m.create(v, payload)
}

// nitejarMethod answers what is no POST; the route does so without looking the instance up.
func nitejarMethod(v *visit, kind, id string) (Out, bool) {
	method := v.in.Request.Method
	switch method {
	case "POST":
		v.check("method", "POST", method, true)
		return Out{}, false
	case "GET", "HEAD":
		r := nitejarJSON(200, "type", kind, "instanceId", id, "status", "ok")
		if method == "HEAD" {
			r.Body, r.Size = nil, 0
		}
		v.check("method", "POST, or GET to see that the route is there", method, true)
		return v.accept(r, "a liveness answer, no work item"), true
	case "OPTIONS":
		v.check("method", "POST", method, true)
		return v.accept(with(reply(204, "", nil), "Allow", "GET, HEAD, OPTIONS, POST"), "the allowed methods, no work item"), true
	}
	v.check("method", "POST", method, false)
	return v.reject(reply(405, "", nil), "the route has no handler for "+method), true
}

// signed checks the signature as the plugin does, where a secret is set.
func (m *nitejarMachine) signed(v *visit) bool {
	key := m.secret("secret")
	if len(key) == 0 {
		return v.check("signature", "not looked at: no secret is set", joined(v.in.Request, "X-Webhook-Signature"), true)
	}
	body := v.in.Request.Body
	if m.code() { // the plugin signs what request.text() returned
		body = []byte(jsontext.DecodeWeb(body))
	}
	want, got := hmacHex(key, body), joined(v.in.Request, "X-Webhook-Signature")
	d := bodyVerdict("nitejar", "X-Webhook-Signature", want, got, key, body, nodeHexEqual(got, want))
	if d.State == core.Mismatch && len(nodeHex(got)) == 0 {
		d.State = core.Malformed
		d.Notes = append(d.Notes, "Node decodes hex up to the first character that is none: nothing is left of this value. A prefix such as sha256= does that.")
	}
	if d.State == core.Verified && got != want {
		d.Notes = append(d.Notes, "Accepted although it is not the plain digest: Node decodes hex of either case and stops at the first character that is none.")
	}
	return v.checkVerdict(d, "bare hex HMAC-SHA256 of the body")
}

// nodeHex is Buffer.from(s, "hex"): it stops at the first pair that is not hex.
func nodeHex(s string) []byte {
	b, _ := hex.DecodeString(s)
	return b
}

func nodeHexEqual(got, want string) bool { return string(nodeHex(got)) == string(nodeHex(want)) }

// create makes the work item and answers.
func (m *nitejarMachine) create(v *visit, payload value) Out {
	now := v.in.Now
	id := m.newID(v.in.IDs)
	item := m.item(id, now)
	text := stringOr(payload, "", "text", "message", "body")
	if _, ok := firstOf(payload, isSet, "text", "message", "body"); !ok {
		text = string(stringify(nil, payload))
	}
	sender := stringOr(payload, "anonymous", "sender_id", "sender")
	senderName := stringOr(payload, sender, "sender_name")
	if m.code() {
		senderName = stringOr(payload, "Anonymous", "sender_name", "sender")
	}
	event := stringOr(payload, "message", "event_type", "event")
	source := stringOr(payload, "webhook", "source")

	item.Session = jsontext.WellFormed("webhook:" + sender)
	item.Title = jsontext.WellFormed(title(text))
	item.Payload = json.RawMessage(object(
		"text", text, "sender_id", sender, "sender_name", senderName, "event_type", event, "raw", payload,
		"responseContext", json.RawMessage(object("source", source, "senderId", sender, "senderName", senderName))))
	item.Input = json.RawMessage(object(
		"source", strings.ToLower(source), "source_ref", "webhook-"+strconv.FormatInt(now.UnixMilli(), 10), "plugin_instance_id", m.set.Text("id")))
	v.out.Event = core.Event{Type: jsontext.WellFormed(event)}
	v.check("agents", "at least 1", fmt.Sprint(m.agents()), m.agents() > 0)
	item = m.runs.start(item, m.plan(item))
	v.out.Work = append(v.out.Work, item)

	reason := ""
	if item.Failed {
		reason = "no agent is assigned: the work item failed at once"
	}
	if m.code() {
		return v.accept(nitejarJSON(201, "created", true, "workItemId", id), reason)
	}
	return v.accept(nitejarJSON(201, "ok", true, "workItemId", id), reason)
}

func (m *nitejarMachine) newID(ids IDs) string {
	if m.code() {
		return ids.UUID()
	}
	return "wi_" + ids.Text("abcdefghijklmnopqrstuvwxyz234567", 20)
}

func (m *nitejarMachine) agents() int {
	if m.script.behaviour == "no_agents" {
		return 0
	}
	return int(m.set.Number("agents", 1))
}

func (m *nitejarMachine) plan(item core.WorkItem) plan {
	l := life{waiting: "PENDING", working: "IN_PROGRESS", done: "DONE", failed: "FAILED", atOnce: true}
	if m.code() {
		l.waiting, l.working, l.requeue = "NEW", "", "NEW"
	}
	s := m.script
	if m.agents() == 0 {
		s.behaviour = "no_agents"
	}
	checked := ""
	if len(m.secret("secret")) > 0 {
		checked = "HMAC-SHA256"
	}
	return s.plan(l, m.job(item, checked, "I have read: "+item.Title))
}

// title is a text of up to 120 UTF-16 units, or the first 117 of a longer one and three dots.
func title(text string) string {
	if jsontext.UTF16Len(text) > 120 {
		return jsontext.UTF16Head(text, 117) + "..."
	}
	return text
}

// stringOr is String(v.a ?? v.b ?? fallback).
func stringOr(v value, fallback string, keys ...string) string {
	if m, ok := firstOf(v, isSet, keys...); ok {
		return jsString(m)
	}
	return fallback
}

func payloadKind(v value, err error) string {
	if err != nil {
		return err.Error()
	}
	return []string{"null", "a boolean", "a number", "a string", "an array", "an object"}[v.Kind()]
}

func nitejarJSON(status int, pairs ...any) core.Response {
	return reply(status, "application/json", object(pairs...))
}
