package sources

import (
	"slices"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// From the gallery to a verified event: the tile, and the button that adds and tests.
func TestFromATileToAVerifiedEvent(t *testing.T) {
	for title, id := range map[string]string{"Stripe": "stripe", "Twilio (form)": "twilio", "Mailgun": "mailgun"} {
		s, p := sourcesStage(t)
		s.Run()
		tapTile(s, p, title)
		e := p.editor
		if e == nil || e.draft.Name != id || e.draft.Settings.Text("path") != "/in/"+id || e.draft.Settings.Text("scheme") != id {
			t.Fatalf("%s: the form has %+v", title, e)
		}
		scheme, _ := sign.Known().Find(id)
		s.Has(p.stage, "PASTE THIS ADDRESS AT", s.E.URL()+"/in/"+id, "cannot reach it", scheme.Setup.Source)
		s.Tap(p.stage, "Add and send a test")
		s.Settle()
		s.Has(p.stage, "200 OK", "Signature verified", "made up here", "Open the capture")
		rows, err := s.E.Store.Captures(t.Context(), store.Query{}, 0, 2)
		if err != nil || len(rows) != 1 || rows[0].Verdict != core.Verified {
			t.Errorf("%s: captured %+v, %v", title, rows, err)
		}
		if got := s.SourcesByName()[id].Secrets["secret"]; !strings.HasPrefix(string(got), "run:") {
			t.Errorf("%s: a secret made up here is kept as %q", title, got)
		}
	}
}

// tapTile chooses a tile of the gallery.
func tapTile(s *stage.Stage, p *Page, title string) {
	s.T.Helper()
	for _, press := range eye.All[*control.Press](p.stage) {
		if press.Tip == title {
			press.Tapped(nil)
			s.Settle()
			return
		}
	}
	s.T.Fatalf("no tile %q in\n%s", title, eye.Texts(p.stage))
}

// A secret that is given is the one that signs, and is kept where the user wants.
func TestATestIsSignedWithTheSecretThatIsGiven(t *testing.T) {
	s, p := sourcesStage(t)
	s.Run()
	tapTile(s, p, "GitHub")
	p.editor.secrets["secret"].Type("mine")
	p.Submit() // Ctrl+Enter
	s.Settle()
	s.Settle()
	s.Has(p.stage, "Signature verified")
	s.Lacks(p.stage, "made up here")
	v, err := s.E.Vault.Resolve(s.SourcesByName()["github"].Secrets["secret"])
	if err != nil || string(v.Reveal()) != "mine" {
		t.Errorf("kept %q, %v", v.Reveal(), err)
	}
}

// Who alone can sign is said, where a test of ours cannot verify.
func TestATestOfAPublicKeySchemeSaysWhoCanSign(t *testing.T) {
	s, p := sourcesStage(t)
	s.Run()
	tapTile(s, p, "Discord")
	s.Tap(p.stage, "Add and send a test")
	s.Settle()
	s.Has(p.stage, "Only Discord can sign")
	if ref := s.SourcesByName()["discord"].Secrets["secret"]; ref != "" {
		t.Errorf("a secret is made up for a public key: %q", ref)
	}
}

// Every scheme is found by its provider's name, and every platform by its own.
func TestEveryKindIsFoundByItsName(t *testing.T) {
	s, p := sourcesStage(t)
	said, search := eye.Texts(p.stage), eye.All[*control.Field](p.tiles.View())[0]
	for _, pl := range platform.Receivers() {
		if !strings.Contains(said, pl.Title+"\n") {
			t.Errorf("the gallery lacks %s", pl.Title)
		}
	}
	for _, scheme := range sign.Known().All() {
		search.Set(scheme.Provider)
		tips := []string{}
		for _, press := range eye.All[*control.Press](p.tiles.View()) {
			tips = append(tips, press.Tip)
		}
		if !slices.Contains(tips, scheme.Provider) {
			t.Errorf("%q finds %q", scheme.Provider, tips)
		}
	}
	for typed, first := range map[string]string{"st": "Stripe", "hub": "HubSpot v3", "git": "GitHub", "nitejar": "Nitejar", "x-hub": "GitHub", "zz": "Any provider"} {
		search.Set(typed)
		if all := eye.All[*control.Press](p.tiles.View()); len(all) == 0 || all[0].Tip != first {
			t.Errorf("%q finds %d, the first is not %q", typed, len(all), first)
		}
	}
	search.Set("slack")
	search.OnSubmit("slack") // Enter
	s.Settle()
	if p.editor == nil || p.editor.draft.Settings.Text("scheme") != "slack" {
		t.Error("Enter does not take the first that is found")
	}
}

// The form of a new source is opened from other pages too, under a name that is free there.
func TestAnotherPageBeginsASource(t *testing.T) {
	s := stage.New(t)
	src := core.Source{Platform: "generic", Settings: core.Values{"path": "/in/stripe"}, Name: "stripe"}
	if err := s.E.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	p := stage.On(s, New)
	p.rows = nil // it was never shown
	p.Begin("generic", "stripe")
	s.Settle()
	if p.editor == nil || p.editor.draft.Name != "stripe-2" {
		t.Fatalf("the form is %+v", p.editor)
	}
	p.Begin("", "")
	s.Settle()
	if p.editor != nil {
		t.Error("nothing to choose from is shown")
	}
}

// A signature is made when the line is copied, not when it was shown.
func TestTheCurlLineIsSignedWhenItIsCopied(t *testing.T) {
	s, p := sourcesStage(t)
	src := core.Source{Platform: "generic", Settings: core.Values{"path": "/in/a", "scheme": "github"}, Name: "a"}
	if err := s.E.PutSource(t.Context(), &src); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	chooseNamed(s, p, "a")
	ref, _ := s.E.Vault.Put("run", "later", core.Text("later")) // as time, the secret goes on
	src.Secrets = map[string]core.SecretRef{"secret": ref}
	p.editor.stored.Secrets = src.Secrets
	for _, b := range eye.All[*control.Button](p.editor.overview.curl) {
		b.Tapped(nil)
	}
	s.Settle()
	if got := s.W.App.Clipboard().Content(); !strings.Contains(got, "X-Hub-Signature-256: sha256=") {
		t.Errorf("copied %q", got)
	}
}

// Until the sources are read it is not said that there are none, and their ages go on while one looks.
func TestSourcesBeforeTheyAreReadAndLater(t *testing.T) {
	s := stage.New(t)
	p := New(s.W)
	s.Lacks(p.View(), "No sources")
	p = stage.On(s, New)
	s.Has(p.View(), "No sources")
	s, p = withSources(t, "a")
	s.Arrive(1, func(_ int, c *core.Capture) { c.Source, c.Name = s.SourcesByName()["a"].ID, "a" })
	s.Settle()
	if p.tick == nil {
		t.Fatal("its age stands still")
	}
	p.rows[0].stat.Last = p.rows[0].stat.Last.AddDate(-1, 0, 0)
	before := eye.Line(p.list)
	s.W.Pump.Jobs.Wait()
	p.list.Refresh()
	if after := eye.Line(p.list); before == after {
		t.Errorf("the list shows %q", after)
	}
}

func TestCtrlSSavesTheSource(t *testing.T) {
	s, p := withSources(t, "a")
	chooseNamed(s, p, "a")
	p.editor.name.Set("b")
	p.Save()
	s.Settle()
	if s.SourcesByName()["b"].ID == 0 {
		t.Error("Ctrl+S saves nothing")
	}
}

// What somebody else changed since is not saved over without a word.
func TestWhatWasChangedMeanwhileIsAsked(t *testing.T) {
	s, p := withSources(t, "a")
	chooseNamed(s, p, "a")
	p.editor.name.Set("mine")
	theirs := s.SourcesByName()["a"]
	theirs.Settings["path"] = "/in/theirs"
	if err := s.E.PutSource(t.Context(), &theirs); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	p.Save()
	s.Settle()
	s.Says("Save over what was changed meanwhile?")
	if s.SourcesByName()["mine"].ID != 0 {
		t.Fatal("it is saved before the answer")
	}
	s.Tap(s.W.Layers, "Save mine")
	s.Settle()
	if got := s.SourcesByName()["mine"].Settings.Text("path"); got != "/in/a" {
		t.Errorf("saved with %q", got)
	}
	p.editor.name.Set("again")
	p.Save()
	s.Settle()
	if s.W.Layers.Covered() || s.SourcesByName()["again"].ID == 0 {
		t.Error("it is asked again where nobody else changed anything")
	}
}
