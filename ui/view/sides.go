package view

import "strconv"

// Side is one half of a difference, for two views beside each other: row i of both halves belongs together. Where one
// text has no such line, its row is empty.
type Side struct {
	rows   []sideRow
	cols   int
	widest int
	json   bool
}

type sideRow struct {
	text    string
	number  int // 0: not in this text
	class   string
	skipped int
}

// Sides splits a difference: lines that were removed and added in one place stand beside each other.
func (d *Diff) Sides() (before, after *Side) {
	before, after = &Side{cols: d.cols, json: d.json}, &Side{cols: d.cols, json: d.json}
	for i := 0; i < len(d.rows); {
		r := d.rows[i]
		if r.skipped > 0 {
			before.add(sideRow{skipped: r.skipped, class: "faint"})
			after.add(sideRow{skipped: r.skipped, class: "faint"})
			i++
			continue
		}
		if r.old > 0 && r.new > 0 {
			before.add(sideRow{text: r.text, number: r.old})
			after.add(sideRow{text: r.text, number: r.new})
			i++
			continue
		}
		i = d.block(i, before, after)
	}
	return before, after
}

// block puts the removed and added lines from row i on beside each other and returns the row behind them.
func (d *Diff) block(i int, before, after *Side) int {
	var removed, added []sideRow
	for ; i < len(d.rows) && d.rows[i].skipped == 0 && (d.rows[i].old == 0 || d.rows[i].new == 0); i++ {
		if r := d.rows[i]; r.new == 0 {
			removed = append(removed, sideRow{text: r.text, number: r.old, class: "removed"})
		} else {
			added = append(added, sideRow{text: r.text, number: r.new, class: "added"})
		}
	}
	for k := range max(len(removed), len(added)) {
		before.add(rowOr(removed, k))
		after.add(rowOr(added, k))
	}
	return i
}

func rowOr(rows []sideRow, k int) sideRow {
	if k < len(rows) {
		return rows[k]
	}
	return sideRow{class: "faint"}
}

func (s *Side) add(r sideRow) {
	s.rows = append(s.rows, r)
	s.widest = max(s.widest, len(r.text))
}

// Len and the methods below are those of [Rows].
func (s *Side) Len() int              { return len(s.rows) }
func (s *Side) Continues(int) bool    { return false }
func (s *Side) RowClass(i int) string { return s.rows[i].class }
func (s *Side) WidestCols() int       { return s.widest }
func (s *Side) GutterCols() int       { return s.cols + 2 }

func (s *Side) Row(i int) string {
	if n := s.rows[i].skipped; n > 0 {
		return "… " + count(n, "line", "lines") + " the same …"
	}
	return s.rows[i].text
}

func (s *Side) Gutter(i int) string {
	r := s.rows[i]
	if r.number == 0 {
		return ""
	}
	sign := "  "
	switch r.class {
	case "removed":
		sign = " -"
	case "added":
		sign = " +"
	}
	return strconv.Itoa(r.number) + sign
}

func (s *Side) Spans(i int, emit func(start, end int, class string)) {
	r := s.rows[i]
	switch {
	case r.skipped > 0:
		emit(0, len(s.Row(i)), "faint")
	case s.json:
		jsonSpans(r.text, false, emit)
	}
}
