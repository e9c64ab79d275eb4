package ui

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/ui/control"
)

// The places where a secret can be kept, in the order of the menu.
var secretPlaces = []struct{ place, label, kept string }{
	{"keyring", "System keyring", "Kept in the system keyring."},
	{"run", "This run only", "Kept for this run only; enter it again after the next start."},
	{"file", "File of mine", "Kept in a file that only you can read."},
	{"env", "Environment variable", "Read from the environment; the value is kept nowhere."},
}

// secretDraft is what the user did to one secret of a source and has not saved.
type secretDraft struct {
	ref     core.SecretRef // as stored
	place   string
	value   string // typed; "" leaves the stored one
	env     string // with place env: the variable's name
	removed bool
}

func newSecretDraft(ref core.SecretRef, keyring bool) *secretDraft {
	d := &secretDraft{ref: ref, place: "run"}
	if keyring {
		d.place = "keyring"
	}
	if kind, name, ok := strings.Cut(string(ref), ":"); ok {
		d.place = kind
		if kind == "env" {
			d.env = name
		}
	}
	return d
}

// changed reports whether saving has something to do.
func (d *secretDraft) changed() bool {
	kind, name, _ := strings.Cut(string(d.ref), ":")
	switch {
	case d.removed:
		return d.ref != ""
	case d.place == "env":
		return d.env != "" && (kind != "env" || d.env != name)
	case d.value != "":
		return true
	}
	return d.ref != "" && kind != d.place
}

// keep puts the secret where the user wants it and returns the reference for the source. It runs off the UI goroutine.
func (d *secretDraft) keep(ctx context.Context, w *Window, src core.Source, setting string) (core.SecretRef, error) {
	switch {
	case d.removed:
		return "", nil
	case d.place == "env":
		if d.env == "" {
			return "", nil
		}
		return core.SecretRef("env:" + d.env), nil
	}
	value := core.Text(d.value)
	if d.value == "" {
		if d.ref == "" || !d.changed() {
			return d.ref, nil
		}
		var err error
		if value, err = w.e.Vault.Resolve(d.ref); err != nil {
			return "", &core.Invalid{Field: setting, Reason: "cannot be moved: " + err.Error()}
		}
	}
	ref, err := w.e.KeepSecret(ctx, d.place, src, setting, value)
	if err != nil {
		return "", &placeTrouble{setting, d, err}
	}
	return ref, nil
}

// placeTrouble is a secret that could not be kept where the user wants it.
type placeTrouble struct {
	setting string
	draft   *secretDraft
	err     error
}

func (t *placeTrouble) Error() string { return t.setting + ": " + t.err.Error() }

// elsewhere proposes to keep it for this run, and says so as the setting's problem.
func (t *placeTrouble) elsewhere() *core.Invalid {
	reason := strings.TrimPrefix(t.err.Error(), "keep secret: ")
	if t.draft.place == "keyring" {
		reason, _, _ = strings.Cut(reason, "; ")
		t.draft.place = "run"
		reason += ". Save again to keep it for this run only, or choose another place."
	}
	return &core.Invalid{Field: t.setting, Reason: reason}
}

// secretField enters a secret and says where it is kept.
type secretField struct {
	w       *Window
	d       *secretDraft
	changed func()

	value, env *control.Field
	place      *control.Select
	status     *control.Paragraph
	remove     *control.Button
	random     *control.Button
	slot       *control.Box
	root       *fyne.Container
}

func newSecretField(w *Window, s platform.Setting, d *secretDraft, changed func()) *secretField {
	f := &secretField{w: w, d: d, changed: changed, status: control.NewParagraph("", control.Small.In(control.Faint)), slot: control.NewBox(control.Surface{}, nil)}
	f.value = control.NewField("", "", func(text string) { d.value, d.removed = text, false; f.tell() }).AsSecret().AsCode()
	f.env = control.NewField("", "NAME_OF_THE_VARIABLE", func(text string) { d.env, d.removed = strings.TrimSpace(text), false; f.tell() }).AsCode()
	f.value.SetQuiet(d.value)
	f.env.SetQuiet(d.env)
	labels := make([]string, len(secretPlaces))
	for i, p := range secretPlaces {
		labels[i] = p.label
	}
	f.place = control.NewSelect("", f.move, labels...)
	f.remove = control.NewTool("trash-2", "Remove the secret", func() {
		d.removed, d.value, d.env = true, "", ""
		f.value.SetQuiet("")
		f.env.SetQuiet("")
		f.tell()
	})
	f.random = control.NewTool("shuffle", "Make a random secret", func() { f.value.Set(randomSecret()) })
	row := control.RowFill(8, control.Grow(f.slot), f.random, f.remove, control.Fixed(178, f.place))
	parts := []fyne.CanvasObject{control.NewText(s.Label, control.Body.At(12).As(control.Medium)), row, f.status}
	if s.Help != "" {
		parts = append(parts, control.NewParagraph(s.Help, control.Small.In(control.Faint)))
	}
	f.root = control.Col(5, parts...)
	f.show()
	return f
}

// randomSecret is hex, which every way of decoding a key accepts.
func randomSecret() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails, says its documentation
	return hex.EncodeToString(b)
}

// move changes the place. A file is a place that somebody else may find: it needs consent.
func (f *secretField) move(i int) {
	place := secretPlaces[i].place
	if place != "file" || strings.HasPrefix(string(f.d.ref), "file:") {
		f.d.place = place
		f.tell()
		return
	}
	f.show() // as it was, until the answer
	f.w.layers.Ask(control.Question{
		Title: "Keep this secret in a file?",
		Text: "It is written unencrypted to secrets.json in the folder of the history. Only your user may read it, but so may " +
			"every program that you run, and every backup. The system keyring is safer.",
		Yes: "Keep it in a file",
		Do:  func() { f.d.place = "file"; f.tell() },
	})
}

func (f *secretField) tell() {
	f.show()
	f.changed()
}

// show brings the fields in line with the draft.
func (f *secretField) show() {
	for i, p := range secretPlaces {
		if p.place == f.d.place {
			f.place.Choose(i)
		}
	}
	if f.d.place == "env" {
		f.slot.SetChild(f.env)
	} else {
		f.slot.SetChild(f.value)
	}
	f.random.Hidden = f.d.place == "env"
	f.remove.SetDisabled(f.d.removed || f.d.ref == "" && f.d.value == "" && f.d.env == "")
	f.status.Put(f.words(), control.Small.In(control.Faint))
	f.root.Refresh()
}

// words say what is the case now, or what saving will do.
func (f *secretField) words() string {
	d := f.d
	kept := ""
	for _, p := range secretPlaces {
		if p.place == d.place {
			kept = p.kept
		}
	}
	switch {
	case d.removed:
		return "Removed once you save."
	case d.ref == "" && !d.changed():
		return "Not set."
	case d.changed() && d.value == "" && d.place != "env":
		return "Moved once you save. " + kept
	case d.ref != "" && !d.changed() && d.place != "env":
		return "Set; type to replace it. " + kept
	}
	return kept
}

func (f *secretField) item() formItem {
	return formItem{f.root, func(reason string) {
		if reason == "" {
			f.show()
			return
		}
		f.status.Put(reason, control.Small.In(control.Red))
	}}
}
