package relay

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"hookglass/core"
)

// Pin is what a certificate is known by where no authority vouches for it: the hash of its public key, which stays when the
// certificate is renewed with the same key.
func Pin(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return base64.RawStdEncoding.EncodeToString(sum[:])
}

// pinned accepts the one key and nothing else.
func pinned(pin string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, // in favour of what follows
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || Pin(s.PeerCertificates[0]) != pin {
				return errors.New("the broker has another certificate than the one in the invite")
			}
			return nil
		}}
}

// Trouble is why there is no connection, as the broker or the network says it.
type Trouble func(err error)

// dialling are the settings of every connection: it is taken up again for as long as the program runs.
func dialling(name string, changed func(*nats.Conn), trouble Trouble) []nats.Option {
	return []nats.Option{
		nats.Name(name), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(), nats.ReconnectBufSize(-1),
		nats.PingInterval(20 * time.Second), nats.MaxPingsOutstanding(2), nats.Timeout(10 * time.Second),
		nats.CustomReconnectDelay(func(attempts int) time.Duration {
			most := min(250*time.Millisecond<<min(attempts, 7), 30*time.Second)
			return most/2 + rand.N(most/2)
		}),
		nats.ConnectHandler(changed), nats.ReconnectHandler(changed),
		nats.DisconnectErrHandler(func(nc *nats.Conn, err error) {
			if err != nil {
				trouble(err)
			}
			changed(nc)
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { trouble(err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { trouble(err) }),
	}
}

// signing proves who connects with a seed.
func signing(seed core.Secret) (nats.Option, string, error) {
	kp, err := nkeys.FromSeed(seed.Reveal())
	if err != nil {
		return nil, "", fmt.Errorf("key: %w", err)
	}
	public, err := kp.PublicKey()
	if err != nil {
		return nil, "", fmt.Errorf("key: %w", err)
	}
	return nats.Nkey(public, kp.Sign), public, nil
}

// Credentials are what a hub connects to a cluster with: a file with an nkey seed, or one as nsc writes it.
type Credentials struct {
	Public string // of a seed; empty for the other kind
	option nats.Option
}

// ReadCredentials reads such a file. Where there is none, it makes one with a new seed, which only this user can read.
func ReadCredentials(path string) (Credentials, error) {
	bad := func(reason string) (Credentials, error) {
		return Credentials{}, &core.Invalid{Field: "--relay-creds", Reason: reason}
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		seed, _, err := NewKey()
		if err != nil {
			return Credentials{}, err
		}
		data = append(seed.Reveal(), '\n')
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return bad(err.Error() + "; name a file that can be written")
		}
	} else if err != nil {
		return bad(err.Error() + "; name a readable file")
	}
	if strings.Contains(string(data), "BEGIN NATS USER JWT") {
		return Credentials{option: nats.UserCredentials(path)}, nil
	}
	option, public, err := signing(core.Text(strings.TrimSpace(string(data))))
	if err != nil {
		return bad(path + " holds neither an nkey seed nor credentials of nsc")
	}
	return Credentials{public, option}, nil
}

// Dial connects a hub to a cluster. It returns at once: the connection comes when it comes.
func (c Credentials) Dial(urls []string, changed func(*nats.Conn), trouble Trouble) (*nats.Conn, error) {
	return nats.Connect(strings.Join(urls, ","), append(dialling("hookglass hub", changed, trouble), c.option)...)
}

// DialWithin connects a hub to the broker in its own program.
func DialWithin(seed core.Secret, broker nats.InProcessConnProvider, changed func(*nats.Conn), trouble Trouble) (*nats.Conn, error) {
	option, _, err := signing(seed)
	if err != nil {
		return nil, err
	}
	return nats.Connect("", append(dialling("hookglass hub", changed, trouble), option, nats.InProcessServer(broker))...)
}

// Dial connects a reader.
func (v Invite) Dial(changed func(*nats.Conn), trouble Trouble) (*nats.Conn, error) {
	option, _, err := signing(core.Text(v.Seed))
	if err != nil {
		return nil, err
	}
	all := append(dialling("hookglass reader "+v.Reader, changed, trouble), option)
	if v.Pin != "" {
		all = append(all, nats.Secure(pinned(v.Pin)))
	}
	return nats.Connect(strings.Join(v.URLs, ","), all...)
}

// request asks and waits for one answer.
func request(ctx context.Context, nc *nats.Conn, subject string, body []byte) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	return nc.RequestWithContext(ctx, subject, body)
}
