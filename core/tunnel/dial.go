package tunnel

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/proxy"
)

// pauses are the waits between tries: short at first, because most outages are, then ever longer.
var pauses = [...]time.Duration{
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, time.Second, 2 * time.Second, 2 * time.Second,
	5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
}

func pause(failures int) time.Duration { return pauses[min(max(failures, 1), len(pauses))-1] }

// closedWithin reports whether c is closed before d has passed.
func closedWithin(c <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-c:
		return true
	case <-t.C:
		return false
	}
}

// dialer opens connections to a provider, through a proxy where one is set.
type dialer struct {
	net   net.Dialer
	proxy *url.URL // nil: none
}

func newDialer(c Config) dialer {
	d := dialer{net: net.Dialer{Timeout: c.Timing.Answer}}
	if c.Proxy != "" {
		d.proxy, _ = url.Parse(c.Proxy) // checked
	}
	return d
}

func (d dialer) dial(ctx context.Context, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.net.Timeout)
	defer cancel()
	switch {
	case d.proxy == nil:
		return d.net.DialContext(ctx, "tcp", addr)
	case d.proxy.Scheme == "http" || d.proxy.Scheme == "https":
		return d.connect(ctx, addr)
	default:
		return d.socks(ctx, addr)
	}
}

func (d dialer) socks(ctx context.Context, addr string) (net.Conn, error) {
	var login *proxy.Auth
	if u := d.proxy.User; u != nil {
		password, _ := u.Password()
		login = &proxy.Auth{User: u.Username(), Password: password}
	}
	s, err := proxy.SOCKS5("tcp", d.proxyAddr("1080"), login, &d.net)
	if err != nil {
		return nil, &coded{"proxy", err}
	}
	conn, err := s.(proxy.ContextDialer).DialContext(ctx, "tcp", addr)
	if err != nil && ctx.Err() != context.Canceled {
		return nil, &coded{"proxy", err}
	}
	return conn, err
}

// connect asks an HTTP proxy for a connection. The ngrok client knows only SOCKS.
func (d dialer) connect(ctx context.Context, addr string) (net.Conn, error) {
	port := "80"
	if d.proxy.Scheme == "https" {
		port = "443"
	}
	conn, err := d.net.DialContext(ctx, "tcp", d.proxyAddr(port))
	if err != nil {
		return nil, &coded{"proxy", err}
	}
	if d.proxy.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: d.proxy.Hostname()})
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	through, err := ask(conn, d.proxy, addr)
	if !stop() && err == nil { // the deadline struck while the answer came
		err = &coded{"proxy", ctx.Err()}
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return through, nil
}

// ask speaks the CONNECT request on conn.
func ask(conn net.Conn, via *url.URL, addr string) (net.Conn, error) {
	r := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: http.Header{}}
	if u := via.User; u != nil {
		password, _ := u.Password()
		r.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := r.Write(conn); err != nil {
		return nil, &coded{"proxy", err}
	}
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, r)
	if err != nil {
		return nil, &coded{"proxy", err}
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return &readAhead{Conn: conn, in: in}, nil
	case http.StatusProxyAuthRequired:
		return nil, &coded{"proxy_login", errors.New(resp.Status)}
	}
	return nil, &coded{"proxy_refused", fmt.Errorf("the proxy answered %s", resp.Status)}
}

func (d dialer) proxyAddr(port string) string {
	if p := d.proxy.Port(); p != "" {
		port = p
	}
	return net.JoinHostPort(d.proxy.Hostname(), port)
}

// readAhead is a connection whose first bytes were already read.
type readAhead struct {
	net.Conn
	in *bufio.Reader
}

func (c *readAhead) Read(p []byte) (int, error) { return c.in.Read(p) }
