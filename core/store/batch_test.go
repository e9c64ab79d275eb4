package store_test

import (
	"context"
	"testing"
	"time"

	"hookglass/core"
)

func TestBatchesAreListedNewestFirst(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	at := time.Unix(1_700_000_000, 0)
	for i, batch := range []string{"replay-1", "", "forward:stripe", "replay-2", "replay-1"} {
		d := core.Delivery{Batch: batch, Created: at.Add(time.Duration(i) * time.Second), Due: at, Target: core.Target{URL: "http://127.0.0.1/" + batch}}
		if _, err := s.AddDeliveries(ctx, []core.Delivery{d}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Batches(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		name  string
		count int64
		after time.Duration
	}{{"replay-2", 1, 3 * time.Second}, {"forward:stripe", 1, 2 * time.Second}, {"replay-1", 2, 0}}
	if len(got) != len(want) {
		t.Fatalf("got %d batches, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if got[i].Name != w.name || got[i].Count != w.count || got[i].Created.Sub(at) != w.after || got[i].URL != "http://127.0.0.1/"+w.name {
			t.Errorf("batch %d: got %+v, want %+v", i, got[i], w)
		}
	}
	if few, err := s.Batches(ctx, 1); err != nil || len(few) != 1 || few[0].Name != "replay-2" {
		t.Errorf("the newest one: got %+v, %v", few, err)
	}
}

func TestPlannedCountsTheFirstAttemptToo(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	var ids []core.DeliveryID
	for _, retries := range []int{0, 3} {
		one, err := s.AddDeliveries(ctx, []core.Delivery{{Target: core.Target{Policy: core.RetryPolicy{Retries: retries}}, Created: time.Unix(1, 0), Due: time.Unix(1, 0)}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one...)
	}
	got, err := s.Planned(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[ids[0]] != 1 || got[ids[1]] != 4 {
		t.Errorf("got %v, want 1 and 4 attempts", got)
	}
	if none, err := s.Planned(ctx, nil); err != nil || len(none) != 0 {
		t.Errorf("of none: got %v, %v", none, err)
	}
}
