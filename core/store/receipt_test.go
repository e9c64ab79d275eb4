package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

func TestVerdictsChangedAtOnceKeepAll(t *testing.T) {
	s := open(t)
	c := sample(0)
	must(t, s.AddCapture(c, nil))
	const n = 8
	atOnce(t, n, func(i int) error {
		return s.ChangeVerdict(c.ID, func(v *core.Verdict) (*core.Verdict, error) {
			v.Findings = append(v.Findings, core.Finding{Cause: fmt.Sprint(i)})
			return v, nil
		})
	})
	got := must1(s.Capture(t.Context(), c.ID))(t)
	if len(got.Receipt.Verdict.Findings) != n {
		t.Errorf("%d of %d findings are kept", len(got.Receipt.Verdict.Findings), n)
	}
	if len(got.Receipt.Checks) != 1 || words(got.Receipt.Verdict.Parts[1].Bytes) != words(c.Request.Body) {
		t.Errorf("the rest of the receipt is %+v", got.Receipt)
	}
}

func TestVerdictIsFoundAsItStands(t *testing.T) {
	s := open(t)
	ids := keep(t, s, 2, nil)
	must(t, s.SetVerdict(ids[0], &core.Verdict{State: core.Verified, Scheme: "github"}))
	if got := asked(t, s, "sig:verified"); got != "1" {
		t.Errorf("verified are %q", got)
	}
	err := s.ChangeVerdict(ids[1], func(v *core.Verdict) (*core.Verdict, error) { v.State = core.Verified; return v, errUnwanted })
	if got := asked(t, s, "sig:mismatch"); !errors.Is(err, errUnwanted) || got != "2" {
		t.Errorf("refused: %v, %q", err, got)
	}
	must(t, s.ChangeVerdict(ids[1], func(*core.Verdict) (*core.Verdict, error) { return nil, nil }))
	if got := asked(t, s, "sig:none"); got != "2" {
		t.Errorf("without a verdict are %q", got)
	}
	must(t, s.ChangeVerdict(ids[1], func(v *core.Verdict) (*core.Verdict, error) {
		if v != nil {
			t.Errorf("there was none, and yet %+v", v)
		}
		return &core.Verdict{State: core.Stale}, nil
	}))
	if err := s.SetVerdict(99, &core.Verdict{}); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("of a capture that was trimmed: %v", err)
	}
	raw(t, s.Path(), "UPDATE capture_body SET receipt='not JSON' WHERE id=1")
	if err := s.SetVerdict(1, &core.Verdict{}); err == nil || !strings.Contains(err.Error(), "read capture 1") {
		t.Errorf("unreadable: %v", err)
	}
}

// Where the signature is the secret itself, or the secret was signed, the history keeps neither.
func TestReceiptKeepsNoSecret(t *testing.T) {
	s := open(t)
	c := sample(0)
	c.Receipt.Verdict = &core.Verdict{State: core.Mismatch, Algorithm: "equal", Wanted: "topsecret", Got: "wrong",
		Parts: []core.Part{{Name: "secret", Bytes: []byte("topsecret")}, {Name: "body", Bytes: c.Request.Body}, {Name: "empty"}}}
	must(t, s.AddCapture(c, nil))
	v := must1(s.Capture(t.Context(), c.ID))(t).Receipt.Verdict
	if v.Wanted != "" || v.Got != "wrong" || len(v.Parts) != 3 || v.Parts[0].Bytes != nil || len(v.Parts[1].Bytes) != 256 || len(v.Parts[2].Bytes) != 0 {
		t.Errorf("kept %+v", v)
	}
	if c.Receipt.Verdict.Wanted != "topsecret" || len(c.Receipt.Verdict.Parts[0].Bytes) == 0 {
		t.Error("the capture at hand was changed")
	}
}

func TestAnswerAndNoteOfACapture(t *testing.T) {
	s := open(t)
	c := sample(0)
	must(t, s.AddCapture(c, nil))
	must(t, s.SetAnswer(c.ID, core.Response{Status: 503, Proto: "HTTP/1.1", Header: core.Header{{Name: "Retry-After", Value: "1"}}, Size: 9, Truncated: true}))
	must(t, s.SetNote(c.ID, "the customer called"))
	got := must1(s.Capture(t.Context(), c.ID))(t)
	if r := got.Response; r.Status != 503 || r.Header.Get("retry-after") != "1" || r.Size != 9 || !r.Truncated || r.Body == nil || got.Note != "the customer called" {
		t.Errorf("answer %+v, note %q", r, got.Note)
	}
	if asked(t, s, "status:5xx") != "1" {
		t.Error("the filter goes by the first answer")
	}
}

// A row that cannot be read is an error that names it, and does not hide the others.
func TestUnreadableRows(t *testing.T) {
	s := open(t)
	keep(t, s, 4, func(i int, c *core.Capture) {
		if i == 2 {
			c.Request.Head = nil // its fields are kept as JSON
		}
	})
	id := owe(t, s, core.Delivery{Created: noon, Due: noon}, core.Delivery{Created: noon, Due: noon})[0]
	attempted(t, s, id, 1, &core.Attempt{Response: &core.Response{Status: 200}}, core.Delivered)
	must(t, s.AddKept(&store.Kept{Work: []core.WorkItem{{ID: "w1", Created: noon}, {ID: "w2", Created: noon}}}))
	ep := core.Endpoint{WireID: "e", Created: noon}
	must(t, s.PutEndpoint(&ep))
	raw(t, s.Path(), `UPDATE capture_body SET receipt='[' WHERE id=1; UPDATE capture_body SET answer='[' WHERE id=2; UPDATE capture_body SET header='[' WHERE id=3;
		UPDATE delivery_body SET doc='[' WHERE id=1; UPDATE attempt SET doc='['; UPDATE work SET doc='[' WHERE id=1; UPDATE endpoint SET doc='['`)
	fails := func(what string, err error) {
		t.Helper()
		if err == nil || errors.Is(err, core.ErrNotFound) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	ctx := t.Context()
	for id := range core.CaptureID(3) {
		_, err := s.Capture(ctx, id+1)
		fails(fmt.Sprint("capture ", id+1), err)
	}
	if _, err := s.Capture(ctx, 4); err != nil {
		t.Error(err)
	}
	if rows, err := s.Captures(ctx, store.Query{}, 0, 10); len(rows) != 4 || err != nil {
		t.Errorf("the list has %d, %v", len(rows), err)
	}
	_, err := s.Delivery(ctx, id)
	fails("delivery 1", err)
	fails("delivery 1", s.SetDelivery(ctx, id, func(*core.Delivery) error { return nil }))
	_, err = s.Attempts(ctx, id)
	fails("attempts of delivery 1", err)
	if rows, err := s.Deliveries(ctx, store.DeliveryFilter{}, 0, 10); len(rows) != 2 || err != nil {
		t.Errorf("the list has %d, %v", len(rows), err)
	}
	_, err = s.Work(ctx, "w1")
	fails("read work", err)
	_, _, err = s.WorkItems(ctx, store.WorkFilter{}, 0, 10)
	fails("read work 1", err)
	fails("keep work", s.AddKept(&store.Kept{Work: []core.WorkItem{{ID: "w1", Created: noon}}}))
	fails("keep work", s.AddKept(&store.Kept{Deliveries: []core.Delivery{{Work: "w1"}}}))
	if rows, err := s.WorkRows(ctx, store.WorkFilter{}, 0, 10); len(rows) != 2 || err != nil {
		t.Errorf("the list has %d, %v", len(rows), err)
	}
	_, err = s.Endpoint(ctx, ep.ID)
	fails(fmt.Sprint("endpoint ", ep.ID), err)
	_, err = s.Endpoints(ctx)
	fails("list endpoints", err)
}
