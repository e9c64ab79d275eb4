package platform

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// Endpoints is what a platform declares of the endpoints that it sends to. The form of an endpoint, the workspace file,
// the check before one is kept, the presets of retries and the body of each event are all drawn from it.
type Endpoints struct {
	// Settings are those of an endpoint. The names of [common] go to the endpoint's own fields; any other is kept under
	// its name in Endpoint.Settings, for Body.
	Settings []Setting
	Scheme   string // the signature scheme of all its endpoints; empty: unsigned

	// Policy is how it retries, named as the platform is. The settings max_retries and backoff, where there are such, are
	// laid over it.
	Policy core.RetryPolicy

	Header core.Header // its own fields, which stand before the custom ones
	Own    []string    // further names that custom fields cannot have: the signature's

	Check  func(core.Values) error // refuses what Settings cannot say; nil: nothing
	Secret func(IDs) string        // makes the secret of a new endpoint; nil: the user gives it
	// Body is what an endpoint is sent about an event of the time at; nil: its data as given.
	Body func(e core.Endpoint, event string, data json.RawMessage, at time.Time) ([]byte, error)
	// Sample is an example of an event's data; nil for an event that the platform does not know, or altogether.
	Sample func(event string) json.RawMessage
}

// common are the settings that an endpoint has fields for.
var common = []string{"id", "name", "description", "url", "trigger", "active", "headers", "verify_ssl", "timeout_seconds", "max_retries", "backoff",
	"ca_file", "secret"}

// Senders are the platforms that send to endpoints of their own.
func Senders() []Platform {
	return slices.DeleteFunc(slices.Clone(All), func(p Platform) bool { return p.Endpoints == nil })
}

// Sender returns the platform of that name, if it sends to endpoints of its own.
func Sender(name string) (Platform, bool) {
	p, ok := Find(name)
	return p, ok && p.Endpoints != nil
}

// Setting returns the declaration of one of an endpoint's settings; the zero Setting where there is none.
func (o *Endpoints) Setting(name string) Setting {
	if i := slices.IndexFunc(o.Settings, func(s Setting) bool { return s.Name == name }); i >= 0 {
		return o.Settings[i]
	}
	return Setting{}
}

// Others are the settings that only the platform knows, kept in Endpoint.Settings.
func (o *Endpoints) Others() []Setting {
	return slices.DeleteFunc(slices.Clone(o.Settings), func(s Setting) bool { return s.Once || slices.Contains(common, s.Name) })
}

// Custom are the header fields that the user gave an endpoint: the platform's own come by themselves.
func (o *Endpoints) Custom(h core.Header) core.Header { return h.Without(o.ownNames()...) }

func (o *Endpoints) ownNames() []string {
	names := slices.Clone(o.Own)
	for _, f := range o.Header {
		names = append(names, f.Name)
	}
	return names
}

// Endpoint makes an endpoint of its settings, or says which of them the platform would refuse. The secret is not among
// what it returns: the caller keeps it and sets Target.Secret.
func (p Platform) Endpoint(values core.Values, ids IDs) (core.Endpoint, error) {
	o := p.Endpoints
	v := maps.Clone(values)
	delete(v, "secret")
	v, err := settled(v, o.Settings)
	if err != nil {
		return core.Endpoint{}, err
	}
	if o.Check != nil {
		if err := o.Check(v); err != nil {
			return core.Endpoint{}, err
		}
	}
	headers, err := o.headers(v)
	if err != nil {
		return core.Endpoint{}, err
	}
	e := core.Endpoint{
		Platform: p.Name, WireID: v.Text("id"), Name: v.Text("name"), Description: v.Text("description"),
		Trigger: v.Text("trigger"), Active: v.Bool("active", true),
		Target: core.Target{
			URL: v.Text("url"), Header: headers, Scheme: o.Scheme, Timeout: seconds(v.Number("timeout_seconds", core.DefaultTimeout.Seconds())),
			SkipTLS: !v.Bool("verify_ssl", true), CAFile: v.Text("ca_file"), Policy: o.policy(v),
		},
		Settings: core.Values{},
	}
	for _, s := range o.Others() {
		if v[s.Name] != nil {
			e.Settings[s.Name] = v[s.Name]
		}
	}
	if e.WireID == "" {
		e.WireID = ids.UUID()
	}
	return e, nil
}

// EndpointValues are the settings of an endpoint that is there, apart from its secret: what Endpoint makes it of again.
func (p Platform) EndpointValues(e *core.Endpoint) core.Values {
	t := &e.Target
	timeout, factor := t.Timeout, t.Policy.Factor
	if timeout == 0 {
		timeout = core.DefaultTimeout
	}
	if factor == 0 {
		factor = 2 // as core.RetryPolicy says
	}
	headers := map[string]any{}
	for _, f := range p.Endpoints.Custom(t.Header) {
		headers[f.Name] = f.Value
	}
	all := core.Values{
		"id": e.WireID, "name": e.Name, "description": e.Description, "url": t.URL, "trigger": e.Trigger, "active": e.Active,
		"headers": headers, "verify_ssl": !t.SkipTLS, "timeout_seconds": timeout.Seconds(), "max_retries": float64(t.Policy.Retries), "ca_file": t.CAFile,
		"backoff": map[string]any{"base_s": t.Policy.Base.Seconds(), "factor": factor, "max_s": t.Policy.Max.Seconds(), "jitter": t.Policy.Spread},
	}
	if len(t.Policy.Delays) > 0 {
		delete(all, "backoff") // which cannot say a list
	}
	v := core.Values{}
	for _, s := range p.Endpoints.Settings {
		value, known := all[s.Name]
		if !known {
			value, known = e.Settings[s.Name]
		}
		if known && value != nil && !(value == "" && s.Kind == ChoiceKind) {
			v[s.Name] = value
		}
	}
	return v
}

// Settle holds an endpoint that somebody changed against what the platform takes, and gives it the platform's own header
// fields and scheme. Its retries are its own, as long as their number is allowed.
func (p Platform) Settle(e *core.Endpoint) error {
	if custom := p.Endpoints.Custom(e.Target.Header); len(custom) > 0 && p.Endpoints.Setting("headers").Name == "" {
		return &core.Invalid{Field: "headers", Reason: p.Title + " sends none but its own; take " + custom[0].Name + " out"}
	}
	v := p.EndpointValues(e)
	delete(v, "backoff")
	if v["id"] == "" {
		v["id"] = "new" // the caller gives it one
	}
	made, err := p.Endpoint(v, IDs{})
	if err != nil {
		return err
	}
	e.Target.Header, e.Target.Scheme, e.Settings = made.Target.Header, made.Target.Scheme, made.Settings
	return nil
}

// headers are the platform's own fields and the custom ones behind them, spelled as configured, by name.
func (o *Endpoints) headers(v core.Values) (core.Header, error) {
	custom := group(v, "headers")
	h, own := o.Header.Clone(), o.ownNames()
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		text, ok := custom[name].(string)
		if !ok {
			return nil, &core.Invalid{Field: "headers." + name, Reason: "want text, got " + kindOf(custom[name])}
		}
		if !core.IsToken(name) || strings.ContainsAny(text, "\r\n\x00") {
			return nil, &core.Invalid{Field: "headers." + name, Reason: "is no header that HTTP can carry"}
		}
		if !slices.ContainsFunc(own, func(n string) bool { return strings.EqualFold(n, name) }) {
			h = append(h, core.Field{Name: name, Value: text})
		}
	}
	return h, nil
}

// policy is the platform's with what the settings say of it.
func (o *Endpoints) policy(v core.Values) core.RetryPolicy {
	p := o.Policy
	p.Retries = int(v.Number("max_retries", float64(p.Retries)))
	b := group(v, "backoff")
	if b == nil {
		return p
	}
	p.Delays = nil
	p.Base, p.Factor, p.Max = seconds(b.Number("base_s", 1)), b.Number("factor", 2), seconds(b.Number("max_s", 60))
	if spread := b.Number("jitter", 0); spread > 0 {
		p.Jitter, p.Spread = "fraction", spread
	}
	return p
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
