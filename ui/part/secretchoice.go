package part

import (
	"fmt"
	"slices"
	"strings"

	"hookglass/core"
	"hookglass/core/engine"
)

// secretPlaces are where a secret can be kept, in the order that they are offered.
var secretPlaces = []secretPlace{
	{"keyring", "System keyring", "system keyring", "Kept in the system keyring."},
	{"run", "This run only", "in memory, for this run only", "Kept for this run only; enter it again after the next start."},
	{"file", "File that only you can read", "file that only you can read", "Kept in a file that only you can read."},
	{"env", "Environment variable", "environment variable", "Read from the environment; the value is kept nowhere."},
}

type secretPlace struct{ name, label, kept, note string }

func placeNamed(name string) (p secretPlace) {
	if i := slices.IndexFunc(secretPlaces, func(p secretPlace) bool { return p.name == name }); i >= 0 {
		p = secretPlaces[i]
	}
	return p
}

// SecretWords say where the value of a reference is.
func SecretWords(ref core.SecretRef) string {
	place, name, _ := strings.Cut(string(ref), ":")
	if place == "env" {
		return placeNamed(place).kept + " " + name
	}
	return placeNamed(place).kept
}

// SecretChoice is what was chosen in a [SecretField]. It is a value: any goroutine may use it. What takes a vault may
// wait for the keyring.
type SecretChoice struct {
	Ref   core.SecretRef // kept already; "" for one that is typed, and for none
	Place string         // "keyring", "run" or "file": where the typed one goes, or the kept one moves; "" leaves it
	Typed core.Secret
	was   core.SecretRef // as it stood before
}

// Empty reports whether no secret is named, and Changed whether Keep has something to do.
func (c SecretChoice) Empty() bool   { return c.Ref == "" && c.Typed.Empty() }
func (c SecretChoice) Changed() bool { return !c.Typed.Empty() || c.Ref != c.was || c.moves() }
func (c SecretChoice) moves() bool {
	return c.Ref != "" && c.Place != "" && !strings.HasPrefix(string(c.Ref), c.Place+":")
}

// Resolve is the secret itself.
func (c SecretChoice) Resolve(vault *engine.Vault) (core.Secret, error) {
	if !c.Typed.Empty() {
		return c.Typed, nil
	}
	return vault.Resolve(c.Ref)
}

// Keep has put keep what is typed, or what moves, and returns the reference. A failure is a [*SecretTrouble].
func (c SecretChoice) Keep(vault *engine.Vault, put func(place string, s core.Secret) (core.SecretRef, error)) (core.SecretRef, error) {
	if c.Typed.Empty() && !c.moves() {
		return c.Ref, nil
	}
	s, err := c.Resolve(vault)
	if err != nil {
		return "", &SecretTrouble{err: fmt.Errorf("it cannot be moved: %w", err)}
	}
	ref, err := put(c.Place, s)
	if err != nil {
		return "", &SecretTrouble{place: c.Place, err: err}
	}
	return ref, nil
}

// SecretTrouble is a secret that could not be kept where it was chosen to be.
type SecretTrouble struct {
	Field string // of several: which one
	place string
	err   error
}

func (t *SecretTrouble) Error() string { return strings.TrimPrefix(t.err.Error(), "keep secret: ") }
