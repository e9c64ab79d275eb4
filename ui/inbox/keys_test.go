package inbox

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/frame"
	"hookglass/ui/stage"
)

func withCaptures(t *testing.T, n int) (*stage.Stage, *Page) {
	t.Helper()
	s := stage.New(t)
	s.Arrive(n, nil)
	p := stage.On(s, New)
	s.Settle()
	return s, p
}

// unchosen is as after the chosen capture was deleted.
func unchosen(p *Page) {
	p.untouched, p.Chosen = false, 0
	p.follow()
}

func chooseID(s *stage.Stage, p *Page, id core.CaptureID) {
	p.choose(id)
	s.Settle()
	s.Settle()
}

func TestKeysOfACapture(t *testing.T) {
	s, p := withCaptures(t, 3)
	unchosen(p)
	for _, r := range "rRcped" {
		if !p.Key(r) {
			t.Errorf("%c means nothing", r)
		}
		s.Settle()
	}
	if p.Key('z') || len(s.Went) != 0 || s.W.Layers.Covered() {
		t.Errorf("with nothing chosen, keys lead to %q", s.Went)
	}
	s.Says("Select a capture first")
	chooseID(s, p, 2)
	p.Key('p')
	s.Settle()
	if c, err := s.E.Store.Capture(t.Context(), 2); err != nil || !c.Pinned {
		t.Errorf("it is not pinned: %v", err)
	}
	s.Settle()
	p.Key('p')
	s.Settle()
	if c, _ := s.E.Store.Capture(t.Context(), 2); c.Pinned {
		t.Error("it stays pinned")
	}
	p.Key('c')
	s.Settle()
	if got := s.W.App.Clipboard().Content(); !strings.Contains(got, "curl") || !strings.Contains(got, "/in/1") {
		t.Errorf("copied %q", got)
	}
	p.Key('e')
	if !slices.Equal(s.Went, []string{"compose /in/1"}) {
		t.Errorf("it leads to %q", s.Went)
	}
	p.Key('/')
	if f := s.W.Win.Canvas().Focused(); f == nil || f == fyne.Focusable(p.list) {
		t.Error("/ does not lead to the filter")
	}
}

func TestTwoCapturesAreMarkedToBeCompared(t *testing.T) {
	s, p := withCaptures(t, 3)
	chooseID(s, p, 1)
	p.Key('d')
	s.Says("Capture 1 is marked")
	p.Key('d') // the same: it stays marked
	if p.marked != 1 || s.W.Layers.Covered() {
		t.Fatalf("capture %d is marked", p.marked)
	}
	chooseID(s, p, 3)
	p.Key('d')
	s.Settle()
	s.Says("Compare capture 1 with capture 3")
	if p.marked != 0 {
		t.Error("it stays marked")
	}
}

func TestTheMenuOfACapture(t *testing.T) {
	s, p := withCaptures(t, 3)
	p.menu(p.shown.index(2), fyne.NewPos(40, 40))
	s.Pick("Only this event")
	if got := p.filterText(); got != "event:event.1" || p.shown.len() != 1 || p.Chosen != 2 {
		t.Errorf("filter %q, %d rows, capture %d", got, p.shown.len(), p.Chosen)
	}
	p.menu(0, fyne.NewPos(40, 40))
	s.Pick("Only this source")
	if got := p.filterText(); got != "event:event.1 source:stripe" {
		t.Errorf("filter %q", got)
	}
	p.menu(0, fyne.NewPos(40, 40))
	s.Pick("Pin")
	if c, err := s.E.Store.Capture(t.Context(), 2); err != nil || !c.Pinned {
		t.Errorf("it is not pinned: %v", err)
	}
	p.menu(0, fyne.NewPos(40, 40))
	s.Pick("Replay…")
	if !s.W.Layers.Covered() {
		t.Error("it does not ask where to replay")
	}
}

// A word that is put into the filter finds what it was taken from, whatever stands in it.
func TestAWordOfTheFilterFindsWhereItCameFrom(t *testing.T) {
	for _, value := range []string{"plain", "two words", `say "yes"`, `C:\dir name\`, `back\slash`, "a:b", "-minus", "(both)", "OR", `\"`} {
		t.Run(value, func(t *testing.T) {
			s := stage.New(t)
			s.Arrive(2, func(i int, c *core.Capture) {
				c.Name, c.Event.Type = []string{value, "other"}[i], []string{value, "other"}[i]
			})
			p := stage.On(s, New)
			s.Settle()
			for _, key := range []string{"source", "event"} {
				p.Only(key, value)
				s.Settle()
				if p.shown.len() != 1 || p.shown.id(0) != 1 {
					t.Errorf("%s finds %d captures", p.filterText(), p.shown.len())
				}
			}
		})
	}
}

func TestTheFilterSuggestsItsWords(t *testing.T) {
	s, p := withCaptures(t, 2)
	inserts := func(word string) (out []string) {
		for _, x := range p.suggest(word) {
			out = append(out, x.Insert)
		}
		return out
	}
	if got := inserts("sour"); !slices.Equal(got, []string{"source:", "source:stripe"}) {
		t.Errorf("sour: %q", got)
	}
	if got := inserts("source:stripe"); len(got) != 0 {
		t.Errorf("what stands there already is suggested: %q", got)
	}
	if all := inserts(""); len(all) < 20 || !slices.Contains(all, "sig:mismatch") {
		t.Errorf("of nothing: %q", all)
	}
	for _, x := range inserts("") {
		if strings.HasSuffix(x, ":") {
			continue
		}
		p.filter.Set(x)
		p.apply()
		s.Settle()
		if got := eye.Words(s.W.Layers); strings.Contains(got, "want one of") {
			t.Errorf("%s is suggested and not known", x)
		}
	}
}

func TestTheInboxIsRememberedAndReplaysAll(t *testing.T) {
	s, p := withCaptures(t, 3)
	p.filter.Set("event:event.1")
	p.apply()
	s.Settle()
	var state frame.State
	p.Remember(&state)
	if state.Filter != "event:event.1" || state.Split != p.split.Px() {
		t.Errorf("remembered %+v", state)
	}
	s.W.State = state
	again := New(s.W)
	if again.filterText() != "event:event.1" || again.shown.query.Slow() != p.shown.query.Slow() {
		t.Errorf("it begins with %q", again.filterText())
	}
	p.replayAll()
	s.Settle()
	if !s.W.Layers.Covered() {
		t.Error("it does not ask where to")
	}
	s.W.Layers.Back()
	p.filter.Set("event:nothing")
	p.apply()
	s.Settle()
	p.replayAll()
	s.Says("There is nothing to replay yet")
	s.Tap(p.list.Empty, "Clear the filter")
	if p.filterText() != "" || p.shown.len() != 3 {
		t.Errorf("cleared, it is %q with %d rows", p.filterText(), p.shown.len())
	}
}

// The tabs of a capture are a key each.
func TestDigitsTurnTheTabs(t *testing.T) {
	s, p := withCaptures(t, 1)
	unchosen(p)
	if p.Key('2') {
		t.Error("with nothing chosen there is a tab to turn to")
	}
	chooseID(s, p, 1)
	for i, part := range p.detail.parts {
		if p.Key(rune('1' + i)); p.detail.tabs.Selected() != i || p.detail.on != i {
			t.Errorf("%d leads to tab %d, not to %s", i+1, p.detail.tabs.Selected()+1, part.Label())
		}
		s.Settle()
	}
	if p.Key(rune('1' + len(p.detail.parts))) {
		t.Error("there is a tab too many")
	}
}
