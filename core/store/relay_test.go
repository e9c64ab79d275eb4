package store_test

import (
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// arrival is capture n of the hub as it stood at sequence seq.
func arrival(n, previous core.CaptureID, seq uint64) store.Arrival {
	c := sample(0)
	c.Name, c.Via, c.At = "shop", "team", noon.Add(time.Duration(n)*time.Minute)
	return store.Arrival{Space: "team", Hub: "hub", Number: n, Previous: previous, Epoch: "e1", Sequence: seq, Capture: c}
}

func TestAnArrivalIsTakenInOnce(t *testing.T) {
	s := open(t)
	first := []store.Arrival{arrival(1, 0, 1), arrival(2, 1, 2)}
	must(t, s.AddArrivals(first))
	if first[0].Capture.ID == 0 || first[0].Known || first[1].Known {
		t.Errorf("%+v", first)
	}
	anew := arrival(3, 2, 1) // the broker lost its stream, and counts from 1 again
	anew.Epoch = "e2"
	again := []store.Arrival{arrival(2, 1, 2), arrival(1, 0, 9), anew, arrival(4, 3, 2)}
	must(t, s.AddArrivals(again))
	for i, want := range []bool{true, true, false, true} { // the last stands where another one stood
		if again[i].Known != want {
			t.Errorf("arrival %d: known %v", i, again[i].Known)
		}
	}
	if n := must1(s.Count(t.Context(), query(t, "space:team")))(t); n != 3 {
		t.Errorf("%d captures of the space", n)
	}
	if n := must1(s.Count(t.Context(), query(t, "is:tunnel")))(t); n != 0 {
		t.Errorf("%d captures of a space count as through a tunnel", n)
	}
	must1(s.DeleteCaptures(t.Context(), query(t, "space:team")))(t)
	once := []store.Arrival{arrival(1, 0, 1)}
	must(t, s.AddArrivals(once))
	if !once[0].Known {
		t.Error("what was deleted came back")
	}
}

func TestAGapIsSeenAndFilled(t *testing.T) {
	s := open(t)
	must(t, s.AddArrivals([]store.Arrival{arrival(5, 4, 1), arrival(6, 5, 2)})) // what came before the reader did is no gap
	if g := must1(s.Gaps(t.Context(), "team"))(t); len(g) != 0 {
		t.Fatalf("%+v", g)
	}
	behind := []store.Arrival{arrival(20, 19, 8)}
	must(t, s.AddArrivals(behind))
	g := must1(s.Gaps(t.Context(), "team"))(t)
	if len(g) != 1 || g[0].After != 6 || g[0].Before != 19 || g[0].Capture != behind[0].Capture.ID || !g[0].Since.Equal(noon.Add(6*time.Minute)) || !g[0].Until.Equal(noon.Add(20*time.Minute)) || g[0].Seen {
		t.Fatalf("%+v", g)
	}
	if b, ok, err := s.GapBefore(t.Context(), behind[0].Capture.ID); err != nil || !ok || b != g[0] || b.Most() != 13 {
		t.Errorf("before it: %+v, %v, %v", b, ok, err)
	}
	if rows := must1(s.Captures(t.Context(), store.Query{}, 0, 2))(t); !rows[0].Gap || rows[1].Gap {
		t.Errorf("its row says %v, the one before %v", rows[0].Gap, rows[1].Gap)
	}
	must(t, s.SeeGaps("team"))
	if g := must1(s.Gaps(t.Context(), ""))(t); !g[0].Seen {
		t.Error("it was not seen")
	}
	must(t, s.AddArrivals([]store.Arrival{arrival(12, 6, 9)}))
	if g := must1(s.Gaps(t.Context(), "team"))(t); len(g) != 1 || g[0].After != 12 {
		t.Fatalf("half filled: %+v", g)
	}
	must(t, s.AddArrivals([]store.Arrival{arrival(19, 12, 10), arrival(21, 20, 11)}))
	if g := must1(s.Gaps(t.Context(), "team"))(t); len(g) != 0 {
		t.Fatalf("filled: %+v", g)
	}
	shared := arrival(40, 39, 12) // another job of the queue took the others
	shared.Shared = true
	must(t, s.AddArrivals([]store.Arrival{shared}))
	if g := must1(s.Gaps(t.Context(), "team"))(t); len(g) != 0 {
		t.Fatalf("of a queue: %+v", g)
	}
}

func TestWhatGoesOutIsOnesOwn(t *testing.T) {
	s := open(t)
	ids := keep(t, s, 3, func(i int, c *core.Capture) { c.Name = "own" })
	in := []store.Arrival{arrival(9, 8, 1)}
	must(t, s.AddArrivals(in))
	ids = append(ids, keep(t, s, 1, func(i int, c *core.Capture) { c.Name = "own" })...)
	out := must1(s.Outgoing(t.Context(), ids[0], 10, 1<<20))(t)
	if len(out) != 3 || out[0].ID != ids[1] || out[2].ID != ids[3] {
		t.Fatalf("%d captures go out", len(out))
	}
	if len(must1(s.Outgoing(t.Context(), 0, 10, 1))(t)) != 1 {
		t.Error("the bound of bytes lets more through than one")
	}
	if n := must1(s.OutgoingLeft(t.Context(), ids[0]))(t); n != 3 {
		t.Errorf("%d left", n)
	}
	if p := must1(s.Previous(t.Context(), &out[2]))(t); p != ids[2] {
		t.Errorf("before %d comes %d", ids[3], p)
	}
	if p := must1(s.Previous(t.Context(), &core.Capture{ID: ids[0], Name: "own"}))(t); p != 0 {
		t.Errorf("before the first comes %d", p)
	}
}
