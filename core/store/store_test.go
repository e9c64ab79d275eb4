package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

func open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "h.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func sample(n int) *core.Capture {
	body := make([]byte, 256)
	for i := range body {
		body[i] = byte(i)
	}
	head := "POST /in/a?x=%41;b=2 HTTP/1.1\r\nHOST: h\r\nx-Dup: 1\r\nX-dup: 2\r\n\r\n"
	return &core.Capture{
		At: time.Unix(1_700_000_000, int64(n)), Source: 1, Name: "stripe",
		Request: core.Request{Method: "POST", Target: "/in/a?x=%41;b=2", Proto: "HTTP/1.1", Host: "h", Head: []byte(head), Header: core.ParseHead([]byte(head)),
			Body: body, Size: 256, Remote: "127.0.0.1:1"},
		Response: core.Response{Status: 200 + n, Header: core.Header{{Name: "Content-Type", Value: "text/plain"}}, Body: []byte("ok")},
		Receipt: core.Receipt{Outcome: core.Accepted, Platform: "generic", Checks: []core.Check{{Name: "signature", Want: "a", Got: "b"}},
			Verdict: &core.Verdict{State: core.Mismatch, Scheme: "stripe", Parts: []core.Part{{Name: "timestamp", Bytes: []byte("1")}, {Name: "body", Bytes: body}}}},
		Event: core.Event{Type: "charge.failed", ID: "evt_1"}, Took: time.Millisecond,
	}
}

func TestCaptureComesBackWhole(t *testing.T) {
	s := open(t)
	want := sample(1)
	if err := s.AddCapture(want, nil); err != nil {
		t.Fatal(err)
	}
	got, err := s.Capture(context.Background(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !got.At.Equal(want.At) {
		t.Errorf("at = %v, want %v", got.At, want.At)
	}
	got.At = want.At
	if !reflect.DeepEqual(got, *want) {
		t.Errorf("got  %+v\nwant %+v", got, *want)
	}
}

func TestGroupKeepsEveryoneAndIsolatesMistakes(t *testing.T) {
	s := open(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[core.CaptureID]bool{}
	for i := range 200 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i%50 == 0 { // a member of the group that cannot be written
				if err := s.PutSource(&core.Source{ID: 999, Name: "x"}); !errors.Is(err, core.ErrNotFound) {
					t.Errorf("put unknown source: %v, want not found", err)
				}
				return
			}
			c := sample(0)
			if err := s.AddCapture(c, nil); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if seen[c.ID] {
				t.Errorf("id %d twice", c.ID)
			}
			seen[c.ID] = true
		}()
	}
	wg.Wait()
	rows, err := s.Captures(context.Background(), store.Query{}, 0, 1000)
	if err != nil || len(rows) != 196 {
		t.Errorf("%d rows, %v; want 196", len(rows), err)
	}
	if err := s.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestQueries(t *testing.T) {
	s := open(t)
	now := time.Unix(1_700_000_000, 0)
	for i, c := range []*core.Capture{sample(0), sample(0), sample(201)} {
		c.At = now.Add(-time.Duration(i) * time.Hour)
		switch i {
		case 1:
			c.Name, c.Request.Method, c.Receipt.Verdict, c.Request.Body = "github", "GET", nil, []byte("a refund of 100%")
		case 2:
			c.Event.Type, c.Receipt.Outcome, c.Request.Size = "invoice.paid", core.Rejected, 200_000
		}
		if err := s.AddCapture(c, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Pin(3, true); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ query, want string }{
		{"", "3 2 1"}, {"source:github", "2"}, {"source:git*", "2"}, {"-source:github", "3 1"}, {"sig:mismatch", "3 1"}, {"sig:none", "2"},
		{"status:>=400", "3"}, {"status:4xx", "3"}, {"status:200", "2 1"}, {"method:get", "2"}, {"body:refund", "2"}, {`body:"a refund"`, "2"},
		{"body:100%", "2"}, {"body:1000", ""}, {"since:30m", "1"}, {"until:90m", "3"}, {"event:invoice.*", "3"}, {"outcome:rejected", "3"},
		{"size:>100kb", "3"}, {"is:pinned", "3"}, {"id:1-2", "2 1"}, {"charge", "2 1"}, {"header:x-dup", "3 2 1"}, {"source:github,stripe status:>400", "3"},
		{"/in/a", "3 2 1"}, {"a%", ""},
	} {
		q, err := store.ParseQuery(tt.query, now)
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
			continue
		}
		ids, err := s.CaptureIDs(context.Background(), q, 0)
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
		}
		got := ""
		for _, id := range ids {
			if got != "" {
				got += " "
			}
			got += fmt.Sprint(id)
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.query, got, tt.want)
		}
	}
	for _, bad := range []string{"sig:maybe", "colour:red", "status:>x", "since:soon", `body:"open`, "is:blue", "id:x", "source:"} {
		var invalid *core.Invalid
		if _, err := store.ParseQuery(bad, now); !errors.As(err, &invalid) {
			t.Errorf("%s: %v, want a core.Invalid", bad, err)
		}
	}
}

func TestOneWriterAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s, err := store.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	var locked *store.Locked
	if _, err := store.Open(context.Background(), path); !errors.As(err, &locked) {
		t.Errorf("second open: %v, want Locked", err)
	}
	r, err := store.OpenRead(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	s.Close()
	s, err = store.Open(context.Background(), path)
	if err != nil {
		t.Fatalf("after close: %v", err)
	}
	s.Close()
}

func TestForeignFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	os.WriteFile(path, bytes.Repeat([]byte("not a database "), 100), 0o600)
	var invalid *core.Invalid
	if _, err := store.Open(context.Background(), path); !errors.As(err, &invalid) {
		t.Errorf("text file: %v, want core.Invalid", err)
	}
	if _, err := store.OpenRead(context.Background(), path+".none"); err == nil {
		t.Error("missing file: no error")
	}
}

func TestDeliveriesAndAttempts(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	now := time.Unix(1_700_000_000, 0)
	e := core.Endpoint{Platform: "joai", WireID: "w", Name: "n", Active: true, Created: now}
	if err := s.PutEndpoint(&e); err != nil {
		t.Fatal(err)
	}
	dup := core.Endpoint{Platform: "joai", WireID: "w"}
	if err := s.PutEndpoint(&dup); !errors.Is(err, core.ErrConflict) {
		t.Errorf("second endpoint of that id: %v, want conflict", err)
	}
	ids, err := s.AddDeliveries(ctx, []core.Delivery{{Endpoint: e.ID, Target: core.Target{URL: "http://x"}, Request: core.Request{Method: "POST", Body: []byte("b"), Head: []byte("h")}, Due: now, Created: now, Resign: true}})
	if err != nil {
		t.Fatal(err)
	}
	start := core.Attempt{Delivery: ids[0], Number: 1, Started: now}
	if err := s.StartAttempt(ctx, start); err != nil {
		t.Fatal(err)
	}
	if err := s.StartAttempt(ctx, core.Attempt{Delivery: ids[0], Number: 2}); !errors.Is(err, core.ErrConflict) {
		t.Errorf("start while sending: %v, want conflict", err)
	}
	if n, err := s.Interrupted(ctx, now.Add(time.Minute)); n != 1 || err != nil {
		t.Errorf("interrupted = %d, %v", n, err)
	}
	d, err := s.Delivery(ctx, ids[0])
	if err != nil || d.State != core.Waiting || d.Attempts != 1 || !d.Due.Equal(now.Add(time.Minute)) || string(d.Request.Body) != "b" || !d.Resign {
		t.Errorf("after interruption: %+v, %v", d, err)
	}
	second := core.Attempt{Delivery: ids[0], Number: 2, Started: now, Response: &core.Response{Status: 204, Body: []byte{}}, Request: core.Request{Body: []byte("sent")}}
	if err := s.StartAttempt(ctx, core.Attempt{Delivery: ids[0], Number: 2, Started: now}); err != nil {
		t.Fatal(err)
	}
	d.State, d.Attempts = core.Delivered, 2
	if err := s.FinishAttempt(ctx, second, d); err != nil {
		t.Fatal(err)
	}
	as, err := s.Attempts(ctx, ids[0])
	if err != nil || len(as) != 2 || as[0].Failure != "interrupted" || as[1].Response.Status != 204 || string(as[1].Request.Body) != "sent" {
		t.Errorf("attempts: %+v, %v", as, err)
	}
	if e, err = s.Endpoint(ctx, e.ID); err != nil || e.Delivered != 1 || !e.LastTriggered.Equal(now) {
		t.Errorf("endpoint: %+v, %v", e, err)
	}
}

func TestTrimKeepsPinned(t *testing.T) {
	s := open(t)
	for range 50 {
		if err := s.AddCapture(sample(0), nil); err != nil {
			t.Fatal(err)
		}
	}
	s.Pin(1, true)
	gone, err := s.Trim(context.Background(), store.Cap{Count: 10}, time.Now())
	if err != nil || gone != 40 {
		t.Errorf("gone = %d, %v; want 40", gone, err)
	}
	if _, err := s.Capture(context.Background(), 1); err != nil {
		t.Errorf("pinned: %v", err)
	}
}

func TestTrimTakesWhatFollowed(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	old := time.Unix(1_600_000_000, 0)
	done := core.Delivery{Target: core.Target{URL: "http://x"}, Request: core.Request{Method: "POST", Body: []byte("b")}, Created: old, Due: old, State: core.Delivered}
	waiting := done
	waiting.State = core.Waiting
	for range 30 {
		c := sample(0)
		k := store.Kept{Work: []core.WorkItem{{ID: fmt.Sprint("w", c.At.Nanosecond()), Created: old, State: "DONE", Final: true}}, Deliveries: []core.Delivery{done, waiting}}
		if err := s.AddCapture(c, &k); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Trim(ctx, store.Cap{Count: 10}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddDeliveries(ctx, []core.Delivery{done}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Trim(ctx, store.Cap{Count: 10}, time.Now()); err != nil { // within the cap: nothing goes
		t.Fatal(err)
	}
	states, err := s.DeliveryStates(ctx, store.DeliveryFilter{})
	if err != nil || states[core.Delivered] != 11 || states[core.Waiting] != 30 {
		t.Errorf("deliveries %v, %v; want those that wait, those of the ten captures that stay, and the one that came since", states, err)
	}
}

// Captures are numbered as they are written: one may have arrived, and been forwarded, before the first of those that are
// kept. What followed of it stays with it, and what followed of a pinned one, however old that is.
func TestTrimLeavesWhatFollowedOfTheKept(t *testing.T) {
	s := open(t)
	arrived := func(age time.Duration) core.CaptureID {
		c := sample(0)
		c.At = noon.Add(-age)
		done := core.Delivery{Created: c.At.Add(time.Millisecond), Due: c.At, State: core.Delivered}
		work := core.WorkItem{ID: age.String(), Created: c.At, State: "DONE", Final: true}
		must(t, s.AddCapture(c, &store.Kept{Work: []core.WorkItem{work}, Deliveries: []core.Delivery{done}}))
		return c.ID
	}
	must(t, s.Pin(arrived(100*time.Hour), true))
	arrived(50 * time.Hour) // goes
	arrived(time.Hour)
	arrived(2 * time.Hour) // earlier, and written later
	if gone, err := s.Trim(t.Context(), store.Cap{Age: 10 * time.Hour}, noon); err != nil || gone != 1 {
		t.Errorf("gone %d, %v", gone, err)
	}
	left := map[core.CaptureID]int{}
	for _, d := range must1(s.Deliveries(t.Context(), store.DeliveryFilter{}, 0, 10))(t) {
		left[d.ReplayOf]++
	}
	if len(left) != 3 || left[1]*left[3]*left[4] != 1 {
		t.Errorf("deliveries of %v; want one of 1, 3 and 4 each", left)
	}
	if n := len(must1(s.WorkRows(t.Context(), store.WorkFilter{}, 0, 10))(t)); n != 3 {
		t.Errorf("%d work items are left, want 3", n)
	}
}

// What is larger than SQLite keeps in a row is cut and marked, and not lost: the body first, then the answer.
func TestBodiesFitIntoARow(t *testing.T) {
	defer store.SetRowMost(1000)()
	s := open(t)
	c := sample(0)
	c.Request.Head, c.Request.Header = []byte("POST / HTTP/1.1\r\n\r\n"), nil
	c.Request.Body, c.Request.Size = bytes.Repeat([]byte("b"), 900), 900
	c.Response.Body, c.Response.Size = bytes.Repeat([]byte("a"), 300), 300
	must(t, s.AddCapture(c, nil))
	got := must1(s.Capture(t.Context(), c.ID))(t)
	if room := 1000 - len(c.Request.Head) - 900; len(got.Request.Body) != 900 || got.Request.Truncated || len(got.Response.Body) != room || !got.Response.Truncated || got.Response.Size != 300 {
		t.Errorf("the answer: %d bytes of body, %d of the answer, cut: %v, %v", len(got.Request.Body), len(got.Response.Body), got.Request.Truncated, got.Response.Truncated)
	}
	c.Request.Body, c.Request.Size = bytes.Repeat([]byte("b"), 1500), 1500
	must(t, s.AddCapture(c, nil))
	got = must1(s.Capture(t.Context(), c.ID))(t)
	if len(got.Request.Body) != 1000-len(c.Request.Head) || !got.Request.Truncated || got.Request.Size != 1500 || len(got.Response.Body) != 0 || !got.Response.Truncated {
		t.Errorf("the body: %d bytes of body, %d of the answer, cut: %v, %v", len(got.Request.Body), len(got.Response.Body), got.Request.Truncated, got.Response.Truncated)
	}
	if rows := must1(s.Captures(t.Context(), store.Query{}, 0, 1))(t); !rows[0].Truncated || rows[0].Size != 1500 {
		t.Errorf("listed as %+v", rows[0])
	}
}

// A search through bodies goes piece by piece and finds what a single one would.
func TestSearchThroughBodiesInPieces(t *testing.T) {
	s := open(t)
	keepAtOnce(t, s, 1201, func(i int, c *core.Capture) {
		if c.Request.Body = []byte("nothing"); i%3 == 0 {
			c.Request.Body = []byte("needle")
		}
	})
	q := must1(store.ParseQuery("body:needle", noon))(t)
	all := must1(s.CaptureIDs(t.Context(), q, 0))(t)
	if len(all) != 401 || !slices.IsSortedFunc(all, func(a, b core.CaptureID) int { return int(b - a) }) {
		t.Errorf("%d found", len(all))
	}
	if some := must1(s.CaptureIDs(t.Context(), q, all[100]))(t); !slices.Equal(some, all[:100]) {
		t.Errorf("after %d: %d found", all[100], len(some))
	}
	var paged []core.CaptureID
	for before := core.CaptureID(0); ; {
		rows := must1(s.Captures(t.Context(), q, before, 150))(t)
		for _, r := range rows {
			paged = append(paged, r.ID)
		}
		if len(rows) < 150 {
			break
		}
		before = rows[len(rows)-1].ID
	}
	if !slices.Equal(paged, all) {
		t.Errorf("in pages: %d of %d", len(paged), len(all))
	}
}
