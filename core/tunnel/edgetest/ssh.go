package edgetest

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// SSHServer is a server that forwards to whoever signs in. All forwards share one port for visitors, and the latest
// one gets them. Its knobs may be turned at any time.
type SSHServer struct {
	Addr     string
	Password string // of any user

	visitors net.Listener

	mu      sync.Mutex
	agents  net.Listener // nil during an outage
	raw     map[net.Conn]bool
	conns   map[*ssh.ServerConn]bool
	current *sshForward // nil: nobody wants visitors
	hostKey ssh.Signer
	second  ssh.Signer      // nil: none
	keys    map[string]bool // accepted public keys, marshalled
	logins  int
	sender  string

	silent, mute, refuseLogin, refuseForward bool
	greet                                    func(url string) []string
}

type sshForward struct {
	conn *ssh.ServerConn
	addr string
	port uint32
}

// StartSSH runs a server until the test ends.
func StartSSH(tb testing.TB) *SSHServer {
	tb.Helper()
	s := &SSHServer{Password: "correct horse battery", raw: map[net.Conn]bool{}, conns: map[*ssh.ServerConn]bool{},
		keys: map[string]bool{}, sender: "198.51.100.7"}
	s.NewHostKey(tb)
	var err error
	if s.visitors, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	agents, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s.Addr = agents.Addr().String()
	s.open(agents)
	go s.serveVisitors()
	tb.Cleanup(func() {
		s.mu.Lock()
		l := s.agents
		s.mu.Unlock()
		if l != nil {
			l.Close()
		}
		s.visitors.Close()
		s.Drop()
	})
	return s
}

func (s *SSHServer) open(l net.Listener) {
	s.set(func() { s.agents = l })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
}

// Port is where the server listens for agents.
func (s *SSHServer) Port() int {
	_, port, _ := net.SplitHostPort(s.Addr)
	n, _ := strconv.Atoi(port)
	return n
}

// Public is where visitors come in.
func (s *SSHServer) Public() string { return s.visitors.Addr().String() }

// NewHostKey gives the server another identity.
func (s *SSHServer) NewHostKey(tb testing.TB) {
	tb.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	s.set(func() { s.hostKey, s.second = signer, nil })
}

// AddHostKey gives the server a second key, of the kind that clients like better.
func (s *SSHServer) AddHostKey(tb testing.TB) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	s.set(func() { s.second = signer })
}

// HostKey is the server's identity.
func (s *SSHServer) HostKey() ssh.PublicKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hostKey.PublicKey()
}

// Accept lets the owner of a key sign in.
func (s *SSHServer) Accept(key ssh.PublicKey) { s.set(func() { s.keys[string(key.Marshal())] = true }) }

// Silence leaves connections without a word.
func (s *SSHServer) Silence(on bool) { s.set(func() { s.silent = on }) }

// Mute leaves keepalives unanswered.
func (s *SSHServer) Mute(on bool) { s.set(func() { s.mute = on }) }

// RefuseLogin turns everybody away.
func (s *SSHServer) RefuseLogin(on bool) { s.set(func() { s.refuseLogin = on }) }

// RefuseForward says no to forwards.
func (s *SSHServer) RefuseForward(on bool) { s.set(func() { s.refuseForward = on }) }

// Sender sets where visitors seem to come from; services do not always write an IP address there.
func (s *SSHServer) Sender(host string) { s.set(func() { s.sender = host }) }

// Greet prints pieces of text to a shell.
func (s *SSHServer) Greet(f func(url string) []string) { s.set(func() { s.greet = f }) }

// Logins returns how often somebody signed in.
func (s *SSHServer) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Outage refuses connections from now on and breaks those there are, or ends that.
func (s *SSHServer) Outage(tb testing.TB, on bool) {
	tb.Helper()
	s.mu.Lock()
	l := s.agents
	s.agents = nil
	s.mu.Unlock()
	if on {
		l.Close()
		s.Drop()
		return
	}
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		tb.Fatal(err)
	}
	s.open(l)
}

// Drop breaks all connections.
func (s *SSHServer) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
	for conn := range s.raw {
		conn.Close()
	}
}

func (s *SSHServer) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// serve follows one agent until it is gone.
func (s *SSHServer) serve(raw net.Conn) {
	s.set(func() { s.raw[raw] = true })
	defer raw.Close()
	defer s.set(func() { delete(s.raw, raw) })
	s.mu.Lock()
	silent := s.silent
	s.mu.Unlock()
	if silent {
		io.Copy(io.Discard, raw)
		return
	}
	conn, channels, requests, err := ssh.NewServerConn(raw, s.config())
	if err != nil {
		return
	}
	s.set(func() { s.logins++ })
	go s.requests(conn, requests)
	for n := range channels {
		if n.ChannelType() != "session" {
			n.Reject(ssh.UnknownChannelType, "only sessions")
			continue
		}
		ch, reqs, err := n.Accept()
		if err == nil {
			go s.shell(ch, reqs)
		}
	}
	s.set(func() {
		if s.current != nil && s.current.conn == conn {
			s.current = nil
		}
	})
}

func (s *SSHServer) config() *ssh.ServerConfig {
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := errors.New("refused")
	c := &ssh.ServerConfig{
		PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.refuseLogin || string(password) != s.Password {
				return nil, refused
			}
			return nil, nil
		},
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.refuseLogin || !s.keys[string(key.Marshal())] {
				return nil, refused
			}
			return nil, nil
		},
	}
	c.AddHostKey(s.hostKey)
	if s.second != nil {
		c.AddHostKey(s.second)
	}
	return c
}

func (s *SSHServer) requests(conn *ssh.ServerConn, requests <-chan *ssh.Request) {
	for r := range requests {
		switch r.Type {
		case "tcpip-forward":
			s.forward(conn, r)
		default:
			s.mu.Lock()
			mute := s.mute
			s.mu.Unlock()
			if r.WantReply && !mute {
				r.Reply(false, nil)
			}
		}
	}
}

func (s *SSHServer) forward(conn *ssh.ServerConn, r *ssh.Request) {
	var asked struct {
		Addr string
		Port uint32
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuseForward || ssh.Unmarshal(r.Payload, &asked) != nil {
		r.Reply(false, nil)
		return
	}
	port := uint32(s.visitors.Addr().(*net.TCPAddr).Port)
	// As services do, it names an address of its own and not the one asked for.
	s.current = &sshForward{conn, "visitors.invalid", port}
	r.Reply(true, ssh.Marshal(struct{ Port uint32 }{port}))
}

func (s *SSHServer) shell(ch ssh.Channel, reqs <-chan *ssh.Request) {
	for r := range reqs {
		if r.WantReply {
			r.Reply(r.Type == "shell", nil)
		}
		s.mu.Lock()
		greet := s.greet
		s.mu.Unlock()
		if r.Type == "shell" && greet != nil {
			for _, piece := range greet("http://" + s.Public()) {
				io.WriteString(ch, piece)
			}
		}
	}
}

func (s *SSHServer) serveVisitors() {
	for {
		conn, err := s.visitors.Accept()
		if err != nil {
			return
		}
		go s.visit(conn)
	}
}

func (s *SSHServer) visit(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	f, sender := s.current, s.sender
	s.mu.Unlock()
	if f == nil {
		return
	}
	ch, reqs, err := f.conn.OpenChannel("forwarded-tcpip", ssh.Marshal(struct {
		Addr       string
		Port       uint32
		OriginAddr string
		OriginPort uint32
	}{f.addr, f.port, sender, 4444}))
	if err != nil {
		return
	}
	go ssh.DiscardRequests(reqs)
	go func() {
		io.Copy(ch, conn)
		ch.CloseWrite()
	}()
	io.Copy(conn, ch)
	ch.Close()
}

// Dial connects a visitor.
func (s *SSHServer) Dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", s.Public())
}

// Client visits the public side, whatever the host. What it takes for TLS ends before the server, as behind a
// reverse proxy.
func (s *SSHServer) Client() *http.Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return s.Dial(ctx) }
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, DialContext: dial, DialTLSContext: dial,
	}}
}
