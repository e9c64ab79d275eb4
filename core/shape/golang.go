package shape

import (
	"fmt"
	"go/format"
	"go/token"
	"slices"
	"strings"
	"unicode"
)

// writeGo writes structs that encoding/json reads a body into, and writes as the same JSON again: what is optional is left out
// where it was not there, and null stays null where the member is always there.
func writeGo(all []Named) (string, error) {
	m := newModel(all)
	var b, body strings.Builder
	for _, e := range m.events {
		if e.root.object == nil || e.root.object.name != e.name || m.unfit(e.root.object) {
			kind := m.goType(e.root, false)
			if strings.HasPrefix(kind, "json.") {
				kind = "= " + kind // with its methods
			}
			fmt.Fprintf(&body, "\n// %s is the body of the event %+q.\ntype %[1]s %[3]s\n", e.name, eventKey(e.Event), kind)
		}
	}
	for i := len(m.objects) - 1; i >= 0; i-- {
		if o := m.objects[i]; !m.unfit(o) {
			m.goStruct(&body, o)
		}
	}
	b.WriteString("// Package events has the bodies of webhooks. It needs Go 1.24, for omitzero.\n//\n")
	b.WriteString(header(all, "//"))
	b.WriteString("package events\n")
	if strings.Contains(body.String(), "json.") {
		b.WriteString("\nimport \"encoding/json\"\n")
	}
	b.WriteString(body.String())
	text, err := format.Source([]byte(b.String()))
	if err != nil {
		return "", fmt.Errorf("write Go: %w", err)
	}
	return string(text), nil
}

// unfit says whether an object has names that no tag of a field can hold, or more members than those that are known.
func (m *model) unfit(o *object) bool {
	return o.loose || slices.ContainsFunc(o.members, func(f member) bool { return !tagName(f.key) })
}

// tagName is what encoding/json takes as a name in a tag.
func tagName(s string) bool {
	if s == "" {
		return false
	}
	for _, r := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// shortWords are written in capitals in Go.
var shortWords = strings.Fields("Id Url Uri Uuid Api Http Https Ip Json Html Sql Ssh Tls Ttl Ui Vat")

func goName(key string) string {
	name := pascal(strings.ReplaceAll(snake(key), "_", " "))
	for _, w := range shortWords {
		if strings.HasSuffix(name, w) && (len(name) == len(w) || name[len(name)-len(w)-1] >= 'a') {
			name = name[:len(name)-len(w)] + strings.ToUpper(w)
		}
	}
	if name == "" || isDigit(name[0]) || token.IsKeyword(name) {
		name = "Field" + name
	}
	return name
}

func (m *model) goStruct(b *strings.Builder, o *object) {
	fmt.Fprintf(b, "\ntype %s struct {\n", o.name)
	names := newNamer()
	for _, f := range o.members {
		tag := f.key
		if f.optional {
			tag += ",omitzero"
		} else if f.key == "-" {
			tag += ","
		}
		note := ""
		if t := f.typ; t.is(String) {
			switch {
			case t.values != nil:
				note = " // " + strings.Join(t.values, ", ")
			case t.format != NoFormat:
				note = " // " + t.format.String()
			}
		}
		fmt.Fprintf(b, "\t%s %s `json:%s`%s\n", names.take(goName(f.key)), m.goType(f.typ, f.optional), fmt.Sprintf("%q", tag), note)
	}
	b.WriteString("}\n")
}

// goType is a type that takes all that came and gives it back. A pointer stands for what may be null, or left out.
func (m *model) goType(t *typ, optional bool) string {
	if len(t.kinds) != 1 {
		return "json.RawMessage" // of several types, or of none that is known
	}
	pointer := ""
	if optional || t.nullable {
		pointer = "*"
	}
	switch t.kinds[0] {
	case Bool:
		return pointer + "bool"
	case Integer:
		if t.numbers.Big || t.numbers.Huge {
			return pointer + "json.Number"
		}
		return pointer + "int64"
	case Number:
		if t.numbers.Big || t.numbers.Huge {
			return pointer + "json.Number"
		}
		return pointer + "float64"
	case String:
		return pointer + "string"
	case Array:
		if t.elem == nil {
			return "[]json.RawMessage"
		}
		return "[]" + m.goType(t.elem, false)
	}
	switch {
	case t.object != nil && !m.unfit(t.object):
		return pointer + t.object.name
	case t.object == nil && t.others != nil:
		return "map[string]" + m.goType(t.others, false)
	}
	return "map[string]json.RawMessage"
}
