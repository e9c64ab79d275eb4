package tunnel_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/tunnel"
	"hookglass/core/tunnel/edgetest"
)

// publicHost is where the tunnels of these tests are, whoever the provider.
const publicHost = "hooks." + edgetest.Domain

// far is a provider's other end, for the tests that all providers must pass.
type far struct {
	config tunnel.Config
	client *http.Client
	dial   func(context.Context) (net.Conn, error) // as a visitor of publicHost
	drop   func()                                  // breaks the connection; nil where there is none
	outage func(testing.TB, bool)
	mute   func(bool)
	tell   func(tunnel.Event) // is told of each event; nil where nobody wants to know
}

// start is start with the far end's config.
func (f far) start(tb testing.TB, h http.Handler) *running {
	tb.Helper()
	return f.startWith(tb, func(t *tunnel.Tunnel) error { return serve(t, t.Guard().Handler(h)) })
}

func (f far) startWith(tb testing.TB, serve func(*tunnel.Tunnel) error) *running {
	tb.Helper()
	tell := f.tell
	if tell == nil {
		tell = func(tunnel.Event) {}
	}
	return startTelling(tb, f.config, serve, tell)
}

var fars = []struct {
	name string
	make func(testing.TB) far
}{
	{"ngrok", func(tb testing.TB) far {
		edge := edgetest.Start(tb)
		c := quick(edge)
		c.Domain = publicHost
		return far{config: c, client: edge.Client(), drop: edge.Drop, outage: edge.Outage, mute: edge.MuteHeartbeats,
			dial: func(ctx context.Context) (net.Conn, error) { return edge.Dial(ctx, publicHost) }}
	}},
	{"ssh", func(tb testing.TB) far {
		server := edgetest.StartSSH(tb)
		return far{config: quickSSH(server), client: server.Client(), drop: server.Drop, outage: server.Outage, mute: server.Mute,
			dial: server.Dial}
	}},
	{"own", func(tb testing.TB) far {
		var address atomic.Value // of the listener that the tunnel opened last
		dial := func(ctx context.Context) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", address.Load().(string))
		}
		through := func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
		return far{
			config: tunnel.Config{Provider: "own", URL: "https://" + publicHost, Listen: "127.0.0.1:0"}, dial: dial,
			tell: func(e tunnel.Event) {
				if e.State == tunnel.Online {
					address.Store(strings.TrimPrefix(e.Local, "http://"))
				}
			},
			client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialTLSContext: through}},
		}
	}},
}

// quickSSH is a config for a server that is known and lets us in.
func quickSSH(s *edgetest.SSHServer) tunnel.Config {
	return tunnel.Config{
		Provider: "ssh", URL: "https://" + publicHost,
		SSH:        tunnel.SSH{Host: "127.0.0.1", Port: s.Port(), User: "dev", Password: core.Text(s.Password)},
		AskHostKey: func(context.Context, tunnel.HostKey) bool { return true },
		Timing:     calm,
	}
}

func eachProvider(t *testing.T, test func(*testing.T, far)) {
	for _, f := range fars {
		t.Run(f.name, func(t *testing.T) { test(t, f.make(t)) })
	}
}

// cutsStreams skips where a test closes a stream whose data is under way and the race detector looks on: make test runs
// these without it too.
func (f far) cutsStreams(t *testing.T) {
	t.Helper()
	if raceDetector && f.config.Provider == "ngrok" {
		t.Skip("muxado v2.0.2 has a race of its own there: it packs the closing frame into a buffer that is still being sent")
	}
}

// visit sends text as it stands and returns the connection.
func (f far) visit(tb testing.TB, text string) net.Conn {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := f.dial(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, text); err != nil {
		tb.Fatal(err)
	}
	return conn
}

// say sends text as it stands and returns the answer, or the error that reading it gave.
func (f far) say(tb testing.TB, text string) (*http.Response, string, error) {
	tb.Helper()
	return answerOn(f.visit(tb, text))
}

func answerOn(conn net.Conn) (*http.Response, string, error) {
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// head is the beginning of a request to the tunnel.
func head(method, target string, fields ...string) string {
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n", method, target, publicHost)
	for _, f := range fields {
		text += f + "\r\n"
	}
	return text + "\r\n"
}
