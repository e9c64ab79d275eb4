package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

func (p *program) openRead(ctx context.Context) (*store.Store, error) {
	return store.OpenRead(ctx, engine.HistoryPath(p.folder()))
}

func (p *program) history() *cobra.Command {
	var limit int
	var format string
	cmd := &cobra.Command{
		Use:   "history [FILTER]",
		Short: "List captures, newest first",
		Long:  "List captures, newest first. The filter is words that must all hold:\n\n" + filterHelp(),
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := store.ParseQuery(strings.Join(args, " "), time.Now())
			if err != nil {
				return err
			}
			if limit < 1 {
				return &core.Invalid{Field: "--limit", Reason: "want a number above 0"}
			}
			st, err := p.openRead(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			out := cmd.OutOrStdout()
			switch {
			case format == "csv" && p.json, format != "csv" && format != "":
				return &core.Invalid{Field: "--format", Reason: "want csv, or leave it out; --json prints JSON"}
			case format == "csv":
				return csvHistory(cmd.Context(), st, q, limit, out)
			}
			return p.printHistory(cmd.Context(), st, q, limit, out)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 50, "how many at the most")
	cmd.Flags().StringVar(&format, "format", "", "csv: a table for a spreadsheet")
	p.jsonFlag(cmd)
	return cmd
}

func (p *program) printHistory(ctx context.Context, st *store.Store, q store.Query, limit int, out io.Writer) error {
	return eachRow(ctx, st, q, limit, func(r store.Row) (err error) {
		if p.json {
			return printJSON(out, engine.LineOf(r))
		}
		_, err = putln(out, captureText(r))
		return err
	})
}

// csvHistory prints a table. What it has of a capture is what the format has.
func csvHistory(ctx context.Context, st *store.Store, q store.Query, limit int, out io.Writer) error {
	f, err := exchange.FindFormat("csv")
	if err != nil {
		return err
	}
	w, err := exchange.NewWriter(out, f, exchange.Options{Reveal: true})
	if err != nil {
		return err
	}
	err = eachRow(ctx, st, q, limit, func(r store.Row) error { return w.Add(engine.ListedCapture(r)) })
	_, failed := w.Close()
	return errors.Join(err, failed)
}

// eachRow goes through the newest captures that match.
func eachRow(ctx context.Context, st *store.Store, q store.Query, limit int, do func(store.Row) error) error {
	var before core.CaptureID
	for limit > 0 {
		rows, err := st.Captures(ctx, q, before, min(limit, 500))
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := do(r); err != nil {
				return err
			}
		}
		if len(rows) < min(limit, 500) {
			return nil
		}
		limit -= len(rows)
		before = rows[len(rows)-1].ID
	}
	return nil
}

func filterHelp() string {
	var b strings.Builder
	for _, k := range store.Keys() {
		putf(&b, "  %-28s %s\n", k.Example, k.Help)
	}
	return b.String()
}

func (p *program) show() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a capture (7 or c7), a delivery (d7) or a work item (its own id) whole",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			st, err := p.openRead(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			if as != "" {
				return showAs(cmd.Context(), st, args[0], as, cmd.OutOrStdout())
			}
			return p.showOne(cmd.Context(), st, args[0], cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "print code that sends a capture again instead: "+strings.Join(codeNames(), ", "))
	p.jsonFlag(cmd)
	return cmd
}

func codeNames() (names []string) {
	for _, c := range exchange.Codes() {
		names = append(names, c.Name)
	}
	return names
}

// showAs prints code that sends a capture again, credentials and all.
func showAs(ctx context.Context, st *store.Store, id, as string, out io.Writer) error {
	i := slices.Index(codeNames(), as)
	if i < 0 {
		return &core.Invalid{Field: "--as", Reason: "want " + strings.Join(codeNames(), ", ")}
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(id, "c"), 10, 64)
	if err != nil {
		return &core.Invalid{Field: "--as", Reason: "goes with a capture, and " + id + " is none; hookglass history lists them"}
	}
	c, err := st.Capture(ctx, core.CaptureID(n))
	if errors.Is(err, core.ErrNotFound) {
		return noCapture(n)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, strings.TrimSuffix(exchange.Codes()[i].Write(c.Request), "\n")+"\n")
	return err
}

func noCapture(id int64) error {
	return &core.Invalid{Field: "ID", Reason: fmt.Sprintf("there is no capture %d; hookglass history lists them", id)}
}

func (p *program) showOne(ctx context.Context, st *store.Store, id string, out io.Writer) error {
	kind := id[:min(1, len(id))]
	if n, err := strconv.ParseInt(strings.TrimLeft(id, "cd"), 10, 64); err == nil && strings.Trim(id, "cd0123456789") == "" {
		if kind == "d" {
			return p.showDelivery(ctx, st, core.DeliveryID(n), out)
		}
		return p.showCapture(ctx, st, core.CaptureID(n), out)
	}
	w, err := st.Work(ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		return &core.Invalid{Field: "ID", Reason: fmt.Sprintf("there is no capture, delivery or work item %q; hookglass history lists captures, a delivery is d and its number", id)}
	}
	if err != nil {
		return err
	}
	if p.json {
		return printJSON(out, engine.WorkOf(&w))
	}
	workText(out, &w)
	return nil
}

func (p *program) showCapture(ctx context.Context, st *store.Store, id core.CaptureID, out io.Writer) error {
	var said engine.CaptureJSON
	if r, ok := findRunning(p.folder()); ok {
		// It has the secrets, so it can ask the doctor first; where it does not answer, the history is shown as it is.
		_ = remote{r}.call(ctx, "GET", fmt.Sprintf("/_/captures/%d", id), nil, &said)
	}
	c, err := st.Capture(ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		return noCapture(int64(id))
	}
	if err != nil {
		return err
	}
	said.Verdict.Tell(c.Receipt.Verdict)
	whole := engine.CaptureOf(&c)
	if err := engine.NewShapes(st).Tell(ctx, &whole); err != nil {
		return err
	}
	if p.json {
		return printJSON(out, whole)
	}
	captureWhole(out, &c)
	differsText(out, &whole)
	return nil
}

func (p *program) showDelivery(ctx context.Context, st *store.Store, id core.DeliveryID, out io.Writer) error {
	d, err := engine.DeliveryWhole(ctx, st, id)
	if errors.Is(err, core.ErrNotFound) {
		return &core.Invalid{Field: "ID", Reason: fmt.Sprintf("there is no delivery %d", id)}
	}
	if err != nil {
		return err
	}
	if p.json {
		return printJSON(out, d)
	}
	putf(out, "delivery %d to %s\nevent %s  state %s  due %s\n", d.ID, d.URL, dash(d.Event), d.State, d.Due)
	if d.Reason != "" {
		putln(out, d.Reason)
	}
	for _, a := range d.Attempts {
		what := "no answer"
		if a.Failure != nil {
			what = *a.Failure + "  " + a.Detail
		} else if a.Response != nil {
			what = strconv.Itoa(a.Response.Status)
		}
		putf(out, "  attempt %d  %s  %.1f ms  %s\n", a.Number, a.Started, a.TookMS, what)
	}
	return nil
}
