package platform

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/jsontext"
)

const (
	almytyDoc    = "almyty docs, Agents, Webhooks"
	almytyFilter = "almyty-inc/almyty backend/src/common/filters/global-exception.filter.ts"
	almytyAgent  = "almyty-inc/almyty backend/src/modules/gateways/unified-agent.helper.ts"
	almytyOut    = "almyty-inc/almyty backend/src/modules/agents/agent-webhook.service.ts"
	almytyPoll   = "almyty-inc/almyty backend/src/entities/agent-execution.entity.ts"
)

var almytySettings = managed([]Setting{
	{Name: "id", Label: "Agent ID", Kind: TextKind, Help: "A UUID; stands in the URL. Only as shipped it may be empty."},
	{Name: "enabled", Label: "Webhook enabled", Kind: BoolKind, Default: true, Help: "PATCH /agents/{id} {\"webhookEnabled\":true} changes it too."},
	{Name: "auth", Label: "Authentication", Kind: ChoiceKind, Default: "none", Choices: []string{"none", "bearer", "hmac"}},
	{Name: "secret", Label: "Webhook secret", Kind: SecretKind, Help: "The Bearer token or the key of the signature."},
	{Name: "api_token", Label: "API token", Kind: SecretKind, Help: "Asked for by the poll and management addresses. Empty: the poll asks for none; for the others one is made at each start, which hookglass sources shows."},
	{Name: "per_minute", Label: "Requests per minute", Kind: NumberKind, Default: 100.0, Max: 1_000_000, Whole: true,
		Help: "A fixed window from the first request. Free 10, Pro 100, Enterprise 1000. 0 means no limit."},
	{Name: "max_concurrent", Label: "Concurrent executions", Kind: NumberKind, Default: 10.0, Max: 1_000_000, Whole: true,
		Help: "Free 2, Pro 10, Enterprise 50. 0 means no limit."},
	{Name: "accept_bare_hex", Label: "Accept bare hex", Kind: BoolKind, Default: false,
		Help: "The document's table says a hex digest, its example sha256=<hex>. Off: only sha256= is accepted."},
	{Name: "run_ms", Label: "Time of an execution (ms)", Kind: NumberKind, Default: 1500.0, Max: 86_400_000, Help: "0 finishes at once."},
	{Name: "agent_name", Label: "Agent's name", Kind: TextKind, Default: "Test Agent", Advanced: true},
	{Name: "webhook_url", Label: "Completion URL", Kind: TextKind, Advanced: true,
		Help: "As shipped only: where each finished run is posted, unsigned and once."},
	{Name: "org", Label: "Organization slug", Kind: TextKind, Default: "acme", Advanced: true, Help: "As shipped only: the gateway's address is /{org}/{slug}."},
	{Name: "slug", Label: "Gateway slug", Kind: TextKind, Default: "inbound-hook", Advanced: true},
	bodyLimitSetting(100<<10, "Express takes 100 KiB."),
	shareSetting,
	agentSetting,
})

// almytyRemembers is how many finished executions can be polled.
const almytyRemembers = 1000

// almyty is an agent that a POST starts, with a rate limit and an address to poll; as shipped it never existed.
var almyty = Platform{
	Name: "almyty", Title: "almyty",
	Summary:  "A POST starts an agent: Bearer or HMAC, 100 requests a minute, 10 at a time, and an address to poll.",
	Inbound:  true,
	Outbound: true,

	Remembers: almytyRemembers,

	Settings: almytySettings,
	Management: &Management{
		Owns: func(path string) bool { // one execution is polled by an id that nobody guesses
			parts := segments(path)
			return shaped(parts, "agents", "*") || shaped(parts, "agents", "*", "executions")
		},
		Token:  "api_token",
		Refuse: almytyError,
	},
	Contract: []Fact{
		{"POST /agents/{id}/webhook with the agent's input answers {\"success\":true,\"data\":{\"executionId\":…,\"status\":\"running\"}}.", almytyDoc},
		{"Authentication is none, Authorization: Bearer <webhook secret>, or X-Webhook-Signature: sha256=<hex of the HMAC-SHA256 of the body>.", almytyDoc},
		{"The Bearer scheme is compared exactly, the token behind it trimmed.", almytyAgent},
		{"GET /agents/{id}/executions/{executionId} with the API token tells how the run stands.", almytyDoc},
		{"PATCH /agents/{id} {\"webhookEnabled\":true} with the API token switches the webhook on.", almytyDoc},
		{"100 requests a minute and 10 concurrent executions; beyond, 429 with Retry-After.", almytyDoc},
		{"The window is fixed, 60 s from the first request, and refused requests count; for concurrency Retry-After is 1.", ourChoice},
		{"Errors are {\"error\":{code, message, statusCode, timestamp, path}}.", almytyFilter},
		{"Success is 200; an unknown agent and a webhook that is off answer 404; a body over 100 KiB 413.", ourChoice},
	},
	Disputes: []Fact{
		{"The documented address never existed: as shipped it answers 404.", "almyty-inc/almyty commit 13ad0342 (2026-06-30)"},
		{"\"Without API key authentication\", and yet with a Bearer secret.", almytyDoc},
		{"The header's table says a bare hex digest, the example beside it sha256=<hex>.", almytyDoc},
		{"It is said to suit GitHub and Stripe, whose X-Hub-Signature-256 and Stripe-Signature it does not read.", almytyDoc},
		{"The single execution is documented; as shipped only the list GET /agents/{id}/executions exists.", almytyPoll},
		{"The completion post is unsigned and sent once, also after a failure.", almytyOut},
		{"Its header name is also Nitejar's and JoAi's, whose values carry no prefix.", almytyDoc},
	},
	Shipped: []Fact{
		{"The address is POST /{org}/{slug} of a gateway; /agents/{id}/webhook answers 404.", almytyAdapter},
		{"The signature is the bare hex digest; a value of another length answers 500.", almytyAdapter},
		{"Broken JSON is answered as a JSON-RPC error, with status 200.", almytyFilter},
		{"There is no rate limit, and no address that polls a single execution.", almytyPoll},
		{"Each finished run is posted to the completion URL, unsigned and once.", almytyOut},
	},
	Owns: func(path string) bool {
		parts := segments(path)
		return shaped(parts, "agents", "*") || shaped(parts, "agents", "*", "webhook") ||
			shaped(parts, "agents", "*", "executions") || shaped(parts, "agents", "*", "executions", "*")
	},
	Unknown: func(in In, profile string) Out {
		message := "Agent not found"
		if profile == core.Code {
			message = "Not found"
		}
		out := unmatched("almyty", almytyError(in, 404, message), "agent", segments(in.Request.Path())[1])
		if in.Request.Method == "HEAD" {
			out.Response.Body, out.Response.Size = nil, 0
		}
		return out
	},
	New: func(cfg Config) (Machine, error) {
		b, err := newBase("almyty", cfg, almytySettings)
		if err != nil {
			return nil, err
		}
		for _, name := range []string{"id", "org", "slug"} {
			text := b.set.Text(name)
			if text == "" && !(name == "id" && b.code()) || strings.Contains(text, "/") {
				return nil, &core.Invalid{Field: name, Reason: "want one part of a URL, without a slash"}
			}
		}
		if err := checkURL("webhook_url", b.set.Text("webhook_url")); err != nil {
			return nil, err
		}
		m := &almytyMachine{base: b}
		m.runs.keep = almytyRemembers
		m.over = m.completed
		m.resume(m.plan)
		return m, nil
	},
	Suggest: func(ids IDs) core.Values { return core.Values{"id": ids.UUID()} },
	Path:    almytyPath,
	Example: almytyExample,
}

func almytyPath(v core.Values, profile string) string {
	if profile == core.Code {
		org, slug := v.Text("org"), v.Text("slug")
		if org == "" {
			org = "acme"
		}
		if slug == "" {
			slug = "inbound-hook"
		}
		return "/" + url.PathEscape(org) + "/" + url.PathEscape(slug)
	}
	return "/agents/" + url.PathEscape(v.Text("id")) + "/webhook"
}

func almytyExample(cfg Config, _ time.Time) core.Request {
	body := []byte(`{"message":"Hello"}`)
	h := core.Header{{Name: "Content-Type", Value: "application/json"}}
	key := cfg.Secrets["secret"].Reveal()
	switch auth := cfg.Settings.Text("auth"); {
	case cfg.Profile == core.Code && len(key) > 0:
		h = append(h, core.Field{Name: "X-Webhook-Signature", Value: hmacHex(key, body)})
	case auth == "bearer":
		h = append(h, core.Field{Name: "Authorization", Value: "Bearer " + string(key)})
	case auth == "hmac":
		h = append(h, core.Field{Name: "X-Webhook-Signature", Value: "sha256=" + hmacHex(key, body)})
	}
	return example(almytyPath(cfg.Settings, cfg.Profile), h, body)
}

type almytyMachine struct {
	base
	enabled *bool // set over the API since the machine was made
	window  window
}

// window is a fixed window of requests that begins with the first.
type window struct {
	from  time.Time
	count int
}

// take counts a request and says how many are in the window now and when it ends.
func (w *window) take(now time.Time) (int, time.Duration) {
	if w.count == 0 || now.Sub(w.from) >= time.Minute || now.Before(w.from) {
		w.from, w.count = now, 0
	}
	w.count++
	return w.count, w.from.Add(time.Minute).Sub(now)
}

// Anchors are the agent's id and, as shipped, its slug.
func (m *almytyMachine) Anchors() []Anchor {
	return []Anchor{{Text: m.set.Text("id")}, {Text: m.set.Text("slug")}}
}

func (m *almytyMachine) Match(path string) int {
	parts, id := segments(path), m.set.Text("id")
	switch {
	case shaped(parts, "agents", id, "webhook"), shaped(parts, "agents", id),
		shaped(parts, "agents", id, "executions"), shaped(parts, "agents", id, "executions", "*"):
		return 2
	case m.code() && shaped(parts, m.set.Text("org"), m.set.Text("slug")):
		return 2
	}
	return 0
}

func (m *almytyMachine) Receive(in In) Out {
	v := m.begin(in)
	return m.end(v, m.receive(v))
}

func (m *almytyMachine) receive(v *visit) Out {
	parts := segments(v.in.Request.Path())
	switch {
	case m.code() && shaped(parts, m.set.Text("org"), m.set.Text("slug")):
		return m.gateway(v)
	case len(parts) == 3 && parts[2] == "webhook":
		return m.trigger(v)
	}
	return m.manage(v, parts)
}

// trigger is the documented webhook address.
func (m *almytyMachine) trigger(v *visit) Out {
	r := v.in.Request
	if m.code() {
		v.check("route", "a gateway's address", r.Path(), false)
		return v.reject(almytyError(v.in, 404, "Not found"), "as shipped there is no such address: the request falls through to the gateways")
	}
	if !v.check("method", "POST", r.Method, r.Method == "POST") {
		return v.reject(almytyError(v.in, 404, "Cannot "+r.Method+" "+r.Path()), "NestJS answers 404 to a method without a route")
	}
	if !v.check("enabled", "true", fmt.Sprint(m.isEnabled()), m.isEnabled()) {
		return v.reject(almytyError(v.in, 404, "Webhook not found"), "the agent's webhook is off")
	}
	left, refusal, limited := m.throttle(v)
	if limited {
		return refusal
	}
	out := m.run(v)
	out.Response.Header = append(out.Response.Header, left...)
	return out
}

// run starts an execution, unless something about the request or the load speaks against it.
func (m *almytyMachine) run(v *visit) Out {
	if !v.fits(m.set.Number("body_limit_bytes", 0)) {
		return v.reject(almytyError(v.in, 413, "request entity too large"), "the body is larger than Express takes")
	}
	if !m.authentic(v) {
		return v.reject(almytyError(v.in, 401, "Invalid webhook authentication"), "the authentication is missing or wrong")
	}
	input, refusal, ok := m.input(v)
	if !ok {
		return refusal
	}
	if most := m.set.Number("max_concurrent", 10); most > 0 {
		busy := len(m.runs.open)
		if !v.check("concurrent executions", fmt.Sprintf("fewer than %.0f under way", most), strconv.Itoa(busy), busy < int(most)) {
			return v.limit(with(almytyError(v.in, 429, tooMany), "Retry-After", "1"), "as many executions as allowed are under way")
		}
	}
	item := m.execution(v, input)
	return v.accept(express(200, object("success", true, "data", json.RawMessage(object("executionId", item.ID, "status", "running")))), "")
}

const tooMany = "ThrottlerException: Too Many Requests"

func (m *almytyMachine) isEnabled() bool {
	if m.enabled != nil {
		return *m.enabled
	}
	return m.set.Bool("enabled", true)
}

// throttle counts the request in the window, before anything is known of its sender. What is left of the window stands in
// the headers of every answer that it lets through.
func (m *almytyMachine) throttle(v *visit) (left core.Header, refusal Out, limited bool) {
	most := int(m.set.Number("per_minute", 100))
	if most == 0 {
		return nil, Out{}, false
	}
	count, rest := m.window.take(v.in.Now)
	seconds := strconv.Itoa(max(1, int(math.Ceil(rest.Seconds()))))
	if !v.check("requests this minute", fmt.Sprintf("up to %d", most), strconv.Itoa(count), count <= most) {
		return nil, v.limit(with(almytyError(v.in, 429, tooMany), "Retry-After", seconds),
			"more requests than allowed in this minute"), true
	}
	return core.Header{
		{Name: "X-RateLimit-Limit", Value: strconv.Itoa(most)},
		{Name: "X-RateLimit-Remaining", Value: strconv.Itoa(most - count)},
		{Name: "X-RateLimit-Reset", Value: seconds},
	}, Out{}, false
}

// authentic checks the sender in the way that the source asks for.
func (m *almytyMachine) authentic(v *visit) bool {
	key, r := m.secret("secret"), v.in.Request
	switch m.set.Text("auth") {
	case "bearer":
		token, ok := bearer(first(r, "Authorization"))
		ok = ok && len(key) > 0 && subtle.ConstantTimeCompare([]byte(token), key) == 1
		return v.check("authorization", "Bearer and the webhook secret", maskToken(first(r, "Authorization")), ok)
	case "hmac":
		got := joined(r, "X-Webhook-Signature")
		want := "sha256=" + hmacHex(key, r.Body)
		bare := m.set.Bool("accept_bare_hex", false) && got == want[len("sha256="):]
		d := bodyVerdict("almyty", "X-Webhook-Signature", want, got, key, r.Body, len(key) > 0 && (got == want || bare))
		switch {
		case len(key) == 0:
			d.State = core.NoSecret
		case d.State == core.Mismatch && !strings.HasPrefix(got, "sha256="):
			d.State = core.Malformed
			d.Notes = append(d.Notes, "The value must begin with sha256=, although the document's table shows a bare digest; the source's setting accept_bare_hex takes that too.")
		}
		return v.checkVerdict(d, "sha256= and the lower-case hex HMAC-SHA256 of the body")
	}
	return v.check("authentication", "none", "not looked at", true)
}

// bearer is the token behind the scheme: the scheme exactly so, the token trimmed.
func bearer(authorization string) (string, bool) {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	token = strings.TrimSpace(token)
	return token, ok && token != ""
}

// maskToken keeps a credential out of the checks.
func maskToken(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	switch {
	case authorization == "":
		return "no Authorization header"
	case token == "":
		return scheme
	}
	return scheme + " " + core.Masked
}

// input reads the body as express.json() does: only JSON is parsed, and it must be an object or an array.
func (m *almytyMachine) input(v *visit) (value, Out, bool) {
	r := v.in.Request
	refuse := func(message string) (value, Out, bool) {
		v.check("json", "a JSON object or array", message, false)
		return value{}, v.reject(almytyError(v.in, 400, message), "the body is not the JSON that the agent expects"), false
	}
	t := first(r, "Content-Type")
	if !v.check("content type", "application/json", t, mediaType(t) == "application/json") {
		return value{}, v.reject(almytyError(v.in, 400, "Request body must be JSON"), "Express parses only application/json, so that the input is empty"), false
	}
	if len(r.Body) == 0 {
		return refuse("Request body must not be empty")
	}
	payload, err := expressJSON(r.Body)
	if err != nil {
		return refuse(err.Error())
	}
	v.check("json", "a JSON object or array", payloadKind(payload, nil), true)
	return payload, Out{}, true
}

// expressJSON is body-parser's json() in its strict mode, whose message for anything but an object or an array is what V8
// says about its first character.
func expressJSON(body []byte) (value, error) {
	text := jsontext.DecodeWeb(body)
	trimmed := strings.TrimLeft(text, " \t\n\r")
	if trimmed != "" && trimmed[0] != '{' && trimmed[0] != '[' {
		return value{}, jsontext.UnexpectedToken(text, len(text)-len(trimmed))
	}
	return parseJS(text)
}

// execution starts an execution with that input.
func (m *almytyMachine) execution(v *visit, input value) core.WorkItem {
	item := m.item(v.in.IDs.UUID(), v.in.Now)
	item.Input = json.RawMessage(raw(input))
	item.Payload = item.Input
	if text, ok := firstOf(input, truthy, "message", "text", "input"); ok && text.Kind() == jsontext.String {
		item.Title = jsontext.WellFormed(title(text.Text()))
	}
	item = m.runs.start(item, m.plan(item))
	v.out.Work = append(v.out.Work, item)
	return item
}

func (m *almytyMachine) plan(item core.WorkItem) plan {
	l := life{working: "running", done: "completed", failed: "failed", fixed: true,
		total: time.Duration(m.set.Number("run_ms", 1500) * float64(time.Millisecond))}
	if m.script.behaviour == "slow" {
		l.total *= 10
	}
	checked := ""
	if auth := m.set.Text("auth"); auth != "none" && !m.code() {
		checked = auth
	}
	return m.script.plan(l, m.job(item, checked, "The agent has handled the webhook."))
}

// express is res.json().
func express(status int, body []byte) core.Response {
	return reply(status, "application/json; charset=utf-8", body)
}

var almytyCodes = map[int]string{400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT",
	422: "UNPROCESSABLE_ENTITY", 429: "RATE_LIMITED", 500: "INTERNAL_ERROR"}

// almytyError is the envelope of every error: global-exception.filter.ts.
func almytyError(in In, status int, message string) core.Response {
	code, ok := almytyCodes[status]
	if !ok {
		code = "CLIENT_ERROR"
	}
	return express(status, object("error", json.RawMessage(object("code", code, "message", message, "statusCode", status,
		"timestamp", isoMillis(in.Now), "path", in.Request.Path()))))
}
