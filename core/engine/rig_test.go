package engine_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/relay/broker"
)

// patience bounds every wait of these tests. It is long, since a machine may be busy.
const patience = 5 * time.Minute

// rig is an engine at work on a history of its own, with a control listener beside it, both on real sockets.
type rig struct {
	testing.TB
	*engine.Engine
	ctx     context.Context
	control string
}

// open opens an engine that runs until the test ends. A workspace that is refused is the error.
func open(t testing.TB, workspace any, change func(*engine.Options)) (*rig, error) {
	t.Helper()
	text, err := json.Marshal(workspace)
	if err != nil {
		t.Fatal(err)
	}
	w, err := exchange.ParseWorkspace(text)
	if err != nil {
		return nil, err
	}
	opt := engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 7, Pace: w.Pace, Broker: broker.Start}
	if change != nil {
		change(&opt)
	}
	ctx, cancel := context.WithCancel(context.Background())
	e, err := engine.Open(ctx, opt)
	if err != nil {
		cancel()
		return nil, err
	}
	if err := e.Apply(ctx, w); err != nil {
		cancel()
		e.Close()
		return nil, err
	}
	c, err := e.NewControl(true)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 2)
	go func() { ended <- e.Run(ctx) }()
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		for range cap(ended) {
			if err := <-ended; err != nil {
				t.Errorf("the engine ended with: %v", err)
			}
		}
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return &rig{t, e, ctx, c.URL()}, nil
}

// ask calls the control listener; what it answers must be 200 and JSON.
func (r *rig) ask(method, path string, body, into any) {
	r.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			r.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(r.ctx, method, r.control+path, in)
	if err != nil {
		r.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, got, err)
	}
	if err := json.Unmarshal(got, into); err != nil {
		r.Fatalf("%s %s: %v: %s", method, path, err, got)
	}
}

// until asks again after each commit, until ok.
func (r *rig) until(what string, ok func() bool) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	for {
		rev := r.Store.Feed().Rev()
		if ok() {
			return
		}
		if _, err := r.Store.Feed().Wait(ctx, rev); err != nil {
			r.Fatalf("%s did not come about in %v", what, patience)
		}
	}
}

// answer is a response as it came from the socket.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send writes a request to the sources' listener, its fields spelled and ordered as given.
func (r *rig) send(method, target string, fields [][2]string, body []byte) answer {
	r.Helper()
	address := strings.TrimPrefix(r.URL(), "http://")
	c, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		r.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	var head strings.Builder
	head.WriteString(method + " " + target + " HTTP/1.1\r\nHost: " + address + "\r\n")
	for _, f := range fields {
		head.WriteString(f[0] + ": " + f[1] + "\r\n")
	}
	if len(body) > 0 || method == http.MethodPost || method == http.MethodPut {
		head.WriteString("Content-Length: " + itoa(len(body)) + "\r\n")
	}
	head.WriteString("Connection: close\r\n\r\n")
	go func() { // the answer may come before the body is read to its end
		io.WriteString(c, head.String())
		c.Write(body)
	}()
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, got}
}
