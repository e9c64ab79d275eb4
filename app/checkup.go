package main

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/lab"
)

func (p *program) checkup() *cobra.Command {
	var f checkupFlags
	cmd := &cobra.Command{
		Use:   "checkup URL --scheme NAME --secret-env VAR",
		Short: "Examine a handler: valid, forged, stale, repeated and awkward deliveries, and a score",
		Long: "Examine a handler with valid, forged, stale, repeated and awkward deliveries. Each check says what was sent, what came\n" +
			"back, why that is right or wrong, and how to mend it. Exit 1 where a check fails.\n" +
			"A handler that accepts a forgery scores 40 at the most, one that checks no signature 20. --scheme none sends unsigned deliveries.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.request.url = args[0]
			c, err := f.config(cmd.Context(), p, cmd.InOrStdin())
			if err != nil {
				return err
			}
			card, err := lab.Checkup(cmd.Context(), c, tellProgress(cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			return p.report(cmd.OutOrStdout(), &card, f.junit)
		},
	}
	f.add(cmd)
	f.request.addWorkspace(cmd)
	p.jsonFlag(cmd)
	return cmd
}

type checkupFlags struct {
	request        requestFlags
	secret         secretFlags
	junit, effects string
	answer, wait   time.Duration
	slow           time.Duration
	large, burst   int
	insecure       bool
}

func (f *checkupFlags) add(cmd *cobra.Command) {
	f.secret.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.request.scheme, "scheme", "", "signature scheme; hookglass schemes lists them; none for unsigned deliveries")
	fl.StringVar(&f.request.bodyFile, "body-file", "", "a payload that the handler accepts (default: one made for the scheme); - for standard input")
	fl.StringArrayVar(&f.request.headers, "header", nil, "a header field sent with every delivery, 'Name: value'; repeat for more")
	fl.StringArrayVar(&f.request.params, "param", nil, "a value that is signed but not sent, NAME=VALUE (PayPal's webhook_id)")
	fl.StringVar(&f.effects, "effects", "", "an address that tells how many events the handler has processed: a number, or {\"count\":N}")
	fl.StringVar(&f.junit, "junit", "", "write a JUnit XML report to this file; - for standard output")
	fl.DurationVar(&f.answer, "answer-limit", 0, "how long the provider waits for an answer (default: what is known of it, else 10s)")
	fl.DurationVar(&f.wait, "patience", 0, "how long to wait for any answer (default: three times the answer limit, 30s at least)")
	fl.DurationVar(&f.slow, "slow", 0, "over how long the slow sender sends its body (default 2s)")
	fl.IntVar(&f.large, "large-body", 0, "bytes of the very large body (default 1 MiB)")
	fl.IntVar(&f.burst, "burst", 0, "deliveries at a time (default 20)")
	fl.BoolVar(&f.insecure, "insecure", false, "do not verify the handler's certificate")
}

func (f *checkupFlags) config(ctx context.Context, p *program, stdin io.Reader) (lab.Config, error) {
	c := lab.Config{
		URL: f.request.url, AnswerLimit: f.answer, Patience: f.wait, SlowSender: f.slow, LargeBody: f.large, Burst: f.burst, SkipTLS: f.insecure,
	}
	if err := engine.CheckURL("URL", f.request.url); err != nil {
		return c, err
	}
	r, err := f.request.request(stdin) // refuses a header or a file that cannot be used
	if err != nil {
		return c, err
	}
	c.Sample, c.Header = r.Body, r.Header
	if c.Params, err = f.request.values(); err != nil {
		return c, err
	}
	if f.effects != "" {
		if c.Effects, err = lab.EffectsAt(f.effects, nil); err != nil {
			return c, err
		}
	}
	if err := f.bounds(); err != nil || f.request.scheme == "none" {
		return c, err
	}
	if c.Scheme, err = f.request.pick(ctx, p); err != nil {
		return c, err
	}
	if !f.secret.given() {
		return c, &core.Invalid{Field: "--secret-env", Reason: "is missing; a scheme needs a secret to sign with"}
	}
	c.Secret, err = f.secret.read(stdin)
	return c, err
}

func (f *checkupFlags) bounds() error {
	for _, flag := range []struct {
		name       string
		value, top int64
	}{
		{"--answer-limit", int64(f.answer), int64(10 * time.Minute)}, {"--patience", int64(f.wait), int64(10 * time.Minute)}, {"--slow", int64(f.slow), int64(10 * time.Minute)},
		{"--large-body", int64(f.large), 1 << 30}, {"--burst", int64(f.burst), 1000},
	} {
		if flag.value < 0 || flag.value > flag.top {
			return &core.Invalid{Field: flag.name, Reason: "is out of range; want up to 10m, 1 GiB or 1000"}
		}
	}
	return nil
}

// tellProgress names each check as it begins: on a terminal on one line, else, for logs, one line each.
func tellProgress(w io.Writer) lab.Progress {
	over := terminal(w)
	return func(done, total int, name string) {
		switch {
		case over != nil && done == total-1:
			io.WriteString(over, "\r"+strings.Repeat(" ", 40)+"\r")
		case over != nil:
			putf(over, "\r%d/%d %-30s", done+1, total, name)
		default:
			putf(w, "%d/%d %s\n", done+1, total, name)
		}
	}
}

// report prints the scorecard and writes the JUnit report. A failed check is exit 1.
func (p *program) report(out io.Writer, card *lab.Scorecard, junit string) (err error) {
	if junit == "-" {
		err = card.WriteJUnit(out)
	} else if junit != "" {
		err = writeJUnit(card, junit)
	}
	if err == nil && junit != "-" {
		if p.json {
			err = printJSON(out, card)
		} else {
			cardText(out, card)
		}
	}
	if err == nil && len(card.Failed()) > 0 {
		return errNotHeld
	}
	return err
}

func writeJUnit(card *lab.Scorecard, path string) error {
	file, err := os.Create(path)
	if err != nil {
		return &core.Invalid{Field: "--junit", Reason: err.Error()}
	}
	return closing(file, card.WriteJUnit(file))
}

// cardText prints a scorecard for people: what fails first.
func cardText(out io.Writer, card *lab.Scorecard) {
	failed := card.Failed()
	putf(out, "%s  score %d of 100, %d of %d checks fail\n", card.URL, card.Score, len(failed), len(card.Checks))
	if card.Cap != nil {
		putf(out, "\n%s No more than %d of 100 until that is mended.\n", card.Cap.Reason, card.Cap.Score)
	}
	for _, c := range failed {
		putf(out, "\n✗ %s\n  sent  %s\n  got   %s\n  why   %s\n  fix   %s\n", c.Name, c.Sent, c.Got, c.Why, c.Fix)
	}
	putln(out)
	for _, c := range card.Checks {
		if c.OK && c.Skipped == "" {
			putf(out, "✓ %-20s %s\n", c.Name, c.Got)
		}
	}
	for _, c := range card.Checks {
		if c.Skipped != "" {
			putf(out, "- %-20s skipped: %s\n", c.Name, c.Skipped)
		}
	}
}
