package tunnel

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.ngrok.com/ngrok/v2"

	"hookglass/core"
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
		if !core.Pause(s.life, after) {
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
