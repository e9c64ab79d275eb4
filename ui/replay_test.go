package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// dialog opens the replay dialog for the newest capture of the inbox, all that it lists beside it.
func dialogOf(s *stage, last lastReplay) *replayDialog {
	s.t.Helper()
	s.settle()
	p := on(s, newInbox)
	d := newReplayDialog(s.w, []core.CaptureID{p.shown.id(0)}, slices.Clone(p.shown.ids), p.filterText() != "", last)
	d.open()
	return d
}

func TestReplayDialogNamesTheFieldThatIsWrong(t *testing.T) {
	s := newStage(t)
	s.arrive(2, nil)
	d := dialogOf(s, lastReplay{})
	for _, c := range []struct {
		name string
		edit func()
		at   func() string
		want string
	}{
		{"no address", func() {}, func() string { return d.to.Problem() }, "Is empty; want an address"},
		{"no scheme", func() { d.to.Set("127.0.0.1:3000") }, func() string { return d.to.Problem() }, "is not an address"},
		{"rate", func() { d.to.Set("http://127.0.0.1:1/"); d.rate.Set("fast") }, func() string { return d.rate.Problem() }, "is no number"},
		{"copies", func() { d.rate.Set(""); d.copies.Set("1001") }, func() string { return d.copies.Problem() }, "Want a whole number from 0 to 1000"},
		{"spacing", func() { d.copies.Set("1"); d.spacing.Set("soon") }, func() string { return d.spacing.Problem() }, "is no time"},
		{"neighbours", func() { d.spacing.Set(""); d.others.Values["window"] = 1.5 }, func() string { return eyeTexts(d.others.View()) }, "Want a whole number"},
		{"few neighbours", func() { d.others.Values["window"] = -1.0 }, func() string { return eyeTexts(d.others.View()) }, "Want 0 or more"},
		{"timeout", func() { delete(d.others.Values, "window"); d.spacing.Set(""); d.timeout.Set("301") }, func() string { return d.timeout.Problem() }, "Want a number from 1 to 300"},
		{"retries", func() { d.timeout.Set("30"); d.policy.fields["policy.retries"].Set("-1") }, func() string { return d.policy.fields["policy.retries"].Problem() }, "Want a whole number"},
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
	d := dialogOf(s, lastReplay{})
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
	if !slices.Equal(s.went, []string{"batch " + rows[0].Batch}) {
		t.Errorf("it leads to %q, want the batch", s.went)
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
	d := dialogOf(s, lastReplay{To: []string{"http://127.0.0.1:1/hook"}, Mode: signedAnew})
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
	id := on(s, newInbox).shown.id(0)
	on(s, newInbox).replay([]core.CaptureID{id}, true)
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
	on(s, newInbox).replay([]core.CaptureID{id}, true)
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
	if got := eyeTexts(s.w.layers); !strings.Contains(got, "Replayed: connection refused") || !strings.Contains(got, "Show") {
		t.Error("the answer is not said")
	}
}

func TestReplaysTabListsTheDeliveriesOfACapture(t *testing.T) {
	s := newStage(t)
	s.arrive(1, nil)
	s.settle()
	id := on(s, newInbox).shown.id(0)
	c, err := s.e.Store.Capture(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	tab := newReplaysTab(s.w).(*replaysTab)
	tab.set(&c)
	tab.load(context.Background(), &c)()
	if got := eyeTexts(tab.view()); !strings.Contains(got, "Not sent again yet") {
		t.Errorf("empty: %s", got)
	}
	s.owe(2, func(_ int, d *core.Delivery) { d.ReplayOf = id })
	tab.load(context.Background(), &c)()
	if got := tab.head.Text(); len(tab.rows) != 2 || !strings.Contains(got, "Sent again 2 times") {
		t.Errorf("%d rows: %s", len(tab.rows), got)
	}
	tab.list.OnTap(0)
	if want := fmt.Sprintf("delivery %d", tab.rows[0].ID); !slices.Equal(s.went, []string{want}) {
		t.Errorf("opens %q, want %s", s.went, want)
	}
}

// TestReplayOptionsWithoutAFieldOfTheirOwn: every option of the engine is in the dialog, remembered and sent.
func TestReplayOptionsWithoutAFieldOfTheirOwn(t *testing.T) {
	s := newStage(t)
	s.arrive(1, nil)
	d := dialogOf(s, lastReplay{To: []string{"http://127.0.0.1:1/"}, Shuffle: true, Seed: "7", Others: core.Values{"window": 3.0}})
	if got := eyeTexts(d.others.View()); !strings.Contains(got, "Neighbours") || !strings.Contains(d.optionsText(), "neighbours") {
		t.Errorf("the dialog shows %q and says %q", got, d.optionsText())
	}
	l, err := d.read()
	if r := l.request(nil); err != nil || r.Window != 3 || r.Seed == nil || *r.Seed != 7 {
		t.Errorf("asks for %+v, %v", r, err)
	}
}
