package capture

import (
	"maps"
	"slices"
	"strings"

	"hookglass/core"
	"hookglass/core/env"
)

// filled is a target of a source with the values of the environment in it.
type filled struct {
	core.Forward                           // URL and Set are filled
	secret       core.Header               // fields of Set that have secrets, which are put in as they are sent
	hidden       map[string]core.SecretRef // those, and the address's
	varies       bool                      // where it leads depends on the environment
}

// filled fills the address and the headers of a target.
func (s *Server) filled(f core.Forward) (filled, error) {
	out := filled{Forward: f, varies: env.Uses(f.URL)}
	if !out.varies && !slices.ContainsFunc(f.Set, func(x core.Field) bool { return env.Uses(x.Value) }) {
		return out, nil
	}
	var all env.Set
	if s.Environments != nil {
		all = s.Environments()
	}
	add := func(hidden map[string]core.SecretRef) {
		if out.hidden == nil && len(hidden) > 0 {
			out.hidden = map[string]core.SecretRef{}
		}
		maps.Copy(out.hidden, hidden)
	}
	to, err := all.Target(core.Target{URL: f.URL})
	if err != nil {
		return out, err
	}
	add(to.Hidden)
	out.URL, out.Set = to.URL, nil
	for _, field := range f.Set {
		one, err := all.Target(core.Target{Header: core.Header{field}})
		switch {
		case err != nil:
			return out, err
		case len(one.Hidden) > 0:
			add(one.Hidden)
			out.secret = append(out.secret, one.Header...)
		default:
			out.Set = append(out.Set, one.Header...)
		}
	}
	if len(out.hidden) > 0 && len(to.Hidden) == 0 {
		out.URL = env.Literal(out.URL) // it is looked at again
	}
	return out, nil
}

// allowed reports whether the user agreed to a target beyond this machine: to it, or where it varies, to that very host.
func (f *filled) allowed() bool {
	if !f.varies {
		return f.Confirmed
	}
	host := core.HostOf(f.URL)
	return slices.ContainsFunc(f.Agreed, func(agreed string) bool { return strings.EqualFold(agreed, host) })
}
