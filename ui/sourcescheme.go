package ui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// scheme is a field that chooses among all schemes, by provider.
func (f *form) scheme(s platform.Setting, values core.Values) formItem {
	name := control.NewText("", control.Body).Ellipsis()
	about := control.NewParagraph("", control.Small.In(control.Faint))
	problem := control.NewText("", control.Small.In(control.Red))
	problem.Hide()
	var view *fyne.Container
	show := func() {
		found, ok := f.w.e.Schemes.Book().Find(values.Text(s.Name))
		switch {
		case ok:
			name.Put(found.Provider, control.Body)
			about.Set(aboutScheme(found))
		case values.Text(s.Name) != "":
			name.Put(values.Text(s.Name), control.Body.In(control.Red))
			about.Set("There is no such scheme.")
		default:
			name.Put("None: signatures are not checked", control.Body.In(control.Muted))
			about.Set(s.Help)
		}
	}
	row := control.RowFill(8, control.NewIcon("fingerprint-pattern", control.Muted, 14), control.Grow(name), control.NewIcon("chevrons-up-down", control.Faint, 14))
	field := control.NewPress(control.Surface{Fill: control.SurfaceField, Border: control.FieldLine, Radius: 8, Pad: control.XY(11, 8)}, row, nil)
	field.OnTap = func() {
		pickScheme(f.w, field, true, func(found sign.Scheme) {
			if found.ID == "" {
				delete(values, s.Name)
			} else {
				values[s.Name] = found.ID
			}
			show()
			relayout(view)
			f.touched()
		})
	}
	show()
	view = control.Col(5, control.NewText(s.Label, control.Body.At(12).As(control.Medium)), field, about, problem)
	return formItem{view, func(reason string) {
		problem.Set(reason)
		problem.Hidden = reason == ""
		view.Refresh()
	}}
}

// aboutScheme says in a few words what is signed, where it stands, and what to watch.
func aboutScheme(s sign.Scheme) string {
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

// pickScheme opens a searchable list of all schemes under a field; none offers to take no scheme too.
func pickScheme(w *Window, anchor fyne.CanvasObject, none bool, chosen func(sign.Scheme)) {
	popup := &control.Popup{Anchor: anchor, Wide: true}
	list := newSchemeList(w.e.Schemes.Book(), none, func(s sign.Scheme) {
		w.layers.Close(popup)
		chosen(s)
	})
	box := control.NewBox(control.Surface{Fill: control.SurfacePopup, Border: control.FieldLine, Radius: 9, Pad: control.All(8), Shadow: true,
		Min: fyne.NewSize(420, 380)}, list.view())
	popup.Content = box
	w.layers.Open(popup)
	list.search.Focus()
}

// schemeList is a list of schemes with a search over it.
type schemeList struct {
	search *control.Field
	list   *control.List
	none   bool
	all    []sign.Scheme
	found  []sign.Scheme
	root   fyne.CanvasObject
}

func newSchemeList(book sign.Book, none bool, chosen func(sign.Scheme)) *schemeList {
	l := &schemeList{none: none, all: book.All()}
	l.list = control.NewList(44, func() int { return len(l.found) }, func() fyne.CanvasObject { return newSchemeRow() },
		func(i int, o fyne.CanvasObject) { o.(*schemeRow).set(l.found[i]) })
	pick := func(i int) {
		if i >= 0 && i < len(l.found) {
			chosen(l.found[i])
		}
	}
	l.list.OnTap, l.list.OnOpen = pick, pick
	l.list.Empty = control.Centre(control.NewText("No provider of that name. Leave it unchecked, or try a header's name.", control.Small))
	l.search = control.NewField("", fmt.Sprintf("Search %d schemes: stripe, X-Hub-Signature, ed25519", len(l.all)), func(string) { l.filter() }).WithIcon("search")
	l.search.OnSubmit = func(string) { pick(max(l.list.Selected(), 0)) }
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

func (l *schemeList) view() fyne.CanvasObject { return l.root }

// filter keeps the schemes that have every word in their names, header or algorithm.
func (l *schemeList) filter() {
	words := strings.Fields(strings.ToLower(l.search.Text()))
	l.found = l.found[:0]
	if l.none && len(words) == 0 {
		l.found = append(l.found, sign.Scheme{})
	}
	for _, s := range l.all {
		text := strings.ToLower(s.ID + " " + s.Provider + " " + s.Sig.From + " " + s.Alg + " " + s.Enc)
		if hasAll(text, words) {
			l.found = append(l.found, s)
		}
	}
	l.list.Unselect()
	l.list.ScrollToTop()
	l.list.Refresh()
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// schemeRow is one scheme: whose it is, and how it is made.
type schemeRow struct {
	cell
	name, how *control.Text
	id        *control.Text
}

func newSchemeRow() *schemeRow {
	r := &schemeRow{name: control.NewText("", control.BodyBold).Ellipsis(), how: control.NewText("", control.Small).Ellipsis(),
		id: control.NewText("", control.CodeSmall.In(control.Faint))}
	r.body = control.Pad(control.XY(10, 5), control.Col(1, control.RowFill(8, control.Grow(r.name), r.id), r.how))
	r.ExtendBaseWidget(r)
	return r
}

func (r *schemeRow) set(s sign.Scheme) {
	if s.ID == "" {
		r.name.Set("None")
		r.how.Set("Signatures are not checked")
		r.id.Set("")
		return
	}
	r.name.Set(s.Provider)
	r.how.Set(schemePlace(s) + "  ·  " + s.Alg + ", " + s.Enc)
	r.id.Set(s.ID)
}
