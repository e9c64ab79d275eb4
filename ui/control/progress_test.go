package control

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// A bar that was taken away while work went on does not move for ever: each step would paint the window anew. One that is seen
// moves, and again when it comes back.
func TestABarMovesOnlyWhereItIsSeen(t *testing.T) {
	app := test.NewTempApp(t)
	p := NewProgress()
	p.Busy()
	w := app.NewWindow("")
	defer w.Close()
	stage := NewBox(Surface{}, nil)
	w.SetContent(Pad(XY(8, 8), stage))
	w.Resize(fyne.NewSize(200, 100))
	steps := func() {
		for range 2 * looksEvery {
			if p.anim != nil {
				p.step(0.5)
			}
		}
	}
	stage.SetChild(p)
	if steps(); p.anim == nil {
		t.Fatal("it rests while it is seen")
	}
	stage.SetChild(NewText("the answer", Body))
	if steps(); p.anim != nil {
		t.Error("it moves where nobody sees it")
	}
	stage.SetChild(p)
	w.Canvas().Capture()
	if steps(); p.anim == nil {
		t.Error("it rests when it is seen again")
	}
	p.Hide()
	if steps(); p.anim != nil {
		t.Error("it moves while it is hidden")
	}
	p.Show()
	p.Set(1)
	w.Canvas().Capture()
	if steps(); p.anim != nil {
		t.Error("it moves at its end")
	}
}
