package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
)

func (p *program) shrink() *cobra.Command {
	var r engine.ShrinkRequest
	cmd := &cobra.Command{
		Use:   "shrink ID --to URL",
		Short: "The smallest body of a capture that your handler still fails at",
		Long: "Find the smallest body of a capture that a handler still answers with the same 5xx: members, items and values are taken away for as long\n" +
			"as it fails in the same way, each body signed anew. Up to 200 bodies are sent to the address that you name, and nowhere else. The smallest\n" +
			"is printed, and kept as a draft for Compose. Exit 1 where it could not be made smaller.",
		Example: "  hookglass shrink 7 --to http://127.0.0.1:3000/webhooks\n  hookglass shrink 7 --to http://127.0.0.1:3000/webhooks --json",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &core.Invalid{Field: "ID", Reason: "want the number of one capture; hookglass history lists them"}
			}
			id, err := captureID(args[0])
			if err != nil {
				return err
			}
			if r.Capture = id; r.To == "" {
				return &core.Invalid{Field: "--to", Reason: "is missing: the address of the handler that fails"}
			}
			if err := r.Check(); err != nil {
				return byShrinkFlag(err)
			}
			return p.runShrink(cmd, r)
		},
	}
	cmd.Flags().StringVar(&r.To, "to", "", "address of the handler")
	cmd.Flags().IntVar(&r.Most, "most", 0, "how many bodies at the most (default 200)")
	cmd.Flags().BoolVar(&r.Elsewhere, "elsewhere", false, "agree to an address that is not this machine")
	p.jsonFlag(cmd)
	return cmd
}

func byShrinkFlag(err error) error {
	if invalid, ok := err.(*core.Invalid); ok {
		return &core.Invalid{Field: "--" + invalid.Field, Reason: invalid.Reason}
	}
	return err
}

func (p *program) runShrink(cmd *cobra.Command, r engine.ShrinkRequest) error {
	return p.asked(cmd.Context(), func(ctx context.Context, to remote) error {
		var got engine.Shrunk
		if err := to.call(ctx, "POST", "/_/shrink", r, &got); err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		if p.json {
			if err := printJSON(out, got); err != nil {
				return err
			}
		} else {
			if err := putText(out, string(got.Body)); err != nil {
				return err
			}
			putln(stderr, shrunkText(got))
		}
		if got.Draft == 0 {
			return errNotHeld
		}
		return nil
	})
}

func shrunkText(s engine.Shrunk) string {
	if s.Draft == 0 {
		return fmt.Sprintf("%s; nothing smaller fails in the same way, after %d tries", s.Answer, s.Tries)
	}
	text := fmt.Sprintf("%s; %d bytes of %d, after %d tries", s.Answer, s.Size, s.Was, s.Tries)
	if !s.Whole {
		text += ", which ran out: --most allows more"
	}
	return text + fmt.Sprintf("; kept as draft %d", s.Draft)
}
