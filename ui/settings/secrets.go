package settings

import (
	"context"
	"reflect"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// secretSection lists where secrets are kept and who uses them. It shows no value.
type secretSection struct {
	w       *frame.Window
	rows    *fyne.Container
	shown   []engine.KeptSecret
	known   bool // they were read once
	reading part.Slow
	root    *settingsForm
}

func newSecretSection(w *frame.Window) *secretSection {
	s := &secretSection{w: w, rows: control.Col(0)}
	s.rows.Add(control.NewText("Reading…", control.Small))
	s.root = newSettingsForm(group("Secrets in use", "The history holds references only. The values are in the system keyring, in the environment, in memory for this run, or, where you agreed to it, in "+w.Engine.Vault.File()+".", s.rows))
	return s
}

func (s *secretSection) Title() string           { return "Secrets" }
func (s *secretSection) Icon() string            { return "key-round" }
func (s *secretSection) view() fyne.CanvasObject { return s.root.Scroll }

func (s *secretSection) load(context.Context) func() {
	return func() { s.reading.Read(s.w.Host(), s.read) }
}

// read may wait for the keyring.
func (s *secretSection) read(ctx context.Context) func() {
	all, err := s.w.Engine.KeptSecrets(ctx)
	return func() {
		if err != nil {
			s.w.Fail(err)
			return
		}
		if s.known && sameSecrets(all, s.shown) {
			return
		}
		s.shown, s.known = all, true
		s.draw()
	}
}

func sameSecrets(a, b []engine.KeptSecret) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Ref != b[i].Ref || !reflect.DeepEqual(a[i].Users, b[i].Users) || (a[i].Absent == nil) != (b[i].Absent == nil) {
			return false
		}
	}
	return true
}

func (s *secretSection) draw() {
	s.rows.Objects = nil
	for i, k := range s.shown {
		if i > 0 {
			s.rows.Add(control.Hair())
		}
		s.rows.Add(s.row(k))
	}
	if len(s.shown) == 0 {
		s.rows.Add(control.NewParagraph("None yet. A secret appears here when a source, an endpoint or the tunnel has one.", control.Body.In(control.Muted)))
	}
	s.rows.Refresh()
	s.root.again()
}

func (s *secretSection) row(k engine.KeptSecret) fyne.CanvasObject {
	icon, tone := "key-round", control.Green
	words := []fyne.CanvasObject{control.NewText(k.Name, control.Code).EllipsisMiddle()}
	used := "Used by " + strings.Join(k.Users, " and ")
	if len(k.Users) == 0 {
		used, tone = "Used by nothing", control.Faint
	}
	words = append(words, control.NewParagraph(used, control.Small))
	if k.Absent != nil {
		icon, tone = "triangle-alert", control.Amber
		words = append(words, control.NewParagraph(part.WholeSentence(strings.TrimPrefix(k.Absent.Error(), "secret: ")), control.Small.In(control.Amber)))
	}
	top := func(o fyne.CanvasObject) fyne.CanvasObject { return control.Col(0, o) }
	forget := control.NewButton("Forget", "trash-2", control.Ghost, func() { s.ask(k) })
	forget.SetDisabled(k.Place == "env") // it is the environment's
	return control.Pad(control.XY(0, 9), control.RowFill(10, top(control.NewIcon(icon, tone, 15)), control.Grow(control.Col(3, words...)),
		top(control.NewBadge(placeWord(k.Place), control.Muted)), top(forget)))
}

// placeWord names a place in a word or two.
func placeWord(place string) string {
	switch place {
	case "env":
		return "environment"
	case "run":
		return "this run"
	}
	return place
}

func (s *secretSection) ask(k engine.KeptSecret) {
	text := "Nothing uses it."
	if len(k.Users) > 0 {
		text = "It is used by " + strings.Join(k.Users, " and ") + ", which will have no secret until you enter another."
	}
	s.w.Layers.Ask(control.Question{Title: "Forget " + k.Name + "?", Text: text + " It cannot be taken back.", Yes: "Forget it", Danger: true, Do: func() {
		s.w.Change(func(ctx context.Context) error { return s.w.Engine.ForgetSecret(ctx, k.Ref) })
	}})
}
