package tunnel

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"hookglass/core"
)

// ngrokDialer dials for the agent until it succeeds. The agent would wait between its own tries without a way to
// interrupt it; so a failure to dial never reaches it, and its waits are left for refusals.
type ngrokDialer struct {
	dialer
	inbox *inbox

	mu      sync.Mutex
	current *dialed // the latest; nil before the first
	closed  bool
}

// dialed is a connection that knows whether it was closed.
type dialed struct {
	net.Conn
	closed atomic.Bool
}

func (c *dialed) Close() error {
	c.closed.Store(true)
	return c.Conn.Close()
}

func (d *ngrokDialer) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	for failures := 1; ; failures++ {
		conn, err := d.dial(ctx, addr)
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return nil, ctx.Err()
		}
		if err == nil {
			kept := d.keep(conn)
			d.inbox.put(noteDialed{})
			return kept, nil
		}
		wait := pause(failures)
		d.inbox.put(noteNoDial{err, time.Now().Add(wait)})
		if !core.Pause(ctx, wait) {
			return nil, ctx.Err()
		}
	}
}

func (d *ngrokDialer) Dial(_, addr string) (net.Conn, error) {
	return nil, errors.New("dial " + addr + ": a context is wanted")
}

func (d *ngrokDialer) keep(conn net.Conn) net.Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current = &dialed{Conn: conn}
	if d.closed {
		conn.Close()
	}
	return d.current
}

// shut breaks the connection in use and each that may still be made.
func (d *ngrokDialer) shut() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.drop()
}

// drop breaks the connection in use and reports whether there was one.
func (d *ngrokDialer) drop() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current == nil || d.current.closed.Load() {
		return false
	}
	d.current.Close()
	return true
}

// inbox keeps notes until they are taken. Leaving one never waits.
type inbox struct {
	mu    sync.Mutex
	notes []any
	ready chan struct{}
}

func newInbox() inbox { return inbox{ready: make(chan struct{}, 1)} }

func (b *inbox) put(n any) {
	b.mu.Lock()
	b.notes = append(b.notes, n)
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *inbox) take() []any {
	b.mu.Lock()
	defer b.mu.Unlock()
	notes := b.notes
	b.notes = nil
	return notes
}
