package deliver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/tunnel/edgetest"
)

// recorder keeps the bytes of one request whose body has a Content-Length, and answers 200.
func recorder(got *[]byte) func(net.Conn) {
	return func(c net.Conn) {
		defer c.Close()
		var seen bytes.Buffer
		r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(c, &seen)))
		if err != nil {
			return
		}
		io.Copy(io.Discard, r.Body)
		*got = seen.Bytes()
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	}
}

func TestRequestGoesOutAsWritten(t *testing.T) {
	tests := []struct {
		name     string
		delivery core.Delivery
		want     string
	}{
		{
			"a post", to("http://a.test/hook?x=%41;b=2#frag", "{}"),
			"POST /hook?x=%41;b=2 HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/json\r\nUser-Agent: Hookglass/1\r\nContent-Length: 2\r\n\r\n{}",
		},
		{
			"order, spelling and repeats stay, hops go", core.Delivery{
				Target:  core.Target{URL: "http://a.test:8080"},
				Request: core.Request{Method: "PUT", Host: "captured.test", Body: []byte("hello"), Header: fields("x-b", "1", "HOST", "captured.test", "X-A", " 2", "content-length", "99", "Connection", "close", "x-B", "3", "Transfer-Encoding", "chunked", "user-agent", "curl", "Expect", "100-continue")},
			},
			"PUT / HTTP/1.1\r\nx-b: 1\r\nHOST: a.test:8080\r\nX-A:  2\r\ncontent-length: 5\r\nx-B: 3\r\nuser-agent: curl\r\n\r\nhello",
		},
		{
			"custom fields replace, but not the type of the body", core.Delivery{
				Target:  core.Target{URL: "http://a.test/", Header: fields("X-JoAi-Secret-Token", "joai_wf_node", "content-type", "text/html", "USER-AGENT", "me", "X-Two", "1", "X-Two", "2", "Content-Length", "9")},
				Request: core.Request{Header: fields("Content-Type", "application/json", "User-Agent", "them"), Body: []byte("1")},
			},
			"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/json\r\nUSER-AGENT: me\r\nX-JoAi-Secret-Token: joai_wf_node\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 1\r\n\r\n1",
		},
		{
			"own host kept", core.Delivery{
				Target:  core.Target{URL: "http://a.test/", Method: "POST", KeepHost: true},
				Request: core.Request{Host: "captured.test", Header: fields("User-Agent", "x")},
			},
			"POST / HTTP/1.1\r\nHost: captured.test\r\nUser-Agent: x\r\nContent-Length: 0\r\n\r\n",
		},
		{
			"login of the URL, name in other letters", core.Delivery{Target: core.Target{URL: "http://me:pw@bücher.test/ä?q=ü", Method: "GET"}},
			"GET /%C3%A4?q=ü HTTP/1.1\r\nHost: xn--bcher-kva.test\r\nUser-Agent: Hookglass/1\r\nAuthorization: Basic bWU6cHc=\r\n\r\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got []byte
				var n network
				for _, address := range []string{"a.test:80", "a.test:8080", "xn--bcher-kva.test:80"} {
					n.put(address, recorder(&got))
				}
				s := &deliver.Sender{Dial: n.dial}
				defer s.Close()
				a := s.Send(t.Context(), tt.delivery, 1, time.Now())
				if string(got) != tt.want {
					t.Errorf("%s %s\n got %q\nwant %q", a.Failure, a.Detail, got, tt.want)
				}
				head, body, _ := strings.Cut(tt.want, "\r\n\r\n")
				if r := a.Request; string(r.Head) != head+"\r\n\r\n" || string(r.Body) != body || !reflect.DeepEqual(r.Header, core.ParseHead(r.Head)) || r.Host != r.Header.Get("Host") {
					t.Errorf("recorded %q %q", r.Head, r.Body)
				}
			})
		})
	}
}

func TestWhatCannotBeSentIsNotSent(t *testing.T) {
	tests := []struct {
		delivery core.Delivery
		want     core.Failure
	}{
		{to("nonsense", ""), deliver.BadRequest},
		{to("ftp://a.test/", ""), deliver.BadRequest},
		{to("http://a.test:99999999999/", ""), ""}, // refused by the dialer
		{core.Delivery{Target: core.Target{URL: "http://a.test/", Method: "GET /x"}}, deliver.BadRequest},
		{core.Delivery{Target: core.Target{URL: "http://a.test/", Header: fields("A", "b\r\nC: d")}}, deliver.BadRequest},
		{core.Delivery{Target: core.Target{URL: "http://a.test/", Header: fields("A b", "c")}}, deliver.BadRequest},
		{core.Delivery{Target: core.Target{URL: "http://a.test/", Scheme: "test"}}, deliver.NotSigned},
	}
	var n network
	s := &deliver.Sender{Dial: n.dial, Sign: sign}
	for _, tt := range tests {
		a := s.Send(t.Context(), tt.delivery, 1, time.Now())
		if a.Failure == "" || a.Detail == "" || tt.want != "" && (a.Failure != tt.want || n.dials > 1) {
			t.Errorf("%+v: %q, %q, %d dials; want %q", tt.delivery.Target, a.Failure, a.Detail, n.dials, tt.want)
		}
	}
}

func TestAnswerIsKeptAsItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.put("a.test:80", says("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"+
			"HTTP/1.1 418 I'm a teapot\r\nz-last: 1\r\nSet-Cookie: a\r\nA-FIRST:  two\r\nset-cookie: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
		s := &deliver.Sender{Dial: n.dial}
		defer s.Close()
		a := s.Send(t.Context(), to("http://a.test/", ""), 1, time.Now())
		want := &core.Response{
			Status: 418, Proto: "HTTP/1.1", Body: []byte("abcde"), Size: 5,
			Header: fields("z-last", "1", "Set-Cookie", "a", "A-FIRST", "two", "set-cookie", "b", "Transfer-Encoding", "chunked"),
		}
		if !reflect.DeepEqual(a.Response, want) {
			t.Errorf("%s %s\n got %+v\nwant %+v", a.Failure, a.Detail, a.Response, want)
		}
	})
}

// Every hostile receiver is one clear failure within the timeout.
func TestHostileReceivers(t *testing.T) {
	flood := func(first, again string) func(net.Conn) {
		return func(c net.Conn) {
			defer c.Close()
			go io.Copy(io.Discard, c)
			_, err := io.WriteString(c, first)
			for err == nil {
				_, err = io.WriteString(c, again)
			}
		}
	}
	slowly := func(text string, every time.Duration) func(net.Conn) {
		return func(c net.Conn) {
			defer c.Close()
			go io.Copy(io.Discard, c)
			for i := range len(text) {
				time.Sleep(every)
				if _, err := io.WriteString(c, text[i:i+1]); err != nil {
					return
				}
			}
		}
	}
	closes := func(text string) func(net.Conn) {
		return func(c net.Conn) {
			http.ReadRequest(bufio.NewReader(c))
			io.WriteString(c, text)
			c.Close()
		}
	}
	tests := []struct {
		name   string
		accept func(net.Conn)
		want   core.Failure
		detail string
		took   time.Duration
	}{
		{"silent", says(""), deliver.Timeout, "wait", 10 * time.Second},
		{"never reads", func(c net.Conn) { time.Sleep(time.Hour); c.Close() }, deliver.Timeout, "wait", 10 * time.Second},
		{"slow head", slowly("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", time.Second), deliver.Timeout, "wait", 10 * time.Second},
		{"slow body", slowly("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"+strings.Repeat("x", 900), 100*time.Millisecond), deliver.Timeout, "body", 10 * time.Second},
		{"closes at once", func(c net.Conn) { c.Close() }, deliver.ClosedEarly, "wait", 0},
		{"closes without an answer", closes(""), deliver.ClosedEarly, "closed the connection", 0},
		{"closes in the head", closes("HTTP/1.1 200 OK\r\nContent-"), deliver.ClosedEarly, "wait", 0},
		{"closes in the body", closes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), deliver.ClosedEarly, "after status 200 and 3 bytes", 0},
		{"closes in a chunk", closes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), deliver.ClosedEarly, "after status 200", 0},
		{"bad chunks", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n"), deliver.BadResponse, "body", 0},
		{"no HTTP", says("SSH-2.0-OpenSSH_9.6\r\n\r\n"), deliver.BadResponse, "wait", 0},
		{"bad status", says("HTTP/1.1 abc OK\r\n\r\n"), deliver.BadResponse, "", 0},
		{"bad length", says("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), deliver.BadResponse, "", 0},
		{"endless header", flood("HTTP/1.1 200 OK\r\n", "X-More: "+strings.Repeat("x", 1000)+"\r\n"), deliver.HeaderTooLarge, "256 KiB", 0},
		{"endless line", flood("HTTP/1.1 200 OK\r\nX-More: ", strings.Repeat("x", 1000)), deliver.HeaderTooLarge, "256 KiB", 0},
		{"endless status line", flood("HTTP/1.1 200 ", strings.Repeat("x", 1000)), deliver.HeaderTooLarge, "", 0},
		{"1xx flood", flood("", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"), deliver.BadResponse, "1xx", 0},
		{"endless chunk extension", flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;", strings.Repeat("x", 1000)), deliver.BadResponse, "", 0},
		{"endless trailer", flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X-More: x\r\n"), deliver.BadResponse, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(2 * time.Hour) // let the receiver end too
				var n network
				n.put("a.test:80", tt.accept)
				s := &deliver.Sender{Dial: n.dial}
				defer s.Close()
				d := to("http://a.test/", strings.Repeat("y", 100_000))
				d.Target.Timeout = 10 * time.Second
				a := s.Send(t.Context(), d, 1, time.Now())
				if a.Failure != tt.want || !strings.Contains(a.Detail, tt.detail) || a.Response != nil {
					t.Errorf("%q: %s, response %v; want %q: …%s…", a.Failure, a.Detail, a.Response != nil, tt.want, tt.detail)
				}
				if a.Took != tt.took {
					t.Errorf("took %v, want %v", a.Took, tt.took)
				}
			})
		})
	}
}

func TestHugeBodyIsCut(t *testing.T) {
	const size = 100 << 20
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(size))
		chunk := make([]byte, 64<<10)
		for range size / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	s := &deliver.Sender{}
	defer s.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	a := s.Send(t.Context(), to(server.URL, "{}"), 1, time.Now())
	runtime.ReadMemStats(&after)
	if a.Response == nil || a.Response.Status != 200 || len(a.Response.Body) != deliver.DefaultBodyLimit || !a.Response.Truncated || a.Response.Size >= size {
		t.Fatalf("%s %s: %d bytes kept of %d", a.Failure, a.Detail, len(a.Response.Body), a.Response.Size)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("%d MB allocated for a body of which 1 MiB is kept", used>>20)
	}
}

func TestBodyLimit(t *testing.T) {
	for _, size := range []int{0, 9, 10, 11, 5000} {
		synctest.Test(t, func(t *testing.T) {
			var n network
			n.serve(t, "a.test:80", func(w http.ResponseWriter, r *http.Request) { w.Write(bytes.Repeat([]byte("z"), size)) })
			s := &deliver.Sender{Dial: n.dial, BodyLimit: 10}
			defer s.Close()
			for range 3 { // the rest is read away: the connection can be used again
				a := s.Send(t.Context(), to("http://a.test/", ""), 1, time.Now())
				if r := a.Response; r == nil || len(r.Body) != min(size, 10) || r.Size != int64(size) || r.Truncated != (size > 10) {
					t.Errorf("%d bytes: %s %s %+v", size, a.Failure, a.Detail, r)
				}
			}
			if n.dials != 1 {
				t.Errorf("%d bytes: %d connections, want 1", size, n.dials)
			}
		})
	}
}

func TestRedirectIsAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, "a.test:80", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://b.test/", http.StatusFound) })
		n.serve(t, "b.test:80", func(w http.ResponseWriter, r *http.Request) { t.Error("followed") })
		s := &deliver.Sender{Dial: n.dial}
		defer s.Close()
		a := s.Send(t.Context(), to("http://a.test/", ""), 1, time.Now())
		if a.Response == nil || a.Response.Status != 302 || a.OK() {
			t.Errorf("%s %s %+v", a.Failure, a.Detail, a.Response)
		}
	})
}

func TestCancelEndsAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.put("a.test:80", says(""))
		s := &deliver.Sender{Dial: n.dial}
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		a := s.Send(ctx, to("http://a.test/", ""), 1, time.Now())
		if a.Failure != deliver.Cancelled || a.Took != 3*time.Second {
			t.Errorf("%q after %v: %s", a.Failure, a.Took, a.Detail)
		}
	})
}

// A receiver may answer before it has read everything.
func TestEarlyAnswerCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(2 * time.Hour) // let the receiver end too
		var n network
		n.put("a.test:80", func(c net.Conn) {
			defer c.Close()
			http.ReadRequest(bufio.NewReader(c))
			io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
			time.Sleep(time.Hour)
		})
		s := &deliver.Sender{Dial: n.dial}
		defer s.Close()
		a := s.Send(t.Context(), to("http://a.test/", strings.Repeat("x", 1<<20)), 1, time.Now())
		if a.Response == nil || a.Response.Status != 413 || a.Took > time.Second {
			t.Errorf("%s %s after %v", a.Failure, a.Detail, a.Took)
		}
	})
}

func TestIdleConnectionsAreNotTrustedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.serve(t, "a.test:80", scripted(200))
		s := &deliver.Sender{Dial: n.dial}
		defer s.Close()
		send := func(wantDials int) {
			t.Helper()
			if a := s.Send(t.Context(), to("http://a.test/", "{}"), 1, time.Now()); !a.OK() || n.dials != wantDials {
				t.Errorf("%s %s, %d dials, want %d", a.Failure, a.Detail, n.dials, wantDials)
			}
		}
		send(1)
		send(1)
		time.Sleep(3 * time.Second)
		send(1)
		time.Sleep(5 * time.Second)
		send(2)
		n.put("a.test:80", func(c net.Conn) { // a receiver that closes its side
			r, _ := http.ReadRequest(bufio.NewReader(c))
			io.Copy(io.Discard, r.Body)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			time.Sleep(time.Second)
			c.Close()
		})
		time.Sleep(5 * time.Second)
		send(3)
		time.Sleep(2 * time.Second)
		send(4)
		time.Sleep(2 * time.Second)
	})
}

func TestTimingsTellThePhases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		n.put("a.test:80", func(c net.Conn) {
			defer c.Close()
			r, _ := http.ReadRequest(bufio.NewReader(c))
			io.Copy(io.Discard, r.Body)
			time.Sleep(2 * time.Second)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")
			time.Sleep(3 * time.Second)
			io.WriteString(c, "b")
		})
		s := &deliver.Sender{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			time.Sleep(time.Second)
			return n.dial(ctx, network, address)
		}}
		defer s.Close()
		a := s.Send(t.Context(), to("http://a.test/", "{}"), 1, time.Now())
		want := core.Timings{Connect: time.Second, FirstByte: 2 * time.Second, Body: 3 * time.Second, Total: 6 * time.Second}
		if a.Timings != want || a.Took != want.Total {
			t.Errorf("%+v, want %+v", a.Timings, want)
		}
	})
}

func TestNetworkFailuresHaveNames(t *testing.T) {
	free := edgetest.Loopback(edgetest.Port(t))
	resetting, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer resetting.Close()
	go func() {
		for {
			c, err := resetting.Accept()
			if err != nil {
				return
			}
			io.ReadFull(c, make([]byte, 10))
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
	}()
	plain := httptest.NewServer(scripted(200))
	defer plain.Close()
	tests := []struct {
		url    string
		want   core.Failure
		dialer func(context.Context, string, string) (net.Conn, error)
	}{
		{"http://" + free, deliver.Refused, nil},
		{"http://" + resetting.Addr().String(), deliver.Reset, nil},
		{strings.Replace(plain.URL, "http:", "https:", 1), deliver.NoTLS, nil},
		{"http://no.such.name", deliver.DNS, func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
		}},
		{"http://a.test", deliver.Other, func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("odd") }},
	}
	for _, tt := range tests {
		s := &deliver.Sender{Dial: tt.dialer}
		if a := s.Send(t.Context(), to(tt.url, "{}"), 1, time.Now()); a.Failure != tt.want || a.Detail == "" {
			t.Errorf("%s: %q (%s), want %q", tt.url, a.Failure, a.Detail, tt.want)
		}
		s.Close()
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(scripted(200))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600)
	other := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	tests := []struct {
		name   string
		target core.Target
		want   core.Failure
	}{
		{"self-signed refused", core.Target{URL: server.URL}, deliver.NotTrusted},
		{"self-signed accepted", core.Target{URL: server.URL, SkipTLS: true}, ""},
		{"refused again, though a connection is open", core.Target{URL: server.URL}, deliver.NotTrusted},
		{"trusted by file", core.Target{URL: server.URL, CAFile: ca}, ""},
		{"trusted, but for another name", core.Target{URL: other, CAFile: ca}, deliver.WrongName},
	}
	s := &deliver.Sender{}
	defer s.Close()
	for _, tt := range tests {
		a := s.Send(t.Context(), core.Delivery{Target: tt.target}, 1, time.Now())
		if a.Failure != tt.want || a.TLS == "" || a.Peer == "" || tt.want == "" && (!a.OK() || a.Timings.TLS == 0 || !strings.Contains(a.TLS, "TLS 1.3, O=Acme Co")) {
			t.Errorf("%s: %q (%s), TLS %q, peer %q", tt.name, a.Failure, a.Detail, a.TLS, a.Peer)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	f.Add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
	f.Add("HTTP/1.0 500\nA: b\n c\n\nrest")
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		var n network
		n.put("a.test:80", func(c net.Conn) {
			defer c.Close()
			if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				io.WriteString(c, text)
			}
		})
		s := &deliver.Sender{Dial: n.dial, BodyLimit: 100}
		defer s.Close()
		a := s.Send(t.Context(), to("http://a.test/", ""), 1, time.Now())
		if (a.Response == nil) == (a.Failure == "") {
			t.Fatalf("want an answer or a failure: %+v, %q", a.Response, a.Failure)
		}
		if r := a.Response; r != nil && (r.Status < 100 || len(r.Body) > 100 || r.Size < int64(len(r.Body))) {
			t.Errorf("%+v", r)
		}
	})
}
