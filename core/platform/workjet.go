package platform

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/jsontext"
)

const (
	workjetDoc = "Workjet docs, Webhooks"
	workjetAPI = "https://workjet-docs.pages.dev/api-reference"
)

var workjetSettings = []Setting{
	{Name: "id", Label: "Webhook ID", Kind: TextKind, Required: true,
		Help: "The address and the credential in one, like wh_abc123. To regenerate the URL, change it."},
	{Name: "secret", Label: "Webhook secret", Kind: SecretKind, Help: "Signs what goes to the output URL; it is never asked for on the way in."},
	{Name: "output_url", Label: "Output URL", Kind: TextKind, Help: "Where the result is posted, signed in X-Workjet-Signature."},
	bodyLimitSetting(5<<20, "The document names none."),
	shareSetting,
	agentSetting,
}

// workjet is a trigger whose URL is its credential, with a signed output channel.
var workjet = Platform{
	Name: "workjet", Title: "Workjet",
	Summary:  "A secret URL starts an assistant with any JSON; the result can be posted on, signed.",
	Inbound:  true,
	Settings: workjetSettings,
	Contract: []Fact{
		{"POST /v1/webhooks/{webhook_id} takes any JSON: object, array, scalar or null.", workjetDoc},
		{"It answers {\"received\":true,\"webhookId\":…,\"executionId\":…,\"status\":\"queued\"} at once.", workjetDoc},
		{"The status is 200, a broken or empty body 400, another method 405 with Allow: POST, a body over 5 MiB 413.", ourChoice},
		{"After regenerating the URL the old id answers 404.", workjetDoc},
		{"queued, then running, then completed or failed.", "queued: " + workjetDoc + "; the rest " + ourChoice},
		{"As an output channel it posts with X-Workjet-Signature: sha256=<hex>, HMAC-SHA256 of the body.", workjetDoc},
		{"The output is {executionId, webhookId, status, output}, 10 s timeout, 3 tries.", ourChoice},
	},
	Disputes: []Fact{
		{"\"All API requests must be authenticated\", and yet the webhook's URL is the only credential.", workjetAPI + "/authentication"},
		{"\"Webhook responses (when used as an output channel)\" may mean the answer or an outbound POST; here the POST is signed and the answer is not.", workjetDoc},
		{"Form processing is a listed use, and yet only JSON is accepted.", workjetDoc},
	},
	Owns: func(path string) bool { return shaped(segments(path), "v1", "webhooks", "*") },
	Unknown: func(in In, _ string) Out {
		id := segments(in.Request.Path())[2]
		out := unmatched("workjet", workjetError(404, "not_found", "Webhook not found"), "webhook", id)
		if in.Request.Method == "HEAD" {
			out.Response.Body, out.Response.Size = nil, 0
		}
		return out
	},
	New: func(cfg Config) (Machine, error) {
		b, err := newBase("workjet", cfg, workjetSettings)
		if err != nil {
			return nil, err
		}
		if strings.Contains(b.set.Text("id"), "/") {
			return nil, &core.Invalid{Field: "id", Reason: "must not contain a slash: it is one part of the URL"}
		}
		if err := checkURL("output_url", b.set.Text("output_url")); err != nil {
			return nil, err
		}
		m := &workjetMachine{b}
		m.over = m.output
		m.resume(m.plan)
		return m, nil
	},
	Suggest: func(ids IDs) core.Values { return core.Values{"id": "wh_" + ids.Text(lettersDigits, 16)} },
	Path:    workjetPath,
	Example: func(cfg Config, _ time.Time) core.Request {
		body := []byte(`{"event":"ticket.created","data":{"id":"TICKET-456","title":"Login button not working","priority":"high"}}`)
		return example(workjetPath(cfg.Settings, cfg.Profile), core.Header{{Name: "Content-Type", Value: "application/json"}}, body)
	},
}

func workjetPath(v core.Values, _ string) string {
	return "/v1/webhooks/" + url.PathEscape(v.Text("id"))
}

type workjetMachine struct{ base }

// Anchors is the id of the webhook.
func (m *workjetMachine) Anchors() []Anchor { return []Anchor{{Text: m.set.Text("id")}} }

func (m *workjetMachine) Match(path string) int {
	if shaped(segments(path), "v1", "webhooks", m.set.Text("id")) {
		return 1
	}
	return 0
}

func (m *workjetMachine) Receive(in In) Out {
	v := m.begin(in)
	return m.end(v, m.receive(v))
}

func (m *workjetMachine) receive(v *visit) Out {
	r := v.in.Request
	v.check("webhook", m.set.Text("id"), m.set.Text("id"), true)
	if r.Method == "OPTIONS" {
		v.check("method", "POST", r.Method, true)
		return v.accept(with(reply(204, "", nil), "Allow", "POST, OPTIONS"), "the allowed methods, no execution")
	}
	if !v.check("method", "POST", r.Method, r.Method == "POST") {
		return v.reject(with(workjetError(405, "method_not_allowed", "Use POST"), "Allow", "POST"), "only POST starts an execution")
	}
	if !v.fits(m.set.Number("body_limit_bytes", 0)) {
		return v.reject(workjetError(413, "payload_too_large", "The request body is too large"), "the body is larger than the limit")
	}
	payload, err := parseJS(jsontext.DecodeWeb(r.Body))
	if v.check("json", "any JSON", payloadKind(payload, err), err == nil); err != nil {
		return v.reject(workjetError(400, "invalid_request", "The request body must be JSON"), "the body is not JSON")
	}
	return m.create(v, payload)
}

func (m *workjetMachine) create(v *visit, payload value) Out {
	item := m.item("exec_"+v.in.IDs.Text(lettersDigits, 16), v.in.Now)
	item.Input = json.RawMessage(raw(payload))
	item.Payload = item.Input
	if event, ok := payload.Get("event"); ok && event.Kind() == jsontext.String {
		v.out.Event.Type = jsontext.WellFormed(event.Text())
		item.Title = jsontext.WellFormed(title(event.Text()))
	}
	v.out.Work = append(v.out.Work, m.runs.start(item, m.plan(item)))
	return v.accept(reply(200, "application/json", object(
		"received", true, "webhookId", m.set.Text("id"), "executionId", item.ID, "status", "queued")), "")
}

func (m *workjetMachine) plan(item core.WorkItem) plan {
	l := life{waiting: "queued", working: "running", done: "completed", failed: "failed"}
	return m.script.plan(l, m.job(item, "", "The assistant has handled the webhook."))
}

// output posts the result of an execution to the output channel.
func (m *workjetMachine) output(item *core.WorkItem, out *Out) {
	to := m.set.Text("output_url")
	if to == "" {
		return
	}
	send := Send{
		Target: core.Target{URL: to, Timeout: 10 * time.Second, Policy: core.RetryPolicy{
			Name: "workjet", Source: ourChoice, Retries: 2, Base: time.Second, Factor: 2}},
		Event:  core.Event{Type: "execution." + item.State, ID: item.ID},
		Body:   object("executionId", item.ID, "webhookId", m.set.Text("id"), "status", item.State, "output", item.Output),
		Header: core.Header{{Name: "Content-Type", Value: "application/json"}},
		Work:   item.ID,
	}
	if len(m.secret("secret")) > 0 {
		send.Target.Scheme = "workjet"
	}
	out.Send = append(out.Send, send)
}

func workjetError(status int, code, message string) core.Response {
	return reply(status, "application/json", object("error", json.RawMessage(object("code", code, "message", message))))
}

// checkURL refuses what is no http or https address; empty is none at all.
func checkURL(field, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return &core.Invalid{Field: field, Reason: "want an address that starts with http:// or https://"}
	}
	return nil
}
