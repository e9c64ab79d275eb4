package platform

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"hookglass/core"
)

// Check holds values against what a platform declares and fills in the defaults. The first value that does not fit is a
// *core.Invalid whose Field is the setting's name, "agent.behaviour" for one within an object.
func Check(values core.Values, settings []Setting) error {
	return checkUnder("", values, settings)
}

func checkUnder(prefix string, values core.Values, settings []Setting) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(settings, func(s Setting) bool { return s.Name == name }) {
			return &core.Invalid{Field: prefix + name, Reason: "unknown setting; want one of " + names(settings)}
		}
	}
	for _, s := range settings {
		if err := s.check(prefix, values); err != nil {
			return err
		}
	}
	return nil
}

func names(settings []Setting) string {
	var all []string
	for _, s := range settings {
		all = append(all, s.Name)
	}
	return strings.Join(all, ", ")
}

// check looks at one setting in values, where null counts as absent.
func (s Setting) check(prefix string, values core.Values) error {
	invalid := func(format string, args ...any) error {
		return &core.Invalid{Field: prefix + s.Name, Reason: fmt.Sprintf(format, args...)}
	}
	given, ok := values[s.Name]
	if ok && given == nil {
		delete(values, s.Name)
		ok = false
	}
	if !ok {
		switch {
		case s.Kind == SecretKind: // kept apart, so it cannot be missed here
		case s.Required && s.Default == nil:
			return invalid("is required")
		case s.Default != nil && values != nil:
			values[s.Name] = s.Default
		}
		return nil
	}
	switch s.Kind {
	case SecretKind:
		return invalid("is a secret and is kept apart from the settings")
	case TextKind, SchemeKind:
		text, ok := given.(string)
		if !ok {
			return invalid("want text, got %s", kindOf(given))
		}
		if s.Required && strings.TrimSpace(text) == "" {
			return invalid("must not be empty")
		}
	case BoolKind:
		if _, ok := given.(bool); !ok {
			return invalid("want true or false, got %s", kindOf(given))
		}
	case ChoiceKind:
		if text, ok := given.(string); !ok || !slices.Contains(s.Choices, text) {
			return invalid("want %s", core.OrList(s.Choices))
		}
	case NumberKind:
		return s.checkNumber(given, values, invalid)
	case ObjectKind:
		return s.checkObject(prefix, given, values, invalid)
	}
	return nil
}

func (s Setting) checkNumber(given any, values core.Values, invalid func(string, ...any) error) error {
	if kindOf(given) != "a number" {
		return invalid("want a number, got %s", kindOf(given))
	}
	n := values.Number(s.Name, 0)
	switch {
	case math.IsNaN(n) || math.IsInf(n, 0):
		return invalid("want a finite number")
	case s.Whole && n != math.Trunc(n):
		return invalid("want a whole number, got %v", core.Plain(n))
	case s.Max > 0 && (n < s.Min || n > s.Max):
		return invalid("must be between %v and %v, got %v", core.Plain(s.Min), core.Plain(s.Max), core.Plain(n))
	}
	values[s.Name] = n
	return nil
}

func (s Setting) checkObject(prefix string, given any, values core.Values, invalid func(string, ...any) error) error {
	var inner core.Values
	switch o := given.(type) {
	case []any:
		if !s.Many {
			return invalid("want an object, got %s", kindOf(given))
		}
		return s.checkList(prefix, o, values)
	case map[string]any:
		inner = maps.Clone(core.Values(o))
	case core.Values:
		inner = maps.Clone(o)
	default:
		return invalid("want an object, got %s", kindOf(given))
	}
	if s.Fields == nil {
		return nil
	}
	if err := checkUnder(prefix+s.Name+".", inner, s.Fields); err != nil {
		return err
	}
	values[s.Name] = map[string]any(inner)
	return nil
}

// checkList looks at each object of a list.
func (s Setting) checkList(prefix string, list []any, values core.Values) error {
	out := make([]any, len(list))
	for i, v := range list {
		one := s
		one.Many, one.Name = false, fmt.Sprintf("%s[%d]", s.Name, i)
		holder := core.Values{one.Name: v}
		if v == nil {
			return &core.Invalid{Field: prefix + one.Name, Reason: "want an object"}
		}
		if err := one.check(prefix, holder); err != nil {
			return err
		}
		out[i] = holder[one.Name]
	}
	values[s.Name] = out
	return nil
}

// Empty reports whether values say nothing under the setting's name.
func (s Setting) Empty(values core.Values) bool {
	v := values[s.Name]
	list, many := v.([]any)
	return v == nil || v == "" || many && len(list) == 0 || kindOf(v) == "an object" && len(group(values, s.Name)) == 0
}

// AtDefault reports whether values say of the setting what holds anyway. An object does where each of its members does.
func (s Setting) AtDefault(values core.Values) bool {
	if s.Empty(values) {
		return s.Default == nil
	}
	inner := group(values, s.Name)
	if s.Fields == nil || inner == nil {
		return reflect.DeepEqual(values[s.Name], s.Default)
	}
	return !slices.ContainsFunc(s.Fields, func(f Setting) bool { return !f.AtDefault(inner) })
}

// Unit is what a number is counted in: what its label ends with in brackets. Empty: nothing, or one without a name.
func (s Setting) Unit() string {
	label, closed := strings.CutSuffix(s.Label, ")")
	_, unit, _ := strings.Cut(label, " (")
	if !closed || s.Kind != NumberKind {
		return ""
	}
	return unit
}

// settled returns a copy of the settings with every default filled in.
func settled(values core.Values, settings []Setting) (core.Values, error) {
	all := maps.Clone(values)
	if all == nil {
		all = core.Values{}
	}
	return all, Check(all, settings)
}

// group returns the object under name as values.
func group(v core.Values, name string) core.Values {
	switch o := v[name].(type) {
	case map[string]any:
		return o
	case core.Values:
		return o
	}
	return nil
}

func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case float64, int, int64:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case map[string]any, core.Values:
		return "an object"
	}
	return fmt.Sprintf("%T", v)
}
