package ui

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
)

// owe puts deliveries into the outbox.
func (s *stage) owe(n int, change func(i int, d *core.Delivery)) []core.DeliveryID {
	s.t.Helper()
	now := time.Now()
	var ids []core.DeliveryID
	for i := range n {
		d := core.Delivery{Target: core.Target{URL: fmt.Sprintf("http://127.0.0.1:1/hook/%d", i), Policy: core.RetryPolicy{Retries: 3, Base: time.Minute}},
			Event: core.Event{Type: fmt.Sprintf("order.%d", i)}, Request: core.Request{Method: "POST", Body: []byte(`{"a":1}`)}, Due: now.Add(time.Hour), Created: now}
		if change != nil {
			change(i, &d)
		}
		one, err := s.e.Store.AddDeliveries(context.Background(), []core.Delivery{d})
		if err != nil {
			s.t.Fatal(err)
		}
		ids = append(ids, one...)
	}
	return ids
}

// tried stores an attempt of a delivery and how it leaves it.
func (s *stage) tried(id core.DeliveryID, status int, failure core.Failure, state core.DeliveryState) {
	s.t.Helper()
	ctx := context.Background()
	d, err := s.e.Store.Delivery(ctx, id)
	if err != nil {
		s.t.Fatal(err)
	}
	a := core.Attempt{Delivery: id, Number: d.Attempts + 1, Started: time.Now()}
	if err := s.e.Store.StartAttempt(ctx, a); err != nil {
		s.t.Fatal(err)
	}
	a.Took, a.Failure, a.Detail = 12*time.Millisecond, failure, "so it was"
	a.Request = core.Request{Method: "POST", Target: "/hook/0", Proto: "HTTP/1.1", Header: core.Header{{Name: "X-Sent", Value: "yes"}}, Body: []byte(`{"a":1}`)}
	if failure == "" {
		a.Response = &core.Response{Status: status, Header: core.Header{{Name: "X-Answer", Value: "here"}}, Body: []byte(`{"ok":false}`)}
	}
	d.State, d.Attempts, d.Due = state, a.Number, time.Now().Add(time.Hour)
	if state == core.Exhausted {
		d.Reason = "gave up after 1 attempt"
	}
	if err := s.e.Store.FinishAttempt(ctx, a, d); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) outbox() *outbox {
	o := s.w.deliveries().outbox
	s.settle()
	return o
}

func TestDeliveriesAreListedWithStateAndCountdown(t *testing.T) {
	s := newStage(t)
	ids := s.owe(3, nil)
	s.tried(ids[0], 500, "", core.Waiting)
	s.tried(ids[1], 200, "", core.Delivered)
	o := s.outbox()
	got := texts(o.list)
	for _, want := range []string{"order.0", "1 of 4", "500", "order.1", "200", "0 of 4"} {
		if !strings.Contains(got, want) {
			t.Errorf("the list lacks %q:\n%s", want, got)
		}
	}
	last := slices.IndexFunc(o.rows, func(d shownDelivery) bool { return d.ID == ids[2] })
	row := newDeliveryRow()
	row.set(&o.rows[last], false, o.rows[last].Due.Add(-time.Hour))
	if got := texts(row); !strings.Contains(got, "in 1 h") {
		t.Errorf("an hour before it is due: %s", got)
	}
	o.narrow(store.DeliveryFilter{State: core.Delivered})
	s.settle()
	if len(o.rows) != 1 || o.rows[0].ID != ids[1] {
		t.Errorf("delivered: %d rows", len(o.rows))
	}
	o.narrow(store.DeliveryFilter{Text: "order.2"})
	s.settle()
	if len(o.rows) != 1 || o.rows[0].ID != ids[2] {
		t.Errorf("by text: %d rows", len(o.rows))
	}
}

func TestDeliveryShowsItsScheduleAndBothSides(t *testing.T) {
	s := newStage(t)
	id := s.owe(1, nil)[0]
	s.tried(id, 503, "", core.Waiting)
	s.tried(id, 0, "timeout", core.Waiting)
	o := s.outbox()
	o.choose(id)
	s.settle()
	got := texts(o.detail.view())
	for _, want := range []string{"Waiting", "order.0", "Attempt 1", "503 Service Unavailable", "Attempt 2", "timeout", "Attempt 3", "4 attempts over 7 min",
		"No answer: timeout.", "Answer first and work afterwards", "X-Sent"} {
		if !strings.Contains(got, want) {
			t.Errorf("the detail lacks %q:\n%s", want, got)
		}
	}
	o.detail.pick(0)
	s.settle()
	if got := texts(o.detail.view()); !strings.Contains(got, "X-Answer") || !strings.Contains(got, `"ok"`) {
		t.Errorf("the first attempt's answer is not shown:\n%s", got)
	}
	o.detail.pick(0)
	s.tried(id, 200, "", core.Delivered)
	s.settle()
	if got := texts(o.detail.view()); !strings.Contains(got, "Delivered") || !strings.Contains(got, "not needed") {
		t.Errorf("after it was delivered:\n%s", got)
	}
	if !o.detail.cancel.Disabled() || o.detail.resend.Disabled() {
		t.Error("a delivered one can be cancelled, or not be resent")
	}
}

func TestCancelAndResendByKey(t *testing.T) {
	s := newStage(t)
	id := s.owe(1, nil)[0]
	o := s.outbox()
	o.choose(id)
	s.settle()
	o.key('x')
	s.settle()
	if d, _ := s.e.Store.Delivery(context.Background(), id); d.State != core.Cancelled {
		t.Fatalf("after x it is %s", d.State)
	}
	o.key('r')
	s.settle()
	if d, _ := s.e.Store.Delivery(context.Background(), id); d.State != core.Waiting || d.Due.After(time.Now()) {
		t.Errorf("after r it is %s, due %v", d.State, d.Due)
	}
}

func TestListKeepsItsPlaceWhileDeliveriesArrive(t *testing.T) {
	s := newStage(t)
	s.owe(60, nil)
	o := s.outbox()
	o.list.Select(30)
	o.choose(o.rows[30].ID)
	s.settle()
	chosen, offset := o.chosen, o.list.Offset()
	s.owe(5, nil)
	s.settle()
	if got := o.rows[o.list.Selected()].ID; got != chosen {
		t.Errorf("selected %d, want %d", got, chosen)
	}
	if o.list.Offset() != offset+5*56 {
		t.Errorf("the list moved from %v to %v under the user", offset, o.list.Offset())
	}
}

func TestBatchShowsProgressThenReport(t *testing.T) {
	s := newStage(t)
	ids := s.owe(4, func(i int, d *core.Delivery) {
		d.Batch, d.ReplayOf, d.Target.URL = "replay-1", core.CaptureID(1+i/2), "http://127.0.0.1:1/hook"
	})
	s.tried(ids[0], 200, "", core.Delivered)
	s.w.openBatch("replay-1")
	s.settle()
	o := s.w.deliveriesPage().outbox
	got := texts(o.side)
	for _, want := range []string{"Replay of 4 deliveries", "1 of 4 done", "3 waiting", "Compared when everything is done"} {
		if !strings.Contains(got, want) {
			t.Errorf("under way: lacks %q:\n%s", want, got)
		}
	}
	s.tried(ids[1], 409, "", core.Exhausted)
	s.tried(ids[2], 200, "", core.Delivered)
	s.tried(ids[3], 200, "", core.Delivered)
	o.batch.summed.after = time.Time{}
	s.settle()
	got = texts(o.side)
	for _, want := range []string{"Done: 4 deliveries", "409 Conflict", "Half within", "2 events were sent more than once: the answers differ for 1", "status differs", "agreed"} {
		if !strings.Contains(got, want) {
			t.Errorf("at the end: lacks %q:\n%s", want, got)
		}
	}
	o.choose(ids[1])
	s.settle()
	if got := texts(o.side); !strings.Contains(got, "Gave up after 1 attempt.") {
		t.Errorf("the delivery does not say why it gave up:\n%s", got)
	}
}

func TestBulkCancelAsksFirst(t *testing.T) {
	s := newStage(t)
	s.owe(3, nil)
	o := s.outbox()
	items := o.bulkItems()
	if items[0].Label != "Cancel 3 deliveries that wait" || items[0].Off || !items[1].Off {
		t.Fatalf("bulk: %q off %t, %q off %t", items[0].Label, items[0].Off, items[1].Label, items[1].Off)
	}
	items[0].Do()
	if !s.w.layers.Covered() {
		t.Fatal("nothing was asked")
	}
	s.w.layers.Back()
	s.settle()
	if states, _ := s.e.Store.DeliveryStates(context.Background(), store.DeliveryFilter{}); states[core.Cancelled] != 0 {
		t.Errorf("without a yes: %v", states)
	}
	o.labour.start("Cancelling", func(ctx context.Context, p engine.Progress) (string, error) {
		n, err := o.w.e.CancelAll(ctx, o.f, p)
		return fmt.Sprint(n), err
	})
	s.settle()
	if states, _ := s.e.Store.DeliveryStates(context.Background(), store.DeliveryFilter{}); states[core.Cancelled] != 3 {
		t.Errorf("states %v", states)
	}
}

func TestPauseIsShownAndEnded(t *testing.T) {
	s := newStage(t)
	s.owe(1, nil)
	s.outbox()
	p := s.w.deliveriesPage()
	p.pause()
	s.settle()
	if !p.banner.Visible() || !strings.Contains(texts(p.outbox.list), "paused") {
		t.Error("a pause is not shown")
	}
	p.pause()
	s.settle()
	if p.banner.Visible() || s.e.Paused() {
		t.Error("the pause goes on")
	}
}
