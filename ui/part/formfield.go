package part

import (
	"strings"

	"hookglass/core"
	"hookglass/core/platform"
	"hookglass/core/sign"
	"hookglass/ui/control"
)

// text is a field for words; an empty one that has no default is left out of the values.
func (f *Form) text(s platform.Setting, values core.Values) FormItem {
	change := func(text string) {
		if text == "" && s.Default == nil && !s.Required {
			delete(values, s.Name)
		} else {
			values[s.Name] = text
		}
		f.touched()
	}
	hint, _ := s.Default.(string)
	if hint == "" {
		hint = s.Example
	}
	field := control.NewField(s.Label, hint, change)
	if s.Long {
		field = control.NewTextArea(s.Label, hint, 4, change).AsCode()
	}
	field.WithHelp(s.Help)
	field.SetQuiet(values.Text(s.Name))
	return FormItem{field, field.SetProblem}
}

// number is a field that takes numbers alone.
func (f *Form) number(path string, s platform.Setting, values core.Values) FormItem {
	var field *control.Field
	field = control.NewField(s.Label, hintOf(s), func(text string) {
		n, given, reason := ReadNumber(text, BoundsOf(s))
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
		field.SetQuiet(WriteNumber(values.Number(s.Name, 0)))
	}
	return FormItem{field, field.SetProblem}
}

func hintOf(s platform.Setting) string {
	if n, ok := s.Default.(float64); ok {
		return WriteNumber(n)
	}
	return ""
}

// helpWithBounds adds what a number may be to what it means.
func helpWithBounds(s platform.Setting) string {
	if s.Max <= 0 {
		return s.Help
	}
	bounds := WriteNumber(s.Min) + " to " + WriteNumber(s.Max) + "."
	if s.Help == "" {
		return bounds
	}
	return strings.TrimSuffix(s.Help, " ") + " " + bounds
}

func (f *Form) flag(s platform.Setting, values core.Values) FormItem {
	fallback, _ := s.Default.(bool)
	sw := control.NewSwitch(values.Bool(s.Name, fallback), func(on bool) {
		values[s.Name] = on
		f.touched()
	})
	problem := control.NewText("", control.Small.In(control.Red))
	problem.Hide()
	view := control.Col(3, control.Toggle(sw, s.Label, s.Help), problem)
	return FormItem{view, func(reason string) {
		problem.Set(reason)
		problem.Hidden = reason == ""
		view.Refresh()
	}}
}

func (f *Form) choice(path string, s platform.Setting, values core.Values) FormItem {
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
	return FormItem{view, func(reason string) {
		problem.Set(reason)
		problem.Hidden = reason == ""
		view.Refresh()
	}}
}

// UncheckedWords are what no scheme means to a source.
const UncheckedWords = "None: signatures are not checked"

// scheme chooses among all schemes.
func (f *Form) scheme(path string, s platform.Setting, values core.Values) FormItem {
	none := UncheckedWords
	if w, ok := f.Words[path][""]; ok {
		none = w
	}
	field := NewSchemeField(f.host, SchemeSpec{Label: s.Label, None: none, Hint: s.Help, Chosen: func(chosen sign.Scheme) {
		if values[s.Name] = chosen.ID; chosen.ID == "" {
			delete(values, s.Name)
		}
		f.touched()
	}})
	field.Set(values.Text(s.Name))
	return FormItem{field.View(), field.Problem}
}

// word is how a choice is shown.
func (f *Form) word(path, choice string) string {
	if w, ok := f.Words[path][choice]; ok {
		return w
	}
	return strings.ReplaceAll(choice, "_", " ")
}

// pairs is an object of texts, one "name: value" a line: headers, signed values.
func (f *Form) pairs(path string, s platform.Setting, values core.Values) FormItem {
	var field *control.Field
	field = control.NewTextArea(s.Label, "Name: value", 3, func(text string) {
		object, reason := ReadPairs(text)
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
	field.SetQuiet(WritePairs(ValuesOf(values[s.Name])))
	return FormItem{field, field.SetProblem}
}
