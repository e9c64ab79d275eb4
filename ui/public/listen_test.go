package public

import (
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func putSources(s *stage.Stage, names ...string) {
	s.T.Helper()
	for _, name := range names {
		src := core.Source{Name: name, Platform: "generic", Settings: core.Values{"path": "/in/" + name}}
		if err := s.E.PutSource(s.T.Context(), &src); err != nil {
			s.T.Fatal(err)
		}
	}
}

// The address that the rail copies is one that answers: that of a source, of which one is asked where there are several.
func TestTheRailCopiesAnAddressThatAnswers(t *testing.T) {
	s := stage.New(t)
	r := newListenRow(s.W)
	press, enterKey := eye.All[*control.Press](r.root)[0], &fyne.KeyEvent{Name: fyne.KeyReturn}
	press.TypedKey(enterKey)
	s.Settle()
	s.Says("There is no source")
	s.Tap(s.W.Layers, "Add one")
	if len(s.Went) != 1 || s.Went[0] != "new source" {
		t.Errorf("it leads to %q", s.Went)
	}
	putSources(s, "a")
	press.TypedKey(enterKey)
	s.Settle()
	if got := s.W.App.Clipboard().Content(); got != s.E.URL()+"/in/a" {
		t.Errorf("of one source %q is copied", got)
	}
	putSources(s, "b")
	press.TypedKey(enterKey)
	s.Settle()
	s.Pick("b")
	if got := s.W.App.Clipboard().Content(); got != s.E.URL()+"/in/b" {
		t.Errorf("of the chosen one %q is copied", got)
	}
}

// A port that gave way is said in the rail, in words, all the time.
func TestThePortThatGaveWayIsSaid(t *testing.T) {
	for taken, want := range map[string]string{"": "", "127.0.0.1:4600": "Port 4600 is taken, so it is 4601."} {
		if got := movedText(taken, "127.0.0.1:4601"); got != want {
			t.Errorf("%q: %q", taken, got)
		}
	}
	s := stage.New(t)
	r := newListenRow(s.W)
	if r.moved.Visible() {
		t.Errorf("it says %q", r.moved.Text())
	}
}
