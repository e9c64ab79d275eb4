package store_test

import (
	"context"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/store"
)

// query reads a filter.
func query(t *testing.T, text string) store.Query {
	t.Helper()
	return must1(store.ParseQuery(text, noon))(t)
}

func TestAQueryWithinRangesAndWithoutAnother(t *testing.T) {
	s := open(t)
	keep(t, s, 12, func(i int, c *core.Capture) {
		if i%2 == 1 {
			c.Event.Type = "even"
		}
	})
	must(t, s.Pin(4, true))
	r := func(from, to core.CaptureID) store.IDRange { return store.IDRange{From: from, To: to} }
	for name, tt := range map[string]struct {
		q    store.Query
		want string
	}{
		"one range":               {store.Query{}.Within(r(3, 5)), "5 4 3"},
		"several":                 {store.Query{}.Within(r(1, 2), r(6, 6), r(11, 99)), "12 11 6 2 1"},
		"none":                    {store.Query{}.Within(), ""},
		"of a filter":             {query(t, "event:even").Within(r(3, 8)), "8 6 4"},
		"several of a filter":     {query(t, "event:even").Within(r(1, 3), r(9, 12)), "12 10 2"},
		"of a filter over bodies": {query(t, "body:nowhere").Within(r(3, 4)), ""},
		"without":                 {query(t, "event:even").Without(store.Query{}.Within(r(5, 12))), "4 2"},
		"without itself":          {query(t, "event:even").Without(query(t, "event:even")), ""},
		"without a body":          {store.Query{}.Within(r(1, 3)).Without(query(t, "-body:zzz")), ""},
		"without all":             {query(t, "event:even").Without(store.Query{}), ""},
		"pinned":                  {store.Query{}.Within(r(1, 9)).And(store.Pinned()), "4"},
	} {
		got := must1(s.CaptureIDs(t.Context(), tt.q, 0))(t)
		if words(got) != tt.want {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
		if n := must1(s.Count(t.Context(), tt.q))(t); n != len(got) {
			t.Errorf("%s: %d are counted", name, n)
		}
	}
	base := query(t, "event:even")
	_, _ = base.Within(r(2, 2)), base.Within(r(4, 4)) // neither changes the other, nor what they were made of
	if got := must1(s.CaptureIDs(t.Context(), base, 0))(t); len(got) != 6 {
		t.Errorf("the query at hand was changed: %v", got)
	}
}

// More ranges and more numbers than SQLite takes words in a query.
func TestManyRanges(t *testing.T) {
	s := open(t)
	keep(t, s, 10, nil)
	var ranges []store.IDRange
	var ids []string
	for i := core.CaptureID(2); i < 40_000; i += 2 {
		ranges, ids = append(ranges, store.IDRange{From: i, To: i}), append(ids, words([]core.CaptureID{i}))
	}
	if got := must1(s.CaptureIDs(t.Context(), store.Query{}.Within(ranges...), 0))(t); words(got) != "10 8 6 4 2" {
		t.Errorf("%v", got)
	}
	if got := asked(t, s, "id:"+strings.Join(ids, ",")); got != "10 8 6 4 2" {
		t.Errorf("typed: %s", got)
	}
}

func TestPinAllAndTheMarks(t *testing.T) {
	s := open(t)
	keepAtOnce(t, s, 1500, func(i int, c *core.Capture) {})
	before := s.Marks()
	all := store.Query{}.Within(store.IDRange{From: 1, To: 1400})
	if n, err := s.PinAll(t.Context(), all, true); err != nil || n != 1400 {
		t.Errorf("%d pinned, %v", n, err)
	}
	if n, err := s.PinAll(t.Context(), all, true); err != nil || n != 0 {
		t.Errorf("%d pinned again, %v", n, err)
	}
	if m := s.Marks(); m.Changed != before.Changed+1400 || m.Deleted != 0 {
		t.Errorf("marks %+v", m)
	}
	must(t, s.SetNote(1, "mine"))
	if n, err := s.DeleteCaptures(t.Context(), store.Query{}); err != nil || n != 100 {
		t.Errorf("%d deleted, %v", n, err)
	}
	if m := s.Marks(); m.Changed != before.Changed+1401 || m.Deleted != 100 || m.Trimmed != 0 {
		t.Errorf("marks %+v", m)
	}
	if n, err := s.PinAll(t.Context(), all, false); err != nil || n != 1400 {
		t.Errorf("%d let go, %v", n, err)
	}
	if gone, err := s.Trim(t.Context(), store.Cap{Count: 10}, noon); err != nil || gone != 1390 {
		t.Errorf("%d trimmed, %v", gone, err)
	}
	if m := s.Marks(); m.Trimmed != 1390 {
		t.Errorf("marks %+v", m)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := s.PinAll(ctx, store.Query{}, true); err == nil || n != 0 {
		t.Errorf("%d pinned after the end", n)
	}
}

// Who was told of a commit and looks, sees the mark; who looked too early is told again.
func TestAMarkIsToldOf(t *testing.T) {
	s := open(t)
	keep(t, s, 1, nil)
	before, rev := s.Marks(), s.Feed().Rev()
	must(t, s.Pin(1, true))
	for s.Marks() == before { // each round is a commit that is told
		rev = must1(s.Feed().Wait(t.Context(), rev))(t)
	}
	if rows := must1(s.Captures(t.Context(), store.Query{}, 0, 1))(t); !rows[0].Pinned {
		t.Error("the mark comes before the change")
	}
}
