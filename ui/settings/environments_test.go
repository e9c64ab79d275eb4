package settings

import (
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/ui/stage"
)

func environmentsOf(s *stage.Stage) *environmentSection {
	s.T.Helper()
	p := openSettings(s, "Environments")
	for _, section := range p.Sections {
		if section, ok := section.(*environmentSection); ok {
			return section
		}
	}
	s.T.Fatal("there is no section of environments")
	return nil
}

// The dialog keeps values, and secrets by where they are; the first environment is chosen at once.
func TestEnvironmentIsKept(t *testing.T) {
	s := stage.New(t)
	sec := environmentsOf(s)
	s.Has(sec.view(), "None yet")
	x := sec.edit(core.Environment{})
	x.save()
	if x.name.Problem() == "" {
		t.Error("an environment without a name is not marked")
	}
	x.name.Set("staging")
	x.rows[0].value.Set("http://127.0.0.1:3000")
	twice := x.addValue("base", "x")
	x.save()
	s.Settle()
	s.Settle() // what follows from it
	if twice.name.Problem() == "" {
		t.Error("a name that stands there twice is not marked")
	}
	x.remove(twice)
	secret := x.addSecret("token", "")
	x.save()
	s.Settle()
	s.Settle() // what follows from it
	if len(s.E.Environments.Set().All) != 0 {
		t.Error("it is kept without its secret")
	}
	secret.secret.TypeForRun("t0ken")
	x.save()
	s.Settle()
	s.Settle() // what follows from it
	now := s.E.Environments.Set()
	if now.Chosen == nil || now.Chosen.Name != "staging" || now.Chosen.Values["base"] != "http://127.0.0.1:3000" || !strings.HasPrefix(string(now.Chosen.Secrets["token"]), "run:environment/") {
		t.Fatalf("kept is %+v", now.All)
	}
	if v, err := s.E.Vault.Resolve(now.Chosen.Secrets["token"]); err != nil || string(v.Reveal()) != "t0ken" {
		t.Errorf("the secret is %q (%v)", v.Reveal(), err)
	}
	s.Has(sec.view(), "staging", "1 value, 1 secret", "base, token")
	s.Lacks(sec.view(), "t0ken")

	y := sec.edit(*now.Chosen) // renamed, its secret where it was
	y.name.Set("stage")
	y.save()
	s.Settle()
	s.Settle() // what follows from it
	if now = s.E.Environments.Set(); now.Chosen == nil || now.Chosen.Name != "stage" || len(now.All) != 1 || now.Chosen.Secrets["token"] == "" {
		t.Errorf("renamed is %+v", now)
	}
	s.Press(sec.view(), "Choose none")
	s.Settle()
	s.Settle() // what follows from it
	if s.E.Environments.Set().Chosen != nil {
		t.Error("one is chosen still")
	}
	sec.ask(now.All[0])
	s.Press(s.W.Layers.Front(), "Delete it")
	s.Settle()
	s.Settle() // what follows from it
	if left := s.E.Environments.Set().All; len(left) != 0 {
		t.Errorf("left is %+v", left)
	}
	if _, err := s.E.Vault.Resolve(now.All[0].Secrets["token"]); err == nil {
		t.Error("its secret is still there")
	}
}
