package engine

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/store"
)

// Control is the listener that acts for the developer: scripts, outside checks, commands beside a running program. It
// is on loopback only, wants a token made anew at each start, and no tunnel ever reaches it.
type Control struct {
	Front func(core.Opening) // brings the window to the front, with what it is to show; nil: there is no window

	e     *Engine
	ln    net.Listener
	token string
	tasks tasks
}

// NewControl listens on a loopback port. open drops the token, for tests.
func (e *Engine) NewControl(open bool) (*Control, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("control listener: %w", err)
	}
	c := &Control{e: e, ln: ln}
	if !open {
		c.token = rand.Text()
	}
	return c, nil
}

// URL is the listener's address.
func (c *Control) URL() string { return "http://" + c.ln.Addr().String() }

// Token is what a caller must bring as a Bearer token; empty when none is wanted.
func (c *Control) Token() string { return c.token }

// Run answers until ctx ends.
func (c *Control) Run(ctx context.Context) error {
	defer c.e.capture.Listening(c.ln.Addr(), nil)()
	c.tasks.begin(ctx)
	defer c.tasks.end()
	srv := &http.Server{Handler: c.guard(c.routes()), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(c.e.log.Handler(), slog.LevelDebug)}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(c.ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("control listener: %w", err)
	}
	return nil
}

// guard keeps out pages in a browser (foreign Host or Origin) and callers without the token.
func (c *Control) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := core.WithoutPort(r.Host)
		ip := net.ParseIP(host)
		switch {
		case host != "localhost" && (ip == nil || !ip.IsLoopback()), r.Header.Get("Origin") != "", fromPage(r.Header.Get("Sec-Fetch-Site")):
			reply(w, http.StatusOK, nil, &refusal{http.StatusMisdirectedRequest, "this listener answers programs on this machine only; call it by 127.0.0.1, and not out of a page"})
		case c.token != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+c.token)) != 1:
			reply(w, http.StatusOK, nil, &refusal{http.StatusUnauthorized, "want Authorization: Bearer TOKEN, with the token of the first line that serve prints"})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// fromPage reports whether a browser says that a page of another site made the request, which for some it says without an Origin.
func fromPage(site string) bool { return site != "" && site != "none" && site != "same-origin" }

// WriteJSON writes a value as one line of JSON in which no character acts on a terminal.
func WriteJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(core.VisibleJSON(b.Bytes()))
	return err
}

func (c *Control) captures(r *http.Request) (any, error) {
	v := r.URL.Query()
	q, err := store.ParseQuery(v.Get("query"), time.Now())
	if err != nil {
		return nil, err
	}
	limit, err := count(v.Get("limit"), "limit", 100, 10_000)
	if err != nil {
		return nil, err
	}
	before, err := count(v.Get("before"), "before", 0, 1<<62)
	if err != nil {
		return nil, err
	}
	rows, err := c.e.Store.Captures(r.Context(), q, core.CaptureID(before), limit)
	out := make([]CaptureLine, len(rows))
	for i := range rows {
		out[i] = LineOf(rows[i])
	}
	return out, err
}

func count(text, field string, fallback, most int) (int, error) {
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, &core.Invalid{Field: field, Reason: fmt.Sprintf("want a whole number from 0 to %d", most)}
	}
	return n, nil
}

func (c *Control) capture(r *http.Request) (any, error) {
	id, err := idOf(r)
	if err != nil {
		return nil, err
	}
	got, err := c.e.Explained(r.Context(), core.CaptureID(id))
	if err != nil {
		return nil, err
	}
	whole := CaptureOf(&got)
	return whole, c.e.Shapes.Tell(r.Context(), &whole)
}

func idOf(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, &core.Invalid{Field: "id", Reason: "want a number"}
	}
	return id, nil
}

func (c *Control) workItems(r *http.Request) (any, error) {
	limit, err := count(r.URL.Query().Get("limit"), "limit", 100, 10_000)
	if err != nil {
		return nil, err
	}
	items, _, err := c.e.Store.WorkItems(r.Context(), store.WorkFilter{}, 0, limit)
	out := make([]WorkJSON, len(items))
	for i := range items {
		out[i] = WorkOf(&items[i])
	}
	return out, err
}

func (c *Control) work(r *http.Request) (any, error) {
	w, err := c.e.Store.Work(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return WorkOf(&w), nil
}

// EndpointJSON is an endpoint's settings in force, its secret masked.
type EndpointJSON struct {
	ID             string            `json:"id"`
	Platform       string            `json:"platform"`
	Name           string            `json:"name"`
	Description    string            `json:"description,omitempty"`
	URL            string            `json:"url"`
	Trigger        string            `json:"trigger"`
	Active         bool              `json:"active"`
	Paused         bool              `json:"paused,omitempty"`
	Headers        Pairs             `json:"headers"`
	VerifySSL      bool              `json:"verify_ssl"`
	TimeoutSeconds float64           `json:"timeout_seconds"`
	MaxRetries     int               `json:"max_retries"`
	Scheme         string            `json:"scheme,omitempty"`
	Secret         string            `json:"secret"`
	Policy         *core.RetryPolicy `json:"policy,omitempty"`
	Settings       core.Values       `json:"settings,omitempty"`
	Created        string            `json:"created"`
	LastTriggered  *string           `json:"last_triggered"`
	Delivered      int64             `json:"delivered"`
	Failed         int64             `json:"failed"`
}

func endpointOf(ep core.Endpoint) EndpointJSON {
	t := ep.Target
	timeout := t.Timeout
	if timeout == 0 {
		timeout = core.DefaultTimeout
	}
	out := EndpointJSON{ID: ep.WireID, Platform: ep.Platform, Name: ep.Name, Description: ep.Description, URL: core.HideUserinfo(t.URL), Trigger: ep.Trigger, Active: ep.Active,
		Paused: ep.Paused, Headers: pairs(core.HideHeader(t.Header)), VerifySSL: !t.SkipTLS, TimeoutSeconds: timeout.Seconds(), MaxRetries: t.Policy.Retries,
		Scheme: t.Scheme, Secret: MaskedSecret(t.Secret), Policy: &t.Policy, Settings: ep.Settings, Created: stamp(ep.Created), Delivered: ep.Delivered, Failed: ep.Failed}
	if !ep.LastTriggered.IsZero() {
		at := stamp(ep.LastTriggered)
		out.LastTriggered = &at
	}
	return out
}

// MaskedSecret says that there is a secret and where it is kept, not what it is.
func MaskedSecret(ref core.SecretRef) string {
	if ref == "" {
		return ""
	}
	place, _, _ := strings.Cut(string(ref), ":")
	return core.Masked + " (" + place + ")"
}

func (c *Control) endpoints(r *http.Request) (any, error) {
	all, err := c.e.Store.Endpoints(r.Context())
	out := make([]EndpointJSON, len(all))
	for i := range all {
		out[i] = endpointOf(all[i])
	}
	return out, err
}

// SourceJSON is a source's settings in force, its secrets masked.
type SourceJSON struct {
	ID       core.SourceID     `json:"id"`
	Name     string            `json:"name"`
	Platform string            `json:"platform"`
	Profile  string            `json:"profile"`
	URL      string            `json:"url"`
	Public   string            `json:"public,omitempty"`
	Curl     string            `json:"curl"`
	Settings core.Values       `json:"settings"`
	Secrets  map[string]string `json:"secrets"`
	Forward  any               `json:"forward,omitempty"` // an address, or where there is more to say, a list of objects
	// ManagementToken is what this run made for a source that is managed and has no token of its own.
	ManagementToken string `json:"management_token,omitempty"`
}

// SourceWhole is a source as commands print it.
func (e *Engine) SourceWhole(src core.Source) SourceJSON {
	out := SourceJSON{ID: src.ID, Name: src.Name, Platform: src.Platform, Profile: src.Profile, URL: e.LocalURL(src), Curl: e.Curl(src),
		Settings: src.Settings, Secrets: map[string]string{}, Forward: forwardsOf(src.Forwards)}
	if token, ok := e.capture.ManageToken(src); ok {
		out.ManagementToken = string(token.Reveal())
	}
	if e.Tunnel.PublicURL() != "" {
		out.Public = e.SourceURL(src)
	}
	if out.Profile == "" {
		out.Profile = core.Docs
	}
	for name, ref := range src.Secrets {
		out.Secrets[name] = MaskedSecret(ref)
	}
	return out
}

func (c *Control) sources(r *http.Request) (any, error) {
	all, err := c.e.Store.Sources(r.Context())
	out := make([]SourceJSON, len(all))
	for i := range all {
		out[i] = c.e.SourceWhole(all[i])
	}
	return out, err
}

// decode reads a request's JSON body and refuses keys that v does not have.
func decode(r *http.Request, v any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, 64<<20))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			return &core.Invalid{Field: "body", Reason: "something stands behind the JSON object; send the object alone"}
		}
	}
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		return invalid
	}
	if err != nil {
		return &core.Invalid{Field: "body", Reason: strings.TrimPrefix(err.Error(), "json: ")}
	}
	return nil
}

func (c *Control) events(r *http.Request) (any, error) {
	var in eventDoc
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	var at time.Time
	if in.Timestamp != "" {
		var err error
		if at, err = time.Parse(time.RFC3339Nano, in.Timestamp); err != nil {
			return nil, &core.Invalid{Field: "timestamp", Reason: "want a time like 2024-01-15T11:45:00.000000Z"}
		}
	}
	ids, err := c.e.Outbox.Emit(r.Context(), in.Event, in.Data, at)
	return emitted{ids}, err
}

func (c *Control) replay(r *http.Request) (any, error) {
	var in ReplayRequest
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	in.Progress = func(done, total int) { tell(r.Context(), done, total, "") }
	begun := Begun{}
	var err error
	if r.URL.Query().Get("wait") == "true" || asTask(r.Context()) {
		begun.Deliveries, begun.Batch, err = c.e.Outbox.Replay(r.Context(), in)
		begun.Of = len(begun.Deliveries)
	} else {
		begun, err = c.e.Outbox.Begin(r.Context(), in)
	}
	return replayed(begun), err
}

// cancelBatch gives a replay up as a whole.
func (c *Control) cancelBatch(r *http.Request) (any, error) {
	batch := r.URL.Query().Get("batch")
	if batch == "" {
		return nil, &core.Invalid{Field: "batch", Reason: "is missing; POST /_/replay answers with it"}
	}
	n, err := c.e.Outbox.CancelBatch(r.Context(), batch)
	return cancelled{batch, n}, err
}

// send owes one composed request; commands beside a running program use it.
func (c *Control) send(r *http.Request) (any, error) {
	var in SendBody
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Environment != nil {
		var err error
		if in.Delivery, err = c.e.Outbox.Fill(in.Delivery, *in.Environment); err != nil {
			return nil, err
		}
	}
	id, err := c.e.Outbox.SendWith(r.Context(), in.Delivery, core.NewSecret(in.Secret))
	return emitted{[]core.DeliveryID{id}}, err
}

// simulate runs the what-if that a scenario file describes, and answers what `hookglass simulate --json` prints.
func (c *Control) simulate(r *http.Request) (any, error) {
	text, err := wholeBody(r)
	if err != nil {
		return nil, err
	}
	s, err := lab.ParseScenario(text)
	if err != nil {
		return nil, err
	}
	if s.Name == "" {
		s.Name = PolicyName(s.Policy)
	}
	results, err := Simulate(r.Context(), c.e.Store, []lab.Scenario{s}, func(share float64) { tell(r.Context(), int(share*100), 100, "") })
	if err != nil {
		return nil, err
	}
	return results[0], nil
}
