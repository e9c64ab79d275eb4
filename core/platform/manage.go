package platform

import (
	"crypto/subtle"
	"net"
	"net/url"
	"slices"

	"hookglass/core"
)

// Management is what a platform declares of the addresses under which a source is managed: who may use them is decided for
// all of them in one place, [Management.Refusal], before the machine is asked.
type Management struct {
	Owns  func(path string) bool // of a path that the source matches: an address that lists or changes settings
	Token string                 // the setting with the token that it asks for
	// Refuse answers in the platform's words.
	Refuse func(in In, status int, message string) core.Response
}

// The settings of every platform that is managed.
const (
	openManagement   = "open_management"
	manageFromTunnel = "manage_through_tunnel"
	inwardTargets    = "inward_targets"
)

// managed are a platform's settings and those that say who may manage it.
func managed(settings []Setting) []Setting {
	return append(slices.Clip(settings),
		Setting{Name: openManagement, Label: "Manage without a token", Kind: BoolKind, Default: false, Advanced: true,
			Help: "Off: where no token is set, one is made at each start and stands in the source's curl line."},
		Setting{Name: manageFromTunnel, Label: "Manage through a tunnel", Kind: BoolKind, Default: false, Advanced: true,
			Help: "Off: the management addresses answer on this machine's listener alone."},
		Setting{Name: inwardTargets, Label: "Targets in private networks", Kind: BoolKind, Default: false, Advanced: true,
			Help: "Off: what is made over a management address may send to the internet, and from this machine also to itself."})
}

// Open reports whether a source says that it is managed without a token.
func (m *Management) Open(set core.Values) bool { return set.Bool(openManagement, false) }

// Refusal refuses a request to a management address that came by a way which the source does not take, from a page in a
// browser, or without the token that was made for the source, if one was. One that the user set is the machine's to check.
func (m *Management) Refusal(in In, set core.Values, made core.Secret) (Out, bool) {
	r := in.Request
	if m == nil || !m.Owns(r.Path()) {
		return Out{}, false
	}
	refuse := func(status int, message, check, want, got, reason string) (Out, bool) {
		return Out{Response: m.Refuse(in, status, message), Receipt: core.Receipt{Outcome: core.Rejected, Reason: reason,
			Checks: []core.Check{{Name: check, Want: want, Got: clip(got)}}}}, true
	}
	if in.Via != "" && !set.Bool(manageFromTunnel, false) {
		return refuse(404, "Not found.", "way", "this machine's listener", in.Via,
			"management addresses do not answer through a tunnel; the source's setting "+manageFromTunnel+" changes that")
	}
	if origin := r.Header.Get("Origin"); origin != "" && !sameOrigin(origin, r.Host) {
		return refuse(403, "Forbidden.", "origin", "no page of another site", origin, "the request was made by a page of another site")
	}
	if host := core.WithoutPort(r.Host); in.Via == "" && m.Open(set) && !core.OnThisMachine(host) && !isNumber(host) {
		return refuse(403, "Forbidden.", "host", "this machine's name or a number", r.Host,
			"it is managed without a token, and a name of another site led here: a page in a browser may have sent it")
	}
	if want := made.Reveal(); len(want) > 0 {
		got, ok := bearer(first(r, "Authorization"))
		if !ok || subtle.ConstantTimeCompare([]byte(got), want) != 1 {
			return refuse(401, "Unauthorized", "authorization", "Bearer and the token that was made for this source", maskToken(first(r, "Authorization")),
				"the management token is missing or wrong; hookglass sources shows it while Hookglass runs")
		}
	}
	return Out{}, false
}

// sameOrigin reports whether a page of that origin came from here.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == host && (core.OnThisMachine(host) || isNumber(core.WithoutPort(host)))
}

func isNumber(host string) bool { return net.ParseIP(host) != nil }

// reachable says whether what is made over a management address may send to a target, and has it judged again by the number
// that its name leads to, whenever it is called.
func reachable(in In, set core.Values, to *core.Target) error {
	u, err := url.Parse(to.URL)
	if err != nil || set.Bool(inwardTargets, false) {
		return nil // the settings' own check says more of what is no URL
	}
	host := u.Hostname()
	if here := in.Via == "" && core.OnThisMachine(host); here {
		return nil
	}
	if to.Outward = true; core.Inward(host) {
		return &core.Invalid{Field: "url", Reason: "must not lead into a private network; the source's setting " + inwardTargets + " allows it"}
	}
	return nil
}
