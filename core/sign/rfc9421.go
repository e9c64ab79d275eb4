package sign

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"

	"hookglass/core"
)

// RFC 9421, HTTP Message Signatures, lets each message choose what it covers. This is the profile of one key and one
// algorithm: every component of a request may be covered, also as a structured field (sf, key) or line by line (bs). What tr and req
// name is not there in a webhook, and is refused with the reason.

// readRFC9421 takes every labelled signature that has an entry in Signature-Input.
func (f *found) readRFC9421(r *core.Request) {
	if !f.has.signature {
		return
	}
	inputs := dictionary(r.Header.Joined("Signature-Input"))
	for _, m := range dictionary(f.raw) {
		text, rest, ok := strings.Cut(strings.TrimPrefix(m.value, ":"), ":")
		if !ok || !strings.HasPrefix(m.value, ":") || rest != "" && rest[0] != ';' || !hasMember(inputs, m.key) {
			f.others = append(f.others, m.key+"="+m.value)
			continue
		}
		f.candidates = append(f.candidates, candidate{whole: m.key + "=:" + text + ":", text: text, label: m.key})
	}
	switch {
	case len(inputs) == 0:
		f.problem = "header Signature-Input is missing: it says what is signed"
	case len(f.candidates) == 0:
		f.problem = "no label stands in both Signature and Signature-Input with a signature between colons"
	}
}

// member is an entry of a structured dictionary, its value not yet read.
type member struct{ key, value string }

func hasMember(ms []member, key string) bool {
	_, ok := lookup(ms, key)
	return ok
}

// lookup returns the last value under key: that is the one that counts in a structured dictionary.
func lookup(ms []member, key string) (value string, ok bool) {
	for _, m := range ms {
		if m.key == key {
			value, ok = m.value, true
		}
	}
	return value, ok
}

// dictionary splits a structured field at the commas that stand outside strings and lists.
func dictionary(text string) []member {
	var out []member
	for _, e := range splitOutside(text, ',') {
		key, value, _ := strings.Cut(e, "=")
		if key = strings.TrimSpace(key); key != "" {
			out = append(out, member{key, strings.TrimSpace(value)})
		}
	}
	return out
}

// splitOutside splits at sep, but not inside "strings" and (lists).
func splitOutside(text string, sep byte) []string {
	var out []string
	depth, quoted, start := 0, false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == sep && depth == 0:
			out = append(out, text[start:i])
			start = i + 1
		}
	}
	return append(out, text[start:])
}

// covered is one entry of Signature-Input: the components in order and the parameters of the signature.
type covered struct {
	components []component
	params     []member
	text       string // as it stands, which is also the value of @signature-params
}

type component struct {
	name   string
	params []member
	text   string // `"@query-param";name="id"`
}

// readCovered reads `("@method" "date");created=1618884473;keyid="k"`.
func readCovered(text string) (covered, error) {
	c := covered{text: text}
	list, rest, ok := cutList(text)
	if !ok {
		return c, errors.New("the entry of Signature-Input is no list in parentheses")
	}
	c.params = parameters(rest)
	for _, e := range splitOutside(list, ' ') {
		if e == "" {
			continue
		}
		part, err := readComponent(e)
		if err != nil {
			return c, err
		}
		c.components = append(c.components, part)
	}
	return c, nil
}

func cutList(text string) (list, rest string, ok bool) {
	if !strings.HasPrefix(text, "(") {
		return "", "", false
	}
	quoted := false
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ')' && !quoted:
			return text[1:i], text[i+1:], true
		}
	}
	return "", "", false
}

func readComponent(text string) (component, error) {
	quoted, params, _ := strings.Cut(text, ";")
	name, err := strconv.Unquote(quoted)
	if err != nil || !strings.HasPrefix(quoted, `"`) {
		return component{}, fmt.Errorf("the covered component %s is not a quoted name", text)
	}
	c := component{name: name, text: text}
	if params != "" {
		c.params = parameters(";" + params)
	}
	return c, nil
}

// parameters reads `;created=1618884473;keyid="k"`. Strings lose their quotes.
func parameters(text string) []member {
	var out []member
	for _, e := range splitOutside(text, ';') {
		key, value, _ := strings.Cut(strings.TrimSpace(e), "=")
		if s, err := strconv.Unquote(value); err == nil && strings.HasPrefix(value, `"`) {
			value = s
		}
		if key != "" {
			out = append(out, member{key, value})
		}
	}
	return out
}

// rfc9421 is the signature base: a line for each covered component, and the parameters.
func (v values) rfc9421() ([]core.Part, error) {
	text, ok := lookup(dictionary(v.header.Joined("Signature-Input")), v.label)
	if !ok {
		return nil, fmt.Errorf("Signature-Input has no entry %q", v.label)
	}
	c, err := readCovered(text)
	if err != nil {
		return nil, err
	}
	var parts []core.Part
	seen := map[string]bool{}
	for _, comp := range c.components {
		if id := comp.identity(); seen[id] {
			return parts, fmt.Errorf("the covered component %s stands twice, which RFC 9421 (2.5) forbids", comp.text)
		} else {
			seen[id] = true
		}
		value, err := v.component(comp)
		if err != nil {
			return parts, err
		}
		parts = append(parts, literal(comp.text+": "), core.Part{Name: partName(comp), Bytes: []byte(value)}, literal("\n"))
	}
	return append(parts, literal(`"@signature-params": `), core.Part{Name: "signature parameters", Bytes: []byte(c.text)}), nil
}

// identity is what makes a component another one: its name, and its parameters in any order.
func (c component) identity() string {
	params := make([]string, len(c.params))
	for i, p := range c.params {
		params[i] = ";" + p.key + "=" + strconv.Quote(p.value)
	}
	slices.Sort(params)
	return c.name + strings.Join(params, "")
}

func partName(c component) string {
	if name, ok := strings.CutPrefix(c.name, "@"); ok {
		return name
	}
	return "header " + c.name
}

// component is the value of one covered component (RFC 9421, 2.1 and 2.2).
func (v values) component(c component) (string, error) {
	var structured, member string
	derived, lines := strings.HasPrefix(c.name, "@"), false
	for _, p := range c.params {
		switch {
		case p.key == "name" && c.name == "@query-param":
		case p.key == "sf" && !derived:
			structured = cmp.Or(structured, "sf")
		case p.key == "key" && !derived:
			structured, member = "key", p.value
		case p.key == "bs" && !derived:
			lines = true
		case p.key == "tr":
			return "", fmt.Errorf("the covered component %s has the parameter tr: it stands in the trailers behind the body, which are not kept; have the sender cover fields of the head alone", c.name)
		case p.key == "req":
			return "", fmt.Errorf("the covered component %s has the parameter req, which RFC 9421 (2.4) allows in the signature of a response alone: before a webhook's request there is none", c.name)
		case slices.Contains([]string{"name", "sf", "key", "bs"}, p.key):
			return "", fmt.Errorf("the covered component %s has the parameter %s, which RFC 9421 (2.1, 2.2) does not allow there", c.name, p.key)
		default:
			return "", fmt.Errorf("the covered component %s has the parameter %s, which RFC 9421 does not know", c.name, p.key)
		}
	}
	if lines && structured != "" {
		return "", fmt.Errorf("the covered component %s has the parameters bs and %s, which RFC 9421 (2.1) forbids together", c.name, structured)
	}
	if strings.HasPrefix(c.name, "@") {
		return v.derived(c)
	}
	if structured != "" {
		return v.structured(c.name, structured, member)
	}
	vs := v.header.Values(c.name)
	if len(vs) == 0 {
		return "", fmt.Errorf("header %s is missing, and Signature-Input says that it is signed", c.name)
	}
	for i := range vs {
		if vs[i] = strings.TrimSpace(vs[i]); lines { // 2.1.3
			vs[i] = ":" + encodeSignature("base64", []byte(vs[i])) + ":"
		}
	}
	return strings.Join(vs, ", "), nil
}

// structured is a field as a structured one (RFC 9421, 2.1.1 and 2.1.2): printed anew in the strict form, or one member
// of a dictionary. The kind of a field that is not registered cannot be known, so the first kind that reads it counts.
func (v values) structured(name, how, member string) (string, error) {
	lines := v.header.Values(name)
	if len(lines) == 0 {
		return "", fmt.Errorf("header %s is missing, and Signature-Input says that it is signed", name)
	}
	dict, err := httpsfv.UnmarshalDictionary(lines)
	if how == "key" {
		if err != nil {
			return "", fmt.Errorf("header %s is no dictionary, and Signature-Input names its member %q: %w", name, member, err)
		}
		m, ok := dict.Get(member)
		if !ok {
			return "", fmt.Errorf("header %s has no member %q, and Signature-Input says that it is signed", name, member)
		}
		return marshalMember(m)
	}
	if err == nil && len(dict.Names()) > 0 && strings.Contains(lines[0], "=") {
		return httpsfv.Marshal(dict)
	}
	if item, err := httpsfv.UnmarshalItem(lines); err == nil {
		return httpsfv.Marshal(item)
	}
	list, err := httpsfv.UnmarshalList(lines)
	if err != nil {
		return "", fmt.Errorf("header %s is no structured field, and Signature-Input signs it as one: %w", name, err)
	}
	return httpsfv.Marshal(list)
}

func marshalMember(m httpsfv.Member) (string, error) {
	switch m := m.(type) {
	case httpsfv.Item:
		return httpsfv.Marshal(m)
	case httpsfv.InnerList:
		text, err := httpsfv.Marshal(httpsfv.List{m})
		return text, err
	}
	return "", fmt.Errorf("a member of an unknown kind")
}

func (v values) derived(c component) (string, error) {
	u, err := url.Parse(v.url)
	if err != nil {
		return "", fmt.Errorf("the address cannot be read: %w", err)
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	switch c.name {
	case "@method":
		return v.method, nil
	case "@target-uri":
		return v.url, nil
	case "@authority":
		return authority(u), nil
	case "@scheme":
		return strings.ToLower(u.Scheme), nil
	case "@request-target":
		return strings.TrimPrefix(v.url, origin(v.url)), nil
	case "@path":
		return path, nil
	case "@query":
		return "?" + u.RawQuery, nil
	case "@query-param":
		return queryParam(u.RawQuery, c)
	case "@status":
		return "", errors.New("the covered component @status is of a response; a webhook is a request")
	case "@signature-params":
		return "", errors.New("@signature-params stands among the covered components, which RFC 9421 (2.3) forbids: it is always the last line")
	}
	return "", fmt.Errorf("the covered component %s is unknown for a request", c.name)
}

func authority(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// queryParam re-encodes the named parameter as RFC 9421, 2.2.8 asks. One that comes twice may not be covered.
func queryParam(query string, c component) (string, error) {
	name, _ := lookup(c.params, "name")
	name = unescape(name)
	var got []string
	for _, p := range formPairs([]byte(query)) {
		if p.name == name {
			got = append(got, escape(p.value, "*-._"))
		}
	}
	if len(got) != 1 {
		return "", fmt.Errorf("the query parameter %q stands %d times in the address; a signed one must stand once", name, len(got))
	}
	return got[0], nil
}

// created and expires are the times in the parameters of the labelled signature, zero when absent.
func signatureTimes(h core.Header, label string) (created, expires time.Time) {
	text, _ := lookup(dictionary(h.Joined("Signature-Input")), label)
	c, _ := readCovered(text)
	return unixParam(c.params, "created"), unixParam(c.params, "expires")
}

func unixParam(ms []member, key string) time.Time {
	text, _ := lookup(ms, key)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// covers reports whether the labelled signature covers a component.
func covers(h core.Header, label, name string) bool {
	text, _ := lookup(dictionary(h.Joined("Signature-Input")), label)
	c, _ := readCovered(text)
	for _, comp := range c.components {
		if comp.name == name {
			return true
		}
	}
	return false
}
