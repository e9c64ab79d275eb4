package settings

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"

	"hookglass/core/engine"
	"hookglass/core/tunnel"
	"hookglass/ui/control"
	"hookglass/ui/part"
	"hookglass/ui/public"
)

// tunnelInput is a field of the form, and where its text stands in the settings.
type tunnelInput struct {
	field *control.Field
	get   func(*engine.TunnelSettings) string
	set   func(*engine.TunnelSettings, string) error
}

func (in *tunnelInput) problem(s string) { in.field.SetProblem(s) }

// input makes a field; name is what a trouble calls it.
func (t *tunnelSection) input(name, label, placeholder, help string, get func(*engine.TunnelSettings) string, set func(*engine.TunnelSettings, string) error) fyne.CanvasObject {
	in := &tunnelInput{get: get, set: set, field: control.NewField(label, placeholder, func(string) { t.changed() }).AsCode()}
	if help != "" {
		in.field.WithHelp(help)
	}
	t.inputs = append(t.inputs, in)
	t.by[name] = in
	return in.field
}

// text is an input for a plain text of the settings.
func (t *tunnelSection) text(name, label, placeholder, help string, at func(*engine.TunnelSettings) *string) fyne.CanvasObject {
	return t.input(name, label, placeholder, help, func(s *engine.TunnelSettings) string { return *at(s) },
		func(s *engine.TunnelSettings, text string) error { *at(s) = strings.TrimSpace(text); return nil })
}

// list is an input for several texts, with commas between.
func (t *tunnelSection) list(name, label, placeholder, help string, at func(*engine.TunnelSettings) *[]string) fyne.CanvasObject {
	return t.input(name, label, placeholder, help, func(s *engine.TunnelSettings) string { return strings.Join(*at(s), ", ") },
		func(s *engine.TunnelSettings, text string) error {
			*at(s) = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
			return nil
		})
}

func (t *tunnelSection) secret(field, label, help string, extra ...fyne.CanvasObject) fyne.CanvasObject {
	keep := t.keepSecret(field)
	s := part.NewSecretField(t.w.Host(), part.SecretSpec{Label: label, Help: help, Verb: "Keep", Extra: extra, Keep: keep, Kept: t.secretKept, Enter: t.goOn})
	t.secrets[field] = s
	return s.View()
}

// build makes the forms of all providers.
func (t *tunnelSection) build() {
	t.forms = map[string]fyne.CanvasObject{"ngrok": t.ngrokForm(), "ssh": t.sshForm(), "own": t.ownForm(), "all": t.commonForm()}
}

func (t *tunnelSection) ngrokForm() fyne.CanvasObject {
	find := control.NewButton("Import", "download", control.Ghost, nil)
	find.Tip = "Look for one on this computer"
	find.OnTap = func() { t.offerTokens(find) }
	get := control.NewButton("Get one", "external-link", control.Ghost, func() { public.OpenLink(t.w, "https://dashboard.ngrok.com/get-started/your-authtoken") })
	token := t.secret("authtoken", "Authtoken", "From dashboard.ngrok.com, under Your Authtoken. It never goes into the history, an export or a log.", find, get)
	account := group("ngrok account", "", token,
		part.Abreast(t.text("domain", "Domain", "name.ngrok.app", "Empty: ngrok chooses one.", func(s *engine.TunnelSettings) *string { return &s.Domain }),
			t.text("region", "Region", "eu, us, ap …", "Empty: the nearest.", func(s *engine.TunnelSettings) *string { return &s.Region })))
	way := group("Way to ngrok", "For company networks. Leave it empty where nothing stands in between.",
		part.Abreast(t.text("ca_file", "CA file", "/path/to/ca.pem", "Trusted beside ngrok's own authority.", func(s *engine.TunnelSettings) *string { return &s.CAFile }),
			t.text("connect", "Connect address", "HOST:PORT", "Instead of ngrok's own.", func(s *engine.TunnelSettings) *string { return &s.Connect })))
	t.verify = control.NewSwitch(false, func(bool) { t.checks.Hidden = !t.verify.On(); t.again(); t.changed() })
	t.letPass = control.NewSwitch(false, func(bool) { t.changed() })
	verifySecret := t.secret("verify.secret", "The provider's secret", "It is sent to ngrok.")
	t.checks = control.Col(12,
		t.text("verify.provider", "Provider", "github", "As ngrok calls it.", func(s *engine.TunnelSettings) *string { return &s.VerifyProvider }),
		verifySecret, control.Toggle(t.letPass, "Let what fails through all the same", "ngrok then only marks it."))
	t.checks.Hide()
	t.by["verify"] = t.by["verify.provider"]
	checks := group("Signatures at ngrok's edge", "", control.Toggle(t.verify, "Let ngrok check signatures", tunnel.VerifyOff), t.checks)
	return control.Col(14, account, way, checks)
}

func (t *tunnelSection) sshForm() fyne.CanvasObject {
	names := []string{"A server of your own"}
	for _, p := range tunnel.Presets() {
		names = append(names, p.Title+" (third-party, may change)")
	}
	t.about = control.NewParagraph("", control.Small.In(control.Amber))
	t.preset = control.NewSelect("Service", func(int) { t.aboutPreset(); t.changed() }, names...)
	server := group("ssh server", "", t.preset, t.about,
		part.Abreast(t.text("ssh.host", "Host", "ssh.example.com", "", func(s *engine.TunnelSettings) *string { return &s.Host }),
			part.Abreast(t.text("ssh.user", "User", "me", "", func(s *engine.TunnelSettings) *string { return &s.User }),
				t.input("ssh.port", "Port", "22", "", func(s *engine.TunnelSettings) string { return part.WriteGiven(float64(s.Port)) }, setPort))),
		part.Abreast(t.text("ssh.remote", "Address to ask for", ":0", "On the server: ADDRESS:PORT, port 0 for any.", func(s *engine.TunnelSettings) *string { return &s.Remote }),
			t.text("ssh.key_file", "Key file", "/home/me/.ssh/id_ed25519", "Empty: the keys of your ssh agent.", func(s *engine.TunnelSettings) *string { return &s.KeyFile })))
	login := group("Signing in", "Only where the key is encrypted, or the server takes a password.",
		t.secret("ssh.passphrase", "Passphrase of the key", ""),
		t.secret("ssh.password", "Password", ""))
	address := group("Its public address", "Needed where the server's greeting does not tell it.",
		t.input("url", "Public address", "https://hooks.example.com", "Empty: taken from the greeting.",
			func(s *engine.TunnelSettings) string { return s.URL }, func(s *engine.TunnelSettings, text string) error {
				if s.Provider == "ssh" {
					s.URL = strings.TrimSpace(text)
				}
				return nil
			}),
		t.text("ssh.url_pattern", "Pattern in the greeting", `(https://\S+)`, "A regular expression; its first group is the address.", func(s *engine.TunnelSettings) *string { return &s.URLPattern }))
	known := control.NewFacts(control.Fact{Key: "Known servers", Value: t.w.Engine.Tunnel.KnownHosts(), Code: true})
	known.OnCopy = func(control.Fact) { t.w.Layers.Toast(control.Toast{Text: "Path copied", Tone: control.Green}) }
	t.known = group("Known servers", "A server is asked about once and kept here. Another key from it is refused; remove its line only when its operator confirms the new one.",
		known, control.Row(0, control.NewButton("Open folder", "folder", control.Secondary, func() { public.OpenFolder(t.w, t.w.Engine.Home()) })))
	return control.Col(14, server, address, login, t.known)
}

func (t *tunnelSection) ownForm() fyne.CanvasObject {
	t.forward = control.NewSwitch(false, func(bool) { t.changed() })
	url := t.input("own.url", "Public address", "https://hooks.example.com", "Where your tunnel is reached, without a path.",
		func(s *engine.TunnelSettings) string { return s.URL }, func(s *engine.TunnelSettings, text string) error {
			if s.Provider == "own" {
				s.URL = strings.TrimSpace(text)
			}
			return nil
		})
	return group("Your tunnel", "", url,
		part.Abreast(t.text("listen", "Listen on", tunnel.DefaultListen, "Point your tunnel here. Empty: "+tunnel.DefaultListen+" or the next free port.", func(s *engine.TunnelSettings) *string { return &s.Listen }),
			t.list("hosts", "Other Host values", "localhost:4601", "Accepted beside the public one.", func(s *engine.TunnelSettings) *[]string { return &s.Hosts })),
		control.Toggle(t.forward, "My tunnel sets X-Forwarded-For", "Then its last address is taken for the sender. Turn it on only if your tunnel sets the header itself: anybody can send one."))
}

func (t *tunnelSection) commonForm() fyne.CanvasObject {
	labels := make([]string, len(stopTimes))
	for i, s := range stopTimes {
		labels[i] = s.label
	}
	t.stop = control.NewSelect("Stop by itself", func(int) { t.changed() }, labels...).WithHelp("Counted from when it comes up.")
	return group("Who may send, and how long", "",
		part.Abreast(t.stop, t.list("allow", "Allowed senders", "203.0.113.0/24, 198.51.100.7", "Addresses and networks. Empty: all.", func(s *engine.TunnelSettings) *[]string { return &s.Allow })),
		t.secret("basic_auth", "User and password", "As user:password, asked of every sender. Few providers can send them."),
		t.text("proxy", "Proxy", "socks5://host:1080 or http://host:3128", "To reach ngrok or the ssh server through.", func(s *engine.TunnelSettings) *string { return &s.Proxy }))
}

// aboutPreset says what is known of the chosen service.
func (t *tunnelSection) aboutPreset() {
	t.about.Hidden = t.preset.Selected() < 1
	if i := t.preset.Selected() - 1; i >= 0 && i < len(tunnel.Presets()) {
		p := tunnel.Presets()[i]
		t.about.Set(fmt.Sprintf("Run by a third party and may change. %s Host %s, port %d, user %s unless you say otherwise below. %s", p.Notes, p.Host, p.Port, p.User, p.Link))
	}
	t.again()
}

func presetIndex(name string) int {
	for i, p := range tunnel.Presets() {
		if p.Name == name {
			return i + 1
		}
	}
	return 0
}

func presetName(i int) string {
	if all := tunnel.Presets(); i > 0 && i <= len(all) {
		return all[i-1].Name
	}
	return ""
}

// stopTimes are offered for stopping by itself.
var stopTimes = []struct {
	label string
	after time.Duration
}{{"Never", 0}, {"After 15 minutes", 15 * time.Minute}, {"After 1 hour", time.Hour}, {"After 4 hours", 4 * time.Hour}, {"After 8 hours", 8 * time.Hour}}

// stopIndex is the choice for a time; one that was set elsewhere is offered too.
func stopIndex(stop *control.Select, after time.Duration) int {
	for i, s := range stopTimes {
		if s.after == after {
			return i
		}
	}
	labels := make([]string, 0, len(stopTimes)+1)
	for _, s := range stopTimes {
		labels = append(labels, s.label)
	}
	stop.SetChoices(append(labels, "After "+after.String())...)
	return len(stopTimes)
}

func setPort(s *engine.TunnelSettings, text string) error {
	n, _, reason := part.ReadNumber(text, part.Bounds{Least: 1, Most: 65535, Whole: true})
	if reason != "" {
		return errors.New(reason)
	}
	s.Port = int(n)
	return nil
}

// fieldOf is the field that a name of a trouble or a check means: "allow[2]" is allow.
func (t *tunnelSection) fieldOf(name string) string {
	name, _, _ = strings.Cut(name, "[")
	if name == "url" && t.name() == "own" {
		return "own.url"
	}
	return name
}
