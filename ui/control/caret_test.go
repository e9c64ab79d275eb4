package control

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// One sees where one types: behind the last letter, and nowhere without the keyboard.
func TestAFieldShowsItsCaret(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkMode))
	f := NewField("Name", "", nil)
	w := test.NewTempWindow(t, NewLayers(f, nil))
	w.Resize(fyne.NewSize(200, 80))
	face := test.WidgetRenderer(f.entry).(*caretFace)
	if face.caret.Visible() {
		t.Error("without the keyboard there is a caret")
	}
	f.Focus()
	if !face.caret.Visible() || face.caret.Size().Width < 1 || face.caret.Size().Height < 10 {
		t.Errorf("the caret is visible %v, %v large", face.caret.Visible(), face.caret.Size())
	}
	before := face.caret.Position()
	test.Type(f.entry, "abc")
	if after := face.caret.Position(); after.X <= before.X+10 {
		t.Errorf("typing moves it from %v to %v", before, after)
	}
	test.Type(f.entry, "a long text that goes on beyond the right edge of the field, so that it scrolls")
	if at := face.caret.Position(); !face.caret.Visible() || at.X > f.entry.Size().Width {
		t.Errorf("in a text that scrolled it is at %v, visible %v", at, face.caret.Visible())
	}
	w.Canvas().Unfocus()
	if face.caret.Visible() {
		t.Error("the keyboard is gone, and the caret stays")
	}
}
