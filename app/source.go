package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/contract"
	"hookglass/core/engine"
	"hookglass/core/platform"
	"hookglass/core/store"
)

func (p *program) source() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "source",
		Short: "Add, edit or remove a source",
		Long: "Add, edit or remove a source, beside a program that runs or without. Settings are KEY=VALUE in the words of a workspace file, which\n" +
			"hookglass platforms NAME lists, beside name, profile, forward, faults and limit; KEY= puts one back to its default. A secret is\n" +
			"env:NAME or keyring:NAME, never the value. hookglass sources lists what there is.",
		Example: "  hookglass source add generic path=/in/shop scheme=github secret=env:SHOP_SECRET forward=http://127.0.0.1:3000/hooks",
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			return &core.Invalid{Field: "COMMAND", Reason: "want source add, source edit or source remove"}
		},
	}
	cmd.AddCommand(p.sourceAdd(), p.sourceEdit(), p.sourceRemove())
	return cmd
}

func (p *program) sourceAdd() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     "add PLATFORM KEY=VALUE...",
		Short:   "Add a source; where its name or address is taken, it is refused",
		Example: "  hookglass source add generic path=/in/shop scheme=github secret=env:SHOP_SECRET\n  hookglass source add generic path=/in/flaky faults='{\"error_rate\":0.5}'\n  hookglass source add --file source.json",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, err := sourceFile(file, cmd.InOrStdin())
			if err == nil && len(args) > 0 && !strings.Contains(args[0], "=") {
				doc["platform"], args = args[0], args[1:]
			}
			if err == nil {
				err = settings(doc, args)
			}
			if err != nil {
				return err
			}
			return p.putSource(cmd, "added", "POST", "/_/sources", doc)
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "a JSON object as it stands among the sources of a workspace file; - is standard input")
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) sourceEdit() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     "edit NAME|ID KEY=VALUE...",
		Short:   "Change what is named of a source; the rest stays",
		Example: "  hookglass source edit shop forward=http://127.0.0.1:4000/hooks\n  hookglass source edit shop faults= name=store",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &core.Invalid{Field: "NAME", Reason: "is missing; hookglass sources lists them"}
			}
			src, err := p.sourceNamed(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			doc, err := sourceFile(file, cmd.InOrStdin())
			if err != nil {
				return err
			}
			doc["platform"] = src.Platform // which says what its settings are
			if err := settings(doc, args[1:]); err != nil {
				return err
			}
			return p.putSource(cmd, "changed", "PUT", fmt.Sprintf("/_/sources/%d", src.ID), doc)
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "a JSON object with what is to be changed; - is standard input")
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) sourceRemove() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "remove NAME|ID",
		Short:   "Remove a source; its captures stay",
		Example: "  hookglass source remove shop",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &core.Invalid{Field: "NAME", Reason: "want one; hookglass sources lists them"}
			}
			src, err := p.sourceNamed(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
				if err := r.call(ctx, "DELETE", fmt.Sprintf("/_/sources/%d", src.ID), nil, &struct{}{}); err != nil {
					return err
				}
				return p.tell(cmd.OutOrStdout(), map[string]any{"event": "removed", "id": src.ID, "name": src.Name}, textf("removed source %s; its captures stay", src.Name))
			})
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

// putSource has a source kept and prints it.
func (p *program) putSource(cmd *cobra.Command, event, method, path string, doc map[string]any) error {
	return p.asked(cmd.Context(), func(ctx context.Context, r remote) error {
		var got engine.SourceJSON
		if err := r.call(ctx, method, path, doc, &got); err != nil {
			return err
		}
		return p.tell(cmd.OutOrStdout(), struct {
			Event string `json:"event"`
			engine.SourceJSON
		}{event, got}, textf("%s source %s at %s", event, got.Name, got.URL))
	})
}

// asked has the program that runs on this home do something, or an engine that this command opens for it.
func (p *program) asked(ctx context.Context, do func(context.Context, remote) error) error {
	e, err := engine.Open(ctx, engine.Options{Home: p.folder(), Keyring: system{}, Log: logger(false)})
	var locked *store.Locked
	if errors.As(err, &locked) {
		r, ok := findRunning(p.folder())
		if !ok {
			return err
		}
		return do(ctx, remote{r})
	}
	if err != nil {
		return err
	}
	defer e.Close()
	c, err := e.NewControl(false)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	err = do(ctx, remote{running{c.URL(), c.Token(), os.Getpid()}})
	cancel()
	return errors.Join(err, <-ended)
}

// sourceNamed finds a source by its name, else by its number.
func (p *program) sourceNamed(ctx context.Context, name string) (engine.SourceJSON, error) {
	all, err := p.listSources(ctx)
	if err != nil {
		return engine.SourceJSON{}, err
	}
	i := slices.IndexFunc(all, func(s engine.SourceJSON) bool { return s.Name == name })
	if i < 0 {
		i = slices.IndexFunc(all, func(s engine.SourceJSON) bool { return strconv.FormatInt(int64(s.ID), 10) == name })
	}
	if i < 0 {
		return engine.SourceJSON{}, &core.Invalid{Field: "NAME", Reason: fmt.Sprintf("there is no source %q; hookglass sources lists them", name)}
	}
	return all[i], nil
}

// sourceFile reads what --file names, nothing where it names none.
func sourceFile(path string, stdin io.Reader) (map[string]any, error) {
	doc := map[string]any{}
	var data []byte
	var err error
	switch path {
	case "":
		return doc, nil
	case "-":
		data, err = io.ReadAll(stdin)
	default:
		data, err = os.ReadFile(path)
	}
	if err == nil {
		err = json.Unmarshal(data, &doc)
	}
	if err != nil || doc == nil {
		return nil, &core.Invalid{Field: "--file", Reason: fmt.Sprintf("want a file with one JSON object: %v", err)}
	}
	return doc, nil
}

// settings reads KEY=VALUE into doc, each as the setting of its platform wants it.
func settings(doc map[string]any, args []string) error {
	name, _ := doc["platform"].(string)
	known, ok := platform.Find(name)
	if !ok || !known.Inbound {
		return &core.Invalid{Field: "PLATFORM", Reason: fmt.Sprintf("%q is none; hookglass platforms lists them", name)}
	}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok || key == "" {
			return &core.Invalid{Field: "KEY=VALUE", Reason: fmt.Sprintf("%q is none; hookglass platforms %s lists the settings", arg, name)}
		}
		v, err := settingValue(known, key, value)
		if err != nil {
			return err
		}
		doc[key] = v
	}
	return nil
}

func settingValue(p platform.Platform, key, value string) (any, error) {
	if value == "" {
		return nil, nil
	}
	if key == "contract" {
		return contractFile(value)
	}
	kind := platform.Kind("")
	if i := slices.IndexFunc(p.Settings, func(s platform.Setting) bool { return s.Name == key }); i >= 0 {
		kind = p.Settings[i].Kind
	}
	if kind == platform.SecretKind {
		place, name, _ := strings.Cut(value, ":")
		if name == "" || place != "env" && place != "keyring" {
			return nil, &core.Invalid{Field: key, Reason: "want env:NAME or keyring:NAME; the value itself would stand in the list of processes"}
		}
		return map[string]string{place: name}, nil
	}
	var v any
	if isText := kind == platform.TextKind || kind == platform.ChoiceKind || key == "name" || key == "profile"; isText || json.Unmarshal([]byte(value), &v) != nil {
		return value, nil
	}
	return v, nil
}

// contractFile reads the document of a contract: @FILE, in JSON or YAML.
func contractFile(value string) (any, error) {
	path, named := strings.CutPrefix(value, "@")
	if !named {
		return nil, &core.Invalid{Field: "contract", Reason: "want @FILE, a JSON Schema, an OpenAPI 3.1 document with webhooks or a catalogue of events; contract= takes it away"}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &core.Invalid{Field: "contract", Reason: err.Error()}
	}
	return contract.JSON(text)
}
