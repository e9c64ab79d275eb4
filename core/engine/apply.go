package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hookglass/core"
	"hookglass/core/env"
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
	defer e.Environments.load(ctx)
	values := e.Environments.Set()
	if len(w.Environments) > 0 || w.Environment != "" {
		merged, err := e.Environments.merged(ctx, w.Environments, w.Environment)
		if err != nil {
			return err
		}
		setup.Put = map[string]any{environmentSetting: merged}
		if values, err = chosenIn(merged.All, merged.Chosen); err != nil {
			return err
		}
	}
	have, err := e.Store.Sources(ctx)
	if err != nil {
		return err
	}
	if setup.Sources, err = e.sourcesOf(ctx, w, have, values); err != nil {
		return err
	}
	if setup.Endpoints, err = e.endpointsOf(ctx, w, values); err != nil {
		return err
	}
	if at, err := e.Store.PutSetup(&setup); errors.Is(err, core.ErrConflict) {
		return &core.Invalid{Field: at, Reason: "its name or id is taken by another one; choose another"}
	} else if err != nil {
		return err
	}
	before := map[core.SourceID]core.Source{}
	for _, old := range have {
		before[old.ID] = old
	}
	for _, src := range setup.Sources {
		if old, ok := before[src.ID]; ok {
			e.forgetSecrets(ctx, old, src)
		}
	}
	for _, ep := range setup.Endpoints {
		e.Outbox.dispatcher.Heed(ep.ID)
	}
	e.Schemes.load(ctx)
	e.Environments.load(ctx)
	return e.reload(ctx)
}

// sourcesOf are the sources of a workspace, checked, each with the id of the one that it takes the place of.
func (e *Engine) sourcesOf(ctx context.Context, w *exchange.Workspace, have []core.Source, values env.Set) ([]core.Source, error) {
	out := slices.Clone(w.Sources)
	there := placesOf(have)
	for i := range out {
		out[i].Created = time.Now()
		if old, ok := there.same(out[i]); ok {
			out[i].ID, out[i].Created = old.ID, old.Created
			there.take(old)
		}
	}
	for i := range out {
		if err := e.checkSource(ctx, &out[i], there, values); err != nil {
			return nil, within(fmt.Sprintf("sources[%d]", i), err)
		}
		there.add(out[i])
	}
	return out, nil
}

// endpointsOf are the endpoints of a workspace in the same way.
func (e *Engine) endpointsOf(ctx context.Context, w *exchange.Workspace, values env.Set) ([]core.Endpoint, error) {
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
		if err := e.Endpoints.settle(&out[i], values); err != nil {
			return nil, within(fmt.Sprintf("endpoints[%d]", i), err)
		}
	}
	return out, nil
}

// places are sources by where they are reached and by name, so that many are compared with many.
type places struct{ at, named map[string][]core.Source }

func placesOf(all []core.Source) places {
	p := places{map[string][]core.Source{}, map[string][]core.Source{}}
	for _, src := range all {
		p.add(src)
	}
	return p
}

func placeOf(src core.Source) string { return src.Platform + " " + sourcePath(src) }

func (p places) add(src core.Source) {
	p.at[placeOf(src)] = append(p.at[placeOf(src)], src)
	p.named[src.Name] = append(p.named[src.Name], src)
}

func (p places) take(src core.Source) {
	mine := func(s core.Source) bool { return s.ID == src.ID }
	p.at[placeOf(src)] = slices.DeleteFunc(p.at[placeOf(src)], mine)
	p.named[src.Name] = slices.DeleteFunc(p.named[src.Name], mine)
}

// same finds the stored source that one of a workspace takes the place of: the one at its address, else the one of
// its name.
func (p places) same(src core.Source) (core.Source, bool) {
	for _, some := range [][]core.Source{p.at[placeOf(src)], p.named[src.Name]} {
		if len(some) > 0 {
			return some[0], true
		}
	}
	return core.Source{}, false
}

// sameEndpoint finds the stored endpoint that one of a workspace takes the place of, or is -1.
func sameEndpoint(have []core.Endpoint, ep core.Endpoint) int {
	return slices.IndexFunc(have, func(old core.Endpoint) bool { return old.Platform == ep.Platform && old.WireID == ep.WireID })
}
