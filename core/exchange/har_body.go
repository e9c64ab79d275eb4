package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hookglass/core"
)

// A HAR log has the text of a body, or the parameters that a tool made of it, and beside it how long the body was. What
// is taken is the form of that length; where none has it, that is said.

// form is one way in which the bytes of a body may be meant.
type form struct {
	body []byte
	says string // what is to be said of it; "": it is what stands there
}

// body reads the body, with its size.
func (e *harEntryIn) body(r *core.Request) *refusal {
	recorded := recordedLength(r.Header, e.Request.BodySize)
	r.Size = max(recorded, 0)
	p := e.Request.PostData
	if p == nil || p.Text == "" && len(p.Params) == 0 {
		if r.Truncated = recorded > 0; r.Truncated {
			e.say("the body, of %d bytes, is not in the file", recorded)
		}
		return nil
	}
	forms, err := p.forms(r.Header.Get("Content-Type"))
	if err != nil {
		return &refusal{"request.postData", err.Error(), "run the request against a source of yours and take the capture"}
	}
	i := slices.IndexFunc(forms, func(f form) bool { return int64(len(f.body)) == recorded })
	fits := i >= 0
	chosen := forms[max(i, 0)]
	r.Body, r.Size = chosen.body, int64(len(chosen.body))
	if chosen.says != "" {
		e.say("%s", chosen.says)
	}
	switch coding := codingOf(r.Header); {
	case coding != "" && !looksEncoded(coding, r.Body):
		e.say("the body is decoded: Content-Encoding, %s, and a Content-Length speak of what was sent, and a signature over that cannot be checked", coding)
	case fits || recorded <= 0:
	case recorded > r.Size:
		r.Size, r.Truncated = recorded, true
		e.say("%d bytes were sent, and %d are in the file", recorded, len(r.Body))
	default:
		e.say("%d bytes were sent, and %d are in the file: it was changed as it was written down", recorded, len(r.Body))
	}
	return nil
}

// recordedLength is how long the body was, or -1.
func recordedLength(h core.Header, bodySize json.RawMessage) int64 {
	if n := int64(harNumber(bodySize)); n > 0 {
		return n
	}
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		return n
	}
	return -1
}

// forms are the bodies that may be meant, the likeliest first.
func (p *harPostData) forms(contentType string) (all []form, err error) {
	if p.MimeType != "" {
		contentType = p.MimeType
	}
	if p.Text != "" {
		if all, err = textForms(p.Text, p.Encoding); err != nil {
			return nil, err
		}
	}
	if len(p.Params) == 0 || p.Encoding != "" {
		return all, nil
	}
	switch kind, params, _ := mime.ParseMediaType(contentType); {
	case mediaType(contentType) == "application/x-www-form-urlencoded":
		all = append(all, paramForms(p.Params)...)
	case kind == "multipart/form-data" && params["boundary"] != "" && !slices.ContainsFunc(p.Params, isFile):
		all = append(all, form{multipartOf(p.Params, params["boundary"]), "the body is made of its parameters"})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("a body of type %q is given by its parameters alone, and its bytes cannot be made of them", contentType)
	}
	return all, nil
}

// textForms are what a text may stand for: itself, its characters as bytes, its line ends as they were, and what follows
// the fields that some browsers write before it.
func textForms(text, encoding string) ([]form, error) {
	body, err := harBody(text, encoding)
	if err != nil || encoding != "" {
		return []form{{body, ""}}, err
	}
	all := []form{{body, ""}}
	if plain := toLatin1(text); plain != text {
		all = append(all, form{[]byte(plain), "each character of the body is taken as one byte (Latin-1), by the length that was recorded"})
	}
	if lines := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n"); lines != text {
		all = append(all, form{[]byte(lines), "the body's lines end with CR LF, by the length that was recorded"})
	}
	if head, rest, ok := strings.Cut(text, "\r\n\r\n"); ok && strings.HasPrefix(strings.ToLower(head), "content-") {
		all = append(all, form{[]byte(rest), "header fields stood before the body in the file"})
	}
	return all, nil
}

// paramForms are the forms that parameters may make.
func paramForms(params []harPair) (all []form) {
	const made = "the body is made of its parameters"
	forms := []struct {
		escape func(string) string
		says   string
	}{
		{url.QueryEscape, made + ", with + for spaces"},
		{func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }, made + ", with %20 for spaces"},
		{func(s string) string { return s }, made + ", which are escaped already"},
		{uriComponent, made + ", escaped as JavaScript does"},
		{func(s string) string { return strings.ReplaceAll(uriComponent(s), "%20", "+") }, made + ", escaped as JavaScript does, with + for spaces"},
	}
	escaped := !slices.ContainsFunc(params, func(p harPair) bool { return !isEscaped(p.Name) || !isEscaped(p.Value) }) &&
		slices.ContainsFunc(params, func(p harPair) bool { return strings.Contains(p.Name+p.Value, "%") })
	if escaped { // where no length says which, that is what such a tool means
		forms = slices.Concat(forms[2:3], forms[:2], forms[3:])
	}
	for _, f := range forms {
		var b strings.Builder
		for i, p := range params {
			if i > 0 {
				b.WriteByte('&')
			}
			b.WriteString(f.escape(p.Name) + "=" + f.escape(p.Value))
		}
		all = append(all, form{[]byte(b.String()), f.says})
	}
	return all
}

// isEscaped reports whether a text can stand in a form as it is: each % begins an escape, and nothing would need one.
func isEscaped(s string) bool {
	if strings.ContainsAny(s, "&= ") || strings.ContainsFunc(s, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return false
	}
	_, err := url.QueryUnescape(s)
	return err == nil
}

// uriComponent escapes as encodeURIComponent does.
func uriComponent(s string) string {
	out := strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
	for _, c := range "!'()*" {
		out = strings.ReplaceAll(out, fmt.Sprintf("%%%02X", c), string(c))
	}
	return out
}

func isFile(p harPair) bool { return p.FileName != "" }

func multipartOf(params []harPair, boundary string) []byte {
	var b bytes.Buffer
	for _, p := range params {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", boundary, p.Name, p.Value)
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.Bytes()
}

func harBody(text, encoding string) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "":
		return []byte(text), nil
	case "base64":
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("the text is not base64: %v", err)
		}
		return b, nil
	}
	return nil, fmt.Errorf("unknown encoding %q; want base64 or none", encoding)
}

// codingOf is the coding that a header says a body has, or "".
func codingOf(h core.Header) string {
	coding := strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding")))
	if coding == "identity" {
		return ""
	}
	return coding
}

// looksEncoded reports whether a body may be what a coding made. Brotli has no mark: there, text counts as decoded.
func looksEncoded(coding string, body []byte) bool {
	switch coding {
	case "gzip", "x-gzip":
		return bytes.HasPrefix(body, []byte{0x1f, 0x8b})
	case "zstd":
		return bytes.HasPrefix(body, []byte{0x28, 0xb5, 0x2f, 0xfd})
	case "deflate", "br":
		return !utf8.Valid(body)
	}
	return true // one that is not known here
}
