package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/platform"
)

// PutSource checks and stores a source, new (ID 0) or changed, and hosts it at once.
func (e *Engine) PutSource(ctx context.Context, src *core.Source) error {
	p, ok := platform.Find(src.Platform)
	if !ok {
		return &core.Invalid{Field: "platform", Reason: fmt.Sprintf("unknown platform %q", src.Platform)}
	}
	if src.Settings == nil {
		src.Settings = core.Values{}
	}
	if err := platform.Check(src.Settings, p.Settings); err != nil {
		return err
	}
	if err := e.addressFree(ctx, p, src); err != nil {
		return err
	}
	if src.Name == "" {
		return &core.Invalid{Field: "name", Reason: "is empty; lists and filters show it"}
	}
	if src.Created.IsZero() {
		src.Created = time.Now()
	}
	if err := e.capture.Try(ctx, *src); err != nil {
		return err
	}
	if err := e.Store.PutSource(src); err != nil {
		if errors.Is(err, core.ErrConflict) {
			return &core.Invalid{Field: "name", Reason: fmt.Sprintf("%q is taken by another source; choose another", src.Name)}
		}
		return err
	}
	return e.reload(ctx)
}

// addressFree refuses a second source at one address: it would never be asked.
func (e *Engine) addressFree(ctx context.Context, p platform.Platform, src *core.Source) error {
	if p.Path == nil {
		return nil
	}
	all, err := e.Store.Sources(ctx)
	if err != nil {
		return err
	}
	mine := p.Path(src.Settings, src.Profile)
	for _, other := range all {
		if other.ID != src.ID && other.Platform == src.Platform && other.Name != src.Name && p.Path(other.Settings, other.Profile) == mine {
			return &core.Invalid{Field: addressField(p), Reason: fmt.Sprintf("%s is the address of source %s; choose another", mine, other.Name)}
		}
	}
	return nil
}

// addressField is the setting that makes a source's address.
func addressField(p platform.Platform) string {
	for _, name := range []string{"path", "id"} {
		for _, s := range p.Settings {
			if s.Name == name {
				return name
			}
		}
	}
	return "name"
}

// DeleteSource stops hosting a source and forgets its settings. Its captures stay.
func (e *Engine) DeleteSource(ctx context.Context, id core.SourceID) error {
	if err := e.Store.DeleteSource(id); err != nil {
		return err
	}
	return e.reload(ctx)
}

// SourceURL is the full address of a source: on this machine, or through the tunnel while it is online.
func (e *Engine) SourceURL(src core.Source) string {
	base := e.URL()
	if public := e.PublicURL(); public != "" {
		base = public
	}
	return base + sourcePath(src)
}

// LocalURL is the address of a source on this machine.
func (e *Engine) LocalURL(src core.Source) string { return e.URL() + sourcePath(src) }

func sourcePath(src core.Source) string {
	p, ok := platform.Find(src.Platform)
	if !ok || p.Path == nil {
		return "/"
	}
	return p.Path(src.Settings, src.Profile)
}

// Example is a request that a source accepts, signed where it has a secret.
func (e *Engine) Example(src core.Source) (core.Request, bool) {
	p, ok := platform.Find(src.Platform)
	if !ok || p.Example == nil {
		return core.Request{}, false
	}
	cfg := platform.Config{Source: src.ID, Name: src.Name, Profile: src.Profile, Settings: src.Settings, Secrets: map[string]core.Secret{}, Schemes: e.OwnSchemes(context.Background())}
	for name, ref := range src.Secrets {
		if s, err := e.Vault.Resolve(ref); err == nil {
			cfg.Secrets[name] = s
		}
	}
	r := p.Example(cfg, time.Now())
	r.Base = e.URL()
	return r, true
}

// Curl is a command that sends a source a request that it accepts.
func (e *Engine) Curl(src core.Source) string {
	r, ok := e.Example(src)
	if !ok {
		return "curl -X POST " + e.LocalURL(src)
	}
	return exchange.Curl(r)
}

// Apply puts a workspace in force: its sources and endpoints are stored under their names, its plain secrets kept for
// this run only.
func (e *Engine) Apply(ctx context.Context, w *exchange.Workspace) error {
	for ref, s := range w.Plain {
		if _, err := e.Vault.Put("run", string(ref[len("run:"):]), s); err != nil {
			return err
		}
	}
	if err := e.applySchemes(ctx, w.Schemes); err != nil {
		return err
	}
	have, err := e.Store.Sources(ctx)
	if err != nil {
		return err
	}
	for i := range w.Sources {
		src := w.Sources[i]
		for _, old := range have {
			if old.Name == src.Name {
				src.ID, src.Created = old.ID, old.Created
			}
		}
		if err := e.PutSource(ctx, &src); err != nil {
			return within(fmt.Sprintf("sources[%d]", i), err)
		}
	}
	endpoints, err := e.Store.Endpoints(ctx)
	if err != nil {
		return err
	}
	for i := range w.Endpoints {
		ep := w.Endpoints[i]
		ep.Created = time.Now()
		for _, old := range endpoints {
			if old.Platform == ep.Platform && old.WireID == ep.WireID {
				ep.ID, ep.Created = old.ID, old.Created
			}
		}
		if err := e.Store.PutEndpoint(&ep); err != nil {
			return within(fmt.Sprintf("endpoints[%d]", i), err)
		}
	}
	return e.reload(ctx)
}

// within puts a path before the field of what is invalid.
func within(path string, err error) error {
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		return &core.Invalid{Field: path + "." + invalid.Field, Reason: invalid.Reason}
	}
	return fmt.Errorf("%s: %w", path, err)
}

// Welcome gives a new history one source that takes anything, so that the first webhook has somewhere to go.
func (e *Engine) Welcome(ctx context.Context) error {
	sources, err := e.Store.Sources(ctx)
	if err != nil || len(sources) > 0 {
		return err
	}
	var welcomed bool
	if err := e.Store.Setting(ctx, "welcomed", &welcomed); err != nil || welcomed {
		return err
	}
	if err := e.PutSource(ctx, &core.Source{Name: "anything", Platform: "generic", Settings: core.Values{"path": "/in/anything"}}); err != nil {
		return err
	}
	return e.Store.PutSetting("welcomed", true)
}
