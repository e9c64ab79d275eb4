package part

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/control"
)

// SecretOffer is a secret that is kept already, by whom it belongs to.
type SecretOffer struct {
	Label string
	Ref   core.SecretRef
}

// SecretSpec says what a secret is for.
type SecretSpec struct {
	Label, Help string
	None        string // what holds while none is named; empty: "Not set."
	Verb        string // what the user does to keep it; empty: "Save"
	Random      bool   // one may be made here
	Passing     bool   // it is used and not kept: it begins with this run, not with the keyring
	Changed     func() // by the user; may be nil

	// Keep keeps the secret at once, from a button of the field, off the UI goroutine; Kept follows on it, and Extra
	// stands beside the button. nil: the page keeps it, with what else it saves.
	Keep  func(ctx context.Context, c SecretChoice) (core.SecretRef, error)
	Kept  func()
	Enter func() bool // what Enter does instead; false: it keeps
	Extra []fyne.CanvasObject
}

// SecretField enters a secret and says where it is kept: in the keyring, else for this run, else, after the user's
// consent, in a file. One that is kept is never shown again.
type SecretField struct {
	host    Host
	spec    SecretSpec
	offered []SecretOffer
	ref     core.SecretRef // as it is kept
	removed bool
	place   string         // where a typed one goes
	picked  core.SecretRef // instead: one of those offered

	value, env        *control.Field
	where             *control.Select
	slot              *control.Box
	line              *pairLayout
	random, bin, keep *control.Button
	status            *control.Paragraph
	Root              *fyne.Container
}

// placeWidth is that of the longest place; the rest is for the secret, whose end must be seen when it is pasted.
const placeWidth = 212

// NewSecretField returns a field with no secret in it.
func NewSecretField(h Host, spec SecretSpec) *SecretField {
	f := &SecretField{host: h, spec: spec, slot: control.NewBox(control.Surface{}, nil), status: control.NewParagraph("", control.Small)}
	typed := func(string) { f.removed = false; f.tell() }
	f.value, f.env = control.NewField("", "Paste it here", typed).AsSecret().AsCode(), control.NewField("", "NAME_OF_THE_VARIABLE", typed).AsCode()
	f.where = control.NewSelect("", f.choose)
	f.bin = control.NewTool("trash-2", "Remove the secret", f.remove)
	f.random = control.NewTool("shuffle", "Make a random secret", func() { f.value.Set(RandomSecret()) })
	f.keep = control.NewButton("Keep", "check", control.Secondary, func() { f.KeepNow(nil) })
	line := Pair(control.RowFill(6, control.Grow(f.slot), f.random, f.bin), f.where)
	f.line = line.Layout.(*pairLayout)
	f.Root = control.Col(5, control.NewText(spec.Label, control.Body.At(12).As(control.Medium)), line)
	if spec.Keep != nil {
		f.value.OnSubmit = func(string) {
			if spec.Enter == nil || !spec.Enter() {
				f.KeepNow(nil)
			}
		}
		f.env.OnSubmit = f.value.OnSubmit
		f.Root.Add(control.Row(6, append([]fyne.CanvasObject{f.keep}, spec.Extra...)...))
	}
	f.Root.Add(f.status)
	if spec.Help != "" {
		f.Root.Add(control.NewParagraph(spec.Help, control.Small.In(control.Faint)))
	}
	f.Set("")
	return f
}

func (f *SecretField) View() fyne.CanvasObject { return f.Root }

// Offer lists secrets that are kept already before the places for a new one. What is chosen stays.
func (f *SecretField) Offer(known []SecretOffer) {
	if i := f.offer(f.picked); i >= 0 && !slices.Contains(known, f.offered[i]) {
		known = append([]SecretOffer{f.offered[i]}, known...)
	}
	if !slices.Equal(known, f.offered) { // an open menu stays as it is
		f.offered = known
		f.show()
	}
}

func (f *SecretField) offer(ref core.SecretRef) int {
	return slices.IndexFunc(f.offered, func(o SecretOffer) bool { return o.Ref == ref })
}

// Set shows the secret of a reference, "" for none, as the one that is kept.
func (f *SecretField) Set(ref core.SecretRef) {
	place, name, _ := strings.Cut(string(ref), ":")
	f.ref, f.removed, f.picked = ref, false, ""
	f.value.SetQuiet("")
	f.env.SetQuiet("")
	if f.offer(ref) >= 0 {
		f.picked, place = ref, ""
	}
	if place == "env" {
		f.env.SetQuiet(name)
	}
	if f.place = cmp.Or(place, "run"); place == "" && !f.spec.Passing && f.host.Engine.Vault.HasKeyring() {
		f.place = "keyring"
	}
	f.show()
}

// Type enters a secret, to be kept for this run where no place for one is chosen.
func (f *SecretField) Type(text string) {
	if f.picked != "" || f.place == "env" {
		f.place, f.picked = "run", ""
	}
	f.value.Set(text)
}

// TypeForRun enters a secret that is kept for this run only, whatever place is chosen.
func (f *SecretField) TypeForRun(text string) {
	f.place, f.picked = "run", ""
	f.value.Set(text)
}

// RandomSecret is hex, which every way of decoding a key accepts.
func RandomSecret() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails, says its documentation
	return hex.EncodeToString(b)
}

// Choice is what the field says now.
func (f *SecretField) Choice() SecretChoice {
	switch typed, name := f.value.Text(), strings.TrimSpace(f.env.Text()); {
	case f.removed:
		return SecretChoice{was: f.ref}
	case f.picked != "":
		return SecretChoice{Ref: f.picked, was: f.ref}
	case f.place == "env" && name != "":
		return SecretChoice{Ref: core.SecretRef("env:" + name), was: f.ref}
	case f.place == "env":
		return SecretChoice{Ref: f.ref, was: f.ref}
	case typed != "":
		return SecretChoice{Place: f.place, Typed: core.Text(typed), was: f.ref}
	}
	return SecretChoice{Ref: f.ref, Place: f.place, was: f.ref}
}

// choose takes another way. A file is a place that somebody else may find: it needs consent.
func (f *SecretField) choose(i int) {
	take := func(place string, picked core.SecretRef) {
		f.place, f.picked, f.removed = place, picked, false
		f.tell()
	}
	if i < len(f.offered) {
		take(f.place, f.offered[i].Ref)
		return
	}
	place := secretPlaces[i-len(f.offered)].name
	if place != "file" || strings.HasPrefix(string(f.ref), "file:") {
		take(place, "")
		return
	}
	f.show() // as it was, until the answer
	f.host.Layers().Ask(control.Question{Title: "Keep this secret in a file?", Yes: "Keep it in a file", Do: func() { take(place, "") },
		Text: "It is written unencrypted to " + f.host.Engine.Vault.File() + ". Only your user may read it (on Windows: whoever may read your files), but so may " +
			"every program that you run, and every backup. The system keyring is safer."})
}

func (f *SecretField) remove() {
	f.value.SetQuiet("")
	f.env.SetQuiet("")
	f.removed = true
	f.tell()
	if f.spec.Keep != nil && f.ref != "" {
		f.KeepNow(nil)
	}
}

func (f *SecretField) tell() {
	f.show()
	if f.spec.Changed != nil {
		f.spec.Changed()
	}
}

// show brings everything in line with what is chosen.
func (f *SecretField) show() {
	var items []control.MenuItem
	for _, o := range f.offered {
		items = append(items, control.MenuItem{Label: o.Label, Icon: "key-round"})
	}
	for i, p := range secretPlaces {
		items = append(items, control.MenuItem{Label: p.label, Divider: i == 0 && len(f.offered) > 0})
	}
	f.where.SetItems(items)
	if f.line.last = placeWidth; len(f.offered) > 0 { // whose names may be long
		f.line.last = 0
	}
	f.slot.SetChild(f.value)
	switch c := f.Choice(); {
	case f.picked != "":
		f.where.Choose(f.offer(f.picked))
		f.slot.SetChild(control.Pad(control.XY(0, 8), control.NewText(SecretWords(c.Ref), control.Body.In(control.Muted)).EllipsisMiddle()))
	case f.place == "env":
		f.slot.SetChild(f.env)
	}
	if f.picked == "" {
		f.where.Choose(len(f.offered) + slices.Index(secretPlaces, placeNamed(f.place)))
	}
	f.random.Hidden, f.bin.Hidden = !f.spec.Random || f.picked != "" || f.place == "env", f.picked != ""
	f.bin.SetDisabled(f.Choice().Empty())
	f.keep.SetDisabled(!f.Choice().Changed())
	f.Problem("")
}

// words say what is the case now, or what keeping will do.
func (f *SecretField) words() string {
	c, verb, note := f.Choice(), strings.ToLower(cmp.Or(f.spec.Verb, "Save")), ""
	if f.picked == "" {
		note = placeNamed(f.place).note
	}
	switch {
	case f.removed && f.ref != "":
		return "Removed once you " + verb + "."
	case c.Empty() && f.place != "env":
		return cmp.Or(f.spec.None, "Not set.")
	case c.moves() && c.Typed.Empty():
		return "Moved once you " + verb + ". " + note
	case c.Place != "" && c.Typed.Empty():
		return "Set; type to replace it. " + note
	}
	return note
}

// None changes what holds while none is named.
func (f *SecretField) None(words string) {
	f.spec.None = words
	f.Problem("")
}

// Problem shows what is wrong; "" says how things stand instead.
func (f *SecretField) Problem(text string) {
	f.status.Put(cmp.Or(text, f.words()), control.Small.In(control.Faint))
	if text != "" {
		f.status.Put(text, control.Small.In(control.Red))
	}
	f.status.Hidden = f.status.Text() == ""
	Relayout(f.Root)
}

// Fail shows why the secret could not be kept, and returns those words. A keyring that fails gives way to this run: that is asked,
// and again tries once more.
func (f *SecretField) Fail(err error, again func()) string {
	text := Sentence(err)
	var t *SecretTrouble
	if errors.As(err, &t) && t.place == "keyring" && f.place == "keyring" {
		f.place = "run"
		f.show()
		text, _, _ = strings.Cut(text, "; ")
		f.host.Layers().Ask(control.Question{Title: "Keep the secret for this run only?", Yes: "Keep it for this run", Do: again,
			Text: text + ". For this run it is kept in memory, and has to be entered again after the next start. To keep it in a file that only you can read, " +
				"cancel and choose that place beside the field."})
		text += ". " + cmp.Or(f.spec.Verb, "Save") + " again to keep it for this run only, or choose another place."
	}
	f.Problem(text)
	return text
}

// KeepNow keeps what was entered and tells then how that went; then may be nil.
func (f *SecretField) KeepNow(then func(kept bool)) {
	c := f.Choice()
	if !c.Changed() {
		f.Problem("Enter the value first")
		return
	}
	f.keep.SetDisabled(true)
	f.host.Task(f.host.Ctx, func(ctx context.Context) func() {
		ref, err := f.spec.Keep(ctx, c)
		return func() {
			if f.keep.SetDisabled(false); err == nil {
				f.Set(ref)
				f.spec.Kept()
			}
			if then != nil {
				then(err == nil)
			}
			if err != nil {
				f.Fail(err, func() { f.KeepNow(then) })
			}
		}
	})
}

// Focus puts the keyboard where the secret is entered.
func (f *SecretField) Focus() {
	if f.place == "env" {
		f.env.Focus()
	} else {
		f.value.Focus()
	}
}
