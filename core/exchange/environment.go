package exchange

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"hookglass/core"
	"hookglass/core/env"
	"hookglass/core/strict"
)

// environment reads a named set of values. Its secrets are references: their values never stand in the file.
func (w *Workspace) environment(f *strict.Object) {
	e := core.Environment{Name: f.Text("name", ""), Values: map[string]string{}, Secrets: map[string]core.SecretRef{}}
	if values := f.Object("values"); values != nil {
		for _, name := range values.Keys() {
			v, _ := values.Take(name)
			text, ok := v.(string)
			if !ok {
				values.Fail(name, "want a text")
			}
			e.Values[name] = text
		}
	}
	if secrets := f.Object("secrets"); secrets != nil {
		for _, name := range secrets.Keys() {
			v, _ := secrets.Take(name)
			e.Secrets[name] = reference(v)
		}
	}
	f.Done()
	if err := env.Check(&e); err != nil {
		f.FailAs(err)
		return
	}
	for i, other := range w.Environments {
		if other.Name == e.Name {
			f.Fail("name", fmt.Sprintf("%q is the name of environments[%d]; give each its own", e.Name, i))
		}
	}
	w.Environments = append(w.Environments, e)
}

// reference reads where a secret is: "env:NAME", or {"env":"NAME"} as elsewhere in the file. What is neither is none.
func reference(v any) core.SecretRef {
	if text, ok := v.(string); ok && !strings.HasPrefix(text, "run:") {
		return core.SecretRef(text)
	}
	if m, ok := v.(map[string]any); ok && len(m) == 1 {
		for place, at := range m {
			if name, ok := at.(string); ok && place != "run" {
				return core.SecretRef(place + ":" + name)
			}
		}
	}
	return ""
}

// environment writes one. A value that is a credential by its name, or in an address, is masked like those of headers.
func (x *workspaceOut) environment(e *core.Environment) object {
	values := object{}
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		value := e.Values[name]
		if !x.reveal && value != "" && core.CredentialField(name) {
			value = masked
			x.say("values."+name, "a credential is masked; put your own there, better as a secret")
		}
		values.add(name, value)
	}
	o := object{{"name", e.Name}, {"values", x.masked("values", values)}}
	secrets := object{}
	for _, name := range slices.Sorted(maps.Keys(e.Secrets)) {
		x.secret(&secrets, name, e.Name+"_"+name, e.Secrets[name])
	}
	o.addIf(len(secrets) > 0, "secrets", secrets)
	return o
}
