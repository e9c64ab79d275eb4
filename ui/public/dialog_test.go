package public

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/tunnel"
	"hookglass/ui/eye"
	"hookglass/ui/stage"
)

// browser is an app that writes down what it is asked to open.
type browser struct {
	fyne.App
	opened []string
	broken error
}

func (b *browser) OpenURL(u *url.URL) error { b.opened = append(b.opened, u.String()); return b.broken }

func withBrowser(s *stage.Stage) *browser {
	b := &browser{App: s.W.App}
	s.W.App = b
	return b
}

var hostKey = tunnel.HostKey{Host: "ssh.example:22", Type: "ssh-ed25519", Fingerprint: "SHA256:abc"}

// The tunnel's goroutine waits for the answer; every way out of the question is one.
func TestTheHostKeyIsTrustedOnlyByAYes(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(s *stage.Stage)
		want   bool
	}{
		"trusted": {func(s *stage.Stage) { s.Press(s.W.Layers, "Trust this server") }, true},
		"refused": {func(s *stage.Stage) { s.Press(s.W.Layers, "Do not connect") }, false},
		"closed":  {func(s *stage.Stage) { s.W.Layers.Back() }, false},
		"Enter":   {func(s *stage.Stage) { s.W.Win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := stage.New(t)
			answer := make(chan bool, 1)
			showHostKey(t.Context(), s.W, hostKey, answer)
			s.Says("Trust ssh.example:22?", "SHA256:abc", "ssh-ed25519", "Once trusted it is kept in")
			c.answer(s)
			if s.W.Layers.Covered() {
				t.Error("the question stays")
			}
			select {
			case got := <-answer:
				if got != c.want {
					t.Errorf("the answer is %v", got)
				}
			default:
				t.Fatal("there is no answer: the tunnel waits for ever")
			}
			select {
			case got := <-answer:
				t.Errorf("a second answer: %v", got)
			default:
			}
		})
	}
}

func TestTheQuestionGoesWithTheTunnel(t *testing.T) {
	s := stage.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan bool, 1)
	s.W.Pump.Jobs.Go(func() { answer <- askHostKey(ctx, s.W, hostKey) })
	cancel()
	if <-answer {
		t.Error("a tunnel that was stopped is told yes")
	}
	s.Settle()
}

func TestTroubleIsShownWholeWithEachWayOn(t *testing.T) {
	s := stage.New(t)
	b := withBrowser(s)
	card := NewCard(s.W)
	show := func(trouble tunnel.Trouble) {
		card.Status = engine.TunnelStatus{Event: tunnel.Event{State: tunnel.Failed, Trouble: trouble}, Provider: "ngrok"}
		card.update()
	}
	show(tunnel.Trouble{Code: "ERR_NGROK_105", Text: "The authtoken is not known.", Next: "Copy it again.", Field: "authtoken", Link: "https://dashboard.example/", Detail: "failed to authenticate"})
	s.Has(card.View(), "Not public", "The authtoken is not known.", "Copy it again.")
	s.Tap(card.View(), "Details")
	s.Says("Why the tunnel is not up", "failed to authenticate", "ERR_NGROK_105")
	s.Tap(s.W.Layers, "Open dashboard")
	s.W.Layers.Back()
	s.Tap(card.View(), "Open dashboard")
	if want := []string{"https://dashboard.example/", "https://dashboard.example/"}; !slices.Equal(b.opened, want) {
		t.Errorf("opened %q, want %q", b.opened, want)
	}
	s.Tap(card.View(), "Enter the authtoken")
	if !slices.Equal(s.Went, []string{"tunnel authtoken: The authtoken is not known."}) {
		t.Errorf("it leads to %q", s.Went)
	}
	s.Tap(card.View(), "Try again")
	if len(s.Went) != 2 || !strings.HasPrefix(s.Went[1], "tunnel authtoken: is missing") {
		t.Errorf("tried again, it leads to %q", s.Went)
	}
	show(tunnel.Trouble{Text: "The network is down."})
	s.Has(card.View(), "The network is down.", "Try again")
	s.Lacks(card.View(), "Enter the", "Open dashboard")
	s.Tap(card.View(), "Details")
	s.Lacks(s.W.Layers, "IN THE PROVIDER'S WORDS", "Open dashboard")
}

func TestWhatIsDoneWithAPublicAddress(t *testing.T) {
	s := stage.New(t)
	b := withBrowser(s)
	card := NewCard(s.W)
	card.Status = engine.TunnelStatus{Event: tunnel.Event{State: tunnel.Online, URL: "https://hooks.example/"}, Provider: "own", Since: time.Now()}
	card.update()
	s.Has(card.View(), "0 requests", "hooks.example")
	putSources(s, "a")
	s.Tap(card.View(), "Copy the public address of a source")
	if got := s.W.App.Clipboard().Content(); got != "https://hooks.example/in/a" {
		t.Errorf("copied %q, want what a provider is given", got)
	}
	s.Tap(card.View(), "Open it in the browser")
	if !slices.Equal(b.opened, []string{"https://hooks.example"}) {
		t.Errorf("opened %q", b.opened)
	}
	s.Tap(card.View(), "Show a QR code")
	s.Says("Public address", "https://hooks.example")
	s.W.App.Clipboard().SetContent("")
	s.Tap(s.W.Layers, "Copy")
	if got := s.W.App.Clipboard().Content(); got != "https://hooks.example" {
		t.Errorf("beside the code: copied %q", got)
	}
	for s.W.Layers.Covered() {
		s.W.Layers.Back()
	}
	s.Tap(card.View(), "Is it live? Send a request through it")
	s.Has(card.View(), "Dead: ") // there is no tunnel behind it
	if card.facts.pinging {
		t.Error("it goes on asking")
	}
	card.Load(s.W.Ctx)() // there is none: what was pinged is forgotten
	if card.facts.ping != nil || eye.Button(card.View(), "Go public") == nil {
		t.Errorf("after its end it says %q", eye.Words(card.View()))
	}
	if card.tick != nil {
		t.Error("its clock goes on")
	}
}

func TestWhatCannotBeOpenedIsCopied(t *testing.T) {
	s := stage.New(t)
	b := withBrowser(s)
	b.broken = errors.New("no browser")
	OpenLink(s.W, "https://h.example/")
	if got := s.W.App.Clipboard().Content(); got != "https://h.example/" {
		t.Errorf("copied %q", got)
	}
	OpenFolder(s.W, "/some/where")
	if got := s.W.App.Clipboard().Content(); got != "/some/where" {
		t.Errorf("copied %q", got)
	}
	s.Says("The folder could not be opened; its path is copied")
	OpenLink(s.W, "http://h\x7f/")
	if got := s.W.App.Clipboard().Content(); got != "http://h\x7f/" || len(b.opened) != 2 {
		t.Errorf("an address that is none: copied %q, opened %q", got, b.opened)
	}
	showQR(s.W, "https://h.example/"+strings.Repeat("long", 2000))
	s.Says("The address is too long for a QR code")
	if s.W.Layers.Covered() {
		t.Error("there is a dialog without a code")
	}
}

// ngrok is told about this computer: that is said before, with what it is told.
func TestConsentToNgrokShowsWhatItIsTold(t *testing.T) {
	s := stage.New(t)
	askConsent(s.W, engine.TunnelSettings{Provider: "ngrok"})
	s.Says("Go public through ngrok?", "Computer", "Program")
	s.Press(s.W.Layers, "Cancel")
	if s.W.Layers.Covered() || len(s.E.Tunnel.Settings(s.W.Ctx).Agreed) != 0 {
		t.Error("Cancel is no answer, or a yes")
	}
}
