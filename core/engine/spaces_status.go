package engine

import (
	"context"
	"net/url"
	"slices"

	"hookglass/core"
	"hookglass/core/relay"
	"hookglass/core/store"
)

// SpaceJSON is how a reader stands with a space.
type SpaceJSON struct {
	Name     string            `json:"name"`
	Reader   string            `json:"reader"`
	Queue    string            `json:"queue,omitempty"`
	URLs     []string          `json:"urls"`
	State    string            `json:"state"` // "connecting", "connected", "catching up", "behind", "refused" or "gap"
	Pending  uint64            `json:"pending"`
	Received int64             `json:"received"` // since the program began
	Again    int64             `json:"again"`    // of those that came, how many were here already
	Broken   int64             `json:"broken"`   // that could not be read
	Trouble  string            `json:"trouble,omitempty"`
	Since    string            `json:"since,omitempty"`
	Joined   string            `json:"joined"`
	Key      string            `json:"key"`
	Sources  []SpaceSourceJSON `json:"sources"`
	Gaps     []GapJSON         `json:"gaps"`
}

// SpaceSourceJSON is what came of a source.
type SpaceSourceJSON struct {
	Source string `json:"source"`
	Local  string `json:"local"` // what the source is called here that would check and send on its captures
	Count  int64  `json:"count"`
	Last   string `json:"last"`
}

// GapJSON is where captures may be missing.
type GapJSON struct {
	Source  string         `json:"source"`
	Since   string         `json:"since"`
	Until   string         `json:"until"`
	Most    int64          `json:"most"`    // that may be missing
	Capture core.CaptureID `json:"capture"` // the first here behind it
	Seen    bool           `json:"seen,omitempty"`
}

// Status is how this reader stands with its spaces.
func (s *Spaces) Status(ctx context.Context) ([]SpaceJSON, error) {
	all, err := s.All(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]SpaceJSON, len(all))
	for i := range all {
		if out[i], err = s.status(ctx, &all[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SpaceState is how it stands with a space, in short.
type SpaceState struct {
	Name, State, Trouble string
	Pending              uint64
}

// States are how it stands with each space, in short: for what looks often.
func (s *Spaces) States(ctx context.Context) ([]SpaceState, error) {
	all, err := s.All(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	gaps, err := s.store.Gaps(ctx, "")
	if err != nil {
		return nil, err
	}
	out := make([]SpaceState, len(all))
	for i, x := range all {
		now := s.followed(x.Name)
		out[i] = SpaceState{x.Name, stateWord(now, x.Name, gaps), now.Trouble, now.Pending}
	}
	return out, nil
}

// followed is how it stands with a space, as its follower says it.
func (s *Spaces) followed(name string) relay.Followed {
	s.mu.Lock()
	f := s.running[name]
	s.mu.Unlock()
	switch {
	case f == nil:
		return relay.Followed{State: relay.Connecting}
	case f.lost != nil:
		return relay.Followed{State: relay.Behind, Trouble: f.lost.Error()}
	}
	return f.follower.Status()
}

// stateWord is the state, or that there is a gap which nobody has seen yet.
func stateWord(now relay.Followed, name string, gaps []store.Gap) string {
	if now.State == relay.Connected && slices.ContainsFunc(gaps, func(g store.Gap) bool { return g.Space == name && !g.Seen }) {
		return "gap"
	}
	return string(now.State)
}

func (s *Spaces) status(ctx context.Context, x *Space) (SpaceJSON, error) {
	now := s.followed(x.Name)
	out := SpaceJSON{Name: x.Name, Reader: x.Reader, Queue: x.Queue, URLs: x.URLs, Joined: stamp(x.Joined), Key: MaskedSecret(x.Key), Sources: []SpaceSourceJSON{}, Gaps: []GapJSON{},
		Pending: now.Pending, Received: now.Received, Again: now.Again, Broken: now.Broken, Trouble: now.Trouble}
	if !now.Since.IsZero() {
		out.Since = stamp(now.Since)
	}
	sources, err := s.store.SpaceSources(ctx, x.Name)
	if err != nil {
		return out, err
	}
	for _, v := range sources {
		out.Sources = append(out.Sources, SpaceSourceJSON{v.Source, relay.LocalSource(x.Name, v.Source), v.Count, stamp(v.Last)})
	}
	gaps, err := s.store.Gaps(ctx, x.Name)
	out.State = stateWord(now, x.Name, gaps)
	for _, g := range gaps {
		out.Gaps = append(out.Gaps, GapJSON{g.Source, stamp(g.Since), stamp(g.Until), g.Most(), g.Capture, g.Seen})
	}
	return out, err
}

// SeeGaps says that the user saw the gaps of a space.
func (s *Spaces) SeeGaps(ctx context.Context, name string) error {
	all, err := s.All(ctx)
	if err == nil && !slices.ContainsFunc(all, func(x Space) bool { return x.Name == name }) {
		err = notFound("space", name)
	}
	if err != nil {
		return err
	}
	return s.store.SeeGaps(name)
}

// Receive makes a source here for a source of a space, by which its captures are checked with the user's own secret and sent on, and
// returns it; where there is one, that.
func (s *Spaces) Receive(ctx context.Context, put func(context.Context, *core.Source) error, space, source string) (core.SourceID, error) {
	name := relay.LocalSource(space, source)
	all, err := s.store.Sources(ctx)
	if err != nil {
		return 0, err
	}
	if i := slices.IndexFunc(all, func(x core.Source) bool { return x.Name == name }); i >= 0 {
		return all[i].ID, nil
	}
	src := core.Source{Name: name, Platform: "generic", Settings: core.Values{"path": "/in/" + space + "/" + url.PathEscape(source)}}
	err = put(ctx, &src)
	return src.ID, err
}
