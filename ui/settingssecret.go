package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
)

// secretEntry shows where a secret is kept, and takes another one. Its value is never shown again.
type secretEntry struct {
	w       *Window
	label   string
	help    string
	name    string // under which it is kept
	keep    func(core.SecretRef)
	ref     core.SecretRef
	editing bool

	value   *control.Field
	env     *control.Field
	place   *control.Select
	save    *control.Button
	problem *control.Paragraph
	extra   []fyne.CanvasObject // further buttons while it is entered
	resized func()              // it became higher or lower; may be nil
	root    *fyne.Container
}

// vaultPlaces are where a secret can be kept, in the order they are offered.
var vaultPlaces = []struct{ kind, label string }{
	{"keyring", "System keyring"}, {"run", "This run only"}, {"file", "File, readable by you only"}, {"env", "Environment variable"},
}

func newSecretEntry(w *Window, label, help, name, env string, keep func(core.SecretRef)) *secretEntry {
	s := &secretEntry{w: w, label: label, help: help, name: name, keep: keep, problem: control.NewParagraph("", control.Small.In(control.Red)), root: control.Col(6)}
	s.value = control.NewField("", "Paste it here", nil).AsSecret()
	s.value.OnSubmit = func(string) { s.store() }
	s.env = control.NewField("", "Name of the variable", nil).AsCode()
	s.env.OnSubmit = func(string) { s.store() }
	s.env.SetQuiet(env)
	labels := make([]string, len(vaultPlaces))
	for i, p := range vaultPlaces {
		labels[i] = p.label
	}
	s.place = control.NewSelect("", func(int) { s.draw() }, labels...)
	if !w.e.Vault.HasKeyring() {
		s.place.Choose(1)
	}
	s.save = control.NewButton("Keep", "check", control.Secondary, s.store)
	s.draw()
	return s
}

// set shows a reference that stands in the settings.
func (s *secretEntry) set(ref core.SecretRef) {
	if s.ref != ref {
		s.ref, s.editing = ref, false
		s.draw()
	}
}

// point shows what is wrong and puts the keyboard there.
func (s *secretEntry) point(problem string) {
	s.editing = true
	s.draw()
	s.fault(problem)
	s.value.Focus()
}

func (s *secretEntry) fault(text string) {
	s.problem.Set(text)
	s.problem.Hidden = text == ""
	s.root.Refresh()
	if s.resized != nil {
		s.resized()
	}
}

func (s *secretEntry) kind() string { return vaultPlaces[max(s.place.Selected(), 0)].kind }

func (s *secretEntry) draw() {
	s.problem.Set("")
	s.problem.Hide()
	s.root.Objects = []fyne.CanvasObject{control.NewText(s.label, control.Body.At(12).As(control.Medium))}
	if s.ref != "" && !s.editing {
		s.root.Add(control.Row(8, control.NewIcon("key-round", control.Green, 15), control.Grow(control.NewText(keptText(s.ref), control.Body).EllipsisMiddle()),
			control.NewButton("Change", "pencil", control.Ghost, func() { s.editing = true; s.draw(); s.value.Focus() }),
			control.NewButton("Forget", "trash-2", control.Ghost, s.forget)))
	} else {
		entry := s.value
		if s.kind() == "env" {
			entry = s.env
		}
		s.root.Add(control.RowFill(8, control.Grow(entry), control.Fixed(196, s.place), s.save))
		if len(s.extra) > 0 || s.editing && s.ref != "" {
			row := append([]fyne.CanvasObject{}, s.extra...)
			if s.editing && s.ref != "" {
				row = append(row, control.NewButton("Cancel", "", control.Ghost, func() { s.editing = false; s.draw() }))
			}
			s.root.Add(control.Row(6, row...))
		}
	}
	s.root.Add(s.problem)
	if s.help != "" {
		s.root.Add(control.NewParagraph(s.help, control.Small.In(control.Faint)))
	}
	s.root.Refresh()
	if s.resized != nil {
		s.resized()
	}
}

// store keeps what was entered in the place chosen; a file only after a question.
func (s *secretEntry) store() {
	if s.kind() == "env" {
		name := strings.TrimSpace(s.env.Text())
		if name == "" || strings.ContainsAny(name, " =") {
			s.fault("Want the name of an environment variable, such as NGROK_AUTHTOKEN.")
			return
		}
		s.done(core.SecretRef("env:" + name))
		return
	}
	value := strings.TrimSpace(s.value.Text())
	if value == "" {
		s.fault("Paste the value first.")
		return
	}
	if s.kind() != "file" {
		s.put(s.kind(), core.Text(value))
		return
	}
	s.w.layers.Ask(control.Question{Title: "Keep it in a file?", Yes: "Keep it in the file",
		Text: "The value is written as it is to " + s.w.e.Vault.File() + ". Only your user may read it (on Windows: whoever may read your files), and so may your backups.",
		Do:   func() { s.put("file", core.Text(value)) }})
}

func (s *secretEntry) put(place string, value core.Secret) {
	s.save.SetDisabled(true)
	s.w.pump.task(s.w.ctx, func(context.Context) func() {
		ref, err := s.w.e.Vault.Put(place, s.name, value)
		return func() {
			s.save.SetDisabled(false)
			if err != nil {
				s.fault(Sentence(err) + ".")
				return
			}
			s.done(ref)
		}
	})
}

func (s *secretEntry) done(ref core.SecretRef) {
	s.value.SetQuiet("")
	s.ref, s.editing = ref, false
	s.draw()
	s.keep(ref)
}

func (s *secretEntry) forget() {
	ref := s.ref
	s.w.pump.task(s.w.ctx, func(context.Context) func() {
		err := s.w.e.Vault.Forget(ref)
		return func() {
			if err != nil {
				s.fault(Sentence(err) + ".")
				return
			}
			s.ref = ""
			s.draw()
			s.keep("")
		}
	})
}

// keptText says where the value of a reference is.
func keptText(ref core.SecretRef) string {
	kind, name, _ := strings.Cut(string(ref), ":")
	switch kind {
	case "env":
		return "In the environment variable " + name
	case "keyring":
		return "In the system keyring"
	case "run":
		return "In memory, for this run only"
	case "file":
		return "In a file that only you may read"
	}
	return string(ref)
}
