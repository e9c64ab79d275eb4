package deliver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"hookglass/core"
	"hookglass/core/env"
)

// Bounds of a sender.
const (
	DefaultBodyLimit = 1 << 20 // bytes of an answer's body that are kept

	maxHead          = 256 << 10 // bytes of an answer's header, all 1xx answers included
	maxInformational = 16
	maxDrain         = 1 << 20 // bytes of body read past the limit, so that the connection can be used again
)

// SignFunc puts a signature on a request at the time now. It must not change the request it was given. Where the
// delivery's Target.Wrong is "secret", it signs with [OtherSecret].
type SignFunc func(d core.Delivery, r core.Request, now time.Time) (core.Request, error)

// Sender puts deliveries on the wire. It writes every request itself, byte for byte, since net/http sorts the header,
// re-spells its names and cannot say what it sent; answers are parsed by net/http. HTTP/1.1 only, no redirect is
// followed, no proxy used. The zero value sends unsigned. A Sender is safe for simultaneous use; Close it.
type Sender struct {
	// Sign signs where the target has a scheme; nil: never.
	Sign SignFunc
	// Key finds the keys of client certificates, and the secrets of environments.
	Key ResolveFunc
	// Dial makes connections; nil: the system's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Resolver looks names up where Dial is nil; nil: the system's.
	Resolver *net.Resolver
	// BodyLimit is how much of an answer's body is kept; 0 means [DefaultBodyLimit].
	BodyLimit int64

	pool pool
}

// Send makes one attempt and reports it. It never fails otherwise: what goes wrong is the attempt's failure. When
// ctx ends, so does the attempt.
func (s *Sender) Send(ctx context.Context, d core.Delivery, number int, now time.Time) core.Attempt {
	a := core.Attempt{Delivery: d.ID, Number: number, Started: now}
	start := time.Now()
	s.send(ctx, &d, &a)
	a.Took = time.Since(start)
	a.Timings.Total = a.Took
	return a
}

func (s *Sender) send(ctx context.Context, d *core.Delivery, a *core.Attempt) {
	cover, err := s.reveal(d)
	if err != nil {
		a.Failure, a.Detail = BadRequest, err.Error()
		return
	}
	defer func() { a.Request, a.Detail = cover.Request(a.Request), cover.Text(a.Detail) }()
	to, err := parseRoute(&d.Target)
	if err != nil {
		a.Failure, a.Detail = BadRequest, err.Error()
		return
	}
	m, err := s.prepare(d, &to, a)
	if err != nil {
		a.Detail = err.Error()
		return
	}
	timeout := d.Target.Timeout
	if timeout <= 0 {
		timeout = core.DefaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	e := exchange{sender: s, route: &to, message: m, attempt: a, fresh: d.Target.Raw, during: connecting}
	if err := e.run(ctx); err != nil {
		a.Response = nil
		a.Failure, a.Detail = classify(ctx, err, e.during)
		if e.note != "" {
			a.Detail += " (" + e.note + ")"
		}
	}
}

// reveal puts the secrets of an environment into a delivery that goes out, and returns what takes them out of its record.
func (s *Sender) reveal(d *core.Delivery) (cover env.Cover, err error) {
	if len(d.Target.Hidden) == 0 {
		return nil, nil
	}
	if s.Key == nil {
		return nil, errors.New("there is nothing to find the secrets of its environment with")
	}
	*d, cover, err = env.Reveal(*d, s.Key)
	return cover, err
}

// prepare makes the message of an attempt and records it. Where it cannot, it sets the failure.
func (s *Sender) prepare(d *core.Delivery, to *route, a *core.Attempt) (*message, error) {
	if d.Target.Raw && d.Request.Head != nil {
		m, err := raw(d, to)
		if err != nil {
			a.Failure = BadRequest
			return nil, err
		}
		a.Request = m.sent(&d.Request, to)
		return m, nil
	}
	req := outgoing(d, to)
	if d.Target.Scheme != "" && s.Sign != nil && !d.Target.Raw {
		signed, err := Misbehave(s.Sign)(*d, req, a.Started)
		if err != nil {
			a.Request, a.Failure = req, NotSigned
			return nil, fmt.Errorf("sign with %s: %w", d.Target.Scheme, err)
		}
		req = signed
	}
	m, err := compose(&req)
	if err != nil {
		a.Request, a.Failure = req, BadRequest
		return nil, err
	}
	a.Request = m.sent(&req, to)
	return m, nil
}

// Close closes the connections that are kept open. Attempts under way go on.
func (s *Sender) Close() error {
	s.pool.close()
	return nil
}

// dial connects and, where the route wants it, agrees on TLS.
func (s *Sender) dial(ctx context.Context, e *exchange) (*conn, error) {
	dial := s.Dial
	if dial == nil {
		d := net.Dialer{Resolver: s.Resolver}
		if e.route.outward {
			d.Control = outwardOnly
		}
		dial = d.DialContext
	}
	looked := new(lookup)
	start := time.Now()
	nc, err := dial(looked.watch(ctx), "tcp", e.route.address)
	e.attempt.Timings.DNS = looked.took()
	e.attempt.Timings.Connect = max(time.Since(start)-e.attempt.Timings.DNS, 0)
	if err != nil {
		return nil, err
	}
	peer := ""
	if addr := nc.RemoteAddr(); addr != nil {
		peer = addr.String()
	}
	e.attempt.Peer = peer
	if !e.route.tls {
		return newConn(nc, peer, ""), nil
	}
	e.during = securing
	start = time.Now()
	secured, seen, err := secure(ctx, nc, e.route, s.Key)
	e.attempt.Timings.TLS = time.Since(start)
	e.attempt.TLS = seen
	if err != nil {
		nc.Close()
		return nil, err
	}
	return newConn(secured, peer, seen), nil
}
