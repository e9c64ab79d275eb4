package deliver_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
)

const together = 64 // requests at a time

// Deliveries with full recording against a loop of a net/http client that records nothing, in the same run.
func BenchmarkDeliveriesAgainstABareClient(b *testing.B) {
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer sink.Close()
	body := bytes.Repeat([]byte("x"), 1024)
	const each = 3000
	var ours, bare time.Duration
	for b.Loop() {
		bare += bareClient(b, sink.URL, body, each)
		ours += dispatched(b, sink.URL, body, each)
	}
	n := float64(b.N * each)
	b.ReportMetric(n/ours.Seconds(), "deliveries/s")
	b.ReportMetric(n/bare.Seconds(), "bare/s")
	b.ReportMetric(bare.Seconds()/ours.Seconds(), "ratio")
}

func bareClient(b *testing.B, url string, body []byte, n int) time.Duration {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: together}}
	defer client.CloseIdleConnections()
	start := time.Now()
	spread(n, func() {
		res, err := client.Post(url, "application/json", bytes.NewReader(body))
		if err != nil {
			b.Error(err)
			return
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	})
	return time.Since(start)
}

func dispatched(b *testing.B, url string, body []byte, n int) time.Duration {
	r := newRig(b)
	r.sender.Dial = nil
	r.Total = together
	endpoint := putEndpoint(b, r.store, core.Endpoint{WireID: "w", Concurrency: together})
	left := n
	all := make(chan struct{})
	var mu sync.Mutex
	r.Attempted = func(d core.Delivery, a core.Attempt) {
		if !a.OK() {
			b.Error(a.Failure, a.Detail)
		}
		mu.Lock()
		defer mu.Unlock()
		if left--; left == 0 {
			close(all)
		}
	}
	ds := make([]core.Delivery, n)
	for i := range ds {
		ds[i] = to(url, string(body))
		ds[i].Endpoint = endpoint
	}
	r.add(ds...)
	start := time.Now()
	stop := r.start()
	<-all
	took := time.Since(start)
	stop()
	return took
}

// The sender alone, without store and dispatcher, against the same loop.
func BenchmarkSenderAgainstABareClient(b *testing.B) {
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer sink.Close()
	d := to(sink.URL, string(bytes.Repeat([]byte("x"), 1024)))
	s := &deliver.Sender{}
	defer s.Close()
	const each = 3000
	var ours, bare time.Duration
	for b.Loop() {
		bare += bareClient(b, sink.URL, d.Request.Body, each)
		start := time.Now()
		spread(each, func() {
			if a := s.Send(b.Context(), d, 1, time.Now()); !a.OK() {
				b.Error(a.Failure, a.Detail)
			}
		})
		ours += time.Since(start)
	}
	n := float64(b.N * each)
	b.ReportMetric(n/ours.Seconds(), "sends/s")
	b.ReportMetric(n/bare.Seconds(), "bare/s")
	b.ReportMetric(bare.Seconds()/ours.Seconds(), "ratio")
}

// spread calls do n times from as many goroutines as go together.
func spread(n int, do func()) {
	var wg sync.WaitGroup
	for i := range together {
		wg.Go(func() {
			for range (n + together - 1 - i) / together {
				do()
			}
		})
	}
	wg.Wait()
}
