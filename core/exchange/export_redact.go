package exchange

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hookglass/core"
	"hookglass/core/sign"
)

// masked stands where a credential stood.
const masked = "REDACTED"

// Redact masks the credentials in a capture and names what it masked. With opt.Reveal it masks only the signing secret,
// which some schemes have among the signed bytes and which is never part of what arrived. The body is left as it is unless
// opt.Bodies is set: a signature is made over it. Nothing that c shares with others is changed.
func Redact(c *core.Capture, opt Options) []string {
	m := &masker{opt: opt, tokens: tokenHeaders(opt.Book), signatures: signatureHeaders(opt.Book)}
	m.judged(c.Receipt.Verdict)
	m.request(&c.Request)
	c.Response.Header = m.header("response header ", c.Response.Header)
	if opt.Bodies && !opt.Reveal {
		m.bodies(c)
	}
	m.receipt(&c.Receipt)
	if opt.Substitute && len(m.said) > 0 && !opt.Reveal && !opt.Signatures {
		if said := signAnew(c, opt.Book); said != "" {
			m.say(said)
		}
	}
	return m.said
}

// bodies masks both bodies. A length that was sent beside one follows it.
func (m *masker) bodies(c *core.Capture) {
	r, a := &c.Request, &c.Response
	if body := m.body("request body", r.Header, r.Body); !bytes.Equal(body, r.Body) {
		if r.Header.Has("Content-Length") {
			r.Header, r.Head = r.Header.With("Content-Length", strconv.Itoa(len(body))), nil
		}
		m.hidden, r.Body, r.Size = r.Body, body, int64(len(body))
	}
	if body := m.body("response body", a.Header, a.Body); !bytes.Equal(body, a.Body) {
		if a.Header.Has("Content-Length") {
			a.Header = a.Header.With("Content-Length", strconv.Itoa(len(body)))
		}
		a.Body, a.Size = body, int64(len(body))
	}
	m.shown = r.Body
}

// masker collects what it masks: the names to report, and the values to look for in what was written about them.
type masker struct {
	opt        Options
	tokens     map[string]bool // headers of schemes that compare a shared token, in lower case
	signatures map[string]bool
	came       string // the token that came, by the verdict
	said       []string
	values     []string

	hidden, shown []byte // the body before it was masked, where it was, and after
}

// judged takes from a verdict where a token stands: the scheme that said so may be another by now, or gone.
func (m *masker) judged(v *core.Verdict) {
	if v == nil || !m.token(v) {
		return
	}
	m.came = v.Got
	if name, ok := strings.CutPrefix(v.Where, "header "); ok {
		name, _, _ = strings.Cut(name, ",") // "header X, element v1="
		m.tokens[strings.ToLower(name)] = true
	}
}

// token reports whether what a verdict compares is the secret itself. Where nobody can tell any more, it counts as one.
func (m *masker) token(v *core.Verdict) bool {
	s, known := m.opt.Book.Find(v.Scheme)
	return v.Algorithm == "equal" || s.Alg == "equal" || v.Algorithm == "" && !known
}

func (m *masker) say(what string) {
	if !slices.Contains(m.said, what) {
		m.said = append(m.said, what)
	}
}

func (m *masker) hide(what, value string) string {
	m.say(what)
	if len(value) >= 6 { // a shorter one would be found in words that have nothing to do with it
		m.values = append(m.values, value)
	}
	return masked
}

func (m *masker) request(r *core.Request) {
	if m.opt.Reveal {
		return
	}
	target := m.address(r.Target)
	r.Head = m.head(r.Head, r.Target, target)
	r.Target, r.Base = target, m.address(r.Base)
	r.Header = m.header("request header ", r.Header)
}

func (m *masker) header(where string, h core.Header) core.Header {
	if m.opt.Reveal {
		return h
	}
	h = h.Clone()
	for i := range h {
		h[i].Value = m.field(where, h[i].Name, h[i].Value)
	}
	return h
}

// field masks one value, and leaves the word before it that says what kind it is: "Bearer REDACTED".
func (m *masker) field(where, name, value string) string {
	if value == "" || !m.sensitive(name) && value != m.came {
		return m.address(value)
	}
	name = strings.TrimSpace(name) // "Authorization :" is sent, and read
	if kind, token, ok := strings.Cut(value, " "); ok && strings.HasSuffix(strings.ToLower(name), "authorization") {
		return kind + " " + m.hide(where+name, token)
	}
	return m.hide(where+name, value)
}

func (m *masker) sensitive(name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return core.CredentialHeader(name) || m.tokens[name] || m.opt.Signatures && m.signatures[name]
}

var (
	userinfo = regexp.MustCompile(`(?i)\b((?:https?|wss?|ftp)://)([^/\s@"'<>]+)@`)
	query    = regexp.MustCompile(`([?&;])([^=&?#;\s"'<>]+)=([^&#\s"'<>]+)`)
)

// address masks user and password, and parameters that are credentials by their name, in every URL of a text.
func (m *masker) address(text string) string {
	text = userinfo.ReplaceAllStringFunc(text, func(found string) string {
		g := userinfo.FindStringSubmatch(found)
		return g[1] + m.hide("user and password in a URL", g[2]) + "@"
	})
	if !strings.ContainsAny(text, "?&") {
		return text
	}
	return query.ReplaceAllStringFunc(text, func(found string) string {
		g := query.FindStringSubmatch(found)
		if !core.CredentialField(g[2]) {
			return found
		}
		return g[1] + g[2] + "=" + m.hide("credential in a query", g[3])
	})
}

// head does to the recorded bytes what was done to target and fields. Everything else in it stays.
func (m *masker) head(head []byte, old, target string) []byte {
	if head == nil {
		return nil
	}
	var out []byte
	dropping := false // the lines that go on with a masked field
	for i, line := range bytes.SplitAfter(head, []byte("\n")) {
		text := strings.TrimRight(string(line), "\r\n")
		end := string(line[len(text):])
		name, value, isField := strings.Cut(text, ":")
		switch {
		case i == 0:
			text = strings.Replace(text, old, target, 1)
		case strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\t"):
			if dropping {
				continue
			}
			text = m.address(text)
		case isField:
			trimmed := strings.Trim(value, " \t")
			changed := m.field("request header ", name, trimmed)
			if dropping = changed != trimmed; dropping {
				text = name + ":" + value[:strings.Index(value, trimmed)] + changed
			}
		}
		out = append(append(out, text...), end...)
	}
	return out
}

// receipt masks what the checks and the verdict say about masked values, and the credentials that only they hold: the
// signature that would have verified, and the secret itself.
func (m *masker) receipt(r *core.Receipt) {
	if r.Verdict != nil {
		v := *r.Verdict
		m.verdict(&v)
		r.Verdict = &v
	}
	r.Reason = m.scrub(r.Reason)
	r.Checks = slices.Clone(r.Checks)
	for i := range r.Checks {
		k := &r.Checks[i]
		k.Want, k.Got = m.scrub(k.Want), m.scrub(k.Got)
	}
}

func (m *masker) verdict(v *core.Verdict) {
	token := m.token(v)
	if token && v.Wanted != "" {
		v.Wanted = m.hide("wanted token", v.Wanted)
	}
	if v.State != core.Verified && v.Wanted != "" && v.Wanted != masked && !m.opt.Reveal || m.opt.Signatures && v.Wanted != "" {
		v.Wanted = m.hide("wanted signature", v.Wanted)
	}
	v.Parts = slices.Clone(v.Parts)
	for i := range v.Parts {
		p := &v.Parts[i]
		if p.Name == "secret" && len(p.Bytes) > 0 {
			p.Bytes = []byte(m.hide("secret among the signed bytes", string(p.Bytes)))
		} else if m.hidden != nil && bytes.Equal(p.Bytes, m.hidden) {
			p.Bytes = m.shown
		} else if p.Name != "body" || m.hidden != nil {
			p.Bytes = []byte(m.scrub(string(p.Bytes)))
		}
	}
	v.Got = m.scrub(v.Got)
	if token && v.Got != "" && !m.opt.Reveal && !strings.Contains(v.Got, masked) { // too short to be looked for, or in the body
		v.Got = m.hide("token that came", v.Got)
	}
	v.Notes = slices.Clone(v.Notes)
	for i := range v.Notes {
		v.Notes[i] = m.scrub(v.Notes[i])
	}
	v.Findings = slices.Clone(v.Findings)
	for i := range v.Findings {
		f := &v.Findings[i]
		f.Detail, f.Fix = m.scrub(f.Detail), m.scrub(f.Fix)
		f.Signed = []byte(m.scrub(string(f.Signed)))
		if m.hidden != nil {
			f.Signed = nil // the body in another manner of writing
		}
	}
}

func (m *masker) scrub(text string) string {
	for _, v := range m.values {
		text = strings.ReplaceAll(text, v, masked)
	}
	return text
}

// tokenHeaders are the headers that carry the secret itself.
func tokenHeaders(book sign.Book) map[string]bool {
	return places(book, func(s sign.Scheme) bool { return s.Alg == "equal" })
}

func signatureHeaders(book sign.Book) map[string]bool {
	return places(book, func(sign.Scheme) bool { return true })
}

// places are the headers, in lower case, where the schemes of a kind have their signatures.
func places(book sign.Book, kind func(sign.Scheme) bool) map[string]bool {
	out := map[string]bool{}
	for _, s := range append(book.Own(), sign.Known().All()...) { // those of a name that is taken too
		if !kind(s) {
			continue
		}
		for _, place := range append([]string{s.Sig.From}, s.Sig.Also...) {
			if name, ok := strings.CutPrefix(place, "header:"); ok {
				out[strings.ToLower(name)] = true
			}
		}
	}
	return out
}
