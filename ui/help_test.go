package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/ui/eye"
	"hookglass/ui/frame"
)

// Help says what the keys do: every letter that a page takes stands there, and every letter that stands there does something.
func TestHelpNamesTheKeysThatThereAre(t *testing.T) {
	s, ui := filled(t)
	ui.deliveries.OpenDelivery(1)
	s.Settle()
	visit(s, func(p frame.Page) {
		s.W.Open(p.Name())
		named := map[rune]bool{}
		for _, g := range s.W.Guides() {
			for _, k := range g.Hotkeys {
				if g.Title != p.Name() {
					continue
				}
				for one := range strings.SplitSeq(k.Key, ", ") {
					if r := []rune(strings.TrimPrefix(one, "Shift+")); len(r) == 1 {
						named[r[0]] = true
					}
				}
			}
		}
		for r := '!'; r <= '~'; r++ {
			took := p.Key(r)
			s.Settle()
			for s.W.Layers.Covered() {
				s.W.Layers.Back()
			}
			s.W.Open(p.Name())
			s.Settle()
			inList := strings.ContainsRune("jk", r)
			if took && !named[r] {
				t.Errorf("%s takes %c, and help does not say so", p.Name(), r)
			}
			if named[r] && !took && !inList && r != 'R' {
				t.Errorf("help says that %s takes %c, which does nothing", p.Name(), r)
			}
		}
		s.Settle()
	})
}

func TestHelpOpensByItsKeys(t *testing.T) {
	s, _ := filled(t)
	opened := func(how string) {
		t.Helper()
		if lost := eye.Missing(eye.Words(s.W.Layers), "Keys", "Everywhere", "Ctrl+K", "Replay"); !s.W.Layers.Covered() || lost != nil {
			t.Errorf("%s: help does not show %q", how, lost)
		}
		s.W.Layers.Back()
	}
	s.W.Open("Inbox")
	c := s.W.Win.Canvas()
	c.Unfocus()
	c.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
	opened("F1")
	c.OnTypedRune()('?')
	opened("?")
	if f, ok := s.W.Now().(interface{ Focus() fyne.Focusable }); ok && f.Focus() != nil { // what one has just pressed has the keyboard
		c.Focus(f.Focus())
		c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
		opened("F1 in the list")
		c.Focused().TypedRune('?')
		opened("? in the list")
	}
	s.W.Now().Find()
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
	opened("F1 in a field")
	s.W.Now().Find()
	c.Focused().TypedRune('?')
	if s.W.Layers.Covered() {
		t.Error("? in a field asks for help instead of being text")
	}
}

// TestKeysPage: docs/reference/keys.md is made of the same guides; make docs writes it anew.
func TestKeysPage(t *testing.T) {
	s, _ := filled(t)
	var b strings.Builder
	b.WriteString("# Keys\n\n<!-- Made from the program by make docs; changes here are lost. -->\n\n`?` or F1 shows those of the page in front. On a Mac, Ctrl is Cmd.\n")
	var window frame.Guide
	visit(s, func(p frame.Page) {
		for _, g := range s.W.Guides() {
			if g.Title != p.Name() {
				window = g
				continue
			}
			if table := guideTable(g); !strings.Contains(b.String(), "## "+g.Title+"\n") {
				b.WriteString(table)
			}
		}
	})
	b.WriteString(guideTable(window))
	path := filepath.Join("..", "docs", "reference", "keys.md")
	if os.Getenv("HOOKGLASS_WRITE_DOCS") != "" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != b.String() {
		t.Errorf("docs/reference/keys.md is not what the program says now; make docs writes it anew (%v)", err)
	}
}

func guideTable(g frame.Guide) string {
	out := "\n## " + g.Title + "\n\n| key | |\n|---|---|\n"
	for _, k := range g.Hotkeys {
		out += "| `" + k.Key + "` | " + strings.TrimSuffix(k.Does, "…") + " |\n"
	}
	return out
}
