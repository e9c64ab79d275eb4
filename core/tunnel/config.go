package tunnel

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
)

// Config is all that a tunnel is told. Zero fields mean the provider's own choice.
type Config struct {
	Provider string // the name of a provider: "ngrok", "ssh" or "own"

	// ngrok.
	Authtoken core.Secret
	Domain    string // a reserved domain; empty: ngrok chooses
	Region    string // "eu", "us" ...; empty: the nearest
	Connect   string // HOST:PORT to reach ngrok at; empty: ngrok's own
	CAFile    string // PEM file of authorities trusted beside ngrok's own, for networks that inspect TLS
	Verify    Verify // signatures checked at ngrok's edge

	SSH SSH

	// URL is the public address: of an own tunnel, or of the ssh server where its greeting does not tell it.
	URL string
	// Listen is where an own tunnel must point, on loopback; empty means DefaultListen or the next free port.
	Listen string

	// For every provider.
	Proxy          string        // socks5://, http:// or https://, with user:password@ where needed; not for own
	BasicAuth      core.Secret   // "user:password" asked of every sender
	Allow          []string      // addresses and networks that may send; empty: all
	TrustForwarded bool          // the last X-Forwarded-For is the sender; only where the user's tunnel sets it
	Hosts          []string      // further Host values accepted, for a tunnel that rewrites Host
	AutoStop       time.Duration // stops by itself after this long; 0: never

	// AskHostKey decides about an ssh server seen for the first time. nil refuses it.
	AskHostKey func(context.Context, HostKey) bool

	Log    *slog.Logger // nil is silent
	Timing Timing
}

// SSH says which server forwards to us and how to sign in there.
type SSH struct {
	Preset     string // name of a preset, which fills what is empty here; "" for a server of one's own
	Host       string
	Port       int // 0: the preset's, or 22
	User       string
	KeyFile    string
	Passphrase core.Secret // of the key file
	Password   core.Secret
	Agent      string // socket of an ssh agent; empty: none
	KnownHosts string // file in OpenSSH's format, created when first needed; empty: remember for this run
	Remote     string // ADDRESS:PORT to ask the server for; empty: the preset's, or ":0"
	URLPattern string // finds the public address in the greeting; its first group, or all of it
}

// Verify lets ngrok check signatures before a request reaches us. It is off by default, because a request that is
// refused there never arrives here, and that is the one somebody wants to look at; and because the secret goes to ngrok.
type Verify struct {
	Provider string // ngrok's name of it: "github", "stripe"
	Secret   core.Secret
	LetPass  bool // let what fails through all the same
}

// HostKey is the identity of an ssh server that was not seen before.
type HostKey struct {
	Host        string // host:port
	Type        string // "ssh-ed25519"
	Fingerprint string // "SHA256:…"
}

// Timing is how patient a tunnel is. Zero fields mean the defaults, which only tests have a reason to change.
type Timing struct {
	Answer    time.Duration // for each step of signing in; 15 s
	Heartbeat time.Duration // between two signs of life; 10 s
	Tolerance time.Duration // for the answer to one; 15 s
}

func (t Timing) filled() Timing {
	fill := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	fill(&t.Answer, 15*time.Second)
	fill(&t.Heartbeat, 10*time.Second)
	fill(&t.Tolerance, 15*time.Second)
	return t
}

// FromEnv returns c with the connect address and the CA file of the environment where c names none. getenv is os.Getenv
// outside tests. The token is not among them: NGROK_AUTHTOKEN is read only where the user chose it.
func FromEnv(c Config, getenv func(string) string) Config {
	if c.Connect == "" {
		c.Connect = getenv("HOOKGLASS_NGROK_CONNECT")
	}
	if c.CAFile == "" {
		c.CAFile = getenv("HOOKGLASS_NGROK_CA")
	}
	return c
}

// MarshalJSON shows a config without its secrets, for settings pages and logs.
func (c Config) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"provider": c.Provider, "authtoken": c.Authtoken, "domain": c.Domain, "region": c.Region, "connect": c.Connect,
		"ca_file": c.CAFile, "url": c.URL, "listen": c.Listen, "proxy": Redact(c.Proxy, c.secrets()...),
		"basic_auth": c.BasicAuth, "allow": c.Allow, "auto_stop": c.AutoStop.String(),
		"ssh_host": c.SSH.Host, "ssh_user": c.SSH.User, "ssh_preset": c.SSH.Preset,
	})
}

// String is MarshalJSON's text: a printed config shows no secret, and no password in its proxy.
func (c Config) String() string {
	text, err := c.MarshalJSON()
	if err != nil {
		return "tunnel.Config"
	}
	return string(text)
}

// Check finds the first setting that cannot work, as *core.Invalid.
func (c Config) Check() error {
	p, ok := find(c.Provider)
	if !ok {
		return invalid("provider", "want one of "+strings.Join(Names(), ", "))
	}
	for _, check := range []func() error{c.checkAllow, c.checkBasicAuth, c.checkProxy, c.checkURL} {
		if err := check(); err != nil {
			return err
		}
	}
	if c.AutoStop < 0 {
		return invalid("auto_stop", "want a time from now, or 0 for never")
	}
	return p.Check(c)
}

func (c Config) checkAllow() error {
	_, err := prefixes(c.Allow)
	return err
}

func (c Config) checkBasicAuth() error {
	if c.BasicAuth.Empty() {
		return nil
	}
	user, password, ok := strings.Cut(string(c.BasicAuth.Reveal()), ":")
	if !ok || user == "" || password == "" {
		return invalid("basic_auth", "want user:password")
	}
	return nil
}

func (c Config) checkProxy() error {
	if c.Proxy == "" {
		return nil
	}
	u, err := url.Parse(c.Proxy)
	if err != nil || u.Hostname() == "" {
		return invalid("proxy", "want an address such as socks5://host:1080 or http://host:3128")
	}
	switch u.Scheme {
	case "socks5", "socks5h", "http", "https":
		return nil
	}
	return invalid("proxy", "want socks5, http or https")
}

func (c Config) checkURL() error {
	if c.URL == "" {
		return nil
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return invalid("url", "want the public address, such as https://hooks.example.com")
	case u.User != nil:
		return invalid("url", "want no user or password in the address")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return invalid("url", "want scheme and host only, without a path")
	}
	return nil
}

// secrets are the values that no event, error or log line may show.
func (c Config) secrets() []core.Secret {
	all := []core.Secret{c.Authtoken, c.BasicAuth, c.Verify.Secret, c.SSH.Password, c.SSH.Passphrase}
	if _, password, ok := strings.Cut(string(c.BasicAuth.Reveal()), ":"); ok {
		all = append(all, core.Text(password))
	}
	if u, err := url.Parse(c.Proxy); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			all = append(all, core.Text(password))
		}
	}
	return all
}

// prefixes reads an allow list of addresses and networks.
func prefixes(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for i, s := range list {
		s = strings.TrimSpace(s)
		if a, err := netip.ParseAddr(s); err == nil {
			a = a.Unmap()
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, invalid(fmt.Sprintf("allow[%d]", i), "want an address or a network, such as 203.0.113.0/24")
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// hostPort checks "host:port".
func hostPort(field, s string) error {
	host, port, err := net.SplitHostPort(s)
	if err == nil && host != "" {
		if n, e := strconv.Atoi(port); e == nil && n > 0 && n < 65536 {
			return nil
		}
	}
	return invalid(field, "want HOST:PORT")
}

// readableFile checks that a named file is there.
func readableFile(field, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return invalid(field, "cannot be read: "+err.Error())
	}
	return f.Close()
}

func pattern(field, expr string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, invalid(field, "want a regular expression: "+err.Error())
	}
	return re, nil
}

func invalid(field, reason string) error { return &core.Invalid{Field: field, Reason: reason} }
