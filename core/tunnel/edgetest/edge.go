package edgetest

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.ngrok.com/muxado/v2"
)

// Edge is a stand-in for ngrok's edge. Its knobs may be turned at any time.
type Edge struct {
	Addr   string // where agents connect
	CAFile string // what they must trust

	authority authority
	public    net.Listener

	mu        sync.Mutex
	agents    net.Listener // nil during an outage
	sessions  map[*session]bool
	endpoints map[string]*endpoint // by host
	tokens    map[string]string    // host by the token given with it: who may have it again
	auths     []Auth
	binds     []Bind
	unbinds   int
	sender    string

	silent     bool
	mute       bool
	refuseAuth func(Auth) string
	refuseBind func(Bind) string
}

type endpoint struct {
	id      string
	session *session
}

// session is one agent's connection.
type session struct {
	edge *Edge
	conn net.Conn
	mux  muxado.TypedStreamSession
}

// Start runs an edge until the test ends.
func Start(tb testing.TB) *Edge {
	tb.Helper()
	e := &Edge{
		authority: newAuthority(tb), sessions: map[*session]bool{}, endpoints: map[string]*endpoint{},
		tokens: map[string]string{}, sender: "203.0.113.9:4444",
	}
	e.CAFile = e.authority.file
	agents, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	e.Addr = agents.Addr().String()
	if e.public, err = tls.Listen("tcp", "127.0.0.1:0", e.tls()); err != nil {
		tb.Fatal(err)
	}
	e.open(agents)
	go e.servePublic()
	tb.Cleanup(e.close)
	return e
}

func (e *Edge) tls() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{e.authority.leaf}, MinVersion: tls.VersionTLS12}
}

func (e *Edge) open(l net.Listener) {
	e.mu.Lock()
	e.agents = l
	e.mu.Unlock()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go e.serve(tls.Server(conn, e.tls()))
		}
	}()
}

func (e *Edge) close() {
	e.mu.Lock()
	l := e.agents
	e.mu.Unlock()
	if l != nil {
		l.Close()
	}
	e.public.Close()
	e.Drop()
}

// Roots is what agents and visitors must trust.
func (e *Edge) Roots() *x509.CertPool { return e.authority.pool }

// Outage refuses connections from now on and breaks those there are, or ends that.
func (e *Edge) Outage(tb testing.TB, on bool) {
	tb.Helper()
	e.mu.Lock()
	l := e.agents
	e.agents = nil
	e.mu.Unlock()
	if on {
		l.Close()
		e.Drop()
		return
	}
	l, err := net.Listen("tcp", e.Addr)
	if err != nil {
		tb.Fatal(err)
	}
	e.open(l)
}

// Silence leaves sign-ins unanswered.
func (e *Edge) Silence(on bool) { e.set(func() { e.silent = on }) }

// MuteHeartbeats leaves heartbeats unanswered, as a connection does that is dead without knowing.
func (e *Edge) MuteHeartbeats(on bool) { e.set(func() { e.mute = on }) }

// RefuseAuth answers sign-ins with what f returns; "" accepts, and so does a nil f.
func (e *Edge) RefuseAuth(f func(Auth) string) { e.set(func() { e.refuseAuth = f }) }

// RefuseBind answers requests for an address with what f returns; "" accepts, and so does a nil f.
func (e *Edge) RefuseBind(f func(Bind) string) { e.set(func() { e.refuseBind = f }) }

// Sender sets the address that visitors seem to come from.
func (e *Edge) Sender(addr string) { e.set(func() { e.sender = addr }) }

func (e *Edge) set(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
}

// Drop breaks the connections of all agents.
func (e *Edge) Drop() {
	for _, s := range e.all() {
		e.forget(s)
		s.conn.(*tls.Conn).NetConn().Close()
	}
}

// GoAway ends the sessions of all agents in order.
func (e *Edge) GoAway() {
	for _, s := range e.all() {
		e.forget(s)
		s.mux.Close()
	}
}

// StopTunnel ends the endpoint of a host and leaves its session.
func (e *Edge) StopTunnel(tb testing.TB, host, code, message string) {
	tb.Helper()
	e.mu.Lock()
	p := e.endpoints[host]
	delete(e.endpoints, host)
	e.mu.Unlock()
	if p == nil {
		tb.Fatalf("no endpoint %q", host)
	}
	stream, err := p.session.mux.OpenTypedStream(stopTunnel)
	if err != nil {
		tb.Fatal(err)
	}
	json.NewEncoder(stream).Encode(stopNotice{p.id, message, code})
}

// Command sends a command of the dashboard to all agents. Nothing answers where it is not supported.
func (e *Edge) Command(tb testing.TB, kind muxado.StreamType) {
	tb.Helper()
	for _, s := range e.all() {
		stream, err := s.mux.OpenTypedStream(kind)
		if err != nil {
			tb.Fatal(err)
		}
		io.WriteString(stream, "{}\n")
	}
}

// Auths returns the sign-ins so far.
func (e *Edge) Auths() []Auth {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.auths)
}

// Binds returns the requests for an address so far.
func (e *Edge) Binds() []Bind {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.binds)
}

// Unbinds returns how many addresses were given back.
func (e *Edge) Unbinds() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.unbinds
}

// Sessions returns how many agents are connected.
func (e *Edge) Sessions() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.sessions)
}

func (e *Edge) all() []*session {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []*session
	for s := range e.sessions {
		all = append(all, s)
	}
	return all
}

// serve follows one agent until it is gone.
func (e *Edge) serve(conn *tls.Conn) {
	if err := conn.Handshake(); err != nil {
		conn.Close()
		return
	}
	s := &session{e, conn, muxado.NewTypedStreamSession(muxado.Server(conn, nil))}
	e.mu.Lock()
	e.sessions[s] = true
	e.mu.Unlock()
	defer conn.Close()
	defer s.mux.Close()
	defer e.forget(s)
	for {
		stream, err := s.mux.AcceptTypedStream()
		if err != nil {
			return
		}
		go s.answer(stream)
	}
}

// forget takes a session's endpoints offline, which must be before its agent asks for them again.
func (e *Edge) forget(s *session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.sessions, s)
	for host, p := range e.endpoints {
		if p.session == s {
			delete(e.endpoints, host)
		}
	}
}

func (s *session) answer(stream muxado.TypedStream) {
	defer stream.Close()
	switch stream.StreamType() {
	case heartbeatStream:
		s.beat(stream)
	case authStream:
		reply(stream, s.edge.auth)
	case bindStream:
		reply(stream, s.bind)
	case unbindStream:
		reply(stream, s.unbind)
	case srvInfoStream:
		reply(stream, func(struct{}) any { return srvInfo{"lo"} })
	}
}

// reply answers one JSON value with another; no answer is silence until the agent goes away.
func reply[T any](stream io.ReadWriter, answer func(T) any) {
	var asked T
	if json.NewDecoder(stream).Decode(&asked) != nil {
		return
	}
	if said := answer(asked); said != nil {
		json.NewEncoder(stream).Encode(said)
		return
	}
	io.Copy(io.Discard, stream)
}

func (s *session) beat(stream io.ReadWriter) {
	var b [4]byte
	for {
		if _, err := io.ReadFull(stream, b[:]); err != nil {
			return
		}
		s.edge.mu.Lock()
		mute := s.edge.mute
		s.edge.mu.Unlock()
		if !mute {
			stream.Write(b[:])
		}
	}
}

func (e *Edge) auth(a Auth) any {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.auths = append(e.auths, a)
	if e.silent {
		return nil
	}
	if e.refuseAuth != nil {
		if why := e.refuseAuth(a); why != "" {
			return authAnswer{Error: why}
		}
	}
	id := a.ClientID
	if id == "" {
		id = random()
	}
	return authAnswer{Version: "3", ClientID: id, Extra: authAnswerExtra{
		Version: "edgetest", Region: "lo", Cookie: "cookie-" + id, AccountName: "Lab", PlanName: "Free", AgentSessionID: "ts_" + id,
	}}
}

func (s *session) bind(b Bind) any {
	e := s.edge
	e.mu.Lock()
	defer e.mu.Unlock()
	e.binds = append(e.binds, b)
	if e.refuseBind != nil {
		if why := e.refuseBind(b); why != "" {
			return failure{why}
		}
	}
	host := e.hostFor(b)
	if e.endpoints[host] != nil {
		return failure{"The endpoint 'https://" + host + "' is already online.\r\n\r\nERR_NGROK_334\r\n"}
	}
	if b.ID == "" {
		b.ID = random()
	}
	e.endpoints[host] = &endpoint{b.ID, s}
	token := random()
	e.tokens[token] = host
	return bindAnswer{ID: b.ID, URL: "https://" + host, Proto: "https", Opts: b.Opts, Extra: bindAnswerExtra{token, "tn_" + b.ID}}
}

// hostFor gives what was asked for, what the token stands for, or a new host.
func (e *Edge) hostFor(b Bind) string {
	if u, err := url.Parse(b.Opts.URL); err == nil && u.Host != "" {
		return strings.ToLower(u.Host)
	}
	if host, ok := e.tokens[b.Extra.Token]; ok {
		return host
	}
	return random() + "." + Domain
}

func (s *session) unbind(u unbind) any {
	s.edge.mu.Lock()
	defer s.edge.mu.Unlock()
	s.edge.unbinds++
	for host, p := range s.edge.endpoints {
		if p.id == u.ID && p.session == s {
			delete(s.edge.endpoints, host)
		}
	}
	return failure{}
}

func random() string {
	b := make([]byte, 8)
	rand.Read(b)
	return hex.EncodeToString(b)
}
