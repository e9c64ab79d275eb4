package engine

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// VerifyBody asks what `hookglass verify` answers: of a request that is written out, or of a capture. Nothing of it is kept.
type VerifyBody struct {
	Capture core.CaptureID `json:"capture,omitempty"` // instead of method, url, headers and body

	Method  string  `json:"method,omitempty"` // POST where it is left out
	URL     string  `json:"url,omitempty"`    // under which it was received, as the provider knows it
	Headers Pairs   `json:"headers,omitempty"`
	Body    *string `json:"body,omitempty"`
	BodyB64 []byte  `json:"body_b64,omitempty"` // instead of body, where it is no text

	// Those of a capture's source where they are left out.
	Scheme string            `json:"scheme,omitempty"`
	Secret *SecretPlace      `json:"secret,omitempty"`
	Params map[string]string `json:"params,omitempty"` // what is signed but not sent

	Now          int64                  `json:"now,omitempty"`  // Unix seconds; the time of arrival, or now, where it is left out
	Cert         string                 `json:"cert,omitempty"` // PEM
	Computed     string                 `json:"computed,omitempty"`
	OtherSecrets map[string]SecretPlace `json:"other_secrets,omitempty"` // by the names that findings give them
	KnownURLs    []string               `json:"known_urls,omitempty"`
	BudgetS      float64                `json:"budget_s,omitempty"` // how long the doctor may search; 5 where it is left out
}

// SecretPlace says where a secret is: no request holds one.
type SecretPlace struct {
	Env     string `json:"env,omitempty"`
	Keyring string `json:"keyring,omitempty"`
}

// UnmarshalJSON never repeats what it refuses: it may be the secret.
func (p *SecretPlace) UnmarshalJSON(data []byte) error {
	all, err := members(data)
	if err == nil && len(all) == 1 {
		for name, field := range map[string]*string{"env": &p.Env, "keyring": &p.Keyring} {
			if readMember(all[name], field) == nil && *field != "" {
				return nil
			}
		}
	}
	return &core.Invalid{Field: "secret", Reason: `want {"env":"NAME"} or {"keyring":"NAME"}; a secret itself is not taken here`}
}

func (p *SecretPlace) ref() core.SecretRef {
	if p.Env != "" {
		return core.SecretRef("env:" + p.Env)
	}
	return core.SecretRef("keyring:" + p.Keyring)
}

// RequestTo begins a request to an address, its target kept as it is written; without an address it goes to /. What is wrong with
// the address is said of field.
func RequestTo(field, method, address string) (core.Request, error) {
	r := core.Request{Method: method, Target: "/", Proto: "HTTP/1.1"}
	if address == "" {
		return r, nil
	}
	if err := CheckURL(field, address); err != nil {
		return r, err
	}
	i := strings.Index(address, "://") + 3
	host, rest := address[i:], ""
	if j := strings.IndexAny(host, "/?"); j >= 0 {
		host, rest = host[:j], host[j:]
	}
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	r.Base, r.Host, r.Target = address[:i]+host, host, rest
	return r, nil
}

// Verify answers a VerifyBody.
func (e *Engine) Verify(ctx context.Context, in *VerifyBody) (core.Verdict, error) {
	var secrets []core.Secret
	if in.Secret != nil {
		secret, err := e.secretAt("secret", *in.Secret)
		if err != nil {
			return core.Verdict{}, err
		}
		secrets = []core.Secret{secret}
	}
	q, err := e.asked(ctx, in, secrets)
	if err != nil {
		return core.Verdict{}, err
	}
	if in.Scheme != "" {
		var ok bool
		if q.Scheme, ok = e.Schemes.Book().Find(in.Scheme); !ok {
			return core.Verdict{}, &core.Invalid{Field: "scheme", Reason: fmt.Sprintf("there is none called %q; hookglass schemes lists them", in.Scheme)}
		}
	}
	if q.Scheme.ID == "" {
		return core.Verdict{}, &core.Invalid{Field: "scheme", Reason: "is missing; hookglass schemes lists them"}
	}
	for _, label := range slices.Sorted(maps.Keys(in.OtherSecrets)) {
		secret, err := e.secretAt("other_secrets."+label, in.OtherSecrets[label])
		if err != nil {
			return core.Verdict{}, err
		}
		q.Others = append(q.Others, sign.Labelled{Label: label, Secret: secret})
	}
	if in.Params != nil {
		q.Input.Params = in.Params
	}
	if in.Now != 0 {
		q.Input.Now = time.Unix(in.Now, 0)
	}
	if in.Cert != "" {
		q.Input.Cert = []byte(in.Cert)
	}
	if !(in.BudgetS >= 0 && in.BudgetS <= mostBudget.Seconds()) {
		return core.Verdict{}, &core.Invalid{Field: "budget_s", Reason: fmt.Sprintf("want seconds from 0 to %.0f", mostBudget.Seconds())}
	}
	if in.BudgetS > 0 {
		q.Budget = time.Duration(in.BudgetS * float64(time.Second))
	}
	q.Computed, q.KnownURLs = in.Computed, slices.Concat(in.KnownURLs, q.KnownURLs)
	v := Judge(ctx, q)
	return v, ctx.Err()
}

const mostBudget = 5 * time.Minute

// asked is the request, with what is known of it where it is a capture.
func (e *Engine) asked(ctx context.Context, in *VerifyBody, secrets []core.Secret) (sign.Case, error) {
	if in.Capture != 0 {
		if in.Method != "" || in.URL != "" || in.Headers != nil || in.Body != nil || in.BodyB64 != nil {
			return sign.Case{}, &core.Invalid{Field: "capture", Reason: "has its own method, url, headers and body; leave those out, or the capture"}
		}
		c, err := e.Store.Capture(ctx, in.Capture)
		if err != nil {
			return sign.Case{}, err
		}
		s, err := e.SigningFor(ctx, &c)
		if err != nil {
			return sign.Case{}, err
		}
		if secrets != nil { // those of its source are then among the others that the doctor tries
			s.Input.Secrets = secrets
		}
		if s.Lost != nil && len(s.Input.Secrets) == 0 {
			return sign.Case{}, &core.Invalid{Field: "secret", Reason: strings.TrimPrefix(s.Lost.Error(), "secret: ")}
		}
		return e.caseOf(ctx, &c, s)
	}
	if in.Method == "" {
		in.Method = http.MethodPost
	}
	r, err := RequestTo("url", in.Method, in.URL)
	if err != nil {
		return sign.Case{}, err
	}
	for _, pair := range in.Headers {
		r.Header = append(r.Header, core.Field{Name: pair[0], Value: pair[1]})
	}
	r.Body = in.BodyB64
	if in.Body != nil {
		if in.BodyB64 != nil {
			return sign.Case{}, &core.Invalid{Field: "body_b64", Reason: "stands beside body; give one of them"}
		}
		r.Body = []byte(*in.Body)
	}
	r.Size = int64(len(r.Body))
	return sign.Case{Input: sign.Input{Request: &r, URL: in.URL, Now: time.Now(), Secrets: secrets}}, nil
}

func (e *Engine) secretAt(field string, p SecretPlace) (core.Secret, error) {
	secret, err := e.Vault.Resolve(p.ref())
	if err != nil {
		return secret, &core.Invalid{Field: field, Reason: strings.TrimPrefix(err.Error(), "secret: ")}
	}
	return secret, nil
}

// verify answers what `hookglass verify --json` prints, 200 also where the signature does not hold.
func (c *Control) verify(r *http.Request) (any, error) {
	var in VerifyBody
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	v, err := c.e.Verify(r.Context(), &in)
	return VerdictOf(&v, false), err
}
