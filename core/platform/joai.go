package platform

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/jsontext"
)

const (
	joaiDoc  = "JoAi docs, Webhooks"
	joaiNode = "JoAiHQ/n8n-nodes nodes/Joai/JoaiTrigger.node.ts"
	joaiAPI  = "JoAiHQ/docs api.md"
)

// joaiEvents are the events that a JoAi webhook can subscribe to.
var joaiEvents = []string{"agent.action", "agent.message", "user.message"}

var joaiSettings = managed([]Setting{
	{Name: "agent_id", Label: "Agent ID", Kind: TextKind, Help: "The agent whose webhooks are managed here. Empty: any."},
	{Name: "api_token", Label: "API token", Kind: SecretKind, Help: "Asked for as Authorization: Bearer. Empty: one is made at each start; the source's curl line has it."},
	bodyLimitSetting(1<<20, "The document names none."),
	shareSetting,
	agentSetting,
})

// joaiEndpoints declares JoAi's webhooks.
var joaiEndpoints = &Endpoints{
	Settings: joaiEndpointSettings,
	Scheme:   "joai",
	Policy: core.RetryPolicy{
		Name: "joai", Source: `JoAi, Webhooks: "automatically retries with exponential backoff", 3 by default, 10 at most; base and factor are not published: our choice 1 s doubled, at most 60 s`,
		Retries: 3, Base: time.Second, Factor: 2, Max: time.Minute,
	},
	Header: core.Header{{Name: "Content-Type", Value: "application/json"}},
	Own:    []string{"X-Webhook-Signature"},
	Check:  joaiURL,
	Secret: joaiSecret,
	Body:   joaiBody,
	Sample: joaiSample,
}

var joaiEndpointSettings = []Setting{
	{Name: "id", Label: "Webhook ID", Kind: TextKind, Help: "Empty: one is made."},
	{Name: "name", Label: "Name", Kind: TextKind, Default: "My Webhook"},
	{Name: "description", Label: "Description", Kind: TextKind, Default: ""},
	{Name: "url", Label: "URL", Kind: TextKind, Required: true, Help: "JoAi demands HTTPS; plain http is taken here for this machine only."},
	{Name: "trigger", Label: "Trigger", Kind: ChoiceKind, Default: "agent.message", Choices: joaiEvents, Help: "JoAi sends these three."},
	{Name: "active", Label: "Active", Kind: BoolKind, Default: true},
	{Name: "headers", Label: "Custom headers", Kind: ObjectKind, Help: "Spelled as given. The signature and Content-Type cannot be replaced."},
	{Name: "verify_ssl", Label: "SSL verification", Kind: BoolKind, Default: true},
	{Name: "timeout_seconds", Label: "Timeout (s)", Kind: NumberKind, Default: 30.0, Min: 1, Max: 300},
	{Name: "max_retries", Label: "Max retries", Kind: NumberKind, Default: 3.0, Min: 0, Max: 10, Whole: true},
	{Name: "secret", Label: "Secret", Kind: SecretKind, Help: "Shown once when made: whsec_ and 32 characters."},
	{Name: "serializer", Label: "Serializer", Kind: ChoiceKind, Default: "json", Choices: []string{"json", "php"}, Advanced: true,
		Help: "php: \\/ and \\u00e9 as PHP's json_encode writes them, which the documented verifier does not accept."},
	{Name: "backoff", Label: "Backoff", Kind: ObjectKind, Advanced: true, Help: "JoAi says exponential and no more.", Fields: []Setting{
		{Name: "base_s", Label: "First delay (s)", Kind: NumberKind, Default: 1.0, Max: 86_400},
		{Name: "factor", Label: "Factor", Kind: NumberKind, Default: 2.0, Min: 1, Max: 100},
		{Name: "max_s", Label: "Longest delay (s)", Kind: NumberKind, Default: 60.0, Max: 1_000_000, Help: "0 means no cap."},
		{Name: "jitter", Label: "Jitter", Kind: NumberKind, Default: 0.0, Max: 1, Help: "Plus or minus this share of the delay."},
	}},
	{Name: "ca_file", Label: "CA file", Kind: TextKind, Advanced: true},
	{Name: "allow_local_http", Label: "Allow plain http on this machine", Kind: BoolKind, Default: true, Advanced: true, Once: true,
		Help: "Off: https alone, as the real platform demands."},
}

// joai sends what an agent does to its webhooks; as a source it is the API that manages them.
var joai = Platform{
	Name: "joai", Title: "JoAi",
	Summary:   "Sends agent and user messages and agent actions, signed; its API makes, lists and deletes the webhooks.",
	Inbound:   true,
	Outbound:  true,
	Endpoints: joaiEndpoints,
	Settings:  joaiSettings,
	Management: &Management{
		Owns:  func(path string) bool { return joaiAddress(path).kind != "" },
		Token: "api_token",
		Refuse: func(_ In, status int, message string) core.Response {
			if status == 401 {
				message = "Unauthenticated."
			}
			return joaiMessage(status, message)
		},
	},
	Contract: []Fact{
		{"POST with Content-Type: application/json and X-Webhook-Signature: 64 lower-case hex, HMAC-SHA256, no prefix.", joaiDoc},
		{"The body is event, webhook {id, name}, timestamp, data, in compact JSON that equals JSON.stringify(JSON.parse(body)).", joaiDoc},
		{"The events are agent.action, agent.message and user.message; a webhook subscribes to one.", "JoAiHQ/n8n-nodes nodes/Joai/GenericFunctions.ts"},
		{"The URL must be HTTPS; timeout 30 s, at most 300; 3 retries, at most 10.", joaiDoc},
		{"Any 2xx within the timeout is a success; all else is retried, 4xx too.", joaiDoc},
		{"The backoff is 1 s × 2ⁿ⁻¹, at most 60 s; a retry sends the same bytes. Redirects are not followed, Retry-After is ignored.", ourChoice},
		{"POST, GET and DELETE {base}/agents/{agent}/webhooks manage them; GET {base}/webhooks/events lists the events.", joaiNode},
	},
	Disputes: []Fact{
		{"\"All webhooks include\" webhook {id, name}, and no example of an event shows it.", joaiDoc},
		{"room is a text in agent.action and agent.message, an object in user.message.", joaiDoc},
		{"HTTPS only, so that work on this machine needs a tunnel there.", joaiDoc},
		{"The documented verifier signs JSON.stringify(req.body), not the bytes: 1.0 becomes 1, {\"2\":1,\"1\":2} becomes {\"1\":2,\"2\":1}.", joaiDoc},
		{"It throws, and so answers 500 instead of 401, where the header is missing or not 64 characters long.", "Node 20, executed"},
		{"JoAi's own n8n node compares X-JoAi-Secret-Token and does not verify the signature.", joaiNode},
		{"\"Select which events\" hints at several, \"Trigger – event type\" at one.", joaiDoc},
		{"Its header name is also Nitejar's, over the raw bytes, and almyty's, with sha256= before it.", joaiDoc},
	},
	Owns:    func(path string) bool { return joaiAddress(path).kind != "" },
	Unknown: joaiUnknown,
	New: func(cfg Config) (Machine, error) {
		b, err := newBase("joai", cfg, joaiSettings)
		if err != nil {
			return nil, err
		}
		return &joaiMachine{base: b, endpoints: slices.Clone(cfg.Endpoints)}, nil
	},
	Suggest: func(ids IDs) core.Values { return core.Values{"agent_id": ids.UUID()} },
	Path:    joaiPath,
	Example: func(cfg Config, _ time.Time) core.Request {
		h := core.Header{{Name: "Content-Type", Value: "application/json"}}
		if token := cfg.Secrets["api_token"].Reveal(); len(token) > 0 {
			h = append(h, core.Field{Name: "Authorization", Value: "Bearer " + string(token)})
		}
		return example(joaiPath(cfg.Settings, cfg.Profile), h, []byte(`{"name":"My Webhook","url":"http://127.0.0.1:3000/webhooks","trigger":"agent.message","active":true}`))
	},
}

func joaiPath(v core.Values, _ string) string {
	agent := v.Text("agent_id")
	if agent == "" {
		agent = "07f3169e-e7f0-4394-8e7b-5446e8e1fcb6"
	}
	return "/api/v1/agents/" + url.PathEscape(agent) + "/webhooks"
}

// joaiSecret makes the secret of a new webhook.
func joaiSecret(ids IDs) string {
	return "whsec_" + ids.Text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32)
}

// joaiBody is what a webhook is sent about an event: the very bytes that JSON.stringify would write, because the
// documented verifier signs those.
func joaiBody(e core.Endpoint, event string, data json.RawMessage, at time.Time) ([]byte, error) {
	if len(data) == 0 {
		data = json.RawMessage("{}")
	}
	tree, err := parseJS(jsontext.DecodeWeb(data))
	if err != nil {
		return nil, fmt.Errorf("read the data of %s: %w: correct the JSON", event, err)
	}
	d := jsontext.JavaScript
	if e.Settings.Text("serializer") == "php" {
		d = jsontext.PHP(0)
	}
	b := d.Quote([]byte(`{"event":`), jsontext.WellFormed(event))
	b = d.Quote(append(b, `,"webhook":{"id":`...), jsontext.WellFormed(e.WireID))
	b = d.Quote(append(b, `,"name":`...), jsontext.WellFormed(e.Name))
	b = d.Quote(append(b, `},"timestamp":`...), at.UTC().Format("2006-01-02T15:04:05.000000Z"))
	if b = d.Append(append(b, `,"data":`...), tree); b == nil {
		return nil, fmt.Errorf("write the data of %s: json_encode refuses numbers beyond 1.8e308 and lone surrogates: correct the JSON, or choose another serializer", event)
	}
	return append(b, '}'), nil
}

// joaiSample is the document's example of an event's data; nil for an event that JoAi does not know.
func joaiSample(event string) json.RawMessage {
	const agent = `"agent":{"id":"agent-uuid","name":"My Agent"}`
	switch event {
	case "agent.action":
		return json.RawMessage(`{` + agent + `,"room":"room-hashid","action":"WARP_EXECUTE","content":"{\"identifier\":\"action-id\",\"inputs\":{}}"}`)
	case "agent.message":
		return json.RawMessage(`{` + agent + `,"room":"room-hashid","content":"Hello, this is a message from the agent"}`)
	case "user.message":
		return json.RawMessage(`{` + agent + `,"user":{"id":"user-hashid","name":"John Doe"},"room":{"id":"room-hashid","name":"Room Name"},"content":"Hello, this is a message from the user"}`)
	}
	return nil
}

// joaiURL takes https, and plain http for a host that is this machine where that is allowed.
func joaiURL(v core.Values) error {
	local := v.Bool("allow_local_http", true)
	u, err := url.Parse(v.Text("url"))
	if err != nil || u.Host == "" {
		return &core.Invalid{Field: "url", Reason: "want a full address, like https://example.com/webhooks"}
	}
	switch scheme := strings.ToLower(u.Scheme); {
	case scheme == "https", scheme == "http" && local && loopback(u.Hostname()):
		return nil
	case scheme == "http" && local:
		return &core.Invalid{Field: "url", Reason: "must be HTTPS; plain http is taken for a loopback host only"}
	}
	return &core.Invalid{Field: "url", Reason: "must be HTTPS"}
}

func loopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
