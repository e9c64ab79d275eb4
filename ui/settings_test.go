package ui

import (
	"os"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
)

// settings opens a section of the settings.
func (s *stage) settings(title string) *settingsPage {
	s.t.Helper()
	p := s.w.openSettings(title)
	if p == nil {
		s.t.Fatal("there is no settings page")
	}
	s.settle()
	return p
}

// shownWords are all texts that are to be seen below o.
func shownWords(o fyne.CanvasObject) string {
	var b strings.Builder
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() {
			return
		}
		switch o := o.(type) {
		case *control.Text:
			b.WriteString(o.Text() + "\n")
		case *control.Paragraph:
			b.WriteString(o.Text() + "\n")
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c)
			}
		}
	}
	walk(o)
	return b.String()
}

// press taps the button with a label below o.
func (s *stage) press(o fyne.CanvasObject, label string) {
	s.t.Helper()
	var found *control.Button
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if o == nil || !o.Visible() || found != nil {
			return
		}
		switch o := o.(type) {
		case *control.Button:
			if strings.Contains(shownWords(o), label) {
				found = o
			}
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c)
			}
		}
	}
	walk(o)
	if found == nil {
		s.t.Fatalf("no button %q among %q", label, shownWords(o))
	}
	test.Tap(found)
	s.settle()
}

func TestTunnelFormKeepsWhatIsTyped(t *testing.T) {
	s := newStage(t)
	form := s.settings("Tunnel").tunnel
	form.by["domain"].field.Set("hooks.ngrok.app")
	form.by["allow"].field.Set("203.0.113.0/24, 198.51.100.7")
	form.stop.Choose(2)
	form.save()
	s.settle()
	got := s.e.Tunnel.Settings(s.w.ctx)
	if got.Provider != "ngrok" || got.Domain != "hooks.ngrok.app" || len(got.Allow) != 2 || got.AutoStop != time.Hour {
		t.Errorf("kept %+v", got)
	}
	if strings.Contains(shownWords(form.by["domain"].field), "want") {
		t.Error("a good domain is marked")
	}
	if said := shownWords(form.row); !strings.Contains(said, "Authtoken") {
		t.Errorf("it says %q, want what is missing still", said)
	}
}

func TestTunnelFormMarksWhatCannotWork(t *testing.T) {
	s := newStage(t)
	form := s.settings("Tunnel").tunnel
	token, _ := s.e.Vault.Put("run", "t", core.Text("tok"))
	form.keepSecret("authtoken")(token)
	s.settle()
	rows := []struct {
		provider int
		field    string
		bad      string
		says     string
	}{
		{0, "domain", "not a domain", "Want a domain"},
		{0, "region", "EUROPE!", "Want a short name"},
		{0, "connect", "nowhere", "Want HOST:PORT"},
		{0, "ca_file", "/does/not/exist", "It cannot be read"},
		{0, "proxy", "gopher://x", "Want socks5"},
		{0, "allow", "300.1.1.1", "Want an address or a network"},
		{1, "ssh.port", "99999", "Want a port"},
		{1, "ssh.remote", "x", "Want"},
		{2, "own.url", "https://x.example/path", "Want scheme and host"},
		{2, "listen", "8.8.8.8:80", "Want a loopback address"},
	}
	for _, row := range rows {
		form.provider.Select(row.provider)
		if row.field == "ssh.remote" {
			form.by["ssh.host"].field.Set("h.example")
			form.by["ssh.user"].field.Set("me")
		}
		if row.field == "listen" {
			form.by["own.url"].field.Set("https://x.example")
		}
		in := form.by[row.field]
		in.field.Set(row.bad)
		form.save()
		s.settle()
		if got := in.field.Problem(); !strings.HasPrefix(got, row.says) || !strings.HasSuffix(got, ".") {
			t.Errorf("%s %q: %q, want %q", row.field, row.bad, got, row.says)
		}
		in.field.Set("")
		form.save()
		s.settle()
		if got := in.field.Problem(); got != "" {
			t.Errorf("%s emptied: %q is still there", row.field, got)
		}
	}
}

func TestGoPublicAsksForWhatIsMissing(t *testing.T) {
	s := newStage(t)
	s.w.goPublic()
	s.settle()
	form := s.settings("Tunnel").tunnel
	if said := shownWords(form.secrets["authtoken"].root); !strings.Contains(said, "It is missing; copy it from") {
		t.Errorf("the authtoken's field says %q", said)
	}
	if s.w.layers.Covered() {
		t.Error("it asks for consent before there is a token")
	}
}

func TestConsentComesOnceAndBeforeTheStart(t *testing.T) {
	s := newStage(t)
	if err := s.e.Tunnel.PutSettings(engine.TunnelSettings{Provider: "own", URL: "https://hooks.example.com", Listen: strings.TrimPrefix(s.e.URL(), "http://")}); err != nil {
		t.Fatal(err)
	}
	s.w.goPublic()
	s.settle()
	if s.e.Tunnel.Status().State != "" || !s.w.layers.Covered() {
		t.Fatalf("state %q, asked %v; want the question first", s.e.Tunnel.Status().State, s.w.layers.Covered())
	}
	for _, line := range tunnel.Consent("own") {
		if !strings.Contains(shownWords(s.w.layers), line) {
			t.Errorf("it does not say %q", line)
		}
	}
	s.w.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.w.layers.Covered() || len(s.e.Tunnel.Settings(s.w.ctx).Agreed) != 0 {
		t.Error("Esc is no answer, or a yes")
	}
	s.w.goPublic()
	s.settle()
	s.press(s.w.layers, "Agree and go public")
	if got := s.e.Tunnel.Settings(s.w.ctx).Agreed; len(got) != 1 || got[0] != "own" {
		t.Errorf("agreed to %v", got)
	}
	if _, err := s.e.Tunnel.Await(s.w.ctx); err == nil { // that port is taken by the sources
		t.Error("the tunnel came up at a port that is in use")
	}
	s.settle()
	if said := shownWords(s.w.rail.tunnel.view()); !strings.Contains(said, "local address for your tunnel") || !strings.Contains(said, "Change the port") {
		t.Errorf("the card says %q", said)
	}
	s.press(s.w.rail.tunnel.view(), "Change the port")
	if s.w.pages[s.w.now].name() != "Settings" {
		t.Errorf("it opened %s", s.w.pages[s.w.now].name())
	}
	s.w.goPublic()
	s.settle()
	if s.w.layers.Covered() {
		t.Error("it asks again")
	}
}

func TestSecretIsKeptWhereTheUserWants(t *testing.T) {
	s := newStage(t)
	entry := s.settings("Tunnel").tunnel.secrets["authtoken"]
	entry.value.Set("tok_1")
	entry.place.Choose(1)
	s.press(entry.root, "Keep")
	if got := s.e.Tunnel.Settings(s.w.ctx).Authtoken; got != "run:tunnel/authtoken" || entry.value.Text() != "" {
		t.Errorf("kept as %q; the field holds %q", got, entry.value.Text())
	}
	s.press(entry.root, "Change")
	entry.value.Set("tok_2")
	entry.place.Choose(2)
	s.press(entry.root, "Keep")
	if _, err := os.Stat(s.e.Vault.File()); err == nil {
		t.Error("the file was written before the user agreed")
	}
	s.press(s.w.layers, "Keep it in the file")
	if v, err := s.e.Vault.Resolve(s.e.Tunnel.Settings(s.w.ctx).Authtoken); err != nil || string(v.Reveal()) != "tok_2" {
		t.Errorf("from the file: %v", err)
	}
	s.press(entry.root, "Forget")
	if got := s.e.Tunnel.Settings(s.w.ctx).Authtoken; got != "" {
		t.Errorf("forgotten, and still %q", got)
	}
	// Without a keyring it says so, and what else there is.
	entry.value.Set("tok_3")
	entry.place.Choose(0)
	s.press(entry.root, "Keep")
	if said := shownWords(entry.root); !strings.Contains(said, "no system keyring") || !strings.Contains(said, "this run only") {
		t.Errorf("without a keyring it says %q", said)
	}
}

func TestHistoryIsBoundedAfterAQuestion(t *testing.T) {
	s := newStage(t)
	s.arrive(5, nil)
	h := s.settings("History").sections[1].(*historySection)
	if said := shownWords(h.root); !strings.Contains(said, "5 of 1,000,000 (0 %)") || !strings.Contains(said, s.e.Store.Path()) {
		t.Errorf("it says %q", said)
	}
	h.count.Set("2.5")
	if h.count.Problem() == "" || !h.keep.Disabled() {
		t.Error("half a capture is taken for a bound")
	}
	h.count.Set("2")
	h.askCap()
	s.settle()
	if s.e.History.Cap(s.w.ctx) != store.DefaultCap {
		t.Error("the bound is in force before the question was answered")
	}
	s.press(s.w.layers, "Apply and delete the oldest")
	if usage, err := s.e.Store.Usage(s.w.ctx); err != nil || usage.Captures != 2 || s.e.History.Cap(s.w.ctx).Count != 2 {
		t.Errorf("%d captures left, cap %+v, %v", usage.Captures, s.e.History.Cap(s.w.ctx), err)
	}
}

func TestDeleteWhatMatches(t *testing.T) {
	s := newStage(t)
	s.arrive(4, nil)
	if err := s.e.Store.Pin(1, true); err != nil {
		t.Fatal(err)
	}
	h := s.settings("History").sections[1].(*historySection)
	h.filter.SetQuiet("nosuch:word")
	h.countMatches()
	s.settle()
	if h.filter.Problem() == "" || !h.delete.Disabled() {
		t.Errorf("a filter that cannot be read: %q, button off %v", h.filter.Problem(), h.delete.Disabled())
	}
	h.filter.SetQuiet("id:1-2")
	h.countMatches()
	s.settle()
	if got := h.matches.Text(); got != "2 captures match; 1 of them are pinned and stay." {
		t.Errorf("it says %q", got)
	}
	h.askDelete()
	s.press(s.w.layers, "Delete 1 capture")
	if usage, _ := s.e.Store.Usage(s.w.ctx); usage.Captures != 3 {
		t.Errorf("%d left, want 3", usage.Captures)
	}
	h.askDeleteAll()
	s.press(s.w.layers, "Delete all captures")
	if usage, _ := s.e.Store.Usage(s.w.ctx); usage.Captures != 1 {
		t.Errorf("%d left, want the pinned one", usage.Captures)
	}
}

func TestOwnSchemeIsCheckedAsItIsTyped(t *testing.T) {
	s := newStage(t)
	p := s.settings("Schemes").schemes
	p.put("", strings.Replace(schemeTemplate, "{body}", "{bodi}", 1), control.NewParagraph("", control.Small), func() { t.Error("a bad template was kept") })
	s.settle()
	p.edit("", schemeTemplate)
	if said := shownWords(s.w.layers); !strings.Contains(said, "It signs {ts}.{body} with hmac-sha256") {
		t.Errorf("the editor says %q", said)
	}
	s.press(s.w.layers, "Keep")
	if own := s.e.Schemes.Own(s.w.ctx); len(own) != 1 || own[0].ID != "my-api" || s.w.layers.Covered() {
		t.Errorf("own schemes %+v, editor open %v", own, s.w.layers.Covered())
	}
	s.settle()
	if said := shownWords(p.rows); !strings.Contains(said, "my-api") {
		t.Errorf("the list says %q", said)
	}
	p.openScheme("stripe")
	if said := shownWords(s.w.layers); !strings.Contains(said, "Stripe") {
		t.Errorf("a known scheme: %q", said)
	}
}

func TestBrightnessIsRemembered(t *testing.T) {
	s := newStage(t)
	s.settings("Look")
	s.w.chooseMode(control.LightMode)
	s.settle()
	var kept windowState
	if err := s.e.Store.Setting(s.w.ctx, "window", &kept); err != nil || kept.Mode != "light" || s.w.theme.Mode() != control.LightMode {
		t.Errorf("kept %q, shown %q, %v", kept.Mode, s.w.theme.Mode(), err)
	}
}

func TestPaletteOffersEverything(t *testing.T) {
	s := newStage(t)
	if err := s.e.PutSource(s.w.ctx, &core.Source{Name: "orders", Platform: "generic", Settings: core.Values{"path": "/in/orders"}}); err != nil {
		t.Fatal(err)
	}
	s.arrive(3, nil)
	s.settle()
	byLabel := map[string]control.Command{}
	for _, c := range s.w.commands() {
		if c.Label == "" || c.Icon == "" || c.Do == nil {
			t.Errorf("a command without a label, an icon or a deed: %+v", c)
		}
		byLabel[c.Label] = c
	}
	for _, want := range []string{"Inbox", "Work", "Compose", "Deliveries", "Lab", "Sources", "Settings", "Go public", "Copy the URL of orders", "Copy a curl line for orders",
		"Settings: Tunnel", "Settings: Schemes", "Brightness: Dark", "#3 event.2", "Scheme stripe", "Follow what arrives"} {
		if byLabel[want].Do == nil {
			t.Errorf("the palette does not offer %q", want)
		}
	}
	byLabel["Copy the URL of orders"].Do()
	if got := s.w.app.Clipboard().Content(); got != s.e.URL()+"/in/orders" {
		t.Errorf("copied %q", got)
	}
	byLabel["#3 event.2"].Do()
	if s.w.inbox.chosen != 3 {
		t.Errorf("capture %d is shown, want 3", s.w.inbox.chosen)
	}
	if _, ok := findCommand(s.w.commands(), "Replay this capture"); !ok {
		t.Error("with a capture chosen, its actions are not offered")
	}
	byLabel["Settings: History"].Do()
	if s.w.pages[s.w.now].name() != "Settings" {
		t.Errorf("page %s", s.w.pages[s.w.now].name())
	}
}

func findCommand(list []control.Command, label string) (control.Command, bool) {
	for _, c := range list {
		if c.Label == label {
			return c, true
		}
	}
	return control.Command{}, false
}
