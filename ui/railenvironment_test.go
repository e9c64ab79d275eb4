package ui

import (
	"testing"

	"hookglass/core"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// The rail says which environment is chosen and chooses another, also where there are icons alone; without any it says nothing.
func TestTheRailChoosesAnEnvironment(t *testing.T) {
	s := stage.New(t)
	ui := newShell(s.W)
	e := ui.rail.values
	s.Settle()
	if e.body.Visible() || e.slim.Visible() {
		t.Error("there is a chooser, and nothing to choose")
	}
	for _, name := range []string{"staging", "prod"} {
		if err := s.E.Environments.Put(s.W.Ctx, "", core.Environment{Name: name, Values: map[string]string{"base": "http://" + name}}); err != nil {
			t.Fatal(err)
		}
	}
	s.Settle()
	s.Has(e.body, "ENVIRONMENT", "None")
	e.menuUnder(e.press)
	s.Pick("prod")
	if now := s.E.Environments.Set().Chosen; now == nil || now.Name != "prod" {
		t.Errorf("chosen is %+v", now)
	}
	s.Has(e.body, "prod")
	if c, ok := eye.Command(ui.Commands(), "Environment: staging"); !ok {
		t.Error("the palette does not offer the other one")
	} else {
		c.Do()
		s.Settle()
		s.Settle()
	}
	s.Has(e.body, "staging")
	if !e.slim.Visible() {
		t.Error("where there are icons alone there is no chooser")
	}
	e.menuUnder(e.slim)
	s.Pick("None")
	if s.E.Environments.Set().Chosen != nil {
		t.Error("one is chosen still")
	}
}
