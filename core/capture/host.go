package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
