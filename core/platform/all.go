package platform

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
