package shape

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// scriptText is a string literal of JavaScript and JSON.
func scriptText(s string) string {
	b, _ := json.Marshal(s) // of a string, which it always can
	return harmless(string(b), func(r rune) string {
		if r > 0xFFFF {
			high, low := utf16.EncodeRune(r)
			return fmt.Sprintf("\\u%04x\\u%04x", high, low)
		}
		return fmt.Sprintf("\\u%04x", r)
	})
}

// harmless writes characters that act, or cannot be seen, as escapes: what is exported is looked at in terminals.
func harmless(s string, escape func(rune) string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			b.WriteString(escape(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hidden(r rune) bool { return r >= 0x7F && !unicode.IsPrint(r) }

func scriptKey(name string) string {
	if scriptName(name) {
		return name
	}
	return scriptText(name)
}

func scriptName(s string) bool {
	if s == "" || isDigit(s[0]) || s == "__proto__" {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && !isLetter(c) && c != '_' && c != '$' {
			return false
		}
	}
	return true
}

func writeTypeScript(all []Named) (string, error) {
	m := newModel(all)
	var b strings.Builder
	b.WriteString(header(all, "//"))
	for _, e := range m.events {
		if e.root.object == nil || e.root.object.name != e.name {
			fmt.Fprintf(&b, "\nexport type %s = %s;\n", e.name, e.root.script())
		}
	}
	for i := len(m.objects) - 1; i >= 0; i-- { // what one looks for comes first
		o := m.objects[i]
		fmt.Fprintf(&b, "\nexport interface %s {\n", o.name)
		for _, f := range o.members {
			mark := ""
			if f.optional {
				mark = "?"
			}
			fmt.Fprintf(&b, "  %s%s: %s;%s\n", scriptKey(f.key), mark, f.typ.script(), f.typ.remark())
		}
		if o.loose {
			b.WriteString("  [name: string]: unknown;\n")
		}
		b.WriteString("}\n")
	}
	return b.String(), nil
}

// remark is what a type does not say.
func (t *typ) remark() string {
	switch {
	case t.is(String) && t.values == nil && t.format != NoFormat:
		return " // " + t.format.String()
	case t.numbers != nil && (t.numbers.Huge || t.has(Integer) && !t.numbers.Safe()):
		return " // larger than a double holds exactly"
	}
	return ""
}

func (t *typ) script() string {
	var parts []string
	for _, k := range t.kinds {
		switch k {
		case Bool:
			parts = append(parts, "boolean")
		case Integer, Number:
			parts = append(parts, "number")
		case String:
			if t.values == nil {
				parts = append(parts, "string")
			}
			for _, v := range t.values {
				parts = append(parts, scriptText(v))
			}
		case Array:
			elem := "unknown"
			if t.elem != nil {
				elem = t.elem.script()
			}
			parts = append(parts, "Array<"+elem+">")
		case Object:
			switch {
			case t.object != nil:
				parts = append(parts, t.object.name)
			case t.others != nil:
				parts = append(parts, "Record<string, "+t.others.script()+">")
			default:
				parts = append(parts, "Record<string, unknown>")
			}
		}
	}
	if t.nullable {
		parts = append(parts, "null")
	}
	if len(parts) == 0 {
		return "unknown"
	}
	return strings.Join(parts, " | ")
}

func writeZod(all []Named) (string, error) {
	m := newModel(all)
	var b strings.Builder
	b.WriteString(header(all, "//"))
	b.WriteString("import { z } from \"zod\";\n")
	for _, o := range m.objects {
		fmt.Fprintf(&b, "\nexport const %s = z.object({\n", o.name)
		loose := o.loose
		for _, f := range o.members {
			if f.key == "__proto__" { // no object literal can have it
				loose = true
				continue
			}
			text := f.typ.zod()
			if f.optional {
				text += ".optional()"
			}
			fmt.Fprintf(&b, "  %s: %s,\n", scriptKey(f.key), text)
		}
		b.WriteString("})")
		if loose {
			b.WriteString(".passthrough()")
		}
		fmt.Fprintf(&b, ";\nexport type %s = z.infer<typeof %[1]s>;\n", o.name)
	}
	for _, e := range m.events {
		if e.root.object == nil || e.root.object.name != e.name {
			fmt.Fprintf(&b, "\nexport const %s = %s;\nexport type %[1]s = z.infer<typeof %[1]s>;\n", e.name, e.root.zod())
		}
	}
	return b.String(), nil
}

func (t *typ) zod() string {
	var parts []string
	for _, k := range t.kinds {
		switch k {
		case Bool:
			parts = append(parts, "z.boolean()")
		case Integer, Number:
			switch {
			case t.numbers.Huge:
				parts = append(parts, "z.any()")
			case k == Integer && t.numbers.Safe():
				parts = append(parts, "z.number().int()")
			default:
				parts = append(parts, "z.number()")
			}
		case String:
			parts = append(parts, t.zodText())
		case Array:
			elem := "z.unknown()"
			if t.elem != nil {
				elem = t.elem.zod()
			}
			parts = append(parts, "z.array("+elem+")")
		case Object:
			switch {
			case t.object != nil:
				parts = append(parts, t.object.name)
			case t.others != nil:
				parts = append(parts, "z.record(z.string(), "+t.others.zod()+")")
			default:
				parts = append(parts, "z.record(z.string(), z.unknown())")
			}
		}
	}
	text := "z.unknown()"
	switch {
	case len(parts) == 1:
		text = parts[0]
	case len(parts) > 1:
		text = "z.union([" + strings.Join(parts, ", ") + "])"
	case t.nullable:
		return "z.null()"
	}
	if t.nullable {
		text += ".nullable()"
	}
	return text
}

func (t *typ) zodText() string {
	if len(t.values) == 1 {
		return "z.literal(" + scriptText(t.values[0]) + ")"
	}
	if len(t.values) > 1 {
		quoted := make([]string, len(t.values))
		for i, v := range t.values {
			quoted[i] = scriptText(v)
		}
		return "z.enum([" + strings.Join(quoted, ", ") + "])"
	}
	switch t.format {
	case DateTime:
		return "z.string().datetime({ offset: true })"
	case UUID:
		return "z.string().uuid()"
	case Email:
		return "z.string().email()"
	case URI:
		return "z.string().url()"
	}
	return "z.string()"
}
