package message

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/ui/stage"
)

func TestWorkUnderWayGrows(t *testing.T) {
	w := stage.WorkItem("wi_1", "IN_PROGRESS", false, false)
	now := w.Created.Add(5 * time.Second)
	ms := WorkMoments(&w, now)
	last := ms[len(ms)-2] // a notification stands behind it
	if !last.open || last.took != 3*time.Second {
		t.Errorf("what goes on: %+v, want 3s so far", last)
	}
}

func TestCostText(t *testing.T) {
	for usd, want := range map[float64]string{0: "$0.00", 0.014: "$0.014", 0.0421: "$0.0421", 1.2: "$1.20", 12: "$12.00"} {
		if got := CostText(usd); got != want {
			t.Errorf("%v reads %s, want %s", usd, got, want)
		}
	}
}

var began = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func sent(batch string, state core.DeliveryState, attempts ...core.Attempt) Sent {
	d := core.Delivery{ID: 4, Batch: batch, State: state, Due: began.Add(time.Minute), Target: core.Target{URL: "http://shop.example/hook?a=1"}}
	return Sent{d, attempts}
}

func TestMomentsOfADelivery(t *testing.T) {
	now := began.Add(10 * time.Second)
	ok := core.Attempt{Number: 1, Started: began, Took: time.Second, Response: &core.Response{Status: 200}}
	failed := core.Attempt{Number: 1, Started: began, Took: time.Second, Failure: "timeout"}
	again := core.Attempt{Number: 2, Started: began.Add(4 * time.Second)}
	for name, c := range map[string]struct {
		of   Sent
		want []string
	}{
		"one try":            {sent("", core.Delivered, ok), []string{"delivery: shop.example answered 200, 1s"}},
		"forwarded":          {sent("forward:a", core.Delivered, ok), []string{"forward: shop.example answered 200, 1s"}},
		"a second under way": {sent("", core.Sending, failed, again), []string{"delivery, attempt 1: shop.example: timeout, 1s", "delivery, attempt 2: shop.example, 6s so far"}},
		"not tried yet":      {sent("", core.Waiting), []string{"delivery: waits, 0s"}},
		"given up untried":   {sent("", core.Cancelled), nil},
	} {
		var got []string
		for _, m := range DeliveryMoments(c.of, now) {
			line := m.Name + ": " + m.detail + ", " + m.took.String()
			if m.open {
				line += " so far"
			}
			if got = append(got, line); m.Leads != "delivery" || m.Delivery != 4 {
				t.Errorf("%s: it leads to %q %d", name, m.Leads, m.Delivery)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The answer is placed where the sender got it: after the fault that put it off, or when the forward's answer was handed back.
func TestMomentsOfACaptureEndWithItsAnswer(t *testing.T) {
	c := core.Capture{At: began, Took: 10 * time.Millisecond, Request: core.Request{Method: "POST", Size: 3, Remote: "192.0.2.1:1"}, Response: core.Response{Status: 200, Body: []byte("done")},
		Receipt: core.Receipt{Outcome: core.Accepted, Read: 2 * time.Millisecond, Checks: []core.Check{{Name: "signature", OK: true}, {Name: "event", OK: false}}}}
	handed := core.Attempt{Number: 1, Started: began.Add(time.Second), Took: time.Second, Response: &core.Response{Status: 200, Body: []byte("done")}}
	other := handed
	other.Response = &core.Response{Status: 200, Body: []byte("other")}
	for name, x := range map[string]struct {
		change func(*core.Capture)
		with   []Sent
		end    time.Duration
		words  string
	}{
		"at once":          {func(*core.Capture) {}, nil, 10 * time.Millisecond, "200 OK, 4 B"},
		"put off":          {func(c *core.Capture) { c.Receipt.Delayed = 3 * time.Second }, nil, 3*time.Second + 10*time.Millisecond, "200 OK, 4 B"},
		"handed back":      {func(*core.Capture) {}, []Sent{sent("forward:a", core.Delivered, handed)}, 2 * time.Second, "200 OK, 4 B"},
		"a replay":         {func(*core.Capture) {}, []Sent{sent("replay-1", core.Delivered, handed)}, 10 * time.Millisecond, "200 OK, 4 B"},
		"answered by us":   {func(*core.Capture) {}, []Sent{sent("forward:a", core.Delivered, other), sent("forward:a", core.Waiting)}, 10 * time.Millisecond, "200 OK, 4 B"},
		"no answer at all": {func(c *core.Capture) { c.Response = core.Response{} }, nil, 10 * time.Millisecond, "no answer was sent"},
	} {
		c := c
		x.change(&c)
		ms := captureMoments(&c, x.with)
		last := ms[len(ms)-1]
		if got := last.at.Sub(began); last.Name != "answered" || got != x.end || last.detail != x.words {
			t.Errorf("%s: %s after %v, %q; want %v, %q", name, last.Name, got, last.detail, x.end, x.words)
		}
		if ms[1].detail != "event did not hold" || ms[1].took != 8*time.Millisecond {
			t.Errorf("%s: the checks say %q in %v", name, ms[1].detail, ms[1].took)
		}
	}
	if got := checksText([]core.Check{{OK: true}}); got != "1 check, all held" {
		t.Errorf("a check that held: %q", got)
	}
}

func TestMomentsStandOnOneAxis(t *testing.T) {
	if bars, total := barsOf(nil); bars != nil || total != "" {
		t.Errorf("of nothing: %v %q", bars, total)
	}
	bars, total := barsOf(InOrder([]Moment{{Name: "late", at: began.Add(2 * time.Second), took: time.Second, cost: 0.5}, {Name: "early", at: began}, {Name: "early too", at: began}}))
	if bars[0].Name != "early" || bars[1].Name != "early too" || bars[2].Start != 2*time.Second || bars[2].Note != "$0.50" || total != "3 s   $0.50" {
		t.Errorf("%+v, %q", bars, total)
	}
}

func TestTheTimelineLeadsToWhatFollowed(t *testing.T) {
	s := stage.New(t)
	id := s.Owe(1, func(_ int, d *core.Delivery) { d.Batch = "forward:agent" })[0]
	replay := s.Owe(1, func(_ int, d *core.Delivery) { d.Batch = "replay-1" })[0]
	s.Arrive(1, nil)
	s.Work(stage.WorkItem("wi_1", "RUNNING", false, false))
	c, err := s.E.Store.Capture(s.W.Ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	c.Deliveries = []core.DeliveryID{id, replay, 99}
	tab := NewTimelineTab(s.W).(*timelineTab)
	onStage(s, tab.View())
	tab.Set(&c)
	tab.Load(s.W.Ctx, &c)()
	s.Has(tab.View(), "wi_1 RUNNING", "Delivery #1 to 127.0.0.1:1, waiting", "Total")
	s.Lacks(tab.View(), "Delivery #2")
	if tab.tick == nil {
		t.Error("it does not go on while work is under way")
	}
	s.Tap(tab.View(), "wi_1 RUNNING")
	s.Tap(tab.View(), "Delivery #1 to 127.0.0.1:1, waiting")
	for i := range tab.fall.shown {
		tab.fall.chart.OnSelect(i)
	}
	if got := strings.Join(slices.Compact(slices.Clone(s.Went)), ", "); !strings.HasPrefix(got, "work wi_1, delivery 1, ") || !strings.Contains(got[20:], "work wi_1") || !strings.Contains(got[20:], "delivery 1") {
		t.Errorf("it leads to %q", got)
	}
	other := c
	other.ID = 8
	tab.Set(&other)
	late := tab.Load(s.W.Ctx, &c)
	late() // of the capture that was shown before
	s.Lacks(tab.View(), "wi_1 RUNNING")
	if tab.tick != nil {
		t.Error("it goes on although nothing is under way")
	}
}
