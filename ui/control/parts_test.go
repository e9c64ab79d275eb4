package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"hookglass/ui/control"
)

// branches is a small tree for tests: a root with two children, of which the first has two.
type branches struct{ open map[string]bool }

func (b *branches) names() []string {
	if !b.open["root"] {
		return []string{"root"}
	}
	if b.open["a"] {
		return []string{"root", "a", "a1", "a2", "b"}
	}
	return []string{"root", "a", "b"}
}

func (b *branches) Len() int                { return len(b.names()) }
func (b *branches) Key(row int) string      { return b.names()[row] }
func (b *branches) Value(int) (_, _ string) { return "v", "string" }
func (b *branches) Depth(row int) int       { return len(b.names()[row]) % 4 }
func (b *branches) Toggle(row int)          { n := b.names()[row]; b.open[n] = !b.open[n] }
func (b *branches) Folder(row int) (bool, bool) {
	n := b.names()[row]
	return n == "root" || n == "a", b.open[n]
}
func (b *branches) Parent(row int) int {
	return map[string]int{"root": -1, "a": 0, "b": 0, "a1": 1, "a2": 1}[b.names()[row]]
}

func TestTreeKeys(t *testing.T) {
	rows := &branches{open: map[string]bool{"root": true}}
	tree := control.NewTree()
	show(t, tree, 300, 300)
	tree.SetRows(rows)
	tree.Select(1)
	list := listIn(tree)
	for _, step := range []struct {
		key      fyne.KeyName
		selected int
		len      int
	}{
		{fyne.KeyRight, 1, 5},  // opens a
		{fyne.KeyRight, 2, 5},  // goes to its first child
		{fyne.KeyLeft, 1, 5},   // and back to a
		{fyne.KeyLeft, 1, 3},   // closes it
		{fyne.KeyLeft, 0, 3},   // goes to the root
		{fyne.KeySpace, 0, 1},  // closes it
		{fyne.KeyReturn, 0, 3}, // opens it
	} {
		list.TypedKey(key(step.key))
		if tree.Selected() != step.selected || rows.Len() != step.len {
			t.Fatalf("after %s: row %d of %d, want %d of %d", step.key, tree.Selected(), rows.Len(), step.selected, step.len)
		}
	}
}

func listIn(o fyne.CanvasObject) (list *control.List) {
	walk(o, func(o fyne.CanvasObject) {
		if l, ok := o.(*control.List); ok {
			list = l
		}
	})
	return list
}

func TestFactsCopy(t *testing.T) {
	f := control.NewFacts(control.Fact{Key: "Signature", Value: "v1=52…", Copy: "v1=5257", Code: true}, control.Fact{Key: "Verdict", Value: "verified", Tone: control.Green, Badge: true})
	var copied []string
	f.OnCopy = func(f control.Fact) { copied = append(copied, f.Key) }
	show(t, control.Col(0, f), 400, 200)
	if got := texts(f); fmt.Sprint(got) != "[Signature v1=52… Verdict verified]" {
		t.Errorf("shown %q", got)
	}
	// The button is there under the pointer.
	test.MoveMouse(fyne.CurrentApp().Driver().CanvasForObject(f), fyne.NewPos(200, 10))
	var copying *control.Button
	walk(f, func(o fyne.CanvasObject) {
		if b, ok := o.(*control.Button); ok {
			copying = b
		}
	})
	if copying == nil {
		t.Fatal("no copy button under the pointer")
	}
	test.Tap(copying)
	if fmt.Sprint(copied) != "[Signature]" || fyne.CurrentApp().Clipboard().Content() != "v1=5257" {
		t.Errorf("copied %v: %q", copied, fyne.CurrentApp().Clipboard().Content())
	}
}

func TestCodeBlockKeepsTheLanguage(t *testing.T) {
	c := control.NewCodeBlock(control.Snippet{Label: "Go", Text: "go 1"}, control.Snippet{Label: "Node", Text: "node 1"})
	show(t, control.Col(0, c), 400, 300)
	c.Choose("Node")
	c.Set(control.Snippet{Label: "curl", Text: "curl 2"}, control.Snippet{Label: "Node", Text: "node 2"})
	if c.Language() != "Node" || !slices.Contains(texts(c), "node 2") {
		t.Errorf("language %s, shown %q", c.Language(), texts(c))
	}
	var copying *control.Button
	walk(c, func(o fyne.CanvasObject) {
		if b, ok := o.(*control.Button); ok {
			copying = b
		}
	})
	test.Tap(copying)
	if got := fyne.CurrentApp().Clipboard().Content(); got != "node 2" {
		t.Errorf("copied %q", got)
	}
}

func tokens(t *testing.T) (*control.Tokens, *[]string, *control.Layers) {
	t.Helper()
	var queries []string
	tk := control.NewTokens("Filter", func(q string) { queries = append(queries, q) })
	tk.Suggest = func(word string) []control.Suggestion {
		var out []control.Suggestion
		for _, s := range []string{"source:", "source:stripe", "sig:mismatch", "status:>=400"} {
			if word != "" && strings.HasPrefix(s, word) && s != word {
				out = append(out, control.Suggestion{Insert: s})
			}
		}
		return out
	}
	_, l := show(t, control.Col(0, tk), 600, 400)
	tk.Focus()
	return tk, &queries, l
}

func TestTokensBecomeChips(t *testing.T) {
	tk, queries, _ := tokens(t)
	typeInto(tk, `sig:mismatch body:"two words" free`)
	if got := tk.Query(); got != `sig:mismatch body:"two words" free` {
		t.Errorf("query %q", got)
	}
	if q := *queries; q[len(q)-1] != tk.Query() {
		t.Errorf("called back with %q", q[len(q)-1])
	}
	if got := texts(tk); !slices.Contains(got, "mismatch") || !slices.Contains(got, `"two words"`) || !slices.Contains(got, "free") {
		t.Errorf("shown %q", got)
	}
	f := fyne.CurrentApp().Driver().CanvasForObject(tk).Focused()
	for range len("free") + 1 {
		f.TypedKey(key(fyne.KeyBackspace))
	}
	if got := tk.Query(); got != `sig:mismatch body:"two words"` {
		t.Errorf("after deleting the word and stepping back into the chip: %q", got)
	}
	f.TypedKey(key(fyne.KeyBackspace)) // now inside the last chip's text
	if got := tk.Query(); got != `sig:mismatch body:"two words` {
		t.Errorf("after deleting in what was a chip: %q", got)
	}
}

func TestTokensSuggest(t *testing.T) {
	tk, _, l := tokens(t)
	typeInto(tk, "sou")
	if got := texts(l); !slices.Contains(got, "source:stripe") || slices.Contains(got, "sig:mismatch") {
		t.Fatalf("offered %q", got)
	}
	f := l.Focused()
	f.TypedKey(key(fyne.KeyDown))
	f.TypedKey(key(fyne.KeyReturn)) // "source:", which wants a value
	if tk.Query() != "source:" {
		t.Fatalf("query %q, want the name with its colon", tk.Query())
	}
	f.TypedKey(key(fyne.KeyDown))
	f.TypedKey(key(fyne.KeyReturn))
	if tk.Query() != "source:stripe" || !slices.Contains(texts(tk), "stripe") {
		t.Errorf("query %q, shown %q", tk.Query(), texts(tk))
	}
	if got := texts(l); slices.Contains(got, "source:stripe") || slices.Contains(got, "sig:mismatch") {
		t.Errorf("after a choice it still offers %q", got)
	}
	left := false
	tk.OnLeave = func() { left = true }
	f.TypedKey(key(fyne.KeyEscape))
	if !left {
		t.Error("Esc with nothing offered does not leave")
	}
}

// What a choice finished stays closed, also where everything would be offered for an empty word.
func TestAChoiceClosesTheSuggestions(t *testing.T) {
	tk, queries, l := tokens(t)
	tk.Suggest = func(word string) (out []control.Suggestion) {
		for _, s := range []string{"sig:", "sig:bad", "is:error"} {
			if strings.HasPrefix(s, word) && s != word {
				out = append(out, control.Suggestion{Insert: s})
			}
		}
		return out
	}
	typeInto(tk, "sig")
	tk.SetProblem("sig: a value is missing")
	f := l.Focused()
	f.TypedKey(key(fyne.KeyDown))
	f.TypedKey(key(fyne.KeyReturn))
	if got := texts(l); !slices.Contains(got, "sig:bad") {
		t.Fatalf("a name wants its value: offered %q", got)
	}
	f.TypedKey(key(fyne.KeyDown))
	f.TypedKey(key(fyne.KeyReturn))
	if got := texts(l); slices.Contains(got, "sig:bad") || slices.Contains(got, "is:error") || tk.Problem() != "" {
		t.Errorf("after the choice it offers %q and says %q", got, tk.Problem())
	}
	submitted := ""
	tk.OnSubmit = func(q string) { submitted = q }
	f.TypedKey(key(fyne.KeyReturn))
	if submitted != "sig:bad" {
		t.Errorf("Enter submits %q", submitted)
	}
	typeInto(tk, "i")
	if got := texts(l); !slices.Contains(got, "is:error") {
		t.Errorf("typing on, it offers %q", got)
	}
	if q := *queries; q[len(q)-1] != "sig:bad i" {
		t.Errorf("called back with %q", q)
	}
}

func TestAFinishedWordIsTurnedRoundAndTakenAway(t *testing.T) {
	tk, queries, l := tokens(t)
	tk.Set("sig:bad source:stripe")
	heights := 0
	tk.OnHeight = func() { heights++ }
	menu := func(word string, entry int) {
		t.Helper()
		var chip fyne.SecondaryTappable
		walk(tk, func(o fyne.CanvasObject) {
			if c, ok := o.(fyne.SecondaryTappable); ok && slices.Contains(texts(o), word) && !slices.Contains(texts(o), "stripe") {
				chip = c
			}
		})
		chip.TappedSecondary(&fyne.PointEvent{AbsolutePosition: fyne.NewPos(20, 20)})
		list := l.Focused()
		for range entry + 1 {
			list.TypedKey(key(fyne.KeyDown))
		}
		list.TypedKey(key(fyne.KeyReturn))
	}
	menu("bad", 0)
	if tk.Query() != "-sig:bad source:stripe" {
		t.Errorf("query %q", tk.Query())
	}
	menu("bad", 0)
	menu("bad", 2)
	if tk.Query() != "source:stripe" || len(*queries) != 3 {
		t.Errorf("query %q after %d calls", tk.Query(), len(*queries))
	}
	if tk.SetProblem("one that is so long that it takes more than a line to say what is wrong with it, and that by far, in any window that there is, however wide"); heights != 1 {
		t.Errorf("its height changed %d times", heights)
	}
	if tk.Remove("source:stripe"); tk.Query() != "" || tk.Problem() != "" || heights != 2 {
		t.Errorf("query %q, problem %q, its height changed %d times", tk.Query(), tk.Problem(), heights)
	}
}

func TestTokensSetAndAdd(t *testing.T) {
	tk, queries, _ := tokens(t)
	tk.Set("status:500 -sig:verified order 17")
	if len(*queries) != 0 {
		t.Error("Set called back")
	}
	tk.Add("source:github")
	tk.Add("source:github")
	if got := tk.Query(); got != "status:500 -sig:verified source:github order 17" || len(*queries) != 1 {
		t.Errorf("query %q after %d calls", got, len(*queries))
	}
}

func TestSplitWords(t *testing.T) {
	for in, want := range map[string]string{
		"": "[]", "a  b": `["a" "b"]`, `body:"x y" c`: `["body:\"x y\"" "c"]`, `"open quote`: `["\"open quote"]`, " lead": `["lead"]`,
	} {
		if got := fmt.Sprintf("%q", control.SplitWords(in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestPaletteFiltersAndRuns(t *testing.T) {
	_, l := show(t, control.Gap(1, 1), 800, 600)
	ran := ""
	do := func(s string) func() { return func() { ran = s } }
	l.OpenPalette([]control.Command{{Label: "Inbox", Do: do("inbox")}, {Label: "Copy as cURL", Do: do("curl")}, {Label: "Compose", Words: "send new", Do: do("compose")}})
	typeInto(l, "ccu")
	l.Focused().(interface{ TypedKey(*fyne.KeyEvent) }).TypedKey(key(fyne.KeyReturn))
	if ran != "curl" || l.Covered() {
		t.Errorf("ran %q, open %v", ran, l.Covered())
	}
}

func TestRank(t *testing.T) {
	for _, c := range []struct{ typed, better, worse string }{
		{"co", "Compose", "Inbox of sources with copies"}, {"curl", "Copy as cURL", "Cut a URL"}, {"url", "Copy as cURL", "Unruly"}, {"cu", "Copy as cURL", "A clock and much"}, {"set", "Settings", "Reset the list"},
		{"st", "Scheme stripe", "Copy a host of tests"}, {"new source", "New source", "Now we see the outer course"}, {"new source", "New source", "Source of what is new"},
		{"url of", "Copy the URL of stripe", "Unruly coffee"}, {"source new", "New source", "Some ounces are new"}, {"curl", "Copy as cURL", "Cut a URL"}, {"copy url", "Copy the URL of a", "Copy a curl line for a"},
	} {
		if a, b := control.Rank(c.typed, c.better), control.Rank(c.typed, c.worse); a <= b {
			t.Errorf("%q: %q has %d, %q has %d", c.typed, c.better, a, c.worse, b)
		}
	}
	if control.Rank("xyz", "Compose") != 0 {
		t.Error("letters that are not there fit")
	}
}

func TestAskDoesOnlyOnYes(t *testing.T) {
	_, l := show(t, control.Gap(1, 1), 800, 600)
	done := 0
	q := control.Question{Title: "Delete?", Text: "They are gone then.", Yes: "Delete 12 captures", Danger: true, Do: func() { done++ }}
	l.Ask(q)
	l.Focused().TypedKey(key(fyne.KeyReturn)) // what is dangerous does not have the keyboard
	if done != 0 || l.Covered() {
		t.Fatalf("done %d, open %v", done, l.Covered())
	}
	l.Ask(q)
	l.Back()
	q.Danger = false
	l.Ask(q)
	l.Focused().TypedKey(key(fyne.KeyReturn))
	if done != 1 || l.Covered() {
		t.Errorf("done %d, open %v", done, l.Covered())
	}
}

func TestQR(t *testing.T) {
	if control.NewQR(strings.Repeat("x", 5000), 100) != nil {
		t.Error("a text that no code can hold has one")
	}
	win, _ := show(t, control.NewQR("https://abc.ngrok.app/in/stripe", 200), 200, 200)
	dark := 0
	img := win.Canvas().Capture()
	for y := range 200 {
		for x := range 200 {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				dark++
			}
		}
	}
	if dark < 5000 || dark > 30000 {
		t.Errorf("%d of 40000 pixels are dark", dark)
	}
}

func TestIconsAreAllDrawn(t *testing.T) {
	i := control.NewIcon("inbox", control.Ink, 24)
	win, _ := show(t, i, 24, 24)
	blank := control.NewIcon("no such icon", control.Ink, 24)
	i.Set("settings", control.Ink)
	img := win.Canvas().Capture()
	lit := 0
	for y := range 24 {
		for x := range 24 {
			if r, _, _, _ := img.At(x, y).RGBA(); r > 0x8000 {
				lit++
			}
		}
	}
	if lit < 40 {
		t.Errorf("the icon has %d bright pixels", lit)
	}
	show(t, blank, 24, 24)
	walk(blank, func(o fyne.CanvasObject) {
		if _, ok := o.(*canvas.Image); ok {
			t.Error("an icon that is not embedded draws something")
		}
	})
}
