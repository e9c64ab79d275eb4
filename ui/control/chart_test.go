package control_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"hookglass/ui/control"
)

func steps() []control.Bar {
	return []control.Bar{
		{Name: "Received", Took: time.Millisecond, Tone: control.Faint},
		{Name: "Inference", Detail: "model", Start: time.Millisecond, Took: 8 * time.Second, Tone: control.Violet, Note: "$0.0040"},
		{Name: "Delivered", Start: 8 * time.Second, Took: 5 * time.Millisecond, Tone: control.Blue},
	}
}

// bars are the widths of the rectangles that are as high as a bar.
func bars(o fyne.CanvasObject) (widths []float32) {
	walk(o, func(o fyne.CanvasObject) {
		if r, ok := o.(*canvas.Rectangle); ok && r.Size().Height == 14 {
			widths = append(widths, r.Size().Width)
		}
	})
	return widths
}

func TestWaterfallScales(t *testing.T) {
	w := control.NewWaterfall()
	w.Set("8 s", steps()...)
	show(t, control.Col(0, w), 900, 300)
	toScale := bars(w)
	if toScale[0] > 4 || toScale[1] < 300 {
		t.Errorf("to scale the bars are %v wide", toScale)
	}
	if !w.Stretches() {
		t.Error("a step 8000 times longer than another does not ask for stretching")
	}
	w.SetStretched(true)
	if got := bars(w); got[0] < 12 || got[1] < got[0] || got[2] < 12 {
		t.Errorf("stretched the bars are %v wide: all must be seen, and their order stay", got)
	}
	if got := texts(w); !slices.Contains(got, "$0.0040") || !slices.Contains(got, "Total") {
		t.Errorf("shown %q", got)
	}
}

func TestWaterfallSelects(t *testing.T) {
	w := control.NewWaterfall()
	w.Set("", steps()...)
	got := -1
	w.OnSelect = func(i int) { got = i }
	show(t, control.Col(0, w), 900, 300)
	test.TapAt(w, fyne.NewPos(100, 26+40+10))
	if got != 1 {
		t.Errorf("selected %d, want 1", got)
	}
	test.TapAt(w, fyne.NewPos(100, 5))
	if got != 1 {
		t.Error("the axis counts as a step")
	}
}

func TestChartTellsValuesUnderThePointer(t *testing.T) {
	c := control.NewChart(control.LineChart, 200)
	c.FormatX = func(i int) string { return fmt.Sprint("minute ", i) }
	c.Set(control.Series{Name: "Arrivals", Tone: control.Blue, Values: []float64{0, 50, 100}}, control.Series{Name: "Lost", Tone: control.Red, Values: []float64{math.NaN(), math.NaN(), 3}})
	show(t, c, 500, 200)
	c.MouseIn(press(250, 100))
	got := strings.Join(texts(c), "|")
	for _, want := range []string{"minute 1", "Arrivals  50", "Lost  —"} {
		if !strings.Contains(got, want) {
			t.Errorf("shown %s, want %q in it", got, want)
		}
	}
	c.MouseOut()
	if got := strings.Join(texts(c), "|"); strings.Contains(got, "Arrivals  ") {
		t.Errorf("after the pointer left: %s", got)
	}
}

func TestChartAxisIsRound(t *testing.T) {
	for _, c := range []struct {
		most float64
		want string // the highest number of the axis
	}{{3, "3"}, {97, "100"}, {1234, "1500"}, {0, "1"}, {42_000, "60k"}, {3_100_000, "4M"}} {
		chart := control.NewChart(control.StackChart, 200)
		chart.Set(control.Series{Name: "n", Tone: control.Blue, Values: []float64{c.most}})
		show(t, chart, 400, 200)
		if got := texts(chart); !slices.Contains(got, c.want) {
			t.Errorf("axis up to %v: %q, want %s in it", c.most, got, c.want)
		}
	}
}

func TestChartDrawsItsSeries(t *testing.T) {
	for _, kind := range []control.ChartKind{control.LineChart, control.StackChart} {
		c := control.NewChart(kind, 200)
		values := make([]float64, 5000)
		for i := range values {
			values[i] = float64(i % 100)
		}
		c.Set(control.Series{Name: "a", Tone: control.Green, Values: values, Fill: true}, control.Series{Name: "limit", Tone: control.Red, Values: values, Dashed: true})
		win, _ := show(t, c, 400, 200)
		img := win.Canvas().Capture()
		green := 0
		for x := range 400 {
			for y := range 200 {
				if r, g, _, _ := img.At(x, y).RGBA(); g > 0x6000 && g > r+0x2000 {
					green++
				}
			}
		}
		if green < 500 {
			t.Errorf("kind %d: %d green pixels", kind, green)
		}
	}
}

func TestSparklineDrawsABarEach(t *testing.T) {
	s := control.NewSparkline()
	s.Set([]float64{1, 0, 5}, []float64{0, 0, 2})
	s.From, s.To = "30 min ago", "now"
	pressed := -1
	s.Say, s.OnTap = func(i int) string { return "bar " + strconv.Itoa(i) }, func(i int) { pressed = i }
	show(t, s, 120, 46)
	n := 0
	walk(s, func(o fyne.CanvasObject) {
		if _, ok := o.(*canvas.Rectangle); ok {
			n++
		}
	})
	if n != 4 { // two good ones, one of nothing, one bad
		t.Errorf("%d bars, want 4", n)
	}
	if got := texts(s); !slices.Equal(got, []string{"30 min ago", "now"}) {
		t.Errorf("under them %q", got)
	}
	s.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(100, 10)}})
	if got := texts(s); !slices.Equal(got, []string{"bar 2"}) {
		t.Errorf("with the pointer on the last %q", got)
	}
	s.Tapped(&fyne.PointEvent{Position: fyne.NewPos(50, 10)})
	s.FocusGained()
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if s.FocusLost(); pressed != 0 {
		t.Errorf("the keys press bar %d, want the first", pressed)
	}
	s.Tapped(&fyne.PointEvent{Position: fyne.NewPos(50, 10)})
	if s.MouseOut(); pressed != 1 || !slices.Contains(texts(s), "now") {
		t.Errorf("pressed bar %d, then %q", pressed, texts(s))
	}
}

// What went wrong is a share of its bar: all of it is red where all did, half of it where half did.
func TestSparklineShowsAShare(t *testing.T) {
	bars := func(bad float64) (out []*canvas.Rectangle) {
		s := control.NewSparkline()
		s.Set([]float64{4}, []float64{bad})
		show(t, s, 60, 46)
		walk(s, func(o fyne.CanvasObject) {
			if r, ok := o.(*canvas.Rectangle); ok {
				out = append(out, r)
			}
		})
		return out
	}
	none, half, all := bars(0), bars(2), bars(4)
	if len(none) != 1 || len(half) != 2 || len(all) != 1 || none[0].FillColor == all[0].FillColor {
		t.Fatalf("%d, %d and %d bars", len(none), len(half), len(all))
	}
	if half[0].FillColor != none[0].FillColor || half[1].FillColor != all[0].FillColor || half[0].Size() != half[1].Size() || half[0].Size().Height*2 != all[0].Size().Height {
		t.Errorf("half of it: %v of %v and %v of %v", half[0].Size(), half[0].FillColor, half[1].Size(), half[1].FillColor)
	}
}

func TestLadderPutsWhatHappenedOverThePlan(t *testing.T) {
	l := control.NewLadder()
	l.Set(30*time.Second,
		control.Rung{Label: "Attempt 1", Done: true, Outcome: "500", Tone: control.Red},
		control.Rung{Label: "Attempt 2", Planned: time.Second, At: 2 * time.Second, Done: true, Outcome: "timeout", Tone: control.Red},
		control.Rung{Label: "Attempt 3", Planned: time.Minute, Outcome: "in 30 s"})
	show(t, control.Col(0, l), 600, 200)
	var xs []float32
	walk(l, func(o fyne.CanvasObject) {
		if c, ok := o.(*canvas.Circle); ok {
			xs = append(xs, c.Position().X)
		}
	})
	if len(xs) != 5 || xs[2] >= xs[3] || xs[3] >= xs[4] {
		t.Errorf("rings and dots at %v: three planned, two happened, the second later than planned", xs)
	}
}

func TestScoreRing(t *testing.T) {
	r := control.NewScoreRing()
	show(t, r, 140, 140)
	if got := texts(r); fmt.Sprint(got) != "[—]" {
		t.Errorf("without a score: %q", got)
	}
	r.Set(96, "15 of 15")
	if got := texts(r); fmt.Sprint(got) != "[96 15 of 15]" {
		t.Errorf("shown %q", got)
	}
}

func TestProgress(t *testing.T) {
	p := control.NewProgress()
	show(t, p, 200, 4)
	p.Set(0.5)
	var widths []float32
	walk(p, func(o fyne.CanvasObject) {
		if r, ok := o.(*canvas.Rectangle); ok {
			widths = append(widths, r.Size().Width)
		}
	})
	if fmt.Sprint(widths) != "[200 100]" {
		t.Errorf("bars %v, want half of 200", widths)
	}
	p.Busy()
	p.Set(1)
}
