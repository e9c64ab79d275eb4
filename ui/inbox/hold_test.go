package inbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// click presses the row of a capture with keys held.
func click(s *stage.Stage, p *Page, id core.CaptureID, held fyne.KeyModifier) {
	s.T.Helper()
	y := float32(p.shown.index(id))*(p.list.RowHeight+p.list.Gap) + 8 - float32(p.list.Offset())
	p.list.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(80, y)}, Button: desktop.MouseButtonPrimary, Modifier: held})
	s.Settle()
	s.Settle()
}

const ctrl, shift = fyne.KeyModifierShortcutDefault, fyne.KeyModifierShift

// pickedIDs are those that are picked, oldest first.
func pickedIDs(p *Page) string { return fmt.Sprint(p.shown.within(p.picked.ranges, 1_000_000)) }

func listKey(s *stage.Stage, p *Page, name fyne.KeyName) {
	p.list.TypedKey(&fyne.KeyEvent{Name: name})
	s.Settle()
	s.Settle()
}

// left are the captures of the history, newest first.
func left(s *stage.Stage) string {
	s.T.Helper()
	ids, err := s.E.Store.CaptureIDs(s.T.Context(), store.Query{}, 0)
	if err != nil {
		s.T.Fatal(err)
	}
	return fmt.Sprint(ids)
}

// listed are the captures that the list shows, newest first.
func listed(p *Page) string {
	var ids []core.CaptureID
	for i := range p.shown.len() {
		ids = append(ids, p.shown.id(i))
	}
	return fmt.Sprint(ids)
}

func TestCapturesArePickedTogether(t *testing.T) {
	s, p := withCaptures(t, 9)
	s.Lacks(s.W.Layers, "selected")
	height := p.list.Size().Height
	click(s, p, 3, 0)
	click(s, p, 6, shift)
	if got := pickedIDs(p); got != "[3 4 5 6]" || p.Chosen != 6 {
		t.Errorf("Shift picks %s and shows %d", got, p.Chosen)
	}
	s.Says("4 selected")
	if p.list.Size().Height >= height {
		t.Error("the list makes no room for the bar")
	}
	click(s, p, 2, shift) // from where it began
	if got := pickedIDs(p); got != "[2 3]" {
		t.Errorf("back past the beginning: %s", got)
	}
	click(s, p, 8, ctrl)
	click(s, p, 5, ctrl)
	click(s, p, 3, ctrl)
	if got := pickedIDs(p); got != "[2 5 8]" || p.Chosen != 5 {
		t.Errorf("Ctrl: %s, shown %d", got, p.Chosen)
	}
	s.Arrive(3, nil)
	s.Settle()
	if got := pickedIDs(p); got != "[2 5 8]" || p.shown.len() != 12 {
		t.Errorf("after three arrived: %s", got)
	}
	s.Says("3 selected")
	listKey(s, p, fyne.KeyEscape)
	if got := pickedIDs(p); got != "[5]" || p.bar.foot.Visible() {
		t.Errorf("Esc leaves %s", got)
	}
	if got := p.list.Size().Height; got != height {
		t.Errorf("the list is %v high, and was %v", got, height)
	}
	p.list.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	listKey(s, p, fyne.KeyDown)
	listKey(s, p, fyne.KeyDown)
	p.list.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	if got := pickedIDs(p); got != "[3 4 5]" || p.Chosen != 3 {
		t.Errorf("Shift and arrows: %s, shown %d", got, p.Chosen)
	}
	listKey(s, p, fyne.KeyDown)
	if got := pickedIDs(p); got != "[2]" {
		t.Errorf("an arrow alone: %s", got)
	}
}

// All that match are one range, however many: nothing in the window grows with them, and what comes later is not of them.
func TestAllThatMatchArePicked(t *testing.T) {
	s, p := withCaptures(t, 40)
	p.filter.Set("path:/in/1")
	p.apply()
	s.Settle()
	n := p.shown.len()
	p.list.TypedShortcut(&fyne.ShortcutSelectAll{})
	l := p.chosenLot()
	if l.n != n || n != 11 || len(p.picked.ranges) != 1 {
		t.Errorf("%d of %d, in %d ranges", l.n, n, len(p.picked.ranges))
	}
	s.Says("11 selected")
	s.Arrive(2, nil)
	s.Settle()
	if p.chosenLot().n != n || p.shown.len() != n+1 {
		t.Errorf("%d are picked of %d", p.chosenLot().n, p.shown.len())
	}
	ids, err := s.E.Store.CaptureIDs(t.Context(), l.query, 0)
	if err != nil || len(ids) != n {
		t.Errorf("the query finds %d, %v", len(ids), err)
	}
	p.filter.Set("")
	p.apply()
	s.Settle()
	if p.several() {
		t.Error("another filter keeps what was picked")
	}
}

func TestADragPicks(t *testing.T) {
	s, p := withCaptures(t, 9)
	click(s, p, 8, 0)
	pitch := p.list.RowHeight + p.list.Gap
	p.list.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(80, 3*pitch+5)}})
	p.list.DragEnd()
	s.Settle()
	if got := pickedIDs(p); got != "[6 7 8]" {
		t.Errorf("a drag picks %s", got)
	}
}

func TestPickedRanges(t *testing.T) {
	r := func(pairs ...core.CaptureID) (out []store.IDRange) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, store.IDRange{From: pairs[i], To: pairs[i+1]})
		}
		return out
	}
	for _, tt := range []struct{ have, add, want []store.IDRange }{
		{nil, r(3, 4), r(3, 4)}, {r(1, 2), r(3, 4), r(1, 4)}, {r(1, 2, 8, 9), r(4, 5), r(1, 2, 4, 5, 8, 9)},
		{r(1, 2, 4, 5, 8, 9), r(2, 8), r(1, 9)}, {r(5, 6), r(1, 2), r(1, 2, 5, 6)}, {r(1, 9), r(3, 4), r(1, 9)},
	} {
		if got := union(tt.have, tt.add[0]); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%v and %v: %v, want %v", tt.have, tt.add, got, tt.want)
		}
	}
	for _, tt := range []struct {
		have []store.IDRange
		ids  []core.CaptureID
		want []store.IDRange
	}{
		{r(1, 9), []core.CaptureID{5}, r(1, 4, 6, 9)}, {r(1, 9), []core.CaptureID{1, 2, 9, 12}, r(3, 8)}, {r(5, 5), []core.CaptureID{5}, nil},
		{r(1, 2, 5, 6), []core.CaptureID{0, 3, 6}, r(1, 2, 5, 5)}, {r(1, 2), nil, r(1, 2)},
	} {
		if got := without(tt.have, tt.ids); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%v without %v: %v, want %v", tt.have, tt.ids, got, tt.want)
		}
	}
	c := newCaptures(store.Query{})
	c.ids = store.NewIDs(2, 4, 6, 8, 10)
	if c.count(r(1, 4, 7, 7, 9, 99)) != 3 || c.newer(6) != 2 || c.newer(7) != 2 || c.newer(99) != 0 {
		t.Error("counted wrong")
	}
}

func TestADeletionIsTakenBack(t *testing.T) {
	s, p := withCaptures(t, 6)
	chooseID(s, p, 4)
	p.list.Select(p.shown.index(4))
	listKey(s, p, fyne.KeyDelete)
	if listed(p) != "[6 5 3 2 1]" || left(s) != "[6 5 4 3 2 1]" || p.Chosen != 3 {
		t.Fatalf("listed %s, left %s, shown %d", listed(p), left(s), p.Chosen)
	}
	s.Says("1 capture deleted", "Undo")
	s.Arrive(1, nil)
	s.Settle()
	p.filter.Set("source:stripe")
	p.apply()
	s.Settle()
	if listed(p) != "[7 6 5 3 2 1]" {
		t.Errorf("another filter shows it again: %s", listed(p))
	}
	s.Tap(s.W.Layers, "Undo")
	if listed(p) != "[7 6 5 4 3 2 1]" || p.Chosen != 4 {
		t.Errorf("taken back: listed %s, shown %d", listed(p), p.Chosen)
	}
	s.Later()
	if left(s) != "[7 6 5 4 3 2 1]" {
		t.Errorf("it is deleted nevertheless: %s", left(s))
	}
}

func TestADeletionGoesThroughInTime(t *testing.T) {
	s, p := withCaptures(t, 8)
	click(s, p, 2, 0)
	click(s, p, 5, shift)
	click(s, p, 8, ctrl)
	p.list.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	listKey(s, p, fyne.KeyDelete)
	s.Says("5 captures deleted")
	if listed(p) != "[7 6 1]" || p.several() {
		t.Errorf("listed %s", listed(p))
	}
	s.Later()
	s.Later()
	if left(s) != "[7 6 1]" || listed(p) != "[7 6 1]" || len(p.removed) != 0 {
		t.Errorf("left %s, listed %s", left(s), listed(p))
	}
	p.Undo()
	s.Says("There is nothing to undo")
	for range 3 {
		listKey(s, p, fyne.KeyDelete)
	}
	if listed(p) != "[]" || p.Chosen != 0 {
		t.Errorf("listed %s, shown %d", listed(p), p.Chosen)
	}
	s.Has(p.detail.view(), "Select a request")
	listKey(s, p, fyne.KeyDelete) // of nothing
	p.list.TypedShortcut(&fyne.ShortcutUndo{})
	s.Settle()
	s.Settle()
	if n := p.shown.len(); n != 1 {
		t.Errorf("the last is not taken back: %s", listed(p))
	}
	if got := strings.Count(eye.Texts(s.W.Layers), "Undo"); got != 2 {
		t.Errorf("%d deletions are said to be undone, want the two that are left", got)
	}
}

func TestPinnedCapturesAreNotDeleted(t *testing.T) {
	s, p := withCaptures(t, 5)
	for _, id := range []core.CaptureID{2, 4} {
		if err := s.E.Store.Pin(id, true); err != nil {
			t.Fatal(err)
		}
	}
	click(s, p, 4, 0)
	listKey(s, p, fyne.KeyDelete)
	s.Says("Nothing is deleted: 1 pinned one stays")
	p.list.TypedShortcut(&fyne.ShortcutSelectAll{})
	listKey(s, p, fyne.KeyDelete)
	s.Says("3 captures deleted; 2 pinned ones stay")
	if listed(p) != "[4 2]" {
		t.Errorf("listed %s", listed(p))
	}
	s.Later()
	if left(s) != "[4 2]" {
		t.Errorf("left %s", left(s))
	}
}

// What is done with captures while some are out of the list does not reach those.
func TestWhatIsDeletedIsNotExported(t *testing.T) {
	s, p := withCaptures(t, 5)
	click(s, p, 3, 0)
	listKey(s, p, fyne.KeyDelete)
	p.list.TypedShortcut(&fyne.ShortcutSelectAll{})
	for name, l := range map[string]lot{"picked": p.chosenLot(), "all": p.allLot()} {
		ids, err := s.E.Store.CaptureIDs(t.Context(), l.query, 0)
		if err != nil || fmt.Sprint(ids) != "[5 4 2 1]" || l.n != 4 {
			t.Errorf("%s: %v, %d, %v", name, ids, l.n, err)
		}
	}
}

func TestTheWindowShowsWhatACommandDid(t *testing.T) {
	s, p := withCaptures(t, 300)
	chooseID(s, p, 290)
	p.list.Select(p.shown.index(290))
	p.list.SetOffset(50 * 56)
	s.Settle()
	top, _ := p.list.InSight()
	first := p.shown.id(top)
	if _, err := s.E.History.Note(t.Context(), 290, "ask the customer"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.E.History.Pin(t.Context(), engine.One(first), true); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	s.Has(p.detail.view(), "ask the customer")
	if !p.shown.rows[first].Pinned {
		t.Error("the row in sight does not say that it is pinned")
	}
	if _, err := s.E.History.DeleteCaptures(t.Context(), "id:260-289,295-299"); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	if top, _ = p.list.InSight(); p.shown.id(top) != first || p.shown.len() != 265 || p.shown.id(p.list.Selected()) != 290 {
		t.Errorf("capture %d stands at the top instead of %d, %d rows, selected %d", p.shown.id(top), first, p.shown.len(), p.shown.id(p.list.Selected()))
	}
	s.Has(p.detail.view(), "/in/289") // of capture 290
	if _, err := s.E.History.DeleteCaptures(t.Context(), "id:290"); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	s.Settle()
	s.Has(p.detail.view(), "Select a request")
}

func TestANoteIsTakenAndChanged(t *testing.T) {
	s, p := withCaptures(t, 2)
	chooseID(s, p, 1)
	height := p.detail.stage.Size().Height
	p.Key('n')
	s.Settle()
	s.Says("Note on capture 1")
	enter := func(text string) {
		t.Helper()
		field := eye.All[*control.Field](s.W.Layers)
		f := field[len(field)-1]
		f.Set(text)
		f.OnSubmit(f.Text())
		s.Settle()
		s.Settle()
	}
	enter(strings.Repeat("x", engine.LongestNote+1))
	s.Says("at most 2000")
	enter("the customer called")
	if s.W.Layers.Covered() {
		t.Error("the dialog stays")
	}
	s.Has(p.detail.view(), "the customer called")
	if c, err := s.E.Store.Capture(t.Context(), 1); err != nil || c.Note != "the customer called" || p.shown.rows[1].Note == "" {
		t.Errorf("kept %q, %v", c.Note, err)
	}
	p.menu(p.shown.index(1), fyne.NewPos(40, 40))
	s.Pick("Edit the note…")
	s.Tap(s.W.Layers, "Cancel")
	p.Key('n')
	s.Settle()
	enter("")
	s.Lacks(p.detail.view(), "the customer called")
	if got := p.detail.stage.Size().Height; got != height {
		t.Errorf("without its note the tab is %v high, and was %v", got, height)
	}
}

// Each verb is in the menu, in the palette and, where it has a key, under it; each says of how many it is.
func TestVerbsAreDeclaredOnce(t *testing.T) {
	s, p := withCaptures(t, 5)
	keys := map[rune]bool{'/': true, 'g': true}
	for _, v := range verbs() {
		if v.key != 0 && keys[v.key] {
			t.Errorf("%c means two things", v.key)
		}
		keys[v.key] = true
	}
	words := func() (all string) {
		for _, item := range p.verbItems(p.chosenLot(), p.middle) {
			all += item.Label + "\n"
		}
		return all
	}
	unchosen(p)
	if words() != "" || len(p.verbCommands()) != 0 {
		t.Errorf("with nothing chosen: %s", words())
	}
	chooseID(s, p, 2)
	if got := words(); strings.Count(got, "\n") != len(verbs()) || !strings.Contains(got, "Delete\n") || !strings.Contains(got, "Pin\n") {
		t.Errorf("of one:\n%s", got)
	}
	if c, ok := eye.Command(p.Commands(), "Add a note · capture 2"); !ok || c.Hint != "n" {
		t.Error("the palette does not offer a note")
	}
	click(s, p, 2, 0)
	click(s, p, 4, shift)
	if got := words(); !strings.Contains(got, "Delete 3 captures\n") || !strings.Contains(got, "Export 3 captures…\n") || !strings.Contains(got, "Pin 3 captures\n") || strings.Contains(got, "Edit") || strings.Contains(got, "Compare") {
		t.Errorf("of three:\n%s", got)
	}
	p.Key('e')
	s.Says("Edit and send works on 1 capture; 3 are selected")
	p.menu(p.shown.index(3), fyne.NewPos(40, 40)) // one of them: the menu is of all
	s.Pick("Pin 3 captures")
	s.Says("3 captures pinned")
	p.Key('i')
	if got := s.W.App.Clipboard().Content(); got != "2 3 4" {
		t.Errorf("copied %q", got)
	}
	p.menu(p.shown.index(5), fyne.NewPos(40, 40)) // another: it is of that one
	s.Pick("Copy the URL")
	if got := s.W.App.Clipboard().Content(); got != "http://h/in/4" || p.several() {
		t.Errorf("copied %q", got)
	}
	click(s, p, 1, 0)
	click(s, p, 5, ctrl)
	p.Key('d')
	s.Settle()
	s.Says("Compare capture 1 with capture 5")
}

func TestPickedCapturesAreExportedAndReplayed(t *testing.T) {
	s, p := withCaptures(t, 6)
	click(s, p, 2, 0)
	click(s, p, 4, ctrl)
	p.Key('x')
	s.Says("2 captures: those that are selected", "2 selected", "All 6 in the list")
	s.Lacks(s.W.Layers, "whole history")
	s.W.Layers.Back()
	d := p.exportAs("json")
	path := filepath.Join(t.TempDir(), "two.jsonl")
	d.path.Set(path)
	d.begin()
	s.Settle()
	s.Settle()
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != 2 || !strings.Contains(string(text), "/in/1") || !strings.Contains(string(text), "/in/3") {
		t.Errorf("written %q, %v", text, err)
	}
	d.of.Select(1)
	d.turn()
	s.Says("6 captures: the whole history")
	s.W.Layers.Back()
	p.Key('r')
	s.Settle()
	s.Says("Replay 2 captures", "All 6 in the list")
	ids, _, err := s.E.Outbox.Replay(context.Background(), lastReplay{To: []string{"http://127.0.0.1:1/"}, Mode: veryBytes}.request(p.chosenLot()))
	if err != nil || len(ids) != 2 {
		t.Errorf("%v, %v", ids, err)
	}
}

// The keys work as well where nothing has the keyboard, and not where a dialog stands over the page.
func TestTheKeysOfTheWindowHold(t *testing.T) {
	s, p := withCaptures(t, 3)
	c := s.W.Win.Canvas()
	c.Unfocus()
	typed := func(name fyne.KeyName) {
		c.OnTypedKey()(&fyne.KeyEvent{Name: name})
		s.Settle()
		s.Settle()
	}
	chooseID(s, p, 2)
	typed(fyne.KeyDelete)
	if listed(p) != "[3 1]" {
		t.Errorf("listed %s", listed(p))
	}
	p.Undo()
	s.Settle()
	s.Settle()
	p.SelectAll()
	s.Says("3 selected")
	c.Unfocus()
	typed(fyne.KeyEscape)
	if p.several() || listed(p) != "[3 2 1]" {
		t.Errorf("Esc leaves %s of %s", pickedIDs(p), listed(p))
	}
	p.Key('n')
	s.Settle()
	c.Unfocus()
	typed(fyne.KeyDelete)
	if listed(p) != "[3 2 1]" {
		t.Errorf("under a dialog: %s", listed(p))
	}
	typed(fyne.KeyEscape)
	if s.W.Layers.Covered() {
		t.Error("Esc does not close the dialog")
	}
}
