package sources

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/core/store"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func sourcesStage(t *testing.T) (*stage.Stage, *Page) {
	t.Helper()
	s := stage.New(t)
	p := stage.On(s, New)
	s.Settle()
	return s, p
}

func TestEveryPlatformIsAddedFromItsSuggestion(t *testing.T) {
	s, p := sourcesStage(t)
	for _, pl := range platform.Receivers() {
		p.showGallery()
		if got := eye.Texts(p.stage); !strings.Contains(got, pl.Title+"\n") {
			t.Errorf("the gallery lacks %s:\n%s", pl.Title, got)
		}
		if _, any := schemeSetting(pl); any {
			found, _ := sign.Known().Find("stripe")
			p.startWith(pl, found)
		} else {
			p.start(pl)
		}
		p.editor.save()
		s.Settle()
		if got := p.editor.bar.words.Text(); p.editor.fresh() {
			t.Errorf("%s is not added as suggested: %s", pl.Name, got)
			continue
		}
		if got := eye.Texts(p.stage); !strings.Contains(got, "TRY IT") || p.editor.overview.local.Text() != s.E.LocalURL(p.editor.stored) {
			t.Errorf("%s: no address to try in\n%s", pl.Name, got)
		}
	}
	if got, want := len(s.SourcesByName()), len(platform.Receivers()); got != want {
		t.Errorf("%d sources, want %d", got, want)
	}
	if src := s.SourcesByName()["stripe"]; src.Settings.Text("scheme") != "stripe" || src.Settings.Text("path") != "/in/stripe" {
		t.Errorf("the provider's source is %+v", src)
	}
	if ref := s.SourcesByName()["nitejar"].Secrets["secret"]; !strings.HasPrefix(string(ref), "run:") {
		t.Errorf("without a keyring the secret is kept as %q, want for this run", ref)
	}
}

// What was filled in for the user, a secret too, can be left without a question.
func TestSuggestionIsLeftUnasked(t *testing.T) {
	s, p := sourcesStage(t)
	for _, pl := range platform.All {
		if _, any := schemeSetting(pl); any {
			p.startWith(pl, sign.Scheme{ID: "stripe"})
		} else {
			p.start(pl)
		}
		s.Settle()
		p.Key('n')
		if p.editor != nil || s.W.Layers.Covered() {
			t.Fatalf("%s: asked about changes that nobody made", pl.Name)
		}
	}
	p.start(platform.All[0])
	p.editor.name.Set("mine")
	p.Key('n')
	if p.editor == nil || !s.W.Layers.Covered() {
		t.Error("a name that the user typed is thrown away unasked")
	}
}

func TestFormsDrawEverySetting(t *testing.T) {
	_, p := sourcesStage(t)
	for _, pl := range platform.Receivers() {
		p.edit(core.Source{Platform: pl.Name, Settings: p.w.Engine.Suggest(pl.Name), Name: "x"}, true)
		f := p.editor.settings
		for _, fold := range f.Folded {
			fold.Set(true)
		}
		got := eye.Texts(f.View())
		var walk func(prefix string, settings []platform.Setting)
		walk = func(prefix string, settings []platform.Setting) {
			for _, s := range settings {
				if _, ok := f.Items[prefix+s.Name]; !ok {
					t.Errorf("%s: no field for %s", pl.Name, prefix+s.Name)
				}
				if !strings.Contains(got, s.Label) {
					t.Errorf("%s: the label %q is not shown", pl.Name, s.Label)
				}
				walk(prefix+s.Name+".", s.Fields)
			}
		}
		walk("", plainSettings(pl))
		if many, ok := ruleSetting(pl); ok {
			p.editor.answers.list.grow(core.Values{"status": 200.0})
			for _, r := range p.editor.answers.list.rows {
				for _, fold := range r.form.Folded {
					fold.Set(true)
				}
			}
			got = eye.Texts(p.editor.answers.list.view())
			for _, field := range many.Fields {
				if !strings.Contains(got, field.Label) {
					t.Errorf("%s: the label %q of a rule is not shown", pl.Name, field.Label)
				}
			}
		}
		if err := p.w.Engine.CheckSource(t.Context(), &p.editor.draft); err != nil {
			t.Errorf("%s: the suggestion does not hold: %v", pl.Name, err)
		}
	}
}

func TestProblemsStandAtTheirFields(t *testing.T) {
	for _, tt := range []struct {
		name, platform string
		change         func(*sourceEditor)
		tab, words     string
	}{
		{"path", "generic", func(e *sourceEditor) { e.draft.Settings["path"] = "in" }, "Settings", "Must start with /"},
		{"nested choice", "nitejar", func(e *sourceEditor) { e.draft.Settings["agent"] = map[string]any{"inference": 1000.0} }, "Settings", "Must be between 0 and 100"},
		{"name", "workjet", func(e *sourceEditor) { e.draft.Name = "" }, "Settings", "Is empty"},
		{"not a number", "almyty", func(e *sourceEditor) { stage.TypeInto(t, e.settings, "Requests per minute", "many") }, "Settings", "is no number"},
		{"chance", "generic", func(e *sourceEditor) { e.faults.Values["broken"] = map[string]any{"drop": 150.0} }, "Faults", "Want a chance from 0 to 1"},
		{"status", "generic", func(e *sourceEditor) { e.faults.Values["errors"] = map[string]any{"statuses": "teapot"} }, "Faults", "is no status"},
		{"limit", "generic", func(e *sourceEditor) {
			l := firstLimit
			e.draft.Limit = &l
			e.drawLimit()
			e.limit.Values["count"] = 0.0
		}, "Limit", "Want 1 to 1000000"},
		{"forward", "generic", func(e *sourceEditor) { e.forwards.grow(core.Values{"url": "localhost"}) }, "Forward", "does not begin with http"},
		{"the second forward", "generic", func(e *sourceEditor) {
			e.forwards.grow(core.Values{"url": "http://127.0.0.1:1/"})
			e.forwards.grow(core.Values{"url": "http://127.0.0.1:2/", "when": "status:perhaps"})
		}, "Forward", "want a value like"},
		{"two answers", "generic", func(e *sourceEditor) {
			e.forwards.grow(core.Values{"url": "http://127.0.0.1:1/", "answer": true})
			e.forwards.grow(core.Values{"url": "http://127.0.0.1:2/", "answer": true})
		}, "Forward", "one alone can"},
		{"forward timeout", "generic", func(e *sourceEditor) {
			e.forwards.grow(core.Values{"url": "http://127.0.0.1:1/"})
			stage.TypeInto(t, e.forwards.rows[0].form, "Wait for it (s)", "soon")
		}, "Forward", "is no number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, p := sourcesStage(t)
			p.edit(core.Source{Platform: tt.platform, Settings: s.E.Suggest(tt.platform), Name: "x"}, true)
			tt.change(p.editor)
			p.editor.save()
			s.Settle()
			if len(s.SourcesByName()) > 0 {
				t.Fatal("it was stored")
			}
			if got := p.editor.parts[p.editor.tabs.Selected()].label; got != tt.tab {
				t.Errorf("the tab in front is %s, want %s", got, tt.tab)
			}
			if got := eye.Texts(p.editor.stage); !strings.Contains(strings.ReplaceAll(got, "\n", " "), tt.words) {
				t.Errorf("%q is not shown in\n%s", tt.words, got)
			}
			if got := p.editor.bar.words.Text(); !strings.HasPrefix(got, tt.tab+", ") {
				t.Errorf("beside the buttons stands %q", got)
			}
		})
	}
}

func TestForwardElsewhereIsAskedForOnce(t *testing.T) {
	s, p := sourcesStage(t)
	p.edit(core.Source{Platform: "generic", Settings: core.Values{"path": "/in/a"}, Name: "a"}, true)
	e := p.editor
	e.forwards.grow(core.Values{"url": "https://example.com/hook"})
	e.save()
	s.Settle()
	if !s.W.Layers.Covered() || len(s.SourcesByName()) > 0 {
		t.Fatal("it was stored without a question")
	}
	s.W.Layers.Back()
	e.confirmed = []string{"example.com"} // what Yes does
	e.save()
	s.Settle()
	if f := s.SourcesByName()["a"].Forwards[0]; !f.Confirmed {
		t.Errorf("forward %+v, want it confirmed", f)
	}
	p.editor.forwards.rows[0].form.Values["url"] = "https://example.com/other"
	p.editor.save()
	s.Settle()
	if f := s.SourcesByName()["a"].Forwards[0]; !f.Confirmed || f.URL != "https://example.com/other" {
		t.Errorf("another path of the same host: %+v", f)
	}
	p.editor.forwards.rows[0].form.Values["url"] = "https://elsewhere.example/"
	p.editor.save()
	s.Settle()
	if !s.W.Layers.Covered() {
		t.Error("another host is taken without a question")
	}
}

func TestFaultsAndLimitsComeBackAsTheyWere(t *testing.T) {
	for _, p := range faultPresets {
		got, err := faultsOf(faultValues(p.faults))
		if err != nil || !sameSources(core.Source{Faults: got}, core.Source{Faults: p.faults}) {
			t.Errorf("%s: %+v, %v; want %+v", p.name, got, err, p.faults)
		}
	}
	full := core.Faults{Latency: core.Latency{Kind: "lognormal", Base: 250 * time.Millisecond, Spread: time.Second}, FailFirst: 3, FailKey: "sender", ErrorRate: 0.5,
		Statuses: []int{500, 429}, Hang: time.Second, Drop: 0.01, DropMidway: 0.02, Reset: 0.03, SlowBody: 2 * time.Second, Truncate: 0.04, Malformed: 0.05,
		WrongLength: 0.06, RetryAfter: "date", RetryAfterIn: 3 * time.Second, Seed: 7}
	if got, err := faultsOf(faultValues(full)); err != nil || !sameSources(core.Source{Faults: got}, core.Source{Faults: full}) {
		t.Errorf("all faults: %+v, %v; want %+v", got, err, full)
	}
	for _, c := range limitChoices() {
		want := c.limit
		want.RetryAfter = "seconds"
		if got := limitOf(limitValues(c.limit)); got != want {
			t.Errorf("%s: %+v, want %+v", c.label, got, want)
		}
	}
}

func TestSourceForAnUnmatchedCapture(t *testing.T) {
	s := stage.New(t)
	s.Arrive(1, func(_ int, c *core.Capture) {
		c.Source, c.Name, c.Receipt.Outcome = 0, "", core.Unmatched
		c.Request.Target = "/hooks/github?x=1"
		c.Request.Header = core.Header{{Name: "X-GitHub-Event", Value: "push"}, {Name: "X-Hub-Signature-256", Value: "sha256=" + strings.Repeat("ab", 32)}}
		c.Request.Head = nil
	})
	s.Settle()
	c, err := s.E.Store.Capture(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	stage.On(s, New).AddAt(&c)
	s.Settle()
	p := stage.On(s, New)
	if set := p.editor.draft.Settings; set.Text("path") != "/hooks/github" || set.Text("scheme") != "github" {
		t.Fatalf("settings %v, want the capture's path and scheme", set)
	}
	p.editor.secrets["secret"].Type("s")
	p.editor.save()
	s.Settle()
	p.editor.overview.reverify()
	s.Settle()
	rows, err := s.E.Store.Captures(t.Context(), store.Query{}, 0, 1)
	if err != nil || rows[0].Verdict != core.Mismatch {
		t.Errorf("after verifying again the capture's verdict is %q, %v; want mismatch", rows[0].Verdict, err)
	}
	if got := p.editor.overview.againWords.Text(); !strings.Contains(got, "1 checked: 0 verified") {
		t.Errorf("the result reads %q", got)
	}
}

func TestUnsavedChangesAreNotLostUnasked(t *testing.T) {
	s, p := sourcesStage(t)
	for _, name := range []string{"a", "b"} {
		src := core.Source{Platform: "generic", Settings: core.Values{"path": "/in/" + name}, Name: name}
		if err := s.E.PutSource(t.Context(), &src); err != nil {
			t.Fatal(err)
		}
	}
	s.Settle()
	p.choose(1)
	if p.editor.dirty() {
		t.Fatal("a source that was only looked at has changes")
	}
	p.editor.name.Set("changed")
	p.choose(2)
	if !s.W.Layers.Covered() || p.chosen != 1 {
		t.Fatalf("source %d is shown without a question", p.chosen)
	}
	s.W.Layers.Back()
	p.editor.discard()
	if p.editor.name.Text() != "a" || p.editor.dirty() {
		t.Errorf("after discarding the name is %q", p.editor.name.Text())
	}
	p.choose(2)
	if p.chosen != 2 {
		t.Error("the other source is not shown")
	}
}

func TestSecretOfASourceGivesWayToThisRun(t *testing.T) {
	s := stage.NewWith(t, stage.BrokenKeyring{})
	p := stage.On(s, New)
	s.Settle()
	p.edit(core.Source{Platform: "generic", Settings: core.Values{"path": "/in/a"}, Name: "a"}, true)
	f := p.editor.secrets["secret"]
	f.Type("hush")
	p.editor.save()
	s.Settle()
	s.Later() // the check of what was typed has no say any more
	if said := eye.Words(f.View()); len(s.SourcesByName()) > 0 || !strings.Contains(said, "Save again to keep it for this run only") {
		t.Fatalf("stored %v; the field says %q", s.SourcesByName(), said)
	}
	p.editor.save()
	s.Settle()
	if got := s.SourcesByName()["a"].Secrets["secret"]; got != "run:source/a/secret" {
		t.Errorf("kept as %q", got)
	}
}

func TestSourcesFormKnowsOwnSchemes(t *testing.T) {
	s, p := sourcesStage(t)
	s.PutOwnSchemes()
	for id, provider := range stage.OwnSchemes {
		p.edit(core.Source{Name: id, Platform: "generic", Settings: core.Values{"path": "/in/x", "scheme": id}}, true)
		s.Has(p.editor.settings.View(), provider)
		s.Lacks(p.editor.settings.View(), "There is no such scheme")
	}
	p.edit(core.Source{Name: "x", Platform: "generic", Settings: core.Values{"path": "/in/x", "scheme": "nobodys"}}, true)
	s.Has(p.editor.settings.View(), "There is no such scheme")
}

func TestGoesOnWhileTheKeyringWaitsSources(t *testing.T) {
	stage.WhileKeyringWaits(t, map[string]func(s *stage.Stage, first <-chan struct{}){
		"source, overview": func(s *stage.Stage, first <-chan struct{}) { stage.On(s, New).edit(s.GithubSource(), false) },
		"source, send it": func(s *stage.Stage, first <-chan struct{}) {
			s.Run()
			p := stage.On(s, New)
			p.edit(s.GithubSource(), false)
			p.editor.overview.sendIt()
		},
		"source, verify again": func(s *stage.Stage, first <-chan struct{}) {
			p := stage.On(s, New)
			p.edit(s.GithubSource(), false)
			p.editor.overview.reverify()
		},
		"source, save": func(s *stage.Stage, first <-chan struct{}) {
			p := stage.On(s, New)
			p.edit(core.Source{Platform: "generic", Settings: core.Values{"path": "/in/b"}, Name: "b"}, true)
			p.editor.secrets["secret"].Type("mine")
			p.editor.save()
		},
	})
}

// TestForwardsComeBackAsTheyWere: what the form shows and what it does not, in the order that the user gives them.
func TestForwardsComeBackAsTheyWere(t *testing.T) {
	all := core.Forwards{
		{URL: "http://127.0.0.1:1/a", When: "event:x", DropPath: true, Resign: true, Set: core.Header{{Name: "Z", Value: "1"}, {Name: "A", Value: "2"}}, Remove: []string{"Cookie", "X"},
			Policy: core.RetryPolicy{Name: "mine", Retries: 7, Delays: []time.Duration{time.Minute}}, Timeout: 3 * time.Second, KeepHost: true, SkipTLS: true, CAFile: "/ca", Client: core.ClientCert{File: "/cert", Key: "env:KEY"}, Forwarded: true},
		{URL: "http://127.0.0.1:2/b", Answer: true, Off: true, Policy: core.RetryPolicy{Name: "none", Source: "one attempt, no retry"}},
		{URL: "http://127.0.0.1:3/c", Policy: core.ForwardPolicy()}, {URL: "http://127.0.0.1:4/d"},
	}
	if got := forwardsOf(forwardValues(all), all); !sameSources(core.Source{Forwards: got}, core.Source{Forwards: all}) {
		t.Errorf("%+v\nbecame\n%+v", all, got)
	}
	all[0].CAFile, all[0].Client = "", core.ClientCert{} // there are no such files
	s, p := sourcesStage(t)
	p.edit(core.Source{Platform: "generic", Settings: core.Values{"path": "/in/a"}, Name: "a", Forwards: all}, true)
	l := p.editor.forwards
	l.move(3, 0)
	l.remove(2)
	stage.TypeInto(t, l.rows[0].form, "URL", "http://127.0.0.1:5/e")
	if got := l.rows[0].title.Text(); got != "http://127.0.0.1:5/e" {
		t.Errorf("the row is called %q", got)
	}
	p.editor.save()
	s.Settle()
	want := core.Forwards{{URL: "http://127.0.0.1:5/e"}, all[0], all[2]}
	if got := s.SourcesByName()["a"].Forwards; !sameSources(core.Source{Forwards: got}, core.Source{Forwards: want}) {
		t.Errorf("stored %+v, want %+v", got, want)
	}
}

// TestRulesAreEditedAndTried: rules from a start are kept as a list, one alone as it was, and the preview says what they answer.
func TestRulesAreEditedAndTried(t *testing.T) {
	s, p := sourcesStage(t)
	p.edit(core.Source{Platform: "generic", Settings: core.Values{"path": "/in/a", "answer": map[string]any{"status": 202.0, "body": "ok"}}, Name: "a"}, true)
	e := p.editor
	e.turnTo("Answer")
	s.Later()
	if got := eye.Line(e.stage); !strings.Contains(got, "202 Accepted") || !strings.Contains(got, "Always → 202") {
		t.Errorf("the preview of one answer:\n%s", got)
	}
	stage.TypeInto(t, e.answers.list.rows[0].form, "Body", "{{.method}} {{.json.type}}")
	s.Later()
	if got := eye.Line(e.stage); !strings.Contains(got, "POST test") && !strings.Contains(got, "POST ") {
		t.Errorf("the preview of a template:\n%s", got)
	}
	if _, one := e.draft.Settings["answer"].(map[string]any); !one {
		t.Errorf("one rule became %T", e.draft.Settings["answer"])
	}
	for _, start := range ruleStarts {
		s.Press(e.stage, start.name)
		e.settings.Values["url"] = "https://example.com" // another part of the form does not touch the rules
		e.edited()
		s.Later()
		if list, many := e.draft.Settings["answer"].([]any); !many || len(list) != len(start.rules) || e.unread() != nil {
			t.Errorf("%s: %v", start.name, e.draft.Settings["answer"])
		}
		if got := e.bar.words.Text(); strings.Contains(got, ",") {
			t.Errorf("%s: %s", start.name, got)
		}
	}
	if got := eye.Line(e.stage); !strings.Contains(got, "503 Service Unavailable") || !strings.Contains(got, "rule 1 of 2") {
		t.Errorf("the preview of flaky:\n%s", got)
	}
	e.answers.list.rows[1].form.Values["body"] = "{{.jsn}}"
	e.answers.list.changed()
	s.Later()
	if got := e.bar.words.Text(); !strings.HasPrefix(got, "Answer, 2, Body: line 1, column 3: there is no .jsn") {
		t.Errorf("beside the buttons stands %q", got)
	}
	e.answers.list.rows[1].form.Values["body"] = "{{.path}}"
	e.save()
	s.Settle()
	if list, _ := s.SourcesByName()["a"].Settings["answer"].([]any); len(list) != 2 {
		t.Errorf("stored %v", s.SourcesByName()["a"].Settings["answer"])
	}
}

// Where there is room for one side alone, what n opens is the side that is seen.
func TestNewSourceIsSeenInANarrowWindow(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	s.W.Win.Resize(fyne.NewSize(480, 480))
	s.Settle()
	p.split.Turn(false)
	if list, _ := p.split.Alone(); !list {
		t.Fatal("the window is too wide for this test")
	}
	p.Key('n')
	s.Settle()
	if _, form := p.split.Alone(); !form {
		t.Error("what is to be chosen from stands where nobody sees it")
	}
}
