package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// Format is a way of writing captures, or the set-up, for another tool. The commands' help and the window's choice are made
// of what [Formats] says: a new format is a row there.
type Format struct {
	Name  string // "har"
	Title string // "HAR log"
	About string // a sentence for those who choose
	File  string // what such a file may be called
	Setup bool   // holds sources and endpoints, which [WriteWorkspace] writes, instead of captures
	Lines bool   // holds what a list says of a capture: no headers, no body
	open  func(out io.Writer, scheme sign.Scheme, book sign.Book) sink
}

// sink takes captures one by one. end writes what is still to be written.
type sink struct {
	add func(*core.Capture) error
	end func() error
}

// Formats are all there are.
func Formats() []Format {
	return []Format{
		{Name: "har", Title: "HAR log", File: "captures.har", open: harSink, About: "Requests and answers as browsers and proxies exchange them. Bodies that are no text stand in base64."},
		{Name: "curl", Title: "curl commands", File: "captures.sh", open: curlSink, About: "A command for each capture that sends the same bytes, for any POSIX shell."},
		{Name: "json", Title: "JSON lines", File: "captures.jsonl", open: jsonSink, About: "Each capture whole on a line of its own. Hookglass reads it back without loss."},
		{Name: "csv", Title: "CSV table", File: "captures.csv", Lines: true, open: csvSink, About: "A line for each capture without headers and bodies, for a spreadsheet. A quote stands before what it would take for a formula."},
		{Name: "http", Title: ".http file", File: "captures.http", open: httpSink, About: "Requests as text, for the REST client of VS Code and for JetBrains. What no text can hold stands in a comment, which Hookglass reads back."},
		{Name: "postman", Title: "Postman collection", File: "captures.postman_collection.json", open: postmanSink, About: "A collection of version 2.1, which Postman, Insomnia and Bruno open. What it has no place for stands in a description, which Hookglass reads back."},
		{Name: "go", Title: "Go test", File: "webhooks_test.go", open: whole(GoTest), About: "A test that sends the captures to your handler, signed anew with a secret from the environment."},
		{Name: "pytest", Title: "pytest", File: "test_webhooks.py", open: whole(Pytest), About: "A test that sends the captures to your handler, signed anew with a secret from the environment."},
		{Name: "jest", Title: "Jest", File: "webhooks.test.js", open: whole(Jest), About: "A test that sends the captures to your handler, signed anew with a secret from the environment."},
		{Name: "workspace", Title: "Workspace", File: "hookglass.json", Setup: true, About: "The sources, the endpoints and your own schemes, to share or to serve. Secrets stay here: the file names them."},
	}
}

// FindFormat finds a format by its name.
func FindFormat(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, &core.Invalid{Field: "format", Reason: "want " + core.OrList(names)}
}

// Writer writes captures in a format and keeps account of what it masks.
type Writer struct {
	sink
	opt   Options
	masks []string
	times map[string]int
}

// NewWriter begins a file of captures.
func NewWriter(out io.Writer, f Format, opt Options) (*Writer, error) {
	scheme, err := opt.chosenScheme()
	if err != nil {
		return nil, err
	}
	if f.open == nil {
		return nil, &core.Invalid{Field: "format", Reason: fmt.Sprintf("%q holds no captures", f.Name)}
	}
	return &Writer{f.open(out, scheme, opt.Book), opt, nil, map[string]int{}}, nil
}

// Add writes a capture, its credentials masked. The capture itself stays as it is.
func (w *Writer) Add(c core.Capture) error {
	for _, what := range Redact(&c, w.opt) {
		if w.times[what]++; w.times[what] == 1 {
			w.masks = append(w.masks, what)
		}
	}
	return w.add(&c)
}

// Close ends the file and says what was masked: "request header Cookie (3 captures)".
func (w *Writer) Close() (masked []string, err error) {
	for _, what := range w.masks {
		if n := w.times[what]; n > 1 {
			what = fmt.Sprintf("%s (%d captures)", what, n)
		}
		masked = append(masked, what)
	}
	return masked, w.end()
}

// harSink writes a HAR 1.2 log. Bodies that are no UTF-8 are in base64, fields are in the order of the wire.
func harSink(out io.Writer, _ sign.Scheme, _ sign.Book) sink {
	frame, err := indented(har{harLog{Version: "1.2", Creator: harCreator{"Hookglass", "1"}, Entries: []harEntry{}}}, "")
	before, after, _ := strings.Cut(string(frame), "[]")
	separator, end := before+"[\n      ", "[]"
	return sink{func(c *core.Capture) error {
		entry, failed := indented(entryOf(c), "      ")
		if failed != nil {
			return fmt.Errorf("write capture %d: %w", c.ID, failed)
		}
		_, failed = fmt.Fprintf(out, "%s%s", separator, entry)
		separator, end = ",\n      ", "\n    ]"
		return failed
	}, func() error {
		if err != nil {
			return fmt.Errorf("write HAR: %w", err)
		}
		if end == "[]" {
			end = before + end
		}
		_, failed := fmt.Fprintf(out, "%s%s\n", end, after)
		return failed
	}}
}

func indented(v any, prefix string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	err := enc.Encode(v)
	return core.VisibleJSON(bytes.TrimRight(b.Bytes(), "\n")), err
}

// jsonSink writes a capture as one line of JSON, whole: [Read] gives back the same.
func jsonSink(out io.Writer, _ sign.Scheme, _ sign.Book) sink {
	return sink{func(c *core.Capture) error {
		var line bytes.Buffer
		enc := json.NewEncoder(&line)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(fixtureOf(c)); err != nil {
			return fmt.Errorf("write capture %d: %w", c.ID, err)
		}
		_, err := out.Write(core.VisibleJSON(line.Bytes()))
		return err
	}, func() error { return nil }}
}

// curlSink writes a command for each capture, with a comment that says which it is.
func curlSink(out io.Writer, _ sign.Scheme, _ sign.Book) sink {
	gap := ""
	return sink{func(c *core.Capture) error {
		_, err := fmt.Fprintf(out, "%s# %s\n%s\n", gap, comment(caseName(c)), Curl(c.Request))
		gap = "\n"
		return err
	}, func() error { return nil }}
}

// whole is a format that must know all captures before it can write the first.
func whole(write func([]core.Capture, sign.Scheme, sign.Book) ([]byte, error)) func(io.Writer, sign.Scheme, sign.Book) sink {
	return func(out io.Writer, scheme sign.Scheme, book sign.Book) sink {
		var all []core.Capture
		return sink{func(c *core.Capture) error { all = append(all, *c); return nil }, func() error {
			data, err := write(all, scheme, book)
			if err != nil {
				return err
			}
			_, err = out.Write(data)
			return err
		}}
	}
}
