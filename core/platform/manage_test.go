package platform_test

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/platform"
)

// managedAt are requests to management addresses, one at least of each platform that has any.
var managedAt = map[string][][2]string{
	"joai":   {{"GET", "/api/v1/agents/ag/webhooks"}, {"POST", "/agents/ag/webhooks"}, {"GET", "/webhooks/events"}, {"DELETE", "/api/v1/agents/ag/webhooks/x"}},
	"almyty": {{"PATCH", "/agents/a"}, {"GET", "/agents/a"}, {"GET", "/agents/a/executions"}},
}

func TestManagementIsRefused(t *testing.T) {
	token := core.Text("made")
	for _, p := range platform.Receivers() {
		if p.Management == nil {
			continue
		}
		if len(managedAt[p.Name]) == 0 {
			t.Errorf("%s is managed, and no request here says how", p.Name)
		}
		for _, at := range managedAt[p.Name] {
			for _, row := range []struct {
				name, via, host string
				header          core.Header
				set             core.Values
				made            core.Secret
				status          int // 0: it passes
			}{
				{"no token", "", "127.0.0.1:4600", nil, nil, token, 401},
				{"wrong token", "", "127.0.0.1:4600", core.Header{{Name: "Authorization", Value: "Bearer nope"}}, nil, token, 401},
				{"the token", "", "127.0.0.1:4600", core.Header{{Name: "authorization", Value: "Bearer made"}}, nil, token, 0},
				{"a token of the user's, which the machine checks", "", "127.0.0.1:4600", nil, nil, core.Secret{}, 0},
				{"through a tunnel", "ngrok", "x.ngrok.app", core.Header{{Name: "Authorization", Value: "Bearer made"}}, nil, token, 404},
				{"through a tunnel that may", "ngrok", "x.ngrok.app", core.Header{{Name: "Authorization", Value: "Bearer made"}}, core.Values{"manage_through_tunnel": true}, token, 0},
				{"through a tunnel that may, no token", "ngrok", "x.ngrok.app", nil, core.Values{"manage_through_tunnel": true}, token, 401},
				{"another site's page", "", "127.0.0.1:4600", core.Header{{Name: "Origin", Value: "https://evil.test"}, {Name: "Authorization", Value: "Bearer made"}}, nil, token, 403},
				{"a page of nowhere", "", "127.0.0.1:4600", core.Header{{Name: "Origin", Value: "null"}}, core.Values{"open_management": true}, core.Secret{}, 403},
				{"a rebound name", "", "evil.test:4600", core.Header{{Name: "Origin", Value: "http://evil.test:4600"}}, core.Values{"open_management": true}, core.Secret{}, 403},
				{"a rebound name without an origin", "", "evil.test:4600", nil, core.Values{"open_management": true}, core.Secret{}, 403},
				{"open", "", "localhost:4600", nil, core.Values{"open_management": true}, core.Secret{}, 0},
			} {
				r := &core.Request{Method: at[0], Target: at[1] + "?a=1", Host: row.host, Header: row.header}
				out, refused := p.Management.Refusal(platform.In{Now: start, Request: r, Via: row.via}, row.set, row.made)
				if refused != (row.status != 0) || out.Response.Status != row.status {
					t.Errorf("%s %s %s, %s: refused %v with %d, want %d", p.Name, at[0], at[1], row.name, refused, out.Response.Status, row.status)
				}
				if refused && (out.Receipt.Outcome != core.Rejected || out.Receipt.Reason == "" || strings.Contains(string(out.Response.Body), "made")) {
					t.Errorf("%s, %s: %+v %s", p.Name, row.name, out.Receipt, out.Response.Body)
				}
			}
		}
		hook := &core.Request{Method: "POST", Target: "/agents/a/webhook", Host: "x.ngrok.app"}
		if _, refused := p.Management.Refusal(platform.In{Now: start, Request: hook, Via: "ngrok"}, nil, token); refused {
			t.Errorf("%s: an address that is called from outside counts as management", p.Name)
		}
	}
}

// TestManagedTargets: where a webhook made over the API may send to.
func TestManagedTargets(t *testing.T) {
	for _, row := range []struct {
		via, url string
		inward   bool
		status   int
	}{
		{"", "https://example.com/hook", false, 201}, {"", "http://127.0.0.1:9000/hook", false, 201}, {"", "https://localhost/hook", false, 201},
		{"", "https://169.254.169.254/latest", false, 422}, {"", "https://10.0.0.1/", false, 422}, {"", "https://[fe80::1]/", false, 422}, {"", "https://2130706433/", false, 422},
		{"", "https://10.0.0.1/", true, 201},
		{"ngrok", "http://127.0.0.1:9000/hook", false, 422}, {"ngrok", "https://example.com/hook", false, 201}, {"ngrok", "http://127.0.0.1:9000/hook", true, 201},
	} {
		h := newHost(t, "joai", platform.Config{Settings: core.Values{"agent_id": "ag", "inward_targets": row.inward}})
		out := h.m.Receive(platform.In{Now: start, Via: row.via, IDs: h.ids, Request: &core.Request{Method: "POST", Target: "/agents/ag/webhooks", Body: []byte(`{"name":"n","url":"` + row.url + `","trigger":"agent.message"}`)}})
		if out.Response.Status != row.status {
			t.Errorf("%q %s, allowed %v: %d %s", row.via, row.url, row.inward, out.Response.Status, out.Response.Body)
		}
		if row.status != 201 {
			continue
		}
		here := row.via == "" && !strings.Contains(row.url, "example")
		if made := out.PutEndpoints[0]; made.Target.Outward != (!row.inward && !here) {
			t.Errorf("%q %s, allowed %v: to be judged when it is called: %v", row.via, row.url, row.inward, made.Target.Outward)
		}
	}
}

// TestManagedTargetStaysJudged: a webhook that is changed without its address is judged as before, one with another address anew.
func TestManagedTargetStaysJudged(t *testing.T) {
	for _, row := range []struct {
		had  bool
		body string
		now  bool
	}{
		{true, `{"name":"other"}`, true}, {false, `{"name":"other"}`, false}, // made by hand
		{false, `{"url":"https://b.example/"}`, true}, {true, `{"url":"http://127.0.0.1:1/"}`, false},
	} {
		e := core.Endpoint{Platform: "joai", WireID: "w", Name: "n", Trigger: "agent.message", Active: true, Target: core.Target{URL: "https://a.example/", Outward: row.had}}
		h := newHost(t, "joai", platform.Config{Settings: core.Values{"agent_id": "ag"}, Endpoints: []core.Endpoint{e}})
		out := h.receive(start, &core.Request{Method: "PATCH", Target: "/agents/ag/webhooks/w", Body: []byte(row.body)})
		if len(out.PutEndpoints) != 1 || out.PutEndpoints[0].Target.Outward != row.now {
			t.Errorf("%+v: %d %s, %+v", row, out.Response.Status, out.Response.Body, out.PutEndpoints)
		}
	}
}

// TestListedWebhooksHideCredentials: they are listed masked, and what comes back masked stays what it was.
func TestListedWebhooksHideCredentials(t *testing.T) {
	e := core.Endpoint{Platform: "joai", WireID: "w", Name: "Orders", Trigger: "agent.message", Active: true, Target: core.Target{URL: "https://user:pa55@a.test/", Header: core.Header{
		{Name: "Authorization", Value: "Bearer s3cret"}, {Name: "X-Plain", Value: "seen"}}}}
	h := newHost(t, "joai", platform.Config{Settings: core.Values{"agent_id": "ag"}, Endpoints: []core.Endpoint{e}})
	ask := func(method, target, body string) platform.Out {
		return h.receive(start, &core.Request{Method: method, Target: target, Body: []byte(body)})
	}
	for _, target := range []string{"/agents/ag/webhooks", "/agents/ag/webhooks/w"} {
		if body := string(ask("GET", target, "").Response.Body); strings.Contains(body, "s3cret") || strings.Contains(body, "pa55") || !strings.Contains(body, "seen") {
			t.Errorf("GET %s: %s", target, body)
		}
	}
	out := ask("PUT", "/agents/ag/webhooks/w", `{"name":"New","url":"https://`+core.Masked+`@a.test/","headers":{"Authorization":"`+core.Masked+`","X-Plain":"changed"}}`)
	if out.Response.Status != 200 || len(out.PutEndpoints) != 1 {
		t.Fatalf("%d %s", out.Response.Status, out.Response.Body)
	}
	if got := out.PutEndpoints[0].Target; got.URL != e.Target.URL || got.Header.Get("Authorization") != "Bearer s3cret" || got.Header.Get("X-Plain") != "changed" {
		t.Errorf("%+v", got)
	}
}
