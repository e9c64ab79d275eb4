package control

import "strings"

// Rows is what a [BodyView] shows. A row is one line on the screen; a source line that was cut to fit is several.
// It does not change: a changed text is another Rows. Classes are words that [Class] gives colours to.
type Rows interface {
	Len() int
	Row(i int) string
	// Spans calls emit for the coloured runs of bytes of row i, from left to right; gaps between are plain.
	Spans(i int, emit func(start, end int, class string))
	Gutter(i int) string   // a number, an offset or a sign; "" for none
	GutterCols() int       // the widest gutter
	Continues(i int) bool  // row i goes on with the source line of row i-1
	RowClass(i int) string // "" or what the whole row is: "added", "removed", "changed", "hit"
	WidestCols() int       // no row has more columns
}

// Source makes rows that are at most cols columns wide; 0 means as wide as they are. It is called again when the
// width changes, so it must be quick.
type Source func(cols int) Rows

// Class returns the colour of a class of span or row.
func Class(class string) Token {
	switch class {
	case "key", "tag", "keyword":
		return Blue
	case "string", "added":
		return Green
	case "number", "attr", "changed", "warn":
		return Amber
	case "literal", "type":
		return Violet
	case "punct", "comment", "faint":
		return Faint
	case "removed", "error":
		return Red
	case "name", "link":
		return Teal
	case "hit":
		return Accent
	case "muted":
		return Muted
	}
	return Ink
}

// Lines are Rows over a text of some kilobytes: a snippet, a log.
type Lines struct {
	lines    []string
	from     []bool // continues
	numbers  []int
	color    func(line string, emit func(start, end int, class string))
	numbered bool
}

// NewLines cuts a text at its line ends. color may be nil.
func NewLines(text string, numbered bool, color func(line string, emit func(start, end int, class string))) *Lines {
	l := &Lines{color: color, numbered: numbered}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		l.lines, l.from, l.numbers = append(l.lines, line), append(l.from, false), append(l.numbers, i+1)
	}
	return l
}

// Wrapped cuts lines that are longer than cols; it is a [Source].
func (l *Lines) Wrapped(cols int) Rows {
	w := &Lines{color: l.color, numbered: l.numbered}
	for i, line := range l.whole() {
		first := true
		for first || line != "" {
			n := len(line)
			if cols > 0 {
				n = FitColumns(line, cols)
			}
			w.lines, w.from, w.numbers = append(w.lines, line[:n]), append(w.from, !first), append(w.numbers, i+1)
			line, first = line[n:], false
		}
	}
	return w
}

func (l *Lines) whole() []string {
	var out []string
	for i, line := range l.lines {
		if l.from[i] {
			out[len(out)-1] += line
		} else {
			out = append(out, line)
		}
	}
	return out
}

// FitColumns is how many bytes of line fit into cols columns, at least one character.
func FitColumns(line string, cols int) int {
	n := 0
	eachCell(line, func(c cell) bool {
		if n > 0 && c.col+c.cols > cols {
			return false
		}
		n = c.end
		return true
	})
	return n
}

// Len and the methods below are those of [Rows].
func (l *Lines) Len() int              { return len(l.lines) }
func (l *Lines) Row(i int) string      { return l.lines[i] }
func (l *Lines) Continues(i int) bool  { return l.from[i] }
func (l *Lines) RowClass(i int) string { return "" }

func (l *Lines) Spans(i int, emit func(start, end int, class string)) {
	if l.color != nil {
		l.color(l.lines[i], emit)
	}
}

func (l *Lines) Gutter(i int) string {
	if !l.numbered || l.from[i] {
		return ""
	}
	return itoa(l.numbers[i])
}

func (l *Lines) GutterCols() int {
	if !l.numbered {
		return 0
	}
	return len(itoa(len(l.lines)))
}

func (l *Lines) WidestCols() int {
	widest := 0
	for _, line := range l.lines {
		widest = max(widest, columnOf(line, len(line)))
	}
	return widest
}
