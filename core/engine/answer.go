package engine

import (
	"context"
	"math/rand/v2"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/store"
)

// TryAnswer is what a source, as it is given here and stored or not, would answer to a capture now, or without one to its own
// example. Nothing is kept, and what is counted begins anew.
func (e *Engine) TryAnswer(ctx context.Context, src core.Source, id core.CaptureID) (platform.Out, error) {
	p, ok := platform.Find(src.Platform)
	if !ok {
		return platform.Out{}, &core.Invalid{Field: "platform", Reason: "is not known"}
	}
	var c core.Capture
	if id == 0 {
		c.Request, _ = e.Example(src)
	} else {
		var err error
		if c, err = e.Store.Capture(ctx, id); err != nil {
			return platform.Out{}, err
		}
	}
	cfg, _ := e.hosted(src) // without a secret that cannot be had the signature does not verify, as when it arrives
	m, err := p.New(cfg)
	if err != nil {
		return platform.Out{}, err
	}
	in := platform.In{Now: time.Now(), Request: &c.Request, Via: c.Via, IDs: platform.NewIDs(rand.New(rand.NewPCG(e.opt.Seed, uint64(id))))}
	if look := promises(src.Contract); look != nil {
		in.Seen = m.Look(in)
		in.Promise = look(in.Seen.Event().Type, in.Request)
	}
	out := m.Receive(in)
	if out.Number != nil {
		out.Response = out.Number(out.Response, id)
	}
	if out.Told != nil {
		out.Response = out.Told(id)
	}
	return out, nil
}

// filterEarly reads a filter of a rule.
func filterEarly(text string) (func(*core.Capture) bool, error) { return store.ParseMatchEarly(text) }
