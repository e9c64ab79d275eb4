package control_test

import (
	"fmt"
	"image"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/ui/control"
	"hookglass/ui/eye"
)

// sample is a widget, and something that changes what it shows; nil where nothing does.
type sample struct {
	name   string
	o      fyne.CanvasObject
	change func()
}

// samples are one of each widget at least: see TestWidgetsOutliveTheirRenderers.
func samples() []sample {
	var out []sample
	add := func(name string, o fyne.CanvasObject, change func()) { out = append(out, sample{name, o, change}) }
	for i, o := range everything() {
		if p, ok := o.(*control.Progress); ok {
			p.Set(0.3) // what moves by itself is not the same twice
		}
		add(fmt.Sprintf("everything %d, %T", i, o), o, nil)
	}
	text := control.NewText("as it was", control.Body)
	add("text", text, func() { text.Put("as it is", control.Strong.In(control.Red)) })
	cut := control.NewText("as it was long before this window was opened", control.Body).EllipsisMiddle()
	add("cut text", control.Fixed(90, cut), func() { cut.Set("as it is, which takes many words to tell") })
	words := control.NewParagraph("as it was, and so on", control.Body)
	add("paragraph", words, func() { words.Set("as it is, and not otherwise") })
	icon := control.NewIcon("inbox", control.Muted, 20)
	add("icon", icon, func() { icon.Set("send", control.Red) })
	badge := control.NewBadge("POST", control.Green).WithIcon("check")
	add("badge", badge, func() { badge.SetAll("GET", "x", control.Blue) })
	line := control.NewShareLine()
	line.Set(control.Share{Depth: 1, Name: "id", Share: 0.4, Kind: "string", About: "a value", Tone: control.Green, Mark: control.Amber})
	add("share line", line, func() { line.Set(control.Share{Name: "at", Share: 1, Kind: "number", Tone: control.Blue}) })
	count := control.NewCount("3", false)
	add("count", count, func() { count.Set("12", true) })
	box := control.NewBox(control.Surface{Fill: control.Accent, Radius: 8, Border: control.Red, Shadow: true}, control.NewText("in it", control.Body))
	add("box", box, func() { box.SetChild(control.NewText("in it now", control.Body)) })
	press := control.NewPress(control.Surface{Fill: control.Resting}, control.NewText("press", control.Body), nil)
	add("press", press, func() { press.SetSurface(control.Surface{Fill: control.Accent}) })
	button := control.NewButton("Send", "send", control.Primary, nil)
	add("button", button, func() { button.Set("Sending", "") })
	field := control.NewField("Label", "nothing yet", nil).WithIcon("search").WithHelp("help").WithTrail(control.NewTool("x", "", nil))
	field.Set("what stands in it")
	add("field", field, func() { field.Set("and now"); field.SetProblem("that is wrong") })
	secret := control.NewField("Secret", "none", nil).AsSecret()
	add("empty secret", secret, func() { secret.Set("hidden") })
	area := control.NewTextArea("Body", "", 3, nil).AsCode()
	area.Set("a\nb\nc\nd\ne\nf")
	add("area", area, func() { area.Set("g") })
	editor := control.NewCodeArea("Body", 120, func(string) {})
	editor.Set("{\n  \"a\": [1, \"two\", null]\n}")
	add("editor", editor, func() { editor.Set("[true]") })
	choice := control.NewSelect("Choose", nil, "one", "two").WithHelp("of these")
	add("select", choice, func() { choice.Choose(1) })
	toggle := control.NewSwitch(false, nil)
	add("switch", control.Toggle(toggle, "label", "help"), func() { toggle.Set(true) })
	chip := control.NewChip("All", false, nil)
	add("chip", chip, func() { chip.Set(true) })
	tabs := control.NewTabs(nil, "Body", "Headers")
	add("tabs", tabs, func() { tabs.Select(1); tabs.SetCount(0, "7") })
	seg := control.NewSegmented(nil, "Pretty", "Raw")
	add("segmented", seg, func() { seg.SetLabels("Tree", "Raw", "Hex") })
	filter := control.NewTokens("x", nil)
	filter.Set("source:stripe sig:mismatch words")
	filter.SetProblem("there is no such word")
	add("tokens", filter, func() { filter.Set("source:github") })
	addViews(add)
	addDrawings(add)
	return out
}

func addViews(add func(string, fyne.CanvasObject, func())) {
	rows := []string{"one", "two", "three", "four"}
	list := control.NewList(28, func() int { return len(rows) }, func() fyne.CanvasObject { return control.NewText("", control.Body) },
		func(i int, o fyne.CanvasObject) { o.(*control.Text).Set(rows[i]) })
	list.Marked = func(row int) bool { return row == 2 }
	list.Select(1)
	add("list", list, func() { rows[0] = "zero"; list.RefreshRow(0) })
	scrolled := control.NewList(28, func() int { return 1000 }, func() fyne.CanvasObject { return control.NewText("", control.Body) },
		func(i int, o fyne.CanvasObject) { o.(*control.Text).Set(fmt.Sprint("row ", i)) })
	add("scrolled list", scrolled, func() { scrolled.ScrollTo(500) })
	empty := control.NewList(28, func() int { return 0 }, func() fyne.CanvasObject { return control.NewText("", control.Body) }, nil)
	empty.Empty = control.EmptyState("inbox", "Nothing", "There is nothing here.")
	add("empty list", empty, nil)
	body := control.NewBodyView()
	body.SetText("{\n  \"a\": 1\n}", true)
	add("body", body, func() { body.SetText("[2]", true) })
	bar := control.NewFindBar(body, nil)
	bar.Show()
	add("find bar", control.Col(0, bar), nil)
	tree := control.NewTree()
	tree.SetRows(&branches{open: map[string]bool{"root": true, "a": true}})
	add("tree", tree, func() { tree.Toggle(1) })
	facts := control.NewFacts(control.Fact{Key: "k", Value: "v"}, control.Fact{Key: "b", Value: "v", Badge: true, Tone: control.Red})
	add("facts", facts, func() { facts.Set(control.Fact{Key: "k", Value: "w", Code: true}) })
	code := control.NewCodeBlock(control.Snippet{Label: "Go", Text: "x := 1"}, control.Snippet{Label: "Node", Text: "const x = 1"})
	add("code", code, func() { code.Choose("Node") })
	long := control.Col(4)
	for i := range 40 {
		long.Add(control.NewText(fmt.Sprint("line ", i), control.Body))
	}
	scroll := control.NewScroll(long)
	add("scroll", scroll, scroll.Bottom)
	form := control.NewScroll(control.NewTextArea("Body", "", 3, nil)).ForForm()
	add("form", form, nil)
	split := control.NewSplit(control.NewText("left", control.Body), control.NewText("right", control.Body), 100, 50, 50)
	add("split", split, func() { split.SetPx(200) })
}

func addDrawings(add func(string, fyne.CanvasObject, func())) {
	spark := control.NewSparkline()
	spark.Set([]float64{1, 2, 9}, []float64{1})
	add("sparkline", spark, func() { spark.Set([]float64{7, 2}, nil) })
	ring := control.NewScoreRing()
	ring.Set(50, "of 100")
	add("ring", ring, func() { ring.Set(90, "of 100") })
	phases := control.NewPhases(time.Duration.String)
	phases.Set(control.Phase{Label: "dns", Took: 3, Tone: control.Blue}, control.Phase{Label: "tls", Took: 9, Tone: control.Red})
	add("phases", phases, func() { phases.Set(control.Phase{Label: "tls", Took: 9, Tone: control.Red}) })
	moments := control.NewSteps(time.Duration.String)
	moments.Set(0, time.Second, time.Minute)
	add("steps", moments, func() { moments.Set(0, time.Hour) })
	bars := control.NewBars(control.BarRow{Label: "a", Value: "1", Share: 0.5, Tone: control.Blue})
	add("bars", bars, func() { bars.Set(control.BarRow{Label: "b", Value: "2", Share: 1, Tone: control.Red}) })
	chart := control.NewChart(control.LineChart, 100)
	chart.Set(control.Series{Name: "a", Tone: control.Blue, Values: []float64{1, 2, 3}, Fill: true})
	add("chart", chart, func() { chart.Set(control.Series{Name: "b", Tone: control.Red, Values: []float64{9, 2, 3}}) })
	water := control.NewWaterfall()
	water.Set("8 s", steps()...)
	add("waterfall", water, func() { water.SetStretched(true) })
	ladder := control.NewLadder()
	ladder.Set(3, control.Rung{Label: "1", Done: true, Tone: control.Red}, control.Rung{Label: "2", Planned: 10})
	add("ladder", ladder, func() { ladder.Set(3, control.Rung{Label: "3"}) })
	clock := control.NewClockBar(control.ClockReading{Age: 3, Past: 5, Future: 5, Label: "x"})
	add("clock", clock, func() { clock.Set(control.ClockReading{Age: 9, Past: 5, Future: 5, Label: "y"}) })
	strip := control.NewByteStrip(control.BytePart{Label: "body", Bytes: []byte("{\"a\": \"\xff\"}\r\n"), Tone: control.Blue})
	add("strip", strip, func() { strip.Mark(3) })
	pair := control.NewBytePair()
	pair.Set(control.BytePart{Label: "a", Bytes: []byte("ab"), Tone: control.Green}, control.BytePart{Label: "b", Bytes: []byte("a"), Tone: control.Muted})
	add("pair", pair, func() { pair.Set(control.BytePart{Label: "c", Bytes: []byte("x")}, control.BytePart{}) })
	progress := control.NewProgress()
	progress.Set(0.2)
	add("progress", progress, func() { progress.Set(0.8) })
}

// floating are the things that stand above a page.
func floating() map[string]func(l *control.Layers) {
	items := []control.MenuItem{{Label: "Copy", Icon: "copy", Hint: "Ctrl+C", On: true}, {Label: "Delete", Divider: true, Tone: control.Red}}
	return map[string]func(l *control.Layers){
		"menu": func(l *control.Layers) { l.Menu(fyne.NewPos(20, 20), items...) },
		"question": func(l *control.Layers) {
			l.Ask(control.Question{Title: "Delete?", Text: "It is gone then.", Yes: "Delete", Danger: true})
		},
		"palette": func(l *control.Layers) {
			l.OpenPalette([]control.Command{{Label: "Inbox", Icon: "inbox"}, {Label: "Work"}})
		},
		"toasts": func(l *control.Layers) {
			l.Toast(control.Toast{Text: "It is done.", Action: "Undo"})
			l.Toast(control.Toast{Text: "It is not.", Tone: control.Red})
		},
	}
}

// Fyne throws a renderer away that it did not draw for a minute. What a widget shows must not go with it, nor what is
// changed afterwards. A widget that is missing here fails too.
func TestWidgetsOutliveTheirRenderers(t *testing.T) {
	eye.ComparesPictures(t)
	reached := map[string]bool{}
	for _, mode := range []control.Mode{control.DarkMode, control.LightMode} {
		for _, s := range samples() {
			win, _ := show(t, s.o, 300, 220)
			fyne.CurrentApp().Settings().SetTheme(control.NewTheme(mode))
			outlives(t, string(mode)+" "+s.name, win, reached)
			if s.change == nil {
				continue
			}
			before := win.Canvas().Capture()
			eye.Forget(t, win.Content())
			s.change()
			if after := win.Canvas().Capture(); eye.Differ(before, after) == 0 {
				t.Errorf("%s %s: a change does not show once its renderer is another one", mode, s.name)
			}
			outlives(t, string(mode)+" "+s.name+", changed", win, reached)
		}
		for name, open := range floating() {
			win, l := show(t, control.NewText("page", control.Body), 700, 500)
			fyne.CurrentApp().Settings().SetTheme(control.NewTheme(mode))
			open(l)
			win.Canvas().Unfocus() // a cursor that blinks is not the same twice
			outlives(t, string(mode)+" "+name, win, reached)
		}
	}
	for _, kind := range eye.KindsIn(t, ".") {
		if !reached[kind] {
			t.Errorf("no sample shows a %s: add one to samples", kind)
		}
	}
}

func outlives(t *testing.T, name string, win fyne.Window, reached map[string]bool) {
	t.Helper()
	eye.Kinds(win.Content(), reached)
	before := win.Canvas().Capture()
	eye.Forget(t, win.Content())
	if n := eye.Differ(before, win.Canvas().Capture()); n > 0 {
		t.Errorf("%s: with another renderer %d pixels are not the same", name, n)
	}
}

// What was out of sight while the theme changed is in the new one when it comes back, whoever changed it.
func TestThemeReachesWhatIsOutOfSight(t *testing.T) {
	eye.ComparesPictures(t)
	dark, light := control.NewTheme(control.DarkMode), control.NewTheme(control.LightMode)
	for _, s := range samples() {
		stage := control.NewBox(control.Surface{Fill: control.SurfaceDetail}, s.o)
		win, _ := show(t, stage, 300, 220)
		capture := func(th *control.Theme) image.Image {
			fyne.CurrentApp().Settings().SetTheme(th)
			return win.Canvas().Capture()
		}
		inDark, inLight := capture(dark), capture(light)
		for _, back := range []struct {
			theme *control.Theme
			want  image.Image
		}{{dark, inDark}, {light, inLight}} {
			stage.SetChild(nil)
			capture(back.theme)
			stage.SetChild(s.o)
			if n := eye.Differ(back.want, win.Canvas().Capture()); n > 0 {
				t.Errorf("%s: back in sight in %s, %d pixels are not the same", s.name, back.theme.Mode(), n)
			}
		}
		if eye.Differ(inDark, inLight) == 0 {
			t.Errorf("%s: dark is like light", s.name)
		}
	}
}
