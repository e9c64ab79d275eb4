package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/env"
)

// environment lists, makes, changes and chooses environments.
func (p *program) environment() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Named sets of values for addresses, headers and bodies: {{env.NAME}}",
		Long: "Named sets of values. {{env.NAME}} stands for a value of the environment that is chosen, in the addresses and headers of forwards and\n" +
			"endpoints, in what Compose and hookglass send make, and in hookglass replay --to; {{{{env. is the text itself. What arrived is never filled.\n" +
			"Secrets are where they are (env:NAME, keyring:NAME or file:NAME), never values; they are put in as a request goes out.",
		Example: "  hookglass env set staging base=http://127.0.0.1:3000 --secret token=env:STAGING_TOKEN\n  hookglass env use staging\n  hookglass replay 12 --to '{{env.base}}/webhooks'",
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			return &core.Invalid{Field: "COMMAND", Reason: "want env list, show, set, unset, use or delete"}
		},
	}
	cmd.AddCommand(p.envList(), p.envShow(), p.envSet(), p.envUnset(), p.envUse(), p.envDelete())
	return cmd
}

func (p *program) envList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the environments; the chosen one has a mark", Example: "  hookglass env list", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.environments(cmd.Context(), func(all engine.EnvironmentsJSON) error {
				out := cmd.OutOrStdout()
				if len(all.Environments) == 0 && !p.json {
					putln(out, "There is none. Make one: hookglass env set staging base=http://127.0.0.1:3000")
				}
				for _, e := range all.Environments {
					mark := " "
					if e.Chosen {
						mark = "*"
					}
					names := append(slices.Sorted(maps.Keys(e.Values)), slices.Sorted(maps.Keys(e.Secrets))...)
					if err := p.tell(out, e, textf("%s %s  %s", mark, e.Name, strings.Join(names, " "))); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) envShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show [NAME]", Short: "Show the values of an environment, of the chosen one where none is named", Example: "  hookglass env show staging", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &core.Invalid{Field: "NAME", Reason: "want one; hookglass env list lists them"}
			}
			return p.environments(cmd.Context(), func(all engine.EnvironmentsJSON) error {
				name := all.Environment
				if len(args) == 1 {
					name = args[0]
				}
				if name == "" {
					return &core.Invalid{Field: "NAME", Reason: "is missing, and no environment is chosen; hookglass env list lists them"}
				}
				return p.showEnvironment(cmd.OutOrStdout(), all, name)
			})
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

func oneEnvironment(all engine.EnvironmentsJSON, name string) (engine.EnvironmentJSON, error) {
	i := slices.IndexFunc(all.Environments, func(e engine.EnvironmentJSON) bool { return e.Name == name })
	if i < 0 {
		return engine.EnvironmentJSON{}, &core.Invalid{Field: "NAME", Reason: fmt.Sprintf("there is no environment %q; hookglass env list lists them", name)}
	}
	return all.Environments[i], nil
}

// showEnvironment prints one with its values, its secrets by where they are.
func (p *program) showEnvironment(out io.Writer, all engine.EnvironmentsJSON, name string) error {
	e, err := oneEnvironment(all, name)
	if err != nil {
		return err
	}
	if p.json {
		return printJSON(out, e)
	}
	chosen := ""
	if e.Chosen {
		chosen = "  (chosen)"
	}
	putf(out, "%s%s\n", e.Name, chosen)
	for _, key := range slices.Sorted(maps.Keys(e.Values)) {
		putf(out, "  %s = %s\n", key, e.Values[key])
	}
	for _, key := range slices.Sorted(maps.Keys(e.Secrets)) {
		putf(out, "  %s = %s\n", key, e.Secrets[key])
	}
	return nil
}

func (p *program) envSet() *cobra.Command {
	var secrets []string
	cmd := &cobra.Command{
		Use: "set NAME KEY=VALUE...", Short: "Make an environment, or set values of one; the rest stays",
		Example: "  hookglass env set staging base=http://127.0.0.1:3000 tenant=acme --secret token=env:STAGING_TOKEN", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &core.Invalid{Field: "NAME", Reason: "is missing; want a name like staging, and KEY=VALUE"}
			}
			values, err := keyed("KEY=VALUE", args[1:])
			if err != nil {
				return err
			}
			refs, err := keyed("--secret", secrets)
			if err != nil {
				return err
			}
			return p.changeEnvironment(cmd, args[0], values, refs)
		},
	}
	cmd.Flags().StringArrayVar(&secrets, "secret", nil, "KEY=env:NAME, keyring:NAME or file:NAME: where a secret is; may stand several times")
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) envUnset() *cobra.Command {
	cmd := &cobra.Command{
		Use: "unset NAME KEY...", Short: "Take values and secrets out of an environment", Example: "  hookglass env unset staging tenant token", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return &core.Invalid{Field: "KEY", Reason: "is missing; want the environment and what to take out of it"}
			}
			values := map[string]*string{}
			for _, key := range args[1:] {
				values[key] = nil
			}
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				var all engine.EnvironmentsJSON
				if err := r.call(ctx, "GET", "/_/environments", nil, &all); err != nil {
					return err
				}
				e, err := oneEnvironment(all, args[0])
				if err != nil {
					return err
				}
				for _, key := range args[1:] {
					_, value := e.Values[key]
					if _, secret := e.Secrets[key]; !value && !secret {
						return &core.Invalid{Field: "KEY", Reason: fmt.Sprintf("%s has no %q; hookglass env show %s lists what it has", args[0], key, args[0])}
					}
				}
				return p.putEnvironment(ctx, cmd.OutOrStdout(), r, args[0], values, nil)
			})
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) envUse() *cobra.Command {
	var none bool
	cmd := &cobra.Command{
		Use: "use NAME", Short: "Choose the environment that values come from, in the window too", Example: "  hookglass env use staging\n  hookglass env use --none", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := strings.Join(args, " ")
			if none == (len(args) == 1) || len(args) > 1 {
				return &core.Invalid{Field: "NAME", Reason: "want the name of an environment, or --none; hookglass env list lists them"}
			}
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				var all engine.EnvironmentsJSON
				if err := r.call(ctx, "PUT", "/_/environment", map[string]string{"environment": name}, &all); err != nil {
					return err
				}
				human := textf("environment %s is chosen", all.Environment)
				if all.Environment == "" {
					human = "no environment is chosen"
				}
				return p.tell(cmd.OutOrStdout(), map[string]string{"event": "chosen", "environment": all.Environment}, human)
			})
		},
	}
	cmd.Flags().BoolVar(&none, "none", false, "choose none")
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) envDelete() *cobra.Command {
	cmd := &cobra.Command{
		Use: "delete NAME", Short: "Delete an environment, and the secrets that were kept for it", Example: "  hookglass env delete staging", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &core.Invalid{Field: "NAME", Reason: "want one; hookglass env list lists them"}
			}
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				var gone struct{ Name string }
				if err := r.call(ctx, "DELETE", "/_/environments/"+url.PathEscape(args[0]), nil, &gone); err != nil {
					return err
				}
				return p.tell(cmd.OutOrStdout(), map[string]any{"event": "deleted", "name": gone.Name}, textf("deleted environment %s", gone.Name))
			})
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

// environments asks for all of them.
func (p *program) environments(ctx context.Context, do func(engine.EnvironmentsJSON) error) error {
	return p.asked(ctx, func(ctx context.Context, r remote) error {
		var all engine.EnvironmentsJSON
		if err := r.call(ctx, "GET", "/_/environments", nil, &all); err != nil {
			return err
		}
		return do(all)
	})
}

func (p *program) changeEnvironment(cmd *cobra.Command, name string, values, secrets map[string]*string) error {
	if err := env.CheckName("NAME", name); err != nil {
		return err
	}
	return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
		return p.putEnvironment(ctx, cmd.OutOrStdout(), r, name, values, secrets)
	})
}

func (p *program) putEnvironment(ctx context.Context, out io.Writer, r remote, name string, values, secrets map[string]*string) error {
	var all engine.EnvironmentsJSON
	body := map[string]any{"values": values, "secrets": secrets}
	if err := r.call(ctx, "PUT", "/_/environments/"+url.PathEscape(name), body, &all); err != nil {
		return err
	}
	if err := p.showEnvironment(out, all, name); err != nil || p.json || all.Environment != "" {
		return err
	}
	putf(out, "no environment is chosen; hookglass env use %s chooses this one\n", name)
	return nil
}

// keyed reads KEY=VALUE. A value that is not shown is not in the refusal either.
func keyed(field string, args []string) (map[string]*string, error) {
	out := map[string]*string{}
	for _, a := range args {
		key, value, ok := strings.Cut(a, "=")
		if !ok {
			return nil, &core.Invalid{Field: field, Reason: "want KEY=VALUE, and got a word without ="}
		}
		if err := env.CheckName(field, key); err != nil {
			return nil, err
		}
		if _, twice := out[key]; twice {
			return nil, &core.Invalid{Field: field, Reason: fmt.Sprintf("%s stands there twice", key)}
		}
		out[key] = &value
	}
	return out, nil
}

// envFlag adds --env to a command that sends.
func envFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "env", "", "environment whose values take the place of {{env.NAME}} (default: the chosen one)")
}

// useEnvironment chooses what --env names, for this run.
func useEnvironment(e *engine.Engine, name string) error {
	if name == "" {
		return nil
	}
	var invalid *core.Invalid
	if err := e.Environments.UseForRun(name); errors.As(err, &invalid) {
		return &core.Invalid{Field: "--env", Reason: invalid.Reason}
	}
	return nil
}
