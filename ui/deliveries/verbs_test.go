package deliveries

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/part"
	"hookglass/ui/stage"
)

func stateOf(s *stage.Stage, id core.DeliveryID) core.DeliveryState {
	s.T.Helper()
	d, err := s.E.Store.Delivery(context.Background(), id)
	if err != nil {
		s.T.Fatal(err)
	}
	return d.State
}

// What is asked about all that match is done to those that match, and to no other.
func TestBulkVerbsActOnWhatMatches(t *testing.T) {
	s := stage.New(t)
	ids := s.Owe(6, func(i int, d *core.Delivery) { d.Event.Type = []string{"paid", "refunded"}[i%2] })
	s.Tried(ids[0], 500, "", core.Exhausted)
	s.Tried(ids[1], 500, "", core.Exhausted)
	o := outboxOf(s)
	o.filter.Set("paid")
	o.filter.OnSubmit("paid")
	s.Settle()
	o.bulk.OnTap()
	s.Pick("Cancel 2 deliveries that wait")
	s.Says("Cancel 2 deliveries?")
	s.Tap(s.W.Layers, "Cancel 2 deliveries")
	for i, want := range []core.DeliveryState{core.Exhausted, core.Exhausted, core.Cancelled, core.Waiting, core.Cancelled, core.Waiting} {
		if got := stateOf(s, ids[i]); got != want {
			t.Errorf("delivery %d is %s, want %s", i, got, want)
		}
	}
	s.Says("2 deliveries cancelled")
	o.bulk.OnTap()
	s.Pick("Resend 1 delivery that gave up")
	s.Tap(s.W.Layers, "Resend 1 delivery")
	if a, b := stateOf(s, ids[0]), stateOf(s, ids[1]); a != core.Waiting || b != core.Exhausted {
		t.Errorf("resent: %s, and one that does not match: %s", a, b)
	}
	s.Says("1 delivery due now")
}

// A filter by state leaves nothing to do for the verb that is about other states.
func TestBulkVerbsOfAState(t *testing.T) {
	s := stage.New(t)
	ids := s.Owe(3, nil)
	s.Tried(ids[0], 500, "", core.Exhausted)
	o := outboxOf(s)
	for _, c := range []struct {
		state        core.DeliveryState
		wait, gaveUp bool // can be cancelled; be resent
	}{{"", true, true}, {core.Waiting, true, false}, {core.Sending, true, false}, {core.Exhausted, false, true}, {core.Delivered, false, false}} {
		o.narrow(store.DeliveryFilter{State: c.state})
		s.Settle()
		items := o.bulkItems()
		if items[0].Off == c.wait || items[1].Off == c.gaveUp {
			t.Errorf("of %q: %q can be done %v, %q %v", c.state, items[0].Label, !items[0].Off, items[1].Label, !items[1].Off)
		}
	}
	o.bulk.OnTap()
	s.Pick("Pause all deliveries")
	if !s.E.Outbox.Paused() || o.bulkItems()[2].Label != "Resume all deliveries" {
		t.Error("the menu does not pause, or does not offer to resume")
	}
}

func TestTheMenuOfADelivery(t *testing.T) {
	s := stage.New(t)
	ep := core.Endpoint{Name: "Shop", Active: true, Target: core.Target{URL: "http://127.0.0.1:1/shop"}}
	if err := s.E.Endpoints.Put(s.W.Ctx, &ep); err != nil {
		t.Fatal(err)
	}
	ids := s.Owe(3, func(i int, d *core.Delivery) {
		if i == 0 {
			d.ReplayOf, d.Batch, d.Endpoint = 7, "replay-1", ep.ID
		}
	})
	s.Tried(ids[1], 200, "", core.Delivered)
	o := outboxOf(s)
	menu := func(id core.DeliveryID, label string) {
		t.Helper()
		o.menu(slices.IndexFunc(o.rows, func(d part.ShownDelivery) bool { return d.ID == id }), fyne.NewPos(50, 50))
		s.Pick(label)
	}
	menu(ids[0], "Open capture 7")
	menu(ids[0], "Edit and send")
	menu(ids[1], "Edit and send")
	if want := []string{"capture 7", "compose http://127.0.0.1:1/hook/0", "compose http://127.0.0.1:1/hook/1"}; !slices.Equal(s.Went, want) {
		t.Errorf("it leads to %q, want %q", s.Went, want)
	}
	menu(ids[1], "Copy as cURL")
	if got := s.W.App.Clipboard().Content(); !strings.Contains(got, "http://127.0.0.1:1/hook/1") || !strings.Contains(got, "X-Sent: yes") {
		t.Errorf("copied %q: not what was sent", got)
	}
	menu(ids[1], "Cancel") // is off: nothing happens
	s.W.Layers.Back()
	menu(ids[2], "Cancel")
	menu(ids[1], "Resend now")
	if a, b := stateOf(s, ids[1]), stateOf(s, ids[2]); a != core.Waiting || b != core.Cancelled {
		t.Errorf("resent is %s, cancelled is %s", a, b)
	}
	menu(ids[0], "Only its batch")
	if len(o.rows) != 1 || o.f.Batch != "replay-1" {
		t.Errorf("its batch: %d rows of %+v", len(o.rows), o.f)
	}
	menu(ids[0], "Only its endpoint")
	if o.f != (store.DeliveryFilter{Endpoint: ep.ID}) {
		t.Errorf("its endpoint: %+v", o.f)
	}
	s.Says("To Shop")
	menu(ids[0], "Open its endpoint")
	if p := stage.On(s, New); p.on != showEndpoints || p.endpoints.chosen != ep.ID {
		t.Errorf("section %d, endpoint %d", p.on, p.endpoints.chosen)
	}
}

func TestTheListIsNarrowedByWhatExists(t *testing.T) {
	s := stage.New(t)
	ep := core.Endpoint{Name: "Shop", Active: true, Target: core.Target{URL: "http://127.0.0.1:1/shop"}}
	if err := s.E.Endpoints.Put(s.W.Ctx, &ep); err != nil {
		t.Fatal(err)
	}
	s.Owe(4, func(i int, d *core.Delivery) {
		d.Endpoint = []core.EndpointID{ep.ID, 0, 0, 0}[i]
		d.Batch = []string{"", "forward:agent", "replay-1", "replay-1"}[i]
	})
	o := outboxOf(s)
	for _, c := range []struct {
		label string
		rows  int
	}{{"To Shop", 1}, {"Forwarded by agent", 1}, {"Replay of 2 deliveries to 127.0.0.1:1/hook/2", 2}, {"Everything", 4}} {
		for _, item := range o.scopes() {
			if item.Label == c.label {
				item.Do()
			}
		}
		s.Settle()
		marked := slices.IndexFunc(o.scopes(), func(item control.MenuItem) bool { return item.On })
		if got := o.scopes()[marked].Label; got != c.label {
			t.Errorf("%q is marked, want %q", got, c.label)
		}
		if len(o.rows) != c.rows {
			t.Errorf("%q: %d rows, want %d; there are %v", c.label, len(o.rows), c.rows, labels(o))
		}
	}
}

func labels(o *outbox) (out []string) {
	for _, item := range o.scopes() {
		out = append(out, item.Label)
	}
	return out
}

func TestKeysOfADelivery(t *testing.T) {
	s := stage.New(t)
	id := s.Owe(1, nil)[0]
	s.Tried(id, 500, "", core.Waiting)
	s.Tried(id, 503, "", core.Waiting)
	p := stage.On(s, New)
	o := p.Outbox
	s.Settle()
	if p.Key('r') || p.Key('e') {
		t.Error("with nothing chosen, keys act on something")
	}
	o.choose(id)
	s.Settle()
	if p.Key('z') {
		t.Error("z means something")
	}
	p.Key('e')
	p.Key('c')
	if !slices.Equal(s.Went, []string{"compose http://127.0.0.1:1/hook/0"}) || !strings.Contains(s.W.App.Clipboard().Content(), "curl") {
		t.Errorf("e leads to %q, c copies %q", s.Went, s.W.App.Clipboard().Content())
	}
	o.detail.pick(0)
	s.Settle()
	p.Key('d')
	s.Says("Attempt 1 is marked")
	o.detail.pick(1)
	s.Settle()
	p.Key('d')
	s.Settle()
	s.Says("Compare attempt 1 with attempt 2")
	s.W.Layers.Back()
	items := o.detail.comparable()
	if len(items) != 1 || items[0].Label != "Compare with attempt 1" {
		t.Errorf("beside attempt 2 it can be compared with %v", items)
	}
	p.Key('/')
	if !o.filter.Focused() {
		t.Error("/ does not lead to the filter")
	}
	p.turn(showEndpoints)
	p.Find()
	if p.on != showDeliveries || !o.filter.Focused() {
		t.Error("Ctrl+F does not lead to the filter of the deliveries")
	}
}

func TestADeliveryThatEndedIsNotCancelled(t *testing.T) {
	s := stage.New(t)
	id := s.Owe(1, nil)[0]
	s.Tried(id, 200, "", core.Delivered)
	o := outboxOf(s)
	o.choose(id)
	s.Settle()
	o.key('x')
	s.Settle()
	s.Says("Nothing to cancel: it is delivered")
	if got := stateOf(s, id); got != core.Delivered {
		t.Errorf("it is %s", got)
	}
}

// What a delivery comes from and goes to is a link.
func TestLinksOfADelivery(t *testing.T) {
	s := stage.New(t)
	ep := core.Endpoint{Name: "Shop", Active: true, Target: core.Target{URL: "http://127.0.0.1:1/shop"}}
	if err := s.E.Endpoints.Put(s.W.Ctx, &ep); err != nil {
		t.Fatal(err)
	}
	ids := s.Owe(2, func(i int, d *core.Delivery) {
		d.ReplayOf, d.Work, d.Endpoint, d.Batch, d.Event.ID = 3, "wi_1", ep.ID, "replay-9", "evt_5"
		d.Target.Raw = true
	})
	o := outboxOf(s)
	o.choose(ids[0])
	s.Settle()
	side := o.detail.view()
	s.Has(side, "event evt_5", "the very bytes")
	s.Tap(side, "Capture 3")
	s.Tap(side, "Work wi_1")
	s.Tap(side, "Copy the URL")
	if !slices.Equal(s.Went, []string{"capture 3", "work wi_1"}) || s.W.App.Clipboard().Content() != "http://127.0.0.1:1/hook/0" {
		t.Errorf("it leads to %q and copies %q", s.Went, s.W.App.Clipboard().Content())
	}
	s.Tap(side, "Batch")
	if o.f.Batch != "replay-9" || o.chosen != 0 {
		t.Errorf("its batch: %+v, %d chosen", o.f, o.chosen)
	}
	o.choose(ids[1])
	s.Settle()
	s.Tap(o.detail.view(), "Shop")
	if p := stage.On(s, New); p.on != showEndpoints || p.endpoints.chosen != ep.ID {
		t.Errorf("section %d, endpoint %d", p.on, p.endpoints.chosen)
	}
}

func TestWhereADeliveryStands(t *testing.T) {
	s := stage.New(t)
	id := s.Owe(1, nil)[0]
	o := outboxOf(s)
	o.choose(id)
	s.Settle()
	now := time.Now()
	for name, c := range map[string]struct {
		change func(d *core.Delivery)
		want   string
	}{
		"an hour to go": {func(d *core.Delivery) { d.Due = now.Add(time.Hour) }, "in 1 h"},
		"under way":     {func(d *core.Delivery) { d.State = core.Sending }, "Sending…"},
	} {
		t.Run(name, func(t *testing.T) {
			whole := *o.detail.whole
			defer func() { *o.detail.whole = whole }()
			c.change(&o.detail.whole.delivery)
			o.detail.count(now)
			if got := strings.ToLower(o.detail.next.Text()); !strings.Contains(got, strings.ToLower(c.want)) {
				t.Errorf("it says %q, want %q", got, c.want)
			}
		})
	}
	stage.On(s, New).pause()
	o.detail.count(now)
	if got := o.detail.next.Text(); got != "Paused" {
		t.Errorf("held back, it says %q", got)
	}
	if got := eye.Words(o.detail.view()); !strings.Contains(got, "Waiting") {
		t.Errorf("it does not say that it waits: %s", got)
	}
}

// What a secret of an environment goes out with is edited as it was written: with the secret's name, where it may stand.
func TestEditKeepsTheNamesOfSecrets(t *testing.T) {
	s := stage.New(t)
	sent := []core.Attempt{{Request: core.Request{Method: "POST", Target: "/hook"}}}
	for _, filled := range []bool{true, false} {
		edit(s.W, &core.Delivery{Target: core.Target{URL: "http://a.test/{{env.token}}", Method: "POST", Filled: filled, Hidden: map[string]core.SecretRef{"token": "env:T"}}}, sent)
	}
	edit(s.W, &core.Delivery{Target: core.Target{URL: "http://a.test/"}}, sent)
	if want := []string{"recompose http://a.test/{{env.token}}, whole: true", "recompose http://a.test/{{env.token}}, whole: false", "compose http://a.test/"}; !slices.Equal(s.Went, want) {
		t.Errorf("it leads to %q, want %q", s.Went, want)
	}
}
