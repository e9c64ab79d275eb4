package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hookglass/core"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

// Apply puts a workspace in force: its schemes, sources and endpoints are stored under their names, all of them or none, its plain
// secrets kept for this run only. What is wrong with it is named by its path: "endpoints[1].url".
func (e *Engine) Apply(ctx context.Context, w *exchange.Workspace) error {
	for ref, s := range w.Plain {
		if _, err := e.Vault.Put("run", string(ref[len("run:"):]), s); err != nil {
			return err
		}
	}
	defer e.Schemes.load(ctx) // what is stored by then, whatever came of it
	if err := e.Schemes.suppose(w.Schemes); err != nil {
		return err
	}
	setup := store.Setup{Setting: schemesSetting}
	if len(w.Schemes) > 0 {
		setup.Change = rewrite(with(w.Schemes))
	}
	have, err := e.Store.Sources(ctx)
	if err != nil {
		return err
	}
	if setup.Sources, err = e.sourcesOf(ctx, w, have); err != nil {
		return err
	}
	if setup.Endpoints, err = e.endpointsOf(ctx, w); err != nil {
		return err
	}
	if at, err := e.Store.PutSetup(&setup); errors.Is(err, core.ErrConflict) {
		return &core.Invalid{Field: at, Reason: "its name or id is taken by another one; choose another"}
	} else if err != nil {
		return err
	}
	for _, src := range setup.Sources {
		if i := slices.IndexFunc(have, func(old core.Source) bool { return old.ID == src.ID }); i >= 0 {
			e.forgetSecrets(ctx, have[i], src)
		}
	}
	for _, ep := range setup.Endpoints {
		e.Outbox.dispatcher.Heed(ep.ID)
	}
	e.Schemes.load(ctx)
	return e.reload(ctx)
}

// sourcesOf are the sources of a workspace, checked, each with the id of the one that it takes the place of.
func (e *Engine) sourcesOf(ctx context.Context, w *exchange.Workspace, have []core.Source) ([]core.Source, error) {
	out := slices.Clone(w.Sources)
	rest := slices.Clone(have)
	for i := range out {
		out[i].Created = time.Now()
		if at := sameAs(rest, out[i]); at >= 0 {
			out[i].ID, out[i].Created = rest[at].ID, rest[at].Created
			rest = slices.Delete(rest, at, at+1)
		}
	}
	for i := range out {
		if err := e.checkSource(ctx, &out[i], slices.Concat(rest, out[:i])); err != nil {
			return nil, within(fmt.Sprintf("sources[%d]", i), err)
		}
	}
	return out, nil
}

// endpointsOf are the endpoints of a workspace in the same way.
func (e *Engine) endpointsOf(ctx context.Context, w *exchange.Workspace) ([]core.Endpoint, error) {
	have, err := e.Store.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(w.Endpoints)
	for i := range out {
		out[i].Created = time.Now()
		if at := sameEndpoint(have, out[i]); at >= 0 {
			out[i].ID, out[i].Created = have[at].ID, have[at].Created
		}
		if err := e.Endpoints.settle(&out[i]); err != nil {
			return nil, within(fmt.Sprintf("endpoints[%d]", i), err)
		}
	}
	return out, nil
}

// sameAs finds the stored source that one of a workspace takes the place of: the one at its address, else the one of
// its name; -1 where there is none.
func sameAs(have []core.Source, src core.Source) int {
	if at := slices.IndexFunc(have, func(old core.Source) bool { return old.Platform == src.Platform && sourcePath(old) == sourcePath(src) }); at >= 0 {
		return at
	}
	return slices.IndexFunc(have, func(old core.Source) bool { return old.Name == src.Name })
}

// sameEndpoint finds the stored endpoint that one of a workspace takes the place of, or is -1.
func sameEndpoint(have []core.Endpoint, ep core.Endpoint) int {
	return slices.IndexFunc(have, func(old core.Endpoint) bool { return old.Platform == ep.Platform && old.WireID == ep.WireID })
}
