package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// TestGrowth makes a history of many varied captures and measures what a user does with it; it is what make bench-history
// runs. The history stays in HOOKGLASS_BENCH_HOME where that is set, and is used again.
func TestGrowth(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("HOOKGLASS_BENCH_HISTORY"))
	if n == 0 {
		t.Skip("a measurement for a quiet machine: make bench-history")
	}
	home := os.Getenv("HOOKGLASS_BENCH_HOME")
	if home == "" {
		home = t.TempDir()
	}
	path := filepath.Join(home, "history.db")
	made := fillUp(t, path, n)
	fmt.Printf("a history of %d captures, %d cores, %s, load %s\n\n", n, runtime.NumCPU(), runtime.Version(), loadOf())
	if made > 0 {
		told("made, captures a second", fmt.Sprintf("%.0f", float64(n)/made.Seconds()), "")
	}
	var s *store.Store
	told("opened", once(func() { s = openedAt(t, path) }), "")
	defer func() { s.Close() }()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	told("file", fmt.Sprintf("%.2f GB", float64(info.Size())/1e9), fmt.Sprintf("%d bytes a capture", info.Size()/int64(n)))
	growList(t, s)
	growFilters(t, s)
	if os.Getenv("HOOKGLASS_BENCH_SEARCH") != "" {
		growSearch(t, s)
	}
	growTrim(t, s)
}

func told(what string, got any, note string) {
	if d, ok := got.(time.Duration); ok {
		got = d.Round(10 * time.Microsecond)
	}
	fmt.Printf("%-58s %14v  %s\n", what, got, note)
}

func once(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}

func loadOf() string {
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(load))[:3], " ")
}

func openedAt(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fillUp fills a history through the store's own writer, and says how long that took; 0 where it was there.
func fillUp(t *testing.T, path string, n int) time.Duration {
	s := openedAt(t, path)
	defer s.Close()
	have, err := s.Count(context.Background(), store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if have >= n {
		return 0
	}
	const hands = 512 // as many as one commit takes
	begun := time.Now()
	var next sync.Mutex
	at := have
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			for {
				next.Lock()
				i := at
				at++
				next.Unlock()
				if i >= n {
					return
				}
				if err := s.AddCapture(varied(i, n, begun), nil); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(begun)
}

// varied is one of many captures: of 12 sources, over 90 days, one in 50 with a signature that does not hold, one in 40 answered with
// an error, with a body of JSON of about 1 KB in which one word is rare and one is in every tenth.
func varied(i, n int, end time.Time) *core.Capture {
	r := rand.New(rand.NewPCG(17, uint64(i)))
	source := []string{"github", "stripe", "shopify", "slack", "twilio", "linear", "paddle", "svix", "zoom", "square", "discord", "intercom"}[min(r.IntN(12), r.IntN(12))]
	event := []string{"created", "updated", "deleted", "paid", "failed"}[r.IntN(5)]
	var b strings.Builder
	fmt.Fprintf(&b, `{"id":"evt_%016x","object":"event","type":"%s.%s","created":%d,"data":{"customer":"cus_%012x","amount":%d,"note":"`, r.Uint64(), source, event, i, r.Uint64()>>16, r.IntN(100_000))
	for b.Len() < 600+r.IntN(700) {
		fmt.Fprintf(&b, "%s ", lexicon[min(r.IntN(len(lexicon)), r.IntN(len(lexicon)))])
	}
	if i%10 == 3 {
		b.WriteString("tenthword ")
	}
	if i%200_000 == 77 {
		b.WriteString("rarefinding ")
	}
	b.WriteString(`"}}`)
	head := fmt.Appendf(nil, "POST /in/%s HTTP/1.1\r\nHost: 127.0.0.1:4600\r\nUser-Agent: %s-hooks/1.0\r\nContent-Type: application/json\r\nX-Event-Id: evt_%d\r\nContent-Length: %d\r\n\r\n", source, source, i, b.Len())
	body := []byte(b.String())
	state, status, outcome := core.Verified, 200, core.Accepted
	if r.IntN(50) == 0 {
		state, status, outcome = core.Mismatch, 401, core.Rejected
	} else if r.IntN(40) == 0 {
		status = 500
	}
	at := end.Add(-time.Duration(float64(90*24*time.Hour) * float64(n-i) / float64(n)))
	return &core.Capture{At: at, Source: core.SourceID(1 + len(source)%12), Name: source,
		Request: core.Request{Method: "POST", Target: "/in/" + source, Proto: "HTTP/1.1", Host: "127.0.0.1:4600", Head: head, Header: core.ParseHead(head), Body: body,
			Size: int64(len(body)), Remote: "127.0.0.1:50000"},
		Response: core.Response{Status: status, Header: core.Header{{Name: "Content-Type", Value: "text/plain"}}, Body: []byte("ok\n")},
		Receipt:  core.Receipt{Outcome: outcome, Platform: "generic", Checks: []core.Check{{Name: "signature", Want: "a", Got: "a", OK: state == core.Verified}}, Verdict: &core.Verdict{State: state, Scheme: source}},
		Event:    core.Event{Type: source + "." + event, ID: fmt.Sprintf("evt_%d", i)}, Took: time.Duration(r.IntN(3000)) * time.Microsecond}
}

// lexicon is made up, so that bodies have words that come often and words that come rarely.
var lexicon = func() (all []string) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 4000 {
		w := make([]byte, 3+r.IntN(8))
		for i := range w {
			w[i] = "etaoinshrdlucmfwypvbgkqjxz"[min(r.IntN(26), r.IntN(26))]
		}
		all = append(all, string(w))
	}
	return all
}()

func growList(t *testing.T, s *store.Store) {
	ctx := t.Context()
	var all store.IDs
	told("which there are, asked", timed(func() { all, _ = s.All(ctx) }), "")
	told("first page: 100 rows", timed(func() { s.Captures(ctx, store.Query{}, 0, 100) }), "aim 50 ms")
	r := rand.New(rand.NewPCG(1, 1))
	var worst time.Duration
	const tries = 300
	began := time.Now()
	for range tries {
		place := r.IntN(all.Len())
		worst = max(worst, once(func() {
			if rows, err := s.RowsOf(ctx, all.From(place, 128)); err != nil || len(rows) == 0 {
				t.Fatal(err)
			}
		}))
	}
	told("any place: 128 rows, mean of 300", time.Since(began)/tries, fmt.Sprintf("worst %v; aim 100 ms", worst.Round(10*time.Microsecond)))
	told("usage", timed(func() { s.Usage(ctx) }), "")
	told("counts by source", timed(func() { s.SourceStats(ctx) }), "")
}

func growFilters(t *testing.T, s *store.Store) {
	for _, filter := range []string{"source:slack", "sig:bad", "sig:mismatch", "status:>=500", "since:1h", "since:1d", "until:2020-01-01", "since:30d source:zoom", "event:zoom.failed",
		"path:/nowhere", "is:noted", "note:x"} {
		growFilter(t, s, filter, "")
	}
	growFilter(t, s, "body:rarefinding", ", read through")
	growFilter(t, s, "body:tenthword", ", read through")
}

func growFilter(t *testing.T, s *store.Store, filter, how string) {
	ctx := t.Context()
	q, err := store.ParseQuery(filter, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	page := once(func() { s.Captures(ctx, q, 0, 100) })
	var found store.IDs
	used := cpuTime()
	whole := once(func() { found, err = s.Find(ctx, q, 0) })
	used = cpuTime() - used
	if err != nil {
		t.Fatal(err)
	}
	told("newest 100 of "+filter+how, page, fmt.Sprintf("all %d of them in %v, %v of CPU", found.Len(), whole.Round(10*time.Microsecond), used.Round(10*time.Microsecond)))
}

// growSearch fills the index, and asks it.
func growSearch(t *testing.T, s *store.Store) {
	all, err := s.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var filling sync.WaitGroup
	filling.Go(func() {
		if err := s.KeepIndex(ctx); err != nil {
			t.Error(err)
		}
	})
	used := cpuTime()
	var st store.SearchState
	took := once(func() {
		for st.State != "ready" && !t.Failed() {
			time.Sleep(100 * time.Millisecond)
			if st, err = s.SearchState(ctx); err != nil {
				t.Fatal(err)
			}
		}
	})
	used = cpuTime() - used
	told("search index filled", took, fmt.Sprintf("%v of CPU and %d bytes a capture", (used/time.Duration(all.Len())).Round(time.Microsecond), st.Bytes/int64(all.Len())))
	growFilter(t, s, "body:rarefinding", "")
	growFilter(t, s, "body:tenthword", "")
	growFilter(t, s, "body:cus_00", "")
	growFilter(t, s, "header:stripe-hooks", "")
	stop()
	filling.Wait()
}

// growTrim measures how long a capture waits at most while others are removed.
func growTrim(t *testing.T, s *store.Store) {
	ctx := t.Context()
	all, err := s.All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	told("trim by age, nothing old", timed(func() { s.Trim(ctx, store.Cap{Age: 1000 * 24 * time.Hour}, time.Now()) }), "")
	gone := int64(0)
	wait, whole := beside(t, s, func() { gone, err = s.Trim(ctx, store.Cap{Count: int64(all.Len() - 20_000)}, time.Now()) })
	if err != nil {
		t.Fatal(err)
	}
	told(fmt.Sprintf("%d trimmed", gone), whole, fmt.Sprintf("longest wait of a capture meanwhile %v", wait))
	rest, _ := s.All(ctx)
	q := store.Query{}.Within(store.IDRange{From: rest.At(0), To: rest.At(20_000)})
	wait, whole = beside(t, s, func() { gone, err = s.DeleteCaptures(ctx, q) })
	if err != nil {
		t.Fatal(err)
	}
	told(fmt.Sprintf("%d deleted", gone), whole, fmt.Sprintf("longest wait of a capture meanwhile %v", wait))
}

// beside adds captures one after the other while do runs.
func beside(t *testing.T, s *store.Store, do func()) (wait, whole time.Duration) {
	done := make(chan struct{})
	var adding sync.WaitGroup
	adding.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			began := time.Now()
			if err := s.AddCapture(varied(i, 1<<20, began), nil); err != nil {
				t.Error(err)
			}
			wait = max(wait, time.Since(began))
		}
	})
	whole = once(do)
	close(done)
	adding.Wait()
	return wait.Round(10 * time.Microsecond), whole
}
