package part

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/ui/eye"
)

func TestAFileNeedsConsent(t *testing.T) {
	h := newHost(t)
	offer := []SecretOffer{{"Secret of source b", "run:b"}}
	for name, f := range map[string]*SecretField{
		"plain": NewSecretField(h.Host, SecretSpec{Label: "Secret"}), "kept at once": NewSecretField(h.Host, SecretSpec{Label: "Secret", Keep: func(context.Context, SecretChoice) (core.SecretRef, error) { return "run:x", nil }}),
		"told": NewSecretField(h.Host, SecretSpec{Label: "Secret", Changed: func() {}}),
	} {
		f.Offer(offer)
		f.Set("")
		f.value.SetQuiet("hush")
		before := f.Choice().Place
		file := len(f.offered) + 2
		f.choose(file)
		if !h.layers.Covered() || f.Choice().Place != before {
			t.Errorf("%s: asked %t, and goes to %q", name, h.layers.Covered(), f.Choice().Place)
			continue
		}
		if got := eye.Line(h.layers); !strings.Contains(got, "It is written unencrypted to") {
			t.Errorf("%s: it asks %q", name, got)
		}
		h.layers.Back()
		if got := f.Choice().Place; got != before {
			t.Errorf("%s: without a yes it goes to %q", name, got)
		}
		f.choose(file)
		eye.Button(h.layers, "Keep it in a file").Tapped(nil)
		if got := f.Choice().Place; got != "file" || h.layers.Covered() {
			t.Errorf("%s: after the yes it goes to %q", name, got)
		}
		if f.where.Text() != "File that only you can read" {
			t.Errorf("%s: the field shows %q", name, f.where.Text())
		}
	}
	if n := len(h.todo); n > 0 {
		t.Errorf("%d things wait to be done although nothing is under way", n)
	}
}

// A secret is as long as it is: the place it is kept in takes no more of the line than its words need.
func TestSecretFieldHasRoomForTheSecret(t *testing.T) {
	h := newHost(t)
	f := NewSecretField(h.Host, SecretSpec{Label: "Secret", Random: true})
	f.Root.Resize(fyne.NewSize(FormWidth, 200))
	if got := f.value.Size().Width; got < 300 {
		t.Errorf("in a form it has %v", got)
	}
	if end := f.where.Position().X + f.where.Size().Width; end != FormWidth {
		t.Errorf("its line ends at %v, want %v", end, float32(FormWidth))
	}
	f.Root.Resize(fyne.NewSize(300, 200))
	if got := f.where.Size().Width; got != 300 || f.where.Position().Y == 0 {
		t.Errorf("where it is narrow the place has %v, at %v", got, f.where.Position())
	}
}

func TestSecretFieldSaysWhatWillBecomeOfIt(t *testing.T) {
	s := newHost(t)
	changed := 0
	f := NewSecretField(s.Host, SecretSpec{Label: "Secret", Changed: func() { changed++ }})
	if f.status.Text() != "Not set." || f.Choice().Changed() || !f.Choice().Empty() {
		t.Errorf("new: %q %+v", f.status.Text(), f.Choice())
	}
	ref, err := s.Engine.Vault.Put("run", "x", core.Text("old"))
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
	put := func(place string, v core.Secret) (core.SecretRef, error) { return s.Engine.Vault.Put(place, "y", v) }
	if got, err := (SecretChoice{Ref: ref, Place: "file", was: ref}).Keep(s.Engine.Vault, put); err != nil || got != "file:y" {
		t.Errorf("moved to %q, %v", got, err)
	}
	if v, err := s.Engine.Vault.Resolve("file:y"); err != nil || string(v.Reveal()) != "old" {
		t.Errorf("what was moved: %v", err)
	}
	if _, err := (SecretChoice{Ref: "run:gone", Place: "file", was: "run:gone"}).Keep(s.Engine.Vault, put); err == nil || !strings.Contains(err.Error(), "cannot be moved") {
		t.Errorf("what is gone is moved: %v", err)
	}
}
