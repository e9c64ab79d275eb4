package edgetest

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"

	"golang.ngrok.com/muxado/v2"
)

// The public side finds the endpoint by the name in the TLS greeting and hands everything on byte for byte, so that a
// test can send what no HTTP library would. Only the forwarding headers are put in, as ngrok does.

func (e *Edge) servePublic() {
	for {
		conn, err := e.public.Accept()
		if err != nil {
			return
		}
		go e.visit(conn.(*tls.Conn))
	}
}

func (e *Edge) visit(conn *tls.Conn) {
	defer conn.Close()
	if conn.Handshake() != nil {
		return
	}
	host := conn.ConnectionState().ServerName
	in := bufio.NewReader(conn)
	first, err := in.ReadString('\n')
	if err != nil {
		return
	}
	stream, sender, err := e.stream(host)
	if err != nil {
		refuse(conn, in, "404 Not Found", "ERR_NGROK_3200")
		return
	}
	ip, _, _ := net.SplitHostPort(sender)
	fmt.Fprintf(stream, "%sX-Forwarded-For: %s\r\nX-Forwarded-Host: %s\r\nX-Forwarded-Proto: https\r\n", first, ip, host)
	go func() {
		io.Copy(stream, in)
		stream.CloseWrite()
	}()
	if n, _ := io.Copy(conn, stream); n == 0 {
		refuse(conn, in, "502 Bad Gateway", "ERR_NGROK_3004")
	}
	go stream.Close() // it waits for a writer that waits for its reader
}

// stream opens a way to the agent of a host.
func (e *Edge) stream(host string) (muxado.Stream, string, error) {
	e.mu.Lock()
	p, sender := e.endpoints[host], e.sender
	e.mu.Unlock()
	if p == nil {
		return nil, "", fmt.Errorf("no endpoint %q", host)
	}
	stream, err := p.session.mux.OpenTypedStream(proxyStream)
	if err != nil {
		return nil, "", err
	}
	return stream, sender, proxyHead{ID: p.id, ClientAddr: sender, Proto: "https", EdgeType: "0"}.writeTo(stream)
}

func refuse(conn io.Writer, in *bufio.Reader, status, code string) {
	fmt.Fprintf(conn, "HTTP/1.1 %s\r\nNgrok-Error-Code: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status, code)
	in.Discard(in.Buffered())
}

// Dial connects a visitor to a host.
func (e *Edge) Dial(ctx context.Context, host string) (net.Conn, error) {
	d := tls.Dialer{Config: &tls.Config{RootCAs: e.authority.pool, ServerName: host}}
	return d.DialContext(ctx, "tcp", e.public.Addr().String())
}

// Client visits the public side, whatever the host.
func (e *Edge) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		DialTLSContext: func(ctx context.Context, _, addr string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			return e.Dial(ctx, host)
		},
	}}
}
