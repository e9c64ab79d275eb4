package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"hookglass/core"
	"hookglass/core/lab"
)

// printSimulated prints results side by side for people, or one object per line.
func (p *program) printSimulated(out io.Writer, results []lab.Result, csv string) error {
	if csv != "" {
		if err := writeSeries(out, results, csv); err != nil || csv == "-" {
			return err
		}
	}
	if p.json {
		for i := range results {
			if err := printJSON(out, results[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return simulatedText(out, results)
}

// writeSeries writes the series of all results, one below the other, each under its name where there are several.
func writeSeries(out io.Writer, results []lab.Result, path string) (err error) {
	if path != "-" {
		file, err := os.Create(path)
		if err != nil {
			return &core.Invalid{Field: "--csv", Reason: err.Error()}
		}
		defer func() { err = closing(file, err) }()
		out = file
	}
	return lab.WriteSeries(out, results)
}

func closing(c io.Closer, err error) error {
	if closed := c.Close(); err == nil {
		return closed
	}
	return err
}

func simulatedText(out io.Writer, results []lab.Result) error {
	first := &results[0]
	putf(out, "%s events over %v", grouped(first.Totals.Arrived), spanText(loadSpan(first)))
	if first.Scenario.Load.Kind == lab.History {
		putf(out, ", from %s", first.Start.Local().Format("2006-01-02 15:04:05"))
	}
	putf(out, ", seed %d\n\n", first.Scenario.Seed)

	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	row := func(name string, value func(*lab.Result) string) {
		putf(w, "%s\t", name)
		for i := range results {
			putf(w, "%s\t", value(&results[i]))
		}
		putln(w)
	}
	number := func(name string, value func(*lab.Totals) int64) {
		row(name, func(r *lab.Result) string { return grouped(value(&r.Totals)) })
	}
	span := func(name string, value func(*lab.Totals) time.Duration) {
		row(name, func(r *lab.Result) string { return spanText(value(&r.Totals)) })
	}
	row("", func(r *lab.Result) string { return r.Scenario.Name })
	number("delivered", func(t *lab.Totals) int64 { return t.Delivered })
	number("given up", func(t *lab.Totals) int64 { return t.Exhausted })
	number("lost", func(t *lab.Totals) int64 { return t.Lost })
	number("duplicates", func(t *lab.Totals) int64 { return t.Duplicates })
	number("attempts", func(t *lab.Totals) int64 { return t.Attempts })
	number("retries", func(t *lab.Totals) int64 { return t.Retries })
	number("limited", func(t *lab.Totals) int64 { return t.Limited })
	number("failed", func(t *lab.Totals) int64 { return t.Failed })
	number("timed out", func(t *lab.Totals) int64 { return t.TimedOut })
	number("most under way", func(t *lab.Totals) int64 { return t.Peak })
	number("busiest second", func(t *lab.Totals) int64 { return t.PeakPerSecond })
	number("longest queue", func(t *lab.Totals) int64 { return t.Queue.Longest })
	span("time to drain", func(t *lab.Totals) time.Duration { return t.Drain })
	span("delay p50", func(t *lab.Totals) time.Duration { return t.Delay.P50 })
	span("p90", func(t *lab.Totals) time.Duration { return t.Delay.P90 })
	span("p95", func(t *lab.Totals) time.Duration { return t.Delay.P95 })
	span("p99", func(t *lab.Totals) time.Duration { return t.Delay.P99 })
	span("max", func(t *lab.Totals) time.Duration { return t.Delay.Max })
	if err := w.Flush(); err != nil {
		return err
	}
	putln(out)
	drawn(out, "arrived", first, func(r lab.Row) int64 { return r.Arrived })
	for i := range results {
		drawn(out, "under way, "+results[i].Scenario.Name, &results[i], func(r lab.Row) int64 { return r.Backlog })
	}
	return nil
}

// loadSpan is the time from the first arrival to the row of the last.
func loadSpan(r *lab.Result) time.Duration {
	var last time.Duration
	for _, row := range r.Series {
		if row.Arrived > 0 {
			last = row.At + r.Width
		}
	}
	return last
}

// drawn is a series as one line of bars.
func drawn(out io.Writer, name string, r *lab.Result, value func(lab.Row) int64) {
	const columns = 60
	bars := []rune(" ▁▂▃▄▅▆▇█")
	heights, top := make([]int64, min(columns, len(r.Series))), int64(1)
	for i, row := range r.Series {
		at := i * len(heights) / len(r.Series)
		heights[at] = max(heights[at], value(row))
		top = max(top, heights[at])
	}
	var line strings.Builder
	for _, h := range heights {
		line.WriteRune(bars[int(math.Ceil(float64(h)/float64(top)*float64(len(bars)-1)))])
	}
	putf(out, "%s (at most %s in %v, over %s)\n%s\n", name, grouped(top), r.Width, spanText(time.Duration(len(r.Series))*r.Width), line.String())
}

// grouped prints a number with its thousands apart.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// spanText rounds a duration to what is worth reading.
func spanText(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < time.Second:
		return d.Round(time.Millisecond / 10).String()
	case d < time.Minute:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
