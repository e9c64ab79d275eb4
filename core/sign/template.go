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
	tokens = []string{"body", "ts", "id", "url", "method", "path", "secret", "form", "crc32", "none",
		"json", "header", "param", "contentful", "adyen", "sns", "rfc9421"}
	withArgument = []string{"json", "header", "param"}
)

// values are what the tokens of a template stand for. The texts are as received, never printed anew.
type values struct {
	body                []byte
	ts, id, url, method string
	secret              []byte
	header              core.Header
	params              map[string]string
	label               string // rfc9421: which signature of the message
}

// values collects what a request gives. The secret is filled in for each one tried.
func (s Scheme) values(in Input, f found) values {
	v := values{
		body: in.Request.Body, ts: f.ts, id: f.id,
		url: in.URL, method: in.Request.Method,
		header: in.Request.Header, params: in.Params,
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
	case "form":
		return v.form(), nil
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
