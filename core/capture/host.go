package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// host is one source at work: its machine, the limit put on it and its faults, under one lock.
type host struct {
	src      core.Source
	platform *platform.Platform
	scheme   sign.Scheme // the user's own that src names, if it does
	token    core.Secret // the one made for its management addresses, if any
	faulty   bool        // something is to go wrong on purpose
	forwards []forwarding
	promise  func(event string, r *core.Request) *core.Promise // the source's contract; nil: it has none, or nobody goes by it

	line *store.Line // of what its machine decides, in this order

	mu      sync.Mutex
	moved   chan struct{} // nil: it decides; closed: another host has its place
	machine platform.Machine
	ids     platform.IDs
	next    time.Time
	limiter *limit.Limiter
	seen    map[string]int // requests by fault key
	count   uint64
	made    uint64 // how often this source was hosted before in this run
}

// Load replaces the sources. Machines of sources that did not change go on; the others start from what the
// store knows of their work. A source that cannot be hosted is left out, see [Server.Problem]: the others are
// not to suffer from it. asOf is the number of commits before the sources were read. To host one may take long, where its
// secret has to be unlocked, and sources that were read later may be hosted by then: they stay.
func (s *Server) Load(ctx context.Context, sources []core.Source, asOf uint64) error {
	endpoints, err := s.store.Endpoints(ctx)
	if err != nil {
		return err
	}
	secrets := make([]map[string]core.Secret, len(sources)) // before the requests of a source have to wait
	old := s.table.Load().byID()
	for i, src := range sources {
		if !s.same(old[src.ID], src) {
			secrets[i] = s.secretsOf(src)
		}
	}
	s.loading <- struct{}{}
	defer func() { <-s.loading }()
	now := s.table.Load()
	if now.asOf > asOf {
		return nil
	}
	old = now.byID()
	height, err := s.store.Height(ctx)
	if err != nil {
		return err
	}
	t := &table{hosts: make([]*host, 0, len(sources)), problems: map[core.SourceID]error{}, asOf: asOf}
	for i, src := range sources {
		h, release, err := s.host(ctx, src, secrets[i], old[src.ID], endpoints, height)
		defer release()
		if err != nil {
			s.log.Error("source.left_out", "source", src.Name, "error", err)
			t.problems[src.ID] = fmt.Errorf("source %s: %w", src.Name, err)
			continue
		}
		t.add(h)
	}
	s.table.Store(t)
	s.poke()
	return nil
}

func (t *table) byID() map[core.SourceID]*host {
	out := make(map[core.SourceID]*host, len(t.hosts))
	for _, h := range t.hosts {
		out[h.src.ID] = h
	}
	return out
}

// same reports whether a host may go on with a source as it is now.
func (s *Server) same(h *host, src core.Source) bool {
	if h == nil || !sameSource(h.src, src) {
		return false
	}
	_, named := s.schemes(src)
	return reflect.DeepEqual(h.scheme, named)
}

// Problem is what keeps a source from being hosted, or nil.
func (s *Server) Problem(id core.SourceID) error { return s.table.Load().problems[id] }

func (s *Server) hosts() []*host { return s.table.Load().hosts }

// Try says whether a source can be hosted, and changes nothing.
func (s *Server) Try(ctx context.Context, src core.Source) error {
	if err := CheckFaults(src.Faults); err != nil {
		return err
	}
	_, _, err := s.host(ctx, src, nil, nil, nil, 0)
	return err
}

// secretsOf are the values of a source's secrets, as far as they can be had.
func (s *Server) secretsOf(src core.Source) map[string]core.Secret {
	out := map[string]core.Secret{}
	for name, ref := range src.Secrets {
		var err error
		if out[name], err = s.Secret(ref); err != nil {
			s.log.Warn("secret.unavailable", "source", src.Name, "setting", name, "error", err)
		}
	}
	return out
}

// host makes a source's host, or keeps the one before where nothing changed. Its ids come from a stream that begins
// anew with the history, so that a test can predict them, and is another one each time something was kept or the
// source was edited since, so that they never repeat.
//
// A host that takes another one's place knows all that this one decided: until release, which is called once the new one is in
// the table, the old one decides nothing, and then whoever waited for it goes to the new one.
func (s *Server) host(ctx context.Context, src core.Source, secrets map[string]core.Secret, before *host, endpoints []core.Endpoint, height int64) (h *host, release func(), err error) {
	release = func() {}
	if s.same(before, src) {
		return before, release, nil
	}
	if secrets == nil { // it changed just now
		secrets = s.secretsOf(src)
	}
	schemes, named := s.schemes(src)
	p := s.find(src.Platform)
	if p == nil {
		return nil, release, &core.Invalid{Field: "platform", Reason: fmt.Sprintf("unknown platform %q", src.Platform)}
	}
	line := &store.Line{}
	if before != nil {
		line = before.line
		release = before.move()
		if err := s.store.Settle(line); err != nil {
			return nil, release, err
		}
	}
	work, err := s.store.WorkOf(ctx, src.ID, p.Remembers)
	if err != nil {
		return nil, release, err
	}
	m, err := p.New(platform.Config{Source: src.ID, Name: src.Name, Profile: src.Profile, Settings: src.Settings, Secrets: secrets,
		Pace: s.pace, Seed: s.seed, Work: work, Schemes: schemes, Endpoints: endpointsOf(src.Platform, endpoints), Resolve: s.Secret,
		Filter: func(text string) (func(*core.Capture) bool, error) { return store.ParseMatchEarly(text) }})
	if err != nil {
		return nil, release, err
	}
	h = &host{src: src, platform: p, scheme: named, faulty: !reflect.ValueOf(src.Faults).IsZero(), machine: m, seen: map[string]int{}, next: time.Now(), line: line}
	if h.forwards, err = forwardings(&src); err != nil {
		return nil, release, err
	}
	if s.Contract != nil && h.asks() {
		h.promise = s.Contract(src.Contract)
	}
	h.token, _ = s.ManageToken(src)
	if before != nil {
		h.made = before.made + 1
	}
	h.ids = platform.NewIDs(newRand(s.seed+h.made<<32, uint64(src.ID)|uint64(height)<<16))
	if src.Limit != nil {
		if h.limiter, err = limit.New(*src.Limit); err != nil {
			return nil, release, err
		}
	}
	return h, release, nil
}

// asks reports whether something that is decided on arrival goes by the source's contract.
func (h *host) asks() bool {
	m, ok := h.machine.(platform.Asking)
	return ok && m.AsksContract() || slices.ContainsFunc(h.forwards, func(f forwarding) bool { return strings.Contains(f.When, "contract:") })
}

// move has a host decide nothing any more. Who comes to it waits for release.
func (h *host) move() (release func()) {
	moved := make(chan struct{})
	h.mu.Lock()
	h.moved = moved
	h.mu.Unlock()
	return func() { close(moved) }
}

// schemes are those that exist, and among them the one that a source names.
func (s *Server) schemes(src core.Source) (all sign.Book, named sign.Scheme) {
	if s.Schemes != nil {
		all = s.Schemes()
	}
	named, _ = all.Find(src.Settings.Text("scheme"))
	return all, named
}

// endpointsOf are those of one platform; never nil, which would mean that they are not known.
func endpointsOf(platform string, all []core.Endpoint) []core.Endpoint {
	out := []core.Endpoint{}
	for _, e := range all {
		if e.Platform == platform {
			out = append(out, e)
		}
	}
	return out
}

// sameSource reports whether two versions of a source behave alike, so that a machine may go on.
func sameSource(a, b core.Source) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

func (s *Server) find(name string) *platform.Platform {
	for i := range s.platforms {
		if s.platforms[i].Name == name {
			return &s.platforms[i]
		}
	}
	return nil
}

// bodyLimit is how much of a request's body is kept, known before it is read.
func (h *host) bodyLimit() int64 {
	if h != nil {
		if n := h.src.Settings.Number("body_limit_bytes", 0); n > 0 {
			return min(int64(n), MaxBody)
		}
	}
	return DefaultBody
}

// decide lets the source's machine answer, behind the limit that the user put on the source.
func (s *Server) decide(h *host, c *core.Capture, readErr error, gone bool) (d decided) {
	in := platform.In{Now: time.Now(), Request: &c.Request, Via: c.Via}
	if out, ok := unread(gone, &c.Request, readErr); ok {
		if h != nil {
			c.Source, c.Name, out.Receipt.Platform = h.src.ID, h.src.Name, h.platform.Name
			d.host = h
		}
		if out.Response.Status != 0 {
			complete(&out.Response, in.Now)
		}
		c.Response, c.Receipt = out.Response, out.Receipt
		return decided{host: d.host, out: platform.Out{Response: out.Response, Receipt: out.Receipt}, unread: true}
	}
	if h == nil {
		out := s.unmatched(in)
		complete(&out.Response, in.Now)
		c.Response, c.Receipt, c.Event = out.Response, out.Receipt, out.Event
		c.Receipt.Outcome = core.Unmatched
		return decided{out: out}
	}
	if h.limiter == nil { // a source that refuses what is too much does not look at it either
		h.look(&in)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.moved != nil {
		h.mu.Unlock()
		<-h.moved
		h.mu.Lock()
		return s.decide(s.table.Load().route(c.Request.Path()), c, readErr, gone)
	}
	c.Source, c.Name, d.host = h.src.ID, h.src.Name, h
	in.Now = time.Now() // from here on requests have an order, which is that of their times and ids
	in.IDs, in.Endpoints = h.ids, s.endpoints(h.platform)
	d.fault = h.fault(c)
	d.out, d.held = h.receive(&in, d.fault)
	c.Promise = in.Promise
	d.turn = h.turn(&d.out)
	d.fault.Delay += d.out.Delay
	complete(&d.out.Response, in.Now)
	c.Response, c.Receipt, c.Event = d.out.Response, d.out.Receipt, d.out.Event
	c.Receipt.Platform = h.platform.Name
	c.Receipt.Faults = d.fault.Names
	if readErr != nil {
		c.Receipt.Checks = append(c.Receipt.Checks, core.Check{Name: "body", Want: "the whole body", Got: readErr.Error()})
	}
	return d
}

// look finds out what needs no more than the request: its event, its signature and, where somebody goes by it, whether it keeps the
// source's contract.
func (h *host) look(in *platform.In) {
	if in.Seen = h.machine.Look(*in); h.promise != nil {
		in.Promise = h.promise(in.Seen.Event().Type, in.Request)
	}
}

// endpoints are those of a platform as they stand now: the user may change them between two requests. Nil: not known.
func (s *Server) endpoints(p *platform.Platform) []core.Endpoint {
	if !p.Outbound {
		return nil
	}
	all, err := s.store.Endpoints(context.Background()) // a few rows; the answer waits for them
	if err != nil {
		s.log.Error("endpoints.unreadable", "platform", p.Name, "error", err)
		return nil
	}
	return endpointsOf(p.Name, all)
}

// decided is what becomes of a request, who said so, whether the source's limiter counts it as under way, and whether its body
// never came whole.
type decided struct {
	host   *host // that decided; nil: none
	out    platform.Out
	fault  Fault
	turn   *store.Turn // among what the source's machine decides; nil: nothing of it is kept
	held   bool
	unread bool

	answering core.DeliveryID // the forward whose answer is for the sender; 0: there is none
}

func (h *host) receive(in *platform.In, fault Fault) (out platform.Out, held bool) {
	if out, refused := h.platform.Management.Refusal(*in, h.src.Settings, h.token); refused {
		return out, false
	}
	if out, ok := h.limited(*in); ok {
		return out, false
	}
	if fault.Status != 0 {
		return platform.Out{Response: fault.Answer(core.Response{}, in.Now), Receipt: core.Receipt{Outcome: core.Rejected, Reason: "a fault on purpose answered instead of the platform"}}, true
	}
	if h.limiter != nil && h.promise != nil {
		h.look(in)
	}
	return h.machine.Receive(*in), true
}

// turn is the place of what the machine decided, taken while nobody else can ask it.
func (h *host) turn(out *platform.Out) *store.Turn {
	if alone(out) {
		return nil
	}
	return h.line.Turn()
}

// advance calls the machine when it is due and returns when it is next. Without a turn there is nothing to keep.
func (h *host) advance(now time.Time) (out platform.Out, turn *store.Turn, next time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.moved != nil {
		return platform.Out{}, nil, time.Time{}
	}
	if h.next.IsZero() || h.next.After(now) {
		return platform.Out{}, nil, h.next
	}
	out, h.next = h.machine.Advance(now, h.ids)
	return out, h.turn(&out), h.next
}

func (h *host) schedule(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.next.IsZero() || at.Before(h.next) {
		h.next = at
	}
}

// unmatched answers a request that no source has: with the platform's own words where its addresses look like that,
// so that a wrong id behaves as it would there.
func (s *Server) unmatched(in platform.In) platform.Out {
	in.IDs = platform.NewIDs(newRand(s.seed, ^s.asked.Add(1)))
	path := in.Request.Path()
	for _, h := range s.table.Load().firsts {
		if h.platform.Owns != nil && h.platform.Owns(path) && h.platform.Unknown != nil {
			out := h.platform.Unknown(in, h.src.Profile)
			out.Receipt.Platform = h.platform.Name
			if out.Receipt.Reason == "" {
				out.Receipt.Reason = "no " + h.platform.Title + " source has this address"
			}
			return out
		}
	}
	return platform.Out{
		Response: core.Response{Status: http.StatusNotFound, Header: core.Header{{Name: "Content-Type", Value: "application/json"}},
			Body: []byte(`{"error":"no source has this address; add one in Hookglass or correct the URL at the sender"}` + "\n")},
		Receipt: core.Receipt{Reason: "no source has the address " + path},
	}
}

// done ends what a request holds of a concurrency limit.
func (h *host) done(held bool) {
	if !held || h == nil || h.limiter == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.limiter.Release()
}

// fault plans what goes wrong with this request on purpose. It counts the request.
func (h *host) fault(c *core.Capture) Fault {
	f := h.src.Faults
	if !h.faulty {
		return Fault{}
	}
	key := faultKey(f, c)
	seen := h.seen[key]
	if f.FailFirst > 0 {
		h.seen[key]++
	}
	h.count++
	return Plan(f, key, seen, h.count)
}

func faultKey(f core.Faults, c *core.Capture) string {
	switch f.FailKey {
	case "path":
		return c.Request.Path()
	case "sender":
		return core.WithoutPort(c.Request.Remote)
	}
	if id := sign.Event(&c.Request).ID; id != "" {
		return id
	}
	return c.Request.Path()
}
