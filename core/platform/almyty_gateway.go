package platform

import (
	"crypto/subtle"
	"encoding/json"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/jsontext"
)

const almytyAdapter = "almyty-inc/almyty backend/src/modules/gateways/channels/adapters/webhook.adapter.ts"

// gateway is what almyty really ships for inbound webhooks: POST /{org}/{slug} on a gateway of type webhook.
func (m *almytyMachine) gateway(v *visit) Out {
	r := v.in.Request
	if !v.fits(m.set.Number("body_limit_bytes", 0)) {
		return v.reject(almytyError(v.in, 500, "Internal server error"), "the body is larger than Express takes, which ends as a 500 there")
	}
	// Express has parsed the body before the gateway sees the request.
	payload, err := m.gatewayBody(r)
	if r.Method == "POST" && err != nil {
		v.check("json", "a JSON object or array", err.Error(), false)
		if isParseError(r, err) {
			return v.reject(express(200, []byte(`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error: invalid JSON"}}`)),
				"broken JSON is answered as a JSON-RPC error, with status 200")
		}
		return v.reject(almytyError(v.in, 400, err.Error()), "broken JSON whose message the filter does not recognise")
	}
	if !v.check("method", "POST", r.Method, r.Method == "POST") {
		return v.reject(almytyError(v.in, 405, "Channel gateways only accept platform webhook POSTs"), "only POST is taken")
	}
	if refusal, ok := m.gatewaySigned(v); !ok {
		return refusal
	}
	m.message(v, payload)
	return v.accept(express(200, []byte(`{"ok":true}`)), "")
}

// gatewayBody is the body as Express leaves it: what is no JSON is an empty object.
func (m *almytyMachine) gatewayBody(r *core.Request) (value, error) {
	if mediaType(first(r, "Content-Type")) != "application/json" || len(r.Body) == 0 {
		return parseJS("{}")
	}
	return expressJSON(r.Body)
}

// isParseError is how the filter tells broken JSON: by the words of the message (global-exception.filter.ts).
func isParseError(r *core.Request, err error) bool {
	if !strings.Contains(first(r, "Content-Type"), "application/json") {
		return false
	}
	for _, words := range []string{"JSON at position", "Unexpected token", "Expected"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// gatewaySigned checks the bare hex over the raw body. The comparison throws where the lengths differ.
func (m *almytyMachine) gatewaySigned(v *visit) (Out, bool) {
	key, r := m.secret("secret"), v.in.Request
	if len(key) == 0 {
		v.check("signature", "not looked at: no secret is set", joined(r, "X-Webhook-Signature"), true)
		return Out{}, true
	}
	want, got := hmacHex(key, r.Body), joined(r, "X-Webhook-Signature")
	d := bodyVerdict("nitejar", "X-Webhook-Signature", want, got, key, r.Body, subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1)
	d.Scheme = "almyty"
	d.Notes = append(d.Notes, "As shipped the gateway wants bare hex, where the document shows sha256=.")
	odd := got != "" && len(got) != len(want)
	if odd {
		d.State = core.Malformed
		d.Notes = append(d.Notes, "timingSafeEqual throws on a value of another length, hence the 500.")
	}
	switch ok := v.checkVerdict(d, "bare hex HMAC-SHA256 of the body"); {
	case ok:
		return Out{}, true
	case odd:
		return v.reject(almytyError(v.in, 500, "Internal server error"), "the signature's length is not 64: the comparison throws"), false
	}
	return v.reject(almytyError(v.in, 401, "Webhook signature verification failed"), "the signature is missing or does not match"), false
}

// message makes the execution of a gateway's message: text, or message, or input, or all of it.
func (m *almytyMachine) message(v *visit, payload value) {
	text := string(stringify(nil, payload))
	if t, ok := firstOf(payload, truthy, "text", "message", "input"); ok {
		text = jsString(t)
	}
	pairs := []any{"text", text, "userId", stringTruthy(payload, "webhook", "userId")}
	if thread, ok := firstOf(payload, truthy, "threadId", "requestId"); ok {
		pairs = append(pairs, "threadId", thread)
	}
	pairs = append(pairs, "metadata", json.RawMessage(object("source", "webhook", "raw", payload)))

	item := m.item(v.in.IDs.UUID(), v.in.Now)
	item.Input = jsontext.WellFormed(text)
	item.Title = jsontext.WellFormed(title(text))
	item.Payload = json.RawMessage(object(pairs...))
	v.out.Work = append(v.out.Work, m.runs.start(item, m.plan(item)))
}

func stringTruthy(v value, fallback string, keys ...string) string {
	if m, ok := firstOf(v, truthy, keys...); ok {
		return jsString(m)
	}
	return fallback
}

// completed posts a finished run to the completion URL, as shipped: unsigned, once, also after a failure.
func (m *almytyMachine) completed(item *core.WorkItem, out *Out) {
	to := m.set.Text("webhook_url")
	if to == "" || !m.code() {
		return
	}
	out.Send = append(out.Send, Send{
		Target: core.Target{URL: to, Timeout: 5 * time.Second, Policy: core.RetryPolicy{Name: "almyty", Source: almytyOut}},
		Event:  core.Event{Type: "agent.execution.completed", ID: item.ID},
		Body:   m.completion(item),
		Header: core.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "User-Agent", Value: "almyty-webhook/1.0"}},
		Work:   item.ID,
	})
}

func (m *almytyMachine) completion(item *core.WorkItem) []byte {
	const mostOutput, mostError = 100 << 10, 1 << 10
	output, failure := item.Output, almytyFailure(item)
	if text, ok := output.(string); ok {
		output = jsontext.UTF16Head(text, mostOutput)
	}
	if text, ok := failure.(string); ok {
		failure = jsontext.UTF16Head(text, mostError)
	}
	at := item.States[len(item.States)-1].At
	return object("event", "agent.execution.completed", "timestamp", isoMillis(at),
		"agent", json.RawMessage(object("id", m.set.Text("id"), "name", m.set.Text("agent_name"))),
		"execution", json.RawMessage(object("id", item.ID, "status", item.State, "output", output, "executionTime", almytyTook(item),
			"totalCost", money(item.Cost), "totalTokens", tokens(item), "error", failure)))
}
