package shape

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// pythonWords are no names of members of a class: keywords, what the classes have, and the types that stand in them.
var pythonWords = strings.Fields(`False None True and as assert async await break class continue def del elif else except finally for from global if import in is
	lambda nonlocal not or pass raise return try while with yield match case type print self cls
	str int float bool list dict set tuple object bytes any all map id_ datetime date uuid field fields dataclass literal
	copy json dict construct schema validate parse_obj parse_raw parse_file from_orm schema_json update_forward_refs from_dict
	model_config model_fields model_dump model_copy model_construct model_computed_fields model_extra model_fields_set model_validate`)

func pythonName(key string) string {
	name := snake(key)
	switch {
	case name == "", isDigit(name[0]):
		return "field_" + name
	case slices.Contains(pythonWords, name), strings.HasPrefix(name, "model_"):
		return name + "_"
	}
	return name
}

// pythonNames are the names of an object's members. One whose key is a name keeps it: under populate_by_name another's value
// would be taken for it.
func pythonNames(o *object) []string {
	names := newNamer()
	for _, f := range o.members {
		if pythonName(f.key) == f.key {
			names.take(f.key)
		}
	}
	all := make([]string, len(o.members))
	for i, f := range o.members {
		if all[i] = pythonName(f.key); all[i] != f.key {
			all[i] = names.take(all[i])
		}
	}
	return all
}

func pythonText(s string) string {
	b, _ := json.Marshal(s) // of a string, which it always can
	return harmless(string(b), func(r rune) string { return fmt.Sprintf("\\U%08x", r) })
}

// python is a type, as Pydantic checks it; a dataclass, which checks nothing, takes dates and ids as texts.
func (t *typ) python(dates bool) string {
	var parts []string
	for _, k := range t.kinds {
		switch k {
		case Bool:
			parts = append(parts, "bool")
		case Integer:
			parts = append(parts, "int")
		case Number:
			parts = append(parts, "float")
		case String:
			parts = append(parts, t.pythonStr(dates))
		case Array:
			elem := "Any"
			if t.elem != nil {
				elem = t.elem.python(dates)
			}
			parts = append(parts, "list["+elem+"]")
		case Object:
			switch {
			case t.object != nil:
				parts = append(parts, t.object.name)
			case t.others != nil:
				parts = append(parts, "dict[str, "+t.others.python(dates)+"]")
			default:
				parts = append(parts, "dict[str, Any]")
			}
		}
	}
	if t.nullable {
		parts = append(parts, "None")
	}
	if len(parts) == 0 {
		return "Any"
	}
	return strings.Join(parts, " | ")
}

func (t *typ) pythonStr(dates bool) string {
	if t.values != nil {
		quoted := make([]string, len(t.values))
		for i, v := range t.values {
			quoted[i] = pythonText(v)
		}
		return "Literal[" + strings.Join(quoted, ", ") + "]"
	}
	if dates && len(t.kinds) == 1 {
		switch t.format {
		case DateTime:
			return "datetime"
		case Date:
			return "date"
		case UUID:
			return "UUID"
		}
	}
	return "str"
}

func writePydantic(all []Named) (string, error) {
	m := newModel(all)
	var b strings.Builder
	b.WriteString(header(all, "#"))
	b.WriteString(`# For Python 3.10 and Pydantic 2.
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, RootModel

`)
	for _, o := range m.objects {
		fmt.Fprintf(&b, "\nclass %s(BaseModel):\n    model_config = ConfigDict(populate_by_name=True, extra=\"allow\")\n\n", o.name)
		names := pythonNames(o)
		for i, f := range o.members {
			name, kind := names[i], f.typ.python(true)
			if f.optional && !f.typ.nullable {
				kind += " | None"
			}
			var args []string
			if f.optional {
				args = append(args, "default=None")
			}
			if name != f.key {
				args = append(args, "alias="+pythonText(f.key))
			}
			switch {
			case len(args) == 0:
				fmt.Fprintf(&b, "    %s: %s\n", name, kind)
			case name == f.key:
				fmt.Fprintf(&b, "    %s: %s = None\n", name, kind)
			default:
				fmt.Fprintf(&b, "    %s: %s = Field(%s)\n", name, kind, strings.Join(args, ", "))
			}
		}
		b.WriteString("\n")
	}
	for _, e := range m.events {
		if e.root.object == nil || e.root.object.name != e.name {
			fmt.Fprintf(&b, "\nclass %s(RootModel[%s]):\n    pass\n\n", e.name, e.root.python(true))
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

func writeDataclass(all []Named) (string, error) {
	m := newModel(all)
	var b strings.Builder
	b.WriteString(header(all, "#"))
	b.WriteString(`# For Python 3.10. from_dict takes what json.loads gives; a member that is always there and is missing is a KeyError.
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

`)
	for _, o := range m.objects {
		fmt.Fprintf(&b, "\n@dataclass(kw_only=True)\nclass %s:\n", o.name)
		var reads strings.Builder
		names := pythonNames(o)
		for i, f := range o.members {
			name, kind := names[i], f.typ.python(false)
			if f.optional {
				if !f.typ.nullable {
					kind += " | None"
				}
				fmt.Fprintf(&b, "    %s: %s = None\n", name, kind)
				fmt.Fprintf(&reads, "            %s=%s,\n", name, f.typ.read(fmt.Sprintf("data.get(%s)", pythonText(f.key)), true, 0))
				continue
			}
			fmt.Fprintf(&b, "    %s: %s\n", name, kind)
			fmt.Fprintf(&reads, "            %s=%s,\n", name, f.typ.read(fmt.Sprintf("data[%s]", pythonText(f.key)), f.typ.nullable, 0))
		}
		fmt.Fprintf(&b, "\n    @classmethod\n    def from_dict(cls, data: dict[str, Any]) -> %s:\n        return cls(\n%s        )\n\n", o.name, reads.String())
	}
	for _, e := range m.events {
		if e.root.object == nil || e.root.object.name != e.name {
			fmt.Fprintf(&b, "\n%s = %s\n\n", e.name, pythonText(e.root.python(false)))
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// read is the expression that makes a value of what json.loads gave. Values of several types are left as they are.
func (t *typ) read(from string, nullable bool, depth int) string {
	if len(t.kinds) != 1 || !t.deep() {
		return from
	}
	v := fmt.Sprintf("v%d", depth)
	made := ""
	switch t.kinds[0] {
	case Array:
		made = fmt.Sprintf("[%s for %s in %%s]", t.elem.read(v, t.elem.nullable, depth+1), v)
	case Object:
		if t.object != nil {
			made = t.object.name + ".from_dict(%s)"
		} else {
			made = fmt.Sprintf("{k%d: %s for k%d, %s in %%s.items()}", depth, t.others.read(v, t.others.nullable, depth+1), depth, v)
		}
	}
	if nullable {
		return fmt.Sprintf("None if %s is None else "+made, from, from)
	}
	return fmt.Sprintf(made, from)
}

// deep says whether there is an object with a type of its own in a value.
func (t *typ) deep() bool {
	switch {
	case len(t.kinds) != 1:
		return false
	case t.is(Array):
		return t.elem != nil && t.elem.deep()
	case t.is(Object):
		return t.object != nil || t.others != nil && t.others.deep()
	}
	return false
}
