package control

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Marking is how the user chooses several rows. The owner keeps which they are: rows move, and what stands in them stays chosen.
type Marking int

const (
	MarkOne Marking = iota // this row and no other: a click, or a move
	MarkToo                // this row beside the others, or not any more: Ctrl
	MarkTo                 // all from the row that was marked last with MarkOne or MarkToo to this one: Shift, or a drag
	MarkAll                // every row: Ctrl+A
)

// mark tells the owner, and draws which rows are marked now.
func (l *List) mark(row int, how Marking) {
	if l.OnMark != nil && l.Len() > 0 {
		l.OnMark(min(max(row, 0), l.Len()-1), how)
		l.refreshFrame()
	}
}

// press is a click on a row with keys held; it is false where it means nothing more than a plain one.
func (l *List) press(row int, held fyne.KeyModifier) bool {
	switch {
	case l.OnMark == nil:
		return false
	case held&fyne.KeyModifierShift != 0:
		l.stretch(row)
	case held&fyne.KeyModifierShortcutDefault != 0:
		l.mark(row, MarkToo)
	default:
		return false
	}
	return true
}

// stretch marks up to a row and brings it into sight.
func (l *List) stretch(row int) {
	if n := l.Len(); n > 0 {
		row = min(max(row, 0), n-1)
		l.show(row)
		l.mark(row, MarkTo)
	}
}

// move goes to a row with the keys: with Shift it marks up to it.
func (l *List) move(row int) {
	if l.OnMark == nil || !l.shift {
		l.choose(row)
		l.mark(l.selected, MarkOne)
		return
	}
	l.stretch(row)
}

// dragStep is how often a drag beyond the edge scrolls on.
const dragStep = 60 * time.Millisecond

// Dragged marks the rows that the pointer is drawn over. It is for Fyne, as are the methods below.
func (l *List) Dragged(e *fyne.DragEvent) {
	if l.OnMark == nil || l.pressAt < 0 {
		return
	}
	l.dragY = e.Position.Y
	if !l.dragging && l.rowAt(e.Position.Y) == l.pressAt {
		return // the hand shook
	}
	l.dragging, l.pressed = true, time.Time{}
	l.drag()
}

// drag marks up to where the pointer is, and scrolls on while it is beyond the edge.
func (l *List) drag() {
	if !l.dragging {
		return
	}
	first, last := l.InSight()
	beyond := l.dragY < 0 || l.dragY > l.Size().Height
	row := int(math.Floor((l.offset + float64(l.dragY)) / l.pitch()))
	if l.dragY < 0 {
		row = first - 1
	} else if beyond {
		row = last
	}
	l.stretch(row)
	if l.stopDrag != nil {
		l.stopDrag()
		l.stopDrag = nil
	}
	if layers := LayersOf(l); beyond && layers != nil && layers.after != nil {
		l.stopDrag = layers.after(dragStep, l.drag)
	}
}

func (l *List) DragEnd() {
	l.dragging = false
	if l.stopDrag != nil {
		l.stopDrag()
		l.stopDrag = nil
	}
}

func (l *List) KeyDown(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		l.shift = true
	}
}

func (l *List) KeyUp(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		l.shift = false
	}
}

// TypedShortcut marks all rows, and passes what it does not know to the window.
func (l *List) TypedShortcut(s fyne.Shortcut) {
	if _, all := s.(*fyne.ShortcutSelectAll); all {
		l.mark(l.selected, MarkAll)
		return
	}
	if c, ok := s.(*desktop.CustomShortcut); ok {
		if layers := LayersOf(l); layers != nil && layers.OnShortcut != nil {
			layers.OnShortcut(c)
		}
		return
	}
	if l.OnShortcut != nil {
		l.OnShortcut(s)
	}
}

// menuKey opens the menu of the selected row with the keys made for it.
func (l *List) menuKey(name fyne.KeyName) bool {
	if l.OnMenu == nil || l.selected < 0 || name != desktop.KeyMenu && (name != fyne.KeyF10 || !l.shift) {
		return false
	}
	l.show(l.selected)
	y := float32(float64(l.selected)*l.pitch()-l.offset) + l.RowHeight
	l.OnMenu(l.selected, fyne.CurrentApp().Driver().AbsolutePositionForObject(l).Add(fyne.NewPos(min(40, l.Size().Width/2), y)))
	return true
}

// Replaced tells that the rows are others now: which of them is selected, and where the list stands.
func (l *List) Replaced(selected int, offset float64) {
	l.selected, l.hovered = selected, -1
	l.offset = math.Min(math.Max(offset, 0), l.most())
	l.Refresh()
}
