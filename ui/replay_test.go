package ui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// dialog opens the replay dialog for the newest capture of the inbox, all that it lists beside it.
func (s *stage) dialog(last lastReplay) *replayDialog {
	s.t.Helper()
	s.settle()
	p := s.ui.inbox
	d := newReplayDialog(s.w, []core.CaptureID{p.shown.id(0)}, slices.Clone(p.shown.ids), p.filterText() != "", last, nil)
	d.open()
	return d
}

func (s *stage) deliveriesIn(f store.DeliveryFilter) []store.DeliveryRow {
	s.t.Helper()
	rows, err := s.e.Store.Deliveries(context.Background(), f, 0, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	return rows
}

func TestReplayDialogNamesTheFieldThatIsWrong(t *testing.T) {
	s := newStage(t)
	s.arrive(2, nil)
	d := s.dialog(lastReplay{})
	for _, c := range []struct {
		name string
		edit func()
		at   func() string
		want string
	}{
		{"no address", func() {}, func() string { return d.to.Problem() }, "Is empty; want an address"},
		{"no scheme", func() { d.to.Set("127.0.0.1:3000") }, func() string { return d.to.Problem() }, "is not an address"},
		{"rate", func() { d.to.Set("http://127.0.0.1:1/"); d.rate.Set("fast") }, func() string { return d.rate.Problem() }, "Want a number"},
		{"copies", func() { d.rate.Set(""); d.copies.Set("1001") }, func() string { return d.copies.Problem() }, "Want a number from 0 to 1000"},
		{"spacing", func() { d.copies.Set("1"); d.spacing.Set("soon") }, func() string { return d.spacing.Problem() }, "is no time"},
		{"timeout", func() { d.spacing.Set(""); d.timeout.Set("301") }, func() string { return d.timeout.Problem() }, "Want a number from 1 to 300"},
		{"retries", func() { d.timeout.Set("30"); d.policy.retries.Set("-1") }, func() string { return d.policy.retries.Problem() }, "Want a whole number"},
	} {
		c.edit()
		d.start()
		s.settle()
		if got := c.at(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if rows := s.deliveriesIn(store.DeliveryFilter{}); len(rows) != 0 {
		t.Errorf("%d deliveries were made of forms that are wrong", len(rows))
	}
}

func TestReplayOfManyOpensItsBatch(t *testing.T) {
	s := newStage(t)
	s.arrive(3, nil)
	d := s.dialog(lastReplay{})
	d.to.Set("http://127.0.0.1:1/hook")
	d.scope.Select(1)
	d.copies.Set("1")
	d.rate.Set("1")
	d.start()
	s.settle()
	s.settle()
	rows := s.deliveriesIn(store.DeliveryFilter{})
	if len(rows) != 6 {
		t.Fatalf("%d deliveries, want 3 captures twice", len(rows))
	}
	if s.w.now().name() != "Deliveries" || s.ui.deliveries.outbox.f.Batch != rows[0].Batch {
		t.Error("the batch is not shown")
	}
	if s.w.layers.Covered() {
		t.Error("the dialog stays open")
	}
	var last lastReplay
	if err := s.e.Store.Setting(context.Background(), "replay", &last); err != nil || len(last.To) != 1 || last.Rate != "1" {
		t.Errorf("remembered %+v, %v", last, err)
	}
}

func TestReplayThatTheEngineRefusesStaysOpen(t *testing.T) {
	s := newStage(t)
	s.arrive(1, nil)
	d := s.dialog(lastReplay{To: []string{"http://127.0.0.1:1/hook"}, Mode: signedAnew})
	d.start()
	s.settle()
	if got := d.problem.Text(); !strings.Contains(got, "was not verified with any scheme") || !s.w.layers.Covered() {
		t.Errorf("problem %q, open %t", got, s.w.layers.Covered())
	}
	if d.send.Disabled() {
		t.Error("it cannot be sent again")
	}
}

func TestQuickReplaySendsToTheLastAddress(t *testing.T) {
	s := newStage(t)
	s.arrive(1, nil)
	s.settle()
	id := s.ui.inbox.shown.id(0)
	s.ui.inbox.replay([]core.CaptureID{id}, true)
	s.settle()
	if !s.w.layers.Covered() {
		t.Fatal("without a last address nothing is asked")
	}
	s.w.layers.Back()
	if err := s.e.Store.PutSetting("replay", lastReplay{To: []string{"http://127.0.0.1:1/a", "http://127.0.0.1:1/b"}, Mode: veryBytes}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.e.Run(ctx) }()
	s.ui.inbox.replay([]core.CaptureID{id}, true)
	s.settle()
	cancel()
	<-ended
	rows := s.deliveriesIn(store.DeliveryFilter{ReplayOf: id})
	if len(rows) != 1 || rows[0].Target.URL != "http://127.0.0.1:1/a" {
		t.Fatalf("sent %+v", rows)
	}
	if d, err := s.e.Store.Delivery(context.Background(), rows[0].ID); err != nil || !d.Target.Raw || !d.Target.KeepHost {
		t.Errorf("target %+v, %v: want the very bytes, Host as captured", d.Target, err)
	}
	if got := texts(s.w.layers); !strings.Contains(got, "Replayed: connection refused") || !strings.Contains(got, "Show") {
		t.Error("the answer is not said")
	}
}

func TestReplaysTabListsTheDeliveriesOfACapture(t *testing.T) {
	s := newStage(t)
	s.arrive(1, nil)
	s.settle()
	id := s.ui.inbox.shown.id(0)
	c, err := s.e.Store.Capture(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	tab := newReplaysTab(s.w).(*replaysTab)
	tab.set(&c)
	tab.load(context.Background(), &c)()
	if got := texts(tab.view()); !strings.Contains(got, "Not sent again yet") {
		t.Errorf("empty: %s", got)
	}
	s.owe(2, func(_ int, d *core.Delivery) { d.ReplayOf = id })
	tab.load(context.Background(), &c)()
	if got := tab.head.Text(); len(tab.rows) != 2 || !strings.Contains(got, "Sent again 2 times") {
		t.Errorf("%d rows: %s", len(tab.rows), got)
	}
	tab.list.OnTap(0)
	if o := s.ui.deliveries.outbox; o.chosen != tab.rows[0].ID {
		t.Errorf("opens %d, want %d", o.chosen, tab.rows[0].ID)
	}
}

func TestCompareLeavesOutWhatIsAskedFor(t *testing.T) {
	s := newStage(t)
	side := func(id, body string) comparedSide {
		return comparedSide{title: "Capture " + id, request: core.Request{Method: "POST", Target: "/", Body: []byte(body),
			Header: core.Header{{Name: "webhook-id", Value: "msg_" + id}, {Name: "X-Other", Value: "same"}}}}
	}
	c := newComparison(s.w, side("1", `{"id":"evt_1","n":1,"created":1700000000}`), side("2", `{"created":1700000099,"id":"evt_2","n":1}`))
	c.open()
	s.settle()
	if got := c.sum.Text(); strings.HasPrefix(got, "No difference") {
		t.Errorf("another order of members is no difference: %q", got)
	}
	c.sorted.Set(true)
	c.show()
	s.settle()
	if got := c.sum.Text(); got != "No difference that counts" {
		t.Errorf("sorted: %q", got)
	}
	c.ids.Set(false)
	c.show()
	s.settle()
	if got := c.sum.Text(); got != "1 line only left, 1 line only right" {
		t.Errorf("with ids: %q", got)
	}
	c.part.Select(requestHeads)
	c.show()
	s.settle()
	if got := c.sum.Text(); got != "1 line only left, 1 line only right" {
		t.Errorf("headers: %q", got)
	}
	c.ids.Set(true)
	c.show()
	s.settle()
	if got := c.sum.Text(); got != "No difference that counts" {
		t.Errorf("headers without ids: %q", got)
	}
}

func TestEndpointFormSavesAndShowsTheSecretOnce(t *testing.T) {
	s := newStage(t)
	p := s.onDeliveries()
	p.turn(showEndpoints)
	e := p.endpoints
	e.create()
	f := e.form
	f.kind.Select(1)
	f.turn()
	f.changed()
	f.url.Set("http://example.com/hook")
	f.signing.where.Select(1)
	f.timeout.Set("301")
	f.store()
	s.settle()
	if got := f.timeout.Problem(); !strings.Contains(got, "Want a number from 1 to 300") {
		t.Errorf("timeout: %q", got)
	}
	f.timeout.Set("60")
	f.policy.retries.Set("11")
	f.store()
	s.settle()
	if got := f.policy.retries.Problem(); got == "" {
		t.Error("11 retries are taken for JoAi")
	}
	f.policy.retries.Set("5")
	f.store()
	s.settle()
	if got := f.url.Problem(); !strings.Contains(got, "HTTPS") {
		t.Errorf("url: %q", got)
	}
	f.url.Set("https://example.com/hook")
	f.headers.Set("X-Team: billing\nx-lower: kept")
	f.store()
	s.settle()
	all, err := s.e.Store.Endpoints(context.Background())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d endpoints, %v", len(all), err)
	}
	ep := all[0]
	if ep.Target.Timeout != 60*time.Second || ep.Target.Policy.Retries != 5 || ep.Target.Header.Get("X-Team") != "billing" || ep.Trigger != "agent.message" {
		t.Errorf("stored %+v", ep)
	}
	secret, err := s.e.Vault.Resolve(ep.Target.Secret)
	if err != nil || !strings.Contains(texts(s.w.layers), string(secret.Reveal())) {
		t.Errorf("the secret is not shown once (%v)", err)
	}
	s.w.layers.Back()
	s.settle()
	if strings.Contains(texts(s.w.layers), string(secret.Reveal())) {
		t.Error("the secret stays on the screen")
	}
	if got := texts(e.list); !strings.Contains(got, "My Webhook") || !strings.Contains(got, "never triggered") {
		t.Errorf("the list: %s", got)
	}
	e.rows[0].Active = true
	row := newEndpointRow(e.flip)
	row.set(&e.rows[0], time.Now())
	row.active.OnChange(false)
	s.settle()
	if ep, _ := s.e.Store.Endpoint(context.Background(), ep.ID); ep.Active {
		t.Error("the switch does nothing")
	}
}

func TestUnsavedEndpointIsNotGivenUpSilently(t *testing.T) {
	s := newStage(t)
	p := s.onDeliveries()
	p.turn(showEndpoints)
	p.endpoints.create()
	p.endpoints.form.name.Set("half done")
	p.endpoints.create()
	if !s.w.layers.Covered() || p.endpoints.form.name.Text() != "half done" {
		t.Error("changes are gone without a question")
	}
}
