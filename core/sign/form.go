package sign

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"hookglass/core"
)

// fieldOf is the first field of that name in a form body, urlencoded or multipart.
func fieldOf(h core.Header, body []byte, name string) (string, bool) {
	kind, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if strings.HasPrefix(kind, "multipart/") {
		return multipartField(params["boundary"], body, name)
	}
	if kind != "" && kind != "application/x-www-form-urlencoded" {
		return "", false
	}
	for _, p := range formPairs(body) {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

func multipartField(boundary string, body []byte, name string) (string, bool) {
	if boundary == "" {
		return "", false
	}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := r.NextRawPart()
		if err != nil {
			return "", false
		}
		if part.FormName() == name && part.FileName() == "" {
			b, err := io.ReadAll(part)
			return string(b), err == nil
		}
	}
}

// setForm puts a field into a form body: in its place where it stands already, else at the end.
func setForm(h core.Header, body []byte, name, value string) ([]byte, error) {
	kind, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		return setMultipart(params["boundary"], body, name, value)
	case kind != "" && kind != "application/x-www-form-urlencoded":
		return nil, &core.Invalid{Field: "body", Reason: "the field " + name + " belongs into a form, and the Content-Type is " + kind}
	}
	field := url.QueryEscape(name) + "=" + url.QueryEscape(value)
	var out []string
	put := false
	for f := range strings.SplitSeq(string(body), "&") {
		switch n, _, _ := strings.Cut(f, "="); {
		case f == "":
		case unescape(n) != name:
			out = append(out, f)
		case !put:
			out, put = append(out, field), true
		}
	}
	if !put {
		out = append(out, field)
	}
	return []byte(strings.Join(out, "&")), nil
}

// setMultipart writes the parts that are not this field as they stand, and the field before the end.
func setMultipart(boundary string, body []byte, name, value string) ([]byte, error) {
	end := []byte("--" + boundary + "--")
	at := bytes.LastIndex(body, end)
	if boundary == "" || at < 0 {
		return nil, &core.Invalid{Field: "body", Reason: "the multipart body has no end that its Content-Type names: give it whole"}
	}
	mark := []byte("--" + boundary + "\r\n")
	var out []byte
	for i, part := range bytes.Split(body[:at], mark) {
		head, _, _ := bytes.Cut(part, []byte("\r\n\r\n"))
		if i > 0 && bytes.Contains(head, []byte(`name="`+name+`"`)) && !bytes.Contains(head, []byte("filename=")) {
			continue
		}
		if i > 0 {
			out = append(out, mark...)
		}
		out = append(out, part...)
	}
	out = fmt.Appendf(out, "%sContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", mark, name, value)
	return append(out, body[at:]...), nil
}

// sortedQuery is the query with its parameters decoded and sorted by name, then value: "a=1&b=2".
func sortedQuery(address string) string {
	_, query, _ := strings.Cut(address, "?")
	query, _, _ = strings.Cut(query, "#")
	return joinSorted(formPairs([]byte(query)), "=", "&")
}

// joinSorted writes pairs in the order of JavaScript's sort, which compares UTF-16 units.
func joinSorted(pairs []pair, between, after string) string {
	pairs = slices.Clone(pairs)
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Or(compare16(a.name, b.name), compare16(a.value, b.value)) })
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteString(after)
		}
		b.WriteString(p.name + between + p.value)
	}
	return b.String()
}

// plivo is Plivo's text, version 3: the address with its query sorted, the sorted form parameters and the nonce.
// As in the plivo package for Node.
func (v values) plivo() []core.Part {
	base, query, _ := strings.Cut(v.url, "?")
	pairs := formPairs([]byte(query))
	var form []pair
	if isForm(v.header) {
		form = formPairs(v.body)
	}
	if v.method == "GET" {
		pairs, form = append(pairs, form...), nil
	}
	parts := one("url", []byte(base))
	if len(pairs) > 0 || len(form) > 0 {
		parts = append(parts, literal("?"))
	}
	if len(pairs) > 0 {
		parts = append(parts, core.Part{Name: "sorted query", Bytes: []byte(joinSorted(pairs, "=", "&"))})
	}
	if len(pairs) > 0 && len(form) > 0 {
		parts = append(parts, literal("."))
	}
	if len(form) > 0 {
		parts = append(parts, core.Part{Name: "sorted form", Bytes: []byte(joinSorted(form, "", ""))})
	}
	return append(parts, literal("."), core.Part{Name: "id", Bytes: []byte(v.id)})
}

// qsh is the canonical request of Atlassian Connect: METHOD&path&query, the query sorted, escaped and without jwt.
func qsh(method, address string) string {
	r := core.Request{Target: address}
	path := escapedPath(r.Path())
	if path == "" {
		path = "/"
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	_, query, _ := strings.Cut(address, "?")
	values := map[string][]string{}
	var names []string
	for _, p := range formPairs([]byte(query)) {
		if p.name == "jwt" {
			continue
		}
		if values[p.name] == nil {
			names = append(names, p.name)
		}
		values[p.name] = append(values[p.name], p.value)
	}
	slices.SortFunc(names, compare16)
	var out []string
	for _, name := range names {
		slices.SortFunc(values[name], compare16)
		for i, v := range values[name] {
			values[name][i] = escape(v, "-._~")
		}
		out = append(out, escape(name, "-._~")+"="+strings.Join(values[name], ","))
	}
	return strings.ToUpper(method) + "&" + path + "&" + strings.Join(out, "&")
}

// escapedPath writes an ampersand of the path so that it does not end it.
func escapedPath(path string) string { return strings.ReplaceAll(path, "&", "%26") }
