package deliver_test

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

func captures(n int) []core.Capture {
	out := make([]core.Capture, n)
	for i := range out {
		out[i] = core.Capture{
			ID: core.CaptureID(i + 1), Event: core.Event{Type: "t", ID: fmt.Sprint("evt_", i+1), Payload: []byte("{}")},
			Request: core.Request{Method: "PUT", Target: "/in", Host: "tunnel.test", Body: []byte(fmt.Sprint(i + 1)),
				Header: fields("Host", "tunnel.test", "X-Signature", "old", "X-Odd", "1"),
				Head:   []byte("PUT /in HTTP/1.1\r\nHost: tunnel.test\r\nX-Signature: old\r\nx-ODD: 1\r\nContent-Length: 1\r\n\r\n")},
		}
	}
	return out
}

func replayed(ds []core.Delivery) (order []int, dues []float64) {
	for _, d := range ds {
		order = append(order, int(d.ReplayOf))
		dues = append(dues, d.Due.Sub(epoch).Seconds())
	}
	return order, dues
}

func TestReplayOrderAndTimes(t *testing.T) {
	tests := []struct {
		name   string
		replay deliver.Replay
		n      int
		order  []int
		dues   []float64
	}{
		{"plain", deliver.Replay{}, 3, []int{1, 2, 3}, []float64{0, 0, 0}},
		{"rate", deliver.Replay{Rate: 4}, 3, []int{1, 2, 3}, []float64{0, 0.25, 0.5}},
		{"burst", deliver.Replay{Rate: 4, Burst: 2}, 5, []int{1, 2, 3, 4, 5}, []float64{0, 0, 0.5, 0.5, 1}},
		{"copies at once", deliver.Replay{Duplicate: 2, Rate: 1}, 2, []int{1, 1, 1, 2, 2, 2}, []float64{0, 0, 0, 1, 1, 1}},
		{"copies spaced", deliver.Replay{Duplicate: 1, Rate: 1, Spacing: 1500 * time.Millisecond}, 3, []int{1, 2, 1, 3, 2, 3}, []float64{0, 1, 1.5, 2, 2.5, 3.5}},
		{"none", deliver.Replay{Shuffle: true, Duplicate: 3}, 0, nil, nil},
	}
	for _, tt := range tests {
		order, dues := replayed(expanded(tt.replay, captures(tt.n), epoch))
		if !reflect.DeepEqual(order, tt.order) || !reflect.DeepEqual(dues, tt.dues) {
			t.Errorf("%s: %v at %v, want %v at %v", tt.name, order, dues, tt.order, tt.dues)
		}
	}
}

func TestShuffleStaysInItsWindowAndRepeats(t *testing.T) {
	shuffled := func(seed uint64, window int) []int {
		order, _ := replayed(expanded(deliver.Replay{Shuffle: true, Seed: seed, Window: window}, captures(100), epoch))
		return order
	}
	if !slices.Equal(shuffled(1, 0), shuffled(1, 0)) || slices.Equal(shuffled(1, 0), shuffled(2, 0)) {
		t.Error("want one order for each seed")
	}
	order := shuffled(1, 7)
	if slices.IsSorted(order) {
		t.Error("nothing moved")
	}
	for place, id := range order {
		if (id-1)/7 != place/7 {
			t.Errorf("capture %d moved to place %d, out of its window", id, place+1)
		}
	}
	slices.Sort(order)
	if !slices.IsSorted(order) || order[0] != 1 || order[99] != 100 {
		t.Error("lost some")
	}
}

func TestWhatReplaysSend(t *testing.T) {
	target := core.Target{URL: "http://a.test/new", Scheme: "test", Secret: "s3"}
	tests := []struct {
		name   string
		replay deliver.Replay
		want   func(r *http.Request, body string) bool
	}{
		{"as captured", deliver.Replay{Target: target}, func(r *http.Request, body string) bool {
			return r.Host == "a.test" && r.URL.Path == "/new" && r.Method == "PUT" && r.Header.Get("X-Signature") == "old"
		}},
		{"signed anew", deliver.Replay{Target: target, Resign: true}, func(r *http.Request, body string) bool {
			return r.URL.Path == "/new" && verified("s3", r.Header, []byte(body))
		}},
		{"raw", deliver.Replay{Target: target, Raw: true}, func(r *http.Request, body string) bool {
			return r.Host == "tunnel.test" && r.URL.Path == "/in" && r.Header.Get("X-Signature") == "old"
		}},
		{"raw with the target's host", deliver.Replay{Target: target, Raw: true, NewHost: true}, func(r *http.Request, body string) bool {
			return r.Host == "a.test" && r.URL.Path == "/in"
		}},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			arrived := 0
			r.net.serve(t, "a.test:80", func(w http.ResponseWriter, req *http.Request) {
				body, _ := io.ReadAll(req.Body)
				if arrived++; !tt.want(req, string(body)) {
					t.Errorf("%s: %s %s %s %v", tt.name, req.Method, req.Host, req.URL, req.Header)
				}
			})
			r.add(expanded(tt.replay, captures(1), time.Now())...)
			stop := r.start()
			time.Sleep(time.Second)
			stop()
			if arrived != 1 {
				t.Errorf("%s: %d arrived", tt.name, arrived)
			}
		})
	}
}

// A bulk replay with duplicates at a handler that mistakes some of them for new.
func TestReportTellsWhatDuplicatesDid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.Total = 1
		var mu sync.Mutex
		seen := map[string]bool{}
		r.net.serve(t, "a.test:80", func(w http.ResponseWriter, req *http.Request) {
			b, _ := io.ReadAll(req.Body)
			body := string(b)
			mu.Lock()
			again := seen[body]
			seen[body] = true
			mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			switch {
			case again && strings.HasSuffix(body, "3"):
				w.WriteHeader(409)
			case again && strings.HasSuffix(body, "5"):
				io.WriteString(w, "created twice")
			case strings.HasSuffix(body, "7"):
				panic(http.ErrAbortHandler)
			}
		})
		replay := deliver.Replay{Target: core.Target{URL: "http://a.test/"}, Duplicate: 1, Batch: "b1"}
		all := r.add(expanded(replay, captures(10), time.Now())...)
		stop := r.start()
		time.Sleep(time.Minute)
		stop()
		var ds []core.Delivery
		var as []core.Attempt
		for _, id := range all {
			ds = append(ds, r.delivery(id))
			as = append(as, r.attempts(id)...)
		}
		got := deliver.Sum(ds, as)
		differ := map[core.CaptureID]string{}
		for _, d := range got.Duplicates {
			if d.Agreed == (d.Differ != "") || len(d.Deliveries) != 2 || len(d.Statuses) != 2 {
				t.Errorf("%+v", d)
			}
			if d.Differ != "" {
				differ[d.ReplayOf] = d.Differ
			}
		}
		if want := map[core.CaptureID]string{3: "status", 5: "body", 7: "no answer"}; !reflect.DeepEqual(differ, want) || len(got.Duplicates) != 10 || got.Disagreed != 3 {
			t.Errorf("%d duplicates, differing %v, want %v", len(got.Duplicates), differ, want)
		}
		got.Duplicates = nil
		ms := time.Millisecond
		want := deliver.Report{
			Deliveries: 20, States: map[core.DeliveryState]int{core.Delivered: 17, core.Exhausted: 3}, Attempts: 20,
			Statuses: []deliver.Count[int]{{What: 200, Count: 17}, {What: 409, Count: 1}}, Failures: []deliver.Count[core.Failure]{{What: deliver.ClosedEarly, Count: 2}},
			Latency: deliver.Latency{Min: 100 * ms, P50: 100 * ms, P90: 100 * ms, P99: 100 * ms, Max: 100 * ms, Mean: 100 * ms}, Took: 2 * time.Second, Disagreed: 3,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("\n got %+v\nwant %+v", got, want)
		}
	})
}

func TestPercentilesAreOfTheNearestRank(t *testing.T) {
	var as []core.Attempt
	for i := range 200 {
		as = append(as, core.Attempt{Delivery: core.DeliveryID(i), Number: 1, Took: time.Duration(200-i) * time.Second, Response: &core.Response{Status: 200}})
	}
	s := time.Second
	want := deliver.Latency{Min: s, P50: 100 * s, P90: 180 * s, P99: 198 * s, Max: 200 * s, Mean: 100*s + s/2}
	if got := deliver.Sum(nil, as).Latency; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// expanded are the deliveries that a replay consists of, in the order in which they are due.
func expanded(r deliver.Replay, captures []core.Capture, start time.Time) (out []core.Delivery) {
	for i, due := range r.Order(len(captures), start) {
		out = append(out, r.Delivery(&captures[i], start, due))
	}
	return out
}
