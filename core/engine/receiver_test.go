package engine_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"hookglass/core"
)

// step is what a receiver does with one request.
type step struct {
	Status  int
	Headers map[string]string
	Body    string
	DelayS  float64 `json:"delay_s"`
	Refuse  bool
}

// receiver stands for the developer's own endpoint, behind TLS: https://receiver.test. It reads what it is sent from
// the socket itself, so that order and spelling of the header are seen, and answers by its script, the last step
// again and again.
type receiver struct {
	ln, selfSigned net.Listener

	mu     sync.Mutex
	script []step
	got    []core.Request
	other  []string // addresses that nobody should have called
}

func newReceiver(t testing.TB, ca *authority, script []step) *receiver {
	t.Helper()
	if len(script) == 0 {
		script = []step{{Status: 200}}
	}
	r := &receiver{script: script}
	r.ln = r.listen(t, ca.issue(t, "receiver.test"))
	r.selfSigned = r.listen(t, newAuthority(t).issue(t, "selfsigned.test"))
	return r
}

func (r *receiver) listen(t testing.TB, certificate tls.Certificate) net.Listener {
	t.Helper()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { r.serve(ctx, c) })
		}
	}()
	t.Cleanup(func() { cancel(); ln.Close(); conns.Wait() })
	return ln
}

// dial is the engine's way to the network: three names, and nothing else.
func (r *receiver) dial(ctx context.Context, network, address string) (net.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to := r.ln
	switch address {
	case "receiver.test:443":
		if r.script[0].Refuse {
			r.advance()
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
	case "selfsigned.test:443":
		to = r.selfSigned
	default:
		r.other = append(r.other, address)
		return nil, fmt.Errorf("no such host: %s", address)
	}
	return new(net.Dialer).DialContext(ctx, network, to.Addr().String())
}

func (r *receiver) advance() step {
	s := r.script[0]
	if len(r.script) > 1 {
		r.script = r.script[1:]
	}
	return s
}

func (r *receiver) serve(ctx context.Context, c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	in := bufio.NewReader(c)
	for {
		req, err := readRequest(in)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.got = append(r.got, req)
		s := r.advance()
		r.mu.Unlock()
		if s.DelayS > 0 { // longer than the sender waits: the connection closes under us, or the test ends
			select {
			case <-time.After(time.Duration(s.DelayS * float64(time.Second))):
			case <-ctx.Done():
			}
			return
		}
		out := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Length: %d\r\n", s.Status, http.StatusText(s.Status), len(s.Body))
		for name, value := range s.Headers {
			out += name + ": " + value + "\r\n"
		}
		if _, err := io.WriteString(c, out+"\r\n"+s.Body); err != nil {
			return
		}
	}
}

// readRequest reads a request as it is.
func readRequest(in *bufio.Reader) (core.Request, error) {
	var r core.Request
	for {
		line, err := in.ReadBytes('\n')
		r.Head = append(r.Head, line...)
		if err != nil {
			return r, err
		}
		if string(line) == "\r\n" {
			break
		}
	}
	r.Header = core.ParseHead(r.Head)
	fmt.Sscan(string(r.Head), &r.Method, &r.Target)
	n, err := strconv.Atoi(r.Header.Get("Content-Length"))
	if err != nil {
		return r, fmt.Errorf("a request without Content-Length: %q", r.Head)
	}
	r.Body = make([]byte, n)
	_, err = io.ReadFull(in, r.Body)
	return r, err
}

// requests are what came so far.
func (r *receiver) requests() []core.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]core.Request(nil), r.got...)
}

// strangers are the addresses that were called and should not have been.
func (r *receiver) strangers() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.other...)
}

// authority issues certificates that who trusts its file accepts.
type authority struct {
	file string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a, err := makeAuthority(filepath.Join(t.TempDir(), "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// trusted is the authority that the whole test program takes for one of the system's. Go reads those once, at the first
// handshake of any test, so it is made before all of them.
var trusted *authority

func trustAuthority() (clean func(), err error) {
	dir, err := os.MkdirTemp("", "authority")
	if err != nil {
		return nil, err
	}
	if trusted, err = makeAuthority(filepath.Join(dir, "ca.pem")); err != nil {
		return nil, err
	}
	return func() { os.RemoveAll(dir) }, os.Setenv("SSL_CERT_FILE", trusted.file)
}

func makeAuthority(file string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority of this test"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	return &authority{file, cert, key}, nil
}

func (a *authority) issue(t testing.TB, host string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
