package deliveries

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/platform"
	"hookglass/ui/part"
)

// endpointSections declare an endpoint that anybody may have. What a platform declares of its own stands in their place.
var endpointSections = []part.FormSection{
	{Caption: "RECEIVER", Settings: []platform.Setting{
		{Name: "name", Label: "Name", Kind: platform.TextKind},
		{Name: "url", Label: "URL", Kind: platform.TextKind, Help: "Where its events go: https://example.com/webhooks."},
		{Name: "trigger", Label: "Trigger", Kind: platform.TextKind, Help: "The event type it subscribes to. Empty: every event."},
		{Name: "description", Label: "Description", Kind: platform.TextKind, Help: "For yourself; may stay empty."},
		{Name: "active", Label: "Active", Kind: platform.BoolKind, Default: true, Help: "Off: nothing new is sent to it, and what it is owed waits."},
	}},
	{Caption: "SIGNATURE", Settings: []platform.Setting{{Name: "scheme", Label: "Scheme", Kind: platform.SchemeKind}, {Name: "secret", Label: "Secret", Kind: platform.SecretKind}}},
	{Caption: "REQUEST", Settings: []platform.Setting{
		{Name: "method", Label: "Method", Kind: platform.ChoiceKind, Default: "POST", Choices: []string{"POST", "PUT", "PATCH", "GET", "DELETE"}},
		{Name: "timeout_seconds", Label: "Timeout (s)", Kind: platform.NumberKind, Default: core.DefaultTimeout.Seconds(), Min: 1, Max: 300},
		{Name: "headers", Label: "Custom headers", Kind: platform.ObjectKind, Help: "One a line, spelled as they are sent."},
		{Name: "verify_ssl", Label: "Verify the certificate", Kind: platform.BoolKind, Default: true, Help: "Off: self-signed and expired ones are taken."},
		{Name: "ca_file", Label: "CA file", Kind: platform.TextKind, Help: "PEM file of an authority to trust beside the system's."},
		{Name: "client_cert", Label: "Client certificate", Kind: platform.TextKind, Help: "PEM file, for a receiver that asks who calls (mTLS). Its key may stand in it."},
		{Name: "client_key", Label: "Client key", Kind: platform.TextKind, Help: "Where the key is, if not in that file: env:NAME or keyring:NAME."},
	}},
	{Caption: "RETRIES", Settings: []platform.Setting{{Name: "policy", Label: "Retries", Kind: platform.ObjectKind}}},
	{Caption: "LIMITS", Settings: []platform.Setting{
		{Name: "rate", Label: "Rate per second", Kind: platform.NumberKind, Help: "Empty: no limit."},
		{Name: "concurrency", Label: "At a time", Kind: platform.NumberKind, Whole: true, Default: float64(deliver.DefaultConcurrency), Max: 256, Help: "Attempts under way to it at once."},
	}},
}

// endpointOurs are the settings that every endpoint has, whatever its platform declares. Its max_retries and backoff are
// in the policy.
var endpointOurs = []string{"method", "policy", "rate", "concurrency"}

// endpointFields say which settings the engine means by other names.
var endpointFields = map[string]string{"timeout": "timeout_seconds", "max_retries": "policy.retries", "skip_tls": "verify_ssl"}

// sectionsFor are the settings of an endpoint of a platform, or of none; scheme tells whether it is signed.
func sectionsFor(p platform.Platform, scheme string) []part.FormSection {
	var out []part.FormSection
	for _, section := range endpointSections {
		var settings []platform.Setting
		for _, s := range section.Settings {
			declared := platform.Setting{}
			if p.Name != "" {
				declared = p.Endpoints.Setting(s.Name)
			}
			switch {
			case s.Name == "secret" && scheme == "":
			case p.Name == "" || slices.Contains(endpointOurs, s.Name):
				settings = append(settings, s)
			case declared.Name != "":
				declared.Help = cmp.Or(declared.Help, s.Help) // what a platform says no more about means the same
				settings = append(settings, declared)
			}
		}
		if section.Caption == "REQUEST" && p.Name != "" {
			settings = append(settings, p.Endpoints.Others()...)
		}
		if len(settings) > 0 {
			out = append(out, part.FormSection{Caption: section.Caption, Settings: settings})
		}
	}
	return out
}

// endpointValues are an endpoint as its form has it, without its scheme, secret, headers and policy.
func endpointValues(ep *core.Endpoint) core.Values {
	v := core.Values{"active": ep.Active, "verify_ssl": !ep.Target.SkipTLS}
	maps.Copy(v, ep.Settings)
	for name, text := range map[string]string{"name": ep.Name, "url": ep.Target.URL, "trigger": ep.Trigger, "description": ep.Description, "method": ep.Target.Method, "ca_file": ep.Target.CAFile,
		"client_cert": ep.Target.Client.File, "client_key": string(ep.Target.Client.Key)} {
		if text != "" {
			v[name] = text
		}
	}
	for name, n := range map[string]float64{"timeout_seconds": ep.Target.Timeout.Seconds(), "rate": ep.Rate, "concurrency": float64(ep.Concurrency)} {
		if n != 0 {
			v[name] = n
		}
	}
	return v
}

// putEndpoint puts the values of the form into an endpoint of a platform, or of none.
func putEndpoint(ep *core.Endpoint, p platform.Platform, v core.Values) {
	text := func(name string) string { return strings.TrimSpace(v.Text(name)) }
	ep.Platform, ep.Name, ep.Trigger, ep.Description, ep.Active = p.Name, text("name"), text("trigger"), text("description"), v.Bool("active", true)
	ep.Rate, ep.Concurrency = v.Number("rate", 0), int(v.Number("concurrency", 0))
	t := &ep.Target
	t.URL, t.CAFile, t.SkipTLS = text("url"), text("ca_file"), !v.Bool("verify_ssl", true)
	t.Client = core.ClientCert{File: text("client_cert"), Key: core.SecretRef(text("client_key"))}
	if t.Method = text("method"); t.Method == "" {
		t.Method = "POST"
	}
	t.Timeout = time.Duration(v.Number("timeout_seconds", 0) * float64(time.Second))
	if p.Name == "" {
		return
	}
	t.Scheme, ep.Settings = p.Endpoints.Scheme, core.Values{}
	for _, s := range p.Endpoints.Others() {
		if v[s.Name] != nil {
			ep.Settings[s.Name] = v[s.Name]
		}
	}
}

// endpointDefaults fill in what a platform declares for a new endpoint, and for any the choices that it has not.
func endpointDefaults(v core.Values, p platform.Platform, fresh bool) {
	for _, s := range p.Endpoints.Settings {
		lost := s.Kind == platform.ChoiceKind && !slices.Contains(s.Choices, v.Text(s.Name))
		if s.Default != nil && !s.Once && (lost || fresh && v[s.Name] == nil) {
			v[s.Name] = s.Default
		}
	}
}

// customHeaders are the fields that the user gave: those of a platform's own come by themselves.
func customHeaders(ep *core.Endpoint) core.Header {
	if p, ok := platform.Sender(ep.Platform); ok {
		return p.Endpoints.Custom(ep.Target.Header)
	}
	return ep.Target.Header
}

// receiverKinds are any receiver, and the endpoints of each platform that has such.
func receiverKinds() []string {
	kinds := []string{"Any receiver"}
	for _, p := range platform.Senders() {
		kinds = append(kinds, p.Title+" webhook")
	}
	return kinds
}
