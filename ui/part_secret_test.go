package ui

import (
	"errors"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/platform"
)

// secretFields are all places where the window takes a secret.
func secretFields(s *stage) map[string]*SecretField {
	s.t.Helper()
	out := map[string]*SecretField{}
	ui := newShell(s.w)
	for name, f := range ui.settings.tunnel.secrets {
		out["tunnel "+name] = f
	}
	s.w.open("Sources")
	sources := ui.sources
	for _, pl := range platform.All {
		sources.edit(core.Source{Platform: pl.Name, Settings: s.e.Suggest(pl.Name), Name: "x"}, true)
		for name, f := range sources.editor.secrets {
			out["source "+pl.Name+" "+name] = f
		}
	}
	compose := ui.compose
	out["compose"], out["compose old"] = compose.signing.secret, compose.signing.old
	out["check-up"] = ui.lab.parts[2].(*checkup).form.secret
	out["endpoint"] = ui.deliveries.endpoints.form.signing.secret
	out["signature"] = newSigningForm(s.w, func() {}, func() {}).secret
	return out
}

func TestTheSameConsentIsAskedInEveryPlace(t *testing.T) {
	s := newStage(t)
	fields := secretFields(s)
	if len(fields) < 12 {
		t.Fatalf("only %d fields", len(fields))
	}
	said := map[string]bool{}
	for name, f := range fields {
		f.Set("")
		f.value.SetQuiet("hush")
		before := f.Choice().Place
		file := len(f.offered) + 2
		f.choose(file)
		if !s.w.layers.Covered() || f.Choice().Place != before {
			t.Errorf("%s: asked %t, and goes to %q", name, s.w.layers.Covered(), f.Choice().Place)
			continue
		}
		words := shownWords(s.w.layers)
		said[words[strings.Index(words, "Keep this secret"):]] = true
		s.w.layers.Back()
		if got := f.Choice().Place; got != before {
			t.Errorf("%s: without a yes it goes to %q", name, got)
		}
		f.choose(file)
		s.press(s.w.layers, "Keep it in a file")
		if got := f.Choice().Place; got != "file" || s.w.layers.Covered() {
			t.Errorf("%s: after the yes it goes to %q", name, got)
		}
		if f.where.Text() != "File that only you can read" {
			t.Errorf("%s: the field shows %q", name, f.where.Text())
		}
	}
	if len(said) != 1 {
		t.Errorf("%d ways to ask: %v", len(said), said)
	}
	if len(s.todo) > 0 {
		t.Errorf("%d things wait to be done although nothing is under way", len(s.todo))
	}
}

// brokenKeyring is one that nobody is behind.
type brokenKeyring struct{}

var errNoKeyring = errors.New("no such interface")

func (brokenKeyring) Get(string) (string, error) { return "", errNoKeyring }
func (brokenKeyring) Set(string, string) error   { return errNoKeyring }
func (brokenKeyring) Delete(string) error        { return errNoKeyring }

func TestGoPublicKeepsTheTokenThatIsTyped(t *testing.T) {
	s := newStageWith(t, brokenKeyring{})
	p := on(s, newSettingsPage)
	s.w.to.settleTunnel = p.tunnel.settled
	f := p.tunnel.secrets["authtoken"]
	if f.Choice(); f.place != "keyring" {
		t.Fatalf("it would go to %q, want the keyring", f.place)
	}
	f.Type("tok_1")
	goPublic(s.w)
	s.settle()
	if said := shownWords(f.root); !strings.Contains(said, "no such interface") || !strings.Contains(said, "Keep again to keep it for this run only") {
		t.Errorf("with a keyring that fails: %q", said)
	}
	goPublic(s.w)
	s.settle()
	if got := s.e.Tunnel.Settings(t.Context()).Authtoken; got != "run:tunnel/authtoken" {
		t.Errorf("the second time it is kept as %q", got)
	}
	if !s.w.layers.Covered() || !strings.Contains(shownWords(s.w.layers), "Go public through ngrok?") {
		t.Error("it does not go on to the question of consent")
	}
}

func TestSecretOfASourceGivesWayToThisRun(t *testing.T) {
	s := newStageWith(t, brokenKeyring{})
	p := on(s, newSourcesPage)
	s.settle()
	p.edit(core.Source{Platform: "generic", Settings: core.Values{"path": "/in/a"}, Name: "a"}, true)
	f := p.editor.secrets["secret"]
	f.Type("hush")
	p.editor.save()
	s.settle()
	if said := f.status.Text(); len(s.sourcesByName()) > 0 || !strings.Contains(said, "Save again to keep it for this run only") {
		t.Fatalf("stored %v; the field says %q", s.sourcesByName(), said)
	}
	p.editor.save()
	s.settle()
	if got := s.sourcesByName()["a"].Secrets["secret"]; got != "run:source/a/secret" {
		t.Errorf("kept as %q", got)
	}
}

func TestSecretFieldSaysWhatWillBecomeOfIt(t *testing.T) {
	s := newStage(t)
	changed := 0
	f := NewSecretField(s.w.host(), SecretSpec{Label: "Secret", Changed: func() { changed++ }})
	if f.status.Text() != "Not set." || f.Choice().Changed() || !f.Choice().Empty() {
		t.Errorf("new: %q %+v", f.status.Text(), f.Choice())
	}
	ref, err := s.e.Vault.Put("run", "x", core.Text("old"))
	if err != nil {
		t.Fatal(err)
	}
	f.Set(ref)
	for _, step := range []struct {
		name    string
		do      func()
		says    string
		changed bool
		keeps   core.SecretRef // "" where the vault names it
	}{
		{"kept", func() {}, "Set; type to replace it. Kept for this run only", false, ref},
		{"moved", func() { f.place = "keyring"; f.tell() }, "Moved once you save. Kept in the system keyring.", true, ""},
		{"typed", func() { f.choose(1); f.value.Set("new") }, "Kept for this run only", true, ""},
		{"variable", func() { f.choose(3); f.env.Set(" HOOK_SECRET ") }, "Read from the environment", true, "env:HOOK_SECRET"},
		{"removed", func() { f.remove() }, "Removed once you save.", true, ""},
		{"offered", func() { f.Offer([]SecretOffer{{"Secret of source b", "run:b"}}); f.choose(0) }, "", true, "run:b"},
		{"no longer offered", func() { f.Offer(nil) }, "", true, "run:b"},
	} {
		step.do()
		c := f.Choice()
		if got := f.status.Text(); !strings.HasPrefix(got, step.says) || step.says == "" && got != "" {
			t.Errorf("%s: it says %q", step.name, got)
		}
		if c.Changed() != step.changed || step.keeps != "" && c.Ref != step.keeps {
			t.Errorf("%s: changed %t, %q", step.name, c.Changed(), c.Ref)
		}
	}
	if changed < 6 {
		t.Errorf("the page was told %d times", changed)
	}
	put := func(place string, v core.Secret) (core.SecretRef, error) { return s.e.Vault.Put(place, "y", v) }
	if got, err := (SecretChoice{Ref: ref, Place: "file", was: ref}).Keep(s.e.Vault, put); err != nil || got != "file:y" {
		t.Errorf("moved to %q, %v", got, err)
	}
	if v, err := s.e.Vault.Resolve("file:y"); err != nil || string(v.Reveal()) != "old" {
		t.Errorf("what was moved: %v", err)
	}
	if _, err := (SecretChoice{Ref: "run:gone", Place: "file", was: "run:gone"}).Keep(s.e.Vault, put); err == nil || !strings.Contains(err.Error(), "cannot be moved") {
		t.Errorf("what is gone is moved: %v", err)
	}
}
