package control

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestTheWheelOverAFieldTurnsWhatItStandsIn(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkMode))
	inner, outer := NewField("", "inner", nil), NewField("", "outer", nil)
	within := NewScroll(Col(0, inner, Gap(10, 900)))
	around := NewScroll(Col(0, outer, Stack(Gap(10, 100), within), Gap(10, 900)))
	alone := NewField("", "alone", nil)
	w := test.NewTempWindow(t, Col(0, alone, Fixed(300, around)))
	w.Resize(fyne.NewSize(400, 400))
	around.Resize(fyne.NewSize(300, 300))
	down := &fyne.ScrollEvent{Scrolled: fyne.Delta{DY: -30}}
	alone.wheel.Scrolled(down)
	if around.inner.Offset.Y != 0 || within.inner.Offset.Y != 0 {
		t.Error("a field that stands in no scroller turned one")
	}
	outer.wheel.Scrolled(down)
	if around.inner.Offset.Y == 0 {
		t.Error("the wheel over a field turns nothing")
	}
	was := around.inner.Offset
	inner.wheel.Scrolled(down)
	if within.inner.Offset.Y == 0 || around.inner.Offset != was {
		t.Errorf("the wheel over a field turned the outer scroller from %v to %v, the inner to %v", was, around.inner.Offset, within.inner.Offset)
	}
	if NewTextArea("", "", 3, nil).wheel != nil {
		t.Error("an area has turns of its own")
	}
}
