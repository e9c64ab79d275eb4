// Package exchange reads and writes the formats of others: HAR, cURL, test fixtures, and the workspace file that
// people share.
package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/limit"
	"hookglass/core/platform"
	"hookglass/core/sign"
)

// Workspace is a set-up that can be shared: sources, endpoints, and how fast time runs for both.
type Workspace struct {
	Schemes   []sign.Scheme // the author's own, which the others may name
	Sources   []core.Source
	Endpoints []core.Endpoint
	Pace      float64 // 0: not given
	Seed      uint64  // 0: not given
	// Plain are secrets that stand in the file itself. The sources and endpoints refer to them by "run:" names.
	Plain map[core.SecretRef]core.Secret
}

// ParseWorkspace reads a workspace file. What it refuses is a *core.Invalid with the path of the field.
func ParseWorkspace(data []byte) (*Workspace, error) {
	v, err := decodeStrict(data)
	if err != nil {
		return nil, err
	}
	w := &Workspace{Plain: map[core.SecretRef]core.Secret{}}
	f := newFields(v, "file", &err)
	f.path = ""
	if version, _ := f.take("hookglass"); version != 1.0 {
		f.fail("hookglass", "want 1, the version of this format")
	}
	w.Pace = f.number("pace", 0, 0.001, 1e6)
	w.Seed = uint64(f.whole("seed", 0, 0, 1<<53))
	schemes, sources, endpoints := f.list("schemes"), f.list("sources"), f.list("endpoints")
	f.done()
	for i, v := range schemes {
		w.scheme(newFields(v, fmt.Sprintf("schemes[%d]", i), &err))
	}
	for i, v := range sources {
		w.source(newFields(v, fmt.Sprintf("sources[%d]", i), &err))
	}
	for i, v := range endpoints {
		w.endpoint(newFields(v, fmt.Sprintf("endpoints[%d]", i), &err))
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// scheme reads a scheme, written like a row of the table of package sign.
func (w *Workspace) scheme(f *fields) {
	text, err := json.Marshal(f.m)
	if err != nil {
		f.failAs(err)
		return
	}
	s, err := sign.Parse(text)
	if err != nil {
		f.failAs(err)
		return
	}
	if _, known := sign.Known().Find(s.ID); known {
		f.fail("id", fmt.Sprintf("%q is a scheme that Hookglass knows; give yours another name", s.ID))
	}
	for i, other := range w.Schemes {
		if other.ID == s.ID {
			f.fail("id", fmt.Sprintf("%q is the id of schemes[%d]; give each its own", s.ID, i))
		}
	}
	w.Schemes = append(w.Schemes, s)
}

func (w *Workspace) source(f *fields) {
	name := f.text("platform", "")
	p, ok := platform.Find(name)
	if !ok || !p.Inbound && name != "joai" {
		f.fail("platform", fmt.Sprintf("unknown platform %q; want %s", name, platformNames()))
		return
	}
	src := core.Source{Platform: name, Secrets: map[string]core.SecretRef{}}
	src.Name = f.text("name", "")
	src.Profile = f.choice("profile", core.Docs, core.Docs, core.Code)
	src.Faults = readFaults(f.object("faults"))
	src.Limit = readLimit(f.object("limit"))
	src.Forward = readForward(f)
	secrets := map[string]any{}
	for _, s := range p.Settings {
		if s.Kind == platform.SecretKind {
			if v, ok := f.take(s.Name); ok {
				secrets[s.Name] = v
			}
		}
	}
	src.Settings = core.Values(f.m)
	if err := platform.Check(src.Settings, p.Settings); err != nil {
		f.failAs(err)
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
func (w *Workspace) addSource(f *fields, p platform.Platform, src core.Source) {
	for i, other := range w.Sources {
		if other.Name == src.Name {
			f.fail("name", fmt.Sprintf("%q is the name of sources[%d]; give each its own", src.Name, i))
		}
		if other.Platform == src.Platform && p.Path != nil && p.Path(other.Settings, other.Profile) == p.Path(src.Settings, src.Profile) {
			f.fail("", fmt.Sprintf("has the same address as sources[%d], %s", i, p.Path(src.Settings, src.Profile)))
		}
	}
	w.Sources = append(w.Sources, src)
}

// failAs passes on what a platform refuses, under the path of this object.
func (f *fields) failAs(err error) {
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		f.fail(invalid.Field, invalid.Reason)
	} else if err != nil {
		f.fail("", err.Error())
	}
}

func (w *Workspace) endpoint(f *fields) {
	var e core.Endpoint
	name := f.text("platform", "")
	secret, given := f.take("secret")
	if name == "joai" {
		var err error
		if e, err = platform.JoaiEndpoint(core.Values(f.m), platform.NewIDs(rand.New(rand.NewPCG(w.Seed, uint64(len(w.Endpoints)))))); err != nil {
			f.failAs(err)
			return
		}
	} else if name == "" {
		e = readEndpoint(f)
		f.done()
	} else {
		f.fail("platform", fmt.Sprintf("%q has no endpoints; want joai, or leave it out", name))
	}
	for i, other := range w.Endpoints {
		if other.Platform == e.Platform && other.WireID == e.WireID {
			f.fail("id", fmt.Sprintf("%q is the id of endpoints[%d]; give each its own", e.WireID, i))
		}
	}
	if given {
		e.Target.Secret = w.secret(f, "secret", secret, "endpoint/"+e.Platform+"/"+e.WireID)
	}
	w.Endpoints = append(w.Endpoints, e)
}

// readEndpoint reads an endpoint that belongs to no platform.
func readEndpoint(f *fields) core.Endpoint {
	e := core.Endpoint{Active: f.flag("active", true), Name: f.text("name", ""), Trigger: f.text("trigger", ""),
		Description: f.text("description", ""), Rate: f.number("rate", 0, 0, 1e6), Concurrency: int(f.whole("concurrency", 0, 0, 1000))}
	e.WireID = f.text("id", e.Name)
	e.Target.URL = f.text("url", "")
	if !strings.HasPrefix(e.Target.URL, "http://") && !strings.HasPrefix(e.Target.URL, "https://") {
		f.fail("url", "want an address that begins with http:// or https://")
	}
	e.Target.Scheme = f.text("scheme", "")
	e.Target.Header = f.header("headers")
	e.Target.SkipTLS = !f.flag("verify_ssl", true)
	e.Target.CAFile = f.text("ca_file", "")
	e.Target.Timeout = time.Duration(f.number("timeout_seconds", 30, 1, 300) * float64(time.Second))
	e.Target.Method = f.text("method", "")
	e.Target.Policy = readPolicy(f)
	return e
}

// readPolicy reads the two settings that most need, or a policy: a known sender's by its name, or one whole.
func readPolicy(f *fields) core.RetryPolicy {
	_, retries := f.m["max_retries"]
	_, delays := f.m["backoff"]
	p := core.RetryPolicy{Retries: int(f.whole("max_retries", 3, 0, 100)), Base: time.Second, Factor: 2, Max: time.Minute}
	if b := f.object("backoff"); b != nil {
		p.Base = b.seconds("base_s", 1)
		p.Factor = b.number("factor", 2, 1, 100)
		p.Max = b.seconds("max_s", 60)
		p.Spread = b.number("jitter", 0, 0, 1)
		b.done()
	}
	v, given := f.take("policy")
	if !given {
		return plainPolicy(p)
	}
	if retries || delays {
		f.fail("policy", "stands beside max_retries or backoff; want one or the other")
	}
	if name, ok := v.(string); ok {
		return policyNamed(f, name)
	}
	return policyOf(newFields(v, under(f.path, "policy"), f.err))
}

// secret reads {"env":"NAME"}, {"keyring":"NAME"} or a plain text, which it keeps apart under name.
func (w *Workspace) secret(f *fields, key string, v any, name string) core.SecretRef {
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
	f.fail(key, `want {"env":"NAME"}, {"keyring":"NAME"} or a text`)
	return ""
}

func readFaults(f *fields) core.Faults {
	if f == nil {
		return core.Faults{}
	}
	var x core.Faults
	if ms := f.millis("latency_ms"); ms > 0 {
		x.Latency = core.Latency{Kind: "fixed", Base: ms}
	}
	if l := f.object("latency"); l != nil {
		x.Latency = core.Latency{Kind: l.choice("kind", "fixed", "fixed", "uniform", "lognormal"), Base: l.millis("base_ms"), Spread: l.millis("spread_ms")}
		l.done()
	}
	x.FailFirst = int(f.whole("fail_first", 0, 0, 1_000_000))
	x.FailKey = f.choice("fail_key", "event", "event", "path", "sender")
	x.ErrorRate = f.number("error_rate", 0, 0, 1)
	if status := f.whole("status", 0, 0, 599); status > 0 {
		if status < 200 {
			f.fail("status", "want a status from 200 to 599")
		}
		x.Statuses = []int{int(status)}
	}
	for i, v := range f.list("statuses") {
		n, ok := v.(float64)
		if !ok || n < 200 || n > 599 {
			f.fail(fmt.Sprintf("statuses[%d]", i), "want a status from 200 to 599")
		}
		x.Statuses = append(x.Statuses, int(n))
	}
	x.Hang, x.SlowBody, x.RetryAfterIn = f.millis("hang_ms"), f.millis("slow_body_ms"), f.seconds("retry_after_s", 0)
	for key, dst := range map[string]*float64{"drop": &x.Drop, "drop_midway": &x.DropMidway, "reset": &x.Reset, "truncate": &x.Truncate,
		"malformed": &x.Malformed, "wrong_length": &x.WrongLength} {
		*dst = f.number(key, 0, 0, 1)
	}
	x.RetryAfter = f.choice("retry_after", "", "", "seconds", "date", "wrong")
	x.Seed = uint64(f.whole("seed", 0, 0, 1<<53))
	f.done()
	return x
}

func readLimit(f *fields) *core.Limit {
	if f == nil {
		return nil
	}
	l := &core.Limit{
		Kind:       f.choice("kind", "fixed", "fixed", "sliding", "bucket", "concurrency"),
		Count:      int(f.whole("count", 100, 1, 1_000_000)),
		Window:     f.seconds("window_s", 60),
		Rate:       f.number("rate", 0, 0, 1e9),
		RetryAfter: f.choice("retry_after", "seconds", "seconds", "date", "wrong", "none"),
	}
	f.done()
	if err := limit.Check(*l); err != nil {
		f.failAs(err)
	}
	return l
}

// readForward reads a URL, or an object with more to say.
func readForward(f *fields) core.Forward {
	v, ok := f.take("forward")
	if !ok {
		return core.Forward{}
	}
	var x core.Forward
	if s, ok := v.(string); ok {
		x.URL = s
	} else {
		o := newFields(v, under(f.path, "forward"), f.err)
		x = core.Forward{URL: o.text("url", ""), Answer: o.flag("answer", false), Timeout: o.seconds("timeout_s", 10),
			KeepHost: o.flag("keep_host", false), Forwarded: o.flag("forwarded", false), Confirmed: o.flag("confirmed", false)}
		o.done()
	}
	if !strings.HasPrefix(x.URL, "http://") && !strings.HasPrefix(x.URL, "https://") {
		f.fail("forward", "want an address that begins with http:// or https://")
	}
	return x
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
	taken := func(n string) bool {
		for _, s := range w.Sources {
			if s.Name == n {
				return true
			}
		}
		return false
	}
	for i := 2; taken(name); i++ {
		base, _, _ := strings.Cut(name, " ")
		name = fmt.Sprintf("%s %d", base, i)
	}
	return name
}

func platformNames() string {
	var names []string
	for _, p := range platform.All {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}
