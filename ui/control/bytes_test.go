package control_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"hookglass/ui/control"
)

func TestByteStripShowsEveryByte(t *testing.T) {
	for _, c := range []struct{ name, bytes, want string }{
		{"spaces and breaks", "a b\tc\r\n", "a · b → c CR LF"},
		{"control and NUL", "\x00\x01\x1b\x7f", "NUL 01 ESC DEL"},
		{"not UTF-8", "a\xff\xfeb", "a ff fe b"},
		{"shows nothing", "a\u200bb\u00a0", "a 200B b 00A0"},
		{"letters", "Zürich", "Zürich"},
	} {
		s := control.NewByteStrip(control.BytePart{Bytes: []byte(c.bytes), Tone: control.Blue})
		show(t, control.Col(0, s), 400, 100)
		if got := strings.Join(texts(s), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestByteStripNamesItsParts(t *testing.T) {
	s := control.NewByteStrip(
		control.BytePart{Label: "timestamp", Bytes: []byte("1674087231"), Tone: control.Amber},
		control.BytePart{Label: "separator", Bytes: []byte("."), Tone: control.Faint},
		control.BytePart{Label: "body", Bytes: []byte("{}"), Tone: control.Blue})
	show(t, control.Col(0, s), 400, 100)
	got := texts(s)
	if !slices.Contains(got, "timestamp") || !slices.Contains(got, "body") {
		t.Errorf("names shown: %q", got)
	}
	if slices.Contains(got, "separator") {
		t.Error("the name of one byte runs over its neighbour")
	}
	legend := s.Legend()
	show(t, legend, 600, 40)
	if got := strings.Join(texts(legend), " "); got != "timestamp 10 bytes separator 1 byte body 2 bytes" {
		t.Errorf("legend %q", got)
	}
}

func TestByteStripLeavesOutTheMiddleAndKeepsTheEnd(t *testing.T) {
	s := control.NewByteStrip(control.BytePart{Bytes: []byte(strings.Repeat("x", 9_000_000) + "end\n"), Tone: control.Blue})
	more := 0
	s.OnMore = func() { more++ }
	show(t, control.Col(0, s), 400, 400)
	got := texts(s)
	if got[len(got)-1] != "LF" {
		t.Errorf("the last thing shown is %q, want the line feed", got[len(got)-1])
	}
	if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "bytes not shown") }) || len(got) > 40 {
		t.Errorf("%d texts: %.60q", len(got), got)
	}
	test.TapAt(s, fyne.NewPos(5, 130))
	if more != 1 {
		t.Error("a press on what is left out does nothing")
	}
}

func TestBytePairFindsTheFirstDifference(t *testing.T) {
	for _, c := range []struct {
		name, above, below string
		want               int
	}{
		{"same", "abc", "abc", -1},
		{"one byte", "v1=5257a8", "v1=5257b8", 7},
		{"a line feed more", "{}", "{}\n", 2},
		{"one is empty", "", "x", 0},
	} {
		p := control.NewBytePair()
		p.Set(control.BytePart{Label: "Wanted", Bytes: []byte(c.above), Tone: control.Green}, control.BytePart{Label: "Got", Bytes: []byte(c.below), Tone: control.Muted})
		show(t, control.Col(0, p), 500, 200)
		if got := p.Difference(); got != c.want {
			t.Errorf("%s: first difference at %d, want %d", c.name, got, c.want)
		}
		marked := slices.ContainsFunc(texts(p), func(s string) bool { return strings.HasPrefix(s, "first difference") })
		if marked != (c.want >= 0) {
			t.Errorf("%s: difference marked: %v", c.name, marked)
		}
	}
}

func TestBytePairGoesToTheDifferenceOfLongRuns(t *testing.T) {
	same := strings.Repeat("a", 100_000)
	p := control.NewBytePair()
	p.Set(control.BytePart{Label: "Wanted", Bytes: []byte(same + "X" + same), Tone: control.Green}, control.BytePart{Label: "Got", Bytes: []byte(same + "Y" + same), Tone: control.Muted})
	show(t, control.Col(0, p), 500, 400)
	got := strings.Join(texts(p), " ")
	if !strings.Contains(got, "X") || !strings.Contains(got, "Y") || !strings.Contains(got, "the same before") || !strings.Contains(got, "byte 100,000") {
		t.Errorf("shown %.200q", got)
	}
}

func TestClockBarSaysWhetherATimeIsAllowed(t *testing.T) {
	limits := [2]string{"5 min ago", "5 min ahead"}
	for _, c := range []struct {
		age  time.Duration
		tone control.Token
	}{
		{0, control.Green}, {5 * time.Minute, control.Green}, {5*time.Minute + 1, control.Red},
		{-5 * time.Minute, control.Green}, {-6 * time.Minute, control.Red}, {20 * 365 * 24 * time.Hour, control.Red},
	} {
		b := control.NewClockBar(control.ClockReading{Age: c.age, Past: 5 * time.Minute, Future: 5 * time.Minute, Label: "age", Limits: limits})
		show(t, control.Col(0, b), 400, 100)
		if got := inkOf(b); got != inkIn(t, c.tone) {
			t.Errorf("age %v: the label is not %s", c.age, c.tone)
		}
	}
}

// inkIn is what inkOf says of a text in a tone.
func inkIn(t *testing.T, tone control.Token) string {
	t.Helper()
	text := control.NewText("x", control.Body.In(tone))
	show(t, text, 20, 20)
	return inkOf(text)
}
