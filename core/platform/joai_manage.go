package platform

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/jsontext"
)

// joaiMachine is the API under which JoAi's webhooks are managed, as its n8n node calls it.
type joaiMachine struct {
	base
	endpoints []core.Endpoint
}

// address is one of the API's, under the base /api/v1 or without it.
type address struct{ kind, agent, id string }

func joaiAddress(path string) address {
	parts := segments(path)
	if len(parts) > 2 && parts[0] == "api" && parts[1] == "v1" {
		parts = parts[2:]
	}
	switch {
	case shaped(parts, "webhooks", "events"):
		return address{kind: "events"}
	case shaped(parts, "agents", "*", "webhooks"):
		return address{kind: "webhooks", agent: parts[1]}
	case shaped(parts, "agents", "*", "webhooks", "*"):
		return address{kind: "webhook", agent: parts[1], id: parts[3]}
	}
	return address{}
}

func joaiUnknown(in In, _ string) Out {
	out := unmatched("joai", joaiMessage(404, "Not found."), "agent", joaiAddress(in.Request.Path()).agent)
	if in.Request.Method == "HEAD" {
		out.Response.Body, out.Response.Size = nil, 0
	}
	return out
}

func (m *joaiMachine) Match(path string) int {
	a := joaiAddress(path)
	switch agent := m.set.Text("agent_id"); {
	case a.kind == "":
		return 0
	case a.kind == "events" || agent == "":
		return 1
	case a.agent == agent:
		return 2
	}
	return 0
}

func (m *joaiMachine) Receive(in In) Out {
	if in.Endpoints != nil {
		m.endpoints = slices.Clone(in.Endpoints)
	}
	v := m.begin(in)
	return m.end(v, m.receive(v))
}

func (m *joaiMachine) receive(v *visit) Out {
	r, a := v.in.Request, joaiAddress(v.in.Request.Path())
	if token := m.secret("api_token"); len(token) > 0 {
		got, ok := bearer(first(r, "Authorization"))
		ok = ok && subtle.ConstantTimeCompare([]byte(got), token) == 1
		if !v.check("authorization", "Bearer and the API token", maskToken(first(r, "Authorization")), ok) {
			return v.reject(joaiMessage(401, "Unauthenticated."), "the API token is missing or wrong")
		}
	}
	method := r.Method
	if method == "HEAD" {
		method = "GET"
	}
	switch a.kind + " " + method {
	case "events GET":
		return v.accept(joaiData(200, object("events", joaiEventList())), "the events, no webhook")
	case "webhooks GET":
		return m.list(v)
	case "webhooks POST":
		return m.create(v)
	case "webhook GET", "webhook PUT", "webhook PATCH", "webhook DELETE":
		i := slices.IndexFunc(m.endpoints, func(e core.Endpoint) bool { return e.WireID == a.id })
		if !v.check("webhook", "one of the agent's", a.id, i >= 0) {
			return v.reject(joaiMessage(404, "Not found."), "no such webhook")
		}
		return m.one(v, method, i)
	}
	allow := map[string]string{"events": "GET, HEAD", "webhooks": "GET, HEAD, POST", "webhook": "GET, HEAD, PUT, PATCH, DELETE"}[a.kind]
	v.check("method", allow, r.Method, false)
	return v.reject(with(joaiMessage(405, "The "+r.Method+" method is not supported for this route."), "Allow", allow), "the address does not take "+r.Method)
}

func (m *joaiMachine) list(v *visit) Out {
	var all [][]byte
	for i := range m.endpoints {
		all = append(all, joaiWebhook(&m.endpoints[i], ""))
	}
	b := append(append([]byte{'['}, bytes.Join(all, []byte{','})...), ']')
	return v.accept(joaiData(200, b), "the agent's webhooks")
}

func (m *joaiMachine) create(v *visit) Out {
	values, refusal, ok := m.values(v, nil)
	if !ok {
		return refusal
	}
	delete(values, "id") // the platform gives it
	e, refusal, ok := m.endpoint(v, values, core.Target{})
	if !ok {
		return refusal
	}
	e.Created = v.in.Now
	secret := joaiSecret(v.in.IDs)
	m.endpoints = append(m.endpoints, e)
	v.out.PutEndpoints = []core.Endpoint{e}
	v.out.Secrets = map[string]core.Secret{e.WireID: core.Text(secret)}
	return v.accept(joaiData(201, joaiWebhook(&e, secret)), "a webhook was made; its secret is shown this once")
}

// one reads, changes or deletes a webhook.
func (m *joaiMachine) one(v *visit, method string, i int) Out {
	old := m.endpoints[i]
	switch method {
	case "GET":
		return v.accept(joaiData(200, joaiWebhook(&old, "")), "the webhook")
	case "DELETE":
		m.endpoints = slices.Delete(m.endpoints, i, i+1)
		v.out.DropEndpoints = []string{old.WireID}
		return v.accept(reply(204, "", nil), "the webhook was deleted")
	}
	known := joai.EndpointValues(&old)
	delete(known, "backoff") // the API knows no schedule, and an endpoint may have one that no backoff can say
	headers := group(known, "headers")
	values, refusal, ok := m.values(v, known)
	if !ok {
		return refusal
	}
	for name, value := range group(values, "headers") { // what was listed masked, and comes back so, stays
		if value == core.Masked && headers[name] != nil {
			group(values, "headers")[name] = headers[name]
		}
	}
	if values["url"] == core.HideUserinfo(old.Target.URL) {
		values["url"] = old.Target.URL
	}
	e, refusal, ok := m.endpoint(v, values, old.Target)
	if !ok {
		return refusal
	}
	e.Target.Method, e.Target.Policy = old.Target.Method, rescheduled(old.Target.Policy, e.Target.Policy)
	e.ID, e.Created, e.LastTriggered, e.Target.Secret = old.ID, old.Created, old.LastTriggered, old.Target.Secret
	e.Rate, e.Concurrency, e.Paused, e.Delivered, e.Failed = old.Rate, old.Concurrency, old.Paused, old.Delivered, old.Failed
	m.endpoints[i] = e
	v.out.PutEndpoints = []core.Endpoint{e}
	return v.accept(joaiData(200, joaiWebhook(&e, "")), "the webhook was changed")
}

// rescheduled is a webhook's schedule with the retries that the API asks for, the one thing that it can say of it. One
// that has no delays of its own takes JoAi's.
func rescheduled(old, asked core.RetryPolicy) core.RetryPolicy {
	if old.Base == 0 && old.Factor == 0 && len(old.Delays) == 0 {
		return asked
	}
	old.Retries = asked.Retries
	return old
}

// joaiNames are the API's names of the settings.
var joaiNames = map[string]string{"name": "name", "url": "url", "trigger": "trigger", "active": "active", "headers": "headers",
	"description": "description", "verifySsl": "verify_ssl", "timeout": "timeout_seconds", "maxRetries": "max_retries"}

// values lays the body's members over what was there. A member that the API does not know is left alone, as Laravel does.
func (m *joaiMachine) values(v *visit, onto core.Values) (core.Values, Out, bool) {
	r := v.in.Request
	if !v.fits(m.set.Number("body_limit_bytes", 0)) {
		return nil, v.reject(joaiMessage(413, "The POST data is too large."), "the body is larger than the limit"), false
	}
	tree, err := parseJS(jsontext.DecodeWeb(r.Body))
	if v.check("json", "a JSON object", payloadKind(tree, err), err == nil && tree.Kind() == jsontext.Object); err != nil || tree.Kind() != jsontext.Object {
		return nil, v.reject(joaiInvalid("body", "must be a JSON object"), "the body is no JSON object"), false
	}
	if onto == nil {
		onto = core.Values{}
	}
	for key, sent := range tree.Members() {
		k := key.Text()
		name, ok := joaiNames[k]
		if !ok {
			continue
		}
		var member any
		if err := json.Unmarshal(stringify(nil, sent), &member); err != nil {
			return nil, v.reject(joaiInvalid(k, "cannot be read"), "a member cannot be read"), false
		}
		if list, ok := member.([]any); ok && name == "headers" && len(list) == 0 {
			member = map[string]any{} // PHP writes an empty map as []
		}
		onto[name] = member
	}
	return onto, Out{}, true
}

// endpoint makes a webhook of its settings. had is what it sends to already, which nobody has to allow again.
func (m *joaiMachine) endpoint(v *visit, values core.Values, had core.Target) (core.Endpoint, Out, bool) {
	e, err := joai.Endpoint(values, v.in.IDs)
	if e.Target.Outward = had.Outward; err == nil && e.Target.URL != had.URL {
		e.Target.Outward = false
		err = reachable(v.in, m.set, &e.Target)
	}
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		field := invalid.Field
		for api, name := range joaiNames {
			if name == field {
				field = api
			}
		}
		v.check("settings", "within their bounds", invalid.Error(), false)
		return e, v.reject(joaiInvalid(field, invalid.Reason), "a setting is out of its bounds: "+invalid.Error()), false
	}
	v.check("settings", "within their bounds", "all", true)
	return e, Out{}, true
}

// joaiWebhook is a webhook as the API shows it; its secret only when it is made.
func joaiWebhook(e *core.Endpoint, secret string) []byte {
	headers := []byte{'{'}
	for _, f := range core.HideHeader(joaiEndpoints.Custom(e.Target.Header)) {
		if len(headers) > 1 {
			headers = append(headers, ',')
		}
		headers = jsontext.JavaScript.Quote(append(jsontext.JavaScript.Quote(headers, f.Name), ':'), f.Value)
	}
	pairs := []any{"id", e.WireID, "name", e.Name, "url", core.HideUserinfo(e.Target.URL), "trigger", e.Trigger, "active", e.Active,
		"headers", json.RawMessage(append(headers, '}')), "description", e.Description, "verifySsl", !e.Target.SkipTLS,
		"timeout", joai.EndpointValues(e)["timeout_seconds"], "maxRetries", e.Target.Policy.Retries, "lastTriggered", joaiTime(e.LastTriggered), "createdAt", joaiTime(e.Created)}
	if secret != "" {
		pairs = append(pairs, "secret", secret)
	}
	return object(pairs...)
}

func joaiTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

func joaiEventList() json.RawMessage {
	return json.RawMessage(`["` + strings.Join(joaiEvents, `","`) + `"]`)
}

func joaiData(status int, data []byte) core.Response {
	return reply(status, "application/json", object("data", json.RawMessage(data)))
}

func joaiMessage(status int, message string) core.Response {
	return reply(status, "application/json", object("message", message))
}

// joaiInvalid is Laravel's answer to a request that does not validate.
func joaiInvalid(field, reason string) core.Response {
	message := "The " + field + " field " + reason + "."
	list, _ := json.Marshal([]string{message})
	return reply(422, "application/json", object("message", message, "errors", json.RawMessage(object(field, json.RawMessage(list)))))
}
