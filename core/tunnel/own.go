package tunnel

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"

	"hookglass/core"
)

// ownProvider is a tunnel of the user's own: cloudflared, Tailscale Funnel, a reverse proxy. We listen on loopback, and
// the user says under which public address that is reached.
type ownProvider struct{}

// DefaultListen is where an own tunnel points when nothing else is said; one of the next ports when it is taken.
const DefaultListen = "127.0.0.1:4601"

const nextPorts = 20

func (ownProvider) Name() string { return "own" }

func (ownProvider) Check(c Config) error {
	if c.URL == "" {
		return invalid("url", "want the public address of your tunnel, such as https://hooks.example.com")
	}
	if c.Proxy != "" {
		return invalid("proxy", "is of no use here: your tunnel connects by itself")
	}
	if len(c.Allow) > 0 && !c.TrustForwarded {
		return invalid("allow", "every request comes from your own tunnel; say that it sets X-Forwarded-For, or leave the list empty")
	}
	if c.Listen == "" {
		return nil
	}
	at, err := netip.ParseAddrPort(strings.Replace(c.Listen, "localhost:", "127.0.0.1:", 1))
	if err != nil {
		return invalid("listen", "want ADDRESS:PORT, such as "+DefaultListen)
	}
	if !at.Addr().IsLoopback() {
		return invalid("listen", "want a loopback address, such as "+DefaultListen)
	}
	return nil
}

func (ownProvider) Open(ctx context.Context, c Config, report func(Event)) (Line, error) {
	l, err := listenFor(ctx, c.Listen)
	if err != nil {
		return nil, known("listen", err.Error()).asError()
	}
	line := &ownLine{Listener: l, url: strings.TrimSuffix(c.URL, "/")}
	report(Event{State: Online, URL: line.url, Local: "http://" + l.Addr().String(),
		Trouble: Trouble{Next: "Point your tunnel at http://" + l.Addr().String() + "."}})
	return line, nil
}

// listenFor listens at an address, or at the default one or the next that is free.
func listenFor(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	if address != "" {
		return config.Listen(ctx, "tcp", address)
	}
	at := netip.MustParseAddrPort(DefaultListen)
	for port := at.Port(); ; port++ {
		l, err := config.Listen(ctx, "tcp", netip.AddrPortFrom(at.Addr(), port).String())
		if err == nil || !isErrno(err, syscall.EADDRINUSE, 10048) || port == at.Port()+nextPorts {
			return l, err
		}
	}
}

func (ownProvider) Diagnose(ctx context.Context, c Config) []Step {
	return steps(ctx, []probe{
		{"settings", func(context.Context) (string, error) { return "", c.Check() }},
		{"name", func(ctx context.Context) (string, error) { return resolve(ctx, core.WithoutPort(core.HostOf(c.URL))) }},
		{"answer", func(ctx context.Context) (string, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
			if err != nil {
				return "", err
			}
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true},
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			resp, err := client.Do(r)
			if err != nil {
				return "", err
			}
			resp.Body.Close()
			return "answered " + resp.Status, nil
		}},
	})
}

// ownLine is the local listener.
type ownLine struct {
	net.Listener
	url  string
	once sync.Once
	err  error
}

func (l *ownLine) URL() string { return l.url }
func (l *ownLine) Err() *Error { return nil }

func (l *ownLine) Close() error {
	l.once.Do(func() { l.err = l.Listener.Close() })
	return l.err
}
