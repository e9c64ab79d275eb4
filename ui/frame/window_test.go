package frame

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/eye"
)

// leaf is a page that writes down what it is offered.
type leaf struct {
	Plain
	field *control.Field
	keys  string
	found int
	took  []string // shortcuts of its own
	saved int
}

func newLeaf(name string) *leaf {
	l := &leaf{field: control.NewField("Field of "+name, "", nil)}
	l.Plain = Plain{Title: name, Root: control.Col(0, l.field)}
	return l
}

func (l *leaf) Key(r rune) bool { l.keys += string(r); return true }
func (l *leaf) Find()           { l.found++ }
func (l *leaf) Save()           { l.saved++ }
func (l *leaf) Shortcut(s *desktop.CustomShortcut) bool {
	l.took = append(l.took, string(s.KeyName))
	return s.KeyName == fyne.KeyJ
}

// eager is a page that takes the keyboard when it opens, and has something to remember.
type eager struct {
	*leaf
	entry *widget.Entry
}

func newEager(name string) eager {
	e := eager{newLeaf(name), widget.NewEntry()}
	e.Root = e.entry
	return e
}

func (e eager) Focus() fyne.Focusable { return e.entry }
func (e eager) Remember(s *State)     { s.Filter = "of " + e.Title }

// shelf is a window of the pages One, Two and Three, of which the last takes the keyboard. What is to run on the UI goroutine waits
// in ui.
type shelf struct {
	*Window
	one, two *leaf
	three    eager
	turned   []int
	palette  int
	ui       chan func()
	quits    *int
}

// app counts how often it is told to quit.
type app struct {
	fyne.App
	quits int
}

func (a *app) Quit() { a.quits++ }

func openEngine(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Home: t.TempDir(), Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func newShelf(t *testing.T, e *engine.Engine) *shelf {
	t.Helper()
	a := &app{App: test.NewTempApp(t)}
	ctx, cancel := context.WithCancel(t.Context())
	s := &shelf{one: newLeaf("One"), two: newLeaf("Two"), three: newEager("Three"), ui: make(chan func(), 100), quits: &a.quits}
	s.Window = New(ctx, a, e, func(f func()) { s.ui <- f })
	s.Build(Layout{Pages: []Page{s.one, s.two, s.three}, Beside: control.Gap(0, 0), Turned: func(i int) { s.turned = append(s.turned, i) },
		Load: func(context.Context) func() { return func() {} }, Palette: func() { s.palette++ }})
	t.Cleanup(func() { cancel(); s.Pump.Jobs.Wait() })
	return s
}

// draw runs what the tasks under way want done on the UI goroutine.
func (s *shelf) draw() {
	s.Pump.Jobs.Wait()
	for len(s.ui) > 0 {
		(<-s.ui)()
		s.Pump.Jobs.Wait()
	}
}

func ctrl(key fyne.KeyName) *desktop.CustomShortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
}

// press presses a key combination as the driver does: what has the keyboard gets it first.
func (s *shelf) press(key fyne.KeyName) {
	if f, ok := s.Win.Canvas().Focused().(fyne.Shortcutable); ok {
		f.TypedShortcut(ctrl(key))
		return
	}
	s.Shortcut(ctrl(key)) // the canvas of tests keeps none
}

// letter types a letter as the driver does.
func (s *shelf) letter(r rune) {
	if f := s.Win.Canvas().Focused(); f != nil {
		f.TypedRune(r)
		return
	}
	s.Win.Canvas().OnTypedRune()(r)
}

func (s *shelf) esc() {
	e := &fyne.KeyEvent{Name: fyne.KeyEscape}
	if f := s.Win.Canvas().Focused(); f != nil {
		f.TypedKey(e)
		return
	}
	s.Win.Canvas().OnTypedKey()(e)
}

func TestPagesOpenByNumberAndEscGoesBack(t *testing.T) {
	s := newShelf(t, openEngine(t))
	for _, name := range []string{"Two", "One", "Two", "nowhere", "Two"} {
		s.Open(name)
	}
	if !slices.Equal(s.turned, []int{0, 1, 0, 1, 1}) {
		t.Errorf("the pages turned to %v", s.turned)
	}
	var way []string
	for range 5 {
		s.esc()
		way = append(way, s.Now().Name())
	}
	if got := strings.Join(way, " "); got != "One Two One One One" {
		t.Errorf("Esc leads over %s", got)
	}
	if !s.InFront(s.one) || s.InFront(s.two) {
		t.Error("another page is in front than the one that is shown")
	}
}

func TestEscClosesWhatFloatsThenLeavesTheFieldThenGoesBack(t *testing.T) {
	s := newShelf(t, openEngine(t))
	s.Open("Two")
	s.two.field.Focus()
	s.Layers.Ask(control.Question{Title: "Sure?", Yes: "Yes"})
	s.esc()
	if s.Layers.Covered() || s.Now() != Page(s.two) || !s.two.field.Focused() {
		t.Fatalf("the first Esc: covered %v, page %s, focus %v", s.Layers.Covered(), s.Now().Name(), s.two.field.Focused())
	}
	s.esc()
	if s.two.field.Focused() || s.Now() != Page(s.two) {
		t.Fatal("the second Esc does not leave the field, or leaves the page too")
	}
	s.two.field.Focus()
	s.GoBack() // from elsewhere than the keyboard
	if s.two.field.Focused() || s.Now() != Page(s.two) {
		t.Fatal("going back does not leave the field first")
	}
	s.esc()
	if s.Now() != Page(s.one) {
		t.Error("the last Esc does not go back")
	}
}

func TestLettersArePagesKeysOnlyWhereNobodyElseTakesThem(t *testing.T) {
	s := newShelf(t, openEngine(t))
	s.letter('a')
	s.one.field.Focus()
	s.letter('b')
	s.Win.Canvas().Unfocus()
	s.Layers.Ask(control.Question{Title: "Sure?", Yes: "Yes"})
	s.Win.Canvas().Unfocus()
	s.letter('c')
	s.Layers.Back()
	s.Win.Canvas().Unfocus()
	s.letter('d')
	s.Open("Two")
	s.letter('e')
	if s.one.keys != "ad" || s.one.field.Text() != "b" || s.two.keys != "e" {
		t.Errorf("the pages got %q and %q, the field %q", s.one.keys, s.two.keys, s.one.field.Text())
	}
}

func TestShortcutsWorkWhileAFieldHasTheKeyboard(t *testing.T) {
	for name, focus := range map[string]bool{"no field": false, "in a field": true} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t, openEngine(t))
			press := func(key fyne.KeyName) {
				if focus {
					s.Now().(*leaf).field.Focus()
				}
				s.press(key)
			}
			press(fyne.KeyK)
			press(fyne.KeyF)
			press(fyne.Key2)
			if s.palette != 1 || s.one.found != 1 || s.Now() != Page(s.two) {
				t.Errorf("Ctrl+K %d, Ctrl+F %d, Ctrl+2 leads to %s", s.palette, s.one.found, s.Now().Name())
			}
			press(fyne.Key9)
			if s.Now() != Page(s.two) {
				t.Errorf("Ctrl+9 leads to %s", s.Now().Name())
			}
		})
	}
}

// A shortcut that the window does not know is the page's, and a field's own where the page does not want it.
func TestShortcutsOfThePage(t *testing.T) {
	s := newShelf(t, openEngine(t))
	s.one.field.Focus()
	s.press(fyne.KeyJ)
	if !s.Shortcut(ctrl(fyne.KeyJ)) || s.Shortcut(ctrl(fyne.KeyY)) {
		t.Error("the window takes what the page leaves, or leaves what it takes")
	}
	if got := strings.Join(s.one.took, " "); got != "J J Y" {
		t.Errorf("the page is offered %q", got)
	}
	s.Shortcut(&desktop.CustomShortcut{KeyName: fyne.KeyK, Modifier: fyne.KeyModifierAlt})
	if s.palette != 0 {
		t.Error("Alt+K is taken for Ctrl+K")
	}
}

// Ctrl+S and Ctrl+Enter are the page's, and where a dialog is in front, the dialog's: so is Enter, wherever the keyboard is in it.
func TestSavingIsForWhatIsInFront(t *testing.T) {
	s := newShelf(t, openEngine(t))
	s.one.field.Focus()
	s.press(fyne.KeyS)
	s.press(fyne.KeyReturn)
	if s.one.saved != 2 {
		t.Errorf("saved %d times, want 2", s.one.saved)
	}
	done := 0
	field, choice := control.NewField("Name", "", nil), control.NewSegmented(nil, "One", "All")
	chief := control.NewButton("Do it", "", control.Primary, func() { done++ })
	p := s.Layers.Dialog("Question", 400, control.Col(4, field, choice), control.NewButton("Cancel", "", control.Secondary, nil), chief)
	field.Focus()
	s.press(fyne.KeyS)
	s.press(fyne.KeyReturn)
	enter := &fyne.KeyEvent{Name: fyne.KeyReturn}
	s.Win.Canvas().Focused().TypedKey(enter)
	choice.TypedKey(enter)
	s.Win.Canvas().Unfocus()
	s.Win.Canvas().OnTypedKey()(enter)
	if done != 5 || s.one.saved != 2 {
		t.Errorf("the dialog's button was pressed %d times, want 5; the page behind it saved %d times, want 2", done, s.one.saved)
	}
	p.Careful = true
	s.Win.Canvas().OnTypedKey()(enter)
	if s.press(fyne.KeyS); done != 5 || s.one.saved != 2 {
		t.Error("a question that wants a look is answered by Enter, or the page behind it is saved")
	}
}

// The field of a page that is not to be seen any more does not go on writing.
func TestTurningThePageTakesTheKeyboardAlong(t *testing.T) {
	s := newShelf(t, openEngine(t))
	s.one.field.Focus()
	s.press(fyne.Key2)
	s.letter('x')
	if s.one.field.Text() != "" || s.two.keys != "x" {
		t.Errorf("on Two, x goes to the field of One: %q, the page got %q", s.one.field.Text(), s.two.keys)
	}
	s.press(fyne.Key3)
	s.letter('y')
	if s.three.entry.Text != "y" {
		t.Errorf("a page that wants the keyboard has %q", s.three.entry.Text)
	}
	s.two.field.Focus()
	s.Open("Two")
	s.two.field.Focus()
	s.Open("Two") // it is in front already
	if !s.two.field.Focused() {
		t.Error("opened where it stands, the page loses the keyboard")
	}
}

func TestTheWindowIsRememberedAsItWasLeft(t *testing.T) {
	e := openEngine(t)
	s := newShelf(t, e)
	if s.State.Page != "" || s.Now() != Page(s.one) {
		t.Fatalf("at first %+v", s.State)
	}
	s.Open("Two")
	s.SetMode("dark")
	s.Win.Resize(fyne.NewSize(1000, 640))
	s.Close()
	s.draw()
	again := newShelf(t, e)
	if again.Now() != Page(again.two) || again.State.Filter != "of Three" || again.State.Mode != "dark" || again.State.Width != 1000 || again.State.Height != 640 {
		t.Errorf("it comes back at %s, %+v", again.Now().Name(), again.State)
	}
	again.State.Page = "gone"
	again.Build(again.layout)
	if again.Now() != Page(again.one) {
		t.Errorf("a page that is no more leads to %s", again.Now().Name())
	}
}

func TestAStateThatCannotBeReadIsTheFirst(t *testing.T) {
	e := openEngine(t)
	if err := e.Store.PutSetting("window", map[string]any{"width": 10, "page": []int{1}}); err != nil {
		t.Fatal(err)
	}
	s := newShelf(t, e)
	if s.State.Width != 1360 || s.State.Split != 440 || s.Now() != Page(s.one) {
		t.Errorf("it begins with %+v", s.State)
	}
	e.Store.PutSetting("window", State{Width: 10, Height: 10})
	if size := newShelf(t, e).Win.Canvas().Size(); size.Width < LeastWidth || size.Height < LeastHeight {
		t.Errorf("a window of 10 by 10 opens as %v", size)
	}
}

func TestItQuitsOnce(t *testing.T) {
	s := newShelf(t, openEngine(t))
	s.press(fyne.KeyQ)
	s.draw()
	s.Close()
	s.Quit()
	if n := len(s.ui); n != 1 {
		t.Fatalf("from another goroutine, %d things are asked of the UI goroutine", n)
	}
	s.draw()
	if *s.quits != 1 {
		t.Errorf("it quits %d times", *s.quits)
	}
	select {
	case <-s.quitting:
	default:
		t.Error("it does not say that it quits")
	}
}

func TestAnErrorIsSaidUntilDismissedAndTheEndOfWorkIsNone(t *testing.T) {
	s := newShelf(t, openEngine(t))
	s.Fail(nil)
	s.Fail(context.Canceled)
	s.Fail(errors.Join(errors.New("sending"), context.Canceled))
	if s.Layers.Back() {
		t.Fatal("no error, or the end of the window, is said")
	}
	s.Fail(errors.New("the disk is full"))
	if got := eye.Words(s.Layers); !strings.Contains(got, "The disk is full") {
		t.Errorf("it says %q", got)
	}
}

// What stands beside the pages is loaded with them, also where the page itself has nothing to show.
func TestLoadIsThatOfThePageAndOfWhatStandsBeside(t *testing.T) {
	s := newShelf(t, openEngine(t))
	beside := 0
	s.layout.Load = func(context.Context) func() { return func() { beside++ } }
	s.Load(t.Context())()
	if beside != 1 {
		t.Errorf("beside a page of nothing it was applied %d times", beside)
	}
	shown := ""
	s.Pages = []Page{&loaded{leaf: s.one, apply: func() { shown += "page" }}, s.two, s.three}
	s.layout.Load = func(context.Context) func() { return func() { shown += "beside " } }
	s.Load(t.Context())()
	if shown != "beside page" {
		t.Errorf("applied: %q", shown)
	}
}

type loaded struct {
	*leaf
	apply func()
}

func (l *loaded) Load(context.Context) func() { return l.apply }

func TestCopySaysSo(t *testing.T) {
	s := newShelf(t, openEngine(t))
	s.Copy("Address", "http://h/")
	if got := s.App.Clipboard().Content(); got != "http://h/" || !strings.Contains(eye.Words(s.Layers), "Address copied") {
		t.Errorf("copied %q, said %q", got, eye.Words(s.Layers))
	}
}

func TestLongWorkIsOneAtATimeAndCanBeStopped(t *testing.T) {
	s := newShelf(t, openEngine(t))
	l := NewLabour(s.Window)
	s.Layers.Open(&control.Popup{Content: l.Root, Passing: true}) // somewhere to be seen
	release := make(chan struct{})
	l.Start("Counting", func(ctx context.Context, p engine.Progress) (string, error) {
		p(2, 8)
		<-release
		return "8 counted", nil
	})
	l.Start("Sorting", func(context.Context, engine.Progress) (string, error) { t.Error("two at once"); return "", nil })
	if got := eye.Words(s.Layers); !l.Busy() || !strings.Contains(got, "Counting is still under way") {
		t.Errorf("while it goes on: busy %v, said %q", l.Busy(), got)
	}
	s.Layers.Back()
	close(release)
	s.draw()
	if got := eye.Words(s.Layers); l.Busy() || l.Root.Visible() || !strings.Contains(got, "8 counted") {
		t.Errorf("at its end: busy %v, shown %v, said %q", l.Busy(), l.Root.Visible(), got)
	}
	for _, c := range []struct {
		said string
		err  error
		want string
	}{{"3 counted", context.Canceled, "Stopped: 3 counted"}, {"", context.Canceled, ""}} {
		for s.Layers.Back() {
		}
		l.Start("Counting", func(ctx context.Context, _ engine.Progress) (string, error) { <-ctx.Done(); return c.said, c.err })
		l.End()
		s.draw()
		if got := strings.TrimSpace(eye.Words(s.Layers)); l.Busy() || !strings.Contains(got, c.want) || c.want == "" && strings.Contains(got, "Stopped") {
			t.Errorf("stopped with %q: busy %v, said %q", c.said, l.Busy(), got)
		}
	}
	l.End() // nothing is under way
	l.Start("Counting", func(context.Context, engine.Progress) (string, error) { return "", errors.New("the list is gone") })
	s.draw()
	if got := eye.Words(s.Layers); l.Busy() || !strings.Contains(got, "The list is gone") {
		t.Errorf("failed: busy %v, said %q", l.Busy(), got)
	}
}

// Quick work does not flicker: its bar comes once it has lasted, and says how far it is.
func TestLongWorkShowsOnceItLasts(t *testing.T) {
	s := newShelf(t, openEngine(t))
	again := 0
	l := NewLongWork(s.Window, func() { again++ })
	release := make(chan struct{})
	l.Run("Reading", func(context.Context) func() { <-release; return func() {} })
	if l.Root.Visible() {
		t.Error("it shows at once")
	}
	(<-s.ui)() // the time after which it shows
	if got := eye.Words(l.Root); again != 1 || !strings.Contains(got, "Reading…") || strings.Contains(got, " of ") {
		t.Errorf("laid out anew %d times, it says %q", again, got)
	}
	l.Progress(250, 1000)
	(<-s.ui)()
	if got := eye.Words(l.Root); again != 1 || !strings.Contains(got, "Reading… 250 of 1,000") {
		t.Errorf("laid out anew %d times, it says %q", again, got)
	}
	close(release)
	for l.Busy() {
		(<-s.ui)()
	}
	if l.Root.Visible() || again != 2 {
		t.Errorf("at its end it is shown %v, laid out anew %d times", l.Root.Visible(), again)
	}
}

// file is where SaveFile writes to.
type file struct {
	text   strings.Builder
	closed bool
	broken error // at its end
}

func (f *file) Write(b []byte) (int, error) { return f.text.Write(b) }
func (f *file) Close() error                { f.closed = true; return f.broken }

func TestAFileIsWrittenClosedAndSaid(t *testing.T) {
	for name, c := range map[string]struct {
		write  error
		broken error
		want   string
	}{
		"whole":             {nil, nil, "Saved to /tmp/report.txt"},
		"cannot be written": {errors.New("the disk is full"), nil, "The disk is full"},
		"fails at its end":  {nil, errors.New("the disk went away"), "The disk went away"},
		"fails twice":       {errors.New("the disk is full"), errors.New("the disk went away"), "The disk is full"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t, openEngine(t))
			f := &file{broken: c.broken}
			saveTo(s.Window, "/tmp/report.txt", f, func(w io.Writer) error { io.WriteString(w, "all"); return c.write })
			s.draw()
			got := eye.Words(s.Layers)
			if !f.closed || f.text.String() != "all" || !strings.Contains(got, c.want) || c.want[:5] != "Saved" && strings.Contains(got, "Saved") {
				t.Errorf("closed %v, wrote %q, said %q", f.closed, f.text.String(), got)
			}
		})
	}
}

// A page that a key brings to the front is not put under a dialog of the one before, whose keyboard it would take.
func TestAKeyTurnsToAPageFromUnderADialog(t *testing.T) {
	s := newShelf(t, openEngine(t))
	closed := 0
	s.Layers.Open(&control.Popup{Content: control.NewText("over it", control.Body), Modal: true, OnClose: func() { closed++ }})
	s.Shortcut(ctrl(fyne.Key2))
	if s.Layers.Covered() || closed != 1 || s.Now().Name() != "Two" {
		t.Errorf("covered %v, closed %d times, in front %s", s.Layers.Covered(), closed, s.Now().Name())
	}
}
