package deliveries

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/ui/eye"
	"hookglass/ui/part"
	"hookglass/ui/stage"
)

func outboxOf(s *stage.Stage) *outbox {
	o := stage.On(s, New).Outbox
	s.Settle()
	return o
}

func TestDeliveriesAreListedWithStateAndCountdown(t *testing.T) {
	s := stage.New(t)
	ids := s.Owe(3, nil)
	s.Tried(ids[0], 500, "", core.Waiting)
	s.Tried(ids[1], 200, "", core.Delivered)
	o := outboxOf(s)
	got := eye.Texts(o.list)
	for _, want := range []string{"order.0", "1 of 4", "500", "order.1", "200", "0 of 4"} {
		if !strings.Contains(got, want) {
			t.Errorf("the list lacks %q:\n%s", want, got)
		}
	}
	last := slices.IndexFunc(o.rows, func(d part.ShownDelivery) bool { return d.ID == ids[2] })
	row := part.NewDeliveryRow()
	row.Set(&o.rows[last], false, o.rows[last].Due.Add(-time.Hour))
	if got := eye.Texts(row); !strings.Contains(got, "in 1 h") {
		t.Errorf("an hour before it is due: %s", got)
	}
	o.narrow(store.DeliveryFilter{State: core.Delivered})
	s.Settle()
	if len(o.rows) != 1 || o.rows[0].ID != ids[1] {
		t.Errorf("delivered: %d rows", len(o.rows))
	}
	o.narrow(store.DeliveryFilter{Text: "order.2"})
	s.Settle()
	if len(o.rows) != 1 || o.rows[0].ID != ids[2] {
		t.Errorf("by text: %d rows", len(o.rows))
	}
}

func TestDeliveryShowsItsScheduleAndBothSides(t *testing.T) {
	s := stage.New(t)
	id := s.Owe(1, nil)[0]
	s.Tried(id, 503, "", core.Waiting)
	s.Tried(id, 0, "timeout", core.Waiting)
	o := outboxOf(s)
	o.choose(id)
	s.Settle()
	got := eye.Texts(o.detail.view())
	for _, want := range []string{"Waiting", "order.0", "Attempt 1", "503 Service Unavailable", "Attempt 2", "timeout", "Attempt 3", "4 attempts over 7 min",
		"No answer: timeout.", "Answer first and work afterwards", "X-Sent"} {
		if !strings.Contains(got, want) {
			t.Errorf("the detail lacks %q:\n%s", want, got)
		}
	}
	o.detail.pick(0)
	s.Settle()
	if got := eye.Texts(o.detail.view()); !strings.Contains(got, "X-Answer") || !strings.Contains(got, `"ok"`) {
		t.Errorf("the first attempt's answer is not shown:\n%s", got)
	}
	o.detail.pick(0)
	s.Tried(id, 200, "", core.Delivered)
	s.Settle()
	if got := eye.Texts(o.detail.view()); !strings.Contains(got, "Delivered") || !strings.Contains(got, "not needed") {
		t.Errorf("after it was delivered:\n%s", got)
	}
	if !o.detail.cancel.Disabled() || o.detail.resend.Disabled() {
		t.Error("a delivered one can be cancelled, or not be resent")
	}
}

func TestCancelAndResendByKey(t *testing.T) {
	s := stage.New(t)
	id := s.Owe(1, nil)[0]
	o := outboxOf(s)
	o.choose(id)
	s.Settle()
	o.key('x')
	s.Settle()
	if d, _ := s.E.Store.Delivery(context.Background(), id); d.State != core.Cancelled {
		t.Fatalf("after x it is %s", d.State)
	}
	o.key('r')
	s.Settle()
	if d, _ := s.E.Store.Delivery(context.Background(), id); d.State != core.Waiting || d.Due.After(time.Now()) {
		t.Errorf("after r it is %s, due %v", d.State, d.Due)
	}
}

func TestListKeepsItsPlaceWhileDeliveriesArrive(t *testing.T) {
	s := stage.New(t)
	s.Owe(60, nil)
	o := outboxOf(s)
	o.list.Select(30)
	o.choose(o.rows[30].ID)
	s.Settle()
	chosen, offset := o.chosen, o.list.Offset()
	s.Owe(5, nil)
	s.Settle()
	if got := o.rows[o.list.Selected()].ID; got != chosen {
		t.Errorf("selected %d, want %d", got, chosen)
	}
	if o.list.Offset() != offset+5*56 {
		t.Errorf("the list moved from %v to %v under the user", offset, o.list.Offset())
	}
}

func TestBatchShowsProgressThenReport(t *testing.T) {
	s := stage.New(t)
	ids := s.Owe(4, func(i int, d *core.Delivery) {
		d.Batch, d.ReplayOf, d.Target.URL = "replay-1", core.CaptureID(1+i/2), "http://127.0.0.1:1/hook"
	})
	s.Tried(ids[0], 200, "", core.Delivered)
	stage.On(s, New).OpenBatch("replay-1")
	s.Settle()
	o := stage.On(s, New).Outbox
	got := eye.Texts(o.side)
	for _, want := range []string{"Replay of 4 deliveries", "1 of 4 done", "3 waiting", "Compared when everything is done"} {
		if !strings.Contains(got, want) {
			t.Errorf("under way: lacks %q:\n%s", want, got)
		}
	}
	s.Tried(ids[1], 409, "", core.Exhausted)
	s.Tried(ids[2], 200, "", core.Delivered)
	s.Tried(ids[3], 200, "", core.Delivered)
	o.batch.summed.after = time.Time{}
	s.Settle()
	got = eye.Texts(o.side)
	for _, want := range []string{"Done: 4 deliveries", "409 Conflict", "Half within", "2 events were sent more than once: the answers differ for 1", "status differs", "agreed"} {
		if !strings.Contains(got, want) {
			t.Errorf("at the end: lacks %q:\n%s", want, got)
		}
	}
	o.choose(ids[1])
	s.Settle()
	if got := eye.Texts(o.side); !strings.Contains(got, "Gave up after 1 attempt.") {
		t.Errorf("the delivery does not say why it gave up:\n%s", got)
	}
}

func TestBulkCancelAsksFirst(t *testing.T) {
	s := stage.New(t)
	s.Owe(3, nil)
	o := outboxOf(s)
	items := o.bulkItems()
	if items[0].Label != "Cancel 3 deliveries that wait" || items[0].Off || !items[1].Off {
		t.Fatalf("bulk: %q off %t, %q off %t", items[0].Label, items[0].Off, items[1].Label, items[1].Off)
	}
	items[0].Do()
	if !s.W.Layers.Covered() {
		t.Fatal("nothing was asked")
	}
	s.W.Layers.Back()
	s.Settle()
	if states, _ := s.E.Store.DeliveryStates(context.Background(), store.DeliveryFilter{}); states[core.Cancelled] != 0 {
		t.Errorf("without a yes: %v", states)
	}
	o.Labour.Start("Cancelling", func(ctx context.Context, p engine.Progress) (string, error) {
		n, err := o.w.Engine.Outbox.CancelAll(ctx, o.f, p)
		return fmt.Sprint(n), err
	})
	s.Settle()
	if states, _ := s.E.Store.DeliveryStates(context.Background(), store.DeliveryFilter{}); states[core.Cancelled] != 3 {
		t.Errorf("states %v", states)
	}
}

func TestPauseIsShownAndEnded(t *testing.T) {
	s := stage.New(t)
	s.Owe(1, nil)
	outboxOf(s)
	p := stage.On(s, New)
	p.pause()
	s.Settle()
	if !p.banner.Visible() || !strings.Contains(eye.Texts(p.Outbox.list), "paused") {
		t.Error("a pause is not shown")
	}
	p.pause()
	s.Settle()
	if p.banner.Visible() || s.E.Outbox.Paused() {
		t.Error("the pause goes on")
	}
}

// onDeliveries is the page, brought to the front.
func onDeliveries(s *stage.Stage) *Page {
	return stage.On(s, New)
}
