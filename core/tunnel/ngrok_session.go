package tunnel

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.ngrok.com/ngrok/v2"
)

// ngrokSession is one agent from start to stop. The agent reconnects by itself; what it tells of that arrives as notes in
// an inbox, which one goroutine reads. That goroutine alone decides: it reports, gives up where the agent would go on for
// ever, and breaks a connection on which nothing answers.
//
// The agent must not be called from its own event handler, nor asked to disconnect while it connects: it holds a lock over
// both. So the handler only leaves a note, and what interrupts the agent is its context and its dialer.
type ngrokSession struct {
	config Config
	report func(Event)
	agent  ngrok.Agent
	life   context.Context // of the agent: it ends with this context, so no deadline may be on it
	cancel context.CancelFunc
	dialer *ngrokDialer
	inbox  inbox

	stopping  atomic.Bool
	listening sync.WaitGroup // the agent is being asked for a listener

	online   bool // since the first bind
	up       bool // at this moment
	failures int  // of signing in, since the connection was lost
	silent   bool // we broke the connection, because nothing answered
	url      string
}

// The notes.
type (
	noteDialed struct{}
	noteNoDial struct {
		err   error
		retry time.Time
	}
	noteUp    struct{}
	noteDown  struct{ err error } // nil: the agent has given up for good
	noteBound struct {
		listener ngrok.EndpointListener
		err      error
	}
	noteAccept  struct{ err error }
	noteStopped struct{}
)

func newNgrokSession(ctx context.Context, c Config, report func(Event)) (*ngrokSession, error) {
	s := &ngrokSession{config: c, report: report, inbox: newInbox()}
	s.life, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.dialer = &ngrokDialer{dialer: newDialer(c), inbox: &s.inbox}
	opts, err := agentOptions(c, s.dialer, c.Log)
	if err != nil {
		return nil, err
	}
	s.agent, err = ngrok.NewAgent(append(opts, ngrok.WithEventHandler(s.note))...)
	return s, err
}

// note runs on the agent's goroutines.
func (s *ngrokSession) note(e ngrok.Event) {
	switch e := e.(type) {
	case *ngrok.EventAgentConnectSucceeded:
		s.inbox.put(noteUp{})
	case *ngrok.EventAgentDisconnected:
		s.inbox.put(noteDown{e.Error})
	}
}

// start returns once the address is online.
func (s *ngrokSession) start(ctx context.Context) (*ngrokLine, error) {
	opts, err := endpointOptions(s.config)
	if err != nil {
		return nil, err
	}
	s.listen(opts, 0)
	patience := time.NewTimer(time.Hour)
	patience.Stop()
	defer patience.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-patience.C:
			s.breakSilence()
		case <-s.inbox.ready:
			for _, n := range s.inbox.take() {
				if n, ok := n.(noteBound); ok {
					if n.err == nil {
						return s.bound(n.listener), nil
					}
					if e := s.notBound(n.err); e != nil {
						return nil, e
					}
					s.listen(opts, pause(1))
					continue
				}
				if e := s.step(n, patience); e != nil {
					return nil, e
				}
			}
		}
	}
}

// listen asks for the address, and connects before.
func (s *ngrokSession) listen(opts []ngrok.EndpointOption, after time.Duration) {
	s.listening.Go(func() {
		if !sleep(s.life, after) {
			return
		}
		l, err := s.agent.Listen(s.life, opts...)
		s.inbox.put(noteBound{l, err})
	})
}

// notBound takes in that there is no address. Where the connection broke on the way it is asked for again.
func (s *ngrokSession) notBound(err error) *Error {
	r := explain(err)
	if r.final(false) || r.Code == "unknown" {
		return r.asError()
	}
	s.tell(Event{State: Connecting, Trouble: r.Trouble})
	return nil
}

// bound begins the life of an online tunnel.
func (s *ngrokSession) bound(listener ngrok.EndpointListener) *ngrokLine {
	s.url, s.online, s.up = listener.URL().String(), true, true
	l := &ngrokLine{session: s, listener: listener, conns: make(chan net.Conn),
		closing: make(chan struct{}), done: make(chan struct{})}
	s.tell(s.eventOnline())
	go l.pump()
	l.watching.Go(l.watch)
	return l
}

// tell reports e, unless the end has begun: what the agent says about its own stop is no news.
func (s *ngrokSession) tell(e Event) {
	if !s.stopping.Load() {
		s.report(e)
	}
}

func (s *ngrokSession) eventOnline() Event { return Event{State: Online, URL: s.url} }

// step takes in one note. It returns an error when trying again would not help.
func (s *ngrokSession) step(n any, patience *time.Timer) *Error {
	switch n := n.(type) {
	case noteDialed:
		patience.Reset(s.config.Timing.Answer)
	case noteNoDial:
		patience.Stop()
		return s.trouble(n.err, n.retry)
	case noteUp:
		patience.Stop()
		s.up, s.failures = true, 0
		if s.online {
			s.tell(s.eventOnline())
		} else {
			patience.Reset(s.config.Timing.Answer) // for the bind
		}
	case noteDown:
		if patience.Stop(); s.up {
			// The agent dials again at once, and the note of that may have come before this one.
			patience.Reset(s.config.Timing.Answer)
		}
		return s.down(n.err)
	case noteAccept:
		return s.ended(n.err)
	}
	return nil
}

// down takes in that the connection broke, or that a try to restore it failed. The agent's own waits between tries are
// 0.5 s, doubled each time up to 30 s; it tells nobody, so we count along.
func (s *ngrokSession) down(err error) *Error {
	if err == nil {
		return known("ended", "").asError()
	}
	var retry time.Time
	if s.up {
		s.up, s.failures = false, 0
	} else {
		wait := min(500*time.Millisecond<<min(s.failures, 6), 30*time.Second)
		s.failures++
		retry = time.Now().Add(wait)
	}
	if s.silent {
		s.silent = false
		err = &coded{"silent", err}
	}
	return s.trouble(err, retry)
}

// trouble reports what is being tried again, or returns what is not.
func (s *ngrokSession) trouble(err error, retry time.Time) *Error {
	r := explain(err)
	if r.final(s.online) {
		return r.asError()
	}
	state := Connecting
	if s.online {
		state = Reconnecting
	}
	s.tell(Event{State: state, URL: s.url, Retry: retry, Trouble: r.Trouble})
	return nil
}

// ended takes in that the endpoint was closed at ngrok's side while the session goes on.
func (s *ngrokSession) ended(err error) *Error {
	r, code := known("ended", err.Error()), ngrokCode.FindString(explain(err).Code)
	if code != "" {
		r.Code = code
		r.Text = "ngrok ended this tunnel: " + firstLine(r.Detail)
	}
	return r.asError()
}

// breakSilence makes the agent try again where ngrok was reached and does not answer, which the agent would wait out for ever.
func (s *ngrokSession) breakSilence() {
	s.silent = s.dialer.drop()
}

// stop ends the agent and all its streams. It gives the address back first, or a start soon after would find it taken; that
// takes long where the network swallows it, so it gets a second. Disconnect must not be called before the listener is there.
func (s *ngrokSession) stop(listener ngrok.EndpointListener) {
	s.stopping.Store(true)
	if listener != nil {
		goodbye := make(chan struct{})
		go func() {
			defer close(goodbye)
			listener.Close()
			s.agent.Disconnect()
		}()
		closedWithin(goodbye, time.Second)
	}
	s.cancel()
	s.dialer.shut()
	s.listening.Wait() // it ends with its context
}

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

// ngrokLine is the open listener.
type ngrokLine struct {
	session  *ngrokSession
	listener ngrok.EndpointListener
	conns    chan net.Conn
	closing  chan struct{} // the provider is being stopped
	done     chan struct{} // and has
	watching sync.WaitGroup
	once     sync.Once
	failure  *Error // written before done is closed
}

func (l *ngrokLine) URL() string { return l.session.url }

func (l *ngrokLine) Addr() net.Addr { return l.listener.Addr() }

func (l *ngrokLine) Err() *Error {
	select {
	case <-l.done:
		return l.failure
	default:
		return nil
	}
}

func (l *ngrokLine) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close stops the provider; it returns when all streams are gone.
func (l *ngrokLine) Close() error {
	l.end(nil)
	l.session.inbox.put(noteStopped{})
	l.watching.Wait()
	return nil
}

func (l *ngrokLine) end(failure *Error) {
	l.once.Do(func() {
		l.failure = failure
		close(l.closing)
		l.session.stop(l.listener)
		close(l.done)
	})
}

// pump stands between the agent's Accept and ours, because theirs ends late when it is stopped during an outage.
func (l *ngrokLine) pump() {
	for {
		c, err := l.listener.Accept()
		if err != nil {
			l.session.inbox.put(noteAccept{err})
			return
		}
		select {
		case l.conns <- c:
		case <-l.closing:
			go c.Close() // waits for a writer that waits for its reader
		}
	}
}

// watch follows the session until it ends.
func (l *ngrokLine) watch() {
	patience := time.NewTimer(time.Hour)
	patience.Stop()
	defer patience.Stop()
	for {
		select {
		case <-l.done:
			return
		case <-patience.C:
			l.session.breakSilence()
		case <-l.session.inbox.ready:
			for _, n := range l.session.inbox.take() {
				if _, over := n.(noteStopped); over {
					return
				}
				if e := l.session.step(n, patience); e != nil {
					l.end(e)
					return
				}
			}
		}
	}
}

// ngrokDialer dials for the agent until it succeeds. The agent would wait between its own tries without a way to
// interrupt it; so a failure to dial never reaches it, and its waits are left for refusals.
type ngrokDialer struct {
	dialer
	inbox *inbox

	mu      sync.Mutex
	current *dialed // the latest; nil before the first
	closed  bool
}

// dialed is a connection that knows whether it was closed.
type dialed struct {
	net.Conn
	closed atomic.Bool
}

func (c *dialed) Close() error {
	c.closed.Store(true)
	return c.Conn.Close()
}

func (d *ngrokDialer) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	for failures := 1; ; failures++ {
		conn, err := d.dial(ctx, addr)
		if ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return nil, ctx.Err()
		}
		if err == nil {
			kept := d.keep(conn)
			d.inbox.put(noteDialed{})
			return kept, nil
		}
		wait := pause(failures)
		d.inbox.put(noteNoDial{err, time.Now().Add(wait)})
		if !sleep(ctx, wait) {
			return nil, ctx.Err()
		}
	}
}

func (d *ngrokDialer) Dial(_, addr string) (net.Conn, error) {
	return nil, errors.New("dial " + addr + ": a context is wanted")
}

func (d *ngrokDialer) keep(conn net.Conn) net.Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current = &dialed{Conn: conn}
	if d.closed {
		conn.Close()
	}
	return d.current
}

// shut breaks the connection in use and each that may still be made.
func (d *ngrokDialer) shut() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.drop()
}

// drop breaks the connection in use and reports whether there was one.
func (d *ngrokDialer) drop() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current == nil || d.current.closed.Load() {
		return false
	}
	d.current.Close()
	return true
}

// inbox keeps notes until they are taken. Leaving one never waits.
type inbox struct {
	mu    sync.Mutex
	notes []any
	ready chan struct{}
}

func newInbox() inbox { return inbox{ready: make(chan struct{}, 1)} }

func (b *inbox) put(n any) {
	b.mu.Lock()
	b.notes = append(b.notes, n)
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *inbox) take() []any {
	b.mu.Lock()
	defer b.mu.Unlock()
	notes := b.notes
	b.notes = nil
	return notes
}
