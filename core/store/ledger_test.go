package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// TestWhatIsKeptIsWhatIsThere: what the history knows of its captures without reading them is true after everything that
// happens to captures, in the program that writes, in one that reads beside it, and when it is opened again.
func TestWhatIsKeptIsWhatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := must1(store.Open(t.Context(), path))(t)
	defer func() { s.Close() }()
	true_ := func(what string) {
		t.Helper()
		if err := s.Check(t.Context()); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		beside := must1(store.OpenRead(t.Context(), path))(t)
		defer beside.Close()
		var counted int64
		for _, st := range must1(s.SourceStats(t.Context()))(t) {
			counted += st.Captures
		}
		mine, theirs := must1(s.All(t.Context()))(t), must1(beside.All(t.Context()))(t)
		ids := must1(s.CaptureIDs(t.Context(), store.Query{}.Without(store.Pinned()).Within(store.IDRange{From: 1, To: 1 << 40}), 0))(t)
		if n := int(must1(s.Usage(t.Context()))(t).Captures); n != mine.Len() || theirs.Len() != n || int(counted) != n || len(ids) != n {
			t.Fatalf("%s: %d captures, in the set %d, seen beside %d, by source %d, read %d", what, n, mine.Len(), theirs.Len(), counted, len(ids))
		}
	}
	reopen := func() {
		t.Helper()
		must(t, s.Close())
		s = must1(store.Open(t.Context(), path))(t)
	}
	add := func(n int) {
		t.Helper()
		keepAtOnce(t, s, n, func(i int, c *core.Capture) {
			c.Source, c.Name, c.At = core.SourceID(i%5), fmt.Sprintf("s%d", i%7), noon.Add(time.Duration(i)*time.Second)
			c.Request.Body = []byte("x")
		})
	}
	remove := func(filter string) {
		t.Helper()
		must1(s.DeleteCaptures(t.Context(), must1(store.ParseQuery(filter, noon))(t)))(t)
	}
	true_("empty")
	add(9000) // two blocks and a part
	true_("three blocks")
	reopen()
	true_("opened again")
	remove("source:s3")
	true_("some of each block deleted")
	remove("id:1-5000")
	true_("a whole block deleted")
	reopen()
	true_("deleted, and opened again")
	remove("id:8100-9000")
	true_("the newest deleted")
	reopen()
	add(50)
	if all := must1(s.All(t.Context()))(t); all.Has(9000) || !all.Has(9001) || all.Newest() != 9050 {
		t.Errorf("the numbers of deleted captures are given again: the newest is %d", all.Newest())
	}
	true_("more, after the newest were deleted")
	reopen()
	add(300)
	true_("opened again, and more")
	undone := errors.New("not wanted")
	if err := store.ChangeSetting(s, "x", func(*int) error { return undone }); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	add(5)
	true_("after a change that was refused")
	if gone := must1(s.Trim(t.Context(), store.Cap{Count: 1000}, noon))(t); gone == 0 {
		t.Error("nothing was trimmed")
	}
	true_("trimmed")
	remove("id:1-100000")
	true_("all deleted")
	add(3)
	true_("begun anew")
}

// TestAnUndoneGroupLeavesNoTrace: a capture whose group is undone, because a neighbour failed, is counted once.
func TestAnUndoneGroupLeavesNoTrace(t *testing.T) {
	s := must1(store.Open(t.Context(), filepath.Join(t.TempDir(), "h.db")))(t)
	defer s.Close()
	atOnce(t, 400, func(i int) error {
		if i%4 == 0 {
			if err := store.ChangeSetting(s, "x", func(*int) error { return errUnwanted }); !errors.Is(err, errUnwanted) {
				return fmt.Errorf("refused with %v", err)
			}
			return nil
		}
		c := sample(0)
		c.Name = fmt.Sprint("name ", i%9)
		return s.AddCapture(c, nil)
	})
	must(t, s.Check(t.Context()))
	if n := must1(s.Count(t.Context(), store.Query{}))(t); n != 300 {
		t.Errorf("%d captures are counted, want 300", n)
	}
}

// TestASearchLeavesOutWhatCannotMatch: a filter over times looks at the blocks of these times alone, and one that an index
// answers at what stands in it.
func TestASearchLeavesOutWhatCannotMatch(t *testing.T) {
	s := must1(store.Open(t.Context(), filepath.Join(t.TempDir(), "h.db")))(t)
	defer s.Close()
	keep(t, s, 1, func(_ int, c *core.Capture) { c.At = noon.Add(-1000 * time.Hour) })
	keepAtOnce(t, s, 13_000, func(i int, c *core.Capture) { c.At, c.Request.Body = noon, []byte("x") })
	keep(t, s, 3, func(i int, c *core.Capture) { c.At, c.Name = noon.Add(time.Hour), "late" })
	keep(t, s, 1, func(_ int, c *core.Capture) { c.At = noon.Add(-1000 * time.Hour) }) // one that was imported
	const last = 13_005 - 3*4096 + 1                                                   // captures of the newest block; number 0 is given to none
	for filter, want := range map[string]struct{ found, of int }{
		"since:2026-11-20T12:30:00Z":                            {3, last},
		"until:2026-11-01":                                      {2, 4095 + last},
		"until:2026-11-01 id:1-100":                             {1, 100},
		"since:2026-11-20T11:00:00Z until:2026-11-20T11:30:00Z": {0, 4095 + last}, // both have older and newer ones
		"since:2026-11-21":                                      {0, 0},
		"source:late":                                           {3, 13_005},
	} {
		q := must1(store.ParseQuery(filter, noon))(t)
		search := must1(s.Search(t.Context(), q, 0))(t)
		for more := true; more; {
			more = must1(search.Go(t.Context(), 0))(t)
		}
		found := search.Found()
		done, of := search.Progress()
		if done != of {
			t.Errorf("%s: at its end, %d of %d are looked at", filter, done, of)
		}
		if found.Len() != want.found || of != want.of {
			t.Errorf("%s: %d found among %d, want %d among %d", filter, found.Len(), of, want.found, want.of)
		}
		if n := must1(s.Count(t.Context(), q))(t); n != want.found {
			t.Errorf("%s: %d are counted, want %d", filter, n, want.found)
		}
	}
}

// TestSearchGoesOnAndEnds: what is found is told on the way, the newest first, and who has seen enough ends it.
func TestSearchGoesOnAndEnds(t *testing.T) {
	s := must1(store.Open(t.Context(), filepath.Join(t.TempDir(), "h.db")))(t)
	defer s.Close()
	keepAtOnce(t, s, 9_000, func(i int, c *core.Capture) { c.Request.Body = []byte("x") })
	search := must1(s.Search(t.Context(), must1(store.ParseQuery("method:POST", noon))(t), 0))(t)
	if !must1(search.Go(t.Context(), -1))(t) {
		t.Fatal("one piece was all")
	}
	first := search.Found()
	if first.Len() != 4096 || first.At(0) != 9_000-4096+1 {
		t.Errorf("the first piece has %d, from capture %d", first.Len(), first.At(0))
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := search.Go(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if more, err := search.Go(t.Context(), time.Hour); more || err != nil || search.Found().Len() != 9_000 || first.Len() != 4096 {
		t.Errorf("taken up again it found %d, %v, %v", search.Found().Len(), more, err)
	}
}
