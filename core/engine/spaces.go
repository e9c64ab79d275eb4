package engine

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/relay"
	"hookglass/core/store"
)

// Spaces are those that this program follows as a reader. Until one is joined nothing of it runs.
type Spaces struct {
	store   *store.Store
	vault   *Vault
	capture *capture.Server
	log     *slog.Logger

	changing sync.Mutex // one joins or leaves at a time

	mu      sync.Mutex
	running map[string]*following
	changed chan struct{}
}

// Space is a space that was joined. Its key is a reference.
type Space struct {
	Name   string         `json:"name"`
	Reader string         `json:"reader"`
	Queue  string         `json:"queue,omitempty"`
	URLs   []string       `json:"urls"`
	Pin    string         `json:"pin,omitempty"`
	Key    core.SecretRef `json:"key"`
	Joined time.Time      `json:"joined"`
}

// following is a space at work.
type following struct {
	space    Space
	follower *relay.Follower
	cancel   context.CancelFunc
	done     chan struct{}
	lost     error // why its key cannot be had
}

const spacesSetting = "spaces"

// All are the spaces that were joined.
func (s *Spaces) All(ctx context.Context) (all []Space, err error) {
	err = s.store.Setting(ctx, spacesSetting, &all)
	return all, err
}

// Joining is what a reader says beside its invite.
type Joining struct {
	Invite string `json:"invite"`
	Queue  string `json:"queue,omitempty"` // a work queue of the invite: each capture goes to one of those that joined it
	Keep   string `json:"keep,omitempty"`  // where the key is kept: "keyring", "file" or "run"; "": the keyring, else the file
}

// Join keeps an invite, and follows its space from then on.
func (s *Spaces) Join(ctx context.Context, ask Joining) (Space, error) {
	v, err := relay.ParseInvite(ask.Invite)
	if err != nil {
		return Space{}, err
	}
	if err := checkQueue(ask.Queue, v); err != nil {
		return Space{}, err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	all, err := s.All(ctx)
	if err != nil {
		return Space{}, err
	}
	if slices.ContainsFunc(all, func(x Space) bool { return x.Name == v.Space }) {
		return Space{}, &core.Invalid{Field: "invite", Reason: "the space " + v.Space + " is joined already; leave it first (hookglass leave " + v.Space + ")"}
	}
	key, err := s.keepKey(ask.Keep, v)
	if err != nil {
		return Space{}, err
	}
	now := Space{Name: v.Space, Reader: v.Reader, Queue: ask.Queue, URLs: v.URLs, Pin: v.Pin, Key: key, Joined: time.Now()}
	err = store.ChangeSetting(s.store, spacesSetting, func(all *[]Space) error {
		*all = append(*all, now)
		return nil
	})
	if err != nil {
		return Space{}, err
	}
	s.look()
	return now, nil
}

func checkQueue(queue string, v relay.Invite) error {
	switch {
	case queue != "" && !slices.Contains(v.Queues, queue):
		return &core.Invalid{Field: "queue", Reason: fmt.Sprintf("the invite has no queue %q (%s); the hub makes one with hookglass hub invite %s --queue %s", queue, queuesText(v.Queues), v.Reader, queue)}
	case queue == "" && len(v.Queues) > 0:
		return &core.Invalid{Field: "queue", Reason: "the invite is for a work queue; join with --queue " + core.OrList(v.Queues)}
	}
	return nil
}

func queuesText(all []string) string {
	if len(all) == 0 {
		return "it has none"
	}
	return "it has " + strings.Join(all, ", ")
}

// keepKey puts a reader's key where it is to be kept.
func (s *Spaces) keepKey(place string, v relay.Invite) (core.SecretRef, error) {
	name, key := spaceKey+v.Space, core.Text(v.Seed)
	switch place {
	case "keyring", "file", "run":
		return s.vault.Put(place, name, key)
	case "":
	default:
		return "", &core.Invalid{Field: "keep", Reason: "want keyring, file or run"}
	}
	if s.vault.HasKeyring() {
		if ref, err := s.vault.Put("keyring", name, key); err == nil {
			return ref, nil
		}
	}
	return s.vault.Put("file", name, key) // to join without a keyring is to agree to a file; it is said where the key went
}

// spaceKey begins the names of readers' keys in the vault.
const spaceKey = "space/"

// Leave stops following a space and forgets its key. Its captures stay.
func (s *Spaces) Leave(ctx context.Context, name string) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	var left *Space
	err := store.ChangeSetting(s.store, spacesSetting, func(all *[]Space) error {
		i := slices.IndexFunc(*all, func(x Space) bool { return x.Name == name })
		if i < 0 {
			return notFound("space", name)
		}
		gone := (*all)[i]
		left, *all = &gone, slices.Delete(slices.Clone(*all), i, i+1)
		return nil
	})
	if err != nil {
		return err
	}
	s.stop(name)
	s.look()
	if err := s.vault.Forget(left.Key); err != nil {
		s.log.Warn("secret.kept", "space", name, "error", err)
	}
	return nil
}

func (s *Spaces) look() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
	s.store.Feed().Bump()
}

func (s *Spaces) stop(name string) {
	s.mu.Lock()
	f := s.running[name]
	delete(s.running, name)
	s.mu.Unlock()
	if f != nil && f.cancel != nil {
		f.cancel()
		<-f.done
	}
}

// run follows what is joined until ctx ends.
func (s *Spaces) run(ctx context.Context) error {
	defer func() {
		for _, name := range s.names() {
			s.stop(name)
		}
	}()
	for {
		all, err := s.All(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("setting.unreadable", "error", err)
		}
		for _, space := range all {
			s.begin(ctx, space)
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Spaces) names() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.running {
		all = append(all, name)
	}
	return all
}

// begin follows a space, unless it is followed already.
func (s *Spaces) begin(ctx context.Context, space Space) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.running[space.Name]; now != nil && now.lost == nil {
		return
	}
	key, err := s.vault.Resolve(space.Key)
	if err != nil {
		s.running[space.Name] = &following{space: space, lost: err}
		return
	}
	f := &following{space: space, done: make(chan struct{})}
	f.follower = &relay.Follower{
		Invite: relay.Invite{URLs: space.URLs, Space: space.Name, Reader: space.Reader, Seed: string(key.Reveal()), Pin: space.Pin}, Queue: space.Queue,
		Take: func(_ context.Context, all []store.Arrival) error { return s.store.AddArrivals(all) },
		Judge: func(c *core.Capture, m *relay.Meta) *store.Kept {
			return s.capture.Arrive(relay.LocalSource(space.Name, m.Source), c, len(m.Masked) == 0)
		},
		Changed: s.store.Feed().Bump,
	}
	ctx, f.cancel = context.WithCancel(ctx)
	s.running[space.Name] = f
	go func() {
		defer close(f.done)
		if err := s.store.ForgetArrivals(space.Name, time.Now().Add(-forgetAfter)); err != nil && ctx.Err() == nil {
			s.log.Warn("space.forget", "space", space.Name, "error", err)
		}
		if err := f.follower.Run(ctx); err != nil {
			s.log.Error("space.ended", "space", space.Name, "error", err)
		}
	}()
}

// forgetAfter is how long it is remembered that a capture came which is deleted by now: longer than a space keeps captures.
const forgetAfter = 60 * 24 * time.Hour
