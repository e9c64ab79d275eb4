package main

import (
	"github.com/spf13/cobra"

	"hookglass/core/engine"
)

func (p *program) status() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Say whether a Hookglass runs on this home and answers; exit 1 where none does",
		Long:    "Say whether a Hookglass runs on this home and answers: for scripts that begin when it is ready, and for the health check of a container.",
		Example: "  until hookglass status; do sleep 1; done",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, ok := findRunning(p.folder())
			var sources []engine.SourceJSON
			if !ok || (remote{r}).call(cmd.Context(), "GET", "/_/sources", nil, &sources) != nil {
				if err := p.tell(cmd.OutOrStdout(), map[string]any{"running": false}, "no Hookglass runs on this home"); err != nil {
					return err
				}
				return errNotHeld
			}
			return p.tell(cmd.OutOrStdout(), map[string]any{"running": true, "control": r.Control, "pid": r.PID, "sources": len(sources)},
				textf("running, with %s; control on %s", count(len(sources), "source"), r.Control))
		},
	}
	p.jsonFlag(cmd)
	return cmd
}
