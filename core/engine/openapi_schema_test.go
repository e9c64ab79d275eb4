package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hookglass/core/engine"
)

// document is what the control address says of itself.
type document struct{ root object }

func (r *rig) document() document {
	r.Helper()
	var root object
	r.ask("GET", "/_/openapi.json", nil, &root)
	return document{root}
}

func (d document) operations() map[string]object {
	all := map[string]object{}
	for path, item := range d.root["paths"].(object) {
		for method, o := range item.(object) {
			all[strings.ToUpper(method)+" "+path] = o.(object)
		}
	}
	return all
}

func (d document) at(ref string) any {
	var v any = d.root
	for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		o, _ := v.(object)
		v = o[part]
	}
	return v
}

// called makes a call and holds the answer against the document.
func (r *rig) called(doc document, c call) {
	r.Helper()
	o := doc.operations()[c.op]
	method, path, _ := strings.Cut(c.op, " ")
	if c.path != "" {
		path = c.path
	}
	content, ok := o["responses"].(object)[strconv.Itoa(c.status)].(object)
	if !ok {
		r.Errorf("%s: %d is not documented", c.op, c.status)
		return
	}
	if body, takes := o["requestBody"].(object); takes && c.status != 400 {
		if wrong := doc.wrong(schemaOf(body), asRead(c.body), "body"); wrong != "" {
			r.Errorf("%s %s: the document does not allow what is taken: %s", method, path, wrong)
		}
	}
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	var in io.Reader
	if c.body != nil {
		text, _ := json.Marshal(c.body)
		in = strings.NewReader(string(text))
	}
	req, err := http.NewRequestWithContext(ctx, method, r.control+path, in)
	if err != nil {
		r.Fatal(err)
	}
	if c.later {
		req.Header.Set("Prefer", "respond-async")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	kind := resp.Header.Get("Content-Type")
	if _, ok := content["content"].(object)[kind]; !ok || resp.StatusCode != c.status {
		got, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
		r.Errorf("%s %s: %d %s %s, want %d", method, path, resp.StatusCode, kind, got, c.status)
		return
	}
	if kind == "text/event-stream" {
		events := content["content"].(object)[kind].(object)["x-events"].(object)
		_ = engine.ReadStream(resp.Body, func(event string, data []byte) error {
			var v any
			if json.Unmarshal(data, &v) != nil || events[event] == nil || doc.wrong(events[event].(object), v, event) != "" {
				r.Errorf("%s: %s is not in its shape", event, data)
			}
			return io.EOF
		})
		return
	}
	var got any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		r.Fatal(err)
	}
	if wrong := doc.wrong(schemaOf(content), got, "answer"); wrong != "" {
		r.Errorf("%s %s: %s", method, path, wrong)
	}
}

func schemaOf(o object) object {
	return o["content"].(object)["application/json"].(object)["schema"].(object)
}

func asRead(v any) (out any) {
	text, _ := json.Marshal(v)
	_ = json.Unmarshal(text, &out)
	return out
}

// wrong says where a value is not as a schema has it, in the words of JSON schema that the document uses; others fail.
func (d document) wrong(schema object, v any, where string) string {
	for word, says := range schema {
		switch word {
		case "$ref":
			if wrong := d.wrong(d.at(says.(string)).(object), v, where); wrong != "" {
				return wrong
			}
		case "type":
			kinds, several := says.([]any)
			if !several {
				kinds = []any{says}
			}
			if !slices.ContainsFunc(kinds, func(kind any) bool { return isA(v, kind.(string)) }) {
				return fmt.Sprintf("%s is %v, want %v", where, v, says)
			}
		case "anyOf", "allOf":
			var all []string
			for _, s := range says.([]any) {
				if wrong := d.wrong(s.(object), v, where); wrong != "" {
					all = append(all, wrong)
				}
			}
			if word == "anyOf" && len(all) == len(says.([]any)) || word == "allOf" && len(all) > 0 {
				return strings.Join(all, "; ")
			}
		case "required":
			for _, name := range says.([]any) {
				if o, ok := v.(object); ok {
					if _, has := o[name.(string)]; !has {
						return fmt.Sprintf("%s has no %s", where, name)
					}
				}
			}
		case "properties", "additionalProperties":
			known, _ := schema["properties"].(object)
			o, _ := v.(object)
			for name, member := range o {
				s, _ := known[name].(object)
				if word == "additionalProperties" {
					if s != nil {
						continue
					}
					if says == false {
						return fmt.Sprintf("%s has %s", where, name)
					}
					s = says.(object)
				} else if s == nil {
					if !strings.HasPrefix(where, "body") && schema["additionalProperties"] == nil {
						return fmt.Sprintf("%s has %s, which is not documented", where, name)
					}
					continue
				}
				if wrong := d.wrong(s, member, where+"."+name); wrong != "" {
					return wrong
				}
			}
		case "items":
			list, _ := v.([]any)
			for i, member := range list {
				if wrong := d.wrong(says.(object), member, fmt.Sprintf("%s[%d]", where, i)); wrong != "" {
					return wrong
				}
			}
		case "minItems", "maxItems":
			if n := float64(len(v.([]any))); word == "minItems" && n < says.(float64) || word == "maxItems" && n > says.(float64) {
				return fmt.Sprintf("%s has %v", where, n)
			}
		case "minProperties", "maxProperties":
			if o, ok := v.(object); ok && (word == "minProperties" && float64(len(o)) < says.(float64) || word == "maxProperties" && float64(len(o)) > says.(float64)) {
				return fmt.Sprintf("%s has %d members", where, len(o))
			}
		case "description", "format", "contentEncoding":
		default:
			return "the test does not know the word " + word
		}
	}
	return ""
}

func isA(v any, kind string) bool {
	switch v := v.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case float64:
		return kind == "number" || kind == "integer" && v == float64(int64(v))
	case []any:
		return kind == "array"
	}
	return kind == "object"
}
