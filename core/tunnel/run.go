package tunnel

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"hookglass/core"
)

// Provider is a way to a public address. An implementation keeps no state of its own: one value serves many tunnels.
type Provider interface {
	Name() string

	// Check finds the first setting that cannot work, as *core.Invalid. It does no network I/O.
	Check(Config) error

	// Open returns when the tunnel is online for the first time, or with an *Error when trying again would not help.
	// It reports each try on the way, and from then on what becomes of the tunnel, except its end.
	Open(context.Context, Config, func(Event)) (Line, error)

	// Diagnose looks at each part of the way on its own. It ends with the first step that fails.
	Diagnose(context.Context, Config) []Step
}

// Line is an open way in. Accept fails for good once it is closed or lost, when Err says why: nil after Close.
type Line interface {
	net.Listener
	URL() string // the public address as of now; a service may change it on a reconnect
	Err() *Error
}

// providers is all there are.
var providers = [...]Provider{ngrokProvider{}, sshProvider{}, ownProvider{}}

// Names lists the providers.
func Names() []string {
	names := make([]string, len(providers))
	for i, p := range providers {
		names[i] = p.Name()
	}
	return names
}

func find(name string) (Provider, bool) {
	for _, p := range providers {
		if p.Name() == name {
			return p, true
		}
	}
	return nil, false
}

// Tunnel is an open public address. It is the listener that a server accepts from.
type Tunnel struct {
	Line
	Provider string // what a capture notes as its way in
	// TrustedClientIP says that the remote address of a connection is the sender's, told by the provider. Otherwise
	// it is the provider's own, or loopback, and means nothing.
	TrustedClientIP bool

	config Config
	key    string // of the self-ping: path and proof
}

// Run opens the tunnel of c, gives it to serve, and keeps it up until ctx ends, c.AutoStop has passed, or trying again
// would not help. serve must return when Accept fails, with nothing left running; [Serve] does that. report gets each
// change of state, the last one Failed or Stopped, from one goroutine at a time; it must not block.
//
// Run returns nil when it was stopped, *core.Invalid for a bad setting, and otherwise an *Error. It leaves nothing behind.
func Run(ctx context.Context, c Config, serve func(*Tunnel) error, report func(Event)) error {
	if err := c.Check(); err != nil {
		return err
	}
	r := &reporter{secrets: c.secrets(), report: report}
	t, err := open(ctx, c, r)
	if err != nil {
		return r.end(ctx, err, "")
	}
	url, why, err := serveUntil(ctx, t, serve)
	if err != nil {
		return r.end(ctx, err, url)
	}
	r.event(Event{State: Stopped, URL: url, Trouble: why})
	return nil
}

func open(ctx context.Context, c Config, r *reporter) (*Tunnel, error) {
	p, _ := find(c.Provider)
	r.event(Event{State: Connecting})
	c.Timing = c.Timing.filled()
	c.Log = quietLog(c)
	line, err := p.Open(ctx, c, r.event)
	if err != nil {
		return nil, err
	}
	key := make([]byte, 16)
	rand.Read(key) // never fails
	return &Tunnel{
		Line: line, Provider: c.Provider, config: c, key: hex.EncodeToString(key),
		TrustedClientIP: c.Provider == "ngrok",
	}, nil
}

// serveUntil runs serve until something ends it, then closes the provider before the server. It says under which
// address, and why where that is not for the caller's own wish.
func serveUntil(ctx context.Context, t *Tunnel, serve func(*Tunnel) error) (string, Trouble, error) {
	served := make(chan error, 1)
	go func() { served <- serve(t) }()
	var timer <-chan time.Time
	if t.config.AutoStop > 0 {
		clock := time.NewTimer(t.config.AutoStop)
		defer clock.Stop()
		timer = clock.C
	}
	var why Trouble
	select {
	case <-ctx.Done():
	case <-timer:
		why = known("auto_stop", "").Trouble
	case err := <-served:
		t.Close()
		if lost := t.Err(); lost != nil {
			return t.URL(), why, lost
		}
		return t.URL(), why, serverEnded(ctx, err)
	}
	t.Close()
	<-served
	return t.URL(), why, nil
}

func serverEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	detail := ""
	if err != nil {
		detail = err.Error()
	}
	return known("server", detail).asError()
}

// end reports the end of a tunnel that did not come up or was lost.
func (r *reporter) end(ctx context.Context, err error, url string) error {
	if ctx.Err() != nil {
		r.event(Event{State: Stopped, URL: url})
		return nil
	}
	var bad *core.Invalid
	if errors.As(err, &bad) {
		r.event(Event{State: Failed, Trouble: Trouble{Code: "setting", Field: bad.Field, Text: "A setting cannot work: " + bad.Error()}})
		return err
	}
	var e *Error
	if !errors.As(err, &e) {
		e = explain(err).asError()
	}
	e = &Error{r.clean(e.Trouble)}
	r.event(Event{State: Failed, URL: url, Trouble: e.Trouble})
	return e
}

// Serve answers what comes through t with s, whose Handler must be set, until t is closed, and waits for the answers under
// way. Strangers reach it: s must have limits for what it reads and for how long.
func Serve(t *Tunnel, s *http.Server) error {
	d := &door{next: s.Handler}
	s.Handler = d
	err := s.Serve(t)
	t.Close() // before the server: see the package comment
	s.Close()
	d.shut()
	return err
}

// door counts who is inside, lets nobody in once it is shut, and waits for the rest to leave.
type door struct {
	next   http.Handler
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	d.inside.Add(1)
	d.mu.Unlock()
	defer d.inside.Done()
	d.next.ServeHTTP(w, r)
}

func (d *door) shut() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.inside.Wait()
}
