package platform

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"hookglass/core/jsontext"
)

// The platforms are written in JavaScript and Python. core/jsontext reads and prints JSON as those do; this file is what
// JavaScript makes of a value, and python.go what Python makes of it.

// value is JSON as it was sent.
type value = jsontext.Value

// jsDepth is how deep JSON.stringify goes in Node 20 before its stack is full; JSON.parse has no such limit.
const jsDepth = 4000

// parseJS reads a text as JSON.parse does.
func parseJS(text string) (value, error) { return jsontext.Reader{Depth: jsDepth}.Read(text) }

// stringify appends v as JSON.stringify writes it.
func stringify(b []byte, v value) []byte { return jsontext.JavaScript.Append(b, v) }

// jsString is String(v): how a template or a concatenation shows it.
func jsString(v value) string {
	switch v.Kind() {
	case jsontext.Number:
		if f := v.Float(); math.IsInf(f, 0) {
			return map[bool]string{true: "Infinity", false: "-Infinity"}[f > 0]
		}
		return string(stringify(nil, v))
	case jsontext.Object:
		return "[object Object]"
	case jsontext.Array:
		return jsJoin(v)
	}
	return v.Text()
}

// jsJoin is an array's join(","): null is nothing.
func jsJoin(v value) string {
	var items []string
	for item := range v.Items() {
		if item.Kind() == jsontext.Null {
			items = append(items, "")
		} else {
			items = append(items, jsString(item))
		}
	}
	return strings.Join(items, ",")
}

// firstOf returns the first of those members that is there and counts: of [isSet] JavaScript's ??, of [truthy] its ||.
func firstOf(v value, counts func(value) bool, keys ...string) (value, bool) {
	for _, k := range keys {
		if m, ok := v.Get(k); ok && counts(m) {
			return m, true
		}
	}
	return value{}, false
}

func isSet(v value) bool { return v.Kind() != jsontext.Null }

func truthy(v value) bool {
	switch v.Kind() {
	case jsontext.Null:
		return false
	case jsontext.Bool:
		return v.Text() == "true"
	case jsontext.Number:
		return v.Float() != 0
	case jsontext.String:
		return v.Text() != ""
	}
	return true
}

// object writes a JSON object from names and values in turn, in that order and as JSON.stringify would.
func object(pairs ...any) []byte {
	b := []byte{'{'}
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsontext.JavaScript.Quote(b, pairs[i].(string)), ':')
		b = appendAny(b, pairs[i+1])
	}
	return append(b, '}')
}

func appendAny(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return jsontext.JavaScript.Quote(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case json.RawMessage:
		if len(v) > 0 {
			return append(b, v...)
		}
	case value:
		return stringify(b, v)
	}
	return appendForeign(b, v)
}

// appendForeign writes what came out of a settings map or a stored work item.
func appendForeign(b []byte, v any) []byte {
	raw, _ := json.Marshal(v)
	tree, _ := parseJS(string(raw)) // null where that is no JSON, or nested too deeply
	return stringify(b, tree)
}

// raw is v as JSON text for a work item.
func raw(v value) json.RawMessage { return stringify(nil, v) }
