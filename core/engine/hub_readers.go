package engine

import (
	"context"
	"slices"
	"time"

	"hookglass/core"
	"hookglass/core/relay"
)

// ReaderAsked is a reader to be let in.
type ReaderAsked struct {
	Name     string   `json:"name"`
	Sources  []string `json:"sources,omitempty"`   // that it may read; none: all
	Queues   []string `json:"queues,omitempty"`    // work queues that may be joined with the invite
	ExpiresS float64  `json:"expires_s,omitempty"` // seconds until it is over; 0: never
	Address  []string `json:"addresses,omitempty"` // where readers reach the broker; none: what this machine knows
}

// Invite lets a reader in, and returns its invite, which is kept nowhere here.
func (h *Hub) Invite(ctx context.Context, ask ReaderAsked) (relay.Invite, error) {
	var v relay.Invite
	if err := checkReader(&ask); err != nil {
		return v, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now == nil {
		return v, errNoHub
	}
	now := time.Now()
	i := slices.IndexFunc(h.state.Readers, func(r relay.Reader) bool { return r.Name == ask.Name })
	if i >= 0 && h.state.Readers[i].Active(now) {
		return v, &core.Invalid{Field: "name", Reason: "there is a reader " + ask.Name + " already; revoke it first (hookglass hub revoke " + ask.Name + "), or choose another name"}
	}
	known := h.known(ctx)
	for _, s := range ask.Sources {
		if !slices.Contains(known, s) {
			return v, &core.Invalid{Field: "sources", Reason: "there is no source " + s + "; hookglass sources lists them"}
		}
	}
	seed, public, err := relay.NewKey()
	if err != nil {
		return v, err
	}
	r := relay.Reader{Name: ask.Name, Key: public, Sources: ask.Sources, Queues: ask.Queues, Created: now}
	if ask.ExpiresS > 0 {
		r.Expires = now.Add(time.Duration(ask.ExpiresS * float64(time.Second)))
	}
	readers := slices.Clone(h.state.Readers)
	if i >= 0 {
		if err := relay.Expel(ctx, h.now.js, h.state.Space, &readers[i]); err != nil { // what it had read is not the new one's
			h.log.Warn("hub.invite", "reader", r.Name, "error", err)
		}
		readers[i] = r
	} else {
		readers = append(readers, r)
	}
	before := h.state
	h.state.Readers = readers
	if h.state.URLs = h.now.addresses(); len(ask.Address) > 0 {
		h.state.URLs = ask.Address
	}
	if err := h.keep(ctx); err != nil {
		h.state = before
		return v, err
	}
	if epoch := h.now.out.Status().Cursor.Epoch; epoch != "" {
		short, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := relay.Admit(short, h.now.js, h.state.Space, epoch, &r); err != nil {
			h.log.Info("hub.invite", "reader", r.Name, "error", err) // the publisher makes up for it when the broker is there
		}
	}
	h.wake()
	v = relay.Invite{URLs: h.state.URLs, Space: h.state.Space, Reader: r.Name, Queues: r.Queues, Seed: string(seed.Reveal())}
	if h.now.broker != nil {
		v.Pin = h.now.broker.Pin()
	}
	return v, nil
}

func (h *Hub) wake() {
	select {
	case h.woken <- struct{}{}:
	default:
	}
	h.store.Feed().Bump()
}

func checkReader(ask *ReaderAsked) error {
	if err := relay.CheckName("name", ask.Name); err != nil {
		return err
	}
	for _, q := range ask.Queues {
		if err := relay.CheckName("queues", q); err != nil {
			return err
		}
	}
	for _, u := range ask.Address {
		if err := relay.CheckBrokerURL("address", u); err != nil {
			return err
		}
	}
	if ask.ExpiresS < 0 || ask.ExpiresS > 100*365*86400 {
		return &core.Invalid{Field: "expires", Reason: "want a time from now, like 30d or 12h"}
	}
	return nil
}

// Revoke shuts a reader out, also while it is connected.
func (h *Hub) Revoke(ctx context.Context, name string) error {
	if err := h.load(ctx); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	i := slices.IndexFunc(h.state.Readers, func(r relay.Reader) bool { return r.Name == name })
	if i < 0 {
		return notFound("reader", name)
	}
	readers := slices.Clone(h.state.Readers)
	if readers[i].Revoked.IsZero() {
		readers[i].Revoked = time.Now()
	}
	h.state.Readers = readers
	if err := h.keep(ctx); err != nil {
		return err
	}
	if h.now != nil {
		short, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := relay.Expel(short, h.now.js, h.state.Space, &readers[i]); err != nil {
			h.log.Info("hub.revoke", "reader", name, "error", err) // the publisher makes up for it when the broker is there
		}
	}
	h.wake()
	return nil
}

// Config is what a cluster of the team's own must know of this space: its accounts and their permissions.
func (h *Hub) Config(ctx context.Context) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now == nil {
		return "", errNoHub
	}
	public := h.now.public
	if public == "" {
		public = "U_PUBLIC_KEY_OF_THE_HUB"
	}
	return "# Accounts of the space " + h.state.Space + ". Put them into the settings of every nats-server of the cluster, and have them read anew\n" +
		"# (nats-server --signal reload, twice: at the first time a new account has no imports yet). Print them again after an invite, a revocation or a new source.\n" + h.accounts(ctx, public), nil
}

// HubJSON is how a hub stands.
type HubJSON struct {
	On        bool         `json:"on"`
	ID        string       `json:"id,omitempty"`
	Space     string       `json:"space,omitempty"`
	URLs      []string     `json:"urls"`
	Embedded  bool         `json:"embedded"`
	Here      bool         `json:"here,omitempty"` // the window's program is a hub at each start
	Connected bool         `json:"connected"`
	Left      int          `json:"left"` // captures that are not published yet
	Messages  uint64       `json:"messages"`
	Bytes     uint64       `json:"bytes"`
	Refilled  int          `json:"refilled"`
	Trouble   string       `json:"trouble,omitempty"`
	Readers   []ReaderJSON `json:"readers"`
}

// ReaderJSON is a reader as the hub sees it.
type ReaderJSON struct {
	Name     string   `json:"name"`
	Sources  []string `json:"sources"`
	Queues   []string `json:"queues"`
	State    string   `json:"state"` // "online", "away", "never", "revoked", "expired" or, where the broker does not say, "unknown"
	Created  string   `json:"created"`
	Expires  string   `json:"expires,omitempty"`
	LastSeen string   `json:"last_seen,omitempty"`
	Lag      uint64   `json:"lag"`
}

// Status is how the hub stands, with its readers.
func (h *Hub) Status(ctx context.Context) (HubJSON, error) {
	h.mu.Lock()
	if h.state.ID == "" {
		if err := h.store.Setting(ctx, hubSetting, &h.state); err != nil {
			h.mu.Unlock()
			return HubJSON{}, err
		}
	}
	state, run, trouble := h.state, h.now, ""
	state.Readers = slices.Clone(state.Readers)
	if run != nil {
		trouble = run.trouble
	}
	h.mu.Unlock()
	out := HubJSON{Here: state.Here, ID: state.ID, Space: state.Space, URLs: append([]string{}, state.URLs...), Readers: []ReaderJSON{}}
	if run != nil {
		st := run.out.Status()
		out.On, out.Embedded, out.Connected, out.URLs = true, run.broker != nil, run.nc.IsConnected(), run.addresses()
		out.Messages, out.Bytes, out.Refilled, out.Trouble = st.Stream, st.Bytes, st.Refilled, st.Trouble
		if !out.Connected && trouble != "" {
			out.Trouble = trouble
		}
		var err error
		if out.Left, err = h.store.OutgoingLeft(ctx, st.Cursor.Done); err != nil {
			return out, err
		}
	}
	for i := range state.Readers {
		out.Readers = append(out.Readers, h.standing(ctx, run, state.Space, &state.Readers[i]))
	}
	return out, nil
}

func (h *Hub) standing(ctx context.Context, run *hubRun, space string, r *relay.Reader) ReaderJSON {
	out := ReaderJSON{Name: r.Name, Sources: append([]string{}, r.Sources...), Queues: append([]string{}, r.Queues...), State: "unknown", Created: stamp(r.Created)}
	if !r.Expires.IsZero() {
		out.Expires = stamp(r.Expires)
	}
	switch {
	case !r.Revoked.IsZero():
		out.State = "revoked"
		return out
	case !r.Active(time.Now()):
		out.State = "expired"
		return out
	case run == nil || !run.nc.IsConnected():
		return out
	}
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	s, err := relay.StandingOf(short, run.js, space, r)
	if err != nil {
		return out
	}
	out.Lag = s.Lag
	switch {
	case s.Online:
		out.State = "online"
	case s.LastSeen.IsZero():
		out.State = "never"
	default:
		out.State = "away"
	}
	if !s.LastSeen.IsZero() {
		out.LastSeen = stamp(s.LastSeen)
	}
	return out
}
