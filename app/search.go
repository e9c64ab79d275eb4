package main

import (
	"context"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
)

// search tells of the index of texts, and switches it.
func (p *program) search() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "search [on|off]",
		Short: "Say how far the search index is, or switch it on or off",
		Long: `The index finds text in bodies and heads (body:refund, header:push) without reading all of them. It is a file beside
the history, search.db, that is filled while few captures arrive, and may be thrown away at any time. Filters mean the same
without it, and take longer.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] != "on" && args[0] != "off" {
				return &core.Invalid{Field: "search", Reason: "want on or off, or nothing to be told how far it is"}
			}
			return p.hold(cmd.Context(), func(h holder) error {
				var on *bool
				if len(args) == 1 {
					wanted := args[0] == "on"
					on = &wanted
				}
				s, err := h.search(cmd.Context(), on)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), s)
				}
				putln(cmd.OutOrStdout(), searchText(s))
				return nil
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one object, as GET /_/search answers")
	return c
}

func searchText(s engine.Searching) string {
	switch {
	case s.Why != "":
		return textf("off: %s", s.Why)
	case s.State == "off":
		return "off: texts are looked for by reading all captures; hookglass search on makes an index"
	case s.State == "ready":
		return textf("ready: all captures up to %d are in it (%d bytes)", s.IndexedTo, s.Bytes)
	}
	return textf("building: all captures up to %d are in it, %d are not yet and are read through (%d bytes)", s.IndexedTo, s.Behind, s.Bytes)
}

func (a alone) search(ctx context.Context, on *bool) (engine.Searching, error) {
	if on == nil {
		return a.h.Searching(ctx)
	}
	return a.h.SwitchSearch(ctx, *on)
}

func (r remote) search(ctx context.Context, on *bool) (s engine.Searching, err error) {
	if on == nil {
		return s, r.call(ctx, "GET", "/_/search", nil, &s)
	}
	return s, r.call(ctx, "PUT", "/_/search", map[string]bool{"on": *on}, &s)
}
