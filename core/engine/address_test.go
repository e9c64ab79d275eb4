package engine_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/tunnel/edgetest"
)

func portOf(t *testing.T, url string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	port, _ := strconv.Atoi(text)
	return port
}

// Another port counts at once, and at the next start; one that is taken changes nothing.
func TestThePortIsChangedAtOnceAndKept(t *testing.T) {
	home, ctx := t.TempDir(), t.Context()
	e, err := engine.Open(ctx, engine.Options{Home: home, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	defer stop()
	go func() { ended <- e.Run(running) }()
	if err := e.Welcome(ctx); err != nil {
		t.Fatal(err)
	}
	post := func() (int, error) {
		r, err := http.Post(e.URL()+"/in/anything", "text/plain", strings.NewReader("hello"))
		if err != nil {
			return 0, err
		}
		defer r.Body.Close()
		return r.StatusCode, nil
	}
	if status, err := post(); status != 200 {
		t.Fatal(status, err)
	}
	before, busy := e.URL(), portOf(t, e.URL())
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := portOf(t, "http://"+other.Addr().String())
	var invalid *core.Invalid
	for _, port := range []int{taken, 0, 70000} {
		if err := e.Address.SetPort(ctx, port); !errors.As(err, &invalid) || invalid.Field != "port" || e.URL() != before {
			t.Errorf("port %d: %v, now %s", port, err, e.URL())
		}
	}
	to := edgetest.Port(t)
	if err := e.Address.SetPort(ctx, to); err != nil || portOf(t, e.URL()) != to {
		t.Fatal(err, e.URL())
	}
	if status, err := post(); status != 200 {
		t.Errorf("at the new port: %d, %v", status, err)
	}
	if c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(busy))); err == nil {
		c.Close()
		t.Error("the old port still answers")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	other.Close()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := engine.Open(ctx, engine.Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	if portOf(t, again.URL()) != to || again.Address.Taken() != "" {
		t.Errorf("after a restart it is %s, want port %d; taken %q", again.URL(), to, again.Address.Taken())
	}
	defer again.Close()
}

// The port that was set gives way to the next free one, and says so; one that is named for this run does not.
func TestATakenPortGivesWayAloud(t *testing.T) {
	home, ctx := t.TempDir(), t.Context()
	first, err := engine.Open(ctx, engine.Options{Home: home, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	port := portOf(t, first.URL())
	if err := first.Address.SetPort(ctx, port); err != nil { // the one in use
		t.Fatal(err)
	}
	first.Close()
	holder, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		t.Skip("another program took the port just now") // nothing can be said then
	}
	defer holder.Close()
	e, err := engine.Open(ctx, engine.Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if got := portOf(t, e.URL()); got == port || e.Address.Taken() != "127.0.0.1:"+strconv.Itoa(port) || e.Address.Port(ctx) != port {
		t.Errorf("listening on %d, taken %q, set %d", got, e.Address.Taken(), e.Address.Port(ctx))
	}
	var invalid *core.Invalid
	if _, err := engine.Open(ctx, engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:" + strconv.Itoa(port)}); !errors.As(err, &invalid) {
		t.Errorf("named for this run: %v", err)
	}
}
