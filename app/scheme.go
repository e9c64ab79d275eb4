package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
)

func (p *program) schemes() *cobra.Command {
	var f schemeFlags
	cmd := &cobra.Command{
		Use:   "schemes [NAME]",
		Short: "List the signature schemes, or say all that is known of one, with its source",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if len(args) == 1 {
				f.scheme = args[0]
				s, err := f.pick(cmd.Context(), p)
				if err != nil {
					return err
				}
				return p.printScheme(out, s)
			}
			book, err := f.book(cmd.Context(), p)
			if err != nil {
				return err
			}
			for _, s := range book.All() {
				if p.json {
					if err := printJSON(out, s); err != nil {
						return err
					}
					continue
				}
				putf(out, "%-24s %-44s %s\n", s.ID, cut(s.Provider, 44), s.Sig.From)
			}
			return nil
		},
	}
	f.addWorkspace(cmd)
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) printScheme(out io.Writer, s sign.Scheme) error {
	if p.json {
		return printJSON(out, s)
	}
	row := func(name, value string) {
		if value != "" {
			putf(out, "%-12s %s\n", name, value)
		}
	}
	putf(out, "%s (%s)\n", s.Provider, s.ID)
	row("signature", s.Sig.From)
	row("signs", s.Template)
	row("algorithm", s.Alg)
	row("encoding", s.Enc)
	row("key", s.Key)
	for _, name := range slices.Sorted(maps.Keys(s.Require)) {
		row("wants", "header "+name+" "+strings.TrimPrefix(s.Require[name], "?"))
	}
	if s.JWT != nil {
		row("token", strings.Join(s.JWT.Algs, ", "))
		for _, c := range s.JWT.Claims {
			row("claim", strings.TrimSuffix(c.Name+": "+c.Words(), ": "))
		}
	}
	row("notes", s.Quirks)
	row("secret at", s.Setup.Secret)
	row("address at", s.Setup.Address)
	row("as of", s.Setup.Source)
	row("source", s.Source)
	return nil
}

// schemeFlags name a signature scheme.
type schemeFlags struct {
	scheme    string
	workspace string // a file with schemes of the user's own
}

func (f *schemeFlags) addWorkspace(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.workspace, "workspace", "", "a workspace file with your own schemes (default: those of the history)")
}

// pick finds the scheme. A known one is found whatever state the history is in.
func (f *schemeFlags) pick(ctx context.Context, p *program) (sign.Scheme, error) {
	if f.scheme == "" {
		return sign.Scheme{}, &core.Invalid{Field: "--scheme", Reason: "is missing; hookglass schemes lists them"}
	}
	if s, ok := sign.Known().Find(f.scheme); ok && f.workspace == "" {
		return s, nil
	}
	book, err := f.book(ctx, p)
	if err != nil {
		return sign.Scheme{}, err
	}
	s, ok := book.Find(f.scheme)
	if !ok {
		return s, &core.Invalid{Field: "--scheme", Reason: fmt.Sprintf("there is no scheme %q%s; hookglass schemes lists them", f.scheme, nearest(book, f.scheme))}
	}
	return s, nil
}

// book is the schemes that exist: the user's own are those of the workspace file, else of the history where there is one.
func (f *schemeFlags) book(ctx context.Context, p *program) (sign.Book, error) {
	if f.workspace != "" {
		w, err := readWorkspace(f.workspace)
		if err != nil {
			return sign.Known(), err
		}
		return sign.NewBook(w.Schemes), nil
	}
	if _, err := os.Stat(engine.HistoryPath(p.folder())); errors.Is(err, fs.ErrNotExist) {
		return sign.Known(), nil
	}
	st, err := p.openRead(ctx)
	if err != nil {
		return sign.Known(), err
	}
	defer st.Close()
	return engine.ReadBook(ctx, st)
}

// nearest suggests schemes whose name holds, or begins like, what was typed.
func nearest(book sign.Book, typed string) string {
	var like []string
	for _, s := range book.All() {
		if strings.Contains(s.ID, typed) || len(typed) > 2 && strings.HasPrefix(s.ID, typed[:3]) {
			like = append(like, s.ID)
		}
	}
	if len(like) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(like[:min(4, len(like))], ", ")
}
