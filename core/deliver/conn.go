package deliver

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// conn is a connection to a receiver.
type conn struct {
	net.Conn
	in        *inlet
	br        *bufio.Reader
	peer, tls string
	idle      chan error // says why the watch over an idle connection ended
}

func newConn(nc net.Conn, peer, tls string) *conn {
	in := &inlet{from: nc}
	return &conn{Conn: nc, in: in, br: bufio.NewReader(in), peer: peer, tls: tls}
}

// answer reads heads up to that of the final answer and returns it with its very bytes. The 1xx answers before it are
// dropped, up to a number.
func (c *conn) answer(method string) (*http.Response, []byte, error) {
	for range maxInformational + 1 {
		start := c.in.head.Len() - c.br.Buffered()
		res, err := http.ReadResponse(c.br, &http.Request{Method: method})
		if err != nil {
			return nil, nil, cmp.Or(c.in.err, err) // half a line is bad syntax, but the cause is that no more came
		}
		if res.StatusCode >= 200 || res.StatusCode == http.StatusSwitchingProtocols {
			end := c.in.head.Len() - c.br.Buffered()
			return res, bytes.Clone(c.in.head.Bytes()[start:end]), nil
		}
	}
	return nil, nil, errInformed
}

// inlet notes the bytes that come in while a head is read, and no more of them than a head may have.
type inlet struct {
	from   net.Conn
	noting bool
	head   bytes.Buffer
	first  time.Time // of the first byte
	err    error     // why no more came
}

func (in *inlet) begin() {
	in.head.Reset()
	in.noting, in.first, in.err = true, time.Time{}, nil
}

func (in *inlet) end() { in.noting = false }

func (in *inlet) Read(p []byte) (int, error) {
	if !in.noting {
		return in.from.Read(p)
	}
	room := maxHead - in.head.Len()
	if room <= 0 {
		in.err = errHeadTooLarge
		return 0, in.err
	}
	n, err := in.from.Read(p[:min(len(p), room)])
	if n > 0 && in.first.IsZero() {
		in.first = time.Now()
	}
	in.head.Write(p[:n])
	in.err = err
	return n, err
}

// pool keeps connections open between attempts. The zero value is empty and ready.
type pool struct {
	mu     sync.Mutex
	idle   map[string][]*conn
	closed bool
}

const (
	// idleFor is shorter than the 5 s after which Node's server, the most impatient of the common ones, closes an
	// idle connection: a request written into one that is being closed would be a failure that is nobody's fault.
	idleFor = 4 * time.Second
	maxIdle = 128 // for one receiver
)

// take returns a connection that is alive, or nil.
func (p *pool) take(key string) *conn {
	for {
		p.mu.Lock()
		free := p.idle[key]
		if len(free) == 0 {
			p.mu.Unlock()
			return nil
		}
		c := free[len(free)-1]
		p.set(key, free[:len(free)-1])
		p.mu.Unlock()
		if c.awake() {
			return c
		}
		c.Close()
	}
}

// put keeps c for the next attempt with the same key.
func (p *pool) put(key string, c *conn) {
	c.SetDeadline(time.Time{})
	c.SetReadDeadline(time.Now().Add(idleFor))
	c.idle = make(chan error, 1)
	p.mu.Lock()
	if p.closed || len(p.idle[key]) >= maxIdle {
		p.mu.Unlock()
		c.Close()
		return
	}
	if p.idle == nil {
		p.idle = map[string][]*conn{}
	}
	p.idle[key] = append(p.idle[key], c)
	p.mu.Unlock()
	go p.watch(key, c)
}

// watch closes an idle connection when its time is up or the receiver closes it.
func (p *pool) watch(key string, c *conn) {
	_, err := c.br.Peek(1)
	c.idle <- err
	p.mu.Lock()
	i := slices.Index(p.idle[key], c)
	if i >= 0 {
		p.set(key, slices.Delete(p.idle[key], i, i+1))
	}
	p.mu.Unlock()
	if i >= 0 {
		c.Close()
	}
}

func (p *pool) set(key string, free []*conn) {
	if len(free) == 0 {
		delete(p.idle, key)
		return
	}
	p.idle[key] = free
}

// awake ends the watch and reports whether it saw nothing: no end, and no byte that nobody asked for.
func (c *conn) awake() bool {
	c.SetReadDeadline(past)
	if err := <-c.idle; !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	return c.SetReadDeadline(time.Time{}) == nil
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, free := range p.idle {
		for _, c := range free {
			c.Close() // the watch ends, and finds nothing to take out
		}
	}
	p.idle = nil
}
