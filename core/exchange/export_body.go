package exchange

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// body masks the credentials in a body by the names under which they stand, and every value that was masked elsewhere.
// What it cannot look into is left out whole.
func (m *masker) body(where string, h core.Header, body []byte) []byte {
	if len(body) == 0 {
		return body
	}
	if e := strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding"))); e != "" && e != "identity" {
		m.say(where + ", which is compressed, left out")
		return nil
	}
	out := m.within(where+" ", h.Get("Content-Type"), body)
	return []byte(m.scrub(string(out)))
}

// within masks in a text whose kind its type tells, or its looks.
func (m *masker) within(where, contentType string, body []byte) []byte {
	kind, params, _ := mime.ParseMediaType(contentType)
	switch {
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		return m.multipart(where, params["boundary"], body)
	case kind == "application/x-www-form-urlencoded":
		return m.form(where, body)
	}
	if out, ok := m.json(where, body); ok {
		return out
	}
	if !utf8.Valid(body) {
		return body
	}
	text := looseField.ReplaceAllStringFunc(string(body), func(found string) string {
		g := looseField.FindStringSubmatch(found)
		if !core.CredentialField(g[2]) {
			return found
		}
		return g[1] + g[2] + g[3] + m.hide(where+g[2], g[4])
	})
	return []byte(m.address(text))
}

// looseField is a name and its value in XML, in JSON that is cut or broken, and in lines of name=value.
var looseField = regexp.MustCompile(`([<"' ,;\n]|^)([A-Za-z][\w.:-]*)("?\s*[:=]\s*"?|(?:\s[^<>]*)?>)([^<>"'\s,;&]+)`)

// json masks strings and numbers under the names of credentials, whatever stands between; all else stays to the byte.
func (m *masker) json(where string, body []byte) ([]byte, bool) {
	type level struct {
		object, wantsKey, hidden bool
		key                      string
	}
	stack := []level{{}}
	hidden := func() bool {
		top := &stack[len(stack)-1]
		return top.hidden || top.object && core.CredentialField(top.key)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var out []byte
	copied := int64(0)
	replace := func(from, to int64, with string) {
		text, _ := json.Marshal(with) // a text: cannot fail
		out = append(append(out, body[copied:from]...), text...)
		copied = to
	}
	for {
		from := d.InputOffset()
		token, err := d.Token()
		if err == io.EOF {
			return append(out, body[copied:]...), len(stack) == 1
		}
		if err != nil {
			return nil, false
		}
		to := d.InputOffset()
		for strings.IndexByte(" \t\r\n:,", body[from]) >= 0 {
			from++
		}
		top := &stack[len(stack)-1]
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				stack = append(stack, level{object: t == '{', wantsKey: t == '{', hidden: hidden()})
				continue
			}
			stack = stack[:len(stack)-1]
			top = &stack[len(stack)-1]
		case string:
			if top.object && top.wantsKey {
				top.key, top.wantsKey = t, false
				continue
			}
			if hidden() && t != "" {
				replace(from, to, m.hide(where+top.key, t))
			} else if changed := m.inner(where, t); changed != t {
				replace(from, to, changed)
			}
		case json.Number:
			if hidden() {
				replace(from, to, m.hide(where+top.key, t.String()))
			}
		}
		top.wantsKey = top.object
	}
}

// inner masks within a text that stands in another: JSON, or addresses.
func (m *masker) inner(where, text string) string {
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		if out, ok := m.json(where, []byte(text)); ok {
			return string(out)
		}
	}
	return m.address(text)
}

// form masks the values of a form, each name decoded before it is looked at.
func (m *masker) form(where string, body []byte) []byte {
	pairs := strings.Split(string(body), "&")
	for i, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || value == "" {
			continue
		}
		plain, err := url.QueryUnescape(value)
		if err != nil {
			plain = value
		}
		if core.CredentialField(name) {
			pairs[i] = name + "=" + m.hide(where+name, plain)
		} else if changed := m.inner(where, plain); changed != plain {
			pairs[i] = name + "=" + url.QueryEscape(changed)
		}
	}
	return []byte(strings.Join(pairs, "&"))
}

var partName = regexp.MustCompile(`(?i)content-disposition:[^\r\n]*[; ]name="?([^";\r\n]+)`)

func (m *masker) multipart(where, boundary string, body []byte) []byte {
	parts := bytes.Split(body, []byte("--"+boundary))
	for i, part := range parts {
		head, content, ok := bytes.Cut(part, []byte("\r\n\r\n"))
		if !ok {
			continue
		}
		text, end := bytes.TrimSuffix(content, []byte("\r\n")), content[len(bytes.TrimSuffix(content, []byte("\r\n"))):]
		name := partName.FindSubmatch(head)
		if name != nil && core.CredentialField(string(name[1])) && len(text) > 0 {
			text = []byte(m.hide(where+string(name[1]), string(text)))
		} else {
			text = m.within(where, core.ParseHead(append([]byte("\r\n"), head...)).Get("Content-Type"), text)
		}
		parts[i] = bytes.Join([][]byte{head, append(bytes.Clone(text), end...)}, []byte("\r\n\r\n"))
	}
	return bytes.Join(parts, []byte("--"+boundary))
}
