package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/assets"
	"hookglass/core"
	"hookglass/core/deliver"
	"hookglass/core/engine"
	"hookglass/core/env"
	"hookglass/core/platform"
	"hookglass/core/store"
)

func (p *program) send() *cobra.Command {
	var f requestFlags
	var s secretFlags
	var o sendFlags
	cmd := &cobra.Command{
		Use:   "send URL",
		Short: "Send one signed webhook and print each attempt as it happens",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.url = args[0]; o.handshake != "" {
				return p.handshake(cmd, &o, &f, &s)
			}
			d, secret, err := o.delivery(cmd.Context(), p, &f, &s, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return p.outbox(cmd.Context(), cmd.OutOrStdout(), o.pace, func(ctx context.Context, b outbox) ([]core.DeliveryID, error) {
				return b.send(ctx, d, secret, o.environment)
			})
		},
	}
	f.add(cmd)
	s.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&o.event, "event", "", "event type; with a known scheme or platform its sample payload is sent")
	fl.StringVar(&o.id, "id", "", "event id (default: a new one where the scheme signs one)")
	fl.StringVar(&o.platform, "platform", "", "send as this platform does: "+strings.Join(platform.Names(platform.Senders()), ", "))
	fl.StringVar(&o.policy, "policy", "", "retry policy: a preset's name ("+presetNames()+")")
	fl.IntVar(&o.retries, "retries", 0, "attempts after the first")
	fl.Float64Var(&o.pace, "pace", 1, "divide the delays between attempts by this number")
	fl.Float64Var(&o.timeout, "timeout", 30, "seconds to wait for an answer, 1 to 300")
	fl.BoolVar(&o.insecure, "insecure", false, "do not verify the receiver's certificate")
	fl.StringVar(&o.caFile, "ca-file", "", "PEM file of a certificate authority to trust")
	fl.StringVar(&o.clientCert, "client-cert", "", "PEM file of a certificate and its key, for a receiver that asks who calls (mTLS)")
	envFlag(cmd, &o.environment)
	fl.StringVar(&o.handshake, "handshake", "", "a provider's test of an address instead, and whether the answer is right: "+askNames())
	fl.StringVar(&o.wrong, "wrong", "", "be wrong on purpose: stale, future, tampered, secret, missing or other_body")
	p.jsonFlag(cmd)
	return cmd
}

type sendFlags struct {
	event, id, platform, policy, caFile, clientCert, wrong, environment, handshake string
	retries                                                                        int
	pace, timeout                                                                  float64
	insecure                                                                       bool
}

func presetNames() string {
	var names []string
	for _, p := range deliver.Presets() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// delivery makes what is to be sent of the flags. The secret travels beside it.
func (o *sendFlags) delivery(ctx context.Context, p *program, f *requestFlags, s *secretFlags, stdin io.Reader) (core.Delivery, core.Secret, error) {
	var d core.Delivery
	if !env.Uses(f.url) { // it is looked at when it is filled
		if err := engine.CheckURL("URL", f.url); err != nil {
			return d, core.Secret{}, err
		}
	}
	_, emulated := platform.Find(o.platform)
	if _, sampled := assets.FindSample(o.platform, ""); o.platform != "" && !emulated && !sampled {
		return d, core.Secret{}, &core.Invalid{Field: "--platform", Reason: fmt.Sprintf("there is no platform %q; hookglass platforms lists them", o.platform)}
	}
	if p, ok := platform.Sender(o.platform); ok && f.scheme == "" {
		f.scheme = p.Endpoints.Scheme
	}
	secret, err := s.read(stdin)
	if err != nil {
		return d, secret, err
	}
	if f.scheme != "" {
		if _, err := f.pick(ctx, p); err != nil {
			return d, secret, err
		}
		if secret.Empty() {
			return d, secret, &core.Invalid{Field: "--secret-env", Reason: "is missing; a scheme needs a secret to sign with"}
		}
	}
	as := *f
	if env.Uses(f.url) {
		as.url = "" // it is filled as it is sent
	}
	r, err := as.request(stdin)
	if err != nil {
		return d, secret, err
	}
	if f.bodyFile == "" {
		if err := o.sample(&r, f.scheme); err != nil {
			return d, secret, err
		}
	}
	if !r.Header.Has("Content-Type") && len(r.Body) > 0 {
		r.Header = append(r.Header, core.Field{Name: "Content-Type", Value: "application/json"})
	}
	r.Body = []byte(env.Literal(string(r.Body))) // a file may be somebody else's
	r.Size = int64(len(r.Body))
	d, err = o.target(f)
	d.Request = r
	return d, secret, err
}

// target is a delivery as the flags have it, without what is sent.
func (o *sendFlags) target(f *requestFlags) (core.Delivery, error) {
	if o.timeout < 1 || o.timeout > 300 {
		return core.Delivery{}, &core.Invalid{Field: "--timeout", Reason: "want 1 to 300 seconds"}
	}
	policy, err := o.retryPolicy()
	return core.Delivery{Event: core.Event{Type: o.event, ID: o.id}, Resign: true,
		Target: core.Target{URL: f.url, Method: f.method, Scheme: f.scheme, Timeout: time.Duration(o.timeout * float64(time.Second)), SkipTLS: o.insecure,
			CAFile: o.caFile, Client: core.ClientCert{File: o.clientCert}, Policy: policy, Wrong: o.wrong}}, err
}

func (o *sendFlags) retryPolicy() (core.RetryPolicy, error) {
	if o.retries < 0 || o.retries > 100 {
		return core.RetryPolicy{}, &core.Invalid{Field: "--retries", Reason: "want 0 to 100"}
	}
	policy := core.RetryPolicy{Retries: o.retries, Base: time.Second, Factor: 2, Max: time.Minute}
	if o.policy == "" {
		return policy, nil
	}
	preset, ok := deliver.Preset(o.policy)
	if !ok {
		return policy, &core.Invalid{Field: "--policy", Reason: fmt.Sprintf("there is no preset %q; known are %s", o.policy, presetNames())}
	}
	if o.retries > 0 {
		preset.Retries = o.retries
	}
	return preset, nil
}

// sample fills in our sample payload for a provider and event.
func (o *sendFlags) sample(r *core.Request, scheme string) error {
	provider := o.platform
	if provider == "" {
		provider = scheme
	}
	if provider == "" && o.event == "" {
		return nil
	}
	s, ok := assets.FindSample(provider, o.event)
	if !ok && o.event != "" {
		return &core.Invalid{Field: "--event", Reason: fmt.Sprintf("there is no sample %q for %q; give the payload with --body-file", o.event, provider)}
	}
	if !ok {
		return nil
	}
	r.Body, r.Size = s.Body, int64(len(s.Body))
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		if !r.Header.Has(name) {
			r.Header = append(r.Header, core.Field{Name: name, Value: s.Headers[name]})
		}
	}
	if !r.Header.Has("Content-Type") {
		r.Header = append(r.Header, core.Field{Name: "Content-Type", Value: s.ContentType})
	}
	if o.event == "" {
		o.event = s.Event
	}
	return nil
}

func (p *program) replay() *cobra.Command {
	var r engine.ReplayRequest
	cmd := &cobra.Command{
		Use:   "replay ID... --to URL",
		Short: "Send captures again: as they were, or signed anew",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := readReplay(&r, args); err != nil {
				return err
			}
			return p.outbox(cmd.Context(), cmd.OutOrStdout(), 1, func(ctx context.Context, b outbox) ([]core.DeliveryID, error) { return b.replay(ctx, r) })
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&r.To, "to", "", "address to send to")
	envFlag(cmd, &r.Environment)
	fl.StringVar(&r.Query, "query", "", "a filter that chooses the captures, instead of ids")
	addOptions(cmd, &r)
	p.jsonFlag(cmd)
	return cmd
}

// outbox is what takes deliveries: an engine of our own, or the program that has the history open.
type outbox interface {
	send(ctx context.Context, d core.Delivery, secret core.Secret, environment string) ([]core.DeliveryID, error)
	replay(context.Context, engine.ReplayRequest) ([]core.DeliveryID, error)
	delivery(context.Context, core.DeliveryID) (engine.DeliveryJSON, error)
}

// outbox puts deliveries into the outbox and prints their attempts until all have ended. Exit 1 where one was not
// delivered.
func (p *program) outbox(ctx context.Context, out io.Writer, pace float64, put func(context.Context, outbox) ([]core.DeliveryID, error)) error {
	e, err := engine.Open(ctx, engine.Options{Home: p.folder(), Addr: "127.0.0.1:0", Pace: pace, Keyring: system{}, Log: logger(false)})
	var locked *store.Locked
	if errors.As(err, &locked) {
		r, ok := findRunning(p.folder())
		if !ok {
			return err
		}
		return p.follow(ctx, out, remote{r}, put)
	}
	if err != nil {
		return err
	}
	defer e.Close()
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	err = p.follow(ctx, out, local{e}, put)
	cancel()
	return errors.Join(err, <-ended)
}

func (p *program) follow(ctx context.Context, out io.Writer, b outbox, put func(context.Context, outbox) ([]core.DeliveryID, error)) error {
	ids, err := put(ctx, b)
	if err != nil {
		return err
	}
	open := map[core.DeliveryID]int{} // attempts printed
	for _, id := range ids {
		open[id] = 0
	}
	undelivered := false
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(open) > 0 {
		for _, id := range ids {
			seen, waiting := open[id]
			if !waiting {
				continue
			}
			d, err := b.delivery(ctx, id)
			if err != nil {
				return err
			}
			open[id] = p.printAttempts(out, d, seen)
			if core.DeliveryState(d.State).Final() {
				delete(open, id)
				undelivered = undelivered || d.State != string(core.Delivered)
				p.printEnd(out, d)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("interrupted; %d deliveries go on when Hookglass runs again", len(open))
		}
	}
	if undelivered {
		return errNotHeld
	}
	return nil
}

// printAttempts prints the finished attempts beyond the first seen, and returns how many are printed now.
func (p *program) printAttempts(out io.Writer, d engine.DeliveryJSON, seen int) int {
	for _, a := range d.Attempts[min(seen, len(d.Attempts)):] {
		if a.Response == nil && a.Failure == nil {
			break // under way
		}
		seen++
		if p.json {
			printJSON(out, engine.AttemptNews{Event: "attempt", Delivery: d.ID, AttemptJSON: a})
			continue
		}
		what, next := "", ""
		if a.Failure != nil {
			what = *a.Failure + " (" + a.Detail + ")"
		} else {
			what = fmt.Sprintf("%d %s", a.Response.Status, http.StatusText(a.Response.Status))
		}
		if a.Next != "" {
			next = "  next " + a.Next
		}
		putf(out, "delivery d%d attempt %d: %s in %.1f ms%s\n", d.ID, a.Number, what, a.TookMS, next)
	}
	return seen
}

func (p *program) printEnd(out io.Writer, d engine.DeliveryJSON) {
	if p.json {
		printJSON(out, struct {
			Event string `json:"event"`
			engine.DeliveryJSON
			Type string `json:"type"`
		}{"delivery", d, d.Event})
		return
	}
	putf(out, "delivery d%d %s %s\n", d.ID, d.State, d.Reason)
	if d.Forgery != "" {
		putf(out, "✗ %s\n  hookglass checkup %s says what else it accepts\n", d.Forgery, d.URL)
	}
}

// local is an engine in this process.
type local struct{ e *engine.Engine }

func (l local) send(ctx context.Context, d core.Delivery, s core.Secret, environment string) ([]core.DeliveryID, error) {
	d, err := l.e.Outbox.Fill(d, environment)
	if err != nil {
		return nil, err
	}
	id, err := l.e.Outbox.SendWith(ctx, d, s)
	return []core.DeliveryID{id}, err
}

func (l local) replay(ctx context.Context, w engine.ReplayRequest) ([]core.DeliveryID, error) {
	ids, _, err := l.e.Outbox.Replay(ctx, w)
	return ids, err
}

func (l local) delivery(ctx context.Context, id core.DeliveryID) (engine.DeliveryJSON, error) {
	return l.e.Outbox.Whole(ctx, id)
}

// remote is the program that has the history open, asked over its control listener.
type remote struct{ running }

func (r remote) send(ctx context.Context, d core.Delivery, s core.Secret, environment string) ([]core.DeliveryID, error) {
	return r.put(ctx, "/_/send", engine.SendBody{Delivery: d, Secret: s.Reveal(), Environment: &environment})
}

func (r remote) replay(ctx context.Context, w engine.ReplayRequest) ([]core.DeliveryID, error) {
	return r.put(ctx, "/_/replay?wait=true", w)
}

func (r remote) put(ctx context.Context, path string, body any) ([]core.DeliveryID, error) {
	var answer struct{ Deliveries []core.DeliveryID }
	err := r.call(ctx, "POST", path, body, &answer)
	return answer.Deliveries, err
}

func (r remote) delivery(ctx context.Context, id core.DeliveryID) (d engine.DeliveryJSON, err error) {
	err = r.call(ctx, "GET", fmt.Sprintf("/_/deliveries/%d", id), nil, &d)
	return d, err
}

func (r remote) call(ctx context.Context, method, path string, body, into any) error {
	var b []byte
	var err error
	if body != nil {
		if b, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, r.Control+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	resp, err := r.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// do asks; what is not answered with 200, or 202 for long work, is an error.
func (r remote) do(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+r.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if r.PID == 0 { // the user named it
			return nil, fmt.Errorf("there is no answer from %s (%w); is it the control address that hookglass serve prints?", r.Control, err)
		}
		return nil, fmt.Errorf("the Hookglass that has the history open does not answer (%w); close it, or give this command its own folder with --home DIR", err)
	}
	if resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusAccepted {
		return resp, nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	said, ok := engine.RefusalOf(text)
	if err != nil || !ok || r.PID == 0 && resp.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%s answers %s and is no control address of Hookglass; hookglass serve prints it", r.Control, resp.Status)
	}
	if said.Next == said.Reason || resp.StatusCode == http.StatusConflict && said.Field == "" {
		said.Next = "" // a command says itself what to do
	}
	return nil, errors.New(said.String())
}
