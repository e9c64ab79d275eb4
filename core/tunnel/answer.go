package tunnel

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
)

// errTooLong is what a handler gets whose answer does not fit through a tunnel.
var errTooLong = errors.New("write answer: longer than a tunnel can carry safely; shorten it")

// bounded is a request body that notes why reading it ended early.
type bounded struct {
	io.ReadCloser
	tooLong, tooSlow bool
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		var long *http.MaxBytesError
		var timeout net.Error
		b.tooLong = b.tooLong || errors.As(err, &long)
		b.tooSlow = b.tooSlow || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
	}
	return n, err
}

// answer is a response that ends at a limit.
type answer struct {
	http.ResponseWriter
	left       int64
	wrote, cut bool
}

func (a *answer) WriteHeader(status int) {
	a.wrote = a.wrote || status >= 200
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	a.wrote = true
	fits := p[:min(int64(len(p)), a.left)]
	n, err := a.ResponseWriter.Write(fits)
	a.left -= int64(n)
	if err == nil && len(fits) < len(p) {
		a.cut = true
		err = errTooLong
	}
	return n, err
}

// Unwrap lets http.ResponseController reach what the server's own writer can do.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) Flush() { http.NewResponseController(a.ResponseWriter).Flush() }

// Hijack hands over the connection, for faults that break an answer on purpose. The limit goes with it.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	a.wrote = true
	limited := &limitedConn{Conn: conn, left: a.left}
	return limited, bufio.NewReadWriter(rw.Reader, bufio.NewWriter(limited)), nil
}

// limitedConn is a connection that is closed when more is written than it may carry.
type limitedConn struct {
	net.Conn
	left int64
}

func (c *limitedConn) Write(p []byte) (int, error) {
	fits := p[:min(int64(len(p)), c.left)]
	n, err := c.Conn.Write(fits)
	c.left -= int64(n)
	if err == nil && len(fits) < len(p) {
		c.Close()
		err = errTooLong
	}
	return n, err
}

// NetConn is the connection underneath.
func (c *limitedConn) NetConn() net.Conn { return c.Conn }
