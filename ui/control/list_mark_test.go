package control_test

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"hookglass/ui/control"
)

var waysOfMarking = map[control.Marking]string{control.MarkOne: "one", control.MarkToo: "too", control.MarkTo: "to", control.MarkAll: "all"}

// marking is a list that writes down what its owner is told.
func marking(t *testing.T, n int) (l *control.List, told func() string) {
	t.Helper()
	l, _, _ = numbered(t, n)
	var said []string
	l.OnMark = func(row int, how control.Marking) { said = append(said, fmt.Sprint(waysOfMarking[how], " ", row)) }
	return l, func() string {
		out := fmt.Sprint(said)
		said = nil
		return out
	}
}

func pressRow(l *control.List, row int, held fyne.KeyModifier, button desktop.MouseButton) {
	l.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(20, float32(row)*l.RowHeight+4)}, Button: button, Modifier: held})
}

func TestRowsAreMarkedWithThePointer(t *testing.T) {
	l, told := marking(t, 100)
	selected := -1
	l.OnSelect = func(row int) { selected = row }
	pressRow(l, 2, 0, desktop.MouseButtonPrimary)
	pressRow(l, 5, fyne.KeyModifierShift, desktop.MouseButtonPrimary)
	pressRow(l, 3, fyne.KeyModifierShortcutDefault, desktop.MouseButtonPrimary)
	if got := told(); got != "[one 2 to 5 too 3]" || selected != 2 {
		t.Errorf("%s, selected %d", got, selected)
	}
	l.Marked = func(row int) bool { return row == 3 || row == 4 }
	var menus []int
	l.OnMenu = func(row int, _ fyne.Position) { menus = append(menus, row) }
	pressRow(l, 4, 0, desktop.MouseButtonSecondary)
	pressRow(l, 6, 0, desktop.MouseButtonSecondary)
	if got := told(); got != "[one 6]" || !slices.Equal(menus, []int{4, 6}) || selected != 6 {
		t.Errorf("the other button: %s, menus %v, selected %d", got, menus, selected)
	}
	pressRow(l, 1, 0, desktop.MouseButtonPrimary)
	pressRow(l, 1, 0, desktop.MouseButtonPrimary) // a plain click on the selected row chooses it alone, too
	if got := told(); got != "[one 1 one 1]" {
		t.Errorf("twice: %s", got)
	}
}

func TestRowsAreMarkedByADrag(t *testing.T) {
	l, told := marking(t, 100)
	to := func(y float32) { l.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(20, y)}}) }
	to(40) // without a press on a row it means nothing
	pressRow(l, 1, 0, desktop.MouseButtonPrimary)
	to(l.RowHeight + 9) // the hand shook
	if got := told(); got != "[one 1]" {
		t.Errorf("within the row: %s", got)
	}
	to(3*l.RowHeight + 4)
	to(l.RowHeight + 4)
	if got := told(); got != "[to 3 to 1]" {
		t.Errorf("down and back: %s", got)
	}
	_, last := l.InSight()
	to(l.Size().Height + 10)
	if got := told(); got != fmt.Sprintf("[to %d]", last) || l.Offset() == 0 {
		t.Errorf("beyond the edge: %s at %v", got, l.Offset())
	}
	to(-10)
	if got := told(); got == "[]" {
		t.Error("above the edge nothing is marked")
	}
	l.DragEnd()
	told()
	pressRow(l, 0, fyne.KeyModifierShift, desktop.MouseButtonPrimary)
	to(3 * l.RowHeight) // a drag begins with a plain press
	if got := told(); got != "[to 0]" && got != "[to 1]" {
		t.Errorf("after Shift: %s", got)
	}
}

func TestRowsAreMarkedWithTheKeys(t *testing.T) {
	l, told := marking(t, 100)
	key := func(names ...fyne.KeyName) {
		for _, n := range names {
			l.TypedKey(&fyne.KeyEvent{Name: n})
		}
	}
	l.Select(4)
	shift := &fyne.KeyEvent{Name: desktop.KeyShiftLeft}
	key(fyne.KeyDown)
	l.KeyDown(shift)
	l.OnMark = func(how func(int, control.Marking)) func(int, control.Marking) {
		return func(row int, m control.Marking) {
			how(row, m)
			if m == control.MarkTo {
				l.Select(row) // as an owner does
			}
		}
	}(l.OnMark)
	key(fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyHome)
	l.KeyUp(shift)
	key(fyne.KeyEnd)
	if got := told(); got != "[one 5 to 6 to 7 to 6 to 0 one 99]" {
		t.Errorf("%s", got)
	}
	l.KeyDown(shift)
	l.FocusLost() // its release is told to somebody else
	key(fyne.KeyUp)
	l.TypedShortcut(&fyne.ShortcutSelectAll{})
	if got := told(); got != "[one 98 all 98]" {
		t.Errorf("%s", got)
	}
	undone := false
	l.OnShortcut = func(fyne.Shortcut) { undone = true }
	if l.TypedShortcut(&fyne.ShortcutUndo{}); !undone {
		t.Error("what Fyne knows itself is not passed on")
	}
}

func TestTheMenuHasKeys(t *testing.T) {
	l, told := marking(t, 100)
	var menus []int
	l.OnMenu = func(row int, at fyne.Position) { menus = append(menus, row) }
	l.TypedKey(&fyne.KeyEvent{Name: desktop.KeyMenu}) // nothing is selected
	l.Select(7)
	l.TypedKey(&fyne.KeyEvent{Name: desktop.KeyMenu})
	l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF10})
	l.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftRight})
	l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF10})
	if !slices.Equal(menus, []int{7, 7}) || told() != "[]" {
		t.Errorf("menus of %v", menus)
	}
}

// A list whose owner keeps no marks is as it was.
func TestAListWithoutMarks(t *testing.T) {
	l, _, _ := numbered(t, 100)
	selected := -1
	l.OnSelect = func(row int) { selected = row }
	pressRow(l, 2, fyne.KeyModifierShift, desktop.MouseButtonPrimary)
	l.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(20, 300)}})
	l.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	l.TypedShortcut(&fyne.ShortcutSelectAll{})
	if selected != 3 || l.Selected() != 3 {
		t.Errorf("selected %d, told %d", l.Selected(), selected)
	}
}

func TestReplacedRowsKeepTheirPlace(t *testing.T) {
	n := 1000
	l, _, _ := numbered(t, n)
	l.SetOffset(5000)
	l.Select(200)
	l.Replaced(150, 4000)
	if l.Selected() != 150 || l.Offset() != 4000 {
		t.Errorf("row %d at %v", l.Selected(), l.Offset())
	}
	l.Replaced(-1, 1e12)
	if l.Selected() != -1 || l.Offset() > float64(n)*float64(l.RowHeight+l.Gap) {
		t.Errorf("row %d at %v", l.Selected(), l.Offset())
	}
}
