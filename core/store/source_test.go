package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

func TestSourcesByIDAndName(t *testing.T) {
	s := open(t)
	a := core.Source{Name: "a", Platform: "generic", Settings: core.Values{"path": "/in/a"}, Created: noon}
	b := core.Source{Name: "b", Platform: "generic", Created: noon}
	must(t, s.PutSource(&a))
	must(t, s.PutSource(&b))
	if got, err := s.Source(t.Context(), b.ID); err != nil || got.ID != b.ID || got.Name != "b" {
		t.Errorf("got %+v, %v", got, err)
	}
	b.Name = "a"
	if err := s.PutSource(&b); !errors.Is(err, core.ErrConflict) || !strings.Contains(err.Error(), `name "a"`) {
		t.Errorf("a name that is taken: %v", err)
	}
	if err := s.PutSource(&core.Source{Name: "a"}); !errors.Is(err, core.ErrConflict) {
		t.Errorf("a new one of a name that is taken: %v", err)
	}
	must(t, s.DeleteSource(a.ID))
	if got, err := s.Source(t.Context(), a.ID); !errors.Is(err, core.ErrNotFound) || got.Name != "" {
		t.Errorf("deleted: %+v, %v", got, err)
	}
	raw(t, s.Path(), "UPDATE source SET doc='not JSON'")
	if _, err := s.Source(t.Context(), b.ID); err == nil || errors.Is(err, core.ErrNotFound) || !strings.Contains(err.Error(), fmt.Sprint("source ", b.ID)) {
		t.Errorf("unreadable: %v", err)
	}
}

// A machine that changes a setting changes that one only, on what is then stored.
func TestKeptSettingsAreMerged(t *testing.T) {
	s := open(t)
	src := core.Source{Name: "a", Platform: "almyty", Created: noon}
	must(t, s.PutSource(&src))
	const n = 8
	atOnce(t, n, func(i int) error {
		return s.AddKept(&store.Kept{Source: src.ID, Settings: core.Values{fmt.Sprint("k", i): true}})
	})
	if got := must1(s.Source(t.Context(), src.ID))(t); len(got.Settings) != n || got.Name != "a" {
		t.Errorf("kept %v", got.Settings)
	}
	must(t, s.AddCapture(sample(0), &store.Kept{Source: 99, Settings: core.Values{"k": 1}})) // a source that is not kept
	raw(t, s.Path(), "UPDATE source SET doc='not JSON'")
	if err := s.AddKept(&store.Kept{Source: src.ID, Settings: core.Values{"k": 1}}); err == nil {
		t.Error("unreadable settings were written over")
	}
	must(t, s.AddKept(&store.Kept{}))
}

func TestCapturesOfASource(t *testing.T) {
	s := open(t)
	keep(t, s, 6, func(i int, c *core.Capture) {
		c.Source = core.SourceID(i % 3) // 0 is none: nobody had the address
		c.At, c.Request.Target = noon.Add(time.Duration(i)*time.Minute), fmt.Sprint("/", i)
	})
	var got []string
	must(t, s.SourceCaptures(t.Context(), 2, func(id core.CaptureID, own bool, target string) {
		got = append(got, fmt.Sprint(id, own, target))
	}))
	if words(got) != "1 false/0 3 true/2 4 false/3 6 true/5" {
		t.Errorf("got %q", got)
	}
	stats := must1(s.SourceStats(t.Context()))(t)
	if len(stats) != 3 || stats[2].Captures != 2 || !stats[2].Last.Equal(noon.Add(5*time.Minute)) || !stats[1].Last.Equal(noon.Add(4*time.Minute)) {
		t.Errorf("stats %+v", stats)
	}
}

// What a capture brings is stored with it or not at all.
func TestWhatACaptureBrings(t *testing.T) {
	s := open(t)
	old := core.Endpoint{Platform: "joai", WireID: "old", Name: "old", Created: noon}
	must(t, s.PutEndpoint(&old))
	waits := owe(t, s, core.Delivery{Endpoint: old.ID})[0]
	c := sample(0)
	k := store.Kept{
		Work:         []core.WorkItem{{ID: "w1", Source: 1, Created: noon, State: "queued"}},
		Deliveries:   []core.Delivery{{Work: "w1", Created: noon, Due: noon}, {Created: noon, Due: noon}, {ReplayOf: 77, Created: noon, Due: noon}},
		PutEndpoints: []core.Endpoint{{Platform: "joai", WireID: "new", Name: "new", Created: noon}}, DropEndpoints: []string{"old", "never there"}, Platform: "joai",
	}
	must(t, s.AddCapture(c, &k))
	got := must1(s.Capture(t.Context(), c.ID))(t)
	if words(got.Work) != "w1" || words(got.Deliveries) != words([]core.DeliveryID{k.Deliveries[1].ID}) || len(c.Deliveries) != 3 {
		t.Errorf("work %v, deliveries %v; want w1, and the forward", got.Work, got.Deliveries)
	}
	w := must1(s.Work(t.Context(), "w1"))(t)
	if w.Capture != c.ID || len(w.Deliveries) != 1 || w.Deliveries[0] != k.Deliveries[0].ID {
		t.Errorf("work %+v", w)
	}
	if k.PutEndpoints[0].ID == 0 {
		t.Error("the id of the new endpoint is not told")
	}
	if d := must1(s.Delivery(t.Context(), waits))(t); d.State != core.Cancelled || d.Reason != "the endpoint was deleted" {
		t.Errorf("what waited for the endpoint that went is %s, %q", d.State, d.Reason)
	}
	if _, err := s.Endpoint(t.Context(), old.ID); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}

	bad := sample(0)
	err := s.AddCapture(bad, &store.Kept{Work: []core.WorkItem{{ID: "w2", Created: noon}}, PutEndpoints: []core.Endpoint{{ID: 99, Platform: "joai", WireID: "gone"}}})
	if !errors.Is(err, core.ErrNotFound) {
		t.Errorf("an endpoint that is gone: %v", err)
	}
	if _, err := s.Work(t.Context(), "w2"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("its work was stored alone: %v", err)
	}
	if ids := must1(s.CaptureIDs(t.Context(), store.Query{}, 0))(t); len(ids) != 1 {
		t.Errorf("captures %v", ids)
	}
}
