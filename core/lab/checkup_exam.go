package lab

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// exam is one check-up under way.
type exam struct {
	cfg    Config
	url    string // where deliveries go: cfg.URL, or where that redirects to
	start  time.Time
	events int
	style  style

	base       exchange // the valid delivery that all else is compared with
	redirected exchange // the first redirect met on the way to it

	yesByRedirect bool // the handler answers what it accepts with a redirect that leads nowhere

	slowest      exchange // of the plain valid deliveries
	lateToRefuse bool     // even a refusal took longer than the provider waits
	blind        bool     // no signature is looked at
	refusals     []exchange
	deadSince    string // the check since which nothing answers
	failed       map[string]bool
	unsigned     error // why the delivery of this step could not be signed
}

func newExam(c Config) (*exam, error) {
	c, err := c.validate()
	if err != nil {
		return nil, err
	}
	return &exam{cfg: c, url: c.URL, start: time.Now(), failed: map[string]bool{}}, nil
}

// settle finds a way of writing a delivery that the handler accepts, so that each further check changes one thing only.
// An error means that no delivery can be signed at all.
func (e *exam) settle(ctx context.Context) error {
	for i, s := range e.styles() {
		e.style = s
		ev := e.newEvent()
		x := e.deliver(ctx, ev)
		if e.unsigned != nil {
			return e.unsigned
		}
		x = e.chase(ctx, ev, x)
		if i == 0 || x.accepted() {
			e.base = x
		}
		if x.accepted() || !x.refused() || x.took > e.cfg.AnswerLimit {
			break
		}
	}
	if !e.base.accepted() {
		e.style = style{}
	}
	return nil
}

// chase follows redirects until the handler accepts. Where they lead nowhere, the handler redirects after it has done its
// work, as one does for a browser; the redirect then stands for its yes in the other checks.
func (e *exam) chase(ctx context.Context, ev event, x exchange) exchange {
	first := x
	for hops := 0; x.moved() && hops < 5 && e.follow(x); hops++ {
		x = e.deliver(ctx, ev)
	}
	if first.moved() && !x.accepted() {
		e.url, e.yesByRedirect = e.cfg.URL, true
		first.redirectIsYes = true
		return first
	}
	return x
}

// styles are the ways to write a delivery, the documented one first.
func (e *exam) styles() []style {
	return []style{{}, {spell: strings.ToLower}, {spell: http.CanonicalHeaderKey}, {spell: strings.ToUpper}, {spaced: true}}
}

// follow goes where a redirect points, as no sender would, so that the other checks reach the handler.
func (e *exam) follow(x exchange) bool {
	if e.redirected.response == nil {
		e.redirected = x
	}
	from, err := url.Parse(e.url)
	if err != nil {
		return false
	}
	to, err := from.Parse(x.response.Header.Get("Location"))
	if err != nil || to.Host == "" || to.String() == e.url {
		return false
	}
	e.url = to.String()
	return true
}

// deliver sends a plain valid delivery of ev.
func (e *exam) deliver(ctx context.Context, ev event) exchange {
	x := e.send(ctx, e.valid(ev))
	if x.took > e.slowest.took && x.accepted() || e.slowest.request.Method == "" {
		e.slowest = x
	}
	return x
}

// deliverFirst is deliver with a signature two seconds old, so that a retry of ev has another one.
func (e *exam) deliverFirst(ctx context.Context, ev event) exchange {
	r, err := e.signed(e.request(ev, e.payload(ev)), ev, e.cfg.Secret, time.Now().Add(-2*time.Second))
	if err != nil {
		e.unsigned = err
	}
	return e.send(ctx, r)
}

// valid is a delivery of ev, signed now.
func (e *exam) valid(ev event) core.Request { return e.sealed(e.request(ev, e.payload(ev)), ev) }

// withBody is a valid delivery of ev with that body.
func (e *exam) withBody(ev event, body []byte) core.Request { return e.sealed(e.request(ev, body), ev) }

// request is a delivery as it is before it is signed.
func (e *exam) request(ev event, body []byte) core.Request {
	u, _ := url.Parse(e.url) // checked when it was set
	if e.cfg.Scheme.Template == "{url}" && len(e.cfg.Scheme.Checks) > 0 {
		u.RawQuery = withBodyHash(u.RawQuery, body)
	}
	h := core.Header{{Name: "Content-Type", Value: e.cfg.Scheme.Media()}, {Name: "User-Agent", Value: "Hookglass-Checkup/1"}}
	for _, f := range append(eventHeaders(e.cfg.Scheme.ID, ev), e.cfg.Header...) {
		h = h.With(f.Name, f.Value)
	}
	return core.Request{
		Method: http.MethodPost, Target: u.RequestURI(), Proto: "HTTP/1.1", Host: u.Host,
		Base: u.Scheme + "://" + u.Host, Header: h, Body: body, Size: int64(len(body)),
	}
}

// sealed signs r with the right secret, now. What cannot be signed is remembered, and the step is skipped.
func (e *exam) sealed(r core.Request, ev event) core.Request {
	out, err := e.signed(r, ev, e.cfg.Secret, time.Now())
	if err != nil {
		e.unsigned = err
	}
	return out
}

// signed signs r as whoever holds that secret would have done then.
func (e *exam) signed(r core.Request, ev event, secret core.Secret, at time.Time) (core.Request, error) {
	if e.cfg.Scheme.ID != "" {
		set, body, err := e.cfg.Scheme.Sign(e.input(&r, secret, at), ev.id)
		if err != nil {
			return r, err
		}
		for _, f := range set {
			r.Header = r.Header.With(f.Name, f.Value)
		}
		r.Body, r.Size = body, int64(len(body))
	}
	r.Header = e.respelled(r.Header)
	return r, nil
}

func (e *exam) input(r *core.Request, secret core.Secret, at time.Time) sign.Input {
	return sign.Input{Request: r, URL: r.URL(), Secrets: []core.Secret{secret}, Now: at, Params: e.cfg.Params}
}

// respelled writes the names in the style that the handler understands.
func (e *exam) respelled(h core.Header) core.Header { return respell(h, e.style.spell) }

func respell(h core.Header, spell func(string) string) core.Header {
	out := h.Clone()
	for i := range out {
		if spell != nil && out[i].Name != "User-Agent" { // net/http would add its own beside another spelling
			out[i].Name = spell(out[i].Name)
		}
	}
	return out
}

// verdict is what the scheme itself says of a request: a forgery that it cannot tell proves nothing about a handler.
func (e *exam) verdict(r core.Request) core.VerdictState {
	return e.cfg.Scheme.Verify(e.input(&r, e.cfg.Secret, time.Now())).State
}

// protects reports whether the scheme tells this forgery from the real thing.
func (e *exam) protects(r core.Request) bool { return e.verdict(r) != core.Verified }

// signatureHeader is the name of the header that carries the signature, or "" where it stands in the body.
func (e *exam) signatureHeader() string {
	name, _ := strings.CutPrefix(e.cfg.Scheme.Sig.From, "header:")
	if name == e.cfg.Scheme.Sig.From {
		return ""
	}
	return name
}

func (e *exam) timestampHeader() string {
	name, ok := strings.CutPrefix(e.cfg.Scheme.TS.From, "header:")
	if !ok {
		return ""
	}
	return name
}
