//go:build unix

package engine_test

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"hookglass/core/engine"
	"hookglass/core/exchange"
)

// BenchmarkAnswers has the same requests answered by a plain text and by a template, in turn, so that what else the machine does
// falls on both. us-cpu/op is the processor's time of the whole process, the sender's included.
func BenchmarkAnswers(b *testing.B) {
	ctx := b.Context()
	e, err := engine.Open(ctx, engine.Options{Home: b.TempDir(), Addr: "127.0.0.1:0", Seed: 1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	w, err := exchange.ParseWorkspace([]byte(`{"hookglass": 1, "sources": [
		{"platform": "generic", "path": "/plain", "answer": {"status": 200, "body": "{\"id\":\"o_1\",\"at\":\"2026-11-27T10:00:00Z\"}"}},
		{"platform": "generic", "path": "/template", "answer": [{"when": "event:order.created", "status": 503}, {"status": 200, "body": "{\"id\":\"{{.json.data.id}}\",\"at\":\"{{now}}\"}"}]},
		{"platform": "generic", "path": "/id", "answer": {"status": 200, "body": "{\"id\":{{.id}},\"at\":\"{{now}}\"}"}}]}`))
	if err != nil {
		b.Fatal(err)
	}
	if err := e.Apply(ctx, w); err != nil {
		b.Fatal(err)
	}
	go e.Run(ctx)
	used := map[string]time.Duration{}
	const connections, turn = 32, 2_000
	post := func(path string) {
		began := cpu()
		work := make(chan struct{}, turn)
		for range turn {
			work <- struct{}{}
		}
		close(work)
		done := make(chan error, connections)
		for range connections {
			go func() { done <- posts(e.URL()+path, work) }()
		}
		for range connections {
			if err := <-done; err != nil {
				b.Fatal(err)
			}
		}
		used[path] += cpu() - began
	}
	paths := []string{"/plain", "/template", "/id"}
	for _, path := range paths {
		post(path)
	}
	clear(used)
	n := 0
	for b.Loop() {
		for _, path := range paths {
			post(path)
		}
		n += turn
	}
	for _, path := range paths {
		b.ReportMetric(float64(used[path].Microseconds())/float64(n), "us-cpu/op-"+path[1:])
	}
	b.ReportMetric(float64(used["/template"])/float64(used["/plain"]), "template/plain")
	b.ReportMetric(float64(used["/id"])/float64(used["/plain"]), "id/plain")
}

func posts(url string, work <-chan struct{}) error {
	client := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{}).DialContext}}
	defer client.CloseIdleConnections()
	for range work {
		resp, err := client.Post(url, "application/json", strings.NewReader(`{"type":"order.updated","data":{"id":"o_1","amount":1200,"items":[{"sku":"a","n":1},{"sku":"b","n":2}]}}`))
		if err != nil {
			return err
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	return nil
}

// cpu is the processor's time that this process has taken.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
