package part

import (
	"slices"
	"strings"

	"hookglass/core/platform"
	"hookglass/core/sign"
)

// SourceKind is what a new source can be: of a provider whose signatures are checked, of a platform that is emulated, or of
// anybody.
type SourceKind struct {
	Platform platform.Platform
	Scheme   sign.Scheme // the zero scheme: the platform's own, or none
}

// Title is how the kind is called.
func (k SourceKind) Title() string {
	if k.Scheme.ID != "" {
		return SchemeTitle(k.Scheme)
	}
	return k.Platform.Title
}

// Below says in a line what it means.
func (k SourceKind) Below() string {
	switch {
	case k.Scheme.ID != "":
		return strings.TrimPrefix(k.Scheme.Sig.From, "header:")
	case k.Platform.Name == checksAny().Name:
		return "Unchecked, or a scheme of your own"
	}
	return "Agent platform, emulated"
}

// firstSchemes are those that most people look for, in the order of the tiles. The others are found by their names.
var firstSchemes = []string{"stripe", "github", "shopify", "slack", "twilio", "svix", "paypal", "square", "linear", "discord", "hubspot-v3", "zendesk",
	"sendgrid", "mailgun", "gitlab", "paddle", "typeform", "zoom"}

// SourceKinds are all kinds: the providers that most look for, the platforms, anybody, then the other providers. most is how many
// of them stand before the others.
func SourceKinds(book sign.Book) (all []SourceKind, most int) {
	any := checksAny()
	for _, id := range firstSchemes {
		if s, ok := book.Find(id); ok {
			all = append(all, SourceKind{any, s})
		}
	}
	for _, p := range platform.Receivers() {
		if p.Name != any.Name {
			all = append(all, SourceKind{Platform: p})
		}
	}
	all = append(all, SourceKind{Platform: any})
	most = len(all)
	for _, s := range book.All() {
		if !slices.Contains(firstSchemes, s.ID) {
			all = append(all, SourceKind{any, s})
		}
	}
	return all, most
}

// checksAny is the platform that checks with any scheme.
func checksAny() platform.Platform {
	for _, p := range platform.Receivers() {
		if slices.ContainsFunc(p.Settings, func(s platform.Setting) bool { return s.Kind == platform.SchemeKind }) {
			return p
		}
	}
	return platform.Platform{}
}

// FindKinds are the kinds that have every word of a search in their names or in how they sign: those whose name begins with it
// first.
func FindKinds(all []SourceKind, search string) (found []SourceKind) {
	search = strings.ToLower(strings.TrimSpace(search))
	words := strings.Fields(search)
	rank := func(k SourceKind) int {
		title := strings.ToLower(k.Title())
		switch {
		case strings.HasPrefix(title, search):
			return 0
		case strings.Contains(" "+title, " "+search):
			return 1
		case strings.Contains(title, search):
			return 2
		}
		return 3
	}
	for _, k := range all {
		if s := k.Scheme; hasAll(strings.ToLower(k.Title()+" "+k.Platform.Name+" "+s.ID+" "+s.Sig.From+" "+s.Alg), words) {
			found = append(found, k)
		}
	}
	slices.SortStableFunc(found, func(a, b SourceKind) int { return rank(a) - rank(b) })
	return found
}
