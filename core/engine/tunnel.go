package engine

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/store"
	"hookglass/core/tunnel"
)

// TunnelSettings are what the user set for the public tunnel. Secrets are references.
type TunnelSettings struct {
	Provider  string         `json:"provider"` // "ngrok", "ssh" or "own"
	Authtoken core.SecretRef `json:"authtoken,omitempty"`
	Domain    string         `json:"domain,omitempty"`
	Region    string         `json:"region,omitempty"`
	Connect   string         `json:"connect,omitempty"`
	CAFile    string         `json:"ca_file,omitempty"`
	Proxy     string         `json:"proxy,omitempty"`
	BasicAuth core.SecretRef `json:"basic_auth,omitempty"`
	Allow     []string       `json:"allow,omitempty"`
	AutoStop  time.Duration  `json:"auto_stop,omitempty"`

	VerifyProvider string         `json:"verify_provider,omitempty"`
	VerifySecret   core.SecretRef `json:"verify_secret,omitempty"`

	Preset  string `json:"preset,omitempty"` // ssh
	Host    string `json:"host,omitempty"`
	Port    int    `json:"port,omitempty"`
	User    string `json:"user,omitempty"`
	KeyFile string `json:"key_file,omitempty"`
	Remote  string `json:"remote,omitempty"`

	URL    string `json:"url,omitempty"` // own, and ssh servers that do not say it
	Listen string `json:"listen,omitempty"`

	Consent bool `json:"consent,omitempty"` // the user read what is sent to the provider
}

// TunnelStatus is how the tunnel stands now.
type TunnelStatus struct {
	tunnel.Event
	Since    time.Time // online since
	Provider string
	Running  bool
}

// tunnelState is the tunnel of an engine: at most one at a time.
type tunnelState struct {
	status  TunnelStatus
	cancel  context.CancelFunc
	done    chan struct{}
	changed chan struct{} // closed at the next change
	live    *tunnel.Tunnel
	parent  context.Context
}

// TunnelSettings reads the stored settings.
func (e *Engine) TunnelSettings(ctx context.Context) TunnelSettings {
	s := TunnelSettings{Provider: "ngrok"}
	if err := e.Store.Setting(ctx, "tunnel", &s); err != nil {
		e.log.Error("setting.unreadable", "error", err)
	}
	return s
}

// PutTunnelSettings stores settings. They count from the next start on.
func (e *Engine) PutTunnelSettings(s TunnelSettings) error { return e.Store.PutSetting("tunnel", s) }

// config resolves settings to what package tunnel wants.
func (e *Engine) config(s TunnelSettings, ask func(context.Context, tunnel.HostKey) bool) (tunnel.Config, error) {
	c := tunnel.Config{Provider: s.Provider, Domain: s.Domain, Region: s.Region, Connect: s.Connect, CAFile: s.CAFile, Proxy: s.Proxy, Allow: s.Allow,
		AutoStop: s.AutoStop, URL: s.URL, Listen: s.Listen, AskHostKey: ask, Log: e.log,
		SSH: tunnel.SSH{Preset: s.Preset, Host: s.Host, Port: s.Port, User: s.User, KeyFile: s.KeyFile, Remote: s.Remote,
			Agent: os.Getenv("SSH_AUTH_SOCK"), KnownHosts: filepath.Join(e.opt.Home, "known_hosts")}}
	var err error
	for ref, dst := range map[core.SecretRef]*core.Secret{s.Authtoken: &c.Authtoken, s.BasicAuth: &c.BasicAuth, s.VerifySecret: &c.Verify.Secret} {
		if ref == "" {
			continue
		}
		if *dst, err = e.Vault.Resolve(ref); err != nil {
			return c, err
		}
	}
	c.Verify.Provider = s.VerifyProvider
	return tunnel.FromEnv(c, os.Getenv), nil
}

// StartTunnel opens the tunnel of settings in the background; how it goes is told by TunnelStatus. A running one is
// stopped first. Wrong settings are an error at once.
func (e *Engine) StartTunnel(ctx context.Context, s TunnelSettings, ask func(context.Context, tunnel.HostKey) bool) error {
	c, err := e.config(s, ask)
	if err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return err
	}
	e.StopTunnel()
	e.mu.Lock()
	defer e.mu.Unlock()
	parent := e.tunnel.parent
	if parent == nil {
		parent = ctx
	}
	running, cancel := context.WithCancel(parent)
	done := make(chan struct{})
	e.tunnel.cancel, e.tunnel.done = cancel, done
	e.setTunnel(TunnelStatus{Event: tunnel.Event{State: tunnel.Connecting}, Provider: c.Provider, Running: true})
	go func() {
		defer close(done)
		defer cancel()
		err := tunnel.Run(running, c, e.serveTunnel, func(ev tunnel.Event) { e.tunnelEvent(c.Provider, ev) })
		if err != nil {
			e.log.Error("tunnel.ended", "error", err)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.tunnel.live = nil
		status := e.tunnel.status
		status.Running = false
		e.setTunnel(status)
	}()
	return nil
}

// serveTunnel answers what comes through a tunnel: only capture addresses, behind its guard.
func (e *Engine) serveTunnel(t *tunnel.Tunnel) error {
	e.mu.Lock()
	e.tunnel.live = t
	e.mu.Unlock()
	way := capture.Way{Via: t.Provider, Base: func() string { return strings.TrimSuffix(t.URL(), "/") }}
	guard := t.Guard()
	guard.BodyLimit = capture.MaxBody // each source has its own
	recording := *t                   // t itself may be closed by its owner at any time
	recording.Line = &recorded{t.Line, e.capture.Record(t.Line, way)}
	return tunnel.ServeWith(&recording, e.capture.HTTP(guard.Handler(e.capture.Handler(way))))
}

// recorded is a line whose connections remember the heads that pass through them.
type recorded struct {
	tunnel.Line
	ln net.Listener
}

func (r *recorded) Accept() (net.Conn, error) { return r.ln.Accept() }

func (e *Engine) tunnelEvent(provider string, ev tunnel.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	status := TunnelStatus{Event: ev, Since: e.tunnel.status.Since, Provider: provider, Running: ev.State != tunnel.Failed && ev.State != tunnel.Stopped}
	if ev.State == tunnel.Online && e.tunnel.status.State != tunnel.Online && e.tunnel.status.State != tunnel.Reconnecting {
		status.Since = time.Now()
	}
	e.setTunnel(status)
}

// setTunnel notes a change and wakes who waits for one. The caller holds the lock.
func (e *Engine) setTunnel(s TunnelStatus) {
	e.tunnel.status = s
	if e.tunnel.changed != nil {
		close(e.tunnel.changed)
	}
	e.tunnel.changed = make(chan struct{})
	e.Store.Feed().Bump() // the window's pump looks again
}

// TunnelStatus is how the tunnel stands. The zero value is off.
func (e *Engine) TunnelStatus() TunnelStatus {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tunnel.status
}

// PublicURL is the tunnel's public base while it is online or being restored, else "".
func (e *Engine) PublicURL() string {
	s := e.TunnelStatus()
	if s.State == tunnel.Online || s.State == tunnel.Reconnecting {
		return strings.TrimSuffix(s.URL, "/")
	}
	return ""
}

// StopTunnel closes the tunnel and returns when nothing of it is left.
func (e *Engine) StopTunnel() {
	e.mu.Lock()
	cancel, done := e.tunnel.cancel, e.tunnel.done
	e.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// PingTunnel sends a request to ourselves through the public address: what tells a live tunnel from a dead one.
func (e *Engine) PingTunnel(ctx context.Context) (time.Duration, error) {
	e.mu.Lock()
	live := e.tunnel.live
	e.mu.Unlock()
	if live == nil {
		return 0, fmt.Errorf("the tunnel is not online; start it first")
	}
	return live.Ping(ctx, &http.Client{Timeout: 15 * time.Second})
}

// TestTunnel looks at each part of the way to a provider on its own.
func (e *Engine) TestTunnel(ctx context.Context, s TunnelSettings) ([]tunnel.Step, error) {
	c, err := e.config(s, nil)
	if err != nil {
		return nil, err
	}
	return tunnel.Diagnose(ctx, c), nil
}

// TunnelRequests counts the captures that came through a tunnel since a time.
func (e *Engine) TunnelRequests(ctx context.Context, since time.Time) (int, error) {
	q, err := store.ParseQuery("is:tunnel since:"+since.UTC().Format(time.RFC3339Nano), time.Now())
	if err != nil {
		return 0, err
	}
	ids, err := e.Store.CaptureIDs(ctx, q, 0)
	return len(ids), err
}

// AwaitTunnel returns the public address once the tunnel is online, or why it will not be.
func (e *Engine) AwaitTunnel(ctx context.Context) (string, error) {
	for {
		e.mu.Lock()
		status, changed := e.tunnel.status, e.tunnel.changed
		e.mu.Unlock()
		switch {
		case changed == nil:
			return "", nil // none was started
		case status.State == tunnel.Online:
			return strings.TrimSuffix(status.URL, "/"), nil
		case status.State == tunnel.Failed || status.State == tunnel.Stopped:
			return "", &tunnel.Error{Trouble: status.Trouble}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// runTunnel ends a tunnel with the engine.
func (e *Engine) runTunnel(ctx context.Context) error {
	e.mu.Lock()
	e.tunnel.parent = ctx
	e.mu.Unlock()
	<-ctx.Done()
	e.StopTunnel()
	return nil
}
