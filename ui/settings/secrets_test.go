package settings

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func secretsOf(s *stage.Stage) *secretSection {
	s.T.Helper()
	p := openSettings(s, "Secrets")
	s.Settle()
	for _, section := range p.Sections {
		if section, ok := section.(*secretSection); ok {
			return section
		}
	}
	s.T.Fatal("there is no section of secrets")
	return nil
}

func TestASecretIsForgottenAfterAQuestion(t *testing.T) {
	s := stage.New(t)
	ref, err := s.E.Vault.Put("run", "source/a/secret", core.Text("hush"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		src := core.Source{Name: name, Platform: "generic", Settings: core.Values{"path": "/in/" + name, "scheme": "github"}, Secrets: map[string]core.SecretRef{"secret": ref}}
		if name == "b" {
			t.Setenv("B_SECRET", "hush too")
			src.Secrets["secret"] = "env:B_SECRET"
		}
		if err := s.E.Store.PutSource(&src); err != nil {
			t.Fatal(err)
		}
	}
	section := secretsOf(s)
	said := eye.Words(section.rows)
	if lacks := eye.Missing(said, "source/a/secret", "this run", "B_SECRET", "environment", "Used by "); lacks != nil {
		t.Errorf("it does not say %q:\n%s", lacks, said)
	}
	if strings.Contains(said, "hush") {
		t.Error("a value shows")
	}
	forget := eye.All[*control.Button](section.rows)
	at := slices.IndexFunc(section.shown, func(k engine.KeptSecret) bool { return k.Ref == ref })
	if len(forget) != 2 || !forget[1-at].Disabled() || forget[at].Disabled() {
		t.Fatal("what is the environment's can be forgotten, or what is ours cannot")
	}
	forget[at].Tapped(nil)
	s.Says("Forget ", "It is used by", "It cannot be taken back")
	s.W.Layers.Back()
	if _, err := s.E.Vault.Resolve(ref); err != nil {
		t.Fatalf("it is forgotten before the answer: %v", err)
	}
	forget[at].Tapped(nil)
	s.Tap(s.W.Layers, "Forget it")
	if _, err := s.E.Vault.Resolve(ref); err == nil {
		t.Error("it is still there")
	}
}

func TestTheListOfSecretsIsDrawnAnewOnlyWhereItChanged(t *testing.T) {
	gone := errors.New("secret: it is gone")
	one := []engine.KeptSecret{{Ref: "run:a", Users: []string{"a"}}}
	for name, c := range map[string]struct {
		b    []engine.KeptSecret
		same bool
	}{
		"the same":     {[]engine.KeptSecret{{Ref: "run:a", Users: []string{"a"}}}, true},
		"one more":     {[]engine.KeptSecret{{Ref: "run:a", Users: []string{"a"}}, {Ref: "run:b"}}, false},
		"another":      {[]engine.KeptSecret{{Ref: "run:b", Users: []string{"a"}}}, false},
		"another user": {[]engine.KeptSecret{{Ref: "run:a", Users: []string{"a", "b"}}}, false},
		"it is gone":   {[]engine.KeptSecret{{Ref: "run:a", Users: []string{"a"}, Absent: gone}}, false},
	} {
		if got := sameSecrets(one, c.b); got != c.same {
			t.Errorf("%s: %v", name, got)
		}
	}
	s := stage.New(t)
	section := secretsOf(s)
	s.Has(section.rows, "None yet.")
	section.shown = []engine.KeptSecret{{Name: "a", Ref: "run:a", Place: "run", Absent: gone}}
	section.draw()
	s.Has(section.rows, "Used by nothing", "It is gone.")
}

func TestOwnSchemesAreEditedAndDeleted(t *testing.T) {
	s := stage.New(t)
	s.PutOwnSchemes()
	p := openSettings(s, "Schemes")
	schemes := p.schemes
	s.Has(schemes.rows, "my-hmac", "my-token")
	p.OpenScheme("my-hmac")
	s.Says("Scheme my-hmac")
	area := eye.All[*control.Field](s.W.Layers)
	text := area[len(area)-1]
	text.Set(strings.Replace(text.Text(), "Hmac GmbH", "Hmac AG", 1))
	s.Tap(s.W.Layers, "Keep")
	if own, _ := s.E.Schemes.Book().Find("my-hmac"); own.Provider != "Hmac AG" || s.W.Layers.Covered() {
		t.Errorf("its provider is %q, editor open %v", own.Provider, s.W.Layers.Covered())
	}
	s.Tap(schemes.rows, "Edit")
	area = eye.All[*control.Field](s.W.Layers)
	area[len(area)-1].Set(`{"id":"x"`)
	s.Settle()
	before := len(s.E.Schemes.Book().Own())
	if b := eye.Button(s.W.Layers, "Keep"); !b.Disabled() {
		s.Tap(s.W.Layers, "Keep")
	}
	if len(s.E.Schemes.Book().Own()) != before || !s.W.Layers.Covered() {
		t.Error("what is no scheme is kept, or the editor closes over it")
	}
	s.Tap(s.W.Layers, "Cancel")
	s.Tap(schemes.rows, "Delete")
	s.Says("It cannot be taken back")
	s.Tap(s.W.Layers, "Delete it")
	if len(s.E.Schemes.Book().Own()) != before-1 {
		t.Error("it is not deleted")
	}
	schemes.openScheme("stripe")
	s.Tap(s.W.Layers, "Start my own from it")
	s.Says(`"id": "my-stripe"`)
	s.Tap(s.W.Layers, "Cancel")
}

func TestKnownSchemesAreFound(t *testing.T) {
	s := stage.New(t)
	schemes := openSettings(s, "Schemes").schemes
	all := len(schemes.found)
	schemes.search.Set("stripe")
	if n := len(schemes.found); n == 0 || n >= all {
		t.Fatalf("of %d schemes, %d are called stripe", all, n)
	}
	schemes.list.OnTap(0)
	s.Says("Stripe")
	s.W.Layers.Back()
	schemes.search.Set("nobody at all")
	if len(schemes.found) != 0 {
		t.Errorf("%d schemes of nobody", len(schemes.found))
	}
}

func TestTheBoundsOfTheHistory(t *testing.T) {
	s := stage.New(t)
	s.Arrive(3, nil)
	h := openSettings(s, "History").Sections[2].(*historySection)
	h.count.Set("")
	h.askCap() // wider: nothing is asked
	s.Settle()
	if got := s.E.History.Cap(s.W.Ctx); got.Count != 0 || s.W.Layers.Covered() {
		t.Errorf("without a bound: %+v, asked %v", got, s.W.Layers.Covered())
	}
	s.Says("The bounds are in force. Nothing had to go.")
	s.Settle()
	if said := eye.Words(h.root); !strings.Contains(said, "without a bound") {
		t.Errorf("it says %q", said)
	}
	h.count.Set("many")
	h.askCap()
	s.Settle()
	if h.count.Problem() == "" || s.E.History.Cap(s.W.Ctx).Count != 0 {
		t.Errorf("many: %q", h.count.Problem())
	}
	for name, c := range map[string]struct {
		limit, now store.Cap
		want       bool
	}{
		"a bound where none was": {store.Cap{Count: 5}, store.Cap{}, true},
		"none where one was":     {store.Cap{}, store.Cap{Count: 5}, false},
		"a smaller one":          {store.Cap{Count: 4}, store.Cap{Count: 5}, true},
		"a larger one":           {store.Cap{Count: 6}, store.Cap{Count: 5}, false},
		"the same":               {store.Cap{Count: 5}, store.Cap{Count: 5}, false},
	} {
		if got := tighter(c.limit, c.now); got != c.want {
			t.Errorf("%s: tighter %v", name, got)
		}
	}
}

func TestTheFileOfTheHistoryIsChecked(t *testing.T) {
	s := stage.New(t)
	h := openSettings(s, "History").Sections[2].(*historySection)
	h.inspect()
	s.Settle()
	s.Says("The file is sound")
	s.E.Store.Close()
	h.inspect()
	s.Settle()
	s.Says("export what you need")
}

// A filter that was typed since has the last word.
func TestMatchesAreThoseOfTheFilterAsItStands(t *testing.T) {
	s := stage.New(t)
	s.Arrive(4, nil)
	h := openSettings(s, "History").Sections[2].(*historySection)
	h.filter.Set("id:1-3")
	h.countMatches()
	h.filter.SetQuiet("")
	s.Settle()
	if got := h.matches.Text(); strings.Contains(got, "3 captures") || !h.delete.Disabled() {
		t.Errorf("of a filter that is gone it says %q, and can delete: %v", got, !h.delete.Disabled())
	}
	h.countMatches()
	s.Settle()
	if got := h.matches.Text(); got != "" || !h.delete.Disabled() {
		t.Errorf("without a filter it says %q, and can delete: %v", got, !h.delete.Disabled())
	}
	h.filter.SetQuiet("id:1-3")
	h.countMatches()
	s.Settle()
	if got := h.matches.Text(); got != "3 captures match." {
		t.Errorf("it says %q", got)
	}
}

func TestTheTunnelTestSaysStepByStep(t *testing.T) {
	s := stage.New(t)
	form := openSettings(s, "Tunnel").Tunnel
	done := 0
	form.test.done = func() { done++ }
	form.test.run() // without an authtoken
	s.Settle()
	if done != 1 || form.test.cancel != nil || eye.Button(form.test.root, "Test the connection") == nil {
		t.Errorf("told %d times, the button says %q", done, eye.Words(form.test.button))
	}
	form.test.put([]tunnel.Step{{Name: "dns", OK: true, Said: "192.0.2.7", Took: time.Millisecond}, {Name: "tls", Trouble: tunnel.Trouble{Text: "A proxy is in between.", Next: "Give its CA.", Detail: "x509: unknown authority"}}})
	s.Has(form.test.steps, "Dns", "192.0.2.7", "Tls", "A proxy is in between.", "Give its CA.", "x509: unknown authority")
	s.Lacks(form.test.steps, "The way is free.")
	form.test.put([]tunnel.Step{{Name: "dns", OK: true, Said: "192.0.2.7"}})
	s.Has(form.test.steps, "The way is free.")
	s.Lacks(form.test.steps, "A proxy")
}

func TestATroubleLeadsToItsSetting(t *testing.T) {
	s := stage.New(t)
	p := stage.On(s, New)
	p.CorrectTunnel("authtoken", "it is not known")
	if got := eye.Words(p.Tunnel.secrets["authtoken"].View()); !strings.Contains(got, "It is not known.") {
		t.Errorf("the field says %q", got)
	}
	s.W.Win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.Settle()
	if len(s.Went) == 0 || !strings.HasPrefix(s.Went[len(s.Went)-1], "tunnel authtoken") {
		t.Errorf("Enter does not go on to go public: %q", s.Went)
	}
	p.CorrectTunnel("domain", "it is another's")
	if got := p.Tunnel.by["domain"].field; got.Problem() != "It is another's." || !got.Focused() {
		t.Errorf("the field says %q, has the keyboard: %v", got.Problem(), got.Focused())
	}
	p.CorrectTunnel("ssh.known_hosts", "the key changed")
	if got := p.Tunnel.state.Text(); got != "The key changed." {
		t.Errorf("the form says %q", got)
	}
}
