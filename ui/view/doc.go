// Package view turns stored things into what a window shows: rows of text with classes of colour, trees, hex dumps,
// differences, and words for sizes and times. It knows no toolkit and does no I/O.
//
// Whatever shows a body is [Rows]. Making rows may take a while for a large body and belongs in a goroutine; reading
// them is quick and allocates only what is asked for.
package view

// Rows is a text in rows, with classes for its colours. It does not change.
type Rows interface {
	Len() int
	Row(i int) string
	Spans(i int, emit func(start, end int, class string)) // left to right; gaps are plain
	Gutter(i int) string                                  // a number, an offset or a sign; "" for none
	GutterCols() int
	Continues(i int) bool  // row i goes on with the line of row i-1
	RowClass(i int) string // "" or "added", "removed", "changed", "faint"
	WidestCols() int
}

// Fit says how many bytes of a line fit into a number of columns, at least one character. A window that knows its
// font supplies it; nil counts a column for every character.
type Fit func(line string, cols int) int
