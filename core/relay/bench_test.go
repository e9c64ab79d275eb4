package relay_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"hookglass/core/relay"
	"hookglass/core/store"
)

// BenchmarkRelay measures captures on their way from the hub's commit to a reader's, at 200 a second, and how many a second get
// through at most, beside a hub that publishes nothing. Broker, hub and reader share this machine.
func BenchmarkRelay(b *testing.B) {
	x := newTeam(b, 1, relay.DefaultRetention, "alice")
	st := open(b, filepath.Join(b.TempDir(), "alice"))
	var mu sync.Mutex
	came := map[string]time.Time{}
	f := &relay.Follower{Invite: x.invite("alice"), Changed: st.Feed().Bump, Judge: noJudge,
		Take: func(_ context.Context, all []store.Arrival) error {
			err := st.AddArrivals(all)
			now := time.Now()
			mu.Lock()
			defer mu.Unlock()
			for _, a := range all {
				came[a.Capture.Request.Target] = now
			}
			return err
		}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f.Run(ctx) }()
	defer func() { cancel(); <-done }()
	has := func(n int) {
		until(b, st, fmt.Sprintf("%d captures", n), func() bool {
			got, err := st.Count(ctx, store.Query{})
			return err == nil && got >= n
		})
	}
	x.capture("shop", 0, 100, small) // to warm up
	has(100)

	const steady, most = 2_000, 20_000
	committed := map[string]time.Time{}
	tick := time.NewTicker(5 * time.Millisecond)
	for i := 100; i < 100+steady; i++ {
		<-tick.C
		x.capture("shop", i, i+1, small)
		committed[fmt.Sprintf("/in/shop?%d", i)] = time.Now()
	}
	tick.Stop()
	has(100 + steady)
	var all []time.Duration
	for target, at := range committed {
		all = append(all, came[target].Sub(at))
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")

	began := time.Now()
	x.capture("shop", 10_000, 10_000+most, small)
	b.ReportMetric(most/time.Since(began).Seconds(), "hub-beside/s")
	has(100 + steady + most)
	through := most / time.Since(began).Seconds()
	x.stop()
	began = time.Now()
	x.capture("shop", 50_000, 50_000+most, small)
	alone := most / time.Since(began).Seconds()
	x.stop = func() {}
	b.ReportMetric(through, "through/s")
	b.ReportMetric(alone, "hub-alone/s")
	b.ReportMetric(100*through/alone, "share-%")
	b.ReportMetric(0, "ns/op")
}
