package control

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// List shows any number of rows of one height and draws those in sight. The owner supplies the number and binds
// a row to a widget when it comes into sight; where a row is not loaded yet, Bind shows a placeholder and the
// owner calls [List.Refresh] later.
//
// Positions are counted in float64 pixels from the top, so that a million rows stay exact.
type List struct {
	widget.BaseWidget

	Len       func() int
	Make      func() fyne.CanvasObject
	Bind      func(row int, o fyne.CanvasObject)
	RowHeight float32
	Gap       float32

	OnSelect func(row int)                   // the user moved the selection
	OnTap    func(row int)                   // a click ended on a row
	OnOpen   func(row int)                   // Enter, or a second click in time
	OnMenu   func(row int, at fyne.Position) // the other button; at is a position of the window
	OnKey    func(e *fyne.KeyEvent) bool     // keys first; true: dealt with
	OnRune   func(r rune) bool               // characters first; true: dealt with
	OnMark   func(row int, how Marking)      // the user chose rows; without it one is selected and no more
	OnScroll func(first, last int, top bool) // the rows in sight changed
	Marked   func(row int) bool              // rows chosen beside the selected one

	OnShortcut func(fyne.Shortcut) // of those that Fyne knows itself: undo, copy, paste
	Empty      fyne.CanvasObject   // shown while there are no rows
	Double     time.Duration       // longest time between two clicks that open; 0 means 400 ms

	offset   float64
	selected int // -1: none
	hovered  int // -1: none
	focused  bool
	pressed  time.Time
	pressAt  int
	shift    bool // held
	dragging bool
	dragY    float32
	stopDrag func()
	bar      *scrollBar
	slots    []listSlot
	seen     [2]int
}

// listSlot is the widget of a row in sight. Row r always uses slot r modulo the number of slots, so that a row which
// stays in sight while scrolling keeps its widget and is only moved.
type listSlot struct {
	row  int // -1: none
	body fyne.CanvasObject
	mark *canvas.Rectangle
}

// NewList returns a list of rows of a height; Gap and the callbacks are fields.
func NewList(rowHeight float32, length func() int, make func() fyne.CanvasObject, bind func(row int, o fyne.CanvasObject)) *List {
	l := &List{Len: length, Make: make, Bind: bind, RowHeight: rowHeight, selected: -1, hovered: -1, pressAt: -1}
	l.bar = newScrollBar(l.scrollTo)
	l.ExtendBaseWidget(l)
	return l
}

// Selected is the selected row, or -1.
func (l *List) Selected() int { return l.selected }

// Select moves the selection and brings the row into sight. It does not call OnSelect.
func (l *List) Select(row int) {
	n := l.Len()
	if n == 0 || row < 0 {
		l.Unselect()
		return
	}
	l.selected = min(row, n-1)
	l.show(l.selected)
	l.refreshFrame()
}

// Unselect selects nothing.
func (l *List) Unselect() { l.selected = -1; l.refreshFrame() }

// Inserted tells that n rows were put in before row at. What is in sight stays where it is, unless the list
// stands at its top with nothing selected: then it follows what is new.
func (l *List) Inserted(at, n int) {
	follow := l.offset == 0 && l.selected < 0
	if l.selected >= at {
		l.selected += n
	}
	if !follow && float64(at)*l.pitch() <= l.offset {
		l.offset += float64(n) * l.pitch()
	}
	l.hovered = -1
	l.Refresh()
}

// Removed tells that n rows from row at are gone. The selection goes with its row.
func (l *List) Removed(at, n int) {
	switch {
	case l.selected >= at+n:
		l.selected -= n
	case l.selected >= at:
		l.selected = -1
	}
	if first := int(l.offset / l.pitch()); at < first {
		l.offset = math.Max(0, l.offset-float64(min(n, first-at))*l.pitch())
	}
	l.hovered = -1
	l.Refresh()
}

// Refresh binds every row in sight anew.
func (l *List) Refresh() {
	l.forget()
	l.BaseWidget.Refresh()
}

// forget makes every slot bind anew.
func (l *List) forget() {
	for i := range l.slots {
		l.slots[i].row = -1
	}
}

// RefreshRow binds one row anew, if it is in sight.
func (l *List) RefreshRow(row int) {
	if len(l.slots) == 0 || row < 0 {
		return
	}
	if s := &l.slots[row%len(l.slots)]; s.row == row {
		l.Bind(row, s.body)
	}
}

// AtTop reports whether the first row is wholly in sight.
func (l *List) AtTop() bool { return l.offset == 0 }

// ScrollToTop shows the first row.
func (l *List) ScrollToTop() { l.scrollTo(0) }

// ScrollTo brings a row into sight, moving as little as possible.
func (l *List) ScrollTo(row int) { l.show(row); l.refreshFrame() }

// InSight is the range of rows that are drawn; last is past the end.
func (l *List) InSight() (first, last int) {
	n := l.Len()
	first = min(int(l.offset/l.pitch()), n)
	last = int(math.Ceil((l.offset + float64(l.Size().Height)) / l.pitch()))
	return max(first, 0), max(min(last, n), 0)
}

// Offset is the position in pixels, for a page that comes back.
func (l *List) Offset() float64 { return l.offset }

// SetOffset goes to a position in pixels.
func (l *List) SetOffset(o float64) { l.scrollTo(o) }

func (l *List) pitch() float64 { return float64(max(l.RowHeight+l.Gap, 1)) }

func (l *List) most() float64 {
	return math.Max(0, float64(l.Len())*l.pitch()-float64(l.Gap)-float64(l.Size().Height))
}

func (l *List) scrollTo(o float64) {
	l.offset = math.Min(math.Max(o, 0), l.most())
	l.refreshFrame()
}

func (l *List) show(row int) {
	top := float64(row) * l.pitch()
	bottom := top + float64(l.RowHeight) - float64(l.Size().Height)
	if l.Size().Height <= 0 {
		return
	}
	if top < l.offset {
		l.offset = top
	} else if bottom > l.offset {
		l.offset = bottom
	}
	l.offset = math.Min(math.Max(l.offset, 0), l.most())
}

// refreshFrame draws again without binding the rows that stayed in sight.
func (l *List) refreshFrame() { l.BaseWidget.Refresh() }

func (l *List) rowAt(y float32) int {
	row := int((l.offset + float64(y)) / l.pitch()) // the gap below a row belongs to it
	if y < 0 || row >= l.Len() {
		return -1
	}
	return row
}

// choose is a move of the selection by the user.
func (l *List) choose(row int) {
	n := l.Len()
	if n == 0 {
		return
	}
	row = min(max(row, 0), n-1)
	changed := row != l.selected
	l.selected = row
	l.show(row)
	l.refreshFrame()
	if changed && l.OnSelect != nil {
		l.OnSelect(row)
	}
}

// MouseDown is for Fyne, as are the methods below.
func (l *List) MouseDown(e *desktop.MouseEvent) {
	focusOn(l)
	row := l.rowAt(e.Position.Y)
	if row < 0 {
		return
	}
	if e.Button == desktop.MouseButtonSecondary {
		if l.Marked == nil || !l.Marked(row) { // what is chosen together has its menu together
			l.choose(row)
			l.mark(row, MarkOne)
		}
		if l.OnMenu != nil {
			l.OnMenu(row, e.AbsolutePosition)
		}
		return
	}
	if l.press(row, e.Modifier) {
		l.pressAt = -1
		return
	}
	l.choose(row)
	l.mark(row, MarkOne)
	within := l.Double
	if within == 0 {
		within = 400 * time.Millisecond
	}
	now := time.Now()
	again := l.pressAt == row && now.Sub(l.pressed) < within
	l.pressAt, l.pressed = row, now
	if again && l.OnOpen != nil {
		l.pressAt = -1
		l.OnOpen(row)
	}
}

func (l *List) MouseUp(*desktop.MouseEvent) {}

// Tapped is a click, of which Fyne tells after it has taken the keyboard away: what opens now may take it.
func (l *List) Tapped(e *fyne.PointEvent) {
	if row := l.rowAt(e.Position.Y); row >= 0 && l.OnTap != nil {
		l.OnTap(row)
	}
}

func (l *List) MouseIn(e *desktop.MouseEvent)    { l.hover(l.rowAt(e.Position.Y)) }
func (l *List) MouseMoved(e *desktop.MouseEvent) { l.hover(l.rowAt(e.Position.Y)) }
func (l *List) MouseOut()                        { l.hover(-1) }

func (l *List) hover(row int) {
	if l.hovered != row {
		l.hovered = row
		l.refreshFrame()
	}
}

func (l *List) Scrolled(e *fyne.ScrollEvent) { l.scrollTo(l.offset - float64(e.Scrolled.DY)) }
func (l *List) FocusGained()                 { l.focused = true; l.refreshFrame(); IntoSight(l) }
func (l *List) FocusLost()                   { l.focused, l.shift = false, false; l.refreshFrame() }

func (l *List) TypedRune(r rune) {
	if l.OnRune != nil && l.OnRune(r) || askedHelpBy(l, r) {
		return
	}
	switch r {
	case 'j':
		l.move(l.selected + 1)
	case 'k':
		l.move(l.selected - 1)
	case 'g':
		l.move(0)
	case 'G':
		l.move(l.Len() - 1)
	}
}

func (l *List) TypedKey(e *fyne.KeyEvent) {
	if askedHelp(l, e.Name) {
		return
	}
	if l.OnKey != nil && l.OnKey(e) {
		return
	}
	if l.menuKey(e.Name) {
		return
	}
	page := max(int(float64(l.Size().Height)/l.pitch())-1, 1)
	switch e.Name {
	case fyne.KeyDown:
		l.move(l.selected + 1)
	case fyne.KeyUp:
		l.move(l.selected - 1)
	case fyne.KeyPageDown:
		l.move(l.selected + page)
	case fyne.KeyPageUp:
		l.move(l.selected - page)
	case fyne.KeyHome:
		l.move(0)
	case fyne.KeyEnd:
		l.move(l.Len() - 1)
	case fyne.KeyEscape:
		leave(l)
	case fyne.KeyReturn, fyne.KeyEnter:
		if l.selected >= 0 && l.OnOpen != nil {
			l.OnOpen(l.selected)
		}
	}
}
