package control

import (
	"image/color"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// shownIn puts a field into a window of a size.
func shownIn(t *testing.T, f *Field, width, height float32) fyne.Window {
	t.Helper()
	w := test.NewTempWindow(t, NewLayers(f, nil))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(width, height))
	return w
}

// under calls see with everything that is to be seen below o.
func under(o fyne.CanvasObject, see func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	see(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			under(c, see)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			under(c, see)
		}
	}
}

// No bar lies over a text of one line that is longer than its field; where there are several lines the bar stays.
func TestAFieldOfOneLineHasNoBar(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkMode))
	long := strings.Repeat("a long text ", 40)
	secret := NewField("", "", nil).AsSecret()
	for _, c := range []struct {
		field *Field
		bar   bool
	}{{NewField("", "", nil), false}, {secret, false}, {NewTextArea("", "", 3, nil), true}} {
		win := shownIn(t, c.field, 200, 120)
		c.field.Set(long)
		for _, mode := range []Mode{LightMode, DarkMode} {
			look := NewTheme(mode)
			fyne.CurrentApp().Settings().SetTheme(look)
			win.Canvas().Capture()
			bar, text := false, false
			under(c.field, func(o fyne.CanvasObject) {
				if r, ok := o.(*canvas.Rectangle); ok && r.FillColor == look.Color(theme.ColorNameScrollBar, theme.VariantDark) {
					bar = true
				}
				if w, ok := o.(*canvas.Text); ok && w.Text != "" && w.Color == look.Color(theme.ColorNameForeground, theme.VariantDark) {
					text = true
				}
			})
			if bar != c.bar || !text {
				t.Errorf("in %s a bar is there: %t, want %t; its text in the colour of it: %t", mode, bar, c.bar, text)
			}
		}
	}
	shown := func() string {
		var all []string
		under(secret.entry, func(o fyne.CanvasObject) {
			if w, ok := o.(*canvas.Text); ok {
				all = append(all, w.Text)
			}
		})
		return strings.Join(all, "")
	}
	shownIn(t, secret, 300, 60)
	if strings.Contains(shown(), "long") {
		t.Error("a secret is shown")
	}
	if test.Tap(secret.entry.ActionItem.(*Button)); !strings.Contains(shown(), "long") {
		t.Error("the eye shows nothing")
	}
}

// A character that no font has is boxed with its code point where it stands, and stays in the text.
func TestAFieldBoxesWhatNoFontHas(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkMode))
	f := NewField("", "", nil)
	shownIn(t, f, 300, 60)
	f.Set("a\U0001F600b")
	boxes := func() *pool {
		return &test.WidgetRenderer(test.WidgetRenderer(f.entry).(*caretFace).boxes).(*inkFace).pool
	}
	digits := func() (all []string) {
		for _, text := range boxes().texts[:boxes().used.texts] {
			all = append(all, text.Text)
		}
		return all
	}
	if got := strings.Join(digits(), "|"); got != "a|1F|600|b" {
		t.Errorf("drawn are %q", got)
	}
	under(f.entry, func(o fyne.CanvasObject) {
		if w, ok := o.(*canvas.Text); ok && isMissing([]rune(w.Text + " a")[1]) && w.Color != color.Transparent {
			t.Errorf("Fyne's text shows below: %q in %v", w.Text, w.Color)
		}
	})
	if f.Text() != "a\U0001F600b" {
		t.Errorf("the text is %q", f.Text())
	}
	f.entry.CursorColumn = 1
	f.entry.Refresh()
	before := f.entry.CursorPosition().X
	f.entry.CursorColumn = 2
	f.entry.Refresh()
	after := f.entry.CursorPosition().X
	box := boxes().rects[0]
	if at := box.Position().X; at < before-1 || at+box.Size().Width > after+1 {
		t.Errorf("the box stands from %v to %v, the character from %v to %v", at, at+box.Size().Width, before, after)
	}
	f.entry.Password = true
	f.entry.Refresh()
	if n := len(digits()); n > 0 {
		t.Errorf("hidden, %d boxes are there", n)
	}
	a := areaOf(t, "x\U0001F600key")
	if got := strings.Join(inked(a), "|"); got != "x|key" {
		t.Errorf("beside the box are drawn %q", got)
	}
}
