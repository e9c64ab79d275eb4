package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
)

type exportFlags struct {
	engine.Export
	out string
}

func (p *program) export() *cobra.Command {
	var f exportFlags
	var names []string
	for _, format := range exchange.Formats() {
		names = append(names, format.Name)
	}
	formats := strings.Join(names, ", ")
	cmd := &cobra.Command{
		Use:   "export --format FORMAT [FILTER]",
		Short: "Write captures in another tool's format, or the set-up as a workspace file",
		Long: "Write the newest captures that match the filter, oldest first, in another tool's format: " + formats + ".\n" +
			"go, pytest and jest are test files that sign anew with a secret from the environment. A workspace holds the sources,\n" +
			"the endpoints and your own schemes. Credentials in headers and addresses are masked unless --reveal is given, and\n" +
			"with --mask-bodies those in bodies; --sign-masked then signs anew, so that what is shared still verifies. What was masked is\n" +
			"said on standard error.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Filter = strings.Join(args, " ")
			return p.runExport(cmd, &f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.Format, "format", "", formats)
	fl.StringVarP(&f.out, "out", "o", "", "file to write (default: standard output)")
	fl.IntVar(&f.Limit, "limit", 100, "how many captures at the most")
	fl.BoolVar(&f.Reveal, "reveal", false, "do not mask credentials")
	fl.BoolVar(&f.Signatures, "mask-signatures", false, "mask signatures too")
	fl.BoolVar(&f.Bodies, "mask-bodies", false, "mask the credentials in bodies too: in JSON, forms and texts, by their names")
	fl.BoolVar(&f.Substitute, "sign-masked", false, "sign what was masked anew, with a key that everybody knows and the export names")
	fl.StringVar(&f.Scheme, "scheme", "", "go, pytest, jest: the scheme to sign with (default: the one each capture was checked with)")
	return cmd
}

func (p *program) runExport(cmd *cobra.Command, f *exportFlags) error {
	ctx := cmd.Context()
	if _, err := exchange.FindFormat(f.Format); err != nil {
		return flagged(err)
	}
	if f.Limit < 1 {
		return &core.Invalid{Field: "--limit", Reason: "want a number above 0"}
	}
	st, err := p.openRead(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	x, done := engine.NewExchange(st), engine.Exported{}
	far := progressLine(cmd.ErrOrStderr())
	told := func(done, total int) {
		if far != nil && total > exportTold && (done%exportTold == 0 || done == total) {
			far(float64(done) / float64(total))
		}
	}
	if f.out == "" || f.out == "-" { // as it is read: a history may be larger than the memory
		out := bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10)
		done, err = x.Export(ctx, out, f.Export, told)
		err = cmp.Or(err, out.Flush())
	} else {
		done, err = x.ExportFile(ctx, f.out, f.Export, told)
	}
	if err != nil {
		return flagged(err)
	}
	if done.More > 0 {
		putf(cmd.ErrOrStderr(), "the newest %d of %d captures; --limit %[2]d takes all\n", done.Captures, done.Captures+done.More)
	}
	for _, line := range done.Said {
		putln(cmd.ErrOrStderr(), line)
	}
	return nil
}

// exportTold is how many captures are written between two words of how far it is.
const exportTold = 500

// flagged names the flag or argument that a field of an export was given by.
func flagged(err error) error {
	var invalid *core.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	switch invalid.Field {
	case "format", "scheme":
		return &core.Invalid{Field: "--" + invalid.Field, Reason: invalid.Reason}
	case "file":
		return &core.Invalid{Field: "--out", Reason: invalid.Reason}
	case "filter":
		return &core.Invalid{Field: "FILTER", Reason: invalid.Reason}
	}
	return err
}

// applyWorkspace keeps a workspace. Secrets that stand in the file go to the keyring or, where the user agreed, to a file:
// this program ends here and would forget them.
func (p *program) applyWorkspace(ctx context.Context, w *exchange.Workspace, place string, out io.Writer) error {
	e, err := engine.Open(ctx, engine.Options{Home: p.folder(), Addr: "127.0.0.1:0", Keyring: system{}, Log: logger(false)})
	if err != nil {
		return err
	}
	defer e.Close()
	if err := e.Exchange.Keep(ctx, w, place); err != nil {
		return err
	}
	return p.tell(out, map[string]any{"event": "workspace", "sources": len(w.Sources), "endpoints": len(w.Endpoints), "environments": len(w.Environments), "applied": true},
		"kept "+counted(w))
}

// tell prints one thing that was done: an object for scripts, or a sentence.
func (p *program) tell(out io.Writer, v any, human string) error {
	if p.json {
		return printJSON(out, v)
	}
	return putText(out, human)
}

// counted says what a workspace holds.
func counted(w *exchange.Workspace) string {
	parts := []string{count(len(w.Sources), "source"), count(len(w.Endpoints), "endpoint")}
	if n := len(w.Schemes); n > 0 {
		parts = append(parts, count(n, "own scheme"))
	}
	if n := len(w.Environments); n > 0 {
		parts = append(parts, count(n, "environment"))
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
