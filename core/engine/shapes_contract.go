package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"

	"hookglass/core"
	"hookglass/core/contract"
	"hookglass/core/shape"
	"hookglass/core/store"
)

// contracts are those of the sources, read once and kept until they change.
type contracts struct {
	by   map[core.SourceID]*contract.Contract
	hash map[core.SourceID]string
}

// rechecked is how many of a source's newest captures are looked at anew when its contract changes.
const rechecked = 2000

// look reads the contracts that changed. again are all hashes, where some source was checked by another contract than it has now.
func (c *contracts) look(ctx context.Context, st *store.Store) (again map[core.SourceID]string, err error) {
	sources, err := st.Sources(ctx)
	if err != nil {
		return nil, err
	}
	by, hash := map[core.SourceID]*contract.Contract{}, map[core.SourceID]string{}
	for _, src := range sources {
		if src.Contract == nil {
			continue
		}
		sum := sha256.Sum256(src.Contract)
		hash[src.ID] = hex.EncodeToString(sum[:8])
		if by[src.ID] = c.by[src.ID]; by[src.ID] == nil || c.hash[src.ID] != hash[src.ID] {
			if by[src.ID], err = contract.Compile(src.Contract); err != nil {
				delete(by, src.ID) // it was checked when the source was kept: another version's
			}
		}
	}
	c.by, c.hash = by, hash
	was, err := st.Contracts(ctx)
	if err != nil || maps.Equal(was, hash) {
		return nil, err
	}
	return hash, nil
}

// check looks at a capture, where its source has a contract.
func (c *contracts) check(b store.Body, out *store.Lesson) {
	k := c.by[b.Source]
	if k == nil || b.Replay {
		return
	}
	found := violations(k, b.Event, &b.Request)
	doc, err := json.Marshal(found)
	if err != nil {
		return // of texts, which it always can
	}
	out.Checks = append(out.Checks, store.ContractCheck{Capture: b.ID, Broken: len(found) > 0, Doc: doc})
}

// promises reads a contract, for who answers by it; nil where there is none that can be read.
func promises(doc json.RawMessage) func(event string, r *core.Request) *core.Promise {
	if doc == nil {
		return nil
	}
	k, err := contract.Compile(doc)
	if err != nil {
		return nil // it was checked when the source was kept: another version's
	}
	return func(event string, r *core.Request) *core.Promise {
		return &core.Promise{Violations: violations(k, event, r)}
	}
}

func violations(k *contract.Contract, event string, r *core.Request) []core.Violation {
	text := ""
	if v, ok := shape.Read(r); ok {
		text = v.Source()
	}
	return k.Check(event, text)
}

// recheck looks anew at the newest captures of the sources whose contracts changed.
func (s *Shapes) recheck(ctx context.Context, now map[core.SourceID]string) error {
	was, err := s.store.Contracts(ctx)
	if err != nil {
		return err
	}
	out := store.Lesson{Before: s.as, Upto: s.as.Upto, Contracts: now}
	changed := maps.Clone(now)
	for id, hash := range was {
		if changed[id] == hash {
			delete(changed, id)
		} else if _, there := changed[id]; !there {
			changed[id] = ""
		}
	}
	for id := range changed {
		out.Recheck = append(out.Recheck, id)
		err := s.store.SourceBodies(ctx, id, s.as.Upto, rechecked, func(b store.Body) { s.contracts.check(b, &out) })
		if err != nil {
			return err
		}
	}
	return s.keep(out)
}

// Violations is what a capture does otherwise than its source's contract says. checked is false where there is none.
func (s *Shapes) Violations(ctx context.Context, id core.CaptureID) (found []core.Violation, checked bool, err error) {
	c, checked, err := s.store.ContractCheckOf(ctx, id)
	if err == nil && checked {
		err = json.Unmarshal(c.Doc, &found)
	}
	return found, checked, err
}
