package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

// sourceView is a source as an agent sees it: of secrets only the place, and no management token.
type sourceView struct {
	ID       core.SourceID     `json:"id"`
	Name     string            `json:"name"`
	Platform string            `json:"platform"`
	URL      string            `json:"url,omitempty"`    // where it listens
	Public   string            `json:"public,omitempty"` // through the tunnel
	Secrets  map[string]string `json:"secrets"`          // where they are kept
	Source   json.RawMessage   `json:"source"`           // as a workspace file writes it
}

type noArgs struct{}

func (s *server) listSources(ctx context.Context, _ noArgs) (any, error) {
	var running []engine.SourceJSON // they know their addresses
	if _, ok := s.Program(ctx); ok {
		if err := s.ask(ctx, "GET", "/_/sources", nil, &running); err != nil {
			return nil, err
		}
	}
	return s.read(ctx, func(st *store.Store) (any, error) {
		all, err := st.Sources(ctx)
		if err != nil {
			return nil, err
		}
		opt, err := s.masks(ctx, st)
		out := struct {
			Sources []sourceView `json:"sources"`
		}{[]sourceView{}}
		for _, src := range all {
			v, err := viewSource(src, opt)
			if err != nil {
				return nil, err
			}
			for _, r := range running {
				if r.ID == src.ID {
					v.URL, v.Public = maskAddress(r.URL, opt), maskAddress(r.Public, opt)
				}
			}
			out.Sources = append(out.Sources, v)
		}
		return out, err
	})
}

// viewSource masks what an export of it masks.
func viewSource(src core.Source, opt exchange.Options) (sourceView, error) {
	v := sourceView{ID: src.ID, Name: src.Name, Platform: src.Platform, Secrets: map[string]string{}}
	for name, ref := range src.Secrets {
		if ref != "" {
			v.Secrets[name] = engine.MaskedSecret(ref)
		}
	}
	src.Secrets = nil
	text, _, err := exchange.WriteWorkspace(&exchange.Workspace{Sources: []core.Source{src}}, opt)
	var file struct{ Sources []json.RawMessage }
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err == nil {
		v.Source = file.Sources[0]
	}
	return v, err
}

// maskValues masks what is a credential by its name, at any depth.
func maskValues(name string, v any, opt exchange.Options) any {
	switch v := v.(type) {
	case string:
		if name != "" && v != "" && (core.CredentialHeader(name) || core.CredentialField(name)) {
			return core.Masked
		}
		return maskAddress(v, opt)
	case core.Values:
		return maskValues(name, map[string]any(v), opt)
	case map[string]any:
		out := map[string]any{}
		for k, inner := range v {
			out[k] = maskValues(k, inner, opt)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = maskValues(name, v[i], opt)
		}
		return out
	}
	return v
}

// sourceNamed finds a source by its name, or by its number.
func sourceNamed(ctx context.Context, st *store.Store, name string) (core.Source, error) {
	src, err := st.SourceNamed(ctx, name)
	if id, e := strconv.ParseInt(name, 10, 64); e == nil && errors.Is(err, core.ErrNotFound) {
		src, err = st.Source(ctx, core.SourceID(id))
	}
	if errors.Is(err, core.ErrNotFound) {
		err = &core.Invalid{Field: "source", Reason: fmt.Sprintf("there is no source %q; list_sources lists them", name)}
	}
	return src, err
}

type workArgs struct {
	ID string `json:"id" jsonschema:"id of the work item, as a capture's work has it"`
}

func (s *server) getWork(ctx context.Context, in workArgs) (any, error) {
	return s.read(ctx, func(st *store.Store) (any, error) {
		w, err := st.Work(ctx, in.ID)
		if errors.Is(err, core.ErrNotFound) {
			return nil, &core.Invalid{Field: "id", Reason: "there is no such work item; get_capture says which a capture made"}
		}
		if err != nil {
			return nil, err
		}
		out := engine.WorkOf(&w)
		opt, err := s.masks(ctx, st)
		if s.MaskBodies {
			out.Payload, out.Input, out.Output = maskValues("", out.Payload, opt), maskValues("", out.Input, opt), maskValues("", out.Output, opt)
		}
		return out, err
	})
}

type deliveryArgs struct {
	ID core.DeliveryID `json:"id" jsonschema:"number of the delivery"`
}

// deliveryView is a delivery with its attempts, their bodies cut.
type deliveryView struct {
	engine.DeliveryJSON
	Attempts []attemptView `json:"attempts"`
	Left     int           `json:"attempts_left_out,omitempty"` // older ones
}

type attemptView struct {
	Number   int                `json:"number"`
	Started  string             `json:"started"`
	TookMS   float64            `json:"took_ms"`
	Request  exchangeView       `json:"request"`
	Response *exchangeView      `json:"response"`
	Failure  *string            `json:"failure"`
	Detail   string             `json:"detail,omitempty"`
	Timings  engine.TimingsJSON `json:"timings"`
	Next     string             `json:"next,omitempty"`
	Masked   []string           `json:"masked,omitempty"`
}

type exchangeView struct {
	Method  string       `json:"method,omitempty"`
	URL     string       `json:"url,omitempty"`
	Status  int          `json:"status,omitempty"`
	Headers engine.Pairs `json:"headers"`
	Body    chunk        `json:"body"`
}

// mostAttempts are the newest of a delivery, and mostExcerpt what is shown of each body.
const mostAttempts, mostExcerpt = 5, 1 << 10

func (s *server) getDelivery(ctx context.Context, in deliveryArgs) (any, error) {
	return s.read(ctx, func(st *store.Store) (any, error) {
		d, err := st.Delivery(ctx, in.ID)
		if errors.Is(err, core.ErrNotFound) {
			return nil, &core.Invalid{Field: "id", Reason: "there is no such delivery; get_capture says which a capture made"}
		}
		if err != nil {
			return nil, err
		}
		attempts, err := st.Attempts(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		opt, err := s.masks(ctx, st)
		if err != nil {
			return nil, err
		}
		out := deliveryView{DeliveryJSON: engine.DeliveryOf(&d, "", nil), Attempts: []attemptView{}, Left: max(0, len(attempts)-mostAttempts)}
		out.URL = maskAddress(out.URL, opt)
		out.Endpoint = engine.EndpointName(ctx, st, d.Endpoint)
		for i := range attempts[out.Left:] {
			v, err := viewAttempt(&attempts[out.Left+i], d.Target.Scheme, opt)
			if err != nil {
				return nil, err
			}
			out.Attempts = append(out.Attempts, v)
		}
		return out, nil
	})
}

// viewAttempt masks an attempt as a capture is masked that looks like it.
func viewAttempt(a *core.Attempt, scheme string, opt exchange.Options) (attemptView, error) {
	like := core.Capture{Request: a.Request}
	if a.Response != nil {
		like.Response = *a.Response
	}
	masked := exchange.Redact(&like, opt)
	shown := *a
	shown.Request = like.Request
	j := engine.AttemptOf(&shown)
	out := attemptView{Number: j.Number, Started: j.Started, TookMS: j.TookMS, Failure: j.Failure, Detail: j.Detail, Timings: j.Timings, Next: j.Next, Masked: masked,
		Request: exchangeView{Method: j.Request.Method, URL: j.Request.URL, Headers: j.Request.Headers}}
	var err error
	if out.Request.Headers, _ = fields(j.Request.Headers, 0, 0); err == nil {
		out.Request.Body, err = rangeOf(like.Request.Body, 0, mostExcerpt, false)
	}
	if err != nil || a.Response == nil {
		return out, err
	}
	shown.Response = &like.Response
	out.Response = &exchangeView{Status: like.Response.Status}
	out.Response.Headers, _ = fields(engine.AttemptOf(&shown).Response.Headers, 0, 0)
	out.Response.Body, err = rangeOf(like.Response.Body, 0, mostExcerpt, false)
	return out, err
}

type shapeArgs struct {
	Event  string `json:"event" jsonschema:"type of the event, like invoice.paid"`
	Source string `json:"source,omitempty" jsonschema:"name of the source, where several have the event"`
}

type shapeView struct {
	Event   string `json:"event"`
	Learned bool   `json:"learned"`
	Reason  string `json:"reason,omitempty"`
	Shape   any    `json:"shape,omitempty"`
}

// eventShape answers what the program has learned of an event. That nothing was learned is an answer, too.
func (s *server) eventShape(ctx context.Context, in shapeArgs) (any, error) {
	var got []any
	v := url.Values{"event": {in.Event}, "source": {in.Source}}
	if err := s.ask(ctx, "GET", "/_/shapes?"+v.Encode(), nil, &got); err != nil || len(got) == 0 {
		out := shapeView{Event: in.Event, Reason: "not learned yet; read a capture of the event with get_capture instead"}
		if err != nil {
			out.Reason = "not learned yet: " + err.Error()
		}
		return out, nil
	}
	return shapeView{Event: in.Event, Learned: true, Shape: got[0]}, nil
}
