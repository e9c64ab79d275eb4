package main

import (
	"context"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
)

func (p *program) join() *cobra.Command {
	var ask engine.Joining
	cmd := &cobra.Command{
		Use:   "join INVITE",
		Short: "Follow a team's space: its captures arrive here, too, while the window or serve runs",
		Long: "Follow a team's space with the line that hookglass hub invite printed; - reads it from standard input, where no list of processes\n" +
			"shows it. Captures arrive while the window or hookglass serve runs, and what came meanwhile is made up for. To check and forward\n" +
			"what a source of the space gets, add a source called SPACE/SOURCE here.",
		Example: "  hookglass join hookglass://join/eyJ2Ijox…\n  hookglass join --queue build - < invite.txt",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if ask.Invite, err = inviteOf(args, cmd.InOrStdin()); err != nil {
				return err
			}
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				var got engine.SpaceJSON
				if err := r.call(ctx, "POST", "/_/spaces", ask, &got); err != nil {
					return err
				}
				return p.tell(cmd.OutOrStdout(), struct {
					Event string `json:"event"`
					engine.SpaceJSON
				}{"joined", got}, textf("joined space %s at %s as %s; the key is kept in the %s", got.Name, strings.Join(got.URLs, ", "), got.Reader, place(got.Key)))
			})
		},
	}
	cmd.Flags().StringVar(&ask.Queue, "queue", "", "share a work queue of the invite: each capture goes to one of those that joined it")
	cmd.Flags().StringVar(&ask.Keep, "keep", "", "keep the key in the keyring or in a file that only you can read (default: the keyring, where there is none the file)")
	p.jsonFlag(cmd)
	return cmd
}

// place is where a masked reference says that its value is.
func place(masked string) string {
	return strings.Trim(strings.TrimPrefix(masked, core.Masked), " ()")
}

func inviteOf(args []string, stdin io.Reader) (string, error) {
	if len(args) == 0 {
		return "", &core.Invalid{Field: "INVITE", Reason: "is missing; paste the line that hookglass hub invite printed, or - to read it from standard input"}
	}
	if len(args) > 1 || args[0] != "-" {
		return strings.Join(args, ""), nil
	}
	data, err := io.ReadAll(io.LimitReader(stdin, 1<<20))
	if err != nil {
		return "", &core.Invalid{Field: "INVITE", Reason: err.Error()}
	}
	return string(data), nil
}

func (p *program) leave() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "leave SPACE",
		Short: "Follow a space no more, and forget its key; its captures stay",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := oneName(args)
			if err != nil {
				return err
			}
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				if err := r.call(ctx, "DELETE", "/_/spaces/"+url.PathEscape(name), nil, &struct{}{}); err != nil {
					return err
				}
				return p.tell(cmd.OutOrStdout(), map[string]any{"event": "left", "space": name}, textf("left space %s; its captures stay", name))
			})
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

// hubbed prints that the program is a hub.
func (t *teller) hubbed(ctx context.Context, e *engine.Engine) {
	h, err := e.Hub.Status(ctx)
	if err != nil || !h.On {
		return
	}
	t.line(map[string]any{"event": "hub", "space": h.Space, "urls": h.URLs, "embedded": h.Embedded}, textf("hub of space %s at %s", h.Space, strings.Join(h.URLs, ", ")))
}

// followSpaces prints how it stands with the spaces, when that changes.
func (t *teller) followSpaces(ctx context.Context, e *engine.Engine) {
	told := map[string]string{}
	for rev := uint64(0); ; {
		var err error
		if rev, err = e.Store.Feed().Wait(ctx, rev); err != nil {
			return
		}
		all, err := e.Spaces.States(ctx)
		if err != nil {
			continue
		}
		for _, s := range all {
			now := s.State + s.Trouble
			if s.State == "catching up" || told[s.Name] == now {
				continue // how much is still to come changes with each capture
			}
			told[s.Name] = now
			human := textf("space %s: %s", s.Name, s.State)
			if s.Trouble != "" {
				human += textf(": %s", s.Trouble)
			}
			t.line(map[string]any{"event": "space", "space": s.Name, "state": s.State, "trouble": s.Trouble}, human)
		}
	}
}
