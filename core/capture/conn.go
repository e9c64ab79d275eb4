package capture

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// listener hands out connections that remember the bytes of each request's head.
type listener struct {
	net.Listener
	refused func(*conn, []byte, []byte)
	door    *door // nil: all may come in
	ended   func()
}

func (l *listener) Close() error {
	l.ended()
	return l.Listener.Close()
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: inner, refused: l.refused}
		c.free.Store(time.Now().UnixNano())
		c.SetReadDeadline(time.Now().Add(headerTimeout)) // net/http sets none while it looks whether HTTP/2 is spoken
		if l.door == nil || l.door.enter(c) {
			return c, nil
		}
	}
}

// conn records the heads that pass through it: net/http forgets the order and the spelling of fields. It is read
// by the server's goroutines and asked by handlers, so its record has a lock.
type conn struct {
	net.Conn
	refused func(c *conn, head, answer []byte) // told at the close of a head that no handler saw

	left func()       // told that it is closed; may be nil
	busy atomic.Int32 // requests under way
	free atomic.Int64 // when there was none any more

	mu     sync.Mutex
	frames framer
	heads  []recorded
	first  [1]recorded // where heads begins: few connections have two in hand
	count  int         // heads that were taken
	answer []byte      // start of the last write
	closed bool
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.mu.Lock()
		c.frames.feed(p[:n], c.add)
		c.mu.Unlock()
	}
	return n, err
}

func (c *conn) add(r recorded) {
	if len(c.heads) == 0 {
		c.heads = c.first[:0]
	}
	c.heads = append(c.heads, r)
}

func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.answer = append(c.answer[:0], p[:min(len(p), 512)]...)
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// next takes the oldest head that no handler has taken. It is empty when the record and the server disagree on
// where a request begins, which valid requests do not bring about.
func (c *conn) next(r *http.Request) recorded {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heads) == 0 {
		return recorded{}
	}
	got := c.heads[0]
	c.heads[0] = recorded{}
	c.heads = c.heads[1:]
	c.count++
	if !begins(got.head, r.Method, r.RequestURI) {
		c.frames.lost = true
		c.heads = nil
		return recorded{}
	}
	return got
}

// begins reports whether a head is that of a request.
func begins(head []byte, method, target string) bool {
	n := len(method)
	return len(head) > n+len(target) && string(head[:n]) == method && head[n] == ' ' && string(head[n+1:n+1+len(target)]) == target
}

// occupy says that a request is under way, until leave.
func (c *conn) occupy() { c.busy.Add(1) }

func (c *conn) leave() {
	c.free.Store(time.Now().UnixNano())
	c.busy.Add(-1)
}

// taken counts the heads that were taken.
func (c *conn) taken() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// NetConn is the connection beneath.
func (c *conn) NetConn() net.Conn { return c.Conn }

// Close reports a head that the server refused without asking a handler: too long, malformed, or never finished.
func (c *conn) Close() error {
	c.mu.Lock()
	var head, answer []byte
	if !c.closed && !c.frames.lost {
		if len(c.heads) > 0 {
			head = c.heads[0].head
		} else {
			head = c.frames.head
		}
		answer = c.answer
	}
	c.closed = true
	c.mu.Unlock()
	if c.left != nil {
		c.left()
	}
	if len(head) > 0 && c.refused != nil {
		c.refused(c, head, answer)
	}
	return c.Conn.Close()
}
