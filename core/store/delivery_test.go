package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// attempted begins an attempt, and ends it where end is not nil.
func attempted(t *testing.T, s *store.Store, id core.DeliveryID, number int, end *core.Attempt, to core.DeliveryState) {
	t.Helper()
	must(t, s.StartAttempt(t.Context(), core.Attempt{Delivery: id, Number: number, Started: noon}))
	if end == nil {
		return
	}
	d := must1(s.Delivery(t.Context(), id))(t)
	end.Delivery, end.Number, end.Started = id, number, noon
	d.State, d.Attempts = to, number
	must(t, s.FinishAttempt(t.Context(), *end, d))
}

// TestStatesAfterACrash: a program ends while deliveries are in every state. The next one makes those wait again that were
// being sent, due at once, and leaves the others alone.
func TestStatesAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	ep := core.Endpoint{Platform: "custom", WireID: "w", Name: "n", Active: true, Created: noon}
	must(t, s.PutEndpoint(&ep))
	due := noon.Add(time.Hour)
	d := core.Delivery{Endpoint: ep.ID, Target: core.Target{URL: "http://x"}, Created: noon, Due: due}
	ids := owe(t, s, d, d, d, d, d)
	attempted(t, s, ids[1], 1, nil, "")
	attempted(t, s, ids[2], 1, &core.Attempt{Failure: "timeout"}, core.Waiting)
	attempted(t, s, ids[2], 2, nil, "")
	attempted(t, s, ids[3], 1, &core.Attempt{Response: &core.Response{Status: 500}}, core.Exhausted)
	attempted(t, s, ids[4], 1, &core.Attempt{Response: &core.Response{Status: 204}}, core.Delivered)
	must(t, s.Close())

	s = must1(store.Open(t.Context(), path))(t)
	defer s.Close()
	if states := must1(s.DeliveryStates(t.Context(), store.DeliveryFilter{}))(t); states[core.Sending] != 2 {
		t.Errorf("before it recovers: %v", states) // nobody decided yet
	}
	now := noon.Add(time.Minute)
	if n, err := s.Interrupted(t.Context(), now); n != 2 || err != nil {
		t.Errorf("interrupted %d, %v", n, err)
	}
	for i, want := range []struct {
		state    core.DeliveryState
		due      time.Time
		attempts string
	}{
		{core.Waiting, due, ""},
		{core.Waiting, now, "1 interrupted"},
		{core.Waiting, now, "1 timeout, 2 interrupted"},
		{core.Exhausted, due, "1 500"},
		{core.Delivered, due, "1 204"},
	} {
		d := must1(s.Delivery(t.Context(), ids[i]))(t)
		var as []string
		for _, a := range must1(s.Attempts(t.Context(), ids[i]))(t) {
			how := string(a.Failure)
			if a.Response != nil {
				how = fmt.Sprint(a.Response.Status)
			}
			if a.Failure == "interrupted" && !strings.Contains(a.Detail, "may have got this attempt") {
				t.Errorf("number %d: it is not said what that means: %q", i, a.Detail)
			}
			as = append(as, fmt.Sprint(a.Number, " ", how))
		}
		if d.State != want.state || !d.Due.Equal(want.due) || strings.Join(as, ", ") != want.attempts {
			t.Errorf("number %d: %s, due %v, %q; want %+v", i, d.State, d.Due, as, want)
		}
	}
	if n, err := s.Interrupted(t.Context(), now.Add(time.Hour)); n != 0 || err != nil {
		t.Errorf("a second time: %d, %v", n, err)
	}
	if ep = must1(s.Endpoint(t.Context(), ep.ID))(t); ep.Delivered != 1 || ep.Failed != 1 {
		t.Errorf("delivered %d, failed %d", ep.Delivered, ep.Failed)
	}
}

func TestAttemptsOutOfOrderAreRefused(t *testing.T) {
	s := open(t)
	ids := owe(t, s, core.Delivery{Created: noon, Due: noon}, core.Delivery{Created: noon, Due: noon, State: core.Cancelled})
	d := must1(s.Delivery(t.Context(), ids[0]))(t)
	d.State = core.Delivered
	if err := s.FinishAttempt(t.Context(), core.Attempt{Delivery: ids[0], Number: 1}, d); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("end of one that was never begun: %v", err)
	}
	for _, id := range []core.DeliveryID{ids[1], 99} {
		if err := s.StartAttempt(t.Context(), core.Attempt{Delivery: id, Number: 1}); !errors.Is(err, core.ErrConflict) {
			t.Errorf("begin of %d, which does not wait: %v", id, err)
		}
	}
	attempted(t, s, ids[0], 1, nil, "")
	as := must1(s.Attempts(t.Context(), ids[0]))(t)
	if len(as) != 1 || as[0].Response != nil || as[0].Failure != "" {
		t.Errorf("under way: %+v", as)
	}
	if d := must1(s.Delivery(t.Context(), ids[0]))(t); d.State != core.Sending || d.Attempts != 1 {
		t.Errorf("%s, %d attempts", d.State, d.Attempts)
	}
}

func TestDeliveryIsChangedInOneTransaction(t *testing.T) {
	s := open(t)
	id := owe(t, s, core.Delivery{Created: noon, Due: noon, Target: core.Target{URL: "http://x"}, Request: core.Request{Body: []byte("a"), Head: []byte("h")}})[0]
	const n = 8
	atOnce(t, n, func(int) error {
		return s.SetDelivery(t.Context(), id, func(d *core.Delivery) error { d.Attempts++; d.Request.Body = append(d.Request.Body, 'b'); return nil })
	})
	if d := must1(s.Delivery(t.Context(), id))(t); d.Attempts != n || string(d.Request.Body) != "abbbbbbbb" || string(d.Request.Head) != "h" {
		t.Errorf("%d attempts, %s, %s", d.Attempts, d.Request.Body, d.Request.Head)
	}
	err := s.SetDelivery(t.Context(), id, func(d *core.Delivery) error { d.State = core.Cancelled; return errUnwanted })
	if d := must1(s.Delivery(t.Context(), id))(t); !errors.Is(err, errUnwanted) || d.State != core.Waiting {
		t.Errorf("refused: %v, and it is %s", err, d.State)
	}
	if err := s.SetDelivery(t.Context(), 99, func(*core.Delivery) error { t.Error("asked of none"); return nil }); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("of none: %v", err)
	}
}

func TestDeliveriesAreFilteredAndPaged(t *testing.T) {
	s := open(t)
	at := func(url string, change func(*core.Delivery)) core.Delivery {
		d := core.Delivery{Created: noon, Due: noon, Target: core.Target{URL: url}}
		if change != nil {
			change(&d)
		}
		return d
	}
	owe(t, s,
		at("http://a/100%", func(d *core.Delivery) { d.Batch = "replay-1" }),
		at("http://a/1000", func(d *core.Delivery) { d.Batch, d.State = "replay-1", core.Exhausted }),
		at("http://b/", func(d *core.Delivery) { d.ReplayOf, d.Event.Type = 7, "agent.message" }),
		at("http://b/", func(d *core.Delivery) { d.Work, d.Endpoint = "w1", 3 }),
		at("http://b/", nil))
	for _, tt := range []struct {
		f    store.DeliveryFilter
		want string
	}{
		{store.DeliveryFilter{}, "5 4 3 2 1"},
		{store.DeliveryFilter{State: core.Exhausted}, "2"},
		{store.DeliveryFilter{Batch: "replay-1"}, "2 1"},
		{store.DeliveryFilter{Batch: "replay-1", State: core.Waiting}, "1"},
		{store.DeliveryFilter{ReplayOf: 7}, "3"},
		{store.DeliveryFilter{Work: "w1"}, "4"},
		{store.DeliveryFilter{Endpoint: 3}, "4"},
		{store.DeliveryFilter{Text: "100%"}, "1"}, // itself, not any run
		{store.DeliveryFilter{Text: "message"}, "3"},
		{store.DeliveryFilter{Text: "//b", Endpoint: 9}, ""},
	} {
		for size := 1; size < 7; size++ {
			var got []core.DeliveryID
			for before := core.DeliveryID(0); ; {
				rows := must1(s.Deliveries(t.Context(), tt.f, before, size))(t)
				for _, r := range rows {
					got = append(got, r.ID)
				}
				if len(rows) < size {
					break
				}
				before = rows[len(rows)-1].ID
			}
			if words(got) != tt.want {
				t.Errorf("%+v in pages of %d: %v, want %s", tt.f, size, got, tt.want)
			}
		}
		states := must1(s.DeliveryStates(t.Context(), tt.f))(t)
		if n := int(states[core.Waiting] + states[core.Exhausted]); n != len(strings.Fields(tt.want)) {
			t.Errorf("%+v: counted %v, want %s", tt.f, states, tt.want)
		}
	}
}

func TestOpenDeliveriesStopCounting(t *testing.T) {
	s := open(t)
	d := core.Delivery{Created: noon, Due: noon}
	id := owe(t, s, d, d, core.Delivery{Created: noon, Due: noon, State: core.Delivered})[0]
	attempted(t, s, id, 1, nil, "")
	if n, err := s.OpenDeliveries(t.Context()); n != 2 || err != nil {
		t.Errorf("one sent, one waiting: %d, %v", n, err)
	}
	owe(t, s, make([]core.Delivery, store.MostCounted+5)...)
	if n, err := s.OpenDeliveries(t.Context()); n != store.MostCounted || err != nil {
		t.Errorf("of many: %d, %v; want %d", n, err, store.MostCounted)
	}
}

func TestWaitingStopsWhereItIsTold(t *testing.T) {
	s := open(t)
	owe(t, s, core.Delivery{Due: noon.Add(time.Hour)}, core.Delivery{Due: noon}, core.Delivery{Due: noon, State: core.Cancelled}, core.Delivery{Due: noon})
	var got []core.DeliveryID
	err := s.Waiting(t.Context(), 0, func(id core.DeliveryID, _ core.EndpointID, _ string, _ time.Time) error {
		if got = append(got, id); len(got) == 2 {
			return errUnwanted
		}
		return nil
	})
	if !errors.Is(err, errUnwanted) || words(got) != "2 4" {
		t.Errorf("%v, %v; want the earliest due first, and an end at the second", got, err)
	}
}

func TestEndpointsAreChangedAndDeleted(t *testing.T) {
	s := open(t)
	ep := core.Endpoint{Platform: "custom", WireID: "a", Name: "a", Created: noon}
	must(t, s.PutEndpoint(&ep))
	other := core.Endpoint{Platform: "joai", WireID: "a", Name: "same id, another platform", Created: noon}
	must(t, s.PutEndpoint(&other))
	const n = 8
	atOnce(t, n, func(int) error { return s.ChangeEndpoint(ep.ID, func(e *core.Endpoint) { e.Concurrency++ }) })
	if ep = must1(s.Endpoint(t.Context(), ep.ID))(t); ep.Concurrency != n {
		t.Errorf("%d of %d changes are kept", ep.Concurrency, n)
	}
	taken := other
	taken.Platform = "custom"
	if err := s.PutEndpoint(&taken); !errors.Is(err, core.ErrConflict) || !strings.Contains(err.Error(), `id "a"`) {
		t.Errorf("an id that is taken: %v", err)
	}
	for _, err := range []error{s.PutEndpoint(&core.Endpoint{ID: 99, WireID: "z"}), s.ChangeEndpoint(99, func(*core.Endpoint) {})} {
		if !errors.Is(err, core.ErrNotFound) {
			t.Errorf("one that is not there: %v", err)
		}
	}
	ids := owe(t, s, core.Delivery{Endpoint: ep.ID}, core.Delivery{Endpoint: ep.ID}, core.Delivery{Endpoint: ep.ID, State: core.Delivered}, core.Delivery{Endpoint: other.ID})
	attempted(t, s, ids[1], 1, nil, "")
	must(t, s.DeleteEndpoint(ep.ID))
	for i, want := range []core.DeliveryState{core.Cancelled, core.Sending, core.Delivered, core.Waiting} {
		if d := must1(s.Delivery(t.Context(), ids[i]))(t); d.State != want {
			t.Errorf("delivery %d is %s, want %s", i, d.State, want)
		}
	}
	if all := must1(s.Endpoints(t.Context()))(t); len(all) != 1 || all[0].ID != other.ID {
		t.Errorf("left are %+v", all)
	}
}
