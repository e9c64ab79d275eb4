package control

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// Panes that have no room beside each other take turns, and each has the whole width then.
func TestSplitPanesTakeTurns(t *testing.T) {
	test.NewTempApp(t)
	n := 3
	list := NewList(20, func() int { return n }, func() fyne.CanvasObject { return NewText("", Body) }, func(int, fyne.CanvasObject) {})
	left, right := NewBox(Surface{}, list), NewBox(Surface{}, nil)
	s := NewSplit(left, right, 300, 260, 400).Named("List", "Detail").Leads(list)
	w := test.NewTempWindow(t, s)
	w.SetPadded(false)
	shown := func() (out []fyne.CanvasObject) {
		for _, o := range test.WidgetRenderer(s).Objects() {
			if o == fyne.CanvasObject(left) || o == fyne.CanvasObject(right) {
				out = append(out, o)
			}
		}
		return out
	}
	w.Resize(fyne.NewSize(700, 300))
	if len(shown()) != 2 || s.Back() {
		t.Fatalf("there is room for both, and %d are shown", len(shown()))
	}
	w.Resize(fyne.NewSize(500, 300))
	if got := shown(); len(got) != 1 || got[0] != fyne.CanvasObject(left) || left.Size().Width != 500 {
		t.Fatalf("%d panes, the first is %v wide", len(got), left.Size().Width)
	}
	list.pressAt = -1 // as a click leaves it that marks a row
	list.Tapped(&fyne.PointEvent{Position: fyne.NewPos(10, 10)})
	if got := shown(); got[0] != fyne.CanvasObject(left) {
		t.Error("a click that marks a row opened it")
	}
	list.pressAt = 0
	list.Tapped(&fyne.PointEvent{Position: fyne.NewPos(10, 10)})
	if got := shown(); len(got) != 1 || got[0] != fyne.CanvasObject(right) || right.Size().Width != 500 {
		t.Error("a click on a row does not open it")
	}
	if !s.Back() || s.Back() || shown()[0] != fyne.CanvasObject(left) {
		t.Error("there is no way back, or two")
	}
	if least := s.MinSize().Width; least > 400 {
		t.Errorf("panes that take turns want %v", least)
	}
}
