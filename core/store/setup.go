package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"hookglass/core"
)

// Setup is what PutSetup stores: sources and endpoints, new (ID 0, which it sets) or changed, and a setting that Change decides on
// as in ChangeSetting; nil leaves it.
type Setup struct {
	Sources   []core.Source
	Endpoints []core.Endpoint
	Setting   string
	Change    func(*[]json.RawMessage) error
	Put       map[string]any // settings that take the place of what was
}

// PutSetup stores all of a set-up or nothing. Where one of its sources or endpoints is refused, at names it: "sources[1]".
func (s *Store) PutSetup(setup *Setup) (at string, err error) {
	before := *setup
	err = s.update(func(t *tx) error {
		at = ""
		setup.Sources, setup.Endpoints = slices.Clone(before.Sources), slices.Clone(before.Endpoints)
		if setup.Change != nil {
			if err := changeSetting(t, setup.Setting, setup.Change); err != nil {
				return err
			}
		}
		for name, v := range setup.Put {
			b, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("write setting %s: %w", name, err)
			}
			if err := putSetting(t, name, b); err != nil {
				return err
			}
		}
		for i := range setup.Sources {
			if err := putSource(t, &setup.Sources[i]); err != nil {
				at = fmt.Sprintf("sources[%d]", i)
				return err
			}
		}
		for i := range setup.Endpoints {
			if err := putEndpoint(t, &setup.Endpoints[i]); err != nil {
				at = fmt.Sprintf("endpoints[%d]", i)
				return err
			}
		}
		return nil
	})
	return at, err
}
