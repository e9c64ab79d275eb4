package settings

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/env"
	"hookglass/ui/control"
	"hookglass/ui/part"
)

// environmentEditor is the dialog that edits an environment: a name, values and secrets.
type environmentEditor struct {
	s       *environmentSection
	was     string
	name    *control.Field
	rows    []*environmentRow
	list    *fyne.Container
	problem *control.Paragraph
	keep    *control.Button
	popup   *control.Popup
}

// environmentRow is a value, or a secret.
type environmentRow struct {
	name   *control.Field
	value  *control.Field
	secret *part.SecretField
	view   fyne.CanvasObject
}

// edit opens the dialog; an environment without a name is a new one.
func (s *environmentSection) edit(e core.Environment) *environmentEditor {
	x := &environmentEditor{s: s, was: e.Name, list: control.Col(8), problem: control.NewParagraph("", control.Small.In(control.Red))}
	x.problem.Hide()
	x.name = control.NewField("Name", "staging", func(string) { x.name.SetProblem("") }).AsCode()
	x.name.SetQuiet(e.Name)
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		x.addValue(name, e.Values[name])
	}
	for _, name := range slices.Sorted(maps.Keys(e.Secrets)) {
		x.addSecret(name, e.Secrets[name])
	}
	title := "Environment " + e.Name
	if e.Name == "" {
		title = "New environment"
		x.addValue("base", "")
	}
	add := control.Row(6, control.NewButton("Add a value", "plus", control.Secondary, func() { x.grown(x.addValue("", "")) }),
		control.NewButton("Add a secret", "key-round", control.Secondary, func() { x.grown(x.addSecret("", "")) }))
	content := control.Col(12, control.Wide(260, x.name), control.Hair(), x.list, add, x.problem)
	x.keep = control.NewButton("Keep", "check", control.Primary, x.save)
	x.popup = s.w.Layers.Dialog(title, 640, content, control.NewButton("Cancel", "", control.Secondary, func() { s.w.Layers.Close(x.popup) }), x.keep)
	x.name.Focus()
	return x
}

func (x *environmentEditor) row(label, name string, view func(*environmentRow) fyne.CanvasObject) *environmentRow {
	r := &environmentRow{}
	r.name = control.NewField(label, "name", func(string) { r.name.SetProblem("") }).AsCode()
	r.name.SetQuiet(name)
	r.name.OnSubmit = func(string) { x.save() }
	line := control.RowFill(8, control.Fixed(150, control.Col(0, r.name)), control.Grow(control.Col(0, view(r))))
	line.Add(control.NewTool("x", "Take it out", func() { x.remove(r) }))
	r.view = line
	x.rows = append(x.rows, r)
	x.list.Add(r.view)
	return r
}

func (x *environmentEditor) addValue(name, value string) *environmentRow {
	return x.row("", name, func(r *environmentRow) fyne.CanvasObject {
		r.value = control.NewField("", "http://127.0.0.1:3000", func(string) { r.value.SetProblem("") }).AsCode()
		r.value.SetQuiet(value)
		r.value.OnSubmit = func(string) { x.save() }
		return r.value
	})
}

func (x *environmentEditor) addSecret(name string, ref core.SecretRef) *environmentRow {
	return x.row("Name", name, func(r *environmentRow) fyne.CanvasObject {
		r.secret = part.NewSecretField(x.s.w.Host(), part.SecretSpec{Label: "Secret", Verb: "Keep"})
		r.secret.Set(ref)
		return r.secret.View()
	})
}

// grown lays the dialog anew and goes to the row that is new.
func (x *environmentEditor) grown(r *environmentRow) {
	x.lay()
	r.name.Focus()
}

func (x *environmentEditor) lay() {
	part.Relayout(x.list)
	x.s.w.Layers.Refresh()
}

func (x *environmentEditor) remove(r *environmentRow) {
	x.rows = slices.DeleteFunc(x.rows, func(o *environmentRow) bool { return o == r })
	x.list.Remove(r.view)
	x.lay()
}

// save keeps what stands in the dialog, the secrets first.
func (x *environmentEditor) save() {
	e := core.Environment{Name: strings.TrimSpace(x.name.Text()), Values: map[string]string{}, Secrets: map[string]core.SecretRef{}}
	secrets := map[string]part.SecretChoice{}
	if err := env.CheckName("name", e.Name); err != nil {
		x.name.SetProblem(part.Sentence(err))
		x.name.Focus()
		x.lay()
		return
	}
	for _, r := range x.rows {
		name := strings.TrimSpace(r.name.Text())
		_, twice := e.Values[name]
		if _, secret := secrets[name]; secret || twice {
			x.refuse(r, "Is there twice; take one out")
			return
		}
		if err := env.CheckName("name", name); err != nil {
			if name == "" && r.value != nil && r.value.Text() == "" {
				continue // an empty row
			}
			x.refuse(r, part.Sentence(err))
			return
		}
		if r.value != nil {
			e.Values[name] = r.value.Text()
			continue
		}
		c := r.secret.Choice()
		if c.Empty() {
			r.secret.Problem("Enter the secret, or take it out")
			x.lay()
			return
		}
		secrets[name] = c
	}
	x.keep.SetDisabled(true)
	x.s.w.Pump.Task(x.s.w.Ctx, func(ctx context.Context) func() {
		err := x.store(ctx, e, secrets)
		return func() {
			x.keep.SetDisabled(false)
			x.tell(err)
		}
	})
}

// store runs off the UI goroutine: the keyring may wait for the user.
func (x *environmentEditor) store(ctx context.Context, e core.Environment, secrets map[string]part.SecretChoice) error {
	all := x.s.w.Engine.Environments
	for name, c := range secrets {
		ref, err := c.Keep(x.s.w.Engine.Vault, all.KeepSecret)
		var trouble *part.SecretTrouble
		if errors.As(err, &trouble) {
			trouble.Field = name
		}
		if err != nil {
			return err
		}
		e.Secrets[name] = ref
	}
	if err := all.Put(ctx, x.was, e); err != nil {
		return err
	}
	if x.was == "" && all.Set().Chosen == nil { // who makes the first one wants to use it
		return all.Choose(ctx, e.Name)
	}
	return nil
}

// tell closes the dialog, or says at which field it does not go.
func (x *environmentEditor) tell(err error) {
	var trouble *part.SecretTrouble
	var invalid *core.Invalid
	switch {
	case err == nil:
		x.s.w.Layers.Close(x.popup)
		x.s.w.Pump.Again()
	case errors.As(err, &trouble):
		for _, r := range x.rows {
			if r.secret != nil && strings.TrimSpace(r.name.Text()) == trouble.Field {
				r.secret.Fail(err, x.save)
			}
		}
	case errors.As(err, &invalid) && invalid.Field == "name":
		x.name.SetProblem(part.WholeSentence(invalid.Reason))
	default:
		x.problem.Put(part.Sentence(err), control.Small.In(control.Red))
		x.problem.Show()
	}
	x.lay()
}

func (x *environmentEditor) refuse(r *environmentRow, why string) {
	r.name.SetProblem(why)
	r.name.Focus()
	x.lay()
}
