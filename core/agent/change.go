package agent

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/env"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/store"
)

// target refuses an address that this agent may not send to.
func (s *server) target(ctx context.Context, field, address string) error {
	if env.Uses(address) {
		return &core.Invalid{Field: field, Reason: "has a value of an environment in it, which is the user's own; write the address out"}
	}
	if err := engine.CheckURL(field, address); err != nil {
		return err
	}
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if u.User != nil {
		return &core.Invalid{Field: field, Reason: "has a user or a password in it; leave them out"}
	}
	host := strings.ToLower(u.Host)
	if slices.Contains(s.Hosts, host) || slices.Contains(s.Hosts, strings.ToLower(u.Hostname())) {
		return nil
	}
	if !engine.Loopback(address) {
		return &core.Invalid{Field: field, Reason: fmt.Sprintf("%s is not this machine; the user may allow it with hookglass mcp --allow-write --allow-host %s", u.Host, u.Hostname())}
	}
	return nil
}

type replayArgs struct {
	Captures  []core.CaptureID `json:"captures,omitempty" jsonschema:"numbers of captures"`
	Query     string           `json:"query,omitempty" jsonschema:"instead of captures: those that match"`
	To        string           `json:"to" jsonschema:"address on this machine"`
	Resign    bool             `json:"resign,omitempty" jsonschema:"sign anew: fresh timestamp, same event id"`
	Raw       bool             `json:"raw,omitempty" jsonschema:"every byte of the head as it came"`
	Duplicate int              `json:"duplicate,omitempty" jsonschema:"copies of each beside the first"`
	Rate      float64          `json:"rate,omitempty" jsonschema:"captures begun per second; all at once where it is left out"`
	Seed      *uint64          `json:"seed,omitempty" jsonschema:"shuffle the order by this seed"`
}

// mostReplayed bounds what one call sends.
const mostReplayed = 100

func (s *server) replay(ctx context.Context, in replayArgs) (any, error) {
	if err := s.target(ctx, "to", in.To); err != nil {
		return nil, err
	}
	if in.Duplicate < 0 {
		return nil, &core.Invalid{Field: "duplicate", Reason: "want 0 or more"}
	}
	r := engine.ReplayRequest{Captures: in.Captures, To: in.To, Resign: in.Resign, Raw: in.Raw, Duplicate: in.Duplicate, Rate: in.Rate, Seed: in.Seed}
	if in.Query != "" {
		if len(in.Captures) > 0 {
			return nil, &core.Invalid{Field: "query", Reason: "stands beside captures; give one of them"}
		}
		ids, err := s.matching(ctx, in.Query)
		if err != nil {
			return nil, err
		}
		r.Captures = ids
	}
	switch n := len(r.Captures) * (in.Duplicate + 1); {
	case n == 0:
		return nil, &core.Invalid{Field: "captures", Reason: "none are named, and none match; list_captures lists them"}
	case n > mostReplayed:
		return nil, &core.Invalid{Field: "captures", Reason: fmt.Sprintf("%d would be sent; one call sends %d at the most", n, mostReplayed)}
	}
	return s.done(ctx, "POST", "/_/replay", r)
}

// matching are the captures of a query, oldest first, one more than may be replayed.
func (s *server) matching(ctx context.Context, query string) ([]core.CaptureID, error) {
	q, err := store.ParseQuery(query, time.Now())
	if err != nil {
		return nil, err
	}
	ids, err := s.read(ctx, func(st *store.Store) (any, error) {
		rows, err := st.Captures(ctx, q, 0, mostReplayed+1)
		var ids []core.CaptureID
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		slices.Reverse(ids)
		return ids, err
	})
	if err != nil {
		return nil, err
	}
	return ids.([]core.CaptureID), nil
}

// done has the program change something, and hands on what it answers.
func (s *server) done(ctx context.Context, method, path string, body any) (any, error) {
	var got any
	err := s.ask(ctx, method, path, body, &got)
	return got, err
}

type sendArgs struct {
	To        string `json:"to" jsonschema:"address on this machine"`
	Scheme    string `json:"scheme,omitempty" jsonschema:"name of the scheme, see list_schemes; unsigned where it is left out"`
	SecretRef any    `json:"secret_ref,omitempty" jsonschema:"names the secret: env:NAME, keyring:NAME or source:NAME"`
	Body      string `json:"body,omitempty" jsonschema:"the body to the byte"`
	Headers   any    `json:"headers,omitempty" jsonschema:"an object, or a list of [name, value] in order"`
	Method    string `json:"method,omitempty" jsonschema:"POST where it is left out"`
	Event     string `json:"event,omitempty" jsonschema:"type of the event, for the list of deliveries"`
	EventID   string `json:"event_id,omitempty" jsonschema:"id of the event, where the scheme signs one; a new one where it is left out"`
}

func (s *server) sendSigned(ctx context.Context, in sendArgs) (any, error) {
	if err := s.target(ctx, "to", in.To); err != nil {
		return nil, err
	}
	headers, err := pairsOf(in.Headers)
	if err != nil {
		return nil, err
	}
	ref, err := s.secretRef(ctx, in.SecretRef)
	if err != nil {
		return nil, err
	}
	if in.Scheme != "" {
		scheme, err := s.scheme(ctx, in.Scheme)
		if err != nil {
			return nil, err
		}
		if ref == "" {
			return nil, &core.Invalid{Field: "secret_ref", Reason: "is missing; name the secret to sign with: env:NAME, keyring:NAME or source:NAME"}
		}
		if err := s.mayLeave(ctx, scheme, ref); err != nil {
			return nil, err
		}
	}
	r := core.Request{Body: []byte(in.Body), Size: int64(len(in.Body))}
	for _, p := range headers {
		r.Header = append(r.Header, core.Field{Name: p[0], Value: p[1]})
	}
	if !r.Header.Has("Content-Type") && in.Body != "" {
		r.Header = append(r.Header, core.Field{Name: "Content-Type", Value: "application/json"})
	}
	d := core.Delivery{Request: r, Event: core.Event{Type: in.Event, ID: in.EventID}, Resign: true,
		Target: core.Target{URL: in.To, Method: in.Method, Scheme: in.Scheme, Secret: ref, Timeout: core.DefaultTimeout}}
	return s.done(ctx, "POST", "/_/send", engine.SendBody{Delivery: d})
}

type checkupArgs struct {
	URL       string `json:"url" jsonschema:"address of the handler on this machine"`
	Scheme    string `json:"scheme" jsonschema:"name of the scheme, see list_schemes; none: unsigned deliveries"`
	SecretRef any    `json:"secret_ref,omitempty" jsonschema:"names the secret: env:NAME, keyring:NAME or source:NAME"`
	Body      string `json:"body,omitempty" jsonschema:"a payload that the handler accepts; one made for the scheme where it is left out"`
	Headers   any    `json:"headers,omitempty" jsonschema:"sent with every delivery: an object, or a list of [name, value]"`
}

// checkup has the program examine a handler, and waits for the end.
func (s *server) checkup(ctx context.Context, in checkupArgs) (any, error) {
	if err := s.target(ctx, "url", in.URL); err != nil {
		return nil, err
	}
	body := engine.CheckupBody{URL: in.URL, Scheme: in.Scheme}
	var err error
	if body.Headers, err = pairsOf(in.Headers); err != nil {
		return nil, err
	}
	if in.Body != "" {
		body.Sample = &in.Body
	}
	if in.Scheme != "none" {
		scheme, err := s.scheme(ctx, in.Scheme)
		if err != nil {
			return nil, err
		}
		ref, err := s.secretRef(ctx, in.SecretRef)
		if err != nil {
			return nil, err
		}
		if ref == "" {
			return nil, &core.Invalid{Field: "secret_ref", Reason: "is missing; name the secret to sign with: env:NAME, keyring:NAME or source:NAME"}
		}
		if err := s.mayLeave(ctx, scheme, ref); err != nil {
			return nil, err
		}
		if place, name := secretPlace(in.SecretRef); place == "source" {
			body.Source = name
		} else if body.Secret, err = placeOf(ref); err != nil {
			return nil, err
		}
	}
	return s.task(ctx, "/_/checkup", body)
}

// task has the program begin long work, tells how far it has come, and hands on what came of it. Where the caller goes, it ends.
func (s *server) task(ctx context.Context, path string, body any) (any, error) {
	var t engine.TaskJSON
	err := s.ask(ctx, "POST", path, body, &t)
	for err == nil && t.State == engine.TaskRunning {
		progress(ctx, t.Done, t.Total, t.Doing)
		err = s.ask(ctx, "GET", t.Progress+"?wait_s=1", nil, &t)
	}
	switch {
	case ctx.Err() != nil:
		_ = s.ask(context.WithoutCancel(ctx), "POST", t.Cancel, nil, &engine.TaskJSON{}) // it may have ended by itself
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	case t.Error != nil:
		return nil, &core.Invalid{Field: t.Error.Field, Reason: strings.TrimSuffix(t.Error.Reason+"; "+t.Error.Next, "; ")}
	}
	return t.Result, nil
}

type faultArgs struct {
	Source string `json:"source" jsonschema:"name of the source"`
	Faults any    `json:"faults" jsonschema:"an object with latency_ms, fail_first, error_rate, status, drop, seed; null: none"`
}

func (s *server) setFaults(ctx context.Context, in faultArgs) (any, error) {
	return s.change(ctx, in.Source, "faults", in.Faults)
}

type answerArgs struct {
	Source string `json:"source" jsonschema:"name of a generic source"`
	Answer any    `json:"answer" jsonschema:"an object with status, headers and body; null: the usual one"`
}

func (s *server) setAnswer(ctx context.Context, in answerArgs) (any, error) {
	return s.change(ctx, in.Source, "answer", in.Answer)
}

// change sets one thing of a source, and answers it as it is then.
func (s *server) change(ctx context.Context, name, what string, value any) (any, error) {
	src, err := s.read(ctx, func(st *store.Store) (any, error) { return sourceNamed(ctx, st, name) })
	if err != nil {
		return nil, err
	}
	id := src.(core.Source).ID
	if err := s.ask(ctx, "PUT", fmt.Sprintf("/_/sources/%d", id), map[string]any{what: value}, &engine.SourceJSON{}); err != nil {
		return nil, err
	}
	return s.sourceNow(ctx, id)
}

// sourceNow is a source as list_sources has it.
func (s *server) sourceNow(ctx context.Context, id core.SourceID) (any, error) {
	return s.read(ctx, func(st *store.Store) (any, error) {
		src, err := st.Source(ctx, id)
		if err != nil {
			return nil, err
		}
		opt, err := s.masks(ctx, st)
		if err != nil {
			return nil, err
		}
		return viewSource(src, opt)
	})
}

type addArgs struct {
	Source map[string]any `json:"source" jsonschema:"the source as a workspace file writes it; secrets as {env: NAME} or {keyring: NAME}"`
}

// doors are settings that take a protection away. An agent does not open them.
var doors = []string{"open_management", "manage_through_tunnel", "inward_targets"}

func (s *server) addSource(ctx context.Context, in addArgs) (any, error) {
	if err := s.mayAdd(ctx, in.Source); err != nil {
		return nil, err
	}
	var got engine.SourceJSON
	if err := s.ask(ctx, "POST", "/_/sources", in.Source, &got); err != nil {
		return nil, err
	}
	v, err := s.sourceNow(ctx, got.ID)
	if view, ok := v.(sourceView); ok {
		view.URL = got.URL
		return view, err
	}
	return v, err
}

// mayAdd refuses what a source may not have when an agent writes it: secrets that are written out, doors, and addresses that
// captures or results would go to and the user has not allowed.
func (s *server) mayAdd(ctx context.Context, doc map[string]any) error {
	for _, name := range doors {
		if v, there := doc[name]; there && v != false {
			return &core.Invalid{Field: "source." + name, Reason: "takes a protection away; the user sets it in the window"}
		}
	}
	name, _ := doc["platform"].(string)
	known, _ := platform.Find(name)
	for _, setting := range known.Settings {
		if setting.Kind != platform.SecretKind || doc[setting.Name] == nil {
			continue
		}
		ref, err := s.secretRef(ctx, doc[setting.Name])
		if err != nil {
			return &core.Invalid{Field: "source." + setting.Name, Reason: "want {\"env\":\"NAME\"} or {\"keyring\":\"NAME\"}; a secret itself is not taken here"}
		}
		place, err := placeOf(ref)
		if err != nil {
			return &core.Invalid{Field: "source." + setting.Name, Reason: "want {\"env\":\"NAME\"} or {\"keyring\":\"NAME\"}"}
		}
		doc[setting.Name] = place
		s.lent(ref)
	}
	for name, v := range doc {
		if name == "url" || name == "answer" { // under which the provider knows it; what is answered
			continue
		}
		if err := s.addresses(ctx, "source."+name, v); err != nil {
			return err
		}
	}
	return nil
}

// addresses refuses those among v, at any depth, that this agent may not send to.
func (s *server) addresses(ctx context.Context, field string, v any) error {
	switch v := v.(type) {
	case string:
		if strings.Contains(v, "://") {
			return s.target(ctx, field, v)
		}
	case map[string]any:
		for name, inner := range v {
			if name == "confirmed" && inner != false {
				return &core.Invalid{Field: field + ".confirmed", Reason: "is the user's own word, given in the window; leave it out"}
			}
			if err := s.addresses(ctx, field+"."+name, inner); err != nil {
				return err
			}
		}
	case []any:
		for i, inner := range v {
			if err := s.addresses(ctx, fmt.Sprintf("%s[%d]", field, i), inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// scheme finds one by its name, the user's own among them.
func (s *server) scheme(ctx context.Context, name string) (sign.Scheme, error) {
	book, err := s.book(ctx)
	if err != nil {
		return sign.Scheme{}, err
	}
	found, ok := book.Find(name)
	if !ok {
		return found, &core.Invalid{Field: "scheme", Reason: fmt.Sprintf("there is none called %q; list_schemes lists them", name)}
	}
	return found, nil
}
