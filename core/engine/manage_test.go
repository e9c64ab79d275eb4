package engine_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

// webhook makes an endpoint over JoAi's management address.
func (r *rig) webhook(url string) core.Endpoint {
	r.Helper()
	got := r.send("POST", "/api/v1/agents/a/webhooks", nil, fmt.Appendf(nil, `{"name":%q,"url":%q,"trigger":"agent.message"}`, url, url))
	var made struct{ Data struct{ ID string } }
	if err := json.Unmarshal(got.body, &made); err != nil || got.status != http.StatusCreated {
		r.Fatalf("POST: %d %s, %v", got.status, got.body, err)
	}
	all, err := r.Store.Endpoints(r.ctx)
	if err != nil {
		r.Fatal(err)
	}
	for _, ep := range all {
		if ep.WireID == made.Data.ID {
			return ep
		}
	}
	r.Fatalf("%s is not stored", made.Data.ID)
	return core.Endpoint{}
}

// manage changes or deletes it there.
func (r *rig) manage(method string, ep core.Endpoint, body string) {
	r.Helper()
	if got := r.send(method, "/api/v1/agents/a/webhooks/"+ep.WireID, nil, []byte(body)); got.status != http.StatusOK && got.status != http.StatusNoContent {
		r.Fatalf("%s: %d %s", method, got.status, got.body)
	}
}

// TestEndpointSwitchedOffOverItsPlatform: what an endpoint is owed waits from the moment it is switched off over JoAi's
// management address, as it does when the window switches it off, and goes out when it is on again.
func TestEndpointSwitchedOffOverItsPlatform(t *testing.T) {
	t.Parallel()
	r, err := open(t, map[string]any{"hookglass": 1, "sources": []any{map[string]any{"platform": "joai", "name": "joai", "agent_id": "a", "open_management": true}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(receiver.Close)
	ep, other := r.webhook(receiver.URL+"/it"), r.webhook(receiver.URL+"/other")
	owe := func(ep core.Endpoint) core.DeliveryID {
		t.Helper()
		id, err := r.Outbox.EmitTo(r.ctx, ep.ID, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	row := func(id core.DeliveryID) core.Delivery {
		t.Helper()
		d, err := r.Store.Delivery(r.ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	sent := func(id core.DeliveryID) {
		r.until("a delivery", func() bool { return row(id).State == core.Delivered })
	}
	sent(owe(ep)) // it is known to be on

	r.Outbox.PauseAll()
	waits, passes := owe(ep), owe(other)
	r.manage("PATCH", ep, `{"active":false}`)
	r.Outbox.ResumeAll()
	sent(passes)
	if d := row(waits); d.State != core.Waiting || d.Attempts != 0 {
		t.Errorf("switched off, and yet %s after %d attempts", d.State, d.Attempts)
	}
	r.manage("PATCH", ep, `{"active":true}`)
	sent(waits)

	r.Outbox.PauseAll()
	waits = owe(ep)
	r.manage("DELETE", ep, "")
	if d := row(waits); d.State != core.Cancelled || d.Reason != "the endpoint was deleted" {
		t.Errorf("deleted, and yet it is %s, %q", d.State, d.Reason)
	}
	if left, err := r.Store.Endpoints(r.ctx); err != nil || len(left) != 1 || left[0].ID != other.ID {
		t.Errorf("%v: left are %+v", err, left)
	}
	if states, err := r.Store.DeliveryStates(r.ctx, store.DeliveryFilter{Endpoint: ep.ID}); err != nil || states[core.Waiting] != 0 {
		t.Errorf("%v: %v", err, states)
	}
}

// TestWorkspaceTakenInWhileItRuns: what a workspace says of an endpoint holds at once, as if it had been said in the window.
func TestWorkspaceTakenInWhileItRuns(t *testing.T) {
	t.Parallel()
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(receiver.Close)
	endpoint := func(id string, active bool) map[string]any {
		return map[string]any{"id": id, "name": id, "url": receiver.URL, "trigger": id, "active": active}
	}
	file := func(active bool) map[string]any {
		return map[string]any{"hookglass": 1, "endpoints": []any{endpoint("it", active), endpoint("other", true)}}
	}
	r, err := open(t, file(true), nil)
	if err != nil {
		t.Fatal(err)
	}
	take := func(active bool) {
		t.Helper()
		text, _ := json.Marshal(file(active))
		w, err := exchange.ParseWorkspace(text)
		if err == nil {
			err = r.Exchange.Keep(r.ctx, w, "run")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	state := func(id core.DeliveryID) core.DeliveryState {
		t.Helper()
		d, err := r.Store.Delivery(r.ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return d.State
	}
	owe := func(event string) core.DeliveryID {
		t.Helper()
		ids, err := r.Outbox.Emit(r.ctx, event, nil, time.Time{})
		if err != nil || len(ids) != 1 {
			t.Fatalf("%v, %v", ids, err)
		}
		return ids[0]
	}
	sent := func(ids ...core.DeliveryID) {
		r.until("a delivery", func() bool {
			return !slices.ContainsFunc(ids, func(id core.DeliveryID) bool { return state(id) != core.Delivered })
		})
	}
	sent(owe("it"), owe("other")) // both are known to be on

	r.Outbox.PauseAll()
	waits, passes := owe("it"), owe("other")
	take(false)
	r.Outbox.ResumeAll()
	sent(passes)
	if s := state(waits); s != core.Waiting {
		t.Errorf("switched off, and yet %s", s)
	}
	take(true)
	sent(waits)
}
