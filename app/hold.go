package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
)

// holder changes captures that were kept: an own engine does, or the program that has the history open.
type holder interface {
	note(ctx context.Context, id core.CaptureID, text string) (string, error)
	pin(ctx context.Context, id core.CaptureID, on bool) error
	delete(ctx context.Context, query string) (engine.Deleted, error)
	search(ctx context.Context, on *bool) (engine.Searching, error)
}

// hold does something with captures, beside a program that runs on this home through it, so that its window shows it.
func (p *program) hold(ctx context.Context, do func(holder) error) error {
	st, err := store.Open(ctx, engine.HistoryPath(p.folder()))
	var locked *store.Locked
	if errors.As(err, &locked) {
		r, ok := findRunning(p.folder())
		if !ok {
			return err
		}
		return do(remote{r})
	}
	if err != nil {
		return err
	}
	return errors.Join(do(alone{engine.NewHistory(st)}), st.Close())
}

// alone is a history that no program runs on.
type alone struct{ h *engine.History }

func (a alone) note(ctx context.Context, id core.CaptureID, text string) (string, error) {
	return a.h.Note(ctx, id, text)
}

func (a alone) pin(ctx context.Context, id core.CaptureID, on bool) error {
	_, err := a.h.Pin(ctx, engine.One(id), on)
	return err
}

func (a alone) delete(ctx context.Context, query string) (d engine.Deleted, err error) {
	q, err := store.ParseQuery(query, time.Now())
	if err != nil {
		return d, err
	}
	return a.h.DeleteSaying(ctx, q)
}

func (r remote) note(ctx context.Context, id core.CaptureID, text string) (string, error) {
	var answer struct{ Note string }
	err := r.call(ctx, "PUT", fmt.Sprintf("/_/captures/%d/note", id), map[string]string{"note": text}, &answer)
	return answer.Note, err
}

func (r remote) pin(ctx context.Context, id core.CaptureID, on bool) error {
	return r.call(ctx, "PUT", fmt.Sprintf("/_/captures/%d/pin", id), map[string]bool{"pinned": on}, &struct{}{})
}

func (r remote) delete(ctx context.Context, query string) (d engine.Deleted, err error) {
	v := url.Values{"query": {query}}
	if query == "" {
		v = url.Values{"all": {"true"}}
	}
	err = r.call(ctx, "DELETE", "/_/captures?"+v.Encode(), nil, &d)
	return d, err
}

// captureID reads the number of a capture.
func captureID(text string) (core.CaptureID, error) {
	n, err := strconv.ParseInt(strings.TrimPrefix(text, "c"), 10, 64)
	if err != nil || n <= 0 {
		return 0, &core.Invalid{Field: "ID", Reason: fmt.Sprintf("%q is not the number of a capture; hookglass history lists them", text)}
	}
	return core.CaptureID(n), nil
}

func captureIDs(args []string) (ids []core.CaptureID, err error) {
	for _, a := range args {
		id, err := captureID(a)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// found reads the captures of a query, and refuses numbers that there are none of.
func (p *program) found(ctx context.Context, query string, ids []core.CaptureID) (rows []store.Row, pinned int, total int, err error) {
	st, err := p.openRead(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	defer st.Close()
	q, err := store.ParseQuery(query, time.Now())
	if err == nil {
		total, err = st.Count(ctx, q)
	}
	if err == nil {
		pinned, err = st.Count(ctx, q.And(store.Pinned()))
	}
	if err == nil {
		rows, err = st.Captures(ctx, q, 0, max(len(ids), mostListed))
	}
	for _, id := range ids {
		if err == nil && !slices.ContainsFunc(rows, func(r store.Row) bool { return r.ID == id }) {
			return nil, 0, 0, noCapture(int64(id))
		}
	}
	return rows, pinned, total, err
}

// there refuses numbers that there are no captures of.
func (p *program) there(ctx context.Context, ids ...core.CaptureID) error {
	_, _, _, err := p.found(ctx, byNumber(ids), ids)
	return err
}

// byNumber is the filter that finds captures by their numbers.
func byNumber(ids []core.CaptureID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = fmt.Sprint(id)
	}
	return "id:" + strings.Join(words, ",")
}

// mostListed bounds how many captures are shown before they are deleted.
const mostListed = 10

func (p *program) delete() *cobra.Command {
	var yes, all bool
	cmd := &cobra.Command{
		Use:   "delete QUERY|ID...",
		Short: "Delete captures for good: by number, or all that match a filter",
		Long: "Delete captures for good. Pinned ones stay: hookglass pin --remove lets go of them. What is about to be deleted is shown\n" +
			"and asked about; where nobody can be asked, --yes is wanted. A window that is open on this home shows it at once.",
		Example: "  hookglass delete 7 8 12\n  hookglass delete source:stripe sig:mismatch --yes\n  hookglass delete -- -source:stripe since:1h",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runDelete(cmd, args, yes, all)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&all, "all", false, "all captures, but for pinned ones")
	p.jsonFlag(cmd)
	return cmd
}

// isIDs reports whether all arguments are numbers of captures.
func isIDs(args []string) bool {
	return !slices.ContainsFunc(args, func(a string) bool { _, err := captureID(a); return err != nil })
}

func (p *program) runDelete(cmd *cobra.Command, args []string, yes, all bool) error {
	ctx, query := cmd.Context(), strings.Join(args, " ")
	var ids []core.CaptureID
	switch {
	case len(args) == 0 && !all:
		return &core.Invalid{Field: "QUERY", Reason: "is missing; name captures by number or filter, or --all"}
	case len(args) > 0 && all:
		return &core.Invalid{Field: "--all", Reason: "does not go with a filter or numbers; leave one of them out"}
	case len(args) > 0 && isIDs(args):
		ids, _ = captureIDs(args)
		query = byNumber(ids)
	}
	rows, pinned, total, err := p.found(ctx, query, ids)
	if err != nil {
		return err
	}
	if len(ids) > 0 && pinned > 0 {
		i := slices.IndexFunc(rows, func(r store.Row) bool { return r.Pinned })
		return &core.Invalid{Field: "ID", Reason: fmt.Sprintf("capture %d is pinned; hookglass pin --remove %[1]d lets go of it", rows[i].ID)}
	}
	if n := total - pinned; n > 0 && !yes {
		if err := p.confirm(cmd, rows, n); err != nil {
			return err
		}
	}
	return p.hold(ctx, func(h holder) error {
		var d engine.Deleted
		if total > pinned { // what arrives from now on was not asked about
			if d, err = h.delete(ctx, bounded(query, rows)); err != nil {
				return err
			}
		}
		d.Pinned = pinned
		return p.tell(cmd.OutOrStdout(), struct {
			Event string `json:"event"`
			engine.Deleted
		}{"deleted", d}, deletedText(d))
	})
}

// bounded is a query for what is there now.
func bounded(query string, newestFirst []store.Row) string {
	return strings.TrimSpace(fmt.Sprintf("%s id:0-%d", query, newestFirst[0].ID))
}

func deletedText(d engine.Deleted) string {
	text := "deleted " + count(int(d.Deleted), "capture")
	if d.Pinned > 0 {
		text += fmt.Sprintf("; %s kept, hookglass pin --remove lets go of them", count(d.Pinned, "pinned one"))
	}
	return text
}

// confirm shows what is about to be deleted and asks. Where nobody can answer, it refuses.
func (p *program) confirm(cmd *cobra.Command, rows []store.Row, n int) error {
	in, isFile := cmd.InOrStdin().(*os.File)
	info, err := os.Stdin.Stat()
	if !isFile || err != nil || info.Mode()&os.ModeCharDevice == 0 || p.json {
		return &core.Invalid{Field: "--yes", Reason: fmt.Sprintf("is missing: it would delete %s, and nobody can be asked; hookglass history lists them", count(n, "capture"))}
	}
	out := cmd.ErrOrStderr()
	for _, r := range rows[:min(len(rows), mostListed)] {
		putln(out, captureText(r))
	}
	if n > mostListed {
		putf(out, "and %d more\n", n-mostListed)
	}
	return ask(out, in, fmt.Sprintf("Delete %s? [y/N] ", count(n, "capture")))
}

func ask(out io.Writer, in io.Reader, question string) error {
	putf(out, "%s", question)
	answer, _ := bufio.NewReader(in).ReadString('\n')
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
		return errors.New("nothing was deleted")
	}
	return nil
}

func (p *program) note() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "note ID TEXT",
		Short:   "Put a note on a capture; an empty text takes it away",
		Long:    "Put a note on a capture. It stands in the window and in show, and note:WORD and is:noted find it.",
		Example: "  hookglass note 7 \"the customer called about this one\"\n  hookglass note 7 \"\"",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := captureID(args[0])
			if err != nil {
				return err
			}
			if err := p.there(cmd.Context(), id); err != nil {
				return err
			}
			return p.hold(cmd.Context(), func(h holder) error {
				note, err := h.note(cmd.Context(), id, args[1])
				if err != nil {
					return err
				}
				said := fmt.Sprintf("noted on capture %d: %s", id, note)
				if note == "" {
					said = fmt.Sprintf("capture %d has no note any more", id)
				}
				return p.tell(cmd.OutOrStdout(), map[string]any{"event": "noted", "id": id, "note": note}, said)
			})
		},
	}
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) pin() *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:     "pin ID...",
		Short:   "Keep captures from being deleted and trimmed, or with --remove let go of them",
		Long:    "Keep captures from being deleted, and from being trimmed when the history grows over its bound. is:pinned finds them.",
		Example: "  hookglass pin 7 8\n  hookglass pin --remove 7",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			ids, err := captureIDs(args)
			if err == nil {
				err = p.there(ctx, ids...)
			}
			if err != nil {
				return err
			}
			return p.hold(ctx, func(h holder) error {
				for _, id := range ids {
					if err := h.pin(ctx, id, !remove); err != nil {
						return err
					}
					said := map[bool]string{false: "pinned capture %d", true: "let go of capture %d"}[remove]
					if err := p.tell(cmd.OutOrStdout(), map[string]any{"event": "pinned", "id": id, "pinned": !remove}, fmt.Sprintf(said, id)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "let go of them")
	p.jsonFlag(cmd)
	return cmd
}
