package control

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Suggestion is one way to go on with what is typed.
type Suggestion struct {
	Insert string // replaces the word that is being typed; one that ends with ":" wants a value next
	Label  string // "" means Insert
	Hint   string
	Icon   string
}

// Tokens is a filter: finished words of the form name:value become chips, the rest is free text. Enter and Space
// finish a word, Backspace in front of an empty word takes the last chip back into the text.
type Tokens struct {
	widget.BaseWidget
	OnChange func(query string)
	OnSubmit func(query string)             // Enter with nothing to choose
	OnLeave  func()                         // Esc or Down with nothing to choose: to the list below
	OnHeight func()                         // it needs more or fewer lines than before
	Suggest  func(word string) []Suggestion // for the word being typed; "" when it is empty

	chips []string
	field *Field
	clear *Button
	popup *Popup
	panel *menuPanel
	lines float32 // the height that it needed last
	offer []Suggestion
	quiet bool
	whole bool // a suggestion finished a word: nothing more is offered until something is typed
}

// NewTokens returns an empty filter.
func NewTokens(placeholder string, change func(query string)) *Tokens {
	t := &Tokens{OnChange: change, lines: tokensLine}
	t.field = NewField("", placeholder, func(string) { t.typed() })
	t.field.bare = true
	t.field.OnKey = t.key
	t.field.OnFocus = t.focus
	t.field.OnSubmit = func(string) { t.submit() }
	t.clear = NewTool("x", "Clear the filter", func() { t.Set(""); t.changed(); t.Focus() })
	t.ExtendBaseWidget(t)
	return t
}

// Query is the whole filter as text.
func (t *Tokens) Query() string {
	return strings.TrimSpace(strings.Join(append(append([]string(nil), t.chips...), t.field.Text()), " "))
}

// Set shows a filter without calling back.
func (t *Tokens) Set(query string) {
	words := SplitWords(query)
	t.chips = t.chips[:0]
	for len(words) > 0 && isToken(words[0]) {
		t.chips, words = append(t.chips, words[0]), words[1:]
	}
	t.setText(strings.Join(words, " "))
	t.Refresh()
}

// Add puts a finished word behind the others, unless it is there, and calls back.
func (t *Tokens) Add(word string) {
	for _, c := range t.chips {
		if c == word {
			return
		}
	}
	t.chips = append(t.chips, word)
	t.Refresh()
	t.changed()
}

// Has reports whether a finished word is there.
func (t *Tokens) Has(word string) bool { return slices.Contains(t.chips, word) }

// Remove takes finished words away, and calls back where there was one.
func (t *Tokens) Remove(words ...string) {
	before := len(t.chips)
	t.chips = slices.DeleteFunc(t.chips, func(c string) bool { return slices.Contains(words, c) })
	if len(t.chips) != before {
		t.Refresh()
		t.changed()
	}
}

// SetProblem shows what is wrong with the filter; "" takes it away.
func (t *Tokens) SetProblem(s string) {
	t.field.SetProblem(s)
	t.Refresh()
	t.resized()
}

// Problem is what is said to be wrong.
func (t *Tokens) Problem() string { return t.field.Problem() }

// Unfinished reports whether what is typed goes on: a name whose value is missing.
func (t *Tokens) Unfinished() bool { return strings.HasSuffix(t.word(), ":") }

// resized tells whoever placed it that it needs another height.
func (t *Tokens) resized() {
	if h := t.MinSize().Height; h != t.lines {
		t.lines = h
		if t.OnHeight != nil {
			t.OnHeight()
		}
	}
}

// Focus gives the filter the keyboard.
func (t *Tokens) Focus() { t.field.Focus() }

func (t *Tokens) setText(s string) {
	t.quiet = true
	t.field.Set(s)
	t.field.SetCursor(len([]rune(s)))
	t.quiet = false
}

func (t *Tokens) changed() {
	t.clear.Hidden = t.Query() == ""
	if t.Problem() != "" {
		t.SetProblem("") // of what stood there before
	}
	t.resized()
	if t.OnChange != nil {
		t.OnChange(t.Query())
	}
}

// typed follows what is typed, and offers ways to go on with the last word.
func (t *Tokens) typed() {
	if t.quiet {
		return
	}
	t.whole = false
	t.settle()
	t.suggest()
	t.changed()
}

// settle takes finished words out of the text.
func (t *Tokens) settle() {
	words, open := splitTyped(t.field.Text())
	if n := len(words); n > 0 && isToken(words[0]) {
		for len(words) > 0 && isToken(words[0]) {
			t.chips, words = append(t.chips, words[0]), words[1:]
		}
		rest := strings.Join(words, " ")
		if rest != "" && open != "" {
			rest += " "
		}
		t.setText(rest + open)
		t.Refresh()
	}
}

// isToken reports whether a word is name:value and not free text.
func isToken(word string) bool {
	name, value, ok := strings.Cut(strings.TrimPrefix(word, "-"), ":")
	return ok && value != "" && name != "" && !strings.ContainsAny(name, "\"/ ")
}

// SplitWords cuts a query at its spaces, apart from those between double quotes.
func SplitWords(query string) []string {
	words, open := splitTyped(query)
	if open != "" {
		words = append(words, open)
	}
	return words
}

// splitTyped returns the words that are finished by a space, and the one that is still being typed.
func splitTyped(s string) (words []string, open string) {
	start, quoted := 0, false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ' ' && !quoted:
			if i > start {
				words = append(words, s[start:i])
			}
			start = i + 1
		}
	}
	return words, s[start:]
}

func (t *Tokens) word() string {
	_, open := splitTyped(t.field.Text())
	return open
}

func (t *Tokens) suggest() {
	t.offer = nil
	if t.Suggest != nil && t.field.Focused() && !t.whole {
		t.offer = t.Suggest(t.word())
	}
	l := LayersOf(t)
	if l == nil {
		return
	}
	if len(t.offer) == 0 {
		t.close()
		return
	}
	items := make([]MenuItem, len(t.offer))
	for i, s := range t.offer {
		label := s.Label
		if label == "" {
			label = s.Insert
		}
		items[i] = MenuItem{Label: label, Hint: s.Hint, Icon: s.Icon}
	}
	if t.popup == nil {
		t.panel = newMenuPanel(items, t.take, t.close)
		t.popup = &Popup{Content: t.panel, Anchor: t, Passing: true}
		l.Open(t.popup)
		return
	}
	t.panel.setItems(items)
	l.Refresh()
}

func (t *Tokens) close() {
	if t.popup == nil {
		return
	}
	p := t.popup
	t.popup = nil
	if l := LayersOf(t); l != nil {
		l.Close(p)
	}
}

// take goes on with a suggestion.
func (t *Tokens) take(i int) {
	s := t.offer[i].Insert
	text := strings.TrimSuffix(t.field.Text(), t.word())
	if !strings.HasSuffix(s, ":") {
		s += " "
	}
	t.setText(text + s)
	t.whole = !strings.HasSuffix(s, ":")
	t.settle()
	t.Focus()
	t.suggest()
	t.changed()
}

func (t *Tokens) key(e *fyne.KeyEvent) bool {
	open := t.popup != nil
	switch e.Name {
	case fyne.KeyDown:
		if !open {
			return t.leave()
		}
		t.panel.list.choose(t.panel.list.Selected() + 1)
	case fyne.KeyUp:
		if !open {
			return false
		}
		t.panel.list.choose(t.panel.list.Selected() - 1)
	case fyne.KeyTab, fyne.KeyReturn, fyne.KeyEnter:
		if !open || t.panel.list.Selected() < 0 {
			return false
		}
		t.take(t.panel.list.Selected())
	case fyne.KeyEscape:
		if !open {
			return t.leave()
		}
		t.close()
	case fyne.KeyBackspace:
		if t.field.Text() != "" || len(t.chips) == 0 {
			return false
		}
		last := t.chips[len(t.chips)-1]
		t.chips = t.chips[:len(t.chips)-1]
		t.setText(last)
		t.whole = false
		t.Refresh()
		t.suggest()
		t.changed()
	default:
		return false
	}
	return true
}

func (t *Tokens) leave() bool {
	if t.OnLeave == nil {
		return false
	}
	t.OnLeave()
	return true
}

func (t *Tokens) submit() {
	if w := t.word(); isToken(w) {
		t.setText(t.field.Text() + " ")
		t.typed()
	}
	t.close()
	if t.OnSubmit != nil {
		t.OnSubmit(t.Query())
	}
}

func (t *Tokens) focus(gained bool) {
	if gained {
		t.suggest()
	} else {
		t.close()
	}
	t.Refresh()
}

// remove takes a chip away.
func (t *Tokens) remove(i int) {
	t.chips = append(t.chips[:i], t.chips[i+1:]...)
	t.Refresh()
	t.changed()
}

// negate turns a chip round.
func (t *Tokens) negate(i int) {
	if rest, not := strings.CutPrefix(t.chips[i], "-"); not {
		t.chips[i] = rest
	} else {
		t.chips[i] = "-" + t.chips[i]
	}
	t.Refresh()
	t.changed()
}

// edit takes a chip back into the text.
func (t *Tokens) edit(i int) {
	word := t.chips[i]
	t.chips = append(t.chips[:i], t.chips[i+1:]...)
	t.setText(strings.TrimSpace(t.field.Text() + " " + word))
	t.whole = false
	t.Refresh()
	t.Focus()
	t.changed()
}
