package ui

import (
	"os"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/ui/control"
)

// settings opens a section of the settings.
func openSettings(s *stage, title string) *settingsPage {
	s.t.Helper()
	p := on(s, newSettingsPage)
	p.open(title)
	s.settle()
	return p
}

func TestTunnelFormKeepsWhatIsTyped(t *testing.T) {
	s := newStage(t)
	form := openSettings(s, "Tunnel").tunnel
	form.by["domain"].field.Set("hooks.ngrok.app")
	form.by["allow"].field.Set("203.0.113.0/24, 198.51.100.7")
	form.stop.Choose(2)
	form.save(func() {})
	s.settle()
	got := s.e.Tunnel.Settings(s.w.ctx)
	if got.Provider != "ngrok" || got.Domain != "hooks.ngrok.app" || len(got.Allow) != 2 || got.AutoStop != time.Hour {
		t.Errorf("kept %+v", got)
	}
	if strings.Contains(eyeWords(form.by["domain"].field), "want") {
		t.Error("a good domain is marked")
	}
	if said := eyeWords(form.row); !strings.Contains(said, "Authtoken") {
		t.Errorf("it says %q, want what is missing still", said)
	}
}

func TestTunnelFormMarksWhatCannotWork(t *testing.T) {
	s := newStage(t)
	form := openSettings(s, "Tunnel").tunnel
	token, _ := s.e.Vault.Put("run", "t", core.Text("tok"))
	if _, err := form.keepSecret("authtoken")(t.Context(), SecretChoice{Ref: token}); err != nil {
		t.Fatal(err)
	}
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
		{1, "ssh.port", "99999", "Want a whole number from 1 to 65535"},
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
		form.save(func() {})
		s.settle()
		if got := in.field.Problem(); !strings.HasPrefix(got, row.says) || !strings.HasSuffix(got, ".") {
			t.Errorf("%s %q: %q, want %q", row.field, row.bad, got, row.says)
		}
		in.field.Set("")
		form.save(func() {})
		s.settle()
		if got := in.field.Problem(); got != "" {
			t.Errorf("%s emptied: %q is still there", row.field, got)
		}
	}
}

func TestSecretIsKeptWhereTheUserWants(t *testing.T) {
	s := newStage(t)
	field := openSettings(s, "Tunnel").tunnel.secrets["authtoken"]
	field.Type("tok_1")
	s.press(field.View(), "Keep")
	if got := s.e.Tunnel.Settings(s.w.ctx).Authtoken; got != "run:tunnel/authtoken" || !field.Choice().Typed.Empty() {
		t.Errorf("kept as %q; the field holds %v", got, field.Choice())
	}
	field.Type("tok_2")
	s.choose(field.View(), "File that only you can read")
	s.press(s.w.layers, "Keep it in a file")
	if _, err := os.Stat(s.e.Vault.File()); err == nil {
		t.Error("the file was written before the user kept it")
	}
	s.press(field.View(), "Keep")
	if v, err := s.e.Vault.Resolve(s.e.Tunnel.Settings(s.w.ctx).Authtoken); err != nil || string(v.Reveal()) != "tok_2" {
		t.Errorf("from the file: %v", err)
	}
	s.tap(field.View(), "Remove the secret")
	if got := s.e.Tunnel.Settings(s.w.ctx).Authtoken; got != "" {
		t.Errorf("forgotten, and still %q", got)
	}
}

func TestHistoryIsBoundedAfterAQuestion(t *testing.T) {
	s := newStage(t)
	s.arrive(5, nil)
	h := openSettings(s, "History").sections[1].(*historySection)
	if said := eyeWords(h.root); !strings.Contains(said, "5 of 1,000,000 (0 %)") || !strings.Contains(said, s.e.Store.Path()) {
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
	h := openSettings(s, "History").sections[1].(*historySection)
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
	p := openSettings(s, "Schemes").schemes
	p.put("", strings.Replace(schemeTemplate, "{body}", "{bodi}", 1), control.NewParagraph("", control.Small), func() { t.Error("a bad template was kept") })
	s.settle()
	p.edit("", schemeTemplate)
	if said := eyeWords(s.w.layers); !strings.Contains(said, "It signs {ts}.{body} with hmac-sha256") {
		t.Errorf("the editor says %q", said)
	}
	s.press(s.w.layers, "Keep")
	if own := s.e.Schemes.Book().Own(); len(own) != 1 || own[0].ID != "my-api" || s.w.layers.Covered() {
		t.Errorf("own schemes %+v, editor open %v", own, s.w.layers.Covered())
	}
	s.settle()
	if said := eyeWords(p.rows); !strings.Contains(said, "my-api") {
		t.Errorf("the list says %q", said)
	}
	p.openScheme("stripe")
	if said := eyeWords(s.w.layers); !strings.Contains(said, "Stripe") {
		t.Errorf("a known scheme: %q", said)
	}
}

func TestBrightnessIsRemembered(t *testing.T) {
	s := newStage(t)
	openSettings(s, "Look")
	chooseMode(s.w, control.LightMode)
	s.settle()
	var kept windowState
	if err := s.e.Store.Setting(s.w.ctx, "window", &kept); err != nil || kept.Mode != "light" || s.w.theme.Mode() != control.LightMode {
		t.Errorf("kept %q, shown %q, %v", kept.Mode, s.w.theme.Mode(), err)
	}
}

func TestGoPublicKeepsTheTokenThatIsTyped(t *testing.T) {
	s := newStageWith(t, brokenKeyring{})
	p := on(s, newSettingsPage)
	s.w.to.settleTunnel = p.tunnel.settled
	f := p.tunnel.secrets["authtoken"]
	if got := f.Choice().Place; got != "keyring" {
		t.Fatalf("it would go to %q, want the keyring", got)
	}
	f.Type("tok_1")
	goPublic(s.w)
	s.settle()
	if said := eyeWords(f.root); !strings.Contains(said, "no such interface") || !strings.Contains(said, "Keep again to keep it for this run only") {
		t.Errorf("with a keyring that fails: %q", said)
	}
	goPublic(s.w)
	s.settle()
	if got := s.e.Tunnel.Settings(t.Context()).Authtoken; got != "run:tunnel/authtoken" {
		t.Errorf("the second time it is kept as %q", got)
	}
	if !s.w.layers.Covered() || !strings.Contains(eyeWords(s.w.layers), "Go public through ngrok?") {
		t.Error("it does not go on to the question of consent")
	}
}

func TestGoesOnWhileTheKeyringWaitsSettings(t *testing.T) {
	whileKeyringWaits(t, map[string]func(s *stage, first <-chan struct{}){
		"secrets in use": func(s *stage, first <-chan struct{}) { s.githubSource(); newSecretSection(s.w).load(s.t.Context())() },
		"tunnel, keep": func(s *stage, first <-chan struct{}) {
			p := on(s, newSettingsPage)
			f := p.tunnel.secrets["authtoken"]
			f.Type("mine")
			f.KeepNow(nil)
		},
		"go public": func(s *stage, first <-chan struct{}) {
			p := on(s, newSettingsPage)
			p.tunnel.secrets["authtoken"].Type("mine")
			p.tunnel.settled(func() {})
		},
		"tunnel, test": func(s *stage, first <-chan struct{}) {
			p := on(s, newSettingsPage)
			if _, err := s.e.Tunnel.Change(func(now *engine.TunnelSettings) { now.Authtoken = "keyring:a" }); err != nil {
				s.t.Fatal(err)
			}
			p.tunnel.test.run()
			<-first
			p.tunnel.test.run() // the button says Cancel now
		},
	})
}
