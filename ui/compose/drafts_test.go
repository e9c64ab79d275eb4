package compose

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"hookglass/core"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

func draftsIn(s *stage.Stage) []store.Draft {
	s.T.Helper()
	all, err := s.E.Store.Drafts(s.W.Ctx)
	if err != nil {
		s.T.Fatal(err)
	}
	return all
}

// nameField is the field of the dialog that is open.
func nameField(s *stage.Stage) *control.Field {
	all := eye.All[*control.Field](s.W.Layers)
	return all[len(all)-1]
}

func TestADraftIsSavedOpenedAndDeleted(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	p.url.Set("http://127.0.0.1:1/first")
	p.signing.secret.Type("typed")
	p.saveDraft()
	s.Says("The secret that you typed is not saved with it")
	nameField(s).Set("")
	s.Tap(s.W.Layers, "Save")
	if nameField(s).Problem() == "" || len(draftsIn(s)) != 0 {
		t.Error("a draft without a name is saved")
	}
	nameField(s).Set("first")
	s.Tap(s.W.Layers, "Save")
	s.Says("Saved as first")
	if all := draftsIn(s); len(all) != 1 || strings.Contains(string(all[0].Doc), "typed") {
		t.Fatalf("%d drafts, with the secret: %s", len(all), all[0].Doc)
	}
	p.url.Set("http://127.0.0.1:1/second")
	p.saveDraft()
	if got := nameField(s).Text(); got != "first" {
		t.Errorf("it would be saved as %q", got)
	}
	nameField(s).Set("second")
	s.Tap(s.W.Layers, "Save as another")
	p.saveDraft()
	nameField(s).Set("second, better")
	s.Tap(s.W.Layers, "Save")
	all := draftsIn(s)
	names := []string{all[0].Name, all[1].Name}
	if slices.Sort(names); len(all) != 2 || names[0] != "first" || names[1] != "second, better" {
		t.Fatalf("%d drafts: %q", len(all), names)
	}
	p.openDrafts()
	s.Settle()
	s.Says("Drafts", "first", "second, better")
	rows := eye.All[*control.Press](s.W.Layers)
	at := slices.IndexFunc(rows, func(r *control.Press) bool { return strings.HasPrefix(eye.Line(r), "first") })
	rows[at].Tapped(nil)
	s.Settle()
	if p.url.Text() != "http://127.0.0.1:1/first" || p.draft.Name != "first" || s.W.Layers.Covered() {
		t.Errorf("opened: to %q, draft %q", p.url.Text(), p.draft.Name)
	}
	p.deleteDraft(p.draft)
	s.Settle()
	if len(draftsIn(s)) != 1 || p.draft.ID != 0 {
		t.Errorf("%d drafts left; what is shown is draft %d", len(draftsIn(s)), p.draft.ID)
	}
	s.Tap(s.W.Layers, "Undo")
	if len(draftsIn(s)) != 2 {
		t.Errorf("undone, there are %d drafts", len(draftsIn(s)))
	}
	p.openDraft(store.Draft{Name: "broken", Doc: []byte(`{"url":`)})
	if p.url.Text() != "http://127.0.0.1:1/first" {
		t.Error("a draft that cannot be read takes away what is shown")
	}
}

func TestWithoutDraftsItSaysHowToKeepOne(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	p.openDrafts()
	s.Settle()
	s.Says("No drafts yet.")
}

func TestHeadersAreEditedAsTheyWillBeSent(t *testing.T) {
	changed := 0
	stage.New(t)
	h := newHeaderEditor(func() { changed++ })
	h.set(core.Header{{Name: "X-A", Value: "1"}, {Name: "x-a", Value: "2"}})
	add := eye.Button(h.view(), "Add a header")
	add.Tapped(nil)
	if got := h.fields(); len(got) != 2 {
		t.Errorf("a row without a name is sent: %v", got)
	}
	h.rows[2].name.Set("X-B")
	h.rows[2].value.Set("3")
	if got := h.fields(); !slices.Equal(got, core.Header{{Name: "X-A", Value: "1"}, {Name: "x-a", Value: "2"}, {Name: "X-B", Value: "3"}}) || changed != 2 {
		t.Errorf("fields %v after %d changes", got, changed)
	}
	eye.Button(h.view(), "Remove").Tapped(nil) // the first
	if got := h.fields(); !slices.Equal(got, core.Header{{Name: "x-a", Value: "2"}, {Name: "X-B", Value: "3"}}) || changed != 3 {
		t.Errorf("fields %v after %d changes", got, changed)
	}
	for name, want := range map[string]string{"X-Good": "", "X Bad": `" " cannot be in`, "X:Bad": `":" cannot be in`, "Größe": `"ö" cannot be in`} {
		h.rows[0].name.Set(name)
		if got := h.rows[0].name.Problem(); !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestWhatCannotBeSentSaysWhy(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	p.url.Set("nowhere")
	if !s.W.Shortcut(&desktop.CustomShortcut{KeyName: fyne.KeyReturn, Modifier: fyne.KeyModifierShortcutDefault}) {
		t.Error("Ctrl+Enter is nobody's")
	}
	if p.url.Problem() == "" || p.sending {
		t.Errorf("an address that is none: %q", p.url.Problem())
	}
	p.url.Set("http://127.0.0.1:1/hook")
	p.signing.secret.Set("")
	p.send()
	s.Settle()
	if got := eye.Words(p.signing.secret.View()); !strings.Contains(got, "Enter the secret to sign with") || len(s.DeliveriesIn(store.DeliveryFilter{})) != 0 {
		t.Errorf("without a secret it says %q", got)
	}
	p.signing.secret.Type("mine")
	p.send()
	p.send() // pressed twice
	s.Settle()
	sent := s.DeliveriesIn(store.DeliveryFilter{})
	if len(sent) != 1 || sent[0].Target.URL != "http://127.0.0.1:1/hook" {
		t.Fatalf("%d deliveries", len(sent))
	}
	s.Tap(p.answerStage, "Cancel")
	if got := s.DeliveriesIn(store.DeliveryFilter{})[0].State; got != core.Cancelled {
		t.Errorf("cancelled, it is %s", got)
	}
}

func TestWhereToAndWhat(t *testing.T) {
	s := stage.New(t)
	ep := core.Endpoint{Name: "Shop", Active: true, Target: core.Target{URL: "http://127.0.0.1:1/endpoint"}}
	if err := s.E.Endpoints.Put(s.W.Ctx, &ep); err != nil {
		t.Fatal(err)
	}
	s.Owe(2, func(_ int, d *core.Delivery) { d.Target.URL = "http://127.0.0.1:1/before" })
	p := openCompose(s, "github", "mine")
	var hints []string
	for _, c := range p.targetOptions() {
		hints = append(hints, c.Hint)
	}
	if !slices.Equal(hints, []string{"source shop", "endpoint Shop", "sent before"}) {
		t.Errorf("it offers %q", hints)
	}
	before, _ := eye.Command(p.targetOptions(), "http://127.0.0.1:1/before")
	before.Do()
	if p.url.Text() != "http://127.0.0.1:1/before" {
		t.Errorf("to %q", p.url.Text())
	}
	github, ok := eye.Command(p.providerOptions(), "GitHub")
	if !ok || !strings.HasSuffix(github.Hint, "events") || !strings.Contains(github.Words, "push") {
		t.Errorf("GitHub is offered as %+v", github)
	}
	github.Do()
	if got := p.url.Text(); got != s.E.URL()+"/in/shop" {
		t.Errorf("GitHub's goes to %q, want to the source that checks it", got)
	}
	before.Do()
	stripe, _ := eye.Command(p.providerOptions(), "Stripe")
	stripe.Do()
	if c, _, _ := p.read(); c.Provider != "stripe" || c.Scheme != "stripe" || c.URL != "http://127.0.0.1:1/before" {
		t.Errorf("of Stripe it puts up %s signed with %s to %s", c.Provider, c.Scheme, c.URL)
	}
	if all := samplesOf("stripe"); len(all) > 1 {
		p.pickEvent(1)
		if c, _, _ := p.read(); c.Event != all[1].Event {
			t.Errorf("the second event is %q, want %q", c.Event, all[1].Event)
		}
	}
	p.pickEvent(-1)
	empty, _ := eye.Command(p.providerOptions(), "An empty request")
	empty.Do()
	if c, _, _ := p.read(); c.Provider != "" || len(c.Body) != 0 || c.URL != "http://127.0.0.1:1/before" {
		t.Errorf("empty, it is %+v", c)
	}
}

// A body that the field would change is shown and sent as it is.
func TestABodyIsSentAsItIs(t *testing.T) {
	s := stage.New(t)
	p := openCompose(s, "github", "mine")
	b := p.body
	for name, c := range map[string]struct {
		bytes string
		typed bool
		says  string
	}{
		"nothing":      {"", true, "No body"},
		"JSON":         {`{"a":1}`, true, "JSON  ·  7 B"},
		"broken JSON":  {"{\n\"a\":", true, "Not JSON, line 2  ·  6 B"},
		"text":         {"hello", true, "Not JSON  ·  5 B"},
		"Windows text": {"a\r\nb", false, "sent as it is"},
		"bytes":        {"\xff\x00", false, "sent as it is"},
		"large":        {strings.Repeat("x", mostEdited+1), false, "too large to edit here"},
	} {
		b.set([]byte(c.bytes))
		if b.typed != c.typed || !strings.Contains(b.state.Text(), c.says) || string(b.bytes) != c.bytes {
			t.Errorf("%s: can be edited %v, says %q, kept whole %v", name, b.typed, b.state.Text(), string(b.bytes) == c.bytes)
		}
	}
	b.set([]byte(`{"a":1}`))
	b.text.Set(strings.Repeat("x", mostEdited+1))
	if b.typed || len(b.bytes) != mostEdited+1 {
		t.Error("what was pasted is too large, and is edited on")
	}
	b.set([]byte(`{"a":[1,2]}`))
	b.format.Tapped(nil)
	if got := string(b.bytes); !strings.Contains(got, "\n  \"a\"") {
		t.Errorf("formatted: %q", got)
	}
	b.small.Tapped(nil)
	if got := string(b.bytes); got != `{"a":[1,2]}` {
		t.Errorf("made small: %q", got)
	}
}
