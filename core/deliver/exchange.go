package deliver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"hookglass/core"
)

// exchange is one request and its answer on one connection.
type exchange struct {
	sender  *Sender
	route   *route
	message *message
	attempt *core.Attempt
	fresh   bool   // on a connection of its own
	during  phase  // where it stands
	note    string // what else explains a failure
}

// past makes whatever reads or writes on a connection give up.
var past = time.Unix(1, 0)

func (e *exchange) run(ctx context.Context) error {
	c, err := e.connect(ctx)
	if err != nil {
		return err
	}
	release := context.AfterFunc(ctx, func() { c.SetDeadline(past) })
	whole, err := e.talk(c)
	if release() && err == nil && whole && !e.fresh {
		e.sender.pool.put(e.route.key(), c)
		return nil
	}
	c.Close()
	return err
}

func (e *exchange) connect(ctx context.Context) (*conn, error) {
	if !e.fresh {
		if c := e.sender.pool.take(e.route.key()); c != nil {
			e.attempt.Peer, e.attempt.TLS = c.peer, c.tls
			e.note = "on a connection kept open from an earlier attempt"
			return c, nil
		}
	}
	return e.sender.dial(ctx, e)
}

// talk sends the request and reads the answer at the same time, since some receivers answer before they have read
// everything. It reports whether the connection can be used again.
func (e *exchange) talk(c *conn) (whole bool, err error) {
	e.during = awaiting
	c.in.begin()
	written := make(chan written, 1)
	go e.write(c, written)

	res, head, err := c.answer(e.message.method)
	if err != nil {
		c.Close()
		<-written
		return false, err
	}
	defer res.Body.Close()
	c.in.end()
	e.during = reading
	start := time.Now()
	a := &core.Response{Status: res.StatusCode, Proto: res.Proto, Header: core.ParseHead(head)}
	rest, err := e.body(a, res)
	if err != nil {
		e.note = fmt.Sprintf("after status %d and %d bytes of body", a.Status, a.Size)
		c.Close()
		<-written
		return false, err
	}
	e.attempt.Response = a
	e.attempt.Timings.Body = time.Since(start)
	w := e.settle(c, written)
	if w.err == nil && c.in.first.After(w.at) {
		e.attempt.Timings.FirstByte = c.in.first.Sub(w.at)
	}
	return w.err == nil && rest && !res.Close && c.br.Buffered() == 0, nil
}

// written is when the last byte of a request was handed over, or why not.
type written struct {
	at  time.Time
	err error
}

func (e *exchange) write(c net.Conn, done chan<- written) {
	m := e.message
	var err error
	if len(m.body) <= 4<<10 { // one packet for most
		_, err = c.Write(append(m.head[:len(m.head):len(m.head)], m.body...))
	} else {
		if _, err = c.Write(m.head); err == nil {
			_, err = c.Write(m.body)
		}
	}
	done <- written{time.Now(), err}
}

// settle waits for the rest of the request to be written; a receiver that has answered and reads no further gets a
// moment, and then the connection is of no more use.
func (e *exchange) settle(c *conn, done <-chan written) written {
	select {
	case w := <-done:
		return w
	default:
		c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		w := <-done
		c.SetWriteDeadline(time.Time{})
		return w
	}
}

// body keeps the answer's body up to the limit and reads on for a while. It reports whether it got to the end.
func (e *exchange) body(a *core.Response, res *http.Response) (whole bool, err error) {
	limit := e.sender.BodyLimit
	if limit <= 0 {
		limit = DefaultBodyLimit
	}
	var kept bytes.Buffer
	if n := res.ContentLength; n > 0 && n <= limit {
		kept.Grow(int(n) + bytes.MinRead)
	}
	a.Size, err = kept.ReadFrom(io.LimitReader(res.Body, limit))
	a.Body = kept.Bytes()
	if err != nil || a.Size < limit {
		return true, err
	}
	n, err := io.CopyN(io.Discard, res.Body, maxDrain)
	a.Size += n
	a.Truncated = n > 0
	if err == io.EOF {
		return true, nil
	}
	return false, err
}
