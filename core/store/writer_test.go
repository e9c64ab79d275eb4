package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// TestNeighbourThatFails: what shares a transaction with a write that fails is written a second time, and stands there as if
// nothing had happened.
func TestNeighbourThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := must1(store.Open(t.Context(), filepath.Join(t.TempDir(), "h.db")))(t)
		defer s.Close()
		c := sample(0)
		c.Deliveries = nil
		k := store.Kept{Platform: "joai", Work: []core.WorkItem{{ID: "w", Source: 1, Created: noon}},
			Deliveries:   []core.Delivery{{Work: "w", Created: noon, Due: noon}, {Created: noon, Due: noon}},
			PutEndpoints: []core.Endpoint{{Platform: "joai", WireID: "made", Name: "made", Created: noon}}}
		src, ep, draft := core.Source{Name: "a", Created: noon}, core.Endpoint{WireID: "e", Name: "e", Created: noon}, store.Draft{Name: "d", Doc: json.RawMessage("{}"), Updated: noon}

		begin, ended := make(chan struct{}), make(chan error, 8)
		write := func(do func() error) { go func() { ended <- do() }() }
		write(func() error { // the writer is busy until all the others have queued
			return store.ChangeSetting(s, "a", func(*int) error { <-begin; return nil })
		})
		synctest.Wait()
		write(func() error { return s.AddCapture(sample(1), nil) })
		write(func() error { return s.PutSource(&src) })
		write(func() error { return s.PutEndpoint(&ep) })
		write(func() error { return s.PutDraft(&draft) })
		synctest.Wait()
		write(func() error { return s.AddCapture(c, &k) })
		synctest.Wait()
		write(func() error {
			if err := s.PutSource(&core.Source{ID: 99}); !errors.Is(err, core.ErrNotFound) {
				t.Errorf("the one that fails: %v", err)
			}
			return nil
		})
		write(func() error { return store.ChangeSetting(s, "a", func(n *int) error { *n++; return nil }) })
		synctest.Wait()
		close(begin)
		for range cap(ended) {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if t.Failed() {
			return
		}
		if got, err := s.Source(t.Context(), src.ID); err != nil || got.Name != "a" {
			t.Errorf("source %d: %+v, %v", src.ID, got, err)
		}
		for _, id := range []core.EndpointID{ep.ID, k.PutEndpoints[0].ID} {
			if _, err := s.Endpoint(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
		if drafts := must1(s.Drafts(t.Context()))(t); len(drafts) != 1 || drafts[0].ID != draft.ID {
			t.Errorf("drafts %+v", drafts)
		}
		got := must1(s.Capture(t.Context(), c.ID))(t)
		if words(got.Work) != "w" || len(got.Deliveries) != 1 || got.Deliveries[0] != k.Deliveries[1].ID || len(c.Deliveries) != 2 {
			t.Errorf("capture %d: work %v, deliveries %v", c.ID, got.Work, got.Deliveries)
		}
		if w := must1(s.Work(t.Context(), "w"))(t); len(w.Deliveries) != 1 || w.Deliveries[0] != k.Deliveries[0].ID {
			t.Errorf("work %+v", w)
		}
		var n int
		if must(t, s.Setting(t.Context(), "a", &n)); n != 1 {
			t.Errorf("one was added %d times", n)
		}
	})
}

// Whoever waits is told of a commit, and whoever was away sees that they missed one.
func TestFeedTellsOfCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := must1(store.Open(t.Context(), filepath.Join(t.TempDir(), "h.db")))(t)
		defer s.Close()
		seen := s.Feed().Rev()
		told := make(chan uint64)
		for range 2 {
			go func() { told <- must1(s.Feed().Wait(t.Context(), seen))(t) }()
		}
		synctest.Wait()
		select {
		case rev := <-told:
			t.Errorf("told of %d before anything was written", rev)
		default:
		}
		must(t, s.PutSetting("a", 1))
		for range 2 {
			if rev := <-told; rev <= seen {
				t.Errorf("told of %d, after %d", rev, seen)
			}
		}
		if rev, err := s.Feed().Wait(t.Context(), seen); err != nil || rev != s.Feed().Rev() {
			t.Errorf("late: %d, %v", rev, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if rev, err := s.Feed().Wait(ctx, s.Feed().Rev()); err == nil || rev != s.Feed().Rev() {
			t.Errorf("nothing more: %d, %v", rev, err)
		}
	})
}
