package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/sign"
)

// ownScheme adds a scheme of the user's own.
func (s *stage) ownScheme(id string) {
	s.t.Helper()
	if _, err := s.e.Schemes.Put(s.t.Context(), "", []byte(strings.Replace(schemeTemplate, "my-api", id, 1))); err != nil {
		s.t.Fatal(err)
	}
}

func TestSchemeSearch(t *testing.T) {
	s := newStage(t)
	l := NewSchemeList(s.w.host(), "None: it is not checked", sign.Known().All(), func(sign.Scheme) {})
	all := len(l.found)
	if got := texts(l.View()); !strings.Contains(got, "None\n") || !strings.Contains(got, "It is not") {
		t.Errorf("no way to take none in\n%s", got)
	}
	l.search.Set("x-hub git")
	if len(l.found) == 0 || len(l.found) >= all {
		t.Fatalf("%d of %d found", len(l.found), all)
	}
	for _, e := range l.found {
		if text := strings.ToLower(e.scheme.ID + e.scheme.Provider + e.scheme.Sig.From); !strings.Contains(text, "x-hub") || !strings.Contains(text, "git") {
			t.Errorf("%s does not fit", e.scheme.ID)
		}
	}
	var chosen sign.Scheme
	l = NewSchemeList(s.w.host(), "", sign.Known().All(), func(s sign.Scheme) { chosen = s })
	l.search.Set("stripe")
	l.search.OnKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	l.search.OnSubmit("")
	if chosen.ID != "stripe" {
		t.Errorf("Enter chose %q", chosen.ID)
	}
	chosen = sign.Scheme{}
	l.search.Set("plaid")
	l.search.OnSubmit("")
	if got := oneLine(s.w.layers); chosen.ID != "" || !strings.Contains(got, "Plaid (header Plaid-Verification) cannot be checked here.") {
		t.Errorf("a provider that cannot be checked: chosen %q\n%s", chosen.ID, got)
	}
}

func TestEveryPickerKnowsTheUsersOwnSchemes(t *testing.T) {
	s := newStage(t)
	s.ownScheme("my-api")
	s.arrive(1, nil)
	ui := newShell(s.w)
	s.w.open("Sources")
	sources := ui.sources
	s.settle()
	sources.edit(core.Source{Platform: "generic", Settings: core.Values{"path": "/in/a", "scheme": "my-api"}, Name: "a"}, true)
	if got := oneLine(sources.editor.settings.View()); strings.Contains(got, "no such scheme") || !strings.Contains(got, "My API") {
		t.Errorf("Sources: a scheme of the user's own reads\n%s", got)
	}
	s.w.open("Compose")
	s.settle()
	s.w.open("Lab")
	ui.lab.turn(2)
	s.settle()
	replay := newReplayDialog(s.w, []core.CaptureID{1}, nil, false, lastReplay{})
	for name, f := range map[string]*SchemeField{
		"Compose": ui.compose.signing.scheme, "Check-up": ui.lab.parts[2].(*checkup).form.picker, "Replay": replay.scheme,
		"Endpoint":  ui.deliveries.endpoints.form.signing.picker,
		"Signature": newSigningForm(s.w, func() {}, func() {}).scheme,
	} {
		f.Open()
		s.settle()
		if got := oneLine(s.w.layers); !strings.Contains(got, "my-api") {
			t.Errorf("%s: the list does not begin with the user's own", name)
		}
		s.w.layers.Back()
		f.Set("my-api")
		if got := f.name.Text(); got != "My API" {
			t.Errorf("%s: it shows %q", name, got)
		}
		f.Set("gone")
		if got := f.below.Text(); got != "There is no such scheme." {
			t.Errorf("%s: of one that is gone it says %q", name, got)
		}
	}
}
