package engine_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// running opens an engine on a folder of its own and runs it until the test ends.
func running(t *testing.T) *engine.Engine {
	t.Helper()
	e := opened(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		e.Close()
	})
	return e
}

func opened(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open(context.Background(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// settle waits until nothing of a batch is owed any more.
func settle(t *testing.T, e *engine.Engine, batch string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for rev := uint64(0); ; {
		states, err := e.Store.DeliveryStates(ctx, store.DeliveryFilter{Batch: batch})
		if err != nil {
			t.Fatal(err)
		}
		if states[core.Waiting]+states[core.Sending] == 0 {
			return
		}
		if rev, err = e.Store.Feed().Wait(ctx, rev); err != nil {
			t.Fatalf("still owed: %v", states)
		}
	}
}

const oddHead = "POST /in/odd?b=2&a=1 HTTP/1.1\r\nHOST: hooks.example:8443\r\nx-Lower:no space\r\nX-Twice: 1\r\nx-twice: 2\r\nContent-length: 11\r\n\r\n"

// kept stores captures with an odd head.
func kept(t *testing.T, e *engine.Engine, n int) []core.CaptureID {
	t.Helper()
	var ids []core.CaptureID
	for range n {
		c := core.Capture{At: time.Now(), Request: core.Request{Method: "POST", Target: "/in/odd?b=2&a=1", Proto: "HTTP/1.1", Host: "hooks.example:8443",
			Head: []byte(oddHead), Header: core.ParseHead([]byte(oddHead)), Body: []byte(`{"odd": 1} `), Size: 11}}
		if err := e.Store.AddCapture(&c, nil); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	return ids
}

// rawSink answers 200 to one request and hands over every byte of it.
func rawSink(t *testing.T) (url string, got <-chan string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	c := make(chan string, 1)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		var all bytes.Buffer
		buf := make([]byte, 4096)
		for !strings.HasSuffix(all.String(), `{"odd": 1} `) {
			n, err := conn.Read(buf)
			all.Write(buf[:n])
			if err != nil {
				break
			}
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		c <- all.String()
	}()
	return "http://" + ln.Addr().String(), c
}

func TestRawReplayKeepsTheCapturedHostUnlessAskedOtherwise(t *testing.T) {
	for name, newHost := range map[string]bool{"captured": false, "of the address": true} {
		t.Run(name, func(t *testing.T) {
			e := running(t)
			url, got := rawSink(t)
			_, batch, err := e.Outbox.Replay(context.Background(), engine.ReplayRequest{Captures: kept(t, e, 1), To: url + "/elsewhere", Raw: true, NewHost: newHost})
			if err != nil {
				t.Fatal(err)
			}
			settle(t, e, batch)
			want := oddHead
			if newHost {
				want = strings.Replace(want, "hooks.example:8443", strings.TrimPrefix(url, "http://"), 1)
			}
			if sent := <-got; sent != want+`{"odd": 1} ` {
				t.Errorf("sent %q, want %q", sent, want)
			}
		})
	}
}

func TestReplayRefusesWhatMakesNoSense(t *testing.T) {
	e := opened(t)
	defer e.Close()
	ids := kept(t, e, 1)
	for field, r := range map[string]engine.ReplayRequest{
		"to":             {To: "127.0.0.1:9000"},
		"captures":       {To: "http://127.0.0.1:9000", Query: "path:/nothing-like-it"},
		"raw":            {Raw: true, Resign: true},
		"duplicate":      {Duplicate: -1},
		"rate":           {Rate: -1},
		"spacing_ms":     {Spacing: -time.Second},
		"burst":          {Burst: -1},
		"timeout":        {Timeout: time.Hour},
		"policy.retries": {Policy: core.RetryPolicy{Retries: -1}},
		"resign":         {Resign: true},
	} {
		if r.To == "" {
			r.To = "http://127.0.0.1:9000"
		}
		if r.Query == "" {
			r.Captures = ids
		}
		_, _, err := e.Outbox.Replay(context.Background(), r)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestReportSaysWhichDuplicatesDisagree(t *testing.T) {
	e := running(t)
	var mu sync.Mutex
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n++
		first := n == 1
		mu.Unlock()
		if !first {
			w.WriteHeader(http.StatusConflict)
		}
	}))
	defer srv.Close()
	var steps []int
	_, batch, err := e.Outbox.Replay(context.Background(), engine.ReplayRequest{Captures: kept(t, e, 1), To: srv.URL, Duplicate: 2,
		Progress: func(done, total int) { steps = append(steps, done, total) }})
	if err != nil {
		t.Fatal(err)
	}
	settle(t, e, batch)
	r, err := e.Outbox.Report(context.Background(), batch)
	if err != nil {
		t.Fatal(err)
	}
	if r.Deliveries != 3 || len(r.Duplicates) != 1 || r.Disagreed != 1 || r.Duplicates[0].Differ != "status" {
		t.Errorf("report: %+v", r)
	}
	if len(r.Statuses) != 2 || r.Statuses[0].What != 200 || r.Statuses[1].Count != 2 || r.Latency.Max == 0 {
		t.Errorf("statuses and latency: %+v %+v", r.Statuses, r.Latency)
	}
	if len(steps) != 2 || steps[0] != 3 || steps[1] != 3 {
		t.Errorf("progress: %v", steps)
	}
}

func TestCancelAllAndResendAllTakeWhatTheFilterSays(t *testing.T) {
	e := running(t)
	ctx := context.Background()
	e.Outbox.PauseAll()
	if !e.Outbox.Paused() {
		t.Error("not paused")
	}
	ids := kept(t, e, 5)
	_, one, err := e.Outbox.Replay(ctx, engine.ReplayRequest{Captures: ids, To: "http://127.0.0.1:1/", Batch: "one"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.Outbox.Replay(ctx, engine.ReplayRequest{Captures: ids, To: "http://127.0.0.1:1/", Batch: "two"}); err != nil {
		t.Fatal(err)
	}
	if n, err := e.Outbox.CancelAll(ctx, store.DeliveryFilter{Batch: one}, nil); n != 5 || err != nil {
		t.Errorf("cancelled %d, %v", n, err)
	}
	if n, err := e.Outbox.CancelAll(ctx, store.DeliveryFilter{Batch: "two", State: core.Exhausted}, nil); n != 0 || err != nil {
		t.Errorf("of those that gave up %d were cancelled, %v", n, err)
	}
	e.Outbox.ResumeAll()
	settle(t, e, "two")
	states, err := e.Store.DeliveryStates(ctx, store.DeliveryFilter{})
	if err != nil || states[core.Cancelled] != 5 || states[core.Exhausted] != 5 {
		t.Fatalf("states %v, %v", states, err)
	}
	e.Outbox.PauseAll()
	if n, err := e.Outbox.ResendAll(ctx, store.DeliveryFilter{}, nil); n != 5 || err != nil {
		t.Errorf("resent %d, %v", n, err)
	}
	if states, _ = e.Store.DeliveryStates(ctx, store.DeliveryFilter{Batch: "two"}); states[core.Waiting] != 5 {
		t.Errorf("after resending: %v", states)
	}
}

func TestEndpointsAreCheckedWhereTheyAreStored(t *testing.T) {
	e := opened(t)
	defer e.Close()
	ctx := context.Background()
	secret, err := e.Endpoints.KeepSecret("run", e.Endpoints.NewSecret("joai"))
	if err != nil {
		t.Fatal(err)
	}
	good := func() core.Endpoint {
		return core.Endpoint{Platform: "joai", Name: "orders", Trigger: "agent.message", Active: true,
			Target: core.Target{URL: "http://127.0.0.1:9/", Scheme: "joai", Secret: secret, Policy: core.RetryPolicy{Retries: 3, Base: time.Second}}}
	}
	for field, spoil := range map[string]func(*core.Endpoint){
		"name":             func(ep *core.Endpoint) { ep.Name = "" },
		"url":              func(ep *core.Endpoint) { ep.Target.URL = "http://example.com/hook" }, // JoAi wants https
		"trigger":          func(ep *core.Endpoint) { ep.Trigger = "agent.sleep" },
		"max_retries":      func(ep *core.Endpoint) { ep.Target.Policy.Retries = 11 },
		"timeout":          func(ep *core.Endpoint) { ep.Target.Timeout = 301 * time.Second },
		"secret":           func(ep *core.Endpoint) { ep.Target.Secret = "" },
		"rate":             func(ep *core.Endpoint) { ep.Rate = -1 },
		"concurrency":      func(ep *core.Endpoint) { ep.Concurrency = 1000 },
		"policy.delays[0]": func(ep *core.Endpoint) { ep.Target.Policy.Delays = []time.Duration{-1} },
	} {
		ep := good()
		spoil(&ep)
		err := e.Endpoints.Put(ctx, &ep)
		var invalid *core.Invalid
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	ep := good()
	if err := e.Endpoints.Put(ctx, &ep); err != nil {
		t.Fatal(err)
	}
	if err := e.Endpoints.Pause(ctx, ep.ID, true); err != nil {
		t.Fatal(err)
	}
	got, err := e.Store.Endpoint(ctx, ep.ID)
	if err != nil || !got.Paused || got.WireID == "" {
		t.Errorf("stored %+v, %v", got, err)
	}
	id, err := e.Outbox.EmitTo(ctx, ep.ID, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := e.Store.Delivery(ctx, id)
	if err != nil || d.Event.Type != "agent.message" || !bytes.Contains(d.Request.Body, []byte("Hello, this is a message from the agent")) {
		t.Errorf("test event: %s, %v", d.Request.Body, err)
	}
	if err := e.Endpoints.Delete(ctx, ep.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Vault.Resolve(secret); err == nil {
		t.Error("the secret outlived its endpoint")
	}
	if d, _ := e.Store.Delivery(ctx, id); d.State != core.Cancelled {
		t.Errorf("what it was owed is %s", d.State)
	}
}
