package shape

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/jsontext"
)

var reader = jsontext.Reader{Depth: 512}

// Read is the value of a body that a shape can be learned of: JSON, or a form, which is a flat object. False where it is
// neither, or where something of it is missing.
func Read(r *core.Request) (jsontext.Value, bool) {
	if r.Truncated || len(r.Body) == 0 || r.Header.Get("Content-Encoding") != "" && r.Header.Get("Content-Encoding") != "identity" {
		return jsontext.Value{}, false
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media == "application/x-www-form-urlencoded" {
		return readForm(string(r.Body))
	}
	return Parse(r.Body, media == "application/json" || strings.HasSuffix(media, "+json"))
}

// Parse reads JSON. Unless it is said to be JSON, only objects and arrays count: a word may be a number by chance.
func Parse(body []byte, said bool) (jsontext.Value, bool) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) == 0 || !said && start[0] != '{' && start[0] != '[' || !utf8.Valid(body) {
		return jsontext.Value{}, false
	}
	v, err := reader.Read(string(body))
	return v, err == nil
}

// readForm makes an object of a form: a text for each name, a list where it is repeated. One that carries JSON in its only
// field payload, as some providers send it, is that JSON.
func readForm(body string) (jsontext.Value, bool) {
	form, err := url.ParseQuery(body)
	if err != nil || len(form) == 0 {
		return jsontext.Value{}, false
	}
	if payload := form["payload"]; len(form) == 1 && len(payload) == 1 {
		if v, ok := Parse([]byte(payload[0]), false); ok {
			return v, true
		}
	}
	object := make(map[string]any, len(form))
	for name, values := range form {
		if object[name] = values; len(values) == 1 {
			object[name] = values[0]
		}
	}
	b, err := json.Marshal(object)
	if err != nil {
		return jsontext.Value{}, false
	}
	return Parse(b, true)
}
