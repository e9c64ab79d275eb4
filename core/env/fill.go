package env

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hookglass/core"
)

// Bounds of an environment, and of what is made with it.
const (
	MostEnvironments = 100
	MostNames        = 200
	MostValue        = 64 << 10 // bytes of a value
	mostLine         = 64 << 10 // of an address or a header, filled
	mostBody         = 32 << 20
)

// Set is the environments as they stand at a moment, and the one that is chosen.
type Set struct {
	Chosen *core.Environment // nil: none is
	All    []core.Environment
}

// Check refuses an environment whose names or values are none.
func Check(e *core.Environment) error {
	if err := CheckName("name", e.Name); err != nil {
		return err
	}
	if n := len(e.Values) + len(e.Secrets); n > MostNames {
		return &core.Invalid{Field: "values", Reason: fmt.Sprintf("has %d names; want %d at the most", n, MostNames)}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		if err := CheckName("values."+name, name); err != nil {
			return err
		}
		if n := len(e.Values[name]); n > MostValue {
			return &core.Invalid{Field: "values." + name, Reason: fmt.Sprintf("has %d bytes; want %d at the most", n, MostValue)}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Secrets)) {
		if err := CheckName("secrets."+name, name); err != nil {
			return err
		}
		if _, twice := e.Values[name]; twice {
			return &core.Invalid{Field: "secrets." + name, Reason: "is the name of a value, too; take one of the two out"}
		}
		if place, at, ok := strings.Cut(string(e.Secrets[name]), ":"); !ok || at == "" || !slices.Contains([]string{"env", "keyring", "file", "run"}, place) {
			return &core.Invalid{Field: "secrets." + name, Reason: "want where the secret is: env:NAME, keyring:NAME or file:NAME, never its value"}
		}
	}
	return nil
}

// CheckName refuses what cannot be the name of an environment or of a value.
func CheckName(field, name string) error {
	if !isName.MatchString(name) {
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("%q is no name; want up to 64 letters, digits, - and _ that begin with a letter", core.Visible(name[:min(len(name), 80)]))}
	}
	return nil
}

// Target is a target with the values in its address and headers. Secrets stay there by their names until it is sent.
func (s Set) Target(t core.Target) (core.Target, error) {
	d, err := s.fill(core.Delivery{Target: t}, false, false)
	return d.Target, err
}

// Delivery is a delivery that the user wrote whole, with the values in all of it.
func (s Set) Delivery(d core.Delivery) (core.Delivery, error) { return s.fill(d, true, false) }

// Shown is Delivery for the screen: what stands for a secret there is a mask.
func (s Set) Shown(d core.Delivery) (core.Delivery, error) { return s.fill(d, true, true) }

func same(text string) string { return text }

func (s Set) fill(d core.Delivery, composed, shown bool) (core.Delivery, error) {
	hidden := map[string]core.SecretRef{}
	err := each(&d, composed, func(field, text string, _ int) (string, error) { // which secrets there are
		parts, err := pieces(field, text)
		for _, p := range parts {
			if ref, ok := s.secret(p.name); ok {
				hidden[p.name] = ref
			}
		}
		return text, err
	})
	if err != nil {
		return d, err
	}
	secret, plain := func(string) string { return core.Masked }, same
	if !shown && len(hidden) > 0 { // the delivery is read again as it is sent
		secret, plain = written, Literal
		d.Target.Hidden, d.Target.Filled = hidden, composed
	}
	err = each(&d, composed, func(field, text string, most int) (string, error) {
		parts, err := pieces(field, text)
		if err != nil {
			return text, err
		}
		if field == "url" {
			if err := s.hostIsPlain(parts); err != nil {
				return text, err
			}
		}
		return s.join(field, parts, secret, most, plain)
	})
	if composed {
		d.Request.Size = int64(len(d.Request.Body))
	}
	return d, err
}

func (s Set) secret(name string) (core.SecretRef, bool) {
	if s.Chosen == nil || name == "" {
		return "", false
	}
	ref, ok := s.Chosen.Secrets[name]
	return ref, ok
}

// join puts a text together. What it puts in is not looked at again.
func (s Set) join(field string, parts []piece, secret func(name string) string, most int, plain func(string) string) (string, error) {
	var b, run strings.Builder // run is the text since the last secret
	for _, p := range parts {
		text := p.text
		if p.name != "" {
			var ok bool
			if s.Chosen != nil {
				text, ok = s.Chosen.Values[p.name]
			}
			if _, hidden := s.secret(p.name); hidden {
				text = secret(p.name)
				if text[0] == '{' && strings.HasSuffix(run.String(), "{{") {
					return "", &core.Invalid{Field: field, Reason: fmt.Sprintf("has {{ right before the secret %s; put something between them", p.name)}
				}
				b.WriteString(plain(run.String()) + text)
				run.Reset()
				continue
			}
			if !ok {
				return "", s.unknown(field, p.name)
			}
		}
		if b.Len()+run.Len()+len(text) > most {
			return "", &core.Invalid{Field: field, Reason: fmt.Sprintf("has more than %d bytes with the values of the environment in it; make it shorter", most)}
		}
		run.WriteString(text)
	}
	b.WriteString(plain(run.String()))
	return b.String(), nil
}

// hostIsPlain refuses a secret before the path of an address: whom something is sent to is shown, kept and agreed to.
func (s Set) hostIsPlain(parts []piece) error {
	before := ""
	for _, p := range parts {
		_, rest, begun := strings.Cut(before, "://")
		if begun && strings.ContainsAny(rest, "/?#") {
			return nil
		}
		if _, hidden := s.secret(p.name); hidden {
			return &core.Invalid{Field: "url", Reason: fmt.Sprintf("has the secret %s in its host; put it behind the host, or into a header", p.name)}
		}
		if p.name != "" && s.Chosen != nil {
			before += s.Chosen.Values[p.name]
		}
		before += p.text
	}
	return nil
}

// unknown says which names there are.
func (s Set) unknown(field, name string) error {
	var names []string
	for _, e := range s.All {
		names = append(names, e.Name)
	}
	switch {
	case len(names) == 0:
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("there is no environment to take %s from; make one: hookglass env set staging %s=VALUE, or write {{{{env. for the text itself", name, name)}
	case s.Chosen == nil:
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("no environment is chosen to take %s from; choose one of %s", name, core.OrList(names))}
	}
	have := slices.Sorted(maps.Keys(s.Chosen.Values))
	have = append(have, slices.Sorted(maps.Keys(s.Chosen.Secrets))...)
	if len(have) == 0 {
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("the environment %s has no %s, and nothing else; set it there", s.Chosen.Name, name)}
	}
	return &core.Invalid{Field: field, Reason: fmt.Sprintf("the environment %s has no %s; it has %s", s.Chosen.Name, name, core.OrList(have[:min(len(have), 12)]))}
}

// Known reports whether any environment has all names of a text, so that it may be kept, and else what is wrong with it.
func (s Set) Known(field, text string) error {
	parts, err := pieces(field, text)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.name == "" {
			continue
		}
		known := slices.ContainsFunc(s.All, func(e core.Environment) bool {
			_, value := e.Values[p.name]
			_, secret := e.Secrets[p.name]
			return value || secret
		})
		if !known {
			return s.unknown(field, p.name)
		}
	}
	return nil
}

// Fills reports whether the chosen environment has all names of a text.
func (s Set) Fills(text string) bool {
	parts, err := pieces("", text)
	if err == nil {
		_, err = s.join("", parts, written, mostBody, same)
	}
	return err == nil
}

// each goes over the texts of a delivery that may have names in them: the address and the headers of its target, and where the
// user wrote it whole, its request. do gives what takes the place of each, and is told how long that may be.
func each(d *core.Delivery, whole bool, do func(field, text string, most int) (string, error)) error {
	var err error
	if d.Target.URL, err = do("url", d.Target.URL, mostLine); err != nil {
		return err
	}
	if d.Target.Header, err = eachField(d.Target.Header, do); err != nil || !whole {
		return err
	}
	if d.Request.Header, err = eachField(d.Request.Header, do); err != nil || !bytes.Contains(d.Request.Body, []byte("{{")) {
		return err
	}
	body, err := do("body", string(d.Request.Body), mostBody)
	if err == nil && body != string(d.Request.Body) {
		d.Request.Body = []byte(body)
	}
	return err
}

func eachField(h core.Header, do func(field, text string, most int) (string, error)) (core.Header, error) {
	out := h.Clone()
	for i, f := range h {
		var err error
		if out[i].Value, err = do("headers."+f.Name, f.Value, mostLine); err != nil {
			return h, err
		}
	}
	return out, nil
}
