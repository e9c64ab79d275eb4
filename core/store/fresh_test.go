package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

func owedOne() core.Delivery {
	return core.Delivery{Target: core.Target{URL: "http://x", Timeout: time.Second, Policy: core.RetryPolicy{Retries: 3}}, Created: noon, Due: noon, Attempts: 9, Batch: "b",
		Event: core.Event{Type: "t", ID: "e"}, Request: core.Request{Method: "POST", Header: core.Header{{Name: "A", Value: "1"}}, Body: []byte("as owed"), Size: 7}}
}

// TestWhatIsDueIsWhatIsStored: a delivery that is handed out unread is the row's, before a change, after one, and when its
// endpoint is gone.
func TestWhatIsDueIsWhatIsStored(t *testing.T) {
	s := open(t)
	ep := core.Endpoint{Platform: "custom", WireID: "w", Name: "n", Active: true, Created: noon}
	must(t, s.PutEndpoint(&ep))
	other := owedOne()
	other.Endpoint = ep.ID
	ids := owe(t, s, owedOne(), owedOne(), other)
	must(t, s.SetDelivery(t.Context(), ids[1], func(d *core.Delivery) error { d.Due = noon.Add(time.Hour); return nil }))
	must(t, s.DeleteEndpoint(ep.ID))
	for _, id := range ids {
		due, row := must1(s.Due(t.Context(), id))(t), must1(s.Delivery(t.Context(), id))(t)
		due.Due, row.Due, due.Created, row.Created = due.Due.UTC(), row.Due.UTC(), due.Created.UTC(), row.Created.UTC()
		row.Event.Payload = due.Event.Payload
		row.Request.Head = due.Request.Head
		if !reflect.DeepEqual(due, row) {
			t.Errorf("due\n     %+v\nrow  %+v", due, row)
		}
	}
	if _, err := s.Due(t.Context(), 99); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("one that there is not: %v", err)
	}
}

// TestAttemptsKeepWhatTheySent: a body that stands with the delivery is not stored again, and is read as it was sent, even when
// the delivery is changed afterwards.
func TestAttemptsKeepWhatTheySent(t *testing.T) {
	s := open(t)
	id := owe(t, s, owedOne())[0]
	head := []byte("POST / HTTP/1.1\r\nA: 1\r\nA: 2\r\n\r\n")
	sent := []core.Request{
		{Method: "POST", Head: head, Header: core.ParseHead(head), Body: []byte("as owed")},
		{Method: "POST", Header: core.Header{{Name: "B", Value: "2"}}, Body: []byte("another")},
		{Method: "GET", Head: head, Header: core.Header{{Name: "Not", Value: "in the head"}}, Body: []byte{}},
	}
	for i := range sent {
		attempted(t, s, id, i+1, &core.Attempt{Request: sent[i], Failure: "timeout"}, core.Waiting)
	}
	check := func(when string) {
		t.Helper()
		got := must1(s.Attempts(t.Context(), id))(t)
		if len(got) != len(sent) {
			t.Fatalf("%s: %d attempts", when, len(got))
		}
		for i, a := range got {
			if !reflect.DeepEqual(a.Request, sent[i]) {
				t.Errorf("%s, attempt %d:\n     %+v\nwant %+v", when, i+1, a.Request, sent[i])
			}
		}
	}
	check("before")
	if n := store.StoredBodies(t, s); n != 2 {
		t.Errorf("%d bodies are stored with attempts, want 2", n)
	}
	must(t, s.SetDelivery(t.Context(), id, func(d *core.Delivery) error { d.Request.Body = []byte("changed"); return nil }))
	check("after a change")
}

// TestAttemptsBeginTogether: one whose delivery does not wait is told so, and does not keep the others from beginning.
func TestAttemptsBeginTogether(t *testing.T) {
	s := open(t)
	ids := owe(t, s, owedOne(), owedOne(), owedOne())
	attempted(t, s, ids[1], 1, nil, "")
	var all []core.Attempt
	for _, id := range ids {
		all = append(all, core.Attempt{Delivery: id, Number: 1, Started: noon})
	}
	each := must1(s.StartAttempts(all))(t)
	if each[0] != nil || !errors.Is(each[1], core.ErrConflict) || each[2] != nil {
		t.Errorf("%v", each)
	}
	if n := must1(s.DeliveryStates(t.Context(), store.DeliveryFilter{}))(t)[core.Sending]; n != 3 {
		t.Errorf("%d are being sent", n)
	}
}
