package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"

	"hookglass/core"
	"hookglass/core/store"
)

// DefaultAddr is where the sources listen unless told otherwise.
const DefaultAddr = "127.0.0.1:4600"

// addressSetting holds where the user wants the sources to listen.
const addressSetting = "address"

type addressChoice struct {
	Port int `json:"port,omitempty"` // 0: that of DefaultAddr
}

// Address is where the sources are reached on this machine.
type Address struct {
	store *store.Store

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
	return a.store.PutSetting(addressSetting, addressChoice{port})
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
