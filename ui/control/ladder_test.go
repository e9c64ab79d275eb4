package control_test

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"hookglass/ui/control"
)

func TestLadderChoosesOnlyWhatHappened(t *testing.T) {
	l := control.NewLadder()
	var chosen []int
	l.OnSelect = func(i int) { chosen = append(chosen, i) }
	show(t, l, 600, 200)
	l.Set(time.Second, control.Rung{Label: "1", Done: true, Tone: control.Red}, control.Rung{Label: "2", Done: true, Tone: control.Red}, control.Rung{Label: "3", Planned: time.Second})
	test.TapAt(l, fyne.NewPos(50, 10))
	l.TypedKey(key(fyne.KeyDown))
	l.TypedKey(key(fyne.KeyDown)) // the third is still to come
	test.TapAt(l, fyne.NewPos(50, 80))
	test.TapAt(l, fyne.NewPos(50, 190))
	if fmt.Sprint(chosen) != "[0 1]" || l.Selected() != 1 {
		t.Errorf("chosen %v, selected %d", chosen, l.Selected())
	}
}

func TestPhasesNameOnlyWhatTookTime(t *testing.T) {
	p := control.NewPhases(func(d time.Duration) string { return d.String() })
	show(t, p, 600, 40)
	p.Set(control.Phase{Label: "dns", Tone: control.Blue}, control.Phase{Label: "connect", Took: time.Millisecond, Tone: control.Teal}, control.Phase{Label: "first byte", Took: time.Second, Tone: control.Green})
	if got := fmt.Sprint(texts(p)); got != "[connect 1ms first byte 1s]" {
		t.Errorf("got %s", got)
	}
}
