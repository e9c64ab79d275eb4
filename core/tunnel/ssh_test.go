package tunnel_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"hookglass/core"
	"hookglass/core/tunnel"
	"hookglass/core/tunnel/edgetest"
)

func TestSSHRefusalsSayWhatToDoAndStop(t *testing.T) {
	for _, c := range []struct {
		name  string
		upset func(*edgetest.SSHServer, *tunnel.Config)
		code  string
		field string
	}{
		{"wrong password", func(_ *edgetest.SSHServer, c *tunnel.Config) { c.SSH.Password = core.Text("a wrong one") }, "ssh_login", "ssh.key_file"},
		{"no way to sign in", func(_ *edgetest.SSHServer, c *tunnel.Config) { c.SSH.Password = core.Secret{} }, "ssh_login", "ssh.key_file"},
		{"forward refused", func(s *edgetest.SSHServer, _ *tunnel.Config) { s.RefuseForward(true) }, "ssh_forward", "ssh.remote"},
		{"unknown host, nobody to ask", func(_ *edgetest.SSHServer, c *tunnel.Config) { c.AskHostKey = nil }, "host_key_unknown", "ssh.known_hosts"},
		{"unknown host, not accepted", func(_ *edgetest.SSHServer, c *tunnel.Config) {
			c.AskHostKey = func(context.Context, tunnel.HostKey) bool { return false }
		}, "host_key_unknown", "ssh.known_hosts"},
		{"no address in the greeting", func(s *edgetest.SSHServer, c *tunnel.Config) {
			c.URL, c.SSH.URLPattern = "", `https://\S+`
			c.Timing.Answer = hasty.Answer
			s.Greet(func(string) []string { return []string{"welcome"} })
		}, "no_url", "url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := edgetest.StartSSH(t)
			config := quickSSH(server)
			c.upset(server, &config)
			r := start(t, config, echo())
			var e *tunnel.Error
			if err := r.ended(); !errors.As(err, &e) || e.Code != c.code || e.Field != c.field || e.Text == "" || e.Next == "" {
				t.Errorf("Run: %v, want %s", err, c.code)
			}
			if strings.Contains(fmt.Sprint(r.all())+r.log.String(), "a wrong one") {
				t.Error("the password leaked")
			}
		})
	}
}

func TestHostKeys(t *testing.T) {
	server := edgetest.StartSSH(t)
	config := quickSSH(server)
	config.SSH.KnownHosts = filepath.Join(t.TempDir(), "new", "known_hosts")
	var asked []tunnel.HostKey
	config.AskHostKey = func(_ context.Context, k tunnel.HostKey) bool {
		asked = append(asked, k)
		return true
	}
	run := func() error {
		r := start(t, config, echo())
		if _, i := r.wait(0, func(e tunnel.Event) bool { return e.State != tunnel.Connecting }); r.all()[i-1].State == tunnel.Failed {
			return r.ended()
		}
		return r.close()
	}

	if err := run(); err != nil {
		t.Fatal(err)
	}
	want := tunnel.HostKey{Host: server.Addr, Type: "ssh-ed25519", Fingerprint: ssh.FingerprintSHA256(server.HostKey())}
	if len(asked) != 1 || asked[0] != want {
		t.Errorf("asked %+v, want %+v", asked, want)
	}
	if info, err := os.Stat(config.SSH.KnownHosts); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("known hosts: %v %v", info, err)
	}
	if err := run(); err != nil || len(asked) != 1 {
		t.Errorf("the second time: %v, asked %d times", err, len(asked))
	}

	// A server may have keys of several kinds: the known one must be asked for.
	server.AddHostKey(t)
	if err := run(); err != nil || len(asked) != 1 {
		t.Errorf("with a second key: %v, asked %d times", err, len(asked))
	}

	server.NewHostKey(t)
	var e *tunnel.Error
	if err := run(); !errors.As(err, &e) || e.Code != "host_key_changed" {
		t.Errorf("changed key: %v, want host_key_changed", err)
	} else if !strings.Contains(e.Detail, want.Fingerprint) || !strings.Contains(e.Detail, ssh.FingerprintSHA256(server.HostKey())) {
		t.Errorf("changed key: detail %q, want both fingerprints", e.Detail)
	}
	if len(asked) != 1 {
		t.Error("a changed key is not a question")
	}

	revoked := fmt.Sprintf("@revoked * %s", ssh.MarshalAuthorizedKey(server.HostKey()))
	if err := os.WriteFile(config.SSH.KnownHosts, []byte(revoked), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(); !errors.As(err, &e) || e.Code != "host_key_revoked" {
		t.Errorf("revoked key: %v, want host_key_revoked", err)
	}
}

// A user who looks at a fingerprint is no silent server.
func TestUserMayTakeTimeOverAHostKey(t *testing.T) {
	t.Parallel()
	config := quickSSH(edgetest.StartSSH(t))
	config.Timing.Answer = 5 * time.Second // long enough for the server, which does answer
	config.AskHostKey = func(ctx context.Context, _ tunnel.HostKey) bool {
		select {
		case <-time.After(6 * time.Second):
			return true
		case <-ctx.Done():
			return false
		}
	}
	r := start(t, config, echo())
	r.online()
	for _, e := range r.all() {
		if e.Code != "" {
			t.Errorf("got %+v", e)
		}
	}
}

func TestHostKeyChangedDuringAnOutage(t *testing.T) {
	server := edgetest.StartSSH(t)
	r := start(t, quickSSH(server), echo())
	r.online()
	server.NewHostKey(t)
	server.Drop()
	var e *tunnel.Error
	if err := r.ended(); !errors.As(err, &e) || e.Code != "host_key_changed" {
		t.Errorf("Run: %v, want host_key_changed", err)
	}
}

func TestSSHHealsFromSilence(t *testing.T) {
	for _, c := range []struct {
		name  string
		upset func(*edgetest.SSHServer, bool)
	}{
		{"muted keepalives", func(s *edgetest.SSHServer, on bool) { s.Mute(on) }},
		{"no word after connecting", func(s *edgetest.SSHServer, on bool) {
			s.Silence(on)
			if on {
				s.Drop()
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := edgetest.StartSSH(t)
			config := quickSSH(server)
			config.Timing = hasty
			r := start(t, config, echo())
			e, n := r.wait(0, is(tunnel.Online))
			c.upset(server, true)
			_, n = r.wait(n, func(e tunnel.Event) bool { return e.State == tunnel.Reconnecting && e.Code == "silent" })
			c.upset(server, false)
			r.wait(n, is(tunnel.Online))
			answersAgain(t, server.Client(), e.URL)
		})
	}
}

func TestKeyFile(t *testing.T) {
	server := edgetest.StartSSH(t)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	server.Accept(signer.PublicKey())
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("pass phrase"))
	if err != nil {
		t.Fatal(err)
	}
	config := quickSSH(server)
	config.SSH.Password = core.Secret{}
	config.SSH.KeyFile = filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(config.SSH.KeyFile, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ passphrase, field string }{{"", "ssh.passphrase"}, {"another", "ssh.passphrase"}, {"pass phrase", ""}} {
		config.SSH.Passphrase = core.Text(c.passphrase)
		r := start(t, config, echo())
		if c.field == "" {
			r.online()
			continue
		}
		var bad *core.Invalid
		if err := r.ended(); !errors.As(err, &bad) || bad.Field != c.field {
			t.Errorf("passphrase %q: %v, want %s", c.passphrase, err, c.field)
		}
	}
}

// Services tell the address in a greeting, in pieces, in colours, beside other addresses, and write names where addresses
// should stand.
func TestServiceThatGreets(t *testing.T) {
	server := edgetest.StartSSH(t)
	server.Greet(func(url string) []string {
		return []string{"\x1b[1mWelcome!\x1b[0m See https://service.example/docs\r\n", "Your address: \x1b[32mht", "tps://abc", "123.lhr.life\x1b[0m\r\n", "more"}
	})
	server.Sender("somewhere")
	config := quickSSH(server)
	config.URL = ""
	config.SSH.Preset, config.SSH.Remote = "localhost.run", ":80"
	r := start(t, config, echo())
	if e := r.online(); e.URL != "https://abc123.lhr.life" {
		t.Fatalf("online under %q", e.URL)
	}
	resp, body := post(t, server.Client(), "https://abc123.lhr.life/x", []byte("hi"))
	if string(body) != "hi" || resp.Header.Get("X-Remote") != "somewhere:4444" {
		t.Errorf("got %s %q from %q", resp.Status, body, resp.Header.Get("X-Remote"))
	}

	// After a loss the service may give another address.
	_, n := r.wait(0, is(tunnel.Online))
	server.Greet(func(string) []string { return []string{"https://other.lhr.life\n"} })
	server.Drop()
	if e, _ := r.wait(n, is(tunnel.Online)); e.URL != "https://other.lhr.life" {
		t.Errorf("back under %q", e.URL)
	}
	if resp, _ := post(t, server.Client(), "https://abc123.lhr.life/x", nil); resp.StatusCode != 421 {
		t.Errorf("under the old address: %s, want 421", resp.Status)
	}
	if _, body := post(t, server.Client(), "https://other.lhr.life/x", []byte("hi")); string(body) != "hi" {
		t.Errorf("under the new address: %q", body)
	}
}

func TestFindURL(t *testing.T) {
	for _, c := range []struct {
		preset, text string
		complete     bool
		want         string
	}{
		{"localhost.run", "https://localhost.run/docs/ ... abc.lhr.life tunneled with tls termination, https://abc.lhr.life\n", false, "https://abc.lhr.life"},
		{"localhost.run", "https://abc.lhr.life", false, ""}, // may go on
		{"localhost.run", "https://abc.lhr.life", true, "https://abc.lhr.life"},
		{"localhost.run", "https://twitter.com/localhost_run \n", true, ""},
		{"pinggy", "http://rnabc-1-2-3-4.a.free.pinggy.link\r\nhttps://rnabc-1-2-3-4.a.free.pinggy.link\r\n", false, "https://rnabc-1-2-3-4.a.free.pinggy.link"},
		{"pinggy", "Upgrade at https://dashboard.pinggy.io\n", true, ""},
		{"serveo", "\x1b[32mForwarding HTTP traffic from https://abc.serveo.net\x1b[0m\n", false, "https://abc.serveo.net"},
		{"serveo", "", true, ""},
	} {
		if got := tunnel.FindURL([]byte(c.text), presetPattern(t, c.preset), c.complete); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.preset, c.text, got, c.want)
		}
	}
}

func presetPattern(tb testing.TB, name string) *regexp.Regexp {
	tb.Helper()
	for _, p := range tunnel.Presets() {
		if p.Name == name {
			return regexp.MustCompile(p.URLPattern)
		}
	}
	tb.Fatalf("no preset %q", name)
	return nil
}

func FuzzFindURL(f *testing.F) {
	f.Add([]byte("\x1b[32mhttps://abc.lhr.life\x1b]0;title\x07 https://x.lhr.life\n"))
	f.Add([]byte("https://\x1b[0"))
	pattern := regexp.MustCompile(`(https://[a-z0-9.-]+\.lhr\.life)\b`)
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, complete := range []bool{false, true} {
			got := tunnel.FindURL(text, pattern, complete)
			if got != "" && !pattern.MatchString(got) {
				t.Errorf("found %q in %q", got, text)
			}
		}
	})
}

func TestPresetsAreWhole(t *testing.T) {
	for _, p := range tunnel.Presets() {
		if p.Host == "" || p.Port == 0 || p.User == "" || p.Remote == "" || p.Notes == "" {
			t.Errorf("%+v", p)
		}
		c := tunnel.Config{Provider: "ssh", SSH: tunnel.SSH{Preset: p.Name}}
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

// The address that a server of one's own forwards is its own name and the port it chose.
func TestAddressOfAPlainServer(t *testing.T) {
	server := edgetest.StartSSH(t)
	config := quickSSH(server)
	config.URL = ""
	e := start(t, config, echo()).online()
	if want := "http://" + server.Public(); e.URL != want {
		t.Errorf("got %s, want %s", e.URL, want)
	}
	if _, body := post(t, server.Client(), e.URL, []byte("hi")); string(body) != "hi" {
		t.Errorf("got %q", body)
	}
}

func TestKnownHostsOfOpenSSHAreRead(t *testing.T) {
	server := edgetest.StartSSH(t)
	config := quickSSH(server)
	config.AskHostKey = nil
	config.SSH.KnownHosts = filepath.Join(t.TempDir(), "known_hosts")
	hashed := knownhosts.HashHostname(knownhosts.Normalize(net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Port()))))
	line := "# a comment\n\n" + knownhosts.Line([]string{hashed}, server.HostKey()) + "\n"
	if err := os.WriteFile(config.SSH.KnownHosts, []byte(strings.Replace(line, `\|`, "|", -1)), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, config, echo()).online()
}
