package platform

import (
	"crypto/subtle"
	"encoding/json"
	"math"
	"time"

	"hookglass/core"
	"hookglass/core/jsontext"
)

// manage answers the addresses of the API: the agent, its executions, one execution.
func (m *almytyMachine) manage(v *visit, parts []string) Out {
	r := v.in.Request
	method := r.Method
	if method == "HEAD" {
		method = "GET"
	}
	poll := len(parts) == 4
	switch {
	case len(parts) == 2 && (method == "GET" || method == "PATCH"):
	case len(parts) > 2 && method == "GET" && !(poll && m.code()):
	default:
		v.check("route", "a route of the API", r.Method+" "+r.Path(), false)
		return v.reject(almytyError(v.in, 404, "Cannot "+r.Method+" "+r.Path()), "no such route")
	}
	if token := m.secret("api_token"); len(token) > 0 {
		got, ok := bearer(first(r, "Authorization"))
		ok = ok && subtle.ConstantTimeCompare([]byte(got), token) == 1
		if !v.check("authorization", "Bearer and the API token", maskToken(first(r, "Authorization")), ok) {
			return v.reject(almytyError(v.in, 401, "Unauthorized"), "the API token is missing or wrong")
		}
	}
	switch {
	case method == "PATCH":
		return m.patch(v)
	case poll:
		return m.poll(v, parts[3])
	case len(parts) == 3:
		return m.list(v)
	}
	return v.accept(express(200, object("success", true, "data", json.RawMessage(m.agent()))), "the agent, no execution")
}

func (m *almytyMachine) agent() []byte {
	id := m.set.Text("id")
	return object("id", id, "name", m.set.Text("agent_name"), "webhookEnabled", m.isEnabled(),
		"webhookUrl", "https://api.almyty.com/agents/"+id+"/webhook")
}

// patch changes the agent; webhookEnabled is the one member that it knows.
func (m *almytyMachine) patch(v *visit) Out {
	change, err := expressJSON(v.in.Request.Body)
	if err != nil {
		v.check("json", "a JSON object", err.Error(), false)
		return v.reject(almytyError(v.in, 400, err.Error()), "the body is not JSON")
	}
	if on, ok := change.Get("webhookEnabled"); ok {
		if !v.check("webhookEnabled", "true or false", payloadKind(on, nil), on.Kind() == jsontext.Bool) {
			return v.reject(almytyError(v.in, 400, "webhookEnabled must be a boolean value"), "webhookEnabled is no boolean")
		}
		enabled := on.Text() == "true"
		m.enabled = &enabled
		v.out.Set = core.Values{"enabled": enabled}
	}
	return v.accept(express(200, object("success", true, "data", json.RawMessage(m.agent()))), "the agent's settings, no execution")
}

func (m *almytyMachine) poll(v *visit, id string) Out {
	r, ok := m.runs.find(id)
	if !v.check("execution", "one of this agent's", id, ok) {
		return v.reject(almytyError(v.in, 404, "Execution not found"), "no such execution, or it is too old to be remembered")
	}
	return v.accept(express(200, object("success", true, "data", json.RawMessage(m.entity(&r.item)))), "how an execution stands")
}

func (m *almytyMachine) list(v *visit) Out {
	b := []byte{'['}
	add := func(item *core.WorkItem) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(b, m.entity(item)...)
	}
	for _, r := range m.runs.open {
		add(&r.item)
	}
	for i := len(m.runs.done) - 1; i >= 0 && i >= len(m.runs.done)-100; i-- {
		add(&m.runs.byID[m.runs.done[i]].item)
	}
	return v.accept(express(200, object("success", true, "data", json.RawMessage(append(b, ']')))), "the agent's executions")
}

// entity is an execution as the API shows it.
func (m *almytyMachine) entity(item *core.WorkItem) []byte {
	updated := item.Created
	if n := len(item.States); n > 0 {
		updated = item.States[n-1].At
	}
	took, failure := almytyTook(item), almytyFailure(item)
	var output, nodes any
	if item.Final {
		output, nodes = item.Output, json.RawMessage("{}")
	}
	return object("id", item.ID, "agentId", m.set.Text("id"), "status", item.State, "input", item.Input, "output", output,
		"nodeResults", nodes, "executionTime", took, "totalCost", money(item.Cost), "totalTokens", tokens(item), "error", failure,
		"metadata", json.RawMessage(`{"triggerType":"webhook"}`), "createdAt", isoMillis(item.Created), "updatedAt", isoMillis(updated))
}

func almytyTook(item *core.WorkItem) any {
	if !item.Final || len(item.States) == 0 {
		return nil
	}
	return item.States[len(item.States)-1].At.Sub(item.Created).Milliseconds()
}

func almytyFailure(item *core.WorkItem) any {
	if item.Failed {
		for i := len(item.Steps) - 1; i >= 0; i-- {
			if item.Steps[i].Error != "" {
				return item.Steps[i].Error
			}
		}
	}
	return nil
}

// tokens goes with the cost: about a million for three dollars.
func tokens(item *core.WorkItem) int { return int(item.Cost * 1e6 / 3) }

func money(usd float64) float64 { return math.Round(usd*1e6) / 1e6 }

// isoMillis is Date.prototype.toISOString.
func isoMillis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
