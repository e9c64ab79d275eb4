package control_test

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"hookglass/ui/control"
)

// numbered is a list of n rows that show their number, counting how often a row was bound.
func numbered(t *testing.T, n int) (*control.List, *int, fyne.Window) {
	t.Helper()
	bound := 0
	l := control.NewList(28, func() int { return n },
		func() fyne.CanvasObject { return control.NewText("", control.Body) },
		func(row int, o fyne.CanvasObject) { bound++; o.(*control.Text).Set(fmt.Sprint(row)) })
	win, _ := show(t, l, 200, 280)
	return l, &bound, win
}

func TestListWithAMillionRowsStaysExact(t *testing.T) {
	l, bound, _ := numbered(t, 1_000_000)
	l.TypedKey(key(fyne.KeyEnd))
	if first, last := l.InSight(); first != 999_990 || last != 1_000_000 {
		t.Errorf("in sight [%d, %d), want [999990, 1000000)", first, last)
	}
	if got := texts(l); got[0] != "999990" || got[len(got)-1] != "999999" {
		t.Errorf("rows %q", got)
	}
	if *bound > 60 {
		t.Errorf("bound %d rows to show two screens", *bound)
	}
}

func TestListKeepsRowsThatStayInSight(t *testing.T) {
	l, bound, _ := numbered(t, 1000)
	*bound = 0
	l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -28)})
	if *bound != 1 {
		t.Errorf("bound %d rows after scrolling by one, want 1", *bound)
	}
	l.Refresh()
	if *bound < 11 {
		t.Errorf("bound %d rows at a refresh, want all in sight", *bound)
	}
}

func TestListKeyboard(t *testing.T) {
	l, _, _ := numbered(t, 100)
	var chosen []int
	opened := -1
	l.OnSelect = func(i int) { chosen = append(chosen, i) }
	l.OnOpen = func(i int) { opened = i }
	l.TypedRune('j')
	l.TypedKey(key(fyne.KeyDown))
	l.TypedRune('k')
	l.TypedKey(key(fyne.KeyUp)) // already at the top: no change
	l.TypedKey(key(fyne.KeyPageDown))
	l.TypedRune('G')
	l.TypedKey(key(fyne.KeyHome))
	l.TypedKey(key(fyne.KeyReturn))
	if want := "[0 1 0 9 99 0]"; fmt.Sprint(chosen) != want {
		t.Errorf("chosen %v, want %v", chosen, want)
	}
	if opened != 0 {
		t.Errorf("opened %d, want 0", opened)
	}
	l.OnRune = func(r rune) bool { return r == 'j' }
	l.TypedRune('j')
	if l.Selected() != 0 {
		t.Error("a character that the owner dealt with moved the selection")
	}
}

func TestListPointer(t *testing.T) {
	l, _, _ := numbered(t, 100)
	opened, tapped, menu := -1, -1, -1
	l.OnOpen = func(i int) { opened = i }
	l.OnTap = func(i int) { tapped = i }
	l.OnMenu = func(i int, _ fyne.Position) { menu = i }
	l.MouseDown(press(10, 3*28+5))
	l.MouseUp(press(10, 3*28+5))
	if tapped != -1 {
		t.Error("a row acts while Fyne has the keyboard still to take away: what it opens would not have it")
	}
	l.Tapped(&press(10, 3*28+5).PointEvent)
	if l.Selected() != 3 || tapped != 3 || opened != -1 {
		t.Errorf("one click: selected %d, tapped %d, opened %d", l.Selected(), tapped, opened)
	}
	l.MouseDown(press(10, 3*28+6))
	if opened != 3 {
		t.Errorf("second click opened %d, want 3", opened)
	}
	second := press(10, 5*28+5)
	second.Button = desktop.MouseButtonSecondary
	l.MouseDown(second)
	if menu != 5 || l.Selected() != 5 {
		t.Errorf("menu of %d with %d selected, want 5", menu, l.Selected())
	}
}

func TestListFollowsUntilARowIsSelected(t *testing.T) {
	n := 50
	l := control.NewList(28, func() int { return n }, func() fyne.CanvasObject { return control.NewText("", control.Body) },
		func(row int, o fyne.CanvasObject) { o.(*control.Text).Set(fmt.Sprint(n - row)) })
	show(t, l, 200, 280)
	add := func(k int) { n += k; l.Inserted(0, k) }

	add(3)
	if got := texts(l)[0]; got != "53" {
		t.Errorf("newest in sight is %s, want 53", got)
	}
	l.TypedKey(key(fyne.KeyHome)) // select the newest
	add(4)
	if got := texts(l)[0]; got != "53" || l.Selected() != 4 {
		t.Errorf("after new rows the first in sight is %s and row %d selected; want 53 and 4", got, l.Selected())
	}
	l.ScrollToTop()
	l.Unselect()
	add(1)
	if got := texts(l)[0]; got != "58" || !l.AtTop() {
		t.Errorf("back at the top the newest is %s, want 58", got)
	}
	l.Select(30)
	n -= 2
	l.Removed(0, 2)
	if l.Selected() != 28 {
		t.Errorf("selected %d after two rows above went, want 28", l.Selected())
	}
}

func TestListShowsItsEmptyState(t *testing.T) {
	l, _, _ := numbered(t, 0)
	l.Empty = control.NewText("Nothing yet", control.Body)
	l.Refresh()
	if got := texts(l); fmt.Sprint(got) != "[Nothing yet]" {
		t.Errorf("shown %q", got)
	}
	l.TypedKey(key(fyne.KeyDown))
	if l.Selected() != -1 {
		t.Error("selected a row of an empty list")
	}
}
