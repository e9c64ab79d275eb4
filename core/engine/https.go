package engine

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/cert"
)

// HTTPS says with which certificate the sources are reached over TLS. The zero value: they are not.
type HTTPS struct {
	CertFile string `json:"cert_file,omitempty"` // PEM; with KeyFile or none
	KeyFile  string `json:"key_file,omitempty"`
	Own      bool   `json:"own,omitempty"` // a certificate of an authority of our own, which is made once and kept in the home folder
}

// secured is what a listener over TLS needs.
type secured struct {
	config    *tls.Config
	authority string // the file of our own authority; empty: the certificate is the user's
}

// Authority is the file of the certificate that senders have to trust, where the sources are reached with one of our own.
func (e *Engine) Authority() string {
	if s := e.Address.secure.Load(); s != nil {
		return s.authority
	}
	return ""
}

// serve answers requests to the sources on this machine's listener, over TLS where that is wanted.
func (s *secured) serve(ctx context.Context, sources *capture.Server, ln net.Listener) error {
	if s == nil {
		return sources.Serve(ctx, ln, capture.Way{})
	}
	return sources.Serve(ctx, tls.NewListener(ln, s.config), capture.Way{TLS: true})
}

// prepare reads the certificate, or makes one. It is nil where the sources are reached over plain HTTP.
func (h HTTPS) prepare(home string, now time.Time) (*secured, error) {
	var cert tls.Certificate
	var err error
	s := &secured{}
	switch {
	case h.CertFile == "" && h.KeyFile == "" && !h.Own:
		return nil, nil
	case h.Own && h.CertFile+h.KeyFile != "":
		return nil, &core.Invalid{Field: "--tls", Reason: "stands beside --tls-cert or --tls-key; want our certificate or yours"}
	case h.Own:
		if s.authority, cert, err = ownCertificate(filepath.Join(home, "tls"), now); err != nil {
			return nil, err
		}
	case h.CertFile == "":
		return nil, &core.Invalid{Field: "--tls-cert", Reason: "is missing; name the PEM file of the certificate, its chain behind it"}
	case h.KeyFile == "":
		return nil, &core.Invalid{Field: "--tls-key", Reason: "is missing; name the PEM file of the certificate's key"}
	default:
		if cert, err = tls.LoadX509KeyPair(h.CertFile, h.KeyFile); err != nil {
			return nil, &core.Invalid{Field: "--tls-cert", Reason: err.Error() + "; want two PEM files that belong together"}
		}
	}
	// HTTP/2 has no head that could be kept byte for byte, so it is not offered.
	s.config = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	return s, nil
}

const (
	authorityYears  = 10
	certificateDays = 90 // of what the authority signs; it is made anew at each start
)

// ownCertificate is a certificate for this machine, by the authority in folder, which is made where there is none.
func ownCertificate(folder string, now time.Time) (authority string, own tls.Certificate, err error) {
	authority = filepath.Join(folder, "ca.pem")
	ca, err := tls.LoadX509KeyPair(authority, filepath.Join(folder, "ca-key.pem"))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && ca.Leaf.NotAfter.Before(now.Add(certificateDays*24*time.Hour)):
		if ca, err = newAuthority(folder, now); err != nil {
			return "", own, fmt.Errorf("make an authority for HTTPS: %w", err)
		}
	case err != nil:
		return "", own, &core.Invalid{Field: "--tls", Reason: fmt.Sprintf("%s cannot be read: %v; remove that folder, and trust the authority that is made anew", folder, err)}
	}
	form := &x509.Certificate{SerialNumber: cert.Serial(), Subject: pkix.Name{CommonName: "Hookglass on this machine"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(certificateDays * 24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: names(), IPAddresses: addresses()}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", own, err
	}
	raw, err := x509.CreateCertificate(rand.Reader, form, ca.Leaf, &key.PublicKey, ca.PrivateKey)
	if err != nil {
		return "", own, fmt.Errorf("make a certificate for HTTPS: %w", err)
	}
	return authority, tls.Certificate{Certificate: [][]byte{raw, ca.Certificate[0]}, PrivateKey: key}, nil
}

// newAuthority makes an authority. It can speak for this machine and private networks alone, so that its key is worth little to
// others; the files are the user's own to read.
func newAuthority(folder string, now time.Time) (tls.Certificate, error) {
	form := &x509.Certificate{Subject: pkix.Name{CommonName: "Hookglass of " + hostName(), Organization: []string{"Hookglass"}}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(authorityYears, 0, 0), IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: names()}
	for _, network := range []string{"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"} {
		_, n, err := net.ParseCIDR(network)
		if err != nil {
			return tls.Certificate{}, err
		}
		form.PermittedIPRanges = append(form.PermittedIPRanges, n)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return tls.Certificate{}, err
	}
	return cert.Own(form, filepath.Join(folder, "ca.pem"), filepath.Join(folder, "ca-key.pem"))
}

func hostName() string {
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}

// names are those by which this machine is called.
func names() []string {
	if name := hostName(); name != "localhost" {
		return []string{"localhost", name}
	}
	return []string{"localhost"}
}

// addresses are the numbers of this machine that the authority may speak for.
func addresses() []net.IP {
	out := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	all, _ := net.InterfaceAddrs() // without them it is reached by loopback
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && (n.IP.IsPrivate() || n.IP.IsLinkLocalUnicast()) {
			out = append(out, n.IP)
		}
	}
	return out
}

// TrustWay is how one kind of sender comes to trust an authority.
type TrustWay struct {
	Where   string // "curl"
	System  string // the operating system whose store it is; empty: a sender's own way
	Command string
}

// TrustWays are all of them: senders that are told of a file, then the stores of systems.
func TrustWays(file string) []TrustWay {
	return []TrustWay{
		{"curl", "", "curl --cacert " + file + " …"},
		{"Node", "", "NODE_EXTRA_CA_CERTS=" + file + " node …"},
		{"Python", "", "REQUESTS_CA_BUNDLE=" + file + " python …"},
		{"Go", "", "SSL_CERT_FILE=" + file + " go run …"},
		{"Debian, Ubuntu", "linux", "sudo cp " + file + " /usr/local/share/ca-certificates/hookglass.crt && sudo update-ca-certificates"},
		{"macOS", "darwin", "security add-trusted-cert -k ~/Library/Keychains/login.keychain-db " + file},
		{"Windows", "windows", "certutil -user -addstore Root " + file},
	}
}

// TrustWords say how senders come to trust an authority, for a terminal.
func TrustWords(file string) []string {
	words := []string{"the certificate is by an authority that Hookglass made for this machine: " + file}
	for _, way := range TrustWays(file) {
		words = append(words, "  "+way.Where+": "+way.Command)
	}
	return append(words, "it speaks for this machine and private networks alone; remove its folder to be rid of it")
}
