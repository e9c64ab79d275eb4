package sign

import (
	"fmt"
	"strings"
	"time"

	"hookglass/core"
)

// Input is what a signature is checked against or made for.
type Input struct {
	Request *core.Request     // the bytes as they came; headers in their order
	URL     string            // the address registered at the provider; empty means Request.URL()
	Secrets []core.Secret     // any may match, for rotation
	Now     time.Time         // for the age of the signature
	Params  map[string]string // what is signed but not sent, for {param:X}
	Cert    []byte            // a certificate or public key, PEM, for schemes that would fetch one

	others []string // what the registered address may mean too, see At
}

// Verify checks the signature of a request. It computes as much as it can whatever it finds, so that the verdict
// shows the signed bytes and the wanted signature also where the one that came is missing or cannot be read.
func (s Scheme) Verify(in Input) core.Verdict {
	_, v := s.settle(in)
	return v
}

func (s Scheme) verify(in Input) core.Verdict {
	s = s.as(in.Request)
	f := s.find(in.Request)
	s = s.concrete(in.Request, f)
	v := s.verdict()
	clock := s.clock(&v, f, in.Now)
	best := s.try(in, f)
	best.fill(&v, s, f)
	v.State = s.state(f, best, clock)
	s.crosscheck(&v, in, f, best)
	s.remark(&v, in, f, best, clock)
	return v
}

// verdict is what is known before anything is read.
func (s Scheme) verdict() core.Verdict {
	return core.Verdict{
		Scheme: s.ID, Where: s.where(), Algorithm: s.Alg, Encoding: s.Enc,
		Tolerance: s.TS.tolerance(), Covers: s.covers(),
	}
}

func (s Scheme) where() string {
	where := say(s.Sig.From)
	if s.Sig.Format == "kv" && s.Sig.Field != "*" && s.Sig.Field != "-" {
		where += ", element " + s.Sig.Field + s.Sig.KV
	}
	return where
}

// covers says in words what a valid signature protects.
func (s Scheme) covers() string {
	switch s.Template {
	case "{none}":
		return "sender only"
	case "{contentful}":
		return "method, path, headers and body"
	case "{adyen}":
		return "eight fields of the notification"
	case "{sns}":
		return "message, subject, timestamp, topic and type"
	case "{rfc9421}":
		return "what Signature-Input lists"
	case "{jwt}":
		return s.JWT.covers()
	case "{plivo}":
		return "url, form and nonce"
	}
	words := map[string]string{"ts": "timestamp", "crc32": "body checksum"}
	var out []string
	for _, p := range pieces(s.Template) {
		name, arg, _ := strings.Cut(p.text, ":")
		switch {
		case !p.token || name == "secret":
			continue
		case arg != "":
			name = strings.TrimSuffix(name, "param") + " " + arg
		case words[name] != "":
			name = words[name]
		}
		out = append(out, strings.TrimSpace(name))
	}
	return list(out)
}

// covers says what the claims bind.
func (t *Token) covers() string {
	if t.Detached {
		return "body"
	}
	words := []string{"claims"}
	for _, c := range t.Claims {
		text := strings.Join(c.Is, " ")
		for _, what := range []string{"body", "url", "qsh"} {
			if strings.Contains(text, ":"+what+"}") || strings.Contains(text, "{"+what+"}") {
				words = append(words, map[string]string{"body": "body", "url": "url", "qsh": "method, path and query"}[what])
			}
		}
	}
	return list(words)
}

// list joins words as in "id, timestamp and body".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// attempt is one computation: a secret, a reading of the request, and whether it came out.
type attempt struct {
	parts  []core.Part
	err    error // the signed bytes cannot be made
	key    key
	keyErr error
	secret int    // which of the secrets
	note   string // what was read differently: another port in the address
	label  string // rfc9421: which signature of the message
	want   []byte // nil for public keys
	match  *candidate
	any    bool // there was a secret at all
}

// try computes until one reading under one secret matches. Else the first reading under the first usable secret
// stands for all.
func (s Scheme) try(in Input, f found) attempt {
	var best *attempt
	lines := alternatives(s.Key)
	for i, secret := range in.keys(s) {
		for n, line := range lines {
			s.Key = line
			for _, m := range s.readings(in, f) {
				m.any, m.secret = true, i
				s.compute(&m, secret)
				if m.match = s.matching(m, f); m.match != nil {
					if n > 0 {
						m.note = strings.TrimSpace(m.note + " It matches under the second way to read the secret: " + m.key.how + ".")
					}
					return m.attempt
				}
				if best == nil || best.keyErr != nil && m.keyErr == nil {
					best = &m.attempt
				}
			}
		}
	}
	if best == nil { // no secret: the signed bytes can be shown all the same, unless the secret is among them
		m := s.readings(in, f)[0]
		m.parts, m.err = render(s.Template, m.values)
		return m.attempt
	}
	return *best
}

// keys are the secrets to try: for a certificate scheme the certificate first.
func (in Input) keys(s Scheme) [][]byte {
	var out [][]byte
	if public(s.Alg) && len(in.Cert) > 0 {
		out = append(out, in.Cert)
	}
	for _, secret := range in.Secrets {
		if !secret.Empty() {
			out = append(out, secret.Reveal())
		}
	}
	return out
}

// reading is the request read in one way, with the candidates that this reading may explain.
type reading struct {
	attempt
	values values
	only   *candidate // rfc9421: each signature has bytes of its own
}

// readings are the ways to read the request under this scheme; the first is the plain one.
func (s Scheme) readings(in Input, f found) []reading {
	v := s.values(in, f)
	if (s.Sig.Format == "rfc9421" || s.Sig.Format == "jwt") && len(f.candidates) > 0 {
		var out []reading
		for i := range f.candidates {
			r := reading{values: v, only: &f.candidates[i]}
			r.label, r.values.label = r.only.label, r.only.label
			out = append(out, r)
		}
		return out
	}
	out := []reading{{values: v}}
	if s.Template == "{sns}" && v.unsubscribes() {
		r := reading{values: v}
		r.values.tokenless = true
		r.note = "The signature leaves out the Token, as sns-validator does; Amazon documents that it is signed."
		out = append(out, r)
	}
	for _, u := range s.urls(v.url) {
		r := reading{values: v}
		r.values.url, r.note = u.url, u.note
		out = append(out, r)
	}
	return out
}

// compute makes the key, the signed bytes and, where the algorithm allows, the wanted signature.
func (s Scheme) compute(m *reading, secret []byte) {
	m.values.secret = secret
	m.key, m.keyErr = s.key(secret)
	m.parts, m.err = render(s.Template, m.values)
	switch {
	case m.keyErr != nil || m.err != nil:
	case s.Alg == "equal":
		m.want = m.key.bytes
	default:
		m.want = digest(s.Alg, m.key.bytes, m.parts)
	}
}

// matching returns the candidate that this reading explains, or nil.
func (s Scheme) matching(m reading, f found) *candidate {
	if m.keyErr != nil || m.err != nil {
		return nil
	}
	for i := range f.candidates {
		c := &f.candidates[i]
		if m.only != nil && m.only != c || c.err != nil || s.Exact && c.text != strings.ToLower(c.text) {
			continue
		}
		if s.Sig.Format == "jwt" {
			if s.verifyToken(c.label, m.key, m.values.body) {
				return c
			}
			continue
		}
		if matches(s.Alg, m.key, m.parts, m.want, c.bytes) {
			return c
		}
	}
	return nil
}

// fill puts what was computed into the verdict.
func (a attempt) fill(v *core.Verdict, s Scheme, f found) {
	v.Parts = a.parts
	v.Key = a.key.how
	if a.keyErr != nil {
		v.Key = "cannot be used: " + a.keyErr.Error()
	}
	if a.want != nil {
		label := a.label
		if s.Sig.Format == "jwt" {
			label = label[:strings.LastIndexByte(label, '.')+1]
		}
		v.Wanted = s.element(label, a.want)
	}
	switch {
	case a.match != nil:
		v.Got = a.match.whole
	case len(f.candidates) > 0:
		v.Got = f.candidates[0].whole
	default:
		v.Got = f.raw
	}
}

// state is the verdict in a word. What is wrong with the request itself comes before what is wrong with us.
func (s Scheme) state(f found, a attempt, clock clock) core.VerdictState {
	switch {
	case !f.has.signature && f.problem == "", s.lacks(f) != "":
		return core.Missing
	case f.problem != "" || s.undecodable(f) != nil:
		return core.Malformed
	case a.err != nil && !isNeeds(a.err):
		return core.Malformed
	case !a.any || a.err != nil:
		return core.NoSecret
	case a.match == nil:
		return core.Mismatch
	case clock.unreadable:
		return core.Malformed
	case clock.outside:
		return core.Stale
	}
	return core.Verified
}

func isNeeds(err error) bool { _, ok := err.(*needs); return ok }

// lacks names a part of the signed bytes that the request does not carry, or returns "".
func (s Scheme) lacks(f found) string {
	if uses(s.Template, "ts") && !f.has.ts || s.TS.Tolerance > 0 && !f.has.ts && (strings.HasPrefix(s.TS.From, "header:") || s.TS.Number) {
		return say(s.TS.From)
	}
	if uses(s.Template, "id") && !f.has.id {
		return say(s.MsgID)
	}
	return ""
}

// undecodable returns why no candidate can be a signature of this algorithm, or nil when one can.
func (s Scheme) undecodable(f found) error {
	var why error
	for _, c := range f.candidates {
		err := c.err
		if n := size(s.Alg); err == nil && n > 0 && len(c.bytes) != n {
			err = fmt.Errorf("it is %d bytes, and %s gives %d", len(c.bytes), s.Alg, n)
		}
		if err == nil {
			return nil
		}
		if why == nil {
			why = err
		}
	}
	return why
}
