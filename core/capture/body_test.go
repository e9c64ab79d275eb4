package capture_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/platform"
	"hookglass/core/store"
)

// A body that does not come whole is answered for what it is, and so kept: no source says anything to it.
func TestBodiesThatAreNotWhole(t *testing.T) {
	const chunked = "POST /in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	const five = "POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
	for name, tt := range map[string]struct {
		raw    string
		end    string // what the sender does then
		status int    // that the sender sees and the capture has; 0: none
		reason string
	}{
		"a size that is no number":  {chunked + "x\r\nabc\r\n0\r\n\r\n", "wait", 400, "chunks are not valid"},
		"a chunk longer than said":  {chunked + "2\r\nabcdef\r\n0\r\n\r\n", "wait", 400, "chunks are not valid"},
		"a size that is too large":  {chunked + "fffffffffffffffff\r\nabc", "wait", 400, "chunks are not valid"},
		"a negative size":           {chunked + "-1\r\nabc", "wait", 400, "chunks are not valid"},
		"a body that stops":         {five + "abc", "wait", 408, "in time"},
		"a chunk that stops":        {chunked + "5\r\nabc", "wait", 408, "in time"},
		"a body that ends early":    {five + "abc", "half", 400, "ended before it was whole"},
		"chunks that end early":     {chunked + "5\r\nabc", "half", 400, "ended before it was whole"},
		"no last chunk":             {chunked + "3\r\nabc\r\n", "half", 400, "ended before it was whole"},
		"a sender that goes away":   {five + "abc", "close", 0, ""},
		"a sender without a body":   {five, "close", 0, ""},
		"an end within a chunk":     {chunked + "5\r\nab", "close", 0, ""},
		"a connection reset":        {"POST /in HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", "reset", 0, ""},
		"a trailer that is no line": {chunked + "3\r\nabc\r\n0\r\nno colon\r\n\r\n", "wait", 400, "chunks are not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			check := func(t *testing.T, got core.Capture, said string) {
				t.Helper()
				if got.Response.Status != tt.status || !strings.Contains(got.Receipt.Reason, tt.reason) || got.Receipt.Reason == "" || got.Receipt.Outcome != core.Rejected {
					t.Errorf("kept with status %d, %s: %s", got.Response.Status, got.Receipt.Outcome, got.Receipt.Reason)
				}
				if !got.Request.Truncated || got.Source != 7 || len(got.Receipt.Checks) == 0 || len(got.Work) > 0 {
					t.Errorf("kept as %+v", got)
				}
				if tt.status != 0 && !strings.HasPrefix(said, fmt.Sprintf("HTTP/1.1 %d ", tt.status)) || tt.status == 0 && said != "" {
					t.Errorf("the sender sees %q", said)
				}
			}
			if tt.end == "half" || tt.end == "reset" { // a pipe has no such thing
				st, address := listen(t)
				c, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				before := st.Feed().Rev()
				io.WriteString(c, tt.raw)
				said := ""
				if tt.end == "half" {
					c.(*net.TCPConn).CloseWrite()
					said = string(must(io.ReadAll(c)))
				} else {
					if _, err := bufio.NewReader(c).ReadString('\n'); err != nil { // 100: the body is being read
						t.Fatal(err)
					}
					c.(*net.TCPConn).SetLinger(0)
					c.Close()
				}
				if _, err := st.Feed().Wait(t.Context(), before); err != nil {
					t.Fatal(err)
				}
				check(t, newest(t, st), said)
				return
			}
			synctest.Test(t, func(t *testing.T) {
				st, ln, _ := start(t, nil)
				c := ln.dial()
				go io.WriteString(c, tt.raw)
				synctest.Wait()
				if tt.end == "close" {
					c.Close()
				}
				answer := make(chan string, 1)
				go func() { b, _ := io.ReadAll(c); answer <- string(b) }()
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				check(t, newest(t, st), <-answer)
				if ids, err := st.CaptureIDs(t.Context(), store.Query{}, 0); err != nil || len(ids) != 1 {
					t.Errorf("%d captures, %v", len(ids), err)
				}
				c.Close()
			})
		})
	}
}

// listen is a server with the source of start on a socket.
func listen(t *testing.T) (*store.Store, string) {
	t.Helper()
	st := openHistory(t)
	s := capture.New(st, []platform.Platform{echo}, 1, 1, slog.New(slog.DiscardHandler))
	if err := s.Load(t.Context(), []core.Source{{ID: 7, Name: "in", Platform: "echo", Settings: core.Values{"path": "/in"}}}, 0); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, ln, capture.Way{}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return st, ln.Addr().String()
}

// What senders announce costs nothing, and what they send is bounded for all of them together.
func TestRoomForBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, nil, capture.Bounds{Bodies: 1 << 20})
		const size = 600 << 10
		begin := func() net.Conn {
			c := ln.dial()
			fmt.Fprintf(c, "POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", size)
			return c
		}
		var announced []net.Conn
		for range 50 { // 30 MB are announced
			announced = append(announced, begin())
		}
		first, second := announced[0], announced[1]
		if _, err := first.Write(make([]byte, size-1)); err != nil {
			t.Fatal(err)
		}
		go second.Write(make([]byte, size))
		resp, body := read(t, second)
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" || !strings.Contains(body, "bound") {
			t.Errorf("the second: %d %v %s", resp.StatusCode, resp.Header, body)
		}
		synctest.Wait()
		c := newest(t, st)
		if c.Receipt.Outcome != core.Limited || c.Response.Status != 503 || c.Request.Size != size || !c.Request.Truncated || len(c.Request.Body) != 0 || c.Request.Header.Get("Content-Length") == "" || c.Receipt.Reason == "" {
			t.Errorf("kept as %+v", c)
		}
		small := ln.dial()
		go io.WriteString(small, "POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok")
		if resp, _ := read(t, small); resp.StatusCode != 200 {
			t.Errorf("a small one meanwhile: %d", resp.StatusCode)
		}
		go first.Write([]byte("!"))
		if resp, body := read(t, first); resp.StatusCode != 200 || len(body) != size {
			t.Errorf("the first: %d, %d bytes", resp.StatusCode, len(body))
		}
		synctest.Wait() // the room is given back behind the answer
		third := announced[2]
		go third.Write(make([]byte, size))
		if resp, body := read(t, third); resp.StatusCode != 200 || len(body) != size {
			t.Errorf("once there is room again: %d, %d bytes", resp.StatusCode, len(body))
		}
		for _, c := range announced {
			c.Close()
		}
		small.Close()
		time.Sleep(time.Second) // net/http waits a while for who is still sending
		synctest.Wait()
	})
}

// A body that is larger than the bound is taken where it is alone: its source allows it.
func TestLargeBodyAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ln, _ := start(t, nil, capture.Bounds{Bodies: 100_000})
		for _, head := range []string{"Content-Length: 300000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n493e0\r\n"} {
			c := ln.dial()
			go io.WriteString(c, "POST /in HTTP/1.1\r\nHost: a\r\n"+head+strings.Repeat("x", 300_000)+"\r\n0\r\n\r\n")
			if resp, body := read(t, c); resp.StatusCode != 200 || body != strings.Repeat("x", 300_000) {
				t.Errorf("%q: %d, %d bytes", head, resp.StatusCode, len(body))
			}
			c.Close()
		}
	})
}

// Large bodies come in one after the other, as far as those before come to an end; one that stops holds up nobody for long.
func TestLargeBodiesWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, ln, _ := start(t, nil, capture.Bounds{})
		const size = 10 << 20
		begin := func(much int) net.Conn { // it is taken into the hand with its second MiB
			c := ln.dial()
			fmt.Fprintf(c, "POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", size)
			go c.Write(make([]byte, much))
			synctest.Wait()
			return c
		}
		first, second := begin(5<<20), begin(5<<20)
		third := begin(size)
		began := time.Now()
		go first.Write(make([]byte, 5<<20)) // one of both goes on, and comes to its end
		if resp, body := read(t, first); resp.StatusCode != 200 || len(body) != size {
			t.Errorf("the first: %d, %d bytes", resp.StatusCode, len(body))
		}
		if resp, body := read(t, third); resp.StatusCode != 200 || len(body) != size || time.Since(began) != 0 {
			t.Errorf("the one that waited: %d, %d bytes after %v", resp.StatusCode, len(body), time.Since(began))
		}
		stuck, fourth := begin(5<<20), begin(size)
		if resp, body := read(t, fourth); resp.StatusCode != 200 || len(body) != size || time.Since(began) != 2*time.Second {
			t.Errorf("behind two that stopped: %d, %d bytes after %v", resp.StatusCode, len(body), time.Since(began))
		}
		if n, err := st.Count(t.Context(), store.Query{}); n != 3 || err != nil {
			t.Errorf("%d are kept, %v", n, err)
		}
		for _, c := range []net.Conn{first, second, third, stuck, fourth} {
			c.Close()
		}
		time.Sleep(time.Second)
		synctest.Wait()
	})
}

func read(t *testing.T, c net.Conn) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(must(io.ReadAll(resp.Body)))
}

// A client that speaks HTTP/2 without asking is answered in it, and leaves one capture for a request, with what is known of it.
func TestHTTP2WithPriorKnowledge(t *testing.T) {
	st, address := listen(t)
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	tr := &http.Transport{Protocols: &protocols}
	defer tr.CloseIdleConnections()
	const n = 3
	for i := range n {
		req, err := http.NewRequest("POST", "http://"+address+"/in?q=%20", strings.NewReader(fmt.Sprint("body ", i)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"X-B": {"1", "2"}, "X-A": {"3"}}
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if body := must(io.ReadAll(resp.Body)); resp.ProtoMajor != 2 || resp.StatusCode != 200 || string(body) != fmt.Sprint("body ", i) {
			t.Errorf("%s %d %q", resp.Proto, resp.StatusCode, body)
		}
		resp.Body.Close()
	}
	if ids, err := st.CaptureIDs(t.Context(), store.Query{}, 0); err != nil || len(ids) != n {
		t.Errorf("%d captures, want %d; %v", len(ids), n, err)
	}
	c := newest(t, st)
	var names []string
	for _, f := range c.Request.Header {
		names = append(names, f.Name)
	}
	if c.Request.Proto != "HTTP/2.0" || c.Response.Proto != "HTTP/2.0" || c.Request.Head != nil || c.Request.Target != "/in?q=%20" || string(c.Request.Body) != "body 2" {
		t.Errorf("kept as %+v", c)
	}
	if got := strings.Join(names, " "); !strings.HasPrefix(got, "host ") || !strings.Contains(got, "x-a x-b x-b") {
		t.Errorf("fields %s", got)
	}
}

// Beyond the bound, the connection goes that has been idle for longest; where all are busy, the new one is told.
func TestDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, _, s := start(t, nil, capture.Bounds{Connections: 4})
		ln := serveAgain(t, s)
		slow := []net.Conn{ln.dial(), ln.dial(), ln.dial()}
		io.WriteString(slow[1], "POST /in HT") // half a head
		time.Sleep(time.Second)
		for i := range 5 {
			c := ln.dial()
			if resp, _ := say(t, c, "POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"); resp.StatusCode != 200 {
				t.Errorf("number %d beside idle ones: %d", i, resp.StatusCode)
			}
			slow = append(slow, c)
		}
		for _, c := range slow {
			c.Close()
		}
		synctest.Wait()
		var busy []net.Conn
		for range 4 {
			c := ln.dial()
			io.WriteString(c, "POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nok")
			busy = append(busy, c)
		}
		synctest.Wait()
		for range 3 {
			c := ln.dial()
			resp, _ := read(t, c)
			if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
				t.Errorf("one more: %d", resp.StatusCode)
			}
			c.Close()
		}
		synctest.Wait()
		c := newest(t, st)
		if c.Receipt.Outcome != core.Limited || c.Response.Status != 503 || !strings.Contains(c.Receipt.Reason, "at most 4 connections") {
			t.Errorf("kept as %+v", c)
		}
		for i, c := range busy {
			if resp, body := say(t, c, "!!"); resp.StatusCode != 200 || body != "ok!!" {
				t.Errorf("busy %d: %d %q", i, resp.StatusCode, body)
			}
			c.Close()
		}
		synctest.Wait()
		if ids, _ := st.CaptureIDs(t.Context(), store.Query{}, 0); len(ids) != 5+1+1+4 { // half a head is told too, and the others turned away later
			t.Errorf("%d captures", len(ids))
		}
	})
}

// serveAgain serves once more, within the bounds that a server was given since.
func serveAgain(t *testing.T, s *capture.Server) *pipes {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ln := newPipes()
	go s.Serve(ctx, ln, capture.Way{})
	t.Cleanup(func() { cancel(); synctest.Wait() })
	return ln
}

func say(t *testing.T, c net.Conn, raw string) (*http.Response, string) {
	t.Helper()
	go io.Copy(c, bytes.NewReader([]byte(raw)))
	return read(t, c)
}
