package control

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// areaOf is an area of a size in a window.
func areaOf(t *testing.T, text string) *CodeArea {
	t.Helper()
	a := NewCodeArea("", 100, func(string) {})
	a.Color = func(text string) Rows {
		return NewLines(text, false, func(line string, emit func(start, end int, class string)) {
			if i := strings.Index(line, "key"); i >= 0 {
				emit(i, i+3, "key")
			}
		}).Wrapped(0)
	}
	w := test.NewTempWindow(t, NewLayers(a, nil))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(300, 120))
	a.SetQuiet(text)
	return a
}

// inked are the coloured texts, from top to bottom.
func inked(a *CodeArea) (words []string) {
	f := test.WidgetRenderer(a.ink).(*inkFace)
	for _, text := range f.pool.texts[:f.pool.used.texts] {
		words = append(words, text.Text)
	}
	return words
}

func TestCodeAreaColoursWhatIsTyped(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkMode))
	a := areaOf(t, "a key: 1\nb")
	if got := strings.Join(inked(a), "|"); got != "a |key|: 1|b" {
		t.Errorf("drawn are %q", got)
	}
	f := test.WidgetRenderer(a.ink).(*inkFace)
	if got, want := f.pool.texts[1].Color, paint(Class("key")); got != want {
		t.Errorf("the key is %v, want %v", got, want)
	}
	a.field.entry.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	if at, size := a.field.entry.Position(), a.field.entry.Size(); at != fyne.NewPos(0, 0) || size.Width < 280 || size.Height < 100 {
		t.Errorf("with the keyboard the entry stands at %v, %v large: a press beside it would take the keyboard away", at, size)
	}
	a.field.entry.TypedRune('x')
	if got := strings.Join(inked(a), "|"); got != "xa |key|: 1|b" {
		t.Errorf("typed, drawn are %q", got)
	}
	// the ink stands where the entry has its cursor
	a.field.entry.CursorRow, a.field.entry.CursorColumn = 1, 1
	a.field.entry.Refresh()
	at, last := a.field.entry.CursorPosition(), f.pool.texts[f.pool.used.texts-1]
	if end := last.Position().X + last.Size().Width; at.X < end-1.5 || at.X > end+1.5 || at.Y < last.Position().Y-1.5 || at.Y > last.Position().Y+1.5 {
		t.Errorf("the cursor is at %v, the text it is behind from %v to %v", at, last.Position(), end)
	}
}

func TestCodeAreaHandsTheWheelOnAtItsEnds(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkMode))
	a := areaOf(t, strings.Repeat("line\n", 30))
	beyond := 0
	a.Beyond = func(*fyne.ScrollEvent) { beyond++ }
	turn := func(dy float32) { a.wheel.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: dy}}) }
	turn(40)
	if beyond != 1 {
		t.Error("at the top a turn up stays in it")
	}
	turn(-40)
	if beyond != 1 || a.scroll.Offset.Y == 0 {
		t.Errorf("a turn down moves it to %v, handed on %d times", a.scroll.Offset, beyond)
	}
	turn(-10_000)
	turn(-40)
	if beyond != 2 {
		t.Error("at the bottom a turn down stays in it")
	}
}

func TestCodeAreaFollowsTheCursor(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkMode))
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprint("line ", i))
	}
	a := areaOf(t, strings.Join(lines, "\n"))
	a.field.Focus()
	press := func(key fyne.KeyName) {
		a.field.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
	}
	press(fyne.KeyEnd)
	if e := a.field.entry; e.CursorRow != 39 || e.CursorColumn != 7 || a.scroll.Offset.Y == 0 {
		t.Errorf("Ctrl+End: row %d, column %d, offset %v", e.CursorRow, e.CursorColumn, a.scroll.Offset)
	}
	if got := inked(a); got[len(got)-1] != "line 39" {
		t.Errorf("the last line drawn is %q", got[len(got)-1])
	}
	press(fyne.KeyHome)
	if e := a.field.entry; e.CursorRow != 0 || e.CursorColumn != 0 || a.scroll.Offset.Y != 0 {
		t.Errorf("Ctrl+Home: row %d, column %d, offset %v", e.CursorRow, e.CursorColumn, a.scroll.Offset)
	}
}
