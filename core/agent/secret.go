package agent

import (
	"context"
	"fmt"
	"strings"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// secretRef reads how an agent names a secret: "env:NAME", "keyring:NAME", the same as an object, or "source:NAME", which is
// whatever that source checks with. Anything else may be the secret itself, and is not repeated.
func (s *server) secretRef(ctx context.Context, v any) (core.SecretRef, error) {
	if v == nil || v == "" {
		return "", nil
	}
	place, name := secretPlace(v)
	switch {
	case name == "":
	case place == "env", place == "keyring":
		return core.SecretRef(place + ":" + name), nil
	case place == "source":
		return s.secretOf(ctx, name)
	}
	return "", &core.Invalid{Field: "secret_ref", Reason: "want env:NAME, keyring:NAME or source:NAME; a secret itself is not taken here"}
}

// secretPlace are the two parts of such a name.
func secretPlace(v any) (place, name string) {
	switch v := v.(type) {
	case string:
		place, name, _ = strings.Cut(v, ":")
	case map[string]any:
		if len(v) != 1 {
			break
		}
		for place, name := range v {
			text, _ := name.(string)
			return place, text
		}
	}
	return place, name
}

// secretOf is the reference that a source checks with.
func (s *server) secretOf(ctx context.Context, name string) (core.SecretRef, error) {
	ref, err := s.read(ctx, func(st *store.Store) (any, error) {
		src, err := sourceNamed(ctx, st, name)
		return src.Secrets["secret"], err
	})
	if err != nil {
		return "", err
	}
	if ref.(core.SecretRef) == "" {
		return "", &core.Invalid{Field: "secret_ref", Reason: fmt.Sprintf("source %s has no secret", name)}
	}
	return ref.(core.SecretRef), nil
}

// placeOf is a reference as the control address takes one.
func placeOf(ref core.SecretRef) (*engine.SecretPlace, error) {
	switch place, name, _ := strings.Cut(string(ref), ":"); place {
	case "env":
		return &engine.SecretPlace{Env: name}, nil
	case "keyring":
		return &engine.SecretPlace{Keyring: name}, nil
	}
	return nil, &core.Invalid{Field: "secret_ref", Reason: "that source's secret is neither a variable nor in the keyring, and stays with the program; name a capture of the source with id instead"}
}

// mayLeave refuses to sign by a scheme that sends the secret itself with a secret that is no webhook's: a variable of the
// environment would leave with it.
func (s *server) mayLeave(ctx context.Context, scheme sign.Scheme, ref core.SecretRef) error {
	if scheme.Alg != "equal" || ref == "" {
		return nil
	}
	s.mu.Lock()
	own := s.agentsOwn[ref]
	s.mu.Unlock()
	if own {
		return &core.Invalid{Field: "secret_ref", Reason: fmt.Sprintf("scheme %s sends the secret itself, and it was an agent that gave this one to a source; the user has to choose it in the window", scheme.ID)}
	}
	_, err := s.read(ctx, func(st *store.Store) (any, error) {
		sources, err := st.Sources(ctx)
		if err != nil {
			return nil, err
		}
		for _, src := range sources {
			for _, known := range src.Secrets {
				if known == ref {
					return nil, nil
				}
			}
		}
		endpoints, err := st.Endpoints(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range endpoints {
			if e.Target.Secret == ref {
				return nil, nil
			}
		}
		return nil, &core.Invalid{Field: "secret_ref", Reason: fmt.Sprintf("scheme %s sends the secret itself, so it takes only one that the user has given a source or an endpoint; name it with source:NAME", scheme.ID)}
	})
	return err
}

// lent remembers what an agent gave to a source: that alone does not make it a webhook's secret.
func (s *server) lent(ref core.SecretRef) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.agentsOwn == nil {
		s.agentsOwn = map[core.SecretRef]bool{}
	}
	s.agentsOwn[ref] = true
}
