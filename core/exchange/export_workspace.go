package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
)

// WriteWorkspace writes the file that [ParseWorkspace] reads. Secrets are references: the environment's and the keyring's as they
// are; those that only this program knows become environment variables with names made up here. Consents are left out,
// since each user gives their own, and so are the credentials that stand in headers and addresses, unless opt.Reveal is set.
// moved says, each in a line, what whoever takes the file must set or look at.
func WriteWorkspace(w *Workspace, opt Options) (data []byte, moved []string, err error) {
	x := &workspaceOut{names: map[string]core.SecretRef{}, reveal: opt.Reveal}
	file := object{{"hookglass", 1}}
	file.addIf(w.Pace != 0, "pace", w.Pace)
	file.addIf(w.Seed != 0, "seed", w.Seed)
	schemes := x.schemes(w.Schemes)
	file.addIf(len(schemes) > 0, "schemes", schemes)
	sources, endpoints := make([]object, len(w.Sources)), make([]object, len(w.Endpoints))
	for i := range w.Sources {
		x.path = fmt.Sprintf("sources[%d]", i)
		if sources[i], err = x.source(&w.Sources[i]); err != nil {
			return nil, nil, err
		}
		sources[i] = x.masked("", sources[i]).(object)
	}
	for i := range w.Endpoints {
		x.path = fmt.Sprintf("endpoints[%d]", i)
		write := x.endpoint
		if p, ok := platform.Sender(w.Endpoints[i].Platform); ok {
			write = func(e *core.Endpoint) object { return x.platformEndpoint(p, e) }
		}
		endpoints[i] = x.masked("", write(&w.Endpoints[i])).(object)
	}
	environments := make([]object, len(w.Environments))
	for i := range w.Environments {
		x.path = fmt.Sprintf("environments[%d]", i)
		environments[i] = x.environment(&w.Environments[i])
	}
	file.addIf(len(environments) > 0, "environments", environments)
	file.addIf(w.Environment != "", "environment", w.Environment)
	file.add("sources", sources)
	file.add("endpoints", endpoints)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(file); err != nil {
		return nil, nil, fmt.Errorf("write workspace: %w", err)
	}
	return core.VisibleJSON(b.Bytes()), x.moved, nil
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	key   string
	value any
}

func (o *object) add(key string, value any) { *o = append(*o, member{key, value}) }

func (o *object) addIf(ok bool, key string, value any) {
	if ok {
		o.add(key, value)
	}
}

func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}

// workspaceOut is a workspace file being written.
type workspaceOut struct {
	path   string
	names  map[string]core.SecretRef // environment variables made up so far
	moved  []string
	reveal bool
}

// masked hides the credentials in what is written of a source or an endpoint: in headers by their names, in addresses
// wherever they stand. key is where it stands; a reference to a secret is none.
func (x *workspaceOut) masked(key string, v any) any {
	if x.reveal {
		return v
	}
	hide := func(name, value string) string {
		m := &masker{}
		out := m.address(value)
		if headers := strings.HasSuffix(key, "headers"); headers && core.CredentialHeader(name) && value != "" {
			out = masked
		}
		if out != value {
			x.say(strings.TrimPrefix(key+"."+name, "."), "a credential is masked; put your own there")
		}
		return out
	}
	switch v := v.(type) {
	case object:
		out := make(object, len(v))
		for i, e := range v {
			if text, ok := e.value.(string); ok {
				e.value = hide(e.key, text)
			} else {
				e.value = x.masked(strings.TrimPrefix(key+"."+e.key, "."), e.value)
			}
			out[i] = e
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			if text, ok := value.(string); ok {
				out[name] = hide(name, text)
			} else {
				out[name] = x.masked(strings.TrimPrefix(key+"."+name, "."), value)
			}
		}
		return out
	case core.Values:
		return x.masked(key, map[string]any(v))
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = x.masked(fmt.Sprintf("%s[%d]", key, i), v[i])
		}
		return out
	case [][2]string:
		out := make([][2]string, len(v))
		for i, pair := range v {
			out[i] = [2]string{pair[0], hide(pair[0], pair[1])}
		}
		return out
	}
	return v
}

func (x *workspaceOut) say(key, format string, args ...any) {
	x.moved = append(x.moved, x.path+"."+key+": "+fmt.Sprintf(format, args...))
}

// schemes leaves out those that whoever takes the file has already, and that are no longer in force here.
func (x *workspaceOut) schemes(own []sign.Scheme) []sign.Scheme {
	var out []sign.Scheme
	for i, s := range own {
		if _, known := sign.Known().Find(s.ID); known {
			x.path = fmt.Sprintf("schemes[%d]", i)
			x.say("id", "%q is by now a scheme that Hookglass knows; yours was left out", s.ID)
			continue
		}
		out = append(out, s)
	}
	return out
}

func (x *workspaceOut) source(src *core.Source) (object, error) {
	p, ok := platform.Find(src.Platform)
	if !ok {
		return nil, &core.Invalid{Field: x.path + ".platform", Reason: fmt.Sprintf("unknown platform %q; want %s", src.Platform, receiverNames())}
	}
	o := object{{"platform", src.Platform}, {"name", src.Name}}
	o.addIf(src.Profile != "" && src.Profile != core.Docs, "profile", src.Profile)
	known := map[string]bool{}
	for _, s := range p.Settings {
		known[s.Name] = true
		if s.Kind == platform.SecretKind {
			x.secret(&o, s.Name, src.Name+"_"+s.Name, src.Secrets[s.Name])
			continue
		}
		if v, given := src.Settings[s.Name]; given && v != nil && !reflect.DeepEqual(v, s.Default) {
			o.add(s.Name, v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(src.Settings)) {
		if !known[name] {
			x.say(name, "is no setting of %s and was left out", p.Title)
		}
	}
	if len(src.Forwards) > 0 {
		o.add("forward", x.forwards(src.Forwards))
	}
	if src.Contract != nil {
		o.add("contract", src.Contract)
	}
	if !reflect.DeepEqual(src.Faults, core.Faults{}) {
		o.add("faults", faultsObject(src.Faults))
	}
	if l := src.Limit; l != nil {
		limit := object{{"kind", l.Kind}, {"count", l.Count}, {"window_s", l.Window.Seconds()}, {"rate", l.Rate}}
		limit.addIf(l.RetryAfter != "", "retry_after", l.RetryAfter)
		o.add("limit", limit)
	}
	return o, nil
}

// secret writes a reference. A value that only this program can reach gets the name of an environment variable.
func (x *workspaceOut) secret(o *object, key, name string, ref core.SecretRef) {
	place, at, _ := strings.Cut(string(ref), ":")
	switch place {
	case "":
	case "env", "keyring":
		o.add(key, object{{place, at}})
	default:
		variable := x.freeName(envName(name), ref)
		o.add(key, object{{"env", variable}})
		x.say(key, "set the environment variable %s; the secret itself stays here", variable)
	}
}

func (x *workspaceOut) freeName(name string, ref core.SecretRef) string {
	free := name
	for i := 2; x.names[free] != "" && x.names[free] != ref; i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	x.names[free] = ref
	return free
}

func faultsObject(f core.Faults) object {
	var o object
	switch l := f.Latency; {
	case l.Kind == "fixed" && l.Spread == 0 && l.Base > 0:
		o.add("latency_ms", inMillis(l.Base))
	case l.Kind != "":
		o.add("latency", object{{"kind", l.Kind}, {"base_ms", inMillis(l.Base)}, {"spread_ms", inMillis(l.Spread)}})
	}
	o.addIf(f.FailFirst != 0, "fail_first", f.FailFirst)
	o.addIf(f.FailKey != "", "fail_key", f.FailKey)
	o.addIf(f.ErrorRate != 0, "error_rate", f.ErrorRate)
	o.addIf(len(f.Statuses) > 0, "statuses", f.Statuses)
	o.addIf(f.Hang != 0, "hang_ms", inMillis(f.Hang))
	o.addIf(f.SlowBody != 0, "slow_body_ms", inMillis(f.SlowBody))
	for _, chance := range []member{{"drop", f.Drop}, {"drop_midway", f.DropMidway}, {"reset", f.Reset}, {"truncate", f.Truncate}, {"malformed", f.Malformed}, {"wrong_length", f.WrongLength}} {
		o.addIf(chance.value != 0.0, chance.key, chance.value)
	}
	o.addIf(f.RetryAfter != "", "retry_after", f.RetryAfter)
	o.addIf(f.RetryAfterIn != 0, "retry_after_s", f.RetryAfterIn.Seconds())
	o.addIf(f.Seed != 0, "seed", f.Seed)
	return o
}

// platformEndpoint writes an endpoint of a platform by what the platform declares, in that order. Empty settings are left
// out, and switches and advanced ones that stand at their default.
func (x *workspaceOut) platformEndpoint(p platform.Platform, e *core.Endpoint) object {
	o := object{{"platform", p.Name}}
	values := p.EndpointValues(e)
	for _, s := range p.Endpoints.Settings {
		switch {
		case s.Kind == platform.SecretKind:
			x.secret(&o, s.Name, p.Name+"_"+e.Name+"_"+s.Name, e.Target.Secret)
		case !s.Empty(values) && !(s.AtDefault(values) && (s.Advanced || s.Kind == platform.BoolKind)):
			o.add(s.Name, declaredOrder(s, values[s.Name]))
		}
	}
	if pol := e.Target.Policy; pol.Retries > 0 && !sameSchedule(pol, plainPolicy(pol)) && !sameSchedule(pol, p.Endpoints.Policy) {
		x.say("max_retries", "the file cannot say all of this schedule of a %s endpoint; that of %s takes the place of what is missing", p.Title, p.Title)
	}
	return o
}

// sameSchedule reports whether two policies differ in nothing but their names and how often they try.
func sameSchedule(a, b core.RetryPolicy) bool {
	a.Name, a.Source, a.Retries = b.Name, b.Source, b.Retries
	return reflect.DeepEqual(a, b)
}

// declaredOrder gives the members of an object the order in which they are declared.
func declaredOrder(s platform.Setting, v any) any {
	m, ok := v.(map[string]any)
	if !ok || s.Fields == nil {
		return v
	}
	var o object
	for _, f := range s.Fields {
		if v, given := m[f.Name]; given {
			o.add(f.Name, declaredOrder(f, v))
		}
	}
	return o
}

func backoff(p core.RetryPolicy) object {
	return object{{"base_s", p.Base.Seconds()}, {"factor", p.Factor}, {"max_s", p.Max.Seconds()}, {"jitter", p.Spread}}
}

func (x *workspaceOut) endpoint(e *core.Endpoint) object {
	t := &e.Target
	o := object{{"id", e.WireID}, {"name", e.Name}}
	o.addIf(e.Description != "", "description", e.Description)
	o.add("url", t.URL)
	o.addIf(t.Method != "", "method", t.Method)
	o.addIf(e.Trigger != "", "trigger", e.Trigger)
	o.addIf(!e.Active, "active", false)
	o.addIf(t.Scheme != "", "scheme", t.Scheme)
	x.secret(&o, "secret", firstText(e.Name, e.WireID, "endpoint")+"_secret", t.Secret)
	o.addIf(len(t.Header) > 0, "headers", headersValue(t.Header))
	o.addIf(t.SkipTLS, "verify_ssl", false)
	o.addIf(t.CAFile != "", "ca_file", t.CAFile)
	addClient(&o, t.Client)
	o.addIf(t.Timeout != 0, "timeout_seconds", t.Timeout.Seconds())
	if p := t.Policy; reflect.DeepEqual(p, plainPolicy(p)) {
		o.add("max_retries", p.Retries)
		o.add("backoff", backoff(p))
	} else {
		o.add("policy", policyValue(p))
	}
	o.addIf(e.Rate != 0, "rate", e.Rate)
	o.addIf(e.Concurrency != 0, "concurrency", e.Concurrency)
	if t.Wrong != "" {
		x.say("wrong", "%q is for one delivery and was left out", t.Wrong)
	}
	return o
}

func firstText(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// headersValue is an object where the names are sorted and stand once, else a list of [name, value].
func headersValue(h core.Header) any {
	o, list := object{}, make([][2]string, len(h))
	for i, f := range h {
		o.add(f.Name, f.Value)
		list[i] = [2]string{f.Name, f.Value}
	}
	if slices.IsSortedFunc(h, func(a, b core.Field) int {
		if a.Name < b.Name {
			return -1
		}
		return 1 // equal names are out of order, too
	}) {
		return o
	}
	return list
}
