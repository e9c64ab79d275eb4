package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

type exportFlags struct {
	format, out string
	limit       int
	opt         exchange.Options
}

func (p *program) export() *cobra.Command {
	var f exportFlags
	formats := strings.Join(append(exchange.Formats(), "workspace"), ", ")
	cmd := &cobra.Command{
		Use:   "export --format FORMAT [FILTER]",
		Short: "Write captures in another tool's format, or the set-up as a workspace file",
		Long: "Write the newest captures that match the filter, oldest first, in another tool's format: " + formats + ".\n" +
			"go, pytest and jest are test files that sign anew with a secret from the environment. A workspace holds the sources,\n" +
			"the endpoints and your own schemes. Credentials are masked unless --reveal is given; what was masked is said on\n" +
			"standard error.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runExport(cmd, &f, strings.Join(args, " "))
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "", formats)
	fl.StringVarP(&f.out, "out", "o", "", "file to write (default: standard output)")
	fl.IntVar(&f.limit, "limit", 100, "how many captures at the most")
	fl.BoolVar(&f.opt.Reveal, "reveal", false, "do not mask credentials")
	fl.BoolVar(&f.opt.Signatures, "mask-signatures", false, "mask signatures too")
	fl.StringVar(&f.opt.Scheme, "scheme", "", "go, pytest, jest: the scheme to sign with (default: the one each capture was checked with)")
	return cmd
}

func (p *program) runExport(cmd *cobra.Command, f *exportFlags, filter string) error {
	ctx := cmd.Context()
	if f.format != "workspace" && !slices.Contains(exchange.Formats(), f.format) {
		return &core.Invalid{Field: "--format", Reason: "want " + strings.Join(exchange.Formats(), ", ") + " or workspace"}
	}
	if f.limit < 1 {
		return &core.Invalid{Field: "--limit", Reason: "want a number above 0"}
	}
	st, err := p.openRead(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	var data []byte
	var said []string
	if f.format == "workspace" {
		data, said, err = exportWorkspace(ctx, st, filter)
	} else {
		data, said, err = exportCaptures(ctx, st, f, filter, cmd.ErrOrStderr())
	}
	if err != nil {
		return err
	}
	for _, line := range said {
		fmt.Fprintln(cmd.ErrOrStderr(), line)
	}
	return writeOut(f.out, data, cmd.OutOrStdout())
}

func exportWorkspace(ctx context.Context, st *store.Store, filter string) (data []byte, said []string, err error) {
	if filter != "" {
		return nil, nil, &core.Invalid{Field: "FILTER", Reason: "chooses captures; a workspace has none"}
	}
	var w exchange.Workspace
	book, err := engine.ReadBook(ctx, st)
	if err != nil {
		return nil, nil, err
	}
	w.Schemes = book.Own()
	if w.Sources, err = st.Sources(ctx); err != nil {
		return nil, nil, err
	}
	if w.Endpoints, err = st.Endpoints(ctx); err != nil {
		return nil, nil, err
	}
	return exchange.WriteWorkspace(&w)
}

func exportCaptures(ctx context.Context, st *store.Store, f *exportFlags, filter string, note io.Writer) (data []byte, said []string, err error) {
	captures, more, err := readCaptures(ctx, st, filter, f.limit)
	if err != nil {
		return nil, nil, err
	}
	if more > 0 {
		fmt.Fprintf(note, "the newest %d of %d captures; --limit %d takes all\n", len(captures), len(captures)+more, len(captures)+more)
	}
	if f.opt.Book, err = engine.ReadBook(ctx, st); err != nil {
		return nil, nil, err
	}
	data, redacted, err := exchange.Export(f.format, captures, f.opt)
	var invalid *core.Invalid
	if errors.As(err, &invalid) {
		return nil, nil, &core.Invalid{Field: "--" + invalid.Field, Reason: invalid.Reason}
	}
	for _, what := range redacted {
		said = append(said, "masked: "+what)
	}
	return data, said, err
}

// readCaptures reads the newest that match, oldest first, and says how many more there are.
func readCaptures(ctx context.Context, st *store.Store, filter string, limit int) (captures []core.Capture, more int, err error) {
	q, err := store.ParseQuery(filter, time.Now())
	if err != nil {
		return nil, 0, err
	}
	ids, err := st.CaptureIDs(ctx, q, 0)
	if err != nil {
		return nil, 0, err
	}
	if len(ids) == 0 {
		return nil, 0, &core.Invalid{Field: "FILTER", Reason: "matches no capture; hookglass history lists them"}
	}
	more = max(0, len(ids)-limit)
	ids = ids[:len(ids)-more]
	slices.Reverse(ids)
	for _, id := range ids {
		c, err := st.Capture(ctx, id)
		if errors.Is(err, core.ErrNotFound) {
			continue // trimmed since
		}
		if err != nil {
			return nil, 0, err
		}
		captures = append(captures, c)
	}
	return captures, more, nil
}

// writeOut writes a file for this user only: with --reveal it holds credentials.
func writeOut(file string, data []byte, out io.Writer) error {
	if file == "" || file == "-" {
		_, err := out.Write(data)
		return err
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return &core.Invalid{Field: "--out", Reason: err.Error()}
	}
	return nil
}

func (p *program) importFile() *cobra.Command {
	var apply bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Add captures from a HAR log, JSON lines or curl commands to the history; read a workspace file",
		Long: "Add captures from a HAR log, from JSON lines as export and show --json print them, or from curl commands to the history.\n" +
			"FILE may be - for standard input. A workspace file is only checked, unless --apply is given: then its sources and\n" +
			"endpoints are kept.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runImport(cmd.Context(), args[0], apply, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&apply, "apply", false, "keep the sources and endpoints of a workspace file")
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) runImport(ctx context.Context, file string, apply bool, stdin io.Reader, out io.Writer) error {
	data, err := readIn(file, stdin)
	if err != nil {
		return err
	}
	if file == "-" {
		file = "standard input"
	}
	captures, w, err := exchange.Import(data)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", file, err)
	case w == nil && apply:
		return &core.Invalid{Field: "--apply", Reason: "goes with a workspace file; this one holds captures"}
	case w == nil:
		return p.keepCaptures(ctx, captures, file, out)
	case apply:
		return p.applyWorkspace(ctx, w, out)
	}
	return p.tell(out, map[string]any{"event": "workspace", "sources": len(w.Sources), "endpoints": len(w.Endpoints), "applied": false},
		fmt.Sprintf("%s is a workspace with %s and %s; nothing was changed.\nhookglass serve --workspace FILE uses it, hookglass import --apply FILE keeps it.",
			file, count(len(w.Sources), "source"), count(len(w.Endpoints), "endpoint")))
}

func readIn(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, &core.Invalid{Field: "FILE", Reason: err.Error()}
	}
	return data, nil
}

// keepCaptures adds captures to the history, each with a note that says where it is from.
func (p *program) keepCaptures(ctx context.Context, captures []core.Capture, file string, out io.Writer) error {
	if len(captures) == 0 {
		return &core.Invalid{Field: "FILE", Reason: "holds no capture"}
	}
	st, err := store.Open(ctx, engine.HistoryPath(p.folder()))
	if err != nil {
		return err
	}
	defer st.Close()
	ids := make([]core.CaptureID, len(captures))
	for i := range captures {
		c := &captures[i]
		note := "imported from " + filepath.Base(file)
		if c.Note != "imported" { // a note of its own
			note = c.Note + " (" + note + ")"
		}
		if c.At.IsZero() {
			c.At = time.Now()
		}
		if c.Name == "" {
			c.Name = "imported"
		}
		if err := st.AddCapture(c, nil); err != nil {
			return err
		}
		if err := st.SetNote(c.ID, note); err != nil {
			return err
		}
		ids[i] = c.ID
	}
	return p.tell(out, map[string]any{"event": "imported", "captures": ids}, fmt.Sprintf("imported %s: id:%d-%d", count(len(ids), "capture"), ids[0], ids[len(ids)-1]))
}

// applyWorkspace keeps a workspace. Secrets that stand in the file go to the keyring, since this program ends here and
// would forget them.
func (p *program) applyWorkspace(ctx context.Context, w *exchange.Workspace, out io.Writer) error {
	e, err := engine.Open(ctx, engine.Options{Home: p.folder(), Addr: "127.0.0.1:0", Keyring: system{}, Log: logger(false)})
	if err != nil {
		return err
	}
	defer e.Close()
	if err := keepPlain(e, w); err != nil {
		return err
	}
	if err := e.Apply(ctx, w); err != nil {
		return err
	}
	return p.tell(out, map[string]any{"event": "workspace", "sources": len(w.Sources), "endpoints": len(w.Endpoints), "applied": true},
		fmt.Sprintf("kept %s and %s", count(len(w.Sources), "source"), count(len(w.Endpoints), "endpoint")))
}

func keepPlain(e *engine.Engine, w *exchange.Workspace) error {
	kept := map[core.SecretRef]core.SecretRef{}
	for ref, s := range w.Plain {
		name := strings.TrimPrefix(string(ref), "run:")
		to, err := e.Vault.Put("keyring", name, s)
		if err != nil {
			return fmt.Errorf(`%w; write the secrets of the file as {"env":"NAME"}, or use hookglass serve --workspace`, err)
		}
		kept[ref] = to
	}
	for _, src := range w.Sources {
		for key, ref := range src.Secrets {
			if to, ok := kept[ref]; ok {
				src.Secrets[key] = to
			}
		}
	}
	for i := range w.Endpoints {
		if to, ok := kept[w.Endpoints[i].Target.Secret]; ok {
			w.Endpoints[i].Target.Secret = to
		}
	}
	w.Plain = nil
	return nil
}

// tell prints one thing that was done: an object for scripts, or a sentence.
func (p *program) tell(out io.Writer, v any, human string) error {
	if p.json {
		return printJSON(out, v)
	}
	_, err := fmt.Fprintln(out, human)
	return err
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
