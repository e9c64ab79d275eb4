package ui

import (
	"strings"
	"sync"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

// waitingKeyring answers once the user has unlocked it.
type waitingKeyring struct {
	unlocked, first chan struct{}
	once            sync.Once
	mu              sync.Mutex
	asked           []string
}

func (k *waitingKeyring) ask(name string) {
	k.mu.Lock()
	k.asked = append(k.asked, name)
	k.mu.Unlock()
	k.once.Do(func() { close(k.first) })
	<-k.unlocked
}

func (k *waitingKeyring) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.asked)
}

func (k *waitingKeyring) Get(name string) (string, error) { k.ask(name); return "mine", nil }
func (k *waitingKeyring) Set(name, value string) error    { k.ask(name); return nil }
func (k *waitingKeyring) Delete(name string) error        { return nil }

// Whatever asks the keyring, the UI goroutine, which is the test's, goes on before it answers. One that waited would have
// been sent away by the vault when its patience ended: then the value is not in the vault afterwards.
func TestTheWindowGoesOnWhileTheKeyringWaits(t *testing.T) {
	const secret = core.SecretRef("keyring:a")
	github := func(s *stage) core.Source {
		s.t.Helper()
		src := core.Source{Name: "a", Platform: "generic", Settings: core.Values{"path": "/in/a", "scheme": "github"}, Secrets: map[string]core.SecretRef{"secret": secret}}
		if err := s.e.Store.PutSource(&src); err != nil { // the engine would ask for the secret at once
			s.t.Fatal(err)
		}
		return src
	}
	for name, do := range map[string]func(s *stage, first chan struct{}){
		"send the example": func(s *stage, first chan struct{}) { on(s, newInbox).tryIt(github(s)) },
		"copy curl":        func(s *stage, first chan struct{}) { copyCurlOf(s.w, github(s)) },
		"source, overview": func(s *stage, first chan struct{}) { on(s, newSourcesPage).edit(github(s), false) },
		"source, send it": func(s *stage, first chan struct{}) {
			s.run()
			p := on(s, newSourcesPage)
			p.edit(github(s), false)
			p.editor.overview.sendIt()
		},
		"source, verify again": func(s *stage, first chan struct{}) {
			p := on(s, newSourcesPage)
			p.edit(github(s), false)
			p.editor.overview.reverify()
		},
		"source, save": func(s *stage, first chan struct{}) {
			p := on(s, newSourcesPage)
			p.edit(core.Source{Platform: "generic", Settings: core.Values{"path": "/in/b"}, Name: "b"}, true)
			p.editor.secrets["secret"].Type("mine")
			p.editor.save()
		},
		"signature": func(s *stage, first chan struct{}) {
			src := github(s)
			s.arrive(1, func(_ int, c *core.Capture) {
				c.Source, c.Receipt.Verdict = src.ID, &core.Verdict{State: core.Mismatch, Scheme: "github"}
			})
			c, err := s.e.Store.Capture(s.t.Context(), 1)
			if err != nil {
				s.t.Fatal(err)
			}
			tab := newSignatureTab(s.w)
			tab.set(&c)
			tab.load(s.t.Context(), &c)() // the pump's
			tab.load(s.t.Context(), &c)() // and again, at the next commit
		},
		"signature, check": func(s *stage, first chan struct{}) {
			s.arrive(1, nil)
			c, err := s.e.Store.Capture(s.t.Context(), 1)
			if err != nil {
				s.t.Fatal(err)
			}
			f := newSigningForm(s.w, func() {}, func() {})
			f.set(&signatureView{capture: &c})
			github, _ := s.e.Schemes.Book().Find("github")
			f.choose(github)
			f.secret.Set(secret)
			f.apply()
		},
		"secrets in use": func(s *stage, first chan struct{}) { github(s); newSecretSection(s.w).load(s.t.Context())() },
		"compose": func(s *stage, first chan struct{}) {
			p := on(s, newComposePage)
			p.put(composition{Method: "POST", URL: "http://127.0.0.1:1/", Scheme: "github", Secret: secret})
			p.look()
			p.send()
		},
		"compose, keep": func(s *stage, first chan struct{}) {
			p := on(s, newComposePage)
			p.put(composition{Method: "POST", URL: "http://127.0.0.1:1/", Scheme: "github"})
			p.signing.secret.choose(0) // it begins with this run
			p.signing.secret.Type("mine")
			p.send()
		},
		"check-up": func(s *stage, first chan struct{}) {
			p := newCheckup(s.w)
			p.form.fields["url"].Set("http://127.0.0.1:1/")
			github, _ := s.e.Schemes.Book().Find("github")
			p.form.setScheme(github)
			p.form.secret.Type("mine")
			p.start()
			<-first
			p.end() // nobody is there to examine
		},
		"endpoint, save": func(s *stage, first chan struct{}) {
			p := onDeliveries(s)
			p.turn(showEndpoints)
			p.endpoints.create()
			f := p.endpoints.form
			fieldOf(s.t, f.form, "name").Set("a")
			fieldOf(s.t, f.form, "url").Set("http://127.0.0.1:1/")
			f.scheme.spec.Chosen(f.scheme.Set("github"))
			f.secret.Type("mine")
			f.store()
		},
		"replay, signed anew": func(s *stage, first chan struct{}) {
			s.arrive(1, nil)
			d := newReplayDialog(s.w, []core.CaptureID{1}, nil, false, lastReplay{To: []string{"http://127.0.0.1:1/"}, Mode: signedAnew})
			d.scheme.spec.Chosen(d.scheme.Set("github"))
			d.secret.choose(0) // it begins with this run
			d.secret.Type("mine")
			d.start()
		},
		"tunnel, keep": func(s *stage, first chan struct{}) {
			p := on(s, newSettingsPage)
			f := p.tunnel.secrets["authtoken"]
			f.Type("mine")
			f.KeepNow(nil)
		},
		"go public": func(s *stage, first chan struct{}) {
			p := on(s, newSettingsPage)
			p.tunnel.secrets["authtoken"].Type("mine")
			p.tunnel.settled(func() {})
		},
		"tunnel, test": func(s *stage, first chan struct{}) {
			p := on(s, newSettingsPage)
			if _, err := s.e.Tunnel.Change(func(now *engine.TunnelSettings) { now.Authtoken = secret }); err != nil {
				s.t.Fatal(err)
			}
			p.tunnel.test.run()
			<-first
			p.tunnel.test.run() // the button says Cancel now
		},
	} {
		t.Run(name, func(t *testing.T) {
			ring := &waitingKeyring{unlocked: make(chan struct{}), first: make(chan struct{})}
			s := newStageWith(t, ring)
			do(s, ring.first)
			close(ring.unlocked)
			s.settle()
			n := ring.count()
			if n == 0 {
				t.Fatal("the keyring is not asked: this proves nothing")
			}
			for _, name := range ring.asked {
				if v, err := s.e.Vault.Resolve(core.SecretRef("keyring:" + name)); err != nil || !strings.HasPrefix(string(v.Reveal()), "mine") {
					t.Errorf("%s: %v", name, err)
				}
			}
			if ring.count() != n {
				t.Error("the UI goroutine waited for the keyring until the vault gave up")
			}
		})
	}
}
