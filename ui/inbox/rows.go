package inbox

import (
	"slices"

	"hookglass/ui/control"
	"hookglass/ui/frame"
)

// without reports whether the user left a column out.
func (p *Page) without(column string) bool { return slices.Contains(p.w.State.Rows.Without, column) }

// rowsAsSet gives the rows the height that is set.
func (p *Page) rowsAsSet() {
	p.list.RowHeight, p.list.Gap = roomyRow, 4
	if p.w.State.Rows.Compact {
		p.list.RowHeight, p.list.Gap = compactRow, 0
	}
}

// RowsChanged shows the rows as they are set now, with what is selected in sight.
func (p *Page) RowsChanged() {
	p.rowsAsSet()
	if row := p.list.Selected(); row >= 0 {
		p.list.ScrollTo(row)
	}
	p.list.Refresh()
}

// rowItems are the menu of how rows look.
func (p *Page) rowItems() []control.MenuItem {
	set := p.w.State.Rows
	items := []control.MenuItem{{Label: "One line each", Hint: "v", On: set.Compact, Do: func() { p.w.SetCompact(!set.Compact) }}}
	for i, c := range rowColumns {
		items = append(items, control.MenuItem{Label: c, On: !p.without(c), Divider: i == 0, Do: func() {
			left := slices.DeleteFunc(slices.Clone(set.Without), func(s string) bool { return s == c })
			if !p.without(c) {
				left = append(left, c)
			}
			p.w.SetRows(frame.Rows{Compact: set.Compact, Without: left})
		}})
	}
	return items
}
