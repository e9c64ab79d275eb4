package ui

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// text is a field for words; an empty one that has no default is left out of the values.
func (f *form) text(s platform.Setting, values core.Values) formItem {
	change := func(text string) {
		if text == "" && s.Default == nil && !s.Required {
			delete(values, s.Name)
		} else {
			values[s.Name] = text
		}
		f.touched()
	}
	hint, _ := s.Default.(string)
	field := control.NewField(s.Label, hint, change)
	if s.Long {
		field = control.NewTextArea(s.Label, hint, 4, change).AsCode()
	}
	field.WithHelp(s.Help)
	field.SetQuiet(values.Text(s.Name))
	return formItem{field, field.SetProblem}
}

// number is a field that takes numbers alone.
func (f *form) number(path string, s platform.Setting, values core.Values) formItem {
	var field *control.Field
	field = control.NewField(s.Label, hintOf(s), func(text string) {
		n, given, reason := readNumber(text)
		f.broken[path] = reason
		field.SetProblem(reason)
		switch {
		case given && reason == "":
			values[s.Name] = n
		case !given:
			delete(values, s.Name)
		}
		f.touched()
	})
	field.WithHelp(helpWithBounds(s))
	if _, ok := values[s.Name]; ok {
		field.SetQuiet(numberText(values.Number(s.Name, 0)))
	}
	return formItem{field, field.SetProblem}
}

func readNumber(text string) (n float64, given bool, reason string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false, ""
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", "."), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, true, fmt.Sprintf("%q is no number; type digits, like 1500 or 0.25", text)
	}
	return n, true, ""
}

// numberText writes a number without an exponent.
func numberText(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func hintOf(s platform.Setting) string {
	if n, ok := s.Default.(float64); ok {
		return numberText(n)
	}
	return ""
}

// helpWithBounds adds what a number may be to what it means.
func helpWithBounds(s platform.Setting) string {
	if s.Max <= 0 {
		return s.Help
	}
	bounds := numberText(s.Min) + " to " + numberText(s.Max) + "."
	if s.Help == "" {
		return bounds
	}
	return strings.TrimSuffix(s.Help, " ") + " " + bounds
}

func (f *form) flag(s platform.Setting, values core.Values) formItem {
	fallback, _ := s.Default.(bool)
	sw := control.NewSwitch(values.Bool(s.Name, fallback), func(on bool) {
		values[s.Name] = on
		f.touched()
	})
	problem := control.NewText("", control.Small.In(control.Red))
	problem.Hide()
	view := control.Col(3, control.Toggle(sw, s.Label, s.Help), problem)
	return formItem{view, func(reason string) {
		problem.Set(reason)
		problem.Hidden = reason == ""
		view.Refresh()
	}}
}

func (f *form) choice(path string, s platform.Setting, values core.Values) formItem {
	labels := make([]string, len(s.Choices))
	for i, c := range s.Choices {
		labels[i] = f.word(path, c)
	}
	sel := control.NewSelect(s.Label, func(i int) {
		values[s.Name] = s.Choices[i]
		f.touched()
	}, labels...).WithHelp(s.Help)
	sel.ChooseText(f.word(path, values.Text(s.Name)))
	if _, ok := values[s.Name]; !ok {
		if d, ok := s.Default.(string); ok {
			sel.ChooseText(f.word(path, d))
		}
	}
	problem := control.NewText("", control.Small.In(control.Red))
	problem.Hide()
	view := control.Col(3, sel, problem)
	return formItem{view, func(reason string) {
		problem.Set(reason)
		problem.Hidden = reason == ""
		view.Refresh()
	}}
}

// uncheckedWords are what no scheme means to a source.
const uncheckedWords = "None: signatures are not checked"

// scheme chooses among all schemes.
func (f *form) scheme(path string, s platform.Setting, values core.Values) formItem {
	none := uncheckedWords
	if w, ok := f.words[path][""]; ok {
		none = w
	}
	field := NewSchemeField(f.w.host(), SchemeSpec{Label: s.Label, None: none, Hint: s.Help, Chosen: func(chosen sign.Scheme) {
		if values[s.Name] = chosen.ID; chosen.ID == "" {
			delete(values, s.Name)
		}
		f.touched()
	}})
	field.Set(values.Text(s.Name))
	return formItem{field.View(), field.Problem}
}

// word is how a choice is shown.
func (f *form) word(path, choice string) string {
	if w, ok := f.words[path][choice]; ok {
		return w
	}
	return strings.ReplaceAll(choice, "_", " ")
}

// pairs is an object of texts, one "name: value" a line: headers, signed values.
func (f *form) pairs(path string, s platform.Setting, values core.Values) formItem {
	var field *control.Field
	field = control.NewTextArea(s.Label, "Name: value", 3, func(text string) {
		object, reason := readPairs(text)
		f.broken[path] = reason
		field.SetProblem(reason)
		switch {
		case reason != "":
		case len(object) == 0:
			delete(values, s.Name)
		default:
			values[s.Name] = object
		}
		f.touched()
	}).AsCode()
	field.WithHelp(strings.TrimSpace(s.Help + " One name: value a line."))
	field.SetQuiet(pairsText(valuesOf(values[s.Name])))
	return formItem{field, field.SetProblem}
}

func readPairs(text string) (map[string]any, string) {
	object := map[string]any{}
	for n, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fmt.Sprintf("Line %d has no colon; write it as name: value", n+1)
		}
		if _, twice := object[name]; twice {
			return nil, fmt.Sprintf("Line %d gives %s a second value; keep one", n+1, name)
		}
		object[name] = strings.TrimSpace(value)
	}
	return object, ""
}

func pairsText(object core.Values) string {
	var lines []string
	for name, v := range object {
		lines = append(lines, name+": "+fmt.Sprint(v))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
