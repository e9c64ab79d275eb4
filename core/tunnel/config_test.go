package tunnel_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookglass/core"
	"hookglass/core/tunnel"
)

func TestCheckNamesTheFieldToCorrect(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.pem")
	if err := os.WriteFile(broken, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	ngrok := tunnel.Config{Provider: "ngrok", Authtoken: core.Text(token)}
	ssh := tunnel.Config{Provider: "ssh", SSH: tunnel.SSH{Host: "h", User: "u"}}
	own := tunnel.Config{Provider: "own", URL: "https://hooks.example.com"}
	with := func(c tunnel.Config, change func(*tunnel.Config)) tunnel.Config { change(&c); return c }
	for _, c := range []struct {
		config tunnel.Config
		field  string // "" is fine
	}{
		{tunnel.Config{}, "provider"},
		{tunnel.Config{Provider: "pigeon"}, "provider"},
		{ngrok, ""},
		{tunnel.Config{Provider: "ngrok"}, "authtoken"},
		{with(ngrok, func(c *tunnel.Config) { c.Authtoken = core.Text("ngrok config add-authtoken x") }), "authtoken"},
		{with(ngrok, func(c *tunnel.Config) { c.Domain = "name.ngrok.app" }), ""},
		{with(ngrok, func(c *tunnel.Config) { c.Domain = "https://name.ngrok.app/" }), ""},
		{with(ngrok, func(c *tunnel.Config) { c.Domain = "https://name.ngrok.app/path" }), "domain"},
		{with(ngrok, func(c *tunnel.Config) { c.Domain = "name" }), "domain"},
		{with(ngrok, func(c *tunnel.Config) { c.Region = "eu" }), ""},
		{with(ngrok, func(c *tunnel.Config) { c.Region = "eu.evil.example/" }), "region"},
		{with(ngrok, func(c *tunnel.Config) { c.Connect = "127.0.0.1" }), "connect"},
		{with(ngrok, func(c *tunnel.Config) { c.Connect = "[::1]:443" }), ""},
		{with(ngrok, func(c *tunnel.Config) { c.CAFile = "/nowhere/ca.pem" }), "ca_file"},
		{with(ngrok, func(c *tunnel.Config) { c.CAFile = broken }), "ca_file"},
		{with(ngrok, func(c *tunnel.Config) { c.BasicAuth = core.Text("user:short") }), "basic_auth"},
		{with(ngrok, func(c *tunnel.Config) { c.Verify = tunnel.Verify{Provider: "github", Secret: core.Text("${x}")} }), "verify.secret"},
		{with(ngrok, func(c *tunnel.Config) { c.Verify.Provider = "github" }), "verify.secret"},
		{with(ngrok, func(c *tunnel.Config) { c.Verify.Secret = core.Text("s") }), "verify.provider"},
		{with(ngrok, func(c *tunnel.Config) { c.Allow = []string{"203.0.113.9", "anyone"} }), "allow[1]"},
		{with(ngrok, func(c *tunnel.Config) { c.Proxy = "ftp://host" }), "proxy"},
		{with(ngrok, func(c *tunnel.Config) { c.Proxy = "http://user:p@host:3128" }), ""},
		{with(ngrok, func(c *tunnel.Config) { c.AutoStop = -1 }), "auto_stop"},
		{ssh, ""},
		{with(ssh, func(c *tunnel.Config) { c.SSH.Host = "" }), "ssh.host"},
		{with(ssh, func(c *tunnel.Config) { c.SSH.User = "" }), "ssh.user"},
		{with(ssh, func(c *tunnel.Config) { c.SSH.Port = 70000 }), "ssh.port"},
		{with(ssh, func(c *tunnel.Config) { c.SSH.Remote = "8080" }), "ssh.remote"},
		{with(ssh, func(c *tunnel.Config) { c.SSH.Preset = "nowhere" }), "ssh.preset"},
		{with(ssh, func(c *tunnel.Config) { c.SSH.URLPattern = "(" }), "ssh.url_pattern"},
		{with(ssh, func(c *tunnel.Config) { c.SSH.KeyFile = "/nowhere/key" }), "ssh.key_file"},
		{own, ""},
		{with(own, func(c *tunnel.Config) { c.URL = "" }), "url"},
		{with(own, func(c *tunnel.Config) { c.URL = "hooks.example.com" }), "url"},
		{with(own, func(c *tunnel.Config) { c.URL = "https://hooks.example.com/path" }), "url"},
		{with(own, func(c *tunnel.Config) { c.URL = "https://u:p@hooks.example.com" }), "url"},
		{with(own, func(c *tunnel.Config) { c.Listen = "0.0.0.0:80" }), "listen"},
		{with(own, func(c *tunnel.Config) { c.Listen = "localhost:4700" }), ""},
		{with(own, func(c *tunnel.Config) { c.Allow = []string{"203.0.113.9"} }), "allow"},
		{with(own, func(c *tunnel.Config) { c.BasicAuth = core.Text("nocolon") }), "basic_auth"},
	} {
		err := c.config.Check()
		var bad *core.Invalid
		if got := ""; errors.As(err, &bad) {
			got = bad.Field
			if got != c.field {
				t.Errorf("%+v: %v, want field %q", c.config, err, c.field)
			}
		} else if err != nil || c.field != "" {
			t.Errorf("%+v: %v, want field %q", c.config, err, c.field)
		}
	}
}

func TestRunRefusesABadSettingAtOnce(t *testing.T) {
	err := tunnel.Run(context.Background(), tunnel.Config{Provider: "ngrok"}, nil, nil)
	var bad *core.Invalid
	if !errors.As(err, &bad) || bad.Field != "authtoken" {
		t.Errorf("got %v", err)
	}
}

func TestFromEnv(t *testing.T) {
	env := map[string]string{"HOOKGLASS_NGROK_CONNECT": "127.0.0.1:1", "HOOKGLASS_NGROK_CA": "/ca.pem", "NGROK_AUTHTOKEN": token}
	c := tunnel.FromEnv(tunnel.Config{}, func(name string) string { return env[name] })
	if c.Connect != "127.0.0.1:1" || c.CAFile != "/ca.pem" || !c.Authtoken.Empty() {
		t.Errorf("got %+v", c)
	}
	c = tunnel.FromEnv(tunnel.Config{Connect: "set:1", CAFile: "set"}, func(name string) string { return env[name] })
	if c.Connect != "set:1" || c.CAFile != "set" {
		t.Errorf("a setting goes before: got %+v", c)
	}
}

func TestRedact(t *testing.T) {
	secret := core.Text(`p"a<s>s w/rd%`)
	inJSON, _ := json.Marshal(string(secret.Reveal()))
	for _, text := range []string{
		string(secret.Reveal()),
		string(inJSON),
		fmt.Sprintf("%q", secret.Reveal()),
		"x=" + url.QueryEscape(string(secret.Reveal())) + "&y",
		"Basic " + base64.StdEncoding.EncodeToString(secret.Reveal()),
		fmt.Sprintf("twice %s", must(json.Marshal(string(inJSON)))),
	} {
		got := tunnel.Redact(text, secret)
		for _, part := range []string{"<s>s", `\u003cs`, "w/rd", "%3Cs", "cCJhPHM"} {
			if strings.Contains(got, part) {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
	for text, want := range map[string]string{
		"Your authtoken: 2abcdef_ghi\r\n\r\nERR_NGROK_105":     "Your authtoken: ••••\r\n\r\nERR_NGROK_105",
		"authtoken=2abc next":                                  "authtoken=•••• next",
		"dial socks5://user:pass@proxy:1080: refused":          "dial socks5://user:••••@proxy:1080: refused",
		"https://hooks.example.com/a:b@c is nobody's password": "https://hooks.example.com/a:b@c is nobody's password",
		"nothing to hide":                                      "nothing to hide",
	} {
		if got := tunnel.Redact(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func FuzzRedact(f *testing.F) {
	f.Add("Your authtoken: abcdef", "abcdef")
	f.Add("\xff\xfe socks5://a:b@c", "b@c")
	f.Fuzz(func(t *testing.T, text, secret string) {
		if got := tunnel.Redact(text+secret+text, core.Text(secret)); len(secret) >= 8 && !strings.Contains("••••", secret) && strings.Contains(got, secret) {
			t.Errorf("%q is still in %q", secret, got)
		}
	})
}

// A settings page or a log line may print a config.
func TestConfigPrintsNoSecret(t *testing.T) {
	c := tunnel.Config{Provider: "ngrok", Authtoken: core.Text(token), BasicAuth: core.Text("u:" + token), Proxy: "socks5://u:" + token + "@h:1"}
	text := string(must(json.Marshal(c)))
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c)
	fmt.Fprintf(&log, "%v %+v", c, c)
	if strings.Contains(text+log.String(), token) {
		t.Errorf("the token is in %s or %s", text, log.String())
	}
}

func TestEveryTroubleSaysWhatToDo(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range tunnel.Troubles {
		if x.Code == "" || x.Next == "" || !strings.HasSuffix(x.Text, ".") || !strings.HasSuffix(x.Next, ".") || seen[x.Code] {
			t.Errorf("%+v", x)
		}
		seen[x.Code] = true
	}
	for _, code := range []string{"ERR_NGROK_105", "ERR_NGROK_108", "ERR_NGROK_334", "dns", "tls", "proxy_login", "silent", "lost", "ended"} {
		if !seen[code] {
			t.Errorf("no row for %s", code)
		}
	}
}

func TestConsentNamesWhatIsSent(t *testing.T) {
	for _, name := range tunnel.Names() {
		if text := tunnel.Consent(name); len(text) < 4 {
			t.Errorf("%s: %q", name, text)
		}
	}
	if !strings.Contains(strings.Join(tunnel.Consent("ngrok"), " "), "path of this program") {
		t.Error("ngrok is told the path of the program; say so")
	}
}

func TestOwnTunnel(t *testing.T) {
	c := tunnel.Config{Provider: "own", URL: "https://" + publicHost + "/"}
	first := start(t, c, echo())
	e := first.online()
	if e.URL != "https://"+publicHost || e.Local == "" || !strings.Contains(e.Next, e.Local) {
		t.Errorf("got %+v, want where to point the tunnel", e)
	}
	second := start(t, c, echo()).online()
	if second.Local == e.Local {
		t.Errorf("two at %s", e.Local)
	}

	c.Listen = strings.TrimPrefix(e.Local, "http://")
	var x *tunnel.Error
	if err := start(t, c, echo()).ended(); !errors.As(err, &x) || x.Code != "listen" {
		t.Errorf("a port in use: %v", err)
	}
}

func TestNameThatDoesNotResolve(t *testing.T) {
	if _, err := net.LookupHost("no-such-host.invalid"); err == nil {
		t.Skip("this network resolves names that do not exist")
	}
	c := tunnel.Config{Provider: "ngrok", Authtoken: core.Text(token), Connect: "no-such-host.invalid:443"}
	began := time.Now()
	r := start(t, c, echo())
	e, _ := r.wait(0, func(e tunnel.Event) bool { return e.Code != "" })
	if e.State != tunnel.Connecting || e.Code != "dns" || e.Retry.Before(began) {
		t.Errorf("got %+v, want dns and when it is tried again", e)
	}
}
