// Package broker is the nats-server within the program, for a team that runs none. It listens for readers alone: no cluster, no leaf
// nodes, no monitoring.
package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"hookglass/core"
	"hookglass/core/cert"
	"hookglass/core/relay"
)

// Broker is a server that runs.
type Broker struct {
	*server.Server
	settings relay.BrokerSettings
	pin      string
	file     string
	read     int64 // how often the settings were read
}

// Start is relay.StartBroker.
func Start(ctx context.Context, s relay.BrokerSettings) (relay.Broker, error) {
	b := &Broker{settings: s, file: filepath.Join(s.Dir, "nats.conf")}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, &core.Invalid{Field: "--hub", Reason: err.Error() + "; name a folder that can be written"}
	}
	if err := b.certify(); err != nil {
		return nil, err
	}
	opt, err := b.options(s.Accounts)
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", s.Addr) // so that a port that is taken is told as what it is
	if err != nil {
		return nil, &core.Invalid{Field: "--hub-addr", Reason: err.Error() + "; choose another with --hub-addr HOST:PORT"}
	}
	ln.Close()
	if b.Server, err = server.NewServer(opt); err != nil {
		return nil, fmt.Errorf("start the hub's broker: %w", err)
	}
	b.Server.SetLogger(&logger{s.Log}, false, false)
	go b.Server.Start()
	for began := time.Now(); !b.Server.ReadyForConnections(200 * time.Millisecond); {
		if err := ctx.Err(); err != nil || time.Since(began) > time.Minute {
			b.End()
			return nil, errors.Join(errors.New("the hub's broker did not begin in a minute; see --verbose"), err)
		}
	}
	return b, nil
}

// End stops the broker, and returns when all that it took is on disk.
func (b *Broker) End() {
	b.Server.Shutdown()
	b.Server.WaitForShutdown()
}

// Allow puts other accounts in force, at once and for those who are connected, too. The server gives an account that is new to it
// its imports only when it reads its settings a second time.
func (b *Broker) Allow(accounts string) error {
	for range 2 {
		opt, err := b.options(accounts)
		if err != nil {
			return err
		}
		if err := b.Server.ReloadOptions(opt); err != nil {
			return fmt.Errorf("put the readers in force: %w", err)
		}
	}
	return nil
}

// Pin is the hash of the public key that readers are to expect, or "" where an authority vouches for the certificate.
func (b *Broker) Pin() string { return b.pin }

// Port is where it listens.
func (b *Broker) Port() string {
	if a, ok := b.Server.Addr().(*net.TCPAddr); ok {
		return strconv.Itoa(a.Port)
	}
	return ""
}

// options writes the settings as a nats-server reads them, and has it read them.
func (b *Broker) options(accounts string) (*server.Options, error) {
	s := b.settings
	text := fmt.Sprintf(`# Written by Hookglass at each start and at each change of the readers.
server_name: hookglass-hub
listen: %q
max_connections: 1024
jetstream { store_dir: %q, sync_interval: always }
tls { cert_file: %q, key_file: %q, timeout: 10 }
%s`, s.Addr, filepath.Join(s.Dir, "jetstream"), s.Cert, s.Key, accounts)
	if err := os.WriteFile(b.file+".new", []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("write the hub's settings: %w", err)
	}
	if err := os.Rename(b.file+".new", b.file); err != nil {
		return nil, fmt.Errorf("write the hub's settings: %w", err)
	}
	opt, err := server.ProcessConfigFile(b.file)
	if err != nil {
		return nil, fmt.Errorf("the hub's settings: %w", err)
	}
	opt.NoSigs, opt.NoLog = true, s.Log == nil
	// The server looks for what changed by comparing settings in depth, accounts of keys with all that happens in them, which is a
	// race. Where a field before the account differs, it looks no further. Issued counts for tokens alone, and there are none.
	b.read++
	for _, k := range opt.Nkeys {
		k.Issued = b.read
	}
	if _, port, _ := net.SplitHostPort(s.Addr); port == "0" { // any port, and the same again when the settings are read anew
		opt.Port = server.RANDOM_PORT
		if b.Server != nil {
			opt.Port, _ = strconv.Atoi(b.Port())
		}
	}
	return opt, nil
}

// certify finds the certificate, and makes one where none is given.
func (b *Broker) certify() error {
	s := &b.settings
	if (s.Cert == "") != (s.Key == "") {
		return &core.Invalid{Field: "--hub-key", Reason: "--hub-cert and --hub-key belong together; give both, or neither for a certificate of its own"}
	}
	if s.Cert == "" {
		s.Cert, s.Key = filepath.Join(s.Dir, "hub.crt"), filepath.Join(s.Dir, "hub.key")
		if _, err := os.Stat(s.Cert); errors.Is(err, fs.ErrNotExist) {
			if err := ownCertificate(s.Cert, s.Key); err != nil {
				return fmt.Errorf("make the hub's certificate: %w", err)
			}
		}
	}
	pair, err := tls.LoadX509KeyPair(s.Cert, s.Key)
	if err != nil {
		return &core.Invalid{Field: "--hub-cert", Reason: err.Error() + "; give a certificate and its key as PEM files"}
	}
	leaf := pair.Leaf
	between := x509.NewCertPool()
	for _, der := range pair.Certificate[1:] {
		if c, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(c)
		}
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Intermediates: between}); err != nil {
		b.pin = relay.Pin(leaf)
	}
	return nil
}

// ownCertificate makes a certificate for nobody in particular: who knows its key's hash knows the hub.
func ownCertificate(certFile, keyFile string) error {
	_, err := cert.Own(&x509.Certificate{Subject: pkix.Name{CommonName: "Hookglass hub"}, DNSNames: []string{"hookglass-hub"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(20, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, certFile, keyFile)
	return err
}

// logger hands the server's lines on.
type logger struct{ log *slog.Logger }

func (l *logger) say(level slog.Level, format string, v []any) {
	if l.log != nil {
		l.log.Log(context.Background(), level, "hub.broker", "line", strings.TrimSpace(fmt.Sprintf(format, v...)))
	}
}

func (l *logger) Noticef(format string, v ...any) { l.say(slog.LevelDebug, format, v) }
func (l *logger) Warnf(format string, v ...any)   { l.say(slog.LevelInfo, format, v) }
func (l *logger) Errorf(format string, v ...any)  { l.say(slog.LevelWarn, format, v) }
func (l *logger) Fatalf(format string, v ...any)  { l.say(slog.LevelError, format, v) }
func (l *logger) Debugf(format string, v ...any)  {}
func (l *logger) Tracef(format string, v ...any)  {}
