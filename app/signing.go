package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/sign"
	"hookglass/core/store"
)

func (p *program) sign() *cobra.Command {
	var f requestFlags
	var s secretFlags
	var id string
	cmd := &cobra.Command{
		Use:   "sign --scheme NAME --secret-env VAR",
		Short: "Print the headers that sign a request",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			scheme, in, err := p.signInput(cmd.Context(), &f, &s, cmd.InOrStdin())
			if err != nil {
				return err
			}
			header, body, err := scheme.Sign(in, id)
			if err != nil {
				return &core.Invalid{Field: "--scheme " + f.scheme, Reason: err.Error()}
			}
			return p.printSigned(cmd.OutOrStdout(), in.Request.Body, header, body)
		},
	}
	f.add(cmd)
	f.addWorkspace(cmd)
	s.add(cmd)
	cmd.Flags().StringVar(&f.url, "url", "", "address the request goes to, as the provider knows it")
	cmd.Flags().StringVar(&id, "id", "", "event id, for schemes that sign one (default: a new one)")
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) signInput(ctx context.Context, f *requestFlags, s *secretFlags, stdin io.Reader) (sign.Scheme, sign.Input, error) {
	var in sign.Input
	scheme, err := f.pick(ctx, p)
	if err != nil {
		return scheme, in, err
	}
	secret, err := s.read(stdin)
	if err != nil {
		return scheme, in, err
	}
	r, err := f.request(stdin)
	if err != nil {
		return scheme, in, err
	}
	in = sign.Input{Request: &r, URL: f.url, Now: f.at()}
	if !secret.Empty() {
		in.Secrets = []core.Secret{secret}
	}
	if in.Params, err = f.values(); err != nil {
		return scheme, in, err
	}
	if f.cert != "" {
		if in.Cert, err = os.ReadFile(f.cert); err != nil {
			return scheme, in, &core.Invalid{Field: "--cert", Reason: err.Error()}
		}
	}
	return scheme, in, nil
}

func (p *program) printSigned(out io.Writer, before []byte, header core.Header, body []byte) error {
	if p.json {
		v := map[string]any{"headers": headerPairs(header)}
		if string(before) != string(body) {
			v["body_b64"] = body
		}
		return printJSON(out, v)
	}
	for _, h := range header {
		putf(out, "%s: %s\n", h.Name, h.Value)
	}
	if string(before) != string(body) {
		putf(out, "\n%s\n", body)
	}
	return nil
}

func headerPairs(h core.Header) engine.Pairs {
	out := make(engine.Pairs, len(h))
	for i, f := range h {
		out[i] = [2]string{f.Name, f.Value}
	}
	return out
}

func (p *program) verify() *cobra.Command {
	var f requestFlags
	var s secretFlags
	var v verifyFlags
	cmd := &cobra.Command{
		Use:   "verify --scheme NAME --secret-env VAR --header 'K: V' --body-file F",
		Short: "Check a signature, and where it does not hold, say why",
		Long: "Check a signature, and where it does not hold, say why: which bytes, key, encoding or clock would have verified.\n" +
			"With --computed, say how the user's own code came to that value. Exit 1 where the signature does not verify.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			scheme, in, err := p.signInput(cmd.Context(), &f, &s, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return p.runVerify(cmd.Context(), cmd.OutOrStdout(), scheme, in, &v)
		},
	}
	f.add(cmd)
	f.addWorkspace(cmd)
	s.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.url, "url", "", "address under which the request was received, as the provider knows it")
	fl.StringVar(&f.cert, "cert", "", "PEM file with the certificate or public key, for schemes that need one")
	fl.StringVar(&v.computed, "computed", "", "the signature that your own code came to: say why")
	fl.StringArrayVar(&v.others, "other-secret-env", nil, "another secret to try, LABEL=VAR")
	fl.StringArrayVar(&v.urls, "known-url", nil, "another address of yours to try")
	fl.StringVar(&v.captures, "others", "", "other captures to compare with: a `FILTER` of the history as hookglass history takes it, or a file that hookglass import reads")
	fl.DurationVar(&v.budget, "budget", 0, "how long the doctor may search (default 5s)")
	fl.BoolVar(&v.showWanted, "show-wanted", false, "print the wanted signature whole: it is a working credential")
	p.jsonFlag(cmd)
	return cmd
}

type verifyFlags struct {
	computed     string
	others, urls []string
	captures     string
	budget       time.Duration
	showWanted   bool
}

func (p *program) runVerify(ctx context.Context, out io.Writer, scheme sign.Scheme, in sign.Input, f *verifyFlags) error {
	c := sign.Case{Scheme: scheme, Input: in, Computed: f.computed, KnownURLs: f.urls, Budget: f.budget}
	for _, o := range f.others {
		label, name, ok := strings.Cut(o, "=")
		if !ok {
			return &core.Invalid{Field: "--other-secret-env", Reason: fmt.Sprintf("%q: want LABEL=VAR", o)}
		}
		secret, err := envSecret("--other-secret-env", name)
		if err != nil {
			return err
		}
		c.Others = append(c.Others, sign.Labelled{Label: label, Secret: secret})
	}
	var err error
	if c.Requests, err = p.otherRequests(ctx, f.captures); err != nil {
		return err
	}
	v := engine.Judge(ctx, c)
	if p.json {
		if err := printJSON(out, engine.VerdictOf(&v, f.showWanted)); err != nil {
			return err
		}
	} else {
		verdictText(out, &v, f.showWanted)
	}
	if v.State != core.Verified {
		return errNotHeld
	}
	return nil
}

// mostOthers bounds the captures that a signature is compared with.
const mostOthers = 200

// otherRequests are the captures that --others names: those of a file, where there is one of that name, else those of the
// history that a filter finds, the newest first.
func (p *program) otherRequests(ctx context.Context, named string) ([]*core.Request, error) {
	if named == "" {
		return nil, nil
	}
	var out []*core.Request
	if info, err := os.Stat(named); err == nil && !info.IsDir() {
		data, err := os.ReadFile(named)
		if err != nil {
			return nil, &core.Invalid{Field: "--others", Reason: err.Error()}
		}
		in, err := exchange.Read(data)
		if err != nil {
			return nil, &core.Invalid{Field: "--others", Reason: fmt.Sprintf("%s: %v", named, err)}
		}
		for i := range in.Captures[:min(len(in.Captures), mostOthers)] {
			out = append(out, &in.Captures[i].Request)
		}
	} else {
		if out, err = p.foundRequests(ctx, named); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, &core.Invalid{Field: "--others", Reason: fmt.Sprintf("%q finds no capture; hookglass history FILTER shows what a filter finds, and a file has to be one that hookglass import reads", named)}
	}
	return out, nil
}

func (p *program) foundRequests(ctx context.Context, filter string) ([]*core.Request, error) {
	q, err := store.ParseQuery(filter, time.Now())
	if err != nil {
		return nil, &core.Invalid{Field: "--others", Reason: fmt.Sprintf("no file is named so, and as a filter: %v", err)}
	}
	st, err := p.openRead(ctx)
	if err != nil {
		return nil, &core.Invalid{Field: "--others", Reason: fmt.Sprintf("no file is named so, and there is no history to search: %v", err)}
	}
	defer st.Close()
	var out []*core.Request
	err = eachRow(ctx, st, q, mostOthers, func(r store.Row) error {
		c, err := st.Capture(ctx, r.ID)
		if err == nil {
			out = append(out, &c.Request)
		}
		return err
	})
	return out, err
}
