package deliver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"os"
	"sync"
	"time"

	"hookglass/core"
)

// secure agrees on TLS over a connection. It returns what was seen of the other side even where it is refused, since
// that is what the user needs then.
func secure(ctx context.Context, nc net.Conn, r *route, key ResolveFunc) (_ *tls.Conn, seen string, err error) {
	config := &tls.Config{ServerName: r.name, InsecureSkipVerify: r.skipTLS}
	if r.caFile != "" {
		if config.RootCAs, err = trusted(r.caFile); err != nil {
			return nil, "", err
		}
	}
	if r.client.File != "" {
		cert, err := clientCert(r.client, key)
		if err != nil {
			return nil, "", err
		}
		config.Certificates = []tls.Certificate{cert}
	}
	config.VerifyConnection = func(state tls.ConnectionState) error {
		seen = describe(&state)
		return nil
	}
	c := tls.Client(nc, config)
	err = c.HandshakeContext(ctx)
	var refused *tls.CertificateVerificationError
	if seen == "" && errors.As(err, &refused) && len(refused.UnverifiedCertificates) > 0 {
		seen = "refused: " + subject(refused.UnverifiedCertificates[0])
	}
	return c, seen, err
}

// ResolveFunc finds the value of a secret.
type ResolveFunc func(core.SecretRef) (core.Secret, error)

// clientCert reads a certificate of ours and its key. The file is read for each connection, as that of an authority is.
func clientCert(c core.ClientCert, key ResolveFunc) (tls.Certificate, error) {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read the client certificate: %w", err)
	}
	secret := text
	if c.Key != "" {
		if key == nil {
			return tls.Certificate{}, errors.New("the key of the client certificate cannot be had here")
		}
		s, err := key(c.Key)
		if err != nil {
			return tls.Certificate{}, fmt.Errorf("the key of the client certificate: %w", err)
		}
		secret = s.Reveal()
	}
	cert, err := tls.X509KeyPair(text, secret)
	if err != nil {
		return cert, fmt.Errorf("the client certificate %s: %w; want PEM, and the key that belongs to it", c.File, err)
	}
	return cert, nil
}

// trusted is what the system trusts, and the certificates of a file. The file is read for each connection: a test
// set-up that makes a new one needs no restart.
func trusted(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the CA file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read the CA file %s: no PEM certificate in it", file)
	}
	return pool, nil
}

func describe(state *tls.ConnectionState) string {
	text := tls.VersionName(state.Version)
	if len(state.PeerCertificates) > 0 {
		text += ", " + subject(state.PeerCertificates[0])
	}
	return text
}

func subject(c *x509.Certificate) string {
	if name := c.Subject.String(); name != "" {
		return name
	}
	if len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	return "a certificate without subject"
}

// lookup times the name look-up inside a dial. The dialer may call it from several goroutines.
type lookup struct {
	mu         sync.Mutex
	start, end time.Time
}

func (l *lookup) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { l.mark(&l.start) },
		DNSDone:  func(httptrace.DNSDoneInfo) { l.mark(&l.end) },
	})
}

func (l *lookup) mark(at *time.Time) {
	l.mu.Lock()
	*at = time.Now()
	l.mu.Unlock()
}

func (l *lookup) took() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.start.IsZero() || l.end.Before(l.start) {
		return 0
	}
	return l.end.Sub(l.start)
}
