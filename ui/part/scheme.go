package part

import (
	"cmp"

	"fyne.io/fyne/v2"

	"hookglass/core/sign"
	"hookglass/ui/control"
)

// SchemeSpec says what a scheme is chosen for.
type SchemeSpec struct {
	Label string
	None  string // what no scheme means: "Not signed"; empty: one has to be chosen
	Hint  string // what stands below the field while none is chosen

	Fits   func(sign.Scheme) bool   // nil: all do
	About  func(sign.Scheme) string // what stands below the field; nil: how the signature is made
	Chosen func(sign.Scheme)        // by the user; the zero scheme is none
}

// SchemeField chooses a signature scheme, one of the user's own or a known one, by a search.
type SchemeField struct {
	host  Host
	spec  SchemeSpec
	about string

	name  *control.Text
	below *control.Paragraph // about, or what is wrong
	press *control.Press
	root  *fyne.Container
}

// NewSchemeField returns a field with no scheme chosen.
func NewSchemeField(h Host, spec SchemeSpec) *SchemeField {
	f := &SchemeField{host: h, spec: spec, name: control.NewText("", control.Body).Ellipsis(), below: control.NewParagraph("", control.Small)}
	row := control.RowFill(8, control.NewIcon("fingerprint-pattern", control.Muted, 14), control.Grow(f.name), control.NewIcon("chevrons-up-down", control.Faint, 14))
	f.press = control.NewPress(control.Surface{Fill: control.SurfaceField, Border: control.FieldLine, Radius: 8, Pad: control.XY(11, 8), Min: fyne.NewSize(80, 33)}, row, f.Open)
	f.root = control.Col(5, control.NewText(spec.Label, control.Body.At(12).As(control.Medium)), f.press, f.below)
	f.Set("")
	return f
}

func (f *SchemeField) View() fyne.CanvasObject { return f.root }

// Set shows the scheme of an id, "" for none, and returns it.
func (f *SchemeField) Set(id string) sign.Scheme {
	s, known := f.host.Engine.Schemes.Book().Find(id)
	f.about = f.spec.Hint
	switch {
	case known:
		f.name.Put(SchemeTitle(s), control.Body)
		if f.about = SchemeAbout(s); f.spec.About != nil {
			f.about = f.spec.About(s)
		}
	case id != "":
		f.name.Put(id, control.Body.In(control.Red))
		f.about = "There is no such scheme."
	default:
		f.name.Put(cmp.Or(f.spec.None, "Choose a provider"), control.Body.In(control.Muted))
	}
	f.Problem("")
	return s
}

// Choose is Set by the user.
func (f *SchemeField) Choose(id string) { f.spec.Chosen(f.Set(id)) }

// Problem shows what is wrong with the choice; "" takes it away.
func (f *SchemeField) Problem(text string) {
	f.below.Put(f.about, control.Small.In(control.Faint))
	if text != "" {
		f.below.Put(text, control.Small.In(control.Red))
	}
	f.below.Hidden = f.below.Text() == ""
	Relayout(f.root)
}

// Open lists the schemes with a search over them.
func (f *SchemeField) Open() {
	popup := &control.Popup{Anchor: f.press, Wide: true}
	list := NewSchemeList(f.host, f.spec.None, f.fitting(f.host.Engine.Schemes.Book().All()), func(s sign.Scheme) {
		f.host.Layers().Close(popup)
		f.Choose(s.ID)
	})
	popup.Content = control.NewBox(control.Surface{Fill: control.SurfacePopup, Border: control.FieldLine, Radius: 9, Pad: control.All(8), Shadow: true,
		Min: fyne.NewSize(420, 380)}, list.View())
	f.host.Layers().Open(popup)
	list.Focus()
}

func (f *SchemeField) fitting(all []sign.Scheme) (out []sign.Scheme) {
	for _, s := range all {
		if f.spec.Fits == nil || f.spec.Fits(s) {
			out = append(out, s)
		}
	}
	return out
}
