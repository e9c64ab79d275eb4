package store_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// TestIDsAreSets compares a set with a sorted list, which says the same slowly.
func TestIDsAreSets(t *testing.T) {
	chance := rand.New(rand.NewPCG(17, 17))
	draw := func() (store.IDs, []core.CaptureID) {
		var all []core.CaptureID
		for range 1 + chance.IntN(6) { // some dense stretches, some single ones, with gaps of whole blocks
			from := core.CaptureID(1 + chance.IntN(60_000))
			for id := from; id < from+core.CaptureID(chance.IntN(9_000)); id += core.CaptureID(1 + chance.IntN(3)) {
				all = append(all, id)
			}
		}
		slices.Sort(all)
		all = slices.Compact(all)
		return store.NewIDs(all...), all
	}
	same := func(what string, got store.IDs, want []core.CaptureID) {
		t.Helper()
		back := slices.Collect(got.Backward())
		slices.Reverse(back)
		if got.Len() != len(want) || !slices.Equal(back, want) {
			t.Fatalf("%s: %d captures, want %d", what, got.Len(), len(want))
		}
	}
	only := func(a []core.CaptureID, keep func(core.CaptureID) bool) (out []core.CaptureID) {
		for _, id := range a {
			if keep(id) {
				out = append(out, id)
			}
		}
		return out
	}
	for range 40 {
		a, la := draw()
		b, lb := draw()
		in := func(l []core.CaptureID) func(core.CaptureID) bool {
			return func(id core.CaptureID) bool { _, found := slices.BinarySearch(l, id); return found }
		}
		same("a", a, la)
		same("and", a.And(b), only(la, in(lb)))
		same("without", a.Without(b), only(la, func(id core.CaptureID) bool { return !in(lb)(id) }))
		both := append(slices.Clone(la), lb...)
		slices.Sort(both)
		same("with", a.With(b), slices.Compact(both))
		ranges := []store.IDRange{{From: 20_000, To: 20_010}, {From: 3, To: 9_000}, {From: 8_000, To: 17_000}}
		same("in", a.In(ranges...), only(la, func(id core.CaptureID) bool { return id >= 3 && id <= 17_000 || id >= 20_000 && id <= 20_010 }))
		for range 200 {
			id := core.CaptureID(chance.IntN(70_000))
			at, found := slices.BinarySearch(la, id)
			if a.Has(id) != found || a.Below(id) != at {
				t.Fatalf("capture %d: has %v, below %d; want %v, %d", id, a.Has(id), a.Below(id), found, at)
			}
			if place := chance.IntN(len(la) + 2); place < len(la) && a.At(place) != la[place] || place >= len(la) && a.At(place) != 0 {
				t.Fatalf("at %d stands %d", place, a.At(place))
			}
			to := id + core.CaptureID(chance.IntN(9_000))
			if got, want := a.CountIn(store.IDRange{From: id, To: to}), len(only(la, func(x core.CaptureID) bool { return x >= id && x <= to })); got != want {
				t.Fatalf("%d in %d to %d, want %d", got, id, to, want)
			}
		}
	}
}
