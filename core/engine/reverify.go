package engine

import (
	"context"
	"fmt"
	"math/rand/v2"

	"hookglass/core"
	"hookglass/core/platform"
)

// Reverified is how verifying old captures again went.
type Reverified struct {
	Captures int // that a signature was looked for in
	Verified int // whose signature holds now
	Changed  int // whose verdict is another one than before
	Left     int // left alone: at another address than the source's present one, or without all the bytes that were signed
}

// ReverifySource checks the signatures of a source's captures again, as its settings and secrets stand now, and stores the
// new verdicts. Each is checked at the time it arrived, so that an old timestamp is no fault. Captures that arrived at
// the source's address before there was a source are among them. progress is told how many of how many are done.
func (e *Engine) ReverifySource(ctx context.Context, src core.Source, progress func(done, of int)) (Reverified, error) {
	var r Reverified
	p, ok := platform.Find(src.Platform)
	if !ok {
		return r, &core.Invalid{Field: "platform", Reason: fmt.Sprintf("unknown platform %q", src.Platform)}
	}
	cfg, err := e.hosted(src)
	if err != nil {
		return r, err
	}
	ids, err := e.arrivedAt(ctx, p, cfg, &r)
	if err != nil {
		return r, err
	}
	for i, id := range ids {
		if err := e.reverifyAs(ctx, p, cfg, id, &r); err != nil {
			return r, err
		}
		if progress != nil {
			progress(i+1, len(ids))
		}
	}
	return r, nil
}

// arrivedAt are the captures at the source's present address: its own, and those of the time when nobody had it.
func (e *Engine) arrivedAt(ctx context.Context, p platform.Platform, cfg platform.Config, r *Reverified) ([]core.CaptureID, error) {
	m, err := p.New(cfg)
	if err != nil {
		return nil, err
	}
	var ids []core.CaptureID
	err = e.Store.SourceCaptures(ctx, cfg.Source, func(id core.CaptureID, own bool, target string) {
		req := core.Request{Target: target}
		if m.Match(req.Path()) > 0 {
			ids = append(ids, id)
		} else if own {
			r.Left++
		}
	})
	return ids, err
}

// reverifyAs lets a machine of its own decide on one capture again, and keeps nothing of that but the verdict: limits and
// work of the source play no part.
func (e *Engine) reverifyAs(ctx context.Context, p platform.Platform, cfg platform.Config, id core.CaptureID, r *Reverified) error {
	c, err := e.Store.Capture(ctx, id)
	if err != nil {
		return err
	}
	m, err := p.New(cfg)
	if err != nil {
		return err
	}
	if c.Request.Truncated {
		r.Left++
		return nil
	}
	v := m.Receive(platform.In{Now: c.At, Request: &c.Request, IDs: platform.NewIDs(rand.New(rand.NewPCG(e.opt.Seed, uint64(id))))}).Receipt.Verdict
	if v == nil {
		return nil
	}
	r.Captures++
	if v.State == core.Verified {
		r.Verified++
	}
	if old := c.Receipt.Verdict; old != nil && old.State == v.State && old.Scheme == v.Scheme && old.Wanted == v.Wanted {
		return nil
	}
	r.Changed++
	return e.Store.SetVerdict(id, v)
}

// hosted is a source as its machine sees it. Beside a secret that cannot be had, which is an error, it is complete.
func (e *Engine) hosted(src core.Source) (platform.Config, error) {
	cfg := platform.Config{Source: src.ID, Name: src.Name, Profile: src.Profile, Settings: src.Settings, Secrets: map[string]core.Secret{}, Seed: e.opt.Seed, Schemes: e.Schemes.Book(),
		Filter: filterEarly, Resolve: e.Vault.Resolve}
	var missing error
	for name, ref := range src.Secrets {
		s, err := e.Vault.Resolve(ref)
		if err != nil {
			missing = &core.Invalid{Field: name, Reason: err.Error()}
			continue
		}
		cfg.Secrets[name] = s
	}
	if token, ok := e.capture.ManageToken(src); ok {
		p, _ := platform.Find(src.Platform)
		cfg.Secrets[p.Management.Token] = token
	}
	return cfg, missing
}
