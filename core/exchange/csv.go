package exchange

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/sign"
)

// csvColumns are what a table has of a capture, by the names that its JSON has.
var csvColumns = []struct {
	name string
	of   func(*core.Capture) string
}{
	{"id", func(c *core.Capture) string { return strconv.FormatInt(int64(c.ID), 10) }},
	{"at", func(c *core.Capture) string { return c.At.UTC().Format(time.RFC3339Nano) }},
	{"source", func(c *core.Capture) string { return cell(c.Name) }},
	{"platform", func(c *core.Capture) string { return cell(c.Receipt.Platform) }},
	{"method", func(c *core.Capture) string { return cell(c.Request.Method) }},
	{"target", func(c *core.Capture) string { return cell(c.Request.Target) }},
	{"event", func(c *core.Capture) string { return cell(c.Event.Type) }},
	{"event_id", func(c *core.Capture) string { return cell(c.Event.ID) }},
	{"verdict", func(c *core.Capture) string {
		if c.Receipt.Verdict == nil {
			return ""
		}
		return string(c.Receipt.Verdict.State)
	}},
	{"outcome", func(c *core.Capture) string { return string(c.Receipt.Outcome) }},
	{"status", func(c *core.Capture) string { return strconv.Itoa(c.Response.Status) }},
	{"size", func(c *core.Capture) string { return strconv.FormatInt(c.Request.Size, 10) }},
	{"took_ms", func(c *core.Capture) string {
		return strconv.FormatFloat(float64(c.Took.Microseconds())/1000, 'f', -1, 64)
	}},
	{"pinned", func(c *core.Capture) string { return strconv.FormatBool(c.Pinned) }},
	{"note", func(c *core.Capture) string { return cell(c.Note) }},
}

// cell is a text of strangers for a table: a spreadsheet takes what begins with one of these for a formula and runs it, unless a
// quote stands before it.
func cell(s string) string {
	if strings.IndexAny(s, "=+-@\t\r\n") == 0 {
		return "'" + s
	}
	return s
}

// csvSink writes a table with a line for each capture, without headers and bodies.
func csvSink(out io.Writer, _ sign.Scheme, _ sign.Book) sink {
	w := csv.NewWriter(out)
	line := make([]string, len(csvColumns))
	for i, column := range csvColumns {
		line[i] = column.name
	}
	begun := w.Write(line)
	return sink{func(c *core.Capture) error {
		if begun != nil {
			return begun
		}
		for i, column := range csvColumns {
			line[i] = column.of(c)
		}
		if err := w.Write(line); err != nil {
			return fmt.Errorf("write capture %d: %w", c.ID, err)
		}
		return nil
	}, func() error { w.Flush(); return w.Error() }}
}
