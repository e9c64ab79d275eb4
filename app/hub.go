package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
)

func (p *program) hub() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hub",
		Short: "Let readers in to a team's space, list them, shut them out",
		Long: "A hub publishes what it captures to its team's space: hookglass serve --hub DIR, or --relay URL for a cluster that you run. Beside it,\n" +
			"on the same --home, these commands say who may read.",
		Example: "  hookglass hub invite alice\n  hookglass hub invite ci --sources shop,billing --queue build --expires 30d\n  hookglass hub list\n  hookglass hub revoke alice",
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			return &core.Invalid{Field: "COMMAND", Reason: "want hub invite, hub list, hub revoke or hub config"}
		},
	}
	cmd.AddCommand(p.hubInvite(), p.hubList(), p.hubRevoke(), p.hubConfig())
	return cmd
}

func (p *program) hubInvite() *cobra.Command {
	var ask engine.ReaderAsked
	var expires string
	cmd := &cobra.Command{
		Use:   "invite NAME",
		Short: "Let a reader in, and print its invite: one line, as good as a password, kept nowhere here",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if ask.Name, err = oneName(args); err != nil {
				return err
			}
			if ask.ExpiresS, err = fromNow("--expires", expires); err != nil {
				return err
			}
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				var got engine.InviteJSON
				if err := r.call(ctx, "POST", "/_/hub/readers", ask, &got); err != nil {
					return err
				}
				return p.tell(cmd.OutOrStdout(), got, textf("%s", got.Invite))
			})
		},
	}
	cmd.Flags().StringSliceVar(&ask.Sources, "sources", nil, "the sources it may read, by name (default: all)")
	cmd.Flags().StringSliceVar(&ask.Queues, "queue", nil, "work queues that may be joined with this invite: each capture goes to one of those that joined the queue")
	cmd.Flags().StringVar(&expires, "expires", "", "let it in for so long: 30d, 12h (default: until it is revoked)")
	cmd.Flags().StringSliceVar(&ask.Address, "address", nil, "where readers reach the hub, like tls://hub.example.com:4222 (default: --hub-addr, or this machine's address)")
	p.jsonFlag(cmd)
	return cmd
}

func oneName(args []string) (string, error) {
	if len(args) != 1 || args[0] == "" {
		return "", &core.Invalid{Field: "NAME", Reason: "want one"}
	}
	return args[0], nil
}

// fromNow reads how long from now, in seconds.
func fromNow(field, text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * 24 * float64(time.Hour))
	}
	if err != nil || d <= 0 {
		return 0, &core.Invalid{Field: field, Reason: fmt.Sprintf("%q: want a time from now, like 30d or 12h", text)}
	}
	return d.Seconds(), nil
}

func (p *program) hubList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "How the hub stands, and its readers with what each has still to read",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				var got engine.HubJSON
				if err := r.call(ctx, "GET", "/_/hub", nil, &got); err != nil {
					return err
				}
				if p.json {
					return printJSON(cmd.OutOrStdout(), got)
				}
				printHub(cmd.OutOrStdout(), got)
				return nil
			})
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

func printHub(out io.Writer, h engine.HubJSON) {
	switch {
	case !h.On:
		putln(out, "the hub is not running; start it with hookglass serve --hub DIR")
	case h.Trouble != "":
		putf(out, "space %s at %s: %s; %s waiting\n", h.Space, strings.Join(h.URLs, ", "), h.Trouble, core.Counted(h.Left, "capture"))
	default:
		putf(out, "space %s at %s: %s waiting\n", h.Space, strings.Join(h.URLs, ", "), core.Counted(h.Left, "capture"))
	}
	for _, r := range h.Readers {
		seen := "never"
		if at, err := time.Parse(time.RFC3339Nano, r.LastSeen); err == nil {
			seen = at.Local().Format("2006-01-02 15:04:05")
		}
		what := "all sources"
		if len(r.Sources) > 0 {
			what = strings.Join(r.Sources, ",")
		}
		if len(r.Queues) > 0 {
			what += "  queue " + strings.Join(r.Queues, ",")
		}
		putf(out, "%-20s %-8s lag %-6d last seen %-19s  %s\n", r.Name, r.State, r.Lag, seen, what)
	}
}

func (p *program) hubRevoke() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "revoke NAME",
		Short: "Shut a reader out, at once; what it has read stays with it",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := oneName(args)
			if err != nil {
				return err
			}
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				if err := r.call(ctx, "DELETE", "/_/hub/readers/"+url.PathEscape(name), nil, &struct{}{}); err != nil {
					return err
				}
				return p.tell(cmd.OutOrStdout(), map[string]any{"event": "revoked", "reader": name}, textf("revoked %s", name))
			})
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) hubConfig() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Print the accounts and permissions that a cluster of your own must have, as its settings write them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				var got struct{ Config string }
				if err := r.call(ctx, "GET", "/_/hub/config", nil, &got); err != nil {
					return err
				}
				return putText(cmd.OutOrStdout(), strings.TrimSuffix(got.Config, "\n"))
			})
		},
	}
}

// hubFlags say whether serve is a hub.
type hubFlags struct {
	engine.HubOptions
	relay []string
}

func (f *hubFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.Dir, "hub", "", "be the hub of a team, with the broker within this program and its store in this folder")
	fl.StringVar(&f.Addr, "hub-addr", "", "with --hub: where readers connect, HOST:PORT (default :4222)")
	fl.StringVar(&f.Cert, "hub-cert", "", "with --hub: a certificate for that, as PEM (default: one of its own, which the invites name)")
	fl.StringVar(&f.Key, "hub-key", "", "with --hub-cert: its key")
	fl.StringVar(&f.Space, "hub-space", "", "with --hub or --relay: what the space is called (default: as before, else team)")
	fl.StringSliceVar(&f.relay, "relay", nil, "be the hub of a team, with a nats-server or a cluster that you run: nats://HOST:4222")
	fl.StringVar(&f.Creds, "relay-creds", "", "with --relay: a file with an nkey seed, or with credentials of nsc; where there is none, a key is made in it")
	fl.DurationVar(&f.Retention.Age, "hub-age", 0, "with --hub or --relay: how long the space keeps captures (default 336h)")
}

// open makes the program a hub, where the flags say so.
func (f *hubFlags) open(ctx context.Context, e *engine.Engine) error {
	if f.Relay = f.relay; f.Dir == "" && len(f.Relay) == 0 {
		for flag, v := range map[string]string{"--hub-addr": f.Addr, "--hub-cert": f.Cert, "--hub-space": f.Space, "--relay-creds": f.Creds} {
			if v != "" {
				return &core.Invalid{Field: flag, Reason: "stands without --hub DIR or --relay URL"}
			}
		}
		return nil
	}
	if f.Dir != "" && len(f.Relay) > 0 {
		return &core.Invalid{Field: "--relay", Reason: "stands beside --hub; want the broker within this program or one that you run"}
	}
	if why := e.ReadOnly(); why != "" {
		return &core.Invalid{Field: "--hub", Reason: "the history can only be read: " + why}
	}
	return e.Hub.Open(ctx, f.HubOptions)
}
