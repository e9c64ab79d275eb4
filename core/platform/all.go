package platform

import "slices"

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

// Receivers are the platforms that can be a source.
func Receivers() []Platform {
	return slices.DeleteFunc(slices.Clone(All), func(p Platform) bool { return !p.Inbound })
}

// Names are the names of platforms, in their order.
func Names(all []Platform) []string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Name
	}
	return names
}
