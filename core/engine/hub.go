package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/platform"
	"hookglass/core/relay"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// Hub publishes the captures of this history to a team's space, and lets readers in. Until it is opened nothing of it runs.
type Hub struct {
	store  *store.Store
	book   func() sign.Book
	broker relay.StartBroker // nil: this program has none
	log    *slog.Logger
	home   string

	mu    sync.Mutex // of what follows, and of the setting
	state hubState
	now   *hubRun
	woken chan struct{} // the readers changed
	begun chan struct{} // closed once it is open
}

// HubOptions say where the broker is.
type HubOptions struct {
	Dir       string // of the one within the program
	Addr      string // where it listens; "": port 4222 of all addresses
	Cert, Key string
	Relay     []string // URLs of a cluster, instead
	Creds     string   // file with the credentials for it
	Space     string   // "": the space of before, else "team"
	Retention relay.Retention
}

// hubState is what a hub keeps in its history.
type hubState struct {
	ID      string         `json:"id"` // what it is called in messages
	Space   string         `json:"space"`
	URLs    []string       `json:"urls,omitempty"` // the last ones that an invite named
	Readers []relay.Reader `json:"readers,omitempty"`
	Here    bool           `json:"here,omitempty"`    // the user made the window's program a hub
	Sources []string       `json:"sources,omitempty"` // of which large bodies were put away, beside those that there are now
}

// hubRun is a hub that is open.
type hubRun struct {
	opt     HubOptions
	broker  relay.Broker // nil: a cluster
	public  string       // the hub's own public key
	nc      *nats.Conn
	js      jetstream.JetStream
	out     *relay.Publisher
	trouble string
}

const hubSetting = "hub"

func (h *Hub) load(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.store.Setting(ctx, hubSetting, &h.state)
}

// Open starts the broker, or connects to the team's, and begins to publish what is captured from then on.
func (h *Hub) Open(ctx context.Context, opt HubOptions) error {
	if err := h.load(ctx); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now != nil {
		return errors.New("the hub is open already")
	}
	if opt.Space != "" {
		if err := relay.CheckName("space", opt.Space); err != nil {
			return err
		}
		h.state.Space = opt.Space
	}
	if h.state.Space == "" {
		h.state.Space = "team"
	}
	if h.state.ID == "" {
		h.state.ID = strings.ToLower(newOrigin())
	}
	if opt.Retention == (relay.Retention{}) {
		opt.Retention = relay.DefaultRetention
	}
	if err := h.store.PutSetting(hubSetting, h.state); err != nil {
		return err
	}
	run := &hubRun{opt: opt}
	if err := h.connect(ctx, run); err != nil {
		run.close()
		return err
	}
	var err error
	if run.js, err = jetstream.New(run.nc, jetstream.WithPublishAsyncMaxPending(512)); err != nil {
		run.close()
		return err
	}
	run.out = &relay.Publisher{Store: h.store, JS: run.js, Space: h.state.Space, Hub: h.state.ID, Retention: opt.Retention, Redact: h.redact, Readers: h.readers, Bucketed: h.bucketed}
	if err := run.out.Begin(ctx); err != nil {
		run.close()
		return err
	}
	h.now = run
	close(h.begun)
	return nil
}

// CanBeHere reports whether this program has a broker in it.
func (h *Hub) CanBeHere() bool { return h.broker != nil }

// BeHere makes this program a hub with a broker of its own, now and at each start of the window; with on false it is none from the next
// start on.
func (h *Hub) BeHere(ctx context.Context, on bool) error {
	if on {
		if err := h.Open(ctx, HubOptions{Dir: filepath.Join(h.home, "hub")}); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.Here = on
	return h.store.PutSetting(hubSetting, h.state)
}

// Resume makes this program a hub again where the user made it one.
func (h *Hub) Resume(ctx context.Context) error {
	if err := h.load(ctx); err != nil || !h.state.Here || h.broker == nil {
		return err
	}
	return h.BeHere(ctx, true)
}

// connect reaches the broker. The caller holds the lock.
func (h *Hub) connect(ctx context.Context, run *hubRun) (err error) {
	changed := func(*nats.Conn) { h.store.Feed().Bump() }
	trouble := func(err error) {
		h.log.Info("hub.trouble", "error", err)
		h.mu.Lock()
		run.trouble = err.Error()
		h.mu.Unlock()
	}
	if len(run.opt.Relay) > 0 {
		for _, u := range run.opt.Relay {
			if err := relay.CheckBrokerURL("--relay", u); err != nil {
				return err
			}
		}
		if run.opt.Creds == "" {
			return &core.Invalid{Field: "--relay-creds", Reason: "is missing; name a file with credentials for the cluster. Where there is none, a key is made in it, and hookglass hub config prints what the cluster must know"}
		}
		creds, err := relay.ReadCredentials(run.opt.Creds)
		if err != nil {
			return err
		}
		run.public = creds.Public
		run.nc, err = creds.Dial(run.opt.Relay, changed, trouble)
		return err
	}
	if h.broker == nil {
		return &core.Invalid{Field: "--hub", Reason: "this program has no broker in it; use the one without a window (make headless), or --relay with a nats-server"}
	}
	if run.opt.Addr == "" {
		run.opt.Addr = ":4222"
	}
	seed, public, err := relay.NewKey()
	if err != nil {
		return err
	}
	run.public = public
	run.broker, err = h.broker(ctx, relay.BrokerSettings{Dir: run.opt.Dir, Addr: run.opt.Addr, Cert: run.opt.Cert, Key: run.opt.Key, Accounts: h.accounts(ctx, public), Log: h.log})
	if err != nil {
		return err
	}
	run.nc, err = relay.DialWithin(seed, run.broker, changed, trouble)
	return err
}

func (r *hubRun) close() {
	if r.nc != nil {
		r.nc.Close()
	}
	if r.broker != nil {
		r.broker.End()
	}
}

// run publishes until ctx ends, from when the hub is opened.
func (h *Hub) run(ctx context.Context) error {
	select {
	case <-h.begun:
	case <-ctx.Done():
		return nil
	}
	var wg sync.WaitGroup
	wg.Go(func() { h.now.out.Run(ctx) })
	wg.Go(func() { h.watchExpiry(ctx) })
	wg.Wait()
	return nil
}

// end stops the broker.
func (h *Hub) end() {
	h.mu.Lock()
	run := h.now
	h.mu.Unlock()
	if run != nil {
		run.close()
	}
}

// accounts writes who is let in. The caller holds the lock.
func (h *Hub) accounts(ctx context.Context, public string) string {
	return relay.Accounts(h.state.Space, public, h.state.Readers, h.known(ctx), time.Now())
}

// known are the sources that captures come from.
func (h *Hub) known(ctx context.Context) []string {
	names := append([]string{""}, h.state.Sources...) // "": what no source has
	all, err := h.store.Sources(ctx)
	if err != nil {
		h.log.Error("hub.sources", "error", err)
	}
	for _, s := range all {
		names = append(names, s.Name)
	}
	return names
}

// bucketed lets readers in to the large bodies of a source, before the first is there.
func (h *Hub) bucketed(source string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if slices.Contains(h.state.Sources, source) {
		return nil
	}
	h.state.Sources = append(h.state.Sources, source)
	return h.keep(context.Background())
}

// keep stores the state and puts the readers in force. The caller holds the lock.
func (h *Hub) keep(ctx context.Context) error {
	if err := h.store.PutSetting(hubSetting, h.state); err != nil {
		return err
	}
	if h.now == nil || h.now.broker == nil {
		return nil
	}
	return h.now.broker.Allow(h.accounts(ctx, h.now.public))
}

func (h *Hub) readers() []relay.Reader {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.state.Readers)
}

// redact takes out of a capture what does not travel: what is known of its signature but the verdict's word, and credentials, where
// its source does not share them.
func (h *Hub) redact(c *core.Capture) (masked []string, byToken bool) {
	v := c.Receipt.Verdict
	src, err := h.store.Source(context.Background(), c.Source) // a row; the space waits for it
	if err == nil && src.Settings.Bool(platform.ShareCredentials, false) {
		return nil, false
	}
	for _, what := range exchange.Redact(c, exchange.Options{Book: h.book()}) {
		if strings.HasPrefix(what, "request header ") || strings.HasSuffix(what, " in a query") || strings.HasSuffix(what, " in a URL") {
			masked = append(masked, what)
		}
	}
	if v != nil && len(masked) > 0 {
		name, inHeader := strings.CutPrefix(v.Where, "header ")
		name, _, _ = strings.Cut(name, ",")
		byToken = v.Algorithm == "equal" || inHeader && slices.ContainsFunc(masked, func(m string) bool { return strings.EqualFold(m, "request header "+name) })
	}
	return masked, byToken
}

// watchExpiry shuts readers out when their time is over.
func (h *Hub) watchExpiry(ctx context.Context) {
	for {
		wait := time.Hour
		for _, r := range h.readers() {
			if r.Revoked.IsZero() && !r.Expires.IsZero() && r.Active(time.Now()) {
				wait = min(wait, max(time.Until(r.Expires), 0)+50*time.Millisecond)
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-h.woken:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
		h.expire(ctx)
	}
}

func (h *Hub) expire(ctx context.Context) {
	h.mu.Lock()
	defer h.mu.Unlock()
	over := false
	for i := range h.state.Readers {
		r := &h.state.Readers[i]
		if !r.Revoked.IsZero() || r.Active(time.Now()) {
			continue
		}
		if err := relay.Expel(ctx, h.now.js, h.state.Space, r); err != nil {
			h.log.Warn("hub.expire", "reader", r.Name, "error", err)
		}
		over = true
	}
	if over {
		if err := h.keep(ctx); err != nil {
			h.log.Error("hub.expire", "error", err)
		}
	}
}

// addresses are where readers reach the broker, as far as this machine knows.
func (r *hubRun) addresses() []string {
	if r.broker == nil {
		return r.opt.Relay
	}
	host, _, err := net.SplitHostPort(r.opt.Addr)
	if ip := net.ParseIP(host); err == nil && host != "" && (ip == nil || !ip.IsUnspecified()) {
		return []string{"tls://" + net.JoinHostPort(host, r.broker.Port())}
	}
	if ip := outward(); ip != "" {
		return []string{"tls://" + net.JoinHostPort(ip, r.broker.Port())}
	}
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	return []string{"tls://" + net.JoinHostPort(name, r.broker.Port())}
}

// outward is an address of this machine that others may reach.
func outward() string {
	all, _ := net.InterfaceAddrs() // none: the caller has another way
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	return ""
}

var errNoHub = &core.Invalid{Field: "hub", Reason: "is not running; start it with hookglass serve --hub DIR"}

func notFound(kind, name string) error { return fmt.Errorf("%s %q: %w", kind, name, core.ErrNotFound) }
