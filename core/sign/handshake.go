package sign

import (
	"bytes"
	"crypto/hmac"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"hookglass/core"
)

// Shake is a handshake that was recognised: a request with which a provider tests an address before it uses it.
type Shake struct {
	Name   string // "Slack url_verification"; empty: the request is none
	Source string // the document that says so
	OK     bool   // Answer is what the provider wants to see, or, of a test with a bad value, what it wants to see then
	Answer core.Response
	Along  bool   // only the headers of Answer matter, along with whatever else is answered
	Needs  string // not OK: the setting without which there is no answer, "secret" or "handshake_secret"
}

// Handshake says whether a request is a provider's test of an address, and what to answer. scheme is the source's, token what the
// user agreed with the provider for such tests; where it is empty, the secret stands in. The address in in is
// the one that is registered.
//
// An Amazon SNS confirmation is acknowledged but its SubscribeURL is never followed: that is for the user to do.
func Handshake(in Input, scheme string, token core.Secret) Shake {
	h := shake{in: in, r: in.Request, scheme: scheme, token: token, query: formPairs([]byte(in.Request.Query()))}
	for i := range greetings {
		if g := &greetings[i]; g.fits(&h) {
			out := Shake{Name: g.name, Source: g.source, Along: g.along}
			if out.Answer, out.OK = g.answer(&h); !out.OK {
				out.Needs = g.needs
			}
			out.Name += h.said
			return out
		}
	}
	return Shake{}
}

// Handshakes are the names of those that are known.
func Handshakes() []string {
	var out []string
	for _, g := range greetings {
		if !slices.Contains(out, g.name) {
			out = append(out, g.name)
		}
	}
	return out
}

// smallBody is the size up to which a body is read for what it says. Handshakes are a few hundred bytes.
const smallBody = 256 << 10

// greeting is one handshake. All of its conditions must hold: they are what the document says of the request, so that an event
// which has a member of that name is none.
type greeting struct {
	name, source string

	method string   // empty: any
	header string   // a field that must be there
	query  []string // parameters that must be there and not be empty
	word   string   // the body has it: saves most from being parsed
	when   func(h *shake) bool

	needs  string
	along  bool
	answer func(h *shake) (core.Response, bool)

	// How a handler's answer is judged.
	exact  bool                                            // the status has to be this one, and not any of success
	within time.Duration                                   // the provider waits for it no longer; 0: its document does not say
	judge  func(h *shake, want, got *core.Response) string // what is wrong with one that has the status; nil: what is not as wanted
	note   string
}

func (g *greeting) fits(h *shake) bool {
	switch {
	case g.method != "" && g.method != h.r.Method,
		g.header != "" && strings.TrimSpace(h.r.Header.Get(g.header)) == "",
		slices.ContainsFunc(g.query, func(name string) bool { return h.param(name) == "" }),
		g.word != "" && (len(h.r.Body) > smallBody || !bytes.Contains(h.r.Body, []byte(g.word))):
		return false
	}
	return g.when == nil || g.when(h)
}

// shake is one request while it is looked at.
type shake struct {
	in     Input
	r      *core.Request
	scheme string
	token  core.Secret
	query  []pair
	read   bool
	object object
	said   string // what there is to say behind the name
}

// param is a parameter of the query, or "".
func (h *shake) param(name string) string {
	for _, p := range h.query {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// body is the JSON object that came, or the first of a list.
func (h *shake) body() object {
	if !h.read && len(h.r.Body) <= smallBody {
		h.object = readObject(h.r.Body)
	}
	h.read = true
	return h.object
}

// only reports whether the body is an object of these members and no others.
func (h *shake) only(names ...string) bool {
	if b := bytes.TrimLeft(h.r.Body, " \t\r\n"); len(b) == 0 || b[0] != '{' {
		return false
	}
	for name := range h.body() {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return len(h.body()) > 0
}

// string is a member that is text, and not a number or a literal.
func (h *shake) string(name string) string {
	if raw := h.body()[name]; len(raw) == 0 || raw[0] != '"' {
		return ""
	}
	return h.body().text(name)
}

// secret is the source's secret, or nil.
func (h *shake) secret() []byte {
	for _, s := range h.in.Secrets {
		if !s.Empty() {
			return s.Reveal()
		}
	}
	return nil
}

// tokens are what may have been agreed for tests of the address: the handshake token, or else the secrets.
func (h *shake) tokens() [][]byte {
	if !h.token.Empty() {
		return [][]byte{h.token.Reveal()}
	}
	var out [][]byte
	for _, s := range h.in.Secrets {
		if !s.Empty() && !bytes.Contains(s.Reveal(), []byte("-----BEGIN")) { // nobody agrees on a key
			out = append(out, s.Reveal())
		}
	}
	return out
}

// agreed reports whether text is one of the tokens.
func (h *shake) agreed(text string) bool {
	return slices.ContainsFunc(h.tokens(), func(t []byte) bool { return hmac.Equal(t, []byte(text)) })
}

// address is the one that the provider knows, without its query.
func (h *shake) address() string {
	address := h.in.URL
	if address == "" {
		address = h.r.URL()
	}
	address, _, _ = strings.Cut(address, "?")
	return address
}

// probe gives the good answer only to a good signature: these providers also send bad ones and want a 401 then.
// Without a secret nothing can be checked, and the good answer is given.
func (h *shake) probe(scheme string, good core.Response) (core.Response, bool) {
	s, _ := Known().Find(scheme)
	if v := s.Verify(h.in); v.State != core.Verified && v.State != core.NoSecret {
		h.said = " with a bad signature"
		return core.Response{Status: 401}, true
	}
	return good, true
}

// withToken answers where the token is the one that was agreed, or none was, and else refuses.
func (h *shake) withToken(token string, good core.Response) (core.Response, bool) {
	if !h.token.Empty() && !h.agreed(token) {
		h.said = " with a token that is not this source's handshake token"
		return core.Response{Status: 403}, true
	}
	return good, true
}

func inText(body string) (core.Response, bool) {
	return respond("text/plain; charset=utf-8", []byte(body)), true
}

// inJSON is an object of one member.
func inJSON(name, value string) (core.Response, bool) {
	b, _ := json.Marshal(map[string]string{name: value}) // text always marshals
	return respond("application/json", b), true
}

func inHeader(fields ...core.Field) (core.Response, bool) {
	return core.Response{Status: 200, Header: fields}, true
}

func empty(status int) (core.Response, bool) { return core.Response{Status: status}, true }

func respond(kind string, body []byte) core.Response {
	return core.Response{
		Status: 200,
		Header: core.Header{{Name: "Content-Type", Value: kind}, {Name: "X-Content-Type-Options", Value: "nosniff"}},
		Body:   body,
		Size:   int64(len(body)),
	}
}
