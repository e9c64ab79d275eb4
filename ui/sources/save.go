package sources

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
	"hookglass/ui/frame"
	"hookglass/ui/part"
)

// under is a problem as a form knows it: without the prefix of its part, and by the form's own paths. Another part's
// problem is nil.
func under(invalid *core.Invalid, prefix string, paths map[string]string) *core.Invalid {
	if invalid == nil {
		return nil
	}
	field, ok := strings.CutPrefix(invalid.Field, prefix)
	if !ok {
		return nil
	}
	if prefix == "" {
		for _, other := range []string{"forward", "faults.", "limit."} {
			if strings.HasPrefix(field, other) {
				return nil
			}
		}
	}
	bare, _, _ := strings.Cut(field, "[")
	if path, ok := paths[bare]; ok {
		field = path
	}
	return &core.Invalid{Field: field, Reason: invalid.Reason}
}

// saveBar stands in the head of the editor, at the right, while there is something to save.
type saveBar struct {
	e          *sourceEditor
	words      *control.Text
	save, back *control.Button
	test       *control.Button // of a new one: adds it and sends it a test event
	root       *fyne.Container // the buttons
}

func newSaveBar(e *sourceEditor) *saveBar {
	b := &saveBar{e: e, words: control.NewText("", control.Small).Ellipsis()}
	b.save = control.NewButton("Save", "save", control.Primary, func() { e.testing = false; e.save() })
	b.test = control.NewButton("Add and send a test", "send", control.Primary, e.addAndTest)
	b.test.Tip = "Ctrl+Enter"
	b.test.Hidden = !e.fresh()
	b.back = control.NewButton("Discard", "", control.Secondary, e.discard)
	if e.fresh() {
		b.save.Set("Add source", "plus")
		b.save.SetKind(control.Secondary)
		b.back.Set("Cancel", "")
	}
	b.root = control.Row(8, b.back, b.save, b.test)
	return b
}

func (b *saveBar) view() fyne.CanvasObject { return b.root }

// fold leaves the words of the lesser buttons out where it is narrow.
func (b *saveBar) fold() func(narrow bool) {
	if b.e.fresh() {
		return part.FoldAll(part.Labelled{B: b.back, Label: "Cancel", Icon: "x"}, part.Labelled{B: b.save, Label: "Add source", Icon: "plus"})
	}
	return part.FoldAll(part.Labelled{B: b.back, Label: "Discard", Icon: "x"})
}

func (b *saveBar) show() {
	dirty := b.e.dirty()
	b.root.Hidden, b.words.Hidden, b.e.below.Hidden = !dirty, !dirty, dirty
	for _, o := range b.e.others { // there is no room for both
		o.Hide()
		if !dirty {
			o.Show()
		}
	}
	if b.words.Text() == "" {
		b.say("", false)
	}
	if b.e.head != nil {
		part.Relayout(b.e.head)
	}
}

// say writes what is the case beside the buttons.
func (b *saveBar) say(text string, bad bool) {
	style := control.Small.In(control.Muted)
	if bad {
		style = control.SmallBold.In(control.Red)
	}
	if text == "" {
		text = "Not saved yet"
		if b.e.fresh() {
			text = "Not added yet. Everything can be changed later."
		}
	}
	b.words.Put(text, style)
}

// edited takes up a change: the head at once, problems after a pause in typing.
func (e *sourceEditor) edited() {
	e.touched = true
	err := e.gather()
	e.show()
	e.unchecked()
	serial := e.serial
	if err != nil {
		e.problem(err, false)
		return
	}
	e.stopCheck = e.w.Pump.After(300*time.Millisecond, func() {
		src := cloneSource(e.draft)
		e.w.Pump.Task(e.w.Ctx, func(ctx context.Context) func() {
			err := e.w.Engine.CheckSource(ctx, &src)
			return func() {
				if serial == e.serial {
					e.problem(err, false)
				}
			}
		})
	})
}

// unchecked gives up the check of what was typed: what comes of it now would take the place of something newer.
func (e *sourceEditor) unchecked() {
	e.serial++
	if e.stopCheck != nil {
		e.stopCheck()
		e.stopCheck = nil
	}
}

// problem shows what is wrong beside the buttons and at its field; jump brings that into sight.
func (e *sourceEditor) problem(err error, jump bool) {
	tab := e.point(err)
	switch {
	case err == nil:
		e.bar.say("", false)
	case tab == "":
		e.bar.say(part.Sentence(err), true)
	default:
		e.bar.say(tab+", "+e.reason(err), true)
	}
	if jump && tab != "" {
		e.turnTo(tab)
	}
}

// reason is what is wrong under the name that its field has in the form.
func (e *sourceEditor) reason(err error) string {
	var invalid *core.Invalid
	if !errors.As(err, &invalid) {
		return err.Error()
	}
	label := invalid.Field
	for _, p := range e.forms() {
		if here := under(invalid, p.prefix, p.paths); here != nil && p.form.Label(here.Field) != "" {
			label = p.form.Label(here.Field)
		}
	}
	for name, l := range e.lists() {
		if words := l.label(inList(invalid, name)); words != "" {
			label = words
		}
	}
	return label + ": " + invalid.Reason
}

func (e *sourceEditor) discard() {
	if e.fresh() {
		e.page.gallery()
		return
	}
	tab := e.parts[e.tabs.Selected()].label
	e.page.edit(e.stored, false)
	e.page.editor.turnTo(tab)
}

// busy takes the buttons out of use while it is saved.
func (b *saveBar) busy(on bool) {
	b.save.SetDisabled(on)
	b.test.SetDisabled(on)
}

// addAndTest adds a new source and sends it a test event. Where no secret is given, one is made up for that, if the scheme is
// one that we can sign.
func (e *sourceEditor) addAndTest() {
	scheme, ok := e.w.Engine.Schemes.Book().Find(e.draft.Settings.Text("scheme"))
	if f := e.secrets["secret"]; ok && scheme.SecretKind != "public_key" && f != nil && f.Choice().Empty() {
		f.TypeForRun(part.RandomSecret())
		e.madeUp = true
	}
	e.testing = true
	e.save()
}

// save stores the draft, after the user's word where it sends requests to another machine.
func (e *sourceEditor) save() {
	if err := e.gather(); err != nil {
		e.problem(err, true)
		return
	}
	if e.bar.save.Disabled() {
		return // it is being saved
	}
	if row, ok := e.page.row(e.stored.ID); ok && !e.over && !sameSources(row.source, e.stored) {
		e.w.Layers.Ask(control.Question{Title: "Save over what was changed meanwhile?", Yes: "Save mine", Do: func() { e.over = true; e.save() },
			Text: row.source.Name + " was changed by somebody else, by a command or by its platform, since you began. Saving puts all of its settings back to what stands here."})
		return
	}
	if hosts := unconfirmed(e.w.Engine.Environments, e.draft.Forwards); len(hosts) > 0 {
		e.w.Layers.Ask(control.Question{
			Title: "Send requests on to " + listed(hosts) + "?",
			Text:  "That is not this machine. Bodies, headers and the credentials in them go there as they came, from now on and without asking again.",
			Yes:   "Forward to " + listed(hosts),
			Do:    func() { e.confirmed = append(e.confirmed, hosts...); e.save() },
		})
		return
	}
	e.unchecked()
	src, secrets := cloneSource(e.draft), map[string]part.SecretChoice{}
	for name, f := range e.secrets {
		secrets[name] = f.Choice()
	}
	verdictsChange := e.verdictsChange()
	e.bar.busy(true)
	e.w.Pump.Task(e.w.Ctx, func(ctx context.Context) func() {
		err := storeSource(ctx, e.w, &src, secrets)
		return func() {
			e.bar.busy(false)
			var trouble *part.SecretTrouble
			if errors.As(err, &trouble) {
				err = &core.Invalid{Field: trouble.Field, Reason: e.secrets[trouble.Field].Fail(trouble, e.save)}
			}
			e.problem(err, true)
			switch {
			case err == nil:
				e.saved(src, verdictsChange)
			case !e.inFront():
				e.w.Fail(fmt.Errorf("%s was not saved. %s", e.title(), part.Sentence(err)))
			}
		}
	})
}

// storeSource keeps the secrets and then the source. Nothing is kept of a source that is wrong.
func storeSource(ctx context.Context, w *frame.Window, src *core.Source, secrets map[string]part.SecretChoice) error {
	if err := w.Engine.CheckSource(ctx, src); err != nil {
		return err
	}
	for name, c := range secrets {
		ref, err := c.Keep(w.Engine.Vault, func(place string, s core.Secret) (core.SecretRef, error) {
			return w.Engine.KeepSecret(ctx, place, *src, name, s)
		})
		var trouble *part.SecretTrouble
		if errors.As(err, &trouble) {
			trouble.Field = name
		}
		if err != nil {
			return err
		}
		if src.Secrets == nil {
			src.Secrets = map[string]core.SecretRef{}
		}
		if src.Secrets[name] = ref; ref == "" {
			delete(src.Secrets, name)
		}
	}
	return w.Engine.PutSource(ctx, src)
}

// verdictsChange reports whether old captures would be judged in another way after the save.
func (e *sourceEditor) verdictsChange() bool {
	for _, f := range e.secrets {
		if c := f.Choice(); c.Changed() && !c.Empty() {
			return true
		}
	}
	name, ok := schemeSetting(e.platform)
	return ok && e.stored.Settings.Text(name) != e.draft.Settings.Text(name)
}

// inFront reports whether the form is still the one that is shown: a verb may wait for the keyring, and the user goes on.
func (e *sourceEditor) inFront() bool { return e.page.editor == e }

// saved shows the source as it is stored now, unless another was put up since.
func (e *sourceEditor) saved(src core.Source, verdictsChange bool) {
	if !e.inFront() {
		e.w.Layers.Toast(control.Toast{Text: src.Name + " saved", Tone: control.Green})
		e.w.Pump.Again()
		return
	}
	fresh, tab := e.fresh(), e.parts[e.tabs.Selected()].label
	captures := int64(0)
	if row, ok := e.page.row(src.ID); ok {
		captures = row.stat.Captures
	}
	e.page.edit(src, false)
	now := e.page.editor
	if !fresh {
		now.turnTo(tab)
	}
	if fresh && e.testing {
		now.overview.madeUp = e.madeUp
		now.overview.sendIt()
		e.w.Pump.Again()
		return
	}
	toast := control.Toast{Text: src.Name + " saved", Tone: control.Green}
	if fresh {
		toast.Text = src.Name + " listens. Send it something."
	}
	if verdictsChange && captures > 0 {
		toast.Text += fmt.Sprintf(". %d captures were judged without this.", captures)
		toast.Action, toast.Do = "Verify them again", func() { now.turnTo("Overview"); now.overview.reverify() }
	}
	e.w.Layers.Toast(toast)
	e.w.Pump.Again()
}

func (e *sourceEditor) askDelete() {
	text := "Its address answers 404 from then on. What arrived there stays in the history."
	e.w.Layers.Ask(control.Question{Title: "Delete " + e.stored.Name + "?", Text: text, Yes: "Delete the source", Danger: true, Do: func() {
		id, name := e.stored.ID, e.stored.Name
		e.w.Pump.Task(e.w.Ctx, func(ctx context.Context) func() {
			err := e.w.Engine.DeleteSource(ctx, id)
			return func() {
				if err != nil {
					e.w.Fail(err)
					return
				}
				e.w.Layers.Toast(control.Toast{Text: name + " deleted", Tone: control.Green})
				if e.inFront() {
					e.page.gallery()
				}
			}
		})
	}})
}
