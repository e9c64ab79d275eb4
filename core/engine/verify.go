package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// Signing is how the signature of a capture is checked: by what its source says now, or by what the user chose for
// this one capture.
type Signing struct {
	Scheme sign.Scheme // the zero value: none is known
	Input  sign.Input  // with the time of arrival as now, so that an old capture is judged as it came
	Refs   []core.SecretRef
	Source *core.Source // nil when unmatched, or gone since
	Once   bool         // scheme and secret were chosen for this capture alone
	Lost   error        // why a secret that is set cannot be had
}

// Known reports whether there is a scheme to check with.
func (s *Signing) Known() bool { return s.Scheme.ID != "" }

// SigningFor says how a capture's signature is checked.
func (e *Engine) SigningFor(ctx context.Context, c *core.Capture) (Signing, error) {
	s := Signing{Input: sign.Input{Request: &c.Request, Now: c.At}}
	src, err := e.sourceOf(ctx, c)
	if err != nil {
		return s, err
	}
	s.Source = src
	if ref := onceRef(c); c.Receipt.Verdict != nil {
		if secret, err := e.Vault.Resolve(ref); err == nil {
			s.Scheme, _ = e.Schemes.Book().Find(c.Receipt.Verdict.Scheme)
			s.Once = true
			s.Input.Secrets, s.Refs = []core.Secret{secret}, []core.SecretRef{ref}
			return s, nil
		}
	}
	if src == nil {
		return s, nil
	}
	s.Scheme, _ = e.Schemes.Book().Find(schemeOf(src, c))
	s.Input = s.Input.At(src.Settings.Text("url"), sourcePath(*src))
	s.Input.Params = texts(src.Settings["params"])
	for _, name := range []string{"secret", "secret_previous"} {
		ref := src.Secrets[name]
		if ref == "" {
			continue
		}
		secret, err := e.Vault.Resolve(ref)
		if err != nil {
			s.Lost = err
			continue
		}
		s.Input.Secrets, s.Refs = append(s.Input.Secrets, secret), append(s.Refs, ref)
	}
	return s, nil
}

func (e *Engine) sourceOf(ctx context.Context, c *core.Capture) (*core.Source, error) {
	if c.Source == 0 {
		return nil, nil
	}
	src, err := e.Store.Source(ctx, c.Source)
	if errors.Is(err, core.ErrNotFound) {
		return nil, nil // deleted since
	}
	if err != nil {
		return nil, err
	}
	return &src, nil
}

// schemeOf is the scheme of a source: the one it is set to, or the one its platform looked for.
func schemeOf(src *core.Source, c *core.Capture) string {
	if src.Platform == "generic" {
		return src.Settings.Text("scheme")
	}
	if c.Receipt.Verdict != nil {
		return c.Receipt.Verdict.Scheme
	}
	return ""
}

func texts(v any) map[string]string {
	out := map[string]string{}
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			out[name], _ = value.(string)
		}
	case core.Values:
		for name := range v {
			out[name] = v.Text(name)
		}
	}
	return out
}

// onceRef keeps, for this run, the secret that a user gave for one capture alone.
func onceRef(c *core.Capture) core.SecretRef {
	return core.SecretRef(fmt.Sprintf("run:%s%d", oncePrefix(c.Source), c.ID))
}

func oncePrefix(id core.SourceID) string { return fmt.Sprintf("capture/%d/", id) }

func (v *Vault) putOnce(c *core.Capture, s core.Secret) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.run[strings.TrimPrefix(string(onceRef(c)), "run:")] = s
}

// forgetOnce lets what a source says hold for all of its captures again.
func (v *Vault) forgetOnce(id core.SourceID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	maps.DeleteFunc(v.run, func(name string, _ core.Secret) bool { return strings.HasPrefix(name, oncePrefix(id)) })
}

// Reverify checks a capture's signature again, as of its arrival, and stores the verdict. With a scheme it is checked
// with that and the secret, for this capture alone; without one, with what its source says now.
func (e *Engine) Reverify(ctx context.Context, id core.CaptureID, scheme string, secret core.Secret) (core.Verdict, error) {
	c, err := e.Store.Capture(ctx, id)
	if err != nil {
		return core.Verdict{}, err
	}
	if scheme == "" {
		return e.reverify(ctx, &c)
	}
	s, ok := e.Schemes.Book().Find(scheme)
	if !ok {
		return core.Verdict{}, &core.Invalid{Field: "scheme", Reason: fmt.Sprintf("there is none called %q", scheme)}
	}
	if !secret.Empty() {
		e.Vault.putOnce(&c, secret)
	}
	in := sign.Input{Request: &c.Request, Now: c.At, Secrets: []core.Secret{secret}}
	if src, err := e.sourceOf(ctx, &c); err == nil && src != nil {
		in = in.At(src.Settings.Text("url"), sourcePath(*src))
		in.Params = texts(src.Settings["params"])
	}
	v := s.Verify(in)
	return v, e.Store.SetVerdict(id, &v)
}

func (e *Engine) reverify(ctx context.Context, c *core.Capture) (core.Verdict, error) {
	s, err := e.SigningFor(ctx, c)
	if err != nil {
		return core.Verdict{}, err
	}
	if !s.Known() {
		return core.Verdict{}, &core.Invalid{Field: "scheme", Reason: "none is set for this capture; choose one"}
	}
	v := s.Scheme.Verify(s.Input)
	return v, e.Store.SetVerdict(c.ID, &v)
}

// SetSigning makes a source check signatures with a scheme and the secret behind a reference, and returns it as it is
// then. An empty reference leaves the secret as it is. The scheme of a platform's source is the platform's own.
func (e *Engine) SetSigning(ctx context.Context, id core.SourceID, scheme string, ref core.SecretRef) (core.Source, error) {
	e.switching.Lock()
	defer e.switching.Unlock()
	src, err := e.Store.Source(ctx, id)
	if err != nil {
		return src, err
	}
	if src.Platform == "generic" {
		src.Settings = cloned(src.Settings)
		src.Settings["scheme"] = scheme
	}
	if ref != "" {
		secrets := map[string]core.SecretRef{}
		for name, r := range src.Secrets {
			secrets[name] = r
		}
		secrets["secret"] = ref
		src.Secrets = secrets
	}
	e.Vault.forgetOnce(id)
	return src, e.PutSource(ctx, &src)
}

func cloned(v core.Values) core.Values {
	out := core.Values{}
	for name, value := range v {
		out[name] = value
	}
	return out
}
