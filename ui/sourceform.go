package ui

import (
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/ui/control"
)

// form draws declared settings as fields and keeps their values. Those of a platform, the faults, the limit and the
// forward of a source are all declared in the same way.
type form struct {
	w       *Window
	values  core.Values
	changed func()

	// secret draws a setting whose value is kept elsewhere; nil: there are none.
	secret func(s platform.Setting) formItem
	// beside is what stands at the right of a field, by path: a button that fills it in.
	beside map[string]fyne.CanvasObject
	// words are labels for choices, by path and choice.
	words map[string]map[string]string

	items  map[string]formItem
	labels map[string]string // of the fields, by path
	broken map[string]string // what is typed and cannot be read, by path
	folded map[string]bool   // the advanced settings, by name
	inside []inside          // the objects, the outer ones first
	rest   *fold             // where they stand
	root   *fyne.Container
}

// inside is an object among the values: it stands there while it holds something.
type inside struct {
	outer core.Values
	name  string
	inner core.Values
}

// touched takes up what the user changed.
func (f *form) touched() {
	for _, o := range slices.Backward(f.inside) {
		if len(o.inner) > 0 {
			o.outer[o.name] = map[string]any(o.inner)
		} else {
			delete(o.outer, o.name)
		}
	}
	f.changed()
}

// formItem is one field: what is seen, and where its problem is shown.
type formItem struct {
	view    fyne.CanvasObject
	problem func(reason string)
}

// How wide fields are: those for a number or a choice, and all others.
const (
	shortWidth = 276
	formWidth  = 620
)

func newForm(w *Window, values core.Values, changed func()) *form {
	return &form{w: w, values: values, changed: changed, root: control.Col(16)}
}

func (f *form) view() fyne.CanvasObject { return f.root }

// draw builds the fields anew from the values.
func (f *form) draw(settings []platform.Setting) {
	f.labels, f.inside = map[string]string{}, nil
	f.items, f.broken, f.folded, f.rest = map[string]formItem{}, map[string]string{}, map[string]bool{}, nil
	plain, advanced := split(settings)
	f.root.Objects = f.group("", plain, f.values)
	if len(advanced) > 0 {
		for _, s := range advanced {
			f.folded[s.Name] = true
		}
		f.rest = newFold("Advanced", settingNames(advanced), control.Col(16, f.group("", advanced, f.values)...))
		f.root.Objects = append(f.root.Objects, f.rest.view())
	}
	f.root.Refresh()
}

// split tells the settings that everybody sees from the advanced ones.
func split(settings []platform.Setting) (plain, advanced []platform.Setting) {
	for _, s := range settings {
		if s.Advanced {
			advanced = append(advanced, s)
		} else {
			plain = append(plain, s)
		}
	}
	return plain, advanced
}

// settingNames says in a line what is behind a fold.
func settingNames(settings []platform.Setting) string {
	var names []string
	for _, s := range settings {
		names = append(names, s.Label)
	}
	return strings.Join(names, ", ")
}

func (f *form) group(prefix string, settings []platform.Setting, values core.Values) []fyne.CanvasObject {
	var out, row []fyne.CanvasObject
	end := func() {
		if len(row) > 0 {
			out, row = append(out, control.Wide(formWidth, control.Wrap(16, row...))), nil
		}
	}
	for _, s := range settings {
		item := f.item(prefix+s.Name, s, values)
		f.items[prefix+s.Name], f.labels[prefix+s.Name] = item, s.Label
		view := item.view
		if more := f.beside[prefix+s.Name]; more != nil {
			view = control.RowFill(8, control.Grow(view), more)
		}
		if s.Kind == platform.NumberKind || s.Kind == platform.ChoiceKind {
			row = append(row, control.Fixed(shortWidth, view)) // side by side where there is room
			continue
		}
		end()
		out = append(out, control.Wide(formWidth, view))
	}
	end()
	return out
}

func (f *form) item(path string, s platform.Setting, values core.Values) formItem {
	switch s.Kind {
	case platform.NumberKind:
		return f.number(path, s, values)
	case platform.BoolKind:
		return f.flag(s, values)
	case platform.ChoiceKind:
		return f.choice(path, s, values)
	case platform.SchemeKind:
		return f.scheme(path, s, values)
	case platform.SecretKind:
		if f.secret != nil {
			return f.secret(s)
		}
		return formItem{control.Gap(0, 0), func(string) {}}
	case platform.ObjectKind:
		if s.Fields == nil {
			return f.pairs(path, s, values)
		}
		return f.object(path, s, values)
	}
	return f.text(s, values)
}

// object draws the fields that a setting holds under its label.
func (f *form) object(path string, s platform.Setting, values core.Values) formItem {
	inner := valuesOf(values[s.Name])
	f.inside = append(f.inside, inside{values, s.Name, inner})
	problem := control.NewParagraph("", control.Small.In(control.Red))
	problem.Hide()
	head := []fyne.CanvasObject{control.NewText(s.Label, control.Strong)}
	if s.Help != "" {
		head = append(head, control.NewParagraph(s.Help, control.Small.In(control.Faint)))
	}
	column := control.Col(14, append([]fyne.CanvasObject{control.Col(3, head...), problem}, f.group(path+".", s.Fields, inner)...)...)
	return formItem{control.Card(control.Pad(control.All(4), column)), func(reason string) {
		problem.Set(reason)
		problem.Hidden = reason == ""
		column.Refresh()
	}}
}

// valuesOf is an object as values that share its map.
func valuesOf(v any) core.Values {
	switch o := v.(type) {
	case map[string]any:
		return o
	case core.Values:
		return o
	}
	return core.Values{}
}

// show puts a problem at the field that it is about, opens what hides it, and takes all others away. It returns false
// where there is no such field.
func (f *form) show(invalid *core.Invalid) bool {
	at := ""
	if invalid != nil {
		at = f.nearest(invalid.Field)
	}
	for path, item := range f.items {
		switch {
		case path == at && at != "":
			item.problem(Capital(invalid.Reason))
		case f.broken[path] == "":
			item.problem("")
		}
	}
	if at == "" {
		return false
	}
	if top, _, _ := strings.Cut(at, "."); f.folded[top] {
		f.rest.set(true)
	}
	return true
}

// nearest is the field of a path, or the one that holds it: "answer.headers" for "answer.headers.X-Odd".
func (f *form) nearest(path string) string {
	path, _, _ = strings.Cut(path, "[")
	for path != "" {
		if _, ok := f.items[path]; ok {
			return path
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return ""
		}
		path = path[:i]
	}
	return ""
}

// unread is the first field whose text cannot be read, or nil.
func (f *form) unread() *core.Invalid {
	for _, path := range slices.Sorted(maps.Keys(f.broken)) {
		if reason := f.broken[path]; reason != "" {
			return &core.Invalid{Field: path, Reason: reason}
		}
	}
	return nil
}

// fold hides what few people need behind its title.
type fold struct {
	arrow *control.Icon
	body  fyne.CanvasObject
	root  *fyne.Container
}

func newFold(title, hint string, body fyne.CanvasObject) *fold {
	f := &fold{arrow: control.NewIcon("chevron-right", control.Muted, 14), body: control.Pad(control.Sides(8, 0, 0, 22), body)}
	head := control.RowFill(8, f.arrow, control.NewText(title, control.BodyBold), control.Grow(control.NewText(hint, control.Small.In(control.Faint)).Ellipsis()))
	press := control.NewPress(control.Surface{Radius: 7, Pad: control.XY(4, 6)}, head, func() { f.set(f.body.(*control.Box).Hidden) })
	f.body.Hide()
	f.root = control.Col(0, press, f.body)
	return f
}

func (f *fold) view() fyne.CanvasObject { return f.root }

// set opens or closes.
func (f *fold) set(open bool) {
	icon := "chevron-right"
	if open {
		icon = "chevron-down"
		f.body.Show()
	} else {
		f.body.Hide()
	}
	f.arrow.Set(icon, control.Muted)
	relayout(f.root)
}

// relayout lets everything above an object find its new height.
func relayout(o fyne.CanvasObject) {
	o.Refresh()
	if l := control.LayersOf(o); l != nil {
		l.Refresh()
	}
}
