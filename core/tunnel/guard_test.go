package tunnel_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"hookglass/core"
	"hookglass/core/tunnel"
)

// behind runs a handler behind a guard on loopback.
func behind(t *testing.T, g tunnel.Guard, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(g.Handler(h))
	g.URL = func() string { return "http://" + s.Listener.Addr().String() }
	s.Config.Handler = g.Handler(h)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func TestConcurrencyIsCapped(t *testing.T) {
	release, entered := make(chan struct{}), make(chan struct{}, tunnel.DefaultConcurrent)
	var refused sync.Map
	s := behind(t, tunnel.Guard{Refused: func(_ *http.Request, status int, why string) { refused.Store(status, why) }},
		func(w http.ResponseWriter, r *http.Request) {
			entered <- struct{}{}
			<-release
		})
	var inside sync.WaitGroup
	for range tunnel.DefaultConcurrent {
		inside.Go(func() {
			if resp, err := http.Get(s.URL); err != nil || resp.StatusCode != 200 {
				t.Errorf("one of those inside: %v %v", resp, err)
			}
		})
	}
	for range tunnel.DefaultConcurrent {
		<-entered
	}
	resp, err := http.Get(s.URL)
	if err != nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %v %v, want 503 with Retry-After", resp, err)
	}
	if _, told := refused.Load(503); !told {
		t.Error("nobody was told")
	}
	close(release)
	inside.Wait()
	if resp, err := http.Get(s.URL); err != nil || resp.StatusCode != 200 {
		t.Errorf("afterwards: %v %v", resp, err)
	}
}

func TestLongAnswersAreCut(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(http.ResponseWriter) error
	}{
		{"in chunks", func(w http.ResponseWriter) error {
			var err error
			for i := 0; i < 300 && err == nil; i++ {
				_, err = w.Write(make([]byte, 1<<10))
			}
			return err
		}},
		{"with its length", func(w http.ResponseWriter) error {
			w.Header().Set("Content-Length", "300000")
			_, err := w.Write(make([]byte, 300000))
			return err
		}},
		{"flushed", func(w http.ResponseWriter) error {
			w.(http.Flusher).Flush()
			_, err := w.Write(make([]byte, 300000))
			return err
		}},
		{"hijacked", func(w http.ResponseWriter) error {
			conn, out, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			defer conn.Close()
			out.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n")
			_, err = out.Write(make([]byte, 300000))
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed := make(chan error, 1)
			s := behind(t, tunnel.Guard{}, func(w http.ResponseWriter, r *http.Request) { failed <- c.write(w) })
			resp, err := http.Get(s.URL)
			var n int64
			if err == nil {
				n, err = io.Copy(io.Discard, resp.Body)
			}
			if err == nil {
				t.Errorf("the sender took %d bytes for the whole answer", n)
			}
			if n > tunnel.DefaultResponseLimit {
				t.Errorf("%d bytes came through", n)
			}
			if err := <-failed; err == nil || !strings.Contains(err.Error(), "shorten it") {
				t.Errorf("the handler was told %v", err)
			}
		})
	}
}

// What a handler says about a body that is too long goes to the sender.
func TestHandlerMayAnswerALongBodyItself(t *testing.T) {
	s := behind(t, tunnel.Guard{BodyLimit: 10}, func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			w.WriteHeader(http.StatusAccepted)
		}
	})
	resp, err := http.Post(s.URL, "text/plain", strings.NewReader("more than ten"))
	if err != nil || resp.StatusCode != http.StatusAccepted {
		t.Errorf("got %v %v, want 202", resp, err)
	}
}

func FuzzGuard(f *testing.F) {
	f.Add("hooks.example.com", "203.0.113.9", "Basic dTpw")
	f.Add("HOOKS.example.com:443", "evil, ::ffff:203.0.113.9", "")
	f.Add("hooks.example.com.", "203.0.113.9%eth0, ", "Basic \xff")
	inside := netip.MustParsePrefix("203.0.113.0/24")
	f.Fuzz(func(t *testing.T, host, forwarded, authorization string) {
		in := false
		g := tunnel.Guard{URL: func() string { return "https://hooks.example.com" }, Allow: []netip.Prefix{inside},
			TrustForwarded: true, BasicAuth: core.Text("u:p")}
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		r.Header.Set("X-Forwarded-For", forwarded)
		r.Header.Set("Authorization", authorization)
		g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { in = true })).ServeHTTP(httptest.NewRecorder(), r)
		if !in {
			return
		}
		user, password, _ := r.BasicAuth()
		if !strings.HasPrefix(strings.ToLower(host), "hooks.example.com") || !strings.Contains(forwarded, "203.0.113.") || user+password != "up" {
			t.Errorf("let in %q %q %q", host, forwarded, authorization)
		}
	})
}

// What only a foreign host, an unknown ping or a guess could reach is not there.
func TestPingAddressCannotBeGuessed(t *testing.T) {
	eachProvider(t, func(t *testing.T, f far) {
		f.start(t, http.NotFoundHandler()).online()
		for _, target := range []string{"/", "/ping", "/_/captures", "/_/sources", "/00000000000000000000000000000000?x"} {
			resp, _, err := f.say(t, head("GET", target, "Connection: close"))
			if err != nil || resp.StatusCode != 404 {
				t.Errorf("%s: %v %v, want 404", target, resp, err)
			}
		}
	})
}
