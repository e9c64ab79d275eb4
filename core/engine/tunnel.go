package engine

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
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
	VerifyLetPass  bool           `json:"verify_let_pass,omitempty"`

	Preset     string         `json:"preset,omitempty"` // ssh
	Host       string         `json:"host,omitempty"`
	Port       int            `json:"port,omitempty"`
	User       string         `json:"user,omitempty"`
	KeyFile    string         `json:"key_file,omitempty"`
	Passphrase core.SecretRef `json:"passphrase,omitempty"`
	Password   core.SecretRef `json:"password,omitempty"`
	Remote     string         `json:"remote,omitempty"`
	URLPattern string         `json:"url_pattern,omitempty"`

	URL            string   `json:"url,omitempty"` // own, and ssh servers that do not say it
	Listen         string   `json:"listen,omitempty"`
	TrustForwarded bool     `json:"trust_forwarded,omitempty"`
	Hosts          []string `json:"hosts,omitempty"`

	Agreed []string `json:"agreed,omitempty"` // providers of which the user read what is sent to them
}

// Secrets are the references that the settings hold, by the name that a trouble calls their field.
func (s *TunnelSettings) Secrets() map[string]*core.SecretRef {
	return map[string]*core.SecretRef{"authtoken": &s.Authtoken, "basic_auth": &s.BasicAuth, "verify.secret": &s.VerifySecret,
		"ssh.passphrase": &s.Passphrase, "ssh.password": &s.Password}
}

// TunnelStatus is how the tunnel stands now.
type TunnelStatus struct {
	tunnel.Event
	Since    time.Time // online since
	StopAt   time.Time // the timer stops it then; zero: never
	Provider string
	Running  bool
}

// Tunnel is the way to the sources from outside: at most one at a time.
type Tunnel struct {
	store   *store.Store
	vault   *Vault
	capture *capture.Server
	log     *slog.Logger
	home    string

	starting sync.Mutex // who stops one to start another is not overtaken

	mu      sync.Mutex
	status  TunnelStatus
	cancel  context.CancelFunc
	done    chan struct{}
	changed chan struct{} // closed at the next change
	live    *tunnel.Tunnel
	parent  context.Context
	started tunnel.Config
	counted counted
}

// counted is how many captures came through the tunnel, as far as they were looked at.
type counted struct {
	since time.Time
	last  core.CaptureID
	n     int
}

const tunnelSetting = "tunnel"

// Settings reads the stored settings.
func (t *Tunnel) Settings(ctx context.Context) TunnelSettings {
	var s TunnelSettings
	if err := t.store.Setting(ctx, tunnelSetting, &s); err != nil && ctx.Err() == nil {
		t.log.Error("setting.unreadable", "error", err)
	}
	return s.withProvider()
}

// Change lets change decide on the stored settings, stores what it makes of them and returns that. They count from the
// next start on.
func (t *Tunnel) Change(change func(*TunnelSettings)) (now TunnelSettings, err error) {
	err = store.ChangeSetting(t.store, tunnelSetting, func(s *TunnelSettings) error {
		*s = s.withProvider()
		change(s)
		now = *s
		return nil
	})
	return now, err
}

// withProvider has the first provider where none was chosen yet.
func (s TunnelSettings) withProvider() TunnelSettings {
	s.Provider = cmp.Or(s.Provider, "ngrok")
	return s
}

// config resolves settings to what package tunnel wants.
func (t *Tunnel) config(s TunnelSettings, ask func(context.Context, tunnel.HostKey) bool) (tunnel.Config, error) {
	s = s.relevant()
	c := tunnel.Config{Provider: s.Provider, Domain: s.Domain, Region: s.Region, Connect: s.Connect, CAFile: s.CAFile, Proxy: s.Proxy, Allow: s.Allow,
		AutoStop: s.AutoStop, URL: s.URL, Listen: s.Listen, TrustForwarded: s.TrustForwarded, Hosts: s.Hosts, AskHostKey: ask, Log: t.log,
		Verify: tunnel.Verify{Provider: s.VerifyProvider, LetPass: s.VerifyLetPass},
		SSH: tunnel.SSH{Preset: s.Preset, Host: s.Host, Port: s.Port, User: s.User, KeyFile: s.KeyFile, Remote: s.Remote, URLPattern: s.URLPattern,
			Agent: os.Getenv("SSH_AUTH_SOCK"), KnownHosts: t.KnownHosts()}}
	values := map[string]*core.Secret{"authtoken": &c.Authtoken, "basic_auth": &c.BasicAuth, "verify.secret": &c.Verify.Secret,
		"ssh.passphrase": &c.SSH.Passphrase, "ssh.password": &c.SSH.Password}
	for field, ref := range s.Secrets() {
		var err error
		if *values[field], err = t.vault.Resolve(*ref); err != nil {
			return c, &core.Invalid{Field: field, Reason: strings.TrimPrefix(err.Error(), "secret: ")}
		}
	}
	return tunnel.FromEnv(c, os.Getenv), nil
}

// relevant leaves out what belongs to another provider than the chosen one: it may be half filled in, or its secret
// out of reach.
func (s TunnelSettings) relevant() TunnelSettings {
	if s.Provider != "ngrok" {
		s.Authtoken, s.Domain, s.Region, s.Connect, s.CAFile = "", "", "", "", ""
		s.VerifyProvider, s.VerifySecret, s.VerifyLetPass = "", "", false
	}
	if s.Provider != "ssh" {
		s.Preset, s.Host, s.Port, s.User, s.KeyFile, s.Passphrase, s.Password, s.Remote, s.URLPattern = "", "", 0, "", "", "", "", "", ""
	}
	if s.Provider != "own" {
		s.Listen, s.TrustForwarded, s.Hosts = "", false, nil
	} else {
		s.Proxy = ""
	}
	if s.Provider == "ngrok" {
		s.URL = ""
	}
	return s
}

// KnownHosts is the file of the ssh servers that the user accepted.
func (t *Tunnel) KnownHosts() string { return filepath.Join(t.home, "known_hosts") }

// Check finds the first setting that cannot work. It may wait for the keyring.
func (t *Tunnel) Check(s TunnelSettings) error {
	c, err := t.config(s, nil)
	if err != nil {
		return err
	}
	return c.Check()
}

// Start opens the tunnel of settings in the background; how it goes is told by Status. A running one is
// stopped first. Wrong settings are an error at once.
func (t *Tunnel) Start(ctx context.Context, s TunnelSettings, ask func(context.Context, tunnel.HostKey) bool) error {
	c, err := t.config(s, ask)
	if err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return err
	}
	t.starting.Lock()
	defer t.starting.Unlock()
	t.Stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	parent := t.parent
	if parent == nil {
		parent = ctx
	}
	running, cancel := context.WithCancel(parent)
	done := make(chan struct{})
	t.cancel, t.done, t.started = cancel, done, c
	t.set(TunnelStatus{Event: tunnel.Event{State: tunnel.Connecting}, Provider: c.Provider, Running: true})
	go func() {
		defer close(done)
		defer cancel()
		err := tunnel.Run(running, c, t.serve, func(ev tunnel.Event) { t.event(c.Provider, ev) })
		if err != nil {
			t.log.Error("tunnel.ended", "error", err)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.live = nil
		status := t.status
		status.Running = false
		t.set(status)
	}()
	return nil
}

// serve answers what comes through a tunnel: only capture addresses, behind its guard.
func (t *Tunnel) serve(live *tunnel.Tunnel) error {
	t.mu.Lock()
	t.live = live
	t.set(t.status)
	t.mu.Unlock()
	way := capture.Way{Via: live.Provider, Base: func() string { return strings.TrimSuffix(live.URL(), "/") }}
	guard := live.Guard()
	guard.BodyLimit = capture.MaxBody // each source has its own
	guard.Refused = func(r *http.Request, status int, why string) { t.capture.Refused(r, status, why, way) }
	recording := *live // live itself may be closed by its owner at any time
	recording.Line = &recorded{live.Line, t.capture.Record(live.Line, way)}
	return tunnel.Serve(&recording, t.capture.HTTP(t.capture.Before(guard.Handler(t.capture.Handler(way)))))
}

// recorded is a line whose connections remember the heads that pass through them.
type recorded struct {
	tunnel.Line
	ln net.Listener
}

func (r *recorded) Accept() (net.Conn, error) { return r.ln.Accept() }

func (t *Tunnel) event(provider string, ev tunnel.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	status := TunnelStatus{Event: ev, Since: t.status.Since, StopAt: t.status.StopAt, Provider: provider, Running: ev.State != tunnel.Failed && ev.State != tunnel.Stopped}
	if ev.State == tunnel.Online && t.status.State != tunnel.Online && t.status.State != tunnel.Reconnecting {
		status.Since = time.Now()
		if stop := t.started.AutoStop; stop > 0 {
			status.StopAt = status.Since.Add(stop)
		}
	}
	t.set(status)
}

// set notes a change and wakes who waits for one. The caller holds the lock.
func (t *Tunnel) set(s TunnelStatus) {
	t.status = s
	if t.changed != nil {
		close(t.changed)
	}
	t.changed = make(chan struct{})
	t.store.Feed().Bump() // the window's pump looks again
}

// Status is how the tunnel stands. The zero value is off.
func (t *Tunnel) Status() TunnelStatus {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status
}

// PublicURL is the tunnel's public base while it is online or being restored, else "".
func (t *Tunnel) PublicURL() string {
	s := t.Status()
	if s.State == tunnel.Online || s.State == tunnel.Reconnecting {
		return strings.TrimSuffix(s.URL, "/")
	}
	return ""
}

// Stop closes the tunnel and returns when nothing of it is left.
func (t *Tunnel) Stop() {
	t.mu.Lock()
	cancel, done := t.cancel, t.done
	t.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// answering is the tunnel that answers. It waits for the moment between a tunnel's first word that it is online and
// our answering on it.
func (t *Tunnel) answering(ctx context.Context) (*tunnel.Tunnel, string, error) {
	for {
		t.mu.Lock()
		live, caFile, state, changed := t.live, t.started.CAFile, t.status.State, t.changed
		t.mu.Unlock()
		if live != nil {
			return live, caFile, nil
		}
		if state != tunnel.Online {
			return nil, "", errors.New("it is not online; start it first")
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, "", ctx.Err()
		}
	}
}

// Ping sends a request to ourselves through the public address: what tells a live tunnel from a dead one.
func (t *Tunnel) Ping(ctx context.Context) (time.Duration, error) {
	live, caFile, err := t.answering(ctx)
	if err != nil {
		return 0, fmt.Errorf("ping the tunnel: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	if pem, err := os.ReadFile(caFile); err == nil {
		if pool, err := x509.SystemCertPool(); err == nil && pool.AppendCertsFromPEM(pem) {
			transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
		}
	}
	return live.Ping(ctx, &http.Client{Transport: transport, Timeout: 15 * time.Second})
}

// Test looks at each part of the way to a provider on its own.
func (t *Tunnel) Test(ctx context.Context, s TunnelSettings) ([]tunnel.Step, error) {
	c, err := t.config(s, nil)
	if err != nil {
		return nil, err
	}
	return tunnel.Diagnose(ctx, c), nil
}

// Requests counts the captures that came through a tunnel since a time. Asked again for the same time, it looks
// only at what is new.
func (t *Tunnel) Requests(ctx context.Context, since time.Time) (int, error) {
	t.mu.Lock()
	c := t.counted
	t.mu.Unlock()
	if !c.since.Equal(since) {
		c = counted{since: since}
	}
	q, err := store.ParseQuery("is:tunnel since:"+since.UTC().Format(time.RFC3339Nano), time.Now())
	if err != nil {
		return 0, err
	}
	ids, err := t.store.CaptureIDs(ctx, q, c.last)
	if err != nil {
		return 0, err
	}
	if len(ids) > 0 {
		c.n, c.last = c.n+len(ids), ids[0]
	}
	t.mu.Lock()
	t.counted = c
	t.mu.Unlock()
	return c.n, nil
}

// Next waits until the tunnel stands otherwise than seen, and says how.
func (t *Tunnel) Next(ctx context.Context, seen TunnelStatus) (TunnelStatus, error) {
	for {
		t.mu.Lock()
		if t.changed == nil {
			t.changed = make(chan struct{})
		}
		status, changed := t.status, t.changed
		t.mu.Unlock()
		if status != seen {
			return status, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return status, ctx.Err()
		}
	}
}

// Await returns the public address once the tunnel is online, or why it will not be.
func (t *Tunnel) Await(ctx context.Context) (string, error) {
	for status := t.Status(); ; {
		switch {
		case status.State == "":
			return "", nil // none was started
		case status.State == tunnel.Online:
			return strings.TrimSuffix(status.URL, "/"), nil
		case status.State == tunnel.Failed || status.State == tunnel.Stopped:
			return "", &tunnel.Error{Trouble: status.Trouble}
		}
		var err error
		if status, err = t.Next(ctx, status); err != nil {
			return "", err
		}
	}
}

// run ends a tunnel with the engine.
func (t *Tunnel) run(ctx context.Context) error {
	t.mu.Lock()
	t.parent = ctx
	t.mu.Unlock()
	<-ctx.Done()
	t.Stop()
	return nil
}
