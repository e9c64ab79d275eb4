package message

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
	"hookglass/ui/view"
)

// onStage shows something in the window, at its size.
func onStage(s *stage.Stage, o fyne.CanvasObject) fyne.CanvasObject {
	s.W.Win.SetContent(o)
	s.Settle()
	return o
}

func press(s *stage.Stage, p *BodyPane, way string) {
	s.T.Helper()
	for i, r := range p.fits {
		if r.Name() == way {
			p.pick(i)
			s.Settle()
			return
		}
	}
	if way != "Tree" || !p.isJSON() {
		s.T.Fatalf("a body of %s cannot be seen as %s", p.body.Type, way)
	}
	p.pick(len(p.fits))
	s.Settle()
}

func TestTheWayThatTheUserLikesIsKeptWhereItFits(t *testing.T) {
	s := stage.New(t)
	p := NewBodyPane(s.W)
	onStage(s, p.View())
	set := func(media, body string) string {
		p.Set("it", &view.Body{Type: media, Bytes: []byte(body)})
		s.Settle()
		return eye.Line(p.View())
	}
	if got := set("", ""); !strings.Contains(got, "No body") {
		t.Errorf("of nothing it shows %q", got)
	}
	if got := set("application/json", `{"first":1}`); !strings.Contains(got, `"first" : 1`) || !strings.Contains(got, "application/json · 11 B") {
		t.Errorf("JSON shows as %q", got)
	}
	press(s, p, "Hex")
	if got := set("application/json", `{"second":2}`); !strings.Contains(got, "7b 22 73 65") {
		t.Errorf("after Hex was chosen, the next shows as %q", got)
	}
	press(s, p, "Tree")
	if got := set("application/json", `{"third":[3]}`); !strings.Contains(got, "third") || strings.Contains(got, `"third" : [`) {
		t.Errorf("after Tree was chosen, the next shows as %q", got)
	}
	if got := set("text/plain", "no tree at all"); !strings.Contains(got, "no tree at all") {
		t.Errorf("text shows as %q", got)
	}
	if got := set("application/json", `{"fourth":4}`); p.modes.Selected() != len(p.fits) || strings.Contains(got, "no tree") {
		t.Errorf("and the next JSON shows as way %d, %q", p.modes.Selected(), got)
	}
}

// A body that says it is JSON and is none is shown as it is, never as the tree of the one before.
func TestABrokenBodyIsNotShownAsTheOneBefore(t *testing.T) {
	s := stage.New(t)
	p := NewBodyPane(s.W)
	onStage(s, p.View())
	p.Set("it", &view.Body{Type: "application/json", Bytes: []byte(`{"before":1}`)})
	s.Settle()
	press(s, p, "Tree")
	s.Has(p.View(), "before")
	p.Set("it", &view.Body{Type: "application/json", Bytes: []byte(`{"broken":`)})
	s.Settle()
	s.Lacks(p.View(), "before")
	s.Has(p.View(), "not valid JSON", `{ "broken" :`)
}

func TestABodyThatCannotBeDecodedSaysSo(t *testing.T) {
	s := stage.New(t)
	p := NewBodyPane(s.W)
	onStage(s, p.View())
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(strings.Repeat(`{"n":1} `, 500)))
	z.Close()
	p.Set("it", &view.Body{Type: "text/plain", Encoding: "gzip", Bytes: packed.Bytes()})
	s.Settle()
	s.Has(p.View(), "gzip, ", "→", `{"n":1}`)
	s.Lacks(p.View(), "Not decoded")
	p.Set("it", &view.Body{Type: "text/plain", Encoding: "gzip", Bytes: packed.Bytes()[:packed.Len()/2]})
	s.Settle()
	s.Has(p.View(), "Not decoded: ", "; shown as far as it went")
	p.Set("it", &view.Body{Type: "text/plain", Bytes: []byte("plain")})
	s.Settle()
	s.Lacks(p.View(), "Not decoded")
}

// The wire's bytes are copied, not what is drawn for them.
func TestABodyIsCopiedAsItCame(t *testing.T) {
	s := stage.New(t)
	p := NewBodyPane(s.W)
	onStage(s, p.View())
	p.Set("it", &view.Body{Type: "application/json", Bytes: []byte("{\"a\" :\t1}")})
	s.Settle()
	s.Tap(p.View(), "Copy the body")
	if got := s.W.App.Clipboard().Content(); got != "{\"a\" :\t1}" {
		t.Errorf("copied %q", got)
	}
	wrapped := p.text.Wraps()
	s.Tap(p.View(), "Wrap long lines")
	if p.text.Wraps() == wrapped {
		t.Error("lines wrap as before")
	}
	press(s, p, "Tree")
	s.Tap(p.View(), "Find (Ctrl+F in the body)")
	if len(eye.All[fyne.CanvasObject](p.stage)) == 0 || !p.text.Visible() || p.find.Hidden {
		t.Error("there is nothing to find in")
	}
	if got := eye.Line(p.View()); !strings.Contains(got, `"a"`) {
		t.Errorf("it looks for words in %q", got)
	}
}

func TestBodyTabShowsBothSides(t *testing.T) {
	s := stage.New(t)
	tab := NewBodyTab(s.W).(*bodyTab)
	onStage(s, tab.View())
	tab.Set(nil)
	c := core.Capture{ID: 7, Request: core.Request{Body: []byte("what came")}, Response: core.Response{Body: []byte("what was said")}}
	tab.Set(&c)
	s.Settle()
	if tab.pane.name != "" {
		t.Error("a body is drawn before anyone looks at it")
	}
	tab.View()
	s.Settle()
	s.Has(tab.View(), "what came")
	if tab.pane.name != "capture-7-body" {
		t.Errorf("it would be saved as %q", tab.pane.name)
	}
	tab.which.Select(1)
	tab.which.OnSelect(1)
	s.Settle()
	s.Has(tab.View(), "what was said")
	if tab.pane.name != "capture-7-answer" {
		t.Errorf("it would be saved as %q", tab.pane.name)
	}
}

func TestTheTreeSaysWhereItIs(t *testing.T) {
	s := stage.New(t)
	p := newTreePane(s.W)
	onStage(s, s.W.Layers)
	tree, err := view.ParseTree([]byte(`{"order":{"id":"o 1","lines":[{"n":1},{"n":2}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	p.set(tree)
	p.rows.OpenAll(true)
	row := -1
	for i := range tree.Len() {
		if tree.Key(i) == "id" {
			row = i
		}
	}
	p.tree.OnSelect(row)
	path := p.path.Text()
	if !strings.Contains(path, "order") || !strings.Contains(path, "id") {
		t.Errorf("its path reads %q", path)
	}
	pick := func(label string) string {
		p.menu(row, fyne.NewPos(30, 30))
		s.Pick(label)
		return s.W.App.Clipboard().Content()
	}
	if got := pick("Copy JSON"); got != `"o 1"` {
		t.Errorf("JSON: copied %q", got)
	}
	if got := pick("Copy value"); got != "o 1" && got != `"o 1"` {
		t.Errorf("value: copied %q", got)
	}
	if got := pick("Copy path"); got != path {
		t.Errorf("path: copied %q, shown %q", got, path)
	}
	open := tree.Len()
	pick("Close all")
	closed := tree.Len()
	pick("Open all")
	if closed >= open || tree.Len() != open {
		t.Errorf("%d rows open, %d closed, %d open again", open, closed, tree.Len())
	}
}

// A tree takes more room than its text, so it ends before all is read, and says so; so does JSON that is indented.
func TestALargeBodyIsBoundedAndSaysSo(t *testing.T) {
	s := stage.New(t)
	p := NewBodyPane(s.W)
	onStage(s, p.View())
	p.Set("it", &view.Body{Type: "application/json", Bytes: []byte("[" + strings.Repeat("1,", 600_000) + "1]")})
	s.Settle()
	s.Lacks(p.View(), "first 250,000")
	press(s, p, "Tree")
	s.Has(p.View(), "elements and more ]", "the tree has the first 250,000 values")
	press(s, p, "Raw")
	s.Lacks(p.View(), "first 250,000")
	p.Set("it", &view.Body{Type: "application/json", Bytes: []byte("{\"one\":\"" + strings.Repeat("line", 5<<20) + "\"}")})
	s.Settle()
	press(s, p, "JSON")
	s.Has(p.View(), "is shown as it came, without indents", `"one"`)
	p.Set("it", &view.Body{Type: "application/json", Bytes: []byte(`{"cut":[1,2`)})
	s.Settle()
	s.Lacks(p.View(), "without indents")
	press(s, p, "Tree")
	s.Has(p.View(), "not valid JSON")
	s.Later() // what it took is given back
}

// A long text is wrapped to another width once, when the width rests: not at each frame of a window that is drawn larger.
func TestALongTextIsWrappedWhenTheWidthRests(t *testing.T) {
	s := stage.New(t)
	p := NewBodyPane(s.W)
	s.W.Win.SetContent(s.W.Layers)
	s.W.Layers.Dialog("Body", 1100, p.View())
	s.Settle()
	p.Set("it", &view.Body{Type: "text/plain", Bytes: []byte(strings.Repeat(strings.Repeat("word ", 60)+"\n", 20_000))})
	s.Settle()
	before := p.text.Rows()
	p.text.Resize(fyne.NewSize(500, 300))
	p.text.Resize(fyne.NewSize(450, 300))
	p.text.Resize(fyne.NewSize(400, 300))
	if p.text.Rows() != before {
		t.Error("it is wrapped while the width changes")
	}
	s.Later()
	if now := p.text.Rows(); now == before || now.WidestCols() > p.text.Cols() {
		t.Errorf("it is %d columns wide where %d are in sight", now.WidestCols(), p.text.Cols())
	}
}
