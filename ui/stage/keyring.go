package stage

import (
	"strings"
	"sync"
	"testing"

	"hookglass/core"
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

// WhileKeyringWaits does what asks the keyring; the UI goroutine, which is the test's, has to go on before it answers. One
// that waited would have been sent away by the vault when its patience ended: then the value is not in the vault afterwards.
func WhileKeyringWaits(t *testing.T, cases map[string]func(s *Stage, first <-chan struct{})) {
	for name, do := range cases {
		t.Run(name, func(t *testing.T) {
			ring := &waitingKeyring{unlocked: make(chan struct{}), first: make(chan struct{})}
			s := NewWith(t, ring)
			do(s, ring.first)
			close(ring.unlocked)
			s.Settle()
			n := ring.count()
			if n == 0 {
				t.Fatal("the keyring is not asked: this proves nothing")
			}
			for _, name := range ring.asked {
				if v, err := s.E.Vault.Resolve(core.SecretRef("keyring:" + name)); err != nil || !strings.HasPrefix(string(v.Reveal()), "mine") {
					t.Errorf("%s: %v", name, err)
				}
			}
			if ring.count() != n {
				t.Error("the UI goroutine waited for the keyring until the vault gave up")
			}
		})
	}
}

// GithubSource is a source whose secret is in the keyring.
func (s *Stage) GithubSource() core.Source {
	s.T.Helper()
	src := core.Source{Name: "a", Platform: "generic", Settings: core.Values{"path": "/in/a", "scheme": "github"}, Secrets: map[string]core.SecretRef{"secret": "keyring:a"}}
	if err := s.E.Store.PutSource(&src); err != nil { // the engine would ask for the secret at once
		s.T.Fatal(err)
	}
	return src
}
