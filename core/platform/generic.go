package platform

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/answer"
	"hookglass/core/sign"
)

var genericSettings = []Setting{
	{Name: "path", Label: "Path", Kind: TextKind, Default: "/", Help: "Everything below it arrives here too. / takes what no other source does."},
	{Name: "scheme", Label: "Signature scheme", Kind: SchemeKind, Help: "The provider's, like stripe or github. Empty: signatures are not checked."},
	{Name: "secret", Label: "Secret", Kind: SecretKind, Help: "As the provider shows it, or its public key."},
	{Name: "secret_previous", Label: "Previous secret", Kind: SecretKind, Help: "Also accepted, while secrets are rotated."},
	{Name: "url", Label: "Registered address", Kind: TextKind, Advanced: true,
		Help: "Where the provider signs the address and knows another one: https://example.com, or with the path that stands for this source's. What follows, and the query, stay."},
	{Name: "params", Label: "Signed values", Kind: ObjectKind, Advanced: true, Help: "What is signed but not sent, by name: PayPal's webhook_id."},
	{Name: "enforce", Label: "Refuse bad signatures", Kind: BoolKind, Default: false, Help: "Answer 401 instead of the chosen answer."},
	{Name: "handshakes", Label: "Answer handshakes", Kind: BoolKind, Default: true, Advanced: true,
		Help: "The requests with which providers test an address: Slack's challenge, Meta's hub.challenge, Event Grid's validationCode and the like."},
	{Name: "handshake_secret", Label: "Handshake token", Kind: SecretKind, Advanced: true,
		Help: "What you agreed with the provider for that test: the verification token of eBay or WeChat, Fitbit's code; Meta's and Strava's verify token and Adobe Sign's client id are checked where one is set. Empty: the secret."},
	{Name: "answer", Label: "Answer", Kind: ObjectKind, Many: true, Fields: AnswerSettings,
		Help: "Or a list of rules: the first whose filter holds answers."},
	bodyLimitSetting(0, "Past it the answer is 413."),
	shareSetting,
	agentSetting,
}

// generic is a source for any provider: it checks, recognises, shakes hands and answers as the user chose.
var generic = Platform{
	Name: "generic", Title: "Any provider",
	Summary:  "Checks any provider's signature, recognises the event, answers handshakes, then what you choose.",
	Inbound:  true,
	Settings: genericSettings,
	Contract: []Fact{
		{"Every request is kept and answered with the chosen status, headers and body, or by the first rule that fits; 200 and nothing by default.", "Hookglass"},
		{"A signature that does not verify is shown and answered all the same, unless bad signatures are refused with 401.", "Hookglass"},
		{"What providers test an address with is answered as they want it: " + strings.Join(sign.Handshakes(), ", ") + ".", "the provider's document, which the capture's check names"},
	},
	Owns: func(string) bool { return false },
	Unknown: func(in In, _ string) Out {
		return unmatched("generic", reply(404, "text/plain; charset=utf-8", []byte("404 page not found\n")), "path", in.Request.Path())
	},
	New:     newGeneric,
	Suggest: func(ids IDs) core.Values { return core.Values{"path": "/in/" + ids.Text(lettersDigits, 6)} },
	Path:    genericPath,
	Example: func(cfg Config, now time.Time) core.Request {
		return genericExample(cfg, now)
	},
}

func genericPath(v core.Values, _ string) string {
	if p := v.Text("path"); p != "" {
		return p
	}
	return "/"
}

func newGeneric(cfg Config) (Machine, error) {
	b, err := newBase("generic", cfg, genericSettings)
	if err != nil {
		return nil, err
	}
	m := &genericMachine{base: b, path: b.set.Text("path"), params: map[string]string{}}
	if !strings.HasPrefix(m.path, "/") || strings.ContainsAny(m.path, "?# ") {
		return nil, &core.Invalid{Field: "path", Reason: "must start with / and hold no query"}
	}
	if id := b.set.Text("scheme"); id != "" {
		if m.scheme, m.checks = cfg.Schemes.Find(id); !m.checks {
			return nil, &core.Invalid{Field: "scheme", Reason: fmt.Sprintf("no scheme is called %q; `hookglass schemes` lists them", id)}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(group(b.set, "params"))) {
		text, ok := group(b.set, "params")[name].(string)
		if !ok {
			return nil, &core.Invalid{Field: "params." + name, Reason: "want text"}
		}
		m.params[name] = text
	}
	if err := checkURL("url", b.set.Text("url")); err != nil {
		return nil, err
	}
	if m.rules, err = genericRules(b.set["answer"], cfg); err != nil {
		return nil, err
	}
	m.asks = m.rules.AskContract()
	for _, name := range []string{"secret", "secret_previous"} {
		if s := cfg.Secrets[name]; !s.Empty() {
			m.secrets = append(m.secrets, s)
		}
	}
	m.handshake = cfg.Secrets["handshake_secret"]
	return m, nil
}

type genericMachine struct {
	base
	path    string
	scheme  sign.Scheme
	checks  bool // a scheme is set
	params  map[string]string
	secrets []core.Secret
	rules   *answer.Rules
	asks    bool // a rule goes by the contract

	handshake core.Secret // agreed with the provider for its tests of the address
}

// Anchors is the path that all of this source's begin with.
func (m *genericMachine) Anchors() []Anchor { return []Anchor{{strings.TrimSuffix(m.path, "/"), true}} }

// Match takes the path itself and everything below it; the longer path wins.
func (m *genericMachine) Match(path string) int {
	under := strings.TrimSuffix(m.path, "/")
	switch {
	case path == m.path:
		return 1 + 2*len(m.path)
	case strings.HasPrefix(path, under+"/"), path == under:
		return 1 + len(under)
	}
	return 0
}

// Look recognises the event and checks the signature.
func (m *genericMachine) Look(in In) Seen {
	seen := Seen{looked: true, event: sign.Event(in.Request)}
	if m.checks && !in.Request.Truncated {
		d := m.scheme.Verify(m.input(in))
		seen.verdict = &d
	}
	return seen
}

func (m *genericMachine) Receive(in In) Out {
	if !in.Seen.looked {
		in.Seen = m.Look(in)
	}
	v := m.begin(in)
	return m.end(v, m.receive(v))
}

func (m *genericMachine) receive(v *visit) Out {
	r := v.in.Request
	v.out.Event = v.in.Seen.event
	if !v.fits(m.set.Number("body_limit_bytes", 0)) {
		return v.reject(reply(413, "text/plain; charset=utf-8", []byte("request body too large\n")), "the body is larger than the limit")
	}
	valid, along := m.verify(v), core.Header(nil)
	if m.set.Bool("handshakes", true) {
		shake := sign.Handshake(m.input(v.in), m.scheme.ID, m.handshake)
		if shake.Name != "" {
			v.check("handshake", "answered as "+shake.Source, ifElse(shake.OK, shake.Name, shake.Name+": needs "+m.label(shake.Needs)), shake.OK)
		}
		switch {
		case shake.OK && r.Method == "HEAD":
			return m.say(v, "a handshake: "+shake.Name)
		case shake.OK && shake.Along && shake.Answer.Status < 300:
			along = shake.Answer.Header
		case shake.OK:
			return v.accept(shake.Answer, "a handshake: "+shake.Name)
		}
	}
	switch {
	case valid:
		return m.say(v, "", along...)
	case m.set.Bool("enforce", false):
		return v.reject(reply(401, "application/json", object("error", "invalid signature")), "the signature does not verify")
	}
	return m.say(v, "the signature does not verify; answered all the same", along...)
}

// input is a request as the source knows it.
func (m *genericMachine) input(in In) sign.Input {
	return sign.Input{Request: in.Request, Secrets: m.secrets, Now: in.Now, Params: m.params}.At(m.set.Text("url"), m.path)
}

// verify puts down what the signature is worth, where a scheme is set.
func (m *genericMachine) verify(v *visit) bool {
	d := v.in.Seen.verdict
	if d == nil {
		return true
	}
	v.out.Receipt.Verdict = d
	return v.check("signature", m.scheme.ID+" signature that verifies", string(d.State), d.State == core.Verified)
}

// label is what the form calls a setting.
func (m *genericMachine) label(setting string) string {
	for _, s := range genericSettings {
		if s.Name == setting {
			return s.Label + " (" + setting + ")"
		}
	}
	return setting
}
