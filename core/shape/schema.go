package shape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Named is the shape of an event, for exports of several.
type Named struct {
	Event  string
	Source string
	*Shape
}

// Dialect is the JSON Schema that exports are written in.
const Dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema is a JSON Schema. It accepts each body that it was learned of, and says no more than what they have in common: it
// closes no object, and makes no range of the numbers that happened to come.
type Schema struct {
	Dialect     string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        any                `json:"type,omitempty"` // a name, or several
	Format      string             `json:"format,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Enum        []any              `json:"enum,omitempty"`
	Properties  map[string]*Schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Others      *Schema            `json:"additionalProperties,omitempty"`
	Items       *Schema            `json:"items,omitempty"`
	Examples    []string           `json:"examples,omitempty"`
}

// SchemaOf is the schema of an event.
func SchemaOf(n Named) *Schema {
	s := n.Root.schema()
	s.Dialect, s.Title = Dialect, n.Event
	s.Description = learnedOf(n)
	return s
}

func learnedOf(n Named) string {
	if n.Count == 1 {
		return "Learned from 1 capture."
	}
	return fmt.Sprintf("Learned from %d captures.", n.Count)
}

func (p *Place) schema() *Schema {
	s := &Schema{}
	var types []string
	for _, k := range p.Kinds() {
		if k != Integer || !p.Has(Number) { // which takes both
			types = append(types, k.String())
		}
	}
	switch len(types) {
	case 0:
	case 1:
		s.Type = types[0]
	default:
		s.Type = types
	}
	if t := p.Texts; t != nil {
		switch f := t.Format(); {
		case t.Empty > 0 || p.secret:
		case f == Digits && t.Count >= strict:
			s.Pattern = "^[0-9]+$"
		case f != NoFormat && f != Digits:
			s.Format = f.String()
		}
		if values := p.onlyValues(); values != nil {
			for _, v := range values {
				s.Enum = append(s.Enum, v)
			}
			if p.Has(Null) {
				s.Enum = append(s.Enum, nil)
			}
		} else {
			s.Examples = p.Examples()
		}
	}
	for _, f := range p.Sorted() {
		if f.Name == Any {
			if p.Others == 0 {
				s.Others = f.schema()
			}
			continue
		}
		if s.Properties == nil {
			s.Properties = map[string]*Schema{}
		}
		s.Properties[f.Name] = f.schema()
		if !p.Optional(f) {
			s.Required = append(s.Required, f.Name)
		}
	}
	if p.Items != nil {
		s.Items = p.Items.schema()
	}
	return s
}

// onlyValues are those of a place where a value is one of few words, or null.
func (p *Place) onlyValues() []string {
	if p.Counts[String]+p.Counts[Null] != p.Seen() {
		return nil
	}
	return p.Values()
}

// indented is JSON for people.
func indented(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return harmless(b.String(), func(r rune) string { return strings.Trim(scriptText(string(r)), `"`) }), err
}

// writeSchema is a schema for one event, and for several a schema that takes each of them.
func writeSchema(all []Named) (string, error) {
	if len(all) == 1 {
		return indented(SchemaOf(all[0]))
	}
	defs := map[string]*Schema{}
	var each []map[string]string
	names := newNamer()
	for _, n := range all {
		s := SchemaOf(n)
		s.Dialect = ""
		name := names.take(RootName(n.Event))
		defs[name] = s
		each = append(each, map[string]string{"$ref": "#/$defs/" + name})
	}
	return indented(map[string]any{"$schema": Dialect, "$defs": defs, "anyOf": each})
}

// envelope says that a body is an event of CloudEvents in structured mode: the place of its data, or nil.
func (s *Shape) envelope() (data *Place, is bool) {
	for _, name := range []string{"specversion", "id", "source", "type"} {
		i, ok := s.Root.find(name)
		if !ok || s.Root.Optional(s.Root.Fields[i]) || !s.Root.Fields[i].Has(String) {
			return nil, false
		}
	}
	if i, ok := s.Root.find("data"); ok {
		data = s.Root.Fields[i].Place
	}
	return data, true
}

// cloudNote is what an export says of the envelope.
const cloudNote = "The body is an event of CloudEvents 1.0 in structured mode (application/cloudevents+json): specversion, id, source and type are its envelope, data is the payload."

func writeOpenAPI(all []Named) (string, error) {
	hooks := map[string]any{}
	for _, n := range all {
		s := SchemaOf(n)
		s.Dialect = ""
		about, media := learnedOf(n), "application/json"
		if _, is := n.envelope(); is {
			about, media = about+" "+cloudNote, "application/cloudevents+json"
		}
		hooks[eventKey(n.Event)] = map[string]any{"post": map[string]any{"summary": eventKey(n.Event), "description": about,
			"requestBody": map[string]any{"required": true, "content": map[string]any{media: map[string]any{"schema": s}}},
			"responses":   map[string]any{"200": map[string]any{"description": "Taken; the sender does not try again."}}}}
	}
	return indented(struct {
		OpenAPI  string         `json:"openapi"`
		Info     map[string]any `json:"info"`
		Dialect  string         `json:"jsonSchemaDialect"`
		Webhooks map[string]any `json:"webhooks"`
	}{"3.1.0", map[string]any{"title": titleOf(all), "version": "1.0.0"}, Dialect, hooks})
}

func eventKey(event string) string {
	if event == "" {
		return "event"
	}
	return event
}

func titleOf(all []Named) string {
	if len(all) == 0 || all[0].Source == "" {
		return "Webhooks"
	}
	return "Webhooks of " + all[0].Source
}

func writeAsyncAPI(all []Named) (string, error) {
	messages, refs := map[string]any{}, map[string]any{}
	var listed []map[string]string
	names := newNamer()
	for _, n := range all {
		s := SchemaOf(n)
		s.Dialect = ""
		name := names.take(RootName(n.Event))
		m := map[string]any{"name": eventKey(n.Event), "title": eventKey(n.Event), "summary": learnedOf(n), "contentType": "application/json",
			"payload": map[string]any{"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": s}}
		if _, is := n.envelope(); is {
			m["contentType"], m["description"] = "application/cloudevents+json", cloudNote
		}
		messages[name] = m
		refs[name] = map[string]string{"$ref": "#/components/messages/" + name}
		listed = append(listed, map[string]string{"$ref": "#/channels/webhooks/messages/" + name})
	}
	return indented(struct {
		AsyncAPI   string         `json:"asyncapi"`
		Info       map[string]any `json:"info"`
		Type       string         `json:"defaultContentType"`
		Channels   map[string]any `json:"channels"`
		Operations map[string]any `json:"operations"`
		Components map[string]any `json:"components"`
	}{"3.0.0", map[string]any{"title": titleOf(all), "version": "1.0.0"}, "application/json",
		map[string]any{"webhooks": map[string]any{"address": "/", "messages": refs}},
		map[string]any{"receive": map[string]any{"action": "receive", "channel": map[string]string{"$ref": "#/channels/webhooks"}, "messages": listed}},
		map[string]any{"messages": messages}})
}

// Format of an export.
type Export struct {
	Name, Title, Suffix string // "ts", "TypeScript", ".ts"
	write               func([]Named) (string, error)
}

// Exports are what shapes can be written as.
var Exports = []Export{
	{"schema", "JSON Schema", ".schema.json", writeSchema},
	{"ts", "TypeScript", ".ts", writeTypeScript},
	{"zod", "Zod", ".zod.ts", writeZod},
	{"go", "Go", ".go", writeGo},
	{"python", "Python (Pydantic)", ".py", writePydantic},
	{"dataclass", "Python (dataclass)", ".py", writeDataclass},
	{"openapi", "OpenAPI 3.1", ".openapi.json", writeOpenAPI},
	{"asyncapi", "AsyncAPI 3", ".asyncapi.json", writeAsyncAPI},
}

// ExportNames are the names of Exports.
func ExportNames() (names []string) {
	for _, e := range Exports {
		names = append(names, e.Name)
	}
	return names
}

// Write writes shapes in a format of Exports.
func Write(format string, all []Named) (string, bool, error) {
	for _, e := range Exports {
		if e.Name == strings.ToLower(format) {
			text, err := e.write(all)
			return text, true, err
		}
	}
	return "", false, nil
}
