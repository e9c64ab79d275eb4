package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/sign"
)

// captureWhole prints a capture for people: what came, what was checked, what was answered.
func captureWhole(out io.Writer, c *core.Capture) {
	r := &c.Request
	putf(out, "capture %d  %s  from %s", c.ID, c.At.Local().Format("2006-01-02 15:04:05.000"), r.Remote)
	if c.Via != "" {
		putf(out, " through %s", c.Via)
	}
	putf(out, "\nsource %s  event %s  took %v\n\n", dash(c.Name), dash(c.Event.Type), c.Took.Round(time.Microsecond))
	putf(out, "%s %s %s\n", r.Method, r.Target, r.Proto)
	for _, f := range r.Header {
		putf(out, "%s: %s\n", f.Name, f.Value)
	}
	putln(out)
	bodyText(out, r.Body, r.Size, r.Truncated)
	putf(out, "\nreceipt: %s", c.Receipt.Outcome)
	if c.Receipt.Reason != "" {
		putf(out, ", %s", c.Receipt.Reason)
	}
	putln(out)
	for _, k := range c.Receipt.Checks {
		mark := "✗"
		if k.OK {
			mark = "✓"
		}
		putf(out, "  %s %s: %s\n", mark, k.Name, k.Said())
	}
	for _, f := range c.Receipt.Faults {
		putf(out, "  fault on purpose: %s\n", f)
	}
	if c.Receipt.Verdict != nil {
		verdictText(out, c.Receipt.Verdict, false)
	}
	putf(out, "\nanswered %d\n", c.Response.Status)
	for _, f := range c.Response.Header {
		putf(out, "%s: %s\n", f.Name, f.Value)
	}
	putln(out)
	bodyText(out, c.Response.Body, c.Response.Size, c.Response.Truncated)
	for _, w := range c.Work {
		putln(out, "work", w)
	}
	for _, d := range c.Deliveries {
		putf(out, "delivery d%d\n", d)
	}
}

// differsText says in what a capture is not like those before it, and where it breaks its source's contract.
func differsText(out io.Writer, c *engine.CaptureJSON) {
	if len(c.Violations) > 0 {
		putf(out, "\nbreaks the contract of %s\n", dash(c.Source))
	}
	for _, v := range c.Violations {
		putf(out, "  ✗ %s: %s\n", v.Path, v.Reason)
	}
	if len(c.Drift) > 0 {
		putf(out, "\nnot like the bodies before it\n")
	}
	for _, d := range c.Drift {
		putf(out, "  %s\n", d.Says)
	}
}

func bodyText(out io.Writer, body []byte, size int64, truncated bool) {
	switch {
	case len(body) == 0:
		putln(out, "(no body)")
	case utf8.Valid(body) && len(body) <= 16<<10:
		putText(out, string(body))
	default:
		putf(out, "(%d bytes; show --json has all of them as body_b64)\n", len(body))
	}
	if truncated {
		putf(out, "(cut: %d of %d bytes are kept)\n", len(body), size)
	}
}

// verdictText prints the picture of a signature check in words.
func verdictText(out io.Writer, v *core.Verdict, showWanted bool) {
	putf(out, "\nsignature: %s (%s)\n", v.State.Words(), v.Scheme)
	row := func(name, value string) {
		if value != "" {
			putf(out, "  %-10s %s\n", name, value)
		}
	}
	row("where", v.Where)
	row("algorithm", strings.TrimSpace(v.Algorithm+" "+v.Encoding))
	row("key", v.Key)
	wanted := engine.VerdictOf(v, showWanted).Wanted
	row("wanted", wanted)
	row("got", v.Got)
	if !v.Timestamp.IsZero() {
		row("timestamp", fmt.Sprintf("%s, %s", v.Timestamp.UTC().Format(time.RFC3339), age(v.Age)))
	}
	row("covers", v.Covers)
	for _, p := range v.Parts {
		if p.Name == "secret" && !showWanted {
			p.Bytes = []byte(core.Masked)
		}
		row("signed", fmt.Sprintf("%-10s %s", p.Name, cut(fmt.Sprintf("%q", p.Bytes), 100)))
	}
	for _, n := range v.Notes {
		row("note", n)
	}
	for _, f := range v.Findings {
		putf(out, "\n  %s (%s)\n  %s\n", sign.Headline(f.Cause), f.Proof, f.Detail)
		if who := f.Acts.Words(); who != "" {
			putf(out, "  about: %s; can be mended by: %s\n", aboutWords(f.About), who)
		}
		putf(out, "  fix: %s\n", f.Fix)
		if len(f.Alternatives) > 0 {
			putf(out, "  the same bytes: %s\n", alternatives(f))
		}
	}
	if v.Tried > 0 {
		putf(out, "\n  %d combinations tried\n", v.Tried)
	}
}

// aboutWords say whose bytes a finding explains.
func aboutWords(a core.About) string {
	if a == core.AboutComputed {
		return "your own value"
	}
	return "the signature that came"
}

// age says how far a timestamp is from the clock, on which side of it.
func age(d time.Duration) string {
	said := core.Span(d.Round(time.Second))
	if later, ok := strings.CutPrefix(said, "minus "); ok {
		return later + " in the future"
	}
	return said + " old"
}

// alternatives are the other causes of the same bytes.
func alternatives(f core.Finding) string {
	var out []string
	for _, cause := range f.Alternatives {
		out = append(out, core.LowerFirst(sign.Headline(cause)))
	}
	return strings.Join(out, "; ")
}

func workText(out io.Writer, w *core.WorkItem) {
	putf(out, "work %s on %s (source %s, capture %d)\nstate %s", w.ID, w.Platform, w.SourceName, w.Capture, w.State)
	if w.Title != "" {
		putf(out, "  %s", w.Title)
	}
	putln(out)
	for _, s := range w.States {
		putf(out, "  %s  %s\n", s.At.Local().Format("15:04:05.000"), s.State)
	}
	for _, s := range w.Steps {
		putf(out, "  %s  %-10s %-24s %10v  $%.4f %s\n", s.Started.Local().Format("15:04:05.000"), s.Name, s.Detail, s.Took.Round(time.Millisecond), s.Cost, s.Error)
	}
	putf(out, "  total $%.4f\n", w.Cost)
	for _, n := range w.Notes {
		putf(out, "  to %s: %s\n", n.Chat, n.Text)
	}
}
