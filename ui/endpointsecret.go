package ui

import (
	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// secretForm chooses how an endpoint's events are signed, and the secret.
type secretForm struct {
	picker *SchemeField
	scheme string
	secret *SecretField
	fixed  *control.Text // in place of the choice: the scheme of a platform's own
	root   *fyne.Container
}

func newSecretForm(w *Window, changed func()) *secretForm {
	f := &secretForm{fixed: control.NewText("", control.Body)}
	ours := func(s sign.Scheme) bool { // we have no private keys of others
		return s.SecretKind == "" || s.SecretKind == "shared" || s.SecretKind == "token"
	}
	f.picker = NewSchemeField(w.host(), SchemeSpec{Label: "Scheme", None: "Not signed", Fits: ours, About: func(sign.Scheme) string { return "" },
		Chosen: func(s sign.Scheme) { f.scheme = s.ID; f.show(); changed() }})
	f.secret = NewSecretField(w.host(), SecretSpec{Label: "Secret", Random: true, Changed: changed})
	f.root = control.Col(12, f.fixed, f.picker.View(), f.secret.View())
	return f
}

// fix fixes the scheme to that of a platform. The platform without a name leaves it to the user.
func (f *secretForm) fix(p platform.Platform) {
	none, on := "", p.Name != ""
	if on {
		f.scheme = p.Endpoints.Scheme
		f.fixed.Set("Signed as " + p.Title + " does")
		if p.Endpoints.Secret != nil {
			none = "Left empty, one is made as " + p.Title + " does, and shown once."
		}
	}
	f.picker.Set(f.scheme)
	f.secret.Hint("", none)
	show(f.fixed, on)
	show(f.picker.View(), !on)
	f.show()
}

// set shows what is in force; the secret itself is not shown.
func (f *secretForm) set(scheme string, ref core.SecretRef) {
	f.scheme = scheme
	f.picker.Set(scheme)
	f.secret.Set(ref)
	f.show()
}

func (f *secretForm) show() {
	show(f.secret.View(), f.scheme != "")
	f.root.Refresh()
}
