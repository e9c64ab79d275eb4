package capture_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/platform"
	"hookglass/core/store"
)

// pipes is a listener whose connections are net.Pipe, so that a test inside a bubble has a network.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (p *pipes) dial() net.Conn {
	a, b := net.Pipe()
	p.conns <- b
	return a
}

// echo accepts what comes to its path, and finishes a work item after a second.
var echo = platform.Platform{
	Name: "echo", Title: "Echo", Inbound: true,
	Owns: func(path string) bool { return strings.HasPrefix(path, "/echo/") },
	Unknown: func(in platform.In, profile string) platform.Out {
		return platform.Out{Response: core.Response{Status: 410}}
	},
	New: func(c platform.Config) (platform.Machine, error) {
		return &echoMachine{path: c.Settings.Text("path")}, nil
	},
}

type echoMachine struct {
	path string
	item *core.WorkItem
	look func(platform.In) // may be nil
}

func (m *echoMachine) Match(path string) int {
	if path == m.path {
		return 1
	}
	return 0
}

func (m *echoMachine) Look(in platform.In) platform.Seen {
	if m.look != nil {
		m.look(in)
	}
	return platform.Seen{}
}

func (m *echoMachine) Receive(in platform.In) platform.Out {
	m.item = &core.WorkItem{ID: in.IDs.Text("abc", 8), Platform: "echo", State: "running", Created: in.Now}
	status := 200
	if in.Request.Truncated {
		status = 413
	}
	return platform.Out{
		Response: core.Response{Status: status, Header: core.Header{{Name: "x-Odd", Value: "1"}}, Body: in.Request.Body},
		Receipt:  core.Receipt{Outcome: core.Accepted}, Work: []core.WorkItem{*m.item}, Next: in.Now.Add(time.Second),
	}
}

func (m *echoMachine) Advance(now time.Time, _ platform.IDs) (platform.Out, time.Time) {
	if m.item == nil {
		return platform.Out{}, time.Time{}
	}
	w := *m.item
	m.item, w.State, w.Final = nil, "done", true
	return platform.Out{Work: []core.WorkItem{w}}, time.Time{}
}

// start is a server on pipes with an echo source at /in.
func start(t *testing.T, change func(*core.Source)) (*store.Store, *pipes, *capture.Server) {
	t.Helper()
	return startWith(t, echo, change)
}

func startWith(t *testing.T, p platform.Platform, change func(*core.Source)) (*store.Store, *pipes, *capture.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	st, err := store.Open(ctx, filepath.Join(t.TempDir(), "h.db"))
	if err != nil {
		t.Fatal(err)
	}
	s := capture.New(st, []platform.Platform{p}, 1, 1, slog.New(slog.DiscardHandler))
	src := core.Source{ID: 7, Name: "in", Platform: "echo", Settings: core.Values{"path": "/in"}}
	if change != nil {
		change(&src)
	}
	if err := errors.Join(s.Load(ctx, []core.Source{src}, 0), s.Problem(src.ID)); err != nil {
		t.Fatal(err)
	}
	ln := newPipes()
	go s.Serve(ctx, ln, capture.Way{})
	go s.Run(ctx)
	t.Cleanup(func() { cancel(); synctest.Wait(); st.Close() })
	return st, ln, s
}

func exchange(t *testing.T, c net.Conn, raw string) *http.Response {
	t.Helper()
	go io.WriteString(c, raw)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(must(io.ReadAll(resp.Body))))
	return resp
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func newest(t *testing.T, st *store.Store) core.Capture {
	t.Helper()
	rows, err := st.Captures(context.Background(), store.Query{}, 0, 1)
	if err != nil || len(rows) == 0 {
		t.Fatalf("no capture: %v", err)
	}
	c, err := st.Capture(context.Background(), rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBytesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, nil)
		var body []byte
		for i := range 256 {
			body = append(body, byte(i))
		}
		head := "POST /in?x=%41;b=%zz&&y HTTP/1.1\r\nhOST: Example.com\r\nX-dup: 1\r\nx-DUP:  two \r\nA:\r\nCONTENT-length: 256\r\nX-dup: 3\r\n\r\n"
		resp := exchange(t, ln.dial(), head+string(body))
		if resp.StatusCode != 200 {
			t.Errorf("status %d", resp.StatusCode)
		}
		c := newest(t, st)
		if string(c.Request.Head) != head || !bytes.Equal(c.Request.Body, body) {
			t.Errorf("head %q\nbody %x", c.Request.Head, c.Request.Body)
		}
		if got := fmt.Sprint(c.Request.Header.Values("x-dup")); got != "[1 two 3]" {
			t.Errorf("x-dup = %s", got)
		}
		if c.Request.Target != "/in?x=%41;b=%zz&&y" {
			t.Errorf("target %q", c.Request.Target)
		}
	})
}

func TestFramings(t *testing.T) {
	tests := []struct{ name, raw, body string }{
		{"chunked", "POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n3\r\n wo\r\n0\r\nX-Trailer: 1\r\n\r\n", "hello wo"},
		{"no body", "GET /in HTTP/1.1\r\nHost: h\r\n\r\n", ""},
		{"odd method", "BREW /in HTTP/1.1\r\nHost: h\r\n\r\n", ""},
		{"bare line feeds", "POST /in HTTP/1.1\nHost: h\nContent-Length: 2\n\nhi", "hi"},
		{"http/1.0", "POST /in HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", "hi"},
		{"absolute target", "POST http://other.example/in?q HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", "hi"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st, ln, _ := start(t, nil)
				exchange(t, ln.dial(), tt.raw)
				c := newest(t, st)
				if string(c.Request.Body) != tt.body || c.Source != 7 {
					t.Errorf("body %q from source %d, want %q from 7", c.Request.Body, c.Source, tt.body)
				}
				if !strings.HasPrefix(tt.raw, string(c.Request.Head)) || len(c.Request.Head) == 0 {
					t.Errorf("head %q", c.Request.Head)
				}
				if u := c.Request.URL(); strings.HasPrefix(u, "http:///") {
					t.Errorf("nothing can be sent to %s", u)
				}
			})
		})
	}
}

func TestPipelinedRequestsKeepTheirOwnHeads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, nil)
		var raw strings.Builder
		for i := range 20 {
			if i%2 == 0 {
				fmt.Fprintf(&raw, "POST /in HTTP/1.1\r\nHost: h\r\nX-N: %d\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n%d\r\n0\r\n\r\n", i, i%10)
			} else {
				fmt.Fprintf(&raw, "POST /in HTTP/1.1\r\nHost: h\r\nX-N: %d\r\nContent-Length: 1\r\n\r\n%d", i, i%10)
			}
		}
		c := ln.dial()
		go io.WriteString(c, raw.String())
		r := bufio.NewReader(c)
		for i := range 20 {
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(i, err)
			}
			io.Copy(io.Discard, resp.Body)
		}
		rows, _ := st.Captures(context.Background(), store.Query{}, 0, 100)
		if len(rows) != 20 {
			t.Fatalf("%d captures", len(rows))
		}
		for i, row := range rows {
			n := 19 - i
			c, _ := st.Capture(context.Background(), row.ID)
			if got := c.Request.Header.Get("x-n"); got != fmt.Sprint(n) || len(c.Request.Head) == 0 {
				t.Errorf("capture %d: x-n %q, head %q", n, got, c.Request.Head)
			}
		}
	})
}

func TestExpectContinueAndHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, nil)
		c := ln.dial()
		go io.WriteString(c, "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
		r := bufio.NewReader(c)
		if line, _ := r.ReadString('\n'); !strings.Contains(line, "100") {
			t.Errorf("got %q, want 100 Continue", line)
		}
		r.ReadString('\n')
		go io.WriteString(c, "ok")
		if resp, err := http.ReadResponse(r, nil); err != nil || resp.StatusCode != 200 {
			t.Errorf("%v %v", resp, err)
		}
		if got := newest(t, st); string(got.Request.Body) != "ok" {
			t.Errorf("body %q", got.Request.Body)
		}
		c2 := ln.dial()
		go io.WriteString(c2, "HEAD /in HTTP/1.1\r\nHost: h\r\n\r\n")
		if resp, err := http.ReadResponse(bufio.NewReader(c2), &http.Request{Method: "HEAD"}); err != nil || resp.StatusCode != 200 {
			t.Errorf("%v %v", resp, err)
		}
	})
}

func TestLimitsKeepWhatCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, func(s *core.Source) { s.Settings["body_limit_bytes"] = 10.0 })
		resp := exchange(t, ln.dial(), "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n0123456789abcdef")
		if resp.StatusCode != 413 {
			t.Errorf("status %d, want 413", resp.StatusCode)
		}
		c := newest(t, st)
		if string(c.Request.Body) != "0123456789" || !c.Request.Truncated || c.Request.Size != 16 {
			t.Errorf("body %q, truncated %v, size %d", c.Request.Body, c.Request.Truncated, c.Request.Size)
		}

		resp = exchange(t, ln.dial(), "POST /in HTTP/1.1\r\nHost: h\r\nX: "+strings.Repeat("x", 80<<10)+"\r\n\r\n")
		if resp.StatusCode != 431 {
			t.Errorf("status %d, want 431", resp.StatusCode)
		}
		time.Sleep(time.Second)
		if c = newest(t, st); c.Response.Status != 431 || c.Receipt.Outcome != core.Rejected || len(c.Request.Head) < 64<<10 {
			t.Errorf("kept %d %s, %d bytes of head", c.Response.Status, c.Receipt.Outcome, len(c.Request.Head))
		}

		resp = exchange(t, ln.dial(), "POST /in HTTP/1.1\r\nHost h\r\n\r\n")
		time.Sleep(time.Second)
		if c = newest(t, st); resp.StatusCode != 400 || c.Response.Status != 400 || !strings.Contains(string(c.Request.Head), "Host h") {
			t.Errorf("malformed: answered %d, kept %d %q", resp.StatusCode, c.Response.Status, c.Request.Head)
		}
	})
}

func TestUnmatchedAndUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, nil)
		if resp := exchange(t, ln.dial(), "POST /nowhere HTTP/1.1\r\nHost: h\r\n\r\n"); resp.StatusCode != 404 {
			t.Errorf("status %d", resp.StatusCode)
		}
		if c := newest(t, st); c.Receipt.Outcome != core.Unmatched || c.Source != 0 {
			t.Errorf("%+v", c.Receipt)
		}
		if resp := exchange(t, ln.dial(), "POST /echo/other HTTP/1.1\r\nHost: h\r\n\r\n"); resp.StatusCode != 410 {
			t.Errorf("status %d, want the platform's own 410", resp.StatusCode)
		}
	})
}

func TestWorkGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, nil)
		exchange(t, ln.dial(), "POST /in HTTP/1.1\r\nHost: h\r\n\r\n")
		c := newest(t, st)
		if len(c.Work) != 1 {
			t.Fatalf("work %v", c.Work)
		}
		w, err := st.Work(context.Background(), c.Work[0])
		if err != nil || w.State != "running" || w.Capture != c.ID {
			t.Errorf("%+v %v", w, err)
		}
		time.Sleep(1100 * time.Millisecond)
		if w, _ = st.Work(context.Background(), c.Work[0]); w.State != "done" || w.Capture != c.ID {
			t.Errorf("after a second: %+v", w)
		}
	})
}

func TestLimitOfASource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, func(s *core.Source) { s.Limit = &core.Limit{Kind: "fixed", Count: 2, Window: time.Minute} })
		for i, want := range []int{200, 200, 429} {
			if resp := exchange(t, ln.dial(), "POST /in HTTP/1.1\r\nHost: h\r\n\r\n"); resp.StatusCode != want {
				t.Errorf("request %d: %d, want %d", i, resp.StatusCode, want)
			}
		}
		if c := newest(t, st); c.Receipt.Outcome != core.Limited || c.Response.Header.Get("Retry-After") != "60" {
			t.Errorf("%s, %v", c.Receipt.Outcome, c.Response.Header)
		}
	})
}

func TestFaultIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, func(s *core.Source) { s.Faults = core.Faults{FailFirst: 1, FailKey: "path", Statuses: []int{503}} })
		for i, want := range []int{503, 200} {
			if resp := exchange(t, ln.dial(), "POST /in HTTP/1.1\r\nHost: h\r\n\r\n"); resp.StatusCode != want {
				t.Errorf("request %d: %d, want %d", i, resp.StatusCode, want)
			}
			if c := newest(t, st); (len(c.Receipt.Faults) > 0) != (want == 503) {
				t.Errorf("request %d: faults %v", i, c.Receipt.Faults)
			}
		}
	})
}
