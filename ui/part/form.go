package part

import (
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/ui/control"
)

// Form draws declared settings as fields and keeps their values. Those of a platform, the faults, the limit and the
// forward of a source are all declared in the same way.
type Form struct {
	Values core.Values

	// Custom draws settings in another way than by their kind, by path: secrets, whose value is kept elsewhere, and what
	// has a part of its own.
	Custom map[string]func(s platform.Setting) FormItem
	// Beside is what stands at the right of a field, by path: a button that fills it in.
	Beside map[string]fyne.CanvasObject
	// Words are labels for choices, by path and choice.
	Words map[string]map[string]string

	host    Host
	changed func()

	Items  map[string]FormItem
	Labels map[string]string // of the fields, by path
	broken map[string]string // what is typed and cannot be read, by path
	Folded map[string]*Fold  // where the advanced settings stand, by name
	inside []inside          // the objects, the outer ones first
	root   *fyne.Container
}

// inside is an object among the values: it stands there while it holds something.
type inside struct {
	outer core.Values
	name  string
	inner core.Values
}

// touched takes up what the user changed.
func (f *Form) touched() {
	for _, o := range slices.Backward(f.inside) {
		if len(o.inner) > 0 {
			o.outer[o.name] = map[string]any(o.inner)
		} else {
			delete(o.outer, o.name)
		}
	}
	f.changed()
}

// FormItem is one field: what is seen, and where its problem is shown.
type FormItem struct {
	View    fyne.CanvasObject
	Problem func(reason string)
}

// How wide fields are: those for a number or a choice, and all others.
const (
	shortWidth = 276
	FormWidth  = 620
)

// NewForm is a form without fields, of values that it changes; changed is called after that.
func NewForm(h Host, values core.Values, changed func()) *Form {
	return &Form{host: h, Values: values, changed: changed, root: control.Col(16)}
}

func (f *Form) View() fyne.CanvasObject { return f.root }

// FormSection is a part of a form with a caption over it.
type FormSection struct {
	Caption  string // empty: it stands without a frame
	Settings []platform.Setting
}

// Draw builds the fields anew from the values.
func (f *Form) Draw(settings []platform.Setting) { f.DrawIn(FormSection{Settings: settings}) }

// DrawIn is Draw in several parts.
func (f *Form) DrawIn(sections ...FormSection) {
	f.Labels, f.inside = map[string]string{}, nil
	f.Items, f.broken, f.Folded = map[string]FormItem{}, map[string]string{}, map[string]*Fold{}
	f.root.Objects = nil
	for _, s := range sections {
		objects := f.section(s.Settings)
		if s.Caption != "" {
			objects = []fyne.CanvasObject{control.Card(control.Col(12, append([]fyne.CanvasObject{control.NewText(s.Caption, control.Caption)}, objects...)...))}
		}
		f.root.Objects = append(f.root.Objects, objects...)
	}
	f.root.Refresh()
}

// section draws settings, the advanced ones behind a fold.
func (f *Form) section(settings []platform.Setting) []fyne.CanvasObject {
	plain, advanced := split(settings)
	objects := f.group("", plain, f.Values)
	if len(advanced) > 0 {
		fold := NewFold("Advanced", settingNames(advanced), control.Col(16, f.group("", advanced, f.Values)...))
		for _, s := range advanced {
			f.Folded[s.Name] = fold
		}
		objects = append(objects, fold.View())
	}
	return objects
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

func (f *Form) group(prefix string, settings []platform.Setting, values core.Values) []fyne.CanvasObject {
	var out, row []fyne.CanvasObject
	end := func() {
		if len(row) > 0 {
			out, row = append(out, control.Wide(FormWidth, control.Wrap(16, row...))), nil
		}
	}
	for _, s := range settings {
		item := f.item(prefix+s.Name, s, values)
		f.Items[prefix+s.Name], f.Labels[prefix+s.Name] = item, s.Label
		view := item.View
		if more := f.Beside[prefix+s.Name]; more != nil {
			view = control.RowFill(8, control.Grow(view), more)
		}
		if f.Custom[prefix+s.Name] == nil && (s.Kind == platform.NumberKind || s.Kind == platform.ChoiceKind) {
			row = append(row, control.Fixed(shortWidth, view)) // side by side where there is room
			continue
		}
		end()
		out = append(out, control.Wide(FormWidth, view))
	}
	end()
	return out
}

func (f *Form) item(path string, s platform.Setting, values core.Values) FormItem {
	if draw := f.Custom[path]; draw != nil {
		return draw(s)
	}
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
		return FormItem{control.Gap(0, 0), func(string) {}} // nobody keeps it
	case platform.ObjectKind:
		if s.Fields == nil {
			return f.pairs(path, s, values)
		}
		return f.object(path, s, values)
	}
	return f.text(s, values)
}

// object draws the fields that a setting holds under its label.
func (f *Form) object(path string, s platform.Setting, values core.Values) FormItem {
	inner := ValuesOf(values[s.Name])
	f.inside = append(f.inside, inside{values, s.Name, inner})
	problem := control.NewParagraph("", control.Small.In(control.Red))
	problem.Hide()
	head := []fyne.CanvasObject{control.NewText(s.Label, control.Strong)}
	if s.Help != "" {
		head = append(head, control.NewParagraph(s.Help, control.Small.In(control.Faint)))
	}
	column := control.Col(14, append([]fyne.CanvasObject{control.Col(3, head...), problem}, f.group(path+".", s.Fields, inner)...)...)
	return FormItem{control.Card(control.Pad(control.All(4), column)), func(reason string) {
		problem.Set(reason)
		problem.Hidden = reason == ""
		column.Refresh()
	}}
}

// ValuesOf is an object as values that share its map.
func ValuesOf(v any) core.Values {
	switch o := v.(type) {
	case map[string]any:
		return o
	case core.Values:
		return o
	}
	return core.Values{}
}

// Show puts a problem at the field that it is about, opens what hides it, and takes all others away. It returns false
// where there is no such field.
func (f *Form) Show(invalid *core.Invalid) bool {
	at := ""
	if invalid != nil {
		at = f.Nearest(invalid.Field)
	}
	for path, item := range f.Items {
		switch {
		case path == at && at != "":
			item.Problem(core.Capital(invalid.Reason))
		case f.broken[path] == "":
			item.Problem("")
		}
	}
	if at == "" {
		return false
	}
	if top, _, _ := strings.Cut(at, "."); f.Folded[top] != nil {
		f.Folded[top].Set(true)
	}
	return true
}

// Nearest is the field of a path, or the one that holds it: "answer.headers" for "answer.headers.X-Odd".
func (f *Form) Nearest(path string) string {
	path, _, _ = strings.Cut(path, "[")
	for path != "" {
		if _, ok := f.Items[path]; ok {
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

// Unread is the first field whose text cannot be read, or nil.
func (f *Form) Unread() *core.Invalid {
	for _, path := range slices.Sorted(maps.Keys(f.broken)) {
		if reason := f.broken[path]; reason != "" {
			return &core.Invalid{Field: path, Reason: reason}
		}
	}
	return nil
}

// Label is what the field of a path is called, or of the one that holds it.
func (f *Form) Label(path string) string { return f.Labels[f.Nearest(path)] }

// Focus puts the keyboard into the field of a path, where one can type there.
func (f *Form) Focus(path string) {
	if field, ok := f.Items[f.Nearest(path)].View.(*control.Field); ok {
		field.Focus()
	}
}
