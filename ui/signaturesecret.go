package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
)

// secretWay is one way to name a secret: one that is stored already, or a place for one that is typed.
type secretWay struct {
	label string
	ref   core.SecretRef // stored already
	place string         // "run", "keyring", "file" for one that is typed; "env" for a variable's name
}

// typedWays are the places for a secret that is not stored yet. The file comes last: it is the weakest.
func typedWays(v *engine.Vault) []secretWay {
	ways := []secretWay{{label: "Type it, keep it for this run only", place: "run"}}
	if v.HasKeyring() {
		ways = append(ways, secretWay{label: "Type it, keep it in the system keyring", place: "keyring"})
	}
	return append(ways, secretWay{label: "Environment variable", place: "env"}, secretWay{label: "Type it, keep it in a file that only you can read", place: "file"})
}

// secretInput asks for a secret without ever storing its value in the history.
type secretInput struct {
	ways   []secretWay
	choice *control.Select
	field  *control.Field // the secret itself
	env    *control.Field // the name of a variable
	root   *fyne.Container
	vault  *engine.Vault
	change func()
}

func newSecretInput(vault *engine.Vault, label string, change func()) *secretInput {
	s := &secretInput{vault: vault, change: change}
	s.choice = control.NewSelect(label, func(int) { s.show(); s.change() })
	s.field = control.NewField("", "As the provider shows it", func(string) { s.change() }).AsCode().AsSecret()
	s.env = control.NewField("", "STRIPE_WEBHOOK_SECRET", func(string) { s.change() }).AsCode()
	s.root = control.Col(6, s.choice, s.field, s.env)
	s.offer(nil)
	return s
}

func (s *secretInput) view() fyne.CanvasObject { return s.root }

// offer shows the secrets that are stored before the places for a new one. What is chosen stays, where it can.
func (s *secretInput) offer(known []secretWay) {
	was := s.now()
	if was.ref != "" && !slices.Contains(known, was) {
		known = append([]secretWay{was}, known...)
	}
	if slices.Equal(s.ways, append(known, typedWays(s.vault)...)) {
		return // an open menu stays as it is
	}
	s.ways = append(known, typedWays(s.vault)...)
	items := make([]control.MenuItem, len(s.ways))
	on := 0
	for i, way := range s.ways {
		items[i] = control.MenuItem{Label: way.label, Icon: "key-round", Divider: i == len(known) && i > 0}
		if way == was {
			on = i
		}
		switch way.place {
		case "env":
			items[i].Icon = "terminal"
		case "run", "keyring", "file":
			items[i].Icon = "pencil"
		}
	}
	s.choice.SetItems(items)
	s.choice.Choose(on)
	s.show()
}

// hint says in the empty field what to type.
func (s *secretInput) hint(text string) { s.field.SetPlaceholder(text) }

// want chooses a stored secret as soon as it is among those offered.
func (s *secretInput) want(ref core.SecretRef) {
	if ref != "" && !s.pick(ref) {
		if name, ok := strings.CutPrefix(string(ref), "env:"); ok {
			s.choosePlace("env")
			s.env.SetQuiet(name)
			return
		}
		s.ways = append([]secretWay{{label: "Secret as before, " + refWords(ref), ref: ref}}, s.ways...)
		s.offer(s.stored())
		s.pick(ref)
	}
}

// forget lets go of a stored secret that was chosen.
func (s *secretInput) forget() {
	if s.now().ref != "" {
		s.choosePlace("run")
	}
}

// stored are the ways that name a secret which is kept already.
func (s *secretInput) stored() []secretWay {
	var out []secretWay
	for _, way := range s.ways {
		if way.place == "" {
			out = append(out, way)
		}
	}
	return out
}

func (s *secretInput) choosePlace(place string) {
	for i, way := range s.ways {
		if way.place == place {
			s.choice.Choose(i)
		}
	}
	s.show()
}

// pick chooses a stored secret; false where it is not among those offered.
func (s *secretInput) pick(ref core.SecretRef) bool {
	for i, way := range s.ways {
		if way.ref == ref && way.place == "" {
			s.choice.Choose(i)
			s.show()
			return true
		}
	}
	return false
}

func (s *secretInput) now() secretWay {
	if i := s.choice.Selected(); i >= 0 && i < len(s.ways) {
		return s.ways[i]
	}
	return secretWay{}
}

func (s *secretInput) show() {
	way := s.now()
	s.field.Hidden, s.env.Hidden = way.place == "" || way.place == "env", way.place != "env"
	s.problem("")
	s.root.Refresh()
}

// secretValue is a secret as the user named it, for use off the UI goroutine.
type secretValue struct {
	ref   core.SecretRef
	place string
	typed core.Secret
}

func (s *secretInput) value() secretValue {
	way := s.now()
	switch {
	case way.place == "":
		return secretValue{ref: way.ref}
	case way.place == "env" && s.env.Text() != "":
		return secretValue{ref: core.SecretRef("env:" + s.env.Text())}
	case way.place != "env" && s.field.Text() != "":
		return secretValue{place: way.place, typed: core.Text(s.field.Text())}
	}
	return secretValue{}
}

// problem shows what is wrong with the secret; "" takes it away.
func (s *secretInput) problem(text string) {
	s.field.SetProblem(text)
	s.env.SetProblem(text)
}

// empty reports whether no secret is named.
func (v secretValue) empty() bool { return v.ref == "" && v.typed.Empty() }

// resolve is the secret itself. It may wait for the keyring.
func (v secretValue) resolve(vault *engine.Vault) (core.Secret, error) {
	if !v.typed.Empty() {
		return v.typed, nil
	}
	return vault.Resolve(v.ref)
}

// keep puts a typed secret where the user wants it, and returns the reference. It may wait for the keyring.
func (v secretValue) keep(vault *engine.Vault, put func(place string, s core.Secret) (core.SecretRef, error)) (core.SecretRef, error) {
	if v.typed.Empty() {
		_, err := vault.Resolve(v.ref) // better said now than at the next request
		return v.ref, err
	}
	return put(v.place, v.typed)
}

// storedSecrets are the secrets of sources and endpoints, by whom they belong to.
func storedSecrets(ctx context.Context, w *Window) []secretWay {
	var out []secretWay
	seen := map[core.SecretRef]bool{"": true}
	add := func(label string, ref core.SecretRef) {
		if !seen[ref] {
			seen[ref] = true
			out = append(out, secretWay{label: label, ref: ref})
		}
	}
	sources, err := w.e.Store.Sources(ctx)
	if err != nil {
		return nil
	}
	for _, src := range sources {
		add("Secret of source "+src.Name, src.Secrets["secret"])
		add("Previous secret of source "+src.Name, src.Secrets["secret_previous"])
	}
	endpoints, err := w.e.Store.Endpoints(ctx)
	if err != nil {
		return out
	}
	for _, ep := range endpoints {
		add(fmt.Sprintf("Secret of endpoint %s", ep.Name), ep.Target.Secret)
	}
	return out
}
