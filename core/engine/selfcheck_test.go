package engine_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hookglass/core"
	"hookglass/core/engine"
)

// sound is a machine on which all is well.
func sound(t *testing.T) engine.Selfcheck {
	home := t.TempDir()
	os.Chmod(home, 0o700)
	return engine.Selfcheck{Home: home, Window: true, Keyring: func() error { return nil }, Free: func(string) (uint64, error) { return 50 << 30, nil },
		Environ: func(name string) string { return map[string]string{"DISPLAY": ":7.0"}[name] }, Dial: func(string, string) error { return nil }}
}

func conditions(t *testing.T, s engine.Selfcheck) map[string]engine.Condition {
	all := map[string]engine.Condition{}
	for _, c := range s.Run(t.Context()) {
		if c.State != engine.Fine && c.Next == "" {
			t.Errorf("%s is %s, without a next step: %s", c.Subject, c.State, c.Says)
		}
		all[c.Subject] = c
	}
	return all
}

func TestSelfcheckSaysWhatIsWrong(t *testing.T) {
	for _, c := range conditions(t, sound(t)) {
		if c.State != engine.Fine && c.Subject != "port" { // another program may have that
			t.Errorf("%+v on a sound machine", c)
		}
	}
	for name, c := range map[string]struct {
		subject, state, says string
		change               func(*engine.Selfcheck)
	}{
		"a home that is a file": {"home", engine.Broken, "is a file", func(s *engine.Selfcheck) {
			s.Home = filepath.Join(s.Home, "f")
			os.WriteFile(s.Home, nil, 0o600)
		}},
		"no room":          {"disk", engine.Broken, "1.0 MiB", func(s *engine.Selfcheck) { s.Free = func(string) (uint64, error) { return 1 << 20, nil } }},
		"little room":      {"disk", engine.Odd, "512.0 MiB", func(s *engine.Selfcheck) { s.Free = func(string) (uint64, error) { return 512 << 20, nil } }},
		"a broken history": {"history", engine.Broken, "", func(s *engine.Selfcheck) { os.WriteFile(engine.HistoryPath(s.Home), []byte("not one"), 0o600) }},
		"no keyring":       {"keyring", engine.Odd, "none", func(s *engine.Selfcheck) { s.Keyring = nil }},
		"a silent keyring": {"keyring", engine.Odd, "no bus", func(s *engine.Selfcheck) { s.Keyring = func() error { return errors.New("no bus") } }},
		"no window, no X":  {"display", engine.Fine, "not needed", func(s *engine.Selfcheck) { s.Window = false }},
		"no display":       {"display", engine.Odd, "none", func(s *engine.Selfcheck) { s.Environ = func(string) string { return "" } }},
		"a dead display":   {"display", engine.Broken, "refused", func(s *engine.Selfcheck) { s.Dial = func(string, string) error { return errors.New("refused") } }},
		"Wayland by itself": {"display", engine.Broken, "Wayland", func(s *engine.Selfcheck) {
			s.Environ = func(n string) string { return map[string]string{"WAYLAND_DISPLAY": "w"}[n] }
		}},
	} {
		if runtime.GOOS != "linux" && c.subject == "display" && c.state != engine.Fine {
			continue // the other systems have one always
		}
		s := sound(t)
		c.change(&s)
		if got := conditions(t, s)[c.subject]; got.State != c.state || !strings.Contains(got.Says, c.says) {
			t.Errorf("%s: %+v, want %s and %q", name, got, c.state, c.says)
		}
	}
}

func TestSelfcheckKnowsThePortAndTheTunnel(t *testing.T) {
	s := sound(t)
	e, err := engine.Open(t.Context(), engine.Options{Home: s.Home, Addr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if err := e.Store.PutSetting("address", map[string]int{"port": ln.Addr().(*net.TCPAddr).Port}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Tunnel.Change(func(now *engine.TunnelSettings) {
		now.Provider, now.Authtoken = "ngrok", core.SecretRef("keyring:secret-name")
	}); err != nil {
		t.Fatal(err)
	}
	all := conditions(t, s)
	if c := all["port"]; c.State != engine.Odd || !strings.Contains(c.Says, ln.Addr().String()) {
		t.Errorf("port: %+v", c)
	}
	if c := all["tunnel"]; c.State != engine.Fine || strings.Contains(c.Says, "secret-name") || !strings.Contains(c.Says, "with a token") {
		t.Errorf("tunnel: %+v", c)
	}
	if c := all["history"]; !strings.Contains(c.Says, "0 captures") {
		t.Errorf("history: %+v", c)
	}
	s.Running = "process 7"
	if c := conditions(t, s)["port"]; c.State != engine.Fine {
		t.Errorf("the port is ours: %+v", c)
	}
}

// What is said goes to strangers.
func TestSelfcheckMasks(t *testing.T) {
	user := t.TempDir()
	t.Setenv("HOME", user)
	t.Setenv("USERPROFILE", user)
	s := sound(t)
	s.Home = filepath.Join(user, "data")
	for _, c := range s.Run(t.Context()) {
		if strings.Contains(c.Says+c.Next, user) {
			t.Errorf("%s says where the user lives: %s", c.Subject, c.Says)
		}
	}
}
