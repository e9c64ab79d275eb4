package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"hookglass/core/compare"
)

// Diff is two texts in rows, with what was removed and added.
type Diff struct {
	Added, Removed int // lines
	rows           []diffRow
	cols           int // of a line number
	widest         int
	json           bool
}

type diffRow struct {
	text     string
	old, new int // line numbers from 1; 0: not in that text
	skipped  int // lines left out here; then the rest is empty
}

// DiffOptions say what does not count.
type DiffOptions struct {
	Context int      // lines that stay the same around a difference; below 0: all of them
	JSON    bool     // compare as JSON: white space and, with Sort, order do not count
	Sort    bool     // with JSON: the order of members does not count
	Ignore  []string // with JSON: paths that do not count: "created", "data.*.id"; a bare name means it at any depth
}

// mostDiffed bounds what is compared.
const mostDiffed = 8 << 20

// NewDiff compares two bodies. As JSON it falls back to plain lines when one of them is not JSON.
func NewDiff(before, after []byte, o DiffOptions) *Diff {
	d := &Diff{}
	if o.JSON {
		a, errA := normalJSON(before, o)
		b, errB := normalJSON(after, o)
		if errA == nil && errB == nil {
			before, after, d.json = a, b, true
		}
	}
	before, after = before[:min(len(before), mostDiffed)], after[:min(len(after), mostDiffed)]
	d.compare(string(before), string(after), o.Context)
	return d
}

// Same reports whether nothing that counts differs.
func (d *Diff) Same() bool { return d.Added == 0 && d.Removed == 0 }

func (d *Diff) compare(before, after string, context int) {
	old, next := strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n")
	d.cols = len(strconv.Itoa(max(len(old), len(next))))
	i, j := 0, 0 // lines done
	same := func(n int) {
		for range n {
			d.add(diffRow{text: old[i], old: i + 1, new: j + 1})
			i, j = i+1, j+1
		}
	}
	for _, e := range udiff.Lines(before, after) {
		same(lineOf(before, e.Start) - i)
		for range countLines(before[e.Start:e.End]) {
			d.add(diffRow{text: old[i], old: i + 1})
			i++
			d.Removed++
		}
		for range countLines(e.New) {
			d.add(diffRow{text: next[j], new: j + 1})
			j++
			d.Added++
		}
	}
	same(min(len(old)-i, len(next)-j))
	if context >= 0 {
		d.rows = fold(d.rows, context)
	}
}

func (d *Diff) add(r diffRow) {
	if r.text == "" {
		return // what stands behind the last line feed is no line
	}
	r.text = strings.TrimSuffix(r.text, "\n")
	d.widest = max(d.widest, len(r.text))
	d.rows = append(d.rows, r)
}

func lineOf(s string, offset int) int { return strings.Count(s[:offset], "\n") }

func countLines(s string) int {
	n := strings.Count(s, "\n")
	if s != "" && !strings.HasSuffix(s, "\n") {
		n++
	}
	return n
}

// fold leaves out what is the same and further than context lines from a difference.
func fold(rows []diffRow, context int) []diffRow {
	keep := make([]bool, len(rows))
	for i, r := range rows {
		if r.old == 0 || r.new == 0 {
			for k := max(i-context, 0); k <= min(i+context, len(rows)-1); k++ {
				keep[k] = true
			}
		}
	}
	var out []diffRow
	for i := 0; i < len(rows); {
		if keep[i] {
			out = append(out, rows[i])
			i++
			continue
		}
		start := i
		for i < len(rows) && !keep[i] {
			i++
		}
		if i-start == 1 {
			out = append(out, rows[start])
		} else {
			out = append(out, diffRow{skipped: i - start})
		}
	}
	return out
}

// Len and the methods below are those of [Rows].
func (d *Diff) Len() int           { return len(d.rows) }
func (d *Diff) Continues(int) bool { return false }
func (d *Diff) WidestCols() int    { return d.widest }
func (d *Diff) GutterCols() int    { return 2*d.cols + 3 }

func (d *Diff) Row(i int) string {
	if n := d.rows[i].skipped; n > 0 {
		return "… " + count(n, "line", "lines") + " the same …"
	}
	return d.rows[i].text
}

// Gutter is the line's number before and after, and its sign.
func (d *Diff) Gutter(i int) string {
	r := d.rows[i]
	if r.skipped > 0 {
		return ""
	}
	sign := " "
	switch {
	case r.new == 0:
		sign = "-"
	case r.old == 0:
		sign = "+"
	}
	return fmt.Sprintf("%*s %*s %s", d.cols, numberOrNone(r.old), d.cols, numberOrNone(r.new), sign)
}

func numberOrNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (d *Diff) RowClass(i int) string {
	r := d.rows[i]
	switch {
	case r.skipped > 0:
		return "faint"
	case r.new == 0:
		return "removed"
	case r.old == 0:
		return "added"
	}
	return ""
}

func (d *Diff) Spans(i int, emit func(start, end int, class string)) {
	r := d.rows[i]
	switch {
	case r.skipped > 0:
		emit(0, len(d.Row(i)), "faint")
	case d.json:
		jsonSpans(r.text, false, emit)
	}
}

// normalJSON writes JSON with one member a line, without what does not count.
func normalJSON(b []byte, o DiffOptions) ([]byte, error) {
	if !o.Sort && len(o.Ignore) == 0 {
		return PrettyJSON(b)
	}
	dec := json.NewDecoder(bytes.NewReader(trimBOM(b)))
	dec.UseNumber()
	var out bytes.Buffer
	if err := writeNormal(dec, &out, "", o); err != nil {
		return nil, err
	}
	return PrettyJSON(out.Bytes())
}

type member struct {
	key   string
	value []byte
}

// writeNormal copies one value without the ignored members.
func writeNormal(in *json.Decoder, out *bytes.Buffer, at string, o DiffOptions) error {
	tok, err := in.Token()
	if err != nil {
		return err
	}
	switch tok := tok.(type) {
	case json.Delim:
		if strings.Count(at, ".") > 200 {
			return fmt.Errorf("more than 200 levels")
		}
		if tok == '[' {
			return writeElements(in, out, at, o)
		}
		return writeMembers(in, out, at, o)
	default:
		return writeScalar(out, tok)
	}
}

func writeScalar(out *bytes.Buffer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func writeElements(in *json.Decoder, out *bytes.Buffer, at string, o DiffOptions) error {
	out.WriteByte('[')
	for i := 0; in.More(); i++ {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeNormal(in, out, join(at, strconv.Itoa(i)), o); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	_, err := in.Token()
	return err
}

func writeMembers(in *json.Decoder, out *bytes.Buffer, at string, o DiffOptions) error {
	var members []member
	for in.More() {
		tok, err := in.Token()
		if err != nil {
			return err
		}
		key := tok.(string)
		var value bytes.Buffer
		if err := writeNormal(in, &value, join(at, key), o); err != nil {
			return err
		}
		if !compare.Ignored(join(at, key), key, o.Ignore) {
			members = append(members, member{key, value.Bytes()})
		}
	}
	if _, err := in.Token(); err != nil {
		return err
	}
	if o.Sort {
		sortMembers(members)
	}
	out.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeScalar(out, m.key); err != nil {
			return err
		}
		out.WriteByte(':')
		out.Write(m.value)
	}
	out.WriteByte('}')
	return nil
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

func sortMembers(ms []member) {
	slices.SortStableFunc(ms, func(a, b member) int { return strings.Compare(a.key, b.key) })
}
