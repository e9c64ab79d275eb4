package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"hookglass/ui/control"
)

func body(t *testing.T, text string, w, h float32) *control.BodyView {
	t.Helper()
	v := control.NewBodyView()
	show(t, v, w, h)
	v.SetText(text, false)
	return v
}

// at is a point in a row and column of a body without a gutter.
func at(v *control.BodyView, row int, col float32) *desktop.MouseEvent {
	m := fyne.MeasureText("M", 12.5, fyne.TextStyle{Monospace: true})
	return press(14+col*m.Width, float32(row)*float32(int(m.Height+0.999)+2)+3)
}

func TestBodyShowsWhatHidesItself(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"carriage return", "a\r", `a\r`},
		{"control", "a\x01\x1bb\x00", `a\x01\x1bb\0`},
		{"not UTF-8", "\xff\xfe", `\xff\xfe`},
		{"zero width and bidi", "a\u200bb\u202ec", "a□b□c"},
		{"byte order mark", "\ufeff{}", "□{}"},
		{"plain", `{"a": 1}`, `{"a": 1}`},
	} {
		v := body(t, c.text, 400, 60)
		if got := strings.Join(texts(v), ""); got != c.want {
			t.Errorf("%s: shown %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBodyColumnsOfWideCharacters(t *testing.T) {
	v := body(t, "한국|\nZu\u0308|\n\ta|\n👍🏽|", 400, 120)
	m := fyne.MeasureText("M", 12.5, fyne.TextStyle{Monospace: true})
	want := []int{4, 2, 5, 6} // the bar's column: two wide ones, one joined, a tab, an emoji and its skin as boxes of three
	var got []int
	walk(v, func(o fyne.CanvasObject) {
		if c, ok := o.(*canvas.Text); ok && strings.HasSuffix(c.Text, "|") {
			got = append(got, int((c.Position().X-14)/m.Width+0.5)+len(c.Text)-1)
		}
	})
	if !slices.Equal(got, want) {
		t.Errorf("bars at columns %v, want %v", got, want)
	}
}

func TestBodyWrapsAndCopiesWholeLines(t *testing.T) {
	long := strings.Repeat("0123456789", 30)
	v := body(t, long+"\nend", 300, 400)
	if n := len(texts(v)); n < 8 {
		t.Errorf("a line of 300 columns shows as %d rows", n)
	}
	v.TypedShortcut(&fyne.ShortcutSelectAll{})
	v.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != long+"\nend" {
		t.Errorf("copied %d bytes, want the text as it came", len(got))
	}
	v.SetWrap(false)
	if n := len(texts(v)); n != 2 {
		t.Errorf("without wrapping %d rows, want 2", n)
	}
	v.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(-10000, 0)})
	if got := texts(v); !strings.HasSuffix(long, got[0]) || len(got) != 1 {
		t.Errorf("scrolled to the right: %q", got)
	}
}

func TestBodySelectsWordLineAndRange(t *testing.T) {
	v := body(t, `"id": "evt_1-x", "n": 2`+"\nsecond", 400, 100)
	v.MouseDown(at(v, 0, 9))
	v.MouseDown(at(v, 0, 9))
	if got := v.Selected(); got != "evt_1-x" {
		t.Errorf("two clicks select %q", got)
	}
	v.MouseDown(at(v, 0, 9))
	if got := v.Selected(); got != `"id": "evt_1-x", "n": 2` {
		t.Errorf("three clicks select %q", got)
	}
	v.MouseDown(at(v, 0, 18))
	end := at(v, 1, 3)
	v.Dragged(&fyne.DragEvent{PointEvent: end.PointEvent})
	if got := v.Selected(); got != "n\": 2\nsec" {
		t.Errorf("dragged over %q", got)
	}
	shifted := at(v, 0, 21)
	shifted.Modifier = fyne.KeyModifierShift
	v.MouseDown(shifted)
	if got := v.Selected(); got != `n":` {
		t.Errorf("with Shift selected %q", got)
	}
}

func TestBodyFinds(t *testing.T) {
	v := body(t, strings.Repeat("filler\n", 200)+"Refund here\n"+strings.Repeat("filler\n", 200)+"refund there", 300, 100)
	if n := v.Find("REFUND"); n != 2 {
		t.Fatalf("found %d, want 2 without regard to case", n)
	}
	if got := texts(v); !slices.Contains(got, "Refund here") {
		t.Errorf("the first match is not in sight: %q", got)
	}
	v.FindNext(false)
	if now, of := v.Matches(); now != 2 || of != 2 || !slices.Contains(texts(v), "refund there") {
		t.Errorf("at %d of %d, in sight %q", now, of, texts(v))
	}
	v.FindNext(false)
	if now, _ := v.Matches(); now != 1 {
		t.Errorf("past the end at match %d, want 1", now)
	}
	v.FindNext(true)
	if now, _ := v.Matches(); now != 2 {
		t.Errorf("back from the first at match %d, want the last", now)
	}
	if v.Find("nowhere") != 0 {
		t.Error("found what is not there")
	}
}

func TestBodyDrawsOnlyWhatIsInSight(t *testing.T) {
	v := body(t, strings.Repeat("a row\n", 50_000), 300, 200)
	v.TypedKey(key(fyne.KeyEnd))
	if n := len(texts(v)); n == 0 || n > 14 {
		t.Errorf("%d texts are drawn for a view of ten rows", n)
	}
}

func TestBodyMenu(t *testing.T) {
	v := control.NewBodyView()
	_, l := show(t, v, 400, 300)
	v.SetText("word", false)
	chosen := ""
	v.Menu = func(selected string) []control.MenuItem {
		return []control.MenuItem{{Label: "Decode", Divider: true, Do: func() { chosen = selected }}}
	}
	v.MouseDown(at(v, 0, 1))
	v.MouseDown(at(v, 0, 1))
	second := at(v, 0, 1)
	second.Button = desktop.MouseButtonSecondary
	v.MouseDown(second)
	if got := texts(l); !slices.Contains(got, "Copy") || !slices.Contains(got, "Decode") {
		t.Fatalf("menu shows %q", got)
	}
	list := l.Focused().(*control.List)
	list.TypedKey(key(fyne.KeyEnd))
	list.TypedKey(key(fyne.KeyReturn))
	if chosen != "word" || l.Covered() {
		t.Errorf("chosen %q, menu still open: %v", chosen, l.Covered())
	}
}

func TestBodyFollowsTheTheme(t *testing.T) {
	v := body(t, "text", 100, 40)
	before := inkOf(v)
	test.ApplyTheme(t, control.NewTheme(control.LightMode))
	if after := inkOf(v); after == before {
		t.Errorf("ink stays %v in the light theme", after)
	}
}

func inkOf(o fyne.CanvasObject) string {
	ink := ""
	walk(o, func(o fyne.CanvasObject) {
		if c, ok := o.(*canvas.Text); ok {
			ink = fmt.Sprint(c.Color)
		}
	})
	return ink
}

func TestFindBarLooksAndTells(t *testing.T) {
	v := control.NewBodyView()
	b := control.NewFindBar(v, nil)
	show(t, control.Col(0, b, control.Grow(v)), 400, 200)
	v.SetText("one\ntwo\none", false)
	v.OnFind()
	if !b.Visible() {
		t.Fatal("the view does not open its bar")
	}
	typeInto(b, "one")
	if got := texts(b); !slices.Contains(got, "1 of 2") {
		t.Errorf("bar shows %q", got)
	}
	typeInto(b, "x")
	if got := texts(b); !slices.Contains(got, "none") {
		t.Errorf("bar shows %q", got)
	}
	b.Close()
	if _, of := v.Matches(); of != 0 || b.Visible() {
		t.Error("closing leaves marks")
	}
}

// typeInto types into what has the keyboard.
func typeInto(o fyne.CanvasObject, s string) {
	f := fyne.CurrentApp().Driver().CanvasForObject(o).Focused()
	for _, r := range s {
		f.TypedRune(r)
	}
}

func TestSelectChooses(t *testing.T) {
	var got []int
	s := control.NewSelect("Platform", func(i int) { got = append(got, i) }, "Nitejar", "WorkJet", "Nekro")
	_, l := show(t, control.Col(0, s), 300, 300)
	s.TypedKey(key(fyne.KeyDown))
	s.Open()
	list := l.Focused().(*control.List)
	if list.Selected() != 1 {
		t.Errorf("opens at %d, want the present choice 1", list.Selected())
	}
	list.TypedKey(key(fyne.KeyDown))
	list.TypedKey(key(fyne.KeyReturn))
	s.ChooseText("Nitejar")
	if fmt.Sprint(got) != "[1 2]" || s.Text() != "Nitejar" || l.Covered() {
		t.Errorf("called back %v, text %q, open %v", got, s.Text(), l.Covered())
	}
	s.SetDisabled(true)
	s.Open()
	if l.Covered() {
		t.Error("a disabled field opened")
	}
}

// A character that no font has is a box with its code point, in whole columns; letters that join are drawn together, and
// nothing is wider than its cells.
func TestCharactersThatNoFontHas(t *testing.T) {
	v := control.NewBodyView()
	show(t, v, 900, 200)
	for text, want := range map[string][]string{
		`"🎉!"`:         {`"`, "1F", "389", `!"`},
		`"한국"`:         {`"`, "D5", "5C", "AD", "6D", `"`},
		`"👍🏽"`:         {`"`, "1F", "44D", "1F", "3FD", `"`},
		"\u26bd\ufe0f": {"26", "BD"},
		"e\u0301a":     {"e\u0301", "a"},
		"a\U000e0001b": {"a", "□", "b"},
	} {
		v.SetText(text, false)
		if got := texts(v); !slices.Equal(got, want) {
			t.Errorf("%s is drawn as %q, want %q", text, got, want)
		}
	}
	v.SetText("ab한cd", false)
	left := map[string]float32{}
	walk(v, func(o fyne.CanvasObject) {
		if c, ok := o.(*canvas.Text); ok {
			left[c.Text] = c.Position().X
		}
	})
	v.SetText("abxxcd", false)
	walk(v, func(o fyne.CanvasObject) {
		if c, ok := o.(*canvas.Text); ok && c.Text == "abxxcd" {
			if cell := c.MinSize().Width / 6; left["cd"] < c.Position().X+3.9*cell || left["cd"] > c.Position().X+4.1*cell {
				t.Errorf("what follows stands at %v, with cells of %v from %v on", left["cd"], cell, c.Position().X)
			}
		}
	})
	for _, o := range []fyne.CanvasObject{control.NewText("order 🎉 한", control.Body), control.NewParagraph("order 🎉 한", control.Body)} {
		show(t, o, 400, 40)
		if got := strings.Join(texts(o), ""); got != "order [1F389] [D55C]" {
			t.Errorf("%T says %q", o, got)
		}
	}
}
