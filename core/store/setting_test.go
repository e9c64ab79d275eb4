package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

func TestSettingThatIsNotThereLeavesTheDefault(t *testing.T) {
	s := open(t)
	limit := store.DefaultCap
	if err := s.Setting(t.Context(), "cap", &limit); err != nil || limit != store.DefaultCap {
		t.Errorf("got %+v, %v", limit, err)
	}
	must(t, s.PutSetting("cap", store.Cap{Count: 5}))
	must(t, s.PutSetting("cap", store.Cap{Count: 6, Bytes: 7}))
	if err := s.Setting(t.Context(), "cap", &limit); err != nil || limit != (store.Cap{Count: 6, Bytes: 7}) {
		t.Errorf("got %+v, %v", limit, err)
	}
	if err := s.PutSetting("cap", func() {}); err == nil || !strings.Contains(err.Error(), "write setting cap") {
		t.Errorf("what has no JSON: %v", err)
	}
}

func TestSettingsChangedAtOnceKeepAll(t *testing.T) {
	s := open(t)
	const n = 8
	atOnce(t, 2*n, func(i int) error {
		if i%2 == 1 { // neighbours in the same transaction that fail: the others are done a second time
			if err := store.ChangeSetting(s, "numbers", func(*[]int) error { return errUnwanted }); !errors.Is(err, errUnwanted) {
				t.Errorf("refused: %v", err)
			}
			return nil
		}
		return store.ChangeSetting(s, "numbers", func(all *[]int) error { *all = append(*all, i); return nil })
	})
	var got []int
	must(t, s.Setting(t.Context(), "numbers", &got))
	seen := map[int]bool{}
	for _, i := range got {
		seen[i] = true
	}
	if len(got) != n || len(seen) != n {
		t.Errorf("kept %v, want %d different ones", got, n)
	}
}

func TestChangeThatIsRefusedLeavesTheSetting(t *testing.T) {
	s := open(t)
	must(t, s.PutSetting("a", map[string]int{"x": 1}))
	err := store.ChangeSetting(s, "a", func(v *map[string]int) error { (*v)["x"] = 2; return errUnwanted })
	if !errors.Is(err, errUnwanted) {
		t.Errorf("got %v", err)
	}
	got := map[string]int{}
	if err := s.Setting(t.Context(), "a", &got); err != nil || got["x"] != 1 {
		t.Errorf("it became %v, %v", got, err)
	}
	if err := store.ChangeSetting(s, "new", func(v *map[string]func()) error { *v = map[string]func(){"f": nil}; return nil }); err == nil {
		t.Error("what has no JSON was stored")
	}
}

// A setting that cannot be read, of a newer version for instance, is told of and not written over.
func TestUnreadableSettingIsNotWrittenOver(t *testing.T) {
	s := open(t)
	must(t, s.PutSetting("a", "a text"))
	var list []int
	if err := s.Setting(t.Context(), "a", &list); err == nil || !strings.Contains(err.Error(), "read setting a") {
		t.Errorf("read: %v", err)
	}
	if err := store.ChangeSetting(s, "a", func(v *[]int) error { *v = []int{1}; return nil }); err == nil {
		t.Error("it was changed")
	}
	var text string
	if err := s.Setting(t.Context(), "a", &text); err != nil || text != "a text" {
		t.Errorf("left is %q, %v", text, err)
	}
}

func TestDraftsAreListedByTheirLastChange(t *testing.T) {
	s := open(t)
	for i, name := range []string{"a", "b", "c"} {
		must(t, s.PutDraft(&store.Draft{Name: name, Doc: json.RawMessage(`{"n":1}`), Updated: noon.Add(time.Duration(i) * time.Minute)}))
	}
	drafts := must1(s.Drafts(t.Context()))(t)
	first := drafts[2]
	first.Name, first.Updated = "a again", noon.Add(time.Hour)
	must(t, s.PutDraft(&first))
	must(t, s.DeleteDraft(drafts[0].ID))
	var got []string
	for _, d := range must1(s.Drafts(t.Context()))(t) {
		got = append(got, d.Name)
	}
	if words(got) != "a again b" {
		t.Errorf("got %q", got)
	}
}

func TestTrimByAge(t *testing.T) {
	s := open(t)
	keep(t, s, 6, func(i int, c *core.Capture) { c.At = noon.Add(time.Duration(i-5) * time.Hour) })
	must(t, s.Pin(1, true))
	gone, err := s.Trim(t.Context(), store.Cap{Age: 150 * time.Minute}, noon)
	if err != nil || gone != 2 { // of those 3, 4 and 5 hours old, the oldest is pinned
		t.Errorf("gone %d, %v", gone, err)
	}
	if ids := must1(s.CaptureIDs(t.Context(), store.Query{}, 0))(t); words(ids) != "6 5 4 1" {
		t.Errorf("left %v", ids)
	}
	if gone, err := s.Trim(t.Context(), store.Cap{}, noon); err != nil || gone != 0 {
		t.Errorf("without bounds: gone %d, %v", gone, err)
	}
}

// A cap in bytes takes the oldest captures first, and when none is left that may go, what has ended without one.
func TestTrimByBytes(t *testing.T) {
	s := open(t)
	big := func(_ int, c *core.Capture) { c.Request.Body, c.Receipt.Verdict = make([]byte, 40_000), nil }
	keepAtOnce(t, s, 1500, big)
	must(t, s.Pin(1, true))
	before := must1(s.Usage(t.Context()))(t)
	if _, err := s.Trim(t.Context(), store.Cap{Bytes: before.Bytes / 2}, noon); err != nil {
		t.Fatal(err)
	}
	after := must1(s.Usage(t.Context()))(t)
	if after.Captures == 1500 || after.Captures < 400 || after.Bytes > before.Bytes/2 {
		t.Errorf("%+v became %+v", before, after)
	}
	if _, err := s.Capture(t.Context(), 1); err != nil {
		t.Errorf("the pinned one: %v", err)
	}
	if _, err := s.Capture(t.Context(), 1500); err != nil {
		t.Errorf("the newest: %v", err)
	}

	done := core.Delivery{State: core.Delivered, Created: noon, Due: noon, Request: core.Request{Body: make([]byte, 60_000)}}
	waits := done
	waits.State = core.Waiting
	for range 20 {
		owe(t, s, done, done, done, done, done, waits)
	}
	if _, err := s.Trim(t.Context(), store.Cap{Bytes: 1}, noon); err != nil { // cannot be met: it does what it can, and ends
		t.Fatal(err)
	}
	states := must1(s.DeliveryStates(t.Context(), store.DeliveryFilter{}))(t)
	if u := must1(s.Usage(t.Context()))(t); u.Captures != 1 || states[core.Delivered] != 0 || states[core.Waiting] != 20 {
		t.Errorf("left %+v, %v; want the pinned capture and what waits", u, states)
	}
}

func TestTrimThatIsStopped(t *testing.T) {
	s := open(t)
	keep(t, s, 3, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if gone, err := s.Trim(ctx, store.Cap{Count: 1}, noon); !errors.Is(err, context.Canceled) || gone != 0 {
		t.Errorf("gone %d, %v", gone, err)
	}
	if n, err := s.DeleteCaptures(ctx, store.Query{}); !errors.Is(err, context.Canceled) || n != 0 {
		t.Errorf("deleted %d, %v", n, err)
	}
	if err := s.GiveBack(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("give back: %v", err)
	}
}

func TestDeletedSpaceIsGivenBack(t *testing.T) {
	s := open(t)
	keepAtOnce(t, s, 2200, func(i int, c *core.Capture) {
		if c.Request.Body = make([]byte, 20_000); i%2 == 0 {
			c.Name = "github"
		}
	})
	before := must1(s.Usage(t.Context()))(t)
	q := must1(store.ParseQuery("source:github", noon))(t)
	must(t, s.Pin(must1(s.CaptureIDs(t.Context(), q, 0))(t)[0], true))
	if n, err := s.DeleteCaptures(t.Context(), q); err != nil || n != 1099 {
		t.Errorf("deleted %d, %v; want all of github but the pinned one", n, err)
	}
	must(t, s.GiveBack(t.Context()))
	after := must1(s.Usage(t.Context()))(t)
	if after.Captures != 1101 || after.Bytes > before.Bytes*6/10 {
		t.Errorf("%+v became %+v", before, after)
	}
	must(t, s.Check(t.Context()))
}
