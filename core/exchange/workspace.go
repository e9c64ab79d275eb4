// Package exchange reads and writes the formats of others: HAR, cURL, test fixtures, and the workspace file that
// people share.
package exchange

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/strict"
)

// Workspace is a set-up that can be shared: sources, endpoints, and how fast time runs for both.
type Workspace struct {
	Schemes      []sign.Scheme // the author's own, which the others may name
	Sources      []core.Source
	Endpoints    []core.Endpoint
	Environments []core.Environment
	Environment  string  // the one that is chosen; empty: the file does not say
	Pace         float64 // 0: not given
	Seed         uint64  // 0: not given
	// Plain are secrets that stand in the file itself. The sources and endpoints refer to them by "run:" names.
	Plain map[core.SecretRef]core.Secret

	names, addresses map[string]int // where in Sources they are taken, while it is read
}

// ParseWorkspace reads a workspace file. What it refuses is a *core.Invalid with the path of the field.
func ParseWorkspace(data []byte) (*Workspace, error) {
	var err error
	w := &Workspace{Plain: map[core.SecretRef]core.Secret{}}
	f := strict.Document(data, &err)
	version, _ := f.Take("hookglass")
	if n, ok := strict.NumberOf(version); !ok || n != 1 {
		f.Fail("hookglass", "want 1, the version of this format")
	}
	w.Pace = f.Number("pace", 0, 0.001, 1e6)
	w.Seed = uint64(f.Whole("seed", 0, 0, 1<<53))
	schemes, sources, endpoints := f.List("schemes"), f.List("sources"), f.List("endpoints")
	environments := f.List("environments")
	w.Environment = f.Text("environment", "")
	f.Done()
	for i, v := range environments {
		w.environment(strict.ObjectOf(v, fmt.Sprintf("environments[%d]", i), &err))
	}
	for i, v := range schemes {
		w.scheme(strict.ObjectOf(v, fmt.Sprintf("schemes[%d]", i), &err))
	}
	for i, v := range sources {
		w.source(strict.ObjectOf(v, fmt.Sprintf("sources[%d]", i), &err))
	}
	for i, v := range endpoints {
		w.endpoint(strict.ObjectOf(v, fmt.Sprintf("endpoints[%d]", i), &err))
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// scheme reads a scheme, written like a row of the table of package sign.
func (w *Workspace) scheme(f *strict.Object) {
	text, err := json.Marshal(f.Rest())
	if err != nil {
		f.FailAs(err)
		return
	}
	s, err := sign.Parse(text)
	if err != nil {
		f.FailAs(err)
		return
	}
	if _, known := sign.Known().Find(s.ID); known {
		f.Fail("id", fmt.Sprintf("%q is a scheme that Hookglass knows; give yours another name", s.ID))
	}
	for i, other := range w.Schemes {
		if other.ID == s.ID {
			f.Fail("id", fmt.Sprintf("%q is the id of schemes[%d]; give each its own", s.ID, i))
		}
	}
	w.Schemes = append(w.Schemes, s)
}

func (w *Workspace) source(f *strict.Object) {
	name := f.Text("platform", "")
	p, ok := platform.Find(name)
	if !ok || !p.Inbound {
		f.Fail("platform", fmt.Sprintf("unknown platform %q; want %s", name, receiverNames()))
		return
	}
	src := core.Source{Platform: name, Secrets: map[string]core.SecretRef{}}
	src.Name = f.Text("name", "")
	src.Profile = f.Choice("profile", core.Docs, core.Docs, core.Code)
	src.Faults = readFaults(f.Object("faults"))
	src.Limit = readLimit(f.Object("limit"))
	src.Forwards = readForwards(f)
	src.Contract = readContract(f)
	secrets := map[string]any{}
	for _, s := range p.Settings {
		if s.Kind == platform.SecretKind {
			if v, ok := f.Take(s.Name); ok {
				secrets[s.Name] = v
			}
		}
	}
	src.Settings = core.Values(f.Rest())
	if err := platform.Check(src.Settings, p.Settings); err != nil {
		f.FailAs(err)
		return
	}
	if src.Name == "" {
		src.Name = w.freeName(sourceName(p, src))
	}
	for key, v := range secrets {
		if ref := w.secret(f, key, v, "source/"+src.Name+"/"+key); ref != "" {
			src.Secrets[key] = ref
		}
	}
	w.addSource(f, p, src)
}

// addSource refuses a second source of the same name or address: one of them would never be asked.
func (w *Workspace) addSource(f *strict.Object, p platform.Platform, src core.Source) {
	if i, taken := w.names[src.Name]; taken {
		f.Fail("name", fmt.Sprintf("%q is the name of sources[%d]; give each its own", src.Name, i))
	}
	if w.names == nil {
		w.names, w.addresses = map[string]int{}, map[string]int{}
	}
	w.names[src.Name] = len(w.Sources)
	if p.Path != nil {
		path := p.Path(src.Settings, src.Profile)
		if i, taken := w.addresses[p.Name+path]; taken {
			f.Fail("", fmt.Sprintf("has the same address as sources[%d], %s", i, path))
		} else {
			w.addresses[p.Name+path] = len(w.Sources)
		}
	}
	w.Sources = append(w.Sources, src)
}

func (w *Workspace) endpoint(f *strict.Object) {
	var e core.Endpoint
	name := f.Text("platform", "")
	secret, given := f.Take("secret")
	if p, ok := platform.Sender(name); ok {
		var err error
		if e, err = p.Endpoint(core.Values(f.Rest()), platform.NewIDs(rand.New(rand.NewPCG(w.Seed, uint64(len(w.Endpoints)))))); err != nil {
			f.FailAs(err)
			return
		}
	} else if name == "" {
		e = readEndpoint(f)
		f.Done()
	} else {
		f.Fail("platform", fmt.Sprintf("%q has no endpoints; want %s, or leave it out", name, core.OrList(platform.Names(platform.Senders()))))
	}
	for i, other := range w.Endpoints {
		if other.Platform == e.Platform && other.WireID == e.WireID {
			f.Fail("id", fmt.Sprintf("%q is the id of endpoints[%d]; give each its own", e.WireID, i))
		}
	}
	if given {
		e.Target.Secret = w.secret(f, "secret", secret, "endpoint/"+e.Platform+"/"+e.WireID)
	}
	w.Endpoints = append(w.Endpoints, e)
}

// readEndpoint reads an endpoint that belongs to no platform.
func readEndpoint(f *strict.Object) core.Endpoint {
	e := core.Endpoint{Active: f.Flag("active", true), Name: f.Text("name", ""), Trigger: f.Text("trigger", ""),
		Description: f.Text("description", ""), Rate: f.Number("rate", 0, 0, 1e6), Concurrency: int(f.Whole("concurrency", 0, 0, 1000))}
	e.WireID = f.Text("id", e.Name)
	e.Target.URL = f.Text("url", "")
	if !addressLike(e.Target.URL) {
		f.Fail("url", "want an address that begins with http:// or https://")
	}
	e.Target.Scheme = f.Text("scheme", "")
	e.Target.Header = readHeader(f, "headers")
	e.Target.SkipTLS = !f.Flag("verify_ssl", true)
	e.Target.CAFile = f.Text("ca_file", "")
	e.Target.Client = readClient(f)
	e.Target.Timeout = time.Duration(f.Number("timeout_seconds", 30, 1, 300) * float64(time.Second))
	e.Target.Method = f.Text("method", "")
	e.Target.Policy = readPolicy(f)
	return e
}

// readPolicy reads the two settings that most need, or a policy: a known sender's by its name, or one whole.
func readPolicy(f *strict.Object) core.RetryPolicy {
	retries := f.Has("max_retries")
	delays := f.Has("backoff")
	p := core.RetryPolicy{Retries: int(f.Whole("max_retries", 3, 0, 100)), Base: time.Second, Factor: 2, Max: time.Minute}
	if b := f.Object("backoff"); b != nil {
		p.Base = b.Seconds("base_s", 1)
		p.Factor = b.Number("factor", 2, 1, 100)
		p.Max = b.Seconds("max_s", 60)
		p.Spread = b.Number("jitter", 0, 0, 1)
		b.Done()
	}
	v, given := f.Take("policy")
	if !given {
		return plainPolicy(p)
	}
	if retries || delays {
		f.Fail("policy", "stands beside max_retries or backoff; want one or the other")
	}
	if name, ok := v.(string); ok {
		return policyNamed(f, name)
	}
	return policyOf(f.Within("policy", v))
}

// secret reads {"env":"NAME"}, {"keyring":"NAME"} or a plain text, which it keeps apart under name.
func (w *Workspace) secret(f *strict.Object, key string, v any, name string) core.SecretRef {
	if s, ok := v.(string); ok {
		if s == "" {
			return ""
		}
		ref := core.SecretRef("run:" + name)
		w.Plain[ref] = core.Text(s)
		return ref
	}
	if m, ok := v.(map[string]any); ok && len(m) == 1 {
		for _, kind := range []string{"env", "keyring"} {
			if s, ok := m[kind].(string); ok && s != "" {
				return core.SecretRef(kind + ":" + s)
			}
		}
	}
	f.Fail(key, `want {"env":"NAME"}, {"keyring":"NAME"} or a text`)
	return ""
}

func readFaults(f *strict.Object) core.Faults {
	if f == nil {
		return core.Faults{}
	}
	var x core.Faults
	if ms := f.Millis("latency_ms"); ms > 0 {
		x.Latency = core.Latency{Kind: "fixed", Base: ms}
	}
	if l := f.Object("latency"); l != nil {
		x.Latency = core.Latency{Kind: l.Choice("kind", "fixed", "fixed", "uniform", "lognormal"), Base: l.Millis("base_ms"), Spread: l.Millis("spread_ms")}
		l.Done()
	}
	x.FailFirst = int(f.Whole("fail_first", 0, 0, 1_000_000))
	x.FailKey = f.Choice("fail_key", "event", "event", "path", "sender")
	x.ErrorRate = f.Number("error_rate", 0, 0, 1)
	if status := f.Whole("status", 0, 0, 599); status > 0 {
		if status < 200 {
			f.Fail("status", "want a status from 200 to 599")
		}
		x.Statuses = []int{int(status)}
	}
	x.Statuses = append(x.Statuses, f.Wholes("statuses", 200, 599, "a status from 200 to 599")...)
	x.Hang, x.SlowBody, x.RetryAfterIn = f.Millis("hang_ms"), f.Millis("slow_body_ms"), f.Seconds("retry_after_s", 0)
	for key, dst := range map[string]*float64{"drop": &x.Drop, "drop_midway": &x.DropMidway, "reset": &x.Reset, "truncate": &x.Truncate,
		"malformed": &x.Malformed, "wrong_length": &x.WrongLength} {
		*dst = f.Number(key, 0, 0, 1)
	}
	x.RetryAfter = f.Choice("retry_after", "", "", "seconds", "date", "wrong")
	x.Seed = uint64(f.Whole("seed", 0, 0, 1<<53))
	f.Done()
	return x
}

func readLimit(f *strict.Object) *core.Limit {
	if f == nil {
		return nil
	}
	l := &core.Limit{
		Kind:       f.Choice("kind", "fixed", "fixed", "sliding", "bucket", "concurrency"),
		Count:      int(f.Whole("count", 100, 1, 1_000_000)),
		Window:     f.Seconds("window_s", 60),
		Rate:       f.Number("rate", 0, 0, 1e9),
		RetryAfter: f.Choice("retry_after", "seconds", "seconds", "date", "wrong", "none"),
	}
	f.Done()
	if err := limit.Check(*l); err != nil {
		f.FailAs(err)
	}
	return l
}

// readContract takes a document as it is; who hosts the source reads it.
func readContract(f *strict.Object) json.RawMessage {
	v, ok := f.Take("contract")
	if !ok || v == nil {
		return nil
	}
	switch v.(type) {
	case map[string]any, []any:
	default:
		f.Fail("contract", "want a JSON Schema, an OpenAPI 3.1 document or a catalogue of events, written out here")
		return nil
	}
	doc, err := json.Marshal(v)
	if err != nil {
		f.FailAs(err)
	}
	return doc
}

// readHeader reads an object of header values, in the order of the alphabet, or a list of [name, value] where order and repeats
// matter. Names keep their spelling.
func readHeader(f *strict.Object, key string) (h core.Header) {
	v, ok := f.Take(key)
	if list, isList := v.([]any); isList {
		return readFields(f, key, list)
	}
	if !ok {
		return nil
	}
	o := f.Within(key, v)
	for _, name := range o.Keys() {
		v, _ := o.Take(name)
		text, ok := v.(string)
		if !ok { // null as well: a field without a value is written ""
			o.Fail(name, "want a text")
		}
		h = append(h, core.Field{Name: name, Value: text})
	}
	return h
}

func readFields(f *strict.Object, key string, list []any) (h core.Header) {
	for i, v := range list {
		pair, _ := v.([]any)
		path := fmt.Sprintf("%s[%d]", key, i)
		if len(pair) != 2 {
			f.Fail(path, "want [name, value]")
			continue
		}
		name, isName := pair[0].(string)
		value, isText := pair[1].(string)
		if !isName || !isText {
			f.Fail(path, "want two texts")
		}
		h = append(h, core.Field{Name: name, Value: value})
	}
	return h
}

// sourceName makes a name of what a platform calls its source.
func sourceName(p platform.Platform, src core.Source) string {
	path := strings.Trim(p.Path(src.Settings, src.Profile), "/")
	if p.Name == "generic" {
		if name := strings.TrimPrefix(path, "in/"); name != "" {
			return strings.ReplaceAll(name, "/", "-")
		}
		return "generic"
	}
	for _, key := range []string{"id", "path"} {
		if id := strings.Trim(src.Settings.Text(key), "/"); id != "" {
			return p.Name + "-" + strings.ReplaceAll(id, "/", "-")
		}
	}
	return p.Name
}

func (w *Workspace) freeName(name string) string {
	taken := func(n string) bool { _, is := w.names[n]; return is }
	for i := 2; taken(name); i++ {
		base, _, _ := strings.Cut(name, " ")
		name = fmt.Sprintf("%s %d", base, i)
	}
	return name
}

func receiverNames() string { return strings.Join(platform.Names(platform.Receivers()), ", ") }
