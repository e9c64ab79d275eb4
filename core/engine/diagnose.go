package engine

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// explainWithin bounds what a look at a capture waits for the doctor.
const explainWithin = 3 * time.Second

// Explained reads a capture. Where its signature does not hold and nobody has asked the doctor yet, it asks: what the
// search finds in time stands in the verdict, and is kept.
func (e *Engine) Explained(ctx context.Context, id core.CaptureID) (core.Capture, error) {
	c, err := e.Store.Capture(ctx, id)
	if err != nil {
		return c, err
	}
	v := c.Receipt.Verdict
	if v == nil || v.State == core.Verified || v.State == core.NoSecret || v.Tried > 0 || len(v.Findings) > 0 {
		return c, nil
	}
	short, cancel := context.WithTimeout(ctx, explainWithin)
	defer cancel()
	if d, err := e.Diagnose(short, id, ""); err != nil {
		if short.Err() != nil && ctx.Err() == nil && d.Tried > 0 { // too long: what was tried is said, and not kept, so that the next look may find more
			c.Receipt.Verdict = explainedBy(*v, &d)
		}
		return c, ctx.Err() // no scheme, no secret: the capture as it is
	} else if e.ReadOnly() != "" {
		c.Receipt.Verdict = explainedBy(*v, &d)
		return c, nil
	}
	return e.Store.Capture(ctx, id)
}

func explainedBy(v core.Verdict, d *sign.Diagnosis) *core.Verdict {
	v.Findings, v.Tried, v.Excluded = d.Findings, d.Tried, d.Excluded
	return &v
}

// Diagnose has the doctor explain the signature of a capture, with all that the user has stored as evidence, and puts
// the findings into the capture's verdict. With computed it explains instead the value that the user's own code came
// to, and stores nothing; neither does it where the history can only be read.
func (e *Engine) Diagnose(ctx context.Context, id core.CaptureID, computed string) (sign.Diagnosis, error) {
	c, err := e.Store.Capture(ctx, id)
	if err != nil {
		return sign.Diagnosis{}, err
	}
	s, err := e.SigningFor(ctx, &c)
	if err != nil {
		return sign.Diagnosis{}, err
	}
	if !s.Known() {
		return sign.Diagnosis{}, &core.Invalid{Field: "scheme", Reason: "none is set for this capture; choose one, then it can be explained"}
	}
	q, err := e.caseOf(ctx, &c, s)
	if err != nil {
		return sign.Diagnosis{}, err
	}
	q.Computed = computed
	d := sign.Diagnose(ctx, q)
	if s.Source != nil && s.Source.Platform == "generic" && computed == "" && d.Address != "" {
		adviseAddress(&d, s)
	}
	if err := ctx.Err(); err != nil || computed != "" || e.ReadOnly() != "" {
		return d, err
	}
	v := s.Scheme.Verify(s.Input)
	v.Findings, v.Tried, v.Excluded = d.Findings, d.Tried, d.Excluded
	if now := c.Receipt.Verdict; v.State == core.NoSecret && now != nil && now.State != core.NoSecret {
		return d, nil // the secret of then is gone: what was found with it stays
	}
	return d, e.Store.ChangeVerdict(id, func(now *core.Verdict) (*core.Verdict, error) {
		if !reflect.DeepEqual(now, c.Receipt.Verdict) { // verified anew while the doctor searched: the findings are of what was
			return now, nil
		}
		return &v, nil
	})
}

// caseOf is a capture's signature with all that the user has stored as evidence.
func (e *Engine) caseOf(ctx context.Context, c *core.Capture, s Signing) (q sign.Case, err error) {
	q = sign.Case{Scheme: s.Scheme, Input: s.Input}
	if len(c.Request.Body) > largeBody {
		q.Budget = largeBudget
	}
	if q.Others, err = e.otherSecrets(ctx, s.Input.Secrets); err != nil {
		return q, err
	}
	if q.Requests, err = e.neighbours(ctx, c); err != nil {
		return q, err
	}
	q.KnownURLs, err = e.knownURLs(ctx, c, q.Requests)
	return q, err
}

// Judge checks a signature and asks the doctor, also where it verifies: stricter libraries may still refuse it.
func Judge(ctx context.Context, q sign.Case) core.Verdict {
	v := q.Scheme.Verify(q.Input)
	if v.State != core.NoSecret {
		d := sign.Diagnose(ctx, q)
		v.Findings, v.Tried, v.Excluded = d.Findings, d.Tried, d.Excluded
	}
	return v
}

// adviseAddress says which setting makes the source find right what was signed over another address.
func adviseAddress(d *sign.Diagnosis, s Signing) {
	address, ok := s.Scheme.Registered(s.Input, sourcePath(*s.Source), d.Address)
	for i := range d.Findings {
		if ok && strings.HasPrefix(d.Findings[i].Cause, "url_") {
			d.Findings[i].Fix += fmt.Sprintf(" For this source: set its Registered address (url, under Advanced) to %s.", address)
		}
	}
}

// A large body takes the doctor longer than it searches by itself; whoever waits can cancel.
const (
	largeBody   = 256 << 10
	largeBudget = 20 * time.Second
)

// otherSecrets are the secrets of all sources and endpoints but those at hand. What cannot be had is left out: the
// doctor tries what there is.
func (e *Engine) otherSecrets(ctx context.Context, atHand []core.Secret) ([]sign.Labelled, error) {
	sources, err := e.Store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	endpoints, err := e.Store.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	var out []sign.Labelled
	add := func(label string, ref core.SecretRef) {
		secret, err := e.Vault.Resolve(ref)
		if err != nil || secret.Empty() || holds(atHand, secret) || slices.ContainsFunc(out, func(l sign.Labelled) bool { return same(l.Secret, secret) }) {
			return
		}
		out = append(out, sign.Labelled{Label: label, Secret: secret})
	}
	for _, src := range sources {
		for _, name := range secretNames(src.Secrets) {
			add(fmt.Sprintf("%s of source %s", secretWord(name), src.Name), src.Secrets[name])
		}
	}
	for _, ep := range endpoints {
		add("secret of endpoint "+firstOf(ep.Name, ep.WireID, ep.Target.URL), ep.Target.Secret)
	}
	return out, nil
}

func secretNames(secrets map[string]core.SecretRef) []string {
	names := make([]string, 0, len(secrets))
	for name := range secrets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func secretWord(name string) string {
	switch name {
	case "secret":
		return "secret"
	case "secret_previous":
		return "previous secret"
	case "handshake_secret":
		return "handshake token"
	}
	return name
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func holds(secrets []core.Secret, s core.Secret) bool {
	return slices.ContainsFunc(secrets, func(o core.Secret) bool { return same(o, s) })
}

func same(a, b core.Secret) bool { return bytes.Equal(a.Reveal(), b.Reveal()) }

// What the doctor is given of other captures.
const (
	mostNeighbours  = 20
	neighbourBodies = 4 << 20 // bytes in all
)

// neighbours are the requests that the same source got last.
func (e *Engine) neighbours(ctx context.Context, c *core.Capture) ([]*core.Request, error) {
	rows, err := e.Store.Captures(ctx, store.Query{}, 0, 500)
	if err != nil {
		return nil, err
	}
	var out []*core.Request
	room := int64(neighbourBodies)
	for _, r := range rows {
		if r.ID == c.ID || r.Source != c.Source || r.Size > room || len(out) == mostNeighbours {
			continue
		}
		other, err := e.Store.Capture(ctx, r.ID)
		if err != nil {
			continue // trimmed meanwhile
		}
		room -= int64(len(other.Request.Body))
		out = append(out, &other.Request)
	}
	return out, nil
}

// knownURLs are the addresses under which a provider may know the source of a capture: every base at which it was ever
// called or can be, with the path as it came; and the addresses of all sources.
func (e *Engine) knownURLs(ctx context.Context, c *core.Capture, others []*core.Request) ([]string, error) {
	sources, err := e.Store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	add := func(url string) {
		if url != "" && url != c.Request.URL() && !slices.Contains(out, url) {
			out = append(out, url)
		}
	}
	bases := []string{e.Tunnel.PublicURL(), e.URL()}
	for _, r := range others {
		bases = append(bases, r.Base)
	}
	for _, base := range bases {
		if base != "" {
			add(base + c.Request.Target)
		}
	}
	for _, src := range sources {
		if p, ok := platform.Find(src.Platform); ok && p.Inbound {
			add(src.Settings.Text("url"))
			add(e.SourceURL(src))
		}
	}
	return out, nil
}
