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
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/shape"
	"hookglass/core/store"
)

func (p *program) shapes() *cobra.Command {
	var q engine.ShapeQuery
	var check bool
	var since time.Duration
	cmd := &cobra.Command{
		Use:   "shapes [EVENT]",
		Short: "What the bodies of each event look like, what changed, and types, schemas and code of it",
		Long: "What the JSON bodies of each event look like, learned of all captures: what is always there, what is sometimes there, of which types\n" +
			"and formats, and what changed since when. With --format, code of one event, or of all. " + engine.NoEvent + " stands for captures of which no event is known.\n" +
			"With --check, exit 1 where a capture differed from those before it.",
		Example: "  hookglass shapes\n  hookglass shapes invoice.paid\n  hookglass shapes invoice.paid --format ts > invoice.ts\n  hookglass shapes --source stripe --format openapi\n  hookglass shapes --check --since 24h",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				if q.Event = args[0]; q.Event == "" {
					q.Event = engine.NoEvent
				}
			}
			switch {
			case check && q.Format != "":
				return &core.Invalid{Field: "--check", Reason: "does not go with --format; leave one of them out"}
			case since != 0 && !check:
				return &core.Invalid{Field: "--since", Reason: "goes with --check"}
			case since < 0:
				return &core.Invalid{Field: "--since", Reason: "want a time ago like 24h"}
			case q.Format != "" && !slices.Contains(shape.ExportNames(), q.Format):
				return &core.Invalid{Field: "--format", Reason: "want " + core.OrList(shape.ExportNames())}
			}
			found, err := p.askShapes(cmd.Context(), q)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if check {
				return p.checkShapes(out, found, since)
			}
			return p.printShapes(out, q, found)
		},
	}
	cmd.Flags().StringVar(&q.Format, "format", "", "code instead: "+strings.Join(shape.ExportNames(), ", "))
	cmd.Flags().StringVar(&q.Source, "source", "", "only what came to the source of this name")
	cmd.Flags().BoolVar(&check, "check", false, "exit 1 where a capture differed from those before it, and say in what")
	cmd.Flags().DurationVar(&since, "since", 0, "with --check: only captures of so long ago, and later")
	p.jsonFlag(cmd)
	return cmd
}

// askShapes learns what has arrived by now and reads it: beside a program that runs on this home, it does.
func (p *program) askShapes(ctx context.Context, q engine.ShapeQuery) (found []engine.ShapeJSON, err error) {
	st, err := store.Open(ctx, engine.HistoryPath(p.folder()))
	var locked *store.Locked
	if errors.As(err, &locked) {
		r, ok := findRunning(p.folder())
		if !ok {
			return nil, err
		}
		err = remote{r}.call(ctx, "GET", "/_/shapes?"+url.Values{"event": {q.Event}, "source": {q.Source}, "format": {q.Format}}.Encode(), nil, &found)
		return found, err
	}
	var closed *store.Unwritable
	if errors.As(err, &closed) {
		if st, err = p.openRead(ctx); err != nil {
			return nil, err
		}
		defer st.Close()
		return engine.NewShapes(st).Read(ctx, q)
	}
	if err != nil {
		return nil, err
	}
	found, err = engine.NewShapes(st).Ask(ctx, q)
	return found, errors.Join(err, st.Close())
}

func (p *program) printShapes(out io.Writer, q engine.ShapeQuery, found []engine.ShapeJSON) error {
	switch {
	case q.Format != "" && !p.json:
		for _, s := range found {
			if _, err := io.WriteString(out, s.Code); err != nil {
				return err
			}
		}
		return nil
	case p.json:
		for _, s := range found {
			if err := printJSON(out, s); err != nil {
				return err
			}
		}
		return nil
	case q.Event != "":
		for _, s := range found {
			shapeText(out, s)
		}
		return nil
	case len(found) == 0:
		putln(out, "no JSON has arrived yet; hookglass sources lists where to send some")
		return nil
	}
	for _, s := range found {
		changes := ""
		if s.Changes > 0 {
			changes = "  " + count(s.Changes, "change")
		}
		putf(out, "%-24s %-32s %8d  %s%s\n", s.Source, engine.EventName(s.Event), s.Count, localTime(s.Last), changes)
	}
	return nil
}

func localTime(stamp string) string {
	t, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return stamp
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// shapeText prints a shape as a tree with how often each member is there.
func shapeText(out io.Writer, s engine.ShapeJSON) {
	putf(out, "%s of %s, learned from %s\n\n", engine.EventName(s.Event), s.Source, count(int(s.Count), "capture"))
	for _, n := range s.Paths {
		if n.Path == "" {
			continue
		}
		kinds := slices.Sorted(maps.Keys(n.Types))
		about := strings.Join(kinds, " | ")
		if n.Format != "" {
			about += " (" + n.Format + ")"
		}
		switch {
		case n.Masked:
			about += "  masked"
		case len(n.Values) > 0:
			about += "  " + strings.Join(n.Values, ", ")
		case n.Min != nil:
			about += fmt.Sprintf("  %s to %s", core.Plain(*n.Min), core.Plain(*n.Max))
		case len(n.Examples) > 0:
			about += "  like " + n.Examples[0]
		}
		putf(out, "%s %5s  %-40s %s\n", presenceBar(n.Presence), presenceText(n.Presence), n.Path, about)
	}
	if s.Cut {
		putln(out, "there are more members than are learned: the deepest are left out")
	}
	if len(s.Drift) == 0 {
		return
	}
	putln(out)
	putln(out, "changed, the newest first")
	for _, d := range s.Drift {
		putf(out, "  since %s, capture %d: %s\n", localTime(d.At), d.Capture, d.Says)
	}
}

// presenceBar is a share of ten.
func presenceBar(share float64) string {
	n := int(share*10 + 0.5)
	if share > 0 {
		n = max(n, 1)
	}
	if share < 1 {
		n = min(n, 9)
	}
	return strings.Repeat("█", n) + strings.Repeat("·", 10-n)
}

// presenceText is a share in figures: what is not quite always there does not become 100 %.
func presenceText(share float64) string {
	switch n := int(share*100 + 0.5); {
	case share >= 1:
		return "100%"
	case n >= 100:
		return "99%"
	case n == 0 && share > 0:
		return "<1%"
	default:
		return fmt.Sprintf("%d%%", n)
	}
}

// checkShapes says in what captures differed from those before them.
func (p *program) checkShapes(out io.Writer, found []engine.ShapeJSON, since time.Duration) error {
	n := 0
	for _, s := range found {
		for _, d := range slices.Backward(s.Drift) {
			if at, err := time.Parse(time.RFC3339Nano, d.At); since > 0 && err == nil && time.Since(at) > since {
				continue
			}
			n++
			if err := p.tell(out, struct {
				Event  string `json:"event"`
				Source string `json:"source"`
				Of     string `json:"of"`
				engine.DriftJSON
			}{"drift", s.Source, s.Event, d}, textf("%s %s, capture %d: %s", s.Source, engine.EventName(s.Event), d.Capture, d.Says)); err != nil {
				return err
			}
		}
	}
	if n > 0 {
		return errNotHeld
	}
	if !p.json {
		putf(out, "%s, and none changed\n", count(len(found), "event"))
	}
	return nil
}

func (p *program) sample() *cobra.Command {
	var source, kind string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "sample EVENT",
		Short: "A body of an event, from what arrived: the one in the middle, the smallest, the fullest, or one made up",
		Long: "Print a body of an event, from what arrived: median is the one in the middle of the newest, minimal and full have the fewest and the most\n" +
			"values, synthetic is made up by what all of them have in common, the same for the same seed. Send it with hookglass send --body-file -.",
		Example: "  hookglass sample invoice.paid --kind full\n  hookglass sample invoice.paid --kind synthetic --seed 7 | hookglass send URL --scheme stripe --secret-env S --body-file -",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(engine.SampleKinds, kind) {
				return &core.Invalid{Field: "--kind", Reason: "want " + core.OrList(engine.SampleKinds)}
			}
			if _, err := p.askShapes(cmd.Context(), engine.ShapeQuery{Event: args[0], Source: source}); err != nil {
				return err
			}
			st, err := p.openRead(cmd.Context())
			if err != nil {
				return err
			}
			defer st.Close()
			s := engine.NewShapes(st)
			e, err := s.Find(cmd.Context(), source, args[0])
			if err != nil {
				return err
			}
			got, err := s.Sample(cmd.Context(), e, kind, seed)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if p.json {
				return printJSON(out, map[string]any{"event": got.Event, "source": got.Name, "kind": kind, "capture": got.Capture, "content_type": got.Request.Header.Get("Content-Type"), "body_b64": got.Request.Body})
			}
			_, err = out.Write(got.Request.Body)
			return err
		},
	}
	cmd.Flags().StringVar(&source, "source", "", "the name of the source that it came to")
	cmd.Flags().StringVar(&kind, "kind", "median", strings.Join(engine.SampleKinds, ", "))
	cmd.Flags().Uint64Var(&seed, "seed", 1, "for synthetic: the same makes the same body")
	p.jsonFlag(cmd)
	return cmd
}
