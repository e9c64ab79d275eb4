package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/compare"
	"hookglass/core/exchange"
	"hookglass/core/store"
)

func (p *program) diff() *cobra.Command {
	var ignore []string
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Say in what two captures differ; exit 1 where they do",
		Long: "Say in what two captures differ: method, target, header fields, and the body by the values of its JSON. A and B are numbers\n" +
			"of captures, or files: one that holds a capture as export writes it, or any other as a body. The order of fields and of members\n" +
			"does not count, nor how JSON is written. --ignore takes the name of a member at any depth (created), a path (data.*.id), a field\n" +
			"(header:Date), method or target.",
		Example: "  hookglass diff 7 8 --ignore created,data.object.id,header:X-Signature\n  hookglass diff 7 expected.json",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := p.side(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			b, err := p.side(cmd.Context(), args[1])
			if err != nil {
				return err
			}
			var all []compare.Difference
			if a.body || b.body {
				all = compare.Bodies(a.request.Body, b.request.Body, ignore)
			} else {
				all = compare.Requests(&a.request, &b.request, ignore)
			}
			return p.printDifferences(cmd.OutOrStdout(), all)
		},
	}
	cmd.Flags().StringSliceVar(&ignore, "ignore", nil, "what does not count, separated by commas")
	p.jsonFlag(cmd)
	return cmd
}

// compared is one side of a comparison.
type compared struct {
	request core.Request
	body    bool // a body alone
}

// side reads a capture of the history, or a file.
func (p *program) side(ctx context.Context, arg string) (compared, error) {
	if id, err := captureID(arg); err == nil {
		st, err := p.openRead(ctx)
		if err != nil {
			return compared{}, err
		}
		defer st.Close()
		return captureSide(ctx, st, id)
	}
	data, err := os.ReadFile(arg)
	if err != nil {
		return compared{}, &core.Invalid{Field: arg, Reason: "is neither the number of a capture nor a file that can be read: " + err.Error()}
	}
	f, err := exchange.Read(data)
	switch n := len(f.Captures); {
	case err != nil || n == 0:
		return compared{core.Request{Body: data}, true}, nil
	case n > 1:
		return compared{}, &core.Invalid{Field: arg, Reason: fmt.Sprintf("holds %d captures; name a file with one", n)}
	}
	return compared{request: f.Captures[0].Request}, nil
}

func captureSide(ctx context.Context, st *store.Store, id core.CaptureID) (compared, error) {
	c, err := st.Capture(ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		err = noCapture(int64(id))
	}
	return compared{request: c.Request}, err
}

// printDifferences ends with 1 where there are any.
func (p *program) printDifferences(out io.Writer, all []compare.Difference) error {
	for _, d := range all {
		if err := p.tell(out, d, differenceText(d)); err != nil {
			return err
		}
	}
	if len(all) > 0 {
		return errNotHeld
	}
	if !p.json {
		putln(out, "no difference")
	}
	return nil
}

// differenceText is a difference in lines. What is shown is JSON, so that nothing in it acts on a terminal.
func differenceText(d compare.Difference) string {
	where := d.Part
	if d.Path != "" {
		where += " " + cut(fmt.Sprintf("%q", d.Path), 200)
	}
	if d.Note != "" {
		return where + ": " + d.Note
	}
	side := func(sign string, v json.RawMessage) string {
		if v == nil {
			return ""
		}
		return "\n  " + sign + " " + cut(string(v), 2000)
	}
	return where + side("-", d.A) + side("+", d.B)
}
