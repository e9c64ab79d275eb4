package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"hookglass/core"
	"hookglass/core/store"
)

// DefaultAddr is where the sources listen unless told otherwise.
const DefaultAddr = "127.0.0.1:4600"

// addressSetting holds where the user wants the sources to listen.
const addressSetting = "address"

type addressChoice struct {
	Port  int   `json:"port,omitempty"` // 0: that of DefaultAddr
	HTTPS HTTPS `json:"https,omitzero"`
}

// Address is where the sources are reached on this machine.
type Address struct {
	store *store.Store
	home  string
	log   *slog.Logger

	secure  atomic.Pointer[secured] // nil: plain HTTP
	trouble atomic.Pointer[string]  // why it is, though HTTPS was set

	mu    sync.Mutex
	ln    net.Listener
	taken string        // the address that was wanted and not free
	moved chan struct{} // closed when another listener takes the place of this one
}

// listen takes the address asked for, else the one that was set. The latter may give way to the next free port; one that the user
// named for this run may not.
func (a *Address) listen(ctx context.Context, asked string) error {
	addr := asked
	if addr == "" {
		addr = a.wanted(ctx)
	}
	ln, err := net.Listen("tcp", addr)
	if err == nil {
		a.take(ln, "")
		return nil
	}
	if asked != "" {
		return &core.Invalid{Field: "--addr " + addr, Reason: fmt.Sprintf("cannot listen there (%v); choose a free port, or 0 for any", reason(err))}
	}
	host, text, _ := net.SplitHostPort(addr)
	first, _ := strconv.Atoi(text)
	last := min(first+99, 65535)
	for port := first + 1; port <= last; port++ {
		if ln, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port))); err == nil {
			a.take(ln, addr)
			return nil
		}
	}
	return &core.Invalid{Field: "--addr", Reason: fmt.Sprintf("no port from %d to %d is free (%v); name one with --addr 127.0.0.1:PORT", first, last, reason(err))}
}

// wanted is the address that was set.
func (a *Address) wanted(ctx context.Context) string {
	var c addressChoice
	if err := a.store.Setting(ctx, addressSetting, &c); err != nil || c.Port == 0 {
		return DefaultAddr
	}
	host, _, _ := net.SplitHostPort(DefaultAddr)
	return net.JoinHostPort(host, strconv.Itoa(c.Port))
}

// take goes on with a listener; the one before it takes no more connections.
func (a *Address) take(ln net.Listener, taken string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, moved := a.ln, a.moved
	a.ln, a.taken, a.moved = ln, taken, make(chan struct{})
	if before != nil {
		close(moved)
		before.Close()
	}
}

// Addr is where the sources listen now.
func (a *Address) Addr() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ln.Addr().String()
}

// Taken is the address that was wanted, where it was not free and another port is in use instead; else "".
func (a *Address) Taken() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.taken
}

// Port is the one that was set, whether or not it is in use.
func (a *Address) Port(ctx context.Context) int {
	_, text, _ := net.SplitHostPort(a.wanted(ctx))
	port, _ := strconv.Atoi(text)
	return port
}

// SetPort listens on another port of this machine, at once and from now on. One that is not free is a *core.Invalid, and nothing
// changes.
func (a *Address) SetPort(ctx context.Context, port int) error {
	if port < 1 || port > 65535 {
		return &core.Invalid{Field: "port", Reason: "want 1 to 65535"}
	}
	host, _, _ := net.SplitHostPort(DefaultAddr)
	addr := net.JoinHostPort(host, strconv.Itoa(port))
	if addr != a.Addr() {
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			return &core.Invalid{Field: "port", Reason: fmt.Sprintf("%d cannot be had (%v); choose another", port, reason(err))}
		}
		a.take(ln, "")
	}
	return store.ChangeSetting(a.store, addressSetting, func(c *addressChoice) error { c.Port = port; return nil })
}

// HTTPS is what was set, whether or not it is in use.
func (a *Address) HTTPS(ctx context.Context) HTTPS {
	var c addressChoice
	if err := a.store.Setting(ctx, addressSetting, &c); err != nil {
		return HTTPS{}
	}
	return c.HTTPS
}

// Trouble is why the sources are reached over plain HTTP though HTTPS was set; else "".
func (a *Address) Trouble() string {
	if why := a.trouble.Load(); why != nil {
		return *why
	}
	return ""
}

// secureAs begins with the certificate that was asked for, else with the one that was set. The latter may give way to plain HTTP,
// which is said; one that the user named for this run may not.
func (a *Address) secureAs(ctx context.Context, asked HTTPS) error {
	wanted := asked
	if asked == (HTTPS{}) {
		wanted = a.HTTPS(ctx)
	}
	s, err := wanted.prepare(a.home, time.Now())
	if err != nil && asked == (HTTPS{}) {
		why := err.Error()
		a.trouble.Store(&why)
		a.log.Error("https.off", "error", err)
		return nil
	}
	a.secure.Store(s)
	return err
}

// SetHTTPS has the sources reached over TLS, or no more, at once and from now on. What cannot be is a *core.Invalid, and nothing
// changes. Requests that came in before are answered as they came.
func (a *Address) SetHTTPS(ctx context.Context, h HTTPS) error {
	s, err := h.prepare(a.home, time.Now())
	if err != nil {
		return byMember(err)
	}
	if err := a.again(s); err != nil {
		return err
	}
	a.trouble.Store(nil)
	return store.ChangeSetting(a.store, addressSetting, func(c *addressChoice) error { c.HTTPS = h; return nil })
}

// byMember names the setting instead of the flag.
func byMember(err error) error {
	var invalid *core.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	field := map[string]string{"--tls": "own", "--tls-cert": "cert_file", "--tls-key": "key_file"}[invalid.Field]
	return &core.Invalid{Field: field, Reason: invalid.Reason}
}

// again listens anew at the same address, with another certificate or none: who serves takes up both together.
func (a *Address) again(s *secured) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	addr, moved := a.ln.Addr(), a.moved
	close(moved) // who serves waits for us
	a.moved = make(chan struct{})
	a.ln.Close()
	ln, err := net.Listen(addr.Network(), addr.String())
	if err != nil { // somebody else was quicker
		if ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return fmt.Errorf("listen again: %w", reason(err))
		}
		a.taken = addr.String()
	}
	a.ln = ln
	a.secure.Store(s)
	return nil
}

// serve serves whatever listener there is, until ctx ends.
func (a *Address) serve(ctx context.Context, serve func(context.Context, net.Listener) error) error {
	for {
		a.mu.Lock()
		ln, moved := a.ln, a.moved
		a.mu.Unlock()
		err := serve(ctx, ln)
		select {
		case <-moved:
			if ctx.Err() == nil {
				continue // with the one that took its place; what it had accepted is answered
			}
		default:
		}
		return err
	}
}

func (a *Address) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ln != nil {
		a.ln.Close()
	}
}

// reason is the innermost words of a network error.
func reason(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
