package lab

import (
	"fmt"
	"slices"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/limit"
	"hookglass/core/strict"
)

// Scenarios and results are files that people write and scripts read: a duration is a number of seconds, and its key says
// so ("timeout_s"). Reading is strict.

// MarshalJSON writes durations as seconds.
func (s Scenario) MarshalJSON() ([]byte, error) { return strict.Marshal(s) }

// UnmarshalJSON reads what MarshalJSON wrote, or a person: see [ParseScenario].
func (s *Scenario) UnmarshalJSON(b []byte) error { return strict.Unmarshal(b, s, named) }

// MarshalJSON writes durations as seconds.
func (r Result) MarshalJSON() ([]byte, error) { return strict.Marshal(r) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Result) UnmarshalJSON(b []byte) error { return strict.Unmarshal(b, r, named) }

// ParseScenario reads a scenario file. Durations are seconds, or texts such as "1m30s"; the policy may be the name of a
// preset, and so may the limits. A file with the members of a policy alone is a scenario with that policy.
func ParseScenario(text []byte) (Scenario, error) {
	var s Scenario
	v, err := strict.Read(text)
	if err != nil {
		return s, err
	}
	if isPolicy(v) {
		return s, strict.Fill(v, "policy", &s.Policy, named)
	}
	return s, strict.Fill(v, "", &s, named)
}

// isPolicy reports whether an object has keys of a policy, and none that only a scenario has.
func isPolicy(v any) (policy bool) {
	ofScenario, ofPolicy := strict.Keys[Scenario](), strict.Keys[core.RetryPolicy]()
	m, _ := v.(map[string]any)
	for name := range m {
		scenario, too := slices.Contains(ofScenario, name), slices.Contains(ofPolicy, name)
		if scenario && !too { // both have a name
			return false
		}
		policy = policy || too && !scenario
	}
	return policy
}

// named reads what may be the name of a preset: a policy, and limits.
func named(v any, path string, into any) (done bool, err error) {
	switch into := into.(type) {
	case *core.RetryPolicy:
		name, ok := v.(string)
		if !ok {
			return false, nil
		}
		if *into, ok = deliver.Preset(name); !ok {
			return true, &core.Invalid{Field: path, Reason: fmt.Sprintf("there is no retry policy %q", name)}
		}
		return true, nil
	case *[]core.Limit:
		*into, err = limits(v, path)
		return true, err
	}
	return false, nil
}

// limits reads a list of limits; a name among them stands for all limits of that preset.
func limits(v any, path string) (all []core.Limit, err error) {
	items, ok := v.([]any)
	if name, alone := v.(string); alone {
		items, ok = []any{name}, true
	}
	if !ok {
		return nil, &core.Invalid{Field: path, Reason: "want a list of limits, or the name of a preset"}
	}
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if name, ok := item.(string); ok {
			p, ok := limit.FindPreset(name)
			if !ok {
				return nil, &core.Invalid{Field: at, Reason: fmt.Sprintf("there is no limit %q", name)}
			}
			all = append(all, p.Limits...)
			continue
		}
		var l core.Limit
		if err := strict.Fill(item, at, &l, named); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}
