package engine

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/capture"
	"hookglass/core/contract"
	"hookglass/core/env"
	"hookglass/core/exchange"
	"hookglass/core/limit"
	"hookglass/core/platform"
)

// PutSource checks and stores a source, new (ID 0) or changed, and hosts it at once.
func (e *Engine) PutSource(ctx context.Context, src *core.Source) error {
	if err := e.CheckSource(ctx, src); err != nil {
		return err
	}
	var before core.Source
	if src.ID != 0 {
		var err error
		if before, err = e.Store.Source(ctx, src.ID); err != nil {
			return err
		}
	}
	if src.Created.IsZero() {
		src.Created = time.Now()
	}
	if err := e.Store.PutSource(src); err != nil {
		if errors.Is(err, core.ErrConflict) {
			return &core.Invalid{Field: "name", Reason: fmt.Sprintf("%q is taken by another source; choose another", src.Name)}
		}
		return err
	}
	e.forgetSecrets(ctx, before, *src)
	return e.reload(ctx)
}

// CheckSource says what is wrong with a source as a *core.Invalid, and fills in the defaults of its settings. Faults,
// limit and forward are named by path: "faults.error_rate".
func (e *Engine) CheckSource(ctx context.Context, src *core.Source) error {
	others, err := e.Store.Sources(ctx)
	if err != nil {
		return err
	}
	return e.checkSource(ctx, src, placesOf(others), e.Environments.Set())
}

// checkSource is CheckSource among the sources and environments that there are to be.
func (e *Engine) checkSource(ctx context.Context, src *core.Source, others places, all env.Set) error {
	p, ok := platform.Find(src.Platform)
	if !ok || !p.Inbound {
		return &core.Invalid{Field: "platform", Reason: fmt.Sprintf("unknown platform %q", src.Platform)}
	}
	if src.Settings == nil {
		src.Settings = core.Values{}
	}
	if err := platform.Check(src.Settings, p.Settings); err != nil {
		return err
	}
	if err := addressFree(p, src, others); err != nil {
		return err
	}
	if src.Name == "" {
		return &core.Invalid{Field: "name", Reason: "is empty; lists and filters show it"}
	}
	if err := capture.CheckFaults(src.Faults); err != nil {
		return within("faults", err)
	}
	if src.Limit != nil {
		if err := limit.Check(*src.Limit); err != nil {
			return within("limit", err)
		}
	}
	if src.Contract != nil {
		if _, err := contract.Compile(src.Contract); err != nil {
			return err
		}
	}
	if err := checkForwards(src.Forwards, all); err != nil {
		return err
	}
	return e.capture.Try(ctx, *src)
}

// Loopback reports whether a URL leads to this machine: a forward elsewhere needs the user's word.
func Loopback(raw string) bool { return capture.Loopback(raw) }

// addressFree refuses a second source at one address: it would never be asked.
func addressFree(p platform.Platform, src *core.Source, others places) error {
	if p.Path == nil {
		return nil
	}
	mine := p.Path(src.Settings, src.Profile)
	for _, other := range others.at[placeOf(*src)] {
		if other.ID != src.ID && other.Name != src.Name {
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
	before, err := e.Store.Source(ctx, id)
	if err != nil {
		return err
	}
	if err := e.Store.DeleteSource(id); err != nil {
		return err
	}
	e.forgetSecrets(ctx, before, core.Source{})
	return e.reload(ctx)
}

// SourceURL is the full address of a source: on this machine, or through the tunnel while it is online.
func (e *Engine) SourceURL(src core.Source) string {
	base := e.URL()
	if public := e.Tunnel.PublicURL(); public != "" {
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
	cfg, _ := e.hosted(src) // unsigned where a secret cannot be had
	cfg.Base = e.URL()
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
	return exchange.CurlLineTrusting(r, e.Authority())
}

// SendExample sends a source its example, as the line of Curl does, and returns the answer.
func (e *Engine) SendExample(ctx context.Context, src core.Source) (core.Attempt, error) {
	r, ok := e.Example(src)
	if !ok {
		r = core.Request{Method: "POST", Target: sourcePath(src), Base: e.URL()}
	}
	d := core.Delivery{Target: core.Target{URL: r.URL(), Method: r.Method, Timeout: core.DefaultTimeout, SkipTLS: e.Address.secure.Load() != nil}, Request: r} // it is to ourselves
	a := e.sender.Send(ctx, d, 1, time.Now())
	if a.Response == nil {
		return a, fmt.Errorf("send the example to %s: %s: %s", d.Target.URL, a.Failure, a.Detail)
	}
	return a, nil
}

// Suggest returns settings for a new source of a platform. Its addresses are not guessed: they are drawn anew each time.
func (e *Engine) Suggest(name string) core.Values {
	p, _ := platform.Find(name)
	if p.Suggest == nil {
		return core.Values{}
	}
	return p.Suggest(platform.NewIDs(rand.New(rand.NewPCG(newSeed(), newSeed()))))
}

// UnguessablePath is a path for a source that is reached from outside: nobody finds it by trying.
func UnguessablePath() string { return "/in/" + strings.ToLower(crand.Text()) }

// within puts a path before the field of what is invalid.
func within(path string, err error) error {
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		return &core.Invalid{Field: path + "." + invalid.Field, Reason: invalid.Reason}
	}
	return fmt.Errorf("%s: %w", path, err)
}

// firstSource is the name of the source that a new history has.
const firstSource = "anything"

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
	if err := e.PutSource(ctx, &core.Source{Name: firstSource, Platform: "generic", Settings: core.Values{"path": "/in/anything"}}); err != nil {
		return err
	}
	return e.Store.PutSetting("welcomed", true)
}
