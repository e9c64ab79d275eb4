package ui

import (
	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// secretForm chooses how an endpoint's events are signed, and the secret.
type secretForm struct {
	schemes []sign.Scheme
	scheme  *control.Select
	secret  *SecretField
	root    *fyne.Container
	isJoai  bool
}

func newSecretForm(w *Window, schemes []sign.Scheme, changed func()) *secretForm {
	f := &secretForm{}
	names := []string{"Not signed"}
	for _, s := range schemes {
		if s.SecretKind == "" || s.SecretKind == "shared" || s.SecretKind == "token" { // we have no private keys of others
			f.schemes = append(f.schemes, s)
			names = append(names, schemeTitle(s))
		}
	}
	f.scheme = control.NewSelect("Scheme", func(int) { f.show(); changed() }, names...)
	f.secret = NewSecretField(w.host(), SecretSpec{Label: "Secret", Random: true, Changed: changed})
	f.root = control.Col(12, f.scheme, f.secret.View())
	return f
}

// joai fixes the scheme to JoAi's own.
func (f *secretForm) joai(on bool) {
	f.isJoai = on
	f.scheme.SetDisabled(on)
	none := ""
	if on {
		f.choose("joai")
		none = "Left empty, one is made as JoAi does, and shown once."
	}
	f.secret.Hint("", none)
	f.show()
}

func (f *secretForm) choose(id string) {
	f.scheme.Choose(0)
	for i, s := range f.schemes {
		if s.ID == id {
			f.scheme.Choose(i + 1)
		}
	}
}

// set shows what is in force; the secret itself is not shown.
func (f *secretForm) set(scheme string, ref core.SecretRef) {
	f.choose(scheme)
	f.secret.Set(ref)
	f.show()
}

func (f *secretForm) show() {
	show(f.secret.View(), f.chosen() != "")
	f.root.Refresh()
}

// chosen is the scheme, "" for none.
func (f *secretForm) chosen() string {
	if i := f.scheme.Selected(); i > 0 {
		return f.schemes[i-1].ID
	}
	return ""
}
