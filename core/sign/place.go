package sign

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"hookglass/core"
)

// A place is where a value stands in a request, as a row writes it: "header:NAME" or "json:a.b.0.c",
// "form:NAME" or "query:NAME". The kind "sig:KEY" stands inside the signature header and is read with it.

// say puts a place into words: "header X-Hub-Signature-256", "body member signature.signature".
func say(place string) string {
	switch kind, name, _ := strings.Cut(place, ":"); kind {
	case "header":
		return "header " + name
	case "json":
		return "body member " + name
	case "form":
		return "form field " + name
	case "query":
		return "query parameter " + name
	case "sig":
		return "element " + name + "= of the signature header"
	default:
		return place
	}
}

// valuesAt returns all values at a place: each header line of that name, or the one member of a JSON body. The
// error says why a body could not be searched.
func valuesAt(r *core.Request, place string) ([]string, error) {
	kind, name, _ := strings.Cut(place, ":")
	if kind == "json" {
		v, ok, err := jsonText(r.Body, name)
		if !ok {
			return nil, err
		}
		return []string{v}, nil
	}
	switch kind {
	case "form":
		if v, ok := fieldOf(r.Header, r.Body, name); ok {
			return []string{v}, nil
		}
		return nil, nil
	case "query":
		if v, ok := queryValue(r.URL(), name); ok {
			return []string{v}, nil
		}
		return nil, nil
	}
	if stem, ok := strings.CutSuffix(name, "*"); ok {
		return numbered(r.Header, stem), nil
	}
	vs := r.Header.Values(name)
	for i := range vs {
		vs[i] = strings.Trim(vs[i], " \t") // as every HTTP parser does
	}
	return vs, nil
}

// numbered returns the values of the headers stem1, stem2 …
func numbered(h core.Header, stem string) []string {
	var vs []string
	for _, f := range h {
		if len(f.Name) <= len(stem) || !strings.EqualFold(f.Name[:len(stem)], stem) {
			continue
		}
		if _, err := strconv.ParseUint(f.Name[len(stem):], 10, 16); err == nil {
			vs = append(vs, strings.Trim(f.Value, " \t"))
		}
	}
	return vs
}

// jsonText returns the text of a string, number or literal inside a JSON body: a string decoded, a number as spelled.
func jsonText(body []byte, path string) (string, bool, error) {
	if err := checkJSON(body); err != nil {
		return "", false, err
	}
	start, end, err := locate(body, strings.Split(path, "."))
	if errors.Is(err, errNoMember) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	return plainText(body[start:end])
}

// checkJSON reads a body to its end: a receiver's parser refuses one that only begins as JSON.
func checkJSON(body []byte) error {
	var whole json.RawMessage
	return json.Unmarshal(body, &whole)
}

// isText reports whether the member at path is a string.
func isText(body []byte, path string) bool {
	start, end, err := locate(body, strings.Split(path, "."))
	return err == nil && start < end && body[start] == '"'
}

func plainText(raw []byte) (string, bool, error) {
	switch {
	case len(raw) == 0, raw[0] == '{', raw[0] == '[', string(raw) == "null":
		return "", false, nil
	case raw[0] != '"':
		return string(raw), true, nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", false, err
	}
	return s, true, nil
}

var errNoMember = errors.New("no such member")

// locate returns where the value at path begins and ends in data. Of repeated members the last counts, as in
// JSON.parse and most other parsers. A step that is a number selects from an array.
func locate(data []byte, path []string) (start, end int, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	open, err := dec.Token()
	if err != nil {
		return 0, 0, err
	}
	end = -1
	for i := 0; dec.More(); i++ {
		name := strconv.Itoa(i)
		if open == json.Delim('{') {
			t, err := dec.Token()
			if err != nil {
				return 0, 0, err
			}
			name, _ = t.(string)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return 0, 0, err
		}
		if name == path[0] {
			end = int(dec.InputOffset())
			start = end - len(raw)
		}
	}
	if _, isDelim := open.(json.Delim); !isDelim || end < 0 {
		return 0, 0, errNoMember
	}
	if len(path) == 1 {
		return start, end, nil
	}
	from, to, err := locate(data[start:end], path[1:])
	return start + from, start + to, err
}

// setJSON puts a value at path and leaves every other byte as it is. Members that are missing are made, first in
// their object; a missing element of an array is an error.
func setJSON(body []byte, path string, value []byte) ([]byte, error) {
	if err := checkJSON(body); err != nil {
		return nil, &core.Invalid{Field: "body", Reason: "the signature belongs into the JSON body, and this is not JSON: " + err.Error()}
	}
	steps := strings.Split(path, ".")
	start, end, err := locate(body, steps)
	if err != nil { // valid JSON without that member
		return insertJSON(body, steps, value)
	}
	return splice(body, start, end, value), nil
}

// insertJSON makes the missing members of path in the innermost object that exists.
func insertJSON(body []byte, steps []string, value []byte) ([]byte, error) {
	for i := len(steps) - 1; i >= 0; i-- {
		start, end := 0, len(body)
		if i > 0 {
			var err error
			if start, end, err = locate(body, steps[:i]); err != nil {
				continue
			}
		}
		brace := start + bytes.IndexByte(body[start:end], '{')
		if first := bytes.TrimLeft(body[start:end], " \t\r\n"); len(first) == 0 || first[0] != '{' {
			break
		}
		member := nest(steps[i:], value)
		if rest := bytes.TrimLeft(body[brace+1:end], " \t\r\n"); len(rest) > 0 && rest[0] != '}' {
			member = append(member, ',')
		}
		return splice(body, brace+1, brace+1, member), nil
	}
	return nil, &core.Invalid{Field: "body", Reason: "there is no place for " + strings.Join(steps, ".") + ": add it to the body"}
}

// nest writes "a":{"b":value}.
func nest(steps []string, value []byte) []byte {
	name, _ := json.Marshal(steps[0])
	out := append(name, ':')
	if len(steps) == 1 {
		return append(out, value...)
	}
	out = append(out, '{')
	out = append(out, nest(steps[1:], value)...)
	return append(out, '}')
}

func splice(b []byte, start, end int, with []byte) []byte {
	out := make([]byte, 0, len(b)-(end-start)+len(with))
	out = append(out, b[:start]...)
	out = append(out, with...)
	return append(out, b[end:]...)
}
