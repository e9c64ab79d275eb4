package engine

import (
	"encoding"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hookglass/core"
	"hookglass/core/lab"
	"hookglass/core/strict"
)

// The document of the control address is made of its table of routes and of the Go types whose JSON goes over it.

// document is what tells programs of this address: OpenAPI 3.1.
func (c *Control) document(*http.Request) (any, error) {
	s := shapes{}
	paths := map[string]map[string]any{}
	for _, rt := range c.table() {
		if paths[rt.path] == nil {
			paths[rt.path] = map[string]any{}
		}
		paths[rt.path][strings.ToLower(rt.method)] = rt.operation(s)
	}
	s.of(reflect.TypeFor[RefusalJSON](), false)
	return map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{"title": "Hookglass control address", "version": "1",
			"description": "For programs on this machine. Names are added, never changed."},
		"servers":  []any{map[string]any{"url": c.URL()}},
		"security": []any{map[string]any{"token": []string{}}},
		"paths":    paths,
		"components": map[string]any{
			"schemas":         map[string]any(s),
			"securitySchemes": map[string]any{"token": map[string]any{"type": "http", "scheme": "bearer", "description": "The token of the first line that serve prints"}},
		},
	}, nil
}

var inPath = regexp.MustCompile(`\{(\w+)\}`)

// everywhere are the refusals of every address: a caller without the token, one that is a page in a browser, and what went wrong here.
var everywhere = []int{http.StatusUnauthorized, http.StatusMisdirectedRequest, http.StatusInternalServerError}

func (rt *route) operation(s shapes) map[string]any {
	params := []any{}
	for _, m := range inPath.FindAllStringSubmatch(rt.path, -1) {
		kind := "integer"
		if rt.named || !slices.Contains(rt.refuses, http.StatusBadRequest) { // any text is an id there
			kind = "string"
		}
		params = append(params, map[string]any{"name": m[1], "in": "path", "required": true, "schema": map[string]any{"type": kind}})
	}
	for _, p := range rt.query {
		params = append(params, map[string]any{"name": p.name, "in": "query", "description": p.about, "schema": map[string]any{"type": p.kind}})
	}
	content := map[string]any{}
	if rt.tells != nil {
		params = append(params, map[string]any{"name": "Last-Event-ID", "in": "header", "description": "The id of the last event that came", "schema": map[string]any{"type": "string"}})
		events := map[string]any{}
		for name, v := range rt.tells {
			events[name] = s.of(reflect.TypeOf(v), false)
		}
		content = map[string]any{"text/event-stream": map[string]any{"schema": map[string]any{"type": "string", "description": "Under x-events, the data of each event by its name"}, "x-events": events}}
	} else {
		content["application/json"] = map[string]any{"schema": s.of(reflect.TypeOf(rt.gives), false)}
	}
	answers := map[string]any{"200": map[string]any{"description": "OK", "content": content}}
	if rt.task {
		delete(answers, "200")
	}
	if rt.long {
		params = append(params, map[string]any{"name": "Prefer", "in": "header", "description": "respond-async: 202 at once, and the answer with the task", "schema": map[string]any{"type": "string"}})
	}
	if rt.task || rt.long {
		task := s.of(reflect.TypeFor[TaskJSON](), false)
		result := s.of(reflect.TypeOf(rt.gives), false)
		answers["202"] = map[string]any{"description": http.StatusText(http.StatusAccepted) + "; under x-result, the result of the task when it is done",
			"content": map[string]any{"application/json": map[string]any{"schema": task, "x-result": result}},
			"headers": map[string]any{"Location": map[string]any{"description": "Where the task says how far it has come", "schema": map[string]any{"type": "string"}}}}
	}
	for _, status := range slices.Concat(rt.refuses, everywhere) {
		answers[strconv.Itoa(status)] = map[string]any{"description": http.StatusText(status),
			"content": map[string]any{"application/json": map[string]any{"schema": s.of(reflect.TypeFor[RefusalJSON](), false)}}}
	}
	op := map[string]any{"operationId": rt.id(), "summary": rt.summary, "parameters": params, "responses": answers}
	if rt.takes != nil {
		schema := s.of(reflect.TypeOf(rt.takes), true)
		if rt.needs != nil {
			schema = map[string]any{"allOf": []any{schema}, "required": rt.needs}
		}
		op["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": schema}}}
	}
	return op
}

// id is the operation's name: what it does and where, "put_captures_id_note".
func (rt *route) id() string {
	path := strings.NewReplacer("{", "", "}", "", ".", "_", "/", "_").Replace(strings.TrimPrefix(rt.path, "/_/"))
	return strings.ToLower(rt.method) + "_" + path
}

// shapes are the schemas of named Go types, under components. A body's members may be left out unless a route needs them; an
// answer has all but those that are left out when they are empty.
type shapes map[string]any

// shaped is a type that reads or writes its JSON itself, and so says of itself what that looks like.
type shaped interface{ shape() map[string]any }

// of is the schema of a type: a reference where it has a name.
func (s shapes) of(t reflect.Type, asked bool) map[string]any {
	if own, ok := reflect.Zero(t).Interface().(shaped); ok && t.Kind() != reflect.Pointer {
		return s.named(t, asked, func() map[string]any { return own.shape() })
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[time.Duration]():
		return map[string]any{"type": "integer", "description": "Nanoseconds"}
	case reflect.TypeFor[json.RawMessage]():
		return map[string]any{}
	case reflect.TypeFor[core.Values]():
		return map[string]any{"type": []string{"object", "null"}}
	}
	if t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return map[string]any{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{s.of(t.Elem(), asked), map[string]any{"type": "null"}}}
	case reflect.Struct:
		return s.named(t, asked, func() map[string]any { return s.object(t, asked) })
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return map[string]any{"type": "string", "contentEncoding": "base64"}
		}
		return map[string]any{"type": "array", "items": s.of(t.Elem(), asked)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem(), asked)}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Interface:
		return map[string]any{}
	}
	if t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 {
		return map[string]any{"type": "integer"}
	}
	panic(fmt.Sprintf("the control address has no shape for %v", t)) // the test goes over all of them
}

// named puts a type's schema under components once, and refers to it.
func (s shapes) named(t reflect.Type, asked bool, make func() map[string]any) map[string]any {
	name := strings.TrimSuffix(t.Name(), "JSON")
	name = strings.ToUpper(name[:1]) + name[1:]
	if asked {
		name += "In"
	}
	if _, there := s[name]; !there {
		s[name] = nil // in the making: a type may hold itself
		s[name] = make()
	}
	return map[string]any{"$ref": "#/components/schemas/" + name}
}

// object has the members as encoding/json writes them: those of an embedded struct stand among its own, which go first.
func (s shapes) object(t reflect.Type, asked bool) map[string]any {
	properties, required := map[string]any{}, []string{}
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		var embedded []reflect.Type
		for f := range t.Fields() {
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				embedded = append(embedded, f.Type)
				continue
			case name == "-" || !f.IsExported():
				continue
			case name == "":
				name = f.Name
			}
			if properties[name] != nil {
				continue
			}
			properties[name] = s.of(f.Type, asked)
			if !asked && !strings.Contains(options, "omit") {
				required = append(required, name)
			}
		}
		for _, t := range embedded {
			add(t)
		}
	}
	add(t)
	out := map[string]any{"type": "object", "properties": properties}
	if len(required) > 0 {
		out["required"] = required
	}
	if asked {
		out["additionalProperties"] = false // see decode
	}
	return out
}

func (Pairs) shape() map[string]any {
	return map[string]any{"type": "array", "description": "Header fields in order, [name, value]",
		"items": map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "minItems": 2, "maxItems": 2}}
}

func (SecretPlace) shape() map[string]any {
	text := map[string]any{"type": "string"}
	return map[string]any{"type": "object", "description": "Where the secret is: a variable of the running program, or a name in the system's keyring",
		"properties": map[string]any{"env": text, "keyring": text}, "additionalProperties": false, "minProperties": 1, "maxProperties": 1}
}

func (sourceDoc) shape() map[string]any {
	text := map[string]any{"type": "string"}
	return map[string]any{"type": "object", "description": "A source of a workspace file, with the settings that its platform has",
		"properties": map[string]any{"platform": text, "name": map[string]any{"type": []string{"string", "null"}}, "path": map[string]any{"type": []string{"string", "null"}}}}
}

// shape is made of the options, as the request's JSON is.
func (ReplayRequest) shape() map[string]any {
	kind := func(field any) map[string]any {
		switch field.(type) {
		case *bool:
			return map[string]any{"type": "boolean"}
		case *int, **uint64:
			return map[string]any{"type": "integer"}
		}
		return map[string]any{"type": "number"}
	}
	properties := map[string]any{
		"captures":    map[string]any{"type": "array", "items": map[string]any{"type": "integer"}},
		"query":       map[string]any{"type": "string", "description": "Instead of captures: those that match"},
		"to":          map[string]any{"type": "string", "description": "The address they go to"},
		"environment": map[string]any{"type": "string", "description": "Whose values take the place of {{env.NAME}} in to; left out: the one that is chosen"},
	}
	var r ReplayRequest
	for _, o := range ReplayOptions {
		property := kind(o.Field(&r))
		property["description"] = o.Usage
		properties[o.Name] = property
	}
	return map[string]any{"type": "object", "properties": properties, "required": []string{"to"}, "additionalProperties": false}
}

func (scenarioDoc) shape() map[string]any {
	return named("A scenario of hookglass simulate; durations are seconds, or texts like 1m30s", strict.Keys[lab.Scenario]())
}

func (scorecard) shape() map[string]any {
	return named("What hookglass checkup --json prints", []string{"score", "cap", "checks"})
}

func (simulated) shape() map[string]any {
	return named("What hookglass simulate --json prints; durations are seconds", strict.Keys[lab.Result]())
}

// named is an object of which the names alone are said: core/strict reads and writes it.
func named(about string, names []string) map[string]any {
	properties := map[string]any{}
	for _, name := range names {
		properties[name] = map[string]any{}
	}
	return map[string]any{"type": "object", "description": about, "properties": properties}
}
