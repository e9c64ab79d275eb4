package sign

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"hookglass/core"
)

// tokens are what a template may name; withArgument are those written {name:argument}.
var (
	tokens = []string{"body", "ts", "id", "url", "method", "path", "target", "query", "secret", "form", "crc32", "none",
		"json", "header", "param", "sig", "headers", "sha256", "sha256.base64", "sha256.base64url", "sha512", "sha512.base64",
		"contentful", "adyen", "sns", "rfc9421", "jwt", "qsh", "plivo"}
	withArgument = []string{"json", "header", "param", "sig", "headers", "sha256", "sha256.base64", "sha256.base64url", "sha512", "sha512.base64"}
)

// values are what the tokens of a template stand for. The texts are as received, never printed anew.
type values struct {
	body                []byte
	ts, id, url, method string
	secret              []byte
	header              core.Header
	params              map[string]string
	label               string            // rfc9421: which signature of the message; jwt: the token
	elements            map[string]string // kv: what stands beside the digest, for {sig:KEY}
	detached            bool              // jwt: the body is the payload
	tokenless           bool              // sns: the Token is left out, as sns-validator does for UnsubscribeConfirmation
}

// values collects what a request gives. The secret is filled in for each one tried.
func (s Scheme) values(in Input, f found) values {
	v := values{
		body: in.Request.Body, ts: f.ts, id: f.id,
		url: in.URL, method: in.Request.Method,
		header: in.Request.Header, params: in.Params, elements: f.elements,
		detached: s.JWT != nil && s.JWT.Detached,
	}
	if v.url == "" {
		v.url = in.Request.URL()
	}
	return v
}

// piece is a run of a template: a token's name without braces, or literal text.
type piece struct {
	text  string
	token bool
}

// pieces splits a template.
func pieces(template string) []piece {
	var out []piece
	for template != "" {
		open := strings.IndexByte(template, '{')
		end := strings.IndexByte(template, '}')
		if open < 0 || end < open {
			return append(out, piece{text: template})
		}
		if open > 0 {
			out = append(out, piece{text: template[:open]})
		}
		out = append(out, piece{template[open+1 : end], true})
		template = template[end+1:]
	}
	return out
}

// uses reports whether a template names a token.
func uses(template, token string) bool {
	return slices.ContainsFunc(pieces(template), func(p piece) bool {
		name, _, _ := strings.Cut(p.text, ":")
		return p.token && name == token
	})
}

// render makes the signed bytes: the template with every token replaced. The error names what is not there.
func render(template string, v values) ([]core.Part, error) {
	var out []core.Part
	for _, p := range pieces(template) {
		if !p.token {
			out = append(out, core.Part{Name: literalName(p.text), Bytes: []byte(p.text)})
			continue
		}
		parts, err := v.token(p.text)
		if err != nil {
			return out, err
		}
		out = append(out, parts...)
	}
	return out, nil
}

// literalName calls punctuation a separator and anything with a letter or digit a literal.
func literalName(text string) string {
	for _, r := range text {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return "literal"
		}
	}
	return "separator"
}

// token returns what {text} stands for.
func (v values) token(text string) ([]core.Part, error) {
	name, arg, _ := strings.Cut(text, ":")
	switch name {
	case "none":
		return nil, nil
	case "body":
		return one("body", v.body), nil
	case "ts":
		return one("timestamp", []byte(v.ts)), nil
	case "id":
		return one("id", []byte(v.id)), nil
	case "url":
		return one("url", []byte(v.url)), nil
	case "method":
		return one("method", []byte(v.method)), nil
	case "path":
		return one("path", []byte(pathOf(v.url))), nil
	case "secret":
		return one("secret", v.secret), nil
	case "crc32":
		return one("body crc32", strconv.AppendUint(nil, uint64(crc32.ChecksumIEEE(v.body)), 10)), nil
	case "target":
		return one("target", []byte(strings.TrimPrefix(v.url, origin(v.url)))), nil
	case "query":
		return one("sorted query", []byte(sortedQuery(v.url))), nil
	case "form":
		if arg != "" {
			return v.field(arg)
		}
		return v.form(), nil
	case "sha256", "sha256.base64", "sha256.base64url", "sha512", "sha512.base64":
		return v.hashed(name, arg)
	case "sig":
		t, ok := v.elements[arg]
		if !ok {
			return nil, fmt.Errorf("element %s of the signature header is missing, and it is part of the signed bytes", arg)
		}
		return one("element "+arg, []byte(t)), nil
	case "headers":
		return v.listed(arg)
	case "jwt":
		return v.jwt()
	case "qsh":
		return one("canonical request", []byte(qsh(v.method, v.url))), nil
	case "plivo":
		return v.plivo(), nil
	case "header", "param", "json":
		return v.named(name, arg)
	case "contentful":
		return v.contentful()
	case "adyen":
		return v.adyen()
	case "sns":
		return v.sns()
	case "rfc9421":
		return v.rfc9421()
	}
	return nil, fmt.Errorf("the template names {%s}, which is unknown", text)
}

func (v values) named(kind, name string) ([]core.Part, error) {
	switch kind {
	case "header":
		if t, ok := v.header.Lookup(name); ok {
			return one("header "+name, []byte(strings.Trim(t, " \t"))), nil
		}
		return nil, fmt.Errorf("header %s is missing, and it is part of the signed bytes", name)
	case "param":
		if t := v.params[name]; t != "" {
			return one("setting "+name, []byte(t)), nil
		}
		return nil, &needs{name}
	}
	t, ok, err := jsonText(v.body, name)
	if err != nil {
		return nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("body member %s is missing, and it is part of the signed bytes", name)
	}
	return one("body "+name, []byte(t)), nil
}

// field is one field of a form, urlencoded or multipart.
func (v values) field(name string) ([]core.Part, error) {
	t, ok := fieldOf(v.header, v.body, name)
	if !ok {
		return nil, fmt.Errorf("form field %s is missing, and it is part of the signed bytes", name)
	}
	return one("form "+name, []byte(t)), nil
}

// hashed is the hash of what another token stands for: {sha256:body}, {sha256.base64:url}.
func (v values) hashed(how, of string) ([]core.Part, error) {
	inner, err := v.token(of)
	if err != nil {
		return nil, err
	}
	alg, enc, _ := strings.Cut(how, ".")
	if enc == "" {
		enc = "hex"
	}
	return one(alg+" of "+inner[0].Name, []byte(encodeSignature(enc, digest(alg, nil, inner)))), nil
}

// listed is the values of the headers that an element of the signature names, joined with full stops.
func (v values) listed(element string) ([]core.Part, error) {
	names, ok := v.elements[element]
	if !ok {
		return nil, fmt.Errorf("element %s of the signature header is missing: it names the headers that are signed", element)
	}
	var parts []core.Part
	for i, name := range strings.Fields(names) {
		value, ok := v.header.Lookup(name)
		if !ok {
			return parts, fmt.Errorf("header %s is missing, and the signature header says that it is signed", name)
		}
		if i > 0 {
			parts = append(parts, literal("."))
		}
		parts = append(parts, core.Part{Name: "header " + name, Bytes: []byte(strings.Trim(value, " \t"))})
	}
	return parts, nil
}

// needs says that a setting which the request does not carry was not given.
type needs struct{ param string }

func (n *needs) Error() string {
	return fmt.Sprintf("%s is signed but not sent: set it as the provider's settings show it", n.param)
}

func one(name string, b []byte) []core.Part { return []core.Part{{Name: name, Bytes: b}} }

func literal(text string) core.Part { return core.Part{Name: literalName(text), Bytes: []byte(text)} }

// pathOf is the address without scheme, host and query.
func pathOf(url string) string {
	r := core.Request{Target: url}
	return r.Path()
}
