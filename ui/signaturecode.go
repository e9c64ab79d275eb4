package ui

import (
	"hookglass/ui/control"
	"hookglass/ui/view"
)

// codeTitles are languages as people write them, in the order of the tabs.
var codeTitles = []struct{ lang, title, syntax string }{
	{"curl", "cURL", "bash"}, {"go", "Go", "go"}, {"node", "Node", "javascript"}, {"python", "Python", "python"},
}

// snippets are the same thing as code in several languages, in colour.
func snippets(code map[string]string) []control.Snippet {
	var out []control.Snippet
	for _, t := range codeTitles {
		text := code[t.lang]
		if text == "" {
			continue
		}
		rows := view.Highlight([]byte(text), t.syntax)
		out = append(out, control.Snippet{Label: t.title, Text: text, Rows: func(cols int) control.Rows { return rows.Wrapped(cols, control.FitColumns) }})
	}
	return out
}

// newCodeBlock shows code. chosen is the language that the user chose last, shared by all blocks that show the same
// kind of code.
func newCodeBlock(w *Window, chosen *string, code map[string]string) *control.CodeBlock {
	b := control.NewCodeBlock(snippets(code)...)
	b.Choose(*chosen)
	b.OnChoose = func(label string) { *chosen = label }
	b.OnCopy = func(label string) { w.layers.Toast(control.Toast{Text: label + " code copied", Tone: control.Green}) }
	return b
}
