package control_test

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"hookglass/ui/control"
)

// show puts o into a window of a size, under our theme and between layers.
func show(t *testing.T, o fyne.CanvasObject, w, h float32) (fyne.Window, *control.Layers) {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(control.NewTheme(control.DarkMode))
	l := control.NewLayers(o, nil)
	win := a.NewWindow("test")
	win.SetPadded(false)
	win.SetContent(l)
	win.Resize(fyne.NewSize(w, h))
	return win, l
}

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

func press(x, y float32) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y), AbsolutePosition: fyne.NewPos(x, y)}, Button: desktop.MouseButtonPrimary}
}

// texts collects what is drawn in o and below, in order.
func texts(o fyne.CanvasObject) []string {
	var out []string
	walk(o, func(o fyne.CanvasObject) {
		if t, ok := o.(*canvas.Text); ok && t.Text != "" {
			out = append(out, t.Text)
		}
	})
	return out
}

func walk(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	visit(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			walk(c, visit)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			walk(c, visit)
		}
	}
}

func TestInksAreReadableOnEverySurface(t *testing.T) {
	surfaces := []control.Token{control.SurfaceRail, control.SurfacePanel, control.SurfaceDetail, control.SurfaceRaised, control.SurfaceCode, control.SurfaceField, control.SurfacePopup}
	inks := []control.Token{control.Ink, control.Muted, control.Faint, control.Green, control.Blue, control.Amber, control.Red, control.Violet, control.Teal}
	for _, mode := range []control.Mode{control.DarkMode, control.LightMode} {
		th := control.NewTheme(mode)
		for _, s := range surfaces {
			for _, ink := range inks {
				got := contrast(th.Color(ink, theme.VariantDark), th.Color(s, theme.VariantDark))
				if got < 4.5 {
					t.Errorf("%s: %s on %s has contrast %.2f, want 4.5", mode, ink, s, got)
				}
			}
		}
		if got := contrast(th.Color(control.OnAccent, 0), th.Color(control.Accent, 0)); got < 4.5 {
			t.Errorf("%s: text on the accent has contrast %.2f, want 4.5", mode, got)
		}
	}
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	if la < lb {
		la, lb = lb, la
	}
	return (la + 0.05) / (lb + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func TestTextIsCutToItsPlace(t *testing.T) {
	end := control.NewText("/in/stripe/with/a/long/path", control.Body).Ellipsis()
	middle := control.NewText("/in/stripe/with/a/long/path", control.Body).EllipsisMiddle()
	show(t, control.Col(0, end, middle), 100, 60)
	if got := texts(end)[0]; got[:4] != "/in/" || got[len(got)-len("…"):] != "…" {
		t.Errorf("cut at the end: %q", got)
	}
	if got := texts(middle)[0]; got[:3] != "/in" || got[len(got)-4:] != "path" {
		t.Errorf("cut in the middle: %q", got)
	}
	if w := end.MinSize().Width; w > 30 {
		t.Errorf("a text that may be cut asks for %v", w)
	}
}

func TestParagraphGrowsWhenNarrow(t *testing.T) {
	p := control.NewParagraph("Read the raw body before any middleware parses it, and verify exactly these bytes.", control.Body)
	win, _ := show(t, control.Col(0, p), 600, 300)
	wide := p.MinSize().Height
	win.Resize(fyne.NewSize(140, 300))
	if narrow := p.Size().Height; narrow < 3*wide {
		t.Errorf("height %v at 140 px, %v at 600 px", narrow, wide)
	}
}

func TestParagraphCutsAWordThatIsTooLong(t *testing.T) {
	p := control.NewParagraph("v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd", control.Code)
	show(t, control.Col(0, p), 120, 300)
	joined := ""
	for _, line := range texts(p) {
		joined += line
	}
	if joined != p.Text() || len(texts(p)) < 3 {
		t.Errorf("lines %q", texts(p))
	}
}

func TestButtonByPointerAndKey(t *testing.T) {
	n := 0
	b := control.NewButton("Send", "send", control.Primary, func() { n++ })
	show(t, b, 100, 40)
	test.Tap(b)
	b.TypedKey(key(fyne.KeySpace))
	b.TypedKey(key(fyne.KeyReturn))
	if n != 3 {
		t.Errorf("pressed %d times, want 3", n)
	}
	b.SetDisabled(true)
	test.Tap(b)
	if n != 3 {
		t.Error("a disabled button was pressed")
	}
}

func TestTipShowsAndGoes(t *testing.T) {
	b := control.NewTool("copy", "Copy as cURL", nil)
	_, l := show(t, control.Col(0, b), 300, 100)
	b.MouseIn(press(2, 2))
	if got := texts(l); len(got) != 1 || got[0] != "Copy as cURL" {
		t.Errorf("under the pointer: %q", got)
	}
	b.MouseOut()
	if got := texts(l); len(got) != 0 {
		t.Errorf("after the pointer left: %q", got)
	}
}

func TestTabsAndSegmentedChoose(t *testing.T) {
	var tabs, seg []int
	tb := control.NewTabs(func(i int) { tabs = append(tabs, i) }, "Body", "Headers", "Signature")
	sg := control.NewSegmented(func(i int) { seg = append(seg, i) }, "Pretty", "Raw", "Hex")
	show(t, control.Col(0, tb, sg), 400, 100)
	test.TapAt(tb, fyne.NewPos(70, 10))
	tb.TypedKey(key(fyne.KeyRight))
	tb.TypedKey(key(fyne.KeyRight)) // stays at the last
	test.TapAt(sg, fyne.NewPos(80, 10))
	sg.TypedKey(key(fyne.KeyHome))
	if fmt.Sprint(tabs) != "[1 2]" || fmt.Sprint(seg) != "[1 0]" {
		t.Errorf("tabs %v, segmented %v", tabs, seg)
	}
}

func TestFieldValidates(t *testing.T) {
	var got []string
	f := control.NewField("Tolerance", "300", func(s string) { got = append(got, s) }).WithHelp("Seconds.")
	f.Validate = func(s string) error {
		if s == "x" {
			return errors.New("want a number of seconds")
		}
		return nil
	}
	show(t, f, 300, 100)
	f.Focus()
	before := f.MinSize()
	f.Set("x")
	if f.Problem() != "want a number of seconds" {
		t.Errorf("problem %q", f.Problem())
	}
	f.Set("30")
	f.SetQuiet("60")
	if f.Problem() != "" || fmt.Sprint(got) != "[x 30]" || f.Text() != "60" {
		t.Errorf("problem %q, changes %v, text %q", f.Problem(), got, f.Text())
	}
	if f.MinSize() != before {
		t.Errorf("help and problem have different heights: %v, %v", before, f.MinSize())
	}
}

func TestSplitKeepsPixelsAndBounds(t *testing.T) {
	left, right := control.NewBox(control.Surface{}, nil), control.NewBox(control.Surface{}, nil)
	s := control.NewSplit(left, right, 240, 180, 300)
	win, _ := show(t, s, 800, 100)
	win.Resize(fyne.NewSize(1200, 100))
	if w := left.Size().Width; w != 240 {
		t.Errorf("after the window grew: %v, want 240", w)
	}
	s.SetPx(5000)
	if w := right.Size().Width; w != 300 {
		t.Errorf("dragged too far, the other pane has %v, want its least 300", w)
	}
	s.SetPx(10)
	if w := left.Size().Width; w != 180 {
		t.Errorf("dragged too far back: %v, want 180", w)
	}
}

func TestToastsStackAndGo(t *testing.T) {
	undone := false
	_, l := show(t, control.Gap(10, 10), 600, 400)
	for i := range 5 {
		l.Toast(control.Toast{Text: fmt.Sprint("toast ", i)})
	}
	if got := texts(l); len(got) != 4 || got[0] != "toast 1" {
		t.Errorf("shown: %q, want the last four", got)
	}
	l.Toast(control.Toast{Text: "Deleted", Action: "Undo", Do: func() { undone = true }})
	var undo *control.Button
	walk(l, func(o fyne.CanvasObject) {
		if b, ok := o.(*control.Button); ok && len(texts(b)) > 0 {
			undo = b
		}
	})
	test.Tap(undo)
	if !undone || len(texts(l)) != 3 {
		t.Errorf("undone %v, left %q", undone, texts(l))
	}
	for l.Back() {
	}
	if got := texts(l); len(got) != 0 {
		t.Errorf("after Esc: %q", got)
	}
}

// A message that says what another one says takes its place; one that can be acted upon stands for itself.
func TestTheSameMessageStandsOnce(t *testing.T) {
	_, l := show(t, control.Gap(10, 10), 600, 400)
	for range 3 {
		l.Toast(control.Toast{Text: "it cannot be written", Stay: true})
	}
	if got := texts(l); len(got) != 1 {
		t.Errorf("%q say the same", got)
	}
	for range 2 {
		l.Toast(control.Toast{Text: "Deleted", Action: "Undo", Do: func() {}, Stay: true})
	}
	if got := texts(l); len(got) != 5 { // each with its button
		t.Errorf("shown: %q, want both that can be undone", got)
	}
}

func TestPopupTakesAndReturnsTheKeyboard(t *testing.T) {
	f := control.NewField("", "", nil)
	_, l := show(t, control.Col(0, f), 400, 300)
	f.Focus()
	closed := 0
	p := &control.Popup{Content: control.NewText("menu", control.Body), Anchor: f, OnClose: func() { closed++ }}
	l.Open(p)
	if !l.Covered() {
		t.Fatal("an open menu does not cover the page")
	}
	if at := p.Content.Position(); at.Y < f.Size().Height {
		t.Errorf("opened at %v, want it under its field", at)
	}
	fyne.CurrentApp().Driver().CanvasForObject(f).Unfocus()
	l.Back()
	if closed != 1 || l.Covered() || !f.Focused() {
		t.Errorf("closed %d, covered %v, focused %v", closed, l.Covered(), f.Focused())
	}
}

// Sizes below zero make the software painter panic; zero must do no harm anywhere.
func TestNothingMindsHavingNoRoom(t *testing.T) {
	for _, o := range everything() {
		win, _ := show(t, o, 400, 300)
		for _, s := range []fyne.Size{{}, {Width: 1, Height: 1}, {Width: 7, Height: 300}, {Width: 400, Height: 3}} {
			o.Resize(s)
			win.Canvas().Capture()
		}
	}
}

func everything() []fyne.CanvasObject {
	list := control.NewList(28, func() int { return 100 }, func() fyne.CanvasObject { return control.NewText("", control.Body) }, func(int, fyne.CanvasObject) {})
	list.Select(0)
	field := control.NewField("Label", "", nil).WithIcon("search").WithHelp("help")
	long := control.NewBodyView()
	long.SetText("a\nb\n\u65e5", true)
	flat := control.NewBodyView()
	flat.SetText("a\nb", true)
	flat.SetWrap(false)
	strip := control.NewByteStrip(control.BytePart{Label: "body", Bytes: []byte("{\"a\": \"\xff\"}\r\n"), Tone: control.Blue})
	pair := control.NewBytePair()
	pair.Set(control.BytePart{Label: "a", Bytes: []byte("ab"), Tone: control.Green}, control.BytePart{Label: "b", Bytes: []byte("a"), Tone: control.Muted})
	tree := control.NewTree()
	tree.SetRows(&branches{open: map[string]bool{"root": true}})
	water := control.NewWaterfall()
	water.Set("8 s", steps()...)
	stretched := control.NewWaterfall()
	stretched.Set("8 s", steps()...)
	stretched.SetStretched(true)
	line, stack := control.NewChart(control.LineChart, 100), control.NewChart(control.StackChart, 100)
	series := control.Series{Name: "a", Tone: control.Blue, Values: []float64{1, 2, 3}, Fill: true}
	line.Set(series, control.Series{Name: "b", Tone: control.Red, Values: []float64{2, 2, 2}, Dashed: true})
	stack.Set(series)
	ladder := control.NewLadder()
	ladder.Set(3, control.Rung{Label: "1", Done: true, Tone: control.Red}, control.Rung{Label: "2", Planned: 10})
	spark := control.NewSparkline()
	spark.Set([]float64{1, 2}, []float64{1})
	ring := control.NewScoreRing()
	ring.Set(50, "x")
	busy := control.NewProgress()
	busy.Busy()
	filter := control.NewTokens("x", nil)
	filter.Set("a:b c:d e")
	return []fyne.CanvasObject{
		tree, water, stretched, line, stack, ladder, control.NewLadder(), control.NewWaterfall(), control.NewChart(control.LineChart, 10), spark, ring, busy, filter,
		control.NewFacts(control.Fact{Key: "k", Value: "v"}, control.Fact{Key: "k", Value: "v", Badge: true, Tone: control.Red}), control.NewQR("x", 20),
		control.NewCodeBlock(control.Snippet{Label: "Go", Text: "x"}, control.Snippet{Label: "Node", Text: "y"}), control.NewCodeBlock(),
		control.EmptyState("inbox", "Title", "Text"), control.Banner(control.Amber, "text", control.NewButton("a", "", control.Ghost, nil)),
		strip, pair, strip.Legend(), control.NewClockBar(control.ClockReading{Age: 3, Past: 5, Future: 5, Label: "x"}), control.NewClockBar(control.ClockReading{}),
		long, flat, control.NewSelect("a", nil, "b").WithHelp("c"), control.NewFindBar(flat, nil),
		list, field, control.NewTextArea("Body", "", 3, nil), control.NewTabs(nil, "a", "b"), control.NewSegmented(nil, "a", "b"),
		control.Card(control.NewParagraph("words and words", control.Body)), control.NewButton("a", "x", control.Primary, nil),
		control.NewBadge("POST", control.Green), control.NewCount("3", true), control.NewChip("All", true, nil), control.NewSwitch(true, nil),
		control.NewSplit(control.Hair(), control.Hair(), 100, 50, 50), control.NewSplit(control.Hair(), control.Hair(), 100, 50, 50).Down().KeepSecond(),
		control.Wrap(4, control.NewBadge("a", control.Blue), control.NewBadge("b", control.Blue)), control.NewScroll(control.NewText("x", control.Body)),
		control.Row(4, control.Spacer(), control.NewText("x", control.Body).Ellipsis()),
	}
}
