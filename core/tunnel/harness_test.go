package tunnel_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/tunnel"
	"hookglass/core/tunnel/edgetest"
)

const token = "2abcTOKENvalueThatMustNotLeak_7xyz"

// patience is how long a test waits for what should happen at once, on the busiest of machines: it ends what never would.
const patience = 5 * time.Minute

// calm is how patient a tunnel is where a test is not about silence: nothing is late, however busy the machine.
var calm = tunnel.Timing{Answer: patience, Heartbeat: 5 * time.Second, Tolerance: patience}

// hasty is for tests in which somebody is silent, and is waited for in vain.
var hasty = tunnel.Timing{Answer: 2 * time.Second, Heartbeat: 500 * time.Millisecond, Tolerance: 2 * time.Second}

// running is a tunnel under test and what it reported.
type running struct {
	tb   testing.TB
	stop context.CancelFunc
	done chan struct{}
	err  error // of Run, once done

	mu      sync.Mutex
	events  []tunnel.Event
	changed chan struct{}
	tunnel  *tunnel.Tunnel
	log     *lockedBuffer
}

// start runs a tunnel that serves h behind its guard.
func start(tb testing.TB, c tunnel.Config, h http.Handler) *running {
	tb.Helper()
	return startWith(tb, c, func(t *tunnel.Tunnel) error { return serve(t, t.Guard().Handler(h)) })
}

// serve has no limits but the guard's: the tests that need some set them.
func serve(t *tunnel.Tunnel, h http.Handler) error { return tunnel.Serve(t, &http.Server{Handler: h}) }

func startWith(tb testing.TB, c tunnel.Config, serve func(*tunnel.Tunnel) error) *running {
	tb.Helper()
	return startTelling(tb, c, serve, func(tunnel.Event) {})
}

// startTelling tells of each event before anybody else knows of it.
func startTelling(tb testing.TB, c tunnel.Config, serve func(*tunnel.Tunnel) error, tell func(tunnel.Event)) *running {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{tb: tb, stop: stop, done: make(chan struct{}), changed: make(chan struct{}), log: &lockedBuffer{}}
	if c.Log == nil {
		c.Log = slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug - 8}))
	}
	go func() {
		defer close(r.done)
		r.err = tunnel.Run(ctx, c, func(t *tunnel.Tunnel) error {
			r.mu.Lock()
			r.tunnel = t
			r.mu.Unlock()
			return serve(t)
		}, func(e tunnel.Event) { tell(e); r.report(e) })
	}()
	tb.Cleanup(func() { r.close() })
	return r
}

func (r *running) report(e tunnel.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
	close(r.changed)
	r.changed = make(chan struct{})
}

// all returns the events so far.
func (r *running) all() []tunnel.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]tunnel.Event(nil), r.events...)
}

// wait returns the first event from number from on that fits, and the number after it.
func (r *running) wait(from int, fits func(tunnel.Event) bool) (tunnel.Event, int) {
	r.tb.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		r.mu.Lock()
		for i := from; i < len(r.events); i++ {
			if fits(r.events[i]) {
				e := r.events[i]
				r.mu.Unlock()
				return e, i + 1
			}
		}
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
		case <-limit.C:
			r.tb.Fatalf("no such event within %v; got %+v", patience, r.all())
		}
	}
}

func (r *running) online() tunnel.Event {
	r.tb.Helper()
	e, _ := r.wait(0, is(tunnel.Online))
	return e
}

func (r *running) open() *tunnel.Tunnel {
	r.tb.Helper()
	r.online()
	within(r.tb, "serve is called", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.tunnel != nil
	})
	return r.tunnel
}

// close stops the tunnel and returns what Run returned.
func (r *running) close() error {
	r.tb.Helper()
	r.stop()
	return r.ended()
}

// ended waits for Run to return by itself.
func (r *running) ended() error {
	r.tb.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		r.tb.Fatalf("Run did not return within %v; events %+v", patience, r.all())
	}
	return r.err
}

func is(s tunnel.State) func(tunnel.Event) bool {
	return func(e tunnel.Event) bool { return e.State == s }
}

// within waits for a condition that nothing announces.
func within(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	limit, tick := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			tb.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// quick is a config for an edge.
func quick(e *edgetest.Edge) tunnel.Config {
	return tunnel.Config{
		Provider: "ngrok", Authtoken: core.Text(token), Connect: e.Addr, CAFile: e.CAFile,
		Timing: calm,
	}
}

// echo answers with what arrived.
func echo() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Header().Set("X-Target", r.RequestURI)
		w.Header().Set("X-Remote", r.RemoteAddr)
		w.Header().Set("X-Forwarded", r.Header.Get("X-Forwarded-For"))
		w.Write(body)
	})
}

func post(tb testing.TB, client *http.Client, url string, body []byte) (*http.Response, []byte) {
	tb.Helper()
	resp, got, err := tryPost(client, url, body)
	if err != nil {
		tb.Fatal(err)
	}
	return resp, got
}

func tryPost(client *http.Client, url string, body []byte) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return resp, got, err
}

// answersAgain waits until the address echoes: a busy machine may break or delay a request or two.
func answersAgain(tb testing.TB, client *http.Client, url string) {
	tb.Helper()
	within(tb, "it answers again", func() bool {
		_, body, err := tryPost(client, url, []byte("again"))
		return err == nil && string(body) == "again"
	})
}

func host(public string) string {
	u, _ := url.Parse(public)
	return u.Host
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
