package part

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/ui/control"
	"hookglass/ui/eye"
)

func TestFormIsDrawnInSectionsOfDeclaredSettings(t *testing.T) {
	h := newHost(t)
	values, told := core.Values{"rate": 2.0}, 0
	f := NewForm(h.Host, values, func() { told++ })
	var custom string
	f.Custom = map[string]func(platform.Setting) FormItem{"own": func(s platform.Setting) FormItem {
		return FormItem{control.NewText("drawn by a part: "+s.Label, control.Body), func(reason string) { custom = reason }}
	}}
	f.DrawIn(FormSection{"LIMITS", []platform.Setting{{Name: "rate", Label: "Rate", Kind: platform.NumberKind, Min: 1, Max: 10}, {Name: "odd", Label: "Odd", Kind: platform.TextKind, Advanced: true}}},
		FormSection{"MORE", []platform.Setting{{Name: "own", Label: "Own", Kind: platform.ObjectKind}, {Name: "lines", Label: "Lines", Kind: platform.ObjectKind}}})
	shown := eye.Texts(f.View())
	for _, want := range []string{"LIMITS", "MORE", "drawn by a part: Own", "1 to 10."} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not in\n%s", want, shown)
		}
	}
	if f.Items["rate"].View.(*control.Field).Text() != "2" {
		t.Error("the value is not shown")
	}
	f.Items["rate"].View.(*control.Field).Set("11")
	if bad := f.Unread(); bad == nil || bad.Field != "rate" || values["rate"] != 2.0 {
		t.Errorf("out of bounds: %v, value %v", bad, values["rate"])
	}
	f.Items["rate"].View.(*control.Field).Set("3")
	f.Items["lines"].View.(*control.Field).Set("a: 1")
	if f.Unread() != nil || values["rate"] != 3.0 || told != 3 {
		t.Errorf("values %v, told %d times", values, told)
	}
	if !f.Show(&core.Invalid{Field: "own.x", Reason: "is odd"}) || custom != "Is odd" {
		t.Errorf("the part was told %q", custom)
	}
	if !f.Show(&core.Invalid{Field: "odd", Reason: "is odd"}) || f.Folded["odd"].body.(*control.Box).Hidden || custom != "" {
		t.Error("a problem behind a fold does not open it")
	}
	if f.Show(nil) || f.Show(&core.Invalid{Field: "elsewhere"}) || f.Label("rate.x") != "Rate" {
		t.Error("a problem of another form is shown here")
	}
}
