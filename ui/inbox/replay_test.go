package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/platform"
	"hookglass/core/store"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// dialogOf opens the replay dialog for the newest capture of the inbox, all that it lists beside it.
func dialogOf(s *stage.Stage, last lastReplay) *replayDialog {
	s.T.Helper()
	s.Settle()
	p := stage.On(s, New)
	d := newReplayDialog(s.W, lot{query: engine.One(p.shown.id(0)), n: 1, one: p.shown.id(0)}, p.allLot(), p.filterText() != "", last)
	d.open()
	return d
}

func TestReplayDialogSaysWhatEmptyFieldsMean(t *testing.T) {
	s := stage.New(t)
	s.Arrive(1, nil)
	d := dialogOf(s, lastReplay{})
	d.unfold()
	for _, o := range replaySettings() {
		if o.Kind == platform.NumberKind && o.Default == nil && !strings.Contains(o.Help, "Empty: ") {
			t.Errorf("what an empty %q does is not said: %q", o.Label, o.Help)
		}
	}
	s.Has(d.form.View(), "Captures begun per second. Empty: all at once.")
}

// The title speaks of what will be sent, and Enter sends it, also after All was chosen.
func TestReplayDialogSpeaksOfWhatIsChosen(t *testing.T) {
	s := stage.New(t)
	s.Arrive(3, nil)
	d := dialogOf(s, lastReplay{})
	s.Says("Replay capture 3")
	d.to.Set("nowhere")
	d.scope.Select(1)
	d.scope.OnSelect(1)
	s.Says("Replay 3 captures")
	s.Lacks(s.W.Layers, "Replay capture 3")
	d.scope.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.Settle()
	if d.to.Problem() == "" {
		t.Error("Enter does nothing where All was chosen")
	}
}

func TestReplayDialogNamesTheFieldThatIsWrong(t *testing.T) {
	s := stage.New(t)
	s.Arrive(2, nil)
	d := dialogOf(s, lastReplay{})
	typed := func(name, text string) { stage.FieldOf(t, d.form, name).Set(text) }
	problem := func(name string) func() string {
		return func() string { return core.Capital(stage.FieldOf(t, d.form, name).Problem()) }
	}
	for _, c := range []struct {
		name string
		edit func()
		at   func() string
		want string
	}{
		{"no address", func() {}, func() string { return d.to.Problem() }, "Is empty; want an address"},
		{"no scheme", func() { d.to.Set("127.0.0.1:3000") }, func() string { return d.to.Problem() }, "is not an address"},
		{"rate", func() { d.to.Set("http://127.0.0.1:1/"); typed("rate", "fast") }, problem("rate"), "is no number"},
		{"copies", func() { typed("rate", ""); typed("duplicate", "1001") }, problem("duplicate"), "Want a whole number from 0 to 1000"},
		{"spacing", func() { typed("duplicate", "1"); typed("spacing_ms", "soon") }, problem("spacing_ms"), "is no number"},
		{"neighbours", func() { typed("spacing_ms", ""); typed("window", "1.5") }, problem("window"), "Want a whole number"},
		{"few neighbours", func() { typed("window", "-1") }, problem("window"), "0 or more"},
		{"timeout", func() { typed("window", ""); typed("timeout", "301") }, problem("timeout"), "Want a number from 1 to 300"},
		{"retries", func() { typed("timeout", "30"); d.policy.Fields["policy.retries"].Set("-1") }, func() string { return d.policy.Fields["policy.retries"].Problem() }, "Want a whole number"},
	} {
		c.edit()
		d.start()
		s.Settle()
		if got := c.at(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if rows := s.DeliveriesIn(store.DeliveryFilter{}); len(rows) != 0 {
		t.Errorf("%d deliveries were made of forms that are wrong", len(rows))
	}
}

func TestReplayOfManyOpensItsBatch(t *testing.T) {
	s := stage.New(t)
	s.Arrive(3, nil)
	d := dialogOf(s, lastReplay{})
	d.to.Set("http://127.0.0.1:1/hook")
	d.scope.Select(1)
	stage.FieldOf(t, d.form, "duplicate").Set("1")
	stage.FieldOf(t, d.form, "rate").Set("1")
	d.start()
	s.Settle()
	s.Settle()
	rows := s.DeliveriesIn(store.DeliveryFilter{})
	if len(rows) != 6 {
		t.Fatalf("%d deliveries, want 3 captures twice", len(rows))
	}
	if !slices.Equal(s.Went, []string{"batch " + rows[0].Batch}) {
		t.Errorf("it leads to %q, want the batch", s.Went)
	}
	if s.W.Layers.Covered() {
		t.Error("the dialog stays open")
	}
	var last lastReplay
	if err := s.E.Store.Setting(context.Background(), "replay", &last); err != nil || len(last.To) != 1 || last.Options.Number("rate", 0) != 1 {
		t.Errorf("remembered %+v, %v", last, err)
	}
}

func TestReplayThatTheEngineRefusesStaysOpen(t *testing.T) {
	s := stage.New(t)
	s.Arrive(1, nil)
	d := dialogOf(s, lastReplay{To: []string{"http://127.0.0.1:1/hook"}, Mode: signedAnew})
	d.start()
	s.Settle()
	if got := d.problem.Text(); !strings.Contains(got, "was not verified with any scheme") || !s.W.Layers.Covered() {
		t.Errorf("problem %q, open %t", got, s.W.Layers.Covered())
	}
	if d.send.Disabled() {
		t.Error("it cannot be sent again")
	}
}

func TestQuickReplaySendsToTheLastAddress(t *testing.T) {
	s := stage.New(t)
	s.Arrive(1, nil)
	s.Settle()
	id := stage.On(s, New).shown.id(0)
	stage.On(s, New).Replay([]core.CaptureID{id}, true)
	s.Settle()
	if !s.W.Layers.Covered() {
		t.Fatal("without a last address nothing is asked")
	}
	s.W.Layers.Back()
	if err := s.E.Store.PutSetting("replay", lastReplay{To: []string{"http://127.0.0.1:1/a", "http://127.0.0.1:1/b"}, Mode: veryBytes}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.E.Run(ctx) }()
	stage.On(s, New).Replay([]core.CaptureID{id}, true)
	s.Settle()
	cancel()
	<-ended
	rows := s.DeliveriesIn(store.DeliveryFilter{ReplayOf: id})
	if len(rows) != 1 || rows[0].Target.URL != "http://127.0.0.1:1/a" {
		t.Fatalf("sent %+v", rows)
	}
	if d, err := s.E.Store.Delivery(context.Background(), rows[0].ID); err != nil || !d.Target.Raw || !d.Target.KeepHost {
		t.Errorf("target %+v, %v: want the very bytes, Host as captured", d.Target, err)
	}
	if got := eye.Texts(s.W.Layers); !strings.Contains(got, "Replayed: connection refused") || !strings.Contains(got, "Show") {
		t.Error("the answer is not said")
	}
}

func TestReplaysTabListsTheDeliveriesOfACapture(t *testing.T) {
	s := stage.New(t)
	s.Arrive(1, nil)
	s.Settle()
	id := stage.On(s, New).shown.id(0)
	c, err := s.E.Store.Capture(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	tab := newReplaysTab(s.W).(*replaysTab)
	tab.Set(&c)
	tab.Load(context.Background(), &c)()
	if got := eye.Texts(tab.View()); !strings.Contains(got, "Not sent again yet") {
		t.Errorf("empty: %s", got)
	}
	s.Owe(2, func(_ int, d *core.Delivery) { d.ReplayOf = id })
	tab.Load(context.Background(), &c)()
	if got := tab.head.Text(); len(tab.rows) != 2 || !strings.Contains(got, "Sent again 2 times") {
		t.Errorf("%d rows: %s", len(tab.rows), got)
	}
	tab.list.OnTap(0)
	if want := fmt.Sprintf("delivery %d", tab.rows[0].ID); !slices.Equal(s.Went, []string{want}) {
		t.Errorf("opens %q, want %s", s.Went, want)
	}
}

// Every option of the engine is in the dialog, remembered and sent.
func TestReplayOptionsAreThoseOfTheEngine(t *testing.T) {
	s := stage.New(t)
	s.Arrive(1, nil)
	d := dialogOf(s, lastReplay{To: []string{"http://127.0.0.1:1/"}, Options: core.Values{"window": 3.0, "seed": 7.0}})
	if got := d.optionsText(); got != "As last time: seed of another order 7, neighbours 3" {
		t.Errorf("folded, the dialog says %q", got)
	}
	d.unfold()
	if got := eye.Line(d.form.View()); !strings.Contains(got, "Neighbours") || !strings.Contains(got, "Timeout (s)") {
		t.Errorf("the dialog shows %q", got)
	}
	l, err := d.read()
	if r := l.request(lot{}); err != nil || r.Window != 3 || r.Seed == nil || *r.Seed != 7 {
		t.Errorf("asks for %+v, %v", r, err)
	}
}
