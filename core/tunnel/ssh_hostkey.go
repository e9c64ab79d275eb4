package tunnel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// hostKeys decides whether an ssh server is the one it was: by the known hosts file, by what was accepted in this run, and
// else by asking. A changed key is never a question.
type hostKeys struct {
	file string
	ask  func(context.Context, HostKey) bool

	mu       sync.Mutex
	accepted map[string]ssh.PublicKey // by address
}

func newHostKeys(c Config) *hostKeys {
	return &hostKeys{file: c.SSH.KnownHosts, ask: c.AskHostKey, accepted: map[string]ssh.PublicKey{}}
}

// check is for one connection.
func (k *hostKeys) check(ctx context.Context) ssh.HostKeyCallback {
	return func(address string, remote net.Addr, key ssh.PublicKey) error {
		err := k.recall(address, remote, key)
		var unknown *knownhosts.KeyError
		var revoked *knownhosts.RevokedError
		shown := ssh.FingerprintSHA256(key)
		switch {
		case err == nil:
			return nil
		case errors.As(err, &revoked):
			return &coded{"host_key_revoked", errors.New("the server shows " + shown)}
		case errors.As(err, &unknown) && len(unknown.Want) > 0:
			return &coded{"host_key_changed", fmt.Errorf("the server shows %s %s; known are %s", key.Type(), shown, fingerprints(unknown.Want))}
		case !errors.As(err, &unknown):
			return fmt.Errorf("read known hosts: %w", err)
		case k.ask == nil || !k.ask(ctx, HostKey{address, key.Type(), shown}):
			return &coded{"host_key_unknown", errors.New("the server shows " + key.Type() + " " + shown)}
		}
		return k.accept(address, key)
	}
}

// recall returns nil for a known key, and otherwise what knownhosts says.
func (k *hostKeys) recall(address string, remote net.Addr, key ssh.PublicKey) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known, ok := k.accepted[address]; ok {
		if bytes.Equal(known.Marshal(), key.Marshal()) {
			return nil
		}
		return &knownhosts.KeyError{Want: []knownhosts.KnownKey{{Key: known}}}
	}
	if k.file == "" {
		return &knownhosts.KeyError{}
	}
	look, err := knownhosts.New(k.file)
	if errors.Is(err, os.ErrNotExist) {
		return &knownhosts.KeyError{}
	}
	if err != nil {
		return err
	}
	return look(address, remote, key)
}

// accept remembers a key for this run and, where there is a file, for ever.
func (k *hostKeys) accept(address string, key ssh.PublicKey) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.accepted[address] = key
	if k.file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(k.file), 0o700); err != nil {
		return fmt.Errorf("write known hosts: %w", err)
	}
	f, err := os.OpenFile(k.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write known hosts: %w", err)
	}
	_, err = fmt.Fprintln(f, knownhosts.Line([]string{knownhosts.Normalize(address)}, key))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write known hosts: %w", err)
	}
	return nil
}

// algorithms are the kinds of key to ask the server for. Without this a server with several keys may show one that is not
// in the file, which looks like a changed key.
func (k *hostKeys) algorithms(address string) []string {
	var known *knownhosts.KeyError
	if !errors.As(k.recall(address, unknownAddr{}, noKey{}), &known) {
		return nil
	}
	var kinds []string
	for _, w := range known.Want {
		if kind := w.Key.Type(); kind == ssh.KeyAlgoRSA {
			kinds = append(kinds, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		} else {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func fingerprints(known []knownhosts.KnownKey) string {
	var b bytes.Buffer
	for i, w := range known {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(w.Key.Type() + " " + ssh.FingerprintSHA256(w.Key))
		if w.Filename != "" {
			fmt.Fprintf(&b, " (line %d)", w.Line)
		}
	}
	return b.String()
}

// noKey fits no line of a file, so that a look-up for it tells what would fit.
type noKey struct{}

func (noKey) Type() string                        { return "none" }
func (noKey) Marshal() []byte                     { return []byte("none") }
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("no key") }

// unknownAddr stands for an address that was not resolved.
type unknownAddr struct{}

func (unknownAddr) Network() string { return "tcp" }
func (unknownAddr) String() string  { return "0.0.0.0:0" }
