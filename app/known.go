package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/platform"
	"hookglass/core/store"
)

func (p *program) platforms() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "platforms [NAME]",
		Short: "List the emulated platforms, or print one's contract in short, with its sources",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if len(args) == 1 {
				pl, ok := platform.Find(args[0])
				if !ok {
					return &core.Invalid{Field: "NAME", Reason: fmt.Sprintf("there is no platform %q; hookglass platforms lists them", args[0])}
				}
				return p.printPlatform(out, pl)
			}
			for _, pl := range platform.All {
				if p.json {
					if err := printJSON(out, map[string]any{"name": pl.Name, "title": pl.Title, "summary": pl.Summary, "inbound": pl.Inbound, "outbound": pl.Outbound}); err != nil {
						return err
					}
					continue
				}
				putf(out, "%-10s %s\n", pl.Name, pl.Summary)
			}
			return nil
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) printPlatform(out io.Writer, pl platform.Platform) error {
	if p.json {
		return printJSON(out, map[string]any{"name": pl.Name, "title": pl.Title, "summary": pl.Summary, "settings": pl.Settings, "contract": pl.Contract, "disputes": pl.Disputes})
	}
	putf(out, "%s (%s)\n%s\n", pl.Title, pl.Name, pl.Summary)
	section := func(title string, facts []platform.Fact) {
		if len(facts) == 0 {
			return
		}
		putf(out, "\n%s\n", title)
		for _, f := range facts {
			putf(out, "  - %s\n    [%s]\n", f.Text, f.Source)
		}
	}
	section("Contract", pl.Contract)
	section("Where document and code contradict each other", pl.Disputes)
	printSettings(out, "Settings", pl.Settings)
	if pl.Endpoints != nil {
		printSettings(out, "Settings of an endpoint", pl.Endpoints.Settings)
	}
	return nil
}

func printSettings(out io.Writer, title string, settings []platform.Setting) {
	if len(settings) == 0 {
		return
	}
	putf(out, "\n%s\n", title)
	for _, s := range settings {
		limits := ""
		switch {
		case len(s.Choices) > 0:
			limits = strings.Join(s.Choices, ", ")
		case s.Max > 0:
			limits = inUnits(s, core.Plain(s.Min)+" to "+core.Plain(s.Max))
		}
		putf(out, "  %-18s %-8s %s\n", s.Name, s.Kind, strings.TrimSpace(strings.Join([]string{defaultText(s), limits, s.Help}, "  ")))
	}
}

func defaultText(s platform.Setting) string {
	if s.Default == nil || s.Default == "" {
		return ""
	}
	if n, ok := s.Default.(float64); ok {
		return "default " + inUnits(s, core.Plain(n))
	}
	return fmt.Sprintf("default %v", s.Default)
}

func inUnits(s platform.Setting, text string) string {
	return strings.TrimSpace(text + " " + s.Unit())
}

func (p *program) sources() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sources",
		Short: "List the sources with their full addresses and a ready curl line each",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := p.listSources(cmd.Context())
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			for _, s := range all {
				if p.json {
					if err := printJSON(out, s); err != nil {
						return err
					}
					continue
				}
				putf(out, "%s  (%s, %s)\n  %s\n", s.Name, s.Platform, s.Profile, s.URL)
				if s.Public != "" {
					putf(out, "  %s\n", s.Public)
				}
				if s.ManagementToken != "" {
					putf(out, "  management token, for this run: %s\n", s.ManagementToken)
				}
				putText(out, "  "+strings.ReplaceAll(s.Curl, "\n", "\n  ")+"\n")
			}
			if len(all) == 0 && !p.json {
				putln(out, "no sources yet; add one in the window, with hookglass source add, or with hookglass serve --workspace FILE")
			}
			return nil
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

// listSources asks the running program, whose addresses are in force; without one it reads the history.
func (p *program) listSources(ctx context.Context) ([]engine.SourceJSON, error) {
	if r, ok := findRunning(p.folder()); ok {
		var all []engine.SourceJSON
		if err := (remote{r}).call(ctx, "GET", "/_/sources", nil, &all); err == nil {
			return all, nil
		}
	}
	e, err := engine.Open(ctx, engine.Options{Home: p.folder(), Keyring: system{}, Log: logger(false)})
	var locked *store.Locked
	if errors.As(err, &locked) {
		return nil, fmt.Errorf("%w (or it is just starting: try again)", err)
	}
	if err != nil {
		return nil, err
	}
	defer e.Close()
	sources, err := e.Store.Sources(ctx)
	out := make([]engine.SourceJSON, len(sources))
	for i := range sources {
		out[i] = e.SourceWhole(sources[i])
		if made := out[i].ManagementToken; made != "" { // it ends with this command
			out[i].ManagementToken, out[i].Curl = "", strings.ReplaceAll(out[i].Curl, made, "TOKEN")
		}
	}
	return out, err
}
