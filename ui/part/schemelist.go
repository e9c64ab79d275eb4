package part

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// SchemeTitle is a scheme as a field shows it.
func SchemeTitle(s sign.Scheme) string {
	if s.Provider == "" {
		return s.ID
	}
	return s.Provider
}

// SchemeAbout says in a few words what is signed, where it stands, and what to watch.
func SchemeAbout(s sign.Scheme) string {
	out := fmt.Sprintf("%s in %s, %s.", strings.ToUpper(s.Alg), s.Enc, schemePlace(s))
	if s.TS.Tolerance > 0 {
		out += fmt.Sprintf(" At most %d s old.", s.TS.Tolerance)
	}
	for _, need := range s.Needs {
		if need == "url" {
			out += " Signs the address too: set the registered one under Advanced where it is not this source's."
		} else if name, ok := strings.CutPrefix(need, "param:"); ok {
			out += " Needs " + name + " under Advanced, Signed values."
		}
	}
	if s.Quirks != "" {
		out += " " + s.Quirks
	}
	return out
}

func schemePlace(s sign.Scheme) string {
	if name, ok := strings.CutPrefix(s.Sig.From, "header:"); ok {
		return "header " + name
	}
	if name, ok := strings.CutPrefix(s.Sig.From, "json:"); ok {
		return "member " + name + " of the body"
	}
	return s.Sig.From
}

// FindSchemes are the schemes that have every word of a search in their names, header or algorithm.
func FindSchemes(all []sign.Scheme, search string) (out []sign.Scheme) {
	words := strings.Fields(strings.ToLower(search))
	for _, s := range all {
		if hasAll(strings.ToLower(s.ID+" "+s.Provider+" "+s.Sig.From+" "+s.Alg+" "+s.Enc), words) {
			out = append(out, s)
		}
	}
	return out
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// SchemeList is a list of schemes with a search over it. Those that are known and cannot be checked are found too, with
// the reason.
type SchemeList struct {
	host   Host
	none   string
	all    []sign.Scheme
	found  []schemeEntry
	chosen func(sign.Scheme)

	search *control.Field
	list   *control.List
	root   fyne.CanvasObject
}

// schemeEntry is one row: a scheme, the zero one for none, or one that cannot be checked.
type schemeEntry struct {
	scheme sign.Scheme
	cannot *sign.Unfit
}

// NewSchemeList lists schemes; none, if not empty, offers to take none too, in these words.
func NewSchemeList(h Host, none string, all []sign.Scheme, chosen func(sign.Scheme)) *SchemeList {
	l := &SchemeList{host: h, none: none, all: all, chosen: chosen}
	l.list = control.NewList(44, func() int { return len(l.found) }, func() fyne.CanvasObject { return newSchemeRow() },
		func(i int, o fyne.CanvasObject) { o.(*schemeRow).set(l.found[i], none) })
	l.list.OnTap, l.list.OnOpen = l.pick, l.pick
	l.list.Empty = control.Centre(control.NewText("No provider of that name. Leave it unchecked, or try a header's name.", control.Small))
	l.search = control.NewField("", fmt.Sprintf("Search %d schemes: stripe, X-Hub-Signature, ed25519", len(l.all)), func(string) { l.filter() }).WithIcon("search")
	l.search.OnSubmit = func(string) { l.pick(max(l.list.Selected(), 0)) }
	l.search.OnKey = func(e *fyne.KeyEvent) bool {
		switch e.Name {
		case fyne.KeyDown:
			l.list.Select(min(l.list.Selected()+1, len(l.found)-1))
		case fyne.KeyUp:
			l.list.Select(max(l.list.Selected()-1, 0))
		default:
			return false
		}
		return true
	}
	l.filter()
	l.root = control.Col(8, l.search, control.Grow(l.list))
	return l
}

func (l *SchemeList) View() fyne.CanvasObject { return l.root }

// Focus puts the keyboard into the search.
func (l *SchemeList) Focus() { l.search.Focus() }

func (l *SchemeList) pick(i int) {
	switch {
	case i < 0 || i >= len(l.found):
	case l.found[i].cannot != nil:
		u := l.found[i].cannot
		l.host.Layers().Toast(control.Toast{Text: fmt.Sprintf("%s (%s) cannot be checked here. %s", u.Provider, u.Carrier, u.Why), Tone: control.Amber, Stay: true})
	default:
		l.chosen(l.found[i].scheme)
	}
}

func (l *SchemeList) filter() {
	words := strings.Fields(strings.ToLower(l.search.Text()))
	l.found = l.found[:0]
	if l.none != "" && len(words) == 0 {
		l.found = append(l.found, schemeEntry{})
	}
	for _, s := range FindSchemes(l.all, l.search.Text()) {
		l.found = append(l.found, schemeEntry{scheme: s})
	}
	for _, u := range sign.NotFitting() {
		if len(words) > 0 && hasAll(strings.ToLower(u.Provider+" "+u.Carrier), words) {
			l.found = append(l.found, schemeEntry{cannot: &u})
		}
	}
	l.list.Unselect()
	l.list.ScrollToTop()
	l.list.Refresh()
}

// schemeRow is one scheme: whose it is, and how it is made.
type schemeRow struct {
	Cell
	name, how *control.Text
	id        *control.Text
}

func newSchemeRow() *schemeRow {
	r := &schemeRow{name: control.NewText("", control.BodyBold).Ellipsis(), how: control.NewText("", control.Small).Ellipsis(),
		id: control.NewText("", control.CodeSmall.In(control.Faint))}
	r.Body = control.Pad(control.XY(10, 5), control.Col(1, control.RowFill(8, control.Grow(r.name), r.id), r.how))
	r.ExtendBaseWidget(r)
	return r
}

func (r *schemeRow) set(e schemeEntry, none string) {
	switch s, u := e.scheme, e.cannot; {
	case u != nil:
		r.name.Set(u.Provider)
		r.how.Set(u.Carrier + "  ·  " + u.Why)
		r.id.Set("cannot be checked")
	case s.ID == "":
		what, means, _ := strings.Cut(none, ": ")
		r.name.Set(what)
		r.how.Set(core.Capital(means))
		r.id.Set("")
	default:
		r.name.Set(SchemeTitle(s))
		r.how.Set(schemePlace(s) + "  ·  " + s.Alg + ", " + s.Enc)
		r.id.Set(s.ID)
	}
}
