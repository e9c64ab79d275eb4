// Package contract checks bodies against what their sender promised: a JSON Schema, the webhooks of an OpenAPI 3.1 document, or
// a catalogue of events. Nothing that a document refers to is fetched.
package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"hookglass/core"
)

// Contract is what a source's bodies are checked against.
type Contract struct {
	Kind    string                        // in words: "JSON Schema"
	any     *jsonschema.Schema            // of all events; nil: each has its own
	byEvent map[string]*jsonschema.Schema // by name
}

// The bounds of a contract, which comes from strangers.
const (
	Largest    = 2 << 20
	mostEvents = 2000
	mostSaid   = 10 // violations of one body
)

// field is what is refused.
const field = "contract"

func invalid(reason string, args ...any) error {
	return &core.Invalid{Field: field, Reason: fmt.Sprintf(reason, args...)}
}

// JSON reads a document as JSON or YAML, and returns it as JSON.
func JSON(text []byte) (json.RawMessage, error) {
	if len(text) > Largest {
		return nil, invalid("has %d bytes; want at most %d", len(text), Largest)
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	if len(text) == 0 {
		return nil, invalid("is empty; want a JSON Schema, an OpenAPI 3.1 document with webhooks, or a catalogue of events")
	}
	if text[0] == '{' || text[0] == '[' {
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			return nil, invalid("is no JSON: %v", err)
		}
		return text, nil
	}
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		return nil, invalid("is neither JSON nor YAML: %.200v", err)
	}
	b, err := json.Marshal(v)
	if err != nil || v == nil || b[0] != '{' && b[0] != '[' {
		return nil, invalid("is neither an object nor a list; want a JSON Schema, an OpenAPI 3.1 document with webhooks, or a catalogue of events")
	}
	return b, nil
}

// Compile makes a contract of a document.
func Compile(doc json.RawMessage) (*Contract, error) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		return nil, invalid("is no JSON: %v", err)
	}
	c := &Contract{byEvent: map[string]*jsonschema.Schema{}}
	root, isObject := v.(map[string]any)
	switch {
	case isObject && root["openapi"] != nil:
		return c, c.openAPI(root)
	case isObject && root["swagger"] != nil:
		return nil, invalid("is Swagger 2, which has no webhooks; want OpenAPI 3.1")
	case isObject && root["asyncapi"] != nil:
		return nil, invalid("is AsyncAPI; want a JSON Schema, an OpenAPI 3.1 document with webhooks, or a catalogue of events")
	}
	if events := catalogue(v); events != nil {
		return c, c.catalogue(events)
	}
	if !isObject || !isSchema(root) {
		return nil, invalid("is none that is known; want a JSON Schema, an OpenAPI 3.1 document with webhooks, or a catalogue of events")
	}
	c.Kind = "JSON Schema"
	c.any, err = compile(v, "")
	return c, err
}

func isSchema(m map[string]any) bool {
	for _, word := range []string{"$schema", "$ref", "$defs", "type", "properties", "required", "anyOf", "oneOf", "allOf", "items", "enum", "const"} {
		if _, ok := m[word]; ok {
			return true
		}
	}
	return false
}

// refuse loads nothing: what a stranger's document refers to may be any file of this machine, or any address.
type refuse struct{}

var errElsewhere = errors.New("it stands elsewhere")

func (refuse) Load(string) (any, error) { return nil, errElsewhere }

const base = "contract:document"

// compile makes a schema of a part of a document.
func compile(doc any, pointer string) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseLoader(refuse{})
	if err := c.AddResource(base, doc); err != nil {
		return nil, invalid("cannot be read: %v", err)
	}
	s, err := c.Compile(base + "#" + pointer)
	if err != nil {
		text := strings.ReplaceAll(err.Error(), base, "")
		if errors.Is(err, errElsewhere) || strings.Contains(text, errElsewhere.Error()) {
			return nil, invalid("refers to another document, and nothing is fetched: bundle it into one first")
		}
		return nil, invalid("is no schema that can be checked against: %s", firstLine(text))
	}
	return s, nil
}

func firstLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(lines[i]), "-"))
	}
	s = strings.Join(lines, " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}

// openAPI takes the bodies of a document's webhooks.
func (c *Contract) openAPI(root map[string]any) error {
	version, _ := root["openapi"].(string)
	if !strings.HasPrefix(version, "3.1") && !strings.HasPrefix(version, "3.2") {
		return invalid("is OpenAPI %.20q; want 3.1, the first that has webhooks", version)
	}
	hooks, _ := root["webhooks"].(map[string]any)
	if len(hooks) == 0 {
		return invalid("has no webhooks; want an OpenAPI 3.1 document that has")
	}
	if len(hooks) > mostEvents {
		return invalid("has %d webhooks; want at most %d", len(hooks), mostEvents)
	}
	c.Kind = "OpenAPI " + version
	for _, name := range slices.Sorted(maps.Keys(hooks)) {
		pointer, found := bodyOf(root, name)
		if !found {
			c.byEvent[name] = nil // it promises nothing of the body
			continue
		}
		s, err := compile(root, pointer)
		if err != nil {
			return fmt.Errorf("webhook %.100s: %w", name, err)
		}
		c.byEvent[name] = s
	}
	return nil
}

// bodyOf is where the schema of a webhook's body stands, references followed.
func bodyOf(root map[string]any, name string) (pointer string, found bool) {
	at := follow(root, "/webhooks/"+escape(name))
	for _, method := range []string{"post", "put", "patch", "get", "delete"} {
		op := at + "/" + method
		if _, ok := lookUp(root, op); !ok {
			continue
		}
		body := follow(root, op+"/requestBody")
		content, _ := lookUp(root, body+"/content")
		media, _ := content.(map[string]any)
		for _, kind := range slices.Sorted(maps.Keys(media)) {
			schema := body + "/content/" + escape(kind) + "/schema"
			if _, ok := lookUp(root, schema); ok && strings.Contains(kind, "json") {
				return schema, true
			}
		}
	}
	return "", false
}

// follow goes to what a place refers to, within the document.
func follow(root map[string]any, pointer string) string {
	for range 16 {
		v, _ := lookUp(root, pointer)
		m, _ := v.(map[string]any)
		ref, ok := m["$ref"].(string)
		if !ok || !strings.HasPrefix(ref, "#/") {
			break
		}
		plain, err := url.PathUnescape(ref[1:])
		if err != nil {
			break
		}
		pointer = plain
	}
	return pointer
}

func lookUp(root any, pointer string) (any, bool) {
	at := root
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		m, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		if at, ok = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]; !ok {
			return nil, false
		}
	}
	return at, true
}

func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

// event is a row of a catalogue.
type event struct {
	name   string
	schema any
}

// catalogue finds the events of a list: each has a name and a schema, or its versions, of which the last counts.
func catalogue(v any) []event {
	if m, ok := v.(map[string]any); ok {
		for _, word := range []string{"event_types", "eventTypes", "events", "data"} {
			switch list := m[word].(type) {
			case []any:
				return catalogue(list)
			case map[string]any:
				var all []event
				for _, name := range slices.Sorted(maps.Keys(list)) {
					if row, ok := list[name].(map[string]any); ok && (row["schema"] != nil || row["schemas"] != nil) {
						all = append(all, event{name, schemaOf(row)})
					}
				}
				if all != nil {
					return all
				}
			}
		}
		return nil
	}
	list, _ := v.([]any)
	var all []event
	for _, one := range list {
		row, _ := one.(map[string]any)
		for _, word := range []string{"name", "type", "event", "event_type", "eventType"} {
			if name, ok := row[word].(string); ok {
				all = append(all, event{name, schemaOf(row)})
				break
			}
		}
	}
	return all
}

func schemaOf(row map[string]any) any {
	for _, word := range []string{"schema", "jsonSchema", "json_schema"} {
		if row[word] != nil {
			return row[word]
		}
	}
	versions, _ := row["schemas"].(map[string]any)
	names := slices.SortedFunc(maps.Keys(versions), func(a, b string) int {
		x, errX := strconv.ParseFloat(strings.TrimPrefix(a, "v"), 64)
		y, errY := strconv.ParseFloat(strings.TrimPrefix(b, "v"), 64)
		if errX == nil && errY == nil && x != y {
			if x < y {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	if len(names) == 0 {
		return nil
	}
	return versions[names[len(names)-1]]
}

func (c *Contract) catalogue(events []event) error {
	c.Kind = "catalogue of events"
	if len(events) > mostEvents {
		return invalid("has %d events; want at most %d", len(events), mostEvents)
	}
	for _, e := range events {
		if e.schema == nil {
			c.byEvent[e.name] = nil
			continue
		}
		s, err := compile(e.schema, "")
		if err != nil {
			return fmt.Errorf("event %.100s: %w", e.name, err)
		}
		c.byEvent[e.name] = s
	}
	return nil
}

// Events are the names that the contract has, none where it is of all.
func (c *Contract) Events() []string { return slices.Sorted(maps.Keys(c.byEvent)) }
