package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// secretForm chooses how an endpoint's events are signed and where the secret is kept.
type secretForm struct {
	w       *Window
	changed func()
	schemes []sign.Scheme

	scheme *control.Select
	secret *control.Field
	where  *control.Segmented
	note   *control.Paragraph
	kept   *control.Paragraph
	keeper *fyne.Container
	root   *fyne.Container
	isJoai bool
	has    bool // a secret is kept already
}

// places are where a secret can be kept, in the order of the form.
var places = []string{"keyring", "run", "file"}

var placeNotes = map[string]string{
	"keyring": "Encrypted by the system, and there again after a restart.",
	"run":     "In memory alone: to be entered again after a restart.",
	"file":    "As plain text in secrets.json beside the history, readable by your user only.",
}

func newSecretForm(w *Window, changed func()) *secretForm {
	f := &secretForm{w: w, changed: changed}
	f.scheme = control.NewSelect("Scheme", func(int) { f.show(); changed() })
	f.offer()
	f.secret = control.NewField("Secret", "", func(string) { f.secret.SetProblem(""); changed() }).AsSecret()
	f.where = control.NewSegmented(f.choosePlace, "System keyring", "This run only", "File")
	f.note, f.kept = control.NewParagraph(placeNotes["keyring"], control.Small), control.NewParagraph("", control.Small)
	f.keeper = control.Col(8, f.secret, f.kept, control.Row(10, control.NewText("Keep it in", control.Body.At(12).As(control.Medium)), f.where), f.note)
	f.root = control.Col(12, f.scheme, f.keeper)
	return f
}

// offer lists the schemes that exist now.
func (f *secretForm) offer() {
	f.schemes = nil
	names := []string{"Not signed"}
	for _, s := range f.w.e.Schemes.Book().All() {
		if s.SecretKind == "" || s.SecretKind == "shared" || s.SecretKind == "token" { // we have no private keys of others
			f.schemes = append(f.schemes, s)
			names = append(names, schemeTitle(s))
		}
	}
	f.scheme.SetChoices(names...)
}

// joai fixes the scheme to JoAi's own.
func (f *secretForm) joai(on bool) {
	f.isJoai = on
	f.scheme.SetDisabled(on)
	if on {
		f.choose("joai")
	}
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
	f.offer()
	f.choose(scheme)
	f.has = ref != ""
	f.secret.SetQuiet("")
	place, _, _ := strings.Cut(string(ref), ":")
	f.where.Select(max(indexOf(places, place), 0))
	f.note.Set(placeNotes[f.place()])
	words := map[string]string{"keyring": "in the system keyring", "run": "for this run", "file": "in the secrets file", "env": "in the environment"}
	f.kept.Set("A secret is kept " + words[place] + ". Type another to replace it.")
	f.show()
}

func (f *secretForm) show() {
	show(f.keeper, f.chosen() != "")
	show(f.kept, f.has)
	if f.isJoai && !f.has {
		f.kept.Set("Left empty, one is made as JoAi does, and shown once.")
		f.kept.Show()
	}
	f.root.Refresh()
}

// chosen is the scheme, "" for none.
func (f *secretForm) chosen() string {
	if i := f.scheme.Selected(); i > 0 {
		return f.schemes[i-1].ID
	}
	return ""
}

func (f *secretForm) place() string { return places[f.where.Selected()] }

// given is the secret that was typed. made tells that one is to be made, which is so where none is typed and want holds.
func (f *secretForm) given(want bool) (s core.Secret, made bool) {
	if text := f.secret.Text(); text != "" && f.chosen() != "" {
		return core.Text(text), false
	}
	return core.Secret{}, want
}

// choosePlace asks before a secret goes into a file.
func (f *secretForm) choosePlace(i int) {
	f.note.Set(placeNotes[places[i]])
	f.root.Refresh()
	f.changed()
	if places[i] != "file" {
		return
	}
	agreed := false
	f.w.layers.Ask(control.Question{Title: "Keep the secret in a file?", Text: placeNotes["file"] + " Backups and other programs of yours can read it there. The keyring is safer.",
		Yes: "Keep it in the file", Do: func() { agreed = true }})
	f.w.pump.after(0, func() { f.await(&agreed) })
}

// await goes back to the keyring once the question is closed without a yes.
func (f *secretForm) await(agreed *bool) {
	if f.w.layers.Covered() {
		f.w.pump.after(frame, func() { f.await(agreed) })
		return
	}
	if !*agreed {
		f.where.Select(0)
		f.note.Set(placeNotes["keyring"])
		f.root.Refresh()
	}
}
