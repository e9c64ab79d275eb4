package deliveries

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// endpointsOf puts endpoints of names into the list, all with one address, and shows it.
func endpointsOf(s *stage.Stage, names ...string) (*endpoints, []core.Endpoint) {
	s.T.Helper()
	for _, name := range names {
		ep := core.Endpoint{Name: name, Active: true, Target: core.Target{URL: "http://127.0.0.1:1/hook"}}
		if err := s.E.Endpoints.Put(s.W.Ctx, &ep); err != nil {
			s.T.Fatal(err)
		}
	}
	p := onDeliveries(s)
	p.turn(showEndpoints)
	s.Settle()
	return p.endpoints, p.endpoints.rows
}

func stored(s *stage.Stage, id core.EndpointID) core.Endpoint {
	s.T.Helper()
	ep, err := s.E.Store.Endpoint(s.W.Ctx, id)
	if err != nil {
		s.T.Fatal(err)
	}
	return ep
}

// switches are those of the rows, from top to bottom.
func switches(o fyne.CanvasObject) (out []*control.Switch) {
	for _, row := range eye.All[*endpointRow](o) {
		out = append(out, row.active)
	}
	return out
}

// Two endpoints may have one name and one address: the switch is that of its row.
func TestTheSwitchIsThatOfItsRow(t *testing.T) {
	s := stage.New(t)
	e, rows := endpointsOf(s, "Twin", "Twin", "Other")
	switches(e.list)[1].Tapped(nil)
	s.Settle()
	for i, want := range []bool{true, false, true} {
		if got := stored(s, rows[i].ID).Active; got != want {
			t.Errorf("endpoint %d is active: %v, want %v", i, got, want)
		}
	}
	s.Settle()
	switches(e.list)[1].Tapped(nil)
	s.Settle()
	if !stored(s, rows[1].ID).Active {
		t.Error("it is not switched on again")
	}
}

func TestTheMenuOfAnEndpoint(t *testing.T) {
	s := stage.New(t)
	e, rows := endpointsOf(s, "Shop", "Bank")
	pick := func(row int, label string) {
		t.Helper()
		e.menu(row, fyne.NewPos(40, 40))
		s.Pick(label)
	}
	pick(0, "Pause")
	if !stored(s, rows[0].ID).Paused {
		t.Error("it is not paused")
	}
	s.Has(e.list, "paused · every event")
	pick(0, "Resume")
	if stored(s, rows[0].ID).Paused {
		t.Error("it stays paused")
	}
	pick(1, "Its deliveries")
	if o := e.page.Outbox; e.page.on != showDeliveries || o.f != (store.DeliveryFilter{Endpoint: rows[1].ID}) {
		t.Errorf("section %d, filter %+v", e.page.on, o.f)
	}
	e.page.openEndpoint(rows[1].ID)
	s.Settle()
	pick(1, "Delete")
	s.Says("Delete Bank?", "its secret is forgotten")
	s.W.Layers.Back()
	if len(e.rows) != 2 {
		t.Fatal("it is deleted before the answer")
	}
	pick(1, "Delete")
	s.Tap(s.W.Layers, "Delete endpoint")
	if len(e.rows) != 1 || e.rows[0].Name != "Shop" || e.chosen != 0 {
		t.Errorf("%d endpoints, %d chosen", len(e.rows), e.chosen)
	}
	s.Lacks(e.side, "Bank")
}

func TestATestEventIsCheckedAndSent(t *testing.T) {
	s := stage.New(t)
	e, rows := endpointsOf(s, "Shop")
	e.menu(0, fyne.NewPos(40, 40))
	s.Pick("Send a test event…")
	fields := eye.All[*control.Field](s.W.Layers)
	event, data := fields[len(fields)-2], fields[len(fields)-1]
	if event.Text() != "test.event" {
		t.Errorf("it offers to send %q", event.Text())
	}
	data.Set(`{"a":`)
	s.Tap(s.W.Layers, "Send")
	if data.Problem() == "" || len(s.DeliveriesIn(store.DeliveryFilter{})) != 0 {
		t.Errorf("JSON that ends too early: %q, %d deliveries", data.Problem(), len(s.DeliveriesIn(store.DeliveryFilter{})))
	}
	data.Set(`{"a":1}`)
	event.Set("order.paid")
	s.Tap(s.W.Layers, "Send")
	sent := s.DeliveriesIn(store.DeliveryFilter{})
	if len(sent) != 1 || sent[0].Endpoint != rows[0].ID || sent[0].Event.Type != "order.paid" || s.W.Layers.Covered() {
		t.Fatalf("sent %+v, still asked: %v", sent, s.W.Layers.Covered())
	}
	s.Says("order.paid is on its way to Shop")
	s.Tap(s.W.Layers, "Show")
	if e.page.on != showDeliveries || e.page.Outbox.chosen != sent[0].ID {
		t.Errorf("it shows section %d, delivery %d", e.page.on, e.page.Outbox.chosen)
	}
}

// What was typed is not lost by looking at another endpoint.
func TestChangesAreNotGivenUpUnasked(t *testing.T) {
	s := stage.New(t)
	e, rows := endpointsOf(s, "Shop", "Bank")
	e.choose(rows[0].ID)
	s.Settle()
	if e.key('z') {
		t.Error("z means something")
	}
	stage.FieldOf(t, e.form.form, "name").Set("Shop 2")
	e.list.Select(1)
	e.list.OnSelect(1)
	s.Says("The settings of Shop 2 were changed and not saved")
	s.W.Layers.Back()
	s.Settle()
	if e.chosen != rows[0].ID || stage.FieldOf(t, e.form.form, "name").Text() != "Shop 2" {
		t.Errorf("without an answer, endpoint %d with %q is shown", e.chosen, stage.FieldOf(t, e.form.form, "name").Text())
	}
	e.key('n')
	s.Tap(s.W.Layers, "Give up changes")
	if e.chosen != 0 || e.form.ep.ID != 0 || e.form.dirty {
		t.Errorf("a new one: endpoint %d chosen, dirty %v", e.chosen, e.form.dirty)
	}
	if got := stored(s, rows[0].ID).Name; got != "Shop" {
		t.Errorf("what was given up is stored: %q", got)
	}
}

func TestButtonsOfAnEndpoint(t *testing.T) {
	s := stage.New(t)
	e, rows := endpointsOf(s, "Shop")
	e.choose(rows[0].ID)
	s.Settle()
	s.Tap(e.side, "Pause")
	if !stored(s, rows[0].ID).Paused {
		t.Error("it is not paused")
	}
	s.Tap(e.side, "Resume")
	s.Tap(e.side, "Send a test event")
	s.Says("Send a test event to Shop")
	s.Tap(s.W.Layers, "Cancel")
	stage.FieldOf(t, e.form.form, "url").Set("ftp://h/")
	s.Tap(e.side, "Save")
	if got := stage.FieldOf(t, e.form.form, "url").Problem(); got == "" || stored(s, rows[0].ID).Target.URL != "http://127.0.0.1:1/hook" {
		t.Errorf("an address that cannot be sent to: %q", got)
	}
	e.form.headers.Set("no colon")
	stage.FieldOf(t, e.form.form, "url").Set("http://127.0.0.1:2/hook")
	s.Tap(e.side, "Save")
	if e.form.headers.Problem() == "" {
		t.Error("a line that is no header is taken")
	}
	e.form.headers.Set("X-Team: a")
	s.Tap(e.side, "Save")
	if got := stored(s, rows[0].ID).Target; got.URL != "http://127.0.0.1:2/hook" || got.Header.Get("X-Team") != "a" {
		t.Errorf("saved %+v", got)
	}
	s.Tap(e.side, "Its deliveries")
	if e.page.on != showDeliveries || e.page.Outbox.f.Endpoint != rows[0].ID {
		t.Errorf("its deliveries: section %d, %+v", e.page.on, e.page.Outbox.f)
	}
}

func TestHowAnEndpointFares(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for want, ep := range map[string]core.Endpoint{
		"every event · nothing sent yet · never triggered":          {},
		"paid · 75 % delivered · last triggered 2h ago":             {Trigger: "paid", Delivered: 3, Failed: 1, LastTriggered: now.Add(-2 * time.Hour)},
		"paused · every event · 0 % delivered · triggered just now": {Paused: true, Failed: 2, LastTriggered: now},
		"every event · 100 % delivered · last triggered 3m ago":     {Delivered: 1, LastTriggered: now.Add(-3 * time.Minute)},
	} {
		if got := strings.Join(strings.Fields(endpointMeta(&ep, now)), " "); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
