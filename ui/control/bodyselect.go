package control

import (
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// place is a position in the rows: before byte at of a row.
type place struct{ row, at int }

func (p place) before(q place) bool { return p.row < q.row || p.row == q.row && p.at < q.at }

// selection runs from where the button went down to where the pointer is.
type selection struct {
	from, to place
	on       bool
}

func (s selection) ordered() (a, b place) {
	if s.to.before(s.from) {
		return s.to, s.from
	}
	return s.from, s.to
}

// Selected is the selected text; lines that were cut to fit are whole again.
func (v *BodyView) Selected() string {
	if !v.sel.on || v.rows == nil {
		return ""
	}
	a, b := v.sel.ordered()
	return textBetween(v.rows, a, b)
}

func textBetween(rows Rows, a, b place) string {
	var out strings.Builder
	for i := a.row; i <= b.row && i < rows.Len(); i++ {
		row := rows.Row(i)
		start, end := 0, len(row)
		if i == a.row {
			start = min(a.at, len(row))
		}
		if i == b.row {
			end = min(b.at, len(row))
		}
		if i > a.row && !rows.Continues(i) {
			out.WriteByte('\n')
		}
		out.WriteString(row[min(start, end):end])
	}
	return out.String()
}

// SelectAll selects the whole text.
func (v *BodyView) SelectAll() {
	if v.rows == nil || v.rows.Len() == 0 {
		return
	}
	last := v.rows.Len() - 1
	v.sel = selection{to: place{last, len(v.rows.Row(last))}, on: true}
	v.Refresh()
}

// Copy puts the selected text on the clipboard.
func (v *BodyView) Copy() {
	if s := v.Selected(); s != "" {
		fyne.CurrentApp().Clipboard().SetContent(s)
	}
}

// placeAt is the place nearest to a point.
func (v *BodyView) placeAt(p fyne.Position) place {
	if v.rows == nil || v.rows.Len() == 0 {
		return place{}
	}
	row := int(math.Floor((v.off + float64(p.Y)) / float64(v.cell.Height)))
	row = min(max(row, 0), v.rows.Len()-1)
	return place{row, byteOf(v.rows.Row(row), (p.X-v.gutter+v.left)/v.cell.Width)}
}

// MouseDown is for Fyne, as are the methods below.
func (v *BodyView) MouseDown(e *desktop.MouseEvent) {
	focusOn(v)
	at := v.placeAt(e.Position)
	if e.Button == desktop.MouseButtonSecondary {
		v.openMenu(e.AbsolutePosition)
		return
	}
	if e.Modifier&fyne.KeyModifierShift != 0 {
		v.sel.to, v.sel.on = at, true
		v.Refresh()
		return
	}
	switch v.countClick(at) {
	case 1:
		v.sel = selection{from: at, to: at}
	case 2:
		v.selectAround(at, isWordRune)
	default:
		v.selectLine(at.row)
	}
	v.Refresh()
}

// countClick says how many times the pointer was pressed in this place in short order.
func (v *BodyView) countClick(at place) int {
	now := time.Now()
	if at == v.clickedPos && now.Sub(v.clickedAt) < 400*time.Millisecond {
		v.clicks++
	} else {
		v.clicks = 1
	}
	v.clickedAt, v.clickedPos = now, at
	return v.clicks
}

func (v *BodyView) MouseUp(*desktop.MouseEvent) {}

func (v *BodyView) Dragged(e *fyne.DragEvent) {
	if beyond := e.Position.Y - v.Size().Height; beyond > 0 {
		v.off = v.clamp(v.off + float64(beyond)/2)
	} else if e.Position.Y < 0 {
		v.off = v.clamp(v.off + float64(e.Position.Y)/2)
	}
	v.sel.to, v.sel.on = v.placeAt(e.Position), true
	v.Refresh()
}

func (v *BodyView) DragEnd() {}

// isWordRune makes ids and numbers words: "evt_1QX-7", "3.14".
func isWordRune(r rune) bool {
	return r == '_' || r == '-' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// selectAround selects the characters around a place that are alike.
func (v *BodyView) selectAround(p place, alike func(rune) bool) {
	if v.rows == nil || p.row >= v.rows.Len() {
		return
	}
	s := v.rows.Row(p.row)
	start, end := p.at, p.at
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:start])
		if !alike(r) {
			break
		}
		start -= n
	}
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		if !alike(r) {
			break
		}
		end += n
	}
	v.sel = selection{place{p.row, start}, place{p.row, end}, start < end}
}

// selectLine selects the whole source line that a row belongs to.
func (v *BodyView) selectLine(row int) {
	if v.rows == nil || row >= v.rows.Len() {
		return
	}
	first, last := row, row
	for v.rows.Continues(first) && first > 0 {
		first--
	}
	for last+1 < v.rows.Len() && v.rows.Continues(last+1) {
		last++
	}
	v.sel = selection{place{first, 0}, place{last, len(v.rows.Row(last))}, true}
}

func (v *BodyView) openMenu(at fyne.Position) {
	l := LayersOf(v)
	if l == nil || v.rows == nil {
		return
	}
	selected := v.Selected()
	items := []MenuItem{
		{Label: "Copy", Icon: "copy", Hint: "Ctrl+C", Off: selected == "", Do: v.Copy},
		{Label: "Select all", Hint: "Ctrl+A", Do: v.SelectAll},
	}
	if v.OnFind != nil {
		items = append(items, MenuItem{Label: "Find", Icon: "search", Hint: "Ctrl+F", Do: v.OnFind})
	}
	if v.source != nil {
		items = append(items, MenuItem{Label: "Wrap lines", Icon: "text-wrap", On: v.wrap, Do: func() { v.SetWrap(!v.wrap) }})
	}
	if v.Menu != nil {
		items = append(items, v.Menu(selected)...)
	}
	l.Menu(at, items...)
}
