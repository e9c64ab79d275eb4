package part

import (
	"context"

	"hookglass/core"
	"hookglass/core/store"
)

// StoredSecrets are those of sources and endpoints, to be offered by a [SecretField].
func StoredSecrets(ctx context.Context, st *store.Store) []SecretOffer {
	var out []SecretOffer
	seen := map[core.SecretRef]bool{"": true}
	add := func(label string, ref core.SecretRef) {
		if !seen[ref] {
			seen[ref] = true
			out = append(out, SecretOffer{label, ref})
		}
	}
	sources, err := st.Sources(ctx)
	if err != nil {
		return nil
	}
	for _, src := range sources {
		add("Secret of source "+src.Name, src.Secrets["secret"])
		add("Previous secret of source "+src.Name, src.Secrets["secret_previous"])
		add("Handshake token of source "+src.Name, src.Secrets["handshake_secret"])
	}
	endpoints, err := st.Endpoints(ctx)
	if err != nil {
		return out
	}
	for _, ep := range endpoints {
		add("Secret of endpoint "+ep.Name, ep.Target.Secret)
	}
	return out
}
