package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"hookglass/core"
	"hookglass/core/env"
	"hookglass/core/store"
)

// environmentSetting holds the environments, and which of them is chosen.
const environmentSetting = "environments"

type environmentChoice struct {
	All    []core.Environment `json:"all"`
	Chosen string             `json:"chosen,omitempty"`
}

// Environments are the named sets of values that the user fills addresses, headers and bodies of their own with.
type Environments struct {
	store *store.Store
	vault *Vault
	log   *slog.Logger

	now    atomic.Pointer[env.Set]
	forRun atomic.Pointer[string] // chosen for this run only, whatever is stored
}

// Set is the environments as they stand now.
func (x *Environments) Set() env.Set {
	if s := x.now.Load(); s != nil {
		return *s
	}
	return env.Set{}
}

// Named is the environments with another one chosen; with "" the one that is.
func (x *Environments) Named(name string) (env.Set, error) {
	s := x.Set()
	if name == "" {
		return s, nil
	}
	return chosenIn(s.All, name)
}

func chosenIn(all []core.Environment, name string) (env.Set, error) {
	if name == "" {
		return env.Set{All: all}, nil
	}
	i := slices.IndexFunc(all, func(e core.Environment) bool { return e.Name == name })
	if i < 0 {
		return env.Set{All: all}, noEnvironment(all, "environment", name)
	}
	return env.Set{Chosen: &all[i], All: all}, nil
}

func noEnvironment(all []core.Environment, field, name string) error {
	var names []string
	for _, e := range all {
		names = append(names, e.Name)
	}
	if len(names) == 0 {
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("there is no environment %q, nor any other; make it: hookglass env set staging base=http://127.0.0.1:3000", core.Visible(name))}
	}
	return &core.Invalid{Field: field, Reason: fmt.Sprintf("there is no environment %q; want %s", core.Visible(name), core.OrList(names))}
}

// load takes up what is stored.
func (x *Environments) load(ctx context.Context) {
	var c environmentChoice
	if err := x.store.Setting(ctx, environmentSetting, &c); err != nil {
		x.log.Error("environments.unread", "error", err)
		return
	}
	x.take(c)
}

func (x *Environments) take(c environmentChoice) {
	name := c.Chosen
	if own := x.forRun.Load(); own != nil {
		name = *own
	}
	s, err := chosenIn(c.All, name)
	if err != nil { // it is gone
		s = env.Set{All: c.All}
	}
	x.now.Store(&s)
}

// UseForRun chooses an environment for this run, and leaves what is stored.
func (x *Environments) UseForRun(name string) error {
	s, err := chosenIn(x.Set().All, name)
	if err != nil {
		return err
	}
	x.forRun.Store(&name)
	x.now.Store(&s)
	return nil
}

// Choose chooses an environment from now on; "" chooses none.
func (x *Environments) Choose(ctx context.Context, name string) error {
	x.forRun.Store(nil)
	return x.change(ctx, func(c *environmentChoice) error {
		if _, err := chosenIn(c.All, name); err != nil {
			return err
		}
		c.Chosen = name
		return nil
	})
}

// Change makes an environment, or changes what is named of one: a nil value takes a name away, and a name that had a secret and
// gets a value, or the other way round, has that alone.
func (x *Environments) Change(ctx context.Context, name string, values, secrets map[string]*string) error {
	var left []core.SecretRef
	err := x.change(ctx, func(c *environmentChoice) error {
		at := slices.IndexFunc(c.All, func(e core.Environment) bool { return e.Name == name })
		if at < 0 {
			if len(c.All) >= env.MostEnvironments {
				return &core.Invalid{Field: "name", Reason: fmt.Sprintf("there are %d environments; delete one first", len(c.All))}
			}
			c.All = append(c.All, core.Environment{Name: name})
			at = len(c.All) - 1
		}
		before := c.All[at]
		now := core.Environment{Name: name, Values: map[string]string{}, Secrets: map[string]core.SecretRef{}}
		maps.Copy(now.Values, before.Values)
		maps.Copy(now.Secrets, before.Secrets)
		for key, v := range values {
			delete(now.Values, key)
			delete(now.Secrets, key)
			if v != nil {
				now.Values[key] = *v
			}
		}
		for key, v := range secrets {
			delete(now.Values, key)
			delete(now.Secrets, key)
			if v != nil {
				now.Secrets[key] = core.SecretRef(*v)
			}
		}
		c.All[at], left = now, unused(before, now)
		return env.Check(&now)
	})
	if err == nil {
		x.forget(left)
	}
	return err
}

// Put makes an environment, or puts another one in the place of that of the name was.
func (x *Environments) Put(ctx context.Context, was string, e core.Environment) error {
	var left []core.SecretRef
	err := x.change(ctx, func(c *environmentChoice) error {
		if err := env.Check(&e); err != nil {
			return err
		}
		at := slices.IndexFunc(c.All, func(o core.Environment) bool { return o.Name == was })
		if other := slices.IndexFunc(c.All, func(o core.Environment) bool { return o.Name == e.Name }); other >= 0 && other != at {
			return &core.Invalid{Field: "name", Reason: fmt.Sprintf("%q is the name of another environment; choose another", e.Name)}
		}
		left = nil
		switch {
		case at >= 0:
			left = unused(c.All[at], e)
			c.All[at] = e
			if c.Chosen == was {
				c.Chosen = e.Name
			}
		case len(c.All) >= env.MostEnvironments:
			return &core.Invalid{Field: "name", Reason: fmt.Sprintf("there are %d environments; delete one first", len(c.All))}
		default:
			c.All = append(c.All, e)
		}
		return nil
	})
	if err == nil {
		x.forget(left)
	}
	return err
}

// Delete removes an environment and the secrets that were kept for it.
func (x *Environments) Delete(ctx context.Context, name string) error {
	var left []core.SecretRef
	err := x.change(ctx, func(c *environmentChoice) error {
		at := slices.IndexFunc(c.All, func(e core.Environment) bool { return e.Name == name })
		if at < 0 {
			return fmt.Errorf("environment %q: %w", core.Visible(name), core.ErrNotFound)
		}
		left = unused(c.All[at], core.Environment{})
		c.All = slices.Delete(c.All, at, at+1)
		if c.Chosen == name {
			c.Chosen = ""
		}
		return nil
	})
	if err == nil {
		x.forget(left)
	}
	return err
}

func (x *Environments) change(ctx context.Context, change func(*environmentChoice) error) error {
	err := store.ChangeSetting(x.store, environmentSetting, change)
	x.load(ctx)
	return err
}

// environmentSecrets begins the names of the secrets that are kept for environments. Others are the user's own.
const environmentSecrets = "environment/"

// KeepSecret keeps a secret of an environment in a place of the vault. Every call makes a name of its own: what is owed already
// goes on with the secret that it was owed under.
func (x *Environments) KeepSecret(place string, s core.Secret) (core.SecretRef, error) {
	return x.vault.Put(place, environmentSecrets+newOrigin(), s)
}

// unused are the secrets kept for an environment that it refers to no more.
func unused(before, now core.Environment) (left []core.SecretRef) {
	for _, ref := range before.Secrets {
		_, name, _ := strings.Cut(string(ref), ":")
		if strings.HasPrefix(name, environmentSecrets) && !slices.Contains(slices.Collect(maps.Values(now.Secrets)), ref) {
			left = append(left, ref)
		}
	}
	return left
}

func (x *Environments) forget(refs []core.SecretRef) {
	for _, ref := range refs {
		if err := x.vault.Forget(ref); err != nil {
			x.log.Warn("secret.kept", "error", err)
		}
	}
}

// merged is what is stored with the environments of a workspace in the place of those of their names.
func (x *Environments) merged(ctx context.Context, all []core.Environment, chosen string) (c environmentChoice, err error) {
	if err := x.store.Setting(ctx, environmentSetting, &c); err != nil {
		return c, err
	}
	for i := range all {
		if err := env.Check(&all[i]); err != nil {
			return c, within(fmt.Sprintf("environments[%d]", i), err)
		}
		at := slices.IndexFunc(c.All, func(e core.Environment) bool { return e.Name == all[i].Name })
		if at < 0 {
			c.All = append(c.All, all[i])
		} else {
			c.All[at] = all[i]
		}
	}
	if len(c.All) > env.MostEnvironments {
		return c, &core.Invalid{Field: "environments", Reason: fmt.Sprintf("make %d together with those that are there; want %d at the most", len(c.All), env.MostEnvironments)}
	}
	if chosen != "" {
		c.Chosen = chosen
		_, err = chosenIn(c.All, chosen)
	}
	return c, err
}

// CheckTyped is [CheckURL] for an address that may have names of environments in it. It is filled first; where the chosen
// environment lacks a name that another has, it may be kept all the same.
func (x *Environments) CheckTyped(field, address string) error {
	return checkTyped(x.Set(), field, address)
}

func checkTyped(all env.Set, field, address string) error {
	if !env.Uses(address) {
		return CheckURL(field, address)
	}
	if err := all.Known(field, address); err != nil || !all.Fills(address) {
		return err
	}
	t, err := all.Target(core.Target{URL: address})
	if err != nil {
		return renamed(err, field)
	}
	return CheckURL(field, t.URL)
}

// renamed is what is wrong, under the name that the caller knows it by.
func renamed(err error, field string) error {
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		return &core.Invalid{Field: field, Reason: invalid.Reason}
	}
	return err
}
