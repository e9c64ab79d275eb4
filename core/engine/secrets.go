package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hookglass/core"
)

// KeepSecret keeps the value of a source's setting in a place of the vault, under a name that no other source uses, and
// returns the reference to store with the source.
func (e *Engine) KeepSecret(ctx context.Context, place string, src core.Source, setting string, value core.Secret) (core.SecretRef, error) {
	sources, err := e.Store.Sources(ctx)
	if err != nil {
		return "", err
	}
	name := ownSecrets + src.Name + "/" + setting
	for i := 2; slices.ContainsFunc(sources, func(s core.Source) bool { return s.ID != src.ID && refersTo(s, name) }); i++ {
		name = fmt.Sprintf("%s%s-%d/%s", ownSecrets, src.Name, i, setting)
	}
	return e.Vault.Put(place, name, value)
}

// ownSecrets begins the names of the secrets that are kept for sources. Others are the user's own.
const ownSecrets = "source/"

func refersTo(src core.Source, name string) bool {
	for _, ref := range src.Secrets {
		if _, n, _ := strings.Cut(string(ref), ":"); n == name {
			return true
		}
	}
	return false
}

// forgetSecrets removes the values that were kept for a source and that it refers to no more. now is the zero Source
// when it is deleted.
func (e *Engine) forgetSecrets(ctx context.Context, before, now core.Source) {
	var left []core.SecretRef
	for _, ref := range before.Secrets {
		_, name, _ := strings.Cut(string(ref), ":")
		if strings.HasPrefix(name, ownSecrets) && !slices.Contains(slices.Collect(maps.Values(now.Secrets)), ref) {
			left = append(left, ref)
		}
	}
	if len(left) == 0 {
		return
	}
	others, err := e.Store.Sources(ctx)
	if err != nil {
		return
	}
	for _, ref := range left {
		_, name, _ := strings.Cut(string(ref), ":")
		shared := slices.ContainsFunc(others, func(s core.Source) bool { return s.ID != before.ID && refersTo(s, name) })
		if shared {
			continue
		}
		if err := e.Vault.Forget(ref); err != nil {
			e.log.Warn("secret.kept", "source", before.Name, "error", err)
		}
	}
}
