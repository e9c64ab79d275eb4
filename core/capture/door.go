package capture

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"hookglass/core"
)

// Bounds are what all senders together may take of this computer. A field that is 0 takes its default.
type Bounds struct {
	Bodies      int64 // bytes of the bodies that are under way, together
	Connections int   // open at once
	PerAddress  int   // open at once, of one address
}

// DefaultBounds are the bounds where the user sets none.
var DefaultBounds = Bounds{Bodies: 256 << 20, Connections: 8192, PerAddress: 4096}

func (b Bounds) orDefault() Bounds {
	if b.Bodies <= 0 {
		b.Bodies = DefaultBounds.Bodies
	}
	if b.Connections <= 0 {
		b.Connections = DefaultBounds.Connections
	}
	if b.PerAddress <= 0 {
		b.PerAddress = DefaultBounds.PerAddress
	}
	return b
}

// door bounds the connections that are open at once. Where one more comes, the one goes that has been without a request for
// longest, whether it sent nothing, half a head, or waits for its next request. Only where all of them have a request under
// way is the new one turned away, with a 503.
type door struct {
	Bounds
	turned func(remote net.Addr, all bool, times int) // told that so many were turned away, at most once per turnedEvery

	mu    sync.Mutex
	open  map[*conn]string // by address
	count map[string]int
	times int // turned away since it was last told
	told  time.Time
	going chan struct{} // those that hear of it before they are closed
}

const (
	turnedEvery = 10 * time.Second
	turnedWait  = time.Second // for who was turned away to read it
)

func newDoor(b Bounds, turned func(net.Addr, bool, int)) *door {
	return &door{Bounds: b, turned: turned, open: map[*conn]string{}, count: map[string]int{}, going: make(chan struct{}, 64)}
}

// enter lets a connection in, or turns it away and returns false.
func (d *door) enter(c *conn) bool {
	address := core.WithoutPort(c.RemoteAddr().String())
	d.mu.Lock()
	full := len(d.open) >= d.Connections
	crowded := d.count[address] >= d.PerAddress
	var goes *conn
	if full || crowded {
		of := "" // any address
		if crowded {
			of = address
		}
		goes = d.idlest(of)
	}
	if (full || crowded) && goes == nil {
		d.times++
		times, tell := d.times, time.Since(d.told) >= turnedEvery
		if tell {
			d.times, d.told = 0, time.Now()
		}
		d.mu.Unlock()
		if tell {
			d.turned(c.RemoteAddr(), full, times)
		}
		d.turnAway(c.Conn)
		return false
	}
	if goes != nil {
		d.remove(goes)
	}
	d.open[c] = address
	d.count[address]++
	c.left = func() { d.mu.Lock(); d.remove(c); d.mu.Unlock() }
	d.mu.Unlock()
	if goes != nil {
		goes.Close()
	}
	return true
}

// idlest is the connection that has been without a request for longest, of one address or of all.
func (d *door) idlest(of string) (goes *conn) {
	var since int64
	for c, address := range d.open {
		if of != "" && address != of || c.busy.Load() > 0 {
			continue
		}
		if at := c.free.Load(); goes == nil || at < since {
			goes, since = c, at
		}
	}
	return goes
}

func (d *door) remove(c *conn) {
	address, ok := d.open[c]
	if !ok {
		return
	}
	delete(d.open, c)
	if d.count[address]--; d.count[address] == 0 {
		delete(d.count, address)
	}
}

const turnedAnswer = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 26\r\nConnection: close\r\n\r\ntoo many connections open\n"

// turnAway answers and closes. To close at once would take the answer away from who is still sending.
func (d *door) turnAway(c net.Conn) {
	select {
	case d.going <- struct{}{}:
	default: // there are too many of them
		c.Close()
		return
	}
	go func() {
		defer func() { c.Close(); <-d.going }()
		c.SetDeadline(time.Now().Add(turnedWait))
		if _, err := io.WriteString(c, turnedAnswer); err != nil {
			return
		}
		if half, ok := c.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
		io.Copy(io.Discard, c)
	}()
}

// keepTurned says that connections were turned away: why nothing arrives is what people look for. No request was read.
func (s *Server) keepTurned(remote net.Addr, all bool, times int) {
	why := fmt.Sprintf("at most %d connections of one address are open at once", s.bounds.PerAddress)
	if all {
		why = fmt.Sprintf("at most %d connections are open at once", s.bounds.Connections)
	}
	why = fmt.Sprintf("a connection was turned away with 503, and %d more since this was last said: %s, and each had a request under way", times-1, why)
	s.log.Error("connections.limited", "remote", remote.String(), "times", times, "reason", why)
	c := &core.Capture{At: time.Now(), Request: core.Request{Proto: "HTTP/1.1", Remote: remote.String(), Truncated: true}}
	c.Response = core.Response{Status: 503, Proto: "HTTP/1.1"}
	c.Receipt = core.Receipt{Outcome: core.Limited, Reason: why}
	go func() { // nobody else is let in meanwhile
		if err := s.store.AddCapture(c, nil); err != nil {
			s.log.Error("capture.lost", "error", err)
		}
	}()
}
