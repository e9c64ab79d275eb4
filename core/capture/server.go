// Package capture hosts the sources: it records what arrives, lets the platform answer, and keeps both before the
// answer goes out.
//
// A request is a straight line through [Server.Handler]: record, source, decide, keep, answer. What a platform does
// later is [Server.Run] calling its machine when due.
package capture

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"hookglass/core"
	"hookglass/core/env"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// The limits of the listener. Through a tunnel, the tunnel's own are stricter.
const (
	HeadLimit     = 64 << 10
	DefaultBody   = 10 << 20
	MaxBody       = 900 << 20 // SQLite keeps 1,000,000,000 bytes in a row, and the answer stands beside the body
	headerTimeout = 10 * time.Second
	readTimeout   = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	drainLimit    = 64 << 20 // read past the body limit, so that the sender sees our answer
)

// Server hosts the sources. Make one with New.
type Server struct {
	store     *store.Store
	platforms []platform.Platform
	log       *slog.Logger
	seed      uint64
	pace      float64

	// Secret resolves a reference; the engine sets it before Load.
	Secret func(core.SecretRef) (core.Secret, error)
	// Await waits for the answer that a delivery gets, for sources that hand a forward's answer back.
	Await func(ctx context.Context, id core.DeliveryID) (core.Response, bool)
	// KeepSecret keeps the secret of an endpoint that was made over a management address.
	KeepSecret func(name string, s core.Secret) core.SecretRef
	// Schemes are those that exist, as they stand now; nil: the known ones.
	Schemes func() sign.Book
	// Environments are the values that targets of forwards are filled with, as they stand now; nil: there are none.
	Environments func() env.Set
	// Changed is told of an endpoint that a machine made or changed, after it is stored.
	Changed func(core.EndpointID)

	// Contract reads the contract of a source; nil: there are none.
	Contract func(doc json.RawMessage) func(event string, r *core.Request) *core.Promise

	// Origin is what a forward names as the one who sent it on first.
	Origin string

	listening sync.Map // of address

	tokens sync.Map // core.SourceID: the token that was made for a source that has none of its own

	room   room
	bounds Bounds

	loading chan struct{} // has one while the table is replaced
	table   atomic.Pointer[table]
	wake    chan struct{}
	asked   atomic.Uint64
}

// New returns a server without sources. seed drives every chance and id.
func New(st *store.Store, platforms []platform.Platform, seed uint64, pace float64, log *slog.Logger) *Server {
	if pace <= 0 {
		pace = 1
	}
	s := &Server{store: st, platforms: platforms, log: log, seed: seed, pace: pace, wake: make(chan struct{}, 1), loading: make(chan struct{}, 1)}
	s.table.Store(&table{})
	s.Bound(Bounds{})
	return s
}

// Bound sets what all senders together may take. It is called before anything is served.
func (s *Server) Bound(b Bounds) {
	s.bounds = b.orDefault()
	s.room.most = s.bounds.Bodies
}

// Way is how requests come in over one listener.
type Way struct {
	Via  string        // "" for the local listener, else the tunnel's provider
	Base func() string // the public scheme and host, when they are not the Host header's; nil: they are
	TLS  bool          // the listener agrees on TLS
}

func (w Way) base() string {
	if w.Base == nil {
		return ""
	}
	return w.Base()
}

// Serve answers requests from ln until ctx ends.
func (s *Server) Serve(ctx context.Context, ln net.Listener, way Way) error {
	srv := s.HTTP(s.Handler(way))
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	err := srv.Serve(s.recorded(ln, way, newDoor(s.bounds, s.keepTurned)))
	if errors.Is(err, http.ErrServerClosed) || ctx.Err() != nil {
		return nil
	}
	return err
}

// Handler answers requests that came in one way. It knows their exact bytes only on connections of [Server.Record].
func (s *Server) Handler(way Way) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serveHTTP(w, r, way) })
}

// Record makes the connections of ln remember the heads that pass through them.
func (s *Server) Record(ln net.Listener, way Way) net.Listener {
	return s.recorded(ln, way, nil)
}

func (s *Server) recorded(ln net.Listener, way Way, d *door) net.Listener {
	refused := func(c *conn, head, answer []byte) { s.keepRefused(c, head, answer, way) }
	return &listener{Listener: ln, refused: refused, door: d, ended: s.Listening(ln.Addr(), way.Base)}
}

// HTTP is a server for a handler of ours, with our limits.
func (s *Server) HTTP(h http.Handler) *http.Server {
	// A client that speaks HTTP/2 without asking is answered in HTTP/2. Its head is not kept byte for byte, since it has none.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Protocols:         &protocols,
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    HeadLimit,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
		DisableGeneralOptionsHandler: true,
	}
}

type connKey struct{}

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request, way Way) {
	began := time.Now()
	if rec, ok := r.Context().Value(connKey{}).(*conn); ok {
		rec.occupy()
		defer rec.leave()
	}
	sources := s.table.Load()
	path := (&core.Request{Target: r.RequestURI}).Path()
	h := sources.route(path)
	c, held, readErr := s.record(r, way, h.bodyLimit())
	defer s.room.give(held)
	read := time.Since(began)
	if now := s.table.Load(); now != sources { // the body took its time
		h = now.route(path)
	}
	gone := r.ProtoMajor == 2 && r.Context().Err() != nil // over HTTP/1 a body that ends early ends the context too
	d := s.decide(h, c, readErr, gone)
	defer d.turn.Leave()
	if r.ProtoMajor == 2 {
		c.Response.Proto = r.Proto
	}
	c.Took, c.Receipt.Read, c.Receipt.Delayed = time.Since(began), read, d.fault.Delay
	err := s.keep(c, &d)
	s.answer(w, r, c, d, err)
}

// keep stores the capture and what follows from it, and answers only after that: the answer means "stored".
func (s *Server) keep(c *core.Capture, d *decided) error {
	kept, answer := s.kept(d.host, c, &d.out, d.turn)
	if err := s.store.AddCapture(c, kept); err != nil {
		s.log.Error("capture.lost", "error", err)
		return err
	}
	if answer >= 0 {
		d.answering = kept.Deliveries[answer].ID
	}
	if s.log.Enabled(context.Background(), slog.LevelDebug) { // what would be told is not gathered for nobody
		s.log.Debug("capture.received", "capture", c.ID, "source", c.Name, "outcome", c.Receipt.Outcome, "status", c.Response.Status)
	}
	s.follow(d.host, &d.out)
	return nil
}

// follow acts on what is now stored: endpoints changed, a machine has something due.
func (s *Server) follow(h *host, out *platform.Out) {
	if h == nil {
		return
	}
	if !out.Next.IsZero() {
		h.schedule(out.Next)
		s.poke()
	}
	if s.Changed == nil {
		return
	}
	for i := range out.PutEndpoints {
		s.Changed(out.PutEndpoints[i].ID)
	}
}

func (s *Server) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run calls the machines when they have something due, until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		next := s.advance(time.Now())
		wait := time.Hour
		if !next.IsZero() {
			wait = max(time.Until(next), 0)
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-s.wake:
		}
	}
}

// advance lets every machine that is due do its next thing, and returns when the next is due.
func (s *Server) advance(now time.Time) (next time.Time) {
	for _, h := range s.hosts() {
		out, turn, due := h.advance(now)
		if turn != nil {
			kept, _ := s.kept(h, nil, &out, turn)
			if err := s.store.AddKept(kept); err != nil {
				s.log.Error("work.lost", "source", h.src.Name, "error", err)
			}
			turn.Leave()
			s.follow(h, &out)
		}
		if !due.IsZero() && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	return next
}

// kept gathers what is to be stored with a capture, or by itself when c is nil. answer is the place of the delivery whose answer is
// for the sender, or -1.
func (s *Server) kept(h *host, c *core.Capture, out *platform.Out, turn *store.Turn) (k *store.Kept, answer int) {
	if h != nil && c != nil && out.Number != nil && len(h.forwards) == 0 && alone(out) {
		return &store.Kept{Turn: turn, Number: out.Number}, -1
	}
	if h == nil || c != nil && len(h.forwards) == 0 && alone(out) {
		return nil, -1
	}
	k = &store.Kept{Work: out.Work, PutEndpoints: out.PutEndpoints, DropEndpoints: out.DropEndpoints, Platform: h.src.Platform,
		Settings: out.Set, Source: h.src.ID, Turn: turn, Number: out.Number}
	for i := range k.Work {
		k.Work[i].Source, k.Work[i].SourceName = h.src.ID, h.src.Name
	}
	for i, ep := range k.PutEndpoints {
		if secret, ok := out.Secrets[ep.WireID]; ok && s.KeepSecret != nil {
			k.PutEndpoints[i].Target.Secret = s.KeepSecret("endpoint/"+ep.Platform+"/"+ep.WireID, secret)
		}
	}
	for _, send := range out.Send {
		if send.Target.Scheme != "" && send.Target.Secret == "" {
			send.Target.Secret = h.src.Secrets["secret"]
		}
		k.Deliveries = append(k.Deliveries, delivery(send, time.Now()))
	}
	if c == nil {
		return k, -1
	}
	owed, answer := s.forward(h, c)
	if answer >= 0 {
		answer += len(k.Deliveries)
	}
	k.Deliveries = append(k.Deliveries, owed...)
	return k, answer
}

// alone reports whether nothing follows from a request but its answer.
func alone(out *platform.Out) bool {
	return len(out.Work)+len(out.Send)+len(out.Set)+len(out.PutEndpoints)+len(out.DropEndpoints) == 0
}

func newRand(seed uint64, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
