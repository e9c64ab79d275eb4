package engine

import (
	"context"
	"reflect"

	"hookglass/core"
	"hookglass/core/store"
)

// Aside are the faults and the limit of a source that are switched off for now, and come back as they were.
type Aside struct {
	Faults core.Faults `json:"faults,omitzero"`
	Limit  *core.Limit `json:"limit,omitempty"`
}

const asideSetting = "aside"

// Asides are what is switched off, by source.
func (e *Engine) Asides(ctx context.Context) (map[core.SourceID]Aside, error) {
	all := map[core.SourceID]Aside{}
	err := e.Store.Setting(ctx, asideSetting, &all)
	return all, err
}

// SwitchFaults takes the faults of a source out of force, or puts those back that were.
func (e *Engine) SwitchFaults(ctx context.Context, id core.SourceID, on bool) error {
	return e.switchAside(ctx, id, func(src *core.Source, a *Aside) {
		if on != HasFaults(src.Faults) {
			src.Faults, a.Faults = a.Faults, src.Faults
		}
	})
}

// SwitchLimit takes the limit of a source out of force, or puts the one back that was.
func (e *Engine) SwitchLimit(ctx context.Context, id core.SourceID, on bool) error {
	return e.switchAside(ctx, id, func(src *core.Source, a *Aside) {
		if on != (src.Limit != nil) {
			src.Limit, a.Limit = a.Limit, src.Limit
		}
	})
}

// HasFaults reports whether anything is done wrong; a seed alone is not.
func HasFaults(f core.Faults) bool {
	f.Seed, f.FailKey = 0, ""
	return !reflect.DeepEqual(f, core.Faults{})
}

func (e *Engine) switchAside(ctx context.Context, id core.SourceID, swap func(*core.Source, *Aside)) error {
	e.switching.Lock()
	defer e.switching.Unlock()
	src, err := e.Store.Source(ctx, id)
	if err != nil {
		return err
	}
	var changed core.Source
	err = store.ChangeSetting(e.Store, asideSetting, func(all *map[core.SourceID]Aside) error { // first, so that nothing is lost between the two
		if *all == nil {
			*all = map[core.SourceID]Aside{}
		}
		a := (*all)[id]
		changed = src
		swap(&changed, &a)
		if (*all)[id] = a; a.Limit == nil && !HasFaults(a.Faults) {
			delete(*all, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return e.PutSource(ctx, &changed)
}
