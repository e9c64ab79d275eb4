package capture_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
)

var pong = core.Response{
	Status: 202,
	Header: core.Header{{Name: "x-zeta", Value: "1"}, {Name: "Content-Type", Value: "text/plain"}, {Name: "x-zeta", Value: "2"}},
	Body:   []byte("0123456789"),
}

const head = "HTTP/1.1 202 Accepted\r\nx-zeta: 1\r\nContent-Type: text/plain\r\nx-zeta: 2\r\n"

// Every fault as a raw client sees it, byte for byte, until the server closes.
func TestWriteOnTheWire(t *testing.T) {
	empty := core.Response{Status: 200}
	for _, c := range []struct {
		name  string
		resp  core.Response
		fault capture.Fault
		want  string
		after time.Duration // when the last byte or the close came
	}{
		{"no fault", pong, capture.Fault{},
			"HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\nContent-Type: text/plain\r\nx-zeta: 1\r\nx-zeta: 2\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\nConnection: close\r\n\r\n0123456789", 0},
		{"no fault, no type guessed", core.Response{Status: 200, Body: []byte("<html>")}, capture.Fault{},
			"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\nConnection: close\r\n\r\n<html>", 0},
		{"no content", core.Response{Status: 204, Body: []byte("x")}, capture.Fault{},
			"HTTP/1.1 204 No Content\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\nConnection: close\r\n\r\n", 0},
		{"delay", empty, capture.Fault{Delay: 40 * time.Second},
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: Sat, 01 Jan 2000 00:00:40 GMT\r\nConnection: close\r\n\r\n", 40 * time.Second},
		{"slow body", core.Response{Status: 200, Body: []byte("abc")}, capture.Fault{SlowBody: 3 * time.Second},
			"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\nConnection: close\r\n\r\nabc", 3 * time.Second},
		{"drop", pong, capture.Fault{Wire: capture.Drop}, "", 0},
		{"drop after a delay", pong, capture.Fault{Wire: capture.Drop, Delay: time.Second}, "", time.Second},
		{"nothing to answer", core.Response{}, capture.Fault{}, "", 0},
		{"drop midway", pong, capture.Fault{Wire: capture.DropMidway}, "HTTP/1.1 202 Accepted\r\n", 0},
		{"reset, where only a close is possible", pong, capture.Fault{Wire: capture.Reset}, "", 0},
		{"truncate", pong, capture.Fault{Wire: capture.Truncate},
			head + "Content-Length: 10\r\nConnection: close\r\n\r\n01234", 0},
		{"truncate slowly", pong, capture.Fault{Wire: capture.Truncate, SlowBody: 5 * time.Second},
			head + "Content-Length: 10\r\nConnection: close\r\n\r\n01234", 5 * time.Second},
		{"truncate nothing", empty, capture.Fault{Wire: capture.Truncate},
			"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n", 0},
		{"malformed", pong, capture.Fault{Wire: capture.Malformed},
			head + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\n01234\r\nzz\r\n56789\r\n0\r\n\r\n", 0},
		{"wrong length", pong, capture.Fault{Wire: capture.WrongLength},
			head + "Content-Length: 5\r\nConnection: close\r\n\r\n0123456789", 0},
		{"wrong length of nothing", empty, capture.Fault{Wire: capture.WrongLength},
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n\n", 0},
		{"a value cannot start a field", core.Response{Status: 200, Header: core.Header{{Name: "A", Value: "1\r\nB: 2"}}}, capture.Fault{Wire: capture.Truncate},
			"HTTP/1.1 200 OK\r\nA: 1  B: 2\r\nContent-Length: 1\r\nConnection: close\r\n\r\n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := serve(t, context.Background(), c.resp, c.fault)
				start := time.Now()
				got := ask(t, client)
				if got != c.want {
					t.Errorf("\n got %q\nwant %q", got, c.want)
				}
				if took := time.Since(start); took != c.after {
					t.Errorf("took %v, want %v", took, c.after)
				}
			})
		})
	}
}

func TestSlowBodyDribbles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := serve(t, context.Background(), core.Response{Status: 200, Body: []byte("abcd")}, capture.Fault{SlowBody: 4 * time.Second})
		io.WriteString(client, get)
		start, r := time.Now(), bufio.NewReader(client)
		for line := ""; line != "\r\n"; {
			var err error
			if line, err = r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 4 {
			if _, err := r.ReadByte(); err != nil || time.Since(start) != time.Duration(i+1)*time.Second {
				t.Errorf("byte %d after %v (%v), want %d s", i, time.Since(start), err, i+1)
			}
		}
	})
}

// However a fault waits, the end of ctx ends it.
func TestWriteIsBoundedByItsContext(t *testing.T) {
	for name, f := range map[string]capture.Fault{
		"delay":         {Delay: time.Hour},
		"delayed drop":  {Delay: time.Hour, Wire: capture.Drop},
		"slow body":     {SlowBody: time.Hour},
		"slow truncate": {SlowBody: time.Hour, Wire: capture.Truncate},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
				defer cancel()
				start, client := time.Now(), serve(t, ctx, pong, f)
				ask(t, client)
				if took := time.Since(start); took != 2*time.Second {
					t.Errorf("took %v, want 2 s", took)
				}
			})
		})
	}
	t.Run("a client that does not read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			client := serve(t, ctx, pong, capture.Fault{Wire: capture.Truncate}) // a pipe holds no byte
			io.WriteString(client, get)
			time.Sleep(3 * time.Second)
			synctest.Wait()
			if n, err := client.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("the connection is still open: %d %v", n, err)
			}
		})
	})
}

func TestResetOverTCP(t *testing.T) {
	for _, tls := range []bool{false, true} {
		srv := httptest.NewUnstartedServer(handler(t.Context(), pong, capture.Fault{Wire: capture.Reset}))
		if tls {
			srv.StartTLS()
		} else {
			srv.Start()
		}
		defer srv.Close()
		_, err := srv.Client().Get(srv.URL)
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("tls %v: got %v, want a reset", tls, err)
		}
	}
	// A plain drop over the same wire is an orderly close.
	srv := httptest.NewServer(handler(t.Context(), pong, capture.Fault{Wire: capture.Drop}))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := ask(t, conn); got != "" {
		t.Errorf("drop: got %q", got)
	}
}

// HTTP/2 shares its connection, so a wire fault breaks the stream: the client must see an error, never a whole answer.
func TestWireFaultsOverHTTP2(t *testing.T) {
	for _, wire := range []capture.Wire{capture.Drop, capture.DropMidway, capture.Reset, capture.Truncate, capture.Malformed, capture.WrongLength} {
		srv := httptest.NewUnstartedServer(handler(t.Context(), pong, capture.Fault{Wire: wire}))
		srv.EnableHTTP2 = true
		srv.StartTLS()
		resp, err := srv.Client().Get(srv.URL)
		if err == nil {
			var body []byte
			body, err = io.ReadAll(resp.Body)
			if resp.ProtoMajor != 2 || len(body) == len(pong.Body) {
				t.Errorf("%s: proto %s, body %q", wire, resp.Proto, body)
			}
		}
		if err == nil {
			t.Errorf("%s: the client noticed nothing", wire)
		}
		srv.Close()
	}
}

func TestHeadHasNoBody(t *testing.T) {
	srv := httptest.NewServer(handler(t.Context(), pong, capture.Fault{SlowBody: time.Millisecond}))
	defer srv.Close()
	resp, err := http.Head(srv.URL)
	if err != nil || resp.ContentLength != 10 {
		t.Fatalf("got %v, %v", resp, err)
	}
}

const get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

// ask sends one request and returns every byte until the close.
func ask(t *testing.T, client net.Conn) string {
	t.Helper()
	if _, err := io.WriteString(client, get); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(client)
	if err != nil {
		t.Errorf("the connection ended with %v, want an orderly close", err)
	}
	return string(got)
}

func handler(ctx context.Context, resp core.Response, f capture.Fault) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := capture.Write(ctx, w, resp, f); err != nil {
			panic(http.ErrAbortHandler)
		}
	})
}

// serve answers on one end of a pipe inside a bubble and returns the other.
func serve(t *testing.T, ctx context.Context, resp core.Response, f capture.Fault) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	l := &pipeListener{conns: make(chan net.Conn, 1)}
	l.conns <- server
	srv := &http.Server{Handler: handler(ctx, resp, f)}
	var done sync.WaitGroup
	done.Go(func() { srv.Serve(l) })
	t.Cleanup(func() {
		client.Close()
		srv.Close()
		done.Wait()
	})
	return client
}

// pipeListener accepts the connections it is given.
type pipeListener struct {
	conns chan net.Conn
	once  sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	if c, ok := <-l.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.conns) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }
