package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/store"
)

// CheckupBody says which handler to examine, and how its deliveries are signed.
type CheckupBody struct {
	URL    string            `json:"url"`
	Source string            `json:"source,omitempty"` // the name of a source whose scheme and secret are used
	Scheme string            `json:"scheme,omitempty"` // empty, or none: unsigned
	Secret *SecretPlace      `json:"secret,omitempty"`
	Params map[string]string `json:"params,omitempty"` // what is signed but not sent

	Headers      Pairs   `json:"headers,omitempty"` // sent with every delivery
	Sample       *string `json:"sample,omitempty"`  // a payload that the handler accepts; one made for the scheme where it is left out
	Effects      string  `json:"effects,omitempty"` // an address that tells how many events the handler has processed
	AnswerLimitS float64 `json:"answer_limit_s,omitempty"`
	PatienceS    float64 `json:"patience_s,omitempty"`
	SlowS        float64 `json:"slow_s,omitempty"`
	LargeBody    int     `json:"large_body,omitempty"`
	Burst        int     `json:"burst,omitempty"`
	Insecure     bool    `json:"insecure,omitempty"` // do not verify the handler's certificate
}

// checkup looks at what is asked, and returns the work.
func (c *Control) checkup(r *http.Request) (any, error) {
	var in CheckupBody
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	h, cfg, err := c.e.Lab.asked(r.Context(), &in)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (any, error) {
		card, err := c.e.Lab.Checkup(ctx, h, cfg, func(done, total int, name string) { tell(ctx, done, total, name) })
		return card, err
	}, nil
}

// asked reads what is to be examined, and refuses at once what cannot be.
func (l *Lab) asked(ctx context.Context, in *CheckupBody) (Handler, lab.Config, error) {
	h := Handler{URL: in.URL, Scheme: in.Scheme, Effects: in.Effects}
	cfg := lab.Config{URL: in.URL, Params: in.Params, LargeBody: in.LargeBody, Burst: in.Burst, SkipTLS: in.Insecure}
	if err := CheckURL("url", in.URL); err != nil {
		return h, cfg, err
	}
	for _, bound := range []struct {
		field     string
		value, to float64
		into      *time.Duration
	}{{"answer_limit_s", in.AnswerLimitS, 600, &cfg.AnswerLimit}, {"patience_s", in.PatienceS, 600, &cfg.Patience}, {"slow_s", in.SlowS, 600, &cfg.SlowSender},
		{"large_body", float64(in.LargeBody), 1 << 30, nil}, {"burst", float64(in.Burst), 1000, nil}} {
		if bound.value < 0 || bound.value > bound.to {
			return h, cfg, &core.Invalid{Field: bound.field, Reason: "want 0 to " + core.Plain(bound.to)}
		}
		if bound.into != nil {
			*bound.into = time.Duration(bound.value * float64(time.Second))
		}
	}
	for _, f := range in.Headers {
		cfg.Header = append(cfg.Header, core.Field{Name: f[0], Value: f[1]})
	}
	if in.Sample != nil {
		cfg.Sample, h.Sample = []byte(*in.Sample), *in.Sample
	}
	if in.Secret != nil {
		h.Secret = in.Secret.ref()
	}
	if in.Source != "" {
		src, err := sourceCalled(ctx, l.store, in.Source)
		if err != nil {
			return h, cfg, err
		}
		h.Scheme, h.Secret = cmp.Or(h.Scheme, src.Settings.Text("scheme")), cmp.Or(h.Secret, src.Secrets["secret"])
	}
	if h.Scheme == "none" {
		h.Scheme = ""
	}
	if h.Scheme == "" {
		h.Secret = ""
		return h, cfg, nil
	}
	if _, ok := l.schemes.Book().Find(h.Scheme); !ok {
		return h, cfg, &core.Invalid{Field: "scheme", Reason: fmt.Sprintf("there is no scheme %q; GET /_/sources, or hookglass schemes, names some", h.Scheme)}
	}
	if h.Secret == "" {
		return h, cfg, &core.Invalid{Field: "secret", Reason: `is missing; want {"env":"NAME"} or {"keyring":"NAME"}, or a source that has one`}
	}
	if _, err := l.vault.Resolve(h.Secret); err != nil {
		return h, cfg, &core.Invalid{Field: "secret", Reason: err.Error()}
	}
	return h, cfg, nil
}

// sourceCalled finds a source by its name.
func sourceCalled(ctx context.Context, st *store.Store, name string) (core.Source, error) {
	src, err := st.SourceNamed(ctx, name)
	if errors.Is(err, core.ErrNotFound) {
		err = &core.Invalid{Field: "source", Reason: fmt.Sprintf("there is no source %q; GET /_/sources lists them", name)}
	}
	return src, err
}

// faults sets what a source does wrong on purpose, from its next request on.
func (c *Control) faults(r *http.Request) (any, error) {
	var in faultsDoc
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	var id core.SourceID
	switch named := in.Source.(type) {
	case float64:
		id = core.SourceID(named)
	case string:
		src, err := sourceCalled(r.Context(), c.e.Store, named)
		if err != nil {
			return nil, err
		}
		id = src.ID
	default:
		return nil, &core.Invalid{Field: "source", Reason: "want the name or the number of a source"}
	}
	if len(in.Faults) == 0 {
		return nil, &core.Invalid{Field: "faults", Reason: `is missing; want an object like {"error_rate":0.1}, or null to take all away`}
	}
	src, err := c.e.EditSource(r.Context(), id, fmt.Appendf(nil, `{"faults":%s}`, in.Faults))
	if err != nil {
		return nil, err
	}
	file, err := writeSource(src)
	if err != nil {
		return nil, err
	}
	set := file["faults"]
	if set == nil {
		set = json.RawMessage("{}")
	}
	return faulty{src.ID, src.Name, set}, nil
}
