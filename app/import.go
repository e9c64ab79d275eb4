package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

// importFlags are what import takes.
type importFlags struct {
	format, secrets string
	apply, dryRun   bool
}

func (p *program) importFile() *cobra.Command {
	var f importFlags
	var names, titles []string
	for _, k := range exchange.Readable() {
		names, titles = append(names, k.Name), append(titles, k.Title)
	}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Add captures from a file of another tool to the history; read a workspace file",
		Long: "Add the requests of a file to the history: " + strings.Join(titles[:len(titles)-1], ", ") + "\nor " + titles[len(titles)-1] + ". What it is is found by its content. FILE may be - for standard input.\n" +
			"What cannot be read is named and left out, with exit status 1; the rest is taken. --dry-run says what is in the file and\n" +
			"takes nothing. Nothing of a file is run, and no other file is read. A workspace file is only checked, unless --apply is\n" +
			"given: then its sources, endpoints and schemes are kept. Secrets that stand in it as text go to the system's keyring;\n" +
			"where there is none, --secrets file agrees to a file that only you can read.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runImport(cmd, args[0], &f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "", "what the file is, where its content does not say: "+strings.Join(names, ", "))
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what is in the file, and take nothing")
	fl.BoolVar(&f.apply, "apply", false, "keep the sources, endpoints and schemes of a workspace file")
	fl.StringVar(&f.secrets, "secrets", "keyring", "with --apply, where the secrets go that stand in the file: keyring, or file for one that only you can read")
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) runImport(cmd *cobra.Command, file string, f *importFlags) error {
	if f.secrets != "keyring" && f.secrets != "file" {
		return &core.Invalid{Field: "--secrets", Reason: "want keyring or file"}
	}
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	from, err := openIn(file, cmd.InOrStdin())
	if err != nil {
		return err
	}
	defer from.Close()
	if file == "-" {
		file = "standard input"
	}
	data, err := io.ReadAll(io.LimitReader(from, engine.LargeFile))
	if err == nil && len(data) == engine.LargeFile && !f.apply && exchange.Streams(data, f.format) {
		return p.takeLarge(cmd, io.MultiReader(bytes.NewReader(data), from), file, f)
	}
	if rest, more := io.ReadAll(from); err == nil {
		data, err = append(data, rest...), more
	}
	if err != nil {
		return &core.Invalid{Field: "FILE", Reason: err.Error()}
	}
	in, err := exchange.ReadAs(f.format, data)
	w := in.Workspace
	if invalid, ok := errors.AsType[*core.Invalid](err); ok && invalid.Field == "format" {
		return &core.Invalid{Field: "--format", Reason: invalid.Reason}
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", file, err)
	case w == nil && f.apply:
		return &core.Invalid{Field: "--apply", Reason: "goes with a workspace file; this one holds captures"}
	case w == nil:
		return p.takeCaptures(cmd, &in, file, f.dryRun)
	case f.apply && !f.dryRun:
		return p.applyWorkspace(ctx, w, f.secrets, out)
	}
	return p.tell(out, map[string]any{"event": "workspace", "sources": len(w.Sources), "endpoints": len(w.Endpoints), "environments": len(w.Environments), "applied": false},
		textf("%s is a workspace with %s; nothing was changed.\nhookglass serve --workspace FILE uses it, hookglass import --apply FILE keeps it.", file, counted(w)))
}

func openIn(file string, stdin io.Reader) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(stdin), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, &core.Invalid{Field: "FILE", Reason: err.Error()}
	}
	return f, nil
}

// takeLarge adds the captures of a file to the history as it reads them.
func (p *program) takeLarge(cmd *cobra.Command, from io.Reader, file string, f *importFlags) error {
	ctx := cmd.Context()
	if f.dryRun {
		in, more, err := engine.Preview(ctx, from, f.format)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		return p.saidOf(cmd, &in, file, map[string]any{"event": "preview", "format": in.Format, "captures": previews(in.Captures), "more": more}, previewText(&in, more))
	}
	st, err := store.Open(ctx, engine.HistoryPath(p.folder()))
	if err != nil {
		return err
	}
	defer st.Close()
	var told func(int)
	over := terminal(cmd.ErrOrStderr())
	if over != nil {
		told = func(done int) { putf(over, "\r%d captures", done) }
	}
	in, ids, err := engine.NewExchange(st).TakeFrom(ctx, filepath.Base(file), from, f.format, told)
	if over != nil {
		putf(over, "\r%30s\r", "")
	}
	if err != nil {
		return err
	}
	if len(ids) == 0 && len(in.Unread) == 0 {
		return &core.Invalid{Field: "FILE", Reason: "holds no capture"}
	}
	if len(ids) == 0 {
		return p.saidOf(cmd, &in, file, map[string]any{"event": "imported", "captures": []core.CaptureID{}}, "imported nothing")
	}
	in.Captures = make([]core.Capture, 1) // some were taken
	return p.saidOf(cmd, &in, file, map[string]any{"event": "imported", "captures": ids},
		fmt.Sprintf("imported %s: id:%d-%d", count(len(ids), "capture"), ids[0], ids[len(ids)-1]))
}

// takeCaptures adds what could be read to the history, and says what could not.
func (p *program) takeCaptures(cmd *cobra.Command, in *exchange.File, file string, dryRun bool) error {
	if len(in.Captures)+len(in.Unread) == 0 {
		return &core.Invalid{Field: "FILE", Reason: "holds no capture"}
	}
	done := map[string]any{"event": "imported", "captures": []core.CaptureID{}}
	said := "imported nothing"
	switch {
	case dryRun:
		done["event"], done["format"], done["captures"] = "preview", in.Format, previews(in.Captures)
		said = previewText(in, 0)
	case len(in.Captures) > 0:
		ids, err := p.keepCaptures(cmd.Context(), in.Captures, file)
		if err != nil {
			return err
		}
		done["captures"] = ids
		said = fmt.Sprintf("imported %s: id:%d-%d", count(len(ids), "capture"), ids[0], ids[len(ids)-1])
	}
	return p.saidOf(cmd, in, file, done, said)
}

// saidOf prints what was done with a file, and what could not be read of it.
func (p *program) saidOf(cmd *cobra.Command, in *exchange.File, file string, done map[string]any, said string) error {
	if len(in.Marks) > 0 {
		done["marked"] = marksJSON(in.Marks)
	}
	if len(in.Unread) > 0 {
		done["unread"] = unreadJSON(in.Unread)
	}
	if len(in.Captures) > 0 || p.json {
		if err := p.tell(cmd.OutOrStdout(), done, said); err != nil {
			return err
		}
	}
	if !p.json {
		marksText(cmd.ErrOrStderr(), in.Marks)
	}
	return p.leftOut(cmd.ErrOrStderr(), in, file)
}

// leftOut names what could not be read. A file of which nothing can be read is a broken one.
func (p *program) leftOut(out io.Writer, in *exchange.File, file string) error {
	switch n := len(in.Unread); {
	case n == 0:
		return nil
	case len(in.Captures) == 0 && n == 1:
		return fmt.Errorf("%s: %w", file, in.Unread[0].Why)
	case p.json:
	default:
		putf(out, "%s could not be read:\n", entryCount(n))
		for _, u := range in.Unread {
			putf(out, "  %s: %s\n", u.Place, u.Why)
		}
	}
	if len(in.Captures) == 0 {
		return &core.Invalid{Field: "FILE", Reason: fmt.Sprintf("none of its %s can be read; the first: %v", entryCount(len(in.Unread)), in.Unread[0].Why)}
	}
	return errNotHeld
}

func entryCount(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// keepCaptures adds captures to the history, each with a note that says where it is from.
func (p *program) keepCaptures(ctx context.Context, captures []core.Capture, file string) ([]core.CaptureID, error) {
	st, err := store.Open(ctx, engine.HistoryPath(p.folder()))
	if err != nil {
		return nil, err
	}
	defer st.Close()
	return engine.NewExchange(st).Take(ctx, filepath.Base(file), captures, nil)
}

// unreadEntry is an entry that is left out, for scripts.
type unreadEntry struct {
	Index  int    `json:"index"`
	Where  string `json:"where"`
	Field  string `json:"field"`
	Reason string `json:"reason"`
	Next   string `json:"next,omitempty"`
}

func unreadJSON(all []exchange.Unread) (out []unreadEntry) {
	for _, u := range all {
		out = append(out, unreadEntry{u.Index, u.Place, u.Why.Field, u.Reason(), u.Next})
	}
	return out
}

// markedEntry is an entry that is not to the byte what was sent, for scripts.
type markedEntry struct {
	Index int    `json:"index"`
	Where string `json:"where"`
	Says  string `json:"says"`
}

func marksJSON(all []exchange.Mark) (out []markedEntry) {
	for _, m := range all {
		out = append(out, markedEntry{m.Index, m.Place, m.Says})
	}
	return out
}

// marksText says each thing once, with the entries that it is true of.
func marksText(out io.Writer, all []exchange.Mark) {
	places, order := map[string][]string{}, []string{}
	for _, m := range all {
		if places[m.Says] == nil {
			order = append(order, m.Says)
		}
		places[m.Says] = append(places[m.Says], m.Place)
	}
	for _, says := range order {
		where := places[says]
		line := strings.Join(where[:min(len(where), 3)], ", ")
		if n := len(where) - 3; n > 0 {
			line += fmt.Sprintf(" and %d more", n)
		}
		putf(out, "%s: %s\n", line, says)
	}
}

// preview is a capture that would be taken.
type preview struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Event  string `json:"event,omitempty"`
	Size   int64  `json:"size"`
	Status int    `json:"status,omitempty"`
	Note   string `json:"note,omitempty"`
}

func previews(all []core.Capture) []preview {
	out := make([]preview, len(all))
	for i := range all {
		c := &all[i]
		out[i] = preview{c.Request.Method, c.Request.URL(), c.Event.Type, c.Request.Size, c.Response.Status, c.Note}
		if c.Note == "imported" { // what each of them is
			out[i].Note = ""
		}
	}
	return out
}

func previewText(in *exchange.File, more int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s; nothing was changed:", count(len(in.Captures)+more, "capture"), in.Format)
	for _, c := range previews(in.Captures) {
		fmt.Fprintf(&b, "\n  %-6s %s  %d bytes", core.Visible(c.Method), core.Visible(c.URL), c.Size)
		if c.Event != "" {
			b.WriteString("  " + core.Visible(c.Event))
		}
	}
	if more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String()
}
