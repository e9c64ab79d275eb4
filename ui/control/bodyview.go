package control

import (
	"math"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// BodyView shows a text of any size: it draws the rows in sight and nothing else. Most callers make the rows off
// the UI goroutine and hand them over with [BodyView.SetRows].
//
// It selects with the mouse (twice: a word, three times: a line), copies with Ctrl+C, selects all with Ctrl+A, finds,
// and opens a menu with the other button.
type BodyView struct {
	widget.BaseWidget
	Menu   func(selected string) []MenuItem // more entries for the menu
	OnFind func()                           // Ctrl+F, or "Find" in the menu
	OnMove func(offset float64)             // the user scrolled: for another view beside this one
	Beyond func(e *fyne.ScrollEvent)        // a turn of the wheel that cannot move it: for what it stands in

	source Source // nil: the rows are what they are
	rows   Rows
	wrap   bool
	size   float32 // of the text

	off        float64 // pixels from the top
	left       float32 // pixels from the left, when not wrapped
	cell       fyne.Size
	gutter     float32
	bar        *scrollBar
	sel        selection
	found      found
	focused    bool
	clicks     int
	clickedAt  time.Time
	clickedPos place
	wrappedTo  int
	stopWrap   func() // stops the wrapping that waits
}

// NewBodyView returns an empty view that wraps long lines.
func NewBodyView() *BodyView {
	v := &BodyView{wrap: true, size: 12.5}
	v.bar = newScrollBar(v.move)
	v.ExtendBaseWidget(v)
	v.measure()
	return v
}

// SetRows shows rows that cannot be wrapped, from their top. It takes as long as drawing one screen.
func (v *BodyView) SetRows(rows Rows) {
	v.off, v.left, v.sel, v.found = 0, 0, selection{}, found{}
	v.put(rows, nil)
}

// SetSource shows rows that are wrapped to the width, from their top.
func (v *BodyView) SetSource(s Source) {
	v.off, v.left, v.sel, v.found = 0, 0, selection{}, found{}
	v.put(nil, s)
}

// SetText shows a text of some kilobytes.
func (v *BodyView) SetText(text string, numbered bool) {
	v.SetSource(NewLines(text, numbered, nil).Wrapped)
}

// ReplaceSource shows another version of the text and stays where it is.
func (v *BodyView) ReplaceSource(s Source) {
	query := v.found.query
	v.sel, v.found = selection{}, found{}
	v.put(nil, s)
	if query != "" {
		v.find(query)
	}
}

func (v *BodyView) put(rows Rows, s Source) {
	v.rows, v.source, v.wrappedTo = rows, s, -1
	v.rewrap()
	v.Refresh()
}

// Rows is what is shown, cut to the width; nil before there is any.
func (v *BodyView) Rows() Rows { return v.rows }

// Wraps reports whether long lines are wrapped.
func (v *BodyView) Wraps() bool { return v.wrap }

// SetWrap wraps long lines, or lets them run out to the right.
func (v *BodyView) SetWrap(on bool) {
	if v.wrap == on {
		return
	}
	line := v.topLine()
	v.wrap, v.left, v.sel = on, 0, selection{}
	v.rewrap()
	v.scrollToLine(line)
}

// Cols is how many columns are in sight.
func (v *BodyView) Cols() int {
	return colsOf(v.Size().Width, v.gutter, v.cell)
}

func colsOf(width, gutter float32, cell fyne.Size) int {
	return max(int((width-gutter-barWidth-4)/cell.Width), 1)
}

// gutterOf is how wide the gutter is that has room for some columns.
func gutterOf(cols int, cell fyne.Size) float32 {
	if cols == 0 {
		return 14
	}
	return float32(cols)*cell.Width + 28
}

// ScrollToRow shows row i at the top.
func (v *BodyView) ScrollToRow(i int) { v.scrollTo(float64(i) * float64(v.cell.Height)) }

// Offset is the position in pixels, for a page that comes back.
func (v *BodyView) Offset() float64 { return v.off }

// SetOffset goes to a position in pixels.
func (v *BodyView) SetOffset(o float64) { v.scrollTo(o) }

// SetTextSize makes the text larger or smaller.
func (v *BodyView) SetTextSize(size float32) {
	v.size = min(max(size, 8), 32)
	v.measure()
	v.rewrap()
	v.Refresh()
}

func (v *BodyView) measure() {
	m := Code.At(v.size).measure(strings.Repeat("M", 64))
	v.cell = fyne.NewSize(max(m.Width/64, 1), float32(math.Ceil(float64(m.Height)))+2)
	v.gutter = gutterOf(0, v.cell)
	if v.rows != nil {
		v.gutter = gutterOf(v.rows.GutterCols(), v.cell)
	}
}

// rewrap cuts the source to the present width, if that changed.
func (v *BodyView) rewrap() {
	v.measure()
	if v.source == nil {
		return
	}
	if v.wrappedTo < 0 {
		v.rows = v.source(0)
		v.measure() // its gutter says how much is left for the text
	}
	cols := 0
	if v.wrap {
		cols = v.Cols()
	}
	if cols != v.wrappedTo {
		v.rows = v.source(cols)
		v.measure()
		v.wrappedTo = cols
		v.found.refind(v.rows)
	}
}

// ColsBeside says how many columns there will be beside a gutter, on whatever goroutine: to wrap a long text before it is
// put up.
func (v *BodyView) ColsBeside() func(gutter int) int {
	if !v.wrap {
		return func(int) int { return 0 }
	}
	width, cell := v.Size().Width, v.cell
	return func(gutter int) int { return colsOf(width, gutterOf(gutter, cell), cell) }
}

// resized is called when the size may have changed: it keeps the line at the top.
func (v *BodyView) resized() {
	if v.source == nil || !v.wrap || v.Cols() == v.wrappedTo {
		return
	}
	if v.stopWrap != nil {
		v.stopWrap()
		v.stopWrap = nil
	}
	if l := LayersOf(v); l != nil && l.after != nil && v.rows.Len() > rowsAtOnce {
		v.stopWrap = l.after(wrapRest, func() {
			v.stopWrap = nil
			v.wrapAnew()
			v.Refresh()
		})
		return
	}
	v.wrapAnew()
}

// A text of many rows is wrapped to another width once that rests: a window that is drawn larger asks for one at each frame.
const (
	rowsAtOnce = 20_000
	wrapRest   = 120 * time.Millisecond
)

// wrapAnew wraps to the present width and keeps the line at the top.
func (v *BodyView) wrapAnew() {
	if v.source == nil || !v.wrap || v.Cols() == v.wrappedTo {
		return
	}
	line := v.topLine()
	v.sel = selection{}
	v.rewrap()
	v.off = v.clamp(float64(v.rowOfLine(line)) * float64(v.cell.Height))
}

// topLine counts the source lines above the first row in sight.
func (v *BodyView) topLine() int {
	if v.rows == nil || v.off == 0 {
		return 0
	}
	line := -1
	for i := range min(v.firstRow()+1, v.rows.Len()) {
		if !v.rows.Continues(i) {
			line++
		}
	}
	return max(line, 0)
}

func (v *BodyView) rowOfLine(line int) int {
	if line == 0 {
		return 0
	}
	for i := range v.rows.Len() {
		if !v.rows.Continues(i) {
			if line--; line < 0 {
				return i
			}
		}
	}
	return 0
}

func (v *BodyView) scrollToLine(line int) {
	v.off = v.clamp(float64(v.rowOfLine(line)) * float64(v.cell.Height))
	v.Refresh()
}

func (v *BodyView) firstRow() int { return int(v.off / float64(v.cell.Height)) }

func (v *BodyView) length() float64 {
	if v.rows == nil {
		return 0
	}
	return float64(v.rows.Len()) * float64(v.cell.Height)
}

func (v *BodyView) clamp(o float64) float64 {
	return math.Min(math.Max(o, 0), math.Max(0, v.length()-float64(v.Size().Height)))
}

func (v *BodyView) scrollTo(o float64) {
	v.off = v.clamp(o)
	v.Refresh()
}

func (v *BodyView) scrollSideways(left float32) {
	most := float32(0)
	if !v.wrap && v.rows != nil {
		most = float32(v.rows.WidestCols()-v.Cols()+2) * v.cell.Width
	}
	v.left = v.cell.Width * float32(math.Round(float64(min(max(left, 0), max(most, 0))/v.cell.Width)))
	v.Refresh()
}

// Scrolled is for Fyne, as are the methods below.
func (v *BodyView) Scrolled(e *fyne.ScrollEvent) {
	if e.Scrolled.DX != 0 {
		v.scrollSideways(v.left - e.Scrolled.DX)
	}
	if e.Scrolled.DY != 0 {
		was := v.off
		v.move(v.off - float64(e.Scrolled.DY))
		if v.off == was && v.Beyond != nil {
			v.Beyond(e)
		}
	}
}

// move is scrollTo by the user.
func (v *BodyView) move(o float64) {
	v.scrollTo(o)
	if v.OnMove != nil {
		v.OnMove(v.off)
	}
}

func (v *BodyView) Cursor() desktop.Cursor { return desktop.TextCursor }
func (v *BodyView) FocusGained()           { v.focused = true; IntoSight(v) }
func (v *BodyView) FocusLost()             { v.focused = false }
func (v *BodyView) TypedRune(r rune)       { askedHelpBy(v, r) }

func (v *BodyView) TypedKey(e *fyne.KeyEvent) {
	if askedHelp(v, e.Name) {
		return
	}
	if e.Name == fyne.KeyEscape {
		leave(v)
		return
	}
	row, page := float64(v.cell.Height), float64(v.Size().Height-v.cell.Height)
	switch e.Name {
	case fyne.KeyDown:
		v.move(v.off + row)
	case fyne.KeyUp:
		v.move(v.off - row)
	case fyne.KeyPageDown, fyne.KeySpace:
		v.move(v.off + page)
	case fyne.KeyPageUp:
		v.move(v.off - page)
	case fyne.KeyHome:
		v.move(0)
	case fyne.KeyEnd:
		v.move(v.length())
	case fyne.KeyLeft:
		v.scrollSideways(v.left - 4*v.cell.Width)
	case fyne.KeyRight:
		v.scrollSideways(v.left + 4*v.cell.Width)
	}
}

func (v *BodyView) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		v.Copy()
	case *fyne.ShortcutSelectAll:
		v.SelectAll()
	case *desktop.CustomShortcut:
		if s.KeyName == fyne.KeyF && s.Modifier == fyne.KeyModifierShortcutDefault && v.OnFind != nil {
			v.OnFind()
		} else if l := LayersOf(v); l != nil && l.OnShortcut != nil {
			l.OnShortcut(s)
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
