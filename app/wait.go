package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
)

// programFlags name the program that is asked.
type programFlags struct{ url, tokenEnv string }

func (f *programFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.url, "url", "", "ask the Hookglass at this control address (default: the one that runs on this home)")
	cmd.Flags().StringVar(&f.tokenEnv, "token-env", tokenVariable, "with --url: the environment variable that holds its token")
}

// program is the one that the flags name, else the one that runs on this home.
func (f *programFlags) program(home string) (remote, error) {
	if f.url == "" {
		r, ok := findRunning(home)
		if !ok {
			return remote{}, &core.Invalid{Field: "--url", Reason: "is missing, and no Hookglass runs on this home; start one with hookglass serve, or name the control address of one"}
		}
		return remote{r}, nil
	}
	if err := engine.CheckURL("--url", f.url); err != nil {
		return remote{}, err
	}
	token, set := os.LookupEnv(f.tokenEnv)
	if !set && f.tokenEnv != tokenVariable {
		return remote{}, &core.Invalid{Field: "--token-env", Reason: f.tokenEnv + " is not set; name the environment variable that holds the token"}
	}
	return remote{running{Control: strings.TrimSuffix(f.url, "/"), Token: token}}, nil
}

func (p *program) wait() *cobra.Command {
	var f programFlags
	var n int
	var timeout, since time.Duration
	cmd := &cobra.Command{
		Use:   "wait [FILTER]",
		Short: "Wait until captures match a filter; exit 1 where too few come in time",
		Long: "Wait until captures match a filter, and print them; with --json whole, as show --json does. Those count that come from now on,\n" +
			"or, with --since, that came so long ago and later: what is sent right before or beside the command is not missed then. Where too\n" +
			"few come in time, exit 1 and a line that says how many did, and at which words of the filter the newest others failed.",
		Example: "  hookglass wait event:invoice.paid sig:verified --timeout 1m\n  hookglass wait --since 10s --count 3 --json -- source:stripe -method:GET",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case n < 1:
				return &core.Invalid{Field: "--count", Reason: "want a number above 0"}
			case timeout < 0:
				return &core.Invalid{Field: "--timeout", Reason: "want a time like 30s, or 0s to look once"}
			case since < 0:
				return &core.Invalid{Field: "--since", Reason: "want a time ago like 10s"}
			}
			r, err := f.program(p.folder())
			if err != nil {
				return err
			}
			return p.runWait(cmd, r, url.Values{"query": {strings.Join(args, " ")}, "count": {strconv.Itoa(n)}, "timeout_s": {secondsText(timeout)}, "since_s": {secondsText(since)}})
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&n, "count", 1, "how many captures")
	cmd.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "how long")
	cmd.Flags().DurationVar(&since, "since", 0, "count those too that came so long ago")
	p.jsonFlag(cmd)
	return cmd
}

func secondsText(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

func (p *program) runWait(cmd *cobra.Command, r remote, v url.Values) error {
	var got struct {
		engine.Waited
		Captures []json.RawMessage `json:"captures"` // printed as they are
	}
	if err := r.call(cmd.Context(), "GET", "/_/wait?"+v.Encode(), nil, &got); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, raw := range got.Captures {
		var c engine.CaptureJSON
		if err := json.Unmarshal(raw, &c); err != nil {
			return err
		}
		if err := p.tell(out, raw, lineText(c.Line())); err != nil {
			return err
		}
	}
	if !got.TimedOut {
		return nil
	}
	if p.json {
		if err := printJSON(out, map[string]any{"event": "timeout", "matched": len(got.Captures), "others": got.Others, "misses": got.Misses, "reason": got.Reason}); err != nil {
			return err
		}
	}
	putln(stderr, "hookglass:", got.Reason)
	return errNotHeld
}

func (p *program) tail() *cobra.Command {
	var f programFlags
	var since time.Duration
	cmd := &cobra.Command{
		Use:   "tail [FILTER]",
		Short: "Follow what arrives and what is sent, a line each, as serve prints it",
		Long: "Follow what arrives and what is sent in the Hookglass that runs, a line each, as serve prints it, until it ends or you interrupt.\n" +
			"With a filter only captures that match, and the attempts of sending those on.",
		Example: "  hookglass tail\n  hookglass tail --json source:stripe sig:bad\n  hookglass tail --since 5m",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if since < 0 {
				return &core.Invalid{Field: "--since", Reason: "want a time ago like 5m"}
			}
			r, err := f.program(p.folder())
			if err != nil {
				return err
			}
			t := &teller{out: cmd.OutOrStdout(), json: p.json}
			err = r.stream(cmd.Context(), url.Values{"query": {strings.Join(args, " ")}, "since_s": {secondsText(since)}}, t.news)
			if cmd.Context().Err() != nil {
				return nil // it was told to end
			}
			return err
		},
	}
	f.add(cmd)
	cmd.Flags().DurationVar(&since, "since", 0, "begin with what came so long ago")
	p.jsonFlag(cmd)
	return cmd
}

// stream hands on what happens, until ctx or the program ends.
func (r remote) stream(ctx context.Context, v url.Values, yield func(event string, data []byte) error) error {
	req, err := http.NewRequestWithContext(ctx, "GET", r.Control+"/_/stream?"+v.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := r.do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := engine.ReadStream(resp.Body, yield); err != nil {
		return err
	}
	return errors.New("the Hookglass that was followed has ended")
}

// news prints an event of a stream.
func (t *teller) news(event string, data []byte) error {
	switch event {
	case "capture":
		var c engine.CaptureNews
		if err := json.Unmarshal(data, &c); err != nil {
			return err
		}
		c.CaptureLine.Event = c.Type
		t.line(json.RawMessage(data), lineText(c.CaptureLine))
	case "attempt":
		var a engine.AttemptNews
		if err := json.Unmarshal(data, &a); err != nil {
			return err
		}
		t.line(json.RawMessage(data), attemptText(a))
	}
	return nil
}
