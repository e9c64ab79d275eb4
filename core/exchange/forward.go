package exchange

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/env"
	"hookglass/core/platform"
	"hookglass/core/strict"
)

// ForwardSettings declare what may be said of a target, for the form that edits one and for what says which members there are.
func ForwardSettings() []platform.Setting {
	var names []string
	for _, p := range ForwardPolicies() {
		names = append(names, p.Name)
	}
	return []platform.Setting{
		{Name: "url", Label: "URL", Kind: platform.TextKind, Example: "http://127.0.0.1:3000/webhooks", Help: "Each request is sent on as it came, byte for byte, after it is kept."},
		{Name: "when", Label: "Only when", Kind: platform.TextKind, Example: "event:invoice.* sig:verified", Help: "A filter. Empty: all that arrives."},
		{Name: "path", Label: "What follows the source's path", Kind: platform.ChoiceKind, Choices: []string{"keep", "drop"}, Default: "keep", Help: "With the query."},
		{Name: "policy", Label: "Tries", Kind: platform.ChoiceKind, Choices: names, Help: "Of a target that is down, or answers other than 2xx."},
		{Name: "answer", Label: "Hand its answer back", Kind: platform.BoolKind, Help: "The sender gets what your server answers, instead of what the platform would. One target can."},
		{Name: "active", Label: "On", Kind: platform.BoolKind, Default: true},
		{Name: "timeout_s", Label: "Wait for it (s)", Kind: platform.NumberKind, Default: 10.0, Advanced: true, Help: "Where its answer is handed back, the sender gets 504 after that."},
		{Name: "resign", Label: "Sign anew", Kind: platform.BoolKind, Advanced: true, Help: "With the source's scheme and secret, at the time it is sent."},
		{Name: "set_headers", Label: "Set headers", Kind: platform.ObjectKind, Advanced: true},
		{Name: "remove_headers", Label: "Remove headers", Kind: platform.TextKind, Advanced: true, Help: "With commas between: Cookie, Authorization."},
		{Name: "verify_ssl", Label: "Verify the certificate", Kind: platform.BoolKind, Default: true, Advanced: true, Help: "Off: self-signed and expired ones are taken."},
		{Name: "ca_file", Label: "CA file", Kind: platform.TextKind, Advanced: true, Help: "PEM file of an authority to trust beside the system's."},
		{Name: "client_cert", Label: "Client certificate", Kind: platform.TextKind, Advanced: true, Help: "PEM file, for a server that asks who calls (mTLS). Its key may stand in it."},
		{Name: "client_key", Label: "Client key", Kind: platform.TextKind, Advanced: true, Help: "Where the key is, if not in that file: env:NAME or keyring:NAME."},
		{Name: "keep_host", Label: "Keep the Host header", Kind: platform.BoolKind, Advanced: true, Help: "Off: the Host of the URL is sent, as servers behind a name want it."},
		{Name: "forwarded", Label: "Add X-Forwarded-For, -Host and -Proto", Kind: platform.BoolKind, Advanced: true, Help: "The bytes of the head are then no longer those that came."},
	}
}

// readForwards reads the targets of a source: a list of them, or one alone. A target is an address, or an object with more to say.
func readForwards(f *strict.Object) (all core.Forwards) {
	v, ok := f.Take("forward")
	if !ok {
		return nil
	}
	list, many := v.([]any)
	if !many {
		return core.Forwards{readForward(f, "forward", v)}
	}
	for i, v := range list {
		all = append(all, readForward(f, fmt.Sprintf("forward[%d]", i), v))
	}
	return all
}

func readForward(f *strict.Object, at string, v any) core.Forward {
	var x core.Forward
	if s, ok := v.(string); ok {
		x.URL = s
	} else {
		o := f.Within(at, v)
		x = core.Forward{URL: o.Text("url", ""), When: o.Text("when", ""), DropPath: o.Choice("path", "keep", "keep", "drop") == "drop",
			Resign: o.Flag("resign", false), Set: readHeader(o, "set_headers"), Answer: o.Flag("answer", false),
			Timeout: o.Seconds("timeout_s", core.DefaultForwardTimeout.Seconds()), KeepHost: o.Flag("keep_host", false),
			Forwarded: o.Flag("forwarded", false), Off: !o.Flag("active", true)}
		x.Confirmed, x.Agreed = readConsent(o)
		for i, name := range o.List("remove_headers") {
			text, ok := name.(string)
			if !ok {
				o.Fail(fmt.Sprintf("remove_headers[%d]", i), "want the name of a header")
			}
			x.Remove = append(x.Remove, text)
		}
		x.Policy = readForwardPolicy(o)
		x.SkipTLS, x.CAFile, x.Client = !o.Flag("verify_ssl", true), o.Text("ca_file", ""), readClient(o)
		o.Done()
	}
	if !addressLike(x.URL) {
		f.Fail(at, "want an address that begins with http:// or https://")
	}
	return x
}

// addressLike reports whether a text begins like an address, or with a value of an environment that may.
func addressLike(text string) bool {
	return strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "{{") && env.Uses(text)
}

// readConsent reads the user's word: for the host of the address, or, where that depends on the environment, for the hosts that are
// listed.
func readConsent(o *strict.Object) (bool, []string) {
	v, given := o.Take("confirmed")
	list, many := v.([]any)
	yes, isFlag := v.(bool)
	var hosts []string
	for _, v := range list {
		host, ok := v.(string)
		many = many && ok && host != ""
		hosts = append(hosts, host)
	}
	if given && !many && !isFlag {
		o.Fail("confirmed", `want true, false or a list of hosts like ["staging.example.com"]`)
	}
	return yes, hosts
}

// readForwardPolicy reads the word for the usual schedule, a known sender's name, or a policy whole.
func readForwardPolicy(o *strict.Object) core.RetryPolicy {
	v, given := o.Take("policy")
	switch name, named := v.(string); {
	case !given:
		return core.RetryPolicy{}
	case name == core.ForwardPolicy().Name:
		return core.ForwardPolicy()
	case named:
		return policyNamed(o, name)
	}
	return policyOf(o.Within("policy", v))
}

// ForwardsValue is the targets of a source as a workspace file has them: an address where there is one and nothing more to say of it.
func ForwardsValue(all core.Forwards) any {
	list := make([]any, len(all))
	for i, f := range all {
		list[i] = forwardObject(f)
	}
	switch {
	case len(all) == 1 && reflect.DeepEqual(all[0], core.Forward{URL: all[0].URL, Timeout: all[0].Timeout}) && all[0].Wait() == core.DefaultForwardTimeout:
		return all[0].URL
	case len(all) == 1:
		return list[0]
	}
	return list
}

func forwardObject(f core.Forward) object {
	o := object{{"url", f.URL}}
	o.addIf(f.When != "", "when", f.When)
	o.addIf(f.DropPath, "path", "drop")
	o.addIf(f.Resign, "resign", true)
	o.addIf(len(f.Set) > 0, "set_headers", headersValue(f.Set))
	o.addIf(len(f.Remove) > 0, "remove_headers", slices.Clone(f.Remove))
	switch p := f.Policy; {
	case reflect.DeepEqual(p, core.RetryPolicy{}):
	case reflect.DeepEqual(p, core.ForwardPolicy()):
		o.add("policy", p.Name)
	default:
		o.add("policy", policyValue(p))
	}
	o.addIf(f.Answer, "answer", true)
	o.add("timeout_s", f.Wait().Seconds())
	o.addIf(f.SkipTLS, "verify_ssl", false)
	o.addIf(f.CAFile != "", "ca_file", f.CAFile)
	addClient(&o, f.Client)
	o.addIf(f.KeepHost, "keep_host", true)
	o.addIf(f.Forwarded, "forwarded", true)
	o.addIf(f.Confirmed && len(f.Agreed) == 0, "confirmed", true)
	o.addIf(len(f.Agreed) > 0, "confirmed", slices.Clone(f.Agreed))
	o.addIf(f.Off, "active", false)
	return o
}

// readClient reads a client certificate. Its key is a reference, never a text.
func readClient(o *strict.Object) core.ClientCert {
	c := core.ClientCert{File: o.Text("client_cert", "")}
	v, given := o.Take("client_key")
	if !given {
		return c
	}
	if m, ok := v.(map[string]any); ok && len(m) == 1 {
		for _, place := range []string{"env", "keyring"} {
			if name, ok := m[place].(string); ok && name != "" {
				c.Key = core.SecretRef(place + ":" + name)
				return c
			}
		}
	}
	o.Fail("client_key", `want {"env":"NAME"} or {"keyring":"NAME"}, or the key in the file of client_cert`)
	return c
}

func addClient(o *object, c core.ClientCert) {
	o.addIf(c.File != "", "client_cert", c.File)
	if place, name, ok := strings.Cut(string(c.Key), ":"); ok {
		o.add("client_key", object{{place, name}})
	}
}

// forwards writes the targets of a source without the user's word for them.
func (x *workspaceOut) forwards(all core.Forwards) any {
	out := slices.Clone(all)
	for i := range out {
		if out[i].Confirmed || len(out[i].Agreed) > 0 {
			x.say("forward", "asks for consent again before it sends to %s", out[i].URL)
			out[i].Confirmed, out[i].Agreed = false, nil
		}
	}
	return ForwardsValue(out)
}

// ForwardPolicies are the schedules that a forward may name.
func ForwardPolicies() []core.RetryPolicy {
	presets := deliver.Presets()
	return append([]core.RetryPolicy{presets[0], core.ForwardPolicy()}, presets[1:]...)
}
