package platform

import "hookglass/core"

// All are the platforms in the order of the gallery.
var All = []Platform{nitejar, joai, workjet, nekro, almyty, generic}

// Find returns the platform of that name.
func Find(name string) (Platform, bool) {
	for _, p := range All {
		if p.Name == name {
			return p, true
		}
	}
	return Platform{}, false
}

// Names are the names of platforms, in their order.
func Names(all []Platform) []string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	return names
}

// Suggest returns settings for a new source of the platform, so that only a secret is left to give: an id of the
// platform's own kind, which also is what regenerating a URL takes.
func Suggest(name string, ids IDs) core.Values {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	switch name {
	case "nitejar":
		return core.Values{"id": "pi_" + ids.Text(letters, 16)}
	case "workjet":
		return core.Values{"id": "wh_" + ids.Text(letters, 16)}
	case "nekro":
		return core.Values{"plugin": "dev.sample_webhook", "path": "/github", "handler": "github"}
	case "almyty":
		return core.Values{"id": ids.UUID()}
	case "joai":
		return core.Values{"agent_id": ids.UUID()}
	}
	return core.Values{"path": "/in/" + ids.Text(letters, 6)}
}
