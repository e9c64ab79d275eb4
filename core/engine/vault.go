package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"hookglass/core"
)

// Keyring is the system's store of secrets. A call may wait for the user to unlock it.
type Keyring interface {
	Get(name string) (string, error)
	Set(name, value string) error
	Delete(name string) error
}

// keyringWait is how long an unlock dialog may take; the system's own has no limit.
const keyringWait = 30 * time.Second

// Vault keeps the values behind references: in the environment, in the system's keyring, for this run only, or,
// after the user's consent, in a file that only they can read. The history holds references alone.
type Vault struct {
	keyring Keyring // nil: none
	file    string

	mu    sync.Mutex
	run   map[string]core.Secret
	cache map[core.SecretRef]core.Secret // what the keyring answered
}

// NewVault is what a home keeps secrets in.
func NewVault(home string, keyring Keyring) *Vault {
	return &Vault{keyring: keyring, file: filepath.Join(home, "secrets.json"), run: map[string]core.Secret{}, cache: map[core.SecretRef]core.Secret{}}
}

// Resolve returns the value of a reference. An empty reference is no secret; a value that cannot be had is an error
// that names the next step.
func (v *Vault) Resolve(ref core.SecretRef) (core.Secret, error) {
	kind, name, _ := strings.Cut(string(ref), ":")
	switch kind {
	case "":
		return core.Secret{}, nil
	case "env":
		value, ok := os.LookupEnv(name)
		if !ok || value == "" {
			return core.Secret{}, fmt.Errorf("secret: the environment variable %s is not set; set it and start again", name)
		}
		return core.Text(value), nil
	case "run":
		v.mu.Lock()
		defer v.mu.Unlock()
		if s, ok := v.run[name]; ok {
			return s, nil
		}
		return core.Secret{}, errors.New("secret: it was kept for an earlier run only; enter it again")
	case "keyring":
		return v.fromKeyring(ref, name)
	case "file":
		all, err := v.readFile()
		if s, ok := all[name]; ok && err == nil {
			return core.Text(s), nil
		}
		if err == nil {
			err = fmt.Errorf("%s has no entry %s; enter the secret again", v.file, name)
		}
		return core.Secret{}, fmt.Errorf("secret: %w", err)
	}
	return core.Secret{}, fmt.Errorf("secret: unknown place %q in %q", kind, ref)
}

// Put keeps a value under name in a place, "run", "keyring" or "file", and returns its reference.
func (v *Vault) Put(place, name string, s core.Secret) (core.SecretRef, error) {
	ref := core.SecretRef(place + ":" + name)
	var err error
	switch place {
	case "run":
		v.mu.Lock()
		v.run[name] = s
		v.mu.Unlock()
	case "keyring":
		err = v.withKeyring(func() error { return v.keyring.Set(name, string(s.Reveal())) })
		if err == nil {
			v.mu.Lock()
			v.cache[ref] = s
			v.mu.Unlock()
		}
	case "file":
		err = v.changeFile(func(all map[string]string) { all[name] = string(s.Reveal()) })
	default:
		err = fmt.Errorf("unknown place %q; want run, keyring or file", place)
	}
	if err != nil {
		return "", fmt.Errorf("keep secret: %w", err)
	}
	return ref, nil
}

// HasKeyring reports whether there is a system keyring to keep secrets in. That it answers is another question.
func (v *Vault) HasKeyring() bool { return v.keyring != nil }

// Forget removes a value that Put kept.
func (v *Vault) Forget(ref core.SecretRef) error {
	place, name, _ := strings.Cut(string(ref), ":")
	v.mu.Lock()
	delete(v.cache, ref)
	if place == "run" {
		delete(v.run, name)
	}
	v.mu.Unlock()
	switch place {
	case "keyring":
		return v.withKeyring(func() error { return v.keyring.Delete(name) })
	case "file":
		return v.changeFile(func(all map[string]string) { delete(all, name) })
	}
	return nil
}

func (v *Vault) fromKeyring(ref core.SecretRef, name string) (core.Secret, error) {
	v.mu.Lock()
	s, ok := v.cache[ref]
	v.mu.Unlock()
	if ok {
		return s, nil
	}
	var value string
	err := v.withKeyring(func() (err error) { value, err = v.keyring.Get(name); return err })
	if err != nil {
		return core.Secret{}, fmt.Errorf("secret: %w", err)
	}
	s = core.Text(value)
	v.mu.Lock()
	v.cache[ref] = s
	v.mu.Unlock()
	return s, nil
}

// withKeyring bounds a call of the keyring, which may hang behind a dialog that nobody answers.
func (v *Vault) withKeyring(call func() error) error {
	const next = "; use an environment variable, or keep the secret for this run only"
	if v.keyring == nil {
		return errors.New("there is no system keyring" + next)
	}
	ctx, cancel := context.WithTimeout(context.Background(), keyringWait) // the caller has no context: a form, a start-up
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("the system keyring says: %w%s", err, next)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the system keyring did not answer in %v%s", keyringWait, next)
	}
}

func (v *Vault) readFile() (map[string]string, error) {
	all := map[string]string{}
	b, err := os.ReadFile(v.file)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("%s is not readable as JSON: %w; mend or remove it", v.file, err)
	}
	return all, nil
}

func (v *Vault) changeFile(change func(map[string]string)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	all, err := v.readFile()
	if err != nil {
		return err
	}
	change(all)
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	temp := v.file + ".new"
	if err := os.WriteFile(temp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, v.file)
}
