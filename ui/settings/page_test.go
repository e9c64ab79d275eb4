package settings

import (
	"os"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/engine"
	"hookglass/core/store"
	"hookglass/ui/control"
	"hookglass/ui/eye"
	"hookglass/ui/frame"
	"hookglass/ui/part"
	"hookglass/ui/public"
	"hookglass/ui/stage"
)

// openSettings opens a section of the settings.
func openSettings(s *stage.Stage, title string) *Page {
	s.T.Helper()
	p := stage.On(s, New)
	p.Open(title)
	s.Settle()
	return p
}

func TestTunnelFormKeepsWhatIsTyped(t *testing.T) {
	s := stage.New(t)
	form := openSettings(s, "Tunnel").Tunnel
	form.by["domain"].field.Set("hooks.ngrok.app")
	form.by["allow"].field.Set("203.0.113.0/24, 198.51.100.7")
	form.stop.Choose(2)
	form.save(func() {})
	s.Settle()
	got := s.E.Tunnel.Settings(s.W.Ctx)
	if got.Provider != "ngrok" || got.Domain != "hooks.ngrok.app" || len(got.Allow) != 2 || got.AutoStop != time.Hour {
		t.Errorf("kept %+v", got)
	}
	if strings.Contains(eye.Words(form.by["domain"].field), "want") {
		t.Error("a good domain is marked")
	}
	if said := eye.Words(form.row); !strings.Contains(said, "Authtoken") {
		t.Errorf("it says %q, want what is missing still", said)
	}
}

func TestTunnelFormMarksWhatCannotWork(t *testing.T) {
	s := stage.New(t)
	form := openSettings(s, "Tunnel").Tunnel
	token, _ := s.E.Vault.Put("run", "t", core.Text("tok"))
	if _, err := form.keepSecret("authtoken")(t.Context(), part.SecretChoice{Ref: token}); err != nil {
		t.Fatal(err)
	}
	s.Settle()
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
		s.Settle()
		if got := in.field.Problem(); !strings.HasPrefix(got, row.says) || !strings.HasSuffix(got, ".") {
			t.Errorf("%s %q: %q, want %q", row.field, row.bad, got, row.says)
		}
		in.field.Set("")
		form.save(func() {})
		s.Settle()
		if got := in.field.Problem(); got != "" {
			t.Errorf("%s emptied: %q is still there", row.field, got)
		}
	}
}

func TestSecretIsKeptWhereTheUserWants(t *testing.T) {
	s := stage.New(t)
	field := openSettings(s, "Tunnel").Tunnel.secrets["authtoken"]
	field.Type("tok_1")
	s.Press(field.View(), "Keep")
	if got := s.E.Tunnel.Settings(s.W.Ctx).Authtoken; got != "run:tunnel/authtoken" || !field.Choice().Typed.Empty() {
		t.Errorf("kept as %q; the field holds %v", got, field.Choice())
	}
	field.Type("tok_2")
	s.Choose(field.View(), "File that only you can read")
	s.Press(s.W.Layers, "Keep it in a file")
	if _, err := os.Stat(s.E.Vault.File()); err == nil {
		t.Error("the file was written before the user kept it")
	}
	s.Press(field.View(), "Keep")
	if v, err := s.E.Vault.Resolve(s.E.Tunnel.Settings(s.W.Ctx).Authtoken); err != nil || string(v.Reveal()) != "tok_2" {
		t.Errorf("from the file: %v", err)
	}
	s.Tap(field.View(), "Remove the secret")
	if got := s.E.Tunnel.Settings(s.W.Ctx).Authtoken; got != "" {
		t.Errorf("forgotten, and still %q", got)
	}
}

func TestHistoryIsBoundedAfterAQuestion(t *testing.T) {
	s := stage.New(t)
	s.Arrive(5, nil)
	h := openSettings(s, "History").Sections[2].(*historySection)
	if said := eye.Words(h.root); !strings.Contains(said, "5 of 1,000,000 (0 %)") || !strings.Contains(said, s.E.Store.Path()) {
		t.Errorf("it says %q", said)
	}
	h.count.Set("2.5")
	if h.count.Problem() == "" || !h.keep.Disabled() {
		t.Error("half a capture is taken for a bound")
	}
	h.count.Set("2")
	h.askCap()
	s.Settle()
	if s.E.History.Cap(s.W.Ctx) != store.DefaultCap {
		t.Error("the bound is in force before the question was answered")
	}
	s.Press(s.W.Layers, "Apply and delete the oldest")
	if usage, err := s.E.Store.Usage(s.W.Ctx); err != nil || usage.Captures != 2 || s.E.History.Cap(s.W.Ctx).Count != 2 {
		t.Errorf("%d captures left, cap %+v, %v", usage.Captures, s.E.History.Cap(s.W.Ctx), err)
	}
}

func TestDeleteWhatMatches(t *testing.T) {
	s := stage.New(t)
	s.Arrive(4, nil)
	if err := s.E.Store.Pin(1, true); err != nil {
		t.Fatal(err)
	}
	h := openSettings(s, "History").Sections[2].(*historySection)
	h.filter.SetQuiet("nosuch:word")
	h.countMatches()
	s.Settle()
	if h.filter.Problem() == "" || !h.delete.Disabled() {
		t.Errorf("a filter that cannot be read: %q, button off %v", h.filter.Problem(), h.delete.Disabled())
	}
	h.filter.SetQuiet("id:1-2")
	h.countMatches()
	s.Settle()
	if got := h.matches.Text(); got != "2 captures match; 1 of them are pinned and stay." {
		t.Errorf("it says %q", got)
	}
	h.askDelete()
	s.Press(s.W.Layers, "Delete 1 capture")
	if usage, _ := s.E.Store.Usage(s.W.Ctx); usage.Captures != 3 {
		t.Errorf("%d left, want 3", usage.Captures)
	}
	h.askDeleteAll()
	s.Press(s.W.Layers, "Delete all captures")
	if usage, _ := s.E.Store.Usage(s.W.Ctx); usage.Captures != 1 {
		t.Errorf("%d left, want the pinned one", usage.Captures)
	}
}

func TestOwnSchemeIsCheckedAsItIsTyped(t *testing.T) {
	s := stage.New(t)
	p := openSettings(s, "Schemes").schemes
	p.put("", strings.Replace(schemeTemplate, "{body}", "{bodi}", 1), control.NewParagraph("", control.Small), func() { t.Error("a bad template was kept") })
	s.Settle()
	p.edit("", schemeTemplate)
	if said := eye.Words(s.W.Layers); !strings.Contains(said, "It signs {ts}.{body} with hmac-sha256") {
		t.Errorf("the editor says %q", said)
	}
	s.Press(s.W.Layers, "Keep")
	if own := s.E.Schemes.Book().Own(); len(own) != 1 || own[0].ID != "my-api" || s.W.Layers.Covered() {
		t.Errorf("own schemes %+v, editor open %v", own, s.W.Layers.Covered())
	}
	s.Settle()
	if said := eye.Words(p.rows); !strings.Contains(said, "my-api") {
		t.Errorf("the list says %q", said)
	}
	p.openScheme("stripe")
	if said := eye.Words(s.W.Layers); !strings.Contains(said, "Stripe") {
		t.Errorf("a known scheme: %q", said)
	}
}

func TestBrightnessIsRemembered(t *testing.T) {
	s := stage.New(t)
	openSettings(s, "Look")
	ChooseMode(s.W, control.LightMode)
	s.Settle()
	var kept frame.State
	if err := s.E.Store.Setting(s.W.Ctx, "window", &kept); err != nil || kept.Mode != "light" || s.W.Theme.Mode() != control.LightMode {
		t.Errorf("kept %q, shown %q, %v", kept.Mode, s.W.Theme.Mode(), err)
	}
}

func TestGoPublicKeepsTheTokenThatIsTyped(t *testing.T) {
	s := stage.NewWith(t, stage.BrokenKeyring{})
	p := stage.On(s, New)
	s.W.Go.SettleTunnel = p.Tunnel.Settled
	f := p.Tunnel.secrets["authtoken"]
	if got := f.Choice().Place; got != "keyring" {
		t.Fatalf("it would go to %q, want the keyring", got)
	}
	f.Type("tok_1")
	public.GoPublic(s.W)
	s.Settle()
	if said := eye.Words(f.Root); !strings.Contains(said, "no such interface") || !strings.Contains(said, "Keep again to keep it for this run only") {
		t.Errorf("with a keyring that fails: %q", said)
	}
	s.Says("Keep the secret for this run only?")
	s.Tap(s.W.Layers, "Keep it for this run")
	s.Settle()
	if got := s.E.Tunnel.Settings(t.Context()).Authtoken; got != "run:tunnel/authtoken" {
		t.Errorf("it is kept as %q", got)
	}
	if !s.W.Layers.Covered() || !strings.Contains(eye.Words(s.W.Layers), "Go public through ngrok?") {
		t.Error("it does not go on to the question of consent")
	}
}

func TestGoesOnWhileTheKeyringWaitsSettings(t *testing.T) {
	stage.WhileKeyringWaits(t, map[string]func(s *stage.Stage, first <-chan struct{}){
		"secrets in use": func(s *stage.Stage, first <-chan struct{}) {
			s.GithubSource()
			newSecretSection(s.W).load(s.T.Context())()
		},
		"tunnel, keep": func(s *stage.Stage, first <-chan struct{}) {
			p := stage.On(s, New)
			f := p.Tunnel.secrets["authtoken"]
			f.Type("mine")
			f.KeepNow(nil)
		},
		"go public": func(s *stage.Stage, first <-chan struct{}) {
			p := stage.On(s, New)
			p.Tunnel.secrets["authtoken"].Type("mine")
			p.Tunnel.Settled(func() {})
		},
		"tunnel, test": func(s *stage.Stage, first <-chan struct{}) {
			p := stage.On(s, New)
			if _, err := s.E.Tunnel.Change(func(now *engine.TunnelSettings) { now.Authtoken = "keyring:a" }); err != nil {
				s.T.Fatal(err)
			}
			p.Tunnel.test.run()
			<-first
			p.Tunnel.test.run() // the button says Cancel now
		},
	})
}
