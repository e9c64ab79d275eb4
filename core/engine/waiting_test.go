package engine

import (
	"context"
	"errors"
	"testing"

	"hookglass/core"
)

// TestNobodyWaitsForEver: who asked for the answer to a delivery is forgotten with the answer, also where the attempt was
// quicker than the question, or the answer comes too late.
func TestNobodyWaitsForEver(t *testing.T) {
	e, err := Open(t.Context(), Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ids, err := e.Store.AddDeliveries(t.Context(), make([]core.Delivery, 2))
	if err != nil {
		t.Fatal(err)
	}
	late, quick := ids[0], ids[1]
	ended, end := context.WithCancel(t.Context())
	end()
	if _, ok := e.Outbox.await(ended, late); ok {
		t.Error("an answer that nobody gave")
	}
	a := core.Attempt{Delivery: quick, Number: 1, Response: &core.Response{Status: 204}}
	if err := errors.Join(e.Store.StartAttempt(t.Context(), core.Attempt{Delivery: quick, Number: 1}), e.Store.FinishAttempt(t.Context(), a, core.Delivery{ID: quick, State: core.Delivered})); err != nil {
		t.Fatal(err)
	}
	if r, ok := e.Outbox.await(t.Context(), quick); !ok || r.Status != 204 {
		t.Errorf("the answer is %+v, %t", r, ok)
	}
	if n := len(e.Outbox.waiting); n > 0 {
		t.Errorf("%d still wait", n)
	}
}
