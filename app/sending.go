package main

import (
	"context"
	"fmt"
	"io"
	"maps"
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
