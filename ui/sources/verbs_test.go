package sources

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// withSources has generic sources of names, as stored.
func withSources(t *testing.T, names ...string) (*stage.Stage, *Page) {
	t.Helper()
	s, p := sourcesStage(t)
	for _, name := range names {
		src := core.Source{Platform: "generic", Settings: core.Values{"path": "/in/" + name}, Name: name}
		if err := s.E.PutSource(t.Context(), &src); err != nil {
			t.Fatal(err)
		}
	}
	s.Settle()
	return s, p
}

func chooseNamed(s *stage.Stage, p *Page, name string) {
	s.T.Helper()
	p.choose(s.SourcesByName()[name].ID)
	s.Settle()
}

// A save may wait for the keyring. What is put up meanwhile stays.
func TestASaveDoesNotTakeAwayWhatIsEditedSince(t *testing.T) {
	s, p := withSources(t, "a", "b")
	chooseNamed(s, p, "a")
	p.editor.name.Set("a2")
	p.editor.save()
	p.edit(s.SourcesByName()["b"], false) // the user went on
	p.editor.name.Set("b2")
	s.Settle()
	if s.SourcesByName()["a2"].ID == 0 {
		t.Fatal("it is not saved")
	}
	if got := p.editor.name.Text(); got != "b2" {
		t.Errorf("the form shows %q, want what is typed", got)
	}
	s.Says("a2 saved")
}

// Likewise the form of a source that is deleted.
func TestADeletionDoesNotTakeAwayWhatIsEditedSince(t *testing.T) {
	s, p := withSources(t, "a", "b")
	chooseNamed(s, p, "a")
	p.editor.askDelete()
	eye.Button(s.W.Layers, "Delete the source").Tapped(nil)
	p.edit(s.SourcesByName()["b"], false)
	s.Settle()
	if p.editor == nil || p.editor.stored.Name != "b" {
		t.Error("the form of another source is gone")
	}
}

func TestASaveThatIsRefusedSaysSoWhereverTheUserIs(t *testing.T) {
	s, p := withSources(t, "a", "b")
	chooseNamed(s, p, "a")
	p.editor.name.Set("b") // there is one
	p.editor.save()
	p.gallery()
	s.Settle()
	if p.editor != nil || s.SourcesByName()["a"].ID == 0 {
		t.Fatal("the form comes back, or it is stored")
	}
	s.Says("was not saved")
}

func TestASourceIsDeletedAndItsCapturesStay(t *testing.T) {
	s, p := withSources(t, "a", "b")
	id := s.SourcesByName()["a"].ID
	s.Arrive(3, func(_ int, c *core.Capture) { c.Source, c.Name = id, "a" })
	s.Settle()
	chooseNamed(s, p, "a")
	s.Has(p.stage, "3 captures, the last one")
	p.editor.askDelete()
	s.Says("Delete a?", "What arrived there stays")
	s.W.Layers.Back()
	s.Settle()
	if len(s.SourcesByName()) != 2 {
		t.Fatal("it is deleted before the answer")
	}
	p.editor.askDelete()
	s.Tap(s.W.Layers, "Delete the source")
	usage, err := s.E.Store.Usage(t.Context())
	if err != nil || len(s.SourcesByName()) != 1 || usage.Captures != 3 || p.editor != nil {
		t.Errorf("%d sources, %d captures, form open %v, %v", len(s.SourcesByName()), usage.Captures, p.editor != nil, err)
	}
	s.Says("a deleted")
}

func TestFaultsComeFromTheirPresets(t *testing.T) {
	s, p := withSources(t, "a")
	chooseNamed(s, p, "a")
	p.editor.turnTo("Faults")
	for _, preset := range faultPresets {
		s.Tap(p.stage, preset.name)
		got, err := faultsOf(p.editor.faults.Values)
		if err != nil || engine.HasFaults(got) != engine.HasFaults(preset.faults) {
			t.Errorf("%s: %+v, %v", preset.name, got, err)
		}
	}
	s.Tap(p.stage, faultPresets[len(faultPresets)-1].name)
	p.editor.save()
	s.Settle()
	want := faultPresets[len(faultPresets)-1].faults
	if got := s.SourcesByName()["a"].Faults; !sameSources(core.Source{Faults: got}, core.Source{Faults: want}) {
		t.Errorf("saved %+v, want %+v", got, want)
	}
	if got := p.editor.parts[p.editor.tabs.Selected()].label; got != "Faults" {
		t.Errorf("after the save the tab in front is %s", got)
	}
}

func TestALimitIsSwitchedTakenAndTurned(t *testing.T) {
	s, p := withSources(t, "a")
	chooseNamed(s, p, "a")
	p.editor.turnTo("Limit")
	eye.All[*control.Switch](p.stage)[0].Tapped(nil)
	if p.editor.draft.Limit == nil || *p.editor.draft.Limit != firstLimit {
		t.Fatalf("switched on: %+v", p.editor.draft.Limit)
	}
	s.Tap(p.stage, "Documented limits")
	choices := limitChoices()
	last := choices[len(choices)-1]
	s.Pick(last.label)
	for kind, field := range map[string]string{"bucket": "Tokens a second", "concurrency": "Requests at a time"} {
		p.editor.limit.Values["kind"] = kind
		p.editor.limit.Draw(limitSettings(kind))
		s.Has(p.editor.limit.View(), field)
		p.editor.edited()
		if l := p.editor.draft.Limit; l == nil || l.Kind != kind {
			t.Errorf("turned to %s: %+v", kind, l)
		}
		p.editor.drawLimit()
	}
	sw := eye.All[*control.Switch](p.stage)[0]
	sw.Tapped(nil)
	p.editor.save()
	s.Settle()
	if got := s.SourcesByName()["a"].Limit; got != nil {
		t.Errorf("switched off, it is saved as %+v", got)
	}
}

// An address is made anew on request; until it is saved the old one holds.
func TestAnAddressIsMadeAnew(t *testing.T) {
	s, p := withSources(t, "a")
	chooseNamed(s, p, "a")
	p.editor.turnTo("Settings")
	s.Tap(p.stage, "Make a new address")
	s.Pick("Unguessable, for a public address")
	got := p.editor.draft.Settings.Text("path")
	if got == "/in/a" || len(got) < 20 {
		t.Errorf("unguessable is %q", got)
	}
	s.Has(p.editor.notice, "senders of the old address get 404")
	if s.SourcesByName()["a"].Settings.Text("path") != "/in/a" {
		t.Error("it holds before it is saved")
	}
	p.editor.discard()
	if got := p.editor.draft.Settings.Text("path"); got != "/in/a" {
		t.Errorf("after discarding it is %q", got)
	}
}

func TestAPlatformAsDocumentedOrAsShipped(t *testing.T) {
	s, p := sourcesStage(t)
	p.edit(core.Source{Platform: "nitejar", Settings: s.E.Suggest("nitejar"), Name: "n"}, true)
	e := p.editor
	e.turnTo("Settings")
	s.Has(p.stage, "Answers as the platform's document says.")
	profile := eye.All[*control.Segmented](p.stage)
	at := slices.IndexFunc(profile, func(c *control.Segmented) bool { return strings.Contains(eye.Words(c)+eye.Line(c), "As shipped") })
	profile[at].Select(1)
	profile[at].OnSelect(1)
	s.Has(p.stage, strings.Fields(e.platform.Shipped[0].Text)[0])
	if e.draft.Profile != core.Code {
		t.Errorf("as shipped it is %q", e.draft.Profile)
	}
	profile[at].OnSelect(0)
	if e.draft.Profile != "" {
		t.Errorf("as documented it is %q, want as it was", e.draft.Profile)
	}
	e.discard()
	if p.editor != nil {
		t.Error("discarding a new one leaves its form")
	}
}

func TestKeysAndLinksOfTheSources(t *testing.T) {
	s, p := withSources(t, "a", "a-2")
	if p.Key('z') || !p.Key('n') {
		t.Error("z means something, or n does not")
	}
	p.Key('c') // nothing is chosen
	if got := p.freeName("a"); got != "a-3" {
		t.Errorf("the next a is called %q", got)
	}
	for path, want := range map[string]string{"/": "anything", "/in/stripe/live": "stripe-live", "/hooks": "hooks"} {
		if got := nameOfPath(path); got != want {
			t.Errorf("%s is called %q, want %q", path, got, want)
		}
	}
	id := s.SourcesByName()["a"].ID
	p.Open(id, "Faults")
	s.Settle()
	if p.chosen != id || p.editor.parts[p.editor.tabs.Selected()].label != "Faults" {
		t.Errorf("source %d, tab %s", p.chosen, p.editor.parts[p.editor.tabs.Selected()].label)
	}
	p.Key('c')
	s.Settle()
	if got := s.W.App.Clipboard().Content(); !strings.Contains(got, s.E.URL()+"/in/a") {
		t.Errorf("copied %q", got)
	}
	s.Tap(p.stage, "Show captures")
	if !slices.Contains(s.Went, "inbox source:a") {
		t.Errorf("it leads to %q", s.Went)
	}
	now := time.Unix(1_700_000_000, 0)
	if a, b := agoText(now, now), agoText(now.Add(-time.Hour), now); a != "just now" || b != "1h ago" {
		t.Errorf("%q, %q", a, b)
	}
}

// What a source cannot do, for want of its secret, is said where it is listed and where it is edited.
func TestASourceWithoutItsSecretSaysSo(t *testing.T) {
	s, p := sourcesStage(t)
	src := core.Source{Name: "a", Platform: "generic", Settings: core.Values{"path": "/in/a", "scheme": "github"}, Secrets: map[string]core.SecretRef{"secret": "env:NOT_SET_ANYWHERE"}}
	if err := s.E.Store.PutSource(&src); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	chooseNamed(s, p, "a")
	s.Settle()
	row, ok := p.row(src.ID)
	if !ok || !strings.Contains(row.problem, "NOT_SET_ANYWHERE") {
		t.Fatalf("the row says %q", row.problem)
	}
	s.Has(p.editor.notice, "NOT_SET_ANYWHERE")
}

// What is wrong is said once the user pauses, by what is stored then; an older check has no say.
func TestAChangeIsCheckedAfterAPause(t *testing.T) {
	s, p := withSources(t, "a", "b")
	chooseNamed(s, p, "a")
	stage.TypeInto(t, p.editor.settings, "Path", "/in/b")
	stop := p.editor.stopCheck
	if stop == nil {
		t.Fatal("nothing will be checked")
	}
	stage.TypeInto(t, p.editor.settings, "Path", "in")
	if !p.editor.dirty() {
		t.Error("it is not changed")
	}
	p.editor.save()
	s.Settle()
	if got := p.editor.bar.words.Text(); !strings.Contains(got, "Must start with /") && !strings.Contains(got, "must start with /") {
		t.Errorf("beside the buttons stands %q", got)
	}
	stage.TypeInto(t, p.editor.settings, "Path", "/in/c")
	p.editor.save()
	s.Settle()
	if got := s.SourcesByName()["a"].Settings.Text("path"); got != "/in/c" || p.editor.dirty() {
		t.Errorf("mended, it is saved with %q; changed still: %v", got, p.editor.dirty())
	}
}
