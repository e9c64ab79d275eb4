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
	nekroDoc     = "Nekro Agent docs, Webhook Access Points (Deprecated)"
	nekroPython  = "the document's handler, executed in CPython 3.11"
	nekroRouter  = "KroMiose/nekro-agent nekro_agent/routers/webhook.py"
	nekroErrors  = "KroMiose/nekro-agent nekro_agent/core/exception_handlers.py"
	nekroBuiltin = "KroMiose/nekro-agent plugins/builtin/github/handlers.py"
)

var nekroSettings = []Setting{
	{Name: "plugin", Label: "Plugin key", Kind: TextKind, Required: true, Help: "author.module, like dev.sample_webhook; the module alone is an alias."},
	{Name: "path", Label: "Endpoint", Kind: TextKind, Help: "As registered, with a slash in front: /github. Empty: the handler's name."},
	{Name: "handler", Label: "Handler", Kind: ChoiceKind, Default: "github", Choices: []string{"github", "resource", "upload_report", "start_job", "echo"},
		Help: "The document's example handlers; echo answers with what it got."},
	{Name: "secret", Label: "GitHub webhook secret", Kind: SecretKind, Help: "The github handler answers 500 without one."},
	{Name: "notification_chat", Label: "NOTIFICATION_CHAT_KEY", Kind: TextKind, Help: "Where push events are told, like onebot_v11-group_123456."},
	{Name: "job_seconds", Label: "Time of a background job (s)", Kind: NumberKind, Default: 10.0, Max: 86_400, Advanced: true},
	bodyLimitSetting(10<<20, "Nekro Agent itself has none."),
	shareSetting,
	agentSetting,
}

// nekro is a plugin's webhook: Python behind FastAPI, so what it answers is what those make of its handlers.
var nekro = Platform{
	Name: "nekro", Title: "Nekro Agent",
	Summary:   "Plugin webhooks: GitHub events, a resource, a file upload and a background job that tells a chat.",
	Inbound:   true,
	StandsFor: "github",
	Settings:  nekroSettings,
	Contract: []Fact{
		{"{BASE}/api/plugin/{author}.{module}/webhook{endpoint}; all methods reach the handler.", nekroDoc},
		{"/github, in this order: no X-Hub-Signature-256 400, no secret 500, wrong signature 403, no JSON 400, else 200.", nekroDoc},
		{"The signature is sha256= and the exact lower-case hex of the HMAC-SHA256 of the raw body.", nekroDoc},
		{"A push is told to NOTIFICATION_CHAT_KEY; other events are only acknowledged.", nekroDoc},
		{"What the handler does not catch is 500 Internal Server Error: a push that is no object, an empty commit message.", nekroPython},
		{"/resource: GET 200, POST 201, DELETE 200, else 405.", nekroDoc},
		{"/upload_report takes multipart/form-data with a text file; a missing field is 422.", nekroDoc},
		{"/start_job answers 202 and tells the chat ten seconds later.", nekroDoc},
		{"An unknown plugin or endpoint answers 404 {\"detail\":\"Not Found\"}.", ourChoice},
	},
	Disputes: []Fact{
		{"The URL stands with author.module in one place and with the bare module in another; the base port is 8080 and 8000.", nekroDoc},
		{"`return {...}, 201` is Flask's way: FastAPI answers 200 with a JSON array. Here the intended status is sent.", nekroDoc},
		{"As shipped the URL is POST /api/webhook/{endpoint}, shared by all plugins, on port 8021.", nekroRouter},
		{"An endpoint with a slash in front, as the document demands, can never match as shipped.", nekroRouter},
		{"\"All HTTP methods\" in the document, POST only as shipped.", nekroRouter},
		{"As shipped the handler's return value is ignored and the counters are always 0.", nekroRouter},
		{"The built-in GitHub plugin looks its signature up in the wrong case: with a secret set every delivery is ignored, and answered 200.", nekroBuiltin},
		{"The feature is deprecated in favour of /plugins/{author}.{module}/… routers.", nekroDoc},
	},
	Shipped: []Fact{
		{"The address is POST /api/webhook/{endpoint}, shared by all plugins; other methods answer 405.", nekroRouter},
		{"What a handler returns is ignored: 200, and counters that are always 0.", nekroRouter},
		{"With a secret set, KroMiose.github ignores every delivery and answers 200.", nekroBuiltin},
		{"Errors stand in the platform's own envelope, in Chinese unless Accept-Language begins with en.", nekroErrors},
	},
	Owns: func(path string) bool {
		return strings.HasPrefix(path, "/api/webhook/") || strings.HasPrefix(path, "/api/plugin/") && strings.Contains(path[len("/api/plugin/"):], "/webhook")
	},
	Unknown: nekroUnknown,
	New: func(cfg Config) (Machine, error) {
		b, err := newBase("nekro", cfg, nekroSettings)
		if err != nil {
			return nil, err
		}
		m := &nekroMachine{base: b}
		if m.plugin = b.set.Text("plugin"); strings.Contains(m.plugin, "/") {
			return nil, &core.Invalid{Field: "plugin", Reason: "want author.module, without a slash"}
		}
		if m.endpoint = nekroEndpoint(b.set, cfg.Profile); !m.code() && !strings.HasPrefix(m.endpoint, "/") {
			return nil, &core.Invalid{Field: "path", Reason: "must start with /"}
		}
		m.over = m.told
		m.resume(m.jobPlan)
		return m, nil
	},
	Suggest: func(IDs) core.Values {
		return core.Values{"plugin": "dev.sample_webhook", "path": "/github", "handler": "github"}
	},
	Path: nekroPath,
	Example: func(cfg Config, _ time.Time) core.Request {
		return nekroExample(cfg)
	},
}

// nekroEndpoint is the endpoint as registered. The built-in plugin registers its own without a slash, whatever is set.
func nekroEndpoint(v core.Values, profile string) string {
	path, handler := v.Text("path"), v.Text("handler")
	if handler == "" {
		handler = "github"
	}
	switch {
	case profile == core.Code && v.Text("plugin") == builtinPlugin:
		return "github"
	case path != "":
		return path
	case profile == core.Code:
		return handler
	}
	return "/" + handler
}

const builtinPlugin = "KroMiose.github"

func nekroPath(v core.Values, profile string) string {
	endpoint := nekroEndpoint(v, profile)
	if profile == core.Code {
		return "/api/webhook/" + strings.TrimPrefix(endpoint, "/")
	}
	return "/api/plugin/" + url.PathEscape(v.Text("plugin")) + "/webhook" + endpoint
}

func nekroExample(cfg Config) core.Request {
	path, key := nekroPath(cfg.Settings, cfg.Profile), cfg.Secrets["secret"].Reveal()
	jsonType := core.Header{{Name: "Content-Type", Value: "application/json"}}
	switch handler := cfg.Settings.Text("handler"); {
	case cfg.Profile != core.Code && handler == "upload_report":
		const form = "--report\r\nContent-Disposition: form-data; name=\"report_file\"; filename=\"report.txt\"\r\nContent-Type: text/plain\r\n\r\nAll is well.\r\n" +
			"--report\r\nContent-Disposition: form-data; name=\"report_name\"\r\n\r\nWeekly\r\n" +
			"--report\r\nContent-Disposition: form-data; name=\"target_chat\"\r\n\r\nonebot_v11-group_123456\r\n--report--\r\n"
		return example(path, core.Header{{Name: "Content-Type", Value: "multipart/form-data; boundary=report"}}, []byte(form))
	case cfg.Profile != core.Code && handler == "start_job":
		return example(path, jsonType, []byte(`{"task_id":"t-1","notify_chat_key":"onebot_v11-group_123456"}`))
	case cfg.Profile != core.Code && (handler == "resource" || handler == "echo"):
		return example(path, jsonType, []byte(`{"name":"thing"}`))
	}
	body := []byte(`{"repository":{"full_name":"octo/repo"},"pusher":{"name":"alice"},"commits":[{"message":"Fix bug"}]}`)
	h := append(jsonType, core.Field{Name: "X-GitHub-Event", Value: "push"})
	if len(key) > 0 {
		h = append(h, core.Field{Name: "X-Hub-Signature-256", Value: "sha256=" + hmacHex(key, body)})
	}
	return example(path, h, body)
}

// nekroUnknown answers what no plugin registered.
func nekroUnknown(in In, profile string) Out {
	r := in.Request
	answer := nekroDetail(404, "Not Found")
	if profile == core.Code {
		answer = nekroHTTPError(404, "Not Found")
		if parts := segments(r.Path()); shaped(parts, "api", "webhook", "*") && !strings.HasSuffix(r.Path(), "/") {
			answer = nekroHTTPError(405, "Method Not Allowed")
			if r.Method == "POST" {
				answer = nekroAppError(r, 404, "NotFoundError", "Webhook 处理器不存在", "Webhook 处理器 not found")
			}
		}
		answer = with(answer, "X-Process-Time", "0.42ms")
	}
	if r.Method == "HEAD" {
		answer.Body, answer.Size = nil, 0
	}
	return unmatched("nekro", answer, "endpoint", r.Path())
}

type nekroMachine struct {
	base
	plugin, endpoint string
	resources        []json.RawMessage // what POST /resource made
}

func (m *nekroMachine) Match(path string) int {
	if m.code() {
		parts := segments(path)
		if shaped(parts, "api", "webhook", "*") && !strings.HasSuffix(path, "/") && parts[2] == m.endpoint {
			return 2
		}
		return 0
	}
	rest, ok := strings.CutPrefix(path, "/api/plugin/")
	if !ok {
		return 0
	}
	plugin, rest, _ := strings.Cut(rest, "/")
	endpoint, ok := strings.CutPrefix("/"+rest, "/webhook")
	if d, err := url.PathUnescape(plugin); err == nil {
		plugin = d
	}
	if d, err := url.PathUnescape(endpoint); err == nil {
		endpoint = d
	}
	if !ok || endpoint != m.endpoint {
		return 0
	}
	switch _, module, _ := strings.Cut(m.plugin, "."); plugin {
	case m.plugin:
		return 2
	case module:
		return 1 // the document's decorator section writes the address without the author
	}
	return 0
}

func (m *nekroMachine) Receive(in In) Out {
	v := m.begin(in)
	return m.end(v, m.receive(v))
}

func (m *nekroMachine) receive(v *visit) Out {
	v.check("endpoint", m.plugin+" "+m.endpoint, v.in.Request.Path(), true)
	if m.code() {
		return m.shipped(v)
	}
	if !v.fits(m.set.Number("body_limit_bytes", 0)) {
		return v.reject(nekroDetail(413, "Request Entity Too Large"), "the body is larger than the source's limit")
	}
	switch m.set.Text("handler") {
	case "resource":
		return m.resource(v)
	case "upload_report":
		return m.upload(v)
	case "start_job":
		return m.startJob(v)
	case "echo":
		return m.echo(v)
	}
	return m.github(v)
}

// crash is what FastAPI sends for an exception that nothing catches.
func (v *visit) crash(check, got, reason string) Out {
	v.check(check, "no exception", got, false)
	return v.reject(reply(500, "text/plain; charset=utf-8", []byte("Internal Server Error")), "uncaught exception: "+reason)
}

// nekroDetail is HTTPException.
func nekroDetail(status int, detail string) core.Response {
	return reply(status, "application/json", object("detail", detail))
}

// handled is a work item of a handler that is done when it answers.
func (m *nekroMachine) handled(v *visit, title string, payload any, notes ...core.Notification) {
	now := v.in.Now
	item := m.item(v.in.IDs.UUID(), now)
	item.Title, item.Payload, item.Input, item.Notes = jsontext.WellFormed(title), payload, payload, notes
	steps := []core.Step{
		{Name: "received", Started: now, Took: time.Millisecond},
		{Name: "handled", Detail: m.set.Text("handler"), Started: now.Add(time.Millisecond), Took: 2 * time.Millisecond},
	}
	for _, n := range notes {
		steps = append(steps, core.Step{Name: "delivered", Detail: n.Chat, Started: now.Add(3 * time.Millisecond), Took: 4 * time.Millisecond})
	}
	v.out.Work = append(v.out.Work, m.done(item, "completed", steps...))
}
